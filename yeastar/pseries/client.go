package pseries

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/internal/transport"
	"cordboard/yeastar/ycm"
)

// Our own limits per PBX: the vendor publishes none (contract §10.14).
const (
	DefaultRatePerMinute = 300
	DefaultMaxInFlight   = 2
	burst                = 5
)

// Client is one PBX. Keep one per PBX: each direct one uses one of the PBX's eight tokens. Safe for
// concurrent use.
type Client struct {
	way way
}

// way brings one call to the PBX and its answer back.
type way interface {
	do(ctx context.Context, call transport.Call) (transport.Answer, error)
	close(ctx context.Context) error
	status() Status
	resume()
}

// Status is how a client stands with the PBX's authentication: Code is the PBX's errcode of what
// stopped it.
type Status = transport.Status

// Relay is what NewRelay needs: the client of YCM and the PBX's serial number. Zero limits mean their
// defaults.
type Relay struct {
	YCM    *ycm.Client
	Serial string
	// RatePerMinute and MaxInFlight are our own limits for this PBX; YCM's client has its own besides.
	RatePerMinute, MaxInFlight int
}

// NewRelay gives a client that goes through YCM.
func NewRelay(cfg Relay) (*Client, error) {
	if cfg.YCM == nil || cfg.Serial == "" {
		return nil, errors.New("pseries: Relay.YCM and Relay.Serial are needed")
	}
	if cfg.RatePerMinute < 0 || cfg.MaxInFlight < 0 {
		return nil, errors.New("pseries: a limit in Relay is negative")
	}
	rate := cmp.Or(cfg.RatePerMinute, DefaultRatePerMinute)
	pace := transport.NewPace(rate, max(burst, rate/60), cmp.Or(cfg.MaxInFlight, DefaultMaxInFlight))
	return &Client{way: relay{ycm: cfg.YCM, serial: cfg.Serial, pace: pace}}, nil
}

// Status tells whether a direct client stopped itself, and why: every call of a stopped client is
// yeastar.KindStopped with the same Code. A client through YCM is never stopped here; see ycm.Client.
func (c *Client) Status() Status { return c.way.status() }

// Resume lifts the stop, once a person has changed something at the PBX. With other credentials make
// another client.
func (c *Client) Resume() { c.way.resume() }

// Close hands the token back to the PBX, which has eight of them. After it every call of a direct
// client is yeastar.KindStopped. When it fails, the token ends by itself within half an hour.
func (c *Client) Close(ctx context.Context) error { return c.way.close(ctx) }

// relay goes through YCM.
type relay struct {
	ycm    *ycm.Client
	serial string
	pace   transport.Pace
}

func (r relay) do(ctx context.Context, call transport.Call) (transport.Answer, error) {
	return r.ycm.Relay(ctx, r.pace, r.serial, call)
}
func (relay) close(context.Context) error { return nil }
func (relay) status() Status              { return Status{} }
func (relay) resume()                     {}

// direct goes to the PBX's own address.
type direct struct{ t *transport.Client }

func (d direct) do(ctx context.Context, call transport.Call) (transport.Answer, error) {
	return d.t.Do(ctx, call)
}
func (d direct) close(ctx context.Context) error { return d.t.HandBack(ctx) }
func (d direct) status() Status                  { return d.t.Status() }
func (d direct) resume()                         { d.t.Resume() }

// Receipt is the PBX's acknowledgement of a write. It is no proof: read back.
type Receipt struct {
	// RequestID is YCM's id of the request, "" without YCM.
	RequestID string
	// At is when the answer arrived, by our clock.
	At time.Time
}

// get sends one read.
func (c *Client) get(ctx context.Context, op, endpoint string, query url.Values) (transport.Answer, error) {
	return c.way.do(ctx, transport.Call{Op: op, Method: http.MethodGet, Path: transport.PBXPath + endpoint, Query: query, PBX: true})
}

// post sends one write. It is sent again only after the PBX refused the token it came with, which
// means that nothing was done.
func (c *Client) post(ctx context.Context, op, endpoint string, body any, secrets ...yeastar.Secret) (Receipt, error) {
	a, err := c.way.do(ctx, transport.Call{Op: op, Method: http.MethodPost, Path: transport.PBXPath + endpoint, Body: body, PBX: true, Secrets: secrets})
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{RequestID: a.RequestID, At: a.At}, nil
}

// malformed is the error of a successful answer in a shape that nobody documented.
func malformed(op string, a transport.Answer, cause error) error {
	return &yeastar.Error{Op: op, Kind: yeastar.KindMalformed, Sent: yeastar.SentAnswered,
		Msg: "the answer is not in the documented shape", RequestID: a.RequestID, Err: cause}
}

// invalid is the error of arguments that are refused before anything is sent.
func invalid(op, msg string) error {
	return &yeastar.Error{Op: op, Kind: yeastar.KindInvalid, Sent: yeastar.SentNo, Msg: msg}
}
