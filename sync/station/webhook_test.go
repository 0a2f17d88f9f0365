package station_test

import (
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/yeastar/yeastartest"
)

// post sends one signed body to the webhook's door and wants it stored.
func (h *house) post(body []byte) {
	h.t.Helper()
	if code := h.postAs(secret, body); code != http.StatusOK {
		h.t.Fatalf("the delivery was answered with %d", code)
	}
}

func (h *house) postAs(key string, body []byte) int {
	h.t.Helper()
	r, err := yeastartest.SignedRequest(h.t.Context(), h.door.URL, key, body)
	if err != nil {
		h.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// report is a DID-change report for a PBX of the acme fleet at a time.
func (h *house) report(id fleet.PBXID, event string, when time.Time, pairs ...yeastartest.Binding) yeastartest.Event {
	e := h.sim.EventFor(int64(id), event)
	e.UpdateTime = when.UnixMilli()
	e.TrunkDIDInfoList = []yeastartest.DIDInfo{}
	for _, b := range pairs {
		e.TrunkDIDInfoList = append(e.TrunkDIDInfoList, yeastartest.DIDInfo{
			DID: number(b.DID - int64(firstDID)), DIDID: fleet.DIDID(b.DID).String(), TrunkID: fleet.TrunkID(b.Trunk).String(), TrunkName: "T",
		})
	}
	return e
}

func deliveries(t *testing.T, h *house) []fleet.Delivery {
	t.Helper()
	page, err := h.DB.Deliveries(t.Context(), "", fleet.PageRequest{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func TestSeed002FourReportsBecomeFourSnapshotsInAnyOrderSentTwice(t *testing.T) {
	var bodies [][]byte
	for _, name := range []string{"did_change", "did_delete", "trunk_delete", "pce_delete"} {
		body, err := os.ReadFile("testdata/seed002_" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1, 0, 1, 2, 3}, {0, 0, 1, 1, 2, 2, 3, 3}} {
		h := build(t)
		const id = 4999
		h.sim.AddPBX(yeastartest.PBX{ID: id, Serial: "36XXXXXXXXXXXXZK", Name: "Seed"})
		h.sweep()
		first := len(h.history(id)) // the sweep saw that nothing is bound
		for _, i := range order {
			h.post(bodies[i])
		}
		h.settled()
		type row struct {
			event          fleet.EventKind
			at             int64
			count          int
			added, removed int
		}
		want := []row{
			{fleet.PCEDelete, 1773048881029, 0, 0, 0},
			{fleet.TrunkDelete, 1773049941393, 1, 1, 0},
			{fleet.DIDChange, 1773105500177, 6, 5, 0},
			{fleet.DIDDelete, 1773106452589, 4, 0, 2},
		}
		var got []row
		for _, s := range h.history(id) {
			if s.Source == fleet.FromWebhook {
				got = append(got, row{s.Event, s.VendorAt.UnixMilli(), s.Count, len(s.Added), len(s.Removed)})
			}
		}
		if len(got) != len(want) || len(h.history(id)) != first+4 {
			t.Fatalf("order %v: %d snapshots: %+v", order, len(h.history(id)), got)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("order %v: snapshot %d is %+v, want %+v", order, i, got[i], want[i])
			}
		}
	}
}

func TestHazardTheWebhookArrivesBeforeOurPUTReturns(t *testing.T) {
	for name, policy := range map[string]yeastartest.WebhookPolicy{
		"before the answer": {BeforeAnswer: true},
		"after the answer":  {},
		"three copies":      {Duplicate: yeastartest.Copies(2)},
		"later":             {Delay: yeastartest.Wait(100 * time.Millisecond)},
	} {
		t.Run(name, func(t *testing.T) {
			h := build(t)
			before := len(h.history(acmeHQ))
			h.sim.SetWebhookPolicy(policy)
			p, err := h.confirm(h.draft(bindExample))
			if err != nil {
				t.Fatal(err)
			}
			h.settled()
			history := h.history(acmeHQ)
			if len(history) != before+1 {
				t.Fatalf("%d new snapshots, want the one that plan and echo share", len(history)-before)
			}
			last := history[len(history)-1]
			if last.Plan != p.ID || last.Source != fleet.FromWrite || last.VendorAt.IsZero() || last.Count != 6 {
				t.Errorf("the snapshot is not linked: %+v", last)
			}
		})
	}
}

func TestAReportThatRepeatsAKnownSetAtAnotherTimeLeavesItsOwnSnapshot(t *testing.T) {
	h := build(t)
	if _, err := h.confirm(h.draft(bindExample)); err != nil {
		t.Fatal(err)
	}
	h.settled()
	before := len(h.history(acmeHQ))
	h.post(yeastartest.ReportBody(h.sim.EventFor(int64(acmeHQ), yeastartest.EventDIDChange)))
	h.settled()
	if n := len(h.history(acmeHQ)); n != before+1 {
		t.Errorf("%d new snapshots, want 1", n-before)
	}
}

func TestHazardOutOfOrderEventsMoveTheStateForwardOnly(t *testing.T) {
	h := build(t)
	now := time.Now()
	late := h.report(acmeHQ, yeastartest.EventDIDChange, now.Add(-time.Hour), at(london, 50039))
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(london, 50045)})
	h.settled()
	h.post(yeastartest.ReportBody(late))
	h.settled()
	wantSet(t, "ledger", h.known(acmeHQ).Set, h.cloud(acmeHQ))
	if first := h.history(acmeHQ)[0]; first.VendorAt.UnixMilli() != late.UpdateTime || first.Count != 1 {
		t.Errorf("the late report is not where it belongs: %+v", first)
	}
	if d := deliveries(t, h); d[0].State != fleet.DeliveryLate {
		t.Errorf("its delivery is %s", d[0].State)
	}
}

func TestHazardEqualTimeWithADifferentListIsDecidedByARead(t *testing.T) {
	h := build(t)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(london, 50045)})
	h.settled()
	newest := h.history(acmeHQ)
	liar := h.report(acmeHQ, yeastartest.EventDIDChange, newest[len(newest)-1].VendorAt, at(london, 50033))
	h.post(yeastartest.ReportBody(liar))
	h.settled()
	h.eventually("a read decides", func() bool { return h.state(acmeHQ).State == fleet.Drifted })
	wantSet(t, "ledger", h.known(acmeHQ).Set, h.cloud(acmeHQ))
}

