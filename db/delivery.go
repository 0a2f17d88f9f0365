package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/fleet"
)

const deliveryColumns = `id, received_at, state, size, error, elements`

func scanDelivery(s scanner) (v fleet.Delivery, err error) {
	var at int64
	var elements string
	if err := s.Scan(&v.ID, &at, &v.State, &v.Size, &v.Error, &elements); err != nil {
		return v, err
	}
	v.ReceivedAt = moment(at)
	if elements == "" {
		return v, nil
	}
	return v, json.Unmarshal([]byte(elements), &v.Elements)
}

// Deliveries is one page of the inbox, newest first; an empty state does not narrow.
func (d *DB) Deliveries(ctx context.Context, state fleet.DeliveryState, req fleet.PageRequest) (page fleet.Page[fleet.Delivery], err error) {
	limit, before := pageLimit(req), forever
	if req.After != "" {
		if err := readCursor(req.After, &before); err != nil {
			return page, err
		}
	}
	err = d.read(ctx, func(ctx context.Context, c *conn) (err error) {
		if state == "" {
			page.Items, err = list(ctx, c, scanDelivery, pageDeliveries, before, limit+1)
		} else {
			page.Items, err = list(ctx, c, scanDelivery, pageDeliveriesIn, before, limit+1, string(state))
		}
		if err != nil {
			return err
		}
		return c.row(ctx, totalDeliveries, string(state)).Scan(&page.Total)
	})
	if err != nil {
		return page, fail("Deliveries", err)
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next = writeCursor(page.Items[limit-1].ID)
	}
	return page, nil
}

const (
	pageDeliveries   = `SELECT ` + deliveryColumns + ` FROM delivery WHERE id < ?1 ORDER BY id DESC LIMIT ?2`
	pageDeliveriesIn = `SELECT ` + deliveryColumns + ` FROM delivery WHERE state = ?3 AND id < ?1 ORDER BY id DESC LIMIT ?2`
	totalDeliveries  = `SELECT coalesce(sum(n), 0) FROM delivery_tally WHERE ?1 = '' OR state = ?1`
)

// Delivery reads one delivery and its body, byte for byte as it came.
func (d *DB) Delivery(ctx context.Context, id int64) (v fleet.Delivery, body []byte, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		v, err = scanDelivery(c.row(ctx, selectDelivery, id))
		if errors.Is(err, sql.ErrNoRows) {
			return fleet.NotFound("db.Delivery", "The delivery")
		}
		if err != nil {
			return err
		}
		body, err = findBody(ctx, c, id)
		return err
	})
	return v, body, fail("Delivery", err)
}

const selectDelivery = `SELECT ` + deliveryColumns + ` FROM delivery WHERE id = ?`

// InboxHealth sums up the webhook path. Refused is not known here: a bad signature leaves no row.
func (d *DB) InboxHealth(ctx context.Context) (h fleet.InboxHealth, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		var last int64
		if err := c.row(ctx, findLastDelivery).Scan(&last); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		h.LastAt = moment(last)
		counts, err := deliveryCounts(ctx, c)
		h.Parked, h.Dead = counts[fleet.DeliveryParked], counts[fleet.DeliveryDead]
		h.Waiting = counts[fleet.DeliveryStored] + h.Parked + h.Dead
		for _, n := range counts {
			h.Total += n
		}
		return err
	})
	return h, fail("InboxHealth", err)
}

// DeliveryCounts is how many deliveries there are in each state.
func (d *DB) DeliveryCounts(ctx context.Context) (counts map[fleet.DeliveryState]int, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		counts, err = deliveryCounts(ctx, c)
		return err
	})
	return counts, fail("DeliveryCounts", err)
}

func deliveryCounts(ctx context.Context, c *conn) (map[fleet.DeliveryState]int, error) {
	counts := make(map[fleet.DeliveryState]int)
	err := c.each(ctx, func(s scanner) error {
		var state fleet.DeliveryState
		var n int
		err := s.Scan(&state, &n)
		counts[state] = n
		return err
	}, selectDeliveryTally)
	return counts, err
}

const (
	findLastDelivery    = `SELECT received_at FROM delivery ORDER BY id DESC LIMIT 1`
	selectDeliveryTally = `SELECT state, n FROM delivery_tally`
)

// WalkBodies hands every delivery with its body to visit, oldest first, on one consistent view:
// for rebuilding the bindings from the raw inbox. An error of visit ends the walk.
func (d *DB) WalkBodies(ctx context.Context, visit func(fleet.Delivery, []byte) error) error {
	return fail("WalkBodies", d.read(ctx, func(ctx context.Context, c *conn) error {
		for last := int64(0); ; {
			batch, err := list(ctx, c, scanDelivery, walkDeliveries, last)
			if err != nil || len(batch) == 0 {
				return err
			}
			for _, v := range batch {
				body, err := findBody(ctx, c, v.ID)
				if err != nil {
					return fmt.Errorf("body of delivery %d: %w", v.ID, err)
				}
				if err := visit(v, body); err != nil {
					return err
				}
				last = v.ID
			}
		}
	}))
}

const walkDeliveries = `SELECT ` + deliveryColumns + ` FROM delivery WHERE id > ? ORDER BY id LIMIT 200`

// DeliveryDays is how many deliveries arrived on each of the last days up to now, the oldest first;
// those that wait to be digested are not counted yet.
func (d *DB) DeliveryDays(ctx context.Context, now time.Time, days int) (counts []fleet.DayCount, err error) {
	counts = lastDays(now, days)
	if len(counts) == 0 {
		return nil, nil
	}
	first := dayOf(counts[0].Day)
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		return c.each(ctx, func(s scanner) error { return addDay(s, first, counts) }, pageDeliveryDays, first, days)
	})
	return counts, fail("DeliveryDays", err)
}

const pageDeliveryDays = `SELECT day, n FROM delivery_day WHERE day >= ?1 ORDER BY day LIMIT ?2`

// lastDays are the days up to now, with nothing in them yet.
func lastDays(now time.Time, days int) []fleet.DayCount {
	today := now.UTC().Truncate(24 * time.Hour)
	counts := make([]fleet.DayCount, max(0, days))
	for i := range counts {
		counts[i].Day = today.AddDate(0, 0, i+1-days)
	}
	return counts
}

// dayOf is the number of a day since 1970, as it is stored.
func dayOf(t time.Time) int64 { return micros(t) / (24 * time.Hour).Microseconds() }

// addDay puts a row of day and count where it belongs. What lies ahead of the last day is left out.
func addDay(s scanner, first int64, counts []fleet.DayCount) error {
	var day int64
	var n int
	if err := s.Scan(&day, &n); err != nil {
		return err
	}
	if i := day - first; i >= 0 && i < int64(len(counts)) {
		counts[i].Count = n
	}
	return nil
}
