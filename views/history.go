package views

import "cordboard/views/ui"

// HistoryPage is the history of one PBX: a timeline and its snapshots, newest first.
type HistoryPage struct {
	Header  PBXHeader
	Spark   ui.Spark // empty Points hide it
	Rows    []SnapshotRow
	Empty   ui.Empty
	Pager   ui.Pager
	Compare string // GET target of the compare form: the history page itself
	From    string // the snapshots chosen, as in the URL
	To      string
	Diff    *SnapshotDiff // the comparison asked for by ?from=&to=; nil otherwise
	Error   ui.Notice

	Errors      []ui.FieldError
	Scrub       Scrub
	Moment      *MomentPanel // what was bound at the moment asked for by ?at=; nil otherwise
	CompareFrom ui.Field     // two moments to compare
	CompareTo   ui.Field
}

// Scrub is the form that goes through the history of a PBX.
type Scrub struct {
	Action string
	At     ui.Field  // datetime-local in UTC
	Steps  []ui.Link // to the changes before and behind, and to now, as far as there are
	First  string    // the ends of the timeline in milliseconds since 1970; empty hide the slider
	Last   string
}

// MomentPanel is what was bound at a moment.
type MomentPanel struct {
	Time    ui.Time
	Count   string // "12 numbers"
	Facts   []ui.Fact
	Doubt   string      // what a read found later, and between when; empty when the list is certain
	Gone    []ui.Number // may have been gone already
	Come    []ui.Number // may have been there already
	More    string      // "and 14 more"
	Groups  []SnapshotGroup
	Empty   ui.Empty // the list is empty, or not known
	Compare ui.Link
	CSV     string
}

// SnapshotRow is one snapshot: when, how we know, what changed.
type SnapshotRow struct {
	ID        string
	Href      string
	Time      ui.Time
	Uncertain string // "between 14:02 and 14:12 UTC" when the moment is not known; empty otherwise
	Source    string // webhook, write, reconcile: the class
	SourceTxt string // "Webhook", "Cordboard", "Sweep"
	Event     string // did_change, did_delete, trunk_delete, pce_delete; empty for others
	Late      string // "arrived 3 h late"; empty when in order
	Added     []ui.Number
	Removed   []ui.Number
	More      string // "and 14 more"
	Same      bool   // nothing changed: the report repeated what was known
	Count     string // "12 numbers"
	By        string // who, when it was ours
	Plan      ui.Link
	From      bool // chosen in the compare form
	To        bool
}

// SnapshotPage is one snapshot with its full list.
type SnapshotPage struct {
	Header PBXHeader
	Row    SnapshotRow
	Facts  []ui.Fact
	Groups []SnapshotGroup
	Empty  ui.Empty  // the list is empty
	Undo   *UndoForm // nil when it is the present state, or the reader may not
	Errors []ui.FieldError
	Newer  ui.Link
	Older  ui.Link
}

// SnapshotGroup is one trunk of a snapshot.
type SnapshotGroup struct {
	Trunk string
	ID    string
	Count string
	Rows  []SnapshotNumber
}

// SnapshotNumber is one binding of a snapshot.
type SnapshotNumber struct {
	Number string
	DIDID  string
	Tone   ui.Tone // Ok: added by this snapshot
}

// SnapshotDiff compares two snapshots. It uses the rows of a plan.
type SnapshotDiff struct {
	From     ui.Link
	To       ui.Link
	FromTime ui.Time
	ToTime   ui.Time
	Summary  string // "2 added, 1 removed, 9 the same"
	Rows     []PlanRow
	Keep     []PlanRow
	KeepText string
	Notes    []string // what is not certain
	CSV      string
}

// UndoForm makes a plan that goes back to a snapshot. Lost are the numbers that can't come back, as
// far as is known: the reader agrees to skip them.
type UndoForm struct {
	Action   string
	Snapshot string
	Lost     []PlanSkip
	Headers  HeaderPanel
}
