package fleet

import "time"

// Page is one keyset page of a list: its rows, how many there are in all, and where the next
// page begins. Next is empty on the last page; it is opaque outside the database package.
type Page[T any] struct {
	Items []T
	Total int
	Next  string
}

// PageRequest asks for a page. Limit is 1 to 200.
type PageRequest struct {
	After string
	Limit int
}

// PBXFilter narrows the fleet's list. Empty fields don't narrow.
type PBXFilter struct {
	Q      string    // part of a name, URL or serial; or a phone number in any format
	State  SyncState // as [Judge] names it
	Region string
	Status PBXStatus
	Sort   string // "name" (default), "-changed", "-numbers", "verified"; a leading '-' is descending
	Page   PageRequest
}

// PBXRow is one PBX of a list, with what the ledger knows.
type PBXRow struct {
	PBX
	Standing  Standing
	Numbers   int // distinct DIDs bound now
	Snapshots int
	Matched   string // the number that made a search find it, or empty
}

// FleetTally counts the fleet by what a person filters by.
type FleetTally struct {
	PBXs     int
	States   map[SyncState]int
	Statuses map[PBXStatus]int
	Regions  map[string]int
}

// NumberRow is a DID as lists show it.
type NumberRow struct {
	DID
	Protected bool
	OwnerName string
	Deleted   bool     // YCM no longer lists it
	Formers   []Former // numbers that the id meant before, oldest first
}

// DeliveryState is where a webhook delivery stands (interfaces.md).
type DeliveryState string

// The states of a delivery and of each of its elements.
const (
	DeliveryStored    DeliveryState = "stored"    // durable, not looked at yet
	DeliveryDigested  DeliveryState = "digested"  // in history
	DeliveryDuplicate DeliveryState = "duplicate" // history said so already
	DeliveryLate      DeliveryState = "late"      // in history, behind newer ones
	DeliveryParked    DeliveryState = "parked"    // its serial is not known yet
	DeliveryDead      DeliveryState = "dead"      // can't be understood; kept
)

// Delivery is one webhook call, kept byte for byte.
type Delivery struct {
	ID         int64
	ReceivedAt time.Time
	State      DeliveryState
	Error      string
	Size       int
	Elements   []Element
}

// Element is what became of one element of a delivery.
type Element struct {
	Serial   string        `json:"serial"`
	Event    EventKind     `json:"event"`
	State    DeliveryState `json:"state"`
	Error    string        `json:"error,omitempty"`
	Snapshot SnapshotID    `json:"snapshot_id,omitempty"`
	PBX      PBXID         `json:"pbx_id,omitempty"`
}

// RawDelivery is a stored delivery that waits to be digested.
type RawDelivery struct {
	ID         int64
	ReceivedAt time.Time
	Body       []byte
}

// Settled is what became of a delivery.
type Settled struct {
	State    DeliveryState
	Error    string
	Elements []Element
}

// InboxHealth sums up the webhook path.
type InboxHealth struct {
	LastAt  time.Time // zero = none ever came
	Total   int
	Waiting int // stored, parked or dead: what a person may want to look at
	Parked  int
	Dead    int
	Refused int // bad signatures since the start
}

// CountPoint is how many pairs a PBX had from a moment on.
type CountPoint struct {
	At    time.Time
	Count int
}

// Restore says that the record was restored from a copy of itself: what happened in between is not in it.
type Restore struct {
	From time.Time // when the copy was made
	To   time.Time // when it was opened
}
