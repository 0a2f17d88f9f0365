package viewstest

import (
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// DriftPage is one open drift, as an operator sees it.
func DriftPage() views.DriftPage {
	return views.DriftPage{
		ID: "12", PBX: ui.Link{Label: "Acme HQ", Href: href.PBX(acme)}, State: ui.Badge{Tone: ui.Bad, Label: "Open"}, Live: "pbx:4808",
		Sentence: "2 numbers were removed outside Cordboard on 21 Nov between 14:02 and 14:12 UTC; Yeastar's report of it never came.", Cause: "Missed report",
		Evidence: []views.DriftEvidence{
			{Text: "2 missing numbers are free, and could be bound here again."},
			{Text: "A read found it at 14:12:04 UTC on 21 Nov; the read before had seen the PBX unchanged at 14:02:11 UTC on 21 Nov. No report told it.", Link: ui.Link{Label: "Snapshot 39", Href: href.Snapshot(acme, "39")}},
		},
		Facts:   []ui.Fact{{Label: "Opened", Time: ago(time.Minute)}, {Label: "Before", Link: ui.Link{Label: "Snapshot 38", Href: href.Snapshot(acme, "38")}}},
		Summary: "2 removed, 0 moved, 0 added, 9 the same",
		Rows: []views.PlanRow{
			{Verb: "unbind", Sign: "−", Word: "Removed", Number: "+44 20 7946 0031", DIDID: "50031", Before: "Colt London_32YFS4"},
			{Verb: "unbind", Sign: "−", Word: "Removed", Number: "+44 20 7946 0032", DIDID: "50032", Before: "Colt London_32YFS4", Shield: true},
		},
		KeepText: "9 numbers are the same",
		Keep:     []views.PlanRow{{Verb: "keep", Sign: "=", Word: "Same", Number: "+44 20 7946 0033", DIDID: "50033", Before: "Colt London_32YFS4", After: "Colt London_32YFS4"}},
		Revert:   &views.FormAction{Href: href.RevertDrift(12), Label: "Put it back: review a plan", Text: "Nothing is sent before you confirm the plan."},
		Adopt:    &views.FormAction{Href: href.AdoptDrift(12), Label: "Adopt what is there now", Text: "Nothing is sent; the PBX counts as in sync.", Fields: []views.HiddenField{{Name: "changed_at", Value: "2026-11-21T14:12:04Z"}}},
	}
}

func driftScreens() []Screen {
	shell := Shell("Drift", views.SectionDrift, "/drift")
	one := DriftPage()
	list := views.DriftsPage{
		Live: "fleet", Pager: ui.Pager{Summary: "2 drifts"},
		States: []ui.Option{{Label: "Open", Tone: ui.Bad, Count: "2", Href: "/drift?state=open", Selected: true}, {Label: "Reverted", Tone: ui.Ok, Count: "14", Href: "/drift?state=reverted"},
			{Label: "Adopted", Tone: ui.Mute, Count: "3", Href: "/drift?state=adopted"}, {Label: "All", Count: "19", Href: "/drift?state=all"}},
		Rows: []views.DriftRow{
			{Href: href.Drift(12), PBX: "Acme HQ", State: one.State, Cause: one.Cause, Sentence: one.Sentence, Opened: ago(time.Minute), Lost: "−2"},
			{Href: href.Drift(11), PBX: "Vale Print", State: one.State, Cause: "PBX restored or reset", Opened: ago(3 * time.Hour), Lost: "−12", Won: "+1",
				Sentence: "No number is bound any more: all calls to this PBX fail. 12 numbers were removed outside Cordboard on 21 Nov between 11:02 and 11:12 UTC: the PBX was restored and came back without them."},
		},
	}
	none := views.DriftsPage{Live: "fleet", Empty: ui.Empty{Title: "Nothing has drifted", Text: "What our record says and what Yeastar has agree, as far as both were read."}}
	over := DriftPage()
	over.State, over.Revert, over.Adopt = ui.Badge{Tone: ui.Ok, Label: "Reverted"}, nil, nil
	over.Closed = ui.Notice{Tone: ui.Ok, Title: "Reverted", Text: "A plan put back what was there before, 21 Nov 2026, 14:12 UTC.", Links: []ui.Link{{Label: "The plan", Href: href.Plan("pl_7Q2M")}}}
	return []Screen{
		screen("drifts", shell, views.Drifts, list),
		screen("drifts-empty", shell, views.Drifts, none),
		screen("drift", Shell("Drift", views.SectionDrift, "/drift/12"), views.Drift, one),
		screen("drift-reverted", Shell("Drift", views.SectionDrift, "/drift/12"), views.Drift, over),
	}
}
