package db

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"cordboard/sync/fleet"
)

// Trunks are the shared trunks with what they carry and how they stand: those that YCM lists first,
// by name, then those that it once did. An account has twenty at most.
func (d *DB) Trunks(ctx context.Context) (rows []fleet.TrunkRow, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		rows, err = list(ctx, c, scanTrunkRow, selectTrunkRows)
		return err
	})
	slices.SortStableFunc(rows, func(a, b fleet.TrunkRow) int {
		return cmp.Or(boolOrder(a.Deleted, b.Deleted), cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return rows, fail("Trunks", err)
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// Trunk reads one shared trunk.
func (d *DB) Trunk(ctx context.Context, id fleet.TrunkID) (row fleet.TrunkRow, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		row, err = scanTrunkRow(c.row(ctx, selectTrunkRow, int64(id)))
		if errors.Is(err, sql.ErrNoRows) {
			return fleet.NotFound("db.Trunk", "The trunk "+id.String())
		}
		return err
	})
	return row, fail("Trunk", err)
}

const (
	selectTrunkRows = `SELECT t.id, t.name, t.kind, t.region, t.headers_known, t.headers, t.deleted_at > 0, t.status, t.status_reason, t.status_at,
		t.status_asked_at, t.status_trouble, t.read_at, t.deleted_at, coalesce(n.n, 0), coalesce(n.used, 0), coalesce(n.protected, 0), coalesce(n.pbxs, 0)
		FROM trunk t LEFT JOIN trunk_tally n ON n.trunk_id = t.id`
	selectTrunkRow = selectTrunkRows + ` WHERE t.id = ?`
)

func scanTrunkRow(s scanner) (t fleet.TrunkRow, err error) {
	var headers string
	var statusAt, askedAt, readAt, deletedAt int64
	r := &t.Registration
	err = s.Scan(&t.ID, &t.Name, &t.Kind, &t.Region, &t.Headers.Known, &headers, &t.Deleted, &r.State, &r.Reason, &statusAt, &askedAt, &r.Trouble,
		&readAt, &deletedAt, &t.Tally.Numbers, &t.Tally.Used, &t.Tally.Protected, &t.Tally.PBXs)
	if err != nil {
		return t, err
	}
	r.At, r.AskedAt, t.ReadAt, t.DeletedAt = moment(statusAt), moment(askedAt), moment(readAt), moment(deletedAt)
	return t, json.Unmarshal([]byte(headers), &t.Headers.List)
}

// KeepRegistration keeps how a trunk stands, as it was just read. One whose reading failed keeps what
// an earlier one said.
func (d *DB) KeepRegistration(ctx context.Context, id fleet.TrunkID, r fleet.Registration) error {
	return fail("KeepRegistration", d.write(ctx, func(ctx context.Context, c *conn) error {
		query, args := keepTrouble, []any{int64(id), micros(r.AskedAt), r.Trouble}
		if r.Trouble == "" {
			query, args = keepStatus, []any{int64(id), micros(r.AskedAt), string(r.State), string(r.Reason), micros(r.At)}
		}
		n, err := c.exec(ctx, query, args...)
		if err == nil && n == 0 {
			err = fleet.NotFound("db.KeepRegistration", "The trunk "+id.String())
		}
		return err
	}))
}

const (
	keepStatus  = `UPDATE trunk SET status = ?3, status_reason = ?4, status_at = ?5, status_asked_at = ?2, status_trouble = '' WHERE id = ?1`
	keepTrouble = `UPDATE trunk SET status_asked_at = ?2, status_trouble = ?3 WHERE id = ?1`
)

// TrunkPBXs is one page of the PBXs that have numbers over a trunk, the one with most first; behind
// them come those that had some once. Total counts those that have some.
func (d *DB) TrunkPBXs(ctx context.Context, id fleet.TrunkID, req fleet.PageRequest) (page fleet.Page[fleet.TrunkPBX], err error) {
	limit, pairs, last := pageLimit(req), forever, forever
	if req.After != "" {
		if err := readCursor(req.After, &pairs, &last); err != nil {
			return page, err
		}
	}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		if err := c.row(ctx, totalTrunkPBXs, int64(id)).Scan(&page.Total); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		page.Items, err = list(ctx, c, scanTrunkPBX, pageTrunkPBXs, int64(id), pairs, last, limit+1)
		return err
	})
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		p := page.Items[limit-1]
		page.Next = writeCursor(p.Pairs, int64(p.ID))
	}
	return page, fail("TrunkPBXs", err)
}

const (
	totalTrunkPBXs = `SELECT pbxs FROM trunk_tally WHERE trunk_id = ?`
	pageTrunkPBXs  = `SELECT o.n, ` + pbxColumns + ` FROM trunk_pbx o CROSS JOIN pbx p ON p.id = o.pbx_id
		WHERE o.trunk_id = ?1 AND (o.n, o.pbx_id) < (?2, ?3) ORDER BY o.n DESC, o.pbx_id DESC LIMIT ?4`
)

func scanTrunkPBX(s scanner) (p fleet.TrunkPBX, err error) {
	p.PBXRow, err = scanPBX(behind{s, &p.Pairs})
	return p, err
}

// behind is a row whose first column goes to first, and the others to whoever scans.
type behind struct {
	scanner
	first any
}

// Scan is as for [sql.Row].
func (b behind) Scan(dest ...any) error { return b.scanner.Scan(append([]any{b.first}, dest...)...) }
