package station_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/station"
	"cordboard/yeastar/yeastartest"
)

// The plans whose fate the tests ask about. What reads show of it is different for each: 50036 comes
// or not; 50070 changes its trunk while both trunks keep other numbers, which no read shows; the only
// number of the peer trunk leaves it, so that the trunk may still be listed for a while.
var fates = map[string]struct {
	had []yeastartest.Binding
	ask change.Ask
}{
	"plain":  {nil, change.Ask{Bind: []fleet.Binding{pair(london, 50036)}}},
	"silent": {[]yeastartest.Binding{at(london, 50070)}, change.Ask{Unbind: []fleet.Binding{pair(london, 50070)}, Bind: []fleet.Binding{pair(peer, 50070)}}},
	"leaves": {[]yeastartest.Binding{at(peer, 50070)}, change.Ask{Unbind: []fleet.Binding{pair(peer, 50070), pair(peer, 50050)}, Bind: []fleet.Binding{pair(london, 50070)}}},
	"last":   {[]yeastartest.Binding{at(london, 50030), at(peer, 50070)}, change.Ask{Unbind: []fleet.Binding{pair(peer, 50070)}, Bind: []fleet.Binding{pair(london, 50070)}}},
}

func TestTheFateOfAWriteIsNamedByItsAnswerAndByWhatReadsCanTell(t *testing.T) {
	ignored := func(h *house) { h.sim.SetApplyDelay(time.Hour) }
	fails := func(f yeastartest.Fault) func(*house) {
		return func(h *house) { h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, f) }
	}
	answers := map[string]struct {
		world func(*house)
		want  map[string]plan.Status
	}{
		"200":            {func(*house) {}, map[string]plan.Status{"plain": plan.Applied, "silent": plan.Applied, "leaves": plan.Applied, "last": plan.Applied}},
		"200, ignored":   {ignored, map[string]plan.Status{"plain": plan.Failed, "silent": plan.Applied, "leaves": plan.Failed, "last": plan.Diverged}},
		"refused":        {fails(yeastartest.VendorCode(yeastartest.CodeInvalidParameter)), map[string]plan.Status{"plain": plan.Failed, "silent": plan.Failed, "leaves": plan.Failed, "last": plan.Failed}},
		"lost, not done": {fails(yeastartest.CloseBeforeCommit()), map[string]plan.Status{"plain": plan.Failed, "silent": plan.Diverged, "leaves": plan.Failed, "last": plan.Diverged}},
		"lost, done":     {fails(yeastartest.CloseAfterCommit()), map[string]plan.Status{"plain": plan.Applied, "silent": plan.Diverged, "leaves": plan.Applied, "last": plan.Applied}},
	}
	for kind, fate := range fates {
		for answer, tt := range answers {
			t.Run(kind+", "+answer, func(t *testing.T) {
				t.Parallel()
				h := build(t)
				if kind == "last" {
					h.sim.Rebind(int64(acmeHQ), fate.had, yeastartest.Quiet)
				} else {
					h.sim.Bind(int64(acmeHQ), fate.had...)
				}
				h.tell(acmeHQ)
				h.sim.RemoveWebhooks()
				base := h.cloud(acmeHQ)
				ask := fate.ask
				ask.PBX = acmeHQ
				p := h.draft(ask)
				tt.world(h)
				p, err := h.confirm(p)
				wantStatus(t, p, tt.want[kind])
				if (err == nil) != (p.Status == plan.Applied) {
					t.Errorf("%s, and the error is %v", p.Status, err)
				}
				if h.sent(acmeHQ) != 1 {
					t.Errorf("%d PUTs were sent", h.sent(acmeHQ))
				}
				known := h.known(acmeHQ)
				if onItsWord := kind == "silent" && answer == "200, ignored"; known.Exact() && !onItsWord {
					wantSet(t, "an exact ledger", known.Set, h.cloud(acmeHQ))
				}
				for _, b := range base.Pairs() {
					if b.DID != 50070 && b.DID != 50050 && !known.Set.Has(b) {
						t.Errorf("the ledger lost %v: %+v", b, known)
					}
				}
				h.sweep()
				if again := h.known(acmeHQ); again.Fingerprint() != known.Fingerprint() {
					t.Errorf("the next pass makes %+v of %+v", again, known)
				}
			})
		}
	}
}

// The pauses between reads double, from 10 ms: without a read at the deadline itself the last one would
// come before the middle of the time.
func TestAWriteThatIsAppliedJustBeforeTheDeadlineIsSeen(t *testing.T) {
	h := furnish(t, func(c *station.Config) { c.ReadBack = 1200 * time.Millisecond }, func(*yeastartest.Server) {})
	h.unheard()
	h.sim.SetApplyDelay(900 * time.Millisecond)
	p, err := h.confirm(h.draft(bindExample))
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, p, plan.Applied)
	h.sim.SetApplyDelay(time.Hour)
	p, err = h.confirm(h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50037)}}))
	wantKind(t, err, fleet.KindRefused)
	if read := p.Outcome.VerifiedAt.Sub(p.SentAt); !strings.Contains(p.Outcome.Sentence, "1.2s later nothing had changed") || read < 1200*time.Millisecond {
		t.Errorf("read %s after it was sent: %s", read, p.Outcome.Sentence)
	}
}

