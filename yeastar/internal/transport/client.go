package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"cordboard/yeastar"
)

// Config is what a Client needs. ycm.Config says the meaning of the fields and
// fills in the defaults; here every field is set, Log and HTTPClient may be nil.
type Config struct {
	BaseURL       *url.URL
	ClientID      string
	ClientSecret  yeastar.Secret
	UserAgent     string
	RatePerMinute int
	MaxInFlight   int
	HTTPClient    *http.Client
	Log           *slog.Logger
	ReadTimeout   time.Duration
	WriteTimeout  time.Duration
	RetryBase     time.Duration
	Kept          Kept
}

// Client sends calls to one vendor account. Safe for concurrent use.
type Client struct {
	base          *url.URL
	clientID      string
	clientSecret  yeastar.Secret
	userAgent     string
	readTimeout   time.Duration
	writeTimeout  time.Duration
	retryBase     time.Duration
	reads, writes *http.Client
	log           *slog.Logger
	now           func() time.Time
	gate          *gate
	tokens        *tokens
	// direct: the vendor is one PBX, and the token travels in the query.
	direct bool
	kept   Kept
	redact *redactor
	offset atomic.Int64
}

// New makes a client. It sends nothing yet.
func New(cfg Config) *Client {
	c := &Client{
		base:         cfg.BaseURL,
		clientID:     cfg.ClientID,
		clientSecret: cfg.ClientSecret,
		userAgent:    cfg.UserAgent,
		readTimeout:  cfg.ReadTimeout,
		writeTimeout: cfg.WriteTimeout,
		retryBase:    cfg.RetryBase,
		log:          cfg.Log,
		now:          time.Now,
		gate:         newGate(cfg.RatePerMinute, cfg.MaxInFlight),
		kept:         cfg.Kept,
		redact:       newRedactor(cfg.ClientSecret),
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.reads, c.writes = httpClients(cfg.HTTPClient, cfg.MaxInFlight)
	c.tokens = &tokens{ask: c.askToken, mint: c.mintForm, now: func() time.Time { return c.now() },
		load: c.loadPair, save: c.savePair, lock: c.lockPair}
	return c
}

// httpClients gives the clients for reads and for writes. Neither follows
// redirects. Writes use a fresh connection each: on a kept-alive one that the
// server closes at that moment, the fate of a write would be unknown for no good
// reason. A given client keeps its own transport; when that is an
// *http.Transport, writes get a copy of it without keep-alive.
func httpClients(given *http.Client, inFlight int) (reads, writes *http.Client) {
	noRedirect := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	base := http.RoundTripper(ownTransport(inFlight))
	reads, writes = &http.Client{}, &http.Client{}
	if given != nil {
		*reads, *writes = *given, *given
		base = http.DefaultTransport
		if given.Transport != nil {
			base = given.Transport
		}
	}
	reads.CheckRedirect, writes.CheckRedirect = noRedirect, noRedirect
	reads.Transport, writes.Transport = base, base
	if t, ok := base.(*http.Transport); ok {
		once := t.Clone()
		once.DisableKeepAlives = true
		writes.Transport = once
	}
	return reads, writes
}

// ownTransport is the transport used when none is given. Proxies come from the
// environment, which never applies to loopback addresses. HTTP/1.1 only: one
// request per connection at a time keeps the fate of a write easy to tell.
func ownTransport(inFlight int) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		IdleConnTimeout:        60 * time.Second,
		MaxIdleConnsPerHost:    max(8, inFlight),
		MaxResponseHeaderBytes: 1 << 20,
		Protocols:              protocols,
	}
}

// Call is one request of the API.
type Call struct {
	// Op names the operation and its subject for errors and logs; no secrets.
	Op     string
	Method string
	Path   string
	Query  url.Values
	// Body is sent as JSON; nil sends no body.
	Body any
	// PBX says that the answer is a PBX's own, not YCM's.
	PBX bool
	// Secrets are in Body and must not come back in any text.
	Secrets []yeastar.Secret
}

// Do sends a call and gives its answer, or an error that is a *yeastar.Error.
// Only GET is ever sent more than once, but for the one replay after the vendor
// has refused the token of a call.
func (c *Client) Do(ctx context.Context, call Call) (Answer, error) {
	body, err := encode(call.Body)
	if err != nil {
		return Answer{}, &yeastar.Error{Op: call.Op, Kind: yeastar.KindInvalid, Sent: yeastar.SentNo, Msg: "the body cannot be encoded", Err: err}
	}
	for _, s := range call.Secrets {
		c.redact.hide(s)
	}
	var a Answer
	var f *failure
	if call.Method == http.MethodGet {
		a, f = c.retryRead(ctx, func() (Answer, *failure) { return c.authorized(ctx, call, body) })
	} else {
		a, f = c.authorized(ctx, call, body)
	}
	if f != nil {
		f.err.Op = call.Op
		return Answer{}, f.err
	}
	return a, nil
}

