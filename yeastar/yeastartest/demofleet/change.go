package demofleet

import (
	"slices"

	"cordboard/yeastar/yeastartest"
)

// change picks what somebody in YCM's portal does to a PBX next: binds some numbers, unbinds
// some, or both, a few more on a large PBX, so that over time it comes near its size and stays
// there. It never leaves a PBX without a number.
func (f *Fleet) change(pbx int64) []yeastartest.Binding {
	pairs := f.vendor.Bindings(pbx)
	want, have := f.home[pbx].numbers, len(numbersOf(pairs))
	luck := f.rng.Float64()
	grow := 0.5 + float64(want-have)/float64(want)
	if luck < grow || have < 3 {
		pairs = f.bind(pbx, pairs, 1+f.rng.IntN(2+want/12)*f.rng.IntN(2))
	}
	if luck > grow-0.1 && have >= 3 {
		pairs = f.unbind(pairs, 1+f.rng.IntN(2+want/20)*f.rng.IntN(2))
	}
	return pairs
}

// bind adds n numbers that nobody has: of the PBX's own block, else of its trunk's pool.
func (f *Fleet) bind(pbx int64, pairs []yeastartest.Binding, n int) []yeastartest.Binding {
	candidates := slices.Clone(f.blocks[pbx])
	trunk := f.home[pbx].trunk
	for _, id := range f.pools[trunk] {
		candidates = append(candidates, yeastartest.Binding{Trunk: trunk, DID: id})
	}
	taken := f.taken()
	added := map[int64]bool{}
	for _, c := range candidates {
		if added[c.DID] || !taken[c.DID] && len(added) < n {
			added[c.DID] = true
			pairs = append(pairs, c)
		}
	}
	return pairs
}

// unbind drops n numbers, wherever they come in.
func (f *Fleet) unbind(pairs []yeastartest.Binding, n int) []yeastartest.Binding {
	for range n {
		ids := numbersOf(pairs)
		if len(ids) < 2 {
			return pairs
		}
		gone := ids[f.rng.IntN(len(ids))]
		pairs = slices.DeleteFunc(pairs, func(b yeastartest.Binding) bool { return b.DID == gone })
	}
	return pairs
}

// taken are the numbers that some PBX has.
func (f *Fleet) taken() map[int64]bool {
	taken := map[int64]bool{}
	for _, p := range f.vendor.PBXs() {
		for _, b := range f.vendor.Bindings(p.ID) {
			taken[b.DID] = true
		}
	}
	return taken
}

// numbersOf are the DIDs of pairs, sorted, each once.
func numbersOf(pairs []yeastartest.Binding) []int64 {
	ids := make([]int64, len(pairs))
	for i, b := range pairs {
		ids[i] = b.DID
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// neighbour is another PBX on the same trunk that can spare a number.
func (f *Fleet) neighbour(pbx int64) (int64, bool) {
	for _, p := range f.vendor.PBXs() {
		if p.ID != pbx && !f.stay[p.ID] && f.home[p.ID].trunk == f.home[pbx].trunk && len(f.vendor.Bindings(p.ID)) > 6 {
			return p.ID, true
		}
	}
	return 0, false
}