func TestAnAnswerIsCalledLostOnlyWhenThereWasNone(t *testing.T) {
	for name, tt := range map[string]struct {
		fault  yeastartest.Fault
		unread bool // reading back fails at first
		want   plan.Status
		says   string // with the id of the request
	}{
		"an error, not done":          {yeastartest.VendorCode(yeastartest.CodeServerError), false, plan.Failed, "Yeastar answered with an error (code 1000001, request %), and a read shows that nothing changed."},
		"an error, done":              {yeastartest.VendorCode(yeastartest.CodeServerError).AfterCommit(), false, plan.Applied, "Verified by reading, although Yeastar answered with an error (code 1000001, request %)."},
		"an error, done, read later":  {yeastartest.VendorCode(1000030).AfterCommit(), true, plan.Applied, "Verified by reading, although Yeastar answered with an error (code 1000030, request %)."},
		"Success, done, read later":   {yeastartest.Delay(0), true, plan.Applied, "Verified by a later read: Yeastar answered without an error code (request %)."},
		"no answer, not done":         {yeastartest.CloseBeforeCommit(), false, plan.Failed, "The answer to the write was lost, and a read shows that nothing changed."},
		"no answer, done, read later": {yeastartest.CloseAfterCommit(), true, plan.Applied, "Verified by reading, although the answer to the write was lost."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			h.sim.RemoveWebhooks()
			p := h.draft(bindExample)
			h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, tt.fault)
			if tt.unread {
				h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: "/dm/open_api/v1/did_management/4808", Nth: 2, Times: -1}, yeastartest.Status(503, ""))
			}
			p, err := h.confirm(p)
			if tt.unread {
				wantKind(t, err, fleet.KindUnknown)
				h.sim.ClearFaults()
				if err := h.Changer.Settle(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if p, err = h.DB.Plan(t.Context(), p.ID); err != nil {
				t.Fatal(err)
			}
			wantStatus(t, p, tt.want)
			if want := strings.Replace(tt.says, "%", p.Outcome.VendorRequestID, 1); p.Outcome.Sentence != want || strings.Contains(want, "request )") {
				t.Errorf("%q, want %q", p.Outcome.Sentence, want)
			}
		})
	}
}

// tell gives the ledger exact knowledge of a PBX, as a report does.
func (h *house) tell(id fleet.PBXID) {
	h.t.Helper()
	var pairs []yeastartest.Binding
	for _, b := range h.cloud(id).Pairs() {
		pairs = append(pairs, yeastartest.Binding{Trunk: int64(b.Trunk), DID: int64(b.DID)})
	}
	h.post(yeastartest.ReportBody(h.report(id, yeastartest.EventDIDChange, time.Now(), pairs...)))
	h.eventually("the ledger is exact", func() bool { return h.known(id).Exact() && h.known(id).Set.Equal(h.cloud(id)) })
}

func TestAReportTellsTheFateThatNoReadCanTell(t *testing.T) {
	h := build(t)
	h.sim.Bind(int64(acmeHQ), at(london, 50070))
	h.tell(acmeHQ)
	p := h.draft(change.Ask{PBX: acmeHQ, Unbind: []fleet.Binding{pair(london, 50070)}, Bind: []fleet.Binding{pair(peer, 50070)}})
	h.sim.SetWebhookPolicy(yeastartest.WebhookPolicy{BeforeAnswer: true})
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, yeastartest.DelayAfterCommit(2*time.Second))
	p, err := h.confirm(p) // the report is digested while the answer is awaited
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, p, plan.Applied)
	wantSet(t, "ledger", h.known(acmeHQ).Set, h.cloud(acmeHQ))
}

