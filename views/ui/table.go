package ui

// Head is a column heading. Href empty means that the column cannot be sorted.
type Head struct {
	Label string
	Href  string // the same list, sorted by this column (or the other way round)
	Sort  string // "ascending", "descending", or empty when the list is sorted by another column
	Class string // "num" right-aligns
}

// Chip is one active filter. Href removes it.
type Chip struct {
	Label string
	Href  string
}

// Pager moves through a list by cursor. Empty hrefs are shown as not available.
type Pager struct {
	Summary string // "1–50 of 1,204 PBXs"
	First   string
	Next    string
	Sizes   []Option // 50, 100, 200: Label, Href, Selected
	CSV     string   // the same filter as CSV; empty hides the link
	Also    []Link   // further files of the same filter
}

// Number is a phone number as people read it, with the trunk it belongs to. Tone Ok shows it as added, Bad as removed.
type Number struct {
	Text  string
	Trunk string // may be empty where the surroundings already say it
	Tone  Tone
	Href  string
}

// Tab is one tab of an object's page. Disabled tabs say why in Label's place on hover and lead nowhere.
type Tab struct {
	Label    string
	Href     string
	Count    string
	Current  bool
	Disabled bool
}
