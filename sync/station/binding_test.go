package station_test

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/station"
	"cordboard/yeastar/yeastartest"
)

// bindExample is seed 000's example 1: DIDs 50036 and 50044 of trunk 6681 to PBX 4808.
var bindExample = change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036), pair(london, 50044)}}

func TestSeed000Example1AddsTwoNumbersAndKeepsEverythingBoundBefore(t *testing.T) {
	h := build(t)
	before := h.cloud(acmeHQ)
	p, err := h.confirm(h.draft(bindExample))
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, p, plan.Applied)
	wantSet(t, "cloud", h.cloud(acmeHQ), before.With(bindExample.Bind...))
	want := `{"trunkDidRelations":[{"didIds":[50030,50031,50032,50036,50044],"trunkId":6681},{"didIds":[50050],"trunkId":6682}]}`
	if got := string(h.sim.LastPUTBody(int64(acmeHQ))); got != want {
		t.Errorf("the PUT's body is\n%s, want\n%s", got, want)
	}
	if h.sent(acmeHQ) != 1 {
		t.Errorf("%d PUTs were sent", h.sent(acmeHQ))
	}
	if got := h.outcomes(p.ID); !slices.Equal(got, []audit.Outcome{audit.Succeeded, audit.Intended, audit.Succeeded}) {
		t.Errorf("audit outcomes %v", got)
	}
	if p.Outcome.VendorRequestID == "" || p.Outcome.VerifiedAt.IsZero() {
		t.Errorf("outcome without evidence: %+v", p.Outcome)
	}
}

func TestSeed000Example2LeavesOnlyThroughClearAllWithTheTypedName(t *testing.T) {
	h := build(t)
	_, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: acmeHQ, Unbind: h.cloud(acmeHQ).Pairs()})
	wantKind(t, err, fleet.KindInvalid)
	p := h.draft(change.Ask{PBX: acmeHQ, Clear: true})
	for _, consent := range []change.Consent{{}, {Name: "acme", Reason: "because"}, {Reason: "because"}, {Name: "Acme HQ"}} {
		_, err := h.Changer.Confirm(t.Context(), ana, p.ID, consent)
		wantKind(t, err, fleet.KindGuard)
	}
	if h.sent(acmeHQ) != 0 {
		t.Fatal("something was sent without consent")
	}
	p, err = h.confirm(p)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, p, plan.Applied)
	if got := string(h.sim.LastPUTBody(int64(acmeHQ))); got != `{"trunkDidRelations":[]}` {
		t.Errorf("the PUT's body is %s", got)
	}
	wantSet(t, "cloud", h.cloud(acmeHQ), fleet.BindingSet{})
}

func TestHazardTwoOperatorsOnOnePBX(t *testing.T) {
	h := build(t)
	first := h.draft(bindExample)
	second := h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50037)}})
	if _, err := h.confirm(first); err != nil {
		t.Fatal(err)
	}
	p, err := h.confirm(second)
	wantKind(t, err, fleet.KindStale)
	wantStatus(t, p, plan.Stale)
	if len(p.Outcome.Moved) != 2 {
		t.Errorf("what moved: %+v, want the two numbers of the first plan", p.Outcome.Moved)
	}
	if h.sent(acmeHQ) != 1 {
		t.Errorf("%d PUTs were sent", h.sent(acmeHQ))
	}
	wantSet(t, "cloud", h.cloud(acmeHQ), first.After)
}

func TestHazardTwoOperatorsAtTheSameMomentSendOneWrite(t *testing.T) {
	h := build(t)
	asks := []change.Ask{bindExample, {PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50037)}}, {PBX: acmeHQ, Unbind: []fleet.Binding{pair(london, 50030)}}}
	drafts := make([]plan.Plan, len(asks))
	for i, ask := range asks {
		drafts[i] = h.draft(ask)
	}
	errs := make([]error, len(drafts))
	var wg sync.WaitGroup
	for i, p := range drafts {
		wg.Go(func() { _, errs[i] = h.confirm(p) })
	}
	wg.Wait()
	won := 0
	for i, err := range errs {
		if err == nil {
			won++
			wantSet(t, "cloud", h.cloud(acmeHQ), drafts[i].After)
		} else if kind := fleet.KindOf(err); kind != fleet.KindConflict && kind != fleet.KindStale {
			t.Errorf("plan %d: %v", i, err)
		}
	}
	if won != 1 || h.sent(acmeHQ) != 1 {
		t.Errorf("%d plans won and %d PUTs were sent, want one of each", won, h.sent(acmeHQ))
	}
}

