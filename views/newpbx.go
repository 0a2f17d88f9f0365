package views

import (
	"github.com/a-h/templ"

	"cordboard/views/ui"
)

// NewPBXPage is the form of a new PBX. Its fields have the vendor's names. It posts to Action; its other buttons send the same
// fields by GET to Href, so that nothing typed is lost without scripts.
type NewPBXPage struct {
	Href    string
	Action  string
	Key     string // names this form: sent twice, it asks once
	Errors  []ui.FieldError
	Notices []ui.Notice // Yeastar can't be reached; what a copy leaves open

	Region    ui.Select
	Place     NewPlace
	SubDomain ui.Field
	Address   NewAddress
	Name      ui.Field
	Plan      ui.Radios
	Type      ui.Radios
	Customers CustomerPanel

	Extensions ui.Field
	Calls      ui.Field
	Recording  ui.Field
	Left       LeftPanel
	Expiry     ui.Field
	RunsOn     ui.Radios

	Upgrade      ui.Radios
	Firmware     NewFirmware
	Passwordless ui.Radios
	Superior     ui.Radios
	ViaTemplate  ui.Select
	Template     ui.Select
	Numbers      NewNumbers
	Mail         bool
	CSV          string // where several are made at once; empty hides it
}

// NewPlace is what there is to choose once a region is chosen.
type NewPlace struct {
	Domain  ui.Select
	Version ui.Select
}

// NewAddress is the URL that the PBX gets, and whether it is free.
type NewAddress struct {
	Domain string // behind the dot, for the browser to show while somebody types
	URL    string // "acme.r4.pbx.example"; empty until both halves are there
	State  ui.Badge
	Text   string
	Owner  ui.Link // the PBX that has it
	Error  bool
}

// NewFirmware is what the chosen firmware takes.
type NewFirmware struct {
	IM            ui.Radios
	Transcription *ui.Field // nil where the firmware does not take it
}

// CustomerPanel finds customers and makes one in place.
type CustomerPanel struct {
	Help    string
	Error   string
	Chosen  []CustomerRow
	Find    ui.Field
	Found   []CustomerRow
	Summary string
	Empty   string
	Create  CustomerForm
}

// CustomerRow is one customer that can be ticked.
type CustomerRow struct {
	ID      string
	Name    string // "Ada Byron, Acme"
	Email   string
	Checked bool
}

// CustomerForm makes a customer.
type CustomerForm struct {
	Action string
	Open   bool
	Errors []ui.FieldError
	Fields []ui.Field
}

// LeftPanel is what the subscription has left, with what this PBX takes of it.
type LeftPanel struct {
	Gauges []ui.Gauge
	Note   string
	Read   ui.Time
}

// NewNumbers are the first numbers of the PBX, chosen as on the page of its numbers. Firmware says why there are none to choose.
type NewNumbers struct {
	Closed string
	Open   bool
	Pick   PickPanel
	Chosen Chosen
	Paste  PastePanel
}

// outOfBand marks a part of an answer that belongs elsewhere on the page than where the answer goes.
func outOfBand(apart bool) templ.Attributes {
	if !apart {
		return nil
	}
	return templ.Attributes{"hx-swap-oob": "outerMorph"}
}
