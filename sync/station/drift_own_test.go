package station_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/yeastar/yeastartest"
)

func TestABindThatLandsAfterItWasGivenUpIsToldHoweverItIsLearnt(t *testing.T) {
	for name, learn := range map[string]func(h *house){
		"its report comes":                  func(h *house) { h.settled() },
		"its report comes, and a read":      func(h *house) { h.settled(); h.sweep() },
		"a read, and then its report comes": func(h *house) { h.sweep(); h.sim.Release(); h.settled() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			h.sim.SetWebhookPolicy(yeastartest.WebhookPolicy{Hold: strings.HasPrefix(name, "a read")})
			h.sim.SetApplyDelay(1500 * time.Millisecond)
			before := h.cloud(acmeHQ)
			p, err := h.confirm(h.draft(bindExample))
			if p.Status != plan.Failed {
				t.Fatal(p.Status, err)
			}
			h.eventually("Yeastar applies it", func() bool { return h.cloud(acmeHQ).Equal(p.After) })
			learn(h)
			d := h.drift(acmeHQ)
			if d.Cause != fleet.CauseLostWrite || d.Evidence[0].Plan != p.ID || !d.Before.Equal(before) || !d.After.Equal(p.After) {
				t.Errorf("%s: %s %+v", d.Cause, d.Sentence, d.Evidence)
			}
			if strings.Contains(d.Sentence, "outside Cordboard") {
				t.Error("our own write is told as made outside:", d.Sentence)
			}
			if s := h.state(acmeHQ); s.State != fleet.Drifted {
				t.Errorf("the PBX is %s", s.State)
			}
		})
	}
}

func TestANumberThatAColleagueBindsAfterAPlanWasGivenUpIsHistoryAlone(t *testing.T) {
	h := build(t)
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, yeastartest.CloseBeforeCommit())
	if p, err := h.confirm(h.draft(bindExample)); p.Status != plan.Failed {
		t.Fatal(p.Status, err)
	}
	h.sim.Rebind(int64(acmeHQ), append(h.sim.Bindings(int64(acmeHQ)), at(london, 50039)))
	h.settled()
	if s := h.state(acmeHQ); s.State != fleet.InSync {
		t.Errorf("the PBX is %s: %s", s.State, s.Sentence)
	}
}

func TestAColleagueWhoBindsByHandWhatWasRefusedIsNotTakenForOurPlan(t *testing.T) {
	h := build(t)
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, yeastartest.VendorCode(yeastartest.CodeInvalidParameter))
	p, err := h.confirm(h.draft(bindExample))
	if p.Status != plan.Failed {
		t.Fatal(p.Status, err)
	}
	h.sim.Bind(int64(acmeHQ), at(london, 50036), at(london, 50044))
	h.tell(acmeHQ)
	wantSet(t, "the cloud", h.cloud(acmeHQ), p.After)
	if s := h.state(acmeHQ); s.State != fleet.InSync {
		t.Errorf("the PBX is %s: %s", s.State, s.Sentence)
	}
}

// While the answer to our write is awaited, a colleague takes 50030 away. Only that is told as made outside,
// whether the report of it comes or a read finds it.
func TestWhatADivergedPlanAskedForIsNotToldAsMadeOutside(t *testing.T) {
	for name, heard := range map[string]bool{"a read finds it": false, "a report tells it": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			h.unheard()
			before := h.cloud(acmeHQ)
			p := h.draft(bindExample)
			h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, yeastartest.DelayAfterCommit(700*time.Millisecond))
			go func() {
				h.eventually("the write is applied", func() bool { return h.cloud(acmeHQ).Equal(p.After) })
				if heard {
					h.sim.SetWebhookPolicy(yeastartest.WebhookPolicy{})
				}
				h.sim.Rebind(int64(acmeHQ), slices.DeleteFunc(h.sim.Bindings(int64(acmeHQ)), func(b yeastartest.Binding) bool { return b.DID == 50030 }))
			}()
			p, err := h.confirm(p)
			wantKind(t, err, fleet.KindDiverged)
			wantStatus(t, p, plan.Diverged)
			h.settled()
			h.sweep()
			d := h.drift(acmeHQ)
			if removed := d.Removed(); len(d.Added()) > 0 || !slices.Equal(removed, []fleet.Binding{pair(london, 50030)}) {
				t.Errorf("%s: %v was removed, and %v added", d.Sentence, removed, d.Added())
			}
			want := map[bool]fleet.Cause{false: fleet.CauseMissedEvent, true: fleet.CauseChangedOutside}[heard]
			if d.Cause != want || !strings.HasPrefix(d.Sentence, "1 number was removed outside Cordboard") {
				t.Errorf("%s: %s", d.Cause, d.Sentence)
			}
			if !slices.ContainsFunc(d.Evidence, func(e fleet.Evidence) bool { return e.Plan == p.ID }) {
				t.Errorf("no evidence names the plan: %+v", d.Evidence)
			}
			h.sim.Rebind(int64(acmeHQ), append(h.sim.Bindings(int64(acmeHQ)), at(london, 50030)))
			h.settled()
			h.sweep()
			if s := h.state(acmeHQ); s.State != fleet.InSync || before.Equal(h.cloud(acmeHQ)) {
				t.Errorf("the number was put back, and the PBX is %s: %s", s.State, s.Sentence)
			}
		})
	}
}

// Yeastar does only a part of what a plan asked for: that is no colleague's doing.
func TestAPlanThatWasAppliedInPartIsNamedAsTheCause(t *testing.T) {
	h := build(t)
	h.unheard()
	p := h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036), pair(london, 50037)}})
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, yeastartest.CloseBeforeCommit())
	go func() {
		h.eventually("the write is on its way", func() bool { return h.sent(acmeHQ) == 1 })
		h.sim.Rebind(int64(acmeHQ), append(h.sim.Bindings(int64(acmeHQ)), at(london, 50036)))
	}()
	p, err := h.confirm(p)
	wantKind(t, err, fleet.KindDiverged)
	h.sweep()
	if d := h.drift(acmeHQ); d.Cause != fleet.CauseLostWrite || d.Evidence[0].Plan != p.ID || len(d.Added()) != 1 {
		t.Errorf("%s: %s %+v", d.Cause, d.Sentence, d.Evidence)
	}
}
