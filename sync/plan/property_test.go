package plan_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

var trunks = []fleet.TrunkID{london, mobile}

// anyPairs draws pairs of the PBX's region, some of which can't be bound because the number sits
// elsewhere.
var anyPairs = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) fleet.Binding {
	return fleet.Binding{
		Trunk: rapid.SampledFrom(trunks).Draw(t, "trunk"),
		DID:   fleet.DIDID(rapid.Int64Range(50036, 50044).Draw(t, "did")),
	}
}), 0, 10)

var anySets = rapid.Map(anyPairs, func(p []fleet.Binding) fleet.BindingSet { return fleet.NewBindingSet(p...) })

var anyHeaders = rapid.Custom(func(t *rapid.T) fleet.Header {
	return fleet.Header{
		Trunk:  rapid.SampledFrom(trunks).Draw(t, "trunk"),
		Header: fleet.HeaderID(rapid.Int64Range(30, 32).Draw(t, "header")),
		Value:  rapid.SampledFrom([]string{"a", "b", ""}).Draw(t, "value"),
	}
})

// anyFacts draws what is known of a PBX: any certainty, any firmware, owners and protection.
var anyFacts = rapid.Custom(func(t *rapid.T) plan.Facts {
	known := fleet.Known{Certainty: fleet.CertaintyExact, Set: anySets.Draw(t, "known")}
	if rapid.Bool().Draw(t, "headers known") {
		known.Headers = fleet.KnownHeaders(rapid.SliceOfNDistinct(anyHeaders, 0, 3, func(h fleet.Header) [2]int64 {
			return [2]int64{int64(h.Trunk), int64(h.Header)}
		}).Draw(t, "headers")...).On(known.Set.Trunks())
	}
	known = known.Doubt(anyPairs.Draw(t, "doubts")...)
	f := facts(known, firmware(rapid.SampledFrom([]fleet.Firmware{older, newest}).Draw(t, "firmware")))
	for id := fleet.DIDID(50036); id < 50045; id++ {
		if known.Record().Copies()[id] > 0 {
			owned(id, acme, "Acme HQ")(&f)
		} else if rapid.IntRange(0, 4).Draw(t, "taken") == 0 {
			owned(id, bakery, "Corner Bakery")(&f)
		}
		if rapid.IntRange(0, 9).Draw(t, "protected") == 0 {
			protected(id)(&f)
		}
	}
	return f
})

// anyRequest draws what somebody asks of that PBX: mostly sense, sometimes nonsense.
func anyRequest(t *rapid.T, f plan.Facts) plan.Request {
	req := plan.Request{Bind: anyPairs.Draw(t, "bind")}
	req.Bind = req.Bind[:min(len(req.Bind), rapid.IntRange(0, 2).Draw(t, "binds"))]
	if bound := f.Known.Set.Pairs(); len(bound) > 0 {
		req.Unbind = rapid.SliceOfN(rapid.SampledFrom(bound), 0, 2).Draw(t, "unbind")
	}
	if rapid.IntRange(0, 4).Draw(t, "wild") == 0 {
		req.Unbind = anyPairs.Draw(t, "unbind anything")
	}
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		req = plan.Request{Clear: true}
	case 1:
		req = plan.Request{Bind: req.Bind, Undo: &plan.Undo{Snapshot: 7, Set: anySets.Draw(t, "undo"), Skip: rapid.Bool().Draw(t, "skip")}}
	case 2:
		list := rapid.SliceOfN(anyHeaders, 0, 3).Draw(t, "stated")
		req.Headers = &list
	}
	return req
}

// untilMeaningful checks a property until it was put to the test often enough: most of what is
// drawn is refused, and a property that holds for nothing says nothing.
func untilMeaningful(t *testing.T, meant *int, enough int, property func(*rapid.T)) {
	t.Helper()
	for range 100 {
		rapid.Check(t, property)
		if t.Failed() || *meant >= enough {
			return
		}
	}
	t.Errorf("the property was put to the test %d times only", *meant)
}

