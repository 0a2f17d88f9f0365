package viewstest

import (
	"fmt"
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

const effect = "Unbind 1, move 1 and bind 2 numbers on Acme HQ"

// PlansPage is the list of plans.
func PlansPage() views.PlansPage {
	pbx := func(name string, id int64) ui.Link { return ui.Link{Label: name, Href: href.PBX(id)} }
	return views.PlansPage{
		Live: "plans", Clear: href.Plans,
		States: []ui.Option{{Label: "All", Count: "318", Href: href.Plans, Selected: true}, {Label: "Open", Count: "2", Href: "/plans?status=draft", Tone: ui.Busy}, {Label: "Verified", Count: "291", Href: "/plans?status=applied", Tone: ui.Ok}, {Label: "Needs a look", Count: "3", Href: "/plans?status=diverged", Tone: ui.Bad}},
		Rows: []views.PlanListRow{
			{Href: href.Plan("pl_7Q2M"), Title: "Unbind 1, move 1 and bind 2 numbers", PBX: pbx("Acme HQ", acme), Status: ui.Badge{Tone: ui.Busy, Label: "Draft"}, By: "ana.perez", Made: ago(time.Minute), Note: "expires in 14 min"},
			{Href: href.Plan("pl_9C4D"), Title: "Bind 2 numbers", PBX: pbx("Harbour Dental", 4824), Status: ui.Badge{Tone: ui.Ask, Label: "Unknown"}, By: "ben.ward", Made: ago(4 * time.Minute), Note: "checking", Outcome: "the answer never came"},
			{Href: href.Plan("pl_2F8K"), Title: "Bind 24 numbers", PBX: pbx("Granary Wharf Hotel", 4823), Status: ui.Badge{Tone: ui.Ok, Label: "Verified"}, By: "ben.ward", Made: ago(9 * time.Hour), Note: "read back after 1.2 s"},
			{Href: href.Plan("pl_5T1X"), Title: "Unbind 3 numbers", PBX: pbx("Lumen Energy", 4832), Status: ui.Badge{Tone: ui.Bad, Label: "Diverged"}, By: "ana.perez", Made: ago(26 * time.Hour), Note: "1 number is still there"},
			{Href: href.Plan("pl_8W3N"), Title: "Move 2 numbers", PBX: pbx("Vale Print", 4846), Status: ui.Badge{Tone: ui.Warn, Label: "Stale"}, By: "ana.perez", Made: ago(2 * day), Note: "the bindings moved first; nothing was sent"},
			{Href: href.Plan("pl_1A6H"), Title: "Unbind all 9 numbers", PBX: pbx("Norden Bau", 4836), Status: ui.Badge{Tone: ui.Mute, Label: "Void"}, By: "carla.osei", Made: ago(18 * day), Note: "the PBX was deleted"},
			{Href: href.Plan("pl_4R9B"), Title: "Bind 1 number", PBX: pbx("Fjord Outdoor", 4822), Status: ui.Badge{Tone: ui.Bad, Label: "Failed"}, By: "ben.ward", Made: ago(21 * day), Note: "refused by Yeastar"},
			{Href: href.Plan("pl_3G7C"), Title: "Bind 6 numbers", PBX: pbx("Orchard Pharmacy", 4838), Status: ui.Badge{Tone: ui.Mute, Label: "Expired"}, By: "ben.ward", Made: ago(33 * day), Note: "never confirmed"},
		},
		Pager: ui.Pager{Summary: "1–8 of 318 plans", Next: "/plans?after=x"},
	}
}

// PlanPage is the draft that everything else is a later state of.
func PlanPage() views.PlanPage {
	page := views.PlanPage{
		ID: "pl_7Q2M", Title: effect, Status: ui.Badge{Tone: ui.Busy, Label: "Draft"}, Sentence: "Nothing has been sent yet.",
		PBX: ui.Link{Label: "Acme HQ", Href: href.PBX(acme)}, Back: ui.Link{Label: "Change the selection", Href: href.DIDs(acme)}, Live: "plan:pl_7Q2M",
		Facts: []ui.Fact{
			{Label: "Made by", Text: "ana.perez"}, {Label: "Made", Time: ago(time.Minute)}, {Label: "Expires", Time: ui.At(Now().Add(14*time.Minute), Now())},
			{Label: "Made on", Text: "12 numbers, read 3 min ago by API"}, {Label: "Base", Copy: ui.Copy{Label: "base fingerprint", Text: "b7c1 40e9 2af6"}},
		},
		Counts: []views.PlanCount{{Verb: "unbind", Sign: "−", Count: "1", Word: "unbind"}, {Verb: "move", Sign: "→", Count: "1", Word: "move"}, {Verb: "bind", Sign: "+", Count: "2", Word: "bind"}, {Verb: "keep", Sign: "=", Count: "10", Word: "keep"}},
		Rows: []views.PlanRow{
			{Verb: "unbind", Sign: "−", Word: "Unbind", Number: "+44 20 7946 0021", DIDID: "50022", Before: "Colt London"},
			{Verb: "move", Sign: "→", Word: "Move", Number: "+44 20 7946 0022", DIDID: "50023", Before: "Colt London", After: "BT Wholesale", Note: "Leaves its old trunk: implied by binding it on BT Wholesale"},
			{Verb: "bind", Sign: "+", Word: "Bind", Number: "+44 20 7946 0040", DIDID: "50036", After: "Colt London"},
			{Verb: "bind", Sign: "+", Word: "Bind", Number: "+44 20 7946 0041", DIDID: "50044", After: "Colt London"},
		},
		KeepText: "10 numbers stay as they are",
		Headers:  []views.PlanHeaderRow{{Verb: "bind", Sign: "+", Word: "Set", Trunk: "BT Wholesale", Name: "X-Customer", After: "acme-hq"}, {Verb: "keep", Sign: "=", Word: "Keep", Trunk: "Colt London", Name: "P-Asserted-Identity", Before: "+442079460000", After: "+442079460000"}},
		Confirm: &views.PlanConfirm{
			Action: href.Confirm("pl_7Q2M"), Button: effect,
			Note: "Cordboard reads the PBX again first. If anything moved since this plan was made, nothing is sent.",
		},
		Discard: &views.FormAction{Href: href.Discard("pl_7Q2M"), Label: "Discard plan"},
		Trail:   []views.TrailRow{{Time: ago(time.Minute), Who: "ana.perez", Text: "made the plan"}},
	}
	for i, n := range []string{"+44 20 7946 0018", "+44 20 7946 0019", "+44 20 7946 0020", "+44 20 7946 0023", "+44 20 7946 0024", "+44 161 496 0700", "+44 161 496 0701", "+44 161 496 0702", "2113", "83"} {
		trunk := []string{"Colt London", "BT Wholesale", "Deutsche Telekom FRA"}[min(i/5+i/8, 2)]
		page.Keep = append(page.Keep, views.PlanRow{Verb: "keep", Sign: "=", Word: "Keep", Number: n, DIDID: fmt.Sprint(50019 + i), Before: trunk, After: trunk, Shield: i == 0})
	}
	return page
}

func steps(badges ...ui.Badge) []views.PlanStep {
	all := []views.PlanStep{
		{Name: "Read again", Text: "12 numbers, as planned", Time: ago(8 * time.Second)},
		{Name: "Send the full list", Text: "13 numbers on 3 trunks", Time: ago(7 * time.Second)},
		{Name: "Read back", Text: "until it agrees, 5 s at most"},
	}
	for i, b := range badges {
		all[i].State = b
	}
	return all
}

// ended is the plan after somebody confirmed it: no form, and the trail says who.
func ended(status ui.Badge, sentence string, outcome *views.PlanOutcome) views.PlanPage {
	page := PlanPage()
	page.Confirm, page.Discard, page.Back = nil, nil, ui.Link{}
	page.Status, page.Sentence, page.Outcome = status, sentence, outcome
	page.Trail = append(page.Trail, views.TrailRow{Time: ago(8 * time.Second), Who: "ana.perez", Text: "confirmed it", Tone: ui.Busy}, views.TrailRow{Time: ago(6 * time.Second), Who: "Cordboard", Text: sentence, Tone: status.Tone})
	return page
}

func vendor(code string) []ui.Fact {
	facts := []ui.Fact{
		{Label: "Yeastar status", Text: "Success"}, {Label: "Yeastar request", Copy: ui.Copy{Label: "Yeastar request id", Text: "d42cdd6453bc1378ac74877a480f22c5"}},
		{Label: "Request", Copy: ui.Copy{Label: "request id", Text: "01JDA7M3W8K2"}}, {Label: "At", Time: ago(6 * time.Second)},
	}
	if code != "" {
		facts[0].Text = "Failed"
		facts = append([]ui.Fact{{Label: "Yeastar code", Copy: ui.Copy{Label: "Yeastar code", Text: code}}}, facts...)
	}
	return facts
}

func planScreens() []Screen {
	shell := Shell("Plan for Acme HQ", views.SectionPlans, "/plans/pl_7Q2M")
	ok, busy, wait := ui.Badge{Tone: ui.Ok, Label: "Done"}, ui.Badge{Tone: ui.Busy, Label: "Now"}, ui.Badge{Label: "Next"}

	danger := PlanPage()
	danger.Title = "Unbind all 12 numbers on Acme HQ"
	danger.Risk = &views.PlanRisk{Tone: ui.Bad, Title: "Danger: this leaves Acme HQ without numbers", Reasons: []string{"12 of 12 numbers are unbound (100 %; the guard stops at 30 %).", "The PBX would have no number left: calls from outside stop.", "+44 20 7946 0018 (Main line) is protected."}}
	danger.Confirm = &views.PlanConfirm{
		Action: href.Confirm("pl_7Q2M"), Button: danger.Title, Danger: true, Expect: "Acme HQ", Note: PlanPage().Confirm.Note,
		Name:   &ui.Field{Name: "name", Label: "Name of the PBX", Value: "Acme", Required: true, Error: "This is not the name of the PBX.", Focus: true},
		Reason: &ui.Field{Name: "reason", Label: "Reason", Help: "Why the guard is overruled. It is kept in the audit log.", Rows: "2", Required: true, Value: "Customer moves to the new office on Monday"},
		Errors: []ui.FieldError{{Field: "name", Message: "The typed name is not “Acme HQ”."}},
	}
	danger.Counts = []views.PlanCount{{Verb: "unbind", Sign: "−", Count: "12", Word: "unbind"}}
	danger.Keep, danger.KeepText, danger.Headers, danger.Rows = nil, "", nil, nil
	for i, row := range append(PlanPage().Rows[:2:2], PlanPage().Keep...) {
		danger.Rows = append(danger.Rows, views.PlanRow{Verb: "unbind", Sign: "−", Word: "Unbind", Number: row.Number, DIDID: row.DIDID, Before: row.Before, Shield: i == 2})
	}

	caution := PlanPage()
	caution.Risk = &views.PlanRisk{Tone: ui.Warn, Title: "Caution: a third of the numbers is unbound", Reasons: []string{"4 of 12 numbers are unbound (33 %; the guard asks above 30 %)."}}
	caution.Confirm.Reason = &ui.Field{Name: "reason", Label: "Reason", Help: "Why this many. It is kept in the audit log.", Rows: "2", Required: true}

	applying := ended(ui.Badge{Tone: ui.Busy, Label: "Applying"}, "The list was sent. Reading back until it agrees.", nil)
	applying.Steps = steps(ok, busy, wait)
	verified := ended(ui.Badge{Tone: ui.Ok, Label: "Verified"}, "Verified 6 s ago: the PBX holds exactly what was planned.", &views.PlanOutcome{Tone: ui.Ok, Title: "Verified", Sentence: "Read back after 1.2 s: 13 numbers on 3 trunks, exactly as planned. The webhook echoed it.", Details: vendor(""), Snapshot: ui.Link{Label: "See the snapshot", Href: href.Snapshot(acme, "sn_0042")}})
	verified.Steps = steps(ok, ok, ok)
	diverged := ended(ui.Badge{Tone: ui.Bad, Label: "Diverged"}, "Yeastar accepted the list, but the PBX holds something else.", &views.PlanOutcome{Tone: ui.Bad, Title: "Diverged: 1 number is not where it was planned", Sentence: "+44 20 7946 0041 is not bound. Cordboard did not send again. Plan again to finish it.", Details: vendor("")})
	diverged.Steps = steps(ok, ok, ui.Badge{Tone: ui.Bad, Label: "Differs"})
	diverged.Again = &views.FormAction{Href: href.PBXPlans(acme), Label: "Plan again", Text: "Makes a new plan for the rest, on what is there now.", Fields: []views.HiddenField{{Name: "bind", Value: "6681:50044"}}}
	failed := ended(ui.Badge{Tone: ui.Bad, Label: "Failed"}, "Yeastar refused. Nothing was changed.", &views.PlanOutcome{Tone: ui.Bad, Title: "Yeastar refused", Sentence: "Nothing was changed: the read afterwards shows the same 12 numbers.", Details: vendor("1000004 PARAMETER_ERROR")})
	failed.Steps = steps(ok, ui.Badge{Tone: ui.Bad, Label: "Refused"}, ok)
	unknown := ended(ui.Badge{Tone: ui.Ask, Label: "Unknown"}, "We do not know yet whether it was applied. Checking.", &views.PlanOutcome{Tone: ui.Ask, Title: "We do not know yet", Sentence: "The connection broke after the list was sent. It is never sent twice; Cordboard reads the PBX until it is settled. Other writes to Acme HQ wait.", Details: vendor("")[2:]})
	unknown.Steps = steps(ok, ui.Badge{Tone: ui.Ask, Label: "No answer"}, busy)
	stale := ended(ui.Badge{Tone: ui.Warn, Label: "Stale"}, "The bindings moved after this plan was made. Nothing was sent.", nil)
	stale.Moved = &views.PlanMoved{What: "Number", None: "not bound", Title: "What moved meanwhile", Text: "2 numbers changed between your plan and your confirmation. Theirs stays unless a new plan says otherwise.", Rows: []views.MovedRow{{Number: "+44 20 7946 0022", Original: "Colt London", Yours: "BT Wholesale"}, {Number: "+44 20 7946 0090", Theirs: "Colt London"}}}
	stale.Again = &views.FormAction{Href: href.PBXPlans(acme), Label: "Plan again on what is there now", Text: "Keeps your choices where they still make sense."}
	void := ended(ui.Badge{Tone: ui.Mute, Label: "Void"}, "The PBX was deleted; this plan can never be applied.", nil)
	expired := ended(ui.Badge{Tone: ui.Mute, Label: "Expired"}, "Not confirmed within 15 minutes. Nothing was sent.", nil)
	expired.Again = stale.Again
	undo := PlanPage()
	undo.Title = "Go back to 18 Nov 2026, 09:14 UTC on Acme HQ"
	undo.Skipped = []views.PlanSkip{{Number: "+44 161 496 0999", Reason: "now belongs to Aldgate Legal"}, {Number: "10021213", Reason: "was deleted from its trunk on 19 Nov"}}

	twice := verified
	twice.Outcome = &views.PlanOutcome{Tone: ui.Ok, Title: "Already applied", Sentence: "ana.perez confirmed this plan 4 min ago. Nothing was sent again.", Details: vendor("")}
	none := views.PlansPage{Live: "plans", Empty: ui.Empty{Title: "No plan yet", Text: "A plan is made when you change the numbers of a PBX. Nothing is sent before somebody confirmed it.", Action: ui.Link{Label: "Choose a PBX", Href: href.Fleet}}}
	return []Screen{
		screen("plans", Shell("Plans", views.SectionPlans, "/plans"), views.Plans, PlansPage()),
		screen("plans-empty", Shell("Plans", views.SectionPlans, "/plans"), views.Plans, none),
		screen("plan-draft", shell, views.Plan, PlanPage()),
		screen("plan-caution", shell, views.Plan, caution),
		screen("plan-danger-422", shell, views.Plan, danger),
		screen("plan-applying", shell, views.Plan, applying),
		screen("plan-verified", shell, views.Plan, verified),
		screen("plan-twice", shell, views.Plan, twice),
		screen("plan-diverged", shell, views.Plan, diverged),
		screen("plan-failed", shell, views.Plan, failed),
		screen("plan-unknown", shell, views.Plan, unknown),
		screen("plan-stale", shell, views.Plan, stale),
		screen("plan-void", shell, views.Plan, void),
		screen("plan-expired", shell, views.Plan, expired),
		screen("plan-undo", shell, views.Plan, undo),
	}
}
