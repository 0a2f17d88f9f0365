package transport

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// urgency says whose calls go first: the smaller, the sooner.
type urgency int

const (
	personal urgency = iota // somebody waits at a screen
	asked                   // a report or an opened page asked for it; nobody waits
	sweeping                // a pass over the fleet
	urgencies
)

// urgencyKey marks a context with its urgency.
type urgencyKey struct{}

// Background marks the work done under ctx as a pass over the fleet: it waits while
// anybody else's call waits, and leaves part of the rate budget to people.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, urgencyKey{}, sweeping)
}

// Asked marks the work done under ctx as asked for by a report or an opened page:
// it goes before background work, and gives way to people as that does.
func Asked(ctx context.Context) context.Context {
	return context.WithValue(ctx, urgencyKey{}, asked)
}

// urgencyOf is what ctx was marked with; personal when it was not.
func urgencyOf(ctx context.Context) urgency {
	u, _ := ctx.Value(urgencyKey{}).(urgency)
	return u
}

// gate is the budget towards the vendor: requests per minute and calls in
// flight. People go first: everything else proceeds only while nobody more urgent
// waits and while a reserve of the budget is left.
type gate struct {
	limiter *rate.Limiter
	// reserve is how many requests of the budget are left to people.
	reserve float64
	slots   *slots
	// turns are those of the queues: one call of each urgency at a time takes a
	// request from the budget and then its slot, so that requests taken early are
	// not sent late in one burst.
	turns [urgencies]chan struct{}
	// waiting counts the calls inside enter.
	waiting [urgencies]atomic.Int32
	// coolUntil is the time (UnixNano) before which only people's calls are sent,
	// because the vendor said that we are too fast.
	coolUntil atomic.Int64
}

// newGate spreads perMinute requests over the minute; a quarter of them may go
// at once, and half of that quarter is kept for people.
func newGate(perMinute, inFlight int) *gate {
	return pacedGate(perMinute, max(1, perMinute/4), inFlight)
}

// pacedGate is a gate of which burst requests may go at once.
func pacedGate(perMinute, burst, inFlight int) *gate {
	g := &gate{
		limiter: rate.NewLimiter(rate.Limit(float64(perMinute)/60), burst),
		reserve: float64(burst / 2),
		slots:   newSlots(inFlight),
	}
	for u := range g.turns {
		g.turns[u] = make(chan struct{}, 1)
	}
	return g
}

// enter waits for the budget and for a slot. The caller calls leave once when
// its request has ended. The error is the context's, or says that the budget has
// no room before the context's deadline.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	u := urgencyOf(ctx)
	g.waiting[u].Add(1)
	defer g.waiting[u].Add(-1)
	select {
	case g.turns[u] <- struct{}{}:
		defer func() { <-g.turns[u] }()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the rate budget: %w", ctx.Err())
	}
	if u == personal {
		err = g.takeNow(ctx)
	} else {
		err = g.takeSpare(ctx, u)
	}
	if err != nil {
		return nil, err
	}
	if err := g.slots.acquire(ctx, u); err != nil {
		return nil, err
	}
	return g.slots.release, nil
}

// takeNow takes one request from the budget for a person.
func (g *gate) takeNow(ctx context.Context) error {
	if err := g.limiter.Wait(ctx); err != nil {
		return fmt.Errorf("waiting for the rate budget: %w", err)
	}
	return nil
}

// takeSpare takes one request from the budget for a call that nobody waits for,
// when there is one to spare.
func (g *gate) takeSpare(ctx context.Context, u urgency) error {
	for {
		now := time.Now()
		pause := g.pause(now, u)
		if pause == 0 && g.limiter.AllowN(now, 1) {
			return nil
		}
		timer := time.NewTimer(max(pause, time.Millisecond))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("waiting for the rate budget: %w", ctx.Err())
		}
	}
}

// pause is how long a call of urgency u should wait before it looks again, 0 when
// it may go now.
func (g *gate) pause(now time.Time, u urgency) time.Duration {
	perRequest := time.Duration(float64(time.Second) / float64(g.limiter.Limit()))
	for sooner := range u {
		if g.waiting[sooner].Load() > 0 {
			return min(perRequest, 100*time.Millisecond)
		}
	}
	if cool := time.Duration(g.coolUntil.Load() - now.UnixNano()); cool > 0 {
		return cool
	}
	if missing := g.reserve + 1 - g.limiter.TokensAt(now); missing > 0 {
		return time.Duration(missing * float64(perRequest))
	}
	return 0
}

// cool makes everything but people's calls stand still for d.
func (g *gate) cool(d time.Duration) {
	until := time.Now().Add(d).UnixNano()
	for {
		have := g.coolUntil.Load()
		if have >= until || g.coolUntil.CompareAndSwap(have, until) {
			return
		}
	}
}
