package db

import (
	"context"
	"time"

	"cordboard/sync/fleet"
)

// driftsOfDays bounds how many drifts are counted: more than these don't make the picture clearer.
const driftsOfDays = 10_000

// DriftDays is how many drifts were opened on each of the last days up to now, the oldest first.
func (d *DB) DriftDays(ctx context.Context, now time.Time, days int) (counts []fleet.DayCount, err error) {
	counts = lastDays(now, days)
	if len(counts) == 0 {
		return nil, nil
	}
	first := dayOf(counts[0].Day)
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.each(ctx, func(s scanner) error {
			at, err := scanInt64(s)
			if i := dayOf(moment(at)) - first; i >= 0 && i < int64(len(counts)) {
				counts[i].Count++
			}
			return err
		}, pageDriftDays, micros(counts[0].Day), driftsOfDays)
	})
	return counts, fail("DriftDays", err)
}

const pageDriftDays = `SELECT opened_at FROM drift WHERE opened_at >= ?1 ORDER BY opened_at DESC LIMIT ?2`
