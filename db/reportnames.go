package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cordboard/sync/fleet"
)

// rememberNames keeps what a report calls its numbers and trunks, for the time that it speaks of.
// before is what was bound just before. Of the newest report of a PBX, which mostly repeats names that
// are known, only those are looked up that can be new.
func (d *DB) rememberNames(ctx context.Context, c *conn, pbx fleet.PBXID, report fleet.Report, before fleet.BindingSet, newest bool) error {
	added := report.Set.Minus(before)
	trunks := make(map[fleet.TrunkID]bool)
	for _, n := range report.Names {
		if !trunks[n.Trunk] {
			trunks[n.Trunk] = true
			if err := nameTrunk(ctx, c, n.Trunk, n.TrunkName, micros(report.At)); err != nil {
				return fmt.Errorf("trunk %d: %w", n.Trunk, err)
			}
		}
	}
	names := report.Names
	if newest {
		repeats, err := repeatsNames(ctx, c, pbx, report, added, before.Minus(report.Set))
		if err != nil {
			return fmt.Errorf("names of PBX %d: %w", pbx, err)
		}
		if repeats {
			names = namesOf(names, added)
		}
	}
	if err := d.nameDIDs(ctx, c, names, micros(report.At)); err != nil {
		return err
	}
	return d.nameStubs(ctx, c, added)
}

// namesOf are the names of some pairs.
func namesOf(names []fleet.ReportedName, pairs []fleet.Binding) []fleet.ReportedName {
	if len(pairs) == 0 {
		return nil
	}
	wanted := fleet.NewBindingSet(pairs...)
	var some []fleet.ReportedName
	for _, n := range names {
		if wanted.Has(n.Binding) {
			some = append(some, n)
		}
	}
	return some
}

// repeatsNames reports whether the newest report of a PBX gives the pairs that stay the numbers that
// the one before it gave, by one sum for all of them, and keeps the sum for the next. Whatever came
// between the two makes the sums differ, which costs a look at every name and nothing else.
func repeatsNames(ctx context.Context, c *conn, pbx fleet.PBXID, report fleet.Report, added, removed []fleet.Binding) (bool, error) {
	var last int64
	err := c.row(ctx, selectNameSum, int64(pbx)).Scan(&last)
	known := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	sum, brought := uint64(0), uint64(0)
	for _, n := range report.Names {
		sum += nameSum(n.DID, n.Number)
	}
	for _, n := range namesOf(report.Names, added) {
		brought += nameSum(n.DID, n.Number)
	}
	gone := uint64(0)
	for _, b := range removed {
		row, err := findDID(ctx, c, b.DID)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return false, err
		}
		gone += nameSum(b.DID, row.number)
	}
	if known && uint64(last) == sum {
		return brought == gone, nil
	}
	_, err = c.exec(ctx, saveNameSum, int64(pbx), int64(sum))
	return known && uint64(last)-gone == sum-brought, err
}

const (
	selectNameSum = `SELECT sum FROM report_names WHERE pbx_id = ?`
	saveNameSum   = `INSERT INTO report_names (pbx_id, sum) VALUES (?1, ?2) ON CONFLICT (pbx_id) DO UPDATE SET sum = ?2`
)

// nameSum is FNV-1a over an id and its number.
func nameSum(id fleet.DIDID, number string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	sum := uint64(offset)
	for rest := uint64(id); rest > 0; rest >>= 8 {
		sum = (sum ^ rest&0xff) * prime
	}
	for i := range len(number) {
		sum = (sum ^ uint64(number[i])) * prime
	}
	return sum
}

// nameDIDs keeps what ids were said to mean at a moment, writing only what is new.
func (d *DB) nameDIDs(ctx context.Context, c *conn, names []fleet.ReportedName, told int64) error {
	known, err := namedRows(ctx, c, names)
	if err != nil {
		return fmt.Errorf("names: %w", err)
	}
	keys := rekeying{d: d, c: c}
	for _, n := range names {
		row, ok := known[n.DID]
		if n.Number == "" || ok && row.deletedAt == 0 && row.says(n.Number, told) {
			continue
		}
		delete(known, n.DID)
		if err := d.nameDID(ctx, c, n.DID, n.Number, told, &keys); err != nil {
			return fmt.Errorf("DID %d: %w", n.DID, err)
		}
	}
	return keys.finish(ctx)
}

