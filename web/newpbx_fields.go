package web

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// presentOrder is the form with what was typed, what there is to choose, and what is wrong.
func (s *Server) presentOrder(ctx context.Context, o *order) views.NewPBXPage {
	f := fields{v: o.v, wrong: o.wrong}
	spec := o.typed.Spec
	view := views.NewPBXPage{
		Href: href.NewPBX, Action: href.Fleet, CSV: href.NewPBXCSV, Key: o.typed.Key, Notices: o.notices,
		Region: f.choice(ui.Select{Name: form.FieldRegion, Label: "Region", Help: "Domains, firmwares and trunks are those of the region."}, "Choose a region", o.regions(), number(spec.Region)),
		Place: views.NewPlace{
			Domain:  f.choice(ui.Select{Name: form.FieldDomain, Label: "Domain"}, o.firstOf("Choose a domain"), o.domains(), number(spec.Domain)),
			Version: f.choice(ui.Select{Name: form.FieldVersion, Label: "Firmware"}, o.firstOf("Choose a firmware"), o.firmwares(), number(spec.Version)),
		},
		SubDomain: f.text(ui.Field{Name: form.FieldSubDomain, Label: "Sub-domain", Mono: true, Help: "Letters, digits and hyphens. It stands before the domain, and is checked for being free."}),
		Address:   s.address(o),
		Name:      f.text(ui.Field{Name: form.FieldPBXName, Label: "Name"}),
		Plan:      f.radios(ui.Radios{Name: form.FieldPlan, Label: "Plan"}, string(fleet.EnterprisePlan), "Enterprise", string(fleet.UltimatePlan), "Ultimate"),
		Type:      f.radios(ui.Radios{Name: form.FieldType, Label: "Type"}, string(fleet.Commercial), "Commercial", string(fleet.Trial), "Trial"),
		Customers: o.customers(&f),

		Extensions: f.text(ui.Field{Name: form.FieldExtensions, Label: "Extensions", Help: fmt.Sprintf("From 1 to %d.", fleet.MaxExtensions)}),
		Calls:      f.text(ui.Field{Name: form.FieldCalls, Label: "Concurrent calls", Help: "From 1."}),
		Recording:  f.text(ui.Field{Name: form.FieldRecording, Label: "Recording minutes", Help: fmt.Sprintf("0 turns recording off. %d are free, the rest comes out of the subscription.", fleet.FreeRecording)}),
		Left:       s.left(o),
		Expiry:     f.day(ui.Field{Name: form.FieldExpiry, Label: "Expires on", Help: "At the beginning of this day, UTC. Empty: never."}),
		RunsOn: f.radios(ui.Radios{Name: form.FieldRunsOn, Label: "After it has expired", Help: "Needed with a day."},
			"true", "It keeps running", "false", "It stops"),

		Upgrade:      f.onOff(ui.Radios{Name: form.FieldUpgrade, Label: "Firmware upgrade on the PBX"}),
		Firmware:     o.byFirmware(&f),
		Passwordless: f.onOff(ui.Radios{Name: form.FieldPasswordless, Label: "Passwordless login"}),
		Superior:     f.onOff(ui.Radios{Name: form.FieldSuperior, Label: "… also for the superior account", Help: "Only together with passwordless login."}),
		ViaTemplate: f.choice(ui.Select{Name: form.FieldViaTemplate, Label: "Provisioning by template"}, "Not said", []ui.Option{
			{Value: string(fleet.On), Label: "Enabled"}, {Value: string(fleet.Off), Label: "Disabled"}}, string(spec.ViaTemplate)),
		Template: f.choice(ui.Select{Name: form.FieldTemplate, Label: "Template", Help: "Applied at the first start. Needs provisioning by template."}, "None", o.templates(), number(spec.Template)),
		Mail:     o.typed.Mail,
	}
	view.Numbers = s.newNumbers(ctx, o)
	view.Errors = o.errors(f)
	return view
}

