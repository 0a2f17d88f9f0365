package db

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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

// pbxsAtOnce bounds one transaction of a long list: others write in between.
const pbxsAtOnce = 500

// KeepPBXs keeps a listing that was proven to hold every PBX: those that it lacks are marked missing
// since at, which is not "gone": only a read of the PBX itself, or its own report, says that. Serials
// that were never seen before come back: deliveries may be parked for them. A listing that says what
// is known writes nothing.
func (d *DB) KeepPBXs(ctx context.Context, pbxs []fleet.PBX, at time.Time) (fresh []string, err error) {
	changed, absent, err := d.compareListing(ctx, pbxs)
	if err != nil {
		return nil, fail("KeepPBXs", err)
	}
	for part := range slices.Chunk(changed, pbxsAtOnce) {
		var serials []string
		err := d.write(ctx, func(ctx context.Context, c *conn) error {
			serials = nil
			for _, p := range part {
				isNew, err := d.upsertPBX(ctx, c, p)
				if err != nil {
					return err
				}
				if isNew {
					serials = append(serials, p.Serial)
				}
			}
			return nil
		})
		if err != nil {
			return fresh, fail("KeepPBXs", err)
		}
		fresh = append(fresh, serials...)
		d.met(len(serials) > 0)
	}
	if len(absent) == 0 {
		return fresh, nil
	}
	return fresh, fail("KeepPBXs", d.write(ctx, func(ctx context.Context, c *conn) error {
		for _, id := range absent {
			if _, err := c.exec(ctx, markMissing, micros(at), int64(id)); err != nil {
				return err
			}
		}
		return nil
	}))
}

const markMissing = `UPDATE pbx SET missing_since = ?1 WHERE missing_since = 0 AND id = ?2`

// compareListing says which PBXs a listing tells anew, and which it lacks.
func (d *DB) compareListing(ctx context.Context, pbxs []fleet.PBX) (changed []fleet.PBX, absent []fleet.PBXID, err error) {
	known := make(map[fleet.PBXID]catalogued)
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.each(ctx, func(s scanner) error {
			var v catalogued
			err := s.Scan(&v.ID, &v.Serial, &v.Name, &v.URL, &v.Region, &v.Firmware, &v.Status, &v.missing)
			known[v.ID] = v
			return err
		}, selectAllCatalogued)
	})
	if err != nil {
		return nil, nil, err
	}
	for _, p := range pbxs {
		old, have := known[p.ID]
		if v := old.merged(p); !have || old.missing != 0 || v != old.PBX || v.Status == fleet.StatusRestoring {
			changed = append(changed, p)
		}
		delete(known, p.ID)
	}
	for id, old := range known {
		if old.missing == 0 {
			absent = append(absent, id)
		}
	}
	slices.Sort(absent)
	return changed, absent, nil
}

// catalogued is a PBX as the last read of it left it.
type catalogued struct {
	fleet.PBX
	missing int64
}

// merged is the PBX with what a new read of it says: an empty field keeps what is known, since some
// answers leave fields out.
func (v catalogued) merged(p fleet.PBX) fleet.PBX {
	return fleet.PBX{
		ID: p.ID, Serial: cmp.Or(p.Serial, v.Serial), Name: cmp.Or(p.Name, v.Name), URL: cmp.Or(p.URL, v.URL),
		Region: cmp.Or(p.Region, v.Region), Firmware: cmp.Or(p.Firmware, v.Firmware), Status: cmp.Or(p.Status, v.Status),
	}
}

// upsertPBX keeps what YCM says of a PBX, writing only what differs. It says whether the serial is a
// new one: then the deliveries that were parked for it are stored again, and the caller has them
// taken up by [DB.met] once that is durable.
func (d *DB) upsertPBX(ctx context.Context, c *conn, p fleet.PBX) (freshSerial bool, err error) {
	if p.ID == 0 {
		return false, errors.New("a PBX without an id")
	}
	old := catalogued{PBX: fleet.PBX{ID: p.ID}}
	err = c.row(ctx, selectCatalogued, int64(p.ID)).Scan(&old.Serial, &old.Name, &old.URL, &old.Region, &old.Firmware, &old.Status, &old.missing)
	isNew := errors.Is(err, sql.ErrNoRows)
	if err != nil && !isNew {
		return false, err
	}
	merged := old.merged(p)
	if !isNew && merged == old.PBX && old.missing == 0 && merged.Status != fleet.StatusRestoring {
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
	if merged.Serial == old.Serial {
		return false, nil
	}
	_, err = reopenParked(ctx, c, merged.Serial)
	return true, err
}

// met has parked deliveries taken up when a serial became known.
func (d *DB) met(fresh bool) {
	if fresh && d.unparked != nil {
		d.unparked()
	}
}

const (
	selectAllCatalogued = `SELECT id, serial, name, url, region, firmware, status, missing_since FROM pbx`
	selectCatalogued    = `SELECT serial, name, url, region, firmware, status, missing_since FROM pbx WHERE id = ?`
	insertPBX           = `INSERT INTO pbx (id, serial, name, url, region, firmware, status, restoring_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, iif(?7 = 'Restoring', ?8, 0))`
	updatePBX           = `UPDATE pbx SET serial = ?2, name = ?3, url = ?4, region = ?5, firmware = ?6, status = ?7, missing_since = 0,
		restoring_at = iif(?7 = 'Restoring', ?8, restoring_at) WHERE id = ?1`
)
