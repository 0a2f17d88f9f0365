package change

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"cordboard/sync/audit"
	"cordboard/sync/job"
	"cordboard/sync/plan"
)

func encode(doc any) (json.RawMessage, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("change: document of a rollout: %w", err)
	}
	return text, nil
}

// drafted is what became of drafting one step.
type drafted struct {
	step int
	plan plan.Plan
	so   bool // everything is as asked already
	err  error
}

// draftAll makes a plan for every step that has none, a few at a time, and then waits for a person. A
// plan is stored in its step before anybody can agree to it; one that a crash left without a step is
// never confirmed by this job.
func (w *rollout) draftAll(ctx context.Context) error {
	if err := w.retry(ctx); err != nil {
		return err
	}
	w.doc.Phase = Drafting
	todo := w.todo()
	results := make(chan drafted)
	flying := 0
	var failed error
	for {
		for ; len(todo) > 0 && flying < rolloutInFlight && failed == nil; flying++ {
			step := todo[0]
			todo = todo[1:]
			go func() {
				d := drafted{step: step}
				d.plan, d.so, d.err = w.draft(ctx, step)
				results <- d
			}()
		}
		if flying == 0 {
			break
		}
		d := <-results
		flying--
		if failed = cmp.Or(failed, ctx.Err()); failed != nil {
			continue
		}
		w.drafted(d)
		w.Sentence = fmt.Sprintf("Plans are being made: %d of %d.", len(w.Steps)-len(todo)-flying, len(w.Steps))
		failed = w.keep(ctx)
	}
	if failed != nil {
		return failed
	}
	w.unmatched()
	return w.ask(ctx)
}

// retry takes up again what has no plan that could be confirmed.
func (w *rollout) retry(ctx context.Context) error {
	w.begun()
	for i := range w.Steps {
		s := &w.Steps[i]
		if s.State != job.StepFailed && s.State != job.StepWaiting {
			continue
		}
		if s.Plan != "" {
			p, err := w.journal.Plan(ctx, s.Plan)
			if err != nil {
				return err
			}
			if !obsolete(p) {
				w.tell(s, job.StepWaiting, p.Effect()+".")
				continue
			}
		}
		s.Plan = ""
		w.tell(s, job.StepWaiting, "Its plan is not made yet.")
	}
	return nil
}

func (w *rollout) todo() []int {
	var list []int
	for i, s := range w.Steps {
		if s.State == job.StepWaiting && s.Plan == "" {
			list = append(list, i)
		}
	}
	return list
}

func (w *rollout) drafted(d drafted) {
	s := &w.Steps[d.step]
	switch {
	case d.so:
		w.tell(s, job.StepDone, "It is so already: nothing is to be done.")
	case d.err != nil:
		w.undrafted(*s, d.err)
		w.tell(s, job.StepFailed, "No plan was made. "+refusal(d.err))
	default:
		s.Plan = d.plan.ID
		w.tell(s, job.StepWaiting, d.plan.Effect()+".")
	}
}

// unmatched fails the steps that count on numbers which nobody will give up, and those that would give
// numbers up for nobody.
func (w *rollout) unmatched() {
	for changed := true; changed; {
		changed = false
		for i := range w.Steps {
			s := &w.Steps[i]
			for _, g := range w.givers(*s) {
				switch {
				case s.State == job.StepWaiting && lost(g.State):
					w.tell(s, job.StepFailed, fmt.Sprintf("It takes numbers that %s gives up, and %s has no plan.", g.Name, g.Name))
				case g.State == job.StepWaiting && lost(s.State):
					w.tell(g, job.StepFailed, fmt.Sprintf("It gives numbers up for %s, and %s has no plan.", s.Name, s.Name))
				default:
					continue
				}
				changed = true
			}
		}
	}
}

// lost reports whether nothing will come of a step any more.
func lost(s job.StepState) bool { return s == job.StepFailed || s == job.StepSkipped }

// ask ends the drafting: with a question, or at once when there is nothing to agree to.
func (w *rollout) ask(ctx context.Context) error {
	w.doc.Phase = Reviewing
	if err := w.Write(w.document()); err != nil {
		return err
	}
	offered, failed := len(Offered(w.Steps)), w.count(job.StepFailed)
	wrong, alone := w.aside()
	_, step := w.words()
	switch {
	case offered == 0 && failed > 0:
		w.End(job.NeedsAttention, fmt.Sprintf("No plan could be made for %s. Nothing was sent.%s", counted(failed, step), wrong))
	case offered == 0 && (wrong != "" || alone > 0):
		w.End(job.Failed, "No plan was made, and nothing was sent."+wrong)
	case offered == 0:
		w.End(job.Done, "Nothing to do: everything is as asked.")
	case failed > 0:
		w.End(job.NeedsAttention, fmt.Sprintf("%s for you to agree. For %s none could be made.%s", waits(offered), counted(failed, step), wrong))
	default:
		w.End(job.NeedsAttention, waits(offered)+" for you to agree."+wrong)
	}
	return nil
}

// discard takes back the drafts of steps that are not carried out.
func (w *rollout) discard(ctx context.Context) {
	for _, s := range w.Steps {
		if s.State != job.StepSkipped || s.Plan == "" || slices.ContainsFunc(w.Steps, func(o job.Step) bool { return o.Plan == s.Plan && o.State != job.StepSkipped }) {
			continue
		}
		p, err := w.journal.Plan(ctx, s.Plan)
		if err != nil || p.Status != plan.Draft {
			continue
		}
		e := audit.Entry{At: w.now(), Actor: w.doc.By.Actor, IP: w.doc.By.IP, Action: audit.PlanDiscard, Target: p.PBXName, PBX: p.PBX, Plan: p.ID, Outcome: audit.Succeeded}
		if err := w.drafts.DiscardPlan(ctx, s.Plan, e); err != nil {
			w.log.Warn("a draft that nobody wants could not be taken back", "plan", s.Plan, "error", err)
		}
	}
}
