package db

import (
	"context"
	"fmt"

	"cordboard/sync/fleet"
)

// Whereabouts answers a whole list of numbers, in its order. A line that is a whole number means that
// one alone; a part means up to each numbers that begin with it or contain it.
func (d *DB) Whereabouts(ctx context.Context, lines []string, when fleet.When, each int) (answers []fleet.Whereabouts, err error) {
	answers = make([]fleet.Whereabouts, len(lines))
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		for i, line := range lines {
			if answers[i], err = d.whereabouts(ctx, c, line, when, each); err != nil {
				return fmt.Errorf("line %d: %w", i+1, err)
			}
		}
		return nil
	})
	return answers, fail("Whereabouts", err)
}

// longestNumber is how many bytes a line may have that is a number.
const longestNumber = 200

func (d *DB) whereabouts(ctx context.Context, c *conn, line string, when fleet.When, each int) (a fleet.Whereabouts, err error) {
	a.Asked = line
	search, ok := d.newSearch(line)
	if len(line) > longestNumber || !ok || search.forms[0] == "" {
		return a, nil
	}
	a.Readable, search.former = true, !when.Now()
	hits, err := search.exact(ctx, c, each+1)
	if err == nil && len(hits) == 0 {
		hits, err = search.all(ctx, c, each+1)
	}
	if err != nil {
		return a, err
	}
	if len(hits) > each {
		hits, a.More = hits[:each], true
	}
	q := stretchOf(when)
	for _, h := range hits {
		held, err := holdings(ctx, c, []hit{h}, q)
		if err != nil {
			return a, err
		}
		a.Held = append(a.Held, held...)
		if len(held) > 0 {
			continue
		}
		unheld, err := unheldAt(ctx, c, h, q)
		if err != nil {
			return a, err
		}
		a.Unheld = append(a.Unheld, unheld)
	}
	return a, nil
}

// exact finds the numbers that are exactly one of the forms.
func (s numberSearch) exact(ctx context.Context, c *conn, limit int) (hits []hit, err error) {
	for _, p := range s.phases() {
		if p.form == len(s.forms) || len(hits) >= limit {
			break
		}
		query, form := pageKeys, s.forms[p.form]
		if p.former {
			query = pageFormerKeys
		}
		found, err := list(ctx, c, scanHit, query, form, -1, form+beforeMore, limit-len(hits))
		if err != nil {
			return nil, err
		}
		for _, h := range found {
			if isFirst(s.forms, p.form, h) {
				hits = append(hits, h)
			}
		}
	}
	return hits, nil
}

// beforeMore ends the range of keys that holds one key alone.
const beforeMore = "\x00"

// unheldAt says what is known of a number that nobody held at a time: what it is now, and who had it
// before and behind that time.
func unheldAt(ctx context.Context, c *conn, h hit, q stretch) (u fleet.Unheld, err error) {
	rows, err := readNumbers(ctx, c, []fleet.DIDID{h.did})
	if err != nil {
		return u, err
	}
	for _, row := range rows {
		u.NumberRow, u.Then = row, row.Number
	}
	ever, err := holdings(ctx, c, []hit{h}, stretch{0, now})
	if err != nil {
		return u, err
	}
	if h.was != 0 {
		if err := c.row(ctx, selectFormer, h.was).Scan(&u.Then); err != nil {
			return u, err
		}
	}
	for i, stay := range ever {
		switch {
		case micros(stay.From) > q.to && (u.After == nil || stay.From.Before(u.After.From)):
			u.After = &ever[i]
		case micros(stay.From) <= q.from && (u.Before == nil || stay.To.After(u.Before.To)):
			u.Before = &ever[i]
		}
	}
	return u, nil
}

const selectFormer = `SELECT number FROM did_was WHERE id = ?`
