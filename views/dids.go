package views

import "cordboard/views/ui"

// DIDsPage shows what is bound and takes what should change. One form posts to PlanHref with the fields bind, unbind, numbers,
// header.* and header_none; its buttons "Find" and "Check numbers" send the same fields by GET to Href, so that nothing typed or
// chosen is lost without scripts.
type DIDsPage struct {
	CSV      string // what is bound, as a file that can come back by the spreadsheet page
	Header   PBXHeader
	Href     string // this page
	PlanHref string // POST target: /pbx/{id}/plans
	Errors   []ui.FieldError
	Blocked  ui.Notice // why nothing can be changed now: firmware, state unknown, somebody else's plan; zero when free
	Bound    []BoundGroup
	Total    string // "12 numbers on 3 trunks"
	Empty    ui.Empty
	Chosen   Chosen
	Pick     PickPanel
	Paste    PastePanel
	Headers  HeaderPanel
	Clear    ClearPanel
	Next     string    // the path to come back to after changing a protection
	Moves    []ui.Link // where numbers that others have can be moved from
	Move     string    // the PBX's id, for the button that moves ticked numbers; empty without one
}

// BoundGroup is one trunk with the numbers bound on it.
type BoundGroup struct {
	Trunk string
	ID    string
	Count string
	Rows  []BoundRow
}

// BoundRow is one binding.
type BoundRow struct {
	Pair        string // "trunkId:didId", the value of unbind
	DIDID       string
	Number      string
	Name        string // the DID's name at the vendor; may be empty
	Since       ui.Time
	SinceNote   string // "between A and B" when the moment is not known; empty otherwise
	Protected   bool
	ProtectHref string
	Ambiguous   string // the trunks it may sit on, when not exact; such a row cannot be chosen
	Checked     bool   // chosen for unbinding
	Match       bool   // the number that the reader searched for
}

// Chosen is the selection so far, kept in view beside the Review button.
type Chosen struct {
	Bind    []ChosenNumber
	Unbind  string // "1 number", empty for none
	Summary string // "Bind 2, unbind 1"; empty when nothing is chosen
}

// ChosenNumber is a number chosen for binding that is carried along in the form.
type ChosenNumber struct {
	Pair   string // the value of bind
	Number string
	Trunk  string
}

// PickPanel finds numbers by trunk and text.
type PickPanel struct {
	Trunks  []ui.Option // Value is the trunk id, Count the numbers free on it
	Find    string      // as typed
	Rows    []PickRow
	Summary string   // "12 of 240 free numbers on Colt London"
	Empty   ui.Empty // no trunk chosen yet, or no match
	Error   ui.Notice
	More    ui.Link // the next page of usable numbers, when there are more
}

// PickRow is one usable number.
type PickRow struct {
	Pair    string // the value of bind
	Number  string
	Name    string
	Note    string // "was on Acme Leeds until 3 May"; may be empty
	Checked bool
}

// PastePanel takes a list of numbers, one a line.
type PastePanel struct {
	Text     string // as typed
	Error    string
	Verdicts []PasteVerdict
	Summary  string // "3 can be bound, 1 is already here, 1 was not found"
}

// PasteVerdict says what a pasted line turned out to be.
type PasteVerdict struct {
	Line     string
	State    ui.Badge
	Sentence string
	Owner    ui.Link  // the PBX that has the number; zero when none has
	Move     ui.Link  // takes the number from there
	Choices  []Choice // the trunks it could be bound on; one is chosen when there is only one
}

// Choice is one trunk of a pasted number.
type Choice struct {
	Pair    string // the value of bind
	Label   string // the trunk's name
	Checked bool
}

// HeaderPanel asks for custom SIP headers where they are unknown. Empty Fields hide it.
type HeaderPanel struct {
	Reason string // why it is asked: "YCM replaces all custom SIP headers with what is sent…"
	Fields []HeaderField
}

// HeaderField is the value of one header on one trunk: type it, or say that this PBX has none.
type HeaderField struct {
	Name  string // header.{trunkId}.{headerId}
	None  string // the value of header_none: trunkId:headerId
	Trunk string
	Label string // the header's name: "P-Asserted-Identity"
	Value string
	Known bool // the value comes from our own record; it may still be changed
	Empty bool // "this PBX has no value here" is chosen
	Error string
}

// ClearPanel offers to unbind everything, which is an act of its own.
type ClearPanel struct {
	Button string // "Plan to unbind all 12 numbers"; empty hides the zone
	Lost   string // what is lost: "All 12 numbers stop ringing on Acme HQ at once."
	Stays  string // what stays: "The numbers stay on their trunks and can be bound again."
}