func TestHazardDuplicateDeliveryAndACapturedOldReportReplayed(t *testing.T) {
	h := build(t)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(london, 50045)})
	h.settled()
	old := h.sim.Deliveries()[0].Report.Body
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030)})
	h.settled()
	before := len(h.history(acmeHQ))
	for range 3 {
		h.post(old)
	}
	h.settled()
	if n := len(h.history(acmeHQ)); n != before {
		t.Errorf("%d more snapshots", n-before)
	}
	wantSet(t, "ledger", h.known(acmeHQ).Set, h.cloud(acmeHQ))
	if d := deliveries(t, h); d[0].State != fleet.DeliveryDuplicate {
		t.Errorf("the last delivery is %s", d[0].State)
	}
}

func TestHazardMissedWebhookIsFoundByTheSweep(t *testing.T) {
	h := build(t)
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030)}, yeastartest.Quiet)
	h.sweep()
	history := h.history(acmeHQ)
	last := history[len(history)-1]
	if last.Source != fleet.FromReconcile || !last.VendorAt.IsZero() || len(last.Removed) != 3 {
		t.Errorf("the sweep's snapshot: %+v", last)
	}
	if s := h.state(acmeHQ); s.State != fleet.Drifted || s.Sentence == "" {
		t.Errorf("state %+v", s)
	}
}

func TestHazardSeveralPBXsInOneReportStandAlone(t *testing.T) {
	h := build(t)
	good := h.report(acmeHQ, yeastartest.EventDIDChange, time.Now(), at(london, 50030))
	bad := h.report(bakery, "did_exploded", time.Now(), at(london, 50040))
	stranger := h.report(bakery, yeastartest.EventDIDChange, time.Now(), at(london, 50040))
	stranger.SN = "36NOBODYKNOWSME0"
	h.post(yeastartest.ReportBody(good, bad, stranger))
	h.settled()
	d := deliveries(t, h)[0]
	if len(d.Elements) != 3 || d.State != fleet.DeliveryDead {
		t.Fatalf("delivery %+v", d)
	}
	for i, want := range []fleet.DeliveryState{fleet.DeliveryDigested, fleet.DeliveryDead, fleet.DeliveryParked} {
		if d.Elements[i].State != want {
			t.Errorf("element %d is %s (%s), want %s", i, d.Elements[i].State, d.Elements[i].Error, want)
		}
	}
	if h.known(acmeHQ).Set.Len() != 1 {
		t.Error("the good element was not digested")
	}
}

func TestHazardUnknownSerialIsParkedAndReplayedWhenItAppears(t *testing.T) {
	h := build(t)
	h.sim.AddPBX(yeastartest.PBX{ID: 4900, Serial: "36NEWCOMER000001", Name: "Newcomer"})
	h.sim.Rebind(4900, []yeastartest.Binding{at(london, 50046)})
	h.eventually("the catalogue is refreshed and the report replayed", func() bool {
		k, err := h.DB.Known(t.Context(), 4900)
		return err == nil && k.Set.Len() == 1
	})
	h.settled()
	if d := deliveries(t, h); d[0].State == fleet.DeliveryParked {
		t.Errorf("still parked: %+v", d[0])
	}
}

func TestHazardAGhostSerialMakesNoPBX(t *testing.T) {
	h := build(t)
	h.sim.ResetRequests()
	lists := func() int { return h.sim.CountRequests("GET", "/dm/open_api/v2/cloud_pbx/instances") }
	haunt := func(n int) {
		for i := range n {
			ghost := h.report(acmeHQ, yeastartest.EventDIDChange, time.Now().Add(time.Duration(i)*time.Millisecond), at(london, 50030))
			ghost.SN = fmt.Sprintf("36GHOST%09d", i)
			h.post(yeastartest.ReportBody(ghost))
		}
		h.settled()
	}
	haunt(10)
	h.eventually("the PBXs are listed for a stranger's sake", func() bool { return lists() > 0 })
	haunt(10)
	looks := func() int { return h.sim.CountRequests("GET", "/dm/open_api/v1/cloud_pbx/instances/4808") }
	for range 3 { // each waits for its burst as a list would, and was asked for later
		before := looks()
		h.Worker.Ask(acmeHQ)
		h.eventually("the PBX is looked at", func() bool { return looks() > before })
	}
	if n := lists(); n != 1 {
		t.Errorf("20 reports of strangers had the PBXs listed %d times", n)
	}
	ids, err := h.DB.Watched(t.Context())
	if err != nil || len(ids) != 3 {
		t.Errorf("PBXs %v, %v", ids, err)
	}
	for _, d := range deliveries(t, h) {
		if d.State != fleet.DeliveryParked {
			t.Errorf("a report of a stranger is %s", d.State)
		}
	}
}
