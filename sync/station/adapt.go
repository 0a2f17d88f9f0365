package station

import (
	"context"
	"time"

	"cordboard/db"
	"cordboard/sync/fleet"
	"cordboard/sync/ingest"
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

// statuses makes the readings of trunks give way to people.
type statuses struct{ *upstream.Cloud }

// TrunkStatus is the cloud's, behind everybody who waits at a screen.
func (s statuses) TrunkStatus(ctx context.Context, id fleet.TrunkID) (fleet.Registered, fleet.FailReason, error) {
	return s.Cloud.TrunkStatus(upstream.Background(ctx), id)
}

// listings has the statuses of the trunks read whenever the trunks were listed.
type listings struct {
	*db.DB
	listed func()
}

// KeepTrunks is the database's, and tells.
func (l listings) KeepTrunks(ctx context.Context, list []fleet.Trunk, at time.Time) error {
	err := l.DB.KeepTrunks(ctx, list, at)
	if err == nil {
		l.listed()
	}
	return err
}

// record is our own record of single PBXs, for what makes and runs them.
type record struct {
	*db.DB
	arrived func(serials []string)
}

// KeepPBX is the database's, and takes up the reports that waited for the PBX.
func (r record) KeepPBX(ctx context.Context, p fleet.PBX) error {
	fresh, err := r.DB.KeepPBX(ctx, p)
	if err == nil && fresh != "" {
		r.arrived([]string{fresh})
	}
	return err
}
