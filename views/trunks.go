package views

import "cordboard/views/ui"

// TrunksPage is the list of the shared trunks: an account has twenty at most, so that there are no pages.
type TrunksPage struct {
	Tabs  []ui.Tab
	Lead  string // "13 trunks with 1,536 numbers, 402 of them free."
	Rows  []TrunkRow
	Gone  []TrunkRow // those that YCM no longer lists
	CSV   string
	Empty ui.Empty
	Live  string // "trunks fleet"
}

// TrunkRow is one shared trunk in a list.
type TrunkRow struct {
	Href     string
	Name     string
	ID       string
	Kind     string // "Register", "DID based"
	Region   string
	Standing Standing
	Numbers  ui.Bar // in use and free; each share leads to those numbers
	Total    string // "120 numbers"
	PBXs     ui.Link
	Headers  string // the custom SIP headers that it defines, or that nobody knows
}

// Standing is how a trunk stands with its provider, and how old that knowledge is.
type Standing struct {
	State    ui.Badge
	Sentence string // why, or what to do; empty when Registered says it all
	At       ui.Time
	Trouble  string // why it could not be read lately; empty when it could
}

// TrunkHeader is the top of every page of one trunk.
type TrunkHeader struct {
	Name     string
	Href     string
	ID       string
	Kind     string
	Region   string
	Standing Standing
	Numbers  ui.Bar
	Headers  string
	Gone     ui.Notice // YCM no longer lists it; the zero value while it does
	Tabs     []ui.Tab
	Live     string
}

// TrunkPage is the list of a trunk's numbers.
type TrunkPage struct {
	Header TrunkHeader
	Query  string
	Use    string // the filter in use, carried through the search form; empty for all
	Size   string
	States []ui.Option
	Chips  []ui.Chip
	Clear  string
	Rows   []TrunkNumberRow
	Empty  ui.Empty
	Pager  ui.Pager
	Next   string // this page, to come back to after a protection was changed
}

// TrunkNumberRow is one number of a trunk.
type TrunkNumberRow struct {
	Number    string
	Href      string // who has it, and who had it
	DIDID     string
	Name      string
	Use       ui.Badge
	PBX       ui.Link // zero when it is free
	Truth     ui.Truth
	Note      string // "over BT Wholesale"; empty when it is bound over this trunk, or free
	Protected bool
	Protect   string // takes the POST that changes the protection; empty for viewers
}

// TrunkPBXsPage is the list of the PBXs that have numbers over a trunk, and of those that had.
type TrunkPBXsPage struct {
	Header TrunkHeader
	Rows   []TrunkPBXRow
	Empty  ui.Empty
	Pager  ui.Pager
}

// TrunkPBXRow is one PBX on a trunk.
type TrunkPBXRow struct {
	Href    string
	Name    string
	URL     string
	Truth   ui.Truth
	Status  ui.Badge
	Count   string // "12", or "none now"
	History ui.Link
}
