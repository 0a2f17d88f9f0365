package dbtest_test

import (
	"context"

	"cordboard/db"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/ingest"
	"cordboard/sync/observe"
	"cordboard/sync/reconcile"
)

// The ports that the use cases declare and this package fills.
var (
	_ change.Journal      = (*db.DB)(nil)
	_ change.OpenPlans    = (*db.DB)(nil)
	_ change.Directory    = (*db.DB)(nil)
	_ observe.Ledger      = (*db.DB)(nil)
	_ reconcile.Catalogue = (*db.DB)(nil)
	_ ingest.Ledger       = (*db.History)(nil)
	_ ingest.Inbox        = inbox{}
)

// inbox is the adapter of main.go: Digest hands out a concrete type.
type inbox struct{ *db.DB }

func (i inbox) Digest(ctx context.Context, max int, settle func(context.Context, fleet.RawDelivery, ingest.Ledger) (fleet.Settled, error)) (int, error) {
	return i.DB.Digest(ctx, max, func(ctx context.Context, raw fleet.RawDelivery, h *db.History) (fleet.Settled, error) {
		return settle(ctx, raw, h)
	})
}
