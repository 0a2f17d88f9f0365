package yeastartest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const hookSecret = "0123456789abcdef0123456789abcdef"

// post is a webhook request as a receiver saw it.
type post struct {
	method, contentType, signature string
	body                           []byte
}

// receiver adds a webhook that answers 200 and returns what it got so far.
func receiver(t *testing.T, s *Server) func() []post {
	t.Helper()
	return receiverWith(t, s, func(int) int { return http.StatusOK })
}

// receiverWith answers the n-th post (from 0) with status(n).
func receiverWith(t *testing.T, s *Server, status func(n int) int) func() []post {
	t.Helper()
	var mu sync.Mutex
	var posts []post
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read a webhook: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		posts = append(posts, post{r.Method, r.Header.Get("Content-Type"), r.Header.Get("X-Signature"), body})
		w.WriteHeader(status(len(posts) - 1))
	}))
	t.Cleanup(srv.Close)
	if err := s.AddWebhook(srv.URL, hookSecret); err != nil {
		t.Fatal(err)
	}
	return func() []post {
		mu.Lock()
		defer mu.Unlock()
		return append([]post(nil), posts...)
	}
}

func TestAWebhookIsAPostOfJSONSignedOverItsRawBody(t *testing.T) {
	s := Start(t, Config{})
	world(s)
	s.RenameTrunk(6681, `Trunk "A" <&> \ Zürich`+"\n")
	got := receiver(t, s)
	s.Rebind(4808, bind(6681, 50036))
	idle(t, s)
	p := got()[0]
	mac := hmac.New(sha256.New, []byte(hookSecret))
	mac.Write(p.body)
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if p.method != http.MethodPost || p.contentType != "application/json" || p.signature != want || len(want) != 44 {
		t.Errorf("webhook %+v, want signature %s", p, want)
	}
	if name := told(t, got())[0].TrunkDIDInfoList[0].TrunkName; name != `Trunk "A" <&> \ Zürich`+"\n" {
		t.Errorf("trunk name %q", name)
	}
}

func TestTheContentTypeIsASwitch(t *testing.T) {
	s := Start(t, Config{Webhooks: WebhookPolicy{ContentType: "text/plain"}})
	got := receiver(t, s)
	s.SendBody([]byte(`"test message"`))
	idle(t, s)
	if p := got()[0]; p.contentType != "text/plain" || string(p.body) != `"test message"` {
		t.Errorf("webhook %+v", p)
	}
}

func TestFiveWebhooksAtMostAllGetTheReport(t *testing.T) {
	s := Start(t, Config{})
	world(s)
	var got []func() []post
	for range 5 {
		got = append(got, receiver(t, s))
	}
	for _, bad := range [][2]string{{"http://127.0.0.1:1", hookSecret}, {"", hookSecret}, {"http://127.0.0.1:1", ""}} {
		if err := s.AddWebhook(bad[0], bad[1]); err == nil {
			t.Errorf("webhook %v was taken", bad)
		}
	}
	s.Rebind(4808, nil)
	idle(t, s)
	for i, g := range got {
		if len(g()) != 1 {
			t.Errorf("webhook %d got %d reports", i, len(g()))
		}
	}
	s.RemoveWebhooks()
	s.Rebind(4808, bind(6681, 50001))
	idle(t, s)
	if len(got[0]()) != 1 {
		t.Error("a removed webhook still got a report")
	}
}

func TestARefusedReportIsSentAgainThreeTimes(t *testing.T) {
	s := Start(t, Config{Webhooks: WebhookPolicy{ResendDelay: time.Millisecond}})
	world(s)
	got := receiverWith(t, s, func(n int) int {
		if n == 2 {
			return http.StatusAccepted
		}
		return http.StatusServiceUnavailable
	})
	s.Rebind(4808, nil)
	idle(t, s)
	if len(got()) != 3 {
		t.Errorf("%d posts until the 202, want 3", len(got()))
	}
	s.Rebind(4808, bind(6681, 50001))
	idle(t, s)
	if len(got()) != 3+4 {
		t.Errorf("%d posts of a report that is never taken, want 4", len(got())-3)
	}
	d := s.Deliveries()
	if len(d) != 2 || d[0].State != DeliveryDone || d[1].State != DeliveryFailed ||
		len(d[0].Attempts) != 3 || d[0].Attempts[0].Status != 503 || len(d[1].Attempts) != 4 {
		t.Errorf("deliveries %+v", d)
	}
	posts := got()
	if !bytes.Equal(posts[0].body, posts[2].body) || posts[0].signature != posts[2].signature {
		t.Error("a resend differs from the first try")
	}
	s.SetWebhookPolicy(WebhookPolicy{Resends: -1})
	s.Rebind(4808, nil)
	idle(t, s)
	if len(got()) != 8 {
		t.Errorf("%d posts with resends off, want 1", len(got())-7)
	}
}

