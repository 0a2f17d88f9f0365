package web

import (
	"slices"

	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/web/form"
)

// unseen stands for whatever headers a trunk may define that its read does not show: their value
// can be said to be none, but not be set from here.
const unseen fleet.HeaderID = 0

const sayHeader = "Type the value, or say that there is none."

// headerSlot is one custom SIP header that the form asks about.
type headerSlot struct {
	trunk  fleet.TrunkID
	header fleet.HeaderID
	needed bool // a value may exist that nobody knows: something has to be said
}

// headerSlots are the headers of the trunks that the PBX uses or is to use. There are none where
// the firmware takes no headers.
func (b *bench) headerSlots() []headerSlot {
	if !b.row.Firmware.AtLeast(fleet.FirmwareSIPHeaders) {
		return nil
	}
	trunks := b.known.Set.With(b.binds()...).Trunks()
	if b.typed.UndoTo != 0 {
		trunks = b.then.Trunks()
	}
	var slots []headerSlot
	for _, trunk := range trunks {
		defs := b.n.trunks[trunk].Headers
		last := b.lastHeaders(trunk)
		needed := last != nil && !last.Known && defs.MayHold()
		for _, def := range defs.List {
			slots = append(slots, headerSlot{trunk, def.ID, needed})
		}
		if needed && len(defs.List) == 0 {
			slots = append(slots, headerSlot{trunk, unseen, true})
		}
	}
	return slots
}

// lastHeaders are the header values that a trunk keeps, or that an undo brings back with it; nil for a
// trunk that is new to the PBX.
func (b *bench) lastHeaders(trunk fleet.TrunkID) *fleet.Headers {
	switch {
	case slices.Contains(b.known.Set.Trunks(), trunk):
		return &b.known.Headers
	case b.typed.UndoTo != 0:
		return &b.thenHeaders
	}
	return nil
}

// lastValue is the value of a header as it was last known; empty for none.
func (b *bench) lastValue(slot headerSlot) string {
	if last := b.lastHeaders(slot.trunk); last != nil {
		return headerValue(*last, slot.trunk, slot.header)
	}
	return ""
}

// stated is the list of header values that the form states: YCM replaces all of them (seed 000),
// so it is whole or not there. nil keeps what is known.
func (b *bench) stated() (*[]fleet.Header, []fleet.Field) {
	says := len(b.typed.None) > 0 || slices.ContainsFunc(b.typed.Headers, func(h fleet.Header) bool { return h.Value != "" })
	if !says || b.typed.Clear {
		return nil, nil
	}
	after := b.known.Set.Without(b.typed.Unbind...).With(b.binds()...).Trunks()
	if b.typed.UndoTo != 0 {
		after = b.then.Trunks()
	}
	list := []fleet.Header{}
	var wrong []fleet.Field
	complain := func(slot headerSlot, rule string) {
		wrong = append(wrong, fleet.Field{Name: href.HeaderField(int64(slot.trunk), int64(slot.header)), Rule: rule})
	}
	for _, slot := range b.headerSlots() {
		if !slices.Contains(after, slot.trunk) {
			continue // a trunk that is left takes its headers with it
		}
		value, shown := b.typed.Value(slot.trunk, slot.header)
		was := b.lastValue(slot)
		none := b.typed.HasNone(slot.trunk, slot.header)
		switch {
		case none && value != "" && value != was:
			complain(slot, "Either a value or none.")
		case none:
		case value != "":
			list = append(list, fleet.Header{Trunk: slot.trunk, Header: slot.header, Value: value})
		case !shown && was != "":
			list = append(list, fleet.Header{Trunk: slot.trunk, Header: slot.header, Value: was})
		case slot.needed || was != "":
			complain(slot, sayHeader)
		}
	}
	return &list, append(wrong, b.strangeHeaders()...)
}

// strangeHeaders are header fields of the form that belong to no trunk of the PBX.
func (b *bench) strangeHeaders() []fleet.Field {
	slots := b.headerSlots()
	var wrong []fleet.Field
	for _, h := range b.typed.Headers {
		known := slices.ContainsFunc(slots, func(s headerSlot) bool { return s.trunk == h.Trunk && s.header == h.Header })
		if h.Value != "" && !known {
			wrong = append(wrong, fleet.Field{Name: href.HeaderField(int64(h.Trunk), int64(h.Header)), Rule: b.n.trunk(h.Trunk) + " has no such custom SIP header for this PBX."})
		}
	}
	return wrong
}

func (b *bench) headerPanel() views.HeaderPanel {
	panel := views.HeaderPanel{Reason: "Yeastar replaces all custom SIP headers with what is sent. These are the values as Cordboard knows them."}
	if !b.known.Headers.Known {
		panel.Reason = "Yeastar replaces all custom SIP headers with what is sent, and does not read them back. State them, so that none is lost."
		if b.known.Headers.Len() > 0 {
			panel.Reason = "Somebody else changed this PBX since Cordboard wrote its custom SIP headers. These are the last known values: check them, Yeastar replaces all with what is sent."
		}
	}
	if b.typed.UndoTo != 0 && b.known.Headers.Known {
		panel.Reason = "Yeastar replaces all custom SIP headers with what is sent. These are the values of that time as Cordboard wrote them; where it did not, state them."
	}
	for _, slot := range b.headerSlots() {
		name := href.HeaderField(int64(slot.trunk), int64(slot.header))
		typed, shown := b.typed.Value(slot.trunk, slot.header)
		was := b.lastValue(slot)
		field := views.HeaderField{
			Name: name, None: pairText(fleet.Binding{Trunk: slot.trunk, DID: fleet.DIDID(slot.header)}), Trunk: b.n.trunk(slot.trunk),
			Label: b.n.header(slot.trunk, slot.header), Value: typed, Known: !slot.needed, Empty: b.typed.HasNone(slot.trunk, slot.header),
		}
		if slot.header == unseen {
			field.Label = "any custom header (Yeastar shows none)"
		}
		if !shown {
			field.Value = was
		}
		field.Error = b.headerError(slot, name)
		panel.Fields = append(panel.Fields, field)
	}
	return panel
}

// headerError is what is wrong with one header field. When the plan was refused because headers
// are not stated, that is every one of which nothing is said.
func (b *bench) headerError(slot headerSlot, name string) string {
	for _, f := range b.wrong {
		switch {
		case f.Name == name:
			return f.Rule
		case f.Name == "headers" && slot.needed && !b.typed.Says(slot.trunk, slot.header):
			return sayHeader
		}
	}
	return ""
}

// headerAnchor is the id of the place in the panel where a header field is; empty where there is none.
func (b *bench) headerAnchor(field string) string {
	fields := b.headerPanel().Fields
	if len(fields) > 0 && (field == "headers" || field == form.FieldHeaderNone) {
		return "h-head"
	}
	for _, f := range fields {
		if f.Name == field {
			return field
		}
	}
	return ""
}
