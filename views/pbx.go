package views

import "cordboard/views/ui"

// PBXHeader is the top of every page of one PBX.
type PBXHeader struct {
	Name     string
	Href     string
	URL      string // the address its users know, without a scheme
	Serial   string
	ID       string
	Truth    ui.Truth
	Status   ui.Badge
	Reach    ui.Badge // whether we can reach it now; separate from Sync
	Firmware string
	Region   string
	Notices  []ui.Notice // gates and warnings that hold for every tab, for example a firmware that is too old
	Drift    *PBXDrift   // nil when there is none
	Plan     *PlanBanner // an open or unknown plan holds this PBX
	Tabs     []ui.Tab
	Bind     string // where "Bind numbers" leads; empty hides the button
	Live     string // "pbx:4808"
}

// PBXDrift says why the PBX has drifted, and offers the ways out.
type PBXDrift struct {
	Cause  ui.Link // leads to the evidence
	Revert *FormAction
	Adopt  *FormAction
}

// PlanBanner says that a plan is open, applying or unknown, who holds it and since when.
type PlanBanner struct {
	Status ui.Badge
	Text   string // "Ana is binding 2 numbers."
	Since  ui.Time
	Link   ui.Link
}

// PBXPage is the overview of one PBX.
type PBXPage struct {
	Header    PBXHeader
	Total     string // "12 numbers on 3 trunks"
	Certainty ui.Notice
	Ambiguous []AmbiguousNumber // numbers that sit on several trunks of this PBX; empty when all pairs are exact
	Trunks    []TrunkCard
	Empty     ui.Empty // no numbers bound, or not read yet
	Headers   []SIPHeader
	HeadNote  ui.Notice // headers unknown; zero when they are known or there are none
	Changes   []SnapshotRow
	History   string
	Facts     []ui.Fact
}

// TrunkCard is what is bound on one trunk.
type TrunkCard struct {
	Name    string
	ID      string
	Kind    string // "register", "peer"
	Count   string // "6 numbers"
	Numbers []ui.Number
	More    ui.Link // leads to the DIDs page when not all fit
}

// AmbiguousNumber is a number of which we do not know the trunk.
type AmbiguousNumber struct {
	Number string
	Trunks string // "Colt London or BT Wholesale"
}

// SIPHeader is one custom SIP header of a trunk of this PBX.
type SIPHeader struct {
	Trunk string
	Name  string
	Value string // empty together with Known false means that we do not know
	Known bool
	When  ui.Time
}
