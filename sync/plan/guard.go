package plan

import (
	"fmt"
	"slices"

	"cordboard/sync/fleet"
)

// Level says how much a plan may hurt.
type Level string

// None only adds; Caution takes something away; Danger trips the guard.
const (
	None    Level = "none"
	Caution Level = "caution"
	Danger  Level = "danger"
)

// Need is what a person must give to confirm a plan.
type Need string

const (
	// NeedName is the PBX's name, typed.
	NeedName Need = "name"
	// NeedReason is a reason in words, kept in the audit log.
	NeedReason Need = "reason"
)

// Risk is the guard's verdict on a plan.
type Risk struct {
	Level   Level
	Reasons []string
	Needs   []Need
}

// Guard holds the limits above which a plan needs a reason. Most PBXs have fewer than ten
// numbers, so the share alone or the count alone would be blind.
type Guard struct {
	MaxShare int // percent of a PBX's numbers that one plan may unbind
	MaxCount int // numbers that one plan may unbind
}

// DefaultGuard is what a fresh installation uses.
var DefaultGuard = Guard{MaxShare: 30, MaxCount: 10}

// Weigh judges what going from before to after takes away.
func (g Guard) Weigh(before, after fleet.BindingSet) Risk {
	had, has := before.Copies(), after.Copies()
	lost := 0
	for did := range had {
		if has[did] == 0 {
			lost++
		}
	}
	risk := Risk{Level: None}
	if len(before.Minus(after)) > 0 {
		risk.Level = Caution
	}
	if lost == 0 {
		return risk
	}
	if len(has) == 0 {
		stop := "the only one stops"
		if lost > 1 {
			stop = fmt.Sprintf("all %d stop", lost)
		}
		risk.add("It leaves no number on this PBX: "+stop+" ringing.", NeedName, NeedReason)
		return risk
	}
	if lost*100 > g.MaxShare*len(had) {
		share := (lost*100 + len(had) - 1) / len(had) // rounded up, so that it reads as more than the limit
		risk.add(fmt.Sprintf("It unbinds %d of %d numbers (%d %%), more than %d %%.", lost, len(had), share, g.MaxShare), NeedReason)
	}
	if lost > g.MaxCount {
		risk.add(fmt.Sprintf("It unbinds %d numbers, more than %d.", lost, g.MaxCount), NeedReason)
	}
	return risk
}

// warn gives a reason to look twice, which asks for nothing.
func (r *Risk) warn(reason string) {
	if r.Level == None {
		r.Level = Caution
	}
	r.Reasons = append(r.Reasons, reason)
}

func (r *Risk) add(reason string, needs ...Need) {
	r.Level = Danger
	r.Reasons = append(r.Reasons, reason)
	for _, n := range needs {
		r.need(n)
	}
}

// need asks for n, once.
func (r *Risk) need(n Need) {
	if !r.Asks(n) {
		r.Needs = append(r.Needs, n)
	}
}

// Asks reports whether confirming needs n.
func (r Risk) Asks(n Need) bool {
	return slices.Contains(r.Needs, n)
}
