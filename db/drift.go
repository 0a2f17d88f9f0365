package db

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// driftBase is what a PBX had before somebody else changed it: drift is told against it until a
// person accepts it, a plan is applied, or the PBX is as it was.
type driftBase struct {
	Set   fleet.BindingSet `json:"set"`
	Since int64            `json:"since"` // the last moment at which it was known to hold
}

// noteRead notes drift that a read found.
func noteRead(ctx context.Context, c *conn, h *head, before, after fleet.BindingSet, known fleet.Known) error {
	unsure := h.certainty == fleet.CertaintyAmbiguous || h.openPlan != "" && known.Certainty == fleet.CertaintyAmbiguous
	if unsure && didsLess(before, after)+didsLess(after, before) == 0 {
		return nil // the same numbers: what changed is how sure we are of their trunks
	}
	ours, err := showsOpenPlan(ctx, c, h.openPlan, known)
	if err != nil || ours {
		return err
	}
	h.drift(before, after, max(h.verifiedAt, h.at), micros(known.At), "")
	return nil
}

// noteReport notes drift that a report told: somebody else took numbers away. Numbers that came
// are told by history alone, unless they end or change a drift.
func (h *head) noteReport(before, after fleet.BindingSet, event fleet.EventKind, at int64) {
	if h.at == 0 || h.driftBase == nil && didsLess(before, after) == 0 {
		return
	}
	h.drift(before, after, at, at, event)
}

// drift tells what is there against what was there before it began. When both are the same again,
// it is over.
func (h *head) drift(before, after fleet.BindingSet, since, until int64, event fleet.EventKind) {
	if h.driftBase == nil {
		h.driftBase, h.driftAt = &driftBase{before, since}, until
	}
	base := h.driftBase.Set
	if base.Equal(after) {
		h.endDrift()
		return
	}
	var what []string
	if lost := didsLess(base, after); lost > 0 {
		what = append(what, numbers(lost)+" removed")
	}
	if won := didsLess(after, base); won > 0 {
		what = append(what, numbers(won)+" added")
	}
	if len(what) == 0 {
		what = []string{numbers(max(len(after.Minus(base)), len(base.Minus(after)))) + " moved between trunks"}
	}
	h.driftNote = strings.Join(what, " and ") + " outside Cordboard " + when(moment(h.driftBase.Since), moment(until))
	if event != "" {
		h.driftNote += fmt.Sprintf(", as Yeastar reported (%s)", event)
	}
	h.driftNote += "."
	if after.Len() == 0 {
		h.driftNote = "No number is bound any more: all calls to this PBX fail. " + h.driftNote
	}
}

func (h *head) endDrift() { h.driftAt, h.driftNote, h.driftBase = 0, "", nil }

// when is a moment, or the span of time in which it lies.
func when(from, to time.Time) string {
	const day, clock = "2 Jan", "15:04"
	switch {
	case from.Equal(to):
		return "on " + to.Format(day+", "+clock) + " UTC"
	case from.Format(time.DateOnly) == to.Format(time.DateOnly) && from.Format(clock) == to.Format(clock):
		return "on " + to.Format(day) + " about " + to.Format(clock) + " UTC"
	case from.Format(time.DateOnly) == to.Format(time.DateOnly):
		return "on " + to.Format(day) + " between " + from.Format(clock) + " and " + to.Format(clock) + " UTC"
	}
	return "between " + from.Format(day+", "+clock) + " and " + to.Format(day+", "+clock) + " UTC"
}

func numbers(n int) string {
	if n == 1 {
		return "1 number was"
	}
	return fmt.Sprintf("%d numbers were", n)
}

// didsLess counts the numbers of a that b lacks, whatever their trunks.
func didsLess(a, b fleet.BindingSet) int {
	n, has := 0, b.Copies()
	for did := range a.Copies() {
		if has[did] == 0 {
			n++
		}
	}
	return n
}

// showsOpenPlan reports whether known is the result of the plan whose fate is open.
func showsOpenPlan(ctx context.Context, c *conn, id fleet.PlanID, known fleet.Known) (bool, error) {
	if id == "" || !known.Exact() {
		return false, nil
	}
	p, err := findPlan(ctx, c, id)
	if err != nil {
		return false, err
	}
	return p.Status.Open() && p.Kind == plan.KindBindings && p.After.Equal(known.Set), nil
}

// AcceptDrift takes what is there for the truth: the PBX counts as in sync again. seen is the time
// of the newest change that the person saw; a later one gives KindConflict.
func (d *DB) AcceptDrift(ctx context.Context, id fleet.PBXID, seen time.Time, e audit.Entry) error {
	return fail("AcceptDrift", d.write(ctx, func(ctx context.Context, c *conn) error {
		h, err := findHead(ctx, c, id)
		if err != nil {
			return err
		}
		if h.driftAt == 0 {
			return conflict("There is nothing to accept: this PBX has not drifted, or somebody has accepted it already.")
		}
		if h.at > micros(seen) {
			return conflict("This PBX changed again after you looked. Look once more before you accept.")
		}
		h.endDrift()
		if err := saveHead(ctx, c, h); err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}
