package web

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// lifeValues are the values of the forms as they open: what was read, and what was stated where no
// read tells.
func lifeValues(seen change.View) url.Values {
	f, size := seen.Features, seen.Detail.PBXCapacity
	v := url.Values{}
	for name, value := range map[string]string{
		form.FieldPBXName: f.Name, form.FieldUpgrade: string(f.UpgradeInPBX), form.FieldIM: string(f.IM), form.FieldPasswordless: string(f.PasswordlessLogin),
		form.FieldSuperior: string(f.SuperiorLogin), form.FieldAPI: string(f.API), form.FieldViaTemplate: string(f.ViaTemplate), form.FieldTrunkAccess: string(f.TrunkAccess),
		form.FieldExtensions: number(size.Extensions), form.FieldCalls: number(size.ConcurrentCalls), form.FieldRecording: strconv.FormatInt(size.RecordingMinutes, 10),
	} {
		v.Set(name, value)
	}
	if seen.Detail.ExtraKnown {
		v.Set(form.FieldTranscription, strconv.FormatInt(size.Transcription, 10))
	}
	return v
}

// presentManage is the page with its forms; without them when the PBX could not be read.
func (s *Server) presentManage(l *life) views.PBXManagePage {
	id := int64(l.row.ID)
	page := views.PBXManagePage{Notices: l.underWay(), Copy: href.CopyPBX(id), Base: l.seen.Base, Facts: s.accountFacts(l)}
	if l.trouble != "" && len(l.wrong) == 0 {
		page.Errors = append(page.Errors, ui.FieldError{Message: l.trouble})
	}
	if l.away != nil {
		if l.row.Standing.GoneAt.IsZero() { // else the head says it
			page.Notices = append(page.Notices, ui.Notice{Tone: ui.Warn, Title: "This PBX can't be managed now", Text: describe(l.away).Detail,
				Links: []ui.Link{{Label: "Try again", Href: href.With(href.Manage(id), flat(l.typed)...)}}})
		}
		page.Copy = ""
		return page
	}
	f := fields{v: l.v, wrong: form.InOrder(slices.Concat(form.FeatureFields(), form.CapacityFields()), l.wrong)}
	page.Features = l.featuresForm(f)
	page.Capacity = l.capacityForm(f)
	page.Capacity.Left = s.leftForResize(l)
	page.Customers = l.customersForm(f)
	for _, w := range f.wrong {
		anchor := w.Name
		if w.Name == form.FieldAdd || w.Name == form.FieldRemove {
			anchor = fieldCustomer
		}
		page.Errors = append(page.Errors, ui.FieldError{Field: anchor, Message: labelOf(w.Name) + w.Rule})
	}
	for _, a := range acts() {
		if a.show == nil {
			continue
		}
		if shown, can := a.show(l); can {
			shown.Href = href.PBXAct(id, a.name)
			page.Acts = append(page.Acts, shown)
		}
	}
	return page
}

// flat are the values of a query as name and value in turn, in a fixed order.
func flat(v url.Values) []string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(v)) {
		for _, value := range v[name] {
			pairs = append(pairs, name, value)
		}
	}
	return pairs
}

func (s *Server) accountFacts(l *life) []ui.Fact {
	if l.away != nil {
		return []ui.Fact{{Label: "Address", Text: l.row.URL}}
	}
	d := l.seen.Detail
	activated := map[fleet.Switch]string{fleet.On: "Activated", fleet.Off: "Not activated", "": "Not told"}[d.Activated]
	expires := "Expires"
	if !d.ExpiresAt.IsZero() && !d.ExpiresAt.After(s.Now()) {
		expires = "Expired"
	}
	return []ui.Fact{
		{Label: "Status", Badge: statusBadge(fleet.PBXRow{PBX: d.PBX})}, {Label: "Plan", Text: string(d.Plan)}, {Label: "Type", Text: string(d.Type)},
		{Label: "Activation", Text: activated}, {Label: "Made", Time: ui.At(d.CreatedAt, s.Now())}, {Label: expires, Time: ui.At(d.ExpiresAt, s.Now())},
	}
}

