package station_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
	"cordboard/yeastar/yeastartest"
)

func TestAMoveIsRefusedWithWhatStandsInItsWayOnBothSides(t *testing.T) {
	t.Parallel()
	h, _ := moveHouse(t)
	protect := audit.Entry{At: time.Now(), Actor: "ana", Action: audit.NumberProtect, Outcome: audit.Succeeded}
	if err := h.DB.SetProtected(t.Context(), 50032, true, protect); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		m    change.Move
		want []string
	}{
		"protected":       {change.Move{From: acmeHQ, To: mill, Numbers: []fleet.Binding{pair(0, 50032)}}, []string{"from_unbind", "is protected"}},
		"old firmware":    {change.Move{From: acmeHQ, To: oldie, Numbers: []fleet.Binding{pair(0, 50030)}}, []string{"84.19.0.22", "Old Mill"}},
		"both":            {change.Move{From: acmeHQ, To: oldie, Numbers: []fleet.Binding{pair(0, 50032)}}, []string{"is protected", "84.19.0.22"}},
		"headers":         {change.Move{From: acmeHQ, To: bakery, Numbers: []fleet.Binding{pair(0, 50030)}}, []string{"[headers: Values may exist on Gamma"}},
		"headers, source": {change.Move{From: bakery, To: mill, Numbers: []fleet.Binding{pair(0, 50040)}}, []string{"[from_headers: Values may exist on Gamma"}},
		"not there":       {change.Move{From: acmeHQ, To: mill, Numbers: []fleet.Binding{pair(0, 50040)}}, []string{"trunk.50040", "is not bound to the PBX"}},
		"unknown":         {change.Move{From: acmeHQ, To: mill, Numbers: []fleet.Binding{pair(0, 99999)}}, []string{"no DID 99999"}},
		"another trunk":   {change.Move{From: acmeHQ, To: mill, Numbers: []fleet.Binding{pair(peer, 50030)}}, []string{"does not sit on the trunk"}},
		"twice":           {change.Move{From: acmeHQ, To: mill, Numbers: []fleet.Binding{pair(peer, 50030), pair(london, 50030)}}, []string{"named twice"}},
		"to itself":       {change.Move{From: acmeHQ, To: acmeHQ, Numbers: []fleet.Binding{pair(0, 50030)}}, []string{"to: Choose another PBX"}},
		"nothing":         {change.Move{From: acmeHQ, To: mill}, []string{"No number was chosen"}},
	} {
		_, err := h.Changer.ReviewMove(t.Context(), c.m)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
	}
	if h.sent(acmeHQ)+h.sent(mill)+h.sent(oldie)+h.sent(bakery) != 0 {
		t.Error("something was sent")
	}
	// The last of them asks for no more than the others do when it is free.
	_, _, err := h.review(twoOfAcme).Job(ana, change.Consent{}, "k", time.Now())
	wantKind(t, err, fleet.KindGuard)
}

func TestAMoveOfEveryNumberAsksForTheNameAndLeavesNone(t *testing.T) {
	t.Parallel()
	h, _ := moveHouse(t)
	var all []fleet.Binding
	for did := range h.cloud(acmeHQ).Copies() {
		all = append(all, pair(0, did))
	}
	r := h.review(change.Move{From: acmeHQ, To: mill, Numbers: all})
	if !r.Asks(plan.NeedName) || !r.Release.Clear {
		t.Fatalf("%+v", r.Release.Risk)
	}
	_, _, err := r.Job(ana, change.Consent{Name: "Mill Lane", Reason: "x"}, "k", time.Now())
	wantKind(t, err, fleet.KindGuard)
	wantMove(t, h.endOf(h.beginMove(r)), job.Done)
	if h.cloud(acmeHQ).Len() != 0 || h.cloud(mill).Len() != 5 {
		t.Errorf("%v %v", h.cloud(acmeHQ).Pairs(), h.cloud(mill).Pairs())
	}
}

