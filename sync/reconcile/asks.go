package reconcile

import (
	"context"
	"fmt"
	"time"

	"cordboard/sync/fleet"
)

// settleFor is how long an asked-for read waits for more reports of the same burst.
const settleFor = 300 * time.Millisecond

// listEvery bounds how often reports of unknown serials have the PBXs listed.
const listEvery = 30 * time.Second

// Ask has one PBX looked at soon. Asking often costs one look.
func (w *Worker) Ask(id fleet.PBXID) {
	w.mu.Lock()
	w.asked[id] = true
	w.mu.Unlock()
	nudge(w.looks)
}

// AskCatalogue has the PBXs listed soon, at most once in a while: a report named a stranger, or
// somebody looks at an empty fleet.
func (w *Worker) AskCatalogue() { nudge(w.lists) }

func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// serveLooks looks at the PBXs that were asked for, one after the other.
func (w *Worker) serveLooks(ctx context.Context) {
	for wait(ctx, w.looks) {
		w.mu.Lock()
		asked := w.asked
		w.asked = map[fleet.PBXID]bool{}
		w.mu.Unlock()
		for id := range asked {
			if _, err := w.d.Observer.Sweep(w.d.Asked(ctx), id); err != nil && ctx.Err() == nil {
				w.d.Log.Warn("an asked-for read failed", "pbx", id, "error", err)
			}
			w.d.Moved(id)
		}
	}
}

// serveLists lists the PBXs when it is asked for. A long list keeps nobody's look waiting.
func (w *Worker) serveLists(ctx context.Context) {
	for wait(ctx, w.lists) {
		if err := w.meet(w.d.Asked(ctx)); err != nil && ctx.Err() == nil {
			w.d.Log.Warn("the lists could not be refreshed", "error", err)
		}
		sleep(ctx, listEvery)
	}
}

// wait reports whether somebody asked, and lets more of the same burst come in; false when ctx ends.
func wait(ctx context.Context, asked <-chan struct{}) bool {
	select {
	case <-ctx.Done():
		return false
	case <-asked:
	}
	sleep(ctx, settleFor)
	return ctx.Err() == nil
}

// meet lists the PBXs; the first time, everything.
func (w *Worker) meet(ctx context.Context) error {
	_, at, err := w.d.Numbers.NumbersListed(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("reconcile: last list of numbers: %w", err)
	case at.IsZero():
		return w.refresh(ctx, func(string) {})
	}
	return w.listPBXs(ctx)
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