// errors are the lines of the summary above the form.
func (o *order) errors(f fields) []ui.FieldError {
	var list []ui.FieldError
	if o.trouble != "" {
		list = append(list, ui.FieldError{Message: strings.TrimSpace(o.trouble)})
	}
	for _, w := range f.wrong {
		anchor := w.Name
		switch {
		case w.Name == form.FieldCustomers:
			anchor = fieldCustomer
		case w.Name == form.FieldBind:
			anchor = "h-first"
		case !slices.Contains(form.NewPBXFields(), w.Name), w.Name == form.FieldTranscription && o.byFirmware(&f).Transcription == nil:
			anchor = ""
		}
		list = append(list, ui.FieldError{Field: anchor, Message: labelOf(w.Name) + w.Rule})
	}
	return list
}

// labelOf is a field's label in a summary, where the rule alone does not tell what it is about.
func labelOf(field string) string {
	label := map[string]string{
		form.FieldPBXName: "Name", form.FieldPlan: "Plan", form.FieldExtensions: "Extensions", form.FieldCalls: "Concurrent calls", form.FieldRecording: "Recording minutes",
		form.FieldTranscription: "Extra AI minutes", form.FieldRegion: "Region", form.FieldSubDomain: "Sub-domain", form.FieldDomain: "Domain", form.FieldType: "Type",
		form.FieldExpiry: "Expires on", form.FieldRunsOn: "After it has expired", form.FieldVersion: "Firmware", form.FieldCustomers: "Customers",
		form.FieldUpgrade: "Firmware upgrade on the PBX", form.FieldIM: "Internal chat", form.FieldPasswordless: "Passwordless login",
		form.FieldSuperior: "Passwordless login of the superior account", form.FieldViaTemplate: "Provisioning by template", form.FieldTemplate: "Template",
		form.FieldBind: "First numbers", form.FieldAPI: "API of the PBX", form.FieldTrunkAccess: "Trunks by its users",
	}[field]
	if label == "" {
		return ""
	}
	return label + ": "
}

func number[ID ~int64](id ID) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

func (o *order) regions() []ui.Option {
	return listed(o.offers.Regions, func(r fleet.Region) (string, string) { return number(r.ID), r.Name })
}

func (o *order) domains() []ui.Option {
	return listed(o.offers.Domains, func(d fleet.Domain) (string, string) { return number(d.ID), d.Name })
}

// firmwares are those of the region, the newest first.
func (o *order) firmwares() []ui.Option {
	list := slices.Clone(o.offers.Firmwares)
	slices.SortStableFunc(list, func(a, b fleet.FirmwareChoice) int {
		if a.Version.AtLeast(b.Version) {
			return -1
		}
		return 1
	})
	return listed(list, func(v fleet.FirmwareChoice) (string, string) { return number(v.ID), string(v.Version) })
}

func (o *order) templates() []ui.Option {
	return listed(o.offers.Templates, func(t fleet.Template) (string, string) { return number(t.ID), t.Name })
}

// firstOf is the line of a list before anything is chosen.
func (o *order) firstOf(words string) string {
	if o.typed.Spec.Region == 0 {
		return "Choose a region first"
	}
	return words
}

func listed[T any](list []T, of func(T) (value, label string)) []ui.Option {
	out := make([]ui.Option, 0, len(list))
	for _, x := range list {
		value, label := of(x)
		out = append(out, ui.Option{Value: value, Label: label})
	}
	return out
}

// byFirmware is what depends on the chosen firmware; while none is chosen, everything is offered.
func (o *order) byFirmware(f *fields) views.NewFirmware {
	im := ui.Radios{Name: form.FieldIM, Label: "Internal chat", Help: "From firmware " + string(fleet.FirmwareIM) + " on."}
	var out views.NewFirmware
	v, known := o.offers.Firmware(o.typed.Spec.Version)
	if known && !v.Version.AtLeast(fleet.FirmwareIM) {
		im.Help = "Firmware " + string(v.Version) + " has none: it comes with " + string(fleet.FirmwareIM) + "."
		if f.of(form.FieldIM) == "" { // while it is wrong, what was chosen is shown
			f.v = with(f.v, form.FieldIM, string(fleet.Off))
		}
	}
	out.IM = f.onOff(im)
	if known && v.Version.AtLeast(fleet.FirmwareTranscription) || f.v.Get(form.FieldTranscription) != "" {
		ai := f.text(ui.Field{Name: form.FieldTranscription, Label: "Extra AI minutes", Help: "Transcription beyond the plan's own. Empty: none."})
		out.Transcription = &ai
	}
	return out
}
