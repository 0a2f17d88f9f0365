package ycm

import (
	"encoding/json"
	"strings"

	"cordboard/yeastar/internal/wire"
)

// HeaderDef is a custom SIP header that a shared trunk defines.
type HeaderDef struct {
	ID   int64
	Name string
}

// headerDefs looks for the custom SIP header definitions in a trunk. Seed 000
// says that they are in this answer, no visible page names the field (contract
// §5.1, §8 row 12), so the search is by shape:
//
//   - a field whose name speaks of headers and that holds a list decides: an
//     empty list means that there are none, a list of {id, name} tells them;
//   - else the only non-empty list of {id, name} in the trunk is taken;
//   - anything else, or two candidates, is unknown.
func headerDefs(trunk json.RawMessage) (defs []HeaderDef, known bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(trunk, &fields) != nil {
		return nil, false
	}
	var named, shaped []json.RawMessage
	for name, raw := range fields {
		if first(raw) != '[' {
			continue
		}
		if strings.Contains(strings.ToLower(name), "header") {
			named = append(named, raw)
		} else if d, ok := decodeHeaderDefs(raw); ok && len(d) > 0 {
			shaped = append(shaped, raw)
		}
	}
	switch {
	case len(named) == 1:
		return decodeHeaderDefs(named[0])
	case len(named) == 0 && len(shaped) == 1:
		return decodeHeaderDefs(shaped[0])
	default:
		return nil, false
	}
}

// decodeHeaderDefs reads a list in which every item has an id and a name.
func decodeHeaderDefs(raw json.RawMessage) ([]HeaderDef, bool) {
	var items []struct {
		ID         wire.ID   `json:"id"`
		HeaderID   wire.ID   `json:"headerId"`
		Name       wire.Text `json:"name"`
		HeaderName wire.Text `json:"headerName"`
	}
	if json.Unmarshal(raw, &items) != nil {
		return nil, false
	}
	defs := make([]HeaderDef, 0, len(items))
	for _, it := range items {
		d := HeaderDef{ID: int64(orDefault(it.HeaderID, it.ID)), Name: string(orDefault(it.HeaderName, it.Name))}
		if d.ID == 0 || d.Name == "" {
			return nil, false
		}
		defs = append(defs, d)
	}
	return defs, true
}
