package plan_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// The PBX of the tests is Acme HQ, 4808, of seed 000's examples. Trunks 6681 and 6682 are in its
// region, 7001 is not.
const (
	acme   = fleet.PBXID(4808)
	bakery = fleet.PBXID(4900)
	london = fleet.TrunkID(6681)
	mobile = fleet.TrunkID(6682)
	sydney = fleet.TrunkID(7001)
	newest = fleet.Firmware("84.22.0.134")
	older  = fleet.Firmware("84.19.0.22")
)

func on(trunk fleet.TrunkID, dids ...fleet.DIDID) []fleet.Binding {
	pairs := make([]fleet.Binding, len(dids))
	for i, did := range dids {
		pairs[i] = fleet.Binding{Trunk: trunk, DID: did}
	}
	return pairs
}

func set(pairs ...[]fleet.Binding) fleet.BindingSet {
	return fleet.NewBindingSet(slices.Concat(pairs...)...)
}

func exact(pairs ...[]fleet.Binding) fleet.Known {
	return fleet.Known{Certainty: fleet.CertaintyExact, Set: set(pairs...)}
}

// number is what a DID of the tests is dialled as: 50036 is +442079050036.
func number(id fleet.DIDID) string { return fmt.Sprintf("+4420790%d", id) }

// facts are those of a PBX with known bindings, on a firmware that takes no headers. Every DID from
// 50030 to 50049 sits on london, those from 50040 on mobile too.
func facts(known fleet.Known, change ...func(*plan.Facts)) plan.Facts {
	f := plan.Facts{
		PBX:   fleet.PBX{ID: acme, Name: "Acme HQ", Region: "Europe(London)", Firmware: older, Status: fleet.StatusRunning},
		Known: known, Guard: plan.DefaultGuard,
		DIDs: map[fleet.DIDID]fleet.DID{}, Numbers: map[fleet.DIDID]fleet.NumberRow{},
		Trunks: map[fleet.TrunkID]fleet.Trunk{
			london: {ID: london, Name: "london-sip", Region: "Europe(London)", Headers: fleet.HeaderDefs{Known: true}},
			mobile: {ID: mobile, Name: "mobile-sip", Region: "europe(london) ", Headers: fleet.HeaderDefs{Known: true, List: []fleet.HeaderDef{{ID: 31, Name: "X-Customer"}}}},
			sydney: {ID: sydney, Name: "sydney-sip", Region: "Asia Pacific(Sydney)"},
		},
	}
	for id := fleet.DIDID(50030); id < 50050; id++ {
		d := fleet.DID{ID: id, Number: number(id), Trunks: []fleet.TrunkID{london, sydney}}
		if id >= 50040 {
			d.Trunks = []fleet.TrunkID{london, mobile}
		}
		f.DIDs[id], f.Numbers[id] = d, fleet.NumberRow{DID: d}
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

func firmware(v fleet.Firmware) func(*plan.Facts) { return func(f *plan.Facts) { f.PBX.Firmware = v } }

func headersKnown(list ...fleet.Header) func(*plan.Facts) {
	return func(f *plan.Facts) { f.Known.Headers = fleet.KnownHeaders(list...) }
}

func protected(id fleet.DIDID) func(*plan.Facts) {
	return func(f *plan.Facts) {
		row := f.Numbers[id]
		row.Protected = true
		f.Numbers[id] = row
	}
}

func owned(id fleet.DIDID, owner fleet.PBXID, name string) func(*plan.Facts) {
	return func(f *plan.Facts) {
		d, row := f.DIDs[id], f.Numbers[id]
		d.Owner, row.Owner, row.OwnerName = owner, owner, name
		f.DIDs[id], f.Numbers[id] = d, row
	}
}

// unclear are facts in which the pairs are certain and the DIDs could sit on london or mobile.
func unclear(certain []fleet.Binding, dids ...fleet.DIDID) fleet.Known {
	k := fleet.Known{Certainty: fleet.CertaintyAmbiguous, Set: set(certain)}
	for _, did := range dids {
		k.Unclear = append(k.Unclear, fleet.Unclear{DID: did, Trunks: []fleet.TrunkID{london, mobile}, Copies: 1})
	}
	return k
}

func stated(list ...fleet.Header) *[]fleet.Header { return &list }

// build is Build for a request that has to work.
func build(t *testing.T, req plan.Request, f plan.Facts) plan.Plan {
	t.Helper()
	p, err := plan.Build(req, f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// render is a plan as a person would read it.
func render(p plan.Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nrisk: %s", p.Effect(), p.Risk.Level)
	for _, n := range p.Risk.Needs {
		fmt.Fprintf(&b, ", needs %s", n)
	}
	for _, r := range p.Risk.Reasons {
		fmt.Fprintf(&b, "\n  %s", r)
	}
	if p.Clear {
		b.WriteString("\nclear")
	}
	if p.UndoTo != 0 {
		fmt.Fprintf(&b, "\nundo to %s", p.UndoTo)
	}
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "\n%-6s %s on %s", s.Verb, s.Number, s.TrunkName)
		if s.From != 0 {
			fmt.Fprintf(&b, ", from trunk %d", s.From)
		}
	}
	for _, s := range p.Skipped {
		fmt.Fprintf(&b, "\nskip   %s: %s", s.Number, s.Reason)
	}
	fmt.Fprintf(&b, "\nsend   %s", text(p.After))
	if p.Headers.Send {
		fmt.Fprintf(&b, "\nheaders %s, then %s", headersText(p.Headers.Before), headersText(p.Headers.After))
	}
	return b.String() + "\n"
}

func text(s fleet.BindingSet) string {
	var parts []string
	for _, b := range s.Pairs() {
		parts = append(parts, fmt.Sprintf("%d:%d", b.Trunk, b.DID))
	}
	return cmp.Or(strings.Join(parts, " "), "nothing")
}

func headersText(h fleet.Headers) string {
	if !h.Known {
		return "unknown"
	}
	var parts []string
	for _, v := range h.List() {
		parts = append(parts, fmt.Sprintf("%d.%d=%q", v.Trunk, v.Header, v.Value))
	}
	return cmp.Or(strings.Join(parts, " "), "none")
}
