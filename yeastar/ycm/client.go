package ycm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/internal/transport"
)

// Defaults of Config.
const (
	DefaultUserAgent     = "Cordboard"
	DefaultRatePerMinute = 100
	DefaultMaxInFlight   = 4
	DefaultReadTimeout   = 20 * time.Second
	DefaultWriteTimeout  = 30 * time.Second
	DefaultRetryBase     = 500 * time.Millisecond
)

// Config is what New needs. BaseURL, ClientID and ClientSecret are required; the
// zero value of every other field means its default.
type Config struct {
	// BaseURL is the vendor's address, such as https://ycm.yeastar.com. http is
	// allowed to loopback addresses only.
	BaseURL string
	// ClientID and ClientSecret come from YCM's page System > API.
	ClientID     string
	ClientSecret yeastar.Secret
	// UserAgent is sent with every request; the vendor demands one.
	UserAgent string
	// RatePerMinute is our own limit of requests per minute. A quarter of it may go
	// at once; half of that quarter is left to people.
	RatePerMinute int
	// MaxInFlight is our own limit of calls under way at the same time. Of several,
	// one is kept for people.
	MaxInFlight int
	// HTTPClient replaces the client's own; nil is right outside tests. Its
	// redirect policy is replaced: redirects are never followed.
	HTTPClient *http.Client
	// Log gets one debug line per request, without secrets; nil discards them.
	Log *slog.Logger
	// ReadTimeout and WriteTimeout bound one attempt, waiting for the rate budget
	// not included.
	ReadTimeout  time.Duration
	WriteTimeout time.Duration
	// RetryBase is the first wait before a read is tried again; waits grow and are
	// jittered, at most four attempts within 45 seconds. Writes are never retried.
	RetryBase time.Duration
	// Tokens keeps the token pair across restarts and shares it between processes; nil = each has its own.
	Tokens TokenStore
}

// TokenStore keeps the token pair of a client id, since a newer one may kill an older one. A client first uses what
// is kept, and looks there again before it asks for another pair. A store that fails costs a login, not a call. What
// it is given is a secret: encrypt it.
type TokenStore interface {
	// LoadToken gives what SaveToken was given last, by whatever process; the zero Secret when there is nothing.
	LoadToken(ctx context.Context) (yeastar.Secret, error)
	SaveToken(ctx context.Context, pair yeastar.Secret) error
	// LockToken waits until no other process renews the pair, and keeps the others waiting until unlock.
	LockToken(ctx context.Context) (unlock func(), err error)
}

// Client is one vendor account. Share one per client id: a newer token may kill
// an older one. Safe for concurrent use.
type Client struct {
	t *transport.Client
	// pages is how many pages of a list are asked for at the same time.
	pages int
}

// New checks cfg and makes a client. It sends nothing.
func New(cfg Config) (*Client, error) {
	base, err := transport.ParseBaseURL(cfg.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("ycm: %w", err)
	}
	if cfg.ClientID == "" || cfg.ClientSecret.IsZero() {
		return nil, errors.New("ycm: Config.ClientID and Config.ClientSecret are needed")
	}
	if cfg.RatePerMinute < 0 || cfg.MaxInFlight < 0 || cfg.ReadTimeout < 0 || cfg.WriteTimeout < 0 || cfg.RetryBase < 0 {
		return nil, errors.New("ycm: a limit in Config is negative")
	}
	inFlight := orDefault(cfg.MaxInFlight, DefaultMaxInFlight)
	var kept transport.Kept
	if s := cfg.Tokens; s != nil {
		kept = transport.Kept{Load: s.LoadToken, Save: s.SaveToken, Lock: s.LockToken}
	}
	return &Client{pages: inFlight, t: transport.New(transport.Config{
		BaseURL:       base,
		ClientID:      cfg.ClientID,
		ClientSecret:  cfg.ClientSecret,
		UserAgent:     orDefault(cfg.UserAgent, DefaultUserAgent),
		RatePerMinute: orDefault(cfg.RatePerMinute, DefaultRatePerMinute),
		MaxInFlight:   inFlight,
		HTTPClient:    cfg.HTTPClient,
		Log:           cfg.Log,
		ReadTimeout:   orDefault(cfg.ReadTimeout, DefaultReadTimeout),
		WriteTimeout:  orDefault(cfg.WriteTimeout, DefaultWriteTimeout),
		RetryBase:     orDefault(cfg.RetryBase, DefaultRetryBase),
		Kept:          kept,
	})}, nil
}

// orDefault gives v, or def when v is its zero value.
func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// Background marks the calls made under ctx as a pass over the fleet: everybody
// else's calls go first, and part of the rate budget is left to people.
func Background(ctx context.Context) context.Context { return transport.Background(ctx) }

// Asked marks the calls made under ctx as asked for by a report or an opened page:
// they go before a pass, and give way to people as that does.
func Asked(ctx context.Context) context.Context { return transport.Asked(ctx) }

// Status is how the client stands with the vendor's authentication.
type Status = transport.Status

// Status tells whether the client stopped itself after two authentication
// failures in a row, and why. Every call of a stopped client is KindStopped.
func (c *Client) Status() Status { return c.t.Status() }

// Resume lifts the stop: the next call asks for a new token, and stops the client
// again when that is refused.
func (c *Client) Resume() { c.t.Resume() }

// ClockOffset is the vendor's clock minus ours by the latest answer, 0 when it is
// under 2 s.
func (c *Client) ClockOffset() time.Duration { return c.t.ClockOffset() }

// Receipt is the vendor's acknowledgement of a write. The vendor applies some
// writes after it has answered: a receipt is no proof, read back.
type Receipt struct {
	// RequestID is the vendor's id of the request.
	RequestID string
	// VendorTime is the envelope's time (UTC, whole seconds), zero if it had none.
	VendorTime time.Time
	// At is when the answer arrived, by our clock.
	At time.Time
}

// get sends one read.
func (c *Client) get(ctx context.Context, op, path string, query url.Values) (transport.Answer, error) {
	return c.t.Do(ctx, transport.Call{Op: op, Method: http.MethodGet, Path: path, Query: query})
}

// write sends one write, once. Only what the vendor documents as an answer to it is in the receipt.
func (c *Client) write(ctx context.Context, op, method, path string, body any) (transport.Answer, Receipt, error) {
	a, err := c.t.Do(ctx, transport.Call{Op: op, Method: method, Path: path, Body: body})
	if err != nil {
		return a, Receipt{}, err
	}
	return a, Receipt{RequestID: a.RequestID, VendorTime: a.VendorTime, At: a.At}, nil
}
