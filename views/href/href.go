package href

import (
	"net/url"
	"strconv"
	"strings"
)

// The fixed pages.
const (
	Home   = "/"
	Login  = "/login"
	Logout = "/logout"
	Setup  = "/setup"
	// LoginCode asks for the second factor.
	LoginCode = "/login/code"
	// Provider leads to the identity provider, which sends back to ProviderBack.
	Provider      = "/login/provider"
	ProviderBack  = "/login/callback"
	Join          = "/join"    // GET invite=key: where an invitation's link leads
	Prove         = "/prove"   // GET next=path: asks who somebody is before a dangerous act
	Theme         = "/theme"   // POST theme=light|dark|auto, next=path
	Palette       = "/palette" // GET q=, answers the fragment views.PaletteResults
	Events        = "/events"  // server-sent events: each message's data is a topic
	Fleet         = "/pbx"
	FleetCSV      = "/pbx.csv"
	TrunkCSV      = "/trunks.csv"
	FleetTrunkCSV = "/trunks/pbx.csv"
	PlansCSV      = "/plans.csv"
	DriftsCSV     = "/drift.csv"
	JobsCSV       = "/jobs.csv"
	PassesCSV     = "/passes.csv"
	WebhooksCSV   = "/webhooks.csv"
	TryAgain      = "/yeastar/sign-in" // POST next=path: one more sign-in at Yeastar after it was stopped
	NewPBX        = "/pbx/new"
	Plans         = "/plans"
	Jobs          = "/jobs"
	Moves         = "/moves"     // POST begins a move
	NewMove       = "/moves/new" // GET from=pbx did=… to=pbx
	Trunks        = "/trunks"
	Numbers       = "/numbers"

	NumbersCSV = "/numbers.csv"
	Drifts     = "/drift"
	Passes     = "/passes"
	Webhooks   = "/webhooks"
	// ReplayAll takes the POST that digests all dead or parked deliveries again.
	ReplayAll = "/webhooks/all/replay"
	Settings  = "/settings"
	Notices   = "/settings/notifications"
	// What admins set, and what is wrong with the installation.
	Yeastar    = "/settings/yeastar"
	Guard      = "/settings/guard"
	Schedule   = "/settings/sync"
	HomeRegion = "/settings/numbers"
	Doctor     = "/settings/doctor"
	// WebhookSetup explains what to enter in YCM's portal.
	WebhookSetup = "/settings/webhook"
	// Account is one's own sign-in, SecondFactor a part of it.
	Account      = "/settings/account"
	SecondFactor = "/settings/account/second-factor"
	Users        = "/settings/users"
	Invites      = "/settings/invitations"
	Tokens       = "/settings/tokens"
	Approval     = "/settings/approval"
	// Backups shows the copies of the database; a POST makes one.
	Backups = "/settings/backup"
	// WebhookSecrets takes the POST that makes one more secret good.
	WebhookSecrets = "/settings/webhook/secrets"
	Audit          = "/audit"
	AuditCSV       = "/audit.csv"
	AuditJSONL     = "/audit.jsonl" // one row a line, as it was sealed
)

// FieldHeaderNone is the form field that names the headers, as trunkId:headerId, that the PBX has no value for.
const FieldHeaderNone = "header_none"

// NewCustomer takes the POST that makes a customer while a PBX is being made.
const NewCustomer = NewPBX + "/customer"

// NewPBXCSV is where several PBXs are made from a file.
const NewPBXCSV = NewPBX + "/csv"

// NewPBXTemplate is the file to begin with.
const NewPBXTemplate = NewPBX + "/template.csv"

// PBX is the overview of one Cloud PBX, by its cloudPbxId.
func PBX(id int64) string { return Fleet + "/" + strconv.FormatInt(id, 10) }

// DIDs is the page on which numbers are bound and unbound.
func DIDs(pbx int64) string { return PBX(pbx) + "/dids" }

