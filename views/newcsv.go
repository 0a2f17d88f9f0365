package views

import "cordboard/views/ui"

// NewCSVPage takes a file of new PBXs.
type NewCSVPage struct {
	Action   string
	Template string // the file to begin with
	Form     string // where one is made
	Most     string
	File     ui.Field
	Text     ui.Field
	Errors   []ui.FieldError
	Columns  []CSVColumn
	Past     ui.Link
}

// CSVColumn is one column of the file.
type CSVColumn struct {
	Name     string
	Required bool
	Takes    string
}

// CSVVerdictsPage says of every row what it is, before anything is made.
type CSVVerdictsPage struct {
	Action   string
	Back     string
	Title    string
	Sentence string
	Notices  []ui.Notice
	Rows     []CSVRow
	Confirm  *CSVConfirm // nil when nothing can be made
}

// CSVRow is one row of the file.
type CSVRow struct {
	Row      string
	Name     string
	URL      string
	State    ui.Badge
	Sentence string
	Wrong    []string
	PBX      ui.Link
}

// CSVConfirm begins the job for the rows that are right.
type CSVConfirm struct {
	Text   string // the file of these rows
	Seen   string
	Button string
	Note   string
	Left   LeftPanel
}