func TestTakingTheStepsOfADifferenceLeadsThereInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := anySets.Draw(t, "before"), anySets.Draw(t, "after")
		steps := rapid.Permutation(plan.Diff(before, after)).Draw(t, "order")
		if got := plan.Apply(before, steps); !got.Equal(after) {
			t.Fatalf("got %v, want %v", got.Pairs(), after.Pairs())
		}
	})
}

func TestEveryPairOfADifferenceIsInOneStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := anySets.Draw(t, "before"), anySets.Draw(t, "after")
		var left, came, kept []fleet.Binding
		for _, s := range plan.Diff(before, after) {
			at := fleet.Binding{Trunk: s.Trunk, DID: s.DID}
			switch s.Verb {
			case plan.Unbind:
				left = append(left, at)
			case plan.Bind:
				came = append(came, at)
			case plan.Move:
				left, came = append(left, fleet.Binding{Trunk: s.From, DID: s.DID}), append(came, at)
			case plan.Keep:
				kept = append(kept, at)
			}
		}
		for _, tt := range [][2][]fleet.Binding{{left, before.Minus(after)}, {came, after.Minus(before)}, {kept, before.Without(before.Minus(after)...).Pairs()}} {
			if len(tt[0]) != len(tt[1]) || !fleet.NewBindingSet(tt[0]...).Equal(fleet.NewBindingSet(tt[1]...)) {
				t.Fatalf("got %v, want %v", tt[0], tt[1])
			}
		}
	})
}

func TestNoPlanDropsAPairThatTheRequestDidNotName(t *testing.T) {
	built := 0
	untilMeaningful(t, &built, 50, func(t *rapid.T) {
		f := anyFacts.Draw(t, "facts")
		req := anyRequest(t, f)
		p, err := plan.Build(req, f)
		if err != nil {
			return
		}
		built++
		for _, pair := range f.Known.Set.Pairs() {
			named := req.Clear || req.Undo != nil && !req.Undo.Set.Has(pair) || slices.Contains(req.Unbind, pair)
			if !named && !p.After.Has(pair) {
				t.Fatalf("%v is lost: %s", pair, render(p))
			}
		}
		for _, u := range f.Known.Unclear {
			said := slices.ContainsFunc(append(slices.Clone(req.Bind), req.Unbind...), func(b fleet.Binding) bool { return b.DID == u.DID })
			if !said && !req.Clear {
				t.Fatalf("DID %d is unclear, and nobody said where it is: %s", u.DID, render(p))
			}
		}
		for _, pair := range p.After.Pairs() {
			known := f.Known.Set.Has(pair) || slices.Contains(req.Bind, pair) || req.Undo != nil && req.Undo.Set.Has(pair)
			if !known {
				t.Fatalf("%v was made up: %s", pair, render(p))
			}
			if f.DIDs[pair.DID].Owner == bakery {
				t.Fatalf("%v is taken from another PBX: %s", pair, render(p))
			}
		}
		for _, pair := range p.Before.Minus(p.After) {
			if f.Numbers[pair.DID].Protected {
				t.Fatalf("%v is protected: %s", pair, render(p))
			}
		}
		if p.After.Len() == 0 && (!p.Clear || !p.Risk.Asks(plan.NeedName)) || p.Clear && p.After.Len() != 0 {
			t.Fatalf("clearing is an act of its own: %s", render(p))
		}
		if got := plan.Apply(p.Before, p.Steps); !got.Equal(p.After) {
			t.Fatalf("the steps lead to %v: %s", got.Pairs(), render(p))
		}
	})
}

