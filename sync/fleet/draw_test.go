package fleet_test

import (
	"slices"

	"pgregory.net/rapid"

	"cordboard/sync/fleet"
)

// pairs draws pairs in any order, with repeats, from few enough trunks and DIDs that sets overlap.
var pairs = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) fleet.Binding {
	return fleet.Binding{
		Trunk: fleet.TrunkID(rapid.Int64Range(1, 4).Draw(t, "trunk")),
		DID:   fleet.DIDID(rapid.Int64Range(1, 8).Draw(t, "did")),
	}
}), 0, 20)

var sets = rapid.Map(pairs, func(p []fleet.Binding) fleet.BindingSet { return fleet.NewBindingSet(p...) })

var values = rapid.SampledFrom([]string{"", "a", "b", "a\nh1:1=\"b\"", `"`, "ü"})

var headers = rapid.Custom(func(t *rapid.T) fleet.Headers {
	if !rapid.Bool().Draw(t, "known") {
		return fleet.Headers{}
	}
	return fleet.KnownHeaders(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) fleet.Header {
		return fleet.Header{
			Trunk:  fleet.TrunkID(rapid.Int64Range(1, 3).Draw(t, "trunk")),
			Header: fleet.HeaderID(rapid.Int64Range(1, 3).Draw(t, "header")),
			Value:  values.Draw(t, "value"),
		}
	}), 0, 4).Draw(t, "values")...)
})

// world is what the vendor has: where numbers sit, and which pairs one PBX has.
type world struct {
	sits  map[fleet.DIDID][]fleet.TrunkID
	truth fleet.BindingSet
}

// worlds draws fleets whose numbers sit on one to three trunks, some of them bound to the PBX.
var worlds = rapid.Custom(func(t *rapid.T) world {
	w := world{sits: map[fleet.DIDID][]fleet.TrunkID{}}
	var bound []fleet.Binding
	for did := range fleet.DIDID(rapid.IntRange(1, 6).Draw(t, "numbers")) {
		trunks := rapid.SliceOfNDistinct(rapid.Int64Range(1, 4), 1, 3, rapid.ID[int64]).Draw(t, "sits")
		for _, trunk := range trunks {
			w.sits[did+1] = append(w.sits[did+1], fleet.TrunkID(trunk))
			if rapid.Bool().Draw(t, "bound") {
				bound = append(bound, fleet.Binding{Trunk: fleet.TrunkID(trunk), DID: did + 1})
			}
		}
	}
	w.truth = fleet.NewBindingSet(bound...)
	return w
})

// read is what the vendor's flat calls show of set: each DID once per pair, and the trunks in use.
func read(set fleet.BindingSet) fleet.Observation {
	var dids []fleet.DIDID
	for _, b := range set.Pairs() {
		dids = append(dids, b.DID)
	}
	slices.Reverse(dids)
	return fleet.NewObservation(fleet.PBX{ID: 1}, noon, dids, append(set.Trunks(), set.Trunks()...))
}

// truths are all sets that the same reading could come from, given where the numbers sit.
func truths(w world) []fleet.BindingSet {
	seen := read(w.truth)
	found := []fleet.BindingSet{{}}
	for _, did := range seen.DIDs() {
		var wider []fleet.BindingSet
		for choice := range 1 << len(w.sits[did]) {
			var some []fleet.Binding
			for i, trunk := range w.sits[did] {
				if choice&(1<<i) != 0 {
					some = append(some, fleet.Binding{Trunk: trunk, DID: did})
				}
			}
			if len(some) != seen.Copies[did] {
				continue
			}
			for _, set := range found {
				wider = append(wider, set.With(some...))
			}
		}
		found = wider
	}
	return slices.DeleteFunc(found, func(s fleet.BindingSet) bool { return !seen.Shows(s) })
}
