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
		Last: ago(2 * time.Minute), BarsText: "118 reports in 24 hours, 2 dead",
	}
	for i, n := range []int{2, 1, 0, 0, 1, 0, 3, 6, 9, 8, 12, 7, 5, 9, 11, 8, 6, 4, 7, 5, 3, 2, 1, 8} {
		bar := views.HealthBar{Good: n, Text: time.Date(2026, 11, 20, 15+i, 0, 0, 0, time.UTC).Format("15:04") + " UTC"}
		if i == 10 || i == 16 {
			bar.Bad = 1
		}
		health.Bars = append(health.Bars, bar)
	}
	return health
}

// HomePage is an ordinary afternoon with two things to look at.
func HomePage() views.HomePage {
	page := views.HomePage{
		Headline: "3 PBXs need you", Sentence: "38 of 40 were verified within the last 10 minutes. The next sweep starts in 4 minutes.",
		Fleet: fleetBar(), Webhooks: pulse(), AllPlans: href.Plans, AllHooks: href.Webhooks,
		Attention: []views.AttentionRow{
			{State: drifted(), Subject: ui.Link{Label: "Bellweather Insurance", Href: href.PBX(4812)}, Sentence: "2 numbers were removed outside Cordboard between 13:48 and 13:52 UTC.", Time: ago(20 * time.Minute), Action: ui.Link{Label: "See what changed", Href: href.History(4812)}},
			{State: drifted(), Subject: ui.Link{Label: "Saltmarsh Seafood", Href: href.PBX(4842)}, Sentence: "1 number moved from Colt London to BT Wholesale outside Cordboard.", Time: ago(3 * time.Hour), Action: ui.Link{Label: "See what changed", Href: href.History(4842)}},
			{State: ui.Badge{Tone: ui.Ask, Label: "Unknown"}, Subject: ui.Link{Label: "Harbour Dental", Href: href.PBX(4824)}, Sentence: "The answer to a write never came. Cordboard is reading until it is settled.", Time: ago(90 * time.Second), Action: ui.Link{Label: "Watch the plan", Href: href.Plan("pl_9C4D")}},
		},
		Plans: PlansPage().Rows[:2],
		Changes: []views.ChangeRow{
			{Time: ago(2 * time.Minute), PBX: ui.Link{Label: "Acme HQ", Href: href.PBX(4808)}, Source: "Cordboard", Removed: []ui.Number{{Text: "+44 20 7946 0031", Tone: ui.Bad}}, Added: []ui.Number{{Text: "+44 20 7946 0018", Tone: ui.Ok}, {Text: "+44 20 7946 0019", Tone: ui.Ok}}, By: ui.Link{Label: "ana.perez", Href: href.Plan("pl_7Q2M")}},
			{Time: ago(20 * time.Minute), PBX: ui.Link{Label: "Bellweather Insurance", Href: href.PBX(4812)}, Source: "Sweep", Removed: []ui.Number{{Text: "+44 161 496 0700", Tone: ui.Bad}, {Text: "+44 161 496 0701", Tone: ui.Bad}}},
			{Time: ago(47 * time.Minute), PBX: ui.Link{Label: "Stein Elektro", Href: href.PBX(4843)}, Source: "Webhook", Added: []ui.Number{{Text: "+49 69 90009 412", Tone: ui.Ok}}},
			{Time: ago(3 * time.Hour), PBX: ui.Link{Label: "Saltmarsh Seafood", Href: href.PBX(4842)}, Source: "Webhook", Removed: []ui.Number{{Text: "+44 20 7946 0550", Trunk: "Colt London", Tone: ui.Bad}}, Added: []ui.Number{{Text: "+44 20 7946 0550", Trunk: "BT Wholesale", Tone: ui.Ok}}},
			{Time: ago(9 * time.Hour), PBX: ui.Link{Label: "Granary Wharf Hotel", Href: href.PBX(4823)}, Source: "Cordboard", Added: []ui.Number{{Text: "+44 113 496 0200", Tone: ui.Ok}, {Text: "+44 113 496 0201", Tone: ui.Ok}, {Text: "+44 113 496 0202", Tone: ui.Ok}}, More: "and 21 more", By: ui.Link{Label: "ben.ward", Href: href.Plan("pl_2F8K")}},
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
	calm.Attention, calm.Plans, calm.Changes = nil, nil, nil
	calm.Fleet = ui.Bar{Label: "State of the fleet", Segments: []ui.Segment{{Tone: ui.Ok, Label: "In sync", Count: 40, Href: "/pbx?state=in_sync"}, {Tone: ui.Bad, Label: "Drifted", Href: "/pbx?state=drifted"}, {Tone: ui.Warn, Label: "Stale", Href: "/pbx?state=stale"}, {Tone: ui.Ask, Label: "Unknown", Href: "/pbx?state=unknown"}}}
	for i := range calm.Board {
		calm.Board[i].Tone = ui.Ok
	}
	fresh := views.HomePage{Fresh: true, FreshText: "Cordboard reads the fleet with the client id and secret of YCM's Open API (in YCM: System, API). Start it with --ycm-client-id and --ycm-client-secret.", FreshNext: ui.Link{Label: "See the fleet", Href: href.Fleet}}
	return []Screen{
		screen("home", shell, views.Home, HomePage()),
		screen("home-calm", shell, views.Home, calm),
		screen("home-fresh", shell, views.Home, fresh),
	}
}
