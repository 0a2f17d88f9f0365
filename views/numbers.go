package views

import "cordboard/views/ui"

// NumbersPage answers "who has this number?", now or at a time, for one number or a pasted list.
type NumbersPage struct {
	Number  ui.Field // one number, or several, one a line
	At      ui.Field // datetime-local in UTC; empty for now
	From    ui.Field // the same: a stretch of time instead of a moment
	To      ui.Field
	Asked   bool // something was searched for
	Errors  []ui.FieldError
	Answers []NumberAnswer
	Summary string // "3 of 4 found"
	// WhenText is "as of 3 May 2026, 14:00 UTC"; empty for now.
	WhenText string
	CSV      string // the answer as a file; empty: the form itself has to be sent for it
	Empty    ui.Empty
	Pager    ui.Pager
	Error    ui.Notice
}

// NumberAnswer is one line of the answer.
type NumberAnswer struct {
	Asked    string   // as typed
	Number   string   // as stored: a match may be partial
	State    ui.Badge // Ok "Bound", None "Free", Ask "Perhaps", Mute "Not found"
	PBX      ui.Link
	Truth    ui.Truth // how our record of that PBX stands; zero where it does not matter, such as for the past
	Trunk    string
	DIDID    string
	From     ui.Time
	FromNote string  // "between 14:02 and 14:12 UTC"; empty when it is exact
	To       ui.Time // zero while it lasts
	ToNote   string  // "between 14:02 and 14:12 UTC"; empty when it is exact
	Sentence string  // for what is not a plain row: "No trunk has this number."
}
