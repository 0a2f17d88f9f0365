package web

import (
	"context"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/doctor"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/notify"
	"cordboard/sync/plan"
)

// Fleet reads the PBXs.
type Fleet interface {
	PBXs(ctx context.Context, f fleet.PBXFilter, now time.Time, staleAfter time.Duration) (fleet.Page[fleet.PBXRow], error)
	PBX(ctx context.Context, id fleet.PBXID) (fleet.PBXRow, error)
	// SomePBXs reads PBXs by id; those never seen are absent from the answer.
	SomePBXs(ctx context.Context, ids []fleet.PBXID) (map[fleet.PBXID]fleet.PBXRow, error)
	Tally(ctx context.Context, now time.Time, staleAfter time.Duration) (fleet.FleetTally, error)
}

// Ledger reads what is known of bindings, numbers and trunks.
type Ledger interface {
	Known(ctx context.Context, id fleet.PBXID) (fleet.Known, error)
	Numbers(ctx context.Context, ids []fleet.DIDID) (map[fleet.DIDID]fleet.NumberRow, error)
	AllTrunks(ctx context.Context) ([]fleet.Trunk, error)
	SetProtected(ctx context.Context, id fleet.DIDID, on bool, e audit.Entry) error
}

// Drifts reads what moved outside Cordboard, and closes what a person adopts.
type Drifts interface {
	Drifts(ctx context.Context, f fleet.DriftFilter) (fleet.Page[fleet.Drift], error)
	Drift(ctx context.Context, id fleet.DriftID) (fleet.Drift, error)
	// OpenDrift is KindNotFound when the PBX has none.
	OpenDrift(ctx context.Context, id fleet.PBXID) (fleet.Drift, error)
	DriftCounts(ctx context.Context) (map[fleet.DriftState]int, error)
	// DriftDays counts what was found on each of the last days, the oldest first.
	DriftDays(ctx context.Context, now time.Time, days int) ([]fleet.DayCount, error)
	// AdoptDrift refuses with KindConflict when the drift is over, or when the PBX changed after seen.
	AdoptDrift(ctx context.Context, id fleet.DriftID, seen time.Time, e audit.Entry) error
}

// Trunks reads what the shared trunks carry and who uses them.
type Trunks interface {
	Trunks(ctx context.Context) ([]fleet.TrunkRow, error)
	// Trunk answers KindNotFound for one that YCM never listed.
	Trunk(ctx context.Context, id fleet.TrunkID) (fleet.TrunkRow, error)
	TrunkNumbers(ctx context.Context, f fleet.TrunkNumberFilter) (fleet.Page[fleet.TrunkNumber], error)
	TrunkPBXs(ctx context.Context, id fleet.TrunkID, page fleet.PageRequest) (fleet.Page[fleet.TrunkPBX], error)
}

// History reads snapshots.
type History interface {
	Snapshots(ctx context.Context, id fleet.PBXID, page fleet.PageRequest) (fleet.Page[fleet.Snapshot], error)
	Recent(ctx context.Context, limit int) ([]fleet.Snapshot, error)
	SetAt(ctx context.Context, id fleet.SnapshotID) (fleet.Snapshot, fleet.BindingSet, error)
	// HeadersAt are the custom SIP header values of a snapshot, unknown unless our own plans wrote them.
	HeadersAt(ctx context.Context, id fleet.SnapshotID) (fleet.Headers, error)
	// MomentOf is a PBX at a moment; the zero time is now.
	MomentOf(ctx context.Context, id fleet.PBXID, at time.Time) (fleet.Moment, error)
	CountSeries(ctx context.Context, id fleet.PBXID, limit int) ([]fleet.CountPoint, error)
}

// Search finds numbers in any format, and who held them when.
type Search interface {
	FindNumbers(ctx context.Context, text string, when fleet.When, page fleet.PageRequest) (fleet.Page[fleet.Holding], error)
	FindDIDs(ctx context.Context, text string, limit int) ([]fleet.NumberRow, error)
	// Whereabouts answers a list of numbers, in its order.
	Whereabouts(ctx context.Context, lines []string, when fleet.When, each int) ([]fleet.Whereabouts, error)
}

