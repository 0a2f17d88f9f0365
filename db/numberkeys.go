package db

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cordboard/sync/fleet"
)

// DigitKeys finds a number by its digits and, when it begins with 00, also by those behind it.
// Letters count: a DID need not be a telephone number.
func DigitKeys(number string) []string {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, number)
	if digits == "" {
		return nil
	}
	if short, ok := strings.CutPrefix(digits, "00"); ok && short != "" {
		return []string{short, digits}
	}
	return []string{digits}
}

// searchKeys are the keys of a number, each once and none empty, the main one first.
func (d *DB) searchKeys(number string) []string {
	var keys []string
	for _, k := range d.keys(number) {
		if k != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// rekeying renews what numbers are found by. FTS5 writes out what it gathered whenever a savepoint
// or a larger statement begins, so the fragments of all its numbers go in at the end and at once:
// the first report of a PBX may bring thousands.
type rekeying struct {
	d       *DB
	c       *conn
	changed []fleet.DIDID // whose fragments finish makes
	replace bool          // some of them have fragments already
}

// renew replaces the keys of one number; [rekeying.finish] completes it.
func (r *rekeying) renew(ctx context.Context, id fleet.DIDID, number string) error {
	var old string
	if err := r.c.row(ctx, selectKeys, int64(id)).Scan(&old); err != nil {
		return err
	}
	keys := r.d.searchKeys(number)
	joined := strings.Join(keys, " ")
	if joined == old {
		return nil
	}
	if old != "" {
		r.replace = true
		for k := range strings.SplitSeq(old, " ") {
			if _, err := r.c.exec(ctx, deleteKey, k, int64(id)); err != nil {
				return err
			}
		}
	}
	for _, k := range keys {
		if _, err := r.c.exec(ctx, insertKey, k, int64(id)); err != nil {
			return err
		}
	}
	r.changed = append(r.changed, id)
	_, err := r.c.exec(ctx, updateKeys, joined, int64(id))
	return err
}

// finish brings the fragments in line with the keys.
func (r *rekeying) finish(ctx context.Context) error {
	if len(r.changed) == 0 {
		return nil
	}
	ids, err := json.Marshal(r.changed)
	if err != nil {
		return err
	}
	if r.replace {
		if _, err := r.c.exec(ctx, deleteFragments, string(ids)); err != nil {
			return fmt.Errorf("old fragments: %w", err)
		}
	}
	if _, err := r.c.exec(ctx, insertFragments, string(ids)); err != nil {
		return fmt.Errorf("fragments: %w", err)
	}
	return nil
}

const (
	selectKeys      = `SELECT keys FROM did WHERE id = ?`
	updateKeys      = `UPDATE did SET keys = ? WHERE id = ?`
	deleteKey       = `DELETE FROM did_key WHERE key = ? AND did_id = ?`
	insertKey       = `INSERT INTO did_key (key, did_id) VALUES (?, ?)`
	deleteFragments = `DELETE FROM did_fts WHERE rowid IN (SELECT value FROM json_each(?))`
	insertFragments = `INSERT INTO did_fts (rowid, keys) SELECT id, keys FROM did WHERE id IN (SELECT value FROM json_each(?))`
)
