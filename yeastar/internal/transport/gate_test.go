package transport

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// pass enters the gate and leaves it after the call took as long as said.
func pass(t *testing.T, g *gate, ctx context.Context, took time.Duration) {
	t.Helper()
	leave, err := g.enter(ctx)
	if err != nil {
		t.Error(err)
		return
	}
	time.Sleep(took)
	leave()
}

func TestBackgroundWorkLeavesAReserveThatAPersonUsesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(100, 4) // 25 at once, 12 of them for people
		began := time.Now()
		for range 13 {
			pass(t, g, Background(t.Context()), 0)
		}
		if d := time.Since(began); d != 0 {
			t.Errorf("what is over the reserve took %v", d)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := g.enter(Background(ctx)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("background work took from the reserve: %v", err)
		}
		began = time.Now()
		for range 12 {
			pass(t, g, t.Context(), 0)
		}
		if d := time.Since(began); d != 0 {
			t.Errorf("a person waited %v for the reserve", d)
		}
	})
}

func TestBackgroundWorkAloneReachesTheWholeRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(600, 4)
		var wg sync.WaitGroup
		began := time.Now()
		for range 8 {
			wg.Go(func() {
				for range 150 {
					pass(t, g, Background(t.Context()), 50*time.Millisecond)
				}
			})
		}
		wg.Wait()
		// 1,200 calls at 10 a second, less the 75 over the reserve at the start.
		if d := time.Since(began); d > 116*time.Second || d < 112*time.Second {
			t.Errorf("1,200 calls took %v", d)
		}
	})
}

func TestThePerMinuteLimitHoldsForEverybodyTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(60, 4)
		var wg sync.WaitGroup
		var mu sync.Mutex
		passed := 0
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		for i := range 10 {
			wg.Go(func() {
				mine := ctx
				if i%2 == 0 {
					mine = Background(ctx)
				}
				for {
					leave, err := g.enter(mine)
					if err != nil {
						return
					}
					leave()
					mu.Lock()
					passed++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if passed < 600 || passed > 600+15 {
			t.Errorf("%d calls in ten minutes", passed)
		}
	})
}

func TestPeopleGoBeforeAskedForWorkAndThatBeforeAPassForBudgetAndForSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(100_000, 1)
		var mu sync.Mutex
		var order []string
		call := func(ctx context.Context, name string) {
			leave, err := g.enter(ctx)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			order = append(order, name)
			mu.Unlock()
			time.Sleep(time.Second)
			leave()
		}
		var wg sync.WaitGroup
		wg.Go(func() { call(Background(t.Context()), "first") })
		synctest.Wait()
		for range 3 {
			wg.Go(func() { call(Background(t.Context()), "pass") })
		}
		synctest.Wait()
		for range 2 {
			wg.Go(func() { call(Asked(Background(t.Context())), "asked") })
		}
		synctest.Wait()
		for range 2 {
			wg.Go(func() { call(t.Context(), "person") })
		}
		wg.Wait()
		want := []string{"first", "person", "person", "asked", "asked", "pass", "pass", "pass"}
		if !slices.Equal(order, want) {
			t.Errorf("the order was %v", order)
		}
	})
}

func TestAPassWhoseAnswersAreSlowLeavesASlotToPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(100_000, 4)
		var wg sync.WaitGroup
		for _, mark := range []func(context.Context) context.Context{Background, Asked} {
			for range 5 {
				wg.Go(func() { pass(t, g, mark(t.Context()), time.Hour) })
			}
		}
		synctest.Wait()
		began := time.Now()
		pass(t, g, t.Context(), time.Second)
		pass(t, g, t.Context(), time.Second)
		if d := time.Since(began); d != 2*time.Second {
			t.Errorf("two calls of a second took %v", d)
		}
		wg.Wait()
	})
}

func TestWithTheBudgetSpentByAPassAPersonTakesEveryRequestUntilDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(60, 4) // one a second
		var passes atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for {
					leave, err := g.enter(Background(ctx))
					if err != nil {
						return
					}
					passes.Add(1)
					leave()
				}
			})
		}
		time.Sleep(time.Minute)
		before := passes.Load()
		var people sync.WaitGroup
		began := time.Now()
		for range 20 {
			people.Go(func() { pass(t, g, t.Context(), 0) })
		}
		people.Wait()
		if took := passes.Load() - before; took > 1 {
			t.Errorf("the pass took %d requests while people waited", took)
		}
		if d := time.Since(began); d > 14*time.Second {
			t.Errorf("20 calls, 7 of them from the reserve, took %v", d)
		}
		cancel()
		wg.Wait()
	})
}

func TestBackgroundWorkStandsStillAfterThrottlingAndPeopleDoNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(600, 4)
		g.cool(30 * time.Second)
		g.cool(time.Second) // a shorter wait does not lift a longer one
		began := time.Now()
		pass(t, g, t.Context(), 0)
		if d := time.Since(began); d != 0 {
			t.Errorf("a person waited %v", d)
		}
		pass(t, g, Background(t.Context()), 0)
		if d := time.Since(began); d < 30*time.Second || d > 31*time.Second {
			t.Errorf("background work waited %v", d)
		}
	})
}

func TestAWaiterWhoGivesUpLeavesItsPlaceAndNoSlotIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(1)
		if err := s.acquire(t.Context(), personal); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.acquire(ctx, personal); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		s.release()
		if err := s.acquire(t.Context(), sweeping); err != nil || s.free != 0 || len(s.queues[personal]) != 0 {
			t.Errorf("%v, %d free, %d wait", err, s.free, len(s.queues[personal]))
		}
	})
}

func TestAGateOfOneRequestAMinuteStillLetsBackgroundWorkThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, 1)
		for range 3 {
			pass(t, g, Background(t.Context()), 0)
		}
	})
}
