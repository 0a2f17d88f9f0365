package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// didRow is a row of table did.
type didRow struct {
	number, name string
	owner        fleet.PBXID
	namedAt      int64 // when the number was first told
	formers      int   // how many numbers the id meant before
	readAt       int64
	deletedAt    int64
}

// findDID answers sql.ErrNoRows for a number never heard of.
func findDID(ctx context.Context, c *conn, id fleet.DIDID) (r didRow, err error) {
	err = c.row(ctx, selectDID, int64(id)).Scan(&r.number, &r.name, &r.owner, &r.namedAt, &r.formers, &r.readAt, &r.deletedAt)
	return r, err
}

const selectDID = `SELECT number, name, owner, named_at, formers, read_at, deleted_at FROM did WHERE id = ?`

// lookedAt is when numbers were read: all of them somewhere between the two moments.
type lookedAt struct{ from, to int64 }

// upsertDIDs keeps fresh reads of numbers, writing only what differs.
func (d *DB) upsertDIDs(ctx context.Context, c *conn, dids []fleet.DID, when lookedAt) error {
	keys := rekeying{d: d, c: c}
	for _, did := range dids {
		if err := d.upsertDID(ctx, c, did, when, &keys); err != nil {
			return fmt.Errorf("DID %d: %w", did.ID, err)
		}
	}
	return keys.finish(ctx)
}

func (d *DB) upsertDID(ctx context.Context, c *conn, did fleet.DID, when lookedAt, keys *rekeying) error {
	old, err := findDID(ctx, c, did.ID)
	isNew := errors.Is(err, sql.ErrNoRows)
	if err != nil && !isNew {
		return err
	}
	fresh := old
	if old.namedAt <= when.from { // else somebody told its number while the read was under way
		if fresh, err = d.hearNumber(ctx, c, did.ID, old, did.Number, when.to); err != nil {
			return err
		}
	}
	if d.sameNumber(fresh.number, did.Number) {
		fresh.number = did.Number // as YCM's list writes it
	}
	fresh.name, fresh.owner, fresh.deletedAt = did.Name, did.Owner, 0
	if isNew || fresh != old {
		_, err := c.exec(ctx, saveDID, int64(did.ID), fresh.number, fresh.name, int64(fresh.owner), when.to, fresh.namedAt, fresh.formers)
		if err != nil {
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

const saveDID = `INSERT INTO did (id, number, name, owner, read_at, named_at, formers) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
	ON CONFLICT (id) DO UPDATE SET number = ?2, name = ?3, owner = ?4, read_at = ?5, named_at = ?6, formers = ?7, deleted_at = 0`

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
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		rows, err := readNumbers(ctx, c, ids)
		for _, n := range rows {
			numbers[n.ID] = n
		}
		return err
	})
	return numbers, fail("Numbers", err)
}

// readNumbers reads numbers by id, in that order, with what their ids meant before.
func readNumbers(ctx context.Context, c *conn, ids []fleet.DIDID) ([]fleet.NumberRow, error) {
	rows, err := list(ctx, c, scanNumber, selectNumbers, idList(ids))
	if err != nil {
		return nil, err
	}
	numbers := make([]fleet.NumberRow, len(rows))
	for i, r := range rows {
		numbers[i] = r.NumberRow
		if r.formers == 0 {
			continue
		}
		l, err := loadLife(ctx, c, r.ID, stretch{now, now})
		if err != nil {
			return nil, err
		}
		numbers[i].Formers = l.formers()
	}
	return numbers, nil
}

// idList is ids as JSON, in order.
func idList[ID ~int64](ids []ID) string {
	text := make([]byte, 1, 9*len(ids)+2)
	text[0] = '['
	for i, id := range ids {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, int64(id), 10)
	}
	return string(append(text, ']'))
}

// A number's owner is the PBX that holds it in our history, else the one that YCM named when the
// number was last read.
const (
	numberColumns = `d.id, d.number, d.formers, d.name, d.protected, d.deleted_at > 0,
		(SELECT group_concat(t.trunk_id) FROM did_trunk t WHERE t.did_id = d.id), coalesce(p.id, 0), coalesce(p.name, '')`
	numberOwner = ` LEFT JOIN pbx p ON p.id = coalesce((SELECT h.pbx_id FROM holding h WHERE h.did_id = d.id AND h.to_at = 9223372036854775807 LIMIT 1),
		nullif(d.owner, 0))`
	selectNumbers = `SELECT ` + numberColumns + ` FROM json_each(?) j CROSS JOIN did d ON d.id = j.value` + numberOwner
)

// numberRow is a number, and how many the id meant before.
type numberRow struct {
	fleet.NumberRow
	formers int
}

func scanNumber(s scanner) (n numberRow, err error) {
	var trunks sql.NullString
	if err := s.Scan(&n.ID, &n.Number, &n.formers, &n.Name, &n.Protected, &n.Deleted, &trunks, &n.Owner, &n.OwnerName); err != nil {
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
