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
	// UpsertPBXs stores a listing and answers the serials that were not known before. PBXs that
	// are absent from a complete one are marked missing, never gone: only a direct read says that.
	UpsertPBXs(ctx context.Context, list []fleet.PBX, at time.Time, complete bool) (fresh []string, err error)
	UpsertTrunks(ctx context.Context, list []fleet.Trunk, at time.Time, complete bool) error
	UpsertDIDs(ctx context.Context, list []fleet.DID, at time.Time, complete bool) error
	// PBXIDs are the PBXs to look at, the longest unverified first.
	PBXIDs(ctx context.Context) ([]fleet.PBXID, error)
}

// Observer looks at one PBX and brings the ledger up to date.
type Observer interface {
	Look(ctx context.Context, id fleet.PBXID) (fleet.Known, fleet.Observation, error)
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
}
