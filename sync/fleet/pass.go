package fleet

import "time"

// PassWhy says what made a pass run.
type PassWhy string

// The reasons.
const (
	PassSchedule PassWhy = "schedule"
	PassAsked    PassWhy = "asked"   // by a person, on a page or by API
	PassCommand  PassWhy = "command" // by somebody at a terminal
)

// Pass is one pass over the fleet: why it ran, how far it is, how it ended.
type Pass struct {
	ID         PassID
	Why        PassWhy
	Who        string // empty when the schedule wanted it
	StartedAt  time.Time
	FinishedAt time.Time // zero while it runs
	BeatAt     time.Time // when it last gave a sign of life
	Doing      string    // what a pass that runs does now, in words
	Complete   bool
	StoppedBy  string // why an incomplete pass stopped, in words

	PBXs      int // to be looked at
	Verified  int // that show what was known, or were read anew
	Drifted   int // that had drifted when the pass ended
	Unknown   int // that could not be read
	Snapshots int // what reads found that no report had told

	Findings []PassFinding // in lists left out
	More     int           // findings beyond those that are kept
}

// Looked is how many PBXs were looked at.
func (p Pass) Looked() int { return p.Verified + p.Unknown }

// PassFinding is what a pass found out about one PBX.
type PassFinding struct {
	PBX      PBXID           `json:"pbx_id"`
	Name     string          `json:"name"`
	Kind     PassFindingKind `json:"kind"`
	Sentence string          `json:"sentence"`
}

// PassFindingKind sorts findings.
type PassFindingKind string

// A PBX whose record moved, and one that could not be read.
const (
	FoundMoved  PassFindingKind = "moved"
	FoundFailed PassFindingKind = "failed"
)

// Watched is a PBX that a pass may look at.
type Watched struct {
	ID       PBXID
	Name     string
	Missing  bool // the last listing lacked it
	Standing Standing
}

// Face is the side of a PBX that a pass holds a glance against.
type Face struct {
	Known Known
	Touch Touch // what is to be kept when the glance shows nothing new; its time is the glance's
	// Calm says that such a glance changes nothing but the age: no question is open, no read has
	// failed since, and the PBX was verified before.
	Calm bool
}

// Touch says that a PBX showed at some time what the ledger knew of it. It counts only as long as
// the newest snapshot is still the one that the glance was held against.
type Touch struct {
	PBX         PBXID
	Head        SnapshotID
	Fingerprint string
	At          time.Time // on the vendor's clock
}

// Glance is what a glance at one PBX came to: something to keep, or whether history moved.
type Glance struct {
	Touch *Touch // nil: the ledger is up to date already
	Moved bool   // the reading became a snapshot
}
