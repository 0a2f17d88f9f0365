package viewstest

import (
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// BulkPage takes a spreadsheet.
func BulkPage() views.BulkPage {
	return views.BulkPage{
		Action: href.Bulk, Export: href.BindingsCSV, MaxRows: "5,000", Past: ui.Link{Label: "Earlier spreadsheets", Href: "/jobs?kind=bulk_bindings"},
		File: ui.Field{Name: "file", Label: "File", Help: "CSV, as Excel, LibreOffice or Google Sheets save it."},
		Text: ui.Field{Name: "text", Label: "Or paste the cells", Help: "With their headings. Tabs, commas and semicolons are understood.", Rows: "8", Mono: true},
	}
}

// BulkReviewPage is a spreadsheet that waits for somebody to agree.
func BulkReviewPage() views.BulkReviewPage {
	plan := PlanPage()
	danger := views.BulkPlan{
		ID: "pl_9C4D", Title: "Unbind 4 numbers on Harbour Dental", PBX: ui.Link{Label: "Harbour Dental", Href: href.PBX(4824)}, Plan: ui.Link{Label: "The whole plan", Href: href.Plan("pl_9C4D")},
		Danger: true, Reasons: []string{"It unbinds 4 of 9 numbers (45 %), more than 30 %."}, Counts: []views.PlanCount{{Verb: "unbind", Sign: "−", Count: "4", Word: "unbind"}, {Verb: "keep", Sign: "=", Count: "5", Word: "keep"}},
		Rows: []views.PlanRow{{Verb: "unbind", Sign: "−", Word: "Unbind", Number: "+44 20 7946 0071", DIDID: "50071", Before: "Colt London"}, {Verb: "unbind", Sign: "−", Word: "Unbind", Number: "+44 20 7946 0072", DIDID: "50072", Before: "Colt London", Shield: true}},
		More: "and 2 changes more",
	}
	plain := views.BulkPlan{
		ID: plan.ID, Title: plan.Title, PBX: plan.PBX, Plan: ui.Link{Label: "The whole plan", Href: href.Plan(plan.ID)}, Counts: plan.Counts, Rows: plan.Rows, Checked: true,
		Reasons: []string{"+44 20 7946 0071 is bound to Harbour Dental now, which must give it up before this plan is confirmed."},
	}
	row := func(n, number, pbx, trunk string, tone ui.Tone, word, sentence string) views.BulkRow {
		return views.BulkRow{Row: n, Number: number, PBX: pbx, Trunk: trunk, State: ui.Badge{Tone: tone, Label: word}, Sentence: sentence}
	}
	return views.BulkReviewPage{
		ID: "jb_7Q2M", Title: "Bindings from a spreadsheet, 412 rows", State: jobAsks, Sentence: "2 plans wait for you to agree. For 1 PBX none could be made. 3 rows are wrong.", Live: "job:jb_7Q2M",
		Job: ui.Link{Label: "Job", Href: href.Job("jb_7Q2M")}, Back: ui.Link{Label: "Spreadsheet", Href: href.Bulk},
		Facts:   []ui.Fact{{Label: "Brought by", Text: "ana.perez"}, {Label: "Brought", Time: ago(3 * time.Minute)}, {Label: "Rows", Text: "412 rows, 3 wrong, 2 to bind, 407 as it is"}, {Label: "PBXs", Text: "3 change, 61 stay as they are, 1 left alone"}},
		GiveUp:  &views.FormAction{Href: href.BulkGiveUp("jb_7Q2M"), Label: "Give it up", Text: "Nothing is sent, and its drafts are taken back."},
		Left:    []views.BulkLeft{{PBX: ui.Link{Label: "Vale Print", Href: href.PBX(4846)}, Sentence: "3 of its rows are wrong: rows 17, 18 and 90."}},
		LeftSum: "1",
		Missing: views.BulkMissing{Action: href.BulkAgain("jb_7Q2M"), Rows: []views.BulkMiss{
			{Sentence: "No plan was made. Lumen Energy is not running (Stopped). Nothing is written to it now.", PBX: ui.Link{Label: "Lumen Energy", Href: href.PBX(4832)}},
			{Sentence: "No plan was made. This PBX may have custom SIP header values that Yeastar shows to nobody, and writing replaces them all.", PBX: ui.Link{Label: "Fjord Outdoor", Href: href.PBX(4822)}, ID: "4822"},
		}},
		Form: &views.BulkForm{
			Action: href.BulkApply("jb_7Q2M"), Plans: []views.BulkPlan{danger, plain}, Count: "2", Stop: true,
			Dangers: "1 of these plans takes a lot away. It is only carried out if you tick it.",
			Reason:  &ui.Field{Name: "reason", Label: "Reason", Help: "Why this is right, for all of these plans. The audit log keeps it.", Rows: "2"},
		},
		Rows: views.BulkRows{
			Groups: []ui.Option{{Label: "Wrong", Count: "3", Href: "/bulk/jb_7Q2M?rows=wrong", Selected: true}, {Label: "Changes", Count: "2", Href: "/bulk/jb_7Q2M?rows=changes"}, {Label: "Kept", Count: "407", Href: "/bulk/jb_7Q2M?rows=kept"}},
			Rows: []views.BulkRow{
				row("17", "=1+1", "Vale Print", "Colt London", ui.Bad, "Formula", "A cell of it is a formula. Write what it stands for."),
				row("18", "4.4207E+11", "Vale Print", "Colt London", ui.Bad, "Rounded", "A number in it was turned into a rounded one by the spreadsheet. Format the column as text and write the number again."),
				row("90", "+44 20 7946 0099", "<script>alert(1)</script>", "", ui.Bad, "Unknown PBX", "There is no PBX called “<script>alert(1)</script>”."),
			},
			Pager: ui.Pager{Summary: "3 rows"},
		},
	}
}

func bulkScreens() []Screen {
	start := Shell("Bindings from a spreadsheet", views.SectionFleet, "/bulk")
	one := Shell("Bindings from a spreadsheet, 412 rows", views.SectionFleet, "/bulk/jb_7Q2M")
	wrong := BulkPage()
	wrong.Text.Value, wrong.Text.Error = "PBX;trunk\nAcme HQ;Colt London", "Row 1: The first row must hold the headings. Missing: “number”."
	wrong.File.Error = "The file is no text."
	wrong.Errors = []ui.FieldError{{Field: "text", Message: wrong.Text.Error}, {Field: "file", Message: wrong.File.Error}}

	refused := BulkReviewPage()
	refused.Form.Reason.Error = "Say why; the audit log keeps it. Asked for by Harbour Dental."
	refused.Form.Plans[0].Checked, refused.Form.Plans[0].Expect = true, "Harbour Dental"
	refused.Form.Plans[0].Name = &ui.Field{Name: "name.pl_9C4D", Label: "Name of the PBX", Error: "Type the name of the PBX: Harbour Dental"}
	refused.Form.Plans[1].Status = ui.Badge{Tone: ui.Mute, Label: "Expired"}
	refused.Errors = []ui.FieldError{{Field: "reason", Message: refused.Form.Reason.Error}, {Field: "name.pl_9C4D", Message: "Type the name of the PBX: Harbour Dental"}}

	applying := BulkReviewPage()
	applying.State, applying.Sentence, applying.Form, applying.Missing, applying.GiveUp, applying.Left = jobRunning, "1 of 3 PBXs changed and verified.", nil, views.BulkMissing{}, nil, nil
	applying.Steps = views.BulkSteps{Title: "Plan by plan", Bar: JobPage().Bar, Groups: JobPage().Groups}
	applying.Rows = views.BulkRows{Groups: applying.Rows.Groups, Empty: ui.Empty{Title: "No such row", Text: "The file has none of these."}}
	running := one
	running.Refresh = "2"
	return []Screen{
		screen("bulk-start", start, views.Bulk, BulkPage()),
		screen("bulk-start-422", start, views.Bulk, wrong),
		screen("bulk-review", one, views.BulkReview, BulkReviewPage()),
		screen("bulk-review-422", one, views.BulkReview, refused),
		screen("bulk-applying", running, views.BulkReview, applying),
	}
}
