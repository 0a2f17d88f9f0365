package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/fleet"

	"github.com/klauspost/compress/s2"
)

// Store keeps a webhook body as it is and returns once it would survive a power cut. Callers that
// wait at the same moment share one fsync. On an error nothing of this body was stored.
func (d *DB) Store(ctx context.Context, body []byte, at time.Time) (id int64, err error) {
	if body == nil {
		body = []byte{} // an empty body is one too; nil would be stored as NULL
	}
	kept, squeezed := squeeze(body)
	j := &deed{size: len(kept), bare: true, run: func(ctx context.Context, c *conn) error {
		if id, err = c.insert(ctx, insertDelivery, micros(at), len(body)); err != nil {
			return err
		}
		_, err = c.exec(ctx, insertBody, id, squeezed, kept)
		return err
	}}
	if err := d.writer.do(ctx, j); err != nil {
		return 0, fail("Store", err)
	}
	return id, nil
}

const (
	insertDelivery = `INSERT INTO delivery (received_at, size, state) VALUES (?, ?, 'stored')`
	insertBody     = `INSERT INTO body (delivery_id, squeezed, bytes) VALUES (?, ?, ?)`
)

// squeezeFrom is the size from which a body is squeezed before it is written: a page of the database.
const squeezeFrom = 4096

// squeeze makes a large body a sixth, in the time that its signature took, and outside of the
// writer: what waits for the disk is then a sixth too. [DB.Pack] does it better, later.
func squeeze(body []byte) (kept []byte, squeezed bool) {
	if len(body) < squeezeFrom {
		return body, false
	}
	return s2.Encode(nil, body), true
}

// unsqueeze is the inverse of squeeze.
func unsqueeze(kept []byte, squeezed bool) ([]byte, error) {
	if !squeezed {
		return kept, nil
	}
	return s2.Decode(nil, kept)
}

// digestFor bounds how long one Digest holds the writer.
const digestFor = 15 * time.Millisecond

// Digest takes stored deliveries, oldest first, at most max and no more than a few milliseconds'
// worth; while others wait for the writer, one at a time and half of the time: to be told that a
// delivery is stored goes before knowing what it says. It hands each to settle within one
// transaction and keeps what settle answers. It says how many it took; 0 means that none waits. On
// an error nothing of this call was kept. Calls take turns.
func (d *DB) Digest(ctx context.Context, max int, settle func(context.Context, fleet.RawDelivery, *History) (fleet.Settled, error)) (taken int, err error) {
	d.digesting.Lock()
	defer d.digesting.Unlock()
	if err := pause(ctx, d.rest); err != nil {
		return 0, fail("Digest", err)
	}
	err = d.write(ctx, func(ctx context.Context, c *conn) error {
		began := time.Now()
		taken, err = d.digestSome(ctx, c, max, settle)
		if d.rest = 0; d.writer.awaited() {
			d.rest = time.Since(began)
		}
		return err
	})
	if err != nil {
		return 0, fail("Digest", err)
	}
	return taken, nil
}

func (d *DB) digestSome(ctx context.Context, c *conn, max int, settle func(context.Context, fleet.RawDelivery, *History) (fleet.Settled, error)) (taken int, err error) {
	began := time.Now()
	for last := int64(0); taken < max; taken++ {
		if taken > 0 && (d.writer.awaited() || time.Since(began) > digestFor) {
			break
		}
		raw, err := nextStored(ctx, c, last)
		if errors.Is(err, sql.ErrNoRows) {
			break
		}
		if err != nil {
			return taken, err
		}
		if err := d.digest(ctx, c, raw, settle); err != nil {
			return taken, fmt.Errorf("delivery %d: %w", raw.ID, err)
		}
		last = raw.ID
	}
	return taken, nil
}

