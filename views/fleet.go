package views

import "cordboard/views/ui"

// FleetPage is the list of PBXs. All its state is in the URL.
type FleetPage struct {
	Query   string // as typed: a name, serial, URL or a number in any format
	Matched string // how the query was read: "Read as the number +44 20 7946 0018"; empty otherwise
	Bar     ui.Bar // the states of the whole fleet; each segment filters by it
	State   string // the state filter in use, carried through the search form; empty for all
	Sort    string // as in the URL, carried through the search form
	Size    string // page_size as in the URL; empty for the default
	Facets  []ui.Select
	Chips   []ui.Chip
	Clear   string // the list without any filter
	Heads   []ui.Head
	Rows    []FleetRow
	Empty   ui.Empty // shown when there are no rows: "nothing yet" and "no match" are not the same
	Pager   ui.Pager
	Error   ui.Notice // the list could not be read; the zero value when fine
	New     string    // where a PBX is made; empty hides the button
	Live    string    // the topic that refreshes the list: "fleet"
	Import  ui.Link   // where an edited file of bindings comes back; empty for viewers
}

// FleetRow is one PBX. Sync and reachability are two things and stay apart.
type FleetRow struct {
	Href     string
	Name     string
	URL      string
	Match    string // the number that made this row match: "+44 20 7946 0018 on Colt London"; empty otherwise
	Truth    ui.Truth
	Status   ui.Badge
	Numbers  string
	Region   string
	Firmware string
	Old      string // why the firmware holds something back: "too old to change DIDs"; empty when it does not
	Changed  ui.Time
}
