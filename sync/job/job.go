package job

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"time"

	"cordboard/sync/fleet"
)

// ID names a job. It is opaque.
type ID string

// NewID is an id for a job whose audit entries name it before it is stored.
func NewID() ID { return ID(strings.ToLower(rand.Text()[:16])) }

// Kind says what a job does.
type Kind string

// The kinds of jobs.
const (
	MoveNumbers  Kind = "move_numbers"  // numbers from one PBX to another: release, verify, claim, verify
	BulkBindings Kind = "bulk_bindings" // one plan per PBX, made from a spreadsheet
	EditTrunks   Kind = "edit_trunks"   // one change to SIP trunks of many PBXs
	CreatePBXs   Kind = "create_pbxs"   // one job per PBX of a file
	CreatePBX    Kind = "create_pbx"    // create, start, bind, activate (seed 001)
	ChangePBX    Kind = "change_pbx"    // one act of a PBX's life: edit, resize, start, stop, delete
)

// State is where a job stands.
type State string

// A job is running until it ends in one of the others.
const (
	Running        State = "running"
	Done           State = "done"            // everything it was asked for is true
	Failed         State = "failed"          // it ended, and says what is true instead
	NeedsAttention State = "needs_attention" // a person must decide; then it can go on
)

// Job is a stored piece of work.
type Job struct {
	ID        ID
	Kind      Kind
	State     State
	Key       string // two jobs with the same key are the same job; never empty
	Title     string // what it does, in one line for people
	Sentence  string // how it stands, in one sentence
	Author    string
	IP        string
	PBX       fleet.PBXID // the PBX that it is about; 0 = several, or none yet
	CreatedAt time.Time
	EndedAt   time.Time // zero while it runs
	Steps     []Step
	Doc       json.RawMessage // what its kind must remember between steps; never a secret
}

// StepState is where one step of a job stands.
type StepState string

// The states of a step.
const (
	StepWaiting   StepState = "waiting"
	StepRunning   StepState = "running"
	StepDone      StepState = "done"
	StepFailed    StepState = "failed"
	StepSkipped   StepState = "skipped"
	StepAttention StepState = "needs_attention"
)

// Step is one step of a job, as people see it.
type Step struct {
	Name     string       `json:"name"`
	State    StepState    `json:"state"`
	Sentence string       `json:"sentence,omitempty"`
	PBX      fleet.PBXID  `json:"pbx_id,omitempty"`
	Plan     fleet.PlanID `json:"plan_id,omitempty"` // the plan that this step confirmed
	Job      ID           `json:"job_id,omitempty"`  // the job that this step began
}

// Filter narrows the list of jobs. Empty fields don't narrow.
type Filter struct {
	Kind  Kind
	State State
	Page  fleet.PageRequest
}
