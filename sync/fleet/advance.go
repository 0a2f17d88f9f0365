package fleet

import "time"

// Verdict says what a sighting means for a PBX's history.
type Verdict string

const (
	// VerdictSame means that history already says this: nothing to write but the age.
	VerdictSame Verdict = "same"
	// VerdictNew means a snapshot at the end of history; the current bindings move.
	VerdictNew Verdict = "new"
	// VerdictLate means a snapshot inside history; the current bindings stay.
	VerdictLate Verdict = "late"
	// VerdictAsk means that only a read can decide: nothing moves before it.
	VerdictAsk Verdict = "ask"
)

// Mark is a point of history that a sighting is held against: the newest snapshot, or the one
// with the sighting's own vendor time when there is one. The zero Mark is an empty history.
type Mark struct {
	At       time.Time
	Set      BindingSet
	Verified time.Time // when the cloud was last seen to hold Set; zero = never
}

// Sighting is somebody's word on a PBX's bindings.
type Sighting struct {
	Source Source
	At     time.Time
	Set    BindingSet // as recorded: see [Known.Record]
}

// Advance decides history for all three writers: reports, our own writes, and reads. It is the
// reason why deliveries may come twice, late or in any order.
func Advance(mark Mark, seen Sighting) Verdict {
	if mark.At.IsZero() {
		return VerdictNew
	}
	agrees := mark.Set.Equal(seen.Set)
	if seen.Source == FromReconcile {
		switch {
		case seen.At.Before(mark.At):
			return VerdictAsk // a report overtook the read
		case agrees:
			return VerdictSame
		}
		return VerdictNew
	}
	switch {
	case seen.At.After(mark.At):
		return VerdictNew
	case seen.At.Before(mark.At):
		return VerdictLate
	case agrees:
		return VerdictSame
	}
	return VerdictAsk
}
