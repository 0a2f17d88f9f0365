package transport

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/internal/wire"
)

// tokenPath is the vendor's token endpoint (contract §1.3).
const tokenPath = "/dm/open_api/oauth/token"

// assumedLifetime stands in for an expires_in that is missing.
const assumedLifetime = 5 * time.Minute

// askToken sends one token request. The token endpoint uses no envelope on
// success (contract §1.3).
func (c *Client) askToken(ctx context.Context, form url.Values) (grant, *failure) {
	// A deadline of its own: the renewal belongs to all who wait for it.
	waitCtx, cancel := context.WithTimeout(ctx, c.readTimeout)
	defer cancel()
	if err := c.gate.takeNow(waitCtx); err != nil {
		return grant{}, c.broken(yeastar.KindThrottled, yeastar.SentNo, "no room in our own rate budget for a token request", err)
	}
	r, f := c.exchange(ctx, outgoing{
		method: http.MethodPost, path: tokenPath,
		contentType: "application/x-www-form-urlencoded", body: []byte(form.Encode()), timeout: c.readTimeout,
	})
	if f == nil {
		var g grant
		if g, f = c.readGrant(r); f == nil {
			c.redact.learn(g.access)
			c.redact.learn(g.refresh)
			c.log.DebugContext(ctx, "vendor token", "grant", form.Get("grant_type"), "lifetime", g.lifetime)
			return g, nil
		}
	}
	f.err.Op = "ask for a token"
	c.log.DebugContext(ctx, "vendor token", "grant", form.Get("grant_type"), "error", f.err)
	return grant{}, f
}

// readGrant reads the answer of the token endpoint. A definite no, in whatever
// shape it comes, is an authentication failure.
func (c *Client) readGrant(r reply) (grant, *failure) {
	var body struct {
		Access   wire.Text  `json:"access_token"`
		Refresh  wire.Text  `json:"refresh_token"`
		Lifetime wire.Count `json:"expires_in"`
	}
	if r.ok() {
		if err := json.Unmarshal(r.body, &body); err == nil && body.Access != "" {
			g := grant{access: string(body.Access), refresh: string(body.Refresh), lifetime: time.Duration(body.Lifetime) * time.Second}
			if g.lifetime <= 0 {
				g.lifetime = assumedLifetime
			}
			return g, nil
		}
	}
	f := c.readFailure(r)
	if !f.transient && r.status >= 400 && r.status <= 499 {
		f.refused = true
	}
	if f.refused && f.err.Kind != yeastar.KindDenied {
		f.err.Kind = yeastar.KindCredentials
	}
	return grant{}, f
}

// mintForm is the body of a client_credentials request.
func (c *Client) mintForm() url.Values {
	return url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {c.clientID},
		"client_secret": {c.clientSecret.Reveal()},
	}
}

// noToken turns the failure of a token request into the failure of the call that
// needed it: the call itself was not sent.
func noToken(f *failure) *failure {
	e := *f.err
	e.Sent = yeastar.SentNo
	if e.Op != "" {
		e.Msg = fmt.Sprintf("%s: %s", e.Op, e.Msg)
	}
	return &failure{err: &e, transient: f.transient}
}
