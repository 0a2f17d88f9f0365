package reconcile

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"cordboard/sync/fleet"
)

// run is a pass under way, and how many wait for it.
type run struct {
	waiting int
	cancel  context.CancelFunc
	done    chan struct{}
	report  Report
	err     error
}

// RunOnce does one pass, or joins the one that runs: list, keep, look at each PBX. One PBX's
// failure is counted; whatever makes all further reads pointless ends the pass, and what was
// not looked at stays as it was. A caller who gives up ends the pass only when nobody else waits
// for it.
func (w *Worker) RunOnce(ctx context.Context) (Report, error) {
	r := w.join(ctx)
	select {
	case <-r.done:
		return r.report, r.err
	case <-ctx.Done():
	}
	if !w.leave(r) {
		return Report{StoppedBy: "Others wait for the pass; this caller gave up."}, ctx.Err()
	}
	<-r.done
	return r.report, r.err
}

// join is the run to wait for, begun if there is none.
func (w *Worker) join(ctx context.Context) *run {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.run != nil {
		w.run.waiting++
		return w.run
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &run{waiting: 1, cancel: cancel, done: make(chan struct{})}
	w.run = r
	go func() {
		defer cancel()
		r.report, r.err = w.pass(ctx)
		w.mu.Lock()
		if w.run == r {
			w.run = nil
		}
		w.mu.Unlock()
		close(r.done)
	}()
	return r
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
	r.cancel()
	return true
}

func (w *Worker) pass(ctx context.Context) (Report, error) {
	r := Report{StartedAt: w.d.Now()}
	r.ID = r.StartedAt.UTC().Format("20060102T150405.000")
	err := w.refresh(ctx)
	if err == nil {
		if settleErr := w.d.Settle(ctx); settleErr != nil {
			w.d.Log.Warn("a plan has no known outcome yet", "error", settleErr)
		}
		err = w.lookAtAll(ctx, &r)
	}
	r.FinishedAt = w.d.Now()
	if err != nil {
		r.StoppedBy = words(err)
		return r, err
	}
	r.Complete = true
	return r, nil
}

// refresh lists PBXs, trunks and numbers, and tells about serials that are new.
func (w *Worker) refresh(ctx context.Context) error {
	pbxs, err := w.d.Cloud.ListPBXs(ctx)
	if err != nil {
		return fmt.Errorf("reconcile: list PBXs: %w", err)
	}
	fresh, err := w.d.Catalogue.KeepPBXs(ctx, pbxs, w.d.Now())
	if err != nil {
		return fmt.Errorf("reconcile: keep PBXs: %w", err)
	}
	if len(fresh) > 0 {
		w.d.Arrived(fresh)
	}
	trunks, err := w.d.Cloud.ListTrunks(ctx)
	if err != nil {
		return fmt.Errorf("reconcile: list trunks: %w", err)
	}
	if err := w.d.Catalogue.KeepTrunks(ctx, trunks, w.d.Now()); err != nil {
		return fmt.Errorf("reconcile: keep trunks: %w", err)
	}
	dids, err := w.d.Cloud.ListDIDs(ctx)
	if err != nil {
		return fmt.Errorf("reconcile: list DIDs: %w", err)
	}
	if err := w.d.Catalogue.KeepDIDs(ctx, dids, w.d.Now()); err != nil {
		return fmt.Errorf("reconcile: keep DIDs: %w", err)
	}
	return nil
}

func (w *Worker) lookAtAll(ctx context.Context, r *Report) error {
	ids, err := w.d.Catalogue.Watched(ctx)
	if err != nil {
		return fmt.Errorf("reconcile: which PBXs: %w", err)
	}
	r.PBXs = len(ids)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan fleet.PBXID)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range w.d.InFlight {
		wg.Go(func() {
			for id := range queue {
				moved, err := w.d.Observer.Look(ctx, id)
				mu.Lock()
				if err == nil {
					r.Verified++
				} else {
					r.Failed++
				}
				if moved {
					r.Snapshots++
				}
				mu.Unlock()
				if fleet.KindOf(err) == fleet.KindDenied {
					cancel(err)
				}
				w.d.Moved(id)
			}
		})
	}
	for _, id := range ids {
		select {
		case queue <- id:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(queue)
	wg.Wait()
	return context.Cause(ctx)
}

func words(err error) string {
	if e, ok := errors.AsType[*fleet.Error](err); ok {
		return e.Msg
	}
	return err.Error()
}
