package db

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
)

// KeepSIPList keeps a PBX's complete list of trunks: those that it does not name are gone. settings are
// those of them that were read whole; with nil nobody asked for any, and the PBX stays due as it was.
func (d *DB) KeepSIPList(ctx context.Context, id fleet.PBXID, rows []sip.Row, settings []sip.Trunk, at time.Time) error {
	return fail("KeepSIPList", d.write(ctx, func(ctx context.Context, c *conn) error {
		kept := make([]int64, len(rows))
		for i, r := range rows {
			kept[i] = int64(r.ID)
			if _, err := c.exec(ctx, upsertSIPRow, int64(id), int64(r.ID), r.Name, r.Type, string(r.Kind()), string(r.Status.Health()), int64(r.Status),
				r.HostPort, r.CID, r.Username, r.Shared, micros(at)); err != nil {
				return err
			}
		}
		list, err := json.Marshal(kept)
		if err != nil {
			return err
		}
		if _, err := c.exec(ctx, deleteSIPRows, int64(id), string(list)); err != nil {
			return err
		}
		for _, t := range settings {
			if err := keepReading(ctx, c, id, t, at, ""); err != nil {
				return err
			}
		}
		for _, r := range rows {
			if err := indexSIP(ctx, c, id, r.ID); err != nil {
				return err
			}
		}
		asked := micros(at)
		if settings == nil {
			asked = 0
		}
		_, err = c.exec(ctx, upsertSIPLook, int64(id), asked, micros(at), "")
		return err
	}))
}

// KeepSIPTrouble keeps why a PBX could not be asked for its trunks.
func (d *DB) KeepSIPTrouble(ctx context.Context, id fleet.PBXID, at time.Time, trouble string) error {
	return d.execute(ctx, "KeepSIPTrouble", upsertSIPLook, int64(id), micros(at), int64(0), trouble)
}

const (
	upsertSIPRow = `INSERT INTO sip_trunk (pbx_id, trunk_id, name, type, kind, health, status, host_port, cid, username, shared, listed_at)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
		ON CONFLICT (pbx_id, trunk_id) DO UPDATE SET name = ?3, type = ?4, kind = ?5, health = ?6, status = ?7, host_port = ?8, cid = ?9, username = ?10, shared = ?11, listed_at = ?12`
	deleteSIPRows = `DELETE FROM sip_trunk WHERE pbx_id = ?1 AND trunk_id NOT IN (SELECT value FROM json_each(?2))`
	upsertSIPLook = `INSERT INTO sip_look (pbx_id, asked_at, read_at, trouble) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (pbx_id) DO UPDATE SET asked_at = max(asked_at, ?2), read_at = iif(?3 > 0, ?3, read_at), trouble = ?4`
)

// indexSIP makes a trunk findable by what is known of it.
func indexSIP(ctx context.Context, c *conn, id fleet.PBXID, trunk sip.TrunkID) error {
	var row int64
	r, err := scanFleetRow(c.row(ctx, selectSIPRow, int64(id), int64(trunk)), &row)
	if err != nil {
		return err
	}
	var texts []string
	for _, f := range sip.Findable(r.Row, r.Settings) {
		if f.Text != "" {
			texts = append(texts, f.Text)
		}
	}
	if _, err := c.exec(ctx, deleteSIPText, row); err != nil {
		return err
	}
	_, err = c.exec(ctx, insertSIPText, row, strings.Join(texts, "\n"))
	return err
}

const (
	fleetRowColumns = `s.pbx_id, iif(p.name = '', 'PBX ' || p.id, p.name), s.trunk_id, s.name, s.type, s.status, s.host_port, s.cid, s.username, s.shared, s.listed_at, s.read_at, s.doc, s.id`
	selectSIP       = `SELECT ` + fleetRowColumns + ` FROM sip_trunk s JOIN pbx p ON p.id = s.pbx_id WHERE`
	selectSIPRow    = selectSIP + ` s.pbx_id = ? AND s.trunk_id = ?`
	selectSIPOfPBX  = selectSIP + ` s.pbx_id = ? ORDER BY s.name, s.id`
	deleteSIPText   = `DELETE FROM sip_fts WHERE rowid = ?`
	insertSIPText   = `INSERT INTO sip_fts (rowid, text) VALUES (?, ?)`
)

