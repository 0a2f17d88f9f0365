package viewstest

import (
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// onOff is a switch as a form shows it; chosen is "Enabled", "Disabled", or nothing yet.
func onOff(name, label, help, chosen string) ui.Radios {
	return ui.Radios{Name: name, Label: label, Help: help, Options: []ui.Option{
		{Value: "Enabled", Label: "Enabled", Selected: chosen == "Enabled"}, {Value: "Disabled", Label: "Disabled", Selected: chosen == "Disabled"}}}
}

// pickOne is a list with its first entry chosen.
func pickOne(name, label, help string, labels ...string) ui.Select {
	s := ui.Select{Name: name, Label: label, Help: help}
	for i, l := range labels {
		s.Options = append(s.Options, ui.Option{Value: l, Label: l, Selected: i == 0})
	}
	return s
}

// NewPBXPage is the form of a new PBX, filled in.
func NewPBXPage() views.NewPBXPage {
	gauge := func(label string, used, ask, left int64, text string) ui.Gauge {
		return ui.Gauge{Label: label, Used: used, Ask: ask, Left: left, Text: text}
	}
	transcription := ui.Field{Name: "transcriptionCapacity", Label: "Extra AI minutes", Help: "Transcription beyond the plan's own. Empty: none."}
	return views.NewPBXPage{
		Href: href.NewPBX, Action: href.Fleet, CSV: href.NewPBXCSV, Key: "k7q2m",
		Region: pickOne("regionId", "Region", "Domains, firmwares and trunks are those of the region.", "Europe (Frankfurt)", "UK (London)"),
		Place: views.NewPlace{
			Domain: pickOne("domainId", "Domain", "", "eu.ycmcloud.com"), Version: pickOne("versionId", "Firmware", "", "84.22.0.134", "84.18.0.59"),
		},
		SubDomain: ui.Field{Name: "subDomain", Label: "Sub-domain", Mono: true, Value: "lumen", Help: "Letters, digits and hyphens."},
		Address:   views.NewAddress{Domain: "eu.ycmcloud.com", URL: "lumen.eu.ycmcloud.com", State: ui.Badge{Tone: ui.Ok, Label: "Free"}},
		Name:      ui.Field{Name: "name", Label: "Name", Value: "Lumen Energy"},
		Plan:      ui.Radios{Name: "plan", Label: "Plan", Options: []ui.Option{{Value: "Enterprise Plan", Label: "Enterprise", Selected: true}, {Value: "Ultimate Plan", Label: "Ultimate"}}},
		Type:      ui.Radios{Name: "type", Label: "Type", Options: []ui.Option{{Value: "Commercial", Label: "Commercial", Selected: true}, {Value: "Trial", Label: "Trial"}}},
		Customers: views.CustomerPanel{
			Help: "At least one, at most 3.", Find: ui.Field{Name: "customer", Label: "Name, company or e-mail address", Type: "search", Value: "lum"},
			Chosen: []views.CustomerRow{{ID: "50086182", Name: "Lumen Energy, Leo Ball", Email: "leo@lumen.example", Checked: true}},
			Found:  []views.CustomerRow{{ID: "50429564", Name: "Lumen <script>alert(1)</script>", Email: "ada@lumen.example"}}, Summary: "1 customer",
			Create: views.CustomerForm{Action: href.NewCustomer, Fields: []ui.Field{{Name: "customer.company", Label: "Company"}, {Name: "customer.firstName", Label: "First name"}, {Name: "customer.email", Label: "E-mail address"}}},
		},
		Extensions: ui.Field{Name: "extensionCapacity", Label: "Extensions", Value: "20", Help: "From 1 to 500."},
		Calls:      ui.Field{Name: "concurrentCallCapacity", Label: "Concurrent calls", Value: "10"},
		Recording:  ui.Field{Name: "recordingCapacity", Label: "Recording minutes", Value: "1500", Help: "0 turns recording off."},
		Left: views.LeftPanel{Read: ago(20 * time.Second), Note: "The subscription lasts until 21 November 2027.", Gauges: []ui.Gauge{
			gauge("Extensions", 1370, 20, 630, "20 of 630 left"), gauge("Concurrent calls", 385, 10, 115, "10 of 115 left"), gauge("Recording minutes", 0, 1000, 5000, "1,000 of 5,000 left")}},
		Expiry:  ui.Field{Name: "expirationDate", Label: "Expires on", Type: "date", Value: "2027-12-31", Help: "At the beginning of this day, UTC."},
		RunsOn:  ui.Radios{Name: "allowRunAfterExpirationDate", Label: "After it has expired", Options: []ui.Option{{Value: "true", Label: "It keeps running", Selected: true}, {Value: "false", Label: "It stops"}}},
		Upgrade: onOff("upgradeInPbx", "Firmware upgrade on the PBX", "", "Enabled"), Firmware: views.NewFirmware{IM: onOff("im", "Internal chat", "From firmware 84.12.0.32 on.", "Enabled"), Transcription: &transcription},
		Passwordless: onOff("passwordlessLogin", "Passwordless login", "", "Disabled"), Superior: onOff("allowSuperiorPasswordlessLogin", "… also for the superior account", "Only together with passwordless login.", "Disabled"),
		ViaTemplate: pickOne("provisioningViaTemplate", "Provisioning by template", "", "Not said", "Enabled", "Disabled"), Template: pickOne("provisionTemplateId", "Template", "", "None", "Reception"),
		Numbers: views.NewNumbers{Open: true, Pick: views.PickPanel{Trunks: []ui.Option{{Value: "6681", Label: "Colt Frankfurt", Selected: true}}, Summary: "1 of 1 free number on Colt Frankfurt",
			Rows: []views.PickRow{{Pair: "6681:50036", Number: "+49 69 9120 0036", Name: "Main line", Checked: true}}}},
		Mail: true,
	}
}

func newPBXScreens() []Screen {
	shell := Shell("New PBX", views.SectionFleet, "/pbx/new")
	fresh := NewPBXPage()
	fresh.Address, fresh.Numbers = views.NewAddress{}, views.NewNumbers{Closed: "They can be chosen once there is a region and a firmware."}
	fresh.Customers.Chosen, fresh.Customers.Found, fresh.Customers.Empty = nil, nil, "This account has no customer yet. Make the first one below."
	fresh.Firmware.Transcription, fresh.SubDomain.Value, fresh.Name.Value = nil, "", ""

	wrong := NewPBXPage()
	wrong.Address = views.NewAddress{Domain: "eu.ycmcloud.com", URL: "lumen.eu.ycmcloud.com", State: ui.Badge{Tone: ui.Bad, Label: "Taken"}, Text: "It belongs to ", Owner: ui.Link{Label: "Lumen Print", Href: href.PBX(4822)}}
	wrong.SubDomain.Error, wrong.SubDomain.Focus = "lumen.eu.ycmcloud.com is taken by Lumen Print (4822).", true
	wrong.RunsOn.Error, wrong.RunsOn.Options[0].Selected = "Say whether the PBX runs on after it has expired.", false
	wrong.Customers.Error = "Choose at least one customer."
	wrong.Left.Gauges[0].Short, wrong.Left.Gauges[0].Ask, wrong.Left.Gauges[0].Text = true, 700, "700 asked for, 630 left"
	wrong.Errors = []ui.FieldError{{Field: "subDomain", Message: "Sub-domain: " + wrong.SubDomain.Error}, {Field: "customer", Message: "Customers: " + wrong.Customers.Error}, {Field: "allowRunAfterExpirationDate", Message: wrong.RunsOn.Error}}
	wrong.Customers.Create.Open, wrong.Customers.Create.Errors = true, []ui.FieldError{{Field: "customer.email", Message: "An e-mail address: the activation mail goes there."}}

	away := NewPBXPage()
	away.Notices = []ui.Notice{{Tone: ui.Warn, Title: "What there is to choose could not be read from Yeastar", Text: "Yeastar can't be reached. What you typed stays."}}
	away.Place.Domain = pickOne("domainId", "Domain", "", "4 (not looked up)")
	away.Left = views.LeftPanel{Note: "It could not be read what is left."}
	return []Screen{
		screen("newpbx", shell, views.NewPBX, NewPBXPage()),
		screen("newpbx-fresh", shell, views.NewPBX, fresh),
		screen("newpbx-422", shell, views.NewPBX, wrong),
		screen("newpbx-away", shell, views.NewPBX, away),
		part("newpbx-parts", views.NewPBXParts, NewPBXPage()),
		part("newpbx-left", views.NewPBXLeft, NewPBXPage().Left),
		part("newpbx-customers", views.NewPBXCustomers, NewPBXPage().Customers),
	}
}
