package viewstest

import (
	"fmt"
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

const acme = 4808

// PBXHeader is the top of Acme HQ's pages with one tab chosen.
func PBXHeader(tab string) views.PBXHeader {
	header := views.PBXHeader{
		Name: "Acme HQ", Href: href.PBX(acme), URL: "acme-hq.eu.ycmcloud.com", Serial: "3658B43111960042", ID: "4808",
		Truth:  known(inSync(), "Every number is where Cordboard last saw it.", 3*time.Minute),
		Status: running(), Reach: ui.Badge{Tone: ui.Ok, Label: "Reachable"}, Firmware: "84.22.0.134", Region: "Europe (Frankfurt)",
		Bind: href.DIDs(acme), Live: "pbx:4808",
		Tabs: []ui.Tab{
			{Label: "Overview", Href: href.PBX(acme)}, {Label: "DIDs", Href: href.DIDs(acme), Count: "12"}, {Label: "Trunks", Href: href.PBXTrunks(acme)},
			{Label: "History", Href: href.History(acme)}, {Label: "Audit", Href: href.AuditOf(acme)},
		},
	}
	for i := range header.Tabs {
		header.Tabs[i].Current = header.Tabs[i].Label == tab
	}
	if tab == "DIDs" {
		header.Bind = ""
	}
	return header
}

func numbers(prefix string, from, count int) []ui.Number {
	var all []ui.Number
	for i := range count {
		all = append(all, ui.Number{Text: fmt.Sprintf("%s%04d", prefix, from+i), Href: href.With(href.Numbers, "number", fmt.Sprintf("%s%04d", prefix, from+i))})
	}
	return all
}

// PBXPage is the overview of Acme HQ.
func PBXPage() views.PBXPage {
	return views.PBXPage{
		Header: PBXHeader("Overview"), Total: "12 on 3 trunks",
		Trunks: []views.TrunkCard{
			{Name: "Colt London", ID: "6681", Kind: "register", Count: "7 numbers", Numbers: numbers("+44 20 7946 ", 18, 7)},
			{Name: "BT Wholesale", ID: "6702", Kind: "peer", Count: "3 numbers", Numbers: numbers("+44 161 496 ", 700, 3)},
			{Name: "Deutsche Telekom FRA", ID: "6719", Kind: "register", Count: "2 numbers", Numbers: []ui.Number{{Text: "2113"}, {Text: "83"}}},
		},
		Headers: []views.SIPHeader{
			{Trunk: "Colt London", Name: "P-Asserted-Identity", Value: "+442079460000", Known: true, When: ago(3 * day)},
			{Trunk: "BT Wholesale", Name: "X-Customer", Value: "", Known: true, When: ago(3 * day)},
		},
		History: href.History(acme), Changes: snapshots()[:4],
		Facts: []ui.Fact{
			{Label: "Plan", Text: "Enterprise, until 30 Jun 2027"}, {Label: "Extensions", Text: "120"}, {Label: "Region", Text: "Europe (Frankfurt)"},
			{Label: "Firmware", Text: "84.22.0.134"}, {Label: "Created", Time: ago(240 * day)}, {Label: "Serial", Copy: ui.Copy{Label: "serial number", Text: "3658B43111960042"}},
		},
	}
}

func pbxScreens() []Screen {
	shell := Shell("Acme HQ", views.SectionFleet, "/pbx/4808")
	drift := PBXPage()
	drift.Header.Truth = known(drifted(), "2 numbers were removed outside Cordboard between 13:48 and 13:52 UTC.", 44*time.Minute)
	drift.Header.Reach = ui.Badge{Tone: ui.Bad, Label: "Unreachable"}
	drift.Header.Truth.Since = ago(20 * time.Minute)
	drift.Header.Plan = &views.PlanBanner{Status: ui.Badge{Tone: ui.Busy, Label: "Applying"}, Text: "ben.ward is binding 2 numbers, started", Since: ago(12 * time.Second), Link: ui.Link{Label: "Watch the plan", Href: href.Plan("pl_9C4D")}}
	drift.Header.Notices = []ui.Notice{{Tone: ui.Warn, Title: "Firmware 84.18.0.59 cannot change DIDs", Text: "Yeastar documents 84.19.0.22 as the lowest. Cordboard shows and remembers, but sends nothing to this PBX."}}
	drift.Certainty = ui.Notice{Tone: ui.Ask, Title: "The trunk of 2 numbers is not known", Text: "YCM tells which numbers this PBX has, but not on which trunk. A webhook settles it, or pick the trunk when you make a plan."}
	drift.Ambiguous = []views.AmbiguousNumber{{Number: "+44 20 7946 0031", Trunks: "Colt London or BT Wholesale"}, {Number: "+44 20 7946 0032", Trunks: "Colt London or BT Wholesale"}}
	drift.HeadNote = ui.Notice{Tone: ui.Ask, Title: "Custom SIP headers are not known", Text: "YCM does not read them back, and a plan replaces all of them. The plan will ask you to state them."}
	drift.Headers[0].Known, drift.Headers[0].When = false, ui.Time{}

	none := PBXPage()
	none.Trunks, none.Headers, none.Changes, none.Total = nil, nil, nil, "none"
	none.Header.Tabs[1].Count = "0"
	none.Empty = ui.Empty{Title: "No number is bound", Text: "Calls from outside cannot reach this PBX through a shared trunk.", Action: ui.Link{Label: "Bind numbers", Href: href.DIDs(acme)}}
	return []Screen{
		screen("pbx", shell, views.PBX, PBXPage()),
		screen("pbx-drifted", shell, views.PBX, drift),
		screen("pbx-empty", shell, views.PBX, none),
	}
}

// DIDsPage is the bind form of Acme HQ with a selection under way.
func DIDsPage() views.DIDsPage {
	page := views.DIDsPage{
		CSV:    href.With(href.BindingsCSV, "pbx_id", "4808"),
		Header: PBXHeader("DIDs"), Href: href.DIDs(acme), PlanHref: href.PBXPlans(acme), Total: "12 on 3 trunks", Next: href.DIDs(acme),
		Chosen: views.Chosen{Summary: "Bind 2, unbind 1", Unbind: "1 number", Bind: []views.ChosenNumber{{Pair: "6702:50119", Number: "+44 161 496 0719", Trunk: "BT Wholesale"}}},
		Pick: views.PickPanel{
			Find: "7946 00", Summary: "6 of 214 free numbers on Colt London",
			Trunks: []ui.Option{{Value: "6681", Label: "Colt London", Count: "214", Selected: true}, {Value: "6702", Label: "BT Wholesale", Count: "38"}, {Value: "6719", Label: "Deutsche Telekom FRA", Count: "0"}},
		},
		Clear: views.ClearPanel{Button: "Plan to unbind all 12 numbers", Lost: "All 12 numbers stop ringing on Acme HQ at once.", Stays: "They stay on their trunks and can be bound again."},
	}
	for i := range 6 {
		row := views.PickRow{Pair: fmt.Sprintf("6681:%d", 50036+i*8), Number: fmt.Sprintf("+44 20 7946 %04d", 40+i), Checked: i == 0}
		if i == 1 {
			row.Name, row.Note = "Reception", "was on Aldgate Legal until 3 May"
		}
		page.Pick.Rows = append(page.Pick.Rows, row)
	}
	trunks := []views.BoundGroup{{Trunk: "Colt London", ID: "6681", Count: "7 numbers"}, {Trunk: "BT Wholesale", ID: "6702", Count: "3 numbers"}, {Trunk: "Deutsche Telekom FRA", ID: "6719", Count: "2 numbers"}}
	did := int64(50018)
	for t, texts := range [][]ui.Number{numbers("+44 20 7946 ", 18, 7), numbers("+44 161 496 ", 700, 3), {{Text: "2113"}, {Text: "83"}}} {
		for i, n := range texts {
			did++
			row := views.BoundRow{Pair: trunks[t].ID + fmt.Sprintf(":%d", did), DIDID: fmt.Sprint(did), Number: n.Text, Since: ago(time.Duration(3+i*11+t*40) * day), ProtectHref: href.Protection(did)}
			row.Protected = t == 0 && i == 0
			row.Checked = t == 0 && i == 3
			if t == 0 && i == 0 {
				row.Name = "Main line"
			}
			if t == 1 && i == 2 {
				row.SinceNote = "between 2 and 4 Oct"
			}
			trunks[t].Rows = append(trunks[t].Rows, row)
		}
	}
	page.Bound = trunks
	return page
}

func didScreens() []Screen {
	shell := Shell("DIDs of Acme HQ", views.SectionFleet, "/pbx/4808/dids")
	start := DIDsPage()
	start.Chosen = views.Chosen{}
	start.Bound[0].Rows[3].Checked = false
	start.Pick.Trunks[0].Selected, start.Pick.Find, start.Pick.Rows = false, "", nil
	start.Pick.Empty = ui.Empty{Title: "Choose a trunk", Text: "Or search a number: every free one that matches is shown with its trunk."}

	bad := DIDsPage()
	bad.Errors = []ui.FieldError{
		{Field: "numbers", Message: "+44 161 496 0999 is bound to Aldgate Legal. Only a move may take it from there."},
		{Field: "header.6681.12", Message: "P-Asserted-Identity on Colt London is not known: type its value, or say that there is none."},
	}
	bad.Paste = views.PastePanel{
		Text: "020 7946 0046\n0161 496 0999\n+44 20 7946 0018\n12", Error: "One of these numbers belongs to another PBX.", Summary: "1 can be bound, 1 is already here, 1 belongs to another PBX, 1 was not found",
		Verdicts: []views.PasteVerdict{
			{Line: "020 7946 0046", State: ui.Badge{Tone: ui.Ok, Label: "Free"}, Sentence: "+44 20 7946 0046 is on two trunks.", Choices: []views.Choice{{Pair: "6681:50084", Label: "Colt London", Checked: true}, {Pair: "6702:50084", Label: "BT Wholesale"}}},
			{Line: "0161 496 0999", State: ui.Badge{Tone: ui.Bad, Label: "Taken"}, Sentence: "Bound to", Owner: ui.Link{Label: "Aldgate Legal", Href: href.PBX(4809)}},
			{Line: "+44 20 7946 0018", State: ui.Badge{Tone: ui.Mute, Label: "Already here"}, Sentence: "On Colt London since 18 Nov."},
			{Line: "12", State: ui.Badge{Tone: ui.Ask, Label: "Not found"}, Sentence: "No trunk has this number."},
		},
	}
	bad.Headers = views.HeaderPanel{
		Reason: "YCM replaces all custom SIP headers with what is sent, and does not read them back. State them, so that none is lost.",
		Fields: []views.HeaderField{
			{Name: href.HeaderField(6681, 12), None: "6681:12", Trunk: "Colt London", Label: "P-Asserted-Identity", Error: "Type the value, or say that there is none."},
			{Name: href.HeaderField(6702, 4), None: "6702:4", Trunk: "BT Wholesale", Label: "X-Customer", Value: "acme-hq", Known: true},
		},
	}
	bad.Bound[1].Rows[0].Ambiguous = "Colt London or BT Wholesale"
	bad.Bound[0].Rows[1].Match = true

	blocked := start
	blocked.Header.Truth = known(ui.Badge{Tone: ui.Ask, Label: "Unknown"}, "The last read failed: Yeastar could not be reached.", 3*time.Minute)
	blocked.Blocked = ui.Notice{Tone: ui.Ask, Title: "Nothing can be changed until this PBX is read", Text: "A failed read changes nothing and blocks writes. Cordboard tries again in 40 s.", Links: []ui.Link{{Label: "Read it now", Href: href.DIDs(acme)}}}

	none := start
	none.Bound, none.Clear, none.Total = nil, views.ClearPanel{}, "none"
	none.Empty = ui.Empty{Title: "No number is bound", Text: "Pick some on the right, or paste a list."}
	none.Pick.Find = "999"
	none.Pick.Empty = ui.Empty{Title: "No free number matches “999”", Text: "Numbers of other PBXs are not shown. Numbers tells who has one.", Action: ui.Link{Label: "Who has it?", Href: "/numbers?number=999"}}
	return []Screen{
		screen("dids", shell, views.DIDs, DIDsPage()),
		screen("dids-start", shell, views.DIDs, start),
		screen("dids-422", shell, views.DIDs, bad),
		screen("dids-blocked", shell, views.DIDs, blocked),
		screen("dids-empty", shell, views.DIDs, none),
		part("dids-part", views.DIDUsable, DIDsPage()),
	}
}