func TestHazardDoubleConfirmSendsNothingTwice(t *testing.T) {
	h := build(t)
	p := h.draft(bindExample)
	errs := make([]error, 5)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = h.confirm(p) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		wantKind(t, err, fleet.KindConflict)
	}
	_, err := h.confirm(p)
	wantKind(t, err, fleet.KindConflict)
	if won != 1 || h.sent(acmeHQ) != 1 {
		t.Errorf("%d confirmations won and %d PUTs were sent", won, h.sent(acmeHQ))
	}
}

func TestHazardSomeoneEditsInYCMBetweenOurReadAndOurPUT(t *testing.T) {
	h := build(t)
	p := h.draft(bindExample)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(london, 50045)}, yeastartest.Quiet)
	p, err := h.confirm(p)
	wantKind(t, err, fleet.KindStale)
	wantStatus(t, p, plan.Stale)
	if h.sent(acmeHQ) != 0 {
		t.Error("a stale plan was sent")
	}
	wantSet(t, "ledger", h.known(acmeHQ).Set, h.cloud(acmeHQ))
}

func TestHazardTheCloudEndsUpWithSomethingElse(t *testing.T) {
	h := build(t, func(a *yeastartest.Assumptions) { a.MergeBindings = true })
	p, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036)}, Unbind: []fleet.Binding{pair(london, 50030)}}))
	wantKind(t, err, fleet.KindDiverged)
	wantStatus(t, p, plan.Diverged)
	if h.sent(acmeHQ) != 1 {
		t.Errorf("%d PUTs were sent: a blind second one", h.sent(acmeHQ))
	}
	wantSet(t, "ledger", h.known(acmeHQ).Set, h.cloud(acmeHQ))
}

func TestHazardTheVendorAppliesAfterItsAnswer(t *testing.T) {
	h := build(t)
	h.sim.SetApplyDelay(150 * time.Millisecond)
	p, err := h.confirm(h.draft(bindExample))
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, p, plan.Applied)
}

func TestHazardTheVendorAnswersSuccessAndDoesNothing(t *testing.T) {
	h := build(t)
	p := h.draft(bindExample)
	h.sim.SetApplyDelay(time.Hour)
	p, err := h.confirm(p)
	wantKind(t, err, fleet.KindRefused)
	wantStatus(t, p, plan.Failed)
}

func TestHazardPUTTimesOutOrTheConnectionBreaksAfterSending(t *testing.T) {
	put := yeastartest.Match{Method: "PUT", PathSuffix: "/did"}
	for name, c := range map[string]struct {
		fault yeastartest.Fault
		want  plan.Status
		kind  fleet.Kind
	}{
		"closed after commit":     {yeastartest.CloseAfterCommit(), plan.Applied, ""},
		"cut off in the answer":   {yeastartest.CutOff(), plan.Applied, ""},
		"truncated answer":        {yeastartest.Truncated(), plan.Applied, ""},
		"time out after commit":   {yeastartest.DelayAfterCommit(2 * time.Second), plan.Applied, ""},
		"HTML after commit":       {yeastartest.HTML().AfterCommit(), plan.Applied, ""},
		"502 after commit":        {yeastartest.Status(502, "bad gateway").AfterCommit(), plan.Applied, ""},
		"closed before commit":    {yeastartest.CloseBeforeCommit(), plan.Failed, fleet.KindUnknown},
		"HTML before commit":      {yeastartest.HTML(), plan.Failed, fleet.KindUnknown},
		"503 before commit":       {yeastartest.Status(503, ""), plan.Failed, fleet.KindUnknown},
		"refused":                 {yeastartest.VendorCode(yeastartest.CodeInvalidParameter), plan.Failed, fleet.KindRefused},
		"200 with Failed":         {yeastartest.SuccessWithFailed(yeastartest.CodeInvalidParameter), plan.Failed, fleet.KindRefused},
		"throttled":               {yeastartest.Throttle(), plan.Failed, fleet.KindRefused},
		"refused but applied":     {yeastartest.VendorCode(yeastartest.CodeInvalidParameter).AfterCommit(), plan.Applied, ""},
		"server error, not done":  {yeastartest.VendorCode(yeastartest.CodeServerError), plan.Failed, fleet.KindUnknown},
		"server error after work": {yeastartest.VendorCode(yeastartest.CodeServerError).AfterCommit(), plan.Applied, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			p := h.draft(bindExample)
			h.sim.Fail(put, c.fault)
			p, err := h.confirm(p)
			if c.kind != "" {
				wantKind(t, err, c.kind)
			} else if err != nil {
				t.Fatal(err)
			}
			wantStatus(t, p, c.want)
			if h.sent(acmeHQ) != 1 {
				t.Errorf("%d PUTs were sent, want exactly one", h.sent(acmeHQ))
			}
			stored, err := h.DB.Plan(t.Context(), p.ID)
			if err != nil || stored.Status != c.want || stored.Outcome.Sentence == "" {
				t.Errorf("stored plan: %s %q, %v", stored.Status, stored.Outcome.Sentence, err)
			}
			h.settled()
			wantSet(t, "ledger", h.known(acmeHQ).Set, h.cloud(acmeHQ))
		})
	}
}

