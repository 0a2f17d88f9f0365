package db

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"cordboard/sync/fleet"
)

// A search for a number goes through phases, each walked by an index: first the numbers that begin
// with what was typed, in each form that it may stand for, in the order of their digits; then, from
// three digits on, those that contain it, in the order of their ids. The last phase costs a hundred
// times as much as the others, so it begins on a page of its own, and is left out where it can't be
// meant: behind a whole number that was found, and when an international prefix was typed.

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

// numberSearch is what was typed, made ready.
type numberSearch struct {
	forms  []string
	inside bool // whether numbers that contain a form count too
}

// newSearch answers false when there is nothing in the text that a number could have.
func (d *DB) newSearch(text string) (numberSearch, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return numberSearch{forms: []string{""}}, true // all numbers
	}
	s := numberSearch{forms: d.searchKeys(text)}
	literal := slices.ContainsFunc(s.forms, func(form string) bool { return strings.HasPrefix(form, "00") })
	prefixed := strings.HasPrefix(text, "+") || strings.HasPrefix(text, "00") && !literal
	s.inside = !prefixed && fragmentQuery(s.forms) != ""
	return s, len(s.forms) > 0
}

// wholeNumber is how many digits a key has at least that is a whole number to a person.
const wholeNumber = 7

// find gives up to limit numbers behind from. next is where to go on; nil at the end.
func (s numberSearch) find(ctx context.Context, c *conn, from hitCursor, limit int) (hits []hit, next *hitCursor, err error) {
	place, whole := from, false
	for place.phase < len(s.forms) {
		form, wanted := s.forms[place.phase], limit+1-len(hits)
		if place.key < form {
			place.key, place.did = form, -1
		}
		found, err := list(ctx, c, scanHit, pageKeys, place.key, place.did, form+afterKeys, wanted)
		if err != nil {
			return nil, nil, err
		}
		for _, h := range found {
			if isFirst(s.forms, place.phase, h) {
				if len(hits) == limit {
					return hits, &place, nil
				}
				hits = append(hits, h)
				whole = whole || h.key == form && len(form) >= wholeNumber
			}
			place.key, place.did = h.key, int64(h.did)
		}
		if len(found) < wanted {
			place = hitCursor{phase: place.phase + 1}
		}
	}
	if !s.inside || whole {
		return hits, nil, nil
	}
	if len(hits) > 0 {
		return hits, &place, nil
	}
	return s.findInside(ctx, c, place, limit)
}

// findInside is the last phase. Hits of the phases before it are left out, so a page may be short.
func (s numberSearch) findInside(ctx context.Context, c *conn, place hitCursor, limit int) (hits []hit, next *hitCursor, err error) {
	found, err := list(ctx, c, scanHit, pageFragments, fragmentQuery(s.forms), place.did, limit+1)
	if err != nil {
		return nil, nil, err
	}
	more := len(found) > limit
	for _, h := range found[:min(limit, len(found))] {
		if isFirst(s.forms, len(s.forms), h) {
			hits = append(hits, h)
		}
		place.did = int64(h.did)
	}
	if more {
		return hits, &place, nil
	}
	return hits, nil, nil
}

// all gives up to limit numbers from every phase, as one list.
func (s numberSearch) all(ctx context.Context, c *conn, limit int) ([]hit, error) {
	var hits []hit
	next := &hitCursor{}
	for next != nil && len(hits) < limit {
		found, behind, err := s.find(ctx, c, *next, limit-len(hits))
		if err != nil {
			return nil, err
		}
		hits, next = append(hits, found...), behind
	}
	return hits, nil
}

// afterKeys is behind every character that a key can have.
const afterKeys = "\x7f"

// fragmentQuery is for FTS5: trigrams know nothing shorter than three.
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
		WHERE (k.key, k.did_id) > (?1, ?2) AND k.key < ?3 ORDER BY k.key, k.did_id LIMIT ?4`
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

// count is how many numbers a phase finds; see [TotalLimit]. A number that is found in two forms may
// count twice.
func (s numberSearch) count(ctx context.Context, c *conn, phase int) (n int, err error) {
	if s.forms[0] == "" {
		err = c.row(ctx, totalNumbers).Scan(&n)
		return n, err
	}
	if phase == len(s.forms) {
		err = c.row(ctx, totalFragments, fragmentQuery(s.forms), TotalLimit).Scan(&n)
		return n, err
	}
	for _, f := range s.forms {
		var begin int
		if err := c.row(ctx, totalKeys, f, f+afterKeys, TotalLimit-n).Scan(&begin); err != nil {
			return 0, err
		}
		n += begin
	}
	return n, nil
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
		search, ok := d.newSearch(text)
		if !ok {
			return nil
		}
		hits, err := search.all(ctx, c, pageLimit(fleet.PageRequest{Limit: limit}))
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
// with the text first; those that contain it, if they can be meant, on the pages behind. The zero
// time is now. Numbers that nobody holds are left out, so a page may have fewer rows than its limit
// and go on. Total counts the numbers that begin with the text, or, on the pages behind, that contain
// it, held or not; see [TotalLimit].
func (d *DB) FindNumbers(ctx context.Context, text string, at time.Time, req fleet.PageRequest) (page fleet.Page[fleet.Holding], err error) {
	var from hitCursor
	if req.After != "" {
		if err := readCursor(req.After, &from.phase, &from.key, &from.did); err != nil {
			return page, err
		}
	}
	search, ok := d.newSearch(text)
	if !ok {
		return page, nil
	}
	if from.phase < 0 || from.phase > len(search.forms) {
		return page, badCursor()
	}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		page, err = search.page(ctx, c, from, at, pageLimit(req))
		return err
	})
	if req.After == "" && page.Next == "" {
		page.Total = len(page.Items)
	}
	return page, fail("FindNumbers", err)
}

func (s numberSearch) page(ctx context.Context, c *conn, from hitCursor, at time.Time, limit int) (page fleet.Page[fleet.Holding], err error) {
	place, found := from, 0
	for range searchRounds {
		hits, next, err := s.find(ctx, c, place, limit-len(page.Items))
		if err != nil {
			return page, err
		}
		found += len(hits)
		held, err := holdings(ctx, c, hits, at)
		if err != nil {
			return page, err
		}
		page.Items, page.Next = append(page.Items, held...), ""
		if next == nil {
			break
		}
		page.Next = writeCursor(next.phase, next.key, next.did)
		if len(page.Items) >= limit || len(page.Items) > 0 && next.phase != place.phase {
			break
		}
		place = *next
	}
	if page.Next == "" && from == (hitCursor{}) {
		page.Total = found // it is all there
		return page, nil
	}
	page.Total, err = s.count(ctx, c, min(from.phase, len(s.forms)))
	return page, err
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
