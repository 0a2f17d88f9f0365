package viewstest

import (
	"fmt"
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

type samplePBX struct {
	name, sub, region, firmware string
	numbers                     int
	sync, status                ui.Badge
	sentence                    string
	verified, changed           time.Duration
}

func inSync() ui.Badge  { return ui.Badge{Tone: ui.Ok, Label: "In sync"} }
func drifted() ui.Badge { return ui.Badge{Tone: ui.Bad, Label: "Drifted"} }
func running() ui.Badge { return ui.Badge{Label: "Running"} }

// fleet is forty small businesses in three regions.
func fleet() []samplePBX {
	names := []string{
		"Acme HQ", "Aldgate Legal", "Ashdown Vets", "Bakerloo Logistics", "Bellweather Insurance", "Bramble & Finch", "Café Lindqvist", "Cedar Row Surgery",
		"Chiltern Timber", "Copperfield School", "Dock Street Studios", "Eastgate Motors", "Elmbridge Housing", "Fennel Catering", "Fjord Outdoor", "Granary Wharf Hotel",
		"Harbour Dental", "Hartmann Optik", "Highfield Nursery", "Ironbridge Tools", "Juniper Travel", "Kestrel Security", "Kupfer & Söhne", "Larkspur Florists",
		"Lumen Energy", "Mansell Architects", "Meridian Freight", "Nightingale Care", "Norden Bau", "Oakham Brewery", "Orchard Pharmacy", "Pemberton Estates",
		"Quayside Clinic", "Rowan Accountants", "Saltmarsh Seafood", "Stein Elektro", "Thornbury Council", "Umbra Lighting", "Vale Print", "Wexford Agri",
	}
	regions := []string{"Europe (Frankfurt)", "UK (London)", "Asia Pacific (Singapore)"}
	firmwares := []string{"84.22.0.134", "84.21.0.66", "84.22.0.134", "84.19.0.22", "84.18.0.59"}
	var all []samplePBX
	for i, name := range names {
		p := samplePBX{
			name: name, sub: fmt.Sprintf("%s%d.eu.ycmcloud.com", []string{"hq", "main", "office", "tel"}[i%4], 100+i*7), region: regions[(i*i+i/3)%3], firmware: firmwares[(i*3+i/5)%5],
			numbers: 4 + (i*37)%61, sync: inSync(), status: running(), verified: time.Duration(40+i*13) * time.Second, changed: time.Duration(3+i*i%97) * 11 * time.Hour,
		}
		switch i {
		case 4:
			p.sync, p.sentence = drifted(), "2 numbers were removed outside Cordboard."
			p.changed = 20 * time.Minute
		case 9:
			p.sync, p.sentence, p.verified = ui.Badge{Tone: ui.Warn, Label: "Stale"}, "Not read for 3 h: Yeastar throttled the sweep.", 3*time.Hour
		case 13:
			p.status = ui.Badge{Tone: ui.Mute, Label: "Stopped"}
		case 16:
			p.sync, p.sentence, p.verified = ui.Badge{Tone: ui.Ask, Label: "Unknown"}, "A write timed out; reading until it is settled.", 90*time.Second
		case 21:
			p.status = ui.Badge{Tone: ui.Busy, Label: "Upgrading"}
		case 28:
			p.sync, p.sentence, p.verified = ui.Badge{Tone: ui.Mute, Label: "Gone"}, "Deleted in YCM on 3 Nov; its history stays.", 18*day
			p.status, p.numbers = ui.Badge{Tone: ui.Mute, Label: "Deleted"}, 0
		case 34:
			p.sync, p.sentence = drifted(), "1 number moved to another trunk."
		}
		all = append(all, p)
	}
	all[0].sub, all[0].region, all[0].firmware, all[0].numbers = "acme-hq.eu.ycmcloud.com", regions[0], "84.22.0.134", 12
	return all
}

func fleetBar() ui.Bar {
	return ui.Bar{Label: "State of the fleet", Segments: []ui.Segment{
		{Tone: ui.Ok, Label: "In sync", Count: 35, Href: "/pbx?state=in_sync"},
		{Tone: ui.Bad, Label: "Drifted", Count: 2, Href: "/pbx?state=drifted"},
		{Tone: ui.Warn, Label: "Stale", Count: 1, Href: "/pbx?state=stale"},
		{Tone: ui.Ask, Label: "Unknown", Count: 1, Href: "/pbx?state=unknown"},
		{Tone: ui.Mute, Label: "Gone", Count: 1, Href: "/pbx?state=gone"},
	}}
}

// FleetPage is the whole sample fleet on one page.
func FleetPage() views.FleetPage {
	page := views.FleetPage{
		Bar: fleetBar(), Clear: href.Fleet, Import: ui.Link{Label: "From a spreadsheet", Href: href.Bulk}, Live: "fleet", New: href.NewPBX,
		Facets: []ui.Select{
			{Name: "region", Label: "Region", Options: []ui.Option{{Label: "All regions", Selected: true}, {Value: "Europe (Frankfurt)", Label: "Europe (Frankfurt)", Count: "14"}, {Value: "UK (London)", Label: "UK (London)", Count: "13"}, {Value: "Asia Pacific (Singapore)", Label: "Asia Pacific (Singapore)", Count: "13"}}},
			{Name: "status", Label: "Status", Options: []ui.Option{{Label: "Any status", Selected: true}, {Value: "Running", Label: "Running", Count: "37"}, {Value: "Stopped", Label: "Stopped", Count: "1"}}},
			{Name: "firmware", Label: "Firmware", Options: []ui.Option{{Label: "Any firmware", Selected: true}, {Value: "84.22.0.134", Label: "84.22.0.134", Count: "16"}}},
		},
		Heads: []ui.Head{
			{Label: "PBX", Href: "/pbx?sort=-name", Sort: "ascending"}, {Label: "Bindings", Href: "/pbx?sort=state"}, {Label: "Status"},
			{Label: "Numbers", Href: "/pbx?sort=-numbers", Class: "num"}, {Label: "Region"}, {Label: "Firmware"}, {Label: "Changed", Href: "/pbx?sort=-updated"},
		},
		Pager: ui.Pager{Summary: "40 PBXs", CSV: "/pbx.csv", Sizes: []ui.Option{{Label: "50", Href: "/pbx", Selected: true}, {Label: "100", Href: "/pbx?page_size=100"}, {Label: "200", Href: "/pbx?page_size=200"}}},
	}
	for i, p := range fleet() {
		row := views.FleetRow{
			Href: href.PBX(int64(4808 + i)), Name: p.name, URL: p.sub, Truth: known(p.sync, p.sentence, p.verified),
			Status: p.status, Numbers: fmt.Sprint(p.numbers), Region: p.region, Firmware: p.firmware, Changed: ago(p.changed),
		}
		if i%3 == 1 {
			row.Truth.By = "by webhook"
		}
		if p.firmware == "84.18.0.59" {
			row.Old = "too old to change DIDs"
		}
		page.Rows = append(page.Rows, row)
	}
	return page
}

func fleetScreens() []Screen {
	shell := Shell("Fleet", views.SectionFleet, "/pbx")
	byNumber := FleetPage()
	byNumber.Query, byNumber.Matched = "0044 (0)20 7946 0018", "Read as the number +44 20 7946 0018"
	byNumber.Rows = byNumber.Rows[:1]
	byNumber.Rows[0].Match = "+44 20 7946 0018 on Colt London"
	byNumber.Pager.Summary = "1 PBX"
	byNumber.Chips = []ui.Chip{{Label: "Number: +44 20 7946 0018", Href: href.Fleet}}

	filtered := FleetPage()
	filtered.State = "drifted"
	filtered.Rows = []views.FleetRow{filtered.Rows[4], filtered.Rows[34]}
	filtered.Bar.Segments[1].Current = true
	filtered.Chips = []ui.Chip{{Label: "Bindings: Drifted", Href: href.Fleet}, {Label: "Region: UK (London)", Href: "/pbx?state=drifted"}}
	filtered.Pager.Summary, filtered.Pager.First, filtered.Pager.Next = "1–2 of 2 PBXs", "/pbx?state=drifted", "/pbx?state=drifted&after=x"

	none := FleetPage()
	none.Query, none.Rows = "zebra", nil
	none.Empty = ui.Empty{Title: "No PBX matches “zebra”", Text: "No name, serial, URL or number contains it.", Action: ui.Link{Label: "Show all 40 PBXs", Href: href.Fleet}}

	fresh := views.FleetPage{Heads: none.Heads, Live: "fleet", Empty: ui.Empty{Title: "No PBX yet", Text: "Cordboard has not read YCM. Set the client id and secret, and the first pass will fill this list."}}

	broken := FleetPage()
	broken.Rows = nil
	broken.Error = ui.Notice{Tone: ui.Bad, Title: "The list could not be read", Text: "The database is locked. Nothing is lost; load the page again."}
	return []Screen{
		screen("fleet", shell, views.Fleet, FleetPage()),
		screen("fleet-number", shell, views.Fleet, byNumber),
		screen("fleet-filtered", shell, views.Fleet, filtered),
		screen("fleet-nomatch", shell, views.Fleet, none),
		screen("fleet-empty", shell, views.Fleet, fresh),
		screen("fleet-error", shell, views.Fleet, broken),
		part("fleet-part", views.FleetResults, byNumber),
	}
}