func TestHazardTheFateOfAWriteStaysUnknownUntilARead(t *testing.T) {
	h := build(t)
	p := h.draft(bindExample)
	h.sim.RemoveWebhooks()
	h.sim.Fail(yeastartest.Match{Method: "PUT"}, yeastartest.CloseAfterCommit())
	down := yeastartest.Match{Method: "GET", PathPrefix: "/dm/open_api/v1/did_management/4808", Nth: 2, Times: -1}
	h.sim.Fail(down, yeastartest.Status(503, ""))
	p, err := h.confirm(p)
	wantKind(t, err, fleet.KindUnknown)
	wantStatus(t, p, plan.Unknown)
	if state := h.state(acmeHQ); state.State != fleet.Unknown {
		t.Errorf("the PBX is %s", state.State)
	}
	if _, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50037)}}); err == nil {
		t.Error("a new plan was made while the fate of the last is unknown")
	}
	h.sim.ClearFaults()
	if err := h.Changer.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	settled, err := h.DB.Plan(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, settled, plan.Applied)
	if h.sent(acmeHQ) != 1 {
		t.Errorf("%d PUTs were sent", h.sent(acmeHQ))
	}
}

func TestHazardTheDIDAlreadyBelongsToAnotherPBX(t *testing.T) {
	h := build(t)
	_, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50040)}})
	wantKind(t, err, fleet.KindInvalid)
	if !strings.Contains(err.Error(), "Corner Bakery") {
		t.Errorf("the owner is not named: %v", err)
	}
	if h.sent(acmeHQ) != 0 {
		t.Error("it was sent")
	}
}

func TestHazardPairsAreAmbiguous(t *testing.T) {
	h := build(t)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(peer, 50050), at(peer, 50070)}, yeastartest.Quiet)
	h.sweep()
	if k := h.known(acmeHQ); k.Certainty != fleet.CertaintyAmbiguous || len(k.Unclear) != 1 {
		t.Fatalf("known: %+v", k)
	}
	_, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036)}})
	wantKind(t, err, fleet.KindInvalid)
	p, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(peer, 50070), pair(london, 50036)}}))
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, p, plan.Applied)
	wantSet(t, "cloud", h.cloud(acmeHQ), fleet.NewBindingSet(pair(london, 50030), pair(london, 50036), pair(peer, 50050), pair(peer, 50070)))
	if k := h.known(acmeHQ); !k.Exact() {
		t.Errorf("after a verified write the ledger is %s", k.Certainty)
	}
}

func TestHazardAmbiguityIsSettledByAReport(t *testing.T) {
	h := build(t)
	now := []yeastartest.Binding{at(london, 50030), at(peer, 50050), at(peer, 50070)}
	h.sim.Rebind(int64(acmeHQ), now, yeastartest.Quiet)
	h.sweep()
	h.sim.Rebind(int64(acmeHQ), append(now, at(london, 50031)))
	h.settled()
	if k := h.known(acmeHQ); !k.Exact() || !k.Set.Equal(h.cloud(acmeHQ)) {
		t.Errorf("known after the report: %+v", k)
	}
}

func TestHazardPBXNotRunningOrFirmwareTooOld(t *testing.T) {
	h := build(t)
	_, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: oldie, Bind: []fleet.Binding{pair(london, 50036)}})
	wantKind(t, err, fleet.KindInvalid)
	p := h.draft(bindExample)
	h.sim.SetStatus(int64(acmeHQ), yeastartest.StatusStopped)
	_, err = h.Changer.Draft(t.Context(), ana, change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50037)}})
	wantKind(t, err, fleet.KindInvalid)
	_, err = h.confirm(p)
	wantKind(t, err, fleet.KindStale)
	if h.sent(acmeHQ)+h.sent(oldie) != 0 {
		t.Error("something was sent")
	}
}

