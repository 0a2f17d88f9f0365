package reconcile

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cordboard/sync/fleet"
)

// sweep is a pass while it runs.
type sweep struct {
	w    *Worker
	ctx  context.Context // of the pass; its cause is what stopped it
	stop context.CancelCauseFunc

	keeping sync.Mutex // held while touches are stored

	mu       sync.Mutex
	pass     fleet.Pass // as far as it is
	told     bool       // nothing has changed since it was told
	touches  []fleet.Touch
	again    []fleet.Watched // overtaken by a report while they were glanced at
	watched  map[fleet.PBXID]fleet.Watched
	failures int // in a row, of PBXs that could be read before
}

const (
	// giveUpAfter is how many PBXs in a row must fail that could be read before, until the pass ends:
	// it is then not theirs.
	giveUpAfter = 10
	// findingsKept is how many findings of one pass are remembered.
	findingsKept = 300
	// stillAlive is how often a pass gives a sign of life when nothing changes.
	stillAlive = 15 * time.Second
)

// now is how far the pass is.
func (s *sweep) now() fleet.Pass {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pass
}

func (s *sweep) change(do func(*fleet.Pass)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do(&s.pass)
	s.told = false
}

func (s *sweep) doing(what string) { s.change(func(p *fleet.Pass) { p.Doing = what }) }

// lookAtAll looks at every PBX, the most suspicious and the longest unverified first, several at the
// same time.
func (s *sweep) lookAtAll() error {
	watched, err := s.w.d.Ledger.Watched(s.ctx)
	if err != nil {
		return fmt.Errorf("reconcile: which PBXs: %w", err)
	}
	stalestFirst(watched)
	s.watched = make(map[fleet.PBXID]fleet.Watched, len(watched))
	for _, w := range watched {
		s.watched[w.ID] = w
	}
	s.change(func(p *fleet.Pass) { p.PBXs, p.Doing = len(watched), "Looks at the PBXs" })
	s.spread(watched, s.glance)
	s.keep()
	s.mu.Lock()
	again := s.again
	s.mu.Unlock()
	s.spread(again, func(w fleet.Watched) {
		moved, err := s.w.d.Observer.Sweep(s.ctx, w.ID)
		s.note(w, moved, err)
	})
	return context.Cause(s.ctx)
}

// spread has do see to every PBX until the pass is stopped.
func (s *sweep) spread(watched []fleet.Watched, do func(fleet.Watched)) {
	queue := make(chan fleet.Watched)
	var wg sync.WaitGroup
	for range min(int(s.w.inFlight.Load()), len(watched)) {
		wg.Go(func() {
			for w := range queue {
				do(w)
			}
		})
	}
	defer wg.Wait()
	defer close(queue)
	for _, w := range watched {
		select {
		case queue <- w:
		case <-s.ctx.Done():
			return
		}
	}
}

func (s *sweep) glance(w fleet.Watched) {
	g, err := s.w.d.Observer.Glance(s.ctx, w.ID)
	if err != nil || g.Touch == nil {
		s.note(w, g.Moved, err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touches = append(s.touches, *g.Touch)
	s.failures = 0
}

// note counts a PBX that was looked at, and ends the pass when looking at others makes no sense.
func (s *sweep) note(w fleet.Watched, moved bool, err error) {
	if err != nil && s.ctx.Err() != nil {
		return // the pass was stopped under the look: that says nothing of this PBX
	}
	var found *fleet.PassFinding
	switch {
	case err != nil:
		found = &fleet.PassFinding{PBX: w.ID, Name: w.Name, Kind: fleet.FoundFailed, Sentence: words(err)}
	case moved && w.Standing.Certainty != fleet.CertaintyNone:
		found = s.moved(w)
	}
	s.change(func(p *fleet.Pass) {
		if err == nil {
			p.Verified++
			s.failures = 0
		} else {
			p.Unknown++
		}
		if moved {
			p.Snapshots++
		}
		switch {
		case found == nil:
		case len(p.Findings) < findingsKept:
			p.Findings = append(p.Findings[:len(p.Findings):len(p.Findings)], *found)
		default:
			p.More++
		}
	})
	s.w.d.Moved(w.ID)
	if err != nil {
		s.weigh(w, err)
	}
}

// moved says in words what the look found.
func (s *sweep) moved(w fleet.Watched) *fleet.PassFinding {
	f := &fleet.PassFinding{PBX: w.ID, Name: w.Name, Kind: fleet.FoundMoved, Sentence: "What is known of its numbers has changed."}
	row, err := s.w.d.Ledger.PBX(s.ctx, w.ID)
	if err != nil {
		return f
	}
	if now := fleet.Judge(row.Standing, s.w.d.Now(), time.Hour); now.State != fleet.InSync {
		f.Sentence = now.Sentence
	}
	return f
}

// weigh ends the pass after a failure that is not one PBX's own.
func (s *sweep) weigh(w fleet.Watched, err error) {
	if fleet.ForAll(err) {
		s.stop(err)
		return
	}
	if !w.Standing.TroubleAt.IsZero() {
		return // it failed before: that is its own
	}
	s.mu.Lock()
	s.failures++
	many := s.failures >= giveUpAfter
	s.mu.Unlock()
	if many {
		s.stop(&fleet.Error{Kind: fleet.KindOf(err), Op: "reconcile",
			Msg: fmt.Sprintf("%d PBXs in a row could not be read. %s", giveUpAfter, words(err)), Err: err})
	}
}

// beat keeps what was seen and tells how far the pass is, until ctx ends.
func (s *sweep) beat(ctx context.Context) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		s.keep()
		s.mu.Lock()
		changed := !s.told
		s.told = true
		s.pass.BeatAt = s.w.d.Now()
		p := s.pass
		s.mu.Unlock()
		if !changed && time.Since(last) < stillAlive {
			continue
		}
		last = time.Now()
		if err := s.w.d.Book.KeepPass(ctx, p); err != nil && ctx.Err() == nil {
			s.w.d.Log.Warn("how far the pass is could not be stored", "error", err)
		}
		s.w.d.Progress()
	}
}

// keep stores the touches of the last moments in one transaction. What was seen counts even when the
// pass is stopped.
func (s *sweep) keep() {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	s.mu.Lock()
	touches := s.touches
	s.touches = nil
	s.mu.Unlock()
	if len(touches) == 0 {
		return
	}
	overtaken, err := s.w.d.Ledger.Touch(context.WithoutCancel(s.ctx), touches)
	if err != nil {
		s.stop(fmt.Errorf("reconcile: keep what was seen: %w", err))
		return
	}
	s.change(func(p *fleet.Pass) {
		p.Verified += len(touches) - len(overtaken)
		for _, id := range overtaken {
			s.again = append(s.again, s.watched[id])
		}
	})
	ids := make([]fleet.PBXID, len(touches))
	for i, t := range touches {
		ids[i] = t.PBX
	}
	s.w.d.Verified(ids)
}
