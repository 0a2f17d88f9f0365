package change

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

// standing is what an act changes about a PBX, as it is or as it shall be. Only what the act is about
// is there.
type standing struct {
	Features  *fleet.PBXFeatures `json:"features,omitempty"`
	Capacity  *fleet.PBXCapacity `json:"capacity,omitempty"`
	Customers []fleet.CustomerID `json:"customers,omitempty"`
	Status    fleet.PBXStatus    `json:"status,omitempty"`
	Bindings  *fleet.BindingSet  `json:"bindings,omitempty"`
	Mail      []fleet.CustomerID `json:"mail,omitempty"`
}

// deed is what the job of an act remembers.
type deed struct {
	Action audit.Action       `json:"action"`
	Name   string             `json:"name"`
	Reason string             `json:"reason,omitempty"`
	Before standing           `json:"before"`
	After  standing           `json:"after"`
	Add    []fleet.CustomerID `json:"add,omitempty"`
	Remove []fleet.CustomerID `json:"remove,omitempty"`
	// SentAt is when the call went out, stored before it does; zero = it is certain that none is on its way.
	SentAt time.Time `json:"sent_at,omitzero"`
	// Answer is what the vendor said to it: empty = the answer was lost, or none came yet.
	Answer  answer `json:"answer,omitempty"`
	Words   string `json:"words,omitempty"` // of a refusal
	Request string `json:"request,omitempty"`
	Again   bool   `json:"again,omitempty"` // a person's to decide: the mail may have gone out
	// StopAt is when a PBX that shall be deleted was told to stop.
	StopAt time.Time `json:"stop_at,omitzero"`
}

// answer is what the vendor said to a call.
type answer string

const (
	answerLost     answer = ""
	answerAccepted answer = "accepted"
	answerRefused  answer = "refused"
)

// View reads a PBX as an edit shows it.
func (l *Lifecycle) View(ctx context.Context, id fleet.PBXID) (View, error) {
	v, err := l.view(ctx, id)
	if err != nil {
		return v, err
	}
	if v.Customers, err = l.d.Reader.CustomersOf(ctx, id); err != nil {
		return v, unsent(err)
	}
	return v, nil
}

// view is View without the customers.
func (l *Lifecycle) view(ctx context.Context, id fleet.PBXID) (v View, err error) {
	if v.Detail, err = l.d.Reader.Detail(ctx, id); err != nil {
		return v, unsent(err)
	}
	stated, err := l.d.Catalogue.Stated(ctx, id)
	if err != nil {
		return v, err
	}
	v.Features = v.Detail.Features().Over(stated)
	sum := sha256.Sum256(document([]any{v.Detail.Features(), v.Detail.PBXCapacity}))
	v.Base = hex.EncodeToString(sum[:8])
	return v, l.keep(ctx, v.Detail)
}

// moved refuses an edit that was made on something else than what is there.
func (v View) moved(base string) error {
	if base == "" || base == v.Base {
		return nil
	}
	return &fleet.Error{Kind: fleet.KindStale, Op: "change", Msg: fmt.Sprintf(
		"Nothing was sent: this PBX was changed after you looked at it. It is called %s now, with %d extensions, %d calls and %d recording minutes. Look again.",
		v.Detail.Name, v.Detail.Extensions, v.Detail.ConcurrentCalls, v.Detail.RecordingMinutes)}
}

// Update changes name and switches. All that the vendor wants every time is sent: what was not said
// is taken from the read, and where no read tells, from what was stated before.
func (l *Lifecycle) Update(ctx context.Context, by audit.By, ask UpdateAsk) (job.Job, error) {
	if fields := fleet.CheckWords(ask.Features); len(fields) > 0 {
		return job.Job{}, fleet.Invalid("change.Update", "Nothing was sent: a switch is on or off.", fields...)
	}
	v, err := l.view(ctx, ask.PBX)
	if err != nil {
		return job.Job{}, err
	}
	if err := v.moved(ask.Base); err != nil {
		return job.Job{}, err
	}
	ask.Features.Name = oneLine(ask.Features.Name)
	f := ask.Features.Over(v.Features)
	fields := fleet.CheckFeatures(f)
	if f.IM == fleet.On && !v.Detail.Firmware.AtLeast(fleet.FirmwareIM) {
		fields = append(fields, fleet.Field{Name: "im", Rule: fmt.Sprintf("Internal chat needs firmware %s or later; this PBX has %s.", fleet.FirmwareIM, v.Detail.Firmware)})
	}
	if f.TrunkAccess != "" && !v.Detail.Firmware.AtLeast(fleet.FirmwareTrunkAccess) {
		fields = append(fields, fleet.Field{Name: "trunkConfigurationAccess", Rule: fmt.Sprintf("It needs firmware %s or later; this PBX has %s.", fleet.FirmwareTrunkAccess, v.Detail.Firmware)})
	}
	if len(fields) > 0 {
		return job.Job{}, fleet.Invalid("change.Update", "Nothing was sent: Yeastar wants the name and four switches every time, and its reads don't tell all of them.", fields...)
	}
	return l.submit(ctx, by, ask.PBX, "Edit "+v.Detail.Name, deed{
		Action: audit.PBXUpdate, Name: v.Detail.Name, Before: standing{Features: &v.Features}, After: standing{Features: &f},
	}, stepSend, stepConfirm)
}

