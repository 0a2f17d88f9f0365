package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"cordboard/sync/bulk"
	"cordboard/sync/fleet"
)

// SaveReview keeps what a spreadsheet was found to ask for. It never changes.
func (d *DB) SaveReview(ctx context.Context, id string, r bulk.Review) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fail("SaveReview", err)
	}
	return fail("SaveReview", d.write(ctx, func(ctx context.Context, c *conn) error {
		_, err := c.exec(ctx, insertReview, id, micros(d.now()), string(text))
		return err
	}))
}

// Review reads one.
func (d *DB) Review(ctx context.Context, id string) (r bulk.Review, err error) {
	var text string
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		err := c.row(ctx, selectReview, id).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return fleet.NotFound("db.Review", "The spreadsheet")
		}
		return err
	})
	if err != nil {
		return r, fail("Review", err)
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return r, fail("Review", fmt.Errorf("review %s: %w", id, err))
	}
	return r, nil
}

// Roll is every PBX of our record by name, gone ones included.
func (d *DB) Roll(ctx context.Context) (roll []bulk.PBX, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		roll, err = list(ctx, c, func(s scanner) (p bulk.PBX, err error) {
			return p, s.Scan(&p.ID, &p.Name, &p.Region, &p.Gone)
		}, selectRoll)
		return err
	})
	return roll, fail("Roll", err)
}

// Dialled finds, for each of some texts, the numbers that it can mean as a whole, in any form in which
// people write numbers; those that YCM does not list any more are among them. Texts that mean none are
// absent from the answer.
func (d *DB) Dialled(ctx context.Context, texts []string) (found map[string][]fleet.NumberRow, err error) {
	found = map[string][]fleet.NumberRow{}
	hits := map[string][]fleet.DIDID{}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		for _, text := range texts {
			if _, ok := hits[text]; ok {
				continue
			}
			hits[text] = nil
			for _, key := range d.searchKeys(text) {
				ids, err := list(ctx, c, scanInt64, selectByKey, key)
				if err != nil {
					return err
				}
				for _, id := range ids {
					if did := fleet.DIDID(id); !slices.Contains(hits[text], did) {
						hits[text] = append(hits[text], did)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fail("Dialled", err)
	}
	var all []fleet.DIDID
	for _, ids := range hits {
		all = append(all, ids...)
	}
	numbers, err := d.Numbers(ctx, all)
	if err != nil {
		return nil, err
	}
	for text, ids := range hits {
		for _, id := range ids {
			found[text] = append(found[text], numbers[id])
		}
	}
	return found, nil
}

const (
	insertReview = `INSERT INTO bulk_review (id, created_at, doc) VALUES (?, ?, ?)`
	selectReview = `SELECT doc FROM bulk_review WHERE id = ?`
	selectRoll   = `SELECT id, name, region, gone_at > 0 FROM pbx ORDER BY name, id`
	selectByKey  = `SELECT did_id FROM did_key WHERE key = ? ORDER BY did_id`
)
