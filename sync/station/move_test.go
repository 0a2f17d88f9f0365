package station_test

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
	"cordboard/sync/station"
	"cordboard/yeastar/yeastartest"
)

// mill is a PBX that takes numbers without ado.
const mill fleet.PBXID = 4811

// twoOfAcme is the move of two of acme's four numbers to the mill.
var twoOfAcme = change.Move{From: acmeHQ, To: mill, Numbers: []fleet.Binding{pair(0, 50030), pair(0, 50031)}}

// moveHouse is a house whose job can be watched, and be made to die, at everything that it announces.
func moveHouse(t *testing.T) (*house, *watcher) {
	t.Helper()
	w := &watcher{}
	return furnish(t, func(c *station.Config) { c.Announce = w.hear }, func(sim *yeastartest.Server) {
		sim.AddPBX(yeastartest.PBX{ID: int64(mill), Serial: "36A0B43111MILL01", Name: "Mill Lane", Firmware: "84.20.0.5"})
		sim.Bind(int64(mill), at(london, 50045))
	}), w
}

// watcher hears what the job of a move announces of itself and of its plans.
type watcher struct {
	mu    sync.Mutex
	on    func(topic string)
	heard int
	dies  int // the announcement after which the job is not heard of again; 0 = none
	died  chan struct{}
}

func (w *watcher) hear(topics ...string) {
	i := slices.IndexFunc(topics, func(t string) bool { return strings.HasPrefix(t, "job:") || strings.HasPrefix(t, "plan:") })
	if i < 0 {
		return
	}
	w.mu.Lock()
	w.heard++
	dies, on := w.heard == w.dies, w.on
	w.mu.Unlock()
	if dies {
		close(w.died)
		runtime.Goexit() // the job ends here as a process ends: without a word
	}
	if on != nil {
		on(topics[i])
	}
}

// after has f called once, when ok is true for the first time that the job is heard of.
func (w *watcher) after(ok func() bool, f func()) {
	var done atomic.Bool
	w.mu.Lock()
	defer w.mu.Unlock()
	w.on = func(topic string) {
		if strings.HasPrefix(topic, "job:") && ok() && done.CompareAndSwap(false, true) {
			f()
		}
	}
}

func (h *house) review(m change.Move) change.MoveReview {
	h.t.Helper()
	r, err := h.Changer.ReviewMove(h.t.Context(), m)
	if err != nil {
		h.t.Fatalf("review: %v", err)
	}
	return r
}