func TestARedirectIsNotFollowedAndIsNoAcknowledgement(t *testing.T) {
	s := Start(t, Config{Webhooks: WebhookPolicy{Resends: -1}})
	srv := httptest.NewServer(http.RedirectHandler("/elsewhere", http.StatusFound))
	t.Cleanup(srv.Close)
	if err := s.AddWebhook(srv.URL, hookSecret); err != nil {
		t.Fatal(err)
	}
	s.SendBody([]byte(`[]`))
	idle(t, s)
	if d := s.Deliveries()[0]; d.State != DeliveryFailed || d.Attempts[0].Status != http.StatusFound {
		t.Errorf("delivery %+v", d)
	}
}

func TestAnAttemptEndsAtItsTimeoutAndADeadReceiverIsAFailure(t *testing.T) {
	s := Start(t, Config{Webhooks: WebhookPolicy{Timeout: 20 * time.Millisecond, Resends: -1}})
	block := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-block }))
	t.Cleanup(srv.Close)
	t.Cleanup(func() { close(block) })
	if err := s.AddWebhook(srv.URL, hookSecret); err != nil {
		t.Fatal(err)
	}
	if err := s.AddWebhook("http://127.0.0.1:1/", hookSecret); err != nil {
		t.Fatal(err)
	}
	if err := s.AddWebhook("::bad::", hookSecret); err != nil {
		t.Fatal(err)
	}
	s.SendBody([]byte(`[]`))
	idle(t, s)
	for _, d := range s.Deliveries() {
		if d.State != DeliveryFailed || d.Attempts[0].Err == nil {
			t.Errorf("delivery %+v", d)
		}
	}
}

func TestANewSecretSignsFromThenOn(t *testing.T) {
	s := Start(t, Config{Webhooks: WebhookPolicy{Hold: true}})
	got := receiver(t, s)
	s.SendBody([]byte(`1`))
	s.SetWebhookSecret(s.mail.hooks[0].url, "another secret")
	s.Release()
	idle(t, s)
	if p := got()[0]; p.signature != SignedBody("another secret", p.body) {
		t.Error("the report was signed with the old secret")
	}
}

func TestACapacityReportHasTheDocumentedShape(t *testing.T) {
	body, err := CapacityBody(CapacityEvent{Modifier: "ops@example.com", SN: "36XXXXXXXXXXXXZK", UpdateTime: 1773105500})
	if err != nil {
		t.Fatal(err)
	}
	want := `[{modifier:string,repository:{extensions:string,concurrentCalls:string,enableCallRecording:string,` +
		`recordingCapacity:string,transcription:string,receptionist:string,transcription_pack:string,` +
		`receptionist_pack:string,},sn:string,updateTime:integer,},]`
	if got := shape(t, body); got != want {
		t.Errorf("shape %s, want %s", got, want)
	}
	if none, err := CapacityBody(); err != nil || string(none) != "[]" {
		t.Errorf("no events give %s, %v", none, err)
	}
}

func TestReportBodyWritesTheSamplesOfSeed002(t *testing.T) {
	for _, name := range []string{"did_change", "did_delete", "trunk_delete", "pce_delete"} {
		doc := sample(t, "report_"+name+".json")
		var events []Event
		if err := json.Unmarshal(doc, &events); err != nil {
			t.Fatal(err)
		}
		if got, want := string(ReportBody(events...)), compact(t, doc); got != want {
			t.Errorf("%s\n%s, want\n%s", name, got, want)
		}
	}
	if got := string(ReportBody()); got != "[]" {
		t.Errorf("no events give %s", got)
	}
	r := newReport(time.Time{}, []Event{{Event: EventDIDChange, SN: "A"}, {Event: EventPCEDelete, SN: "B"}})
	if r.String() != "did_change,pce_delete of A,B" {
		t.Errorf("report is %s", r)
	}
}

func TestCloseEndsDeliveriesThatWouldTakeLong(t *testing.T) {
	s := New(Config{Webhooks: WebhookPolicy{ResendDelay: time.Hour, Delay: Wait(time.Hour)}})
	if err := s.AddWebhook("http://127.0.0.1:1/", hookSecret); err != nil {
		t.Fatal(err)
	}
	s.SendBody([]byte(`[]`))
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if d := s.Deliveries()[0]; d.State != DeliveryFailed {
		t.Errorf("delivery is %s after Close", d.State)
	}
}

// bodies are the bodies of posts, in order.
func bodies(posts []post) string {
	var out []string
	for _, p := range posts {
		out = append(out, string(p.body))
	}
	return strings.Join(out, " ")
}
