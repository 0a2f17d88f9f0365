package ui

import (
	"strconv"

	"github.com/a-h/templ"
)

// Field is one labelled input. The id is the name, so that an error summary can link to it.
type Field struct {
	Name         string
	Label        string
	Type         string // text, password, search, number, datetime-local; empty is text
	Value        string // what was typed, kept after a 422; never set for passwords
	Help         string // the rule in words, above the input
	Error        string // what is wrong and how to fix it; empty when fine
	Placeholder  string
	Autocomplete string // the HTML autofill token; empty turns autofill off
	Step         string // of numbers and times; empty is the browser's
	Rows         string // not empty: a text area of that many rows
	Required     bool
	Mono         bool // machine values: figures of equal width
	Focus        bool // gets the focus when the page opens: the first bad field, or the only one
}

// FieldError is one line of the summary above a form. Field is the id of the input it links to; empty for the form as a whole.
type FieldError struct {
	Field   string
	Message string
}

// Option is one choice of a select, a facet or a segmented control.
type Option struct {
	Value    string
	Label    string
	Count    string // how many rows it would leave; empty when not known
	Href     string // where choosing it leads, for link-like controls
	Tone     Tone
	Selected bool
}

// Select is a labelled choice.
type Select struct {
	Name    string
	Label   string
	Help    string
	Error   string
	Options []Option
	Focus   bool // gets the focus when the page opens: the first bad field
}

// Radios is a labelled choice of a few, all of them in sight. The first one's id is the name, so that an error summary can link
// to it.
type Radios struct {
	Name    string
	Label   string
	Help    string
	Error   string
	Options []Option
	Focus   bool // the first one gets the focus when the page opens
}

// id is that of the radio button at a position.
func (r Radios) id(at int) string {
	if at == 0 {
		return r.Name
	}
	return r.Name + "-" + strconv.Itoa(at)
}

// Control is anything that a form asks for.
type Control interface{ View() templ.Component }
