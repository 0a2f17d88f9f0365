package station_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/notify"
	"cordboard/sync/notify/notifytest"
	"cordboard/sync/station"
	"cordboard/yeastar/yeastartest"
)

// told builds a house that tells a receiver everything at once.
func told(t *testing.T) (*house, *notifytest.Receiver) {
	t.Helper()
	h := buildWith(t, func(c *station.Config) {
		c.Key, c.Grace, c.Sure = bytes.Repeat([]byte("k"), 32), time.Millisecond, time.Millisecond
	})
	r := notifytest.Receive(t)
	if err := h.Notifier.SaveWebhook(t.Context(), ana, notify.Webhook{On: true, URL: r.URL, Secret: notifytest.Secret}); err != nil {
		t.Fatal(err)
	}
	return h, r
}

// hears waits until the receiver was told exactly this, in this order.
func (h *house) hears(r *notifytest.Receiver, want ...string) {
	h.t.Helper()
	heard := func() (list []string) {
		for _, p := range r.Posts() {
			list = append(list, strings.TrimPrefix(p.Type, "notice.")+" "+p.Data["kind"].(string))
		}
		return list
	}
	h.eventually("the receiver hears "+strings.Join(want, ", "), func() bool { h.Notifier.Poke(); return len(heard()) >= len(want) })
	if got := heard(); !slices.Equal(got, want) {
		h.t.Fatalf("the receiver heard %v, want %v", got, want)
	}
}

func TestHazardALostEchoIsToldAndSoIsTheReportThatMendsThePath(t *testing.T) {
	h, r := told(t)
	h.sim.SetWebhookPolicy(yeastartest.WebhookPolicy{Drop: yeastartest.All})
	if _, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036)}})); err != nil {
		t.Fatal(err)
	}
	h.hears(r, "opened webhook_path")
	if said := r.Posts()[0]; !strings.Contains(said.Body, "looks broken") || !strings.Contains(said.Body, "Webhook Event Push") {
		t.Errorf("it is told as %s", said.Body)
	}
	h.sim.SetWebhookPolicy(yeastartest.WebhookPolicy{})
	h.sim.Rebind(int64(oldie), []yeastartest.Binding{at(london, 50048), at(london, 50047)})
	h.settled()
	h.hears(r, "opened webhook_path", "closed webhook_path")
	if v := h.judged(); v.State != fleet.PathHealthy {
		t.Errorf("the path is %+v", v)
	}
}

func TestDriftIsToldOnceAfterAReadConfirmedItAndItsEndWhenItIsReverted(t *testing.T) {
	h, r := told(t)
	before := h.history(acmeHQ)[0].ID
	h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(london, 50031)}) // the report tells it, a read follows
	h.settled()
	h.hears(r, "opened drift")
	said := r.Posts()[0]
	if !strings.Contains(said.Body, "Acme HQ") || !strings.Contains(said.Body, "removed outside Cordboard") {
		t.Errorf("it is told as %s", said.Body)
	}
	if row, err := h.DB.PBX(t.Context(), acmeHQ); err != nil || !row.Standing.VerifiedAt.After(row.Standing.DriftAt) {
		t.Errorf("it was told before a read confirmed it: %+v, %v", row.Standing, err)
	}
	h.sweep()
	if _, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, UndoTo: before})); err != nil {
		t.Fatal(err)
	}
	h.hears(r, "opened drift", "closed drift")
}

func TestHazardAPBXThatLostItsLastNumberIsTheLoudestNoticeUnlessAPlanClearedIt(t *testing.T) {
	h, r := told(t)
	if _, err := h.confirm(h.draft(change.Ask{PBX: bakery, Clear: true, Headers: &[]fleet.Header{}})); err != nil {
		t.Fatal(err)
	}
	h.settled()
	h.sim.Restore(int64(acmeHQ))
	h.sweep()
	h.hears(r, "opened empty_pbx")
	if said := r.Posts()[0]; said.Data["pbx_id"] != float64(acmeHQ) || !strings.Contains(said.Body, "has no numbers any more") {
		t.Errorf("it is told as %s", said.Body)
	}
}

func TestWhatCouldNotBeToldIsToldByTheNextRun(t *testing.T) {
	h, r := told(t)
	r.Answer(500)
	h.sim.ReleaseSilently(int64(acmeHQ), []int64{50030})
	h.sweep()
	h.hears(r, "opened drift")
	h.close()
	r.Answer(204)
	shift := time.Minute // the next attempt is due by then
	h.tune = func(c *station.Config) {
		c.Key, c.Grace, c.Sure = bytes.Repeat([]byte("k"), 32), time.Millisecond, time.Millisecond
		c.Now = func() time.Time { return time.Now().Add(shift) }
	}
	h.open()
	h.hears(r, "opened drift", "opened drift")
	posts := r.Posts()
	if posts[0].ID != posts[1].ID || posts[0].Body != posts[1].Body {
		t.Errorf("the second attempt is another message: %+v", posts)
	}
}

func TestARefusedSignInIsTold(t *testing.T) {
	h, r := told(t)
	h.sim.Fail(yeastartest.Match{PathPrefix: "/dm/open_api/oauth", Times: -1}, yeastartest.Status(401, `{"status":"Failed","errno":1000004}`))
	h.sim.RevokeTokens()
	for range 3 {
		_, _ = h.Worker.RunOnce(t.Context()) // it fails, which is the point
	}
	h.hears(r, "opened sign_in")
}
