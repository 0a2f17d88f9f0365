package fleet

import (
	"fmt"
	"slices"
	"time"
)

// Finding is a change that no plan of ours made, with all that is known about it at the moment at
// which it was found.
type Finding struct {
	Before, After BindingSet // as recorded
	Since, Until  time.Time  // the change lies between; equal when a report told its time
	Event         EventKind  // what the report that told it said; empty when a read found it
	Snapshot      SnapshotID // where history has it; 0 = not yet
	RestoringAt   time.Time  // when the PBX was last seen Restoring; zero = never
	GapUntil      time.Time  // when our record was restored from a backup, if no read was made since; else zero
	Trace         Trace      // what became of the numbers that are missing; for a read's finding
	Wrote         *OwnWrite  // our last plan here, when it could have to do with it
	Sent          *OwnWrite  // our plan that was sent since Before was seen, and did not come to its result; nil without one
}

// Trace is what the cloud, asked directly, says of the pairs that a reading lacks. Its zero value
// is "nobody asked", which proves nothing.
type Trace struct {
	Asked      bool // every question was answered
	DIDsGone   []DIDID
	TrunksGone []TrunkID
	Barred     []Binding // the number exists and is on no PBX, but YCM does not offer it on that trunk
	Taken      map[DIDID]PBXID
}

// OwnWrite is a plan of ours that a finding may have to do with.
type OwnWrite struct {
	Plan    PlanID
	Before  BindingSet
	After   BindingSet
	At      time.Time // when it was verified, or given up
	GivenUp bool      // it ended as failed or diverged
	Echoed  bool      // Yeastar's own report of it came
}

// Credit is what was there, with that part of our write done to it that after shows.
func (w OwnWrite) Credit(was, after BindingSet) BindingSet {
	var came, gone []Binding
	for _, b := range w.After.Minus(w.Before) {
		unclear := Binding{TrunkUnclear, b.DID}
		if after.Has(unclear) && !after.Has(b) {
			b = unclear
		}
		if after.Has(b) && !was.Has(b) {
			came, gone = append(came, b), append(gone, unclear)
		}
	}
	now := was.Without(gone...).With(came...)
	gone = nil
	for _, b := range w.Before.Minus(w.After) {
		unclear := Binding{TrunkUnclear, b.DID}
		if !after.Has(b) && (!after.Has(unclear) || now.Has(unclear)) {
			gone = append(gone, b)
		}
	}
	return now.Without(gone...)
}

// Base is what the finding is told against: what was there, and what our own plan was seen to make of
// it. Where that explains the whole of it, there is nothing else to tell: Before itself.
func (f Finding) Base() BindingSet {
	if f.Sent == nil {
		return f.Before
	}
	if base := f.Sent.Credit(f.Before, f.After); !base.Equal(f.After) {
		return base
	}
	return f.Before
}

// Explain concludes the cause of a finding from its evidence. It attributes nothing that the
// evidence does not carry: removals that look alike from here, and changes of which one part has one
// cause and another part another, are [CauseUnknown].
func Explain(f Finding) (Cause, []Evidence) {
	if w := f.Wrote; w != nil && w.GivenUp && w.After.Equal(f.After) {
		return CauseLostWrite, []Evidence{
			{Sentence: fmt.Sprintf("This is exactly what a plan of ours had asked for. It was given up at %s, when Yeastar did not show it.", clock(w.At)), Plan: w.Plan},
		}
	}
	if w := f.Sent; w != nil {
		if w.Credit(f.Before, f.After).Equal(f.After) {
			return CauseLostWrite, []Evidence{{Sentence: fmt.Sprintf("This is a part of what a plan of ours had asked for, which was sent at %s.", clock(w.At)), Plan: w.Plan}}
		}
		rest := f
		rest.Before, rest.Sent = f.Base(), nil
		cause, evidence := Explain(rest)
		if !rest.Before.Equal(f.Before) {
			evidence = append(evidence, Evidence{Sentence: fmt.Sprintf("A plan of ours was sent at %s. What it asked for and Yeastar shows is not counted here; putting the snapshot back would undo that too.", clock(w.At)), Plan: w.Plan})
		}
		return cause, evidence
	}
	if f.Event != "" {
		return f.told()
	}
	lost, won := f.moved()
	if !f.GapUntil.IsZero() {
		return CauseUnknown, []Evidence{{Sentence: fmt.Sprintf("Cordboard's own record was restored from a backup at %s. What happened between its newest change, %s, and then is not in it: this may be our own doing.",
			clock(f.GapUntil), clock(f.Since)), Snapshot: f.Snapshot}}
	}
	unreported := Evidence{Sentence: fmt.Sprintf("A read found it at %s; the read before had seen the PBX unchanged at %s. No report told it.", clock(f.Until), clock(f.Since)), Snapshot: f.Snapshot}
	if bare := f.After.Len() == 0 && f.Before.Len() > 0; bare && len(won) == 0 && f.restoredSince() {
		return CauseRestored, []Evidence{
			{Sentence: fmt.Sprintf("YCM showed the PBX as Restoring at %s, and all of its numbers are gone.", clock(f.RestoringAt))},
			{Sentence: "Shared trunks and their numbers are in no backup of a PBX: after a restore they have to be bound again."},
			unreported,
		}
	}
	if w := f.Wrote; w != nil && !w.GivenUp && !w.Echoed && w.After.Equal(f.Before) && w.Before.Equal(f.After) {
		return CauseLostWrite, []Evidence{
			{Sentence: fmt.Sprintf("The PBX is exactly as it was before a plan of ours, which was verified at %s. Yeastar's own report of that plan never came.", clock(w.At)), Plan: w.Plan},
			unreported,
		}
	}
	cause, evidence := f.traced(lost, won)
	return cause, append(evidence, unreported)
}

