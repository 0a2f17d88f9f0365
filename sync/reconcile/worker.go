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
	Numbers   Numbers
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
	d Deps

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
	return &Worker{d: d, asked: map[fleet.PBXID]bool{}, looks: make(chan struct{}, 1), lists: make(chan struct{}, 1)}, nil
}

// Interval is the time between two passes; 0 when none starts by itself.
func (w *Worker) Interval() time.Duration { return w.d.Interval }

// Run serves asks and runs passes until ctx ends: the first one at once when there is a schedule. A
// pass under way ends with it.
func (w *Worker) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { w.serveLooks(ctx) })
	wg.Go(func() { w.serveLists(ctx) })
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
