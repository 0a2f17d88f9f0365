package db

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"cordboard/sync/fleet"
)

// A search for a number goes through phases, each walked by an index: first the numbers that begin
// with what was typed, in each form that it may stand for, in the order of their digits; then, from
// three digits on, those that contain it, in the order of their ids.

// hitCursor is the place in a search behind the last hit.
type hitCursor struct {
	phase int
	key   string // of the last hit, while forms are walked
	did   int64
}

// hit is one number that a search found.
type hit struct {
	did  fleet.DIDID
	key  string // the key that begins with a form; empty when the form is somewhere inside
	keys string // all its keys, separated by spaces
}

func scanHit(s scanner) (h hit, err error) {
	err = s.Scan(&h.key, &h.did, &h.keys)
	return h, err
}

// searchDIDs finds up to limit numbers behind from. next is where to go on; nil at the end.
func (d *DB) searchDIDs(ctx context.Context, c *conn, text string, from hitCursor, limit int) (hits []hit, next *hitCursor, err error) {
	forms := d.searchKeys(text)
	if len(forms) == 0 {
		if strings.TrimSpace(text) != "" {
			return nil, nil, nil // nothing in it that a number could have
		}
		forms = []string{""} // no text: all numbers
	}
	place := from
	for place.phase <= len(forms) {
		wanted := limit + 1 - len(hits)
		var found []hit
		if place.phase < len(forms) {
			found, err = list(ctx, c, scanHit, pageKeys, place.key, place.did, forms[place.phase], forms[place.phase]+afterKeys, wanted)
		} else {
			found, err = fragments(ctx, c, forms, place.did, wanted)
		}
		if err != nil {
			return nil, nil, err
		}
		for _, h := range found {
			if isFirst(forms, place.phase, h) {
				if len(hits) == limit {
					return hits, &place, nil
				}
				hits = append(hits, h)
			}
			place.key, place.did = h.key, int64(h.did)
		}
		if len(found) < wanted {
			place = hitCursor{phase: place.phase + 1}
		}
	}
	return hits, nil, nil
}

// afterKeys is behind every character that a key can have.
const afterKeys = "\x7f"

// fragments finds numbers that contain one of the forms. Trigrams know nothing shorter than three.
func fragments(ctx context.Context, c *conn, forms []string, after int64, limit int) ([]hit, error) {
	phrases := fragmentQuery(forms)
	if phrases == "" {
		return nil, nil
	}
	return list(ctx, c, scanHit, pageFragments, phrases, after, limit)
}

func fragmentQuery(forms []string) string {
	var phrases []string
	for _, f := range forms {
		if len(f) >= 3 {
			phrases = append(phrases, phrase(f))
		}
	}
	return strings.Join(phrases, " OR ")
}

const (
	pageKeys = `SELECT k.key, k.did_id, d.keys FROM did_key k JOIN did d ON d.id = k.did_id
		WHERE (k.key, k.did_id) > (?1, ?2) AND k.key >= ?3 AND k.key < ?4 ORDER BY k.key, k.did_id LIMIT ?5`
	pageFragments = `SELECT '', d.id, d.keys FROM did_fts f JOIN did d ON d.id = f.rowid WHERE did_fts MATCH ?1 AND f.rowid > ?2 ORDER BY f.rowid LIMIT ?3`
)

// isFirst reports whether no earlier phase, and no smaller key of this phase, finds the number too:
// each number is shown once.
func isFirst(forms []string, phase int, h hit) bool {
	for i, form := range forms[:min(phase+1, len(forms))] {
		smallest := ""
		for k := range strings.SplitSeq(h.keys, " ") {
			if strings.HasPrefix(k, form) && (smallest == "" || k < smallest) {
				smallest = k
			}
		}
		if smallest != "" {
			return i == phase && smallest == h.key
		}
	}
	return phase == len(forms)
}

// countHits is how many numbers a search finds; see [TotalLimit]. A number that is found in two ways
// may count twice.
func (d *DB) countHits(ctx context.Context, c *conn, text string) (n int, err error) {
	forms := d.searchKeys(text)
	if len(forms) == 0 {
		if strings.TrimSpace(text) != "" {
			return 0, nil
		}
		return n, c.row(ctx, totalNumbers).Scan(&n)
	}
	inside := 0
	for _, f := range forms {
		if n >= TotalLimit {
			return TotalLimit, nil
		}
		var begin int
		if err := c.row(ctx, totalKeys, f, f+afterKeys, TotalLimit-n).Scan(&begin); err != nil {
			return 0, err
		}
		n += begin
	}
	if phrases := fragmentQuery(forms); phrases != "" && n < TotalLimit {
		if err := c.row(ctx, totalFragments, phrases, TotalLimit).Scan(&inside); err != nil {
			return 0, err
		}
	}
	return max(n, inside), nil // what contains a form includes what begins with it
}

