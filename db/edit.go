package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
)

// SaveEdit stores a draft of kind trunk, and beside it the sealed new password, if there is one.
func (d *DB) SaveEdit(ctx context.Context, p plan.Plan, password []byte, e audit.Entry) error {
	return fail("SaveEdit", d.write(ctx, func(ctx context.Context, c *conn) error {
		if p.Status != plan.Draft || p.ID == "" || p.Edit == nil {
			return fmt.Errorf("plan %q is %q: only drafts of trunks are saved", p.ID, p.Status)
		}
		if err := insertPlan(ctx, c, p); err != nil {
			return err
		}
		if password != nil {
			if _, err := c.exec(ctx, insertPlanPassword, string(p.ID), password); err != nil {
				return err
			}
		}
		return appendAudit(ctx, c, e)
	}))
}

// EditPassword is the sealed new password of a plan; nil when it has none, or has it no more.
func (d *DB) EditPassword(ctx context.Context, id fleet.PlanID) (sealed []byte, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		err := c.row(ctx, selectPlanPassword, string(id)).Scan(&sealed)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return sealed, fail("EditPassword", err)
}

const (
	insertPlanPassword = `INSERT INTO plan_password (plan_id, sealed) VALUES (?, ?)`
	selectPlanPassword = `SELECT sealed FROM plan_password WHERE plan_id = ?`
)

// FollowedEdits are the applied plans whose trunk nobody has seen settle yet.
func (d *DB) FollowedEdits(ctx context.Context) (plans []plan.Plan, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		plans, err = list(ctx, c, scanPlan, selectFollowed)
		return err
	})
	return plans, fail("FollowedEdits", err)
}

// NoteLine stores how the trunk of an applied plan stands.
func (d *DB) NoteLine(ctx context.Context, id fleet.PlanID, line plan.Line) error {
	return fail("NoteLine", d.write(ctx, func(ctx context.Context, c *conn) error {
		p, err := findPlan(ctx, c, id)
		if err != nil {
			return err
		}
		if p.Status != plan.Applied {
			return conflict(fmt.Sprintf("This plan is %q: there is no trunk to follow.", p.Status))
		}
		p.Outcome.Line = &line
		outcome, err := json.Marshal(p.Outcome)
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, updateLine, string(line.State), string(outcome), string(id))
		return err
	}))
}

const (
	selectFollowed = `SELECT ` + planColumns + ` FROM plan WHERE line = 'followed' ORDER BY id`
	updateLine     = `UPDATE plan SET line = ?, outcome = ? WHERE id = ?`
)

// KeepSIPTrunk keeps a reading of a trunk. One that says what the last one said only moves its end.
func (d *DB) KeepSIPTrunk(ctx context.Context, id fleet.PBXID, t sip.Trunk, at time.Time, after fleet.PlanID) error {
	return fail("KeepSIPTrunk", d.write(ctx, func(ctx context.Context, c *conn) error {
		if err := keepReading(ctx, c, id, t, at, after); err != nil {
			return err
		}
		err := indexSIP(ctx, c, id, t.ID)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // no list has named it yet
		}
		return err
	}))
}

func keepReading(ctx context.Context, c *conn, id fleet.PBXID, t sip.Trunk, at time.Time, after fleet.PlanID) error {
	doc, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if _, err := c.exec(ctx, updateSIPDoc, int64(id), int64(t.ID), micros(at), string(doc)); err != nil {
		return err
	}
	var last int64
	var print string
	err = c.row(ctx, selectLastReading, int64(id), int64(t.ID)).Scan(&last, &print)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err == nil && print == t.Print() {
		_, err := c.exec(ctx, moveReading, micros(at), last)
		return err
	}
	_, err = c.exec(ctx, insertReading, int64(id), int64(t.ID), micros(at), string(after), t.Print(), string(doc))
	return err
}

const (
	selectLastReading = `SELECT id, print FROM sip_reading WHERE pbx_id = ? AND trunk_id = ? ORDER BY id DESC LIMIT 1`
	updateSIPDoc      = `UPDATE sip_trunk SET doc = ?4, read_at = ?3 WHERE pbx_id = ?1 AND trunk_id = ?2`
	moveReading       = `UPDATE sip_reading SET seen_at = max(seen_at, ?) WHERE id = ?`
	insertReading     = `INSERT INTO sip_reading (pbx_id, trunk_id, at, seen_at, plan_id, print, doc) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6)`
)

// SIPReading is the newest reading of a trunk with a print, or the newest of all without one.
// KindNotFound when there is none.
func (d *DB) SIPReading(ctx context.Context, id fleet.PBXID, trunk sip.TrunkID, print string) (r sip.Reading, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		r, err = scanReading(c.row(ctx, selectReading, int64(id), int64(trunk), print))
		if errors.Is(err, sql.ErrNoRows) {
			return fleet.NotFound("db.SIPReading", "The reading of the trunk")
		}
		return err
	})
	return r, fail("SIPReading", err)
}

// SIPReadings are the last readings of a trunk that differ, newest first.
func (d *DB) SIPReadings(ctx context.Context, id fleet.PBXID, trunk sip.TrunkID, limit int) (readings []sip.Reading, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		readings, err = list(ctx, c, scanReading, selectReadings, int64(id), int64(trunk), limit)
		return err
	})
	return readings, fail("SIPReadings", err)
}

// LastSIPReadings are the newest readings of all trunks of a PBX that were ever read, by the trunks' ids.
func (d *DB) LastSIPReadings(ctx context.Context, id fleet.PBXID) (readings []sip.Reading, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		readings, err = list(ctx, c, scanReading, selectLastReadings, int64(id))
		return err
	})
	return readings, fail("LastSIPReadings", err)
}

const (
	readingColumns = `at, seen_at, plan_id, doc`
	selectReading  = `SELECT ` + readingColumns + ` FROM sip_reading WHERE pbx_id = ?1 AND trunk_id = ?2 AND (?3 = '' OR print = ?3) ORDER BY id DESC LIMIT 1`
	// What groups by trunk reads the index alone.
	selectLastReadings = `SELECT ` + readingColumns + ` FROM sip_reading WHERE id IN (SELECT max(id) FROM sip_reading WHERE pbx_id = ?1 GROUP BY trunk_id) ORDER BY trunk_id`
	selectReadings     = `SELECT ` + readingColumns + ` FROM sip_reading WHERE pbx_id = ? AND trunk_id = ? ORDER BY id DESC LIMIT ?`
)

func scanReading(s scanner) (r sip.Reading, err error) {
	var at, seen int64
	var doc, after string
	if err := s.Scan(&at, &seen, &after, &doc); err != nil {
		return r, err
	}
	r.At, r.Until, r.After = moment(at), moment(seen), fleet.PlanID(after)
	return r, json.Unmarshal([]byte(doc), &r.Trunk)
}

// TrunkPlans are the newest plans of a PBX's own trunk.
func (d *DB) TrunkPlans(ctx context.Context, id fleet.PBXID, trunk sip.TrunkID, limit int) (plans []plan.Plan, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		plans, err = list(ctx, c, scanPlanDoc, selectTrunkPlans, int64(id), int64(trunk), limit)
		return err
	})
	for i := range plans {
		plans[i] = d.expire(plans[i])
	}
	return plans, fail("TrunkPlans", err)
}

const selectTrunkPlans = `SELECT ` + planDocColumns + ` FROM plan WHERE pbx_id = ? AND trunk_id = ? AND trunk_id > 0 ORDER BY created_at DESC, id DESC LIMIT ?`
