package station_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/bulk"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
	"cordboard/yeastar/yeastartest"
)

func TestASpreadsheetIsReviewedAndThenCarriedOutForEveryPBXOnce(t *testing.T) {
	h := street(t, 12)
	j, review := h.begin(h.swapped(12))
	wantJob(t, j, job.NeedsAttention, "12 plans wait for you to agree.")
	if review.Wrong() != 0 || len(h.writes()) != 0 {
		t.Fatalf("%d rows are wrong, %v were written", review.Wrong(), h.writes())
	}
	if j, err := h.Jobs.Resume(t.Context(), ben, j.ID); err != nil {
		t.Fatal(err)
	} else if h.rests(j.ID); len(h.writes()) != 0 {
		t.Fatal("it was carried out although nobody agreed")
	}
	j = h.agree(h.rests(j.ID), true)
	wantJob(t, j, job.Done, "12 PBXs are changed and verified.")
	wrote := h.writes()
	if wrote[0] != shop(0) {
		t.Errorf("%d went first", wrote[0])
	}
	slices.Sort(wrote)
	if len(slices.Compact(wrote)) != 12 || len(h.writes()) != 12 {
		t.Errorf("written: %v", h.writes())
	}
	for i := range 12 {
		w := stock(i)
		wantSet(t, shop(i).String(), h.cloud(shop(i)), fleet.NewBindingSet(pair(london, w[0]), pair(london, w[1]), pair(london, w[3])))
		wantSet(t, "our record", h.known(shop(i)).Set, h.cloud(shop(i)))
		if got := h.outcomes(j.Steps[i].Plan); len(got) != 3 || got[2] != audit.Succeeded {
			t.Errorf("audit of %s: %v", shop(i), got)
		}
	}
	if again, _ := h.begin(h.swapped(12)); again.State != job.Done || len(again.Steps) != 0 {
		t.Errorf("the same once more: %s %q", again.State, again.Sentence)
	}
	if _, err := h.Bulk.Agree(t.Context(), ben, h.Jobs, j.ID, change.Agreement{Plans: []fleet.PlanID{j.Steps[0].Plan}}); fleet.KindOf(err) != fleet.KindConflict {
		t.Errorf("it was agreed to twice: %v", err)
	}
}

func TestAFileThatWasNotEditedAsksTheCloudForNothing(t *testing.T) {
	h := street(t, 3)
	j, review := h.begin(h.file(shop(0), shop(1), shop(2), acmeHQ, bakery))
	wantJob(t, j, job.Done, "Nothing to do")
	if n := len(h.sim.Requests()); n != 0 || review.Of(bulk.Same) != 5 {
		t.Errorf("%d requests, %+v", n, review.Items)
	}
}

func TestHazardWhereOneOfThirtyFailsTheOthersWaitOrGoOnAsThePersonChose(t *testing.T) {
	const n, bad = 30, 7
	t.Run("stop", func(t *testing.T) {
		h := street(t, n)
		j, _ := h.begin(h.swapped(n))
		h.sim.Fail(yeastartest.Match{Method: "PUT", PathPrefix: plans + shop(bad).String() + "/"}, yeastartest.SuccessWithFailed(1000007))
		j = h.agree(j, true)
		wantJob(t, j, job.NeedsAttention, "Stopped.")
		sent := len(h.writes())
		if j.Steps[bad].State != job.StepFailed || sent < bad+1 || sent > n/2 {
			t.Errorf("%d were written\n%s", sent, describeSteps(j))
		}
		if _, err := h.Jobs.Resume(t.Context(), ben, j.ID); err != nil {
			t.Fatal(err)
		}
		j = h.rests(j.ID)
		wantJob(t, j, job.Failed, "29 PBXs are changed and verified. 1 PBX did not come out.")
		for i := range n {
			if h.sent(shop(i)) != 1 {
				t.Errorf("%d PUTs for %s", h.sent(shop(i)), shop(i))
			}
		}
	})
	t.Run("go on", func(t *testing.T) {
		h := street(t, n)
		j, _ := h.begin(h.swapped(n))
		h.sim.Fail(yeastartest.Match{Method: "PUT", PathPrefix: plans + shop(bad).String() + "/"}, yeastartest.SuccessWithFailed(1000007))
		wantJob(t, h.agree(j, false), job.Failed, "29 PBXs are changed and verified. 1 PBX did not come out.")
		if len(h.writes()) != n {
			t.Errorf("written: %v", h.writes())
		}
	})
}

