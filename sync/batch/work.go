package batch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

// run is one run of the job of a file.
type run struct {
	b      *Batch
	r      *job.Run
	doc    document
	halted string // why nothing more is begun
}

// Work is the work of a [job.CreatePBXs]. It can be taken up at any moment: who is begun twice gets
// the same job.
func (b *Batch) Work(ctx context.Context, r *job.Run) error {
	w := run{b: b, r: r}
	if err := r.Read(&w.doc); err != nil {
		return err
	}
	w.takeUp()
	for {
		moved, err := w.look(ctx)
		if err != nil {
			return err
		}
		if w.begin(ctx) || moved {
			w.r.Sentence = w.sentence()
			if err := r.Save(ctx); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if w.count(job.StepRunning) == 0 && (w.count(job.StepWaiting) == 0 || w.halted != "") {
			w.end()
			return nil
		}
		if err := sleep(ctx, b.d.Poll); err != nil {
			return err
		}
	}
}

// takeUp goes on with what waited for a person: its own job may have gone on meanwhile.
func (w *run) takeUp() {
	for i := range w.r.Steps {
		if s := &w.r.Steps[i]; s.State == job.StepAttention {
			s.State = job.StepRunning
			if s.Job == "" {
				s.State = job.StepWaiting
			}
		}
	}
}

// look brings the steps up to date with the jobs that they began.
func (w *run) look(ctx context.Context) (moved bool, err error) {
	for i := range w.r.Steps {
		s := &w.r.Steps[i]
		if s.State != job.StepRunning || s.Job == "" {
			continue
		}
		j, err := w.b.d.Book.Job(ctx, s.Job)
		if err != nil {
			return moved, fmt.Errorf("batch: %w", err)
		}
		was := *s
		s.State, s.Sentence, s.PBX = stateOf(j.State), j.Sentence, j.PBX
		moved = moved || was != *s
		if s.State == job.StepFailed && w.doc.Stop {
			w.skip()
		}
	}
	return moved, nil
}

func stateOf(s job.State) job.StepState {
	switch s {
	case job.Done:
		return job.StepDone
	case job.Failed:
		return job.StepFailed
	case job.NeedsAttention:
		return job.StepAttention
	}
	return job.StepRunning
}

// begin begins as many jobs as may run at the same time. Where Yeastar can't be reached, nothing more
// is begun: a person tries again.
func (w *run) begin(ctx context.Context) (moved bool) {
	for i := range w.r.Steps {
		s := &w.r.Steps[i]
		if w.halted != "" || ctx.Err() != nil || w.count(job.StepRunning) >= atOnce {
			break
		}
		if s.State != job.StepWaiting {
			continue
		}
		j, err := w.b.d.Maker.Create(ctx, audit.By{Actor: w.r.Author, IP: w.r.IP}, w.doc.Orders[i].Ask)
		moved = true
		switch {
		case err == nil:
			s.State, s.Job, s.Sentence = job.StepRunning, j.ID, ""
		case ctx.Err() != nil:
		case fleet.KindOf(err) == fleet.KindUnavailable:
			w.halted = words(err)
			s.State, s.Sentence = job.StepAttention, w.halted
		default:
			s.State, s.Sentence = job.StepFailed, words(err)
			if w.doc.Stop {
				w.skip()
			}
		}
	}
	return moved
}

// skip leaves out what was not begun.
func (w *run) skip() {
	for i := range w.r.Steps {
		if s := &w.r.Steps[i]; s.State == job.StepWaiting {
			s.State, s.Sentence = job.StepSkipped, "Not begun: an earlier one failed."
		}
	}
}

func (w *run) count(s job.StepState) (n int) {
	for _, step := range w.r.Steps {
		if step.State == s {
			n++
		}
	}
	return n
}

// sentence is what is true so far.
func (w *run) sentence() string {
	parts := []string{fmt.Sprintf("%d of %s run", w.count(job.StepDone), counted(len(w.r.Steps), "PBX", "PBXs"))}
	for _, p := range []struct {
		state job.StepState
		words string
	}{{job.StepRunning, "%d under way"}, {job.StepFailed, "%d failed"}, {job.StepAttention, "%d need attention"}, {job.StepSkipped, "%d not begun"}} {
		if n := w.count(p.state); n > 0 {
			parts = append(parts, fmt.Sprintf(p.words, n))
		}
	}
	return strings.Join(parts, ", ") + "."
}

// end says how the file ended: never done while something is not.
func (w *run) end() {
	sentence := w.sentence()
	switch {
	case w.halted != "":
		w.r.End(job.NeedsAttention, sentence+" "+w.halted+" Try again goes on with the rest.")
	case w.count(job.StepAttention) > 0:
		w.r.End(job.NeedsAttention, sentence+" Look at the jobs that need attention, then try again.")
	case w.count(job.StepFailed)+w.count(job.StepSkipped) > 0:
		w.r.End(job.Failed, sentence+" The same file again tries what is missing.")
	default:
		w.r.End(job.Done, sentence)
	}
}

// words is an error for a person, with the rules that were broken.
func words(err error) string {
	e, ok := errors.AsType[*fleet.Error](err)
	if !ok {
		return "Something went wrong inside Cordboard."
	}
	text := e.Msg
	for _, f := range e.Fields {
		text += " " + f.Rule
	}
	return text
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
