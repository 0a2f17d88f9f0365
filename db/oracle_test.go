package db_test

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"cordboard/sync/fleet"
)

// hearsay is all that Cordboard was told of a world, as plain lists. What it must know of a moment is
// worked out from them the slow and obvious way.
type hearsay struct {
	states map[fleet.PBXID][]state1         // in order of time
	seen   map[fleet.PBXID]int64            // until when a read or a write confirmed the newest state
	first  map[fleet.DIDID]map[string]int64 // when a number was first told
	sure   map[fleet.DIDID][]int64          // when a report or a list told the number
}

// state1 is what a PBX had from a moment on.
type state1 struct {
	at        int64
	set       fleet.BindingSet
	read      bool // found by a read: it came about between notBefore and at
	notBefore int64
	own       bool // our own write, whose report did not come yet
}

func newHearsay() hearsay {
	return hearsay{map[fleet.PBXID][]state1{}, map[fleet.PBXID]int64{}, map[fleet.DIDID]map[string]int64{}, map[fleet.DIDID][]int64{}}
}

func (h hearsay) add(p fleet.PBXID, s state1) {
	h.states[p] = append(h.states[p], s)
	slices.SortFunc(h.states[p], func(a, b state1) int { return cmp.Compare(a.at, b.at) })
}

// mention notes that an id was said to mean a number.
func (h hearsay) mention(id fleet.DIDID, number string, at time.Time) {
	us := at.UnixMicro()
	if h.first[id] == nil {
		h.first[id] = map[string]int64{}
	}
	if was, ok := h.first[id][number]; !ok || us < was {
		h.first[id][number] = us
	}
}

// say is a mention that also confirms the number.
func (h hearsay) say(id fleet.DIDID, number string, at time.Time) {
	h.mention(id, number, at)
	h.sure[id] = append(h.sure[id], at.UnixMicro())
}

func (h hearsay) report(p fleet.PBXID, r fleet.Report) {
	for _, n := range r.Names {
		h.say(n.DID, n.Number, r.At)
	}
	at := r.At.UnixMicro()
	for i, s := range h.states[p] {
		if s.at == at {
			return // told before
		}
		if s.own && s.at > at && s.at-at < 2_000_000 {
			h.states[p][i].at, h.states[p][i].own = at, false // the echo of our own write
			return
		}
	}
	h.add(p, state1{at: at, set: r.Set})
}

// read answers with what was known, and whether the reading is something new.
func (h hearsay) read(p fleet.PBXID, at time.Time, set fleet.BindingSet) (before fleet.BindingSet, fresh bool) {
	states, us := h.states[p], at.UnixMicro()
	seen := h.seen[p]
	h.seen[p] = us
	if len(states) == 0 {
		h.add(p, state1{at: us, set: set, read: true})
		return before, true
	}
	newest := states[len(states)-1]
	if newest.set.Equal(set) {
		return newest.set, false
	}
	h.add(p, state1{at: us, set: set, read: true, notBefore: max(seen, newest.at)})
	return newest.set, true
}

func (h hearsay) wrote(p fleet.PBXID, at time.Time, set fleet.BindingSet) {
	h.seen[p] = at.UnixMicro()
	h.add(p, state1{at: at.UnixMicro(), set: set, own: true})
}

// had says that a PBX had a number.
type had struct {
	number string
	pbx    fleet.PBXID
	fleet.Binding
}

// stay is one uninterrupted holding of a pair, as recorded.
type stay struct {
	pbx fleet.PBXID
	fleet.Binding
	from, to int64
}

const endless = int64(1<<63 - 1)

func (h hearsay) stays(id fleet.DIDID) []stay {
	var all []stay
	for p, states := range h.states {
		open := map[fleet.Binding]int64{}
		for _, s := range states {
			for b, from := range open {
				if !s.set.Has(b) {
					all = append(all, stay{p, b, from, s.at})
					delete(open, b)
				}
			}
			for _, b := range s.set.Pairs() {
				if _, ok := open[b]; !ok && b.DID == id {
					open[b] = s.at
				}
			}
		}
		for b, from := range open {
			all = append(all, stay{p, b, from, endless})
		}
	}
	return all
}

