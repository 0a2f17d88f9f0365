package audit

import (
	"encoding/json"
	"time"

	"cordboard/sync/fleet"
)

// Outcome is how an act ended.
type Outcome string

// Intended is written before the act; one of the others after it.
const (
	Intended  Outcome = "intended"
	Succeeded Outcome = "succeeded"
	Diverged  Outcome = "diverged"
	Failed    Outcome = "failed"
	Refused   Outcome = "refused"
	Unknown   Outcome = "unknown"
)

// Action is noun.verb.
type Action string

// The actions that Cordboard records so far.
const (
	PlanCreate     Action = "plan.create"
	PlanConfirm    Action = "plan.confirm"
	PlanDiscard    Action = "plan.discard"
	BindingsUpdate Action = "bindings.update"
	TrunkUpdate    Action = "trunk.update"
	TrunksEdit     Action = "trunks.edit"
	PlanRecover    Action = "plan.recover"
	NumberProtect  Action = "number.protect"
	RecordRestore  Action = "record.restore"
	SettingsUpdate Action = "settings.update"
	NoticeTest     Action = "notice.test"
	DriftAdopt     Action = "drift.adopt"
	DeliveryReplay Action = "delivery.replay"
	JobResume      Action = "job.resume"
	NumbersMove    Action = "numbers.move"
	BulkCreate     Action = "bulk.create"
	BulkApply      Action = "bulk.apply"
	BulkGiveUp     Action = "bulk.give_up"
	PassRun        Action = "pass.run"
	RecordExport   Action = "record.export" // the audit log itself
	KeyRotate      Action = "key.rotate"
	BackupMake     Action = "backup.make"
	ListExport     Action = "list.export"
	AccessRefuse   Action = "access.refuse" // somebody signed in asked for what their role does not allow
	YeastarRetry   Action = "yeastar.sign_in"
	SignIn         Action = "user.sign_in"
	SignOut        Action = "user.sign_out"
	UserCreate     Action = "user.create"
)

// Entry is one row of the record. Seq, Prev and Hash are given by [Seal].
type Entry struct {
	Seq             int64           `json:"seq"`
	At              time.Time       `json:"at"`
	Actor           string          `json:"actor"` // a username, or "cordboard" for what it does by itself
	Action          Action          `json:"action"`
	Target          string          `json:"target"` // in words: "Acme HQ"
	PBX             fleet.PBXID     `json:"pbx_id,omitempty"`
	Plan            fleet.PlanID    `json:"plan_id,omitempty"`
	Outcome         Outcome         `json:"outcome"`
	Reason          string          `json:"reason,omitempty"`
	Before          json.RawMessage `json:"before,omitempty"`
	After           json.RawMessage `json:"after,omitempty"`
	VendorRequestID string          `json:"vendor_request_id,omitempty"`
	IP              string          `json:"ip,omitempty"`
	Prev            string          `json:"prev"`
	Hash            string          `json:"hash"`
}

// Outcomes are all outcomes, those that people look for first.
func Outcomes() []Outcome { return []Outcome{Failed, Refused, Diverged, Unknown, Succeeded, Intended} }

// By is who acts, from where.
type By struct {
	Actor string
	IP    string
}

// Cordboard is the actor of what happens without a person.
var Cordboard = By{Actor: "cordboard"}

// Filter narrows the record. Empty fields don't narrow.
type Filter struct {
	Actor   string
	Action  string
	Outcome Outcome
	PBX     fleet.PBXID
	Text    string // words that all stand somewhere in the row, by their beginnings
	From    time.Time
	To      time.Time
	UpTo    int64 // the newest row that counts; 0: all that there are
	Page    fleet.PageRequest
}

// Narrowed reports whether the filter leaves rows out, whatever the page.
func (f Filter) Narrowed() bool {
	return f.Actor != "" || f.Action != "" || f.Outcome != "" || f.PBX != 0 || f.Text != "" || !f.From.IsZero() || !f.To.IsZero()
}
