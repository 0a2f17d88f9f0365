package station_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/reconcile"
	"cordboard/sync/station"
	"cordboard/yeastar"
	"cordboard/yeastar/yeastartest"
)

const (
	listPath  = "/dm/open_api/v2/cloud_pbx/instances"
	pbxPath   = "/dm/open_api/v1/cloud_pbx/instances/"
	didPath   = "/dm/open_api/v1/did_management"
	usedPath  = "/dm/open_api/v1/shared_trunk/pbx/used"
	colleague = "10.0.0.7"
)

// lastPass is the newest pass with what it found.
func (h *house) lastPass() fleet.Pass {
	h.t.Helper()
	page, err := h.DB.Passes(h.t.Context(), fleet.PageRequest{Limit: 1})
	if err != nil || len(page.Items) == 0 {
		h.t.Fatalf("passes: %+v %v", page, err)
	}
	p, err := h.DB.Pass(h.t.Context(), page.Items[0].ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// more adds PBXs with a number each to the simulator: more than a page of the list.
func (h *house) more(n int) {
	for i := range int64(n) {
		did := h.sim.AddDID(yeastartest.DID{ID: 70_000 + i, Number: fmt.Sprintf("+4930%07d", i), Trunks: []int64{int64(london)}})
		h.sim.AddPBX(yeastartest.PBX{ID: 6000 + i, Name: fmt.Sprintf("Branch %02d", i)})
		h.sim.Bind(6000+i, at(london, did))
	}
}

func TestAPassOverAnUnchangedFleetReadsTwoListsOfEachPBXAndNoNumber(t *testing.T) {
	h := build(t)
	before := map[fleet.PBXID]int{acmeHQ: len(h.history(acmeHQ)), bakery: len(h.history(bakery)), oldie: len(h.history(oldie))}
	was, _ := h.DB.PBX(t.Context(), acmeHQ)
	h.sim.ResetRequests()
	h.sweep()
	for path, want := range map[string]int{listPath: 1, pbxPath: 0, usedPath: 3, "/dm/open_api/v1/shared_trunk": 5, didPath + "/": 3, didPath: 4} {
		if n := h.sim.CountRequests("GET", path); n != want {
			t.Errorf("%d calls of %s, want %d", n, path, want)
		}
	}
	for id, n := range before {
		if got := len(h.history(id)); got != n {
			t.Errorf("%d has %d snapshots, had %d", id, got, n)
		}
	}
	if is, _ := h.DB.PBX(t.Context(), acmeHQ); !is.Standing.VerifiedAt.After(was.Standing.VerifiedAt) {
		t.Errorf("verified at %v, before at %v", is.Standing.VerifiedAt, was.Standing.VerifiedAt)
	}
	if p := h.lastPass(); !p.Complete || p.PBXs != 3 || p.Verified != 3 || p.Unknown+p.Snapshots+p.Drifted != 0 || len(p.Findings) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestAPassTakesTheNumbersOfAPBXThatWasNeverReadFromTheListing(t *testing.T) {
	h := build(t)
	h.more(20)
	h.sim.ResetRequests()
	h.sweep()
	for _, r := range h.sim.Requests() {
		if id, ok := strings.CutPrefix(r.Path, didPath+"/"); ok && !strings.Contains(id, "/") {
			t.Errorf("a number was asked for: %s", r.Path)
		}
	}
	for i := range 20 {
		id := fleet.PBXID(6000 + i)
		wantSet(t, id.String(), h.known(id).Set, h.cloud(id))
		if !h.known(id).Exact() {
			t.Errorf("%d is not exact", id)
		}
	}
	if p := h.lastPass(); p.Snapshots != 20 || len(p.Findings) != 0 {
		t.Errorf("what was never read is no finding: %+v", p)
	}
}

func TestHazardPagesShiftWhileListing(t *testing.T) {
	for name, fault := range map[string]yeastartest.Fault{"rows are missed": yeastartest.ShiftPage(3), "rows repeat": yeastartest.ShiftPage(-3), "half a page": yeastartest.PartialPage()} {
		t.Run(name, func(t *testing.T) {
			h := build(t)
			h.more(90)
			h.sweep()
			h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: listPath, Nth: 2}, fault)
			h.sweep() // rows that repeat hide none; else the second reading of the list is whole
			h.unharmed(93)
			if name == "rows repeat" {
				return
			}
			h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: listPath, Nth: 2, Times: -1}, fault)
			h.aborted("kept changing")
			h.unharmed(93)
		})
	}
}

