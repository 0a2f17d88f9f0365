package viewstest

import (
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

func pulse() views.WebhookHealth {
	health := views.WebhookHealth{
		State: ui.Badge{Tone: ui.Ok, Label: "Healthy"}, Sentence: "The last report came 2 min ago. Every write of the last 24 hours was echoed.",
		Last: ago(2 * time.Minute), Days: ui.Columns{Text: "118 reports in 24 days", From: "29 Oct", To: "today"},
	}
	for i, n := range []int{2, 1, 0, 0, 1, 0, 3, 6, 9, 8, 12, 7, 5, 9, 11, 8, 6, 4, 7, 5, 3, 2, 1, 8} {
		bar := ui.Column{Good: n, Text: time.Date(2026, 10, 29+i, 0, 0, 0, 0, time.UTC).Format("2 Jan")}
		if i == 10 || i == 16 {
			bar.Bad = 1
		}
		health.Days.List = append(health.Days.List, bar)
	}
	return health
}

// HomePage is an ordinary afternoon with two things to look at.
func HomePage() views.HomePage {
	page := views.HomePage{
		Headline: "3 PBXs need you", Sentence: "38 of 40 were verified within the last 10 minutes. The next sweep starts in 4 minutes.",
		Fleet: fleetBar(), Webhooks: pulse(), More: []ui.Link{{Label: "All 9 open drifts", Href: href.Drifts}},
		Drift: ui.Columns{Text: "4 drifts in 5 days", From: "17 Nov", To: "today", List: []ui.Column{{Bad: 1, Text: "17 Nov: 1 drift"}, {Text: "18 Nov: 0 drifts"}, {Bad: 3, Text: "19 Nov: 3 drifts"}, {Text: "20 Nov: 0 drifts"}, {Text: "21 Nov: 0 drifts"}}},
		Pass:  views.PassCard{State: ui.Badge{Tone: ui.Ok, Label: "Complete"}, Sentence: "40 of 40 PBXs verified in 12 s.", Href: "/passes/12", Time: ago(6 * time.Minute)},
		Trunks: []views.TrunkMeter{
			{Name: "BT Wholesale_NT9H01", Href: "/trunks/6682?use=free", Bar: carried(6682, 31, 1), Free: "1 free"},
			{Name: "Colt London_32YFS4", Href: "/trunks/6681?use=free", Bar: carried(6681, 210, 10), Free: "10 free"},
		},
		AllTrunks: ui.Link{Label: "All trunks", Href: href.Trunks},
		Work: []views.WorkRow{
			{State: ui.Badge{Tone: ui.Busy, Label: "Running"}, Title: ui.Link{Label: "Move 2 numbers from Acme HQ to Stein Elektro", Href: "/jobs/x"}, Text: "Move · ana.perez"},
			{State: ui.Badge{Tone: ui.Busy, Label: "Draft"}, Title: ui.Link{Label: "Unbind 1 and bind 2 numbers", Href: href.Plan("pl_7Q2M")}, Text: "Acme HQ · ana.perez · expires in 14 min"},
		},
		Attention: []views.AttentionRow{
			{State: drifted(), Subject: ui.Link{Label: "Bellweather Insurance", Href: href.PBX(4812)}, Sentence: "2 numbers were removed outside Cordboard between 13:48 and 13:52 UTC.", Time: ago(20 * time.Minute), Action: ui.Link{Label: "See what changed", Href: href.History(4812)}},
			{State: drifted(), Subject: ui.Link{Label: "Saltmarsh Seafood", Href: href.PBX(4842)}, Sentence: "1 number moved from Colt London to BT Wholesale outside Cordboard.", Time: ago(3 * time.Hour), Action: ui.Link{Label: "See what changed", Href: href.History(4842)}},
			{State: ui.Badge{Tone: ui.Ask, Label: "Unknown"}, Subject: ui.Link{Label: "Harbour Dental", Href: href.PBX(4824)}, Sentence: "The answer to a write never came. Cordboard is reading until it is settled.", Time: ago(90 * time.Second), Action: ui.Link{Label: "Watch the plan", Href: href.Plan("pl_9C4D")}},
		},
		Changes: []views.ChangeRow{
			{Time: ago(2 * time.Minute), Subject: ui.Link{Label: "Acme HQ", Href: href.PBX(4808)}, Text: "Cordboard", Removed: []ui.Number{{Text: "+44 20 7946 0031", Tone: ui.Bad}}, Added: []ui.Number{{Text: "+44 20 7946 0018", Tone: ui.Ok}, {Text: "+44 20 7946 0019", Tone: ui.Ok}}, By: ui.Link{Label: "ana.perez", Href: href.Plan("pl_7Q2M")}},
			{Time: ago(20 * time.Minute), Subject: ui.Link{Label: "Bellweather Insurance", Href: href.PBX(4812)}, Text: "Sweep", Removed: []ui.Number{{Text: "+44 161 496 0700", Tone: ui.Bad}, {Text: "+44 161 496 0701", Tone: ui.Bad}}},
			{Time: ago(47 * time.Minute), Subject: ui.Link{Label: "Stein Elektro", Href: href.PBX(4843)}, Text: "Webhook", Added: []ui.Number{{Text: "+49 69 90009 412", Tone: ui.Ok}}},
			{Time: ago(3 * time.Hour), Subject: ui.Link{Label: "Saltmarsh Seafood", Href: href.PBX(4842)}, Text: "Webhook", Removed: []ui.Number{{Text: "+44 20 7946 0550", Trunk: "Colt London", Tone: ui.Bad}}, Added: []ui.Number{{Text: "+44 20 7946 0550", Trunk: "BT Wholesale", Tone: ui.Ok}}},
			{Time: ago(9 * time.Hour), Subject: ui.Link{Label: "Granary Wharf Hotel", Href: href.PBX(4823)}, Text: "Cordboard", Added: []ui.Number{{Text: "+44 113 496 0200", Tone: ui.Ok}, {Text: "+44 113 496 0201", Tone: ui.Ok}, {Text: "+44 113 496 0202", Tone: ui.Ok}}, More: "and 21 more", By: ui.Link{Label: "ben.ward", Href: href.Plan("pl_2F8K")}},
		},
	}
	for i, p := range fleet() {
		text := p.name + ": " + p.sync.Label
		if p.sentence != "" {
			text += ". " + p.sentence
		}
		page.Board = append(page.Board, views.Lamp{Tone: p.sync.Tone, Text: text, Href: href.PBX(int64(4808 + i))})
	}
	return page
}

func homeScreens() []Screen {
	shell := Shell("", views.SectionHome, "/")
	calm := HomePage()
	calm.Headline, calm.Sentence = "All 40 PBXs are in sync", "Every one was verified within the last 10 minutes."
	calm.Attention, calm.More, calm.Work, calm.Changes, calm.Trunks = nil, nil, nil, nil, nil
	calm.Fleet = ui.Bar{Label: "State of the fleet", Segments: []ui.Segment{{Tone: ui.Ok, Label: "In sync", Count: 40, Href: "/pbx?state=in_sync"}, {Tone: ui.Bad, Label: "Drifted", Href: "/pbx?state=drifted"}, {Tone: ui.Warn, Label: "Stale", Href: "/pbx?state=stale"}, {Tone: ui.Ask, Label: "Unknown", Href: "/pbx?state=unknown"}}}
	for i := range calm.Board {
		calm.Board[i].Tone = ui.Ok
	}
	fresh := views.HomePage{Fresh: []views.FirstStep{
		{State: ui.Badge{Tone: ui.Ok, Label: "Done"}, Title: "1. Connect YCM", Text: "Cordboard has a client id and secret for YCM's Open API."},
		{State: ui.Badge{Tone: ui.Busy, Label: "Next"}, Title: "2. Set up the webhook", Text: "Yeastar reports every change of numbers to an address of Cordboard.", Next: ui.Link{Label: "How to set it up", Href: href.WebhookSetup}},
		{State: ui.Badge{Tone: ui.Mute, Label: "None yet"}, Title: "3. The first pass", Text: "No pass has run yet."},
	}}
	return []Screen{
		screen("home", shell, views.Home, HomePage()),
		screen("home-calm", shell, views.Home, calm),
		screen("home-fresh", shell, views.Home, fresh),
	}
}
