package yeastartest

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

func TestThePolicyDropsAndDuplicates(t *testing.T) {
	s := Start(t, Config{Webhooks: WebhookPolicy{Drop: First(1), Duplicate: Copies(2)}})
	world(s)
	got := receiver(t, s)
	s.Rebind(4808, nil)
	s.Rebind(4808, bind(6681, 50001))
	idle(t, s)
	posts := got()
	if len(posts) != 3 || !bytes.Equal(posts[0].body, posts[1].body) || !bytes.Equal(posts[0].body, posts[2].body) {
		t.Errorf("%d posts, want the second report three times", len(posts))
	}
	if d := s.Deliveries(); len(d) != 6 || d[0].State != DeliveryDropped || d[5].State != DeliveryDone {
		t.Errorf("deliveries %+v", d)
	}
	s.SetWebhookPolicy(WebhookPolicy{Drop: All})
	s.Rebind(4808, nil)
	idle(t, s)
	s.SetWebhookPolicy(WebhookPolicy{Drop: EveryNth(2)})
	for i := range 4 {
		s.SendBody([]byte{byte('0' + i)})
	}
	idle(t, s)
	if posts := got()[3:]; len(posts) != 2 || string(posts[0].body) != "0" || string(posts[1].body) != "2" {
		t.Errorf("posts %s", posts)
	}
}

func TestADelayedReportIsPassedByLaterOnes(t *testing.T) {
	slow := Wait(200 * time.Millisecond)
	first := First(1)
	s := Start(t, Config{Webhooks: WebhookPolicy{Delay: func(r Report) time.Duration {
		if first(r) {
			return slow(r)
		}
		return 0
	}}})
	got := receiver(t, s)
	s.SendBody([]byte(`1`))
	s.SendBody([]byte(`2`))
	idle(t, s)
	if order := bodies(got()); order != "2 1" {
		t.Errorf("order %s", order)
	}
}

func TestReportsKeepTheirOrderUnlessReordered(t *testing.T) {
	s := Start(t, Config{})
	got := receiver(t, s)
	send := func() {
		for i := range 8 {
			s.SendBody([]byte{byte('0' + i)})
		}
		idle(t, s)
	}
	send()
	if order := bodies(got()); order != "0 1 2 3 4 5 6 7" {
		t.Errorf("order %s", order)
	}
	shuffled := func() string {
		s.SetWebhookPolicy(WebhookPolicy{Reorder: 8, ReorderSeed: 7})
		before := len(got())
		send()
		return bodies(got()[before:])
	}
	once, again := shuffled(), shuffled()
	if once == "0 1 2 3 4 5 6 7" || len(once) != 15 || once != again {
		t.Errorf("shuffled orders %q and %q", once, again)
	}
	s.SetWebhookPolicy(WebhookPolicy{Reorder: 100})
	before := len(got())
	send()
	if len(got()) != before {
		t.Error("collected reports were sent before there were enough")
	}
	s.Release()
	idle(t, s)
	if len(got()) != before+8 {
		t.Errorf("%d reports released, want 8", len(got())-before)
	}
}

func TestReportsOnHoldWaitForRelease(t *testing.T) {
	s := Start(t, Config{Webhooks: WebhookPolicy{Hold: true}})
	got := receiver(t, s)
	s.SendBody([]byte(`1`))
	s.SendBody([]byte(`2`))
	idle(t, s)
	if d := s.Deliveries(); len(got()) != 0 || d[0].State != DeliveryHeld {
		t.Errorf("deliveries %+v", d)
	}
	s.Release()
	idle(t, s)
	if order := bodies(got()); order != "1 2" {
		t.Errorf("order %s", order)
	}
}

func TestAReportCanArriveBeforeThePUTIsAnswered(t *testing.T) {
	s, c := start(t, Config{Webhooks: WebhookPolicy{BeforeAnswer: true, Drop: First(1)}})
	world(s)
	answered := make(chan struct{})
	early := false
	got := receiverWith(t, s, func(int) int {
		select {
		case <-answered:
		default:
			early = true
		}
		return http.StatusOK
	})
	expectOK(t, c.put("4808", `{"trunkDidRelations":[]}`)) // its report is dropped: nothing to wait for
	expectOK(t, c.put("4808", putBoth))
	close(answered)
	if len(got()) != 1 || !early {
		t.Errorf("%d reports before the answer", len(got()))
	}
	s.SetWebhookPolicy(WebhookPolicy{BeforeAnswer: true, Hold: true})
	expectOK(t, c.put("4808", `{"trunkDidRelations":[]}`)) // on hold: nothing to wait for
}

func TestOneReportForEachPBXIsASwitch(t *testing.T) {
	s := Start(t, Config{})
	world(s)
	s.Bind(4809, bind(6681, 50036)...)
	got := receiver(t, s)
	s.DeleteDID([]int64{50001, 50036})
	idle(t, s)
	if len(got()) != 1 || len(told(t, got())) != 2 {
		t.Errorf("%d reports with %d elements, want 1 with 2", len(got()), len(told(t, got())))
	}
	s.SetWebhookPolicy(WebhookPolicy{OnePerPBX: true})
	s.Rebind(4808, bind(6681, 50044))
	s.Rebind(4809, bind(6681, 50044))
	idle(t, s)
	if len(got()) != 4 || len(told(t, got())) != 5 {
		t.Errorf("%d reports with %d elements, want 4 with 5", len(got()), len(told(t, got())))
	}
}

func TestParallelDeliveriesAreUnderWayTogether(t *testing.T) {
	s := Start(t, Config{Webhooks: WebhookPolicy{Parallel: 3}})
	var all sync.WaitGroup
	all.Add(3)
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		all.Done()
		all.Wait() // comes back only when three are here
	}))
	t.Cleanup(srv.Close)
	if err := s.AddWebhook(srv.URL, hookSecret); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.SendBody([]byte(`[]`))
	}
	idle(t, s)
}
