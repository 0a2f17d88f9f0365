package fleet_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"cordboard/sync/fleet"
)

// The scenarios with a name are in sync/station; here is what holds for every finding.
func TestNoCauseIsNamedThatTheEvidenceDoesNotCarry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		draw := func(name string) fleet.BindingSet {
			var pairs []fleet.Binding
			for _, n := range rapid.SliceOfN(rapid.IntRange(0, 11), 0, 6).Draw(t, name) {
				pairs = append(pairs, fleet.Binding{Trunk: fleet.TrunkID(1 + n%2), DID: fleet.DIDID(1 + n/2)})
			}
			return fleet.NewBindingSet(pairs...)
		}
		f := fleet.Finding{Before: draw("before"), After: draw("after"), Since: noon, Until: noon.Add(time.Minute)}
		f.Trace.Asked = rapid.Bool().Draw(t, "asked")
		f.Trace.Taken = map[fleet.DIDID]fleet.PBXID{}
		lost, won := f.Before.Minus(f.After), f.After.Minus(f.Before)
		fates := map[string]int{}
		for _, b := range lost {
			fate := rapid.SampledFrom([]string{"no trunk", "no number", "barred", "taken", "free"}).Draw(t, "fate")
			switch fate {
			case "no trunk":
				f.Trace.TrunksGone = append(f.Trace.TrunksGone, b.Trunk)
			case "no number":
				f.Trace.DIDsGone = append(f.Trace.DIDsGone, b.DID)
			case "barred":
				f.Trace.Barred = append(f.Trace.Barred, b)
			case "taken":
				f.Trace.Taken[b.DID] = 7
			}
			fates[fate]++
		}
		if restoring := rapid.IntRange(0, 2).Draw(t, "restoring"); restoring > 0 {
			f.RestoringAt = noon.Add(time.Duration(restoring) * -20 * time.Minute).Add(20 * time.Minute)
		}
		cause, evidence := fleet.Explain(f)
		if len(evidence) == 0 {
			t.Fatal("no evidence")
		}
		only := func(fate string) bool { return len(won) == 0 && len(lost) > 0 && fates[fate] > 0 }
		switch cause {
		case fleet.CauseRestored:
			if f.After.Len() > 0 || f.RestoringAt.IsZero() || f.RestoringAt.Before(f.Since.Add(-10*time.Minute)) {
				t.Errorf("restored: %+v", f)
			}
		case fleet.CauseTrunkDeleted:
			if !only("no trunk") || !f.Trace.Asked {
				t.Errorf("trunk deleted: %v", fates)
			}
		case fleet.CauseDIDDeleted:
			if !only("no number") || fates["barred"]+fates["free"] == len(lost) || !f.Trace.Asked {
				t.Errorf("number deleted: %v", fates)
			}
		case fleet.CauseUpstreamRevoke:
			if !only("barred") || !f.Trace.Asked {
				t.Errorf("revoked: %v", fates)
			}
		case fleet.CauseChangedOutside, fleet.CauseLostWrite:
			t.Errorf("%s without a report or a plan", cause)
		case fleet.CauseMissedEvent:
			if fates["no trunk"]+fates["no number"]+fates["barred"] == len(lost) && len(lost) > 0 && fates["taken"] == 0 {
				t.Errorf("missed: %v", fates)
			}
		}
	})
}

func TestADriftThatGoesOnKeepsItsCauseOnlyWhenBothPartsShareIt(t *testing.T) {
	for _, c := range []struct{ first, then, want fleet.Cause }{
		{fleet.CauseDIDDeleted, fleet.CauseDIDDeleted, fleet.CauseDIDDeleted},
		{fleet.CauseMissedEvent, fleet.CauseChangedOutside, fleet.CauseChangedOutside},
		{fleet.CauseChangedOutside, fleet.CauseMissedEvent, fleet.CauseChangedOutside},
		{fleet.CauseRestored, fleet.CauseMissedEvent, fleet.CauseUnknown},
		{fleet.CauseUnknown, fleet.CauseTrunkDeleted, fleet.CauseUnknown},
	} {
		if got := fleet.Joined(c.first, c.then); got != c.want {
			t.Errorf("%s, then %s: %s, want %s", c.first, c.then, got, c.want)
		}
	}
}
