package transport

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/internal/wire"
)

// PBXPath is where the API of a PBX begins, below its own address and below YCM's relay.
const PBXPath = "/openapi/v1.0/"

const (
	// pbxAhead is how long before its end a PBX's token is renewed.
	pbxAhead = time.Minute
	// pbxHold is the first pause after a PBX had no token to give (60002): it frees one when an older
	// one ends, which takes minutes.
	pbxHold = 5 * time.Minute
)

// PBXConfig is what a client of one PBX needs. pseries.Direct says the meaning of the fields and fills
// in the defaults; Log, TLS and Now may be nil.
type PBXConfig struct {
	BaseURL       *url.URL
	ClientID      string
	ClientSecret  yeastar.Secret
	UserAgent     string
	RatePerMinute int
	Burst         int
	MaxInFlight   int
	TLS           *tls.Config
	Log           *slog.Logger
	ReadTimeout   time.Duration
	WriteTimeout  time.Duration
	RetryBase     time.Duration
	Now           func() time.Time
	Kept          Kept
}

// NewPBX makes a client of one PBX's own API. It sends nothing yet.
func NewPBX(cfg PBXConfig) *Client {
	// A PBX closes the connection after each answer.
	t := ownTransport(cfg.MaxInFlight)
	t.DisableKeepAlives = true
	t.TLSClientConfig = cfg.TLS
	c := New(Config{
		BaseURL: cfg.BaseURL, ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, UserAgent: cfg.UserAgent,
		RatePerMinute: cfg.RatePerMinute, MaxInFlight: cfg.MaxInFlight, HTTPClient: &http.Client{Transport: t},
		Log: cfg.Log, ReadTimeout: cfg.ReadTimeout, WriteTimeout: cfg.WriteTimeout, RetryBase: cfg.RetryBase, Kept: cfg.Kept,
	})
	c.direct = true
	c.gate = pacedGate(cfg.RatePerMinute, cfg.Burst, cfg.MaxInFlight)
	if cfg.Now != nil {
		c.now = cfg.Now
	}
	c.tokens.ask, c.tokens.mint, c.tokens.scarce = c.askPBXToken, c.pbxMintForm, true
	c.tokens.ahead = func(lifetime time.Duration) time.Duration { return min(pbxAhead, lifetime/2) }
	return c
}

// pbxMintForm is what get_token wants; askPBXToken writes it as JSON.
func (c *Client) pbxMintForm() url.Values {
	return url.Values{"username": {c.clientID}, "password": {c.clientSecret.Reveal()}}
}

// askPBXToken sends get_token, or refresh_token when the form has one.
func (c *Client) askPBXToken(ctx context.Context, form url.Values) (grant, *failure) {
	call := struct {
		Username string `json:"username,omitempty"`
		Password string `json:"password,omitempty"`
		Refresh  string `json:"refresh_token,omitempty"`
	}{form.Get("username"), form.Get("password"), form.Get("refresh_token")}
	op := "get_token"
	if call.Refresh != "" {
		op = "refresh_token"
	}
	body, err := encode(call)
	if err != nil {
		return grant{}, c.broken(yeastar.KindInvalid, yeastar.SentNo, "the token request cannot be built", err)
	}
	waitCtx, cancel := context.WithTimeout(ctx, c.readTimeout)
	defer cancel()
	if err := c.gate.takeNow(waitCtx); err != nil {
		return grant{}, c.broken(yeastar.KindThrottled, yeastar.SentNo, "no room in our own rate budget for a token request", err)
	}
	r, f := c.exchange(ctx, outgoing{method: http.MethodPost, path: PBXPath + op, contentType: "application/json",
		body: body, timeout: c.readTimeout})
	var g grant
	if f == nil {
		g, f = c.readPBXGrant(r, call.Refresh == "")
	}
	if f != nil {
		f.err.Op = op
		c.log.DebugContext(ctx, "PBX token", "call", op, "error", f.err)
		return grant{}, f
	}
	c.redact.learn(g.access)
	c.redact.learn(g.refresh)
	c.log.DebugContext(ctx, "PBX token", "call", op, "lifetime", g.lifetime)
	return g, nil
}

// readPBXGrant reads the answer of a token call.
func (c *Client) readPBXGrant(r reply, minted bool) (grant, *failure) {
	a, f := c.readPBX(r)
	if f != nil {
		return grant{}, judgeGrant(f, minted)
	}
	var body struct {
		Access          wire.Text  `json:"access_token"`
		Lifetime        wire.Count `json:"access_token_expire_time"`
		Refresh         wire.Text  `json:"refresh_token"`
		RefreshLifetime wire.Count `json:"refresh_token_expire_time"`
	}
	if err := json.Unmarshal(a.Body, &body); err != nil || body.Access == "" {
		return grant{}, c.unreadablePBX(r, "the answer has no token in it", err)
	}
	g := grant{access: string(body.Access), refresh: string(body.Refresh),
		lifetime: time.Duration(body.Lifetime) * time.Second, refreshLifetime: time.Duration(body.RefreshLifetime) * time.Second}
	if g.lifetime <= 0 {
		g.lifetime = assumedLifetime
	}
	return g, nil
}

// judgeGrant says what the failure of a token call means. Five failed logins block our address until
// a person lifts it, so that one ends the matter. A refresh token that is not taken is replaced by
// get_token, whatever the code.
func judgeGrant(f *failure, minted bool) *failure {
	switch {
	case f.fatal:
	case f.err.Code == pbxMaxLimit:
		f.err.Kind, f.hold, f.refused = yeastar.KindThrottled, pbxHold, false
	case !minted:
		f.refused = f.refused && f.err.ByPBX
	case f.err.Code == pbxFailure && f.err.ByPBX, f.reauth:
		f.err.Kind, f.refused, f.fatal = yeastar.KindCredentials, true, true
	default:
		f.refused = false
	}
	f.reauth = false
	return f
}

// HandBack ends the client and revokes its token, which frees one of the PBX's eight. After it every
// call is KindStopped. A client that has no token sends nothing.
func (c *Client) HandBack(ctx context.Context) error {
	token := c.tokens.close()
	if token == "" {
		return nil
	}
	r, f := c.exchange(ctx, outgoing{method: http.MethodGet, path: PBXPath + "del_token", inQuery: token, timeout: c.readTimeout})
	if f == nil {
		_, f = c.readPBX(r)
	}
	if f != nil && f.err.Code != pbxTokenExpired {
		f.err.Op = "hand the token back"
		return f.err
	}
	c.tokens.save(ctx, pair{})
	return nil
}

// Pace keeps the calls to one PBX few: those that go through YCM have no gate of their own.
type Pace struct{ gate *gate }

// NewPace allows perMinute calls, burst of them at once and inFlight at the same time.
func NewPace(perMinute, burst, inFlight int) Pace { return Pace{pacedGate(perMinute, burst, inFlight)} }

// Do sends a call through c when there is room.
func (p Pace) Do(ctx context.Context, c *Client, call Call) (Answer, error) {
	leave, err := p.gate.enter(ctx)
	if err != nil {
		f := c.broken(yeastar.KindUnavailable, yeastar.SentNo, "not sent", err)
		f.err.Op = call.Op
		return Answer{}, f.err
	}
	defer leave()
	return c.Do(ctx, call)
}