// Manage is the page on which the life of a PBX is run.
func Manage(pbx int64) string { return PBX(pbx) + "/manage" }

// PBXAct is one act of a PBX's life: GET reviews it, POST sends it.
func PBXAct(pbx int64, act string) string { return PBX(pbx) + "/" + act }

// CopyPBX is the form of a new PBX, filled with what is known of one that is there.
func CopyPBX(id int64) string { return With(NewPBX, "from", strconv.FormatInt(id, 10)) }

// PBXPlans takes the POST that makes a plan for the bindings of a PBX.
func PBXPlans(pbx int64) string { return PBX(pbx) + "/plans" }

// Drift is one change that somebody else made.
func Drift(id int64) string { return Drifts + "/" + strconv.FormatInt(id, 10) }

// AdoptDrift takes the POST that takes a drift for the truth.
func AdoptDrift(id int64) string { return Drift(id) + "/adopt" }

// RevertDrift takes the POST that makes the plan to put back what was there before a drift.
func RevertDrift(id int64) string { return Drift(id) + "/revert" }

// History is the list of snapshots of a PBX.
func History(pbx int64) string { return PBX(pbx) + "/history" }

// HistoryAt is the history of a PBX at a moment; the empty text is now.
func HistoryAt(pbx int64, at string) string { return With(History(pbx), "at", at) }

// HistoryCSV is the history of a PBX as a file: with at what was bound then, with from and to what lies between.
func HistoryCSV(pbx int64, at, from, to string) string {
	return With(History(pbx)+".csv", "at", at, "from", from, "to", to)
}

// Snapshot is one snapshot with its full list.
func Snapshot(pbx int64, snapshot string) string {
	return History(pbx) + "/" + url.PathEscape(snapshot)
}

// Compare is the difference between two snapshots of a PBX. Empty ids give the history page with nothing chosen.
func Compare(pbx int64, from, to string) string {
	return With(History(pbx), "from", from, "to", to)
}

// Plan is one plan.
func Plan(id string) string { return Plans + "/" + url.PathEscape(id) }

// Confirm takes the POST that carries a plan out.
func Confirm(plan string) string { return Plan(plan) + "/confirm" }

// Discard takes the POST that gives a draft up.
func Discard(plan string) string { return Plan(plan) + "/discard" }

// MoveTo is the review of a move: of DIDs, from a PBX to another; without one (0) it is chosen there.
func MoveTo(from, to int64, dids ...int64) string {
	pairs := []string{"from", strconv.FormatInt(from, 10)}
	if to != 0 {
		pairs = append(pairs, "to", strconv.FormatInt(to, 10))
	}
	for _, did := range dids {
		pairs = append(pairs, "did", strconv.FormatInt(did, 10))
	}
	return With(NewMove, pairs...)
}

// Job is one job.
func Job(id string) string { return Jobs + "/" + url.PathEscape(id) }

// Resume takes the POST that carries on a job that waited for somebody.
func Resume(job string) string { return Job(job) + "/resume" }

// Trunk is the list of the numbers of one shared trunk.
func Trunk(id int64) string { return Trunks + "/" + strconv.FormatInt(id, 10) }

// TrunkPBXs is the list of the PBXs on a shared trunk.
func TrunkPBXs(id int64) string { return Trunk(id) + "/pbxs" }

// TrunkPBXsCSV is the PBXs of a trunk as a file.
func TrunkPBXsCSV(id int64) string { return TrunkPBXs(id) + ".csv" }

// TrunkNumbersCSV is a trunk's numbers as a file.
func TrunkNumbersCSV(id int64) string { return Trunk(id) + "/numbers.csv" }

// Webhook is one delivery of the inbox.
func Webhook(id string) string { return Webhooks + "/" + url.PathEscape(id) }

// Replay takes the POST that digests a stored delivery again.
func Replay(webhook string) string { return Webhook(webhook) + "/replay" }

