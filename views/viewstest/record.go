package viewstest

import (
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// AuditPage is the record.
func AuditPage() views.AuditPage {
	target := ui.Link{Label: "Acme HQ", Href: href.PBX(acme)}
	plan := ui.Link{Label: "pl_7Q2M", Href: href.Plan("pl_7Q2M")}
	details := []ui.Fact{{Label: "Reason", Text: "Customer moves on Monday"}, {Label: "IP", Text: "192.0.2.17"}, {Label: "Yeastar request", Copy: ui.Copy{Label: "Yeastar request id", Text: "d42cdd6453bc1378ac74877a480f22c5"}}, {Label: "Hash", Copy: ui.Copy{Label: "hash", Text: "9f86d081884c7d659a2feaa0"}}}
	return views.AuditPage{
		Clear:    href.Audit,
		Find:     ui.Field{Name: "q", Label: "Words", Type: "search", Placeholder: "Acme, a reason, an address …"},
		Outcomes: ui.Select{Name: "outcome", Label: "How it ended", Options: []ui.Option{{Label: "Any way", Selected: true}, {Value: "failed", Label: "Failed"}, {Value: "refused", Label: "Refused"}}},
		Head:     "1902:" + sealed,
		Actors:   ui.Select{Name: "actor", Label: "Who", Options: []ui.Option{{Label: "Anybody"}, {Value: "ana.perez", Label: "ana.perez", Selected: true}, {Value: "ben.ward", Label: "ben.ward"}}},
		Actions:  ui.Select{Name: "action", Label: "Act", Options: []ui.Option{{Label: "Any act", Selected: true}, {Value: "bindings.update", Label: "bindings.update"}, {Value: "plan.confirm", Label: "plan.confirm"}}},
		Filters:  []ui.Field{{Name: "pbx_id", Label: "PBX id", Mono: true}, {Name: "from", Label: "From (UTC)", Type: "datetime-local"}, {Name: "to", Label: "To (UTC)", Type: "datetime-local"}},
		Chips:    []ui.Chip{{Label: "Who: ana.perez", Href: href.Audit}},
		Rows: []views.AuditRow{
			{ID: "9", Href: href.AuditRow(9), Time: ago(2 * time.Minute), Actor: "ana.perez", Action: "bindings.update", Target: target, Outcome: ui.Badge{Tone: ui.Ok, Label: "Succeeded"}, Sentence: "Unbound 1, moved 1 and bound 2 numbers.", Plan: plan, Details: details, Before: "6681: 50019 50020 50021 50022\n6702: 50026", After: "6681: 50019 50020 50021 50036 50044\n6702: 50023 50026"},
			{ID: "8", Href: href.AuditRow(8), Time: ago(3 * time.Minute), Actor: "ana.perez", Action: "plan.confirm", Target: target, Outcome: ui.Badge{Tone: ui.Busy, Label: "Intended"}, Plan: plan, Sentence: "Base b7c1 40e9 2af6."},
			{ID: "7", Href: href.AuditRow(7), Time: ago(26 * time.Minute), Actor: "ana.perez", Action: "plan.confirm", Target: ui.Link{Label: "Vale Print", Href: href.PBX(4846)}, Outcome: ui.Badge{Tone: ui.Warn, Label: "Refused"}, Sentence: "The bindings moved after this plan was made; nothing was sent."},
			{ID: "6", Href: href.AuditRow(6), Time: ago(4 * time.Hour), Actor: "ana.perez", Action: "bindings.update", Target: ui.Link{Label: "Lumen Energy", Href: href.PBX(4832)}, Outcome: ui.Badge{Tone: ui.Bad, Label: "Diverged"}, Sentence: "1 of 3 numbers is still bound."},
			{ID: "5", Href: href.AuditRow(5), Time: ago(5 * time.Hour), Actor: "ana.perez", Action: "bindings.update", Target: ui.Link{Label: "Harbour Dental", Href: href.PBX(4824)}, Outcome: ui.Badge{Tone: ui.Ask, Label: "Unknown"}, Sentence: "The answer never came."},
			{ID: "4", Href: href.AuditRow(4), Time: ago(6 * time.Hour), Actor: "ana.perez", Action: "user.sign_in", Target: ui.Link{Label: "ana.perez"}, Outcome: ui.Badge{Tone: ui.Ok, Label: "Succeeded"}},
			{ID: "3", Href: href.AuditRow(3), Time: ago(6 * time.Hour), Actor: "ana.perez", Action: "user.sign_in", Target: ui.Link{Label: "ana.perez"}, Outcome: ui.Badge{Tone: ui.Bad, Label: "Failed"}, Sentence: "Wrong password."},
		},
		Pager: ui.Pager{Summary: "1–7 of 1,902 acts", CSV: href.AuditCSV, Also: []ui.Link{{Label: "JSON lines", Href: href.AuditJSONL}}, Next: "/audit?after=x"},
	}
}

const sealed = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// AuditEntryPage is one act: a write to the cloud.
func AuditEntryPage() views.AuditRowPage {
	return views.AuditRowPage{
		ID: "9", Title: "ana.perez: bindings.update", Outcome: ui.Badge{Tone: ui.Ok, Label: "Succeeded"}, Sentence: "Unbound 1, moved 1 and bound 1 number.",
		Facts: []ui.Fact{{Label: "When", Time: ago(2 * time.Minute)}, {Label: "Who", Link: ui.Link{Label: "ana.perez", Href: "/audit?actor=ana.perez"}}, {Label: "On", Link: ui.Link{Label: "Acme HQ", Href: href.PBX(acme)}},
			{Label: "Plan", Link: ui.Link{Label: "pl_7Q2M", Href: href.Plan("pl_7Q2M")}}, {Label: "Reason", Text: "Customer moves on Monday"}, {Label: "IP", Text: "192.0.2.17"}},
		Rows: []views.PlanRow{{Verb: "unbind", Sign: "−", Word: "Removed", Number: "+44 20 7946 0022", DIDID: "50022", Before: "Colt London"},
			{Verb: "move", Sign: "→", Word: "Moved", Number: "+44 20 7946 0023", DIDID: "50023", Before: "Colt London", After: "BT Wholesale"},
			{Verb: "bind", Sign: "+", Word: "Added", Number: "+44 20 7946 0036", DIDID: "50036", After: "Colt London"}},
		RowsNote: "4 numbers stay as they were.",
		Headers:  []views.PlanHeaderRow{{Verb: "move", Sign: "→", Word: "Change", Trunk: "Gamma", Name: "X-Account", Before: "old", After: "acme"}},
		Chain:    []ui.Fact{{Label: "Row", Text: "9"}, {Label: "Hash", Copy: ui.Copy{Label: "hash", Text: sealed}}, {Label: "Follows", Copy: ui.Copy{Label: "hash of the row before", Text: sealed}}},
		Line:     `{"seq":9,"at":"2026-05-03T14:00:00Z","actor":"ana.perez"}`,
		Older:    ui.Link{Label: "The one before", Href: href.AuditRow(8)}, Newer: ui.Link{Label: "The one after", Href: href.AuditRow(10)},
	}
}

// NumbersPage is the answer to a pasted list.
func NumbersPage() views.NumbersPage {
	page := emptyNumbers()
	page.Number.Value = "020 7946 0018\n0161 496 0999\n2113\n555-0000"
	page.Asked, page.Summary = true, "3 of 4 found"
	page.Answers = []views.NumberAnswer{
		{Asked: "020 7946 0018", Number: "+44 20 7946 0018", DIDID: "50019", State: ui.Badge{Tone: ui.Ok, Label: "Bound"}, PBX: ui.Link{Label: "Acme HQ", Href: href.PBX(acme)}, Trunk: "Colt London", From: ago(3 * day)},
		{Asked: "0161 496 0999", Number: "+44 161 496 0999", DIDID: "50119", State: ui.Badge{Tone: ui.Ok, Label: "Bound"}, PBX: ui.Link{Label: "Aldgate Legal", Href: href.PBX(4809)}, Trunk: "BT Wholesale", From: ago(70 * day), FromNote: "or earlier"},
		{Asked: "2113", Number: "2113", DIDID: "1192497", State: ui.Badge{Label: "Free"}, Trunk: "Peer shared", Sentence: "On a trunk, bound to no PBX."},
		{Asked: "555-0000", State: ui.Badge{Tone: ui.Ask, Label: "Not found"}, Sentence: "No trunk has this number."},
	}
	page.Pager.Summary, page.CSV = "4 numbers", href.NumbersCSV+"?number=2113"
	return page
}

func emptyNumbers() views.NumbersPage {
	return views.NumbersPage{
		Number: ui.Field{Name: "number", Label: "Numbers", Rows: "4", Mono: true, Placeholder: "+44 20 7946 0018", Focus: true},
		At:     ui.Field{Name: "at", Label: "At", Type: "datetime-local"},
		From:   ui.Field{Name: "from", Label: "Or from", Type: "datetime-local"},
		To:     ui.Field{Name: "to", Label: "To", Type: "datetime-local"},
		Empty:  ui.Empty{Title: "Paste a number", Text: "National or international, with or without spaces, a part of it, or a whole column from a spreadsheet."},
	}
}

func recordScreens() []Screen {
	audit, find := Shell("Audit", views.SectionAudit, "/audit"), Shell("Numbers", views.SectionNumbers, "/numbers")
	quiet := AuditPage()
	quiet.Rows, quiet.Empty = nil, ui.Empty{Title: "No act matches", Text: "Nobody did this in the chosen time.", Action: ui.Link{Label: "Show all", Href: href.Audit}}
	settings := AuditEntryPage()
	settings.Title, settings.Sentence, settings.Rows, settings.RowsNote, settings.Headers = "ana.perez: settings.update", "notifications by e-mail", nil, "", nil
	settings.Fields = []views.AuditField{{Verb: "move", Sign: "→", Word: "Change", Label: "Host", Before: "smtp.example", After: "mail.example"}, {Verb: "move", Sign: "→", Word: "Change", Label: "Password", Before: "set", After: "changed"},
		{Verb: "bind", Sign: "+", Word: "Set", Label: "From", After: "cordboard@example.com"}, {Verb: "keep", Sign: "=", Word: "Keep", Label: "Port", Before: "587", After: "587"}}
	then := NumbersPage()
	then.WhenText, then.At.Value = "as of 3 May 2026, 14:00 UTC", "2026-05-03T14:00"
	then.Answers[0].To, then.Answers[0].PBX = ago(60*day), ui.Link{Label: "Quayside Clinic", Href: href.PBX(4840)}
	then.Answers[0].State, then.Answers[0].ToNote = ui.Badge{Label: "Was bound"}, "between 14:02 and 14:12 UTC"
	then.Answers[1].State, then.Answers[1].Sentence = ui.Badge{Tone: ui.Ask, Label: "Perhaps"}, "It began between 13:55 and 14:05 UTC."
	then.Answers[2].State, then.Answers[2].Sentence = ui.Badge{Label: "Nobody"}, "Nobody had it then. With Quayside Clinic until 1 May 2026, 09:12 UTC."
	bad := emptyNumbers()
	bad.At.Value, bad.At.Error = "2031-01-01T00:00", "Choose a time in the past."
	bad.Errors = []ui.FieldError{{Field: "at", Message: bad.At.Error}}
	nobody := emptyNumbers()
	nobody.Number.Value, nobody.Asked = "555-0000", true
	nobody.Empty = ui.Empty{Title: "Nobody has 555-0000", Text: "No trunk and no PBX in the record has a number that contains it."}
	return []Screen{
		screen("audit", audit, views.Audit, AuditPage()),
		screen("audit-empty", audit, views.Audit, quiet),
		screen("audit-row", audit, views.AuditEntry, AuditEntryPage()),
		screen("audit-row-settings", audit, views.AuditEntry, settings),
		screen("numbers", find, views.Numbers, NumbersPage()),
		screen("numbers-at", find, views.Numbers, then),
		screen("numbers-start", find, views.Numbers, emptyNumbers()),
		screen("numbers-none", find, views.Numbers, nobody),
		screen("numbers-422", find, views.Numbers, bad),
	}
}
