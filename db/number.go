package db

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// didRow is a row of table did.
type didRow struct {
	number, name string
	owner        fleet.PBXID
	readAt       int64
	deletedAt    int64
}

// findDID answers sql.ErrNoRows for a number never heard of.
func findDID(ctx context.Context, c *conn, id fleet.DIDID) (r didRow, err error) {
	err = c.row(ctx, selectDID, int64(id)).Scan(&r.number, &r.name, &r.owner, &r.readAt, &r.deletedAt)
	return r, err
}

const selectDID = `SELECT number, name, owner, read_at, deleted_at FROM did WHERE id = ?`

// upsertDIDs keeps fresh reads of numbers, writing only what differs.
func (d *DB) upsertDIDs(ctx context.Context, c *conn, dids []fleet.DID) error {
	keys := rekeying{d: d, c: c}
	for _, did := range dids {
		if err := d.upsertDID(ctx, c, did, &keys); err != nil {
			return fmt.Errorf("DID %d: %w", did.ID, err)
		}
	}
	return keys.finish(ctx)
}

func (d *DB) upsertDID(ctx context.Context, c *conn, did fleet.DID, keys *rekeying) error {
	old, err := findDID(ctx, c, did.ID)
	isNew := errors.Is(err, sql.ErrNoRows)
	if err != nil && !isNew {
		return err
	}
	fresh := didRow{number: cmp.Or(did.Number, old.number), name: did.Name, owner: did.Owner, readAt: old.readAt}
	if isNew || fresh != old {
		if _, err := c.exec(ctx, saveDID, int64(did.ID), fresh.number, fresh.name, int64(fresh.owner), micros(d.now())); err != nil {
			return err
		}
	}
	if fresh.number != old.number {
		if err := keys.renew(ctx, did.ID, fresh.number); err != nil {
			return err
		}
	}
	return saveTrunksOf(ctx, c, did.ID, did.Trunks)
}

const saveDID = `INSERT INTO did (id, number, name, owner, read_at) VALUES (?1, ?2, ?3, ?4, ?5)
	ON CONFLICT (id) DO UPDATE SET number = ?2, name = ?3, owner = ?4, read_at = ?5, deleted_at = 0`

// saveTrunksOf keeps on which trunks a number sits.
func saveTrunksOf(ctx context.Context, c *conn, did fleet.DIDID, trunks []fleet.TrunkID) error {
	old, err := list(ctx, c, scanInt64, selectTrunksOf, int64(did))
	if err != nil {
		return err
	}
	want := make([]int64, len(trunks))
	for i, t := range trunks {
		want[i] = int64(t)
	}
	slices.Sort(want)
	want = slices.Compact(want)
	if slices.Equal(old, want) {
		return nil
	}
	if _, err := c.exec(ctx, deleteTrunksOf, int64(did)); err != nil {
		return err
	}
	for _, t := range want {
		if _, err := c.exec(ctx, insertTrunkOf, int64(did), t); err != nil {
			return err
		}
	}
	return nil
}

const (
	selectTrunksOf = `SELECT trunk_id FROM did_trunk WHERE did_id = ? ORDER BY trunk_id`
	deleteTrunksOf = `DELETE FROM did_trunk WHERE did_id = ?`
	insertTrunkOf  = `INSERT INTO did_trunk (did_id, trunk_id, number, protected, deleted, used) SELECT id, ?2, number, protected, deleted_at > 0,
		owner <> 0 OR EXISTS (SELECT 1 FROM holding WHERE did_id = ?1 AND to_at = 9223372036854775807) FROM did WHERE id = ?1`
)

// rememberNames keeps what a report calls its numbers and trunks. A report with thousands of
// numbers mostly repeats what is known: only the pairs that it brought are looked at, unless some
// number somewhere still has no name. A read of the catalogue that is younger than the report wins.
func (d *DB) rememberNames(ctx context.Context, c *conn, report fleet.Report, added []fleet.Binding) error {
	var nameless int
	if err := c.row(ctx, countNameless).Scan(&nameless); err != nil {
		return err
	}
	brought := fleet.NewBindingSet(added...)
	told := micros(report.At)
	keys := rekeying{d: d, c: c}
	trunks := make(map[fleet.TrunkID]bool)
	for _, n := range report.Names {
		if !trunks[n.Trunk] {
			trunks[n.Trunk] = true
			if _, err := c.exec(ctx, nameTrunk, int64(n.Trunk), n.TrunkName, told); err != nil {
				return fmt.Errorf("trunk %d: %w", n.Trunk, err)
			}
		}
		if nameless == 0 && !brought.Has(n.Binding) {
			continue
		}
		if err := nameDID(ctx, c, n.DID, n.Number, told, &keys); err != nil {
			return fmt.Errorf("DID %d: %w", n.DID, err)
		}
	}
	if err := keys.finish(ctx); err != nil {
		return err
	}
	return d.nameStubs(ctx, c, added)
}

