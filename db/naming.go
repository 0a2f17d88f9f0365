package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cordboard/sync/fleet"
)

// An id is not a number: YCM gives the id of a deleted number to another one, and trunks are
// renamed. What an id was said to mean, and when, makes runs: each begins with the first time that
// its name was told, and ends where the next begins. Sayings come in any order; the runs depend on
// what was said and not on that order.

// run is a stretch of time in which an id had one name, as far as anybody told.
type run struct {
	name  string
	since int64 // when it was first told
	last  int64 // a list of all names confirmed it then; 0 when none did
}

// hear puts a saying into its place among runs in order of time. One that contradicts what was told
// for the same moment, or confirmed by a list since, is not believed.
func hear(runs []run, name string, at int64) []run {
	next := 0
	for next < len(runs) && runs[next].since <= at {
		next++
	}
	if next > 0 {
		in := runs[next-1]
		if in.name == name || at <= max(in.since, in.last) {
			return runs
		}
	}
	if next < len(runs) && runs[next].name == name {
		earlier := slices.Clone(runs)
		earlier[next].since = at
		return earlier
	}
	return slices.Insert(slices.Clone(runs), next, run{name: name, since: at})
}

// hearNumber notes that a DID id was said to mean a number. It answers with the row as it is then,
// and stores the former numbers; the row itself is left to the caller.
func (d *DB) hearNumber(ctx context.Context, c *conn, id fleet.DIDID, row didRow, number string, at int64) (didRow, error) {
	if number == "" || row.says(number, at) {
		return row, nil
	}
	runs, err := d.numberRuns(ctx, c, id, row)
	if err != nil {
		return row, err
	}
	for _, r := range runs {
		if d.sameNumber(r.name, number) {
			number = r.name // written in another way, it is no other number
		}
	}
	told := hear(runs, number, at)
	if slices.Equal(told, runs) {
		return row, nil
	}
	current := told[len(told)-1]
	row.number, row.namedAt = current.name, current.since
	if len(told) > 1 || row.formers > 0 {
		if err := d.replaceFormers(ctx, c, id, told); err != nil {
			return row, fmt.Errorf("former numbers: %w", err)
		}
	}
	row.formers = len(told) - 1
	return row, nil
}

// says reports whether the row says already that the id means the number at that moment.
func (r didRow) says(number string, at int64) bool { return r.number == number && r.namedAt <= at }

// sameNumber reports whether two texts are one number, written in two ways.
func (d *DB) sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	one, other := d.searchKeys(a), d.searchKeys(b)
	return len(one) > 0 && len(other) > 0 && one[0] == other[0]
}

// numberRuns are all runs of a DID id, the present one last; none when no number was ever told.
func (d *DB) numberRuns(ctx context.Context, c *conn, id fleet.DIDID, row didRow) ([]run, error) {
	if row.number == "" {
		return nil, nil
	}
	var runs []run
	if row.formers > 0 {
		former, err := list(ctx, c, scanRun, selectFormers, int64(id))
		if err != nil {
			return nil, err
		}
		runs = former
	}
	present := run{name: row.number, since: row.namedAt}
	if row.deletedAt == 0 {
		listed, err := listBegan(ctx, c)
		if err != nil {
			return nil, err
		}
		present.last = listed
	}
	return append(runs, present), nil
}

func scanRun(s scanner) (r run, err error) {
	err = s.Scan(&r.name, &r.since, &r.last)
	return r, err
}

const selectFormers = `SELECT number, since_at, last_at FROM did_was WHERE did_id = ? ORDER BY until_at`

// replaceFormers stores all runs but the last, with what they are found by.
func (d *DB) replaceFormers(ctx context.Context, c *conn, id fleet.DIDID, runs []run) error {
	olds, err := list(ctx, c, scanFormer, selectFormerKeys, int64(id))
	if err != nil {
		return err
	}
	for _, old := range olds {
		if err := dropFormerKeys(ctx, c, old); err != nil {
			return err
		}
	}
	if _, err := c.exec(ctx, deleteFormers, int64(id)); err != nil {
		return err
	}
	for i, r := range runs[:len(runs)-1] {
		until := runs[i+1].since
		was, err := c.insert(ctx, insertFormer, int64(id), r.since, min(r.last, until), until, r.name)
		if err != nil {
			return err
		}
		if err := d.keyFormer(ctx, c, former{id: was, number: r.name}); err != nil {
			return err
		}
	}
	return nil
}

// former is a row of did_was, as far as its search keys are concerned.
type former struct {
	id           int64
	number, keys string
}

