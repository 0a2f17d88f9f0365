package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// openDrift is a PBX's drift while it is open, and the row that is written when it closes.
type openDrift struct {
	fleet.Drift
	steps int // how many changes it is made of
	moved bool
}

// noteRead notes drift that a read found and history has as snapshot.
func noteRead(ctx context.Context, c *conn, h *head, before, after fleet.BindingSet, r fleet.Reading, snapshot fleet.SnapshotID) error {
	unsure := h.certainty == fleet.CertaintyAmbiguous || h.openPlan != "" && r.Known.Certainty == fleet.CertaintyAmbiguous
	if unsure && sameDIDs(before, after) {
		return nil // what changed is how sure we are of their trunks
	}
	ours, err := showsOpenPlan(ctx, c, h.openPlan, r.Known)
	if err != nil || ours {
		return err
	}
	f := fleet.Finding{Before: before, After: after, Since: moment(max(h.verifiedAt, h.at)), Until: r.Known.At, Trace: r.Trace, Snapshot: snapshot}
	var restoring int64
	if err := c.row(ctx, selectRestoring, int64(h.pbx)).Scan(&restoring); err != nil {
		return err
	}
	f.RestoringAt = moment(restoring)
	if f.GapUntil, err = gapUntil(ctx, c, h); err != nil {
		return err
	}
	if err := findOurs(ctx, c, h, &f); err != nil {
		return err
	}
	if !f.GapUntil.IsZero() && alikeWhereClear(before, after) {
		return nil // what can't be told from a copy is no change
	}
	h.note(f)
	return nil
}

// alikeWhereClear reports whether both have the same DIDs, on the same trunks wherever after knows them.
func alikeWhereClear(before, after fleet.BindingSet) bool {
	var unclear []fleet.Binding
	for _, b := range before.Pairs() {
		if after.Has(fleet.Binding{Trunk: fleet.TrunkUnclear, DID: b.DID}) {
			unclear = append(unclear, b)
		}
	}
	return sameDIDs(before, after) && before.Without(unclear...).Equal(after.Certain())
}

const selectRestoring = `SELECT restoring_at FROM pbx WHERE id = ?`

// noteReport notes drift that a report told: somebody else took pairs away, be it that their numbers went to
// another trunk, or a plan of ours that was given up was applied after all. Pairs that a colleague brought are
// told by history alone, unless they end or change a drift.
func noteReport(ctx context.Context, c *conn, h *head, before, after fleet.BindingSet, event fleet.EventKind, at int64, snapshot fleet.SnapshotID) error {
	if h.at == 0 || before.Equal(after) {
		return nil
	}
	f := fleet.Finding{Before: before, After: after, Since: moment(at), Until: moment(at), Event: event, Snapshot: snapshot}
	if err := findOurs(ctx, c, h, &f); err != nil {
		return err
	}
	took := slices.ContainsFunc(f.Base().Minus(after), func(b fleet.Binding) bool {
		return b.Trunk != fleet.TrunkUnclear || len(after.TrunksOf(b.DID)) == 0
	})
	if late := f.Wrote != nil && f.Wrote.GivenUp; took || late || h.drift != nil {
		h.note(f)
	}
	return nil
}

// note makes a finding the PBX's drift, or part of it. When the PBX is as it was before, the drift
// is over.
func (h *head) note(f fleet.Finding) {
	cause, evidence := fleet.Explain(f)
	d := h.drift
	if d != nil && f.Sent != nil {
		d.Before = f.Sent.Credit(d.Before, f.After)
	}
	switch {
	case d == nil:
		h.drift = &openDrift{Drift: fleet.Drift{PBX: h.pbx, Cause: cause, Evidence: evidence, State: fleet.DriftOpen, OpenedAt: f.Until,
			Since: f.Since, Base: h.id, Before: f.Base()}}
	case d.Before.Equal(f.After):
		h.endDrift(fleet.DriftResolved, f.Until)
		return
	default:
		d.Cause, d.Evidence = fleet.Joined(d.Cause, cause), append(d.Evidence, evidence...)
	}
	h.drift.steps++
	h.tell(f.After, f.Until)
}

func (h *head) tell(after fleet.BindingSet, until time.Time) {
	d := h.drift
	d.After, d.Until, d.moved = after, until, true
	d.Sentence = d.Tell()
	h.driftAt, h.driftNote = micros(d.OpenedAt), d.Sentence
}

