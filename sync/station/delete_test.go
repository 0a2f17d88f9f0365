package station_test

import (
	"strings"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/yeastar/yeastartest"
)

func TestADeletedPBXWasStoppedFirstIsGoneAndItsNumbersAreFree(t *testing.T) {
	t.Parallel()
	h, id := office(t, func(a *yeastartest.Assumptions) { a.DeleteOnlyStopped = true })
	for _, c := range []change.Consent{{}, {Name: "Office"}, {Reason: "closed"}, {Name: "Acme HQ", Reason: "closed"}} {
		_, err := h.Life.Delete(t.Context(), ana, id, c)
		wantKind(t, err, fleet.KindGuard)
	}
	h.guards(50036, true)
	_, err := h.remove(id)()
	wantKind(t, err, fleet.KindConflict)
	h.guards(50036, false)
	j := h.does(h.remove(id), job.Done)
	if !strings.Contains(j.Sentence, "gone") {
		t.Errorf("%s", j.Sentence)
	}
	if s := h.state(id); s.State != fleet.Gone {
		t.Errorf("%+v", s)
	}
	wantActs(t, h, audit.PBXDelete, "intended succeeded")
	wantActs(t, h, audit.PBXStop, "intended succeeded")
	page, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.PBXDelete), Page: fleet.PageRequest{Limit: 1}})
	if err != nil || !strings.Contains(string(page.Items[0].Before), "50037") || page.Items[0].Reason != "closed" {
		t.Errorf("on record: %+v, %v", page.Items[0], err)
	}
	h.does(func() (job.Job, error) {
		return h.Life.Create(t.Context(), ana, seed001())
	}, job.Done)
}

// guards sets a number's protection.
func (h *house) guards(did fleet.DIDID, on bool) {
	h.t.Helper()
	if err := h.DB.SetProtected(h.t.Context(), did, on, audit.Entry{Actor: "ana", Action: audit.NumberProtect, Outcome: audit.Succeeded}); err != nil {
		h.t.Fatal(err)
	}
}

// spared says that nothing was deleted.
func (h *house) spared(id fleet.PBXID) {
	h.t.Helper()
	if n := h.sim.CountRequests("DELETE", creations); n != 0 {
		h.t.Errorf("%d deletions were sent", n)
	}
	h.sims(id)
}

func TestADeletionKnowsWhatAColleagueBoundUnseen(t *testing.T) {
	t.Parallel()
	h, id := office(t)
	h.guards(50039, true)
	h.sim.Bind(int64(id), at(london, 50039))
	_, err := h.remove(id)()
	wantKind(t, err, fleet.KindConflict)
	if !strings.Contains(err.Error(), "+442079460009") {
		t.Errorf("%v", err)
	}
	h.guards(50039, false)
	h.sim.Bind(int64(id), at(london, 50038))
	_, err = h.remove(id)()
	wantKind(t, err, fleet.KindStale)
	h.spared(id)
	h.does(h.remove(id), job.Done) // what is known now is what is there
}

func TestADeletionIsHeldToWhatThePersonSaw(t *testing.T) {
	t.Parallel()
	h, id := office(t)
	seen := h.known(id).Record().Fingerprint()
	h.sim.Bind(int64(id), at(london, 50039))
	h.sweep() // our record knows it, and the person's page does not show it
	_, err := h.Life.Delete(t.Context(), ana, id, change.Consent{Name: "Office", Reason: "closed", Bound: seen})
	wantKind(t, err, fleet.KindStale)
	h.spared(id)
}

func TestADeletionThatWaitedLooksAgain(t *testing.T) {
	guard := func(h *house, _ fleet.PBXID) { h.guards(50036, true) }
	bind := func(h *house, id fleet.PBXID) { h.sim.Bind(int64(id), at(london, 50039)) }
	hide := func(h *house, _ fleet.PBXID) {
		h.sim.Fail(yeastartest.Match{Method: "GET", PathSuffix: "/did", Times: -1}, yeastartest.Status(503, ""))
	}
	for name, tt := range map[string]struct {
		moves   func(*house, fleet.PBXID)
		stopped bool // by somebody else, meanwhile
		says    string
		record  string
	}{
		"protected":               {guard, false, "protected numbers are bound to this PBX now: +442079460006.", "intended refused"},
		"protected, once stopped": {guard, true, "now: +442079460006. It is stopped", "intended refused"},
		"bound":                   {bind, false, "(1 number was added)", "intended refused"},
		"bound, once stopped":     {bind, true, "(1 number was added). Look again. It is stopped", "intended refused"},
		"not to be read":          {hide, true, "could not be read", "intended failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, id := office(t)
			h.sim.Fail(yeastartest.Match{Method: "PUT", PathSuffix: "/stop"}, yeastartest.CloseBeforeCommit())
			j := h.does(h.remove(id), job.NeedsAttention)
			if tt.stopped {
				h.sim.SetStatus(int64(id), yeastartest.StatusStopped)
			}
			tt.moves(h, id)
			stops := h.sim.CountRequests("PUT", creations+"/"+id.String()+"/stop")
			j = h.ends(h.resume(j), job.Failed)
			if !strings.HasPrefix(j.Sentence, "Nothing was deleted: ") || !strings.Contains(j.Sentence, tt.says) {
				t.Errorf("%s", j.Sentence)
			}
			h.spared(id)
			if h.sim.CountRequests("PUT", creations+"/"+id.String()+"/stop") != stops {
				t.Error("it was told to stop all the same")
			}
			wantActs(t, h, audit.PBXDelete, tt.record)
		})
	}
}
