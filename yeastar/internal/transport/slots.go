package transport

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// slots limits the calls in flight. A slot that becomes free goes to the most
// urgent call, and among equals to the one that waits longest. Of several slots
// one is kept for people: slow answers to a pass must not make them wait.
type slots struct {
	mu     sync.Mutex
	free   int
	kept   int
	queues [urgencies][]chan struct{}
}

// newSlots gives n slots.
func newSlots(n int) *slots { return &slots{free: n, kept: min(1, n-1)} }

// has reports whether a slot is free for u; the caller holds mu.
func (s *slots) has(u urgency) bool {
	if u == personal {
		return s.free > 0
	}
	return s.free > s.kept
}

// acquire takes a slot, or fails with the context's error.
func (s *slots) acquire(ctx context.Context, u urgency) error {
	s.mu.Lock()
	if s.has(u) {
		s.free--
		s.mu.Unlock()
		return nil
	}
	handed := make(chan struct{})
	s.queues[u] = append(s.queues[u], handed)
	s.mu.Unlock()

	select {
	case <-handed:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	i := slices.Index(s.queues[u], handed)
	if i >= 0 {
		s.queues[u] = slices.Delete(s.queues[u], i, i+1)
	}
	s.mu.Unlock()
	if i < 0 { // handed over in the same moment: pass it on
		s.release()
	}
	return fmt.Errorf("waiting for a free call: %w", ctx.Err())
}

// release gives a slot back.
func (s *slots) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free++
	for u := range s.queues {
		if len(s.queues[u]) > 0 && s.has(urgency(u)) {
			s.free--
			close(s.queues[u][0])
			s.queues[u] = s.queues[u][1:]
			return
		}
	}
}
