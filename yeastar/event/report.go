package event

import "time"

// The events of a DID-change report (seed 002).
const (
	// DIDChange: numbers were assigned or removed by creating or editing the PBX.
	DIDChange = "did_change"
	// DIDDelete: assigned numbers were deleted from their trunks.
	DIDDelete = "did_delete"
	// TrunkDelete: trunks with assigned numbers were deleted.
	TrunkDelete = "trunk_delete"
	// PCEDelete: the PBX was deleted.
	PCEDelete = "pce_delete"
)

// Kind says what an element of a report is.
type Kind int

// The kinds of element. The zero value is one that nobody documented.
const (
	KindUnknown   Kind = iota
	KindDIDChange      // a DID-change report (seed 002)
	KindCapacity       // a capacity report (contract §6.5), recognised and not read
)

// String gives the kind in words.
func (k Kind) String() string {
	switch k {
	case KindDIDChange:
		return "DID change"
	case KindCapacity:
		return "capacity"
	default:
		return "unknown"
	}
}

// Element is one element of a webhook body: one PBX. Elements stand alone, a bad
// one says so in Err and its neighbours are not touched.
type Element struct {
	// Index is its place in the body, from 0.
	Index int
	Kind  Kind
	// Serial and Event are the element's sn and event as far as they could be
	// read, also when Err is set.
	Serial string
	Event  string
	// Report is set when Kind is KindDIDChange and Err is nil.
	Report *Report
	// Err says why the element cannot be used.
	Err error
}

// Report is the state of one PBX's bindings after a change: the whole list, not a
// delta.
type Report struct {
	// Event is DIDChange, DIDDelete, TrunkDelete or PCEDelete.
	Event string
	// Serial is the PBX's serial number (sn); reports know no cloudPbxId.
	Serial string
	// Bindings is the complete list as sent, in its order, repeats included. It is
	// empty, never nil, when the PBX has none left.
	Bindings []Binding
	// UpdateTime is when it happened at the vendor, in UTC, milliseconds kept.
	UpdateTime time.Time
}

// Binding is one number on one trunk of the PBX.
type Binding struct {
	TrunkID   int64
	DIDID     int64
	Number    string
	TrunkName string
}
