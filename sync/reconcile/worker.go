package reconcile

import (
	"context"
	"errors"
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
	Interval  time.Duration
	InFlight  int // PBXs that are read at the same time
	Now       func() time.Time
	Log       *slog.Logger
	Arrived   func(serials []string) // PBXs whose serial was not known before
	Moved     func(fleet.PBXID)      // a PBX was looked at
	// Settle learns the fate of plans whose outcome is unknown, by reading.
	Settle func(context.Context) error
}

// Worker runs passes and asked-for looks.
type Worker struct {
	d Deps

	mu       sync.Mutex
	run      *run
	asked    map[fleet.PBXID]bool
	stranger bool
	wake     chan struct{}
}

// New checks the dependencies.
func New(d Deps) (*Worker, error) {
	if d.Cloud == nil || d.Catalogue == nil || d.Observer == nil || d.Now == nil || d.Log == nil || d.Arrived == nil || d.Moved == nil || d.Settle == nil {
		return nil, errors.New("reconcile: a field of Deps is nil")
	}
	if d.InFlight < 1 {
		return nil, errors.New("reconcile: Deps.InFlight is less than one")
	}
	return &Worker{d: d, asked: map[fleet.PBXID]bool{}, wake: make(chan struct{}, 1)}, nil
}

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

// AskCatalogue has the lists refreshed soon, at most once in a while: a report named a stranger.
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

// Run serves asks and runs passes until ctx ends: the first one at once when there is a schedule.
func (w *Worker) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { w.serveAsks(ctx) })
	if w.d.Interval > 0 {
		wg.Go(func() { w.schedule(ctx) })
	}
	wg.Wait()
}

func (w *Worker) schedule(ctx context.Context) {
	for ctx.Err() == nil {
		if r, err := w.RunOnce(ctx); err != nil && ctx.Err() == nil {
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
			if err := w.refresh(ctx); err != nil && ctx.Err() == nil {
				w.d.Log.Warn("the lists could not be refreshed", "error", err)
			}
		}
		for id := range asked {
			if _, err := w.d.Observer.Look(ctx, id); err != nil && ctx.Err() == nil {
				w.d.Log.Warn("an asked-for read failed", "pbx", id, "error", err)
			}
			w.d.Moved(id)
		}
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