func (h *house) beginMove(r change.MoveReview) job.ID {
	h.t.Helper()
	j, acts, err := r.Job(ana, change.Consent{Name: r.Release.PBXName, Reason: "new office"}, "move:"+h.t.Name(), time.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	stored, err := h.Jobs.Submit(h.t.Context(), j, acts...)
	if err != nil {
		h.t.Fatal(err)
	}
	return stored.ID
}

func (h *house) job(id job.ID) job.Job {
	h.t.Helper()
	j, err := h.DB.Job(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return j
}

// endOf waits for the end of a job, or for its asking.
func (h *house) endOf(id job.ID) job.Job {
	h.t.Helper()
	h.eventually("the job ends", func() bool { return h.job(id).State != job.Running })
	return h.job(id)
}

func wantMove(t *testing.T, j job.Job, state job.State, words ...string) {
	t.Helper()
	if j.State != state {
		t.Fatalf("the job is %s: %s\n%+v", j.State, j.Sentence, j.Steps)
	}
	for _, w := range words {
		if !strings.Contains(j.Sentence, w) {
			t.Errorf("the job does not say %q: %s", w, j.Sentence)
		}
	}
}

// whole checks that both PBXs are as before, in the cloud and on record.
func (h *house) whole(what string, before map[fleet.PBXID]fleet.BindingSet) {
	h.t.Helper()
	for id, set := range before {
		wantSet(h.t, what+", cloud", h.cloud(id), set)
	}
	h.settled()
	h.sweep()
	for id, set := range before {
		wantSet(h.t, what+", record", h.known(id).Set, set)
		if s := h.state(id); s.State != fleet.InSync {
			h.t.Errorf("%s: PBX %d is %s: %s", what, id, s.State, s.Sentence)
		}
	}
}

func (h *house) both() map[fleet.PBXID]fleet.BindingSet {
	return map[fleet.PBXID]fleet.BindingSet{acmeHQ: h.cloud(acmeHQ), mill: h.cloud(mill)}
}

func TestNumbersMoveFromOnePBXToAnotherAndBothRecordsSayWhichJobDidIt(t *testing.T) {
	t.Parallel()
	h, _ := moveHouse(t)
	before := h.both()
	r := h.review(twoOfAcme)
	if r.Release.Effect() != "Unbind 2 numbers on Acme HQ" || r.Claim.Effect() != "Bind 2 numbers on Mill Lane" || !r.Asks(plan.NeedReason) || r.Asks(plan.NeedName) {
		t.Fatalf("%q %q %+v", r.Release.Effect(), r.Claim.Effect(), r.Release.Risk)
	}
	if h.sent(acmeHQ)+h.sent(mill) != 0 {
		t.Fatal("a review sends something")
	}
	id := h.beginMove(r)
	j := h.endOf(id)
	wantMove(t, j, job.Done, "Mill Lane has 2 numbers now")
	moved := []fleet.Binding{pair(london, 50030), pair(london, 50031)}
	h.whole("after the move", map[fleet.PBXID]fleet.BindingSet{acmeHQ: before[acmeHQ].Without(moved...), mill: before[mill].With(moved...)})
	for i, step := range j.Steps {
		if step.State != job.StepDone || step.Sentence == "" || i < 2 && step.Plan == "" {
			t.Errorf("step %+v", step)
		}
	}
	if len(j.Steps) != 3 || h.sent(acmeHQ) != 1 || h.sent(mill) != 1 {
		t.Errorf("%d steps, %d and %d writes", len(j.Steps), h.sent(acmeHQ), h.sent(mill))
	}
	for _, pbx := range []fleet.PBXID{acmeHQ, mill} {
		rows := h.rowsOf(pbx, id)
		if want := []string{"numbers.move intended", "plan.create succeeded", "plan.confirm intended", "bindings.update succeeded", "numbers.move succeeded"}; !slices.Equal(rows, want) {
			t.Errorf("audit of PBX %d: %v", pbx, rows)
		}
	}
}

// rowsOf are the audit rows of a PBX that name the job, oldest first.
func (h *house) rowsOf(pbx fleet.PBXID, id job.ID) []string {
	h.t.Helper()
	page, err := h.DB.Audit(h.t.Context(), audit.Filter{PBX: pbx, Page: fleet.PageRequest{Limit: 200}})
	if err != nil {
		h.t.Fatal(err)
	}
	var rows []string
	for _, e := range slices.Backward(page.Items) {
		if strings.Contains(e.Reason, "Job "+string(id)) {
			rows = append(rows, string(e.Action)+" "+string(e.Outcome))
		}
	}
	return rows
}

func TestAMoveThatTheTargetRefusesIsPutBackExactly(t *testing.T) {
	t.Parallel()
	h, _ := moveHouse(t)
	before := h.both()
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathPrefix: plans + "4811"}, yeastartest.VendorCode(yeastartest.CodeInvalidParameter))
	j := h.endOf(h.beginMove(h.review(twoOfAcme)))
	wantMove(t, j, job.Failed, "Everything is as before: Acme HQ has 2 numbers.", "A read shows that nothing changed")
	if last := j.Steps[len(j.Steps)-1]; len(j.Steps) != 4 || last.Name != "Put back on Acme HQ" || last.State != job.StepDone || j.Steps[1].State != job.StepFailed {
		t.Errorf("%+v", j.Steps)
	}
	h.whole("put back", before)
	if rows := h.rowsOf(acmeHQ, j.ID); rows[len(rows)-1] != "numbers.move failed" {
		t.Errorf("%v", rows)
	}
}

func TestNothingMovesWhenTheSourceRefuses(t *testing.T) {
	t.Parallel()
	h, _ := moveHouse(t)
	before := h.both()
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathPrefix: plans + "4808"}, yeastartest.VendorCode(yeastartest.CodeInvalidParameter))
	j := h.endOf(h.beginMove(h.review(twoOfAcme)))
	wantMove(t, j, job.Failed, "Nothing was moved.")
	if j.Steps[1].State != job.StepSkipped || h.sent(mill) != 0 {
		t.Errorf("%+v", j.Steps)
	}
	h.whole("refused", before)
}

func TestAClaimOfUnknownFateIsSettledByReadingBeforeAnythingElse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault yeastartest.Fault
		want  job.State
	}{
		"it was applied":     {yeastartest.CloseAfterCommit(), job.Done},
		"it was not applied": {yeastartest.CloseBeforeCommit(), job.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, w := moveHouse(t)
			before := h.both()
			h.sim.Fail(yeastartest.Match{Method: "PUT", PathPrefix: plans + "4811"}, c.fault)
			w.after(func() bool { return h.sent(acmeHQ) == 1 }, func() {
				// From the claim's own check on, the mill can't be read: the check takes the first reads.
				h.sim.Fail(yeastartest.Match{Method: "GET", PathSuffix: "/did_management/4811/did", Nth: 3, Times: -1}, yeastartest.Status(500, ""))
			})
			id := h.beginMove(h.review(twoOfAcme))
			h.eventually("nobody knows", func() bool { return strings.Contains(h.job(id).Sentence, "not known yet") })
			if h.sent(acmeHQ) != 1 {
				t.Error("something was put back although the claim may be there")
			}
			h.sim.ClearFaults()
			j := h.endOf(id)
			wantMove(t, j, c.want)
			if c.want == job.Failed {
				h.whole("put back", before)
			} else if !h.cloud(mill).Has(pair(london, 50030)) || h.sent(acmeHQ) != 1 || h.sent(mill) != 1 {
				t.Errorf("%v, %d and %d writes", h.cloud(mill).Pairs(), h.sent(acmeHQ), h.sent(mill))
			}
		})
	}
}

