package reconcile

import (
	"context"
	"time"

	"cordboard/sync/fleet"
)

// Cloud lists what the account has. Every listing is complete, or it is an error.
type Cloud interface {
	ListPBXs(ctx context.Context) ([]fleet.PBX, error)
	ListTrunks(ctx context.Context) ([]fleet.Trunk, error)
	ListDIDs(ctx context.Context) ([]fleet.DID, error)
}

// Catalogue keeps the listings.
type Catalogue interface {
	// KeepPBXs stores a complete listing and answers the serials that were not known before. PBXs
	// that are absent from it are marked missing, never gone: only a direct read says that.
	KeepPBXs(ctx context.Context, list []fleet.PBX, at time.Time) (fresh []string, err error)
	KeepTrunks(ctx context.Context, list []fleet.Trunk, at time.Time) error
	KeepDIDs(ctx context.Context, list []fleet.DID, at time.Time) error
	// Watched are the PBXs to look at, the longest unverified first; those with a plan under way
	// are left out.
	Watched(ctx context.Context) ([]fleet.PBXID, error)
}

// Observer looks at one PBX and brings the ledger up to date. It answers whether history moved: the
// reading differed from the record and became a snapshot.
type Observer interface {
	Look(ctx context.Context, id fleet.PBXID) (moved bool, err error)
}

// Report says what one pass did.
type Report struct {
	ID         string
	StartedAt  time.Time
	FinishedAt time.Time
	Complete   bool
	StoppedBy  string // why an incomplete pass stopped, in words
	PBXs       int
	Verified   int
	Failed     int
	Snapshots  int // what reads found that no report had told
}