func scanFleetRow(s scanner, row *int64) (r sip.FleetRow, err error) {
	var listed, read int64
	var doc string
	err = s.Scan(&r.PBX, &r.PBXName, &r.Row.ID, &r.Row.Name, &r.Row.Type, &r.Row.Status, &r.Row.HostPort, &r.Row.CID, &r.Row.Username, &r.Row.Shared, &listed, &read, &doc, row)
	if err != nil {
		return r, err
	}
	r.ListedAt, r.ReadAt = moment(listed), moment(read)
	if doc == "" {
		return r, nil
	}
	r.Settings = new(sip.Trunk)
	return r, json.Unmarshal([]byte(doc), r.Settings)
}

// LastSIPTrunks are a PBX's trunks as they were last listed, by name, and when that was.
func (d *DB) LastSIPTrunks(ctx context.Context, id fleet.PBXID) (rows []sip.FleetRow, look sip.FleetLook, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		rows, err = list(ctx, c, func(s scanner) (sip.FleetRow, error) { return scanFleetRow(s, new(int64)) }, selectSIPOfPBX, int64(id))
		if err != nil {
			return err
		}
		looks, err := list(ctx, c, scanLook, selectLook, int64(id))
		if len(looks) > 0 {
			look = looks[0]
		}
		return err
	})
	return rows, look, fail("LastSIPTrunks", err)
}

func scanLook(s scanner) (l sip.FleetLook, err error) {
	var asked, read int64
	err = s.Scan(&asked, &read, &l.Trouble)
	l.AskedAt, l.ReadAt = moment(asked), moment(read)
	return l, err
}

const selectLook = `SELECT asked_at, read_at, trouble FROM sip_look WHERE pbx_id = ?`

// FleetTrunks is one page of the trunks of all PBXs by name. With f.Q at most [TotalLimit] are looked at.
func (d *DB) FleetTrunks(ctx context.Context, f sip.FleetFilter) (page fleet.Page[sip.FleetRow], err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		if q := strings.TrimSpace(f.Q); q != "" {
			page, err = searchFleetTrunks(ctx, c, q, f)
			return err
		}
		page, err = listFleetTrunks(ctx, c, f)
		return err
	})
	return page, fail("FleetTrunks", err)
}

// placedRow is a row with its place in the list.
type placedRow struct {
	sip.FleetRow
	id int64
}

func scanPlaced(s scanner) (r placedRow, err error) {
	r.FleetRow, err = scanFleetRow(s, &r.id)
	return r, err
}

func listFleetTrunks(ctx context.Context, c *conn, f sip.FleetFilter) (page fleet.Page[sip.FleetRow], err error) {
	name, id, limit := "", int64(-1), pageLimit(f.Page)
	if f.Page.After != "" {
		if err := readCursor(f.Page.After, &name, &id); err != nil {
			return page, err
		}
	}
	query := pageSIP
	if f.Health != "" {
		query = pageSIPByHealth
	}
	rows, err := list(ctx, c, scanPlaced, query, name, id, string(f.Health), string(f.Kind), limit+1)
	if err != nil {
		return page, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		page.Next = writeCursor(rows[limit-1].Row.Name, rows[limit-1].id)
	}
	for _, r := range rows {
		page.Items = append(page.Items, r.FleetRow)
	}
	return page, c.row(ctx, totalSIP, string(f.Health), string(f.Kind)).Scan(&page.Total)
}

const (
	pageSIP         = selectSIP + ` (s.name, s.id) > (?1, ?2) AND ?3 = '' AND (?4 = '' OR s.kind = ?4) ORDER BY s.name, s.id LIMIT ?5`
	pageSIPByHealth = selectSIP + ` s.health = ?3 AND (s.name, s.id) > (?1, ?2) AND (?4 = '' OR s.kind = ?4) ORDER BY s.name, s.id LIMIT ?5`
	totalSIP        = `SELECT coalesce(sum(n), 0) FROM sip_trunk_tally WHERE (?1 = '' OR health = ?1) AND (?2 = '' OR kind = ?2)`
)

