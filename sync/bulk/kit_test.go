package bulk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/bulk"
	"cordboard/sync/fleet"
)

// The fleet of these tests: two customers and a twin of the first's name, three trunks and one more
// of the third's name.
const (
	acme, bakery, twin, gone, unread fleet.PBXID   = 1, 2, 3, 4, 5
	colt, bt, gamma, gamma2          fleet.TrunkID = 11, 12, 13, 14
)

func pair(t fleet.TrunkID, d fleet.DIDID) fleet.Binding { return fleet.Binding{Trunk: t, DID: d} }

// number is that of a DID: 100 is +44 20 7946 0100. 900 and 901 are both 83, 902 is 0036.
func number(d fleet.DIDID) string {
	switch d {
	case 900, 901:
		return "83"
	case 902:
		return "0036"
	}
	return fmt.Sprintf("+442079460%03d", d)
}

func exact(pairs ...fleet.Binding) fleet.Known {
	return fleet.Known{Certainty: fleet.CertaintyExact, Set: fleet.NewBindingSet(pairs...)}
}

type world struct {
	pbxs    []bulk.PBX
	known   map[fleet.PBXID]fleet.Known
	trunks  []fleet.Trunk
	numbers []fleet.NumberRow
}

func town() *world {
	w := &world{
		pbxs: []bulk.PBX{
			{PBX: fleet.PBX{ID: acme, Name: "Acme HQ", Region: "London"}}, {PBX: fleet.PBX{ID: bakery, Name: "Corner  Bakery"}},
			{PBX: fleet.PBX{ID: twin, Name: "acme hq"}}, {PBX: fleet.PBX{ID: gone, Name: "Gone"}, Gone: true}, {PBX: fleet.PBX{ID: unread, Name: "Unread"}},
		},
		known: map[fleet.PBXID]fleet.Known{
			acme:   exact(pair(colt, 100), pair(colt, 101), pair(bt, 102)),
			bakery: exact(pair(colt, 110), pair(bt, 111), pair(colt, 112)),
			twin:   exact(pair(colt, 120)),
			unread: {},
		},
		trunks: []fleet.Trunk{{ID: colt, Name: "Colt"}, {ID: bt, Name: "BT"}, {ID: gamma, Name: "Gamma", Region: "Paris"}, {ID: gamma2, Name: "Gamma"}, {ID: 15, Name: "Old", Deleted: true}},
	}
	add := func(d fleet.DIDID, trunks ...fleet.TrunkID) *fleet.NumberRow {
		w.numbers = append(w.numbers, fleet.NumberRow{DID: fleet.DID{ID: d, Number: number(d), Trunks: trunks}})
		return &w.numbers[len(w.numbers)-1]
	}
	for d := fleet.DIDID(100); d < 130; d++ {
		add(d, colt, bt)
	}
	add(200, colt)
	add(201, colt).Deleted = true
	add(202, gamma)
	add(900, colt)
	add(901, bt)
	add(902, colt)
	return w
}

func (w *world) protect(d fleet.DIDID) {
	for i := range w.numbers {
		if w.numbers[i].ID == d {
			w.numbers[i].Protected = true
		}
	}
}

// judge reads a file: "row|PBX id|PBX|trunk id|trunk|DID id|number|base", of which what is at the end
// may be left out. Rows are numbered from 2.
func (w *world) judge(lines ...string) bulk.Review {
	list := make([]bulk.Line, len(lines))
	facts := bulk.World{PBXs: map[fleet.PBXID]bulk.PBX{}, Known: map[fleet.PBXID]fleet.Known{}, Trunks: w.trunks, DIDs: map[fleet.DIDID]fleet.NumberRow{}, Numbers: map[string][]fleet.NumberRow{},
		Same: func(a, b string) bool { return digits(a) == digits(b) && digits(a) != "" }, Show: func(n string) string { return n }}
	owners := map[fleet.DIDID]fleet.PBXID{}
	for id, k := range w.known {
		for _, b := range k.Record().Pairs() {
			owners[b.DID] = id
		}
	}
	for _, p := range w.pbxs {
		facts.PBXs[p.ID], facts.Known[p.ID] = p, w.known[p.ID]
	}
	for _, n := range w.numbers {
		n.Owner = owners[n.ID]
		n.OwnerName = facts.PBXs[n.Owner].Name
		facts.DIDs[n.ID] = n
	}
	for i, text := range lines {
		c := append(strings.Split(text, "|"), make([]string, 8)...)
		list[i] = bulk.Line{Row: i + 2, PBXID: c[0], PBX: c[1], TrunkID: c[2], Trunk: c[3], DIDID: c[4], Number: c[5], Base: c[6], Fault: bulk.VerdictWord(c[7])}
		for _, n := range facts.DIDs {
			if facts.Same(c[5], n.Number) && !slices.ContainsFunc(facts.Numbers[c[5]], func(o fleet.NumberRow) bool { return o.ID == n.ID }) {
				facts.Numbers[c[5]] = append(facts.Numbers[c[5]], n)
			}
		}
	}
	return bulk.Judge(bulk.Place(list, w.pbxs), facts)
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// export is the whole fleet as a file.
func (w *world) export() []string {
	var lines []string
	for _, p := range w.pbxs {
		for _, o := range bulk.Export(p.PBX, w.known[p.ID]) {
			trunk, name := o.Trunk.String(), bulk.NotKnown
			if o.Trunk == fleet.TrunkUnclear {
				trunk = ""
			}
			for _, t := range w.trunks {
				if t.ID == o.Trunk {
					name = t.Name
				}
			}
			lines = append(lines, fmt.Sprintf("%d|%s|%s|%s|%d|%s|%s", p.ID, p.Name, trunk, name, o.DID, number(o.DID), bulk.Base(w.known[p.ID])))
		}
	}
	return lines
}

// words are the verdicts of all rows.
func verdicts(r bulk.Review) string {
	list := make([]string, len(r.Rows))
	for i, v := range r.Rows {
		list[i] = string(v.Word)
	}
	return strings.Join(list, " ")
}

// fates are what becomes of the PBXs: "1 change +[{11 103}] -[{12 102}]".
func fates(r bulk.Review) string {
	var list []string
	for _, i := range r.Items {
		text := fmt.Sprintf("%d %s", i.PBX, i.Fate)
		if i.Fate == bulk.Change {
			text += fmt.Sprintf(" +%v -%v", i.Bind, i.Unbind)
			if len(i.Freed) > 0 {
				text += fmt.Sprintf(" after %v", i.After())
			}
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}
