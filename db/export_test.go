package db

import (
	"context"
	"fmt"
	"strconv"

	"cordboard/sync/fleet"
)

// TableBytes is what every table and index takes in the file.
func (d *DB) TableBytes(ctx context.Context) (map[string]int64, error) {
	sizes := make(map[string]int64)
	err := d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.each(ctx, func(s scanner) error {
			var name string
			var n int64
			err := s.Scan(&name, &n)
			sizes[name] = n
			return err
		}, `SELECT name, sum(pgsize) FROM dbstat GROUP BY name`)
	})
	return sizes, err
}

// UsedBytes is what the database takes without its free pages.
func (d *DB) UsedBytes(ctx context.Context) (n int64, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.row(ctx, `SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size`).Scan(&n)
	})
	return n, err
}

// Fill makes a fleet of so many PBXs with so many numbers each, all bound since one reading, the
// quick way: by SQL alone.
func (d *DB) Fill(ctx context.Context, pbxs, each int) error {
	steps := []string{
		`INSERT INTO trunk (id, name) SELECT value, 'trunk-' || value FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]')`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ` + strconv.Itoa(pbxs) + `)
			INSERT INTO pbx (id, serial, name, url, region, status, certainty, head_id, head_at, numbers, snapshots, verified_at, state)
			SELECT i, printf('36%014d', i), printf('Customer %d of the %s', i * 7919 % ` + strconv.Itoa(pbxs) + `, char(65 + i % 26)), printf('c%d.example.com', i),
				'Region ' || (i % 3), 'Running', 'exact', i, 1700000000000001 + i * 1001, ` + strconv.Itoa(each) + `, 1, 1700000000000000 + i, 'in_sync' FROM n`,
		`INSERT INTO snapshot (pbx_id, at, id, source, seen_at, count, n_added, n_removed)
			SELECT id, head_at, id, 'reconcile', head_at, numbers, numbers, 0 FROM pbx`,
		`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ` + strconv.Itoa(pbxs*each) + ` - 1)
			INSERT INTO did (id, number, keys) SELECT i + 1, printf('+44%010d', i * 7919 % 9999991 * 997), printf('44%010d', i * 7919 % 9999991 * 997) FROM n`,
		`INSERT INTO did_key (key, did_id) SELECT keys, id FROM did ORDER BY keys`,
		`INSERT INTO did_fts (rowid, keys) SELECT id, keys FROM did`,
		`INSERT INTO did_trunk (did_id, trunk_id, number) SELECT id, id % 20 + 1, number FROM did`,
		`INSERT INTO holding (pbx_id, to_at, trunk_id, did_id, from_at)
			SELECT p.id, 9223372036854775807, d.id % 20 + 1, d.id, p.head_at FROM did d JOIN pbx p ON p.id = (d.id - 1) / ` + strconv.Itoa(each) + ` + 1 ORDER BY 1, 3, 4`,
	}
	return d.write(ctx, func(ctx context.Context, c *conn) error {
		for _, s := range steps {
			if err := c.script(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

// ScanFor is the search without an index, for comparison.
func (d *DB) ScanFor(ctx context.Context, digits string) (n int, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.row(ctx, `SELECT count(*) FROM did WHERE keys LIKE '%' || ? || '%'`, digits).Scan(&n)
	})
	return n, err
}

// Intervals lists what is held of a PBX and how long, in milliseconds; an open end is 0.
func (d *DB) Intervals(ctx context.Context, pbx fleet.PBXID) (out string, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.each(ctx, func(s scanner) error {
			var line string
			err := s.Scan(&line)
			out += line + "\n"
			return err
		}, `SELECT trunk_id || ':' || did_id || ' ' || (from_at / 1000) || '-' || iif(to_at = 9223372036854775807, 0, to_at / 1000)
			FROM holding WHERE pbx_id = ? ORDER BY trunk_id, did_id, from_at`, int64(pbx))
	})
	return out, err
}

// LimitPages lets the file grow by so many pages and no further; free lifts the limit.
func (d *DB) LimitPages(ctx context.Context, more int) (free func(), err error) {
	limit := func(n string) error {
		return d.write(ctx, func(ctx context.Context, c *conn) error {
			var is int64
			return c.row(ctx, `PRAGMA max_page_count = `+n).Scan(&is)
		})
	}
	var pages int
	err = d.write(ctx, func(ctx context.Context, c *conn) error { return c.row(ctx, `PRAGMA page_count`).Scan(&pages) })
	if err == nil {
		err = limit(strconv.Itoa(pages + more))
	}
	return func() { err = limit("1073741823") }, err
}

// Integrity is SQLite's own check of the whole file: "ok".
func (d *DB) Integrity(ctx context.Context) (verdict string, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error { return c.row(ctx, `PRAGMA integrity_check`).Scan(&verdict) })
	return verdict, err
}

// BusyTimeout sets how many milliseconds the writer waits for another process.
func (d *DB) BusyTimeout(ctx context.Context, ms int) error {
	return d.write(ctx, func(ctx context.Context, c *conn) error {
		return c.script(ctx, `PRAGMA busy_timeout = `+strconv.Itoa(ms))
	})
}

// Hold keeps the writer in a transaction while fn runs.
func (d *DB) Hold(ctx context.Context, fn func()) error {
	return d.write(ctx, func(context.Context, *conn) error {
		fn()
		return nil
	})
}

// PackDepth is how many steps the deepest chain of packed bodies has beyond its key.
func (d *DB) PackDepth(ctx context.Context) (n int, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.row(ctx, `SELECT 1 + count(*) FROM packed_body a JOIN packed_body b ON b.delivery_id = a.key_id WHERE b.key_id <> 0`).Scan(&n)
	})
	return n, err
}

// Path is where the file is.
func (d *DB) Path() string { return d.path }

// Script runs SQL as somebody with another tool could.
func (d *DB) Script(ctx context.Context, text string) error {
	return d.write(ctx, func(ctx context.Context, c *conn) error { return c.script(ctx, text) })
}

// WrongTallies lists where what is kept of trunks differs from what a count of everything says.
func (d *DB) WrongTallies(ctx context.Context) (wrong []string, err error) {
	const (
		numbers = `SELECT o.trunk_id, o.did_id, d.number, d.protected, d.deleted_at > 0,
			d.owner <> 0 OR EXISTS (SELECT 1 FROM holding h WHERE h.did_id = d.id AND h.to_at = 9223372036854775807)
			FROM did_trunk o JOIN did d ON d.id = o.did_id`
		kept = `SELECT trunk_id, did_id, number, protected, deleted, used FROM did_trunk`
		pbxs = `SELECT trunk_id, pbx_id, sum(to_at = 9223372036854775807) FROM holding GROUP BY 1, 2`
		used = `SELECT trunk_id, pbx_id, n FROM trunk_pbx`
		sums = `SELECT i.value, (SELECT count(*) FROM did_trunk WHERE trunk_id = i.value AND deleted = 0), (SELECT count(*) FROM did_trunk WHERE trunk_id = i.value AND deleted = 0 AND used),
			(SELECT count(*) FROM did_trunk WHERE trunk_id = i.value AND deleted = 0 AND protected), (SELECT count(*) FROM trunk_pbx WHERE trunk_id = i.value AND n > 0)
			FROM json_each('[0,1,2,3]') i`
		tally = `SELECT i.value, coalesce(n, 0), coalesce(used, 0), coalesce(protected, 0), coalesce(pbxs, 0)
			FROM json_each('[0,1,2,3]') i LEFT JOIN trunk_tally ON trunk_id = i.value`
	)
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		for _, pair := range [][2]string{{numbers, kept}, {pbxs, used}, {sums, tally}} {
			for side, text := range map[string]string{
				"not kept": pair[0] + " EXCEPT " + pair[1], "kept alone": pair[1] + " EXCEPT " + pair[0],
			} {
				rows, err := c.raw.QueryContext(ctx, text)
				if err != nil {
					return err
				}
				for rows.Next() {
					cells := make([]any, 6)
					into := make([]any, 6)
					for i := range cells {
						into[i] = &cells[i]
					}
					columns, err := rows.Columns()
					if err == nil {
						err = rows.Scan(into[:len(columns)]...)
					}
					if err != nil {
						return err
					}
					wrong = append(wrong, fmt.Sprintf("%s: %v", side, cells[:len(columns)]))
				}
				if err := rows.Close(); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return wrong, err
}

// Changes counts the rows that were written since the database was opened.
func (d *DB) Changes(ctx context.Context) (n int, err error) {
	err = d.write(ctx, func(ctx context.Context, c *conn) error { return c.row(ctx, `SELECT total_changes()`).Scan(&n) })
	return n, err
}

// Careless has the writer answer before what it wrote is synced. The writer must be idle.
func (d *DB) Careless(ctx context.Context) error {
	return d.writer.conn.script(ctx, `PRAGMA synchronous = NORMAL`)
}
