package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// AppendAudit records an act that leaves no other row: a sign-in, a refusal.
func (d *DB) AppendAudit(ctx context.Context, e audit.Entry) error {
	return fail("AppendAudit", d.write(ctx, func(ctx context.Context, c *conn) error { return appendAudit(ctx, c, e) }))
}

// appendAudit seals e behind the newest row, in the transaction of what it records.
func appendAudit(ctx context.Context, c *conn, e audit.Entry) error {
	var seq int64
	var prev string
	if err := c.row(ctx, lastAudit).Scan(&seq, &prev); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("last audit row: %w", err)
	}
	sealed, err := audit.Seal(seq+1, prev, e)
	if err != nil {
		return err
	}
	_, err = c.exec(ctx, insertAudit, sealed.Seq, micros(sealed.At), sealed.Actor, string(sealed.Action), sealed.Target,
		int64(sealed.PBX), string(sealed.Plan), string(sealed.Outcome), sealed.Reason, string(sealed.Before), string(sealed.After),
		sealed.VendorRequestID, sealed.IP, sealed.Prev, sealed.Hash)
	if err != nil {
		return fmt.Errorf("audit row %d: %w", sealed.Seq, err)
	}
	return nil
}

const (
	lastAudit   = `SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`
	insertAudit = `INSERT INTO audit (seq, at, actor, action, target, pbx_id, plan_id, outcome, reason, before, after,
		vendor_request_id, ip, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

// auditColumns are in the order of scanAudit.
const auditColumns = `seq, at, actor, action, target, pbx_id, plan_id, outcome, reason, before, after, vendor_request_id, ip, prev, hash`

func scanAudit(s scanner) (e audit.Entry, err error) {
	var at, pbx int64
	var action, plan, outcome, before, after string
	err = s.Scan(&e.Seq, &at, &e.Actor, &action, &e.Target, &pbx, &plan, &outcome, &e.Reason, &before, &after,
		&e.VendorRequestID, &e.IP, &e.Prev, &e.Hash)
	e.At, e.Action, e.PBX, e.Plan, e.Outcome = moment(at), audit.Action(action), fleet.PBXID(pbx), fleet.PlanID(plan), audit.Outcome(outcome)
	e.Before, e.After = rawJSON(before), rawJSON(after)
	return e, err
}

func rawJSON(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

// Audit is one page of the record, newest first. A narrowed page's Total stops at [TotalLimit].
func (d *DB) Audit(ctx context.Context, f audit.Filter) (page fleet.Page[audit.Entry], err error) {
	limit := pageLimit(f.Page)
	at, seq := forever, forever
	if f.Page.After != "" {
		if err := readCursor(f.Page.After, &at, &seq); err != nil {
			return page, err
		}
	}
	to := int64(math.MaxInt64)
	if !f.To.IsZero() {
		to = micros(f.To)
	}
	args := []any{at, seq, micros(f.From), to, f.Actor, f.Action, int64(f.PBX), limit + 1}
	pageQuery, totalQuery := auditQueries(f)
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		if page.Items, err = list(ctx, c, scanAudit, pageQuery, args...); err != nil {
			return err
		}
		args[0], args[1], args[7] = forever, forever, TotalLimit
		return c.row(ctx, totalQuery, args...).Scan(&page.Total)
	})
	if err != nil {
		return page, fail("Audit", err)
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		last := page.Items[limit-1]
		page.Next = writeCursor(micros(last.At), last.Seq)
	}
	return page, nil
}

// auditQueries picks the index that narrows most: a PBX, then a person, then an action. Columns
// that are not asked for are compared with themselves.
func auditQueries(f audit.Filter) (page, total string) {
	switch {
	case f.PBX != 0:
		return pageAuditOfPBX, totalAuditOfPBX
	case f.Actor != "":
		return pageAuditOfActor, totalAuditOfActor
	case f.Action != "":
		return pageAuditOfAction, totalAuditOfAction
	case f.From.IsZero() && f.To.IsZero():
		return pageAudit, totalAudit
	}
	return pageAudit, totalAuditInTime
}

const (
	auditKeys  = ` (at, seq) < (?1, ?2) AND at >= ?3 AND at < ?4`
	auditNewer = ` ORDER BY at DESC, seq DESC LIMIT ?8`

	pageAudit         = `SELECT ` + auditColumns + ` FROM audit WHERE` + auditKeys + auditNewer
	pageAuditOfPBX    = `SELECT ` + auditColumns + ` FROM audit WHERE pbx_id = ?7 AND pbx_id <> 0 AND (?5 = '' OR actor = ?5) AND (?6 = '' OR action = ?6) AND` + auditKeys + auditNewer
	pageAuditOfActor  = `SELECT ` + auditColumns + ` FROM audit WHERE actor = ?5 AND (?6 = '' OR action = ?6) AND` + auditKeys + auditNewer
	pageAuditOfAction = `SELECT ` + auditColumns + ` FROM audit WHERE action = ?6 AND` + auditKeys + auditNewer

	// No row ever leaves, so the newest number is how many there are.
	totalAudit         = `SELECT coalesce(max(seq), 0) FROM audit`
	totalAuditInTime   = `SELECT count(*) FROM (SELECT 1 FROM audit WHERE` + auditKeys + ` LIMIT ?8)`
	totalAuditOfPBX    = `SELECT count(*) FROM (SELECT 1 FROM audit WHERE pbx_id = ?7 AND pbx_id <> 0 AND (?5 = '' OR actor = ?5) AND (?6 = '' OR action = ?6) AND` + auditKeys + ` LIMIT ?8)`
	totalAuditOfActor  = `SELECT count(*) FROM (SELECT 1 FROM audit WHERE actor = ?5 AND (?6 = '' OR action = ?6) AND` + auditKeys + ` LIMIT ?8)`
	totalAuditOfAction = `SELECT count(*) FROM (SELECT 1 FROM audit WHERE action = ?6 AND` + auditKeys + ` LIMIT ?8)`
)

// VerifyAudit walks the whole chain and says what is wrong with the first bad row, and how many
// rows are good before it. Rows cut off at the end show only against an exported head.
func (d *DB) VerifyAudit(ctx context.Context) (good int64, err error) {
	var broken error
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		var prev audit.Entry
		return c.each(ctx, func(s scanner) error {
			e, err := scanAudit(s)
			if err != nil {
				return err
			}
			if broken = audit.Check(prev, e); broken != nil {
				return broken
			}
			good, prev = e.Seq, e
			return nil
		}, walkAudit)
	})
	if broken != nil {
		return good, broken
	}
	return good, fail("VerifyAudit", err)
}

const walkAudit = `SELECT ` + auditColumns + ` FROM audit ORDER BY seq`
