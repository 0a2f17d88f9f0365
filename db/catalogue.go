package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cordboard/sync/fleet"
)

// Remember keeps fresh reads of some numbers and trunks.
func (d *DB) Remember(ctx context.Context, dids []fleet.DID, trunks []fleet.Trunk) error {
	return fail("Remember", d.write(ctx, func(ctx context.Context, c *conn) error {
		if err := upsertTrunks(ctx, c, trunks, d.now()); err != nil {
			return err
		}
		at := micros(d.now())
		return d.upsertDIDs(ctx, c, dids, lookedAt{at, at})
	}))
}

// KeepTrunks keeps a list of shared trunks, as KeepDIDs keeps numbers.
func (d *DB) KeepTrunks(ctx context.Context, trunks []fleet.Trunk, at time.Time) error {
	ids := make([]int64, len(trunks))
	for i, t := range trunks {
		ids[i] = int64(t.ID)
	}
	return fail("KeepTrunks", d.write(ctx, func(ctx context.Context, c *conn) error {
		if err := upsertTrunks(ctx, c, trunks, at); err != nil {
			return err
		}
		return markAbsent(ctx, c, markTrunksDeleted, at, ids)
	}))
}

// markAbsent runs a query that marks every row which is not in ids.
func markAbsent(ctx context.Context, c *conn, query string, at time.Time, ids []int64) error {
	text, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	_, err = c.exec(ctx, query, micros(at), string(text))
	return err
}

const (
	markTrunksDeleted = `UPDATE trunk SET deleted_at = ?1 WHERE deleted_at = 0 AND id NOT IN (SELECT value FROM json_each(?2))`
)

// upsertTrunks keeps what YCM says of trunks. One whose custom SIP header definitions this read does
// not show keeps those of an earlier read.
func upsertTrunks(ctx context.Context, c *conn, trunks []fleet.Trunk, at time.Time) error {
	for _, t := range trunks {
		if err := upsertTrunk(ctx, c, t, at); err != nil {
			return fmt.Errorf("trunk %d: %w", t.ID, err)
		}
	}
	return nil
}

func upsertTrunk(ctx context.Context, c *conn, t fleet.Trunk, at time.Time) error {
	headers := t.Headers.List
	if headers == nil {
		headers = []fleet.HeaderDef{}
	}
	text, err := json.Marshal(headers)
	if err != nil {
		return err
	}
	row, err := hearTrunk(ctx, c, t.ID, t.Name, micros(at))
	if err != nil {
		return err
	}
	_, err = c.exec(ctx, saveTrunk, int64(t.ID), row.name, t.Kind, t.Region, t.Headers.Known, string(text), micros(at), row.namedAt)
	return err
}

const saveTrunk = `INSERT INTO trunk (id, name, kind, region, headers_known, headers, read_at, named_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
	ON CONFLICT (id) DO UPDATE SET
		name = ?2, named_at = ?8, kind = iif(?3 <> '', ?3, kind), region = iif(?4 <> '', ?4, region),
		headers = iif(?5, ?6, headers), headers_known = max(headers_known, ?5), read_at = ?7, deleted_at = 0`

const trunkColumns = `id, name, kind, region, headers_known, headers, deleted_at > 0`

func scanTrunk(s scanner) (t fleet.Trunk, err error) {
	var headers string
	if err := s.Scan(&t.ID, &t.Name, &t.Kind, &t.Region, &t.Headers.Known, &headers, &t.Deleted); err != nil {
		return t, err
	}
	return t, json.Unmarshal([]byte(headers), &t.Headers.List)
}

// AllTrunks are the shared trunks that YCM lists, and those that it once did, by name: an account
// has twenty at most.
func (d *DB) AllTrunks(ctx context.Context) (trunks []fleet.Trunk, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		if trunks, err = list(ctx, c, scanTrunk, selectAllTrunks); err != nil {
			return err
		}
		return loadTrunkNames(ctx, c, trunks)
	})
	return trunks, fail("AllTrunks", err)
}

// loadTrunkNames fills in what trunks were called before.
func loadTrunkNames(ctx context.Context, c *conn, trunks []fleet.Trunk) error {
	at := make(map[fleet.TrunkID]*fleet.Trunk, len(trunks))
	for i := range trunks {
		at[trunks[i].ID] = &trunks[i]
	}
	return c.each(ctx, func(s scanner) error {
		var id fleet.TrunkID
		var until int64
		var f fleet.Former
		if err := s.Scan(&id, &until, &f.Name); err != nil {
			return err
		}
		f.Until = moment(until)
		if t := at[id]; t != nil {
			t.Formers = append(t.Formers, f)
		}
		return nil
	}, selectTrunkNames)
}

const selectTrunkNames = `SELECT trunk_id, until_at, name FROM trunk_was ORDER BY trunk_id, until_at`

const selectAllTrunks = `SELECT ` + trunkColumns + ` FROM trunk ORDER BY name, id`

// refreshKeys makes every number's search keys anew when the rule behind them changed. A process
// that brings no rule of its own (a command beside the server) leaves them alone.
func (d *DB) refreshKeys(ctx context.Context, version string) error {
	return d.write(ctx, func(ctx context.Context, c *conn) error {
		have, err := findSetting(ctx, c, keysVersion)
		if err == nil && string(have) == version {
			return nil
		}
		if err != nil && fleet.KindOf(err) != fleet.KindNotFound {
			return err
		}
		if err := d.remakeKeys(ctx, c); err != nil {
			return err
		}
		return saveSetting(ctx, c, keysVersion, []byte(version))
	})
}

func (d *DB) remakeKeys(ctx context.Context, c *conn) error {
	formers, err := list(ctx, c, scanFormer, selectAllFormers)
	if err != nil {
		return err
	}
	for _, f := range formers {
		if err := d.keyFormer(ctx, c, f); err != nil {
			return fmt.Errorf("keys of a former number: %w", err)
		}
	}
	last := int64(0)
	for {
		batch, err := list(ctx, c, func(s scanner) (did fleet.DID, err error) { return did, s.Scan(&did.ID, &did.Number) }, walkNumbers, last)
		if err != nil || len(batch) == 0 {
			return err
		}
		keys := rekeying{d: d, c: c}
		for _, did := range batch {
			if err := keys.renew(ctx, did.ID, did.Number); err != nil {
				return fmt.Errorf("keys of DID %d: %w", did.ID, err)
			}
			last = int64(did.ID)
		}
		if err := keys.finish(ctx); err != nil {
			return err
		}
	}
}

const (
	keysVersion      = "db.keys_version"
	selectAllFormers = `SELECT id, number, keys FROM did_was`

	walkNumbers = `SELECT id, number FROM did WHERE id > ? AND number <> '' ORDER BY id LIMIT 1000`
)
