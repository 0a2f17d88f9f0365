package transport

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// slots limits the calls in flight. A slot that becomes free goes to the person
// who waits longest, else to the background call that waits longest.
type slots struct {
	mu                 sync.Mutex
	free               int
	people, background []chan struct{}
}

// newSlots gives n slots.
func newSlots(n int) *slots { return &slots{free: n} }

// acquire takes a slot, or fails with the context's error.
func (s *slots) acquire(ctx context.Context, person bool) error {
	s.mu.Lock()
	if s.free > 0 {
		s.free--
		s.mu.Unlock()
		return nil
	}
	queue := &s.background
	if person {
		queue = &s.people
	}
	handed := make(chan struct{})
	*queue = append(*queue, handed)
	s.mu.Unlock()

	select {
	case <-handed:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	i := slices.Index(*queue, handed)
	if i >= 0 {
		*queue = slices.Delete(*queue, i, i+1)
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
	for _, queue := range []*[]chan struct{}{&s.people, &s.background} {
		if len(*queue) > 0 {
			close((*queue)[0])
			*queue = (*queue)[1:]
			return
		}
	}
	s.free++
}
