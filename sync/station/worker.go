package station

import (
	"context"

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
	return reconcile.New(reconcile.Deps{
		Cloud: s.Cloud, Catalogue: listings{s.DB, s.Trunks.Ask}, Observer: glancer, Ledger: s.DB, Book: s.DB,
		Interval: c.Interval, InFlight: c.inFlight(), Now: c.Now, Log: c.Log, Background: upstream.Background, Asked: upstream.Asked,
		Arrived: func(serials []string) { s.arrived(c, serials) },
		Moved:   func(id fleet.PBXID) { c.Announce(topics(id)...) },
		Verified: func(ids []fleet.PBXID) {
			if len(ids) <= announcedEach {
				for _, id := range ids {
					c.Announce("pbx:" + id.String())
				}
			}
			c.Announce("fleet")
		},
		Progress: func() { c.Announce("passes") },
		Settle:   s.Changer.Settle,
	})
}

// announcedEach is how many PBXs that only grew fresher are told to open pages one by one: of a large
// fleet so many are verified at a time that every page would be told to look at everything.
const announcedEach = 16

// inFlight is how many PBXs a pass reads at the same time: enough that a call is always ready to be
// sent while others are being answered, or judged.
func (c Config) inFlight() int {
	if c.Vendor == nil || c.Vendor.MaxInFlight == 0 {
		return 2 * ycm.DefaultMaxInFlight
	}
	return 2 * c.Vendor.MaxInFlight
}

// arrived takes up the reports that were parked for PBXs that were not known.
func (s *Station) arrived(c Config, serials []string) {
	if err := s.Ingester.Known(context.Background(), serials); err != nil {
		c.Log.Error("parked deliveries could not be taken up", "error", err)
	}
	c.Announce("fleet")
}