func TestUntilOnePBXIsVerifiedTheyGoOneByOne(t *testing.T) {
	h := street(t, 6)
	j, _ := h.begin(h.swapped(6))
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathPrefix: plans + shop(0).String() + "/"}, yeastartest.SuccessWithFailed(1000007))
	j = h.agree(j, true)
	wantJob(t, j, job.NeedsAttention, "Stopped. 0 PBXs are changed and verified. 1 PBX did not come out. 5 PBXs not touched yet.")
	if got := h.writes(); !slices.Equal(got, []fleet.PBXID{shop(0)}) {
		t.Errorf("written: %v", got)
	}
	if _, err := h.Bulk.GiveUp(t.Context(), ben, h.Jobs, j.ID); err != nil {
		t.Fatal(err)
	}
	j = h.rests(j.ID)
	wantJob(t, j, job.Failed, "Given up. 0 PBXs are changed and verified. 1 PBX did not come out. 5 PBXs not touched.")
	if p, err := h.DB.Plan(t.Context(), j.Steps[3].Plan); err != nil || p.Status != plan.Void {
		t.Errorf("a draft that nobody wants is %s, %v", p.Status, err)
	}
}

// handed is the file in which shop 0 takes a number of shop 1.
func (h *house) handed() []bulk.Line {
	lines := h.file(shop(0), shop(1))
	lines[5].PBXID, lines[5].PBX = "", "Shop 00"
	return lines
}

func TestHazardReleasesComeBeforeClaims(t *testing.T) {
	h := street(t, 2)
	moved := stock(1)[2]
	j, _ := h.begin(h.handed())
	if j.Steps[0].PBX != shop(1) || len(h.writes()) != 0 {
		t.Fatalf("%s", describeSteps(j))
	}
	taker := change.Agreement{Plans: []fleet.PlanID{j.Steps[1].Plan}, Reason: "x"}
	if _, err := h.Bulk.Agree(t.Context(), ben, h.Jobs, j.ID, taker); fleet.KindOf(err) != fleet.KindGuard {
		t.Fatalf("the one who takes was agreed to alone: %v", err)
	}
	if p, err := h.confirm(plan.Plan{ID: j.Steps[1].Plan}); fleet.KindOf(err) != fleet.KindStale || len(h.writes()) != 0 {
		t.Fatalf("the one who takes went first: %s, %v", p.Status, err)
	}
	if _, err := h.Jobs.Resume(t.Context(), ben, j.ID); err != nil { // makes the plan again
		t.Fatal(err)
	}
	j = h.agree(h.rests(j.ID), true)
	wantJob(t, j, job.Done, "2 PBXs are changed and verified.")
	if got := h.writes(); !slices.Equal(got, []fleet.PBXID{shop(1), shop(0)}) {
		t.Errorf("written: %v", got)
	}
	if !h.cloud(shop(0)).Has(pair(london, moved)) || h.cloud(shop(1)).Has(pair(london, moved)) {
		t.Error("the number did not change hands")
	}
}

