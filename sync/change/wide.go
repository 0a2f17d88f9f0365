package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
)

// WideDeps is what a WideEditor works with. Every field is needed.
type WideDeps struct {
	Changer *Changer // with a TrunkEditor
	Journal Journal
	Drafts  Drafts
	Now     func() time.Time
	Log     *slog.Logger
}

// A WideEditor makes one change to many trunks of many PBXs: a plan per trunk, one review, the first alone
// until it is up again, then a few at a time.
type WideEditor struct{ d WideDeps }

// NewWideEditor checks the dependencies.
func NewWideEditor(d WideDeps) (*WideEditor, error) {
	if d.Changer == nil || d.Changer.d.Trunks == nil || d.Journal == nil || d.Drafts == nil || d.Now == nil || d.Log == nil {
		return nil, errors.New("change: a field of WideDeps is nil")
	}
	return &WideEditor{d}, nil
}

// MostTargets bounds one fleet-wide edit.
const MostTargets = 2000

// Target is one trunk of a fleet-wide edit.
type Target struct {
	PBX     fleet.PBXID  `json:"pbx_id"`
	PBXName string       `json:"pbx_name"`
	Trunk   sip.TrunkID  `json:"trunk_id"`
	Name    string       `json:"trunk_name"`
	Host    string       `json:"host,omitempty"` // as it was last read
	Undo    fleet.PlanID `json:"undo,omitempty"` // the plan to take back, instead of the change
}

// WideDoc is what the job of a fleet-wide edit remembers. Its steps are its targets, in their order.
type WideDoc struct {
	Rollout
	Change  sip.Wide `json:"change"`
	UndoOf  job.ID   `json:"undo_of,omitempty"`
	Targets []Target `json:"targets"`
}

// Begin starts the job that makes the plans. Nothing is sent before a person agrees to them.
func (e *WideEditor) Begin(ctx context.Context, by audit.By, jobs *job.Runner, change sip.Wide, targets []Target) (job.Job, error) {
	const op = "change.WideEditor"
	switch {
	case len(targets) == 0:
		return job.Job{}, fleet.Invalid(op, "Choose at least one trunk.", fleet.Field{Name: FieldTargets, Rule: "Choose at least one trunk."})
	case len(targets) > MostTargets:
		return job.Job{}, fleet.Invalid(op, "Too many trunks at once.", fleet.Field{Name: FieldTargets, Rule: fmt.Sprintf("At most %d at once.", MostTargets)})
	case len(change.Names()) == 0:
		return job.Job{}, fleet.Invalid(op, "Nothing would change.", fleet.Field{Name: "hostname", Rule: "Say what shall change."})
	}
	doc := WideDoc{Rollout: Rollout{Phase: Drafting}, Change: change, Targets: targets}
	title := fmt.Sprintf("Change %s of %s", change.Words(), counted(len(targets), "trunk"))
	return e.submit(ctx, by, jobs, "edit_trunks:"+string(job.NewID()), title, doc)
}

// FieldTargets is the field that names the trunks of a fleet-wide edit.
const FieldTargets = "trunk"

// Undo starts the job that takes back what an earlier one changed, reviewed like any other.
func (e *WideEditor) Undo(ctx context.Context, by audit.By, jobs *job.Runner, j job.Job) (job.Job, error) {
	was, err := e.Read(j)
	if err != nil {
		return j, err
	}
	if j.State == job.Running {
		return j, refuse("It is under way: wait until it ends, or until it asks.")
	}
	doc := WideDoc{Rollout: Rollout{Phase: Drafting}, UndoOf: j.ID}
	for i, s := range j.Steps {
		if s.Plan == "" {
			continue
		}
		p, err := e.d.Journal.Plan(ctx, s.Plan)
		if err != nil {
			return j, err
		}
		if p.Status == plan.Applied || p.Status == plan.Diverged {
			t := was.Targets[i]
			t.Undo = s.Plan
			doc.Targets = append(doc.Targets, t)
		}
	}
	if len(doc.Targets) == 0 {
		return j, refuse("Nothing was changed, so there is nothing to undo.")
	}
	return e.submit(ctx, by, jobs, "undo_trunks:"+string(j.ID), fmt.Sprintf("Undo of job %s: %s", j.ID, counted(len(doc.Targets), "trunk")), doc)
}

func (e *WideEditor) submit(ctx context.Context, by audit.By, jobs *job.Runner, key, title string, doc WideDoc) (job.Job, error) {
	j := job.Job{Kind: job.EditTrunks, Key: key, Author: by.Actor, IP: by.IP, Title: title}
	for _, t := range doc.Targets {
		j.Steps = append(j.Steps, job.Step{Name: t.Name + " on " + t.PBXName, State: job.StepWaiting, PBX: t.PBX, Sentence: "Its plan is not made yet."})
	}
	var err error
	if j.Doc, err = encode(doc); err != nil {
		return j, err
	}
	entry := audit.Entry{At: e.d.Now(), Actor: by.Actor, IP: by.IP, Action: audit.TrunksEdit, Target: j.Title, Outcome: audit.Succeeded}
	if entry.After, err = json.Marshal(map[string]any{"change": doc.Change.Record(), "trunks": len(doc.Targets)}); err != nil {
		return j, fmt.Errorf("change.WideEditor: %w", err)
	}
	return jobs.Submit(ctx, j, entry)
}