// pairAt says whether a stay held at a moment: surely, or perhaps, because a read found its beginning
// or its end some time later.
func (h hearsay) pairAt(s stay, at int64) (sure, maybe bool) {
	var now, next *state1
	for i, st := range h.states[s.pbx] {
		if st.at <= at {
			now = &h.states[s.pbx][i]
		} else {
			next = &h.states[s.pbx][i]
			break
		}
	}
	if now == nil {
		return false, false // the record of the PBX does not reach back so far
	}
	turning := next != nil && next.read && max(next.notBefore, now.at) < at
	switch {
	case s.from <= at && at < s.to:
		return !turning || s.to != next.at, true
	case turning && s.from == next.at:
		return false, true
	}
	return false, false
}

// meant are the numbers that a stay's id can have meant at a moment.
func (h hearsay) meant(s stay, at int64) []string {
	numbers := slices.SortedFunc(maps.Keys(h.first[s.DID]), func(a, b string) int {
		return cmp.Compare(h.first[s.DID][a], h.first[s.DID][b])
	})
	from, to := 0, len(numbers)-1
	for i := 0; i+1 < len(numbers); i++ {
		lo, hi := h.first[s.DID][numbers[i]], h.first[s.DID][numbers[i+1]]
		for _, t := range h.sure[s.DID] {
			if t < hi {
				lo = max(lo, t)
			}
		}
		gapFrom, gapTo, gap := h.unheld(s.DID, lo, hi)
		switch {
		case s.from >= hi || gap && s.from >= gapTo:
			from = i + 1
		case s.to <= lo || gap && s.to <= gapFrom:
			to = min(to, i)
		case at >= hi:
			from = i + 1
		case at <= lo:
			to = min(to, i)
		}
	}
	return numbers[from : to+1]
}

// unheld looks for moments between two at which nobody held the id: where the first began, and where
// the last ended.
func (h hearsay) unheld(id fleet.DIDID, lo, hi int64) (from, to int64, found bool) {
	stays := h.stays(id)
	edges := []int64{lo, hi}
	for _, s := range stays {
		edges = append(edges, min(max(s.from, lo), hi), min(max(s.to, lo), hi))
	}
	slices.Sort(edges)
	for i, edge := range edges[:len(edges)-1] {
		if edge == edges[i+1] || slices.ContainsFunc(stays, func(s stay) bool { return s.from <= edge && edge < s.to }) {
			continue
		}
		if !found {
			from, found = edge, true
		}
		to = edges[i+1]
	}
	return from, to, found
}

// at is who had which number at a moment: true for surely.
func (h hearsay) at(ids []fleet.DIDID, at int64) map[had]bool {
	answer := map[had]bool{}
	for _, id := range ids {
		for _, s := range h.stays(id) {
			sure, maybe := h.pairAt(s, at)
			if !maybe {
				continue
			}
			numbers := h.meant(s, at)
			for _, n := range numbers {
				answer[had{n, s.pbx, s.Binding}] = sure && len(numbers) == 1
			}
		}
	}
	return answer
}

// moments are the times at which anything can turn, and some between them.
func (h hearsay) moments() []int64 {
	turns := map[int64]bool{}
	for _, states := range h.states {
		for _, s := range states {
			turns[s.at], turns[s.notBefore] = true, true
		}
	}
	for _, numbers := range h.first {
		for _, t := range numbers {
			turns[t] = true
		}
	}
	for _, times := range h.sure {
		for _, t := range times {
			turns[t] = true
		}
	}
	delete(turns, 0)
	sorted := slices.Sorted(maps.Keys(turns))
	var all []int64
	for i, t := range sorted {
		all = append(all, t-1, t, t+1)
		if i > 0 {
			all = append(all, (sorted[i-1]+t)/2)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
