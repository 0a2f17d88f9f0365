package yeastartest

import "time"

// WebhookPolicy is how reports travel. The zero value delivers each report once
// to every webhook, in order, with the resends of assumption row 17. Functions
// are called one at a time, once for each report and webhook, while the model is
// locked: they must not call methods of the Server.
type WebhookPolicy struct {
	// Drop loses a report for which it returns true; nil loses none.
	Drop func(Report) bool
	// Duplicate says how many extra copies of a report are sent; nil = none.
	Duplicate func(Report) int
	// Delay says how long a report waits before it is sent; later ones pass it.
	// nil = no wait.
	Delay func(Report) time.Duration
	// Reorder collects this many reports and sends them shuffled by ReorderSeed;
	// 0 = in order. Release sends what was collected so far.
	Reorder     int
	ReorderSeed uint64
	// Hold collects all reports until Release.
	Hold bool
	// BeforeAnswer delivers the report of an API call, resends included, before
	// the call is answered. It has no effect on changes put off by ApplyDelay,
	// nor on reports that are dropped or on hold.
	BeforeAnswer bool
	// OnePerPBX sends one report for each PBX instead of one for each operation
	// (row 19).
	OnePerPBX bool
	// Parallel is how many deliveries one webhook has under way; 0 = 1, which
	// keeps the order.
	Parallel int
	// Timeout of one attempt; 0 = 5 seconds.
	Timeout time.Duration
	// Resends after an attempt that got no 2xx; 0 = 3, negative = none.
	Resends int
	// ResendDelay passes before each resend; 0 = 1 second.
	ResendDelay time.Duration
	// ContentType of the post; "" = application/json (row 18).
	ContentType string
}

func (p WebhookPolicy) withDefaults() WebhookPolicy {
	if p.Parallel <= 0 {
		p.Parallel = 1
	}
	if p.Timeout == 0 {
		p.Timeout = 5 * time.Second
	}
	if p.Resends == 0 {
		p.Resends = 3
	}
	if p.ResendDelay == 0 {
		p.ResendDelay = time.Second
	}
	p.ContentType = or(p.ContentType, "application/json")
	return p
}

// All picks every report.
func All(Report) bool { return true }

// First picks the first n reports it is asked about.
func First(n int) func(Report) bool {
	seen := 0
	return func(Report) bool {
		seen++
		return seen <= n
	}
}

// EveryNth picks each n-th report it is asked about.
func EveryNth(n int) func(Report) bool {
	seen := 0
	return func(Report) bool {
		seen++
		return seen%n == 0
	}
}

// Copies asks for n extra copies of every report.
func Copies(n int) func(Report) int { return func(Report) int { return n } }

// Wait delays every report by d.
func Wait(d time.Duration) func(Report) time.Duration {
	return func(Report) time.Duration { return d }
}
