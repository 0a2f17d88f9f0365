package station

import (
	"context"
	"errors"
	"maps"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/phone"
	"cordboard/sync/reconcile"
	"cordboard/sync/settings"
	"cordboard/sync/upstream"
	"cordboard/yeastar"
	"cordboard/yeastar/ycm"
)

// readSettings reads what admins set, makes the client of it, and puts it into c.
func (s *Station) readSettings(ctx context.Context, c *Config) (err error) {
	d := settings.Deps{Vault: s.DB, Start: c.start(), Fixed: c.fixed(), Now: c.Now, Log: c.Log,
		Try: func(ctx context.Context, y settings.Yeastar) (fleet.Account, error) { return s.try(ctx, *c, y) }}
	if s.Sealer != nil {
		d.Sealer = s.Sealer
	}
	if s.Settings, err = settings.New(ctx, d); err != nil {
		return err
	}
	now := s.Settings.Current()
	c.Interval, c.HomeRegion, c.Lifetime = now.Sync.Interval, now.Numbers.HomeRegion, now.Guard.Lifetime
	if c.Vendor == nil {
		c.Vendor = c.vendor(now.Yeastar)
	}
	s.Phone = phone.NewReader(c.HomeRegion)
	var client *ycm.Client
	if c.Vendor != nil {
		if client, err = s.client(*c.Vendor); err != nil {
			return err
		}
	}
	s.Cloud = upstream.New(client)
	return nil
}

// start is what holds where nothing is set.
func (c Config) start() settings.All {
	all := settings.Defaults()
	all.Sync.Interval, all.Numbers.HomeRegion, all.Guard.Lifetime = c.Interval, c.HomeRegion, or(c.Lifetime, all.Guard.Lifetime)
	if c.Yeastar != (settings.Yeastar{}) {
		all.Yeastar = c.Yeastar
	}
	if v := c.Vendor; v != nil {
		all.Yeastar = settings.Yeastar{BaseURL: v.BaseURL, ClientID: v.ClientID, Secret: settings.Secret(v.ClientSecret.Reveal()), Rate: max(v.RatePerMinute, 1)}
	}
	return all
}

// fixed are the values that can't be set: those that the start gave, which a whole client is.
func (c Config) fixed() map[settings.Field]string {
	fixed := maps.Clone(c.Fixed)
	if fixed == nil {
		fixed = map[settings.Field]string{}
	}
	if c.Vendor != nil {
		for _, f := range settings.Connection.Fields() {
			fixed[f] = "the start"
		}
	}
	return fixed
}

// perSlot is how many requests a minute one call in flight stands for, and mostSlots is the most calls
// in flight for people and passes together.
const (
	perSlot   = 600
	mostSlots = 33
)

// vendor is the client's configuration for a connection; nil when it has no credentials. The client's careful
// default of calls at a time grows with the rate, which would be out of reach else: one call at a time that takes
// 100 ms makes 600 a minute.
func (c Config) vendor(y settings.Yeastar) *ycm.Config {
	if y.ClientID == "" || y.Secret == "" {
		return nil
	}
	return &ycm.Config{BaseURL: y.BaseURL, ClientID: y.ClientID, ClientSecret: yeastar.NewSecret(string(y.Secret)), RatePerMinute: y.Rate,
		MaxInFlight: min(max(ycm.DefaultMaxInFlight, 1+y.Rate/perSlot), mostSlots), Log: c.Log}
}

// triedPBXs is how many PBXs on record a new connection is asked for.
const triedPBXs = 3

// try looks at YCM with a connection that nobody uses yet.
func (s *Station) try(ctx context.Context, c Config, y settings.Yeastar) (fleet.Account, error) {
	v := c.vendor(y)
	if v == nil {
		return fleet.Account{}, errors.New("station: a connection without credentials")
	}
	ctx, cancel := context.WithTimeout(ctx, trialTimeout)
	defer cancel()
	client, err := ycm.New(*v)
	if err != nil {
		return fleet.Account{}, err
	}
	rows, err := s.DB.PBXs(ctx, fleet.PBXFilter{State: fleet.InSync, Page: fleet.PageRequest{Limit: triedPBXs}}, c.Now(), untilForgotten)
	if err != nil {
		return fleet.Account{}, err
	}
	var record []fleet.PBXID
	for _, row := range rows.Items {
		record = append(record, row.PBX.ID)
	}
	return upstream.Look(ctx, client, record)
}

// A person waits for a trial, and what was in sync once, however long ago, is on record.
const (
	trialTimeout   = 25 * time.Second
	untilForgotten = 100 * 365 * 24 * time.Hour
)

// apply lets a change of the settings take effect.
func (s *Station) apply(p settings.Part, now settings.All) {
	switch p {
	case settings.Connection:
		s.connect(now.Yeastar)
	case settings.Limits:
		s.Changer.Tune(now.Guard.Plan(), now.Guard.Lifetime)
	case settings.Schedule:
		s.Worker.Every(now.Sync.Interval)
	case settings.Dialling:
		s.log.Info("another home region was set: numbers are read with it from the next start on", "region", now.Numbers.HomeRegion)
	}
}

// connect takes another connection and begins a first pass with it. Calls under way end with the old one.
func (s *Station) connect(y settings.Yeastar) {
	v := Config{Log: s.log}.vendor(y)
	if v == nil {
		return
	}
	client, err := s.client(*v)
	if err != nil {
		s.log.Error("the new connection to YCM can't be used", "error", err)
		return
	}
	s.Cloud.Use(client)
	s.Worker.Pace(inFlight(v))
	s.running.Go(func() {
		if _, err := s.Worker.Begin(context.Background(), reconcile.Cause{Why: fleet.PassSchedule}); err != nil {
			s.log.Warn("the first pass with the new connection did not begin", "error", err)
		}
	})
}