// Read gives what the job of a fleet-wide edit remembers.
func (e *WideEditor) Read(j job.Job) (doc WideDoc, err error) {
	if j.Kind != job.EditTrunks {
		return doc, fleet.NotFound("change.WideEditor", "The fleet-wide edit")
	}
	if err := json.Unmarshal(j.Doc, &doc); err != nil {
		return doc, fmt.Errorf("change.WideEditor %s: document: %w", j.ID, err)
	}
	return doc, nil
}

// Agree carries out the plans that a person has reviewed.
func (e *WideEditor) Agree(ctx context.Context, by audit.By, jobs *job.Runner, id job.ID, a Agreement) (job.Job, error) {
	return agree(ctx, by, jobs, id, a, e.open)
}

// Again makes the plans once more that could not be made; where carrying out has begun, it goes on with
// what is left.
func (e *WideEditor) Again(ctx context.Context, by audit.By, jobs *job.Runner, id job.ID) (job.Job, error) {
	return jobs.Decide(ctx, by, id, func(j *job.Job, _ *audit.Entry) error {
		_, err := waiting(ctx, j, e.open, Reviewing, Applying)
		return err
	})
}

// GiveUp ends it with nothing more sent. What was carried out stays.
func (e *WideEditor) GiveUp(ctx context.Context, by audit.By, jobs *job.Runner, id job.ID) (job.Job, error) {
	return giveUp(ctx, by, jobs, id, e.open)
}

// Work carries it on from where its steps say it is.
func (e *WideEditor) Work(ctx context.Context, run *job.Run) error {
	w, err := e.open(ctx, run)
	if err != nil {
		return err
	}
	return w.carryOn(ctx)
}

func (e *WideEditor) open(_ context.Context, run *job.Run) (*rollout, error) {
	doc, err := e.Read(run.Job)
	if err != nil {
		return nil, err
	}
	t := &wideTask{WideEditor: e, run: run, doc: doc}
	c := crew{e.d.Changer, e.d.Journal, e.d.Drafts, e.d.Now, e.d.Log}
	return &rollout{Run: run, crew: c, cargo: t, doc: &t.doc.Rollout, seen: map[int]bool{}}, nil
}

// wideTask is a fleet-wide edit under way.
type wideTask struct {
	*WideEditor
	run *job.Run
	doc WideDoc
}

func (t *wideTask) document() any { return t.doc }

func (t *wideTask) words() (it, step string) { return "fleet-wide edit", "trunk" }

func (t *wideTask) begun() {}

func (t *wideTask) draft(ctx context.Context, step int) (p plan.Plan, so bool, err error) {
	target, by := t.doc.Targets[step], audit.By{Actor: t.run.Author, IP: t.run.IP}
	if target.Undo != "" {
		p, err = t.d.Changer.UndoEdit(ctx, by, target.Undo, string(t.run.ID), rolloutLifetime)
	} else {
		p, err = t.d.Changer.DraftEdit(ctx, by, EditAsk{
			PBX: target.PBX, Trunk: target.Trunk, Job: string(t.run.ID), Lifetime: rolloutLifetime,
			Want: t.want,
		})
	}
	return p, errors.Is(err, plan.ErrSame), err
}

// want is what the change makes of a trunk; one that has none of the settings is refused, and not taken for
// one that has them as asked already.
func (t *wideTask) want(now sip.Trunk) (sip.Trunk, []fleet.Field) {
	if lacks := t.doc.Change.Lacks(now); len(lacks) == len(t.doc.Change.Names()) {
		return now, []fleet.Field{{Name: FieldTargets, Rule: "This trunk has no setting of that name: " + strings.Join(lacks, ", ") + "."}}
	}
	return t.doc.Change.Want(now), nil
}

func (t *wideTask) undrafted(job.Step, error) {}

func (t *wideTask) givers(job.Step) []*job.Step { return nil }

func (t *wideTask) stranded(job.Step) string { return "" }

// after follows the trunk: one that does not come up again is a failure, although it has what was asked for.
func (t *wideTask) after(ctx context.Context, p plan.Plan) string {
	line, err := t.d.Changer.Follow(ctx, p)
	if err != nil && ctx.Err() == nil {
		t.d.Log.Warn("how a trunk stands after its plan could not be kept", "plan", p.ID, "error", err)
	}
	if line.State == plan.LineDown || line.State == plan.LineUnclear {
		return line.Sentence
	}
	return ""
}

func (t *wideTask) aside() (wrong string, alone int) { return "", 0 }
