package db

import (
	"context"
	"slices"
	"strings"

	"cordboard/sync/fleet"
)

// A search for a number goes through phases, each walked by an index: first the numbers that begin
// with what was typed, in each form that it may stand for, in the order of their digits; when it asks
// about the past, then the same among numbers that ids meant before; then, from three digits on, those
// that contain it, in the order of their ids. The last phases cost a hundred times as much as the
// others, so they begin on a page of their own, and are left out where they can't be meant: behind a
// whole number that was found, and when an international prefix was typed.

// hitCursor is the place in a search behind the last hit.
type hitCursor struct {
	phase int
	key   string // of the last hit, while forms are walked
	id    int64  // of the last hit: a DID, or a row of did_was
}

// hit is one number that a search found.
type hit struct {
	did     fleet.DIDID
	was     int64  // the row of did_was that has it, when the id means another number now
	formers int    // how many numbers the id meant before
	key     string // the key that begins with a form; empty when the form is somewhere inside
	keys    string // all its keys, separated by spaces
}

func (h hit) id() int64 {
	if h.was != 0 {
		return h.was
	}
	return int64(h.did)
}

func scanHit(s scanner) (h hit, err error) {
	err = s.Scan(&h.key, &h.did, &h.was, &h.formers, &h.keys)
	return h, err
}

// numberSearch is what was typed, made ready.
type numberSearch struct {
	forms  []string
	inside bool // whether numbers that contain a form count too
	former bool // whether numbers that ids meant before count too
}

// phase is what one phase of a search walks.
type phase struct {
	former bool
	form   int // the form that numbers begin with; len(forms): they contain one
}

// phases are all phases, those that look inside last.
func (s numberSearch) phases() []phase {
	var all []phase
	for i := range s.forms {
		all = append(all, phase{form: i})
	}
	if s.former {
		for i := range s.forms {
			all = append(all, phase{true, i})
		}
	}
	if s.inside {
		all = append(all, phase{form: len(s.forms)})
	}
	if s.inside && s.former {
		all = append(all, phase{true, len(s.forms)})
	}
	return all
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
	for phases := s.phases(); place.phase < len(phases); {
		p := phases[place.phase]
		if p.form == len(s.forms) {
			if whole {
				return hits, nil, nil
			}
			if len(hits) > 0 {
				return hits, &place, nil
			}
		}
		wanted := limit + 1 - len(hits)
		found, err := s.walk(ctx, c, p, &place, wanted)
		if err != nil {
			return nil, nil, err
		}
		for _, h := range found {
			if isFirst(s.forms, p.form, h) {
				if len(hits) == limit {
					return hits, &place, nil
				}
				hits = append(hits, h)
				whole = whole || p.form < len(s.forms) && h.key == s.forms[p.form] && len(h.key) >= wholeNumber
			}
			place.key, place.id = h.key, h.id()
		}
		if len(found) == wanted {
			if p.form == len(s.forms) {
				return hits, &place, nil // the page is full of numbers that were found before
			}
			continue
		}
		place = hitCursor{phase: place.phase + 1}
	}
	return hits, nil, nil
}

// walk gives up to limit numbers of one phase behind a place.
func (s numberSearch) walk(ctx context.Context, c *conn, p phase, place *hitCursor, limit int) ([]hit, error) {
	if p.form == len(s.forms) {
		query := pageFragments
		if p.former {
			query = pageFormerFragments
		}
		return list(ctx, c, scanHit, query, fragmentQuery(s.forms), place.id, limit)
	}
	query, form := pageKeys, s.forms[p.form]
	if p.former {
		query = pageFormerKeys
	}
	if place.key < form {
		place.key, place.id = form, -1
	}
	return list(ctx, c, scanHit, query, place.key, place.id, form+afterKeys, limit)
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
	pageKeys = `SELECT k.key, k.did_id, 0, d.formers, d.keys FROM did_key k JOIN did d ON d.id = k.did_id
		WHERE (k.key, k.did_id) > (?1, ?2) AND k.key < ?3 ORDER BY k.key, k.did_id LIMIT ?4`
	pageFormerKeys = `SELECT k.key, w.did_id, w.id, 1, w.keys FROM was_key k JOIN did_was w ON w.id = k.was_id
		WHERE (k.key, k.was_id) > (?1, ?2) AND k.key < ?3 ORDER BY k.key, k.was_id LIMIT ?4`
	pageFragments = `SELECT '', d.id, 0, d.formers, d.keys FROM did_fts f JOIN did d ON d.id = f.rowid WHERE did_fts MATCH ?1 AND f.rowid > ?2 ORDER BY f.rowid LIMIT ?3`

	pageFormerFragments = `SELECT '', w.did_id, w.id, 1, w.keys FROM was_fts f JOIN did_was w ON w.id = f.rowid
		WHERE was_fts MATCH ?1 AND f.rowid > ?2 ORDER BY f.rowid LIMIT ?3`
)

