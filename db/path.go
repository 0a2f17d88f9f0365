package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"cordboard/sync/fleet"
)

// PathFacts is what the record knows of the way that reports take. Reads and writes are dated by the
// vendor's clock, deliveries by ours: skew is how far the vendor's is ahead. Changes that reads found
// on single PBXs count from recent on. Secrets, refusals and the time are not known here.
func (d *DB) PathFacts(ctx context.Context, skew time.Duration, recent time.Time) (f fleet.PathFacts, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		counts, err := deliveryCounts(ctx, c)
		if err != nil {
			return err
		}
		for _, n := range counts {
			f.Received += n
		}
		if f.DeadAt, err = lastCall(ctx, c, findLastDead, skew); err != nil {
			return err
		}
		if f.CalledAt, err = lastCall(ctx, c, findLastDelivery, skew); err != nil {
			return err
		}
		if f.LastAt, err = lastCall(ctx, c, findLastReport, skew); err != nil {
			return err
		}
		after := micros(f.LastAt)
		if f.Unechoed, err = list(ctx, c, scanUnechoed, pageUnechoed, after, pathRows); err != nil {
			return err
		}
		if f.Found, err = list(ctx, c, scanFoundRead, pageFound, after, pathRows); err != nil {
			return err
		}
		f.Quiet, err = quietPBXs(ctx, c, micros(recent))
		return err
	})
	return f, fail("PathFacts", err)
}

// pathRows bounds what is looked at: who asks wants to know whether, not how often exactly.
const pathRows = 200

const (
	findLastDead = `SELECT received_at FROM delivery WHERE state = 'dead' ORDER BY id DESC LIMIT 1`
	// Of the newest deliveries the newest that spoke of numbers, or tried to: a signed test message
	// and a capacity report show that YCM reaches us, not that it sends what we need.
	findLastReport = `SELECT received_at FROM (SELECT received_at, state, elements FROM delivery ORDER BY id DESC LIMIT 50)
		WHERE state = 'dead' OR instr(elements, '"event":"did_change"') OR instr(elements, '"event":"did_delete"')
		OR instr(elements, '"event":"trunk_delete"') OR instr(elements, '"event":"pce_delete"') LIMIT 1`
	pageUnechoed = `SELECT s.pbx_id, iif(p.name = '', 'PBX ' || p.id, p.name), s.plan_id, w.sent_at FROM snapshot s JOIN plan w ON w.id = s.plan_id JOIN pbx p ON p.id = s.pbx_id
		WHERE s.source = 'write' AND s.vendor_time = 0 AND s.n_added + s.n_removed > 0 AND s.seen_at > ?
		AND json_array_length(w.doc, '$.Steps') > 0 ORDER BY s.seen_at DESC LIMIT ?` // the steps that keep are not in doc
	foundReads = `s.source = 'reconcile' AND s.not_before > 0 AND s.n_added + s.n_removed > 0 AND s.seen_at > ?1`
	pageFound  = `SELECT s.pbx_id, iif(p.name = '', 'PBX ' || p.id, p.name), s.not_before, s.seen_at FROM snapshot s JOIN pbx p ON p.id = s.pbx_id WHERE ` + foundReads + ` AND p.gone_at = 0
		ORDER BY s.seen_at DESC LIMIT ?2`
	pageNewest = `SELECT source, vendor_time, n_added + n_removed, not_before FROM snapshot WHERE pbx_id = ? ORDER BY at DESC LIMIT 12`
)

func lastCall(ctx context.Context, c *conn, query string, skew time.Duration) (time.Time, error) {
	var at int64
	err := c.row(ctx, query).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return moment(at).Add(skew), err
}

func scanUnechoed(s scanner) (w fleet.UnechoedWrite, err error) {
	var at int64
	err = s.Scan(&w.PBX, &w.Name, &w.Plan, &at)
	w.At = moment(at)
	return w, err
}

func scanFoundRead(s scanner) (r fleet.FoundRead, err error) {
	var notBefore, at int64
	err = s.Scan(&r.PBX, &r.Name, &notBefore, &at)
	r.NotBefore, r.At = moment(notBefore), moment(at)
	return r, err
}

// quietFrom is how many of a PBX's newest changes must have been found by reads, none of them told,
// before the PBX is called quiet.
const quietFrom = 3

// quietPBXs are those whose newest changes were all found by reads, though they are not all of one
// occasion.
func quietPBXs(ctx context.Context, c *conn, recent int64) (quiet []fleet.QuietPBX, err error) {
	found, err := list(ctx, c, scanFoundRead, pageFound, recent, pathRows)
	if err != nil {
		return nil, err
	}
	byPBX := map[fleet.PBXID]*fleet.QuietPBX{}
	var order []fleet.PBXID
	for _, r := range found {
		q := byPBX[r.PBX]
		if q == nil {
			q = &fleet.QuietPBX{PBX: r.PBX, Name: r.Name, Last: r.At}
			byPBX[r.PBX], order = q, append(order, r.PBX)
		}
		q.Times, q.First = q.Times+1, r.At
	}
	order = slices.DeleteFunc(order, func(id fleet.PBXID) bool { return byPBX[id].Times < quietFrom })
	for _, id := range order {
		untold, err := untold(ctx, c, id)
		if err != nil {
			return nil, err
		}
		q := byPBX[id]
		if q.Times = min(q.Times, untold); q.Times >= quietFrom {
			quiet = append(quiet, *q)
		}
	}
	return quiet, nil
}

// untold is how many of a PBX's newest changes were found by reads before any that a report told.
func untold(ctx context.Context, c *conn, id fleet.PBXID) (n int, err error) {
	told := false
	err = c.each(ctx, func(s scanner) error {
		var source fleet.Source
		var vendor bool
		var changed, notBefore int64
		if err := s.Scan(&source, &vendor, &changed, &notBefore); err != nil {
			return err
		}
		told = told || vendor
		if !told && source == fleet.FromReconcile && changed > 0 && notBefore > 0 {
			n++
		}
		return nil
	}, pageNewest, int64(id))
	return n, err
}
