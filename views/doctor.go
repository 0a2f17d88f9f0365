package views

import "cordboard/views/ui"

// DoctorPage says what is wrong with the installation, the worst first.
type DoctorPage struct {
	Headline string
	Sentence string
	Rows     []DoctorRow
}

// DoctorRow is one thing that was looked at.
type DoctorRow struct {
	State ui.Badge
	Check string
	What  string
	Mend  string  // empty when it is fine
	Link  ui.Link // where it is mended
}
