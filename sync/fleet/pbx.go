package fleet

import "time"

// PBX is one Cloud PBX as YCM lists it (contract §3.3).
type PBX struct {
	ID       PBXID
	Serial   string // sn; empty until YCM has given one to a new PBX
	Name     string
	URL      string // subDomain.domain
	Region   string // a name, not an id: YCM's reads give nothing else
	Firmware Firmware
	Status   PBXStatus
}

// PBXStatus is the vendor's pbxStatus: whether the PBX runs, not whether we know its bindings.
type PBXStatus string

// The statuses of contract §3.3.
const (
	StatusStopped      PBXStatus = "Stopped"
	StatusStarting     PBXStatus = "Starting"
	StatusRunning      PBXStatus = "Running"
	StatusUpgrading    PBXStatus = "Upgrading"
	StatusRestoring    PBXStatus = "Restoring"
	StatusProvisioning PBXStatus = "Provisioning"
)

// SyncState says in one word how our record of a PBX's bindings stands to the cloud.
type SyncState string

// The five states, from "all is well" to "there is nothing left to know".
const (
	InSync  SyncState = "in_sync"
	Drifted SyncState = "drifted"
	Stale   SyncState = "stale"
	Unknown SyncState = "unknown"
	Gone    SyncState = "gone"
)

// Standing is what the ledger remembers about its own knowledge of one PBX: enough to name the
// sync state, and nothing that needs a read.
type Standing struct {
	Certainty  Certainty
	VerifiedAt time.Time // last moment at which the cloud confirmed our bindings; zero = never
	ChangedAt  time.Time // time of the newest snapshot; zero = none
	GoneAt     time.Time // when the vendor said the PBX was deleted; zero = it was not
	DriftAt    time.Time // since when a change made outside waits for a person; zero = none
	DriftNote  string    // what moved, in words
	TroubleAt  time.Time // since when reads fail; zero = the last one worked
	Trouble    string    // what the failed read said
	OpenPlan   PlanID    // a plan whose fate is unknown, or empty
	Awaiting   bool      // a report (an empty list, an equal time) waits for the read that decides
}

// reported is how much later than the last read a snapshot must be to come from a report: what a read
// found is kept within microseconds of it.
const reported = time.Millisecond

// Truth is the moment up to which the bindings are known, and by what: a read of the cloud
// ([FromReconcile], be it a pass, a look or the reading back of a plan), or a report that is younger than the last
// read ([FromWebhook]). The zero time is "never", and comes without a source.
func (s Standing) Truth() (time.Time, Source) {
	switch {
	case s.VerifiedAt.IsZero() && s.ChangedAt.IsZero():
		return time.Time{}, ""
	case s.ChangedAt.Sub(s.VerifiedAt) > reported:
		return s.ChangedAt, FromWebhook
	}
	return s.VerifiedAt, FromReconcile
}

// Sync is one state, one sentence, one age.
type Sync struct {
	State      SyncState
	Sentence   string
	Since      time.Time // when the state began; zero when nobody knows
	VerifiedAt time.Time // the age of the truth; zero = never verified
}

// Judge names the state of a PBX at now. Knowledge older than staleAfter is Stale; the order of
// the cases is the order of how much they should worry a person.
func Judge(s Standing, now time.Time, staleAfter time.Duration) Sync {
	sync := Sync{VerifiedAt: s.VerifiedAt}
	switch {
	case !s.GoneAt.IsZero():
		sync.State, sync.Since = Gone, s.GoneAt
		sync.Sentence = "Yeastar says that this PBX does not exist any more. Its history stays."
		if s.Awaiting {
			sync.Sentence = "Yeastar says that this PBX does not exist any more, yet a later report speaks of it. Look at it in YCM."
		}
	case s.OpenPlan != "":
		sync.State = Unknown
		sync.Sentence = "A plan was sent and its fate is not known yet. Nothing else is written until it is settled."
	case !s.DriftAt.IsZero():
		sync.State, sync.Since = Drifted, s.DriftAt
		sync.Sentence = s.DriftNote
	case !s.TroubleAt.IsZero():
		sync.State, sync.Since = Unknown, s.TroubleAt
		sync.Sentence = "The last read failed: " + s.Trouble
	case s.Certainty == CertaintyAmbiguous:
		sync.State, sync.Since = Unknown, s.ChangedAt
		sync.Sentence = "Some numbers could sit on more than one trunk. Say which, or wait for Yeastar's next report."
	case s.Certainty != CertaintyExact:
		sync.State = Unknown
		sync.Sentence = "Its bindings were not read yet."
	case s.Awaiting:
		sync.State, sync.Since = Unknown, s.ChangedAt
		sync.Sentence = "A report needs a confirming read before it is believed."
	case s.VerifiedAt.IsZero():
		sync.State, sync.Since = Stale, s.ChangedAt
		sync.Sentence = "Not read since this was known."
	case now.Sub(s.VerifiedAt) > staleAfter:
		sync.State, sync.Since = Stale, s.VerifiedAt.Add(staleAfter)
		sync.Sentence = "Not verified for longer than it should be."
	default:
		sync.State, sync.Since = InSync, s.ChangedAt
		sync.Sentence = "Our record and Yeastar agree."
	}
	return sync
}
