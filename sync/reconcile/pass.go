package reconcile

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// Cause says why a pass runs. The zero value is somebody's wish.
type Cause struct {
	Why fleet.PassWhy
	By  audit.By // zero for the schedule
}

// run is a pass under way, and how many wait for it.
type run struct {
	waiting int
	cancel  context.CancelCauseFunc
	begun   chan struct{} // closed when the pass has its id, or will never have one
	done    chan struct{}
	report  fleet.Pass
	err     error
	sweep   *sweep
}

// Why a pass may be ended from outside.
var (
	errAlone  = &fleet.Error{Kind: fleet.KindUnavailable, Op: "reconcile", Msg: "Whoever waited for the pass gave up."}
	errHalted = &fleet.Error{Kind: fleet.KindUnavailable, Op: "reconcile", Msg: "Cordboard was stopped."}
)

// RunOnce is [Worker.RunFor] for a cause that nobody named.
func (w *Worker) RunOnce(ctx context.Context) (fleet.Pass, error) { return w.RunFor(ctx, Cause{}) }

// RunFor does one pass, or joins the one that runs: list, keep, look at each PBX. One PBX's failure
// is counted; whatever makes all further reads pointless ends the pass, and what was not looked at
// stays as it was. A caller who gives up ends the pass only when nobody else waits for it.
func (w *Worker) RunFor(ctx context.Context, cause Cause) (fleet.Pass, error) {
	r, err := w.join(ctx, cause)
	if err != nil {
		return fleet.Pass{StoppedBy: words(err)}, err
	}
	select {
	case <-r.done:
		return r.report, r.err
	case <-ctx.Done():
	}
	if !w.leave(r) {
		return fleet.Pass{StoppedBy: "Others wait for the pass; this caller gave up."}, ctx.Err()
	}
	<-r.done
	return r.report, r.err
}

// Begin has a pass run, or finds the one that runs, and does not wait for its end. The pass ends
// when it is done, or with the worker.
func (w *Worker) Begin(ctx context.Context, cause Cause) (fleet.PassID, error) {
	r, err := w.join(ctx, cause)
	if err != nil {
		return 0, err
	}
	select {
	case <-r.begun:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if id := r.sweep.now().ID; id != 0 {
		return id, nil
	}
	<-r.done
	return 0, r.err
}

// Running is the pass under way, as far as it is.
func (w *Worker) Running() (p fleet.Pass, running bool) {
	w.mu.Lock()
	r := w.run
	w.mu.Unlock()
	if r == nil {
		return p, false
	}
	p = r.sweep.now()
	return p, p.ID != 0
}

// join is the run to wait for, begun if there is none.
func (w *Worker) join(ctx context.Context, cause Cause) (*run, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.halted {
		return nil, errHalted
	}
	if w.run != nil {
		w.run.waiting++
		return w.run, nil
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	r := &run{waiting: 1, cancel: cancel, begun: make(chan struct{}), done: make(chan struct{}), sweep: &sweep{w: w}}
	w.run = r
	go func() {
		defer cancel(nil)
		r.report, r.err = w.pass(ctx, r, cause)
		w.mu.Lock()
		if w.run == r {
			w.run = nil
		}
		w.mu.Unlock()
		close(r.done)
		w.d.Progress()
	}()
	return r, nil
}

// leave takes a caller off. The last one ends the run.
func (w *Worker) leave(r *run) (last bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.waiting--; r.waiting > 0 {
		return false
	}
	if w.run == r {
		w.run = nil // who comes now wants a run of their own
	}
	r.cancel(errAlone)
	return true
}

// halt ends the run under way and lets no other begin.
func (w *Worker) halt() {
	w.mu.Lock()
	w.halted = true
	r := w.run
	w.mu.Unlock()
	if r != nil {
		r.cancel(errHalted)
		<-r.done
	}
}

// beat is how often a running pass keeps what it has seen and tells how far it is.
const beat = 500 * time.Millisecond

// pass carries one pass out. What it did is stored whatever happens to ctx.
func (w *Worker) pass(ctx context.Context, r *run, cause Cause) (fleet.Pass, error) {
	s := r.sweep
	err := w.begin(ctx, s, cause)
	close(r.begun)
	if err != nil {
		return fleet.Pass{StoppedBy: words(err)}, err
	}
	s.ctx, s.stop = context.WithCancelCause(w.d.Background(ctx))
	defer s.stop(nil)
	var beating sync.WaitGroup
	beats, still := context.WithCancel(s.ctx)
	beating.Go(func() { s.beat(beats) })
	err = w.refresh(s.ctx, s.doing)
	if err == nil {
		s.doing("Settles plans whose fate is not known")
		if settleErr := w.d.Settle(ctx); settleErr != nil {
			w.d.Log.Warn("a plan has no known outcome yet", "error", settleErr)
		}
		err = s.lookAtAll()
	}
	still()
	beating.Wait()
	if stopped := context.Cause(s.ctx); err != nil && stopped != nil {
		err = stopped
	}
	return s.end(err)
}

// begin stores the pass before its first call.
func (w *Worker) begin(ctx context.Context, s *sweep, cause Cause) error {
	p := fleet.Pass{Why: cause.Why, Who: cause.By.Actor, StartedAt: w.d.Now()}
	if p.Why == "" {
		p.Why = fleet.PassAsked
	}
	var e *audit.Entry
	if p.Who != "" {
		e = &audit.Entry{At: p.StartedAt, Actor: p.Who, IP: cause.By.IP, Action: audit.PassRun, Target: "the fleet", Outcome: audit.Succeeded}
	}
	p, err := w.d.Book.BeginPass(ctx, p, e)
	if err != nil {
		return fmt.Errorf("reconcile: begin: %w", err)
	}
	s.change(func(now *fleet.Pass) { *now = p })
	w.d.Progress()
	return nil
}

// end stores how the pass ended.
func (s *sweep) end(cause error) (fleet.Pass, error) {
	s.change(func(p *fleet.Pass) {
		p.FinishedAt, p.Doing, p.Complete = s.w.d.Now(), "", cause == nil
		if cause == nil {
			return
		}
		p.StoppedBy = words(cause)
		if left := p.PBXs - p.Looked(); left > 0 {
			p.StoppedBy += fmt.Sprintf(" %d of %d PBXs were looked at; the others come first in the next pass.", p.Looked(), p.PBXs)
		}
	})
	p, err := s.w.d.Book.EndPass(context.WithoutCancel(s.ctx), s.now())
	if err != nil {
		err = fmt.Errorf("reconcile: end: %w", err)
	}
	return p, errors.Join(cause, err)
}

func words(err error) string { return fleet.Words(err, err.Error()) }