// namedRows are the rows of reported numbers, as far as their names are concerned.
func namedRows(ctx context.Context, c *conn, names []fleet.ReportedName) (map[fleet.DIDID]didRow, error) {
	ids := make([]fleet.DIDID, len(names))
	for i, n := range names {
		ids[i] = n.DID
	}
	rows := make(map[fleet.DIDID]didRow, len(names))
	if len(names) == 0 {
		return rows, nil
	}
	return rows, c.each(ctx, func(s scanner) error {
		var id fleet.DIDID
		var r didRow
		err := s.Scan(&id, &r.number, &r.namedAt, &r.deletedAt)
		rows[id] = r
		return err
	}, selectNamed, idList(ids))
}

const selectNamed = `SELECT d.id, d.number, d.named_at, d.deleted_at FROM json_each(?) j CROSS JOIN did d ON d.id = j.value`

// nameTrunk keeps what a report calls a trunk. A trunk that was listed no more is back when a younger
// report has it.
func nameTrunk(ctx context.Context, c *conn, id fleet.TrunkID, name string, told int64) error {
	row, err := hearTrunk(ctx, c, id, name, told)
	if err != nil || row.namedAt == 0 {
		return err
	}
	_, err = c.exec(ctx, saveReportedTrunk, int64(id), row.name, row.namedAt, told)
	return err
}

const saveReportedTrunk = `INSERT INTO trunk (id, name, named_at) VALUES (?1, ?2, ?3)
	ON CONFLICT (id) DO UPDATE SET name = ?2, named_at = ?3, deleted_at = iif(deleted_at < ?4, 0, deleted_at)
		WHERE name <> ?2 OR named_at <> ?3 OR deleted_at BETWEEN 1 AND ?4 - 1`

func (d *DB) nameDID(ctx context.Context, c *conn, id fleet.DIDID, number string, told int64, keys *rekeying) error {
	old, err := findDID(ctx, c, id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	fresh, err := d.hearNumber(ctx, c, id, old, number, told)
	if err != nil {
		return err
	}
	if fresh.deletedAt < told {
		fresh.deletedAt = 0
	}
	if fresh == old {
		return nil
	}
	if _, err := c.exec(ctx, saveReportedDID, int64(id), fresh.number, fresh.namedAt, fresh.formers, fresh.deletedAt); err != nil {
		return err
	}
	if fresh.number == old.number {
		return nil
	}
	return keys.renew(ctx, id, fresh.number)
}

const saveReportedDID = `INSERT INTO did (id, number, named_at, formers) VALUES (?1, ?2, ?3, ?4)
	ON CONFLICT (id) DO UPDATE SET number = ?2, named_at = ?3, formers = ?4, deleted_at = ?5`

// deleted tells in words what a PBX lost by a report of deleted numbers or trunks. before is what was bound just before.
func deleted(ctx context.Context, c *conn, report fleet.Report, before fleet.BindingSet) (string, error) {
	left := report.Set.Copies()
	var dids []fleet.DIDID
	for _, b := range before.Minus(report.Set) {
		if left[b.DID] == 0 {
			dids = append(dids, b.DID)
		}
	}
	what, query, gone := "Numbers", lostNumbers, idList(dids)
	if report.Event == fleet.TrunkDelete {
		used := report.Set.Trunks()
		what, query = "Trunks", lostTrunks
		gone = idList(slices.DeleteFunc(before.Trunks(), func(id fleet.TrunkID) bool { return slices.Contains(used, id) }))
	}
	why := what + " of this PBX were deleted in YCM after the plan was made."
	names, err := list(ctx, c, func(s scanner) (name string, err error) { return name, s.Scan(&name) }, query, gone)
	switch n := len(names); {
	case err != nil:
		return "", fmt.Errorf("what was deleted: %w", err)
	case n > namedLost:
		why += fmt.Sprintf(" It lost %s and %d more.", strings.Join(names[:namedLost], ", "), n-namedLost)
	case n > 0:
		why += " It lost " + strings.Join(names, ", ") + "."
	}
	return why, nil
}

// namedLost is how many names stand in a sentence about what was deleted.
const namedLost = 3

const (
	lostNumbers = `SELECT number FROM did WHERE number <> '' AND id IN (SELECT value FROM json_each(?)) ORDER BY number`
	lostTrunks  = `SELECT name FROM trunk WHERE name <> '' AND id IN (SELECT value FROM json_each(?)) ORDER BY name`
)
