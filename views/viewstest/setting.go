package viewstest

import (
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// connectionPage is that of a fresh installation.
func connectionPage() views.SettingPage {
	return views.SettingPage{
		Title: "Connection to YCM", Lead: "The account whose PBXs Cordboard looks after. Its id and secret stand in YCM under System > API.",
		Form: views.SettingForm{Action: href.Yeastar, Button: "Test and connect", Test: "Only test", Present: true, Fields: []ui.Field{
			{Name: "base_url", Label: "Address of YCM", Value: "https://ycm.yeastar.com", Mono: true, Help: "https://ycm.yeastar.com for the hosted YCM."},
			{Name: "client_id", Label: "Client id", Mono: true},
			{Name: "client_secret", Label: "Client secret", Type: "password", Mono: true, Help: "It is stored encrypted."},
			{Name: "rate_per_minute", Label: "Requests per minute", Type: "number", Value: "100", Help: "Our own limit."},
		}},
		Stands: "How it stands", Text: []string{"In YCM, open System > API, switch the API on, and copy the client id and the client secret."},
		Facts: []ui.Fact{{Label: "State", Badge: ui.Badge{Tone: ui.Ask, Label: "Not connected"}}}, Live: "fleet",
		Record: ui.Link{Label: "See who changed settings", Href: href.With(href.Audit, "action", "settings.update")},
	}
}

// connectionRefused is what another account gets.
func connectionRefused() views.SettingPage {
	p := connectionPage()
	p.Form.Agree = views.SettingAgree{Name: "other_account", Text: "This account took the place of the other one."}
	p.Form.Fields[2].Error = "Yeastar refused the sign-in: client authentication failed, code 1000033."
	p.Form.Errors = []ui.FieldError{{Field: "client_secret", Message: p.Form.Fields[2].Error}, {Field: "other_account", Message: "This account knows none of the PBXs that are on record."}}
	return p
}

// connectionFixed is one that the start gave, after a test.
func connectionFixed() views.SettingPage {
	p := connectionPage()
	p.Given = []ui.Fact{{Label: "Address of YCM", Text: "https://ycm.yeastar.com · fixed by CORDBOARD_YCM_URL"}, {Label: "Client secret", Text: "Set · fixed by CORDBOARD_YCM_CLIENT_SECRET"}}
	p.Form.Fields, p.Form.Button, p.Form.Test = nil, "", "Test"
	p.Notices = []ui.Notice{{Tone: ui.Ok, Title: "YCM accepts this client id and secret", Text: "Nothing was saved."}}
	p.Stands, p.Text, p.Live = "What the test saw", nil, ""
	p.Facts = []ui.Fact{{Label: "Regions", Text: "China(GuangDong), Asia Pacific(Singapore)"}, {Label: "PBXs", Text: "42"}, {Label: "Shared trunks", Text: "3"}, {Label: "Clock", Text: "The same as this machine's, to two seconds"}}
	return p
}

// doctorPage has something of every level.
func doctorPage() views.DoctorPage {
	return views.DoctorPage{Headline: "1 thing wrong with this installation", Sentence: "What was looked at, just now.", Rows: []views.DoctorRow{
		{State: ui.Badge{Tone: ui.Bad, Label: "Wrong"}, Check: "Webhook", What: "The webhook has no secret: every report is refused.", Mend: "Set it up in YCM's portal, and enter its secret.", Link: ui.Link{Label: "Go there", Href: href.WebhookSetup}},
		{State: ui.Badge{Tone: ui.Warn, Label: "Look"}, Check: "Admins", What: "There is only one admin.", Mend: "Invite a colleague as admin.", Link: ui.Link{Label: "Go there", Href: href.Users}},
		{State: ui.Badge{Tone: ui.Ok, Label: "Fine"}, Check: "Clock", What: "This machine's clock and YCM's agree, as far as YCM told its own."},
	}}
}
