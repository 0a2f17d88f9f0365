package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"cordboard/sync/fleet"
)

const snapshotColumns = `id, pbx_id, at, source, event, vendor_time, seen_at, not_before, coalesce(plan_id, ''), count`

func scanSnapshot(s scanner) (v placed, err error) {
	var vendor bool
	var seenAt, notBefore int64
	err = s.Scan(&v.ID, &v.PBX, &v.at, &v.Source, &v.Event, &vendor, &seenAt, &notBefore, &v.Plan, &v.Count)
	v.SeenAt, v.NotBefore = moment(seenAt), moment(notBefore)
	if vendor {
		v.VendorAt = moment(v.at)
	}
	return v, err
}

// placed is a snapshot with its place in history.
type placed struct {
	fleet.Snapshot
	at int64
}

// Snapshots is one page of a PBX's history, newest change first, each with the pairs that it added
// and removed.
func (d *DB) Snapshots(ctx context.Context, pbx fleet.PBXID, req fleet.PageRequest) (page fleet.Page[fleet.Snapshot], err error) {
	limit, before := pageLimit(req), forever
	if req.After != "" {
		if err := readCursor(req.After, &before); err != nil {
			return page, err
		}
	}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		err := c.row(ctx, totalSnapshots, int64(pbx)).Scan(&page.Total)
		if errors.Is(err, sql.ErrNoRows) {
			return fleet.NotFound("db.Snapshots", fmt.Sprintf("The PBX %d", pbx))
		}
		if err != nil {
			return err
		}
		rows, err := list(ctx, c, scanSnapshot, pageSnapshots, int64(pbx), before, limit+1)
		if err != nil {
			return err
		}
		if len(rows) > limit {
			rows = rows[:limit]
			page.Next = writeCursor(rows[limit-1].at)
		}
		if err := loadChanges(ctx, c, pbx, rows); err != nil {
			return err
		}
		for _, row := range rows {
			page.Items = append(page.Items, row.Snapshot)
		}
		return nil
	})
	return page, fail("Snapshots", err)
}

const (
	totalSnapshots = `SELECT snapshots FROM pbx WHERE id = ?`
	pageSnapshots  = `SELECT ` + snapshotColumns + ` FROM snapshot WHERE pbx_id = ? AND at < ? ORDER BY at DESC LIMIT ?`
)

// loadChanges fills in what each of some consecutive snapshots, newest first, added and removed.
func loadChanges(ctx context.Context, c *conn, pbx fleet.PBXID, rows []placed) error {
	if len(rows) == 0 {
		return nil
	}
	at := make(map[int64]*fleet.Snapshot, len(rows))
	for i := range rows {
		at[rows[i].at] = &rows[i].Snapshot
	}
	oldest, newest := rows[len(rows)-1].at, rows[0].at
	scan := func(into func(*fleet.Snapshot, fleet.Binding)) func(scanner) error {
		return func(s scanner) error {
			var when int64
			var b fleet.Binding
			if err := s.Scan(&when, &b.Trunk, &b.DID); err != nil {
				return err
			}
			if snapshot := at[when]; snapshot != nil {
				into(snapshot, b)
			}
			return nil
		}
	}
	added := scan(func(s *fleet.Snapshot, b fleet.Binding) { s.Added = append(s.Added, b) })
	if err := c.each(ctx, added, pageStarts, int64(pbx), oldest, newest); err != nil {
		return fmt.Errorf("added pairs: %w", err)
	}
	removed := scan(func(s *fleet.Snapshot, b fleet.Binding) { s.Removed = append(s.Removed, b) })
	if err := c.each(ctx, removed, pageEnds, int64(pbx), oldest, newest); err != nil {
		return fmt.Errorf("removed pairs: %w", err)
	}
	return nil
}

const (
	pageStarts = `SELECT from_at, trunk_id, did_id FROM holding WHERE pbx_id = ? AND from_at >= ? AND from_at <= ? ORDER BY from_at, trunk_id, did_id`
	pageEnds   = `SELECT to_at, trunk_id, did_id FROM holding WHERE pbx_id = ? AND to_at >= ? AND to_at <= ? ORDER BY to_at, trunk_id, did_id`
)

// Snapshot reads one snapshot with what it changed.
func (d *DB) Snapshot(ctx context.Context, id fleet.SnapshotID) (s fleet.Snapshot, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		row, err := findSnapshot(ctx, c, id)
		s = row.Snapshot
		return err
	})
	return s, fail("Snapshot", err)
}

