package viewstest

import (
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// ManagePage is what Acme HQ is set to.
func ManagePage() views.PBXManagePage {
	header := PBXHeader("Manage")
	header.Tabs = append(header.Tabs, ui.Tab{Label: "Manage", Href: href.Manage(acme), Current: true})
	header.Bind = ""
	leo := views.CustomerRow{ID: "50086182", Name: "Acme, Leo Ball", Email: "leo@acme.example"}
	return views.PBXManagePage{
		Header: header, Copy: href.CopyPBX(acme), Base: "0a1b2c3d",
		Facts: []ui.Fact{{Label: "Status", Badge: running()}, {Label: "Plan", Text: "Enterprise Plan"}, {Label: "Type", Text: "Commercial"}, {Label: "Activation", Text: "Not activated"}, {Label: "Made", Time: ago(400 * day)}, {Label: "Expires", Time: ago(-90 * day)}},
		Features: views.PBXFeaturesForm{
			Action: href.PBXAct(acme, "features"), Name: ui.Field{Name: "name", Label: "Name", Value: "Acme HQ"},
			Switches: []ui.Radios{onOff("upgradeInPbx", "Firmware upgrade on the PBX", "", "Enabled"), onOff("im", "Internal chat", "From firmware 84.12.0.32 on.", ""),
				onOff("passwordlessLogin", "Passwordless login", "", "Enabled"), onOff("allowSuperiorPasswordlessLogin", "… also for the superior account", "Only together with passwordless login.", "")},
			Optional: []ui.Select{pickOne("pbxApi", "API of the PBX", "", "Leave as it is", "Enabled", "Disabled")},
		},
		Capacity: views.PBXCapacityForm{Action: href.PBXAct(acme, "capacity"), Left: NewPBXPage().Left, Fields: []ui.Field{
			{Name: "extensionCapacity", Label: "Extensions", Value: "20"}, {Name: "concurrentCallCapacity", Label: "Concurrent calls", Value: "10"}, {Name: "recordingCapacity", Label: "Recording minutes", Value: "500", Help: "Fewer than now must be confirmed."}}},
		Customers: views.PBXCustomersForm{Action: href.PBXAct(acme, "customers"), Href: href.Manage(acme), Now: []views.CustomerRow{leo},
			Find:  ui.Field{Name: "customer", Label: "Name, company or e-mail address", Type: "search", Value: "lum"},
			Found: []views.CustomerRow{{ID: "50429564", Name: "Lumen <script>alert(1)</script>", Email: "ada@lumen.example", Checked: true}}},
		Acts: []views.PBXAct{
			{Title: "Stop", Text: "Nobody can call with it until it is started again.", Button: "Stop…", Href: href.PBXAct(acme, "stop"), Danger: true},
			{Title: "Activation mail", Text: "Nobody has activated it yet.", Button: "Send…", Href: href.PBXAct(acme, "activation")},
			{Title: "Delete", Text: "It is stopped first and can't be brought back.", Button: "Delete…", Href: href.PBXAct(acme, "delete"), Danger: true},
		},
	}
}

// ReviewPage is an edit before it is sent.
func ReviewPage() views.ReviewPage {
	return views.ReviewPage{
		Header: ManagePage().Header, Title: "Edit name and switches of Acme HQ", Text: "Yeastar's update is no patch: all of these go out together.", Caption: "What will be sent", Then: "Will be sent",
		Rows: []views.ReviewRow{
			{Verb: "move", Word: "Change", Sign: "~", Label: "Name", Before: "Acme HQ", After: "Acme London"},
			{Verb: "keep", Word: "Keep", Sign: "=", Label: "Passwordless login", Before: "Enabled", After: "Enabled"},
			{Verb: "bind", Word: "Say", Sign: "+", Label: "Internal chat", After: "Enabled"},
		},
		Confirm: views.ReviewConfirm{Action: href.PBXAct(acme, "features"), Fields: [][2]string{{"name", "Acme London"}, {"base", "0a1b2c3d"}}, Button: "Send name and switches to Acme HQ", Note: "Nothing has been sent yet."},
		Back:    href.Manage(acme),
	}
}

func manageScreens() []Screen {
	shell := Shell("Manage Acme HQ", views.SectionFleet, "/pbx/4808/manage")
	wrong := ManagePage()
	wrong.Features.Switches[1].Error, wrong.Features.Switches[1].Focus = "Enabled or Disabled.", true
	wrong.Errors = []ui.FieldError{{Field: "im", Message: "Internal chat: Enabled or Disabled."}}
	wrong.Notices = []ui.Notice{{Tone: ui.Busy, Title: "A change of this PBX is under way, or waits for somebody", Text: "Resize Acme HQ.", Links: []ui.Link{{Label: "Watch it", Href: href.Job("jb_4T9X")}}}}
	away := views.PBXManagePage{Header: ManagePage().Header, Facts: []ui.Fact{{Label: "Address", Text: "acme-hq.eu.ycmcloud.com"}},
		Notices: []ui.Notice{{Tone: ui.Warn, Title: "This PBX can't be managed now", Text: "Yeastar can't be reached. Nothing was sent.", Links: []ui.Link{{Label: "Try again", Href: href.Manage(acme)}}}}}

	resize := ReviewPage()
	resize.Title, resize.Caption, resize.Rows = "Resize Acme HQ", "Capacity", []views.ReviewRow{{Verb: "move", Word: "Change", Sign: "~", Label: "Recording minutes", Before: "500", After: "100"}}
	resize.Confirm = views.ReviewConfirm{Action: href.PBXAct(acme, "capacity"), Danger: true, Button: "Resize Acme HQ",
		Agree: &views.ReviewAgree{Name: "lower", Label: "Lower the recording minutes from 500 to 100", Error: "Tick this if it is meant, or go back."}}
	resize.Errors = []ui.FieldError{{Field: "lower", Message: "Fewer recording minutes than now must be meant."}}

	mail := ReviewPage()
	mail.Title, mail.Rows = "Send the activation mail of Acme HQ", nil
	mail.Confirm = views.ReviewConfirm{Action: href.PBXAct(acme, "activation"), Button: "Send the activation mail",
		Choice: &views.ReviewChoice{Legend: "To", Error: "Choose whom to write to.", Rows: ManagePage().Customers.Now}}
	mail.Errors = []ui.FieldError{{Field: "customerIds", Message: "Choose whom to write to."}}

	remove := ReviewPage()
	remove.Title, remove.Text, remove.Caption = "Delete Acme HQ", "It is stopped first. What is on it is lost; its history stays here.", "What is lost"
	remove.Then = "Afterwards"
	remove.Rows = []views.ReviewRow{{Verb: "unbind", Word: "Lose", Sign: "−", Label: "The PBX", Before: "Running", After: "deleted"}}
	remove.Lists = []views.ReviewList{{Title: "12 numbers that will be free", Numbers: numbers("+44 20 7946 ", 10, 12), More: "and 3 more"}}
	remove.Confirm = views.ReviewConfirm{Action: href.PBXAct(acme, "delete"), Danger: true, Expect: "Acme HQ", Button: "Delete Acme HQ", Name: &ui.Field{Name: "name", Label: "Name of the PBX", Error: "Type the name of the PBX: Acme HQ."}, Reason: &ui.Field{Name: "reason", Label: "Reason", Rows: "2"}}
	remove.Errors = []ui.FieldError{{Field: "name", Message: "Type the name of the PBX: Acme HQ."}}

	kept := remove
	kept.Blocked = ui.Notice{Tone: ui.Bad, Title: "Protected numbers are bound to this PBX", Text: "+44 20 7946 0010. Take the protection off first.", Links: []ui.Link{{Label: "Open its numbers", Href: href.DIDs(acme)}}}
	kept.Notices = []ui.Notice{{Tone: ui.Warn, Title: "This PBX was changed after you opened its settings", Text: "Read " + ago(2*time.Second).Rel + "."}}
	return []Screen{
		screen("manage", shell, views.PBXManage, ManagePage()),
		screen("manage-422", shell, views.PBXManage, wrong),
		screen("manage-away", shell, views.PBXManage, away),
		screen("review", shell, views.Review, ReviewPage()),
		screen("review-lower", shell, views.Review, resize),
		screen("review-mail", shell, views.Review, mail),
		screen("review-delete", shell, views.Review, remove),
		screen("review-blocked", shell, views.Review, kept),
	}
}
