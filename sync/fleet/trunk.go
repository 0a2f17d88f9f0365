package fleet

import "time"

// Registered is how a shared trunk stands with its provider, in one word.
type Registered string

// The states of contract §5.1. Yeastar may have more: a word that is none of these is kept as it
// came.
const (
	RegisteredYes     Registered = "registered"
	RegisteredTrying  Registered = "registering"
	RegisteredFailed  Registered = "failed"
	RegisteredUnknown Registered = "" // never read
)

// FailReason is why a registration failed.
type FailReason string

// The reasons of contract §5.1. A word that is none of these is kept as it came.
const (
	FailAuth    FailReason = "auth"    // the provider refuses the trunk's name and password
	FailTimeout FailReason = "timeout" // the provider does not answer
	FailError   FailReason = "error"   // anything else
)

// Registration is what is known of a trunk's standing with its provider, and since when.
type Registration struct {
	State   Registered
	Reason  FailReason // only when it failed
	At      time.Time  // when State was read; zero = no reading ever worked
	AskedAt time.Time  // when it was last asked for; zero = never
	Trouble string     // why the last reading failed, in words; empty when it worked
}

// TrunkTally counts what a shared trunk carries.
type TrunkTally struct {
	Numbers   int // on the trunk, those that YCM no longer lists left out
	Used      int // of them, those that some PBX has, over this trunk or another
	Protected int
	PBXs      int // PBXs that have numbers over this trunk
}

// Free is how many numbers no PBX has.
func (t TrunkTally) Free() int { return t.Numbers - t.Used }

// TrunkRow is a shared trunk as lists show it.
type TrunkRow struct {
	Trunk
	Registration Registration
	Tally        TrunkTally
	ReadAt       time.Time // when YCM last listed it
	DeletedAt    time.Time // when YCM listed it no more; zero while it does
}

// NumberUse narrows a trunk's numbers by who has them.
type NumberUse string

// The ways to narrow; empty takes all.
const (
	AnyUse        NumberUse = ""
	InUse         NumberUse = "in_use"
	FreeUse       NumberUse = "free"
	ProtectedOnly NumberUse = "protected"
)

// TrunkNumberFilter asks for numbers of one trunk. Empty fields don't narrow.
type TrunkNumberFilter struct {
	Trunk TrunkID
	Use   NumberUse
	Q     string // a number in any format, or a part of one
	Page  PageRequest
}

// TrunkNumber is one number of a trunk.
type TrunkNumber struct {
	NumberRow
	Over TrunkID // the trunk over which its PBX has it; 0 when nobody has it, or nobody knows
}

// TrunkPBX is a PBX that has, or had, numbers over a trunk.
type TrunkPBX struct {
	PBXRow
	Pairs int // over this trunk now; 0 = it had some once
}

// DayCount is how many things a day had. Day is its beginning, in UTC.
type DayCount struct {
	Day   time.Time
	Count int
}
