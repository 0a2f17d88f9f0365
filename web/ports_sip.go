package web

import (
	"context"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
)

// PBXTrunks reads PBXs' own trunks, live, whichever way each PBX is reached. Errors say which way failed,
// and whether the other one may help.
type PBXTrunks interface {
	SIPTrunks(ctx context.Context, id fleet.PBXID) ([]sip.Row, error)
	SIPTrunk(ctx context.Context, id fleet.PBXID, trunk sip.TrunkID) (sip.Trunk, error)
	// Extensions and Groups are what outbound caller IDs can be given to, completely or not at all.
	Extensions(ctx context.Context, id fleet.PBXID) ([]sip.Extension, error)
	Groups(ctx context.Context, id fleet.PBXID) ([]sip.Group, error)
}

// Access keeps how each PBX's own API is reached.
type Access interface {
	Access(ctx context.Context, id fleet.PBXID) (sip.Access, error)
	// SetAccess stores it, audited. An empty secret keeps the stored one, but not for another address or client id.
	// Field errors are of kind invalid.
	SetAccess(ctx context.Context, by audit.By, a sip.Access, secret string) error
	// TestAccess asks the PBX who it is, on the stored way, and lifts the stop after refused sign-ins for that one
	// call. It answers with the sentence for the person.
	TestAccess(ctx context.Context, id fleet.PBXID) (string, error)
}

// SIPBook keeps what was read of PBXs' own trunks, and their plans.
type SIPBook interface {
	// KeepSIPList keeps a PBX's complete list, which searches find; settings are those of its trunks that were read whole.
	KeepSIPList(ctx context.Context, id fleet.PBXID, rows []sip.Row, settings []sip.Trunk, at time.Time) error
	KeepSIPTrunk(ctx context.Context, id fleet.PBXID, t sip.Trunk, at time.Time, after fleet.PlanID) error
	// SIPReading is the newest reading with a print, or the newest of all without one. KindNotFound when there is none.
	SIPReading(ctx context.Context, id fleet.PBXID, trunk sip.TrunkID, print string) (sip.Reading, error)
	// SIPReadings are the last readings that differ, newest first.
	SIPReadings(ctx context.Context, id fleet.PBXID, trunk sip.TrunkID, limit int) ([]sip.Reading, error)
	// LastSIPReadings are the newest readings of all trunks of a PBX that were ever read.
	LastSIPReadings(ctx context.Context, id fleet.PBXID) ([]sip.Reading, error)
	TrunkPlans(ctx context.Context, id fleet.PBXID, trunk sip.TrunkID, limit int) ([]plan.Plan, error)
}
