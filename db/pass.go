package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

const (
	// passesKept is how many passes are remembered.
	passesKept = 500
	// silentAfter is how long a pass that runs may give no sign of life before its process is held
	// to have ended.
	silentAfter = time.Minute
	cutOff      = "Cordboard ended while the pass ran."
)

// BeginPass stores a pass that starts, with its audit entry when a person wanted it, and gives it its
// id. Passes whose process ended under them are closed, and the oldest are forgotten.
func (d *DB) BeginPass(ctx context.Context, p fleet.Pass, e *audit.Entry) (fleet.Pass, error) {
	err := d.write(ctx, func(ctx context.Context, c *conn) error {
		if _, err := c.exec(ctx, closeSilent, cutOff, micros(p.StartedAt.Add(-silentAfter))); err != nil {
			return err
		}
		id, err := c.insert(ctx, insertPass, string(p.Why), p.Who, micros(p.StartedAt), p.Doing)
		if err != nil {
			return err
		}
		if _, err := c.exec(ctx, forgetPasses, id-passesKept); err != nil {
			return err
		}
		p.ID, p.BeatAt = fleet.PassID(id), p.StartedAt
		if e == nil {
			return nil
		}
		return appendAudit(ctx, c, *e)
	})
	return p, fail("BeginPass", err)
}

const (
	closeSilent  = `UPDATE pass SET finished_at = beat_at, doing = '', stopped_by = ? WHERE finished_at = 0 AND beat_at < ?`
	insertPass   = `INSERT INTO pass (why, who, started_at, beat_at, doing) VALUES (?1, ?2, ?3, ?3, ?4)`
	forgetPasses = `DELETE FROM pass WHERE id <= ?`
)

// KeepPass stores how far a pass is: other processes show it.
func (d *DB) KeepPass(ctx context.Context, p fleet.Pass) error {
	return fail("KeepPass", d.write(ctx, func(ctx context.Context, c *conn) error {
		_, err := c.exec(ctx, updatePass, micros(p.BeatAt), p.Doing, p.PBXs, p.Verified, p.Unknown, p.Snapshots, int64(p.ID))
		return err
	}))
}

const updatePass = `UPDATE pass SET beat_at = ?, doing = ?, pbxs = ?, verified = ?, unknown = ?, snapshots = ? WHERE id = ?`

// EndPass stores how a pass ended, and answers with how many PBXs stand drifted.
func (d *DB) EndPass(ctx context.Context, p fleet.Pass) (fleet.Pass, error) {
	findings := ""
	if len(p.Findings) > 0 {
		text, err := json.Marshal(p.Findings)
		if err != nil {
			return p, fail("EndPass", err)
		}
		findings = string(text)
	}
	err := d.write(ctx, func(ctx context.Context, c *conn) error {
		if err := c.row(ctx, countDrifted).Scan(&p.Drifted); err != nil {
			return err
		}
		_, err := c.exec(ctx, finishPass, micros(p.FinishedAt), p.Complete, p.StoppedBy, p.PBXs, p.Verified, p.Drifted, p.Unknown, p.Snapshots,
			findings, p.More, int64(p.ID))
		return err
	})
	return p, fail("EndPass", err)
}

const (
	countDrifted = `SELECT coalesce(sum(n), 0) FROM pbx_tally WHERE state = 'drifted'`
	finishPass   = `UPDATE pass SET finished_at = ?1, beat_at = ?1, doing = '', complete = ?2, stopped_by = ?3, pbxs = ?4, verified = ?5,
		drifted = ?6, unknown = ?7, snapshots = ?8, findings = ?9, more = ?10 WHERE id = ?11`
)

const passColumns = `id, why, who, started_at, finished_at, beat_at, doing, complete, stopped_by, pbxs, verified, drifted, unknown, snapshots, more`

// scanPass reads passColumns, and what comes behind them into more.
func scanPass(s scanner, more ...any) (p fleet.Pass, err error) {
	var started, finished, beat int64
	err = s.Scan(append([]any{&p.ID, &p.Why, &p.Who, &started, &finished, &beat, &p.Doing, &p.Complete, &p.StoppedBy, &p.PBXs, &p.Verified,
		&p.Drifted, &p.Unknown, &p.Snapshots, &p.More}, more...)...)
	p.StartedAt, p.FinishedAt, p.BeatAt = moment(started), moment(finished), moment(beat)
	return p, err
}

// overdue shows a pass whose process ended under it as what it is, before the next one closes it.
func (d *DB) overdue(p fleet.Pass) fleet.Pass {
	if p.FinishedAt.IsZero() && d.now().Sub(p.BeatAt) > silentAfter {
		p.FinishedAt, p.Doing, p.StoppedBy = p.BeatAt, "", cutOff
	}
	return p
}

// Pass reads one pass with what it found.
func (d *DB) Pass(ctx context.Context, id fleet.PassID) (p fleet.Pass, err error) {
	var findings string
	err = d.read(ctx, func(ctx context.Context, c *conn) (err error) {
		p, err = scanPass(c.row(ctx, selectPass, int64(id)), &findings)
		if errors.Is(err, sql.ErrNoRows) {
			return fleet.NotFound("db.Pass", "The pass")
		}
		return err
	})
	if err == nil && findings != "" {
		if err = json.Unmarshal([]byte(findings), &p.Findings); err != nil {
			err = fmt.Errorf("findings of pass %d: %w", id, err)
		}
	}
	return d.overdue(p), fail("Pass", err)
}

const selectPass = `SELECT ` + passColumns + `, findings FROM pass WHERE id = ?`

// Passes is one page of the passes, newest first.
func (d *DB) Passes(ctx context.Context, req fleet.PageRequest) (page fleet.Page[fleet.Pass], err error) {
	limit, before := pageLimit(req), forever
	if req.After != "" {
		if err := readCursor(req.After, &before); err != nil {
			return page, err
		}
	}
	err = d.read(ctx, func(ctx context.Context, c *conn) (err error) {
		if err := c.row(ctx, countPasses).Scan(&page.Total); err != nil {
			return err
		}
		page.Items, err = list(ctx, c, func(s scanner) (fleet.Pass, error) { return scanPass(s) }, pagePasses, before, limit+1)
		return err
	})
	if err != nil {
		return page, fail("Passes", err)
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next = writeCursor(int64(page.Items[limit-1].ID))
	}
	for i, p := range page.Items {
		page.Items[i] = d.overdue(p)
	}
	return page, nil
}

const (
	countPasses = `SELECT count(*) FROM pass`
	pagePasses  = `SELECT ` + passColumns + ` FROM pass WHERE id < ? ORDER BY id DESC LIMIT ?`
)
