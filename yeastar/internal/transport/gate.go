package transport

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// backgroundKey marks a context as background work.
type backgroundKey struct{}

// Background marks the work done under ctx as background work: it waits while a
// person's call waits, and leaves part of the rate budget to people.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, backgroundKey{}, true)
}

// isBackground reports whether ctx was marked by Background.
func isBackground(ctx context.Context) bool {
	marked, _ := ctx.Value(backgroundKey{}).(bool)
	return marked
}

// gate is the budget towards the vendor: requests per minute and calls in
// flight. People go first: background work proceeds only while no person waits
// and while a reserve of the budget is left.
type gate struct {
	limiter *rate.Limiter
	// reserve is how many requests of the budget background work leaves alone.
	reserve float64
	slots   *slots
	// people and background are the two queues' turns: one call of each kind at a
	// time takes a request from the budget and then its slot, so that requests
	// taken early are not sent late in one burst.
	people, background chan struct{}
	// waiting counts the people inside enter.
	waiting atomic.Int32
	// coolUntil is the time (UnixNano) before which background work stands still
	// because the vendor said that we are too fast.
	coolUntil atomic.Int64
}

// newGate spreads perMinute requests over the minute; a quarter of them may go
// at once, and half of that quarter is kept from background work.
func newGate(perMinute, inFlight int) *gate {
	burst := max(1, perMinute/4)
	return &gate{
		limiter:    rate.NewLimiter(rate.Limit(float64(perMinute)/60), burst),
		reserve:    float64(burst / 2),
		slots:      newSlots(inFlight),
		people:     make(chan struct{}, 1),
		background: make(chan struct{}, 1),
	}
}

// enter waits for the budget and for a slot. The caller calls leave once when
// its request has ended. The error is the context's, or says that the budget has
// no room before the context's deadline.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	turn, budget, person := g.people, g.takeNow, true
	if isBackground(ctx) {
		turn, budget, person = g.background, g.takeSpare, false
	} else {
		g.waiting.Add(1)
		defer g.waiting.Add(-1)
	}
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the rate budget: %w", ctx.Err())
	}
	if err := budget(ctx); err != nil {
		return nil, err
	}
	if err := g.slots.acquire(ctx, person); err != nil {
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

// takeSpare takes one request from the budget for background work, when there is
// one to spare.
func (g *gate) takeSpare(ctx context.Context) error {
	for {
		now := time.Now()
		pause := g.pause(now)
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

// pause is how long background work should wait before it looks again, 0 when it
// may go now.
func (g *gate) pause(now time.Time) time.Duration {
	perRequest := time.Duration(float64(time.Second) / float64(g.limiter.Limit()))
	if g.waiting.Load() > 0 {
		return min(perRequest, 100*time.Millisecond)
	}
	if cool := time.Duration(g.coolUntil.Load() - now.UnixNano()); cool > 0 {
		return cool
	}
	if missing := g.reserve + 1 - g.limiter.TokensAt(now); missing > 0 {
		return time.Duration(missing * float64(perRequest))
	}
	return 0
}

// cool makes background work stand still for d.
func (g *gate) cool(d time.Duration) {
	until := time.Now().Add(d).UnixNano()
	for {
		have := g.coolUntil.Load()
		if have >= until || g.coolUntil.CompareAndSwap(have, until) {
			return
		}
	}
}