func TestHazardAPageFailsOrComesBackEmptyMidway(t *testing.T) {
	for name, tt := range map[string]struct {
		path  string
		fault yeastartest.Fault
	}{
		"PBXs: empty":        {listPath, yeastartest.EmptyPage()},
		"PBXs: 503":          {listPath, yeastartest.Status(503, "busy")},
		"PBXs: HTML":         {listPath, yeastartest.HTML()},
		"PBXs: 200 Failed":   {listPath, yeastartest.SuccessWithFailed(yeastartest.CodeNotFound)},
		"numbers: empty":     {didPath, yeastartest.EmptyPage()},
		"numbers: 503":       {didPath, yeastartest.Status(503, "busy")},
		"numbers: truncated": {didPath, yeastartest.Truncated()},
	} {
		t.Run(name, func(t *testing.T) {
			h := build(t)
			h.more(60)
			h.sweep()
			h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: tt.path, PathSuffix: tt.path, Nth: 2, Times: -1}, tt.fault)
			h.aborted("")
			h.unharmed(63)
		})
	}
}

// aborted runs a pass that must stop before it looks at anything.
func (h *house) aborted(says string) {
	h.t.Helper()
	r, err := h.Worker.RunOnce(h.t.Context())
	if err == nil || r.Complete || r.StoppedBy == "" || !strings.Contains(r.StoppedBy, says) || r.Looked() != 0 {
		h.t.Errorf("the pass: %+v, %v", r, err)
	}
	if p := h.lastPass(); p.ID != r.ID || p.StoppedBy != r.StoppedBy || p.Complete || p.FinishedAt.IsZero() {
		h.t.Errorf("stored: %+v", p)
	}
}

// unharmed wants so many PBXs, all of them there and as the cloud has them, and no number lost.
func (h *house) unharmed(pbxs int) {
	h.t.Helper()
	watched, err := h.DB.Watched(h.t.Context())
	if err != nil || len(watched) != pbxs {
		h.t.Fatalf("%d PBXs, %v", len(watched), err)
	}
	for _, w := range watched {
		if w.Missing || !w.Standing.TroubleAt.IsZero() || !w.Standing.DriftAt.IsZero() {
			h.t.Errorf("%s: %+v", w.Name, w)
		}
		if k := h.known(w.ID); !k.Exact() || !k.Set.Equal(h.cloud(w.ID)) {
			h.t.Errorf("%s: known %v, cloud %v", w.Name, k.Set.Pairs(), h.cloud(w.ID).Pairs())
		}
	}
	numbers, err := h.DB.Listed(h.t.Context(), []fleet.DIDID{firstDID, 50070, 70_000 + fleet.DIDID(pbxs) - 4})
	if err != nil || len(numbers) != 3 {
		h.t.Errorf("numbers %v, %v", numbers, err)
	}
}

func TestHazardThrottledASweepIsIncompleteAndTheNextBeginsWithTheRest(t *testing.T) {
	h := build(t)
	h.more(30)
	h.sweep()
	h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: usedPath, Nth: 12, Times: -1}, yeastartest.Throttle())
	r, err := h.Worker.RunOnce(t.Context())
	if err == nil || r.Complete || !strings.HasPrefix(r.StoppedBy, "Yeastar asks us to slow down.") || !strings.Contains(r.StoppedBy, "of 33 PBXs were looked at") {
		t.Fatalf("%+v, %v", r, err)
	}
	if r.Verified < 11-h.inFlight() || r.Verified >= 33 || r.Looked() >= 33 || r.Unknown == 0 {
		t.Errorf("%+v", r)
	}
	h.sim.ClearFaults()
	stale := map[fleet.PBXID]bool{}
	watched, err := h.DB.Watched(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range watched {
		if w.Standing.VerifiedAt.Before(r.StartedAt.Truncate(time.Millisecond)) {
			stale[w.ID] = true
		}
	}
	if len(stale) != 33-r.Verified {
		t.Errorf("%d are old, and %d were verified", len(stale), r.Verified)
	}
	h.sim.ResetRequests()
	h.sweep()
	var order []fleet.PBXID
	for _, q := range h.sim.Requests() {
		var id fleet.PBXID
		if n, err := fmt.Sscanf(q.Path, didPath+"/%d/did", &id); n == 1 && err == nil {
			order = append(order, id)
		}
	}
	// Several are under way at the same time, so the border between the two is not sharp.
	for _, id := range order[:max(0, len(stale)-h.inFlight())] {
		if !stale[id] {
			t.Errorf("%d was looked at before one that is older", id)
		}
	}
}

