package station_test

import (
	"strings"
	"testing"
	"time"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/yeastar/yeastartest"
)

// undoTo is a house in which acme has changed once, and the snapshot before that.
func undoTo(t *testing.T) (*house, fleet.SnapshotID) {
	t.Helper()
	h := build(t)
	first := h.history(acmeHQ)[0].ID
	if _, err := h.confirm(h.draft(bindExample)); err != nil {
		t.Fatal(err)
	}
	h.settled()
	return h, first
}

func TestNobodyTakesAnUndoUnderWayForAChangeOfSomebodyElse(t *testing.T) {
	t.Parallel()
	h, first := undoTo(t)
	p := h.draft(change.Ask{PBX: acmeHQ, UndoTo: first})
	if !p.Risk.Asks(plan.NeedReason) {
		t.Fatalf("an undo needs no reason: %+v", p.Risk)
	}
	_, err := h.Changer.Confirm(t.Context(), ana, p.ID, change.Consent{Name: p.PBXName})
	wantKind(t, err, fleet.KindGuard)
	h.sim.SetApplyDelay(150 * time.Millisecond)
	done := make(chan error, 1)
	go func() {
		_, err := h.confirm(p)
		done <- err
	}()
	for running := true; running; {
		if r, err := h.Worker.RunOnce(t.Context()); err != nil || !r.Complete {
			t.Fatalf("%+v %v", r, err)
		}
		if s := h.state(acmeHQ); s.State == fleet.Drifted {
			t.Fatalf("while it was undone: %s", s.Sentence)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			running = false
		default:
		}
	}
	h.settled()
	h.sweep()
	if s := h.state(acmeHQ); s.State != fleet.InSync {
		t.Errorf("afterwards it is %s: %s", s.State, s.Sentence)
	}
}

func TestNothingAutomaticWorksAgainstAnUndo(t *testing.T) {
	t.Parallel()
	h, first := undoTo(t)
	before := time.Now()
	drafted := h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50039)}, Job: "bulk", Decided: before})
	if _, err := h.confirm(drafted); fleet.KindOf(err) != fleet.KindConflict || !strings.Contains(err.Error(), "belongs to a job") {
		t.Errorf("a person confirmed the plan of a job: %v", err)
	}
	p, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, UndoTo: first}))
	if err != nil {
		t.Fatal(err)
	}
	undone, err := h.DB.Undone(t.Context(), acmeHQ)
	if err != nil || undone.By != "ana" || undone.To != first || undone.Plan != p.ID || undone.At.Before(before) {
		t.Fatalf("%+v %v", undone, err)
	}

	_, err = h.Changer.Confirm(t.Context(), ana, drafted.ID, change.Consent{Job: "bulk", Reason: "x"})
	wantKind(t, err, fleet.KindStale)
	ask := change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036)}, Job: "bulk", Decided: before}
	if _, err := h.Changer.Draft(t.Context(), ana, ask); fleet.KindOf(err) != fleet.KindStale || !strings.Contains(err.Error(), "ana has taken this PBX back to snapshot") {
		t.Errorf("a job of before works against the undo: %v", err)
	}
	if h.sent(acmeHQ) != 2 {
		t.Errorf("%d writes", h.sent(acmeHQ))
	}
	ask.Decided = time.Now()
	again := h.draft(ask)
	if again.Job != "bulk" {
		t.Errorf("%+v", again)
	}
	if _, err := h.Changer.Confirm(t.Context(), ana, again.ID, change.Consent{Job: "bulk"}); err != nil {
		t.Errorf("what was decided after the undo is held back: %v", err)
	}
	if undone, err := h.DB.Undone(t.Context(), acmeHQ); err != nil || !undone.At.IsZero() {
		t.Errorf("the mark stays: %+v %v", undone, err)
	}
}

func TestAnUndoThatSkipsNumbersNeedsAWordForIt(t *testing.T) {
	t.Parallel()
	h, first := undoTo(t)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(peer, 50050)})
	h.sim.Bind(int64(bakery), at(london, 50031))
	h.sim.DeleteDID([]int64{50032})
	h.settled()
	_, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: acmeHQ, UndoTo: first})
	wantKind(t, err, fleet.KindInvalid)
	if text := err.Error(); !strings.Contains(text, number(1)+": "+number(1)+" is bound to Corner Bakery") || !strings.Contains(text, number(2)+": ") {
		t.Errorf("it does not name them: %v", err)
	}
	if _, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: acmeHQ, UndoTo: first, Skip: true}); err == nil || !strings.Contains(err.Error(), "Nothing of that snapshot") {
		t.Errorf("nothing is left to undo, and: %v", err)
	}
}
