package views

import "cordboard/views/ui"

// PassesPage is the list of passes over the fleet.
type PassesPage struct {
	Lead    string      // what a pass does, and when the next one starts by itself
	Run     *FormAction // nil for viewers
	Running []RunningPass
	Rows    []PassRow
	Empty   ui.Empty
	Pager   ui.Pager
	Live    string // "passes"
}

// RunningPass is a pass under way.
type RunningPass struct {
	Href  string
	Title string // "Pass of 21 Nov 2026, 14:02 UTC"
	By    string // who wanted it
	Bar   ui.Progress
	Facts []ui.Fact
}

// PassRow is one pass in the list.
type PassRow struct {
	Href    string
	Started ui.Time
	State   ui.Badge
	Why     string // "Schedule", "ana"
	Text    string // "42 PBXs verified"
	Note    string // what stopped it, or what it found
	Took    string
}

// PassPage is one pass with what it found.
type PassPage struct {
	ID       string
	Title    string // "Pass of 21 Nov 2026, 14:02 UTC"
	State    ui.Badge
	Sentence string
	Bar      *ui.Progress // nil when it has ended
	Facts    []ui.Fact
	Moved    []PassFinding
	Failed   []PassFinding
	More     string // "and 14 more"; empty when all are shown
	Quiet    string // what stands in place of findings when there are none
	Live     string // "passes" while it runs
}

// PassFinding is what a pass found out about one PBX.
type PassFinding struct {
	PBX      ui.Link
	Sentence string
}
