package observe

import (
	"context"
	"time"

	"cordboard/sync/fleet"
)

// Cloud is the vendor's flat reads.
type Cloud interface {
	// Observe reads a PBX: itself, its DIDs with repeats, its trunks. KindNotFound when YCM says
	// that the PBX does not exist.
	Observe(ctx context.Context, id fleet.PBXID) (fleet.Observation, error)
	// DIDs looks numbers up; those that YCM does not know are absent from the answer.
	DIDs(ctx context.Context, ids []fleet.DIDID) ([]fleet.DID, error)
	// Withdrawn tells which of some pairs that a PBX lacks now YCM would not bind to it any more: the
	// trunks that it does not know, and the pairs that it does not offer.
	Withdrawn(ctx context.Context, id fleet.PBXID, pairs []fleet.Binding) ([]fleet.TrunkID, []fleet.Binding, error)
}

// Ledger is our record of one PBX.
type Ledger interface {
	// Known is the current knowledge; Certainty none when there is none.
	Known(ctx context.Context, id fleet.PBXID) (fleet.Known, error)
	// Record keeps a reading: VerdictSame touches the age, VerdictNew adds a snapshot of source
	// reconcile, VerdictAsk changes nothing because a report overtook the reading.
	Record(ctx context.Context, r fleet.Reading) (fleet.Verdict, error)
	// Trouble notes that reading failed, in words; the next Record takes it back.
	Trouble(ctx context.Context, id fleet.PBXID, at time.Time, why string) error
	// Missing notes that YCM says the PBX does not exist.
	Missing(ctx context.Context, id fleet.PBXID, at time.Time) error
}
