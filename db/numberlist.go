package db

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"cordboard/sync/fleet"
)

// ChangedDIDs are those of a read, begun at that time, that say something new. Nothing is written, and
// nobody who writes waits: of a long list that is read day by day, all but a few say what is known.
func (d *DB) ChangedDIDs(ctx context.Context, dids []fleet.DID, began time.Time) (changed []fleet.DID, err error) {
	ids := make([]fleet.DIDID, len(dids))
	for i, did := range dids {
		ids[i] = did.ID
	}
	text, err := json.Marshal(ids)
	if err != nil {
		return nil, fail("ChangedDIDs", err)
	}
	known := make(map[fleet.DIDID]fleet.DID, len(dids))
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.each(ctx, func(s scanner) error {
			var namedAt int64
			did, err := scanListed(s, &namedAt)
			if namedAt <= micros(began) { // else somebody told its number while it was read
				known[did.ID] = did
			}
			return err
		}, selectListed, string(text))
	})
	for _, did := range dids {
		old, have := known[did.ID]
		if !have || old.Number != did.Number || old.Name != did.Name || old.Owner != did.Owner || !slices.Equal(old.Trunks, sortedTrunks(did.Trunks)) {
			changed = append(changed, did)
		}
	}
	return changed, fail("ChangedDIDs", err)
}

func sortedTrunks(trunks []fleet.TrunkID) []fleet.TrunkID {
	if slices.IsSorted(trunks) {
		return slices.Compact(slices.Clone(trunks))
	}
	sorted := slices.Sorted(slices.Values(trunks))
	return slices.Compact(sorted)
}

// didsAtOnce bounds one transaction of a long list: others write in between.
const didsAtOnce = 500

// KeepDIDs keeps a list of numbers that was proven to hold every one, and whose reading began at that
// time: those that say something new are kept, and those that it lacks are marked deleted then. They
// keep their history.
func (d *DB) KeepDIDs(ctx context.Context, changed []fleet.DID, all []fleet.DIDID, began time.Time) error {
	for part := range slices.Chunk(changed, didsAtOnce) {
		err := d.write(ctx, func(ctx context.Context, c *conn) error {
			return d.upsertDIDs(ctx, c, part, lookedAt{micros(began), max(micros(began), micros(d.now()))})
		})
		if err != nil {
			return fail("KeepDIDs", err)
		}
	}
	absent, err := d.absentDIDs(ctx, all)
	if err != nil {
		return fail("KeepDIDs", err)
	}
	for part := range slices.Chunk(absent, didsAtOnce) {
		err := d.write(ctx, func(ctx context.Context, c *conn) error {
			for _, id := range part {
				if _, err := c.exec(ctx, markDIDDeleted, micros(began), int64(id)); err != nil {
					return fmt.Errorf("DID %d: %w", id, err)
				}
			}
			return nil
		})
		if err != nil {
			return fail("KeepDIDs", err)
		}
	}
	listed, err := json.Marshal(numbersListed{len(all), micros(began)})
	if err != nil {
		return fail("KeepDIDs", err)
	}
	return d.SetSetting(ctx, lastNumbers, listed)
}

const markDIDDeleted = `UPDATE did SET deleted_at = ?1 WHERE deleted_at = 0 AND id = ?2`

// absentDIDs are the numbers that are there as far as we know, and not in the list.
func (d *DB) absentDIDs(ctx context.Context, all []fleet.DIDID) (absent []fleet.DIDID, err error) {
	all = slices.Sorted(slices.Values(all))
	i := 0
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.each(ctx, func(s scanner) error {
			var id fleet.DIDID
			if err := s.Scan(&id); err != nil {
				return err
			}
			for i < len(all) && all[i] < id {
				i++
			}
			if i == len(all) || all[i] != id {
				absent = append(absent, id)
			}
			return nil
		}, walkDIDs)
	})
	return absent, err
}

const walkDIDs = `SELECT id FROM did WHERE deleted_at = 0 ORDER BY id`

// numbersListed is what is remembered of the last complete list of numbers.
type numbersListed struct {
	Total int   `json:"total"`
	At    int64 `json:"at"`
}

const lastNumbers = "db.numbers_listed"

// NumbersListed is how many numbers the last complete list had, and when; the zero time when there
// was none.
func (d *DB) NumbersListed(ctx context.Context) (total int, at time.Time, err error) {
	text, err := d.Setting(ctx, lastNumbers)
	if fleet.KindOf(err) == fleet.KindNotFound {
		return 0, time.Time{}, nil
	}
	if err != nil {
		return 0, time.Time{}, err
	}
	var listed numbersListed
	err = json.Unmarshal(text, &listed)
	return listed.Total, moment(listed.At), fail("NumbersListed", err)
}

// Listed are numbers as YCM last told them, with the trunks they sit on. Those that it never listed,
// or lists no more, are left out.
func (d *DB) Listed(ctx context.Context, ids []fleet.DIDID) (dids []fleet.DID, err error) {
	text, err := json.Marshal(ids)
	if err != nil {
		return nil, fail("Listed", err)
	}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		dids, err = list(ctx, c, func(s scanner) (fleet.DID, error) { return scanListed(s, new(int64)) }, selectListed, string(text))
		return err
	})
	return dids, fail("Listed", err)
}

func scanListed(s scanner, namedAt *int64) (did fleet.DID, err error) {
	var trunks string
	if err := s.Scan(&did.ID, &did.Number, &did.Name, &did.Owner, namedAt, &trunks); err != nil {
		return did, err
	}
	did.Trunks, err = parseTrunks(trunks)
	return did, err
}

const selectListed = `SELECT d.id, d.number, d.name, d.owner, d.named_at, coalesce((SELECT group_concat(t.trunk_id) FROM did_trunk t WHERE t.did_id = d.id), '')
	FROM json_each(?) j CROSS JOIN did d ON d.id = j.value WHERE d.deleted_at = 0`
