package change

import (
	"context"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// Looker reads one PBX from the cloud, brings the ledger up to date and answers with what is
// known now. A failed read is an error, never an empty set.
type Looker interface {
	Look(ctx context.Context, id fleet.PBXID) (fleet.Known, fleet.Observation, error)
	// Doubt looks, and notes what no read can tell after a write: each pair of perhaps may hold as
	// well as what the ledger has for its DID, and with headers no header value is known any more.
	Doubt(ctx context.Context, id fleet.PBXID, perhaps []fleet.Binding, headers bool) error
}

// Reader answers questions about single numbers and trunks, straight from the cloud.
type Reader interface {
	// Observe reads a PBX flat, without touching the ledger.
	Observe(ctx context.Context, id fleet.PBXID) (fleet.Observation, error)
	// DIDs looks numbers up; those that YCM does not know are absent from the answer.
	DIDs(ctx context.Context, ids []fleet.DIDID) ([]fleet.DID, error)
	// Numbered finds the DIDs with exactly these numbers.
	Numbered(ctx context.Context, numbers []string) ([]fleet.DID, error)
	// Trunks looks shared trunks up, custom SIP header definitions included.
	Trunks(ctx context.Context, ids []fleet.TrunkID) ([]fleet.Trunk, error)
}

// Writer is the only way to change bindings in the cloud. Neither method is ever repeated.
type Writer interface {
	// Replace sends the whole set; an empty one is refused before sending. headers nil sends none.
	Replace(ctx context.Context, id fleet.PBXID, set fleet.BindingSet, headers *fleet.Headers) (fleet.Receipt, error)
	// Clear sends the empty list. withHeaders says whether the firmware takes the header list.
	Clear(ctx context.Context, id fleet.PBXID, withHeaders bool) (fleet.Receipt, error)
}

// Journal keeps plans and the record of what became of them. Every method is one transaction,
// and each writes its audit entry in it.
type Journal interface {
	// SavePlan stores a draft.
	SavePlan(ctx context.Context, p plan.Plan, e audit.Entry) error
	// Plan reads one.
	Plan(ctx context.Context, id fleet.PlanID) (plan.Plan, error)
	// Begin moves draft to applying, once: KindConflict when the plan is not a draft any more, or
	// when another plan of the same PBX is applying or unknown.
	Begin(ctx context.Context, id fleet.PlanID, at time.Time, reason string, e audit.Entry) error
	// Finish stores an open plan's new status and outcome. wrote is non-nil when the cloud was seen
	// to hold plan.After: it becomes (or completes) the plan's own snapshot.
	// KindConflict when somebody else has finished it meanwhile.
	Finish(ctx context.Context, p plan.Plan, wrote *plan.Written, e audit.Entry) error
}

// OpenPlans tells which plans stand in the way of others.
type OpenPlans interface {
	// OpenPlans lists the plans whose write may be under way: applying or unknown.
	OpenPlans(ctx context.Context) ([]plan.Plan, error)
	// Undone is the undo that was the last write to a PBX, or the zero Undone.
	Undone(ctx context.Context, id fleet.PBXID) (fleet.Undone, error)
	// DiscardPlan makes a draft void, with its audit entry.
	DiscardPlan(ctx context.Context, id fleet.PlanID, e audit.Entry) error
}

// Directory is what our record says about numbers, trunks and snapshots: names for people, and
// the marks that people made.
type Directory interface {
	Numbers(ctx context.Context, ids []fleet.DIDID) (map[fleet.DIDID]fleet.NumberRow, error)
	SetAt(ctx context.Context, id fleet.SnapshotID) (fleet.Snapshot, fleet.BindingSet, error)
	// HeadersAt are the custom SIP header values of a snapshot, unknown unless our own plans wrote them.
	HeadersAt(ctx context.Context, id fleet.SnapshotID) (fleet.Headers, error)
	// Remember keeps fresh reads of numbers and trunks.
	Remember(ctx context.Context, dids []fleet.DID, trunks []fleet.Trunk) error
}
