package views

import "cordboard/views/ui"

// AuditPage is the record of who did what to what and how it ended, refused and failed acts included.
type AuditPage struct {
	Find     ui.Field   // q
	Filters  []ui.Field // pbx_id, from, to
	Actors   ui.Select  // actor
	Actions  ui.Select  // action
	Outcomes ui.Select  // outcome
	Chips    []ui.Chip
	Clear    string
	Rows     []AuditRow
	Empty    ui.Empty
	Pager    ui.Pager
	Error    ui.Notice
	Head     string // of the chain: the number of the newest row and its hash; empty while there is none
}

// AuditRow is one act. Its time is absolute.
type AuditRow struct {
	ID       string
	Href     string
	Time     ui.Time
	Actor    string
	Action   string // noun.verb
	Target   ui.Link
	Outcome  ui.Badge
	Sentence string // "Bound 2 and unbound 1 number."
	Plan     ui.Link
	Details  []ui.Fact // reason, IP, vendor request id
	Before   string    // in lines; secrets as "changed"
	After    string
}

// AuditRowPage is one act with all that is known of it.
type AuditRowPage struct {
	ID       string
	Title    string // "operator: bindings.update"
	Outcome  ui.Badge
	Sentence string
	Facts    []ui.Fact
	Rows     []PlanRow // numbers
	RowsNote string    // what is left out; may be empty
	Headers  []PlanHeaderRow
	Fields   []AuditField
	Chain    []ui.Fact // number, hashes
	Line     string    // the row as it was sealed
	Newer    ui.Link
	Older    ui.Link
}

// AuditField is one field of something that an act changed, or brought.
type AuditField struct {
	Verb   string // bind (set), unbind (removed), move (changed), keep: the class
	Sign   string // +, −, →, =
	Word   string // "Set"
	Label  string // "Guard › share"
	Before string
	After  string
}