func TestANumberIsNotTakenFromAPBXThatDidNotGiveItUp(t *testing.T) {
	h := street(t, 2)
	j, _ := h.begin(h.handed())
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathPrefix: plans + shop(1).String() + "/"}, yeastartest.SuccessWithFailed(1000007))
	j = h.agree(j, false)
	wantJob(t, j, job.Failed, "0 PBXs are changed and verified. 1 PBX did not come out. 1 PBX not touched.")
	if states(j) != "failed skipped" || h.sent(shop(0)) != 0 {
		t.Error(describeSteps(j))
	}
}

func TestANumberThatWasGivenUpForNothingIsNamed(t *testing.T) {
	h := street(t, 2)
	j, _ := h.begin(h.handed())
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathPrefix: plans + shop(0).String() + "/"}, yeastartest.SuccessWithFailed(1000007))
	j = h.agree(j, true)
	wantJob(t, j, job.Failed, "1 PBX is changed and verified. 1 PBX did not come out.")
	if want := fmt.Sprintf("bound nowhere now: +4420791%05d.", int64(stock(1)[2])); !strings.Contains(j.Steps[1].Sentence, want) {
		t.Error(describeSteps(j))
	}
}

func TestAPBXThatMovedMeanwhileIsNotWrittenTo(t *testing.T) {
	h := street(t, 4)
	j, _ := h.begin(h.swapped(4))
	w := stock(2)
	h.sim.Rebind(int64(shop(2)), []yeastartest.Binding{at(london, int64(w[0])), at(london, int64(w[4]))})
	h.settled()
	j = h.agree(j, false)
	wantJob(t, j, job.Failed, "3 PBXs are changed and verified. 1 PBX did not come out.")
	if h.sent(shop(2)) != 0 || !strings.HasPrefix(j.Steps[2].Sentence, "Nothing was sent: the bindings changed after this plan was made") {
		t.Error(describeSteps(j))
	}
}

func TestWhatAPersonHasUndoneIsNotDoneAgainByASpreadsheetOfBefore(t *testing.T) {
	h := street(t, 3)
	j, _ := h.begin(h.swapped(3))
	h.sim.Fail(yeastartest.Match{Method: "PUT", PathPrefix: plans + shop(0).String() + "/"}, yeastartest.SuccessWithFailed(1000007))
	j = h.agree(j, true)
	wantJob(t, j, job.NeedsAttention, "Stopped.")
	before := h.history(shop(1))[0]
	if _, err := h.confirm(h.draft(change.Ask{PBX: shop(1), Bind: []fleet.Binding{pair(london, stock(1)[4])}})); err != nil {
		t.Fatal(err)
	}
	if _, err := h.confirm(h.draft(change.Ask{PBX: shop(1), UndoTo: before.ID})); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Jobs.Resume(t.Context(), ben, j.ID); err != nil {
		t.Fatal(err)
	}
	j = h.rests(j.ID)
	if j.Steps[1].State != job.StepFailed || !strings.Contains(j.Steps[1].Sentence, "ana has taken this PBX back") || h.sent(shop(1)) != 2 {
		t.Errorf("%d PUTs\n%s", h.sent(shop(1)), describeSteps(j))
	}
}

func TestWhatTheGuardAsksIsAskedBeforeTheFirstIsSent(t *testing.T) {
	h := street(t, 3)
	lines := h.swapped(3)
	j, _ := h.begin(numbered(slices.Delete(lines, 1, 3))) // shop 0 keeps one number of three
	for reason, a := range map[string]change.Agreement{
		"no reason":        {Plans: change.Offered(j.Steps)},
		"nothing":          {},
		"a plan of nobody": {Plans: []fleet.PlanID{"nobody"}, Reason: "x"},
	} {
		if _, err := h.Bulk.Agree(t.Context(), ben, h.Jobs, j.ID, a); fleet.KindOf(err) != fleet.KindGuard {
			t.Errorf("%s: %v", reason, err)
		}
	}
	// The dangerous one is left out.
	if _, err := h.Bulk.Agree(t.Context(), ben, h.Jobs, j.ID, change.Agreement{Plans: change.Offered(j.Steps)[1:], Reason: "x"}); err != nil {
		t.Fatal(err)
	}
	j = h.rests(j.ID)
	wantJob(t, j, job.Done, "2 PBXs are changed and verified. 1 PBX left out.")
	if h.sent(shop(0)) != 0 {
		t.Error("what was left out was sent")
	}
}

