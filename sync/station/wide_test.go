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
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
	"cordboard/sync/station"
	"cordboard/yeastar/yeastartest"
)

const (
	oldHost = "sip.old.example"
	newHost = "sip.new.example"
)

func branch(i int) fleet.PBXID { return fleet.PBXID(7000 + i) }

func branchSerial(i int) string { return fmt.Sprintf("36A0BRANCH%06d", i) }

// chain is a house with n more PBXs that all register with the same carrier over their own trunk.
func chain(t *testing.T, n int) *house {
	t.Helper()
	h := furnish(t, func(c *station.Config) {
		c.Follow, c.Look, c.ReadBack, c.Vendor.WriteTimeout, c.Vendor.ReadTimeout = 1500*time.Millisecond, 5*time.Millisecond, 2*time.Second, 5*time.Second, 10*time.Second
	}, func(sim *yeastartest.Server) {
		for i := range n {
			sim.AddPBX(yeastartest.PBX{ID: int64(branch(i)), Serial: branchSerial(i), Name: fmt.Sprintf("Branch %03d", i), Firmware: "84.22.0.140"})
			sim.SetPBXAPI(int64(branch(i)), true)
			sim.AddSIPTrunk(int64(branch(i)), yeastartest.SIPTrunk{ID: 11, Name: "carrier", Hostname: oldHost, Domain: oldHost, Username: fmt.Sprintf("b%03d", i), Password: "hush"})
		}
	}, func(a *yeastartest.Assumptions) { a.SIP.Settle = 5 * time.Millisecond })
	h.sim.ResetRequests()
	return h
}

func targets(n int) []change.Target {
	list := make([]change.Target, n)
	for i := range list {
		list[i] = change.Target{PBX: branch(i), PBXName: fmt.Sprintf("Branch %03d", i), Trunk: 11, Name: "carrier"}
	}
	return list
}

func toNewHost() sip.Wide {
	host := newHost
	return sip.Wide{OldHost: oldHost, Hostname: &host, Domain: &host}
}

// wide begins a fleet-wide edit and waits for its plans.
func (h *house) wide(w sip.Wide, list []change.Target) job.Job {
	h.t.Helper()
	j, err := h.Wide.Begin(h.t.Context(), ana, h.Jobs, w, list)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.rests(j.ID)
}

func (h *house) agreeWide(j job.Job, stop bool) job.Job {
	h.t.Helper()
	if _, err := h.Wide.Agree(h.t.Context(), ben, h.Jobs, j.ID, change.Agreement{Plans: change.Offered(j.Steps), Stop: stop}); err != nil {
		h.t.Fatal(err)
	}
	return h.rests(j.ID)
}

// hostOf is where a branch's trunk goes, in the cloud.
func (h *house) hostOf(i int) string {
	trunks := h.sim.SIPTrunks(int64(branch(i)))
	at := slices.IndexFunc(trunks, func(t yeastartest.SIPTrunk) bool { return t.ID == 11 })
	return trunks[at].Hostname
}

// updates counts the edits that were sent to a PBX.
func (h *house) updates(serial string) int {
	n := 0
	for _, r := range h.sim.Requests() {
		if strings.HasSuffix(r.Path, "/trunk/update") && strings.Contains(r.Path, serial) {
			n++
		}
	}
	return n
}

func (h *house) allUpdates() int {
	n := 0
	for _, r := range h.sim.Requests() {
		if strings.HasSuffix(r.Path, "/trunk/update") {
			n++
		}
	}
	return n
}

func updateOf(i int) yeastartest.Match {
	return yeastartest.Match{Method: "POST", PathPrefix: "/dm/open_api/v1/cloud_pbx/" + branchSerial(i) + "/openapi/v1.0/trunk/update", Times: -1}
}