func TestNoKnownHeaderValueOnAKeptTrunkIsEverDropped(t *testing.T) {
	carried := 0
	untilMeaningful(t, &carried, 20, func(t *rapid.T) {
		f := anyFacts.Draw(t, "facts")
		req := anyRequest(t, f)
		p, err := plan.Build(req, f)
		if err != nil {
			return
		}
		if p.Headers.Send != f.PBX.Firmware.AtLeast(fleet.FirmwareSIPHeaders) {
			t.Fatalf("on firmware %s: sent %v", f.PBX.Firmware, p.Headers.Send)
		}
		if !p.Headers.Send {
			if p.Headers.Before.Known || p.Headers.After.Known {
				t.Fatalf("headers that are not sent: %s", render(p))
			}
			return
		}
		if !p.Headers.After.Known {
			t.Fatalf("an unknown list would be sent: %s", render(p))
		}
		after := p.Headers.After.List()
		for _, h := range after {
			if !slices.Contains(p.After.Trunks(), h.Trunk) {
				t.Fatalf("%+v is on a trunk that the plan does not bind: %s", h, render(p))
			}
		}
		if req.Headers != nil {
			if !p.Headers.After.Equal(fleet.KnownHeaders(*req.Headers...)) {
				t.Fatalf("stated %v: %s", *req.Headers, render(p))
			}
			return
		}
		for _, h := range f.Known.Headers.List() {
			if slices.Contains(p.After.Trunks(), h.Trunk) && !slices.Contains(after, h) {
				t.Fatalf("%+v is lost: %s", h, render(p))
			}
			carried++
		}
		if !f.Known.Headers.Known && slices.Contains(p.After.Trunks(), mobile) && slices.Contains(f.Known.Trunks(), mobile) {
			t.Fatalf("values may exist on a trunk that stays, and nobody stated them: %s", render(p))
		}
	})
}

// TestWhatIsBuiltFromAReadingAndATrueWordLosesNothing goes the whole way: a PBX with some true
// pairs, what the vendor's reads show of them, what that proves, and an operator who says the truth
// about the rest.
func TestWhatIsBuiltFromAReadingAndATrueWordLosesNothing(t *testing.T) {
	built := 0
	untilMeaningful(t, &built, 50, func(t *rapid.T) {
		truth := rapid.Map(anyPairs, func(p []fleet.Binding) fleet.BindingSet {
			return fleet.NewBindingSet(slices.DeleteFunc(p, func(b fleet.Binding) bool { return b.Trunk == mobile && b.DID < 50040 })...)
		}).Draw(t, "truth")
		var dids []fleet.DIDID
		for _, b := range truth.Pairs() {
			dids = append(dids, b.DID)
		}
		f := facts(fleet.Known{})
		sits := map[fleet.DIDID][]fleet.TrunkID{}
		for id, d := range f.DIDs {
			sits[id] = d.Trunks
		}
		f.Known = fleet.Prove(fleet.NewObservation(f.PBX, f.Known.At, dids, truth.Trunks()), sits, fleet.Headers{})
		req := plan.Request{Bind: anyPairs.Draw(t, "bind"), Unbind: anyPairs.Draw(t, "unbind")}
		for _, u := range f.Known.Unclear {
			lie := func(b fleet.Binding) bool { return b.DID == u.DID && !truth.Has(b) }
			req.Bind, req.Unbind = slices.DeleteFunc(req.Bind, lie), slices.DeleteFunc(req.Unbind, lie)
			if rapid.IntRange(0, 9).Draw(t, "silent") > 0 {
				for _, trunk := range truth.TrunksOf(u.DID) {
					if pair := (fleet.Binding{Trunk: trunk, DID: u.DID}); !slices.Contains(req.Unbind, pair) {
						req.Bind = append(req.Bind, pair)
					}
				}
			}
		}
		p, err := plan.Build(req, f)
		if err != nil {
			return
		}
		built++
		if !p.Before.Equal(truth) {
			t.Fatalf("the plan stands on %v, the truth is %v", p.Before.Pairs(), truth.Pairs())
		}
		for _, pair := range truth.Pairs() {
			if !p.After.Has(pair) && !slices.Contains(req.Unbind, pair) {
				t.Fatalf("%v is lost: %s", pair, render(p))
			}
		}
	})
}
