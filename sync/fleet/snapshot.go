package fleet

import "time"

// Source says who told us about a snapshot.
type Source string

const (
	// FromWebhook is the vendor's DID-change report (seed 002): exact pairs, exact time.
	FromWebhook Source = "webhook"
	// FromWrite is our own plan, verified by reading back.
	FromWrite Source = "write"
	// FromReconcile is a read that found what no report had said; the change itself happened at
	// some moment before.
	FromReconcile Source = "reconcile"
)

// EventKind is the vendor's word for what made it send a DID-change report (seed 002).
type EventKind string

// The four events of seed 002.
const (
	DIDChange   EventKind = "did_change"
	DIDDelete   EventKind = "did_delete"
	TrunkDelete EventKind = "trunk_delete"
	PCEDelete   EventKind = "pce_delete"
)

// Snapshot is the state of one PBX's bindings from one moment on, and what that moment changed.
type Snapshot struct {
	ID       SnapshotID
	PBX      PBXID
	Source   Source
	Event    EventKind // empty unless a report said it
	VendorAt time.Time // the report's updateTime, to the millisecond; zero when no report told it
	SeenAt   time.Time // when we learnt of it
	// NotBefore is the last moment at which the cloud was known to be as before: the change that a
	// reading found lies between it and SeenAt. Zero when the time is exact, or nothing was known.
	NotBefore time.Time
	Plan      PlanID    // the plan that wrote it, or empty
	Count     int       // pairs bound from this moment on
	Added     []Binding // against the snapshot before it in time
	Removed   []Binding
}

// At is the moment that orders history: the vendor's time, else ours.
func (s Snapshot) At() time.Time {
	if !s.VendorAt.IsZero() {
		return s.VendorAt
	}
	return s.SeenAt
}

// Report is one element of a DID-change webhook, for one PBX: its whole current list, not a
// delta (seed 002).
type Report struct {
	Serial string
	Event  EventKind
	At     time.Time // updateTime
	Set    BindingSet
	Names  []ReportedName // the numbers and trunk names that the report gives for the ids
}

// ReportedName is what a report calls a DID and its trunk.
type ReportedName struct {
	Binding
	Number    string
	TrunkName string
}

// Receipt is what the vendor's answer to a write leaves as evidence.
type Receipt struct {
	RequestID string
	At        time.Time // the vendor's clock when it answered
}

// Undone says that the last write to a PBX took it back to an earlier snapshot. It lasts until
// somebody confirms another plan there; what was decided before it is held back meanwhile.
type Undone struct {
	To   SnapshotID
	Plan PlanID
	By   string
	At   time.Time // when it was confirmed; zero = the last write was no undo
}

// Moment is one PBX at a moment of its history.
type Moment struct {
	At  time.Time
	Set BindingSet // bound then, as recorded
	// Shown is the snapshot that tells Set; its ID is 0 when the moment lies before the record of the
	// PBX begins. Next is the one behind the moment; its ID is 0 when Shown is the newest.
	Shown, Next Snapshot
	// Since is not zero when a read found Next and the moment lies between Since and that read: what
	// Next changed may have been so already.
	Since time.Time
	// Earlier and Later are moments at which the snapshots before and behind Shown begin; zero: none.
	Earlier, Later time.Time
}
