// Package change is the only writer to the cloud. Every change goes the same way: a stored draft
// that a person reviewed, an intent committed before the call, the call once, a read back, and an
// outcome that says what is true, "unknown" included.
//
// It may import fleet, team, plan and audit.
package change
