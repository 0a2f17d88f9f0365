package db

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"cordboard/sync/fleet"
)

// order is one way to sort the fleet's list.
type order struct {
	query string
	start any // before the first row in this order
	key   func(fleet.PBXRow) any
	// compare orders rows that a search found.
	compare func(a, b fleet.PBXRow) int
}

func orderOf(sort string) (order, error) {
	switch sort {
	case "", "name":
		return order{pagePBXsByName, "", func(p fleet.PBXRow) any { return p.Name }, compareNames}, nil
	case "-changed":
		return order{pagePBXsByChange, forever, func(p fleet.PBXRow) any { return micros(p.Standing.ChangedAt) }, func(a, b fleet.PBXRow) int {
			return b.Standing.ChangedAt.Compare(a.Standing.ChangedAt)
		}}, nil
	case "-numbers":
		return order{pagePBXsByNumbers, forever, func(p fleet.PBXRow) any { return p.Numbers }, func(a, b fleet.PBXRow) int {
			return cmp.Compare(b.Numbers, a.Numbers)
		}}, nil
	case "verified":
		return order{pagePBXsByAge, int64(-1), func(p fleet.PBXRow) any { return micros(p.Standing.VerifiedAt) }, func(a, b fleet.PBXRow) int {
			return a.Standing.VerifiedAt.Compare(b.Standing.VerifiedAt)
		}}, nil
	}
	return order{}, fleet.Invalid("db.PBXs", "The list can't be sorted that way.",
		fleet.Field{Name: "sort", Rule: "name, -changed, -numbers or verified"})
}

func compareNames(a, b fleet.PBXRow) int {
	return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
}

// PBXs is one page of the fleet. A PBX that was in sync but not verified since now-staleAfter counts
// as stale. With f.Q the rows are those whose name, URL or serial contains it, or that hold a number
// which it finds: at most [TotalLimit] are looked at.
func (d *DB) PBXs(ctx context.Context, f fleet.PBXFilter, now time.Time, staleAfter time.Duration) (page fleet.Page[fleet.PBXRow], err error) {
	by, err := orderOf(f.Sort)
	if err != nil {
		return page, err
	}
	view := listView{filter: f, by: by, cutoff: micros(now.Add(-staleAfter)), limit: pageLimit(f.Page)}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		if strings.TrimSpace(f.Q) != "" {
			page, err = d.searchPBXs(ctx, c, view)
			return err
		}
		page, err = listPBXs(ctx, c, view)
		return err
	})
	return page, fail("PBXs", err)
}

// listView is what one page of the fleet needs.
type listView struct {
	filter fleet.PBXFilter
	by     order
	cutoff int64 // verified before this moment is stale
	limit  int
}

func listPBXs(ctx context.Context, c *conn, v listView) (page fleet.Page[fleet.PBXRow], err error) {
	f := v.filter
	key, id := v.by.start, int64(-1)
	if v.by.start == any(forever) {
		id = forever
	}
	if f.Page.After != "" {
		if key, id, err = readPBXCursor(f.Page.After, v.by); err != nil {
			return page, err
		}
	}
	page.Items, err = list(ctx, c, scanPBX, v.by.query, key, id, string(f.State), v.cutoff, f.Region, string(f.Status), v.limit+1)
	if err != nil {
		return page, err
	}
	if len(page.Items) > v.limit {
		page.Items = page.Items[:v.limit]
		last := page.Items[v.limit-1]
		page.Next = writeCursor(v.by.key(last), last.ID)
	}
	page.Total, err = countPBXs(ctx, c, f, v.cutoff)
	return page, err
}

func readPBXCursor(cursor string, by order) (key any, id int64, err error) {
	if _, text := by.start.(string); text {
		var name string
		err = readCursor(cursor, &name, &id)
		return name, id, err
	}
	var n int64
	err = readCursor(cursor, &n, &id)
	return n, id, err
}