// inFlight is how many PBXs a pass of a house reads at the same time.
func (h *house) inFlight() int { return 2 * vendor(h.sim).MaxInFlight }

func TestAPassEndsWhenEveryPBXFailsButNotForThoseThatFailedBefore(t *testing.T) {
	h := build(t)
	h.more(20)
	h.sweep()
	h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: usedPath, Times: -1}, yeastartest.VendorCode(yeastartest.CodeInvalidParameter))
	r, err := h.Worker.RunOnce(t.Context())
	if err == nil || r.Complete || !strings.HasPrefix(r.StoppedBy, "10 PBXs in a row could not be read. Yeastar said:") || r.Unknown < 10 {
		t.Fatalf("%+v, %v", r, err)
	}
	if p := h.lastPass(); len(p.Findings) != r.Unknown || p.Findings[0].Kind != fleet.FoundFailed || !strings.Contains(p.Findings[0].Sentence, "Yeastar said") {
		t.Errorf("%+v", p.Findings)
	}
	for range 3 {
		r, err = h.Worker.RunOnce(t.Context())
	}
	if err != nil || !r.Complete || r.Unknown != 23 {
		t.Errorf("who fails alone does not keep the others from being looked at: %+v, %v", r, err)
	}
	h.sim.ClearFaults()
	h.sweep()
	h.unharmed(23)
}

func TestAReportThatOvertakesAGlanceIsNotOverwrittenByIt(t *testing.T) {
	h := build(t)
	h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: usedPath, Times: 3}, yeastartest.DelayAfterCommit(300*time.Millisecond))
	h.sim.ResetRequests()
	var pass sync.WaitGroup
	pass.Go(h.sweep)
	h.eventually("the lists are read", func() bool { return h.sim.CountRequests("GET", usedPath) == 3 })
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(london, 50033)})
	h.settled()
	pass.Wait()
	wantSet(t, "ledger", h.known(acmeHQ).Set, h.cloud(acmeHQ))
	if p := h.lastPass(); p.Verified != 3 || p.Snapshots != 0 {
		t.Errorf("%+v", p)
	}
	if s := h.history(acmeHQ); s[len(s)-1].Source != fleet.FromWebhook {
		t.Errorf("%+v", s)
	}
}

func TestAPBXThatIsDeletedBetweenListingAndLookIsGone(t *testing.T) {
	h := build(t)
	h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: didPath, PathSuffix: "/dm/open_api/v1/did_management"}, yeastartest.Delay(200*time.Millisecond))
	h.sim.ResetRequests()
	var pass sync.WaitGroup
	pass.Go(func() {
		if _, err := h.Worker.RunOnce(t.Context()); err != nil {
			t.Error(err)
		}
	})
	h.eventually("the PBXs are listed", func() bool { return h.sim.CountRequests("GET", didPath) == 1 })
	h.sim.DeletePBX(int64(oldie), yeastartest.Quiet)
	pass.Wait()
	if s := h.state(oldie); s.State != fleet.Gone {
		t.Errorf("%+v", s)
	}
	p := h.lastPass()
	if !p.Complete || p.Unknown != 1 || p.Verified != 2 || len(p.Findings) != 1 || p.Findings[0].Name != "Old Mill" {
		t.Errorf("%+v", p)
	}
}

