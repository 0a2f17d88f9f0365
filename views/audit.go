package views

import "cordboard/views/ui"

// AuditPage is the record of who did what to what and how it ended, refused and failed acts included.
type AuditPage struct {
	Filters []ui.Field // pbx_id, from, to
	Actors  ui.Select  // actor
	Actions ui.Select  // action
	Chips   []ui.Chip
	Clear   string
	Rows    []AuditRow
	Empty   ui.Empty
	Pager   ui.Pager
	Error   ui.Notice
}

// AuditRow is one act. Its time is absolute.
type AuditRow struct {
	ID       string
	Time     ui.Time
	Actor    string
	Action   string // noun.verb
	Target   ui.Link
	Outcome  ui.Badge
	Sentence string // "Bound 2 and unbound 1 number."
	Plan     ui.Link
	Details  []ui.Fact // reason, IP, vendor request id, hash
	Before   string    // in lines; secrets as "changed"
	After    string
}