// lateSlack is how far outside the time between two reads a report may be dated that explains what
// the second one found: clocks, and times cut to the second.
const lateSlack = time.Minute

// explainLate lets a report that came after a read had found the same change name the cause.
func explainLate(ctx context.Context, c *conn, h *head, report fleet.Report, snapshot fleet.SnapshotID) error {
	d := h.drift
	if d == nil || h.goneAt != 0 || d.Since.Equal(d.Until) || report.Event == fleet.PCEDelete || !d.After.Equal(report.Set) ||
		report.At.Before(d.Since.Add(-lateSlack)) || report.At.After(d.Until.Add(lateSlack)) {
		return nil
	}
	f := fleet.Finding{Before: d.Before, After: d.After, Since: report.At, Until: report.At, Event: report.Event, Snapshot: snapshot}
	var err error
	if f.Wrote, err = findOwnWrite(ctx, c, h, d.After, report.At); err != nil {
		return err
	}
	cause, evidence := fleet.Explain(f)
	found := fleet.Evidence{Sentence: fmt.Sprintf("The report came late: a read had found the change at %s UTC.", d.Until.UTC().Format("15:04:05"))}
	if d.steps > 1 {
		cause, evidence = fleet.Joined(d.Cause, cause), append(d.Evidence, evidence...)
	} else {
		if d.Cause != fleet.CauseLostWrite { // what it says of a plan is that it is not counted
			evidence = append(evidence, slices.DeleteFunc(d.Evidence, func(e fleet.Evidence) bool { return e.Plan == "" })...)
		}
		d.Since = report.At
	}
	d.Cause, d.Evidence = cause, append(evidence, found)
	h.tell(d.After, d.until(report.At))
	return nil
}

func (d *openDrift) until(told time.Time) time.Time {
	if d.steps > 1 {
		return d.Until
	}
	return told
}

// endDrift closes the drift, if there is one. [saveHead] stores it.
func (h *head) endDrift(state fleet.DriftState, at time.Time) {
	h.driftAt, h.driftNote = 0, ""
	if h.drift != nil {
		h.drift.State, h.drift.ClosedAt, h.drift.moved = state, at, true
	}
}

// overwritten closes the drift because a plan was applied over it.
func (h *head) overwritten(p plan.Plan, at time.Time) {
	if h.drift == nil {
		return
	}
	state := fleet.DriftResolved
	if p.UndoTo == h.drift.Base || p.After.Equal(h.drift.Before) {
		state = fleet.DriftReverted
	}
	h.drift.Plan = p.ID
	h.endDrift(state, at)
}

