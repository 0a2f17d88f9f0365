package reconcile

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"cordboard/sync/fleet"
)

// Deps is what a Worker works with. Every field is needed, but Interval may be zero: then no
// pass starts by itself, and asked-for reads still run.
type Deps struct {
	Cloud     Cloud
	Catalogue Catalogue
	Numbers   Numbers
	Observer  Observer
	Ledger    Ledger
	Book      Book
	Interval  time.Duration // can be set anew: [Worker.Every]
	InFlight  int           // PBXs that are read at the same time; can be set anew: [Worker.Pace]
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
	case d.Cloud == nil, d.Catalogue == nil, d.Numbers == nil, d.Observer == nil, d.Ledger == nil, d.Book == nil:
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
	d        Deps
	interval atomic.Int64
	inFlight atomic.Int64
	changed  chan struct{} // holds a token while the interval is new

	mu     sync.Mutex
	run    *run
	halted bool
	asked  map[fleet.PBXID]bool

	looks, lists chan struct{} // hold a token while somebody asks
}

// New checks the dependencies.
func New(d Deps) (*Worker, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	w := &Worker{d: d, asked: map[fleet.PBXID]bool{}, looks: make(chan struct{}, 1), lists: make(chan struct{}, 1), changed: make(chan struct{}, 1)}
	w.interval.Store(int64(d.Interval))
	w.Pace(d.InFlight)
	return w, nil
}

// Interval is the time between two passes; 0 when none starts by itself.
func (w *Worker) Interval() time.Duration { return time.Duration(w.interval.Load()) }

// Every sets the time between two passes, from the end of the last one on; 0: none starts by itself.
func (w *Worker) Every(d time.Duration) {
	w.interval.Store(int64(d))
	nudge(w.changed)
}

// Pace sets how many PBXs the next pass reads at the same time.
func (w *Worker) Pace(inFlight int) { w.inFlight.Store(int64(max(1, inFlight))) }

// Run serves asks and runs passes until ctx ends: the first one at once when there is a schedule. A
// pass under way ends with it.
func (w *Worker) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { w.serveLooks(ctx) })
	wg.Go(func() { w.serveLists(ctx) })
	wg.Go(func() { w.schedule(ctx) })
	<-ctx.Done()
	w.halt()
	wg.Wait()
}

func (w *Worker) schedule(ctx context.Context) {
	var last time.Time
	for ctx.Err() == nil {
		if !w.due(ctx, last) {
			continue
		}
		if r, err := w.RunFor(ctx, Cause{Why: fleet.PassSchedule}); err != nil && ctx.Err() == nil {
			w.d.Log.Warn("a pass did not complete", "stopped_by", r.StoppedBy, "verified", r.Verified, "error", err)
		}
		last = time.Now()
	}
}

// due waits until the next pass is due, counted from the end of the last one. It answers false when another
// interval was set meanwhile, or ctx ended.
func (w *Worker) due(ctx context.Context, last time.Time) bool {
	every := w.Interval()
	var due <-chan time.Time
	switch {
	case every > 0 && last.IsZero():
		return true
	case every > 0:
		due = time.After(time.Until(last) + every*9/10 + rand.N(every/5+1))
	}
	select {
	case <-due:
		return true
	case <-w.changed:
	case <-ctx.Done():
	}
	return false
}
