package ingest

import (
	"context"
	"time"

	"cordboard/sync/fleet"
)

// Inbox keeps deliveries byte for byte.
type Inbox interface {
	// Store returns once body would survive a power cut.
	Store(ctx context.Context, body []byte, at time.Time) (int64, error)
	// Digest takes up to max stored deliveries, oldest first, hands each to settle within one
	// transaction, and keeps what it answers. An error undoes the whole transaction. It says how
	// many it took.
	Digest(ctx context.Context, max int, settle func(context.Context, fleet.RawDelivery, Ledger) (fleet.Settled, error)) (int, error)
	// Reopen makes a delivery "stored" again, to be digested once more.
	Reopen(ctx context.Context, id int64) error
	// ReopenParked does so for every parked delivery with an element of one of these serials.
	ReopenParked(ctx context.Context, serials []string) (int, error)
}

// Path reads what the webhook path is judged by, and opens again what was left lying.
type Path interface {
	// PathFacts dates everything by the vendor's clock, which is skew ahead of ours.
	PathFacts(ctx context.Context, skew time.Duration, recent time.Time) (fleet.PathFacts, error)
	// ReopenKnown reopens parked deliveries whose serials are known by now, limit at most.
	ReopenKnown(ctx context.Context, limit int) (int, error)
	// ReopenState reopens dead or parked deliveries, oldest first, limit at most, and says how many.
	ReopenState(ctx context.Context, state fleet.DeliveryState, limit int) (int, error)
	// ReopenOutdated reopens the dead deliveries that were there when version became the way to
	// understand reports, each once, limit at most. 0: all of them had their chance.
	ReopenOutdated(ctx context.Context, version string, limit int) (int, error)
}

// Ledger is history as digestion needs it, inside the transaction of [Inbox.Digest]. Each element
// is its own savepoint: Savepoint undoes what fn did when it fails, and nothing else.
type Ledger interface {
	Savepoint(ctx context.Context, fn func() error) error
	// PBXBySerial answers KindNotFound for a stranger.
	PBXBySerial(ctx context.Context, serial string) (fleet.PBXID, error)
	// Mark is the snapshot at exactly that time, or else the newest; zero for an empty history.
	Mark(ctx context.Context, id fleet.PBXID, at time.Time) (fleet.Mark, fleet.SnapshotID, error)
	// Echo finds the plan whose write this report repeats: same pairs, sent before at, not echoed
	// yet. The report joins the plan's snapshot, which is made when the answer is still under way.
	// It answers zero when the report is nobody's echo.
	Echo(ctx context.Context, id fleet.PBXID, report fleet.Report, delivery int64) (fleet.SnapshotID, error)
	// Add puts a report's snapshot where it belongs in time; head says that it is the newest, so
	// that the current bindings move.
	Add(ctx context.Context, id fleet.PBXID, report fleet.Report, delivery int64, head bool) (fleet.SnapshotID, error)
	// Gone marks the PBX deleted at that time and voids its drafts.
	Gone(ctx context.Context, id fleet.PBXID, at time.Time) error
	// Await notes that only a read can settle the PBX's state, and why, in words.
	Await(ctx context.Context, id fleet.PBXID, why string) error
}
