package station_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/yeastar/yeastartest"
)

// childCreates makes a PBX until it is killed.
func childCreates() {
	s := childStation()
	s.Start(context.Background())
	if _, err := s.Life.Create(context.Background(), ana, whole()); err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
	select {}
}

// A creation makes about thirty calls. At each of them a real process is killed, once when the vendor
// has done what it was asked and the answer is on its way, once before the vendor does it.
func TestHazardAKillAtAnyCallOfACreationMakesOnePBXAndLosesNone(t *testing.T) {
	for n := 8; n <= 36; n += 2 {
		for how, kill := range map[int]yeastartest.Fault{0: yeastartest.DelayAfterCommit(time.Minute), 1: yeastartest.Delay(50 * time.Millisecond)} {
			t.Run(fmt.Sprintf("call %d", n+how), func(t *testing.T) {
				t.Parallel()
				killed(t, n+how, kill)
			})
		}
	}
}

func killed(t *testing.T, call int, fault yeastartest.Fault) {
	h := agency(t)
	h.sim.RemoveWebhooks()
	h.close()
	before := len(h.sim.Requests())
	h.sim.Fail(yeastartest.Match{Nth: call}, fault)
	_, kill := child(t, "create", "SIM="+h.sim.URL(), "DATABASE="+h.path)
	h.eventually("the call is made, or there are no more", func() bool {
		return len(h.sim.Requests())-before >= call || len(h.sim.Mails()) == 1
	})
	kill()
	h.sim.ClearFaults()

	h.open()
	j := h.create(whole()) // the same form: the job that was left, or the first one
	for range 6 {
		h.eventually("the job ends", func() bool {
			var err error
			j, err = h.DB.Job(t.Context(), j.ID)
			return err == nil && j.State != job.Running
		})
		if j.State != job.NeedsAttention {
			break
		}
		t.Log(j.Sentence)
		j = h.resume(j)
	}
	p, ok := h.made()
	if j.State != job.Done || !ok || int64(j.PBX) != p.ID || p.Status != yeastartest.StatusRunning || len(h.sim.PBXs()) != 4 {
		t.Fatalf("%s: %s\n%s\n%+v", j.State, j.Sentence, steps(j), h.sim.PBXs())
	}
	wantSet(t, "bound", h.cloud(j.PBX), fleet.NewBindingSet(whole().Bind...))
	if n := len(h.sim.Mails()); n < 1 || n > 2 {
		t.Errorf("%d mails", n)
	}
	if list, err := h.DB.Jobs(t.Context(), job.Filter{Kind: job.CreatePBX, Page: fleet.PageRequest{Limit: 9}}); err != nil || list.Total != 1 {
		t.Errorf("%d jobs, %v", list.Total, err)
	}
	if _, err := h.DB.VerifyAudit(t.Context(), audit.Head{}); err != nil {
		t.Error(err)
	}
	if got := h.acts(audit.PBXCreate); got != "intended succeeded" && got != "intended unknown succeeded" {
		t.Errorf("on record: %s", got)
	}
}