const (
	// sameState reads "in sync, but not verified lately" as stale.
	sameState         = ` (?3 = '' OR iif(state = 'in_sync' AND verified_at < ?4, 'stale', state) = ?3)`
	filterPBXs        = sameState + ` AND (?5 = '' OR region = ?5) AND (?6 = '' OR status = ?6)`
	selectPBXs        = `SELECT ` + pbxColumns + ` FROM pbx WHERE`
	pagePBXsByName    = selectPBXs + ` (name, id) > (?1, ?2) AND` + filterPBXs + ` ORDER BY name, id LIMIT ?7`
	pagePBXsByChange  = selectPBXs + ` (head_at, id) < (?1, ?2) AND` + filterPBXs + ` ORDER BY head_at DESC, id DESC LIMIT ?7`
	pagePBXsByNumbers = selectPBXs + ` (numbers, id) < (?1, ?2) AND` + filterPBXs + ` ORDER BY numbers DESC, id DESC LIMIT ?7`
	pagePBXsByAge     = selectPBXs + ` (verified_at, id) > (?1, ?2) AND` + filterPBXs + ` ORDER BY verified_at, id LIMIT ?7`
)

// countPBXs is how many PBXs a filter leaves, from kept counters; only those that went stale by age
// are counted, in an index of their own.
func countPBXs(ctx context.Context, c *conn, f fleet.PBXFilter, cutoff int64) (n int, err error) {
	stored := f.State
	if err := c.row(ctx, totalPBXs, string(stored), f.Region, string(f.Status)).Scan(&n); err != nil {
		return 0, err
	}
	if f.State != fleet.InSync && f.State != fleet.Stale {
		return n, nil
	}
	var aged int
	if err := c.row(ctx, totalAged, cutoff, f.Region, string(f.Status)).Scan(&aged); err != nil {
		return 0, err
	}
	if f.State == fleet.InSync {
		return n - aged, nil
	}
	return n + aged, nil
}

const (
	totalPBXs = `SELECT coalesce(sum(n), 0) FROM pbx_tally WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR region = ?2) AND (?3 = '' OR status = ?3)`
	totalAged = `SELECT count(*) FROM pbx WHERE state = 'in_sync' AND verified_at < ?1 AND (?2 = '' OR region = ?2) AND (?3 = '' OR status = ?3)`
)

// Tally counts the fleet by what a person filters by.
func (d *DB) Tally(ctx context.Context, now time.Time, staleAfter time.Duration) (t fleet.FleetTally, err error) {
	t = fleet.FleetTally{States: map[fleet.SyncState]int{}, Statuses: map[fleet.PBXStatus]int{}, Regions: map[string]int{}}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		err := c.each(ctx, func(s scanner) error {
			var state fleet.SyncState
			var status fleet.PBXStatus
			var region string
			var n int
			if err := s.Scan(&state, &region, &status, &n); err != nil || n == 0 {
				return err
			}
			t.PBXs += n
			t.States[state] += n
			t.Statuses[status] += n
			t.Regions[region] += n
			return nil
		}, selectPBXTally)
		if err != nil {
			return err
		}
		var aged int
		if err := c.row(ctx, totalAged, micros(now.Add(-staleAfter)), "", "").Scan(&aged); err != nil {
			return err
		}
		if aged > 0 {
			t.States[fleet.InSync] -= aged
			t.States[fleet.Stale] += aged
		}
		return nil
	})
	return t, fail("Tally", err)
}

const selectPBXTally = `SELECT state, region, status, n FROM pbx_tally`

