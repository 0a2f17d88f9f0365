package station_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/yeastar/yeastartest"
)

// TestRandomPlansUnderRandomFaultsSayTheTruthAndLoseNothing makes random plans, some of which no read
// can tell from their base, while the vendor's calls break in random ways and a colleague edits.
// Whatever a plan says of itself has to be so in the cloud.
func TestRandomPlansUnderRandomFaultsSayTheTruthAndLoseNothing(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := walk{house: build(t), r: rand.New(rand.NewPCG(seed, 99)), count: map[plan.Status]int{}}
			for range 14 {
				w.step()
			}
			t.Logf("plans: %v", w.count)
		})
	}
}

type walk struct {
	*house
	r     *rand.Rand
	count map[plan.Status]int
}

var (
	writeFaults = []yeastartest.Fault{
		yeastartest.VendorCode(yeastartest.CodeInvalidParameter), yeastartest.CloseBeforeCommit(), yeastartest.CloseAfterCommit(),
		yeastartest.Status(503, "").AfterCommit(), yeastartest.HTML(), yeastartest.Truncated(),
	}
	// 50070 sits on both trunks: it is what makes plans silent.
	usual = []fleet.Binding{pair(london, 50033), pair(london, 50034), pair(london, 50035), pair(peer, 50050), pair(peer, 50051), pair(peer, 50052)}
	both  = []fleet.Binding{pair(london, 50070), pair(peer, 50070)}
)

func (w *walk) pick(from []fleet.Binding) fleet.Binding { return from[w.r.IntN(len(from))] }

func (w *walk) step() {
	w.t.Helper()
	if w.r.IntN(4) == 0 {
		w.colleague()
	}
	base := w.cloud(acmeHQ)
	ask := w.ask(base)
	p, err := w.Changer.Draft(w.t.Context(), ana, ask)
	if err != nil {
		return // refused: nothing was sent
	}
	sent := w.sent(acmeHQ)
	if w.r.IntN(2) == 0 {
		w.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, writeFaults[w.r.IntN(len(writeFaults))])
	}
	if w.r.IntN(4) == 0 {
		w.sim.Fail(yeastartest.Match{Method: "GET", PathSuffix: "/did_management/4808/did", Nth: 1 + w.r.IntN(3), Times: 100}, yeastartest.Status(503, ""))
	}
	p, err = w.confirm(p)
	w.sim.ClearFaults()
	if n := w.sent(acmeHQ) - sent; n > 1 {
		w.t.Fatalf("%d writes were sent for one plan", n)
	}
	if p.Status == plan.Unknown {
		w.count[plan.Unknown]++
		w.settled()
		if err := w.Changer.Settle(w.t.Context()); err != nil && fleet.KindOf(err) == fleet.KindUnknown {
			w.t.Fatalf("nothing is in the way, but: %v", err)
		}
		if p, err = w.DB.Plan(w.t.Context(), p.ID); err != nil {
			w.t.Fatal(err)
		}
	}
	w.count[p.Status]++
	w.judge(p, base, err)
	w.settled()
	w.sweep()
	if k := w.known(acmeHQ); k.Exact() {
		wantSet(w.t, fmt.Sprintf("exact ledger after a plan that is %s (%s)", p.Status, p.Outcome.Sentence), k.Set, w.cloud(acmeHQ))
	}
}

// ask draws a wish, with an operator's true word on what is unclear.
func (w *walk) ask(base fleet.BindingSet) change.Ask {
	ask := change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{w.pick(slices.Concat(usual, both))}}
	if w.r.IntN(2) == 0 && base.Len() > 2 {
		ask.Unbind = []fleet.Binding{w.pick(base.Pairs())}
	}
	for _, u := range w.known(acmeHQ).Unclear {
		for _, trunk := range base.TrunksOf(u.DID) {
			if b := pair(trunk, u.DID); !slices.Contains(ask.Unbind, b) {
				ask.Bind = append(ask.Bind, b)
			}
		}
	}
	ask.Bind = slices.DeleteFunc(ask.Bind, func(b fleet.Binding) bool { return slices.Contains(ask.Unbind, b) })
	return ask
}

// colleague makes other pairs the usual ones, told by a report or not. A silent move behind our back
// that nobody reports is beyond what any read can find, so 50070 stays where it is.
func (w *walk) colleague() {
	var pairs []yeastartest.Binding
	for _, b := range w.cloud(acmeHQ).Pairs() {
		if b.DID == 50070 {
			pairs = append(pairs, at(b.Trunk, int64(b.DID)))
		}
	}
	for _, b := range usual {
		if w.r.IntN(2) == 0 {
			pairs = append(pairs, at(b.Trunk, int64(b.DID)))
		}
	}
	if len(pairs) == 0 {
		return
	}
	var opts []yeastartest.Option
	if w.r.IntN(2) == 0 {
		opts = append(opts, yeastartest.Quiet)
	}
	w.sim.Rebind(int64(acmeHQ), pairs, opts...)
	w.settled()
}

// judge holds what a plan says of itself against the cloud.
func (w *walk) judge(p plan.Plan, base fleet.BindingSet, err error) {
	w.t.Helper()
	now := w.cloud(acmeHQ)
	switch p.Status {
	case plan.Applied:
		wantSet(w.t, "the cloud, after a plan that says it was applied: "+p.Outcome.Sentence, now, p.After)
	case plan.Failed, plan.Stale:
		wantSet(w.t, "the cloud, after a plan that says that nothing changed: "+p.Outcome.Sentence, now, base)
	case plan.Diverged:
		if !now.Equal(base) && !now.Equal(p.After) {
			w.t.Fatalf("the cloud holds neither base nor result: %v", now.Pairs())
		}
	default:
		w.t.Fatalf("the plan ended as %s: %s (%v)", p.Status, p.Outcome.Sentence, err)
	}
	for _, b := range base.Pairs() {
		if !now.Has(b) && p.After.Has(b) {
			w.t.Fatalf("%v was lost: %s", b, p.Outcome.Sentence)
		}
	}
	for _, b := range base.Minus(p.After) {
		warned := slices.ContainsFunc(p.Stated, func(s fleet.Binding) bool { return s.DID == b.DID })
		if !warned && !slices.Contains(p.Before.Minus(p.After), b) {
			w.t.Fatalf("%v is not in the plan's result, and no step names it", b)
		}
	}
}
