package station_test

import (
	"strings"
	"testing"
	"time"

	"cordboard/db/dbtest"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/station"
	"cordboard/yeastar/yeastartest"
)

// buildWith is build with a station of other settings.
func buildWith(t *testing.T, tune func(*station.Config)) *house {
	t.Helper()
	sim := yeastartest.Start(t, yeastartest.Config{Assumptions: yeastartest.Assumptions{NoRateLimit: true}, Webhooks: yeastartest.WebhookPolicy{ResendDelay: 5 * time.Millisecond}})
	acme(sim)
	h := &house{t: t, sim: sim, path: dbtest.File(t), tune: tune}
	h.open()
	h.sweep()
	t.Cleanup(h.close)
	return h
}

// hasty lets reports come within a tick: their absence is noticed at once.
func hasty(c *station.Config) { c.Grace = time.Millisecond }

func (h *house) judged() fleet.PathVerdict {
	h.t.Helper()
	v, err := h.Ingester.Judge(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

func (h *house) judgedAs(want fleet.PathState) fleet.PathVerdict {
	h.t.Helper()
	h.eventually("the webhook path is "+string(want), func() bool { return h.judged().State == want })
	return h.judged()
}

func TestHazardAnEchoThatDoesNotComeShowsABrokenPathAndTheNextReportMendsIt(t *testing.T) {
	h := buildWith(t, hasty)
	if v := h.judged(); v.State != fleet.PathNever || len(v.Hints) == 0 {
		t.Fatalf("before anything happened: %+v", v)
	}
	if _, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036)}})); err != nil {
		t.Fatal(err)
	}
	h.settled()
	h.judgedAs(fleet.PathHealthy)

	h.sim.SetWebhookPolicy(yeastartest.WebhookPolicy{Drop: yeastartest.All})
	p, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50037)}}))
	if err != nil {
		t.Fatal(err)
	}
	v := h.judgedAs(fleet.PathBroken)
	if len(v.Evidence) != 1 || v.Evidence[0].Plan != p.ID || v.Evidence[0].PBX != acmeHQ || !strings.Contains(v.Sentence, "looks broken") || v.Since.IsZero() {
		t.Errorf("the verdict is %+v", v)
	}

	h.sim.SetWebhookPolicy(yeastartest.WebhookPolicy{})
	h.sim.Rebind(int64(oldie), []yeastartest.Binding{at(london, 50048), at(london, 50047)})
	h.settled()
	if v := h.judgedAs(fleet.PathHealthy); len(v.Evidence) != 0 {
		t.Errorf("after the next report: %+v", v)
	}
}

func TestAWriteThatChangedNothingInTheCloudWaitsForNoEcho(t *testing.T) {
	h := buildWith(t, hasty)
	h.sim.SetWebhookPolicy(yeastartest.WebhookPolicy{Drop: yeastartest.All})
	headers := []fleet.Header{{Trunk: headed, Header: 7, Value: "x"}}
	p := h.draft(change.Ask{PBX: bakery, Headers: &headers})
	if _, err := h.confirm(p); err != nil {
		t.Fatal(err)
	}
	if v := h.judged(); v.State != fleet.PathNever {
		t.Errorf("after a write of header values alone: %+v", v)
	}
}

func TestReadsThatKeepFindingWhatNoReportToldShowABrokenPath(t *testing.T) {
	h := buildWith(t, hasty)
	h.sim.SetWebhookPolicy(yeastartest.WebhookPolicy{Drop: yeastartest.All})
	want := []fleet.PathState{fleet.PathNever, fleet.PathNever, fleet.PathBroken}
	for i, did := range []int64{50030, 50031, 50032} {
		h.sim.ReleaseSilently(int64(acmeHQ), []int64{did})
		h.sweep()
		time.Sleep(2 * time.Millisecond) // so that the changes are further apart than a report may take
		v := h.judged()
		if v.State != want[i] {
			t.Fatalf("after %d changes: %+v", i+1, v)
		}
	}
	if v := h.judged(); len(v.Evidence) == 0 || v.Evidence[0].PBX != acmeHQ {
		t.Errorf("the evidence is %+v", v.Evidence)
	}
}

func TestAPBXThatIsNeverReportedIsNoticedThoughOthersAre(t *testing.T) {
	h := buildWith(t, hasty)
	for i, did := range []int64{50030, 50031, 50032} {
		h.sim.ReleaseSilently(int64(acmeHQ), []int64{did})
		h.sweep()
		time.Sleep(2 * time.Millisecond)
		h.post(yeastartest.ReportBody(h.report(bakery, yeastartest.EventDIDChange, time.Now().Add(time.Duration(i)*time.Second), at(london, 50040), at(london, 50041+int64(i)))))
		h.settled()
	}
	v := h.judgedAs(fleet.PathBroken)
	if !strings.Contains(v.Sentence, "for Acme HQ") || !strings.Contains(v.Hints[0], "same YCM account") {
		t.Errorf("the verdict is %+v", v)
	}
	h.post(yeastartest.ReportBody(h.report(acmeHQ, yeastartest.EventDIDChange, time.Now().Add(time.Minute), at(peer, 50050), at(london, 50033))))
	h.settled()
	h.judgedAs(fleet.PathHealthy)
}

func TestDeliveriesAreTakenUpWhenTheirCauseIsGoneEvenAfterACrashInBetween(t *testing.T) {
	h := build(t)
	stranger := h.report(acmeHQ, yeastartest.EventDIDChange, time.Now(), at(london, 50033))
	stranger.SN = "36A0B43111NEWONE"
	h.post(yeastartest.ReportBody(stranger))
	h.post([]byte(`[{"event":"did_change","sn":7}]`))
	h.settled()
	if in := deliveries(t, h); in[1].State != fleet.DeliveryParked || in[0].State != fleet.DeliveryDead {
		t.Fatalf("the deliveries are %+v", in)
	}
	// The listing is kept, and the process ends before anybody takes the delivery up.
	if _, err := h.DB.KeepPBXs(t.Context(), []fleet.PBX{{ID: 4990, Serial: stranger.SN, Name: "New"}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	h.close()
	h.open()
	h.eventually("the parked delivery is in history", func() bool { return deliveries(t, h)[1].State == fleet.DeliveryDigested })

	dead := deliveries(t, h)[0]
	if dead.State != fleet.DeliveryDead {
		t.Fatalf("the dead delivery is %+v", dead)
	}
	if n, err := h.DB.ReopenOutdated(t.Context(), "a parser that knows more", 10); err != nil || n != 1 {
		t.Errorf("%d deliveries have another chance with a new parser, %v", n, err)
	}
	if n, err := h.DB.ReopenOutdated(t.Context(), "a parser that knows more", 10); err != nil || n != 0 {
		t.Errorf("%d have a second one, %v", n, err)
	}
	h.Ingester.Wake()
	h.settled()
	if n, err := h.Ingester.ReplayAll(t.Context(), fleet.DeliveryDead); err != nil || n != 1 {
		t.Errorf("a person replays %d, %v", n, err)
	}
	if _, err := h.Ingester.ReplayAll(t.Context(), fleet.DeliveryDigested); fleet.KindOf(err) != fleet.KindInvalid {
		t.Errorf("replaying what is digested: %v", err)
	}
	h.settled()
}
