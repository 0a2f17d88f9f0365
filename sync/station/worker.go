package station

import (
	"context"
	"sync"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/observe"
	"cordboard/sync/reconcile"
	"cordboard/sync/upstream"
	"cordboard/yeastar/ycm"
)

// worker makes the sync worker; topics are those of the open pages about a PBX.
func (s *Station) worker(c Config, topics func(fleet.PBXID) []string) (*reconcile.Worker, error) {
	glancer, err := observe.NewGlancer(observe.GlanceDeps{Observer: s.Observer, Lists: s.Cloud, Memory: s.DB})
	if err != nil {
		return nil, err
	}
	fresher := &seldom{every: agesEvery, do: func() { c.Announce("fleet") }}
	return reconcile.New(reconcile.Deps{
		Cloud: s.Cloud, Catalogue: listings{s.DB, s.Trunks.Ask}, Numbers: s.DB, Observer: glancer, Ledger: s.DB, Book: s.DB,
		Interval: c.Interval, InFlight: inFlight(c.Vendor), Now: c.Now, Log: c.Log, Background: upstream.Background, Asked: upstream.Asked,
		Arrived: func(serials []string) { s.arrived(c, serials) },
		Moved:   func(id fleet.PBXID) { c.Announce(topics(id)...) },
		Verified: func(ids []fleet.PBXID) {
			if len(ids) <= announcedEach {
				for _, id := range ids {
					c.Announce("pbx:" + id.String())
				}
			}
			fresher.tell()
		},
		Progress: func() { c.Announce("passes") },
		Settle:   s.Changer.Settle,
	})
}

// announcedEach is how many PBXs that only grew fresher are told to open pages one by one: of a large
// fleet so many are verified at a time that every page would be told to look at everything.
const announcedEach = 16

// agesEvery is how often open pages are told that PBXs were verified and nothing else: a pass may take
// hours, and every page would load itself again all the time.
const agesEvery = 10 * time.Second

// seldom does something when it is told to, but not more often than every so often; the last time
// counts.
type seldom struct {
	every time.Duration
	do    func()

	mu   sync.Mutex
	last time.Time
	due  bool // it will be done later
}

func (s *seldom) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.due {
		return
	}
	if rest := s.every - time.Since(s.last); rest > 0 {
		s.due = true
		time.AfterFunc(rest, s.later)
		return
	}
	s.last = time.Now()
	s.do()
}

func (s *seldom) later() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due, s.last = false, time.Now()
	s.do()
}

// inFlight is how many PBXs a pass reads at the same time: enough that a call is always ready to be
// sent while others are being answered, or judged.
func inFlight(v *ycm.Config) int {
	if v == nil || v.MaxInFlight == 0 {
		return 2 * ycm.DefaultMaxInFlight
	}
	return 2 * v.MaxInFlight
}

// arrived takes up the reports that were parked for PBXs that were not known.
func (s *Station) arrived(c Config, serials []string) {
	if err := s.Ingester.Known(context.Background(), serials); err != nil {
		c.Log.Error("parked deliveries could not be taken up", "error", err)
	}
	c.Announce("fleet")
}