func TestAMoveOfEveryNumberIsPutBackToo(t *testing.T) {
	t.Parallel()
	h, _ := moveHouse(t)
	before := h.both()
	var all []fleet.Binding
	for did := range h.cloud(acmeHQ).Copies() {
		all = append(all, pair(0, did))
	}
	refuseClaims(h)
	wantMove(t, h.endOf(h.beginMove(h.review(change.Move{From: acmeHQ, To: mill, Numbers: all}))), job.Failed, "Everything is as before")
	h.whole("put back", before)
}

func TestWhatChangedAfterTheReviewStopsAMoveBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*house)
		want   string
	}{
		"the source": {func(h *house) { h.sim.Bind(int64(acmeHQ), at(london, 50039)) }, "changed after this move was reviewed"},
		"protection": {func(h *house) {
			e := audit.Entry{At: time.Now(), Actor: "ben", Action: audit.NumberProtect, Outcome: audit.Succeeded}
			if err := h.DB.SetProtected(h.t.Context(), 50030, true, e); err != nil {
				h.t.Fatal(err)
			}
		}, "is protected"},
		"its state": {func(h *house) { h.sim.SetStatus(int64(acmeHQ), "Restoring") }, "is not running"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, _ := moveHouse(t)
			r := h.review(twoOfAcme)
			c.change(h)
			h.settled()
			wantMove(t, h.endOf(h.beginMove(r)), job.Failed, "Nothing was moved.", c.want)
			if h.sent(acmeHQ)+h.sent(mill) != 0 {
				t.Error("something was sent")
			}
			if again, err := h.Changer.ReviewMove(t.Context(), twoOfAcme); err == nil && again.Token() == r.Token() {
				t.Error("a review of something else has the same token")
			}
		})
	}
}

func TestWhatAColleagueBindsToTheTargetMeanwhileIsCarriedAlong(t *testing.T) {
	t.Parallel()
	h, w := moveHouse(t)
	w.after(func() bool { return h.sent(acmeHQ) == 1 }, func() { h.sim.Bind(int64(mill), at(london, 50049)) })
	wantMove(t, h.endOf(h.beginMove(h.review(twoOfAcme))), job.Done)
	if got := h.cloud(mill); got.Len() != 4 || !got.Has(pair(london, 50049)) || !got.Has(pair(london, 50045)) {
		t.Errorf("%v", got.Pairs())
	}
}

func TestAMoveWaitsForAnotherPlanOfItsSourceAndThenSeesThatItChanged(t *testing.T) {
	t.Parallel()
	h, _ := moveHouse(t)
	r := h.review(twoOfAcme)
	p := h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50039)}})
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathPrefix: plans + "4808"}, yeastartest.DelayAfterCommit(300*time.Millisecond))
	done := make(chan error, 1)
	go func() {
		_, err := h.confirm(p)
		done <- err
	}()
	h.eventually("the other plan is under way", func() bool { return h.sent(acmeHQ) == 1 })
	wantMove(t, h.endOf(h.beginMove(r)), job.Failed, "Nothing was moved.", "changed after this move was reviewed")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if h.sent(acmeHQ) != 1 || h.sent(mill) != 0 {
		t.Errorf("%d and %d writes", h.sent(acmeHQ), h.sent(mill))
	}
}

func TestHeaderValuesThatWentWithANumberComeBackWithIt(t *testing.T) {
	t.Parallel()
	h, _ := moveHouse(t)
	stated := []fleet.Header{{Trunk: headed, Header: 7, Value: "bakery-1"}}
	if _, err := h.confirm(h.draft(change.Ask{PBX: bakery, Bind: []fleet.Binding{pair(london, 50041)}, Headers: &stated})); err != nil {
		t.Fatal(err)
	}
	h.settled()
	h.sim.SetHeaders(int64(bakery), []yeastartest.HeaderBinding{{Trunk: int64(headed), Header: 7, Value: "bakery-1"}})
	refuseClaims(h)
	r := h.review(change.Move{From: bakery, To: mill, Numbers: []fleet.Binding{pair(0, 50060)}})
	if r.Release.Headers.After.Len() != 0 {
		t.Fatalf("the last number of a trunk goes, and its header stays: %+v", r.Release.Headers)
	}
	wantMove(t, h.endOf(h.beginMove(r)), job.Failed, "Everything is as before")
	if got := h.sim.Headers(int64(bakery)); len(got) != 1 || got[0].Value != "bakery-1" {
		t.Errorf("headers: %v", got)
	}
	if k := h.known(bakery); !k.Headers.Known || k.Headers.Len() != 1 {
		t.Errorf("on record: %+v", k.Headers)
	}
}

