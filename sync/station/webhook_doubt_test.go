package station_test

import (
	"bytes"
	"net/http"
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

func TestHazardWebhookSaysTheListIsEmptyAndItIsNot(t *testing.T) {
	h := build(t)
	h.post(yeastartest.ReportBody(h.report(acmeHQ, yeastartest.EventDIDChange, time.Now())))
	h.settled()
	h.eventually("a read sets it right", func() bool { return h.known(acmeHQ).Set.Equal(h.cloud(acmeHQ)) })
	if s := h.state(acmeHQ); s.State != fleet.InSync {
		t.Errorf("nothing has moved, but the PBX is %+v", s)
	}
}

func TestHazardWebhookSaysTheListIsEmptyAndItIs(t *testing.T) {
	h := build(t)
	h.sim.Rebind(int64(acmeHQ), nil)
	h.settled()
	h.eventually("a read confirms it", func() bool { return h.state(acmeHQ).State == fleet.Drifted })
	if s := h.state(acmeHQ); !strings.Contains(s.Sentence, "No number is bound any more") {
		t.Errorf("it is not told loudly: %q", s.Sentence)
	}
}

func TestARemovalThatSomebodyElseMadeIsToldUntilItIsAcceptedOrUndone(t *testing.T) {
	h := build(t)
	before := h.sim.Bindings(int64(acmeHQ))
	h.sim.Rebind(int64(acmeHQ), before[1:])
	h.settled()
	if s := h.state(acmeHQ); s.State != fleet.Drifted || !strings.Contains(s.Sentence, "1 number was removed outside Cordboard") {
		t.Fatalf("%+v", s)
	}
	h.sim.Rebind(int64(acmeHQ), before)
	h.settled()
	if s := h.state(acmeHQ); s.State != fleet.InSync {
		t.Errorf("it was put back, but: %+v", s)
	}
	h.sim.Rebind(int64(acmeHQ), before[1:])
	h.settled()
	e := audit.Entry{At: time.Now(), Actor: "ana", Action: audit.DriftAdopt, Outcome: audit.Succeeded}
	drift := h.drift(acmeHQ)
	wantKind(t, h.DB.AdoptDrift(t.Context(), drift.ID, time.Now().Add(-time.Hour), e), fleet.KindConflict)
	if err := h.DB.AdoptDrift(t.Context(), drift.ID, time.Now(), e); err != nil {
		t.Fatal(err)
	}
	if s := h.state(acmeHQ); s.State != fleet.InSync {
		t.Errorf("it was accepted, but: %+v", s)
	}
	wantKind(t, h.DB.AdoptDrift(t.Context(), drift.ID, time.Now(), e), fleet.KindConflict)
}

func TestALateReportThatContradictsANewerReadIsNotBelievedAlone(t *testing.T) {
	h := build(t)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(london, 50045)})
	h.settled()
	reported := time.Now()
	time.Sleep(10 * time.Millisecond)
	h.sweep()
	h.post(yeastartest.ReportBody(h.report(acmeHQ, yeastartest.EventDIDChange, reported, at(london, 50033))))
	h.settled()
	h.eventually("a read sets it right", func() bool { return h.known(acmeHQ).Set.Equal(h.cloud(acmeHQ)) })
}

func TestHazardPCEDeleteMakesThePBXGone(t *testing.T) {
	h := build(t)
	p := h.draft(bindExample)
	h.sim.DeletePBX(int64(acmeHQ))
	h.settled()
	h.eventually("it is gone", func() bool { return h.state(acmeHQ).State == fleet.Gone })
	if len(h.history(acmeHQ)) < 2 {
		t.Error("the history went with it")
	}
	stored, err := h.DB.Plan(t.Context(), p.ID)
	if err != nil || stored.Status != plan.Void {
		t.Errorf("the open plan is %s, %v", stored.Status, err)
	}
	_, err = h.confirm(p)
	if err == nil || h.sent(acmeHQ) != 0 {
		t.Errorf("a void plan was confirmed: %v", err)
	}
}

