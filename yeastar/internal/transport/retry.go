package transport

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"cordboard/yeastar"
)

const (
	// maxTries bounds the attempts of one read.
	maxTries = 4
	// maxRetrying bounds the time after which no further attempt is begun.
	maxRetrying = 45 * time.Second
)

// retryRead runs a read until it succeeds, fails for good, or the bounds are
// reached; the waits grow, are jittered, and honour Retry-After. Writes never
// come here.
func (c *Client) retryRead(ctx context.Context, read func() (Answer, *failure)) (Answer, *failure) {
	var last *failure
	attempt := func() (Answer, error) {
		a, f := read()
		last = f
		switch {
		case f == nil:
			return a, nil
		case !f.transient || ctx.Err() != nil:
			return a, backoff.Permanent(f.err)
		case f.err.RetryAfter > 0:
			return a, &backoff.RetryAfterError{Duration: f.err.RetryAfter}
		default:
			return a, f.err
		}
	}
	waits := backoff.NewExponentialBackOff()
	waits.InitialInterval = c.retryBase
	waits.Multiplier = 2
	waits.MaxInterval = 30 * c.retryBase
	a, err := backoff.Retry(ctx, attempt,
		backoff.WithBackOff(waits), backoff.WithMaxTries(maxTries), backoff.WithMaxElapsedTime(maxRetrying))
	if err == nil {
		return a, nil
	}
	if ctx.Err() != nil && !errors.Is(last.err, ctx.Err()) {
		last = c.broken(yeastar.KindUnavailable, last.err.Sent, "given up while waiting to try again", ctx.Err())
	}
	return Answer{}, last
}
