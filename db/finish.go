package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// Finish stores an open plan's new status and outcome. wrote is non-nil when the cloud was seen to
// hold the plan's result: then the plan has a snapshot of source write afterwards, the ledger is
// exact and verified, and drift, trouble and open questions are answered. A plan that is not open
// gives KindConflict.
func (d *DB) Finish(ctx context.Context, p plan.Plan, wrote *plan.Written, e audit.Entry) error {
	return fail("Finish", d.write(ctx, func(ctx context.Context, c *conn) error {
		stored, err := findPlan(ctx, c, p.ID)
		if err != nil {
			return err
		}
		if !stored.Status.Open() {
			return conflict(fmt.Sprintf("This plan was settled meanwhile: it is %q.", stored.Status))
		}
		outcome, err := json.Marshal(p.Outcome)
		if err != nil {
			return err
		}
		line := ""
		if p.Outcome.Line != nil {
			line = string(p.Outcome.Line.State)
		}
		if _, err := c.exec(ctx, finishPlan, string(p.Status), string(outcome), line, string(p.ID)); err != nil {
			return err
		}
		if stored.Kind != plan.KindBindings {
			return appendAudit(ctx, c, e)
		}
		h, err := findHead(ctx, c, stored.PBX)
		if err != nil {
			return err
		}
		if wrote != nil {
			if err := d.recordWrite(ctx, c, &h, stored, *wrote); err != nil {
				return err
			}
		}
		if !p.Status.Open() {
			h.openPlan = ""
		}
		if err := saveHead(ctx, c, h); err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}

const finishPlan = `UPDATE plan SET status = ?, outcome = ?, line = ? WHERE id = ? AND status IN ('applying', 'unknown')`

// recordWrite makes the plan's snapshot, or finds the one that its echo or a reading made already.
func (d *DB) recordWrite(ctx context.Context, c *conn, h *head, p plan.Plan, wrote plan.Written) error {
	own, err := findPlanSnapshot(ctx, c, p.ID)
	if err != nil {
		return err
	}
	doubt := ""
	if own.id == 0 {
		if doubt, err = d.writeSnapshot(ctx, c, h, p, micros(wrote.At)); err != nil {
			return err
		}
	}
	if h.fingerprint != p.After.Fingerprint() {
		return nil // something newer is known: what was read then is history already
	}
	h.certainty, h.unclear, h.headers = fleet.CertaintyExact, nil, wrote.Headers
	h.verifiedAt = max(h.verifiedAt, micros(wrote.At))
	h.overwritten(p, wrote.At)
	h.settle()
	h.awaiting = doubt
	return nil
}

// sameMoment is how far apart two times may be when one of them was cut to the second.
const sameMoment = int64(time.Second / time.Microsecond)

// nearlySame is what a read must settle when a report and our verification contradict each other
// and are too close for their order to be known.
const nearlySame = "A report and the verification of a plan contradict each other within the same second."

// writeSnapshot puts the plan's snapshot where its verification says:
//
//   - A reading found the result before we could say that it is ours: that snapshot becomes the
//     plan's own.
//   - Nothing in history is younger: it becomes the newest.
//   - Something younger contradicts it within the same second: nobody knows which was first. The
//     verification was our own look at the cloud, so it becomes the newest, and a read is asked for.
//   - Otherwise it goes behind what is younger, and the current bindings stay.
//
// It answers with what a read must settle, if anything.
func (d *DB) writeSnapshot(ctx context.Context, c *conn, h *head, p plan.Plan, at int64) (doubt string, err error) {
	print := p.After.Fingerprint()
	if h.at >= micros(p.SentAt.Truncate(time.Second)) && h.fingerprint == print {
		adopted, err := c.exec(ctx, adoptReading, string(p.ID), int64(h.pbx), h.at)
		if err != nil {
			return "", err
		}
		if adopted > 0 {
			return "", nil
		}
	}
	place := at
	if h.at >= at && h.fingerprint != print && h.at < at+sameMoment {
		place, doubt = h.at, nearlySame
	}
	place, err = ownTime(ctx, c, h.pbx, place)
	if err != nil {
		return "", err
	}
	before, err := coverAt(ctx, c, h.pbx, place)
	if err != nil {
		return "", err
	}
	if err := d.nameStubs(ctx, c, p.After.Minus(before.set())); err != nil {
		return "", err
	}
	row := snapshotRow{pbx: h.pbx, at: place, source: fleet.FromWrite, seenAt: at, plan: p.ID}
	id, newest, err := insertSnapshot(ctx, c, row, before, p.After)
	if err != nil {
		return "", err
	}
	h.snapshots++
	if newest {
		h.learn(id, place, p.After, nil)
	}
	return doubt, nil
}

const adoptReading = `UPDATE snapshot SET source = 'write', plan_id = ?, not_before = 0 WHERE pbx_id = ? AND at = ? AND source = 'reconcile' AND plan_id IS NULL`