func scanFormer(s scanner) (f former, err error) {
	err = s.Scan(&f.id, &f.number, &f.keys)
	return f, err
}

// keyFormer makes a former number found, instead of by the keys that it had.
func (d *DB) keyFormer(ctx context.Context, c *conn, f former) error {
	keys := d.searchKeys(f.number)
	joined := strings.Join(keys, " ")
	if joined == f.keys {
		return nil
	}
	if err := dropFormerKeys(ctx, c, f); err != nil {
		return err
	}
	for _, k := range keys {
		if _, err := c.exec(ctx, insertFormerKey, k, f.id); err != nil {
			return err
		}
	}
	if _, err := c.exec(ctx, updateFormerKeys, joined, f.id); err != nil {
		return err
	}
	_, err := c.exec(ctx, insertFormerFragments, f.id, joined)
	return err
}

func dropFormerKeys(ctx context.Context, c *conn, f former) error {
	if f.keys == "" {
		return nil
	}
	for k := range strings.SplitSeq(f.keys, " ") {
		if _, err := c.exec(ctx, deleteFormerKey, k, f.id); err != nil {
			return err
		}
	}
	_, err := c.exec(ctx, deleteFormerFragments, f.id)
	return err
}

const (
	selectFormerKeys      = `SELECT id, number, keys FROM did_was WHERE did_id = ?`
	deleteFormers         = `DELETE FROM did_was WHERE did_id = ?`
	insertFormer          = `INSERT INTO did_was (did_id, since_at, last_at, until_at, number) VALUES (?, ?, ?, ?, ?)`
	updateFormerKeys      = `UPDATE did_was SET keys = ? WHERE id = ?`
	insertFormerKey       = `INSERT INTO was_key (key, was_id) VALUES (?, ?)`
	deleteFormerKey       = `DELETE FROM was_key WHERE key = ? AND was_id = ?`
	insertFormerFragments = `INSERT INTO was_fts (rowid, keys) VALUES (?, ?)`
	deleteFormerFragments = `DELETE FROM was_fts WHERE rowid = ?`
)

// listBegan is when the last complete list of numbers was begun: whatever is not marked deleted meant
// then what it means now, unless it was told since. 0 when there was none.
func listBegan(ctx context.Context, c *conn) (int64, error) {
	text, err := findSetting(ctx, c, lastNumbers)
	if fleet.KindOf(err) == fleet.KindNotFound {
		return 0, nil
	}
	var listed numbersListed
	if err == nil {
		err = json.Unmarshal(text, &listed)
	}
	return listed.At, err
}

// trunkNames bounds how many names of one trunk are kept, the youngest: they are for display alone.
const trunkNames = 100

// trunkRow is a row of table trunk as far as its name is concerned.
type trunkRow struct {
	name                       string
	namedAt, readAt, deletedAt int64
}

// hearTrunk notes what a trunk was said to be called, and answers with the name that it has now.
func hearTrunk(ctx context.Context, c *conn, id fleet.TrunkID, name string, at int64) (trunkRow, error) {
	var row trunkRow
	err := c.row(ctx, selectTrunkName, int64(id)).Scan(&row.name, &row.namedAt, &row.readAt, &row.deletedAt)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return row, err
	}
	if name == "" || row.name == name && row.namedAt <= at {
		return row, nil
	}
	var runs []run
	if row.name != "" {
		if runs, err = list(ctx, c, scanRun, selectTrunkFormers, int64(id)); err != nil {
			return row, err
		}
		runs = append(runs, run{name: row.name, since: row.namedAt, last: row.readAt})
	}
	told := hear(runs, name, at)
	if slices.Equal(told, runs) {
		return row, nil
	}
	told = told[max(0, len(told)-trunkNames):]
	current := told[len(told)-1]
	row.name, row.namedAt = current.name, current.since
	if _, err := c.exec(ctx, deleteTrunkFormers, int64(id)); err != nil {
		return row, err
	}
	for i, r := range told[:len(told)-1] {
		if _, err := c.exec(ctx, insertTrunkFormer, int64(id), told[i+1].since, r.since, r.name); err != nil {
			return row, err
		}
	}
	return row, nil
}

const (
	selectTrunkName    = `SELECT name, named_at, read_at, deleted_at FROM trunk WHERE id = ?`
	selectTrunkFormers = `SELECT name, since_at, 0 FROM trunk_was WHERE trunk_id = ? ORDER BY until_at`
	deleteTrunkFormers = `DELETE FROM trunk_was WHERE trunk_id = ?`
	insertTrunkFormer  = `INSERT INTO trunk_was (trunk_id, until_at, since_at, name) VALUES (?, ?, ?, ?)`
)
