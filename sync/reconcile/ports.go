package reconcile

import (
	"context"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// Cloud lists what the account has. Every listing is complete, or it is an error.
type Cloud interface {
	ListPBXs(ctx context.Context) ([]fleet.PBX, error)
	ListTrunks(ctx context.Context) ([]fleet.Trunk, error)
	// WalkDIDs hands all numbers to visit, page by page. They are complete only when it ends without
	// an error, since begin was called last: a list that moves is read again.
	WalkDIDs(ctx context.Context, begin func(), visit func([]fleet.DID) error) error
	// CountDIDs is how many numbers there are, by one call.
	CountDIDs(ctx context.Context) (int, error)
}

// Catalogue keeps the listings.
type Catalogue interface {
	// KeepPBXs stores a complete listing and answers the serials that were not known before. PBXs
	// that are absent from it are marked missing, never gone: only a direct read says that.
	KeepPBXs(ctx context.Context, list []fleet.PBX, at time.Time) (fresh []string, err error)
	KeepTrunks(ctx context.Context, list []fleet.Trunk, at time.Time) error
}

// Numbers keeps the list of numbers, which may be very long.
type Numbers interface {
	// ChangedDIDs are those of a read that say something new.
	ChangedDIDs(ctx context.Context, read []fleet.DID, began time.Time) ([]fleet.DID, error)
	// KeepDIDs keeps what a complete list said anew, and marks deleted what it lacks.
	KeepDIDs(ctx context.Context, changed []fleet.DID, all []fleet.DIDID, began time.Time) error
	// NumbersListed is how many numbers the last complete list had, and when; zero when there was none.
	NumbersListed(ctx context.Context) (total int, at time.Time, err error)
}

// Observer looks at one PBX and brings the ledger up to date.
type Observer interface {
	// Glance is as cheap as it can be, and leaves the touch of an unchanged PBX to the caller.
	Glance(ctx context.Context, id fleet.PBXID) (fleet.Glance, error)
	// Sweep is a whole look. It answers whether history moved: the reading differed from the record
	// and became a snapshot.
	Sweep(ctx context.Context, id fleet.PBXID) (moved bool, err error)
}

// Ledger is our record as a pass needs it.
type Ledger interface {
	// Watched are the PBXs to look at; those with a plan under way are left out.
	Watched(ctx context.Context) ([]fleet.Watched, error)
	// Touch keeps what glances saw, and answers with the PBXs that a report or a look overtook.
	Touch(ctx context.Context, touches []fleet.Touch) (overtaken []fleet.PBXID, err error)
	PBX(ctx context.Context, id fleet.PBXID) (fleet.PBXRow, error)
}

// Book remembers passes.
type Book interface {
	// BeginPass stores a pass before its first call and gives it its id; e is nil when no person
	// asked for it.
	BeginPass(ctx context.Context, p fleet.Pass, e *audit.Entry) (fleet.Pass, error)
	// KeepPass stores how far it is.
	KeepPass(ctx context.Context, p fleet.Pass) error
	// EndPass stores how it ended, and answers with what only the record knows.
	EndPass(ctx context.Context, p fleet.Pass) (fleet.Pass, error)
}