// featuresForm asks for what the vendor wants every time. What neither a read tells nor anybody stated
// is not chosen.
func (l *life) featuresForm(f fields) views.PBXFeaturesForm {
	im := ui.Radios{Name: form.FieldIM, Label: "Internal chat", Help: "From firmware " + string(fleet.FirmwareIM) + " on."}
	out := views.PBXFeaturesForm{
		Action: href.PBXAct(int64(l.row.ID), actFeatures),
		Name:   f.text(ui.Field{Name: form.FieldPBXName, Label: "Name"}),
		Switches: []ui.Radios{
			f.onOff(ui.Radios{Name: form.FieldUpgrade, Label: "Firmware upgrade on the PBX"}), f.onOff(im),
			f.onOff(ui.Radios{Name: form.FieldPasswordless, Label: "Passwordless login"}),
			f.onOff(ui.Radios{Name: form.FieldSuperior, Label: "… also for the superior account", Help: "Only together with passwordless login."}),
		},
	}
	told := []ui.Option{{Value: string(fleet.On), Label: "Enabled"}, {Value: string(fleet.Off), Label: "Disabled"}}
	optional := func(name, label, help string) {
		out.Optional = append(out.Optional, f.choice(ui.Select{Name: name, Label: label, Help: help}, "Leave as it is", slices.Clone(told), f.v.Get(name)))
	}
	optional(form.FieldAPI, "API of the PBX", "The PBX's own programming interface.")
	optional(form.FieldViaTemplate, "Provisioning by template", "")
	if l.seen.Detail.Firmware.AtLeast(fleet.FirmwareTrunkAccess) {
		optional(form.FieldTrunkAccess, "Trunks by its users", "Whether users of the PBX may add trunks. Your account needs that permission.")
	}
	return out
}

func (l *life) capacityForm(f fields) views.PBXCapacityForm {
	out := views.PBXCapacityForm{Action: href.PBXAct(int64(l.row.ID), actCapacity), Fields: []ui.Field{
		f.text(ui.Field{Name: form.FieldExtensions, Label: "Extensions", Help: "From 1 to " + strconv.Itoa(fleet.MaxExtensions) + "."}),
		f.text(ui.Field{Name: form.FieldCalls, Label: "Concurrent calls"}),
		f.text(ui.Field{Name: form.FieldRecording, Label: "Recording minutes", Help: "0 turns recording off. Fewer than now must be confirmed."}),
	}}
	if l.seen.Detail.Firmware.AtLeast(fleet.FirmwareTranscription) {
		help := "Beyond the plan's own. Yeastar drops those that are not sent."
		if !l.seen.Detail.ExtraKnown {
			help = "Yeastar does not tell how many there are, and drops those that are not sent: say it, 0 for none."
		}
		out.Fields = append(out.Fields, f.text(ui.Field{Name: form.FieldTranscription, Label: "Extra AI minutes", Help: help}))
	}
	return out
}

// leftForResize shows what a resize would take beyond what the PBX has.
func (s *Server) leftForResize(l *life) views.LeftPanel {
	size, _, _ := form.ReadCapacity(l.v)
	was := l.seen.Detail.PBXCapacity
	more := fleet.PBXSpec{PBXCapacity: fleet.PBXCapacity{
		Extensions: size.Extensions - was.Extensions, ConcurrentCalls: size.ConcurrentCalls - was.ConcurrentCalls,
		RecordingMinutes: max(size.RecordingMinutes, fleet.FreeRecording) - max(was.RecordingMinutes, fleet.FreeRecording) + fleet.FreeRecording,
		Transcription:    size.Transcription - was.Transcription,
	}}
	return s.left(&order{offers: l.offers, typed: form.NewPBX{Spec: more}})
}

func (l *life) customersForm(f fields) views.PBXCustomersForm {
	o := order{v: l.v, offers: l.offers, typed: form.NewPBX{Spec: fleet.PBXSpec{Customers: l.seen.Customers}}}
	panel := o.customers(&fields{v: l.v})
	panel.Find.Error = f.of(form.FieldAdd) + f.of(form.FieldRemove)
	panel.Find.Focus = panel.Find.Error != "" && len(f.wrong) > 0 && slices.Contains([]string{form.FieldAdd, form.FieldRemove}, f.wrong[0].Name)
	out := views.PBXCustomersForm{
		Action: href.PBXAct(int64(l.row.ID), actCustomers), Href: href.Manage(int64(l.row.ID)), Find: panel.Find, Empty: panel.Empty,
	}
	for _, r := range panel.Chosen {
		r.Checked = slices.Contains(l.v[form.FieldRemove], r.ID)
		out.Now = append(out.Now, r)
	}
	if strings.TrimSpace(panel.Find.Value) == "" {
		panel.Found, out.Empty = nil, "A search finds whom to add."
	}
	for _, r := range panel.Found {
		r.Checked = slices.Contains(l.v[form.FieldAdd], r.ID)
		out.Found = append(out.Found, r)
	}
	for _, id := range l.v[form.FieldAdd] { // ticked, and not among those that the search finds
		if n, ok := form.ID(id); ok && !slices.ContainsFunc(out.Found, func(r views.CustomerRow) bool { return r.ID == id }) {
			x, _ := l.offers.Customer(fleet.CustomerID(n))
			x.ID = fleet.CustomerID(n)
			out.Found = append([]views.CustomerRow{customerRow(x, true)}, out.Found...)
		}
	}
	return out
}