// Plans reads plans.
type Plans interface {
	Plan(ctx context.Context, id fleet.PlanID) (plan.Plan, error)
	Plans(ctx context.Context, f plan.Filter) (fleet.Page[plan.Plan], error)
	PlanCounts(ctx context.Context) (map[plan.Status]int, error)
	DiscardPlan(ctx context.Context, id fleet.PlanID, e audit.Entry) error
	// Undone is the undo that was the last write to a PBX, or the zero Undone.
	Undone(ctx context.Context, id fleet.PBXID) (fleet.Undone, error)
}

// JobBook reads jobs.
type JobBook interface {
	Job(ctx context.Context, id job.ID) (job.Job, error)
	Jobs(ctx context.Context, f job.Filter) (fleet.Page[job.Job], error)
	JobCounts(ctx context.Context) (map[job.State]int, error)
}

// Inbox reads deliveries.
type Inbox interface {
	Deliveries(ctx context.Context, state fleet.DeliveryState, page fleet.PageRequest) (fleet.Page[fleet.Delivery], error)
	Delivery(ctx context.Context, id int64) (fleet.Delivery, []byte, error)
	InboxHealth(ctx context.Context) (fleet.InboxHealth, error)
	// DeliveryDays counts what arrived on each of the last days, the oldest first.
	DeliveryDays(ctx context.Context, now time.Time, days int) ([]fleet.DayCount, error)
	DeliveryCounts(ctx context.Context) (map[fleet.DeliveryState]int, error)
}

// Passes reads what passes over the fleet did.
type Passes interface {
	Passes(ctx context.Context, page fleet.PageRequest) (fleet.Page[fleet.Pass], error)
	// Pass has what it found.
	Pass(ctx context.Context, id fleet.PassID) (fleet.Pass, error)
}

// Notices reads what people were told.
type Notices interface {
	Notices(ctx context.Context, limit int) ([]notify.Notice, error)
	MessagesOf(ctx context.Context, notice int64) ([]notify.Posted, error)
	// LastTest is the newest test of a channel, or nothing.
	LastTest(ctx context.Context, c notify.Channel) ([]notify.Posted, error)
}

// Record reads and extends the audit log.
type Record interface {
	Audit(ctx context.Context, f audit.Filter) (fleet.Page[audit.Entry], error)
	// AuditEntry answers KindNotFound for a row that is not there.
	AuditEntry(ctx context.Context, seq int64) (audit.Entry, error)
	// CountAudit counts the rows of a filter up to the newest of this moment, which it tells too.
	CountAudit(ctx context.Context, f audit.Filter) (int, audit.Head, error)
	// AuditHead is the newest row; zero when there is none.
	AuditHead(ctx context.Context) (audit.Head, error)
	// AuditNames are everybody who ever did something, and every act that was ever done.
	AuditNames(ctx context.Context) (actors, actions []string, err error)
	AppendAudit(ctx context.Context, e audit.Entry) error
	// Restored is the last time at which the record was restored from a copy; KindNotFound for never.
	Restored(ctx context.Context) (fleet.Restore, error)
}

// Picker lists the numbers that a trunk has free for a PBX, straight from the cloud.
type Picker interface {
	Usable(ctx context.Context, id fleet.PBXID, on fleet.TrunkID) ([]fleet.DID, error)
	Trouble() string
}

// Line is the sign-in at Yeastar.
type Line interface {
	// Stopped is since when nothing is sent because sign-ins were refused, and what Yeastar said.
	Stopped() (since time.Time, why string)
	// TryAgain makes one attempt. KindDenied when it is refused.
	TryAgain(ctx context.Context) error
	// ClockOffset is Yeastar's clock minus ours; 0 below two seconds.
	ClockOffset() time.Duration
}

// Addresses tells which PBX has an address, straight from the cloud. KindNotFound: it is free.
type Addresses interface {
	AtURL(ctx context.Context, url string) (fleet.PBXDetail, error)
}

// Doctor gathers what is known of this installation.
type Doctor interface {
	Examine(ctx context.Context) (doctor.Facts, error)
}
