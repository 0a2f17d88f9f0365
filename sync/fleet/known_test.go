package fleet_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"cordboard/sync/fleet"
)

func b(trunk fleet.TrunkID, did fleet.DIDID) fleet.Binding {
	return fleet.Binding{Trunk: trunk, DID: did}
}

func TestWhatProveCallsExactIsTheTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds.Draw(t, "world")
		known := fleet.Prove(read(w.truth), w.sits, fleet.Headers{})
		for _, p := range known.Set.Pairs() {
			if !w.truth.Has(p) {
				t.Fatalf("%v was made up: the truth is %v", p, w.truth.Pairs())
			}
		}
		if known.Exact() && !known.Set.Equal(w.truth) {
			t.Fatalf("called exact: %v, the truth is %v", known.Set.Pairs(), w.truth.Pairs())
		}
		for did := range w.truth.Copies() {
			clear := len(known.Set.TrunksOf(did)) > 0
			unclear := slices.ContainsFunc(known.Unclear, func(u fleet.Unclear) bool { return u.DID == did })
			if clear == unclear {
				t.Fatalf("DID %d: clear %v, unclear %v", did, clear, unclear)
			}
		}
		for _, u := range known.Unclear {
			for _, trunk := range w.truth.TrunksOf(u.DID) {
				if !slices.Contains(u.Trunks, trunk) {
					t.Fatalf("the true trunk %d of DID %d is not among %v", trunk, u.DID, u.Trunks)
				}
			}
		}
	})
}

func TestProveIsNeverExactWhenTwoTruthsGiveTheSameReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds.Draw(t, "world")
		all := truths(w)
		if !slices.ContainsFunc(all, w.truth.Equal) {
			t.Fatalf("the reading of %v does not show it", w.truth.Pairs())
		}
		if known := fleet.Prove(read(w.truth), w.sits, fleet.Headers{}); known.Exact() && len(all) > 1 {
			t.Fatalf("called exact, and it could be any of %d sets", len(all))
		}
	})
}

func TestProveBelievesNoTrunkOfANumberThatCouldNotBeLookedUp(t *testing.T) {
	seen := fleet.NewObservation(fleet.PBX{ID: 1}, noon, []fleet.DIDID{10, 11}, []fleet.TrunkID{1})
	known := fleet.Prove(seen, map[fleet.DIDID][]fleet.TrunkID{10: {1}}, fleet.Headers{})
	if known.Exact() || !known.Set.Equal(fleet.NewBindingSet(b(1, 10))) || len(known.Unclear) != 1 || known.Unclear[0].DID != 11 {
		t.Errorf("got %+v", known)
	}
	if _, ok := known.Settle(b(1, 11)); ok {
		t.Error("a number that sits on no trunk was settled")
	}
}

func TestTheOperatorsTrueWordSettlesWhatIsUnclear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds.Draw(t, "world")
		known := fleet.Prove(read(w.truth), w.sits, fleet.Headers{})
		var word []fleet.Binding
		for _, u := range known.Unclear {
			for _, trunk := range w.truth.TrunksOf(u.DID) {
				word = append(word, b(trunk, u.DID))
			}
		}
		settled, ok := known.Settle(word...)
		if !ok || !settled.Exact() || !settled.Set.Equal(w.truth) {
			t.Fatalf("%v: settled as %v, the truth is %v", ok, settled.Set.Pairs(), w.truth.Pairs())
		}
		if len(word) > 0 {
			if _, ok := known.Settle(word[1:]...); ok {
				t.Fatalf("%v was left out, and a pair would be lost", word[0])
			}
		}
	})
}

