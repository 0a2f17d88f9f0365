package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"cordboard/sync/fleet"
)

// TrunkNumbers is one page of a trunk's numbers, those that YCM no longer lists left out: in the order
// of the numbers as YCM writes them, or, with f.Q, in that of [DB.FindDIDs]. A page of a search may be
// short and go on; for its total see [numberSearch.countOn].
func (d *DB) TrunkNumbers(ctx context.Context, f fleet.TrunkNumberFilter) (page fleet.Page[fleet.TrunkNumber], err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		if strings.TrimSpace(f.Q) != "" {
			page, err = d.searchTrunk(ctx, c, f)
			return err
		}
		page, err = listTrunk(ctx, c, f)
		return err
	})
	return page, fail("TrunkNumbers", err)
}

func listTrunk(ctx context.Context, c *conn, f fleet.TrunkNumberFilter) (page fleet.Page[fleet.TrunkNumber], err error) {
	limit, number, did := pageLimit(f.Page), "", int64(-1)
	if f.Page.After != "" {
		if err := readCursor(f.Page.After, &number, &did); err != nil {
			return page, err
		}
	}
	if page.Total, err = countTrunk(ctx, c, f); err != nil {
		return page, err
	}
	read := func(query string, args ...any) error {
		if err != nil {
			return err
		}
		var more []fleet.TrunkNumber
		more, err = list(ctx, c, scanTrunkNumber, query, append([]any{int64(f.Trunk), number, did, limit + 1}, args...)...)
		page.Items = append(page.Items, more...)
		return err
	}
	switch f.Use {
	case fleet.ProtectedOnly:
		err = read(pageProtected)
	case fleet.InUse:
		err = read(pageTrunkNumbers, true)
	case fleet.FreeUse:
		err = read(pageTrunkNumbers, false)
	default: // both, each in its order
		err = errors.Join(read(pageTrunkNumbers, true), read(pageTrunkNumbers, false))
		slices.SortFunc(page.Items, func(a, b fleet.TrunkNumber) int {
			return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
		})
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		last := page.Items[limit-1]
		page.Next = writeCursor(last.Number, int64(last.ID))
	}
	return page, err
}

const (
	// Over which trunk a number is held: this one, if it is.
	trunkNumberColumns = numberColumns + `, coalesce(
			(SELECT h.trunk_id FROM holding h WHERE h.did_id = d.id AND h.to_at = 9223372036854775807 AND h.trunk_id = ?1 LIMIT 1),
			(SELECT h.trunk_id FROM holding h WHERE h.did_id = d.id AND h.to_at = 9223372036854775807 LIMIT 1), 0)`
	trunkNumbers = `SELECT ` + trunkNumberColumns + `
		FROM did_trunk o CROSS JOIN did d ON d.id = o.did_id` + numberOwner + ` WHERE o.trunk_id = ?1 AND o.deleted = 0`
	inTrunkOrder     = ` AND (o.number, o.did_id) > (?2, ?3) ORDER BY o.number, o.did_id LIMIT ?4`
	pageTrunkNumbers = trunkNumbers + ` AND o.used = ?5` + inTrunkOrder
	pageProtected    = trunkNumbers + ` AND o.protected = 1` + inTrunkOrder
)

func scanTrunkNumber(s scanner) (n fleet.TrunkNumber, err error) {
	row, err := scanNumber(before{s, &n.Over})
	n.NumberRow = row.NumberRow
	return n, err
}

// before is a row whose last column goes to last, and the others to whoever scans.
type before struct {
	scanner
	last any
}

// Scan is as for [sql.Row].
func (b before) Scan(dest ...any) error { return b.scanner.Scan(append(dest, b.last)...) }

// countTrunk is how many numbers a filter leaves, from the kept tally.
func countTrunk(ctx context.Context, c *conn, f fleet.TrunkNumberFilter) (n int, err error) {
	var t fleet.TrunkTally
	err = c.row(ctx, totalTrunk, int64(f.Trunk)).Scan(&t.Numbers, &t.Used, &t.Protected)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, nil
	case f.Use == fleet.InUse:
		n = t.Used
	case f.Use == fleet.FreeUse:
		n = t.Free()
	case f.Use == fleet.ProtectedOnly:
		n = t.Protected
	default:
		n = t.Numbers
	}
	return n, err
}

const totalTrunk = `SELECT n, used, protected FROM trunk_tally WHERE trunk_id = ?`

// trunkRounds bounds how many numbers of other trunks one page of a search skips.
const trunkRounds = 20

func (d *DB) searchTrunk(ctx context.Context, c *conn, f fleet.TrunkNumberFilter) (page fleet.Page[fleet.TrunkNumber], err error) {
	limit, place := pageLimit(f.Page), &hitCursor{}
	if f.Page.After != "" {
		if err := readCursor(f.Page.After, &place.phase, &place.key, &place.id); err != nil {
			return page, err
		}
	}
	search, ok := d.newSearch(strings.TrimSpace(f.Q))
	if !ok {
		return page, nil
	}
	if place.phase < 0 || place.phase > len(search.phases()) {
		return page, badCursor()
	}
	for range trunkRounds {
		hits, next, err := search.find(ctx, c, *place, limit-len(page.Items))
		if err != nil {
			return page, err
		}
		found, err := list(ctx, c, scanTrunkNumber, pageTrunkHits, int64(f.Trunk), idList(didsOf(hits)), string(f.Use))
		if err != nil {
			return page, err
		}
		page.Items, place = append(page.Items, found...), next
		if next == nil || len(page.Items) >= limit {
			break
		}
	}
	if place != nil {
		page.Next = writeCursor(place.phase, place.key, place.id)
	}
	page.Total, err = search.countOn(ctx, c, f)
	return page, err
}

// countOn is how many numbers of a trunk a search finds. When it finds more than [TotalLimit] on all
// trunks, it is at most as many as the trunk has.
func (s numberSearch) countOn(ctx context.Context, c *conn, f fleet.TrunkNumberFilter) (n int, err error) {
	hits, err := s.all(ctx, c, TotalLimit)
	if err != nil {
		return 0, err
	}
	if len(hits) >= TotalLimit {
		n, err = countTrunk(ctx, c, f)
		return min(n, TotalLimit), err
	}
	err = c.row(ctx, totalTrunkHits, int64(f.Trunk), idList(didsOf(hits)), string(f.Use)).Scan(&n)
	return n, err
}

const (
	trunkHits = ` FROM json_each(?2) j CROSS JOIN did_trunk o ON o.did_id = j.value AND o.trunk_id = ?1`
	hitsInUse = ` WHERE o.deleted = 0
		AND (?3 = '' OR ?3 = 'in_use' AND o.used = 1 OR ?3 = 'free' AND o.used = 0 OR ?3 = 'protected' AND o.protected = 1)`

	pageTrunkHits  = `SELECT ` + trunkNumberColumns + trunkHits + ` CROSS JOIN did d ON d.id = o.did_id` + numberOwner + hitsInUse
	totalTrunkHits = `SELECT count(*)` + trunkHits + hitsInUse
)
