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
}

// bearer is an access token and its number: a token is rejected once, however
// many calls were under way with it.
type bearer struct {
	token  string
	number uint64
}

// tokens holds the one token of a client id. Renewal is single-flight, since a
// newer token may kill an older one (contract §1.4).
type tokens struct {
	// ask sends one token request with the given form.
	ask func(ctx context.Context, form url.Values) (grant, *failure)
	// mint is the form of a client_credentials request.
	mint func() url.Values
	now  func() time.Time

	flight singleflight.Group

	mu        sync.Mutex
	current   bearer
	refresh   string
	renewAt   time.Time // refresh ahead of expiry
	expiresAt time.Time
	failures  int
	condemned uint64 // number of the last token counted as a failure
	stopped   time.Time
	reason    string
}

// errStopped is the cause of every call that a stopped client refuses.
var errStopped = errors.New("two authentication failures in a row; check the client id and secret, then resume")

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
	if !t.stopped.IsZero() {
		return bearer{}, &failure{err: &yeastar.Error{Kind: yeastar.KindStopped, Sent: yeastar.SentNo, Msg: "nothing was sent", Err: errStopped}}, true
	}
	if t.current.token != "" && t.now().Before(t.renewAt) {
		return t.current, nil, true
	}
	return bearer{}, nil, false
}

// renew gets a new token: by the refresh token when there is one, by the client
// credentials when there is none or it is refused.
func (t *tokens) renew(ctx context.Context) (bearer, *failure) {
	if b, f, done := t.ready(); done {
		return b, f
	}
	t.mu.Lock()
	refresh := t.refresh
	t.mu.Unlock()

	form := t.mint()
	if refresh != "" {
		form = url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}
	}
	g, f := t.ask(ctx, form)
	if f != nil && f.refused && refresh != "" {
		// Revoked, rotated elsewhere, too old, or the secret was regenerated: the
		// credentials themselves decide.
		t.mu.Lock()
		t.refresh = ""
		t.mu.Unlock()
		g, f = t.ask(ctx, t.mint())
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if f != nil {
		if f.refused {
			t.fail(f.err)
		} else if t.current.token != "" && t.now().Before(t.expiresAt) {
			return t.current, nil
		}
		return bearer{}, f
	}
	now := t.now()
	ahead := min(g.lifetime/10, 2*time.Minute)
	t.current = bearer{token: g.access, number: t.current.number + 1}
	t.refresh = g.refresh
	t.expiresAt = now.Add(g.lifetime)
	t.renewAt = t.expiresAt.Add(-ahead)
	return t.current, nil
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
	t.fail(cause)
}

// fail counts one authentication failure; the caller holds mu.
func (t *tokens) fail(cause *yeastar.Error) {
	t.failures++
	t.reason = cause.Error()
	if t.failures >= maxFailures && t.stopped.IsZero() {
		t.stopped = t.now()
	}
}

// accepted says that the vendor took a token: the row of failures is broken.
func (t *tokens) accepted() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures = 0
}

// resume lifts the stop and forgets the tokens. After a stop the next failure stops at once: a person
// asked for one attempt, and the vendor goes on counting.
func (t *tokens) resume() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures = 0
	if !t.stopped.IsZero() {
		t.failures = maxFailures - 1
	}
	t.stopped, t.reason = time.Time{}, ""
	t.current.token, t.refresh = "", ""
}
