package station

import (
	"context"

	"cordboard/db"
	"cordboard/sync/fleet"
	"cordboard/sync/ingest"
	"cordboard/sync/observe"
	"cordboard/sync/upstream"
)

// inbox lets ingest speak of its own Ledger where the database speaks of a History.
type inbox struct{ *db.DB }

// Digest is db's, with the history seen through ingest's port.
func (i inbox) Digest(ctx context.Context, max int, settle func(context.Context, fleet.RawDelivery, ingest.Ledger) (fleet.Settled, error)) (int, error) {
	return i.DB.Digest(ctx, max, func(ctx context.Context, raw fleet.RawDelivery, h *db.History) (fleet.Settled, error) {
		return settle(ctx, raw, h)
	})
}

// background makes the worker's looks give way to people's.
type background struct{ *observe.Observer }

// Look is the observer's, behind everybody who waits at a screen.
func (b background) Look(ctx context.Context, id fleet.PBXID) (moved bool, err error) {
	return b.Observer.Sweep(upstream.Background(ctx), id)
}