// WebhookSecretRemove takes the POST that ends a secret of the webhook.
func WebhookSecretRemove(id string) string {
	return WebhookSecrets + "/" + url.PathEscape(id) + "/remove"
}

// NoticeTest takes the POST that tries a channel of notifications.
func NoticeTest(channel string) string { return Notices + "/" + url.PathEscape(channel) + "/test" }

// Protection takes the POST that marks a number as protected, or no longer so.
func Protection(did int64) string {
	return Numbers + "/" + strconv.FormatInt(did, 10) + "/protection"
}

// AuditOf is the audit list of one PBX.
func AuditOf(pbx int64) string {
	return With(Audit, "pbx_id", strconv.FormatInt(pbx, 10))
}

// AuditRow is one row of the record.
func AuditRow(seq int64) string { return Audit + "/" + strconv.FormatInt(seq, 10) }

// Pair is the form value that names one binding, trunkId:didId.
func Pair(trunk, did int64) string {
	return strconv.FormatInt(trunk, 10) + ":" + strconv.FormatInt(did, 10)
}

// HeaderField is the form field of a custom SIP header's value: header.{trunkId}.{headerId}.
func HeaderField(trunk, header int64) string {
	return "header." + strconv.FormatInt(trunk, 10) + "." + strconv.FormatInt(header, 10)
}

// Pass is one pass over the fleet.
func Pass(id string) string { return Passes + "/" + url.PathEscape(id) }

// Bindings go to a spreadsheet and come back.
const (
	BindingsCSV = "/bindings.csv"
	Bulk        = "/bulk"
)

// BulkReview is what a spreadsheet asks for, by the id of its job.
func BulkReview(job string) string { return Bulk + "/" + url.PathEscape(job) }

// BulkApply takes the POST that agrees to the plans of a spreadsheet.
func BulkApply(job string) string { return BulkReview(job) + "/apply" }

// BulkAgain takes the POST that makes the plans again that could not be made, or goes on where it stopped.
func BulkAgain(job string) string { return BulkReview(job) + "/again" }

// BulkGiveUp takes the POST that ends a spreadsheet with nothing more sent.
func BulkGiveUp(job string) string { return BulkReview(job) + "/give-up" }

// With adds query parameters, given as name and value in turn, to a path. Empty values are left out; a name may repeat.
func With(path string, pairs ...string) string {
	var query strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if query.Len() > 0 {
			query.WriteByte('&')
		}
		query.WriteString(url.QueryEscape(pairs[i]))
		query.WriteByte('=')
		query.WriteString(url.QueryEscape(pairs[i+1]))
	}
	if query.Len() == 0 {
		return path
	}
	return path + "?" + query.String()
}

// PBXTrunks is the list of a PBX's own trunks.
func PBXTrunks(pbx int64) string { return PBX(pbx) + "/trunks" }

// PBXTrunk is one of a PBX's own trunks; a POST makes the plan that changes it.
func PBXTrunk(pbx, trunk int64) string { return PBXTrunks(pbx) + "/" + strconv.FormatInt(trunk, 10) }

// Access is the page on which it is said how a PBX's own API is reached; a POST saves it.
func Access(pbx int64) string { return PBX(pbx) + "/api-access" }

// TestAccess takes the POST that tries how a PBX's own API is reached.
func TestAccess(pbx int64) string { return Access(pbx) + "/test" }

// UndoPlan takes the POST that makes the plan back from an applied one.
func UndoPlan(plan string) string { return Plan(plan) + "/undo" }

// FleetTrunks is the list of the PBXs' own trunks; WideEdit the form of one change to many of them.
const (
	FleetTrunks = Trunks + "/pbx"
	WideEdit    = FleetTrunks + "/edit"
)

// WideReview is one change to many trunks, by the id of its job.
func WideReview(job string) string { return WideEdit + "/" + url.PathEscape(job) }

// WideAct takes the POST of one of its acts: "apply", "again", "give-up", "undo".
func WideAct(job, act string) string { return WideReview(job) + "/" + act }
