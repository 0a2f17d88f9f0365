package station_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/yeastar/yeastartest"
)

func TestWhatChangedBetweenThePlanAndItsConfirmationStopsIt(t *testing.T) {
	plus := change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036)}}
	minus := change.Ask{PBX: acmeHQ, Unbind: []fleet.Binding{pair(london, 50031)}}
	for name, tt := range map[string]struct {
		ask     change.Ask
		between func(*house)
		says    string
	}{
		"another PBX took the number": {plus, func(h *house) {
			h.sim.Rebind(int64(bakery), []yeastartest.Binding{at(london, 50040), at(headed, 50060), at(london, 50036)}, yeastartest.Quiet)
		}, "+442079460006 was bound to another PBX (4809) after this plan was made."},
		"the number was deleted": {plus, func(h *house) { h.sim.DeleteDID([]int64{50036}, yeastartest.Quiet) }, "+442079460006 does not exist any more."},
		"the id is another number now": {plus, func(h *house) {
			h.sim.DeleteDID([]int64{50036}, yeastartest.Quiet)
			h.sim.AddDID(yeastartest.DID{ID: 50036, Number: "+33123456789", Trunks: []int64{int64(london)}})
		}, "the DID 50036, which was +442079460006 when this plan was made, is +33123456789 now."},
		"the number left the trunk": {plus, func(h *house) { h.sim.MoveDIDTrunk(50036, int64(london), int64(peer), yeastartest.Quiet) }, "+442079460006 does not sit on the trunk 6681 any more."},
		"the number was protected": {minus, func(h *house) {
			if err := h.DB.SetProtected(h.t.Context(), 50031, true, audit.Entry{Action: audit.NumberProtect, Outcome: audit.Succeeded}); err != nil {
				h.t.Fatal(err)
			}
		}, "+442079460001 was protected after this plan was made."},
		"the PBX was stopped":  {plus, func(h *house) { h.sim.SetStatus(int64(acmeHQ), yeastartest.StatusStopped) }, "the PBX is Stopped on firmware 84.20.0.5 now."},
		"the PBX was upgraded": {plus, func(h *house) { h.sim.SetFirmware(int64(acmeHQ), "84.22.0.134") }, "the PBX runs firmware 84.22.0.134 now, which treats custom SIP headers in another way."},
		"the PBX to be cleared got another name": {change.Ask{PBX: acmeHQ, Clear: true}, func(h *house) { h.sim.RenamePBX(int64(acmeHQ), "Bank of Acme") },
			"the PBX that this plan calls Acme HQ is called Bank of Acme now."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			p := h.draft(tt.ask)
			tt.between(h)
			p, err := h.confirm(p)
			wantKind(t, err, fleet.KindStale)
			wantStatus(t, p, plan.Stale)
			if want := "Nothing was sent: " + tt.says; p.Outcome.Sentence != want {
				t.Errorf("got  %s\nwant %s", p.Outcome.Sentence, want)
			}
			if h.sent(acmeHQ) != 0 {
				t.Error("it was sent")
			}
			if _, err := h.confirm(p); fleet.KindOf(err) != fleet.KindConflict {
				t.Errorf("confirmed again: %v", err)
			}
		})
	}
}

func TestARenamedPBXDoesNotStopAPlanThatDidNotAskForItsName(t *testing.T) {
	h := build(t)
	p := h.draft(bindExample)
	h.sim.RenamePBX(int64(acmeHQ), "Bank of Acme")
	if _, err := h.confirm(p); err != nil {
		t.Fatal(err)
	}
}

func TestTheTypedNameIsTheNameAsAPageShowsIt(t *testing.T) {
	h := build(t)
	for name, tt := range map[string]struct{ called, typed string }{
		"spaces are shown as one": {" Acme   <HQ> ", "Acme <HQ>"},
		"a PBX without a name":    {"", "4808"},
	} {
		h.sim.RenamePBX(int64(acmeHQ), tt.called)
		if tt.called == "" {
			continue // the simulator's default name
		}
		p := h.draft(change.Ask{PBX: acmeHQ, Clear: true})
		for _, wrong := range []string{"", "acme <hq>", "Acme", "4808"} {
			_, err := h.Changer.Confirm(t.Context(), ana, p.ID, change.Consent{Name: wrong, Reason: "because"})
			wantKind(t, err, fleet.KindGuard)
		}
		p, err := h.Changer.Confirm(t.Context(), ana, p.ID, change.Consent{Name: tt.typed, Reason: "because"})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		wantStatus(t, p, plan.Applied)
	}
}