func TestHazardBindingsMadeElsewhereSurviveOurWrite(t *testing.T) {
	h := build(t)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(london, 50047), at(peer, 50051)}, yeastartest.Quiet)
	if _, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036)}})); err != nil {
		t.Fatal(err)
	}
	wantSet(t, "cloud", h.cloud(acmeHQ), fleet.NewBindingSet(pair(london, 50030), pair(london, 50036), pair(london, 50047), pair(peer, 50051)))
}

func TestHazardASecondPairOfTheSameNumberIsSeenThroughItsRepeat(t *testing.T) {
	h := build(t)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(peer, 50050), at(london, 50070)})
	h.settled()
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(peer, 50050), at(london, 50070), at(peer, 50070)}, yeastartest.Quiet)
	_, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036)}})
	wantKind(t, err, fleet.KindInvalid)
}

func TestHazardAProtectedNumberBlocksEveryPlanThatWouldDropIt(t *testing.T) {
	h := build(t)
	if err := h.DB.SetProtected(t.Context(), 50030, true, audit.Entry{At: time.Now(), Actor: "ana", Action: audit.NumberProtect, Outcome: audit.Succeeded}); err != nil {
		t.Fatal(err)
	}
	for _, ask := range []change.Ask{
		{PBX: acmeHQ, Unbind: []fleet.Binding{pair(london, 50030)}},
		{PBX: acmeHQ, Clear: true},
	} {
		_, err := h.Changer.Draft(t.Context(), ana, ask)
		wantKind(t, err, fleet.KindInvalid)
	}
	if _, err := h.confirm(h.draft(bindExample)); err != nil {
		t.Fatal(err)
	}
}

func TestHazardAFailedReadIsNeverAnEmptySet(t *testing.T) {
	for name, fault := range map[string]yeastartest.Fault{
		"HTML": yeastartest.HTML(), "truncated": yeastartest.Truncated(), "failed": yeastartest.SuccessWithFailed(yeastartest.CodeServerError),
		"not found": yeastartest.VendorCode(yeastartest.CodeNotFound), "closed": yeastartest.CloseBeforeCommit(), "503": yeastartest.Status(503, ""),
		"huge": yeastartest.Huge(9 << 20), "throttled": yeastartest.Throttle(),
	} {
		for _, path := range []string{"/dm/open_api/v1/did_management/4808/did", "/dm/open_api/v1/shared_trunk/pbx/used", plans + "4808"} {
			t.Run(name+" "+path, func(t *testing.T) {
				t.Parallel()
				h := build(t)
				before, count := h.known(acmeHQ), len(h.history(acmeHQ))
				h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: path, Times: -1}, fault)
				if _, err := h.Changer.Draft(t.Context(), ana, bindExample); err == nil {
					t.Error("a plan was made on a failed read")
				}
				wantSet(t, "ledger", h.known(acmeHQ).Set, before.Set)
				if n := len(h.history(acmeHQ)); n != count {
					t.Errorf("history grew from %d to %d snapshots", count, n)
				}
				if h.sent(acmeHQ) != 0 {
					t.Error("something was sent")
				}
			})
		}
	}
}

func TestHazardAPlanExpires(t *testing.T) {
	var later atomic.Int64
	h := furnish(t, func(c *station.Config) {
		c.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	}, func(*yeastartest.Server) {})
	p := h.draft(bindExample)
	if p.ExpiresAt.Sub(p.CreatedAt) != 30*time.Minute {
		t.Errorf("a draft lives %s", p.ExpiresAt.Sub(p.CreatedAt))
	}
	later.Store(int64(30 * time.Minute))
	_, err := h.confirm(p)
	wantKind(t, err, fleet.KindConflict)
	if !strings.Contains(err.Error(), "expired") || h.sent(acmeHQ) != 0 {
		t.Errorf("%v; %d writes", err, h.sent(acmeHQ))
	}
	if stored, err := h.DB.Plan(t.Context(), p.ID); err != nil || stored.Status != plan.Expired {
		t.Errorf("it is %s, %v", stored.Status, err)
	}
}
