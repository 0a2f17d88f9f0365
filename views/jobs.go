package views

import "cordboard/views/ui"

// JobsPage is the list of jobs.
type JobsPage struct {
	States []ui.Option // the filter by state as links with counts
	Chips  []ui.Chip
	Clear  string
	Rows   []JobListRow
	Empty  ui.Empty
	Pager  ui.Pager
	Live   string // "jobs"
}

// JobListRow is one job in a list.
type JobListRow struct {
	Href     string
	Title    string // "Move 2 numbers from Acme HQ to Corner Bakery"
	Kind     string // "Move"
	State    ui.Badge
	Sentence string
	Steps    string // "3 of 5 steps"
	By       string
	Made     ui.Time
}

// JobPage is one job: where it stands, step by step, and what a person can do about it.
type JobPage struct {
	ID       string
	Title    string
	Kind     string
	State    ui.Badge
	Sentence string
	PBX      ui.Link
	Next     ui.Link  // where it leads now that it is done
	Truth    ui.Truth // how our record of the PBX stands now
	Facts    []ui.Fact
	Bar      ui.Bar // of its steps by state
	Groups   []JobSteps
	All      ui.Link     // back from the steps of one state to all
	Resume   *FormAction // nil unless it waits for somebody
	Live     string      // "job:ID"
}

// JobSteps is a part of a job's steps. Without a title its rows are shown, else they are folded.
type JobSteps struct {
	Title string // "208 steps are done"
	Rows  []JobStep
	More  ui.Link // what was left out
}

// JobStep is one step of a job.
type JobStep struct {
	Name     string
	State    ui.Badge
	Sentence string
	PBX      ui.Link
	Plan     ui.Link
	Job      ui.Link // that this step began
}
