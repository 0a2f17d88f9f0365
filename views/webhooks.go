package views

import (
	"fmt"
	"strconv"

	"cordboard/views/ui"
)

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
	Since    ui.Time     // since when it is broken
	Evidence []PathSeen  // what speaks against the path, one by one
	Hints    []string    // what to look at, the likeliest first
	Setup    ui.Link     // where the setup is explained; zero when all is well
	Bars     []HealthBar // reports per hour, oldest first; empty hides the picture
	BarsText string      // the same in words: "312 reports in 24 hours, 2 dead."
	Facts    []ui.Fact
}

// PathSeen is one thing that was seen, and where.
type PathSeen struct {
	Text string
	Time ui.Time
	Link ui.Link
}

// HealthBar is one hour.
type HealthBar struct {
	Good int
	Bad  int
	Text string // "14:00 UTC: 12 reports, 1 dead"
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

// The picture of the pulse: ten units an hour, eight of them bar.
const (
	pulseStep   = 10
	pulseHeight = 40
)

type pulseRect struct {
	class  string
	x, y   string
	height string
	text   string
}

func (h WebhookHealth) viewBox() string {
	return fmt.Sprintf("0 0 %d %d", len(h.Bars)*pulseStep, pulseHeight)
}

// rects stacks dead reports on top of the good ones. An hour without any leaves a hairline, so that silence is seen.
func (h WebhookHealth) rects() []pulseRect {
	top := 1
	for _, b := range h.Bars {
		top = max(top, b.Good+b.Bad)
	}
	var rects []pulseRect
	for i, b := range h.Bars {
		good, bad := b.Good*pulseHeight/top, b.Bad*pulseHeight/top
		if b.Good > 0 {
			good = max(good, 2)
		}
		if b.Bad > 0 {
			bad = max(bad, 3)
		}
		good = min(good, pulseHeight-bad)
		x := strconv.Itoa(i * pulseStep)
		if good+bad == 0 {
			rects = append(rects, pulseRect{"none", x, strconv.Itoa(pulseHeight - 1), "1", b.Text})
		}
		if good > 0 {
			rects = append(rects, pulseRect{"good", x, strconv.Itoa(pulseHeight - good), strconv.Itoa(good), b.Text})
		}
		if bad > 0 {
			rects = append(rects, pulseRect{"bad", x, strconv.Itoa(pulseHeight - good - bad), strconv.Itoa(bad), b.Text})
		}
	}
	return rects
}
