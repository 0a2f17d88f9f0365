package station_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/yeastar/yeastartest"
)

// TestTheRestoreDrill copies the record while people and reports write, loses the original, and goes through what the
// manual says: restore, verify, everything stale, one pass, in sync.
func TestTheRestoreDrill(t *testing.T) {
	h := build(t)
	load, end := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	write := func(do func(i int) error) {
		busy.Go(func() {
			for i := 0; load.Err() == nil; i++ {
				if err := do(i); err != nil && load.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	write(func(i int) error { // somebody else, whom YCM reports
		h.sim.Rebind(int64(bakery), []yeastartest.Binding{at(london, 50040+int64(i%3)), at(headed, 50060)})
		time.Sleep(5 * time.Millisecond)
		return nil
	})
	write(func(i int) error { // a person who makes plans and writes
		ask := change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50035)}}
		if i%2 == 1 {
			ask = change.Ask{PBX: acmeHQ, Unbind: []fleet.Binding{pair(london, 50035)}}
		}
		p, err := h.Changer.Draft(load, ana, ask)
		if err != nil {
			return nil // what is under way at the moment refuses it: that is not what is tested here
		}
		h.Changer.Confirm(load, ana, p.ID, change.Consent{Name: p.PBXName, Reason: "load"})
		return nil
	})
	write(func(i int) error {
		time.Sleep(time.Millisecond)
		return h.DB.AppendAudit(context.WithoutCancel(load), audit.Entry{At: time.Now(), Actor: "ana", Action: audit.SignIn, Target: fmt.Sprint(i), Outcome: audit.Succeeded})
	})
	var copies []string
	var heads []audit.Head
	for i := range 4 {
		was, err := h.DB.AuditHead(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		h.eventually("more was written", func() bool {
			now, err := h.DB.AuditHead(t.Context())
			return err == nil && now.Seq > was.Seq+20
		})
		file := filepath.Join(t.TempDir(), fmt.Sprintf("copy-%d.db", i))
		head, err := h.DB.Backup(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 && head.Seq <= heads[i-1].Seq {
			t.Errorf("nothing was written between two copies: %d and %d", heads[i-1].Seq, head.Seq)
		}
		copies, heads = append(copies, file), append(heads, head)
	}
	end()
	busy.Wait()
	h.settled()
	h.close()

	last := len(copies) - 1
	r, err := db.Replace(t.Context(), h.path, copies[last], time.Now())
	if err != nil || r.Kept == "" || r.Head != heads[last] {
		t.Fatalf("%+v %v", r, err)
	}
	h.open()
	if proof, err := h.Verify(t.Context(), heads[last]); err != nil || proof.AuditRows <= heads[last].Seq {
		t.Fatalf("%+v %v", proof, err)
	}
	for _, id := range []fleet.PBXID{acmeHQ, bakery, oldie} {
		s := h.state(id)
		if s.State == fleet.Drifted && id == bakery { // a question that was open when the copy was made is open still
			s.State = fleet.Stale
		}
		if s.State != fleet.Stale || !s.VerifiedAt.IsZero() {
			t.Errorf("PBX %d is %+v before it is read", id, s)
		}
	}
	h.sweep()
	for _, id := range []fleet.PBXID{acmeHQ, bakery, oldie} {
		s := h.state(id)
		if s.State == fleet.Drifted { // what was done after the copy was made: a person takes it for the truth
			e := audit.Entry{At: time.Now(), Actor: "ana", Action: audit.DriftAdopt, Target: "x", PBX: id, Outcome: audit.Succeeded}
			if err := h.DB.AdoptDrift(t.Context(), h.drift(id).ID, time.Now(), e); err != nil {
				t.Fatal(err)
			}
			s = h.state(id)
		}
		if s.State != fleet.InSync {
			t.Errorf("PBX %d is %+v after one pass", id, s)
		}
		wantSet(t, "what is known", h.known(id).Set, h.cloud(id))
	}
	if _, err := h.Verify(t.Context(), heads[last]); err != nil {
		t.Error(err)
	}
	h.close()
	h.path = copies[0] // an older one opens as well, and is whole
	h.open()
	if _, err := h.Verify(t.Context(), heads[0]); err != nil {
		t.Error(err)
	}
}