// Resize changes the capacity. The vendor drops what a resize leaves out, so AI minutes that are there
// are sent again, and fewer recording minutes must be meant.
func (l *Lifecycle) Resize(ctx context.Context, by audit.By, ask ResizeAsk) (job.Job, error) {
	after := fleet.PBXCapacity{Extensions: ask.Extensions, ConcurrentCalls: ask.ConcurrentCalls, Recording: ask.Recording, RecordingMinutes: ask.Minutes}
	if ask.Transcription != nil {
		after.Transcription = *ask.Transcription
	}
	fields := fleet.CheckCapacity(after)
	if len(fields) > 0 {
		return job.Job{}, wrongSize(fields)
	}
	v, err := l.view(ctx, ask.PBX)
	if err != nil {
		return job.Job{}, err
	}
	if err := v.moved(ask.Base); err != nil {
		return job.Job{}, err
	}
	was := v.Detail.PBXCapacity
	if ask.Transcription == nil {
		after.Transcription = was.Transcription
	}
	young := v.Detail.Firmware.AtLeast(fleet.FirmwareTranscription)
	switch {
	case ask.Transcription == nil && !v.Detail.ExtraKnown && young:
		fields = append(fields, fleet.Field{Name: "transcriptionCapacity", Rule: "Say it, 0 for none: Yeastar's read does not tell how many extra AI minutes there are, and a resize without them drops them."})
	case after.Transcription > 0 && !young:
		fields = append(fields, fleet.Field{Name: "transcriptionCapacity", Rule: fmt.Sprintf("Extra AI minutes need firmware %s or later; this PBX has %s.", fleet.FirmwareTranscription, v.Detail.Firmware)})
	}
	if after.RecordingMinutes < was.RecordingMinutes && !ask.Lower {
		fields = append(fields, fleet.Field{Name: "recordingCapacity", Rule: fmt.Sprintf("This would lower it from %d minutes. If that is meant, say so with it.", was.RecordingMinutes)})
	}
	if len(fields) > 0 {
		return job.Job{}, wrongSize(fields)
	}
	return l.submit(ctx, by, ask.PBX, "Resize "+v.Detail.Name, deed{
		Action: audit.PBXResize, Name: v.Detail.Name, Before: standing{Capacity: &was}, After: standing{Capacity: &after},
	}, stepSend, stepConfirm)
}

func wrongSize(fields []fleet.Field) error {
	return fleet.Invalid("change.Resize", "Nothing was sent: this capacity can't be set as it was asked for.", fields...)
}

// ChangeCustomers adds and removes customers of a PBX.
func (l *Lifecycle) ChangeCustomers(ctx context.Context, by audit.By, ask CustomersAsk) (job.Job, error) {
	v, err := l.View(ctx, ask.PBX)
	if err != nil {
		return job.Job{}, err
	}
	there, err := l.d.Customers.Customers(ctx)
	if err != nil {
		return job.Job{}, unsent(err)
	}
	after := apply(v.Customers, ask.Add, ask.Remove)
	if fields := wrongCustomers(there, v.Customers, after, ask); len(fields) > 0 {
		return job.Job{}, fleet.Invalid("change.ChangeCustomers", "Nothing was sent: the customers can't be changed like that.", fields...)
	}
	return l.submit(ctx, by, ask.PBX, "Change the customers of "+v.Detail.Name, deed{
		Action: audit.PBXCustomers, Name: v.Detail.Name, Add: ask.Add, Remove: ask.Remove, Before: standing{Customers: v.Customers}, After: standing{Customers: after},
	}, stepSend, stepConfirm)
}

