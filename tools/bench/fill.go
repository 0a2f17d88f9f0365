package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"cordboard/db"
	"cordboard/sync/phone"
)

// steps fill a database, quickly and by SQL alone: $n numbers, a hundred on each PBX, as many
// deliveries, audit entries and snapshots of the first PBX. The chain of the audit entries is not
// real: lists don't look at it.
var steps = []string{
	`INSERT INTO trunk (id, name) SELECT value, 'register-trunk-shared_' || value FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]')`,
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $n / 100)
		INSERT INTO pbx (id, serial, name, url, region, firmware, status, certainty, head_id, head_at, numbers, snapshots, verified_at, state)
		SELECT i, printf('36%014d', i), printf('Customer %d %c', i * 7919 % ($n / 100), 65 + i % 26), printf('c%d.example.com', i), 'Region ' || (i % 3),
			'84.22.0.134', 'Running', 'exact', i, 1700000000000001 + i * 1001, 100, 1, $now - i % 1000 * 1000003, 'in_sync' FROM n`,
	`INSERT INTO snapshot (pbx_id, at, id, source, seen_at, count, n_added, n_removed)
		SELECT id, head_at, id, 'reconcile', head_at, 100, 100, 0 FROM pbx`,
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $n)
		INSERT INTO did (id, number, keys) SELECT i, printf('+44%010d', i * 7919 % 9999991 * 997), printf('44%010d', i * 7919 % 9999991 * 997) FROM n`,
	`INSERT INTO did_key (key, did_id) SELECT keys, id FROM did ORDER BY keys`,
	`INSERT INTO did_fts (rowid, keys) SELECT id, keys FROM did`,
	`INSERT INTO did_trunk (did_id, trunk_id) SELECT id, id % 20 + 1 FROM did`,
	`INSERT INTO holding (pbx_id, to_at, trunk_id, did_id, from_at)
		SELECT p.id, 9223372036854775807, d.id % 20 + 1, d.id, p.head_at FROM did d JOIN pbx p ON p.id = (d.id - 1) / 100 + 1 ORDER BY 1, 3, 4`,
	// Each of these swaps one number of the first PBX for another.
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $n)
		INSERT INTO snapshot (pbx_id, at, id, source, event, vendor_time, seen_at, count, n_added, n_removed)
		SELECT 1, 1700000100000000 + i * 1000, $n + i, 'webhook', 'did_change', 1, 1700000100000000 + i * 1000, 100, 1, 1 FROM n`,
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $n)
		INSERT INTO holding (pbx_id, to_at, trunk_id, did_id, from_at)
		SELECT 1, 1700000100000000 + (i + 1) * 1000, 1, 200 + i % 100, 1700000100000000 + i * 1000 FROM n`,
	`UPDATE pbx SET snapshots = $n + 1, head_id = $n + $n, head_at = 1700000100000000 + $n * 1000 WHERE id = 1`,
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $n)
		INSERT INTO delivery (id, received_at, state, size, elements)
		SELECT i, 1700000000000000 + i * 1000000, 'digested', 800,
			printf('[{"serial":"36%014d","event":"did_change","state":"digested","snapshot_id":%d,"pbx_id":%d}]', i % ($n / 100) + 1, i, i % ($n / 100) + 1) FROM n`,
	`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $n)
		INSERT INTO audit (seq, at, actor, action, target, pbx_id, outcome, prev, hash)
		SELECT i, 1700000000000000 + i * 1000000, 'ana', 'bindings.update', 'PBX ' || (i % ($n / 100) + 1), i % ($n / 100) + 1, 'succeeded', '', '' FROM n`,
}

// fill makes a database of so many numbers at path.
func fill(path string, numbers int) (err error) {
	reader := phone.NewReader("")
	d, err := db.Open(context.Background(), db.Config{Path: path, Keys: reader.Keys, KeysVersion: reader.Version()})
	if err != nil {
		return err
	}
	if err := d.Close(); err != nil {
		return err
	}
	pool, err := sql.Open("sqlite", "file:"+path+"?"+url.Values{"_pragma": {"journal_mode(OFF)", "synchronous(OFF)", "cache_size(-400000)", "temp_store(MEMORY)"}}.Encode())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1)
	values := strings.NewReplacer("$now", fmt.Sprint(time.Now().UnixMicro()), "$n", fmt.Sprint(numbers))
	for _, step := range steps {
		if _, err := pool.Exec(values.Replace(step)); err != nil {
			return fmt.Errorf("%.60q: %w", strings.Join(strings.Fields(step), " "), err)
		}
	}
	return nil
}
