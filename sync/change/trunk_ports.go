package change

import (
	"context"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
)

// PBXAPI is the PBXs' own API, whichever way each is reached.
type PBXAPI interface {
	// SIPTrunks lists a PBX's trunks with their status, completely or not at all.
	SIPTrunks(ctx context.Context, id fleet.PBXID) ([]sip.Row, error)
	// SIPTrunk reads one trunk whole. KindNotFound when the PBX has no such trunk.
	SIPTrunk(ctx context.Context, id fleet.PBXID, trunk sip.TrunkID) (sip.Trunk, error)
	// UpdateSIPTrunk sends a patch, once; password only when the patch says so. Errors tell the fate as those of
	// [Writer] do; a partial success, or one that is still being processed, is of unknown fate.
	UpdateSIPTrunk(ctx context.Context, id fleet.PBXID, trunk sip.TrunkID, patch sip.Patch, password string) (fleet.Receipt, error)
}

// Sealer keeps new passwords unreadable between draft and confirmation.
type Sealer interface {
	Seal(name string, plain []byte) []byte
	Open(name string, sealed []byte) ([]byte, error)
	// Mark tells equal secrets from different ones, and nothing else about them.
	Mark(name string, plain []byte) string
}

// EditBook keeps what trunk plans need beside the [Journal].
type EditBook interface {
	// PBX is our record's row of a PBX.
	PBX(ctx context.Context, id fleet.PBXID) (fleet.PBXRow, error)
	// SaveEdit stores a draft of kind trunk, with the sealed new password, if any, which ends with the plan.
	SaveEdit(ctx context.Context, p plan.Plan, password []byte, e audit.Entry) error
	// EditPassword is what SaveEdit was given; nil = none.
	EditPassword(ctx context.Context, id fleet.PlanID) ([]byte, error)
	// KeepSIPTrunk keeps a reading of a trunk, unless the last one was the same. plan is the plan after which it was
	// read, or empty.
	KeepSIPTrunk(ctx context.Context, id fleet.PBXID, t sip.Trunk, at time.Time, after fleet.PlanID) error
	// FollowedEdits are the applied plans whose trunk nobody has seen settle yet.
	FollowedEdits(ctx context.Context) ([]plan.Plan, error)
	// NoteLine stores how the trunk of an applied plan stands.
	NoteLine(ctx context.Context, id fleet.PlanID, line plan.Line) error
}