const (
	countNameless = `SELECT count(*) FROM (SELECT 1 FROM did WHERE number = '' LIMIT 1)`
	nameTrunk     = `INSERT INTO trunk (id, name) VALUES (?1, ?2)
		ON CONFLICT (id) DO UPDATE SET name = ?2, deleted_at = 0 WHERE ?2 <> '' AND read_at < ?3 AND (name <> ?2 OR deleted_at <> 0)`
)

func nameDID(ctx context.Context, c *conn, id fleet.DIDID, number string, told int64, keys *rekeying) error {
	old, err := findDID(ctx, c, id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if number == "" || old.readAt >= told && old.number != "" || old.number == number && old.deletedAt == 0 {
		return nil
	}
	if _, err := c.exec(ctx, saveReportedDID, int64(id), number); err != nil {
		return err
	}
	if old.number == number {
		return nil
	}
	return keys.renew(ctx, id, number)
}

const saveReportedDID = `INSERT INTO did (id, number) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET number = ?2, deleted_at = 0`

// nameStubs gives every DID that is held a row, so that lists can join: its number comes later.
func (d *DB) nameStubs(ctx context.Context, c *conn, pairs []fleet.Binding) error {
	for _, b := range pairs {
		if _, err := c.exec(ctx, insertStub, int64(b.DID)); err != nil {
			return fmt.Errorf("DID %d: %w", b.DID, err)
		}
	}
	return nil
}

const insertStub = `INSERT INTO did (id) VALUES (?) ON CONFLICT DO NOTHING`

// SetProtected marks a number that no plan may drop or move, or takes the mark away.
func (d *DB) SetProtected(ctx context.Context, id fleet.DIDID, protected bool, e audit.Entry) error {
	return fail("SetProtected", d.write(ctx, func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, protectDID, protected, int64(id))
		if err == nil && n == 0 {
			return fleet.NotFound("db.SetProtected", "The number")
		}
		if err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}

const protectDID = `UPDATE did SET protected = ? WHERE id = ?`

// Numbers reads numbers by id; those never heard of are absent from the answer.
func (d *DB) Numbers(ctx context.Context, ids []fleet.DIDID) (numbers map[fleet.DIDID]fleet.NumberRow, err error) {
	numbers = make(map[fleet.DIDID]fleet.NumberRow, len(ids))
	text, err := json.Marshal(ids)
	if err != nil {
		return nil, fail("Numbers", err)
	}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.each(ctx, func(s scanner) error {
			n, err := scanNumber(s)
			numbers[n.ID] = n
			return err
		}, selectNumbers, string(text))
	})
	return numbers, fail("Numbers", err)
}

// A number's owner is the PBX that holds it in our history, else the one that YCM named when the
// number was last read.
const (
	numberColumns = `d.id, d.number, d.name, d.protected, d.deleted_at > 0,
		(SELECT group_concat(t.trunk_id) FROM did_trunk t WHERE t.did_id = d.id), coalesce(p.id, 0), coalesce(p.name, '')`
	numberOwner = ` LEFT JOIN pbx p ON p.id = coalesce((SELECT h.pbx_id FROM holding h WHERE h.did_id = d.id AND h.to_at = 9223372036854775807 LIMIT 1),
		nullif(d.owner, 0))`
	selectNumbers = `SELECT ` + numberColumns + ` FROM json_each(?) j CROSS JOIN did d ON d.id = j.value` + numberOwner
)

func scanNumber(s scanner) (n fleet.NumberRow, err error) {
	var trunks sql.NullString
	if err := s.Scan(&n.ID, &n.Number, &n.Name, &n.Protected, &n.Deleted, &trunks, &n.Owner, &n.OwnerName); err != nil {
		return n, err
	}
	n.Trunks, err = parseTrunks(trunks.String)
	return n, err
}

func parseTrunks(list string) ([]fleet.TrunkID, error) {
	if list == "" {
		return nil, nil
	}
	var trunks []fleet.TrunkID
	if err := json.Unmarshal([]byte("["+list+"]"), &trunks); err != nil {
		return nil, err
	}
	slices.Sort(trunks)
	return trunks, nil
}
