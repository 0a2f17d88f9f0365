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

// Agreement is what a person gives to have a spreadsheet carried out.
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

// Agree carries out the plans of a spreadsheet that a person has reviewed. What the guard asks of any
// of them is asked before the first is sent.
func (b *Bulk) Agree(ctx context.Context, by audit.By, jobs *job.Runner, id job.ID, a Agreement) (job.Job, error) {
	return jobs.Decide(ctx, by, id, func(j *job.Job, e *audit.Entry) error {
		doc, err := waiting(*j, Reviewing)
		if err != nil {
			return err
		}
		if err := b.agreed(ctx, j, doc, a); err != nil {
			return err
		}
		doc.Phase, doc.By, doc.At, doc.Reason, doc.Names, doc.Stop = Applying, by, b.d.Now(), strings.TrimSpace(a.Reason), a.Names, a.Stop
		for i := range j.Steps {
			if s := &j.Steps[i]; s.State == job.StepWaiting && !slices.Contains(a.Plans, s.Plan) {
				s.State, s.Sentence = job.StepSkipped, "Left out."
				doc.Left = append(doc.Left, s.PBX)
			}
		}
		e.Action, e.Reason, e.Outcome, j.Sentence = audit.BulkApply, doc.Reason, audit.Intended, "It begins."
		if e.After, err = json.Marshal(map[string]any{"plans": a.Plans, "stop": a.Stop}); err != nil {
			return fmt.Errorf("change.Agree: %w", err)
		}
		j.Doc, err = encode(doc)
		return err
	})
}

// Again makes the plans once more that could not be made, with a person's word that some PBXs have no
// custom SIP header values; where carrying out has begun, it goes on with what is left.
func (b *Bulk) Again(ctx context.Context, by audit.By, jobs *job.Runner, id job.ID, none []fleet.PBXID) (job.Job, error) {
	return jobs.Decide(ctx, by, id, func(j *job.Job, e *audit.Entry) error {
		doc, err := waiting(*j, Reviewing, Applying)
		if err != nil {
			return err
		}
		for _, pbx := range none {
			if !slices.Contains(doc.Headers, pbx) {
				return guard(fleet.Field{Name: FieldNone, Rule: fmt.Sprintf("Nobody asks for the custom SIP headers of PBX %d here.", pbx)})
			}
			doc.None = append(doc.None, pbx)
		}
		if len(none) > 0 {
			if e.After, err = json.Marshal(map[string]any{"no_headers": none}); err != nil {
				return fmt.Errorf("change.Again: %w", err)
			}
		}
		j.Doc, err = encode(doc)
		return err
	})
}

// GiveUp ends a spreadsheet with nothing more sent. What was carried out stays.
func (b *Bulk) GiveUp(ctx context.Context, by audit.By, jobs *job.Runner, id job.ID) (job.Job, error) {
	return jobs.Decide(ctx, by, id, func(j *job.Job, e *audit.Entry) error {
		doc, err := waiting(*j, Reviewing, Applying)
		if err != nil {
			return err
		}
		for i := range j.Steps {
			if s := &j.Steps[i]; s.State == job.StepWaiting {
				s.State, s.Sentence = job.StepSkipped, "Given up. Nothing was sent."
			}
		}
		doc.Phase, doc.By, doc.GivenUp = Applying, by, true
		e.Action = audit.BulkGiveUp
		j.Doc, err = encode(doc)
		return err
	})
}

// waiting reads the document of a spreadsheet that waits for a person in one of some phases.
func waiting(j job.Job, phases ...BulkPhase) (doc BulkDoc, err error) {
	if doc, err = bulkDocument(j); err != nil {
		return doc, err
	}
	if !slices.Contains(phases, doc.Phase) {
		return doc, refuse("This spreadsheet does not wait for that.")
	}
	return doc, nil
}

// agreed checks an agreement against the plans as they are now.
func (b *Bulk) agreed(ctx context.Context, j *job.Job, doc BulkDoc, a Agreement) error {
	if len(a.Plans) == 0 {
		return guard(fleet.Field{Name: FieldPlans, Rule: "Choose at least one plan."})
	}
	review, err := b.d.Shelf.Review(ctx, doc.Review)
	if err != nil {
		return err
	}
	w := newBulkRun(b, &job.Run{Job: *j}, doc, review)
	offered := Offered(j.Steps)
	var fields []fleet.Field
	var why []string // the PBXs whose plans ask for a reason
	for _, id := range a.Plans {
		if !slices.Contains(offered, id) {
			fields = append(fields, fleet.Field{Name: FieldPlans, Rule: "This spreadsheet offers no plan " + string(id) + "."})
		}
	}
	for _, s := range j.Steps {
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
		p, err := b.d.Journal.Plan(ctx, s.Plan)
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
		if err := confirmable(p, b.d.Now()); err != nil && p.Status != plan.Applied {
			fields = append(fields, fleet.Field{Name: FieldPlans, Rule: s.Name + ": " + message(err)})
		}
	}
	if len(why) > 0 {
		fields = append(fields, fleet.Field{Name: FieldReason, Rule: "Say why; the audit log keeps it. Asked for by " + bulk.Few(why) + "."})
	}
	if len(fields) > 0 {
		return guard(fields...)
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

func guard(fields ...fleet.Field) error {
	return &fleet.Error{Kind: fleet.KindGuard, Op: "change.Agree", Msg: "This spreadsheet needs more from you before anything is sent.", Fields: fields}
}
