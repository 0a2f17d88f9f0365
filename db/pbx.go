package db

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/fleet"
)

// pbxColumns are in the order of scanPBX.
const pbxColumns = `id, serial, name, url, region, firmware, status, certainty, head_at, numbers, snapshots, verified_at, gone_at,
	drift_at, drift_note, trouble_at, trouble, awaiting, open_plan`

func scanPBX(s scanner) (p fleet.PBXRow, err error) {
	h := head{}
	err = s.Scan(&p.ID, &p.Serial, &p.Name, &p.URL, &p.Region, &p.Firmware, &p.Status, &h.certainty, &h.at, &p.Numbers, &p.Snapshots,
		&h.verifiedAt, &h.goneAt, &h.driftAt, &h.driftNote, &h.troubleAt, &h.trouble, &h.awaiting, &h.openPlan)
	p.Standing = h.standing()
	return p, err
}

// PBX reads one PBX with what the ledger knows of it.
func (d *DB) PBX(ctx context.Context, id fleet.PBXID) (p fleet.PBXRow, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		p, err = scanPBX(c.row(ctx, selectPBX, int64(id)))
		if errors.Is(err, sql.ErrNoRows) {
			return fleet.NotFound("db.PBX", fmt.Sprintf("The PBX %d", id))
		}
		return err
	})
	return p, fail("PBX", err)
}

const selectPBX = `SELECT ` + pbxColumns + ` FROM pbx WHERE id = ?`

// SomePBXs reads PBXs by id; those never seen are absent from the answer.
func (d *DB) SomePBXs(ctx context.Context, ids []fleet.PBXID) (rows map[fleet.PBXID]fleet.PBXRow, err error) {
	rows = make(map[fleet.PBXID]fleet.PBXRow, len(ids))
	text, err := json.Marshal(ids)
	if err != nil {
		return nil, fail("SomePBXs", err)
	}
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.each(ctx, func(s scanner) error {
			p, err := scanPBX(s)
			rows[p.ID] = p
			return err
		}, selectSomePBXs, string(text))
	})
	return rows, fail("SomePBXs", err)
}

// KeepPBXs keeps a listing that was proven to hold every PBX: those that it lacks are marked missing
// since at, which is not "gone": only a read of the PBX itself, or its own report, says that. Serials
// that were never seen before come back: deliveries may be parked for them.
func (d *DB) KeepPBXs(ctx context.Context, pbxs []fleet.PBX, at time.Time) (fresh []string, err error) {
	err = d.write(ctx, func(ctx context.Context, c *conn) error {
		fresh = nil
		ids := make([]int64, len(pbxs))
		for i, p := range pbxs {
			isNew, err := d.upsertPBX(ctx, c, p)
			if err != nil {
				return err
			}
			if isNew {
				fresh = append(fresh, p.Serial)
			}
			ids[i] = int64(p.ID)
		}
		return markAbsent(ctx, c, markMissing, at, ids)
	})
	return fresh, fail("KeepPBXs", err)
}

const markMissing = `UPDATE pbx SET missing_since = ?1 WHERE missing_since = 0 AND id NOT IN (SELECT value FROM json_each(?2))`

// upsertPBX keeps what YCM says of a PBX, writing only what differs. An empty field keeps what is
// known: some answers leave fields out. It says whether the serial is a new one.
func (d *DB) upsertPBX(ctx context.Context, c *conn, p fleet.PBX) (freshSerial bool, err error) {
	if p.ID == 0 {
		return false, errors.New("a PBX without an id")
	}
	var old fleet.PBX
	var missing int64
	err = c.row(ctx, selectCatalogued, int64(p.ID)).Scan(&old.Serial, &old.Name, &old.URL, &old.Region, &old.Firmware, &old.Status, &missing)
	isNew := errors.Is(err, sql.ErrNoRows)
	if err != nil && !isNew {
		return false, err
	}
	merged := fleet.PBX{
		ID: p.ID, Serial: cmp.Or(p.Serial, old.Serial), Name: cmp.Or(p.Name, old.Name), URL: cmp.Or(p.URL, old.URL),
		Region: cmp.Or(p.Region, old.Region), Firmware: cmp.Or(p.Firmware, old.Firmware), Status: cmp.Or(p.Status, old.Status),
	}
	old.ID = p.ID
	if !isNew && merged == old && missing == 0 && merged.Status != fleet.StatusRestoring {
		return false, nil
	}
	query := updatePBX
	if isNew {
		query = insertPBX
	}
	_, err = c.exec(ctx, query, int64(merged.ID), merged.Serial, merged.Name, merged.URL, merged.Region, string(merged.Firmware), string(merged.Status), micros(d.now()))
	if err != nil {
		return false, fmt.Errorf("PBX %d: %w", p.ID, err)
	}
	return merged.Serial != old.Serial, nil
}

const (
	selectCatalogued = `SELECT serial, name, url, region, firmware, status, missing_since FROM pbx WHERE id = ?`
	insertPBX        = `INSERT INTO pbx (id, serial, name, url, region, firmware, status, restoring_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, iif(?7 = 'Restoring', ?8, 0))`
	updatePBX        = `UPDATE pbx SET serial = ?2, name = ?3, url = ?4, region = ?5, firmware = ?6, status = ?7, missing_since = 0,
		restoring_at = iif(?7 = 'Restoring', ?8, restoring_at) WHERE id = ?1`
)

// Watched are the PBXs for a pass to look at, the longest unverified first. Those with a plan under
// way are left out; so are those that are gone, unless YCM lists them still.
func (d *DB) Watched(ctx context.Context) (ids []fleet.PBXID, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		ids, err = list(ctx, c, func(s scanner) (id fleet.PBXID, err error) { return id, s.Scan(&id) }, selectWatched)
		return err
	})
	return ids, fail("Watched", err)
}

const selectWatched = `SELECT id FROM pbx WHERE open_plan = '' AND (gone_at = 0 OR missing_since = 0) ORDER BY verified_at, id`
