package fleet

import (
	"fmt"
	"strings"
	"time"
)

// DriftID names one drift. It is ours, and opaque outside.
type DriftID int64

// Cause says why a PBX does not hold what our record has. It is concluded from evidence, never
// guessed: where the evidence allows two causes, it is [CauseUnknown].
type Cause string

// The causes of interfaces.md.
const (
	// CauseMissedEvent is a change that any YCM user can make and that Yeastar reports, but whose
	// report never came.
	CauseMissedEvent Cause = "missed_event"
	// CauseChangedOutside is another YCM user's change, as Yeastar reported it.
	CauseChangedOutside Cause = "changed_outside"
	// CauseUpstreamRevoke is the provider taking numbers back: they exist and ring nowhere, and YCM does
	// not offer them to this account any more (contract §5.2: no event tells that).
	CauseUpstreamRevoke Cause = "upstream_revoke"
	// CauseRestored is a PBX that was restored or reset, and came back without its shared numbers
	// (contract §5.2: they are in no backup).
	CauseRestored Cause = "restored"
	// CauseTrunkDeleted is numbers that went with their shared trunk.
	CauseTrunkDeleted Cause = "trunk_deleted"
	// CauseDIDDeleted is numbers that were deleted in YCM.
	CauseDIDDeleted Cause = "did_deleted"
	// CauseLostWrite is a write of ours that came out otherwise than we recorded it: taken back by
	// Yeastar after we had read it, or applied after we had given it up.
	CauseLostWrite Cause = "lost_write"
	// CausePBXDeleted is a PBX that was deleted in YCM, not by us, or that Yeastar speaks of after its deletion.
	CausePBXDeleted Cause = "pbx_deleted"
	// CauseUnknown is an honest "nobody can say".
	CauseUnknown Cause = "unknown"
)

// DriftState is where a drift stands.
type DriftState string

// A drift is open until a person decides, or until the PBX is as it was.
const (
	DriftOpen     DriftState = "open"
	DriftAdopted  DriftState = "adopted"  // a person took what is there for the truth
	DriftReverted DriftState = "reverted" // a plan put back what was there before
	DriftResolved DriftState = "resolved" // it is as it was, a plan of another kind went over it, or the PBX is gone
)

// Drift is what somebody or something else did to a PBX's bindings, told against what was there
// before it began. A PBX has at most one that is open: what follows joins it.
type Drift struct {
	ID       DriftID
	PBX      PBXID
	PBXName  string
	Cause    Cause
	Sentence string
	Evidence []Evidence
	State    DriftState
	OpenedAt time.Time // when we learnt of it
	ClosedAt time.Time // zero while it is open
	ClosedBy string    // who adopted it, or empty
	Since    time.Time // the last moment at which Before was known to hold
	Until    time.Time // the moment at which After was first known to hold; Since = Until when Yeastar told it
	Base     SnapshotID
	Before   BindingSet // what Base holds, as recorded, and what a plan of ours that diverged was seen to make of it
	After    BindingSet // as recorded
	Plan     PlanID     // the plan that reverted it, or empty
}

// Added is what the drift brought.
func (d Drift) Added() []Binding { return d.After.Minus(d.Before) }

// Removed is what the drift took.
func (d Drift) Removed() []Binding { return d.Before.Minus(d.After) }

// Numbers counts the numbers that the drift took and brought, whatever their trunks.
func (d Drift) Numbers() (lost, won int) {
	return didsLess(d.Before, d.After), didsLess(d.After, d.Before)
}

// Evidence is one sentence that speaks for a drift's cause, and where to look it up. At most one of
// the ids is set.
type Evidence struct {
	Sentence string     `json:"sentence"`
	Snapshot SnapshotID `json:"snapshot_id,omitempty"`
	Plan     PlanID     `json:"plan_id,omitempty"`
	PBX      PBXID      `json:"pbx_id,omitempty"`
}

// DriftFilter narrows the list of drifts. Empty fields don't narrow.
type DriftFilter struct {
	State DriftState
	Cause Cause
	PBX   PBXID
	Page  PageRequest
}

// Tell is the drift in one sentence: what, when, and why as far as it is known.
func (d Drift) Tell() string {
	if d.Cause == CausePBXDeleted {
		return d.tellDeleted()
	}
	var what []string
	lost, won := d.Numbers()
	if lost > 0 {
		what = append(what, numbers(lost)+" removed")
	}
	if won > 0 {
		what = append(what, numbers(won)+" added")
	}
	if len(what) == 0 {
		switch came, went := len(d.Added()), len(d.Removed()); {
		case came == 0:
			what = []string{numbers(went) + " taken off one of several trunks"}
		case went == 0:
			what = []string{numbers(came) + " put on one more trunk"}
		default:
			what = []string{numbers(max(came, went)) + " moved between trunks"}
		}
	}
	where := " outside Cordboard "
	if d.Cause == CauseLostWrite {
		where = " " // that was ours
	}
	told := strings.Join(what, " and ") + where + when(d.Since, d.Until) + because[d.Cause]
	if d.After.Len() == 0 {
		return "No number is bound any more: all calls to this PBX fail. " + told
	}
	return told
}

func (d Drift) tellDeleted() string {
	bound := "no number was"
	if lost, _ := d.Numbers(); lost > 0 {
		bound = numbers(lost)
	}
	return "This PBX was deleted in YCM, not by Cordboard, " + when(d.Since, d.Until) + ": " + bound + " bound to it."
}

// because ends the sentence of a drift.
var because = map[Cause]string{
	CauseMissedEvent:    "; Yeastar's report of it never came.",
	CauseChangedOutside: ", as Yeastar reported (did_change).",
	CauseUpstreamRevoke: ": they exist, but Yeastar does not offer them to this account any more.",
	CauseRestored:       ": the PBX was restored and came back without them.",
	CauseTrunkDeleted:   ": their trunk was deleted in YCM.",
	CauseDIDDeleted:     ": they were deleted in YCM.",
	CauseLostWrite:      ": a plan of ours came out otherwise than it was recorded.",
	CauseUnknown:        ". Why is not known.",
}

// when is a moment, or the span of time in which it lies.
func when(from, to time.Time) string {
	const day, clock = "2 Jan", "15:04"
	from, to = from.UTC(), to.UTC()
	sameDay := from.Format(time.DateOnly) == to.Format(time.DateOnly)
	switch {
	case from.Equal(to):
		return "on " + to.Format(day+", "+clock) + " UTC"
	case sameDay && from.Format(clock) == to.Format(clock):
		return "on " + to.Format(day) + " about " + to.Format(clock) + " UTC"
	case sameDay:
		return "on " + to.Format(day) + " between " + from.Format(clock) + " and " + to.Format(clock) + " UTC"
	}
	return "between " + from.Format(day+", "+clock) + " and " + to.Format(day+", "+clock) + " UTC"
}

func numbers(n int) string {
	if n == 1 {
		return "1 number was"
	}
	return fmt.Sprintf("%d numbers were", n)
}

// didsLess counts the numbers of a that b lacks, whatever their trunks.
func didsLess(a, b BindingSet) int { return len(didsMinus(a, b)) }
