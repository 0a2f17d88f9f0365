package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"cordboard/sync/fleet"
)

// held is one stay of a DID on a trunk of a PBX, as recorded.
type held struct {
	fleet.Binding
	pbx       fleet.PBXID
	pbxName   string
	number    string // that the id means now
	trunkName string
	span
	begins bool // the record of the PBX begins with it
	told   bool // a report or our own write told its beginning
}

func scanHeld(s scanner) (h held, err error) {
	err = s.Scan(&h.Trunk, &h.DID, &h.pbx, &h.pbxName, &h.number, &h.trunkName, &h.fromLo, &h.from, &h.begins, &h.told, &h.toLo, &h.to)
	return h, err
}

// A change that a read found lies behind the last moment at which the cloud was known to be as
// before, and behind every snapshot that came in between.
const (
	heldBegin = `coalesce(iif(fs.source = 'reconcile', max(fs.not_before,
			(SELECT max(x.at) FROM snapshot x WHERE x.pbx_id = h.pbx_id AND x.at < h.from_at)), NULL), h.from_at)`
	heldColumns = `h.trunk_id, h.did_id, h.pbx_id, p.name, d.number,
		coalesce((SELECT w.name FROM trunk_was w WHERE w.trunk_id = h.trunk_id AND w.until_at > min(h.to_at - 1, ?3) ORDER BY w.until_at LIMIT 1), t.name, ''),
		` + heldBegin + `, h.from_at,
		NOT EXISTS (SELECT 1 FROM snapshot x WHERE x.pbx_id = h.pbx_id AND x.at < h.from_at), coalesce(fs.source <> 'reconcile', 0),
		coalesce(iif(ts.source = 'reconcile', max(ts.not_before,
			(SELECT max(x.at) FROM snapshot x WHERE x.pbx_id = h.pbx_id AND x.at < h.to_at)), NULL), h.to_at), h.to_at`
	heldJoins = ` JOIN pbx p ON p.id = h.pbx_id JOIN did d ON d.id = h.did_id LEFT JOIN trunk t ON t.id = h.trunk_id
		LEFT JOIN snapshot fs ON fs.pbx_id = h.pbx_id AND fs.at = h.from_at
		LEFT JOIN snapshot ts ON ts.pbx_id = h.pbx_id AND ts.at = h.to_at`

	pageHeldNow = `SELECT ` + heldColumns + ` FROM json_each(?1) j
		CROSS JOIN holding h ON h.did_id = j.value AND h.to_at = 9223372036854775807 AND h.from_at <= ?2` + heldJoins
	pageHeldThen = `SELECT ` + heldColumns + ` FROM json_each(?1) j
		CROSS JOIN holding h ON h.did_id = j.value AND h.to_at > ?2` + heldJoins + ` WHERE h.from_at <= ?3 OR ` + heldBegin + ` < ?3`
	pageHeldEver = `SELECT ` + heldColumns + ` FROM json_each(?1) j
		CROSS JOIN holding h ON h.did_id = j.value AND h.to_at > ?2` + heldJoins
)

// stretchOf is the time that a question asks about.
func stretchOf(when fleet.When) stretch {
	if when.Now() {
		return stretch{now, now}
	}
	q := stretch{micros(when.From), micros(when.To)}
	if when.To.IsZero() {
		q.to = now
	}
	return q
}

// holdings says who held the numbers that were found, in their order.
func holdings(ctx context.Context, c *conn, hits []hit, q stretch) ([]fleet.Holding, error) {
	plain := make([]fleet.DIDID, 0, len(hits))
	for _, h := range hits {
		if h.formers == 0 {
			plain = append(plain, h.did)
		}
	}
	stays, err := plainStays(ctx, c, plain, q)
	if err != nil {
		return nil, err
	}
	var out []fleet.Holding
	lives := make(map[fleet.DIDID]life)
	for _, h := range hits {
		if h.formers == 0 {
			for _, stay := range stays[h.did] {
				out = appendHolding(out, stay, piece{span: stay.span}, stay.number, q)
			}
			continue
		}
		l, ok := lives[h.did]
		if !ok {
			if l, err = loadLife(ctx, c, h.did, q); err != nil {
				return nil, fmt.Errorf("what DID %d meant: %w", h.did, err)
			}
			lives[h.did] = l
		}
		out = l.appendHoldings(out, l.runOf(h.was), q)
	}
	return out, nil
}