// pause waits for so long, or for the end of ctx.
func pause(ctx context.Context, wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	select {
	case <-time.After(wait):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func nextStored(ctx context.Context, c *conn, after int64) (raw fleet.RawDelivery, err error) {
	var at int64
	if err := c.row(ctx, findStored, after).Scan(&raw.ID, &at); err != nil {
		return raw, err
	}
	raw.ReceivedAt = moment(at)
	raw.Body, err = findBody(ctx, c, raw.ID)
	return raw, err
}

const findStored = `SELECT id, received_at FROM delivery WHERE state = 'stored' AND id > ? ORDER BY id LIMIT 1`

func (d *DB) digest(ctx context.Context, c *conn, raw fleet.RawDelivery, settle func(context.Context, fleet.RawDelivery, *History) (fleet.Settled, error)) error {
	h := &History{d: d, c: c}
	var settled fleet.Settled
	var fault error
	undone := h.whole(ctx, "delivery", func() error {
		settled, fault = contain(func() (fleet.Settled, error) { return settle(ctx, raw, h) })
		return fault
	})
	switch {
	case h.broken != nil:
		return h.broken
	case errors.Is(fault, errPanic):
		settled = fleet.Settled{State: fleet.DeliveryDead, Error: fault.Error()}
	case undone != nil:
		return undone
	}
	return saveSettled(ctx, c, raw.ID, settled)
}

var errPanic = errors.New("digesting it failed in a way that is a fault of Cordboard")

// contain turns a panic over a hostile body into a dead delivery: the body is stored, so it would
// come up again at every start.
func contain(settle func() (fleet.Settled, error)) (settled fleet.Settled, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errPanic, r)
		}
	}()
	return settle()
}

func saveSettled(ctx context.Context, c *conn, id int64, s fleet.Settled) error {
	elements := ""
	if len(s.Elements) > 0 {
		text, err := json.Marshal(s.Elements)
		if err != nil {
			return err
		}
		elements = string(text)
	}
	if s.State == fleet.DeliveryStored || s.State == "" {
		return fmt.Errorf("it was left in state %q: it would be taken again and again", s.State)
	}
	if _, err := c.exec(ctx, settleDelivery, string(s.State), s.Error, elements, id); err != nil {
		return err
	}
	for _, e := range s.Elements {
		if e.State != fleet.DeliveryParked {
			continue
		}
		if _, err := c.exec(ctx, insertParked, e.Serial, id); err != nil {
			return err
		}
	}
	return nil
}

const (
	settleDelivery = `UPDATE delivery SET state = ?, error = ?, elements = ? WHERE id = ?`
	insertParked   = `INSERT INTO parked (serial, delivery_id) VALUES (?, ?) ON CONFLICT DO NOTHING`
)

// Reopen makes a delivery "stored" again, to be digested once more.
func (d *DB) Reopen(ctx context.Context, id int64) error {
	return fail("Reopen", d.write(ctx, func(ctx context.Context, c *conn) error {
		n, err := c.exec(ctx, reopenDelivery, id)
		if err == nil && n == 0 {
			return fleet.NotFound("db.Reopen", "The delivery")
		}
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, unpark, id)
		return err
	}))
}

const (
	reopenDelivery = `UPDATE delivery SET state = 'stored', error = '', elements = '' WHERE id = ?`
	unpark         = `DELETE FROM parked WHERE delivery_id = ?`
	findParked     = `SELECT delivery_id FROM parked WHERE serial = ?`
)

// ReopenParked reopens every delivery with a parked element of one of these serials, and says how
// many there were.
func (d *DB) ReopenParked(ctx context.Context, serials []string) (n int, err error) {
	err = d.write(ctx, func(ctx context.Context, c *conn) error {
		n = 0
		for _, serial := range serials {
			reopened, err := reopenParked(ctx, c, serial)
			if err != nil {
				return err
			}
			n += reopened
		}
		return nil
	})
	return n, fail("ReopenParked", err)
}

func reopenParked(ctx context.Context, c *conn, serial string) (int, error) {
	ids, err := list(ctx, c, scanInt64, findParked, serial)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return len(ids), reopenAll(ctx, c, ids)
}