func TestAnUnclearNumberCanBeUnboundWhereverItIs(t *testing.T) {
	for _, guess := range []fleet.TrunkID{london, peer} { // it is on the peer trunk
		h := build(t)
		h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(peer, 50050), at(peer, 50070)}, yeastartest.Quiet)
		h.sweep()
		p, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Unbind: []fleet.Binding{pair(guess, 50070)}}))
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, p, plan.Applied)
		want := fleet.NewBindingSet(pair(london, 50030), pair(peer, 50050))
		wantSet(t, "cloud", h.cloud(acmeHQ), want)
		if k := h.known(acmeHQ); !k.Exact() || !k.Set.Equal(want) {
			t.Errorf("known: %+v", k)
		}
	}
}

func TestAProtectionSetAfterTheDraftStopsAPlanOnTheOperatorsWord(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(peer, 50050), at(peer, 50070)}, yeastartest.Quiet)
	h.sweep()
	p := h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50070)}}) // it is on the peer trunk, which no read shows
	h.guards(50070, true)
	p, err := h.confirm(p)
	wantKind(t, err, fleet.KindStale)
	wantStatus(t, p, plan.Stale)
	if want := "Nothing was sent: +442079460040 was protected after this plan was made."; p.Outcome.Sentence != want || h.sent(acmeHQ) != 0 {
		t.Errorf("got %s; sent %d", p.Outcome.Sentence, h.sent(acmeHQ))
	}
	if !h.cloud(acmeHQ).Has(pair(peer, 50070)) {
		t.Error("the protected number lost its binding")
	}
}

func TestAnUnclearPBXCanBeCleared(t *testing.T) {
	h := build(t)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(peer, 50050), at(peer, 50070)}, yeastartest.Quiet)
	h.sweep()
	p, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Clear: true}))
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, p, plan.Applied)
	if k := h.known(acmeHQ); !k.Exact() || k.Set.Len() != 0 || h.cloud(acmeHQ).Len() != 0 {
		t.Errorf("known: %+v", k)
	}
	h = build(t)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(peer, 50050), at(peer, 50070)}, yeastartest.Quiet)
	h.sweep()
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/did"}, yeastartest.VendorCode(yeastartest.CodeInvalidParameter))
	p, err = h.confirm(h.draft(change.Ask{PBX: acmeHQ, Clear: true}))
	wantKind(t, err, fleet.KindRefused)
	wantStatus(t, p, plan.Failed)
}

func TestANumberThatIsListedTwiceNeedsTwoWords(t *testing.T) {
	h := build(t)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(london, 50070), at(peer, 50070)}, yeastartest.Quiet)
	h.sweep()
	_, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036), pair(peer, 50070)}})
	wantKind(t, err, fleet.KindInvalid)
	p, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036), pair(peer, 50070), pair(london, 50070)}}))
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, p, plan.Applied)
	wantSet(t, "cloud", h.cloud(acmeHQ), fleet.NewBindingSet(pair(london, 50030), pair(london, 50036), pair(london, 50070), pair(peer, 50070)))
}

func TestHazardDIDIdReusedOrNumberCreatedAnewUnderANewId(t *testing.T) {
	h := build(t)
	first := h.history(acmeHQ)[0]
	h.sim.DeleteDID([]int64{50030, 50031, 50032}, yeastartest.Quiet)
	h.sim.AddDID(yeastartest.DID{ID: 90030, Number: number(0), Trunks: []int64{int64(london)}})      // the number has a new id
	h.sim.AddDID(yeastartest.DID{ID: 50031, Number: "+33123456789", Trunks: []int64{int64(london)}}) // the id has a new number
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(peer, 50050), at(london, 50039)}, yeastartest.Quiet)
	p := h.draft(change.Ask{PBX: acmeHQ, UndoTo: first.ID, Skip: true})
	wantSet(t, "the undo", p.After, fleet.NewBindingSet(pair(peer, 50050), pair(london, 90030)))
	var lost []string
	for _, s := range p.Skipped {
		lost = append(lost, s.Number+": "+s.Reason)
	}
	slices.Sort(lost)
	none := "Yeastar has no such number on that trunk any more."
	if want := []string{number(1) + ": " + none, number(2) + ": " + none}; !slices.Equal(lost, want) {
		t.Errorf("skipped %q", lost)
	}
	if _, err := h.confirm(p); err != nil {
		t.Fatal(err)
	}
	wantSet(t, "cloud", h.cloud(acmeHQ), p.After)
}

func TestAbsenceIsNotBelievedWhileTheNumberItselfSaysOtherwise(t *testing.T) {
	for name, list := range map[string]string{"empty": "[]", "short": "[50030,50031,50050]"} {
		t.Run(name, func(t *testing.T) {
			h := build(t)
			before := h.known(acmeHQ)
			body := fmt.Sprintf(`{"data":{"didIds":%s},"requestId":"x","status":"Success","time":%d}`, list, time.Now().Unix())
			h.sim.Fail(yeastartest.Match{Method: "GET", PathSuffix: "/did_management/4808/did", Times: -1}, yeastartest.Status(200, body))
			_, err := h.Changer.Draft(t.Context(), ana, bindExample)
			wantKind(t, err, fleet.KindUnavailable)
			if after := h.known(acmeHQ); after.Fingerprint() != before.Fingerprint() {
				t.Errorf("the ledger believes %v", after.Set.Pairs())
			}
			if state := h.state(acmeHQ); state.State != fleet.Unknown || !strings.Contains(state.Sentence, "contradict") {
				t.Errorf("the PBX is %s: %s", state.State, state.Sentence)
			}
			h.sim.ClearFaults()
			h.sweep()
			if state := h.state(acmeHQ); state.State != fleet.InSync {
				t.Errorf("later the PBX is %s: %s", state.State, state.Sentence)
			}
		})
	}
}