// isFirst reports whether no earlier form, and no smaller key of this one, finds the number too: each
// number is shown once.
func isFirst(forms []string, at int, h hit) bool {
	for i, form := range forms[:min(at+1, len(forms))] {
		smallest := ""
		for k := range strings.SplitSeq(h.keys, " ") {
			if strings.HasPrefix(k, form) && (smallest == "" || k < smallest) {
				smallest = k
			}
		}
		if smallest != "" {
			return i == at && smallest == h.key
		}
	}
	return at == len(forms)
}

// count is how many numbers the phases find that begin with what was typed, or, behind them, those
// that contain it; see [TotalLimit]. A number that is found in two forms may count twice.
func (s numberSearch) count(ctx context.Context, c *conn, from int) (n int, err error) {
	phases := s.phases()
	inside := from < len(phases) && phases[from].form == len(s.forms)
	for _, p := range phases {
		if (p.form == len(s.forms)) != inside || n >= TotalLimit {
			continue
		}
		found, err := s.countPhase(ctx, c, p, TotalLimit-n)
		if err != nil {
			return 0, err
		}
		n += found
	}
	return n, nil
}

func (s numberSearch) countPhase(ctx context.Context, c *conn, p phase, limit int) (n int, err error) {
	switch {
	case s.forms[0] == "" && !p.former:
		err = c.row(ctx, totalNumbers).Scan(&n)
	case p.form == len(s.forms):
		query := totalFragments
		if p.former {
			query = totalFormerFragments
		}
		err = c.row(ctx, query, fragmentQuery(s.forms), limit).Scan(&n)
	default:
		query, form := totalKeys, s.forms[p.form]
		if p.former {
			query = totalFormerKeys
		}
		err = c.row(ctx, query, form, form+afterKeys, limit).Scan(&n)
	}
	return n, err
}

const (
	totalNumbers   = `SELECT n FROM did_tally`
	totalKeys      = `SELECT count(*) FROM (SELECT 1 FROM did_key WHERE key >= ?1 AND key < ?2 LIMIT ?3)`
	totalFragments = `SELECT count(*) FROM (SELECT 1 FROM did_fts WHERE did_fts MATCH ?1 LIMIT ?2)`

	totalFormerKeys      = `SELECT count(*) FROM (SELECT 1 FROM was_key WHERE key >= ?1 AND key < ?2 LIMIT ?3)`
	totalFormerFragments = `SELECT count(*) FROM (SELECT 1 FROM was_fts WHERE was_fts MATCH ?1 LIMIT ?2)`
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
		numbers, err = readNumbers(ctx, c, didsOf(hits))
		return err
	})
	return numbers, fail("FindDIDs", err)
}

func didsOf(hits []hit) []fleet.DIDID {
	ids := make([]fleet.DIDID, len(hits))
	for i, h := range hits {
		ids[i] = h.did
	}
	return ids
}

// searchRounds bounds how many numbers that nobody holds one page skips.
const searchRounds = 5

// FindNumbers finds who holds numbers in any format, or held them at a moment or between two: numbers
// that begin with the text first; those that contain it, if they can be meant, on the pages behind.
// What an id meant at the time is what counts. Numbers that nobody held then are left out, so a page
// may have fewer rows than its limit and go on. Total counts the numbers that begin with the text, or,
// on the pages behind, that contain it, held or not; see [TotalLimit].
func (d *DB) FindNumbers(ctx context.Context, text string, when fleet.When, req fleet.PageRequest) (page fleet.Page[fleet.Holding], err error) {
	var from hitCursor
	if req.After != "" {
		if err := readCursor(req.After, &from.phase, &from.key, &from.id); err != nil {
			return page, err
		}
	}
	search, ok := d.newSearch(text)
	if !ok {
		return page, nil
	}
	search.former = !when.Now()
	if from.phase < 0 || from.phase > len(search.phases()) {
		return page, badCursor()
	}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		page, err = search.page(ctx, c, from, stretchOf(when), pageLimit(req))
		return err
	})
	if req.After == "" && page.Next == "" {
		page.Total = len(page.Items)
	}
	return page, fail("FindNumbers", err)
}

func (s numberSearch) page(ctx context.Context, c *conn, from hitCursor, q stretch, limit int) (page fleet.Page[fleet.Holding], err error) {
	place, found := from, 0
	for range searchRounds {
		hits, next, err := s.find(ctx, c, place, limit-len(page.Items))
		if err != nil {
			return page, err
		}
		found += len(hits)
		stays, err := holdings(ctx, c, hits, q)
		if err != nil {
			return page, err
		}
		page.Items, page.Next = append(page.Items, stays...), ""
		if next == nil {
			break
		}
		page.Next = writeCursor(next.phase, next.key, next.id)
		if len(page.Items) >= limit || len(page.Items) > 0 && next.phase != place.phase {
			break
		}
		place = *next
	}
	if page.Next == "" && from == (hitCursor{}) {
		page.Total = found // it is all there
		return page, nil
	}
	page.Total, err = s.count(ctx, c, from.phase)
	return page, err
}