func TestHazardTrunkDeletedTakesItsPairsFromTheLedger(t *testing.T) {
	h := build(t)
	p := h.draft(change.Ask{PBX: acmeHQ, Unbind: []fleet.Binding{pair(peer, 50050)}})
	h.sim.DeleteTrunk([]int64{int64(peer)})
	h.settled()
	wantSet(t, "ledger", h.known(acmeHQ).Set, h.cloud(acmeHQ))
	_, err := h.confirm(p)
	wantKind(t, err, fleet.KindConflict)
	if stored, err := h.DB.Plan(t.Context(), p.ID); err != nil || stored.Status != plan.Void || stored.Outcome.Sentence == "" {
		t.Errorf("the plan that names the trunk is %s: %q, %v", stored.Status, stored.Outcome.Sentence, err)
	}
	_, err = h.Changer.Draft(t.Context(), ana, change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(peer, 50051)}})
	wantKind(t, err, fleet.KindInvalid)
}

func TestHazardDeletedNumbersAndTrunksMakePlansAndUndosVoidAndTheySayWhat(t *testing.T) {
	for name, c := range map[string]struct {
		delete func(*yeastartest.Server)
		lost   string
	}{
		"number": {func(s *yeastartest.Server) { s.DeleteDID([]int64{50030}) }, "Numbers of this PBX were deleted in YCM after the plan was made. It lost " + number(0) + "."},
		"numbers": {func(s *yeastartest.Server) { s.DeleteDID([]int64{50030, 50031, 50032, 50036}) },
			"It lost " + number(0) + ", " + number(1) + ", " + number(2) + " and 1 more."},
		"trunk": {func(s *yeastartest.Server) { s.DeleteTrunk([]int64{int64(peer)}) }, "Trunks of this PBX were deleted in YCM after the plan was made. It lost BT Wholesale_NT9H01."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, first := undoTo(t)
			sent := h.sent(acmeHQ)
			drafts := []plan.Plan{
				h.draft(change.Ask{PBX: acmeHQ, Unbind: []fleet.Binding{pair(london, 50030), pair(peer, 50050)}}),
				h.draft(change.Ask{PBX: acmeHQ, UndoTo: first}),
			}
			other := h.draft(change.Ask{PBX: bakery, Unbind: []fleet.Binding{pair(london, 50040)}, Headers: &[]fleet.Header{}})
			c.delete(h.sim)
			h.settled()
			for _, p := range drafts {
				stored, err := h.DB.Plan(t.Context(), p.ID)
				if err != nil || stored.Status != plan.Void || !strings.HasSuffix(stored.Outcome.Sentence, c.lost) {
					t.Errorf("%s: %q, %v", stored.Status, stored.Outcome.Sentence, err)
				}
				_, err = h.confirm(p)
				wantKind(t, err, fleet.KindConflict)
			}
			if stored, err := h.DB.Plan(t.Context(), other.ID); err != nil || stored.Status != plan.Draft {
				t.Errorf("the plan of a PBX that lost nothing is %s, %v", stored.Status, err)
			}
			if _, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: acmeHQ, UndoTo: first}); fleet.KindOf(err) != fleet.KindInvalid {
				t.Errorf("an undo goes back to what is not there any more: %v", err)
			}
			if h.sent(acmeHQ) != sent {
				t.Error("something was sent")
			}
		})
	}
}

func TestHazardATrunkIsRenamed(t *testing.T) {
	h := build(t)
	h.sim.RenameTrunk(int64(london), "Colt London 2_32YFS4")
	h.sweep()
	if n := len(h.history(acmeHQ)); n != 1 {
		t.Errorf("a rename made %d snapshots", n-1)
	}
}

func TestHazardATimeFarInTheFutureIsDeadLettered(t *testing.T) {
	h := build(t)
	h.post(yeastartest.ReportBody(h.report(acmeHQ, yeastartest.EventDIDChange, time.Now().Add(25*time.Hour), at(london, 50030))))
	h.settled()
	if d := deliveries(t, h); d[0].State != fleet.DeliveryDead || !strings.Contains(d[0].Error, "ahead of our clock") {
		t.Errorf("delivery %+v", d[0])
	}
	wantSet(t, "ledger", h.known(acmeHQ).Set, h.cloud(acmeHQ))
}

