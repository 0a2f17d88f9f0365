package views

import "cordboard/views/ui"

// FleetTrunksPage is the list of the PBXs' own trunks, as they were last read.
type FleetTrunksPage struct {
	Tabs   []ui.Tab
	Query  string
	Health string // carried through the search form; empty for all
	Size   string
	Kinds  ui.Select
	States []ui.Option
	Chips  []ui.Chip
	Clear  string
	Rows   []FleetTrunkRow
	Empty  ui.Empty
	Pager  ui.Pager
	Edit   string        // takes the GET that opens the form for the ticked trunks; empty for viewers
	All    string        // "all 214 that this filter leaves"; empty when these are all
	Filter []HiddenField // the filter, for All
	Live   string
}

// FleetTrunkRow is one trunk of a PBX.
type FleetTrunkRow struct {
	Pick   string // "4808:11"
	Href   string
	Name   string
	PBX    ui.Link
	Type   string
	Shared bool
	Status ui.Badge
	Read   ui.Time // when the PBX last listed it
	Host   string
	User   string
	CID    string
	Match  string // what else made a search find it
}

// WidePage is the form of one change to many trunks.
type WidePage struct {
	Action  string
	Back    ui.Link
	Errors  []ui.FieldError
	Targets []WideTarget
	Sum     string // "12 trunks on 9 PBXs"
	Groups  []TrunkGroup
	Shown   int    // how many of Targets stand in the open
	More    string // "79 more"; empty when all do
}

// WideTarget is one trunk that the change is for.
type WideTarget struct {
	Value string
	Name  string
	PBX   string
	Host  string
}
