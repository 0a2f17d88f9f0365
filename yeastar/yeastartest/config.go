package yeastartest

import (
	"log/slog"
	"time"
)

// Config is what a simulator is made from. The zero value is a YCM with default
// credentials and default assumptions.
type Config struct {
	// Seed makes request ids, tokens and shuffles repeatable.
	Seed int64
	// ClientID and ClientSecret are the API credentials; "" takes
	// DefaultClientID and DefaultClientSecret.
	ClientID, ClientSecret string
	// Assumptions are the switches for what the vendor leaves open.
	Assumptions Assumptions
	// Now is the vendor's clock; nil = time.Now. Waiting (Latency, ApplyDelay,
	// resends) always takes real time.
	Now func() time.Time
	// Latency passes before each request is looked at.
	Latency time.Duration
	// ApplyDelay passes between the 200 of PUT did and the moment it takes
	// effect: until then reads show the old bindings and no report is sent.
	ApplyDelay time.Duration
	// AccessLifetime and RefreshLifetime are how long tokens live; 0 = 30
	// minutes and 15 days.
	AccessLifetime, RefreshLifetime time.Duration
	// Webhooks is how reports are delivered.
	Webhooks WebhookPolicy
	// NoRecord keeps no requests and no deliveries: for load.
	NoRecord bool
	// Log gets one line per request, without bodies; nil = no log.
	Log *slog.Logger
}

// The credentials of a simulator that was given none.
const (
	DefaultClientID     = "simulator-client"
	DefaultClientSecret = "simulator-secret"
)

func (c Config) withDefaults() Config {
	c.ClientID = or(c.ClientID, DefaultClientID)
	c.ClientSecret = or(c.ClientSecret, DefaultClientSecret)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.AccessLifetime == 0 {
		c.AccessLifetime = 30 * time.Minute
	}
	if c.RefreshLifetime == 0 {
		c.RefreshLifetime = 15 * 24 * time.Hour
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}
