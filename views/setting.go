package views

import "cordboard/views/ui"

// SettingPage is one page of settings: what was given at the start and can't be changed, a form for the rest, and
// beside it how it stands.
type SettingPage struct {
	Title   string
	Lead    string
	Notices []ui.Notice
	Given   []ui.Fact // what the start gave, each with the flag or the variable
	Form    SettingForm
	Stands  string    // heading of what stands beside the form; empty for nothing
	Text    []string  // paragraphs under it
	Facts   []ui.Fact // and how it stands
	Live    string    // the topic of the facts; empty for none
	Record  ui.Link   // who changed it, and when
}

// SettingForm has a field for everything that can be set; without any there is no form.
type SettingForm struct {
	Action  string
	Fields  []ui.Field
	Agree   SettingAgree
	Errors  []ui.FieldError
	Button  string
	Test    string // the button that tries without saving; empty for none
	Present bool   // there is something to save or to try
}

// SettingAgree is a box to tick where a change needs a word; the zero value is none.
type SettingAgree struct {
	Name string
	Text string
}