// searchPBXs lists what a search finds. It is bounded, so it is sorted and cut here.
func (d *DB) searchPBXs(ctx context.Context, c *conn, v listView) (page fleet.Page[fleet.PBXRow], err error) {
	matched, err := d.matchPBXs(ctx, c, v.filter.Q)
	if err != nil {
		return page, err
	}
	ids, err := json.Marshal(slices.Collect(maps.Keys(matched)))
	if err != nil {
		return page, err
	}
	rows, err := list(ctx, c, scanPBX, selectSomePBXs, string(ids))
	if err != nil {
		return page, err
	}
	rows = slices.DeleteFunc(rows, func(p fleet.PBXRow) bool { return !v.keeps(p) })
	for i := range rows {
		rows[i].Matched = matched[rows[i].ID]
	}
	slices.SortFunc(rows, func(a, b fleet.PBXRow) int { return cmp.Or(v.by.compare(a, b), cmp.Compare(a.ID, b.ID)) })
	page.Total = len(rows)
	if v.filter.Page.After != "" {
		var last int64
		if err := readCursor(v.filter.Page.After, &last); err != nil {
			return page, err
		}
		at := slices.IndexFunc(rows, func(p fleet.PBXRow) bool { return int64(p.ID) == last })
		rows = rows[at+1:] // a row that is gone meanwhile: from the start, rather than nothing
	}
	if len(rows) > v.limit {
		rows = rows[:v.limit]
		page.Next = writeCursor(rows[v.limit-1].ID)
	}
	page.Items = rows
	return page, nil
}

// keeps reports whether the filters leave a row that a search found.
func (v listView) keeps(p fleet.PBXRow) bool {
	state := fleet.Judge(p.Standing, moment(v.cutoff), 0).State
	f := v.filter
	return (f.State == "" || f.State == state) && (f.Region == "" || f.Region == p.Region) && (f.Status == "" || f.Status == p.Status)
}

// matchPBXs finds the PBXs that a text names, each with the number by which it was found, if any.
func (d *DB) matchPBXs(ctx context.Context, c *conn, text string) (map[fleet.PBXID]string, error) {
	text = strings.TrimSpace(text)
	matched := make(map[fleet.PBXID]string)
	found, err := namedPBXs(ctx, c, text)
	if err != nil {
		return nil, err
	}
	for _, id := range found {
		matched[fleet.PBXID(id)] = ""
	}
	if !looksDialled(text) {
		return matched, nil
	}
	search, ok := d.newSearch(text)
	if !ok {
		return matched, nil
	}
	hits, err := search.all(ctx, c, TotalLimit)
	if err != nil {
		return nil, err
	}
	return matched, c.each(ctx, func(s scanner) error {
		var id fleet.PBXID
		var number string
		if err := s.Scan(&id, &number); err != nil {
			return err
		}
		if matched[id] == "" {
			matched[id] = number
		}
		return nil
	}, findHolders, idList(didsOf(hits)))
}

// namedPBXs are those whose name, URL or serial contains the text; of one or two characters, those
// whose name begins with it.
func namedPBXs(ctx context.Context, c *conn, text string) ([]int64, error) {
	if len([]rune(text)) < 3 {
		return list(ctx, c, scanInt64, findByPrefix, text, text+"\U0010ffff", TotalLimit)
	}
	return list(ctx, c, scanInt64, findByFragment, phrase(text), TotalLimit)
}

const (
	findByPrefix   = `SELECT id FROM pbx WHERE name >= ?1 AND name < ?2 ORDER BY name LIMIT ?3`
	findByFragment = `SELECT rowid FROM pbx_fts WHERE pbx_fts MATCH ?1 ORDER BY rowid LIMIT ?2`
	findHolders    = `SELECT h.pbx_id, d.number FROM json_each(?) j
		CROSS JOIN holding h ON h.did_id = j.value AND h.to_at = 9223372036854775807 JOIN did d ON d.id = h.did_id`
	selectSomePBXs = `SELECT ` + pbxColumns + ` FROM pbx WHERE id IN (SELECT value FROM json_each(?))`
)

// phrase is text as one FTS5 string: nothing in it is an operator, and nothing ends it early.
func phrase(text string) string {
	return `"` + strings.NewReplacer(`"`, `""`, "\x00", " ").Replace(text) + `"`
}

// looksDialled reports whether a text can be a telephone number or a part of one: three digits at
// least, and nothing but digits and what people write between them.
func looksDialled(text string) bool {
	digits := 0
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune(" +-().,/\u00a0", r):
			return false
		}
	}
	return digits >= 3
}
