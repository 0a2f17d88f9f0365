package views

import "cordboard/views/ui"

// MovePage reviews a move of numbers between two PBXs, or asks where they shall go. One form posts to
// Action; its button "Review again" sends the same fields by GET to Href.
type MovePage struct {
	Title   string // "Move 2 numbers from Acme HQ to Corner Bakery"
	Href    string
	Action  string
	From    ui.Link
	To      ui.Link // zero while none is chosen
	Other   ui.Link // back to the choice
	Numbers []ui.Number
	Hidden  []HiddenField
	Errors  []ui.FieldError

	Find    ui.Field // the choice of a PBX: a search and what it found
	Targets []MoveTarget
	More    string // "and 40 more: search for the one you want"
	Empty   ui.Empty

	Halves  []MoveHalf
	Trunks  []ui.Select // of the numbers that sit on several trunks
	Changed bool        // the choices on the page lead to another review
	Risk    *PlanRisk
	Confirm *MoveConfirm // nil while something stands in the way
}

// MoveTarget is a PBX that could take the numbers.
type MoveTarget struct {
	Href  string
	Name  string
	Note  string // region and firmware, or why it can't
	State ui.Badge
}

// MoveHalf is what happens to one of the PBXs.
type MoveHalf struct {
	ID       string // of the section: "release", "claim"
	Title    string // "First: unbind 2 numbers on Acme HQ"
	Counts   []PlanCount
	Rows     []PlanRow
	Keep     []PlanRow
	KeepText string
	Headers  []PlanHeaderRow
	Ask      HeaderPanel // its custom SIP headers, where they have to be stated
	None     string      // the name of the fields that say that a header has no value
}

// MoveConfirm is the part of the form that begins the move.
type MoveConfirm struct {
	Button string // "Move 2 numbers to Corner Bakery"
	Danger bool
	Expect string // the name to be typed; empty when it is not asked for
	Name   *ui.Field
	Reason *ui.Field
	Note   string
}
