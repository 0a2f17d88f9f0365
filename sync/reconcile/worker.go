package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"cordboard/sync/fleet"
)

// Deps is what a Worker works with. Every field is needed, but Interval may be zero: then no
// pass starts by itself, and asked-for reads still run.
type Deps struct {
	Cloud     Cloud
	Catalogue Catalogue
	Observer  Observer
	Ledger    Ledger
	Book      Book
	Interval  time.Duration
	InFlight  int // PBXs that are read at the same time
	Now       func() time.Time
	Log       *slog.Logger
	Arrived   func(serials []string) // PBXs whose serial was not known before
	Moved     func(fleet.PBXID)      // a PBX was looked at, and something about it may be new
	Verified  func([]fleet.PBXID)    // PBXs showed what was known
	Progress  func()                 // a pass began, got on or ended
	// Settle learns the fate of plans whose outcome is unknown, by reading.
	Settle func(context.Context) error
	// Background marks calls that give way to everybody, Asked those that give way to people alone.
	Background, Asked func(context.Context) context.Context
}

// check says which dependency is missing.
func (d Deps) check() error {
	switch {
	case d.Cloud == nil, d.Catalogue == nil, d.Observer == nil, d.Ledger == nil, d.Book == nil:
		return errors.New("reconcile: a port of Deps is nil")
	case d.Now == nil, d.Log == nil, d.Arrived == nil, d.Moved == nil, d.Verified == nil, d.Progress == nil, d.Settle == nil:
		return errors.New("reconcile: a field of Deps is nil")
	case d.Background == nil, d.Asked == nil:
		return errors.New("reconcile: Deps does not say how to mark calls")
	case d.InFlight < 1:
		return errors.New("reconcile: Deps.InFlight is less than one")
	}
	return nil
}

// Worker runs passes and asked-for looks.
type Worker struct {
	d Deps

	mu       sync.Mutex
	run      *run
	halted   bool
	asked    map[fleet.PBXID]bool
	stranger bool
	wake     chan struct{}
}

// New checks the dependencies.
func New(d Deps) (*Worker, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	return &Worker{d: d, asked: map[fleet.PBXID]bool{}, wake: make(chan struct{}, 1)}, nil
}

// Interval is the time between two passes; 0 when none starts by itself.
func (w *Worker) Interval() time.Duration { return w.d.Interval }

// settleFor is how long an asked-for read waits for more reports of the same burst.
const settleFor = 300 * time.Millisecond

// strangerEvery bounds how often reports of unknown serials make the catalogue refresh.
const strangerEvery = 30 * time.Second

// Ask has one PBX looked at soon. Asking often costs one look.
func (w *Worker) Ask(id fleet.PBXID) {
	w.mu.Lock()
	w.asked[id] = true
	w.mu.Unlock()
	w.nudge()
}

// AskCatalogue has the lists refreshed soon, at most once in a while: a report named a stranger, or
// somebody looks at an empty fleet.
func (w *Worker) AskCatalogue() {
	w.mu.Lock()
	w.stranger = true
	w.mu.Unlock()
	w.nudge()
}

func (w *Worker) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run serves asks and runs passes until ctx ends: the first one at once when there is a schedule. A
// pass under way ends with it.
func (w *Worker) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { w.serveAsks(ctx) })
	if w.d.Interval > 0 {
		wg.Go(func() { w.schedule(ctx) })
	}
	<-ctx.Done()
	w.halt()
	wg.Wait()
}

func (w *Worker) schedule(ctx context.Context) {
	for ctx.Err() == nil {
		if r, err := w.RunFor(ctx, Cause{Why: fleet.PassSchedule}); err != nil && ctx.Err() == nil {
			w.d.Log.Warn("a pass did not complete", "stopped_by", r.StoppedBy, "verified", r.Verified, "error", err)
		}
		sleep(ctx, w.d.Interval*9/10+rand.N(w.d.Interval/5+1))
	}
}

func (w *Worker) serveAsks(ctx context.Context) {
	var refreshed time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
		sleep(ctx, settleFor)
		w.mu.Lock()
		asked, refresh := w.asked, w.stranger
		w.asked = map[fleet.PBXID]bool{}
		due := refresh && w.d.Now().Sub(refreshed) >= strangerEvery
		if due {
			w.stranger = false
		}
		w.mu.Unlock()
		if refresh && !due {
			time.AfterFunc(strangerEvery-w.d.Now().Sub(refreshed), w.nudge)
		}
		if due {
			refreshed = w.d.Now()
			if err := w.meet(w.d.Asked(ctx)); err != nil && ctx.Err() == nil {
				w.d.Log.Warn("the lists could not be refreshed", "error", err)
			}
		}
		for id := range asked {
			if _, err := w.d.Observer.Sweep(w.d.Asked(ctx), id); err != nil && ctx.Err() == nil {
				w.d.Log.Warn("an asked-for read failed", "pbx", id, "error", err)
			}
			w.d.Moved(id)
		}
	}
}

// meet lists the PBXs; the first time, everything.
func (w *Worker) meet(ctx context.Context) error {
	_, at, err := w.d.Catalogue.NumbersListed(ctx)
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