// encode gives v as JSON without HTML escapes, nil for nil.
func encode(v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode the body: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// authorized sends a call with a token, and once more with a new one when the
// vendor refuses the first: a refused token means that nothing was done. When
// the new one is refused too, that is an authentication failure. One that another
// process kept is not new: it may have ended unseen, and is replaced like the first.
func (c *Client) authorized(ctx context.Context, call Call, body []byte) (Answer, *failure) {
	b, f := c.tokens.get(ctx)
	if f != nil {
		return Answer{}, noToken(f)
	}
	a, f := c.once(ctx, call, body, b)
	for replay := true; replay && f != nil && f.reauth; replay = b.kept {
		c.tokens.reject(b)
		if b, f = c.tokens.get(ctx); f != nil {
			return Answer{}, noToken(f)
		}
		a, f = c.once(ctx, call, body, b)
	}
	if f != nil && f.reauth {
		f.err.Kind = yeastar.KindCredentials
		c.tokens.reject(b)
		c.tokens.condemn(b, f.err)
	}
	return a, f
}

// once passes the gate and sends a call one time.
func (c *Client) once(ctx context.Context, call Call, body []byte, b bearer) (Answer, *failure) {
	leave, err := c.gate.enter(ctx)
	if err != nil {
		kind := yeastar.KindThrottled
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			kind = yeastar.KindUnavailable
		}
		return Answer{}, c.broken(kind, yeastar.SentNo, "not sent", err)
	}
	defer leave()
	timeout := c.readTimeout
	if call.Method != http.MethodGet {
		timeout = c.writeTimeout
	}
	began := c.now()
	out := outgoing{
		method: call.Method, path: call.Path, query: call.Query,
		contentType: "application/json", body: body, timeout: timeout,
	}
	if c.direct {
		out.inQuery = b.token
	} else {
		out.bearer = b.token
	}
	r, f := c.exchange(ctx, out)
	var a Answer
	switch {
	case f != nil:
	case call.PBX:
		a, f = c.readPBX(r)
	default:
		a, f = c.readEnvelope(r)
	}
	c.settle(a, f)
	c.record(ctx, call, a, f, c.now().Sub(began))
	return a, f
}

// settle learns from an answer: the vendor's clock, that the token works, that
// we are too fast.
func (c *Client) settle(a Answer, f *failure) {
	switch {
	case f == nil:
		c.tokens.accepted()
		if !a.VendorTime.IsZero() {
			c.offset.Store(int64(a.VendorTime.Sub(a.At)))
		}
	case f.fatal:
		c.tokens.halt(f)
	case f.err.ByPBX && !c.direct: // one PBX behind YCM: it says nothing of YCM
		c.tokens.accepted()
	case f.err.Kind == yeastar.KindThrottled:
		c.gate.cool(max(f.err.RetryAfter, c.retryBase))
	case f.refused && !f.reauth && f.err.Kind != yeastar.KindDenied:
		c.tokens.accepted()
	}
}

// record writes one debug line per request: never a query, body or header.
func (c *Client) record(ctx context.Context, call Call, a Answer, f *failure, took time.Duration) {
	attrs := []any{"op", call.Op, "method", call.Method, "path", call.Path, "took", took}
	if f != nil {
		attrs = append(attrs, "status", f.err.HTTPStatus, "request_id", f.err.RequestID, "error", f.err)
	} else {
		attrs = append(attrs, "request_id", a.RequestID)
	}
	c.log.DebugContext(ctx, "vendor call", attrs...)
}

// ClockOffset is the vendor's clock minus ours, by the latest answer; 0 when it
// is under 2 s, since the vendor tells whole seconds.
func (c *Client) ClockOffset() time.Duration {
	d := time.Duration(c.offset.Load())
	if d.Abs() < 2*time.Second {
		return 0
	}
	return d
}

// Status is how a client stands with the vendor.
type Status struct {
	// Stopped says that nothing is sent until Resume.
	Stopped bool
	// Since is when it stopped, zero when it did not.
	Since time.Time
	// Failures counts the authentication failures in a row.
	Failures int
	// Reason is the last authentication failure in words, "" when there was none
	// since the start or the last Resume.
	Reason string
	// Code is the vendor's code of what stopped the client at once, 0 when it was something else.
	Code int
}

// Status tells whether the client stopped itself, and why.
func (c *Client) Status() Status {
	c.tokens.mu.Lock()
	defer c.tokens.mu.Unlock()
	t := c.tokens
	s := Status{Stopped: !t.stopped.IsZero(), Since: t.stopped, Failures: t.failures, Reason: t.reason}
	if t.cause != nil {
		s.Code = t.cause.Code
	}
	return s
}

// Resume lifts a stop: the next call asks for a new token, and stops the client again when that is refused.
func (c *Client) Resume() { c.tokens.resume() }
