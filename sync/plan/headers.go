package plan

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cordboard/sync/fleet"
)

// headers decides the custom SIP headers that go with a plan. YCM replaces the whole header list
// (seed 000) and has no read for its values: what we don't know would be lost, so where values
// may exist and are not known, the operator states them.
func headers(req Request, f Facts, after fleet.BindingSet) (HeaderChange, error) {
	taken := f.PBX.Firmware.AtLeast(fleet.FirmwareSIPHeaders)
	if !taken {
		if req.Headers != nil && len(*req.Headers) > 0 {
			return HeaderChange{}, fleet.Invalid(op, fmt.Sprintf("%s runs firmware %s, which takes no custom SIP headers.", f.PBX.Name, f.PBX.Firmware),
				fleet.Field{Name: "headers", Rule: "They need firmware " + string(fleet.FirmwareSIPHeaders) + " or later."})
		}
		return HeaderChange{}, nil
	}
	change := HeaderChange{Send: true, Before: f.Known.Headers}
	if req.Headers != nil {
		stated := fleet.KnownHeaders(*req.Headers...)
		if fields := checkHeaders(stated, f, after); len(fields) > 0 {
			return HeaderChange{}, fleet.Invalid(op, "Some custom SIP headers can't be set.", fields...)
		}
		change.After = stated
		return change, nil
	}
	if after.Len() == 0 {
		change.After = fleet.KnownHeaders() // a cleared PBX has no trunk left for a header
		return change, nil
	}
	var values []fleet.Header
	if f.Known.Headers.Known {
		values = f.Known.Headers.On(after.Trunks()).List()
	}
	var holders []string
	for _, id := range after.Trunks() {
		if !f.Trunks[id].Headers.MayHold() {
			continue
		}
		known := f.Known.Headers
		if !slices.Contains(f.Known.Trunks(), id) {
			if req.Undo == nil {
				continue // a trunk that is new to the PBX has no values yet
			}
			known = req.Undo.Headers
			values = append(values, known.On([]fleet.TrunkID{id}).List()...)
		}
		if !known.Known {
			holders = append(holders, f.trunk(id))
		}
	}
	if len(holders) > 0 {
		return HeaderChange{}, &fleet.Error{Kind: fleet.KindHeaders, Op: op,
			Msg:    "This PBX may have custom SIP header values that Yeastar shows to nobody, and writing replaces them all. State them, or state that there are none.",
			Fields: []fleet.Field{{Name: "headers", Rule: "Values may exist on " + strings.Join(holders, ", ") + "."}}}
	}
	change.After = fleet.KnownHeaders(values...)
	return change, nil
}

func checkHeaders(stated fleet.Headers, f Facts, after fleet.BindingSet) []fleet.Field {
	var fields []fleet.Field
	wrong := func(h fleet.Header, rule string) {
		fields = append(fields, fleet.Field{Name: fmt.Sprintf("header.%d.%d", h.Trunk, h.Header), Rule: rule})
	}
	list := stated.List()
	for i, h := range list {
		defs := f.Trunks[h.Trunk].Headers
		switch {
		case h.Header <= 0:
			wrong(h, "Choose a header.")
		case !slices.Contains(after.Trunks(), h.Trunk):
			wrong(h, fmt.Sprintf("The PBX has no number on %s after this plan, so the header would not count.", f.trunk(h.Trunk)))
		case defs.Known && !slices.ContainsFunc(defs.List, func(d fleet.HeaderDef) bool { return d.ID == h.Header }):
			wrong(h, fmt.Sprintf("%s defines no header %d.", f.trunk(h.Trunk), h.Header))
		case h.Value == "":
			wrong(h, "A header needs a value; leave it out for none.")
		case utf8.RuneCountInString(h.Value) > fleet.MaxHeaderValue:
			wrong(h, fmt.Sprintf("At most %d characters.", fleet.MaxHeaderValue))
		case strings.ContainsAny(h.Value, "\r\n\x00"):
			wrong(h, "No line breaks.")
		case i > 0 && list[i-1].Trunk == h.Trunk && list[i-1].Header == h.Header:
			wrong(h, "One value for each header.")
		}
	}
	return fields
}

// headersLost says which header values the plan takes from trunks that stay, or nothing.
func headersLost(req Request, p Plan) string {
	switch {
	case !p.Headers.Send || p.Clear:
		return ""
	case !p.Headers.Before.Known && req.Headers == nil:
		return "" // then no trunk can hold any
	case !p.Headers.Before.Known:
		return "The custom SIP header values of this PBX were not known. Those that are not stated here are removed."
	}
	lost := 0
	after := p.Headers.After.List()
	for _, h := range p.Headers.Before.On(p.After.Trunks()).List() {
		if !slices.Contains(after, h) {
			lost++
		}
	}
	switch lost {
	case 0:
		return ""
	case 1:
		return "It removes or changes 1 custom SIP header value."
	}
	return fmt.Sprintf("It removes or changes %d custom SIP header values.", lost)
}

// headersBack says which header values an undo brings back without a person having stated them, or
// nothing.
func headersBack(req Request, p Plan) string {
	if req.Undo == nil || req.Headers != nil {
		return ""
	}
	back := 0
	before := p.Headers.Before.On(p.Before.Trunks()).List()
	for _, h := range p.Headers.After.List() {
		if !slices.Contains(before, h) {
			back++
		}
	}
	switch back {
	case 0:
		return ""
	case 1:
		return "It sets 1 custom SIP header value again, as Cordboard had written it for that state: check it."
	}
	return fmt.Sprintf("It sets %d custom SIP header values again, as Cordboard had written them for that state: check them.", back)
}