func TestAMoveDoesNotWorkAgainstAnUndoOfItsTarget(t *testing.T) {
	t.Parallel()
	h, w := moveHouse(t)
	first := h.history(mill)[0].ID
	if _, err := h.confirm(h.draft(change.Ask{PBX: mill, Bind: []fleet.Binding{pair(london, 50046)}})); err != nil {
		t.Fatal(err)
	}
	h.settled()
	before := h.both()
	undo := h.draft(change.Ask{PBX: mill, UndoTo: first})
	w.after(func() bool { return h.sent(acmeHQ) == 1 }, func() {
		if _, err := h.confirm(undo); err != nil {
			t.Error(err)
		}
	})
	wantMove(t, h.endOf(h.beginMove(h.review(twoOfAcme))), job.Failed, "Everything is as before", "ana has taken this PBX back to snapshot")
	before[mill] = before[mill].Without(pair(london, 50046))
	h.whole("after the undo", before)
}

func TestAMoveDoesNotStopForAShutdownWhileItsNumbersHaveNoPBX(t *testing.T) {
	t.Parallel()
	h, w := moveHouse(t)
	stopping := make(chan struct{})
	w.after(func() bool { return h.sent(acmeHQ) == 1 && h.sent(mill) == 0 }, func() {
		go func() { h.close(); close(stopping) }()
		time.Sleep(30 * time.Millisecond) // the workers have been told by now; if not, less is tested
	})
	id := h.beginMove(h.review(twoOfAcme))
	<-stopping
	if !h.cloud(mill).Has(pair(london, 50030)) {
		t.Error("the process ended and left the numbers to nobody")
	}
	h.open()
	wantMove(t, h.endOf(id), job.Done)
}

// childMoves carries jobs on until it is killed.
func childMoves() {
	s := childStation()
	s.Start(context.Background())
	fmt.Println("started")
	select {}
}

func TestAProcessThatIsKilledWhileAWriteOfAMoveIsOutGoesOnAfterTheNextStart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pbx  fleet.PBXID
		want job.State
	}{"release": {acmeHQ, job.Done}, "claim": {mill, job.Done}, "put back": {acmeHQ, job.Failed}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, w := moveHouse(t)
			before := h.both()
			id := h.begun(w, h.review(twoOfAcme))
			h.sim.RemoveWebhooks()
			h.close()
			nth := 1
			if name == "put back" {
				refuseClaims(h)
				nth = 2
			}
			h.sim.Fail(yeastartest.Match{Method: "PUT", PathPrefix: fmt.Sprint(plans, c.pbx), Nth: nth}, yeastartest.DelayAfterCommit(3*time.Second))
			lines, kill := child(t, "move", "SIM="+h.sim.URL(), "DATABASE="+h.path)
			if !lines.Scan() {
				t.Fatal("the child does not start")
			}
			h.eventually("the write is out", func() bool { return h.sent(c.pbx) == nth })
			kill()
			h.open()
			wantMove(t, h.endOf(id), c.want)
			if c.want == job.Failed {
				h.whole("put back", before)
			} else if !h.cloud(mill).Has(pair(london, 50030)) || h.cloud(acmeHQ).Has(pair(london, 50030)) || h.sent(acmeHQ) != 1 || h.sent(mill) != 1 {
				t.Errorf("%v, %v, %d and %d writes", h.cloud(acmeHQ).Pairs(), h.cloud(mill).Pairs(), h.sent(acmeHQ), h.sent(mill))
			}
		})
	}
}

// begun stores a job of which this process does nothing.
func (h *house) begun(w *watcher, r change.MoveReview) job.ID {
	h.t.Helper()
	w.mu.Lock()
	w.heard, w.dies, w.died = 0, 1, make(chan struct{})
	w.mu.Unlock()
	id := h.beginMove(r)
	<-w.died
	return id
}
