package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"cordboard/sync/fleet"
)

const driftColumns = `d.id, d.pbx_id, p.name, d.cause, d.sentence, d.evidence, d.state, d.steps, d.opened_at, d.closed_at, d.closed_by, d.since, d.until,
	d.base_id, d.sets, d.plan_id`

func scanDrift(s scanner) (d openDrift, err error) {
	var evidence, sets string
	var openedAt, closedAt, since, until int64
	err = s.Scan(&d.ID, &d.PBX, &d.PBXName, &d.Cause, &d.Sentence, &evidence, &d.State, &d.steps, &openedAt, &closedAt, &d.ClosedBy, &since, &until,
		&d.Base, &sets, &d.Plan)
	if err != nil {
		return d, err
	}
	d.OpenedAt, d.ClosedAt, d.Since, d.Until = moment(openedAt), moment(closedAt), moment(since), moment(until)
	if err := json.Unmarshal([]byte(evidence), &d.Evidence); err != nil {
		return d, fmt.Errorf("evidence of drift %d: %w", d.ID, err)
	}
	var both driftSets
	if err := json.Unmarshal([]byte(sets), &both); err != nil {
		return d, fmt.Errorf("sets of drift %d: %w", d.ID, err)
	}
	d.Before, d.After = both.Before, both.After
	return d, nil
}

func findDrift(ctx context.Context, c *conn, id fleet.DriftID) (openDrift, error) {
	d, err := scanDrift(c.row(ctx, selectDrift, int64(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return d, fleet.NotFound("db.findDrift", "The drift")
	}
	return d, err
}

func findOpenDrift(ctx context.Context, c *conn, id fleet.DriftID) (*openDrift, error) {
	d, err := findDrift(ctx, c, id)
	return &d, err
}

const selectDrift = `SELECT ` + driftColumns + ` FROM drift d JOIN pbx p ON p.id = d.pbx_id WHERE d.id = ?`

// Drift reads one drift.
func (d *DB) Drift(ctx context.Context, id fleet.DriftID) (drift fleet.Drift, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		found, err := findDrift(ctx, c, id)
		drift = found.Drift
		return err
	})
	return drift, fail("Drift", err)
}

// OpenDrift is the PBX's open drift; KindNotFound when it has none.
func (d *DB) OpenDrift(ctx context.Context, pbx fleet.PBXID) (drift fleet.Drift, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		found, err := scanDrift(c.row(ctx, selectOpenDrift, int64(pbx)))
		if errors.Is(err, sql.ErrNoRows) {
			return fleet.NotFound("db.OpenDrift", "An open drift of this PBX")
		}
		drift = found.Drift
		return err
	})
	return drift, fail("OpenDrift", err)
}

const selectOpenDrift = `SELECT ` + driftColumns + ` FROM drift d JOIN pbx p ON p.id = d.pbx_id WHERE d.pbx_id = ? AND d.state = 'open'`

// DriftCounts counts drifts by state.
func (d *DB) DriftCounts(ctx context.Context) (counts map[fleet.DriftState]int, err error) {
	counts = map[fleet.DriftState]int{}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.each(ctx, func(s scanner) error {
			var state fleet.DriftState
			var n int
			err := s.Scan(&state, &n)
			counts[state] = n
			return err
		}, `SELECT state, sum(n) FROM drift_tally GROUP BY state`)
	})
	return counts, fail("DriftCounts", err)
}

// Drifts is one page of drifts, the newest first.
func (d *DB) Drifts(ctx context.Context, f fleet.DriftFilter) (page fleet.Page[fleet.Drift], err error) {
	limit, at, id := pageLimit(f.Page), forever, int64(0)
	if f.Page.After != "" {
		if err := readCursor(f.Page.After, &at, &id); err != nil {
			return page, err
		}
	}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		count, args := countDrifts, []any{string(f.State), string(f.Cause)}
		query := pageDrifts
		switch {
		case f.PBX != 0:
			query, count, args = pageDriftsOfPBX, countDriftsOfPBX, append(args, int64(f.PBX))
		case f.State != "":
			query = pageDriftsInState
		}
		if err := c.row(ctx, count, args...).Scan(&page.Total); err != nil {
			return err
		}
		rows, err := list(ctx, c, scanDrift, query, string(f.State), string(f.Cause), at, id, limit+1, int64(f.PBX))
		if err != nil {
			return err
		}
		if len(rows) > limit {
			rows = rows[:limit]
			page.Next = writeCursor(micros(rows[limit-1].OpenedAt), int64(rows[limit-1].ID))
		}
		for _, row := range rows {
			page.Items = append(page.Items, row.Drift)
		}
		return nil
	})
	return page, fail("Drifts", err)
}

const (
	fromDrift         = `SELECT ` + driftColumns + ` FROM drift d CROSS JOIN pbx p ON p.id = d.pbx_id WHERE `
	behindDrift       = ` AND (?2 = '' OR d.cause = ?2) AND (d.opened_at, d.id) < (?3, ?4) ORDER BY d.opened_at DESC, d.id DESC LIMIT ?5`
	pageDrifts        = fromDrift + `?6 = 0 AND (?1 = '' OR d.state = ?1)` + behindDrift
	pageDriftsInState = fromDrift + `?6 = 0 AND d.state = ?1` + behindDrift
	pageDriftsOfPBX   = fromDrift + `d.pbx_id = ?6 AND (?1 = '' OR d.state = ?1)` + behindDrift
	countDrifts       = `SELECT coalesce(sum(n), 0) FROM drift_tally WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR cause = ?2)`
	countDriftsOfPBX  = `SELECT count(*) FROM drift WHERE pbx_id = ?3 AND (?1 = '' OR state = ?1) AND (?2 = '' OR cause = ?2)`
)
