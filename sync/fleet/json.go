package fleet

import (
	"encoding/json"
	"fmt"
)

// MarshalJSON writes the set as [[trunk,did],…], the form in which plans are stored. The empty
// set is [], never null.
func (s BindingSet) MarshalJSON() ([]byte, error) {
	out := make([][2]int64, len(s.pairs))
	for i, b := range s.pairs {
		out[i] = [2]int64{int64(b.Trunk), int64(b.DID)}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote. null is an error: an absent set is not an empty one.
func (s *BindingSet) UnmarshalJSON(text []byte) error {
	var in [][]int64
	if err := json.Unmarshal(text, &in); err != nil {
		return fmt.Errorf("fleet.BindingSet: %w", err)
	}
	if in == nil {
		return fmt.Errorf("fleet.BindingSet: null is not a set")
	}
	pairs := make([]Binding, len(in))
	for i, p := range in {
		if len(p) != 2 {
			return fmt.Errorf("fleet.BindingSet: %v is not a pair", p)
		}
		pairs[i] = Binding{TrunkID(p[0]), DIDID(p[1])}
	}
	*s = NewBindingSet(pairs...)
	return nil
}

type headersJSON struct {
	Known bool     `json:"known"`
	List  []Header `json:"list,omitempty"`
}

// MarshalJSON keeps "not known" and "none" apart.
func (h Headers) MarshalJSON() ([]byte, error) { return json.Marshal(headersJSON{h.Known, h.list}) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (h *Headers) UnmarshalJSON(text []byte) error {
	var in headersJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return fmt.Errorf("fleet.Headers: %w", err)
	}
	*h = KnownHeaders(in.List...)
	h.Known = in.Known
	return nil
}
