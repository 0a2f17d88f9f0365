package change

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cordboard/sync/audit"
	"cordboard/sync/bulk"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
)

// Work carries a spreadsheet on from where its steps say it is.
func (b *Bulk) Work(ctx context.Context, run *job.Run) error {
	w, err := b.open(ctx, run)
	if err != nil {
		return err
	}
	return w.carryOn(ctx)
}

// bulkTask is a spreadsheet under way.
type bulkTask struct {
	*Bulk
	run    *job.Run
	doc    BulkDoc
	review bulk.Review
	items  map[fleet.PBXID]bulk.Item
}

// open is a spreadsheet as a rollout.
func (b *Bulk) open(ctx context.Context, run *job.Run) (*rollout, error) {
	doc, review, err := b.Read(ctx, run.Job)
	if err != nil {
		return nil, err
	}
	t := &bulkTask{Bulk: b, run: run, doc: doc, review: review, items: map[fleet.PBXID]bulk.Item{}}
	for _, it := range review.Items {
		t.items[it.PBX] = it
	}
	c := crew{b.d.Changer, b.d.Journal, b.d.Shelf, b.d.Now, b.d.Log}
	return &rollout{Run: run, crew: c, cargo: t, doc: &t.doc.Rollout, seen: map[int]bool{}}, nil
}

func (t *bulkTask) document() any { return t.doc }

func (t *bulkTask) words() (it, step string) { return "spreadsheet", "PBX" }

func (t *bulkTask) begun() { t.doc.Headers = nil }

func (t *bulkTask) draft(ctx context.Context, step int) (p plan.Plan, so bool, err error) {
	it := t.items[t.run.Steps[step].PBX]
	ask := Ask{PBX: it.PBX, Bind: it.Bind, Unbind: it.Unbind, Freed: it.Freed, Lifetime: rolloutLifetime}
	if slices.Contains(t.doc.None, it.PBX) {
		ask.Headers = &[]fleet.Header{}
	}
	p, err = t.d.Changer.Draft(ctx, audit.By{Actor: t.run.Author, IP: t.run.IP}, ask)
	if fleet.KindOf(err) != fleet.KindInvalid || err == nil {
		return p, false, err
	}
	// The look that went before may have found that somebody else did it.
	known, lookErr := t.d.Register.Known(ctx, it.PBX)
	so = lookErr == nil && known.Exact() && known.Set.Equal(known.Set.With(it.Bind...).Without(it.Unbind...))
	return p, so, err
}

func (t *bulkTask) undrafted(s job.Step, err error) {
	if fleet.KindOf(err) == fleet.KindHeaders {
		t.doc.Headers = append(t.doc.Headers, s.PBX)
	}
}

// givers are the steps of the PBXs that must give up numbers before a step can have them.
func (t *bulkTask) givers(s job.Step) []*job.Step {
	var list []*job.Step
	for _, from := range t.items[s.PBX].After() {
		for i := range t.run.Steps {
			if t.run.Steps[i].PBX == from {
				list = append(list, &t.run.Steps[i])
			}
		}
	}
	return list
}

// stranded names the numbers that were given up for a step which did not come out: they ring nowhere.
func (t *bulkTask) stranded(s job.Step) string {
	var list []string
	for _, v := range t.review.Rows {
		if v.Word != bulk.Claim || v.PBXID != s.PBX {
			continue
		}
		for _, g := range t.givers(s) {
			if g.PBX == v.From && g.State == job.StepDone {
				list = append(list, v.Number)
			}
		}
	}
	if len(list) == 0 {
		return ""
	}
	return fmt.Sprintf(" Given up for it and bound nowhere now: %s.", strings.Join(list, ", "))
}

func (t *bulkTask) after(context.Context, plan.Plan) string { return "" }

func (t *bulkTask) aside() (wrong string, alone int) {
	if n := t.review.Wrong(); n > 0 {
		wrong = fmt.Sprintf(" %s wrong.", are(n, "row"))
	}
	return wrong, t.review.Of(bulk.Left)
}

// Agree carries out the plans of a spreadsheet that a person has reviewed. What the guard asks of any
// of them is asked before the first is sent.
func (b *Bulk) Agree(ctx context.Context, by audit.By, jobs *job.Runner, id job.ID, a Agreement) (job.Job, error) {
	return agree(ctx, by, jobs, id, a, b.open)
}

// GiveUp ends a spreadsheet with nothing more sent. What was carried out stays.
func (b *Bulk) GiveUp(ctx context.Context, by audit.By, jobs *job.Runner, id job.ID) (job.Job, error) {
	return giveUp(ctx, by, jobs, id, b.open)
}

// Again makes the plans once more that could not be made, with a person's word that some PBXs have no
// custom SIP header values; where carrying out has begun, it goes on with what is left.
func (b *Bulk) Again(ctx context.Context, by audit.By, jobs *job.Runner, id job.ID, none []fleet.PBXID) (job.Job, error) {
	return jobs.Decide(ctx, by, id, func(j *job.Job, e *audit.Entry) error {
		w, err := waiting(ctx, j, b.open, Reviewing, Applying)
		if err != nil {
			return err
		}
		t := w.cargo.(*bulkTask)
		for _, pbx := range none {
			if !slices.Contains(t.doc.Headers, pbx) {
				return guard(w, fleet.Field{Name: FieldNone, Rule: fmt.Sprintf("Nobody asks for the custom SIP headers of PBX %d here.", pbx)})
			}
			t.doc.None = append(t.doc.None, pbx)
		}
		if len(none) > 0 {
			if e.After, err = json.Marshal(map[string]any{"no_headers": none}); err != nil {
				return fmt.Errorf("change.Again: %w", err)
			}
		}
		j.Doc, err = encode(t.doc)
		return err
	})
}
