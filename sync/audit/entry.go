package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
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

// By is who acts, from where.
type By struct {
	Actor string
	IP    string
}

// Cordboard is the actor of what happens without a person.
var Cordboard = By{Actor: "cordboard"}

// Seal puts e behind the row with hash prev: the first row's prev is empty. The time is cut to
// microseconds, which is what the database keeps.
func Seal(seq int64, prev string, e Entry) (Entry, error) {
	e.Seq, e.Prev, e.Hash = seq, prev, ""
	e.At = e.At.UTC().Truncate(time.Microsecond)
	text, err := json.Marshal(e)
	if err != nil {
		return Entry{}, fmt.Errorf("audit.Seal %d: %w", seq, err)
	}
	sum := sha256.Sum256(text)
	e.Hash = hex.EncodeToString(sum[:])
	return e, nil
}

// Check says what is wrong with e as the row behind prev (the zero Entry before the first), or nil.
func Check(prev, e Entry) error {
	if e.Seq != prev.Seq+1 {
		return fmt.Errorf("audit: row %d follows row %d: rows are missing or moved", e.Seq, prev.Seq)
	}
	if e.Prev != prev.Hash {
		return fmt.Errorf("audit: row %d does not continue the chain", e.Seq)
	}
	want, err := Seal(e.Seq, e.Prev, e)
	if err != nil {
		return err
	}
	if want.Hash != e.Hash {
		return fmt.Errorf("audit: row %d was changed", e.Seq)
	}
	return nil
}

// Filter narrows the record. Empty fields don't narrow.
type Filter struct {
	Actor  string
	Action string
	PBX    fleet.PBXID
	From   time.Time
	To     time.Time
	Page   fleet.PageRequest
}
