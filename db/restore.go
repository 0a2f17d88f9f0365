package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// restoredAt is the setting that tells when a copy was last opened in place of the record, and how old
// it was.
const restoredAt = "db.restored_at"

// Restored is the last restore; KindNotFound when the record was never restored.
func (d *DB) Restored(ctx context.Context) (r fleet.Restore, err error) {
	text, err := d.Setting(ctx, restoredAt)
	if err != nil {
		return r, err
	}
	return r, fail("Restored", json.Unmarshal(text, &r))
}

// begin makes an opened copy the record: nothing in it counts as verified, and no plan or job of the
// time before goes on. What the cloud holds by now is for a read to say.
func (d *DB) begin(ctx context.Context) error {
	return d.write(ctx, func(ctx context.Context, c *conn) error {
		text, err := findSetting(ctx, c, copiedAt)
		if fleet.KindOf(err) == fleet.KindNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		r := fleet.Restore{To: d.now()}
		if r.From, err = time.Parse(time.RFC3339Nano, string(text)); err != nil {
			return fmt.Errorf("when this copy was made: %w", err)
		}
		if err := d.beginAgain(ctx, c, r); err != nil {
			return err
		}
		_, err = c.exec(ctx, `DELETE FROM setting WHERE key IN (?, ?)`, copiedAt, copiedHead)
		return err
	})
}

func (d *DB) beginAgain(ctx context.Context, c *conn, r fleet.Restore) error {
	why := fmt.Sprintf("Cordboard's record was restored from a copy of %s UTC.", r.From.UTC().Format("2 Jan 2006, 15:04"))
	told, err := headNote(ctx, c)
	if err != nil {
		return err
	}
	pbxs, err := list(ctx, c, func(s scanner) (id fleet.PBXID, err error) { return id, s.Scan(&id) }, `SELECT id FROM pbx`)
	if err != nil {
		return err
	}
	for _, id := range pbxs {
		err := changeHead(ctx, c, id, func(h *head) {
			h.verifiedAt, h.openPlan, h.headers.Known = 0, "", false
			h.settle()
		})
		if err != nil {
			return err
		}
	}
	if err := voidDrafts(ctx, c, 0, why+" Plans of the time before are void."); err != nil {
		return err
	}
	outcome, err := json.Marshal(plan.Outcome{Result: plan.ResultUnknown, Sentence: why + " How this plan ended is not in it; the next read says what is there."})
	if err != nil {
		return err
	}
	if _, err := c.exec(ctx, `UPDATE plan SET status = 'void', outcome = ? WHERE status IN ('applying', 'unknown')`, string(outcome)); err != nil {
		return err
	}
	if _, err := c.exec(ctx, `UPDATE job SET state = 'failed', sentence = ?, ended_at = ? WHERE state IN ('running', 'needs_attention')`,
		why+" How far this job went is not in it.", micros(r.To)); err != nil {
		return err
	}
	if err := endWaysIn(ctx, c, r.To); err != nil {
		return err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := saveSetting(ctx, c, restoredAt, text); err != nil {
		return err
	}
	return appendAudit(ctx, c, audit.Entry{At: r.To, Actor: "cordboard", Action: audit.RecordRestore, Target: "the whole record", Outcome: audit.Succeeded, Reason: why + told})
}

// headNote tells when the audit log of a copy does not end as it did when the copy was made.
func headNote(ctx context.Context, c *conn) (string, error) {
	made, err := findSetting(ctx, c, copiedHead)
	if fleet.KindOf(err) == fleet.KindNotFound {
		return "", nil
	}
	head, fault := findAuditHead(ctx, c)
	if err != nil || fault != nil || string(made) == head.String() {
		return "", errors.Join(err, fault)
	}
	return " Its audit log ends at " + head.String() + ", and ended at " + string(made) + " when the copy was made: somebody changed it in between.", nil
}

// gapUntil is when the record was restored, for a PBX that no read has verified since; else zero.
func gapUntil(ctx context.Context, c *conn, h *head) (time.Time, error) {
	if h.verifiedAt != 0 {
		return time.Time{}, nil
	}
	text, err := findSetting(ctx, c, restoredAt)
	if fleet.KindOf(err) == fleet.KindNotFound {
		return time.Time{}, nil
	}
	var r fleet.Restore
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil || h.at >= micros(r.To) {
		return time.Time{}, err
	}
	return r.To, nil
}