func TestSignedBodiesOfUnknownShapeAreKeptAndAcknowledged(t *testing.T) {
	h := build(t)
	capacity, err := yeastartest.CapacityBody(yeastartest.CapacityEvent{Modifier: "ana@example.com", SN: "36A0B4311196ACME", UpdateTime: time.Now().Unix()})
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]fleet.DeliveryState{
		"[]":                  fleet.DeliveryDigested,
		string(capacity):      fleet.DeliveryDigested,
		`{"test":"message"}`:  fleet.DeliveryDead,
		"hello":               fleet.DeliveryDead,
		"":                    fleet.DeliveryDead,
		`[{"sn":1}]`:          fleet.DeliveryDead,
		`[null]`:              fleet.DeliveryDead,
		`[{"event":"did_cha`:  fleet.DeliveryDead,
		"\xff\xfe\x00garbage": fleet.DeliveryDead,
	} {
		h.post([]byte(body))
		h.settled()
		d := deliveries(t, h)[0]
		if d.State != want || d.State == fleet.DeliveryDead && d.Error == "" {
			t.Errorf("%q: %s %q, want %s", body, d.State, d.Error, want)
		}
		_, kept, err := h.DB.Delivery(t.Context(), d.ID)
		if err != nil || !bytes.Equal(kept, []byte(body)) {
			t.Errorf("%q was kept as %q, %v", body, kept, err)
		}
	}
}

func TestBadSignaturesAreRefusedAndCounted(t *testing.T) {
	h := build(t)
	body := yeastartest.ReportBody(h.report(acmeHQ, yeastartest.EventDIDChange, time.Now()))
	if code := h.postAs("another secret", body); code != http.StatusUnauthorized {
		t.Errorf("answered %d", code)
	}
	if h.Ingester.Refused() != 1 || len(deliveries(t, h)) != 0 {
		t.Errorf("%d refused, %d stored", h.Ingester.Refused(), len(deliveries(t, h)))
	}
}

func TestReplayingADeliveryChangesNothing(t *testing.T) {
	h := build(t)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(london, 50045)})
	h.settled()
	before := len(h.history(acmeHQ))
	if err := h.Ingester.Replay(t.Context(), deliveries(t, h)[0].ID); err != nil {
		t.Fatal(err)
	}
	h.settled()
	if n := len(h.history(acmeHQ)); n != before {
		t.Errorf("%d more snapshots", n-before)
	}
}

func TestANumberThatSomebodyElsePutOnAnotherTrunkOrTookFromOneOfTwoIsTold(t *testing.T) {
	h := build(t)
	london70, peer70 := at(london, 50070), at(peer, 50070)
	others := h.sim.Bindings(int64(acmeHQ))
	h.sim.Rebind(int64(acmeHQ), append(slices.Clone(others), london70, peer70))
	h.settled()
	if s := h.state(acmeHQ); s.State != fleet.InSync {
		t.Fatalf("pairs came, none went: %+v", s)
	}
	h.sim.Rebind(int64(acmeHQ), append(slices.Clone(others), london70))
	h.settled()
	if s := h.state(acmeHQ); s.State != fleet.Drifted || !strings.Contains(s.Sentence, "1 number was taken off one of several trunks outside Cordboard") {
		t.Errorf("one pair of two is gone: %+v", s)
	}
	e := audit.Entry{At: time.Now(), Actor: "ana", Action: audit.DriftAdopt, Outcome: audit.Succeeded}
	if err := h.DB.AdoptDrift(t.Context(), h.drift(acmeHQ).ID, time.Now(), e); err != nil {
		t.Fatal(err)
	}
	h.sim.Rebind(int64(acmeHQ), append(slices.Clone(others), peer70))
	h.settled()
	if s := h.state(acmeHQ); s.State != fleet.Drifted || !strings.Contains(s.Sentence, "moved") {
		t.Errorf("it is on the other trunk: %+v", s)
	}
}
