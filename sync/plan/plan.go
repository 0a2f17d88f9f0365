package plan

import (
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
)

// Status is where a plan stands.
type Status string

// A plan is a draft until it is confirmed, expires or is overtaken; it is confirmed once.
const (
	Draft    Status = "draft"
	Applying Status = "applying" // intent stored; the write may or may not have gone out
	Applied  Status = "applied"  // read back: the cloud did what was asked
	Diverged Status = "diverged" // read back: the cloud holds something else
	Failed   Status = "failed"   // read back, or refused: nothing changed
	Stale    Status = "stale"    // the base had moved; nothing was sent
	Unknown  Status = "unknown"  // sent, fate not known; a read settles it
	Void     Status = "void"     // its PBX is gone, or the record was restored from a backup
	Expired  Status = "expired"
)

// Open reports whether a plan in this status may have a write under way.
func (s Status) Open() bool { return s == Applying || s == Unknown }

// Kind says what a plan changes.
type Kind string

// KindBindings is a plan for the DID bindings of one PBX.
const KindBindings Kind = "bindings"

// Plan is a stored, reviewable change of one PBX: of its bindings, or with Edit of one of its trunks.
type Plan struct {
	ID        fleet.PlanID
	PBX       fleet.PBXID
	PBXName   string
	Kind      Kind
	Status    Status
	Author    string
	CreatedAt time.Time
	ExpiresAt time.Time

	Base    string // fingerprint of what was known when the plan was made
	Before  fleet.BindingSet
	After   fleet.BindingSet
	Headers HeaderChange
	Stated  []fleet.Binding // pairs of Before on the operator's word alone: on another trunk they would end
	Unclear []fleet.Unclear // the DIDs whose trunk was not known: what Before says of them is a word, not a proof
	Clear   bool            // removes every binding: the only way to an empty After
	UndoTo  fleet.SnapshotID

	Edit *Edit // of a plan of KindTrunk, which has nothing of the above but its base; else nil

	Steps   []Step
	Skipped []Skipped
	Risk    Risk

	Job     string    // the job that carries it out, and nobody else; empty for a person's own
	Decided time.Time // when a person decided on that job

	Reason  string    // what the person gave on confirming
	SentAt  time.Time // when it was confirmed; zero for a draft
	Outcome Outcome
}

// Known is what was known of the pairs when the plan was made.
func (p Plan) Known() fleet.Known {
	certain := p.Before.Certain()
	for _, u := range p.Unclear {
		for _, t := range certain.TrunksOf(u.DID) {
			certain = certain.Without(fleet.Binding{Trunk: t, DID: u.DID})
		}
	}
	return fleet.Known{Set: certain, Unclear: p.Unclear}
}

// HeaderChange is what happens to the PBX's custom SIP headers. Send is false below
// [fleet.FirmwareSIPHeaders], where the vendor takes none.
type HeaderChange struct {
	Send   bool
	Before fleet.Headers
	After  fleet.Headers
}

// Verb is what a step does to one number.
type Verb string

// The verbs in the order in which people should read them.
const (
	Unbind Verb = "unbind"
	Move   Verb = "move" // the same number on another trunk of the same PBX
	Bind   Verb = "bind"
	Keep   Verb = "keep"
)

// Step is what the plan does to one (trunk, DID) pair.
type Step struct {
	Verb      Verb
	Trunk     fleet.TrunkID
	From      fleet.TrunkID // for Move: the trunk it leaves
	DID       fleet.DIDID
	Number    string
	TrunkName string
}

// Skipped is a number that an undo can't bring back, and why.
type Skipped struct {
	Number string
	Reason string
}

// Result is how an applied plan ended, as the audit log says it.
type Result string

// The results of interfaces.md.
const (
	Succeeded     Result = "succeeded"
	ResultDiverge Result = "diverged"
	ResultFailed  Result = "failed"
	ResultRefused Result = "refused"
	ResultUnknown Result = "unknown"
)

// Outcome is how a plan ended. The zero value is "not yet".
type Outcome struct {
	Result          Result
	Sentence        string
	VendorCode      int
	VendorRequestID string
	Refused         bool         // the vendor itself said no: it does not come to apply it later
	VerifiedAt      time.Time    // when a read confirmed it; zero = no read did
	Moved           []Step       // for Stale and Diverged: what is there against what was expected
	Differs         []sip.Change // the same for a trunk
	Line            *Line        // how the trunk stood afterwards; nil where there is nothing to follow
}

// Written says that the cloud was read to hold a plan's result.
type Written struct {
	At      time.Time // vendor's clock
	Headers fleet.Headers
}

// Filter narrows the list of plans. Empty fields don't narrow.
type Filter struct {
	PBX    fleet.PBXID
	Status Status
	Page   fleet.PageRequest
}