func TestSettleTakesNoWordThatCanNotBeTrue(t *testing.T) {
	known := fleet.Known{Certainty: fleet.CertaintyAmbiguous, Set: fleet.NewBindingSet(b(1, 10)), Unclear: []fleet.Unclear{{DID: 11, Trunks: []fleet.TrunkID{1, 2}, Copies: 1}}}
	for name, picks := range map[string][]fleet.Binding{
		"no word": nil, "a trunk that is no candidate": {b(3, 11)}, "one good and one bad": {b(1, 11), b(3, 11)}, "another number": {b(1, 12)}, "a clear number": {b(1, 10), b(1, 11)},
	} {
		if got, ok := known.Settle(picks...); ok || got.Exact() || got.Set.Len() > 0 {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if _, ok := known.Settle(b(1, 11), b(2, 11)); !ok {
		t.Error("two trunks for one number are possible")
	}
}

func TestAPBXThatWasNeverReadCanNotBeSettled(t *testing.T) {
	for _, k := range []fleet.Known{{}, {Certainty: fleet.CertaintyNone}} {
		if got, ok := k.Settle(); ok || got.Exact() || k.Exact() {
			t.Errorf("%+v became %+v", k, got)
		}
	}
}

func TestTheBaseFingerprintTellsApartWhateverAPlanBuildsOn(t *testing.T) {
	unclear := func(did fleet.DIDID, copies int, trunks ...fleet.TrunkID) []fleet.Unclear {
		return []fleet.Unclear{{DID: did, Copies: copies, Trunks: trunks}}
	}
	all := []fleet.Known{
		{},
		{Headers: fleet.KnownHeaders()},
		{Headers: fleet.KnownHeaders(fleet.Header{Trunk: 1, Header: 1, Value: "a"})},
		{Headers: fleet.KnownHeaders(fleet.Header{Trunk: 1, Header: 1, Value: "a\"\nh1:2=\"b"})},
		{Headers: fleet.KnownHeaders(fleet.Header{Trunk: 1, Header: 1, Value: "a"}, fleet.Header{Trunk: 1, Header: 2, Value: "b"})},
		{Set: fleet.NewBindingSet(b(1, 10))},
		{Set: fleet.NewBindingSet(b(10, 1))},
		{Unclear: unclear(10, 1)},
		{Unclear: unclear(11, 1)},
		{Unclear: unclear(10, 2)},
		{Unclear: unclear(10, 1, 1)},
		{Unclear: unclear(10, 1, 1, 2)},
		{Unclear: unclear(10, 2, 1, 2)},
		{Unclear: unclear(10, 1, 12)},
	}
	for i, x := range all {
		for j, y := range all {
			if (x.Fingerprint() == y.Fingerprint()) != (i == j) {
				t.Errorf("%+v and %+v", x, y)
			}
		}
	}
}

func TestHistoryKeepsUnclearNumbersApartFromCertainPairs(t *testing.T) {
	known := fleet.Known{Certainty: fleet.CertaintyAmbiguous, Set: fleet.NewBindingSet(b(1, 10)), Unclear: []fleet.Unclear{{DID: 11, Trunks: []fleet.TrunkID{1, 2}, Copies: 1}}}
	record := known.Record()
	if !record.Equal(fleet.NewBindingSet(b(1, 10), b(fleet.TrunkUnclear, 11))) {
		t.Errorf("recorded as %v", record.Pairs())
	}
	if !record.Certain().Equal(known.Set) {
		t.Errorf("certain: %v", record.Certain().Pairs())
	}
	if got := known.Trunks(); !slices.Equal(got, []fleet.TrunkID{1, 2}) {
		t.Errorf("trunks: %v", got)
	}
}

func TestAReadingShowsWhatItCameFrom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, other := sets.Draw(t, "a"), sets.Draw(t, "b")
		seen := read(a)
		if !seen.Shows(a) {
			t.Fatalf("%v is not shown by its own reading", a.Pairs())
		}
		if seen.Shows(other) && !a.LooksLike(other) {
			t.Fatalf("%v is shown as %v", a.Pairs(), other.Pairs())
		}
	})
}

