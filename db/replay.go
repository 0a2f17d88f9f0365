package db

import (
	"context"
	"encoding/json"

	"cordboard/sync/fleet"
)

// ReopenKnown reopens parked deliveries with an element whose serial a PBX has by now, limit at
// most, and says how many.
func (d *DB) ReopenKnown(ctx context.Context, limit int) (int, error) {
	n, err := d.reopen(ctx, findParkedKnown, limit)
	return n, fail("ReopenKnown", err)
}

// ReopenState reopens deliveries in a state, the oldest first, limit at most, and says how many.
func (d *DB) ReopenState(ctx context.Context, state fleet.DeliveryState, limit int) (int, error) {
	n, err := d.reopen(ctx, findInState, string(state), limit)
	return n, fail("ReopenState", err)
}

const (
	findParkedKnown = `SELECT DISTINCT k.delivery_id FROM parked k JOIN pbx p ON p.serial = k.serial AND p.serial <> '' ORDER BY 1 LIMIT ?`
	findInState     = `SELECT id FROM delivery WHERE state = ? ORDER BY id LIMIT ?`
)

// reopen makes "stored" what a query finds. It looks first: mostly there is nothing to write.
func (d *DB) reopen(ctx context.Context, query string, args ...any) (n int, err error) {
	var ids []int64
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		ids, err = list(ctx, c, scanInt64, query, args...)
		return err
	})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	err = d.write(ctx, func(ctx context.Context, c *conn) error {
		n = len(ids)
		return reopenAll(ctx, c, ids)
	})
	return n, err
}

func reopenAll(ctx context.Context, c *conn, ids []int64) error {
	for _, id := range ids {
		if _, err := c.exec(ctx, reopenDelivery, id); err != nil {
			return err
		}
		if _, err := c.exec(ctx, unpark, id); err != nil {
			return err
		}
	}
	return nil
}

// understood is how far the dead deliveries of older versions have been tried again.
type understood struct {
	Version string `json:"version"`
	After   int64  `json:"after"` // the last delivery that was
	Upto    int64  `json:"upto"`  // the newest that was dead when the version came
}

// settingUnderstood keeps it.
const settingUnderstood = "inbox.understood"

// ReopenOutdated reopens the dead deliveries that were there when version became the way to
// understand reports, each once, limit at most, and says how many. A process that ends meanwhile goes
// on where it was.
func (d *DB) ReopenOutdated(ctx context.Context, version string, limit int) (n int, err error) {
	state, err := d.understood(ctx)
	if err != nil || state.Version == version && state.After >= state.Upto {
		return 0, fail("ReopenOutdated", err)
	}
	err = d.write(ctx, func(ctx context.Context, c *conn) error {
		if state.Version != version {
			state = understood{Version: version}
			if err := c.row(ctx, newestDead).Scan(&state.Upto); err != nil {
				return err
			}
		}
		ids, err := list(ctx, c, scanInt64, findDeadBetween, state.After, state.Upto, limit)
		if err != nil {
			return err
		}
		n = len(ids)
		if n < limit {
			state.After = state.Upto
		} else {
			state.After = ids[n-1]
		}
		text, err := json.Marshal(state)
		if err != nil {
			return err
		}
		if err := saveSetting(ctx, c, settingUnderstood, text); err != nil {
			return err
		}
		return reopenAll(ctx, c, ids)
	})
	return n, fail("ReopenOutdated", err)
}

const (
	newestDead      = `SELECT coalesce(max(id), 0) FROM delivery WHERE state = 'dead'`
	findDeadBetween = `SELECT id FROM delivery WHERE state = 'dead' AND id > ? AND id <= ? ORDER BY id LIMIT ?`
)

func (d *DB) understood(ctx context.Context) (state understood, err error) {
	text, err := d.Setting(ctx, settingUnderstood)
	if fleet.KindOf(err) == fleet.KindNotFound && err != nil {
		return understood{}, nil
	}
	if err != nil {
		return state, err
	}
	return state, json.Unmarshal(text, &state)
}