// apply adds and removes, in the order in which the vendor has them.
func apply(list, add, remove []fleet.CustomerID) []fleet.CustomerID {
	out := slices.DeleteFunc(slices.Clone(list), func(id fleet.CustomerID) bool { return slices.Contains(remove, id) })
	for _, id := range add {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func wrongCustomers(there []fleet.Customer, before, after []fleet.CustomerID, ask CustomersAsk) (fields []fleet.Field) {
	wrong := func(name, format string, args ...any) {
		fields = append(fields, fleet.Field{Name: name, Rule: fmt.Sprintf(format, args...)})
	}
	for _, id := range ask.Remove {
		if !slices.Contains(before, id) {
			wrong("remove", "The customer %d is none of this PBX.", id)
		}
		if slices.Contains(ask.Add, id) {
			wrong("add", "The customer %d can't be added and removed.", id)
		}
	}
	switch {
	case len(ask.Add)+len(ask.Remove) == 0:
		wrong("add", "Say whom to add or to remove.")
	case len(after) == 0:
		wrong("remove", "A PBX keeps at least one customer.")
	case len(after) > fleet.MaxCustomers && len(after) > len(before):
		wrong("add", "At most %d customers.", fleet.MaxCustomers)
	}
	for _, id := range ask.Add {
		if !slices.ContainsFunc(there, func(c fleet.Customer) bool { return c.ID == id }) {
			wrong("add", "There is no customer %d.", id)
		}
	}
	return fields
}

// Start starts a PBX that is Stopped.
func (l *Lifecycle) Start(ctx context.Context, by audit.By, id fleet.PBXID) (job.Job, error) {
	v, err := l.view(ctx, id)
	if err != nil {
		return job.Job{}, err
	}
	if v.Detail.Status != fleet.StatusStopped {
		return job.Job{}, refuse("Nothing was sent: %s is %s already.", v.Detail.Name, v.Detail.Status)
	}
	return l.submit(ctx, by, id, "Start "+v.Detail.Name, deed{Action: audit.PBXStart, Name: v.Detail.Name,
		Before: standing{Status: v.Detail.Status}, After: standing{Status: fleet.StatusRunning}}, stepStart, stepRun)
}

// Stop stops a PBX: nobody can call with it until it is started again.
func (l *Lifecycle) Stop(ctx context.Context, by audit.By, id fleet.PBXID, reason string) (job.Job, error) {
	v, err := l.view(ctx, id)
	if err != nil {
		return job.Job{}, err
	}
	if v.Detail.Status == fleet.StatusStopped {
		return job.Job{}, refuse("Nothing was sent: %s is Stopped already.", v.Detail.Name)
	}
	return l.submit(ctx, by, id, "Stop "+v.Detail.Name, deed{Action: audit.PBXStop, Name: v.Detail.Name, Reason: strings.TrimSpace(reason),
		Before: standing{Status: v.Detail.Status}, After: standing{Status: fleet.StatusStopped}}, stepStop, stepStopped)
}

// SendActivation mails the activation to customers of a PBX; nobody named means all of them.
func (l *Lifecycle) SendActivation(ctx context.Context, by audit.By, id fleet.PBXID, to []fleet.CustomerID) (job.Job, error) {
	v, err := l.View(ctx, id)
	if err != nil {
		return job.Job{}, err
	}
	if v.Detail.Activated == fleet.On {
		return job.Job{}, refuse("Nothing was sent: %s is activated already.", v.Detail.Name)
	}
	if len(to) == 0 {
		to = v.Customers
	}
	for _, c := range to {
		if !slices.Contains(v.Customers, c) {
			return job.Job{}, fleet.Invalid("change.SendActivation", "Nothing was sent.", fleet.Field{Name: "customerIds", Rule: fmt.Sprintf("The customer %d is none of this PBX.", c)})
		}
	}
	if len(to) == 0 {
		return job.Job{}, fleet.Invalid("change.SendActivation", "Nothing was sent.", fleet.Field{Name: "customerIds", Rule: "This PBX has no customer."})
	}
	return l.submit(ctx, by, id, "Send the activation mail of "+v.Detail.Name, deed{Action: audit.PBXMail, Name: v.Detail.Name, After: standing{Mail: to}}, stepMail)
}

// submit stores the job of an act. One act of a PBX's life is under way at a time.
func (l *Lifecycle) submit(ctx context.Context, by audit.By, id fleet.PBXID, title string, d deed, steps ...string) (job.Job, error) {
	j := job.Job{Kind: job.ChangePBX, Key: "change_pbx:" + id.String() + ":" + strings.ToLower(rand.Text()[:16]), Title: title, Author: by.Actor, IP: by.IP, PBX: id, Doc: document(d)}
	for _, name := range steps {
		j.Steps = append(j.Steps, job.Step{Name: name, State: job.StepWaiting, PBX: id})
	}
	j, err := l.d.Queue.Submit(ctx, j, audit.Entry{At: l.now(), Actor: by.Actor, IP: by.IP, Action: d.Action, Target: d.Name, PBX: id,
		Outcome: audit.Intended, Reason: d.Reason, Before: document(d.Before), After: document(d.After)})
	if fleet.KindOf(err) == fleet.KindConflict {
		return j, &fleet.Error{Kind: fleet.KindConflict, Op: "change.submit", Err: err,
			Msg: "Nothing was sent: another change of this PBX is under way, or waits for somebody. Look at the jobs."}
	}
	return j, err
}