func TestWhatAPassFoundIsRememberedWithWhoWantedIt(t *testing.T) {
	h := build(t)
	h.sim.ReleaseSilently(int64(acmeHQ), []int64{50030})
	r, err := h.Worker.RunFor(t.Context(), reconcile.Cause{Why: fleet.PassAsked, By: audit.By{Actor: "ana", IP: colleague}})
	if err != nil {
		t.Fatal(err)
	}
	p := h.lastPass()
	if p.Why != fleet.PassAsked || p.Who != "ana" || p.Snapshots != 1 || p.Drifted != 1 || r.Drifted != 1 || p.ID != r.ID {
		t.Errorf("%+v", p)
	}
	want := fleet.PassFinding{PBX: acmeHQ, Name: "Acme HQ", Kind: fleet.FoundMoved, Sentence: h.state(acmeHQ).Sentence}
	if !slices.Equal(p.Findings, []fleet.PassFinding{want}) || h.state(acmeHQ).State != fleet.Drifted {
		t.Errorf("%+v", p.Findings)
	}
	page, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.PassRun)})
	if err != nil || len(page.Items) != 1 || page.Items[0].Actor != "ana" || page.Items[0].IP != colleague {
		t.Errorf("audit: %+v, %v", page.Items, err)
	}
}

func TestAPassThatNobodyWaitsForRunsToItsEndOrTheWorkers(t *testing.T) {
	h := build(t)
	h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: listPath}, yeastartest.Delay(100*time.Millisecond))
	ctx, hangUp := context.WithCancel(t.Context())
	id, err := h.Worker.Begin(ctx, reconcile.Cause{})
	if err != nil {
		t.Fatal(err)
	}
	if p, runs := h.Worker.Running(); !runs || p.ID != id || p.Doing == "" {
		t.Errorf("%+v %v", p, runs)
	}
	again, err := h.Worker.Begin(t.Context(), reconcile.Cause{})
	if err != nil || again != id {
		t.Errorf("a second pass %d beside %d, %v", again, id, err)
	}
	hangUp()
	h.eventually("the pass ends", func() bool { _, runs := h.Worker.Running(); return !runs })
	if p := h.lastPass(); p.ID != id || !p.Complete {
		t.Errorf("%+v", p)
	}

	h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: listPath}, yeastartest.Delay(time.Minute))
	if _, err := h.Worker.Begin(t.Context(), reconcile.Cause{}); err != nil {
		t.Fatal(err)
	}
	if err := h.Station.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = h.Worker.Begin(t.Context(), reconcile.Cause{})
	wantKind(t, err, fleet.KindUnavailable)
	h.sim.ClearFaults()
	h.open()
	if p := h.lastPass(); p.Complete || p.StoppedBy != "Cordboard was stopped." {
		t.Errorf("%+v", p)
	}
}

// TestWithTheBudgetSpentByAPassAPersonGoesAhead is hazard "Throttled": user actions go before the
// sweep. The whole budget of the minute is the pass's when the person comes.
func TestWithTheBudgetSpentByAPassAPersonGoesAhead(t *testing.T) {
	h := build(t)
	h.more(60)
	h.close()
	c := vendor(h.sim)
	c.RatePerMinute, c.MaxInFlight = 240, 4 // four a second, 60 at once, 30 of them for people
	s, err := station.Open(t.Context(), station.Config{
		Database: filepath.Join(filepath.Dir(h.path), "cordboard.db"), Vendor: c, WebhookSecrets: []yeastar.Secret{yeastar.NewSecret(secret)},
		Log: slog.New(slog.DiscardHandler), ReadBack: 5 * time.Second, Poll: 10 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Station = s
	s.Start(context.WithoutCancel(t.Context()))
	h.sim.ResetRequests()
	if _, err := s.Worker.Begin(t.Context(), reconcile.Cause{Why: fleet.PassSchedule}); err != nil {
		t.Fatal(err)
	}
	h.eventually("the pass has taken all that it may at once", func() bool { return h.sim.CountRequests("GET", "/dm/open_api") >= 31 })
	before := h.swept()
	p := h.draft(bindExample)
	p, err = h.confirm(p)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, p, plan.Applied)
	if _, runs := s.Worker.Running(); !runs {
		t.Error("the pass had ended before: this proves nothing")
	}
	// While a person's calls are under way one after the other, the pass may slip one in between.
	if n := h.swept() - before; n > 6 {
		t.Errorf("the pass looked at %d PBXs while a person planned and confirmed", n)
	}
	var ask change.Ask = bindExample
	if h.sent(ask.PBX) != 1 {
		t.Errorf("%d writes", h.sent(ask.PBX))
	}
}

// swept counts the lists of PBXs that only a pass reads.
func (h *house) swept() int {
	n := 0
	for i := range 60 {
		n += h.sim.CountRequests("GET", fmt.Sprintf("%s/%d/did", didPath, 6000+i))
	}
	return n
}