func sameDIDs(a, b fleet.BindingSet) bool {
	left, right := a.Copies(), b.Copies()
	for did := range left {
		if right[did] == 0 {
			return false
		}
	}
	return len(left) == len(right)
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

// givenUpFor is how long after a plan was sent Yeastar may still come to apply it: what looks like
// its result later is somebody else's doing.
const givenUpFor = 15 * time.Minute

// findOurs completes a finding by the plans of ours that it may come from.
func findOurs(ctx context.Context, c *conn, h *head, f *fleet.Finding) (err error) {
	if f.Wrote, err = findOwnWrite(ctx, c, h, f.After, f.Until); err != nil {
		return err
	}
	var id string
	err = c.row(ctx, findSent, int64(h.pbx), h.at, micros(f.Until.Add(-givenUpFor))).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	p, err := findPlan(ctx, c, fleet.PlanID(id))
	f.Sent = &fleet.OwnWrite{Plan: p.ID, Before: p.Before, After: p.After, At: p.SentAt}
	return err
}

// findOwnWrite is our plan that a change to after may come from: one that was given up and asked for
// exactly this (one that Yeastar refused is not), or the one that made the newest snapshot. Nil when there is neither.
func findOwnWrite(ctx context.Context, c *conn, h *head, after fleet.BindingSet, at time.Time) (*fleet.OwnWrite, error) {
	var id string
	var sent int64
	err := c.row(ctx, findGivenUp, int64(h.pbx), after.Fingerprint(), micros(at.Add(-givenUpFor)), micros(at)).Scan(&id, &sent)
	if err == nil {
		p, err := findPlan(ctx, c, fleet.PlanID(id))
		if err != nil || p.Outcome.Refused {
			return nil, err
		}
		return &fleet.OwnWrite{Plan: p.ID, After: after, At: moment(sent), GivenUp: true}, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	var seenAt int64
	var echoed bool
	err = c.row(ctx, findLastWrite, int64(h.pbx), h.at).Scan(&id, &seenAt, &echoed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := findPlan(ctx, c, fleet.PlanID(id))
	if err != nil {
		return nil, err
	}
	return &fleet.OwnWrite{Plan: p.ID, Before: p.Before, After: p.After, At: moment(seenAt), Echoed: echoed}, nil
}

const (
	findGivenUp = `SELECT id, sent_at FROM plan WHERE pbx_id = ?1 AND status IN ('failed', 'diverged') AND after_print = ?2 AND sent_at BETWEEN ?3 AND ?4
		ORDER BY sent_at DESC LIMIT 1`
	findSent = `SELECT id FROM plan WHERE pbx_id = ?1 AND kind = 'bindings' AND sent_at > ?2 AND (status IN ('applying', 'unknown') OR status = 'diverged' AND sent_at >= ?3)
		ORDER BY sent_at DESC LIMIT 1`
	findLastWrite = `SELECT plan_id, seen_at, vendor_time FROM snapshot WHERE pbx_id = ? AND at = ? AND source = 'write' AND plan_id IS NOT NULL`
)

// driftSets is what a drift is told against, and what is there.
type driftSets struct {
	Before, After fleet.BindingSet
}

// saveDrift stores the head's drift when it moved, and answers the id of the one that is open, or 0.
func saveDrift(ctx context.Context, c *conn, h *head) (fleet.DriftID, error) {
	d := h.drift
	if d == nil {
		return 0, nil
	}
	if d.moved {
		evidence, err := json.Marshal(d.Evidence)
		if err != nil {
			return 0, err
		}
		sets, err := json.Marshal(driftSets{d.Before, d.After})
		if err != nil {
			return 0, err
		}
		var id any
		if d.ID != 0 {
			id = int64(d.ID)
		}
		err = c.row(ctx, upsertDrift, id, int64(d.PBX), string(d.Cause), d.Sentence, string(evidence), string(d.State), d.steps, micros(d.OpenedAt),
			micros(d.ClosedAt), d.ClosedBy, micros(d.Since), micros(d.Until), int64(d.Base), string(sets), string(d.Plan)).Scan(&d.ID)
		if err != nil {
			return 0, err
		}
		d.moved = false
	}
	if d.State != fleet.DriftOpen {
		h.drift = nil
		return 0, nil
	}
	return d.ID, nil
}

const upsertDrift = `INSERT INTO drift (id, pbx_id, cause, sentence, evidence, state, steps, opened_at, closed_at, closed_by, since, until, base_id, sets, plan_id)
	VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
	ON CONFLICT (id) DO UPDATE SET cause = ?3, sentence = ?4, evidence = ?5, state = ?6, steps = ?7, closed_at = ?9, closed_by = ?10,
	since = ?11, until = ?12, sets = ?14, plan_id = ?15 RETURNING id`

// AdoptDrift takes what is there for the truth: the PBX counts as in sync again. seen is the time of
// the newest change that the person saw, or zero; a later change gives KindConflict, and so does a drift
// that is not open any more.
func (d *DB) AdoptDrift(ctx context.Context, id fleet.DriftID, seen time.Time, e audit.Entry) error {
	return fail("AdoptDrift", d.write(ctx, func(ctx context.Context, c *conn) error {
		drift, err := findDrift(ctx, c, id)
		if err != nil {
			return err
		}
		if drift.State != fleet.DriftOpen {
			return conflict(fmt.Sprintf("There is nothing to adopt: this drift is %s already.", drift.State))
		}
		h, err := findHead(ctx, c, drift.PBX)
		if err != nil {
			return err
		}
		if !seen.IsZero() && h.at > micros(seen) {
			return conflict("This PBX changed again after you looked. Look once more before you adopt it.")
		}
		h.drift.ClosedBy = e.Actor
		h.endDrift(fleet.DriftAdopted, d.now())
		if err := saveHead(ctx, c, h); err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}