// moved is what is certainly lost and won: a number whose trunk nobody knows, before or after, is
// neither.
func (f Finding) moved() (lost, won []Binding) {
	had, has := f.Before.Copies(), f.After.Copies()
	for _, b := range f.Before.Minus(f.After) {
		if !f.After.Has(Binding{TrunkUnclear, b.DID}) && (b.Trunk != TrunkUnclear || has[b.DID] == 0) {
			lost = append(lost, b)
		}
	}
	for _, b := range f.After.Minus(f.Before) {
		if !f.Before.Has(Binding{TrunkUnclear, b.DID}) && (b.Trunk != TrunkUnclear || had[b.DID] == 0) {
			won = append(won, b)
		}
	}
	return lost, won
}

// listingAge is how much older than the look at a PBX its listing may be: one pass reads both.
const listingAge = 10 * time.Minute

// restoredSince reports whether the PBX was seen Restoring while, or after, it was last read unchanged.
func (f Finding) restoredSince() bool {
	return !f.RestoringAt.IsZero() && !f.RestoringAt.Before(f.Since.Add(-listingAge))
}

// told is the cause that a report names.
func (f Finding) told() (Cause, []Evidence) {
	reported := Evidence{Sentence: fmt.Sprintf("Yeastar reported it at %s (%s).", clock(f.Until), f.Event), Snapshot: f.Snapshot}
	switch f.Event {
	case DIDDelete:
		return CauseDIDDeleted, []Evidence{reported}
	case TrunkDelete:
		return CauseTrunkDeleted, []Evidence{reported}
	}
	return CauseChangedOutside, []Evidence{reported, {Sentence: "It is the echo of no plan of ours: somebody with access to this PBX in YCM made it."}}
}

// traced is the cause that follows from where the missing pairs are now.
func (f Finding) traced(lost, won []Binding) (Cause, []Evidence) {
	var noTrunk, noDID, barred, taken, free int
	var owners []PBXID
	for _, b := range lost {
		owner := f.Trace.Taken[b.DID]
		switch {
		case slices.Contains(f.Trace.TrunksGone, b.Trunk):
			noTrunk++
		case slices.Contains(f.Trace.DIDsGone, b.DID):
			noDID++
		case owner != 0:
			taken++
			if !slices.Contains(owners, owner) {
				owners = append(owners, owner)
			}
		case slices.Contains(f.Trace.Barred, b):
			barred++
		default:
			free++
		}
	}
	var evidence []Evidence
	say := func(n int, one, many string) {
		if n > 0 {
			evidence = append(evidence, Evidence{Sentence: counted(n, one, many)})
		}
	}
	say(noTrunk, "1 missing binding was on a trunk that YCM does not know any more.", "%d missing bindings were on trunks that YCM does not know any more.")
	say(noDID, "1 missing number does not exist in YCM any more.", "%d missing numbers do not exist in YCM any more.")
	say(barred, "1 missing number is on no PBX, and YCM does not offer it to this one any more.", "%d missing numbers are on no PBX, and YCM does not offer them to this one any more.")
	for _, owner := range owners {
		evidence = append(evidence, Evidence{Sentence: "A missing number is on another PBX now.", PBX: owner})
	}
	if !f.Trace.Asked && len(lost) > 0 {
		return CauseUnknown, append(evidence, Evidence{Sentence: "What became of the missing numbers could not be read."})
	}
	say(free, "1 missing number is free, and could be bound here again.", "%d missing numbers are free, and could be bound here again.")
	say(len(won), "1 binding is new.", "%d bindings are new.")
	switch {
	case len(lost)+len(won) == 0:
		return CauseUnknown, append(evidence, Evidence{Sentence: "The numbers are the same; on which trunks they are can't be read."})
	case len(lost) > 0 && len(won) == 0 && noTrunk == len(lost):
		return CauseTrunkDeleted, evidence
	case len(lost) > 0 && len(won) == 0 && noDID == len(lost):
		return CauseDIDDeleted, evidence
	case len(lost) > 0 && len(won) == 0 && barred == len(lost):
		return CauseUpstreamRevoke, evidence
	case noTrunk+noDID+barred > 0:
		return CauseUnknown, append(evidence, Evidence{Sentence: "More than one thing happened, and what came first is not known."})
	}
	return CauseMissedEvent, append(evidence, Evidence{Sentence: "Any YCM user can make such a change, and Yeastar reports it: that report is missing."})
}

// Joined is the cause of a drift that went on: one that both parts share, or none.
func Joined(first, then Cause) Cause {
	switch {
	case first == then:
		return first
	case first == CauseMissedEvent && then == CauseChangedOutside, first == CauseChangedOutside && then == CauseMissedEvent:
		return CauseChangedOutside // both are somebody's hand in YCM
	}
	return CauseUnknown
}

func counted(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(many, n)
}

func clock(t time.Time) string {
	return t.UTC().Format("15:04:05") + " UTC on " + t.UTC().Format("2 Jan")
}

func didsMinus(a, b BindingSet) []DIDID {
	var out []DIDID
	has := b.Copies()
	for _, p := range a.pairs {
		if has[p.DID] == 0 && !slices.Contains(out, p.DID) {
			out = append(out, p.DID)
		}
	}
	return out
}