func findSnapshot(ctx context.Context, c *conn, id fleet.SnapshotID) (placed, error) {
	row, err := scanSnapshot(c.row(ctx, selectSnapshot, int64(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return placed{}, fleet.NotFound("db.findSnapshot", "The snapshot")
	}
	if err != nil {
		return placed{}, err
	}
	rows := []placed{row}
	err = loadChanges(ctx, c, row.PBX, rows)
	return rows[0], err
}

const selectSnapshot = `SELECT ` + snapshotColumns + ` FROM snapshot WHERE id = ?`

// SetAt reads one snapshot and all the pairs that were bound from it on, as recorded.
func (d *DB) SetAt(ctx context.Context, id fleet.SnapshotID) (s fleet.Snapshot, set fleet.BindingSet, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		row, err := findSnapshot(ctx, c, id)
		if err != nil {
			return err
		}
		v, err := coverAt(ctx, c, row.PBX, row.at)
		s, set = row.Snapshot, v.set()
		return err
	})
	return s, set, fail("SetAt", err)
}

// SetAtTime is what was bound on a PBX at a moment, as history knows it; empty before the first
// snapshot.
func (d *DB) SetAtTime(ctx context.Context, pbx fleet.PBXID, at time.Time) (set fleet.BindingSet, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		v, err := coverAt(ctx, c, pbx, micros(at))
		set = v.set()
		return err
	})
	return set, fail("SetAtTime", err)
}

// MomentOf is a PBX at a moment of its history; the zero time is now.
func (d *DB) MomentOf(ctx context.Context, pbx fleet.PBXID, at time.Time) (m fleet.Moment, err error) {
	if at.IsZero() {
		at = d.now()
	}
	m.At = at
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		us := micros(at)
		before, err := list(ctx, c, scanSnapshot, pageSnapshots, int64(pbx), us+1, 2)
		if err != nil {
			return err
		}
		behind, err := list(ctx, c, scanSnapshot, pageBehind, int64(pbx), us, 1)
		if err != nil {
			return err
		}
		if err := errors.Join(loadEach(ctx, c, before), loadEach(ctx, c, behind)); err != nil {
			return err
		}
		if len(before) > 0 {
			m.Shown = before[0].Snapshot
		}
		if len(before) > 1 {
			m.Earlier = moment(before[1].at)
		}
		if len(behind) > 0 {
			m.Next, m.Later = behind[0].Snapshot, moment(behind[0].at)
			since := micros(m.Next.NotBefore)
			if len(before) > 0 {
				since = max(since, before[0].at)
			}
			if m.Next.Source == fleet.FromReconcile && len(before) > 0 && since < us {
				m.Since = moment(since)
			}
		}
		v, err := coverAt(ctx, c, pbx, us)
		m.Set = v.set()
		return err
	})
	return m, fail("MomentOf", err)
}

// loadEach fills in what snapshots changed that need not follow each other.
func loadEach(ctx context.Context, c *conn, rows []placed) error {
	for i := range rows {
		if err := loadChanges(ctx, c, rows[i].PBX, rows[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// CountSeries is the number of pairs after each of the last limit snapshots, oldest first: the
// points of a small chart.
func (d *DB) CountSeries(ctx context.Context, pbx fleet.PBXID, limit int) (points []fleet.CountPoint, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		points, err = list(ctx, c, func(s scanner) (p fleet.CountPoint, err error) {
			var at int64
			err = s.Scan(&at, &p.Count)
			p.At = moment(at)
			return p, err
		}, pageCounts, int64(pbx), pageLimit(fleet.PageRequest{Limit: limit}))
		slices.Reverse(points)
		return err
	})
	return points, fail("CountSeries", err)
}

// Recent are the last snapshots that were recorded on any PBX, the last first.
func (d *DB) Recent(ctx context.Context, limit int) (recent []fleet.Snapshot, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		rows, err := list(ctx, c, scanSnapshot, pageRecent, forever, pageLimit(fleet.PageRequest{Limit: limit}))
		for i := range rows {
			if err == nil {
				err = loadChanges(ctx, c, rows[i].PBX, rows[i:i+1])
			}
			recent = append(recent, rows[i].Snapshot)
		}
		return err
	})
	return recent, fail("Recent", err)
}

const (
	pageCounts = `SELECT at, count FROM snapshot WHERE pbx_id = ? ORDER BY at DESC LIMIT ?`
	pageBehind = `SELECT ` + snapshotColumns + ` FROM snapshot WHERE pbx_id = ? AND at > ? ORDER BY at LIMIT ?`
	pageRecent = `SELECT ` + snapshotColumns + ` FROM snapshot WHERE id < ? ORDER BY id DESC LIMIT ?`
)
