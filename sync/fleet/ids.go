package fleet

import "strconv"

// PBXID is the vendor's cloudPbxId of a Cloud PBX.
type PBXID int64

// DIDID is the vendor's didId. It is not the number a caller dials: see [DID.Number].
type DIDID int64

// TrunkID is the vendor's id of a shared SIP trunk. Trunks are renamed; ids stay.
type TrunkID int64

// HeaderID is the vendor's id of a custom SIP header that a shared trunk defines (seed 000).
type HeaderID int64

// SnapshotID names one row of a PBX's binding history. It is ours, and opaque outside.
type SnapshotID int64

// PassID names one pass over the fleet. It is ours, and opaque outside.
type PassID int64

// PlanID names one stored plan. It is ours: random, opaque, fit for a URL.
type PlanID string

// String is the id in decimal, as it stands in URLs.
func (id PBXID) String() string { return strconv.FormatInt(int64(id), 10) }

// String is the id in decimal, as it stands in URLs.
func (id DIDID) String() string { return strconv.FormatInt(int64(id), 10) }

// String is the id in decimal, as it stands in URLs.
func (id TrunkID) String() string { return strconv.FormatInt(int64(id), 10) }

// String is the id in decimal, as it stands in URLs.
func (id HeaderID) String() string { return strconv.FormatInt(int64(id), 10) }

// String is the id in decimal, as it stands in URLs.
func (id SnapshotID) String() string { return strconv.FormatInt(int64(id), 10) }

// String is the id in decimal, as it stands in URLs.
func (id PassID) String() string { return strconv.FormatInt(int64(id), 10) }
