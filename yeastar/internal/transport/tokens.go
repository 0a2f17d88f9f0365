package transport

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"cordboard/yeastar"
)

// maxFailures is the number of authentication failures in a row after which the
// client stops: five failed logins block our address at the vendor.
const maxFailures = 2

// grant is what the token endpoint gives.
type grant struct {
	access, refresh string
	lifetime        time.Duration
	// refreshLifetime is 0 where the vendor does not tell it.
	refreshLifetime time.Duration
}

// pair is a grant with the times at which its tokens end; zero = not told.
type pair struct {
	access, refresh               string
	expiresAt, refreshUntil, born time.Time
}

// bearer is an access token and its number: a token is rejected once, however
// many calls were under way with it.
type bearer struct {
	token  string
	number uint64
	kept   bool // it came out of the store
}

// tokens holds the one token of a client id. Renewal is single-flight, over all
// processes where a store is shared, since a newer token may kill an older one (contract §1.4).
type tokens struct {
	// ask sends one token request with the given form.
	ask func(ctx context.Context, form url.Values) (grant, *failure)
	// mint is the form of a client_credentials request.
	mint func() url.Values
	now  func() time.Time
	// ahead is how long before its end a token is renewed; nil = a tenth of its life, at most two minutes.
	ahead func(lifetime time.Duration) time.Duration
	// scarce says that the vendor has few tokens: one that may still be good is not thrown away.
	scarce bool
	// load gives the pair that was kept last, save keeps one, and lock keeps other processes out until
	// unlock. They run inside the one renewal.
	load func(ctx context.Context) pair
	save func(ctx context.Context, p pair)
	lock func(ctx context.Context) (unlock func())

	flight singleflight.Group

	mu      sync.Mutex
	current bearer
	refresh string
	born    time.Time // when the current pair was given, also after it was refused
	// refreshUntil is when the refresh token ends, zero when nobody said.
	refreshUntil time.Time
	renewAt      time.Time // refresh ahead of expiry
	expiresAt    time.Time
	failures     int
	condemned    uint64 // number of the last token counted as a failure
	stopped      time.Time
	reason       string
	cause        *yeastar.Error // what stopped it at once, nil otherwise
	closed       bool
	// heldUntil is the time before which no token is asked for, because the vendor has none to give;
	// holds counts how often in a row that was so.
	heldUntil time.Time
	holds     int
}

// errStopped is the cause of every call that a stopped client refuses.
var errStopped = errors.New("two authentication failures in a row; check the client id and secret, then resume")

// errClosed is the cause of every call that a closed client refuses.
var errClosed = errors.New("the client is closed")

// maxHold bounds the pause after the vendor had no token to give.
const maxHold = 30 * time.Minute

// get gives a token that is good for now, renewing it when needed. Callers that
// come during a renewal wait for that one. A caller that gives up does not end
// the renewal for the others.
func (t *tokens) get(ctx context.Context) (bearer, *failure) {
	if b, f, done := t.ready(); done {
		return b, f
	}
	type outcome struct {
		b bearer
		f *failure
	}
	ch := t.flight.DoChan("token", func() (any, error) {
		b, f := t.renew(context.WithoutCancel(ctx))
		return outcome{b, f}, nil
	})
	select {
	case res := <-ch:
		out, ok := res.Val.(outcome)
		if !ok {
			return bearer{}, &failure{err: &yeastar.Error{Kind: yeastar.KindUnavailable, Sent: yeastar.SentNo, Msg: "no token", Err: res.Err}}
		}
		return out.b, out.f
	case <-ctx.Done():
		return bearer{}, &failure{err: &yeastar.Error{Kind: yeastar.KindUnavailable, Sent: yeastar.SentNo,
			Msg: "given up while waiting for a token", Err: ctx.Err()}}
	}
}

// ready gives the answer that needs no request: a token that is still good, or
// the refusal of a stopped client.
func (t *tokens) ready() (b bearer, f *failure, done bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	held := t.heldUntil.Sub(now)
	switch {
	case t.closed:
		return bearer{}, stoppedBy(errClosed), true
	case !t.stopped.IsZero() && t.cause != nil:
		f = stoppedBy(t.cause)
		f.err.Code, f.err.Symbol, f.err.ByPBX = t.cause.Code, t.cause.Symbol, t.cause.ByPBX
		return bearer{}, f, true
	case !t.stopped.IsZero():
		return bearer{}, stoppedBy(errStopped), true
	case t.current.token != "" && now.Before(t.renewAt), t.current.token != "" && held > 0 && now.Before(t.expiresAt):
		return t.current, nil, true
	case held > 0:
		return bearer{}, &failure{err: &yeastar.Error{Kind: yeastar.KindThrottled, Sent: yeastar.SentNo,
			Msg: "no token is free at the vendor; it is asked again later", RetryAfter: held}}, true
	}
	return bearer{}, nil, false
}

// stoppedBy is the refusal of a client that sends nothing any more.
func stoppedBy(cause error) *failure {
	return &failure{err: &yeastar.Error{Kind: yeastar.KindStopped, Sent: yeastar.SentNo, Msg: "nothing was sent", Err: cause}}
}

