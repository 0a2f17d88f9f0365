package yeastartest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// maxWebhooks is how many webhooks YCM takes (contract §6.1).
const maxWebhooks = 5

// courier delivers reports to webhooks.
type courier struct {
	ctx     context.Context
	now     func() time.Time
	client  *http.Client
	working *idleCounter
	keep    bool // record deliveries

	mu     sync.Mutex
	policy WebhookPolicy
	hooks  []*hook
	log    ring[*Delivery]
}

// hook is one configured webhook.
type hook struct {
	url, secret string
	queue       []*job
	held        []*job
	busy        int // deliveries under way
}

// job is one copy of a report for one webhook.
type job struct {
	hook    *hook
	report  Report
	record  *Delivery
	settled chan struct{} // closed when delivered, failed, dropped or put on hold
	once    sync.Once
}

func (j *job) settle() { j.once.Do(func() { close(j.settled) }) }

func newCourier(ctx context.Context, cfg Config, working *idleCounter) *courier {
	return &courier{
		ctx: ctx, now: cfg.Now, working: working, keep: !cfg.NoRecord,
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		policy: cfg.Webhooks.withDefaults(),
		log:    ring[*Delivery]{size: recordSize},
	}
}

func (c *courier) close() { c.client.CloseIdleConnections() }

// post hands events to every webhook. It does not wait for anything.
func (c *courier) post(at time.Time, events []Event) []*job {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.hooks) == 0 {
		return nil
	}
	if !c.policy.OnePerPBX {
		return c.postReports([]Report{newReport(at, events)})
	}
	var reports []Report
	for _, e := range events {
		reports = append(reports, newReport(at, []Event{e}))
	}
	return c.postReports(reports)
}

// postReports hands reports to every webhook; the caller holds mu.
func (c *courier) postReports(reports []Report) []*job {
	var jobs []*job
	for _, h := range c.hooks {
		for _, r := range reports {
			jobs = append(jobs, c.enter(h, r)...)
		}
	}
	return jobs
}

// enter takes one report for one webhook through the policy.
func (c *courier) enter(h *hook, r Report) []*job {
	copies := 1
	if c.policy.Duplicate != nil {
		copies += c.policy.Duplicate(r)
	}
	dropped := c.policy.Drop != nil && c.policy.Drop(r)
	var jobs []*job
	for range copies {
		j := &job{hook: h, report: r, record: &Delivery{URL: h.url, Report: r}, settled: make(chan struct{})}
		jobs = append(jobs, j)
		if c.keep {
			c.log.add(j.record)
		}
		switch {
		case dropped:
			j.record.State = DeliveryDropped
			j.settle()
		case c.policy.Hold || c.policy.Reorder > 0:
			j.record.State = DeliveryHeld
			j.settle()
			h.held = append(h.held, j)
		default:
			c.send(j)
		}
	}
	if !c.policy.Hold && c.policy.Reorder > 0 && len(h.held) >= c.policy.Reorder {
		c.release(h)
	}
	return jobs
}

// release sends what a webhook has on hold, shuffled when the policy reorders.
func (c *courier) release(h *hook) {
	held := h.held
	h.held = nil
	if c.policy.Reorder > 0 {
		rng := rand.New(rand.NewPCG(c.policy.ReorderSeed, uint64(len(held))))
		rng.Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
	}
	for _, j := range held {
		c.send(j)
	}
}

// send queues a job, after its delay.
func (c *courier) send(j *job) {
	j.record.State = DeliveryPending
	c.working.add(1)
	var delay time.Duration
	if c.policy.Delay != nil {
		delay = c.policy.Delay(j.report)
	}
	if delay <= 0 {
		c.queue(j)
		return
	}
	go func() {
		c.pause(delay)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.queue(j)
	}()
}

// queue appends a job and sees that somebody works on it; the caller holds mu.
func (c *courier) queue(j *job) {
	h := j.hook
	h.queue = append(h.queue, j)
	if h.busy < c.policy.Parallel {
		h.busy++
		go c.work(h)
	}
}

// work delivers until the queue of a webhook is empty.
func (c *courier) work(h *hook) {
	for {
		c.mu.Lock()
		if len(h.queue) == 0 {
			h.busy--
			c.mu.Unlock()
			return
		}
		j := h.queue[0]
		h.queue = h.queue[1:]
		policy, url, secret := c.policy, h.url, h.secret
		c.mu.Unlock()
		c.deliver(j, policy, url, secret)
		j.settle()
		c.working.add(-1)
	}
}

// deliver tries until a 2xx, the last resend or the end of the server.
func (c *courier) deliver(j *job, p WebhookPolicy, url, secret string) {
	for try := 0; ; try++ {
		a := Attempt{At: c.now()}
		a.Status, a.Err = c.attempt(j.report.Body, p, url, secret)
		ok := a.Err == nil && a.Status >= 200 && a.Status <= 299
		last := ok || try >= p.Resends || c.ctx.Err() != nil
		c.mu.Lock()
		j.record.Attempts = append(j.record.Attempts, a)
		switch {
		case ok:
			j.record.State = DeliveryDone
		case last:
			j.record.State = DeliveryFailed
		}
		c.mu.Unlock()
		if last {
			return
		}
		c.pause(p.ResendDelay)
	}
}

func (c *courier) attempt(body []byte, p WebhookPolicy, url, secret string) (int, error) {
	ctx, cancel := context.WithTimeout(c.ctx, p.Timeout)
	defer cancel()
	req, err := SignedRequest(ctx, url, secret, body)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", p.ContentType)
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, errors.Join(err, resp.Body.Close())
}

// pause waits for d, or less when the server closes.
func (c *courier) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.ctx.Done():
	}
}

// beforeAnswer waits for the deliveries of an API call when the policy says so.
func (c *courier) beforeAnswer(jobs []*job) {
	c.mu.Lock()
	wait := c.policy.BeforeAnswer
	c.mu.Unlock()
	if !wait {
		return
	}
	for _, j := range jobs {
		select {
		case <-j.settled:
		case <-c.ctx.Done():
		}
	}
}

// SignedRequest is a webhook post as YCM makes it, for tests that post by hand.
func SignedRequest(ctx context.Context, url, secret string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("yeastartest: webhook to %s: %w", url, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Signature", SignedBody(secret, body))
	return req, nil
}
