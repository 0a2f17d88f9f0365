package views

import "cordboard/views/ui"

// HomePage is the first dashboard: what needs a person, the state of the fleet, the pulse of the webhooks, what changed lately.
type HomePage struct {
	Fresh     bool // nothing has been read from YCM yet: the page explains the first steps instead
	FreshText string
	FreshNext ui.Link
	Headline  string // "2 PBXs need you." or "All 42 PBXs are in sync."
	Sentence  string // "38 of 42 verified within the last 10 minutes."
	Fleet     ui.Bar
	Board     []Lamp // one per PBX, in order of name; empty for fleets too large to draw
	Attention []AttentionRow
	Plans     []PlanListRow
	Webhooks  WebhookHealth
	Changes   []ChangeRow
	AllPlans  string
	AllHooks  string
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

// ChangeRow is one recent change of bindings, wherever it came from.
type ChangeRow struct {
	Time    ui.Time
	PBX     ui.Link
	Source  string // who told us: Webhook, Cordboard, Sweep
	Added   []ui.Number
	Removed []ui.Number
	More    string  // "and 14 more"; empty when all are shown
	By      ui.Link // the plan or the person; zero when not ours
}
