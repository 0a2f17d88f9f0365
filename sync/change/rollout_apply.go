package change

import (
	"context"
	"slices"

	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
)

// applied is how carrying out one step ended.
type applied struct {
	step int
	plan plan.Plan
	err  error
	down string // what is wrong although the plan was applied
}

// apply carries out the plans that a person agreed to. The first goes alone, and so does each next one
// until a PBX was seen to hold its result; then a few go at once. Who gives numbers up goes before who
// takes them. A step is stored as running before its plan is confirmed, and a plan confirms once, so
// that a crash at any moment loses nothing and does nothing twice.
func (w *rollout) apply(ctx context.Context) error {
	w.discard(ctx)
	results := make(chan applied)
	flying := map[int]bool{}
	stopped := false
	var failed error
	for {
		for failed == nil && !stopped && ctx.Err() == nil {
			step, ok := w.startable(flying)
			if !ok {
				break
			}
			w.tell(&w.Steps[step], job.StepRunning, "It is read again, sent once, and read back.")
			w.Sentence = w.progress()
			if failed = w.keep(ctx); failed != nil {
				break
			}
			flying[step] = true
			id := w.Steps[step].Plan
			go func() { results <- w.carry(ctx, step, id) }()
		}
		if len(flying) == 0 {
			break
		}
		r := <-results
		delete(flying, r.step)
		w.took(r)
		if state := w.Steps[r.step].State; w.doc.Stop && (state == job.StepFailed || state == job.StepAttention) {
			stopped = true
		}
		if ctx.Err() == nil && failed == nil {
			failed = w.keep(ctx)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err() // what the plans say is taken up at the next start
	}
	if failed != nil {
		return failed
	}
	w.end()
	return nil
}

// startable is a step that may begin now, beside those that fly. Steps that were running when the
// process ended come first: their plans say what is true.
func (w *rollout) startable(flying map[int]bool) (int, bool) {
	w.hopeless()
	most := 1
	if w.proven() {
		most = rolloutInFlight
	}
	for _, state := range []job.StepState{job.StepRunning, job.StepAttention, job.StepWaiting} {
		for i, s := range w.Steps {
			if s.State != state || flying[i] || s.Plan == "" {
				continue
			}
			if state != job.StepWaiting {
				if !w.looked(i) {
					return i, true
				}
				continue
			}
			if len(flying) < most && w.freed(s) && !w.busy(s.PBX, flying) {
				return i, true
			}
		}
	}
	return 0, false
}

// busy reports whether another step of the same PBX is under way: a PBX has one open plan.
func (w *rollout) busy(pbx fleet.PBXID, flying map[int]bool) bool {
	for i := range flying {
		if w.Steps[i].PBX == pbx {
			return true
		}
	}
	return false
}

// looked reports whether a step of unknown fate was looked at in this run of the job, and marks it.
func (w *rollout) looked(step int) bool {
	seen := w.seen[step]
	w.seen[step] = true
	return seen
}

// proven reports whether a PBX of this rollout was seen to hold its result.
func (w *rollout) proven() bool {
	return slices.ContainsFunc(w.Steps, func(s job.Step) bool { return s.State == job.StepDone && s.Plan != "" })
}

// freed reports whether everybody who gives up numbers for a step has done so.
func (w *rollout) freed(s job.Step) bool {
	return !slices.ContainsFunc(w.givers(s), func(g *job.Step) bool { return g.State != job.StepDone })
}

// hopeless skips the steps whose numbers will not be given up.
func (w *rollout) hopeless() {
	for changed := true; changed; {
		changed = false
		for i := range w.Steps {
			s := &w.Steps[i]
			if s.State != job.StepWaiting {
				continue
			}
			for _, g := range w.givers(*s) {
				if lost(g.State) {
					w.tell(s, job.StepSkipped, "Nothing was sent: it takes numbers that "+g.Name+" did not give up."+w.stranded(*s))
					changed = true
				}
			}
		}
	}
}

// carry confirms a step's plan, or learns the fate of one that was confirmed before.
func (w *rollout) carry(ctx context.Context, step int, id fleet.PlanID) applied {
	a := applied{step: step}
	if a.plan, a.err = w.journal.Plan(ctx, id); a.err != nil {
		return a
	}
	switch {
	case a.plan.Status.Open():
		if err := w.changer.fate(ctx, id); err != nil {
			w.log.Warn("a plan of a job has no known outcome yet", "plan", id, "error", err)
		}
		a.plan, a.err = w.journal.Plan(ctx, id)
	case a.plan.Status == plan.Draft:
		a.plan, a.err = w.changer.Confirm(ctx, w.doc.By, id, Consent{Name: w.doc.Names[id], Reason: w.doc.Reason, Decided: w.doc.At, Job: a.plan.Job})
		if fleet.KindOf(a.err) == fleet.KindConflict { // somebody may have confirmed it at its own page
			if now, err := w.journal.Plan(ctx, id); err == nil {
				a.plan = now
			}
		}
	}
	if a.plan.Status == plan.Applied {
		a.down = w.after(ctx, a.plan)
	}
	return a
}

// fate settles one plan that may be under way, unless this process is carrying it out.
func (c *Changer) fate(ctx context.Context, id fleet.PlanID) error {
	return c.settleAll(ctx, func(p plan.Plan) bool {
		running, _ := c.running(p.ID)
		return p.ID == id && !running
	})
}

// took notes how a step ended. The plan's own status is the truth; an error counts where it has none.
func (w *rollout) took(r applied) {
	s := &w.Steps[r.step]
	sentence := r.plan.Outcome.Sentence
	switch r.plan.Status {
	case plan.Applied:
		if r.down != "" {
			w.tell(s, job.StepFailed, sentence+" "+r.down)
			return
		}
		w.tell(s, job.StepDone, sentence)
		return
	case plan.Applying, plan.Unknown:
		if sentence == "" {
			sentence = "It was sent, and nobody can say yet whether it was applied."
		}
		w.tell(s, job.StepAttention, sentence)
		return
	case plan.Expired:
		sentence = "Nothing was sent: the plan had expired."
	case plan.Void:
		sentence = "Nothing was sent: the plan was given up, or its PBX is gone."
	}
	if sentence == "" && r.err != nil {
		sentence = "Nothing was sent. " + refusal(r.err)
	}
	w.tell(s, job.StepFailed, sentence+w.stranded(*s))
}