func plainStays(ctx context.Context, c *conn, ids []fleet.DIDID, q stretch) (map[fleet.DIDID][]held, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	query := pageHeldThen
	if q.from == now {
		query = pageHeldNow
	}
	rows, err := list(ctx, c, scanHeld, query, idList(ids), q.from, q.to)
	stays := make(map[fleet.DIDID][]held, len(rows))
	for _, r := range rows {
		stays[r.DID] = append(stays[r.DID], r)
	}
	return stays, err
}

// appendHolding adds a part of a stay when it touches the time asked about.
func appendHolding(out []fleet.Holding, stay held, part piece, number string, q stretch) []fleet.Holding {
	maybe, sure := part.touches(q)
	if !maybe {
		return out
	}
	h := fleet.Holding{
		Binding: stay.Binding, PBX: stay.pbx, PBXName: stay.pbxName, Number: number, TrunkName: stay.trunkName, Sure: sure,
		From: moment(part.from), FromEarliest: moment(max(part.fromLo, stay.fromLo)), FromExact: part.fromLo == part.from, To: moment(part.to), ToEarliest: moment(max(part.toLo, part.fromLo, stay.fromLo)),
	}
	if part.from == stay.from && part.fromLo == stay.fromLo {
		h.FromExact = h.FromExact && stay.told
		if stay.begins {
			h.FromEarliest = moment(0)
		}
	}
	return append(out, h)
}

// life is everything that a DID id meant and everybody who held it: needed when it had several
// numbers.
type life struct {
	runs    []run
	was     []int64  // the rows of did_was that hold all runs but the last
	changes []change // between the runs
	stays   []held
}

// loadLife loads the life of an id. Trunks are called as they were at the end of q.
func loadLife(ctx context.Context, c *conn, id fleet.DIDID, q stretch) (l life, err error) {
	row, err := findDID(ctx, c, id)
	if err != nil {
		return l, err
	}
	l.runs, err = list(ctx, c, func(s scanner) (r run, err error) {
		var was int64
		err = s.Scan(&was, &r.name, &r.since, &r.last)
		l.was = append(l.was, was)
		return r, err
	}, selectLife, int64(id))
	if err != nil {
		return l, err
	}
	l.runs = append(l.runs, run{name: row.number, since: row.namedAt})
	if l.stays, err = list(ctx, c, scanHeld, pageHeldEver, idList([]fleet.DIDID{id}), 0, q.to); err != nil {
		return l, err
	}
	slices.SortStableFunc(l.stays, func(a, b held) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	spans := make([]span, len(l.stays))
	for i, stay := range l.stays {
		spans[i] = stay.span
	}
	for i := range l.was {
		change := change{lo: max(l.runs[i].since, l.runs[i].last), hi: l.runs[i+1].since}
		if change.lo, err = lastTold(ctx, c, l.stays, change); err != nil {
			return l, err
		}
		l.changes = append(l.changes, change.findGap(spans))
	}
	return l, nil
}

const selectLife = `SELECT id, number, since_at, last_at FROM did_was WHERE did_id = ? ORDER BY until_at`

// lastTold is the last moment before a change at which a report named the number as before. A report
// names every number of its PBX.
func lastTold(ctx context.Context, c *conn, stays []held, ch change) (int64, error) {
	last := ch.lo
	for _, stay := range stays {
		if stay.from >= ch.hi || stay.to <= last {
			continue
		}
		var told int64
		if err := c.row(ctx, findLastTold, int64(stay.pbx), stay.from, min(stay.to, ch.hi)).Scan(&told); err != nil {
			return 0, err
		}
		last = max(last, told)
	}
	return last, nil
}

const findLastTold = `SELECT coalesce(max(at), 0) FROM snapshot WHERE pbx_id = ? AND at >= ? AND at < ? AND vendor_time = 1`

// runOf is the run that a row of did_was holds; 0 is the present one.
func (l life) runOf(was int64) int {
	if i := slices.Index(l.was, was); i >= 0 {
		return i
	}
	return len(l.was)
}

func (l life) appendHoldings(out []fleet.Holding, run int, q stretch) []fleet.Holding {
	for _, stay := range l.stays {
		for _, part := range stay.split(l.changes) {
			if part.run == run {
				out = appendHolding(out, stay, part, l.runs[run].name, q)
			}
		}
	}
	return out
}

// formers are the numbers that the id meant before, for lists of what was held at a moment.
func (l life) formers() []fleet.Former {
	formers := make([]fleet.Former, len(l.changes))
	for i, c := range l.changes {
		formers[i] = fleet.Former{Name: l.runs[i].name, Until: moment(c.over())}
	}
	return formers
}