func TestAPBXOfWhichNoPlanCanBeMadeIsToldAndTriedAgain(t *testing.T) {
	h := street(t, 3)
	h.sim.SetStatus(int64(shop(1)), "Stopped")
	j, _ := h.begin(h.swapped(3))
	wantJob(t, j, job.NeedsAttention, "2 plans wait for you to agree. For 1 PBX none could be made.")
	if !strings.Contains(j.Steps[1].Sentence, "is not running") {
		t.Error(describeSteps(j))
	}
	h.sim.SetStatus(int64(shop(1)), "Running")
	if _, err := h.Jobs.Resume(t.Context(), ben, j.ID); err != nil {
		t.Fatal(err)
	}
	wantJob(t, h.agree(h.rests(j.ID), true), job.Done, "3 PBXs are changed and verified.")
}

// childCarriesOut agrees to all plans of a spreadsheet and works until it is killed.
func childCarriesOut() {
	s := childStation()
	s.Start(context.Background())
	j, err := s.DB.Job(context.Background(), job.ID(os.Getenv("JOB")))
	if err == nil {
		_, err = s.Bulk.Agree(context.Background(), ben, s.Jobs, j.ID, change.Agreement{Plans: change.Offered(j.Steps), Reason: "the customer asked", Stop: true})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
	s.Jobs.Wait()
}

func TestHazardASpreadsheetSurvivesACrashAtAnyStepAndDoesNothingTwice(t *testing.T) {
	const n = 6
	for name, c := range map[string]struct {
		puts  int // of the process that is killed
		fault yeastartest.Fault
	}{
		"while the first is under way":  {1, yeastartest.DelayAfterCommit(3 * time.Second)},
		"while others are under way":    {3, yeastartest.DelayAfterCommit(3 * time.Second)},
		"before the cloud has the last": {4, yeastartest.Status(500, "")},
	} {
		t.Run(name, func(t *testing.T) {
			h := street(t, n)
			j, _ := h.begin(h.swapped(n))
			h.close()
			h.sim.RemoveWebhooks()
			h.sim.Fail(yeastartest.Match{Method: "PUT", Nth: c.puts, Times: -1}, c.fault)
			_, kill := child(t, "bulk", "SIM="+h.sim.URL(), "DATABASE="+h.path, "JOB="+string(j.ID))
			h.eventually("the write is out", func() bool { return len(h.writes()) >= c.puts })
			kill()
			h.sim.ClearFaults()

			h.open()
			j = h.rests(j.ID)
			for j.State == job.NeedsAttention {
				if _, err := h.Jobs.Resume(t.Context(), ben, j.ID); err != nil {
					t.Fatal(err)
				}
				j = h.rests(j.ID)
			}
			for i := range n {
				if h.sent(shop(i)) > 1 {
					t.Errorf("%d PUTs for %s", h.sent(shop(i)), shop(i))
				}
				p, err := h.DB.Plan(t.Context(), j.Steps[i].Plan)
				if err != nil || (p.Status == plan.Applied) != (j.Steps[i].State == job.StepDone) || (p.Status == plan.Applied) != h.cloud(shop(i)).Equal(p.After) {
					t.Errorf("%s: step %s, plan %s, cloud %v, %v", shop(i), j.Steps[i].State, p.Status, h.cloud(shop(i)).Pairs(), err)
				}
			}
			if done := strings.Count(states(j), "done"); (done == n) != (j.State == job.Done) {
				t.Errorf("%s with %d of %d: %s", j.State, done, n, j.Sentence)
			}
		})
	}
}