// renew gets a new token: the kept one when another process was faster, by the refresh token when there
// is one, by the client credentials when there is none or it is refused.
func (t *tokens) renew(ctx context.Context) (bearer, *failure) {
	defer t.lock(ctx)()
	t.recall(ctx)
	if b, f, done := t.ready(); done {
		return b, f
	}
	t.mu.Lock()
	refresh := t.refresh
	if !t.refreshUntil.IsZero() && !t.now().Before(t.refreshUntil) {
		refresh = ""
	}
	t.mu.Unlock()

	form := t.mint()
	if refresh != "" {
		form = url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}
	}
	g, f := t.ask(ctx, form)
	if f != nil && f.refused && !f.fatal && refresh != "" {
		// Revoked, rotated elsewhere, too old, or the secret was regenerated: the
		// credentials themselves decide.
		t.mu.Lock()
		t.refresh = ""
		t.mu.Unlock()
		g, f = t.ask(ctx, t.mint())
	}
	if f != nil {
		return t.without(f)
	}
	now := t.now()
	p := pair{access: g.access, refresh: g.refresh, expiresAt: now.Add(g.lifetime), born: now}
	if g.refreshLifetime > 0 {
		p.refreshUntil = now.Add(g.refreshLifetime)
	}
	b := t.take(p, false)
	t.save(ctx, p)
	return b, nil
}

// recall takes over a pair that another process kept after ours was given.
func (t *tokens) recall(ctx context.Context) {
	p := t.load(ctx)
	t.mu.Lock()
	newer := p.access != "" && p.born.After(t.born)
	t.mu.Unlock()
	if newer {
		t.take(p, true)
	}
}

// take makes p the current pair.
func (t *tokens) take(p pair, kept bool) bearer {
	t.mu.Lock()
	defer t.mu.Unlock()
	lifetime := p.expiresAt.Sub(p.born)
	ahead := min(lifetime/10, 2*time.Minute)
	if t.ahead != nil {
		ahead = t.ahead(lifetime)
	}
	t.current = bearer{token: p.access, number: t.current.number + 1, kept: kept}
	t.refresh, t.refreshUntil, t.born = p.refresh, p.refreshUntil, p.born
	t.expiresAt = p.expiresAt
	t.renewAt = t.expiresAt.Add(-ahead)
	t.heldUntil, t.holds = time.Time{}, 0
	return t.current
}

// without is what follows from a renewal that failed: the current token while it is still good,
// unless the vendor said no.
func (t *tokens) without(f *failure) (bearer, *failure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.hold > 0 {
		pause := min(f.hold<<min(t.holds, 8), maxHold)
		t.heldUntil, t.holds = t.now().Add(pause), t.holds+1
		f.err.RetryAfter = pause
	}
	switch {
	case f.refused:
		t.fail(f)
	case t.current.token != "" && t.now().Before(t.expiresAt):
		return t.current, nil
	}
	return bearer{}, f
}

// reject drops an access token that the vendor refused, unless a newer one is
// here already.
func (t *tokens) reject(b bearer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current.number == b.number {
		t.current.token = ""
	}
}

// condemn counts a token that was refused although it was new: an authentication
// failure. Calls that shared the token count once. A token that a newer one has
// replaced meanwhile proves nothing: the newer one may have killed it.
func (t *tokens) condemn(b bearer, cause *yeastar.Error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b.number <= t.condemned || b.number != t.current.number {
		return
	}
	t.condemned = b.number
	t.current.token, t.refresh = "", ""
	t.fail(&failure{err: cause})
}

// halt stops at once: the vendor said so in the answer to a call.
func (t *tokens) halt(f *failure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fail(f)
}

// fail counts one authentication failure; the caller holds mu.
func (t *tokens) fail(f *failure) {
	t.failures++
	t.reason = f.err.Error()
	if (t.failures >= maxFailures || f.fatal) && t.stopped.IsZero() {
		t.stopped = t.now()
		if f.fatal {
			cause := *f.err
			t.cause = &cause
		}
	}
}

// close ends the use of tokens and gives the current one, "" when there is none to hand back.
func (t *tokens) close() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return ""
	}
	t.closed = true
	if t.stopped.IsZero() && t.now().Before(t.expiresAt) {
		return t.current.token
	}
	return ""
}

// accepted says that the vendor took a token: the row of failures is broken.
func (t *tokens) accepted() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures = 0
}

// resume lifts the stop and forgets the tokens, where they are not scarce. After a stop the next failure stops at once: a person
// asked for one attempt, and the vendor goes on counting.
func (t *tokens) resume() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures = 0
	if !t.stopped.IsZero() {
		t.failures = maxFailures - 1
	}
	t.stopped, t.reason, t.cause = time.Time{}, "", nil
	t.heldUntil, t.holds = time.Time{}, 0
	if !t.scarce {
		t.current.token, t.refresh = "", ""
	}
}