// searchFleetTrunks lists what a search finds. It is bounded, so it is sorted and cut here.
func searchFleetTrunks(ctx context.Context, c *conn, q string, f sip.FleetFilter) (page fleet.Page[sip.FleetRow], err error) {
	query, arg := findSIPByFragment, phrase(q)
	if len([]rune(q)) < 3 {
		query, arg = findSIPByPrefix, q
	}
	ids, err := list(ctx, c, scanInt64, query, arg, TotalLimit)
	if err != nil {
		return page, err
	}
	text, err := json.Marshal(append([]int64{}, ids...))
	if err != nil {
		return page, err
	}
	rows, err := list(ctx, c, scanPlaced, selectSomeSIP, string(text))
	if err != nil {
		return page, err
	}
	rows = slices.DeleteFunc(rows, func(r placedRow) bool {
		return f.Kind != "" && r.Row.Kind() != f.Kind || f.Health != "" && r.Row.Status.Health() != f.Health
	})
	slices.SortFunc(rows, func(a, b placedRow) int { return cmp.Or(cmp.Compare(a.Row.Name, b.Row.Name), cmp.Compare(a.id, b.id)) })
	page.Total = len(rows)
	if f.Page.After != "" {
		var name string
		var id int64
		if err := readCursor(f.Page.After, &name, &id); err != nil {
			return page, err
		}
		rows = slices.DeleteFunc(rows, func(r placedRow) bool {
			return cmp.Or(cmp.Compare(r.Row.Name, name), cmp.Compare(r.id, id)) <= 0
		})
	}
	if limit := pageLimit(f.Page); len(rows) > limit {
		rows = rows[:limit]
		page.Next = writeCursor(rows[limit-1].Row.Name, rows[limit-1].id)
	}
	for _, r := range rows {
		r.Matched = sip.Match(q, r.Row, r.Settings)
		page.Items = append(page.Items, r.FleetRow)
	}
	return page, nil
}

const (
	findSIPByFragment = `SELECT rowid FROM sip_fts WHERE sip_fts MATCH ?1 ORDER BY rowid LIMIT ?2`
	findSIPByPrefix   = `SELECT id FROM sip_trunk WHERE name >= ?1 AND name < ?1 || char(1114111) ORDER BY name LIMIT ?2`
	selectSomeSIP     = selectSIP + ` s.id IN (SELECT value FROM json_each(?))`
)

// SIPCounts are the trunks of all PBXs by health.
func (d *DB) SIPCounts(ctx context.Context) (counts map[sip.Health]int, err error) {
	counts = map[sip.Health]int{}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.each(ctx, func(s scanner) error {
			var h sip.Health
			var n int
			err := s.Scan(&h, &n)
			counts[h] += n
			return err
		}, selectSIPTally)
	})
	return counts, fail("SIPCounts", err)
}

const selectSIPTally = `SELECT health, n FROM sip_trunk_tally`

// DueSIPLooks are the PBXs that run and were not asked for their trunks since a moment, those that were never
// asked first.
func (d *DB) DueSIPLooks(ctx context.Context, before time.Time, limit int) (ids []fleet.PBXID, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		ids, err = list(ctx, c, func(s scanner) (id fleet.PBXID, err error) { return id, s.Scan(&id) }, selectDueLooks, micros(before), limit)
		return err
	})
	return ids, fail("DueSIPLooks", err)
}

const selectDueLooks = `SELECT p.id FROM pbx p LEFT JOIN sip_look l ON l.pbx_id = p.id
	WHERE p.gone_at = 0 AND p.status = 'Running' AND coalesce(l.asked_at, 0) < ?1 ORDER BY coalesce(l.asked_at, 0), p.id LIMIT ?2`
