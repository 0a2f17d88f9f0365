package db

import (
	"context"
	"database/sql"
	"errors"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// Plans is one page of plans, newest first. To stay light its plans carry the steps that change
// something and neither the sets nor the steps that keep: Plan reads those.
func (d *DB) Plans(ctx context.Context, f plan.Filter) (page fleet.Page[plan.Plan], err error) {
	limit := pageLimit(f.Page)
	created, id := forever, ""
	if f.Page.After != "" {
		if err := readCursor(f.Page.After, &created, &id); err != nil {
			return page, err
		}
	}
	d.sweepDrafts(ctx)
	query := planPage(f.PBX, f.Status)
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		page.Items, err = list(ctx, c, scanPlanDoc, query, int64(f.PBX), string(f.Status), created, id, limit+1)
		if err != nil {
			return err
		}
		return c.row(ctx, totalPlans, int64(f.PBX), string(f.Status)).Scan(&page.Total)
	})
	if err != nil {
		return page, fail("Plans", err)
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		last := page.Items[limit-1]
		page.Next = writeCursor(micros(last.CreatedAt), last.ID)
	}
	for i := range page.Items {
		page.Items[i] = d.expire(page.Items[i])
	}
	return page, nil
}

func planPage(pbx fleet.PBXID, status plan.Status) string {
	switch {
	case pbx != 0 && status != "":
		return pagePlansOfPBXIn
	case pbx != 0:
		return pagePlansOfPBX
	case status != "":
		return pagePlansIn
	}
	return pagePlans
}

const (
	planKeys  = ` (created_at, id) < (?3, ?4)`
	planNewer = ` ORDER BY created_at DESC, id DESC LIMIT ?5`

	pagePlans        = `SELECT ` + planDocColumns + ` FROM plan WHERE` + planKeys + planNewer
	pagePlansOfPBX   = `SELECT ` + planDocColumns + ` FROM plan WHERE pbx_id = ?1 AND` + planKeys + planNewer
	pagePlansIn      = `SELECT ` + planDocColumns + ` FROM plan WHERE status = ?2 AND` + planKeys + planNewer
	pagePlansOfPBXIn = `SELECT ` + planDocColumns + ` FROM plan WHERE pbx_id = ?1 AND status = ?2 AND` + planKeys + planNewer

	totalPlans = `SELECT coalesce(sum(n), 0) FROM plan_tally WHERE pbx_id = ?1 AND (?2 = '' OR status = ?2)`
)

// PlanCounts is how many plans there are in each status.
func (d *DB) PlanCounts(ctx context.Context) (counts map[plan.Status]int, err error) {
	d.sweepDrafts(ctx)
	counts = make(map[plan.Status]int)
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.each(ctx, func(s scanner) error {
			var status plan.Status
			var n int
			err := s.Scan(&status, &n)
			counts[status] = n
			return err
		}, selectPlanTally)
	})
	return counts, fail("PlanCounts", err)
}

// ExpireDrafts stores as expired what expired since the last time. The sealed passwords of such drafts go with it.
func (d *DB) ExpireDrafts(ctx context.Context) { d.sweepDrafts(ctx) }

// sweepDrafts stores as expired what expired since the last time, so that lists and their totals can
// be read from indexes. When it can't, lists are still shown: a draft past its time reads as expired
// anyway, and can't be confirmed.
func (d *DB) sweepDrafts(ctx context.Context) {
	now := micros(d.now())
	var due bool
	err := d.read(ctx, func(ctx context.Context, c *conn) error { return c.row(ctx, anyDraftDue, now).Scan(&due) })
	if err == nil && due {
		err = d.execute(ctx, "sweepDrafts", expireDrafts, now)
	}
	if err != nil && ctx.Err() == nil {
		d.log.WarnContext(ctx, "expired drafts were not marked", "error", err)
	}
}

const (
	anyDraftDue  = `SELECT EXISTS (SELECT 1 FROM plan WHERE status = 'draft' AND expires_at <= ?)`
	expireDrafts = `UPDATE plan SET status = 'expired' WHERE status = 'draft' AND expires_at <= ?`
)

const selectPlanTally = `SELECT status, n FROM plan_tally WHERE pbx_id = 0`

// DiscardPlan makes a draft void because somebody does not want it any more. A plan that is not a
// draft gives KindConflict.
func (d *DB) DiscardPlan(ctx context.Context, id fleet.PlanID, e audit.Entry) error {
	return fail("DiscardPlan", d.write(ctx, func(ctx context.Context, c *conn) error {
		p, err := findPlan(ctx, c, id)
		if err != nil {
			return err
		}
		if p.Status != plan.Draft {
			return notDraft(ctx, c, p)
		}
		if err := voidPlans(ctx, c, voidOne, "Discarded by "+e.Actor+".", string(id)); err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}

// Undone is the undo that was the last write to a PBX, applied or under way, or the zero Undone.
func (d *DB) Undone(ctx context.Context, id fleet.PBXID) (undone fleet.Undone, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		var by string
		var at int64
		p, err := scanPlanWith(c.row(ctx, lastWrite, int64(id)), &by, &at)
		if errors.Is(err, sql.ErrNoRows) || err == nil && p.UndoTo == 0 {
			return nil
		}
		undone = fleet.Undone{To: p.UndoTo, Plan: p.ID, By: by, At: moment(at)}
		return err
	})
	return undone, fail("Undone", err)
}

// lastWrite has the time of the confirmation on our own clock from its audit row: sent_at is the vendor's.
const lastWrite = `SELECT ` + planDocColumns + `, confirmed_by, coalesce((SELECT max(at) FROM audit
		WHERE audit.pbx_id = plan.pbx_id AND plan_id = plan.id AND action = 'plan.confirm' AND audit.outcome = 'intended'), sent_at) FROM plan
	WHERE pbx_id = ? AND sent_at > 0 AND kind = 'bindings' AND status IN ('applying', 'unknown', 'applied', 'diverged') ORDER BY sent_at DESC LIMIT 1`
