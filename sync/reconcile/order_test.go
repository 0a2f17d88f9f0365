package reconcile

import (
	"math/rand/v2"
	"testing"
	"time"

	"cordboard/sync/fleet"
)

func TestAPassBeginsWithTheMostSuspiciousAndAmongEqualsWithTheLongestUnverified(t *testing.T) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	exact := func(minutes int, also func(*fleet.Standing)) fleet.Standing {
		s := fleet.Standing{Certainty: fleet.CertaintyExact, VerifiedAt: noon.Add(time.Duration(minutes) * time.Minute)}
		if also != nil {
			also(&s)
		}
		return s
	}
	want := []fleet.Watched{
		{Name: "a report waits for a read", Standing: exact(9, func(s *fleet.Standing) { s.Awaiting = true })},
		{Name: "a report waits, and the PBX has drifted", Standing: exact(10, func(s *fleet.Standing) { s.Awaiting, s.DriftAt = true, noon })},
		{Name: "the trunks are not certain", Standing: fleet.Standing{Certainty: fleet.CertaintyAmbiguous, VerifiedAt: noon}},
		{Name: "the listing lacked it", Missing: true, Standing: exact(3, nil)},
		{Name: "drifted", Standing: exact(8, func(s *fleet.Standing) { s.DriftAt = noon })},
		{Name: "the last read failed", Standing: exact(7, func(s *fleet.Standing) { s.TroubleAt = noon })},
		{Name: "never read", Standing: fleet.Standing{Certainty: fleet.CertaintyNone}},
		{Name: "known from reports alone", Standing: fleet.Standing{Certainty: fleet.CertaintyExact}},
		{Name: "verified long ago", Standing: exact(1, nil)},
		{Name: "verified as long ago, with a higher id", Standing: exact(1, nil)},
		{Name: "verified lately", Standing: exact(30, nil)},
	}
	for i := range want {
		want[i].ID = fleet.PBXID(i + 1)
	}
	for range 200 {
		got := make([]fleet.Watched, len(want))
		for i, j := range rand.Perm(len(want)) {
			got[i] = want[j]
		}
		stalestFirst(got)
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("place %d is %q, want %q", i, got[i].Name, want[i].Name)
			}
		}
	}
}

func TestAWorkerNeedsAllItsParts(t *testing.T) {
	if _, err := New(Deps{}); err == nil {
		t.Error("a worker without a cloud was made")
	}
}
