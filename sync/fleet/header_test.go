package fleet_test

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"cordboard/sync/fleet"
)

func TestHeadersSurviveBeingStoredAndUnknownStaysUnknown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := headers.Draw(t, "headers")
		text, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		back := fleet.KnownHeaders(fleet.Header{Trunk: 9, Header: 9, Value: "left over"})
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if !back.Equal(h) {
			t.Fatalf("%s became %+v", text, back)
		}
	})
}

func TestNotKnownIsNotNone(t *testing.T) {
	if (fleet.Headers{}).Equal(fleet.KnownHeaders()) {
		t.Error("not known equals none")
	}
	for text, known := range map[string]bool{`{"known":true}`: true, `{"known":false}`: false, `{}`: false, `{"known":false,"list":[{"Trunk":1,"Header":1,"Value":"x"}]}`: false, `null`: false} {
		h := fleet.KnownHeaders(fleet.Header{Trunk: 1, Header: 1, Value: "x"})
		if err := json.Unmarshal([]byte(text), &h); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if h.Known != known {
			t.Errorf("%s became %+v", text, h)
		}
	}
	if err := json.Unmarshal([]byte(`[]`), new(fleet.Headers)); err == nil {
		t.Error("a list was taken for headers")
	}
}

func TestHeadersOnTrunksLoseNothingThatIsThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := headers.Draw(t, "headers")
		trunks := rapid.SliceOf(rapid.Map(rapid.Int64Range(1, 3), func(i int64) fleet.TrunkID { return fleet.TrunkID(i) })).Draw(t, "trunks")
		on := h.On(trunks)
		if on.Known != h.Known {
			t.Fatal("certainty changed")
		}
		for _, v := range h.List() {
			if slices.Contains(on.List(), v) != slices.Contains(trunks, v.Trunk) {
				t.Fatalf("%+v", v)
			}
		}
	})
}

func TestSomebodyElsesChangeLeavesHeaderValuesAsLastKnownOnly(t *testing.T) {
	h := fleet.KnownHeaders(fleet.Header{Trunk: 1, Header: 5, Value: "a"}, fleet.Header{Trunk: 2, Header: 5, Value: "b"})
	last := h.Doubted([]fleet.TrunkID{2, 3})
	if last.Known || last.Len() != 1 || last.List()[0].Value != "b" {
		t.Errorf("got %+v", last)
	}
	if none := fleet.KnownHeaders().Doubted([]fleet.TrunkID{1}); none.Known {
		t.Error("none is still certain")
	}
}

func TestOnlyAnEmptyListOfDefinitionsProvesThatATrunkHasNoHeaders(t *testing.T) {
	def := []fleet.HeaderDef{{ID: 5, Name: "X-Customer"}}
	for _, tt := range []struct {
		defs fleet.HeaderDefs
		want bool
	}{{fleet.HeaderDefs{}, true}, {fleet.HeaderDefs{List: def}, true}, {fleet.HeaderDefs{Known: true, List: def}, true}, {fleet.HeaderDefs{Known: true}, false}} {
		if tt.defs.MayHold() != tt.want {
			t.Errorf("%+v: got %v", tt.defs, !tt.want)
		}
	}
}
