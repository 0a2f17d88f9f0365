package views

import "cordboard/views/ui"

// BackupPage shows the copies of the database, and how the last attempt ended.
type BackupPage struct {
	State    ui.Badge
	Sentence string
	Trouble  ui.Notice // zero while all is well
	Facts    []ui.Fact // the newest copy
	Plan     []ui.Fact // where copies go, how often, how many stay
	Make     *FormAction
	Rows     []BackupRow
	Empty    ui.Empty
	Live     string // "backup"
}

// BackupRow is one copy.
type BackupRow struct {
	File string
	Time ui.Time
	Size string
}