func TestAReadingIsHeldAgainstNumbersRepeatsAndTrunks(t *testing.T) {
	seen := fleet.NewObservation(fleet.PBX{ID: 1}, noon, []fleet.DIDID{10, 11, 11}, []fleet.TrunkID{2, 1, 1})
	tests := []struct {
		name     string
		set      fleet.BindingSet
		leftover []fleet.TrunkID
		want     bool
	}{
		{"as it is", fleet.NewBindingSet(b(1, 10), b(1, 11), b(2, 11)), nil, true},
		{"the single one on the other trunk", fleet.NewBindingSet(b(2, 10), b(1, 11), b(2, 11)), nil, true},
		{"a number is missing", fleet.NewBindingSet(b(1, 11), b(2, 11)), nil, false},
		{"a number is too much", fleet.NewBindingSet(b(1, 10), b(1, 11), b(2, 11), b(1, 12)), nil, false},
		{"another number", fleet.NewBindingSet(b(1, 12), b(1, 11), b(2, 11)), nil, false},
		{"a repeat is missing", fleet.NewBindingSet(b(1, 10), b(2, 11)), nil, false},
		{"a trunk that is not used", fleet.NewBindingSet(b(1, 10), b(2, 11), b(3, 11)), nil, false},
		{"nothing", fleet.BindingSet{}, nil, false},
		{"on a trunk that is not known", fleet.NewBindingSet(b(1, 10), b(fleet.TrunkUnclear, 11)), nil, false},
	}
	for _, tt := range tests {
		if got := seen.Shows(tt.set, tt.leftover...); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
	one := fleet.NewObservation(fleet.PBX{ID: 1}, noon, []fleet.DIDID{10}, []fleet.TrunkID{1, 2})
	if set := fleet.NewBindingSet(b(1, 10)); one.Shows(set) || !one.Shows(set, 2) || one.Shows(set, 3) {
		t.Error("a trunk may be left over only when it is named")
	}
	if empty := (fleet.Observation{}); !empty.Shows(fleet.BindingSet{}) || seen.Shows(fleet.BindingSet{}, 1, 2) {
		t.Error("only a reading without numbers shows the empty set")
	}
}

func TestAReadingIsHeldAgainstUnclearKnowledge(t *testing.T) {
	known := fleet.Known{Certainty: fleet.CertaintyAmbiguous, Set: fleet.NewBindingSet(b(1, 10)), Unclear: []fleet.Unclear{{DID: 11, Trunks: []fleet.TrunkID{1, 2}, Copies: 1}}}
	tests := []struct {
		name   string
		dids   []fleet.DIDID
		trunks []fleet.TrunkID
		want   bool
	}{
		{"as it was", []fleet.DIDID{10, 11}, []fleet.TrunkID{1, 2}, true},
		{"it is on the first trunk", []fleet.DIDID{10, 11}, []fleet.TrunkID{1}, true},
		{"the unclear one came a second time", []fleet.DIDID{10, 11, 11}, []fleet.TrunkID{1, 2}, false},
		{"the unclear one went", []fleet.DIDID{10}, []fleet.TrunkID{1}, false},
		{"the trunk of the certain one went", []fleet.DIDID{10, 11}, []fleet.TrunkID{2}, false},
		{"a trunk came", []fleet.DIDID{10, 11}, []fleet.TrunkID{1, 2, 3}, false},
		{"another number came", []fleet.DIDID{10, 11, 12}, []fleet.TrunkID{1, 2}, false},
	}
	for _, tt := range tests {
		seen := fleet.NewObservation(fleet.PBX{ID: 1}, noon, tt.dids, tt.trunks)
		if got := seen.ShowsKnown(known); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
}

func TestADoubtedPairStaysWhereTheTruthMayBe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		had, want := sets.Draw(t, "had"), sets.Draw(t, "want")
		known := fleet.Known{Certainty: fleet.CertaintyExact, Set: had}
		doubted := known.Doubt(want.Minus(had)...)
		again := doubted.Doubt(want.Minus(had)...)
		if doubted.Fingerprint() != again.Fingerprint() {
			t.Fatal("doubting twice is not doubting once")
		}
		for did := range had.Copies() {
			moved := slices.ContainsFunc(want.Minus(had), func(p fleet.Binding) bool { return p.DID == did })
			i := slices.IndexFunc(doubted.Unclear, func(u fleet.Unclear) bool { return u.DID == did })
			if moved != (i >= 0) || moved == (len(doubted.Set.TrunksOf(did)) > 0) {
				t.Fatalf("DID %d: moved %v, %+v", did, moved, doubted)
			}
			if !moved {
				continue
			}
			for _, trunk := range append(had.TrunksOf(did), want.TrunksOf(did)...) {
				if !slices.Contains(doubted.Unclear[i].Trunks, trunk) {
					t.Fatalf("trunk %d of DID %d is not among the candidates %v", trunk, did, doubted.Unclear[i].Trunks)
				}
			}
		}
		if len(doubted.Unclear) == 0 && !doubted.Exact() || len(doubted.Unclear) > 0 && doubted.Exact() {
			t.Fatalf("certainty: %+v", doubted)
		}
		if !known.Set.Equal(had) || len(known.Unclear) > 0 {
			t.Fatal("the knowledge that was doubted changed")
		}
	})
}

func TestCertainPairsAreKeptForNumbersThatAReadingLeavesUnclear(t *testing.T) {
	proved := fleet.Known{Certainty: fleet.CertaintyAmbiguous, Set: fleet.NewBindingSet(b(1, 10)), Unclear: []fleet.Unclear{
		{DID: 11, Trunks: []fleet.TrunkID{1, 2}, Copies: 1}, {DID: 12, Trunks: []fleet.TrunkID{1, 2}, Copies: 2}, {DID: 13, Trunks: []fleet.TrunkID{1, 2}, Copies: 1},
	}}
	kept := proved.Keep(fleet.NewBindingSet(b(2, 11), b(1, 12), b(2, 12)))
	if want := fleet.NewBindingSet(b(1, 10), b(2, 11), b(1, 12), b(2, 12)); !kept.Set.Equal(want) || len(kept.Unclear) != 1 || kept.Exact() {
		t.Errorf("got %+v", kept)
	}
	if all := proved.Keep(fleet.NewBindingSet(b(2, 11), b(1, 12), b(2, 12), b(1, 13))); !all.Exact() || len(all.Unclear) != 0 {
		t.Errorf("got %+v", all)
	}
	if fewer := proved.Keep(fleet.NewBindingSet(b(2, 12), b(3, 13))); len(fewer.Unclear) != 3 {
		t.Errorf("a pair too few, or on no candidate, was kept: %+v", fewer)
	}
}
