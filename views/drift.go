package views

import "cordboard/views/ui"

// DriftsPage is the list of what moved behind Cordboard's back.
type DriftsPage struct {
	States []ui.Option // the filter by state as links with counts
	Chips  []ui.Chip
	Clear  string
	Rows   []DriftRow
	Empty  ui.Empty
	Pager  ui.Pager
	Live   string // "fleet"
}

// DriftRow is one drift in a list.
type DriftRow struct {
	Href     string
	PBX      string
	State    ui.Badge
	Cause    string
	Sentence string
	Opened   ui.Time
	Lost     string // "−2"; empty when nothing was lost
	Won      string
}

// DriftPage is one drift: what moved, why as far as it is known, and what can be done.
type DriftPage struct {
	ID       string
	PBX      ui.Link
	Truth    ui.Truth // how our record of the PBX stands now
	State    ui.Badge
	Sentence string
	Cause    string
	Evidence []DriftEvidence
	Facts    []ui.Fact
	Summary  string
	Rows     []PlanRow
	Keep     []PlanRow
	KeepText string
	Revert   *FormAction // makes the plan that puts it back; nil when it can't, is over, or for viewers
	Adopt    *FormAction // takes it for the truth
	Closed   ui.Notice   // how it ended; zero while it is open
	Live     string      // "pbx:4808"
}

// DriftEvidence is one sentence that speaks for the cause, and where to look it up.
type DriftEvidence struct {
	Text string
	Link ui.Link
}
