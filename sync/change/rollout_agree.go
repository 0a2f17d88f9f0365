package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cordboard/sync/audit"
	"cordboard/sync/bulk"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
)

// Agreement is what a person gives to have a rollout carried out.
type Agreement struct {
	Plans  []fleet.PlanID          // those that were agreed to, each by itself; the others are left out
	Names  map[fleet.PlanID]string // the PBX's name, typed, where the guard asks for it
	Reason string                  // for all of them, where the guard asks for one
	Stop   bool                    // at the first that does not come out
}

// The fields of an agreement.
const (
	FieldPlans  = "plan"
	FieldReason = "reason"
	FieldNames  = "name." // and the plan's id
	FieldNone   = "no_headers"
)

// opener makes a rollout of a job.
type opener func(ctx context.Context, run *job.Run) (*rollout, error)

// agree has the plans of a rollout carried out that a person has reviewed.
func agree(ctx context.Context, by audit.By, jobs *job.Runner, id job.ID, a Agreement, open opener) (job.Job, error) {
	return jobs.Decide(ctx, by, id, func(j *job.Job, e *audit.Entry) error {
		w, err := waiting(ctx, j, open, Reviewing)
		if err != nil {
			return err
		}
		if err := w.agreed(ctx, a); err != nil {
			return err
		}
		doc := w.doc
		doc.Phase, doc.By, doc.At, doc.Reason, doc.Names, doc.Stop = Applying, by, w.now(), strings.TrimSpace(a.Reason), a.Names, a.Stop
		for i := range j.Steps {
			if s := &j.Steps[i]; s.State == job.StepWaiting && !slices.Contains(a.Plans, s.Plan) {
				s.State, s.Sentence = job.StepSkipped, LeftOut
				doc.Left = append(doc.Left, s.PBX)
			}
		}
		e.Action, e.Reason, e.Outcome, j.Sentence = audit.BulkApply, doc.Reason, audit.Intended, "It begins."
		if e.After, err = json.Marshal(map[string]any{"plans": a.Plans, "stop": a.Stop}); err != nil {
			return fmt.Errorf("change.Agree: %w", err)
		}
		j.Doc, err = encode(w.document())
		return err
	})
}

// LeftOut is what stands at a step that a person did not agree to.
const LeftOut = "Left out."

// giveUp ends a rollout with nothing more sent. What was carried out stays.
func giveUp(ctx context.Context, by audit.By, jobs *job.Runner, id job.ID, open opener) (job.Job, error) {
	return jobs.Decide(ctx, by, id, func(j *job.Job, e *audit.Entry) error {
		w, err := waiting(ctx, j, open, Reviewing, Applying)
		if err != nil {
			return err
		}
		for i := range j.Steps {
			if s := &j.Steps[i]; s.State == job.StepWaiting {
				s.State, s.Sentence = job.StepSkipped, "Given up. Nothing was sent."
			}
		}
		w.doc.Phase, w.doc.By, w.doc.GivenUp = Applying, by, true
		e.Action = audit.BulkGiveUp
		j.Doc, err = encode(w.document())
		return err
	})
}

// waiting opens a rollout that waits for a person in one of some phases. Its steps are those of j.
func waiting(ctx context.Context, j *job.Job, open opener, phases ...Phase) (*rollout, error) {
	w, err := open(ctx, &job.Run{Job: *j})
	if err != nil {
		return nil, err
	}
	if !slices.Contains(phases, w.doc.Phase) {
		it, _ := w.words()
		return nil, refuse("This %s does not wait for that.", it)
	}
	return w, nil
}

// agreed checks an agreement against the plans as they are now.
func (w *rollout) agreed(ctx context.Context, a Agreement) error {
	if len(a.Plans) == 0 {
		return guard(w, fleet.Field{Name: FieldPlans, Rule: "Choose at least one plan."})
	}
	it, _ := w.words()
	offered := Offered(w.Steps)
	var fields []fleet.Field
	var why []string // the PBXs whose plans ask for a reason
	for _, id := range a.Plans {
		if !slices.Contains(offered, id) {
			fields = append(fields, fleet.Field{Name: FieldPlans, Rule: "This " + it + " offers no plan " + string(id) + "."})
		}
	}
	for _, s := range w.Steps {
		if !slices.Contains(a.Plans, s.Plan) || s.State != job.StepWaiting {
			for _, g := range w.givers(s) {
				if s.State != job.StepDone && slices.Contains(a.Plans, g.Plan) {
					fields = append(fields, fleet.Field{Name: FieldPlans, Rule: fmt.Sprintf("%s gives numbers up for %s: choose both, or neither.", g.Name, s.Name)})
				}
			}
			continue
		}
		for _, g := range w.givers(s) {
			if g.State != job.StepDone && !slices.Contains(a.Plans, g.Plan) {
				fields = append(fields, fleet.Field{Name: FieldPlans, Rule: fmt.Sprintf("%s takes numbers that %s gives up: choose both, or neither.", s.Name, g.Name)})
			}
		}
		p, err := w.journal.Plan(ctx, s.Plan)
		if err != nil {
			return err
		}
		for _, f := range asked(p, a) {
			if f.Name == FieldReason {
				why = append(why, s.Name)
			} else {
				fields = append(fields, fleet.Field{Name: FieldNames + string(p.ID), Rule: f.Rule})
			}
		}
		if s, err := w.changer.Second(ctx, p); err != nil {
			return err
		} else if s.Missing() && p.Status == plan.Draft {
			fields = append(fields, fleet.Field{Name: FieldPlans, Rule: needsSecond(p) + " Its page offers that: " + typedName(p) + "."})
		}
		if err := confirmable(p, w.now()); err != nil && p.Status != plan.Applied {
			fields = append(fields, fleet.Field{Name: FieldPlans, Rule: s.Name + ": " + message(err)})
		}
	}
	if len(why) > 0 {
		fields = append(fields, fleet.Field{Name: FieldReason, Rule: "Say why; the audit log keeps it. Asked for by " + bulk.Few(why) + "."})
	}
	if len(fields) > 0 {
		return guard(w, fields...)
	}
	return nil
}

// asked is what the guard misses for one of the plans.
func asked(p plan.Plan, a Agreement) []fleet.Field {
	err := consented(p, Consent{Name: a.Names[p.ID], Reason: a.Reason})
	if fe, ok := errors.AsType[*fleet.Error](err); ok {
		return fe.Fields
	}
	return nil
}

func guard(w *rollout, fields ...fleet.Field) error {
	it, _ := w.words()
	return &fleet.Error{Kind: fleet.KindGuard, Op: "change.Agree", Msg: "This " + it + " needs more from you before anything is sent.", Fields: fields}
}