// forgetful is a journal whose disk is full for a while.
type forgetful struct {
	change.Journal
	full bool
}

func (f *forgetful) Finish(ctx context.Context, p plan.Plan, wrote *plan.Written, e audit.Entry) error {
	if f.full {
		return &fleet.Error{Kind: fleet.KindUnavailable, Op: "db.Finish", Msg: "The disk is full.", Err: errors.New("disk full")}
	}
	return f.Journal.Finish(ctx, p, wrote, e)
}

func TestAnOutcomeThatCouldNotBeRecordedIsLearntLater(t *testing.T) {
	h := build(t)
	journal := &forgetful{Journal: h.DB, full: true}
	changer, err := change.New(change.Deps{
		Looker: h.Observer, Reader: h.Cloud, Writer: h.Cloud, Journal: journal, Open: h.DB, Directory: h.DB, Guard: plan.DefaultGuard,
		Now: time.Now, VendorNow: h.Cloud.VendorNow, Log: slog.New(slog.DiscardHandler), Announce: func(fleet.PBXID, fleet.PlanID) {},
		ReadBack: 600 * time.Millisecond, Poll: 10 * time.Millisecond, Lifetime: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := changer.Draft(t.Context(), ana, bindExample)
	if err != nil {
		t.Fatal(err)
	}
	p, err = changer.Confirm(t.Context(), ana, p.ID, change.Consent{})
	wantKind(t, err, fleet.KindUnknown) // never "unavailable", which a page reads as "nothing was sent"
	wantStatus(t, p, plan.Applying)
	if h.sent(acmeHQ) != 1 {
		t.Fatalf("%d PUTs were sent", h.sent(acmeHQ))
	}
	_, err = changer.Confirm(t.Context(), ana, p.ID, change.Consent{})
	wantKind(t, err, fleet.KindConflict)
	if err := changer.Settle(t.Context()); err == nil {
		t.Error("it was settled on a full disk")
	}
	journal.full = false
	if err := changer.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	stored, err := h.DB.Plan(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, stored, plan.Applied)
	if h.sent(acmeHQ) != 1 {
		t.Errorf("%d PUTs were sent", h.sent(acmeHQ))
	}
	wantSet(t, "ledger", h.known(acmeHQ).Set, h.cloud(acmeHQ))
}

func TestSettlingLeavesAPlanAloneThatAnotherProcessMayBeCarryingOut(t *testing.T) {
	h := build(t)
	p := h.draft(bindExample)
	if err := h.DB.Begin(t.Context(), p.ID, time.Now(), "", audit.Entry{Action: audit.PlanConfirm, Outcome: audit.Intended}); err != nil {
		t.Fatal(err)
	}
	if err := h.Changer.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	stored, err := h.DB.Plan(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, stored, plan.Applying)
}

func TestAPassGoesOnWhileSomebodyWaitsForIt(t *testing.T) {
	h := build(t)
	h.sim.ResetRequests()
	h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: "/dm/open_api/v2/cloud_pbx/instances"}, yeastartest.Delay(200*time.Millisecond))
	first, hangUp := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := h.Worker.RunOnce(first)
		gone <- err
	}()
	h.eventually("the pass runs", func() bool { return h.sim.CountRequests("GET", "/dm/open_api/v2/") == 1 })
	stayed := make(chan error, 1)
	go func() {
		r, err := h.Worker.RunOnce(t.Context())
		if err == nil && !r.Complete {
			err = errors.New("the pass is not complete")
		}
		stayed <- err
	}()
	time.Sleep(20 * time.Millisecond) // lets the second caller join
	hangUp()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("who hung up was told %v", err)
	}
	if err := <-stayed; err != nil {
		t.Errorf("who stayed was told %v", err)
	}
	if n := h.sim.CountRequests("GET", "/dm/open_api/v2/"); n != 1 {
		t.Errorf("%d passes ran", n)
	}
}

func TestTheLastCallerWhoHangsUpEndsThePass(t *testing.T) {
	h := build(t)
	h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: "/dm/open_api/v2/cloud_pbx/instances"}, yeastartest.Delay(time.Minute))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if r, err := h.Worker.RunOnce(ctx); err == nil || r.Complete || r.StoppedBy == "" {
		t.Errorf("got %+v, %v", r, err)
	}
	h.sim.ClearFaults()
	h.sweep()
}