func TestHeaderValuesAreNotKnownAfterAWriteOfUnknownFate(t *testing.T) {
	header := fleet.Header{Trunk: headed, Header: 7, Value: "corner"}
	for name, tt := range map[string]struct {
		fault yeastartest.Fault
		want  plan.Status
		known fleet.Headers
	}{
		"refused":        {yeastartest.VendorCode(yeastartest.CodeAlreadyExists), plan.Failed, fleet.KnownHeaders()},
		"lost, done":     {yeastartest.CloseAfterCommit(), plan.Diverged, fleet.Headers{}},
		"lost, not done": {yeastartest.CloseBeforeCommit(), plan.Diverged, fleet.Headers{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			none := []fleet.Header{}
			if _, err := h.confirm(h.draft(change.Ask{PBX: bakery, Bind: []fleet.Binding{pair(headed, 50061)}, Headers: &none})); err != nil {
				t.Fatal(err)
			}
			p := h.draft(change.Ask{PBX: bakery, Headers: &[]fleet.Header{header}})
			h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, tt.fault)
			p, _ = h.confirm(p)
			wantStatus(t, p, tt.want)
			if got := h.known(bakery); !got.Headers.Equal(tt.known) || !got.Exact() {
				t.Errorf("the ledger has %+v", got)
			}
			_, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: bakery, Bind: []fleet.Binding{pair(london, 50041)}})
			if asked := fleet.KindOf(err) == fleet.KindHeaders; asked == tt.known.Known {
				t.Errorf("the next plan: %v", err)
			}
		})
	}
}

func TestHangingUpLeavesNoTraceOnThePBX(t *testing.T) {
	h := build(t)
	h.sim.Fail(yeastartest.Match{Method: "GET", PathSuffix: "/instances/4808"}, yeastartest.Delay(100*time.Millisecond))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := h.Changer.Draft(ctx, ana, bindExample); err == nil {
		t.Fatal("a plan was made for somebody who left")
	}
	if state := h.state(acmeHQ); state.State != fleet.InSync {
		t.Errorf("the PBX is %s: %s", state.State, state.Sentence)
	}
}

func TestHangingUpAfterTheIntentChangesNothing(t *testing.T) {
	h := build(t)
	p := h.draft(bindExample)
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, yeastartest.Delay(100*time.Millisecond))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		h.eventually("the write is on its way", func() bool { return h.sent(acmeHQ) == 1 })
		cancel()
	}()
	p, err := h.Changer.Confirm(ctx, ana, p.ID, change.Consent{})
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, p, plan.Applied)
	if ctx.Err() == nil {
		t.Error("the caller did not hang up in time")
	}
}

func TestRecoveryLeavesPlansAloneThatAreBeingCarriedOut(t *testing.T) {
	h := build(t)
	p := h.draft(bindExample)
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, yeastartest.Delay(200*time.Millisecond))
	recovered := make(chan error, 1)
	go func() {
		h.eventually("the write is on its way", func() bool { return h.sent(acmeHQ) == 1 })
		recovered <- h.Changer.Recover(context.WithoutCancel(t.Context()))
	}()
	p, err := h.confirm(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-recovered; err != nil {
		t.Error(err)
	}
	stored, err := h.DB.Plan(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, stored, plan.Applied)
	if outcomes := h.outcomes(p.ID); len(outcomes) != 3 {
		t.Errorf("the record says %v", outcomes)
	}
}

func TestAPBXThatIsDeletedWhileAFateIsUnknownEndsThePlan(t *testing.T) {
	h := build(t)
	p := h.draft(bindExample)
	h.sim.RemoveWebhooks()
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, yeastartest.CloseAfterCommit())
	h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: "/dm/open_api/v1/did_management/4808", Nth: 2, Times: -1}, yeastartest.Status(503, ""))
	p, err := h.confirm(p)
	wantKind(t, err, fleet.KindUnknown)
	h.sim.ClearFaults()
	h.sim.DeletePBX(int64(acmeHQ), yeastartest.Quiet)
	if err := h.Changer.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	stored, err := h.DB.Plan(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, stored, plan.Void)
	if state := h.state(acmeHQ); state.State != fleet.Gone {
		t.Errorf("the PBX is %s", state.State)
	}
}

// TestAWordAboutEveryCandidateProvesNothing has an operator say of a number, which is on the peer
// trunk, that it shall be on london and not on peer. What reads show is the same before and after.
func TestAWordAboutEveryCandidateProvesNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		fault yeastartest.Fault
		want  plan.Status
	}{
		"200":            {yeastartest.Delay(0), plan.Applied},
		"refused":        {yeastartest.VendorCode(yeastartest.CodeInvalidParameter), plan.Failed},
		"lost, not done": {yeastartest.CloseBeforeCommit(), plan.Diverged},
		"lost, done":     {yeastartest.CloseAfterCommit(), plan.Diverged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			h.sim.RemoveWebhooks()
			h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(peer, 50050), at(peer, 50070)}, yeastartest.Quiet)
			h.sweep()
			p := h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50070)}, Unbind: []fleet.Binding{pair(peer, 50070)}})
			h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, tt.fault)
			p, _ = h.confirm(p)
			wantStatus(t, p, tt.want)
			if k := h.known(acmeHQ); k.Exact() != (tt.want == plan.Applied) || k.Exact() && !k.Set.Equal(h.cloud(acmeHQ)) {
				t.Errorf("the ledger has %+v", k)
			}
		})
	}
}
