package db

import (
	"context"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// HeadersAt are the custom SIP header values of a snapshot, as our own plan wrote them that made it,
// or as later plans left them that changed no binding. They are unknown for every other snapshot: no
// read or report tells them (seed 000).
func (d *DB) HeadersAt(ctx context.Context, id fleet.SnapshotID) (h fleet.Headers, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		row, err := findSnapshot(ctx, c, id)
		if err != nil || row.Plan == "" {
			return err
		}
		made, err := findPlan(ctx, c, row.Plan)
		if err != nil || made.Status != plan.Applied || !made.Headers.Send {
			return err
		}
		h = made.Headers.After
		later, err := list(ctx, c, func(s scanner) (plan.Plan, error) { return scanPlan(s) }, writtenSince, int64(made.PBX), micros(made.SentAt))
		if err != nil {
			return err
		}
		for _, p := range later {
			if !p.Headers.Send || !p.Before.Equal(made.After) || !p.After.Equal(made.After) {
				break
			}
			h = p.Headers.After
		}
		return nil
	})
	return h, fail("HeadersAt", err)
}

const writtenSince = `SELECT ` + planColumns + ` FROM plan WHERE pbx_id = ?1 AND sent_at > ?2 AND sent_at > 0 AND status = 'applied' AND kind = 'bindings'
	ORDER BY sent_at LIMIT 20`