const (
	totalNumbers   = `SELECT n FROM did_tally`
	totalKeys      = `SELECT count(*) FROM (SELECT 1 FROM did_key WHERE key >= ?1 AND key < ?2 LIMIT ?3)`
	totalFragments = `SELECT count(*) FROM (SELECT 1 FROM did_fts WHERE did_fts MATCH ?1 LIMIT ?2)`
)

// FindDIDs finds numbers in any format, at most limit: those that begin with the text, then those
// that contain it. An empty text finds all.
func (d *DB) FindDIDs(ctx context.Context, text string, limit int) (numbers []fleet.NumberRow, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		hits, _, err := d.searchDIDs(ctx, c, text, hitCursor{}, pageLimit(fleet.PageRequest{Limit: limit}))
		if err != nil {
			return err
		}
		ids, err := didList(hits)
		if err != nil {
			return err
		}
		numbers, err = list(ctx, c, scanNumber, selectNumbers, ids)
		return err
	})
	return numbers, fail("FindDIDs", err)
}

// didList is the ids as JSON, in order.
func didList(hits []hit) (string, error) {
	ids := make([]fleet.DIDID, len(hits))
	for i, h := range hits {
		ids[i] = h.did
	}
	text, err := json.Marshal(ids)
	return string(text), err
}

// searchRounds bounds how many numbers that nobody holds one page skips.
const searchRounds = 5

// FindNumbers finds who holds numbers in any format, or held them at a moment: numbers that begin
// with the text first, then those that contain it. The zero time is now. Numbers that nobody holds
// are left out, so a page may have fewer rows than its limit and go on. Total counts the numbers that
// match, held or not; see [TotalLimit].
func (d *DB) FindNumbers(ctx context.Context, text string, at time.Time, req fleet.PageRequest) (page fleet.Page[fleet.Holding], err error) {
	var from hitCursor
	if req.After != "" {
		if err := readCursor(req.After, &from.phase, &from.key, &from.did); err != nil {
			return page, err
		}
	}
	limit := pageLimit(req)
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		for range searchRounds {
			hits, next, err := d.searchDIDs(ctx, c, text, from, limit-len(page.Items))
			if err != nil {
				return err
			}
			held, err := holdings(ctx, c, hits, at)
			if err != nil {
				return err
			}
			page.Items = append(page.Items, held...)
			if page.Next = ""; next == nil {
				break
			}
			from, page.Next = *next, writeCursor(next.phase, next.key, next.did)
			if len(page.Items) >= limit {
				break
			}
		}
		page.Total, err = d.countHits(ctx, c, text)
		return err
	})
	return page, fail("FindNumbers", err)
}

// holdings says who holds the numbers, in their order.
func holdings(ctx context.Context, c *conn, hits []hit, at time.Time) ([]fleet.Holding, error) {
	ids, err := didList(hits)
	if err != nil || len(hits) == 0 {
		return nil, err
	}
	if at.IsZero() {
		return list(ctx, c, scanHolding, pageHoldersNow, ids)
	}
	return list(ctx, c, scanHolding, pageHoldersAt, ids, micros(at))
}

func scanHolding(s scanner) (h fleet.Holding, err error) {
	var from, to int64
	err = s.Scan(&h.Trunk, &h.DID, &h.PBX, &h.PBXName, &h.Number, &h.TrunkName, &from, &h.FromExact, &to)
	h.From, h.To = moment(from), moment(to)
	return h, err
}

const (
	holdingColumns = `h.trunk_id, h.did_id, h.pbx_id, p.name, d.number, coalesce(t.name, ''), h.from_at,
		coalesce((SELECT s.source <> 'reconcile' FROM snapshot s WHERE s.pbx_id = h.pbx_id AND s.at = h.from_at), 0), h.to_at`
	holdingJoins = ` JOIN pbx p ON p.id = h.pbx_id JOIN did d ON d.id = h.did_id LEFT JOIN trunk t ON t.id = h.trunk_id`

	pageHoldersNow = `SELECT ` + holdingColumns + ` FROM json_each(?1) j
		CROSS JOIN holding h ON h.did_id = j.value AND h.to_at = 9223372036854775807` + holdingJoins
	pageHoldersAt = `SELECT ` + holdingColumns + ` FROM json_each(?1) j
		CROSS JOIN holding h ON h.did_id = j.value AND h.to_at > ?2 AND h.from_at <= ?2` + holdingJoins
)