func TestANumberThatAColleagueTakesInBetweenIsToldAndTheOthersAreBack(t *testing.T) {
	t.Parallel()
	h, w := moveHouse(t)
	w.after(func() bool { return h.sent(acmeHQ) == 1 }, func() { h.sim.Bind(int64(oldie), at(london, 50031)) })
	id := h.beginMove(h.review(twoOfAcme))
	j := h.endOf(id)
	wantMove(t, j, job.NeedsAttention, "nother PBX has taken "+number(1), "Acme HQ has "+number(0), "is bound to Old Mill")
	if h.sent(mill) != 0 || !h.cloud(acmeHQ).Has(pair(london, 50030)) || !h.cloud(oldie).Has(pair(london, 50031)) {
		t.Errorf("%d writes, %v", h.sent(mill), h.cloud(acmeHQ).Pairs())
	}
	// A person has seen it: it ends, and nothing is sent.
	if _, err := h.Jobs.Resume(t.Context(), ana, id); err != nil {
		t.Fatal(err)
	}
	wantMove(t, h.endOf(id), job.Failed, "Not everything was moved.", "nother PBX has taken "+number(1))
	if h.sent(acmeHQ) != 2 {
		t.Errorf("%d writes", h.sent(acmeHQ))
	}
}

func TestNumbersThatCannotBePutBackAreToldLoudlyAndTriedAgainByAPerson(t *testing.T) {
	t.Parallel()
	h, _ := moveHouse(t)
	before := h.both()
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathPrefix: plans + "4811"}, yeastartest.VendorCode(yeastartest.CodeInvalidParameter))
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathPrefix: plans + "4808", Nth: 2, Times: 3}, yeastartest.VendorCode(yeastartest.CodeInvalidParameter))
	id := h.beginMove(h.review(twoOfAcme))
	j := h.endOf(id)
	wantMove(t, j, job.NeedsAttention, "Nobody has "+number(0)+" and "+number(1)+" now: calls to it fail.", "Mill Lane did not take over", "Putting back failed")
	rows := h.rowsOf(mill, id)
	if rows[len(rows)-1] != "numbers.move diverged" {
		t.Errorf("%v", rows)
	}
	if _, err := h.Jobs.Resume(t.Context(), ana, id); err != nil {
		t.Fatal(err)
	}
	wantMove(t, h.endOf(id), job.Failed, "Everything is as before")
	h.whole("put back at last", before)
}

func TestAMoveThatDiesAtAnyStepIsTakenUpAndEndsAsIfItHadNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*house)
		want  job.State
	}{
		"that works":       {func(*house) {}, job.Done},
		"that is put back": {func(h *house) { refuseClaims(h) }, job.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for dies, more := 1, true; more; dies++ {
				h, w := moveHouse(t)
				before := h.both()
				c.spoil(h)
				r := h.review(twoOfAcme)
				w.mu.Lock()
				w.heard, w.dies, w.died = 0, dies, make(chan struct{})
				w.mu.Unlock()
				id := h.beginMove(r)
				h.eventually("it dies, or ends before", func() bool {
					select {
					case <-w.died:
						return true
					default:
						return h.job(id).State != job.Running
					}
				})
				select {
				case <-w.died:
				default:
					more = false // it ended before its death: that was the last step
				}
				if more {
					h.close()
					h.open()
				}
				// Whoever dies between the intent and the write must not write again: then the move
				// fails, and everything is as it was.
				j := h.endOf(id)
				if j.State == job.Failed {
					h.whole("put back", before)
				} else {
					wantMove(t, j, c.want)
					moved := []fleet.Binding{pair(london, 50030), pair(london, 50031)}
					h.whole("moved", map[fleet.PBXID]fleet.BindingSet{acmeHQ: before[acmeHQ].Without(moved...), mill: before[mill].With(moved...)})
				}
				if !more {
					wantMove(t, j, c.want)
				}
				if puts := h.sent(acmeHQ) + h.sent(mill); puts > 3 {
					t.Errorf("died at %d: %d writes", dies, puts)
				}
				if dies > 60 {
					t.Fatal("it never gets to its end")
				}
			}
		})
	}
}

// refuseClaims makes the mill refuse every write.
func refuseClaims(h *house) {
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathPrefix: plans + "4811", Times: -1}, yeastartest.VendorCode(yeastartest.CodeInvalidParameter))
}
