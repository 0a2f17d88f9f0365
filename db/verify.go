package db

import (
	"context"
	"fmt"

	"cordboard/sync/fleet"
)

// VerifyHistory plays each PBX's history again, from the first binding to the last, and holds every
// snapshot and the current tables against it. It answers how many snapshots agree; the error names
// the first that does not.
func (d *DB) VerifyHistory(ctx context.Context) (agree int, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		pbxs, err := list(ctx, c, func(s scanner) (id fleet.PBXID, err error) { return id, s.Scan(&id) }, `SELECT id FROM pbx ORDER BY id`)
		if err != nil {
			return err
		}
		for _, id := range pbxs {
			n, err := verifyPBX(ctx, c, id)
			agree += n
			if err != nil {
				return err
			}
		}
		return nil
	})
	return agree, fail("VerifyHistory", err)
}

// played is a snapshot as its row tells it.
type played struct {
	id, at                int64
	count, added, removed int
}

func verifyPBX(ctx context.Context, c *conn, id fleet.PBXID) (agree int, err error) {
	rows, err := list(ctx, c, func(s scanner) (p played, err error) {
		return p, s.Scan(&p.id, &p.at, &p.count, &p.added, &p.removed)
	}, `SELECT id, at, count, n_added, n_removed FROM snapshot WHERE pbx_id = ? ORDER BY at`, int64(id))
	if err != nil {
		return 0, err
	}
	begins, err := tallyAt(ctx, c, `SELECT from_at, count(*) FROM holding WHERE pbx_id = ? GROUP BY from_at`, id)
	if err != nil {
		return 0, err
	}
	ends, err := tallyAt(ctx, c, `SELECT to_at, count(*) FROM holding WHERE pbx_id = ? GROUP BY to_at`, id)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, row := range rows {
		count += begins[row.at] - ends[row.at]
		if count != row.count || begins[row.at] != row.added || ends[row.at] != row.removed {
			return agree, fmt.Errorf("snapshot %d of PBX %d says %d bindings (%d added, %d removed); its history has %d (%d, %d)",
				row.id, id, row.count, row.added, row.removed, count, begins[row.at], ends[row.at])
		}
		delete(begins, row.at)
		delete(ends, row.at)
		agree++
	}
	delete(ends, forever)
	if len(begins)+len(ends) > 0 {
		return agree, fmt.Errorf("PBX %d has bindings that begin or end without a snapshot", id)
	}
	return agree, verifyHead(ctx, c, id, rows)
}

// verifyHead holds what lists show of a PBX against its bindings in force.
func verifyHead(ctx context.Context, c *conn, id fleet.PBXID, rows []played) error {
	h, err := findHead(ctx, c, id)
	if err != nil {
		return err
	}
	if len(rows) == 0 && h.at == 0 {
		return nil
	}
	v, err := coverAt(ctx, c, id, now)
	if err != nil {
		return err
	}
	switch set := v.set(); {
	case h.snapshots != len(rows) || len(rows) == 0 || int64(h.id) != rows[len(rows)-1].id || h.at != rows[len(rows)-1].at:
		return fmt.Errorf("PBX %d does not name its newest snapshot, or counts %d snapshots of %d", id, h.snapshots, len(rows))
	case h.fingerprint != set.Fingerprint() || h.numbers != countDIDs(set):
		return fmt.Errorf("PBX %d counts %d numbers, and its bindings in force have %d, or others", id, h.numbers, countDIDs(set))
	}
	return nil
}

func tallyAt(ctx context.Context, c *conn, query string, id fleet.PBXID) (map[int64]int, error) {
	tally := map[int64]int{}
	err := c.each(ctx, func(s scanner) error {
		var at int64
		var n int
		err := s.Scan(&at, &n)
		tally[at] = n
		return err
	}, query, int64(id))
	return tally, err
}
