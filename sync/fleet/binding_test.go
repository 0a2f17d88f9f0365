package fleet_test

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"cordboard/sync/fleet"
)

func TestASetDoesNotDependOnTheOrderOrRepeatsOfItsPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := pairs.Draw(t, "pairs")
		shuffled := rapid.Permutation(append(slices.Clone(given), given...)).Draw(t, "shuffled")
		a, b := fleet.NewBindingSet(given...), fleet.NewBindingSet(shuffled...)
		if !a.Equal(b) || a.Fingerprint() != b.Fingerprint() || !slices.Equal(a.Pairs(), b.Pairs()) {
			t.Fatalf("%v and %v differ", a.Pairs(), b.Pairs())
		}
		for _, p := range given {
			if !a.Has(p) {
				t.Fatalf("%v is missing", p)
			}
		}
	})
}

func TestTheSetDoesNotKeepItsArgument(t *testing.T) {
	given := []fleet.Binding{{Trunk: 1, DID: 1}, {Trunk: 1, DID: 2}}
	set := fleet.NewBindingSet(given...)
	given[0].DID = 9
	set.Pairs()[1].DID = 9
	if !set.Equal(fleet.NewBindingSet(fleet.Binding{Trunk: 1, DID: 1}, fleet.Binding{Trunk: 1, DID: 2})) {
		t.Errorf("the set changed: %v", set.Pairs())
	}
}

func TestFingerprintsAreEqualExactlyWhenTheSetsAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := sets.Draw(t, "a"), sets.Draw(t, "b")
		if (a.Fingerprint() == b.Fingerprint()) != a.Equal(b) {
			t.Fatalf("%v and %v", a.Pairs(), b.Pairs())
		}
	})
}

func TestUnionAndDifferenceObeyTheLawsOfSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := sets.Draw(t, "a"), sets.Draw(t, "b")
		union, less := a.With(b.Pairs()...), a.Without(b.Pairs()...)
		if !union.Equal(b.With(a.Pairs()...)) {
			t.Fatal("union is not symmetric")
		}
		if !less.Equal(fleet.NewBindingSet(a.Minus(b)...)) {
			t.Fatal("Without and Minus disagree")
		}
		if !less.With(b.Pairs()...).Equal(union) {
			t.Fatal("taking out and putting back loses a pair")
		}
		for _, p := range union.Pairs() {
			if in := a.Has(p) || b.Has(p); !in {
				t.Fatalf("the union made up %v", p)
			}
			if less.Has(p) != (a.Has(p) && !b.Has(p)) {
				t.Fatalf("the difference is wrong at %v", p)
			}
		}
		if union.Len() != a.Len()+len(b.Minus(a)) {
			t.Fatal("counts do not add up")
		}
	})
}

func TestTrunksAndCopiesCountThePairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := sets.Draw(t, "set")
		total := 0
		for did, n := range set.Copies() {
			total += n
			if len(set.TrunksOf(did)) != n {
				t.Fatalf("DID %d: %d copies on %v", did, n, set.TrunksOf(did))
			}
		}
		if total != set.Len() {
			t.Fatalf("%d copies of %d pairs", total, set.Len())
		}
		trunks := set.Trunks()
		if !slices.IsSorted(trunks) || len(slices.Compact(slices.Clone(trunks))) != len(trunks) {
			t.Fatalf("trunks: %v", trunks)
		}
		for _, p := range set.Pairs() {
			if !slices.Contains(trunks, p.Trunk) {
				t.Fatalf("trunk %d is missing", p.Trunk)
			}
		}
	})
}

func TestSetsThatLookAlikeAreShownByTheSameReadings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := sets.Draw(t, "a"), sets.Draw(t, "b")
		if a.LooksLike(b) != read(a).Shows(b) || a.LooksLike(b) != b.LooksLike(a) {
			t.Fatalf("%v and %v", a.Pairs(), b.Pairs())
		}
	})
}

func TestANumberThatChangesItsTrunkMayLookLikeNothing(t *testing.T) {
	a := fleet.NewBindingSet(fleet.Binding{Trunk: 1, DID: 10}, fleet.Binding{Trunk: 1, DID: 11}, fleet.Binding{Trunk: 2, DID: 12})
	if !a.LooksLike(fleet.NewBindingSet(fleet.Binding{Trunk: 1, DID: 10}, fleet.Binding{Trunk: 2, DID: 11}, fleet.Binding{Trunk: 2, DID: 12})) {
		t.Error("11 on trunk 2 could be told from 11 on trunk 1")
	}
	if a.LooksLike(fleet.NewBindingSet(fleet.Binding{Trunk: 1, DID: 10}, fleet.Binding{Trunk: 1, DID: 11}, fleet.Binding{Trunk: 1, DID: 12})) {
		t.Error("trunk 2 is not used any more, and that shows")
	}
}

func TestASetSurvivesBeingStored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := sets.Draw(t, "set")
		text, err := json.Marshal(set)
		if err != nil {
			t.Fatal(err)
		}
		var back fleet.BindingSet
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !back.Equal(set) {
			t.Fatalf("%s became %v", text, back.Pairs())
		}
	})
}

func TestTheEmptySetIsStoredAsAnEmptyList(t *testing.T) {
	text, err := json.Marshal(fleet.BindingSet{})
	if err != nil || string(text) != "[]" {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestWhatIsNotASetOfPairsIsRefused(t *testing.T) {
	for _, text := range []string{"null", "{}", `""`, "[[1]]", "[[1,2,3]]", "[null]", `[["1","2"]]`, "[1,2]", "[[1.5,2]]"} {
		set := fleet.NewBindingSet(fleet.Binding{Trunk: 1, DID: 1})
		if err := json.Unmarshal([]byte(text), &set); err == nil {
			t.Errorf("%s was taken for %v", text, set.Pairs())
		}
		if set.Len() != 1 {
			t.Errorf("%s changed the set to %v", text, set.Pairs())
		}
	}
}
