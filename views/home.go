package views

import "cordboard/views/ui"

// HomePage is the dashboard: what needs a person, the state of the fleet, the pulse of the webhooks, the last pass, what is free,
// what changed lately. Every picture leads to the list that it is drawn from.
type HomePage struct {
	Fresh     []FirstStep // nothing has been read from YCM yet: the page explains the first steps instead
	Headline  string      // "2 PBXs need you." or "All 42 PBXs are in sync."
	Sentence  string      // "38 of 42 verified within the last 10 minutes."
	Fleet     ui.Bar
	Board     []Lamp // one per PBX, in order of name; empty for fleets too large to draw
	Attention []AttentionRow
	More      []ui.Link // the lists that Attention begins: all open drift, all that are unknown
	Drift     ui.Columns
	Webhooks  WebhookHealth
	Pass      PassCard
	Trunks    []TrunkMeter
	AllTrunks ui.Link
	Work      []WorkRow // plans that wait for somebody, and jobs that run
	Changes   []ChangeRow
}

// FirstStep is one of the acts that begin an installation.
type FirstStep struct {
	State ui.Badge // Ok "Done", Busy "Next", Mute "Later"
	Title string
	Text  string
	Next  ui.Link // the next act; zero when there is none, or when it is done
}

// Lamp is one PBX on the board: a lamp with the shape of its state.
type Lamp struct {
	Tone ui.Tone
	Text string // "Acme HQ: drifted, 2 numbers were removed outside Cordboard"
	Href string
}

// AttentionRow is one thing that a person should look at.
type AttentionRow struct {
	State    ui.Badge
	Subject  ui.Link
	Sentence string
	Time     ui.Time
	Action   ui.Link
}

// PassCard is the last pass over the fleet, or the one that runs.
type PassCard struct {
	State    ui.Badge // "Complete", "Running", "Not complete", "None yet"
	Sentence string   // "44 PBXs: 43 show what is known, 1 could not be read."
	Href     string   // its page; empty when there was none yet
	Time     ui.Time  // when it ended, or began
}

// TrunkMeter is how much of a trunk is free.
type TrunkMeter struct {
	Name string
	Href string // the trunk's free numbers
	Bar  ui.Bar
	Free string // "36 free"
}

// WorkRow is a plan or a job under way.
type WorkRow struct {
	State ui.Badge
	Title ui.Link
	Text  string // "Orchard Road Legal LLC · ana · expires in 12 min"
}

// ChangeRow is one recent change of bindings, wherever it came from, or one act of a person.
type ChangeRow struct {
	Time    ui.Time
	Subject ui.Link
	Text    string  // who told us, or who did what: "Webhook", "ana protected it"
	By      ui.Link // the plan that did it; zero when it was not ours
	Removed []ui.Number
	Added   []ui.Number
	More    string // "and 14 more"; empty when all are shown
}
