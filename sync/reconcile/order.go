package reconcile

import (
	"cmp"
	"slices"

	"cordboard/sync/fleet"
)

// stalestFirst puts PBXs in the order in which a pass looks at them: the most suspicious first, and
// among equals the longest unverified. A pass that is cut short has then done what mattered most,
// and the next one goes on where it ended.
func stalestFirst(watched []fleet.Watched) {
	slices.SortFunc(watched, func(a, b fleet.Watched) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), a.Standing.VerifiedAt.Compare(b.Standing.VerifiedAt), cmp.Compare(a.ID, b.ID))
	})
}

// rank is how little a PBX is suspected; 0 is the most.
func rank(w fleet.Watched) int {
	s := w.Standing
	switch {
	case s.Awaiting:
		return 0 // a report waits for the read that decides
	case w.Missing, s.Certainty == fleet.CertaintyAmbiguous:
		return 1
	case !s.DriftAt.IsZero():
		return 2
	case !s.TroubleAt.IsZero():
		return 3
	case s.VerifiedAt.IsZero():
		return 4
	}
	return 5
}
