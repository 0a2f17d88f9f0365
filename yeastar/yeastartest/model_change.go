package yeastartest

import (
	"fmt"
	"slices"
)

// setPairs makes pairs the whole set of a PBX: DIDs that left are free, new ones
// are its own. A DID of another PBX must have been released before.
func (m *model) setPairs(p *pbxRec, pairs []Binding) {
	for _, b := range p.pairs {
		if d := m.dids[b.DID]; d != nil {
			d.pbx = 0
		}
	}
	used := map[int64]bool{}
	for _, b := range pairs {
		m.dids[b.DID].pbx = p.ID
		used[b.Trunk] = true
	}
	p.pairs = pairs
	m.setHeaders(p, slices.DeleteFunc(slices.Clone(p.headers), func(h HeaderBinding) bool { return !used[h.Trunk] }))
}

// setHeaders makes headers the whole list of header values of a PBX.
func (m *model) setHeaders(p *pbxRec, headers []HeaderBinding) {
	for _, h := range p.headers {
		if m.headerUse[h] == p.ID {
			delete(m.headerUse, h)
		}
	}
	for _, h := range headers {
		m.headerUse[h] = p.ID
	}
	p.headers = headers
}

// dropPairs removes the pairs that gone picks and says whether there were any.
func (m *model) dropPairs(p *pbxRec, gone func(Binding) bool) bool {
	left := make([]Binding, 0, len(p.pairs))
	for _, b := range p.pairs {
		if !gone(b) {
			left = append(left, b)
		}
	}
	if len(left) == len(p.pairs) {
		return false
	}
	m.setPairs(p, left)
	return true
}

// checkPairs says what is wrong with pairs as a caller of the Go API gave them.
func (m *model) checkPairs(pairs []Binding) error {
	for _, b := range pairs {
		d := m.dids[b.DID]
		if d == nil {
			return fmt.Errorf("no DID %d", b.DID)
		}
		if m.trunks[b.Trunk] == nil {
			return fmt.Errorf("no trunk %d", b.Trunk)
		}
		if !slices.Contains(d.Trunks, b.Trunk) {
			return fmt.Errorf("DID %d is not on trunk %d", b.DID, b.Trunk)
		}
	}
	return nil
}

// rebind gives pairs to p, taking DIDs from other PBXs where needed, and returns
// the PBXs whose bindings changed.
func (m *model) rebind(p *pbxRec, pairs []Binding) ([]*pbxRec, error) {
	if err := m.checkPairs(pairs); err != nil {
		return nil, err
	}
	pairs = unique(pairs)
	var touched []*pbxRec
	for _, b := range pairs {
		owner := m.dids[b.DID].pbx
		if owner == 0 || owner == p.ID {
			continue
		}
		loser := m.pbxs[owner]
		m.dropPairs(loser, func(x Binding) bool { return x.DID == b.DID })
		if !slices.Contains(touched, loser) {
			touched = append(touched, loser)
		}
	}
	if !sameSet(p.pairs, pairs) {
		touched = append(touched, p)
	}
	m.setPairs(p, pairs)
	return touched, nil
}

// deleteDIDs removes DIDs and returns the PBXs that had them.
func (m *model) deleteDIDs(ids []int64) ([]*pbxRec, error) {
	gone := make(map[int64]bool, len(ids))
	owners := map[int64]bool{}
	trunks := map[int64]bool{}
	for _, id := range ids {
		d := m.dids[id]
		if d == nil {
			return nil, fmt.Errorf("no DID %d", id)
		}
		gone[id] = true
		if d.pbx != 0 {
			owners[d.pbx] = true
		}
		for _, t := range d.Trunks {
			trunks[t] = true
		}
	}
	var touched []*pbxRec
	for _, id := range sortedKeys(owners) {
		m.dropPairs(m.pbxs[id], func(b Binding) bool { return gone[b.DID] })
		touched = append(touched, m.pbxs[id])
	}
	isGone := func(d *didRec) bool { return gone[d.ID] }
	for id := range trunks {
		m.trunks[id].dids = slices.DeleteFunc(m.trunks[id].dids, isGone)
	}
	m.didByID = slices.DeleteFunc(m.didByID, isGone)
	for id := range gone {
		delete(m.dids, id)
	}
	return touched, nil
}

// deleteTrunks removes trunks, and the DIDs that sat on nothing else unless
// orphansStay. It returns the PBXs that lost pairs.
func (m *model) deleteTrunks(ids []int64, orphansStay bool) ([]*pbxRec, error) {
	gone := make(map[int64]bool, len(ids))
	for _, id := range ids {
		if m.trunks[id] == nil {
			return nil, fmt.Errorf("no trunk %d", id)
		}
		gone[id] = true
	}
	owners := map[int64]bool{}
	var orphans []int64
	for id := range gone {
		for _, d := range m.trunks[id].dids {
			if d.pbx != 0 {
				owners[d.pbx] = true
			}
			d.Trunks = slices.DeleteFunc(slices.Clone(d.Trunks), func(t int64) bool { return gone[t] })
			if len(d.Trunks) == 0 {
				orphans = append(orphans, d.ID)
			}
		}
	}
	var touched []*pbxRec
	for _, id := range sortedKeys(owners) {
		if m.dropPairs(m.pbxs[id], func(b Binding) bool { return gone[b.Trunk] }) {
			touched = append(touched, m.pbxs[id])
		}
	}
	for id := range gone {
		delete(m.trunks, id)
	}
	m.trunkByID = slices.DeleteFunc(m.trunkByID, func(t *trunkRec) bool { return gone[t.ID] })
	if orphansStay {
		return touched, nil
	}
	slices.Sort(orphans)
	_, err := m.deleteDIDs(slices.Compact(orphans))
	return touched, err
}

func (m *model) deletePBX(p *pbxRec) {
	m.setPairs(p, nil)
	m.setHeaders(p, nil)
	delete(m.pbxs, p.ID)
	delete(m.bySerial, p.Serial)
	is := func(x *pbxRec) bool { return x == p }
	m.pbxByID = slices.DeleteFunc(m.pbxByID, is)
	m.pbxByTime = slices.DeleteFunc(m.pbxByTime, is)
}

func (m *model) moveDID(d *didRec, from, to int64) {
	trunks := slices.Clone(d.Trunks)
	trunks = slices.DeleteFunc(trunks, func(t int64) bool { return t == from || t == to })
	d.Trunks = append(trunks, to)
	m.trunks[from].dids = slices.DeleteFunc(m.trunks[from].dids, func(x *didRec) bool { return x == d })
	if !slices.Contains(m.trunks[to].dids, d) {
		m.trunks[to].dids = insert(m.trunks[to].dids, d, compareDID)
	}
}

// unique drops repeated pairs and keeps the order of the first ones.
func unique(pairs []Binding) []Binding {
	seen := make(map[Binding]bool, len(pairs))
	out := make([]Binding, 0, len(pairs))
	for _, b := range pairs {
		if !seen[b] {
			seen[b] = true
			out = append(out, b)
		}
	}
	return out
}

// sameSet compares two lists of unique pairs without regard to order.
func sameSet(a, b []Binding) bool {
	if len(a) != len(b) {
		return false
	}
	seen := make(map[Binding]bool, len(a))
	for _, x := range a {
		seen[x] = true
	}
	for _, x := range b {
		if !seen[x] {
			return false
		}
	}
	return true
}

func sortedKeys(set map[int64]bool) []int64 {
	keys := make([]int64, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
