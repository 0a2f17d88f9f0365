package db

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// AppendAudit records an act that leaves no other row: a sign-in, a refusal.
func (d *DB) AppendAudit(ctx context.Context, e audit.Entry) error {
	return fail("AppendAudit", d.write(ctx, func(ctx context.Context, c *conn) error { return appendAudit(ctx, c, e) }))
}

// appendAudit seals e behind the newest row, in the transaction of what it records.
func appendAudit(ctx context.Context, c *conn, e audit.Entry) error {
	head, err := findAuditHead(ctx, c)
	if err != nil {
		return fmt.Errorf("last audit row: %w", err)
	}
	sealed, err := audit.Seal(head.Seq+1, head.Hash, e)
	if err != nil {
		return err
	}
	_, err = c.exec(ctx, insertAudit, sealed.Seq, micros(sealed.At), sealed.Actor, string(sealed.Action), sealed.Target,
		int64(sealed.PBX), string(sealed.Plan), string(sealed.Outcome), sealed.Reason, string(sealed.Before), string(sealed.After),
		sealed.VendorRequestID, sealed.IP, sealed.Prev, sealed.Hash)
	if err != nil {
		return fmt.Errorf("audit row %d: %w", sealed.Seq, err)
	}
	// A head that does not follow the kept one stays unkept: what was cut off before must not be covered up.
	if _, err := c.exec(ctx, moveHead, keptHead, []byte(audit.Head{Seq: sealed.Seq, Hash: sealed.Hash}.String()), []byte(head.String())); err != nil {
		return fmt.Errorf("audit head %d: %w", sealed.Seq, err)
	}
	return nil
}

// keptHead is the setting that tells the newest row beside the rows themselves, so that rows cut off at the end show.
const keptHead = "db.audit_head"

const (
	moveHead    = `INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2 WHERE value = ?3`
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

// AuditEntry is one row of the record.
func (d *DB) AuditEntry(ctx context.Context, seq int64) (e audit.Entry, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		e, err = scanAudit(c.row(ctx, selectAudit, seq))
		if errors.Is(err, sql.ErrNoRows) {
			return fleet.NotFound("db.AuditEntry", "The act")
		}
		return err
	})
	return e, fail("AuditEntry", err)
}

const selectAudit = `SELECT ` + auditColumns + ` FROM audit WHERE seq = ?`

// AuditHead is the newest row: the zero Head when there is none.
func (d *DB) AuditHead(ctx context.Context) (head audit.Head, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		head, err = findAuditHead(ctx, c)
		return err
	})
	return head, fail("AuditHead", err)
}

func findAuditHead(ctx context.Context, c *conn) (head audit.Head, err error) {
	if err = c.row(ctx, lastAudit).Scan(&head.Seq, &head.Hash); errors.Is(err, sql.ErrNoRows) {
		return audit.Head{}, nil
	}
	return head, err
}

// VerifyAudit walks the whole chain and says what is wrong with the first bad row, and how many
// rows are good before it. Rows cut off at the end show against the head that is kept beside them, and for
// sure only against one that was kept elsewhere; the zero Head asks for none.
func (d *DB) VerifyAudit(ctx context.Context, kept audit.Head) (good int64, err error) {
	var broken error
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		beside, err := findKeptHead(ctx, c)
		if err != nil {
			return err
		}
		var prev, atHead, atBeside audit.Entry
		err = c.each(ctx, func(s scanner) error {
			e, err := scanAudit(s)
			if err != nil {
				return fmt.Errorf("audit: row %d can't be read: %w", good+1, err)
			}
			if broken = audit.Check(prev, e); broken != nil {
				return broken
			}
			if good, prev = e.Seq, e; e.Seq == kept.Seq {
				atHead = e
			}
			if e.Seq == beside.Seq {
				atBeside = e
			}
			return nil
		}, walkAudit)
		if err == nil {
			broken = cmp.Or(kept.Check(prev, atHead), beside.Check(prev, atBeside))
		}
		return err
	})
	if broken != nil {
		return good, broken
	}
	return good, fail("VerifyAudit", err)
}

func findKeptHead(ctx context.Context, c *conn) (audit.Head, error) {
	text, err := findSetting(ctx, c, keptHead)
	if fleet.KindOf(err) == fleet.KindNotFound {
		return audit.Head{}, nil // nothing was added since an older version
	}
	if err != nil {
		return audit.Head{}, err
	}
	return audit.ParseHead(string(text))
}

const walkAudit = `SELECT ` + auditColumns + ` FROM audit ORDER BY seq`
