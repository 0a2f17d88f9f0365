package views

import "cordboard/views/ui"

// WebhooksPage is the inbox.
type WebhooksPage struct {
	Health WebhookHealth
	States []ui.Option // the filter by state as links with counts
	Rows   []DeliveryRow
	Empty  ui.Empty
	Pager  ui.Pager
	Error  ui.Notice
	Live   string // "webhooks"
	// ReplayAll digests all deliveries of the chosen state again; nil where that means nothing.
	ReplayAll *FormAction
}

// WebhookHealth is the pulse of the webhook path.
type WebhookHealth struct {
	State    ui.Badge // "Healthy", "Silent", "Looks broken", "Nothing yet"
	Sentence string   // "The last report came 2 min ago; every write was echoed."
	Last     ui.Time
	Since    ui.Time    // since when it is broken
	Evidence []PathSeen // what speaks against the path, one by one
	Hints    []string   // what to look at, the likeliest first
	Setup    ui.Link    // where the setup is explained; zero when all is well
	Days     ui.Columns // reports per day; empty hides the picture
	Facts    []ui.Fact
}

// PathSeen is one thing that was seen, and where.
type PathSeen struct {
	Text string
	Time ui.Time
	Link ui.Link
}

// DeliveryRow is one delivery in the inbox.
type DeliveryRow struct {
	Href     string
	Received ui.Time
	State    ui.Badge
	Elements []DeliveryElement
	More     string // "and 3 more PBXs"
	Error    string
	Size     string
}

// DeliveryElement is one PBX in a delivery.
type DeliveryElement struct {
	Event    string
	Serial   string
	PBX      ui.Link // zero while the serial is not known
	Truth    ui.Truth
	State    ui.Badge
	Error    string
	Snapshot ui.Link
	At       ui.Time // the vendor's updateTime
	Count    string  // "6 numbers"
}

// WebhookPage is one delivery in full.
type WebhookPage struct {
	ID       string
	Received ui.Time
	State    ui.Badge
	Sentence string
	Facts    []ui.Fact
	Elements []DeliveryElement
	Body     string // the raw body, indented when it is JSON
	BodyNote string // "Shown indented; stored byte for byte (1,204 bytes)."
	Replay   *FormAction
	Live     string
}