// Fifteen of 300 PBXs fail, each third in another way. Every PBX ends as its step says, nothing is sent twice, and
// a process that is killed in the middle changes nothing about that.
func TestHazardAnEditOver300PBXsEndsRightForEachOfThemAlsoAfterAKill(t *testing.T) {
	const n = 300
	h := chain(t, n)
	h.sim.SetSIPProvider(newHost, yeastartest.SIPProvider{Accounts: accounts(n, 270, 271, 272)})
	for i := 200; i < 203; i++ {
		h.sim.SetPBXAPI(int64(branch(i)), false)
	}
	for i := 210; i < 213; i++ {
		h.sim.SetStatus(int64(branch(i)), "Stopped")
	}
	j := h.wide(toNewHost(), targets(n))
	wantJob(t, j, job.NeedsAttention, "294 plans wait for you to agree. For 6 trunks none could be made.")

	for i := 220; i < 223; i++ {
		h.sim.Fail(updateOf(i), yeastartest.PBXCode(40002))
	}
	for i := 230; i < 233; i++ {
		h.sim.Fail(updateOf(i), yeastartest.CloseBeforeCommit())
	}
	for i := 240; i < 243; i++ {
		h.sim.Fail(updateOf(i), yeastartest.CloseAfterCommit())
	}
	for i := 250; i < 253; i++ {
		h.sim.ChangeSIPTrunk(int64(branch(i)), 11, func(t *yeastartest.SIPTrunk) { t.Port = 5099 })
	}

	h.sim.RemoveWebhooks()
	h.close()
	_, kill := child(t, "wide", "SIM="+h.sim.URL(), "DATABASE="+h.path, "JOB="+string(j.ID))
	h.eventually("a third is out", func() bool { return h.allUpdates() >= n/3 })
	kill()
	h.open()
	j = h.rests(j.ID)
	if j.State == job.NeedsAttention { // the fate of what was under way is settled by now
		j = h.resume(j)
		j = h.rests(j.ID)
	}
	if j.State != job.Failed {
		t.Fatalf("%s: %s", j.State, j.Sentence)
	}

	kinds, cut := map[string]int{}, 0
	for i := range n {
		step, host := j.Steps[i], h.hostOf(i)
		sent := h.updates(branchSerial(i))
		if sent > 1 {
			t.Errorf("branch %d got %d edits", i, sent)
		}
		in := func(from int) bool { return i >= from && i < from+3 }
		want, there := job.StepDone, newHost
		switch {
		case in(200), in(210), in(220), in(230), in(250):
			want, there = job.StepFailed, oldHost
		case in(270): // changed, and its carrier does not know it
			want = job.StepFailed
		}
		if want == job.StepDone && step.State == job.StepFailed && host == oldHost && strings.HasPrefix(step.Sentence, "The answer to the write was lost.") {
			cut++ // under way when the process was killed, and never done
			want, there = step.State, host
		}
		if step.State != want || host != there {
			t.Errorf("branch %d: %s at %s, want %s at %s: %s", i, step.State, host, want, there, step.Sentence)
		}
		if in(200) || in(210) || in(250) {
			if sent != 0 {
				t.Errorf("branch %d: %d edits were sent", i, sent)
			}
		}
		if step.State == job.StepFailed {
			kinds[step.Sentence]++
		}
		if step.Plan == "" {
			continue
		}
		p, err := h.DB.Plan(t.Context(), step.Plan)
		if err != nil || (p.Status == plan.Applied) != (host == newHost) {
			t.Errorf("branch %d: plan %s, host %s, %v", i, p.Status, host, err)
		}
	}
	if cut > 3 {
		t.Errorf("%d edits were lost by the kill, and no more than 3 were under way", cut)
	}
	for sentence, count := range kinds {
		t.Log(count, sentence)
	}
	if len(kinds) < 6 {
		t.Errorf("only %d sorts of failure are told apart", len(kinds))
	}
	if _, err := h.DB.VerifyAudit(t.Context(), audit.Head{}); err != nil {
		t.Error(err)
	}

	// What was done is undone, and nothing else.
	back, err := h.Wide.Undo(t.Context(), ben, h.Jobs, j)
	if err != nil {
		t.Fatal(err)
	}
	h.sim.ClearFaults()
	h.sim.SetSIPProvider(oldHost, yeastartest.SIPProvider{})
	back = h.agreeWide(h.rests(back.ID), false)
	for i := range n {
		if host := h.hostOf(i); host != oldHost {
			t.Errorf("branch %d is still at %s", i, host)
		}
	}
	if back.State != job.Done {
		t.Errorf("%s: %s", back.State, back.Sentence)
	}
}

// accounts are the passwords of all branches but some.
func accounts(n int, but ...int) map[string]string {
	known := map[string]string{}
	for i := range n {
		if !slices.Contains(but, i) {
			known[fmt.Sprintf("b%03d", i)] = "hush"
		}
	}
	return known
}

// childWide agrees to all plans of a fleet-wide edit and works until it is killed.
func childWide() {
	s := childStation()
	s.Start(context.Background())
	j, err := s.DB.Job(context.Background(), job.ID(os.Getenv("JOB")))
	if err == nil {
		_, err = s.Wide.Agree(context.Background(), ben, s.Jobs, j.ID, change.Agreement{Plans: change.Offered(j.Steps)})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
	select {}
}

func TestWhereTheFirstTrunkStaysDownNoOtherIsTouched(t *testing.T) {
	h := chain(t, 5)
	h.sim.SetSIPProvider(newHost, yeastartest.SIPProvider{Down: true})
	j := h.agreeWide(h.wide(toNewHost(), targets(5)), true)
	if j.State != job.NeedsAttention || h.allUpdates() != 1 || !strings.Contains(j.Steps[0].Sentence, "down") {
		t.Errorf("%s, %d edits: %s\n%s", j.State, h.allUpdates(), j.Sentence, describeSteps(j))
	}
}

func TestATrunkWithoutTheSettingIsToldFromOneThatHasItAlready(t *testing.T) {
	h := chain(t, 2)
	h.sim.ChangeSIPTrunk(int64(branch(0)), 11, func(t *yeastartest.SIPTrunk) { t.Hostname, t.Domain = newHost, newHost })
	h.sim.AddSIPTrunk(int64(branch(1)), yeastartest.SIPTrunk{ID: 12, Name: "desk", Type: "account", Username: "6708", Password: "hush"})
	list := targets(2)
	list[1].Trunk, list[1].Name = 12, "desk"
	host := newHost
	j := h.wide(sip.Wide{Hostname: &host, Domain: &host}, list)
	if j.Steps[0].State != job.StepDone || j.Steps[1].State != job.StepFailed || !strings.Contains(j.Steps[1].Sentence, "has no setting") {
		t.Error(describeSteps(j))
	}
}
