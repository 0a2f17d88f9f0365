package views

import "cordboard/views/ui"

// ErrorPage is a refusal or a failure in words. The fragment ErrorNotice shows the same inside a page for htmx.
type ErrorPage struct {
	Status    string // "404"
	Title     string // "This page does not exist"
	Message   string // Msg of the error: what happened and what was, or was not, sent
	Next      []ui.Link
	Errors    []ui.FieldError // for 422
	RequestID string
	VendorID  string // Yeastar's request id; empty when it was not asked
	Region    string // ErrorNotice only: the id of the region that htmx swaps ("list"), from the request's HX-Target
	VendorSay string // the vendor's own words: "1000005 DATA_NOT_FOUND"; empty when none
}

// Palette is the answer of GET /palette?q= for the command palette.
type Palette struct {
	Query  string
	Groups []PaletteGroup
}

// PaletteGroup is one kind of result: PBXs, numbers, pages, actions.
type PaletteGroup struct {
	Title string
	Items []PaletteItem
}

// PaletteItem is one result.
type PaletteItem struct {
	Href  string
	Label string
	Hint  string // "+44 20 7946 0018 on Colt London"
	Badge ui.Badge
}

// ids are the request ids that a person can quote, ours and the vendor's.
func (p ErrorPage) ids() []ui.Fact {
	var facts []ui.Fact
	if p.RequestID != "" {
		facts = append(facts, ui.Fact{Label: "Request", Copy: ui.Copy{Label: "request id", Text: p.RequestID}})
	}
	if p.VendorID != "" {
		facts = append(facts, ui.Fact{Label: "Yeastar request", Copy: ui.Copy{Label: "Yeastar request id", Text: p.VendorID}})
	}
	return facts
}
