package viewstest

import (
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

func newCSVScreens() []Screen {
	shell := Shell("Several new PBXs", views.SectionFleet, "/pbx/new/csv")
	start := views.NewCSVPage{
		Action: href.NewPBXCSV, Template: href.NewPBXTemplate, Form: href.NewPBX, Most: "200", Past: ui.Link{Label: "Earlier files", Href: href.With(href.Jobs, "kind", "create_pbxs")},
		File:    ui.Field{Name: "file", Label: "File", Help: "CSV, as Excel, LibreOffice or Google Sheets save it."},
		Text:    ui.Field{Name: "text", Label: "Or paste the cells", Help: "With their headings.", Rows: "6", Mono: true},
		Columns: []views.CSVColumn{{Name: "Name", Required: true, Takes: "The name of the PBX."}, {Name: "Domain", Takes: "Empty: the only one of the region."}},
	}
	wrong := start
	wrong.File.Error, wrong.Errors = "Row 1: The first row must hold the headings. Missing: “Customers”.", []ui.FieldError{{Field: "file", Message: "Row 1: The first row must hold the headings. Missing: “Customers”."}}

	verdicts := views.CSVVerdictsPage{
		Action: href.NewPBXCSV, Back: href.NewPBXCSV, Title: "1 PBX of 3 rows can be made", Sentence: "1 can be made, 1 already there, 1 wrong. Nothing has been sent yet.",
		Notices: []ui.Notice{{Tone: ui.Warn, Title: "Columns that nothing is called by were not read", Text: "Remarks"}},
		Rows: []views.CSVRow{
			{Row: "2", Name: "Lumen Energy", URL: "lumen.eu.ycmcloud.com", State: ui.Badge{Tone: ui.Ok, Label: "Will be made"}, Sentence: "20 extensions, 10 calls, Enterprise Plan"},
			{Row: "3", Name: "Acme HQ", URL: "acme-hq.eu.ycmcloud.com", State: ui.Badge{Tone: ui.Mute, Label: "Already there"}, PBX: ui.Link{Label: "Open it", Href: href.PBX(acme)}},
			{Row: "4", Name: "<script>alert(1)</script>", State: ui.Badge{Tone: ui.Bad, Label: "Wrong"}, Wrong: []string{"Region: There is no region “Mars”.", "Extensions: A number from 1 to 500."}},
		},
		Confirm: &views.CSVConfirm{Text: "Name,Region\nLumen Energy,Europe (Frankfurt)\n", Seen: "0a1b2c", Button: "Create 1 PBX", Note: "2 rows left out.", Left: NewPBXPage().Left},
	}
	none := verdicts
	none.Title, none.Confirm, none.Rows = "Nothing of 1 row can be made", nil, verdicts.Rows[2:]
	return []Screen{
		screen("newcsv", shell, views.NewCSV, start),
		screen("newcsv-422", shell, views.NewCSV, wrong),
		screen("newcsv-verdicts", shell, views.CSVVerdicts, verdicts),
		screen("newcsv-none", shell, views.CSVVerdicts, none),
	}
}
