package web_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// vendor posts to the webhook's door.
type vendor struct {
	t      *testing.T
	h      *webtest.House
	secret string
}

func (v vendor) post(body []byte, headers ...string) webtest.Answer {
	v.t.Helper()
	return v.send("POST", body, append([]string{"X-Signature", yeastartest.SignedBody(v.secret, body)}, headers...)...)
}

func (v vendor) send(method string, body []byte, headers ...string) webtest.Answer {
	v.t.Helper()
	return v.h.Stranger(v.t).Do(method, "/hooks/ycm", string(body), headers...)
}

func (v vendor) wants(status int, what string, a webtest.Answer) {
	v.t.Helper()
	if a.Status != status || a.Header.Get("Set-Cookie") != "" {
		v.t.Errorf("%s: %d, want %d; sets %q", what, a.Status, status, a.Header.Get("Set-Cookie"))
	}
}

func door002(t *testing.T, c webtest.Config) vendor {
	t.Helper()
	return vendor{t, webtest.New(t, c), webtest.WebhookSecret}
}

func (v vendor) stored() int {
	v.t.Helper()
	health, err := v.h.DB.InboxHealth(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	return health.Total
}

// seed002 are the vendor's four reports, byte for byte.
func seed002(t *testing.T) (reports [][]byte) {
	t.Helper()
	for _, event := range []string{"did_change", "did_delete", "trunk_delete", "pce_delete"} {
		body, err := os.ReadFile("testdata/seed002_" + event + ".json")
		if err != nil {
			t.Fatal(err)
		}
		reports = append(reports, body)
	}
	return reports
}

func TestSeed002OverHTTPIsParkedUntilItsPBXIsKnownAndThenHistory(t *testing.T) {
	v := door002(t, webtest.Config{})
	s := newScript(t, v.h, team.Operator)
	for _, body := range seed002(t) {
		v.wants(200, "a report", v.post(body))
		v.wants(200, "the report again", v.post(body))
	}
	v.h.Settled()
	for _, d := range items(s.get("/webhooks")) {
		if d["state"] != "parked" || d["error"] == nil || list(d, "elements")[0]["state"] != "parked" {
			t.Fatalf("of a stranger: %v", d)
		}
	}
	v.h.Sim.AddPBX(yeastartest.PBX{ID: 42100, Serial: "36XXXXXXXXXXXXZK", Name: "Seed"})
	s.ask(200, "POST", "/reconcile", "")
	v.h.Eventually("the parked reports are history", func() bool {
		return len(items(s.get("/webhooks?state=parked"))) == 0
	})
	v.h.Settled()
	type row struct {
		event, at             string
		count, added, removed int
	}
	var got []row
	for _, o := range items(s.get("/pbxs/42100/snapshots")) {
		if o["source"] == "webhook" {
			got = append(got, row{o["event"].(string), o["vendor_at"].(string), int(o["count"].(float64)), len(list(o, "added")), len(list(o, "removed"))})
		}
	}
	want := []row{
		{"did_delete", "2026-03-10T01:34:12.589Z", 4, 0, 2},
		{"did_change", "2026-03-10T01:18:20.177Z", 6, 5, 0},
		{"trunk_delete", "2026-03-09T09:52:21.393Z", 1, 1, 0},
		{"pce_delete", "2026-03-09T09:34:41.029Z", 0, 0, 0},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("history:\n%v\nwant:\n%v", got, want)
	}
	if total := s.get("/webhooks")["total"]; total != 8.0 {
		t.Errorf("%v deliveries", total)
	}
}

func TestOnlyWhatASecretSignedIsStored(t *testing.T) {
	const newer = "fedcba9876543210fedcba9876543210"
	v := door002(t, webtest.Config{WebhookSecrets: []string{webtest.WebhookSecret, newer}})
	body := seed002(t)[0]
	good := yeastartest.SignedBody(v.secret, body)
	for name, signature := range map[string]string{
		"none": "", "another secret": yeastartest.SignedBody("another", body), "another body": yeastartest.SignedBody(v.secret, []byte("[]")), "an empty secret": yeastartest.SignedBody("x", body),
		"cut": good[:43], "longer": good + "=", "with spaces inside": good[:20] + " " + good[20:], "lower case": strings.ToLower(good), "hex": "a3f1" + strings.Repeat("0", 60),
		"a list": good + "," + good, "very long": strings.Repeat("A", 20_000), "with a scheme": "sha256=" + good, "not ASCII": "ü" + good[1:], "its other padding": good[:42] + "B=",
	} {
		v.wants(401, name, v.send("POST", body, "X-Signature", signature))
	}
	v.wants(401, "no signature at all", v.send("POST", body))
	v.wants(401, "a body with a byte more", v.send("POST", append([]byte(" "), body...), "X-Signature", good))
	if n := v.stored(); n != 0 {
		t.Errorf("%d were stored", n)
	}
	v.wants(200, "the older secret", v.post(body))
	v.secret = newer
	v.wants(200, "the newer secret", v.post(body))
	if n := v.stored(); n != 2 {
		t.Errorf("%d were stored", n)
	}
	if n := v.h.Ingester.Refused(); n != 16 {
		t.Errorf("%d refusals were counted", n)
	}
	for _, method := range []string{"GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"} {
		a := v.send(method, nil, "X-Signature", good)
		if a.Status != 405 || a.Header.Get("Allow") != "POST" {
			t.Errorf("%s: %d, Allow %q", method, a.Status, a.Header.Get("Allow"))
		}
	}
}

func TestSignedNonsenseIsKeptAndDead(t *testing.T) {
	v := door002(t, webtest.Config{})
	s := newScript(t, v.h, team.Viewer)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(seed002(t)[0])
	z.Close()
	dead := map[string][]byte{
		"empty": {}, "blank": []byte(" \n"), "no JSON": []byte("hello"), "cut": seed002(t)[0][:200], "an object": []byte(`{"event":"did_change"}`), "a number": []byte("7"), "null": []byte("null"),
		"elements of no kind": []byte(`[1,"x",null,[]]`), "deep": []byte(strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)), "deep within": []byte(`[{"event":"did_change","sn":` + strings.Repeat(`{"a":`, 20_000)),
		"deep and whole": []byte(strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000)), "zero bytes": make([]byte, 1000), "packed": packed.Bytes(),
		"a far future": []byte(`[{"event":"did_change","sn":"36A0B4311196ACME","trunkDidInfoList":[],"updateTime":99999999999999}]`), "fields twice": []byte(`[{"event":"did_change","event":"pce_delete","sn":"36A0B4311196ACME","trunkDidInfoList":[],"updateTime":1773105500177}]`),
		"ids that are none": []byte(`[{"event":"did_change","sn":"36A0B4311196ACME","trunkDidInfoList":[{"did":"1","didId":"x","trunkId":"-1","trunkName":""}],"updateTime":1773105500177}]`),
	}
	for name, body := range dead {
		var headers []string
		if name == "packed" {
			headers = []string{"Content-Encoding", "gzip"}
		}
		v.wants(200, name, v.post(body, headers...))
	}
	v.wants(401, "packed after signing", v.send("POST", packed.Bytes(), "Content-Encoding", "gzip", "X-Signature", yeastartest.SignedBody(v.secret, seed002(t)[0])))
	v.wants(200, "a list of nobody", v.post([]byte("[]")))
	v.wants(200, "a stranger in invalid UTF-8", v.post([]byte("[{\"sn\":\"\xff\xfe\",\"event\":\"did_change\",\"trunkDidInfoList\":[],\"updateTime\":1773105500177}]")))
	v.h.Settled()
	got := items(s.get("/webhooks?page_size=200"))
	states := map[any]int{}
	for _, d := range got {
		states[d["state"]]++
		if d["error"] == nil {
			t.Errorf("no reason: %v", d)
		}
	}
	if states["dead"] != len(dead) || states["digested"] != 1 || states["parked"] != 1 || len(states) != 3 {
		t.Errorf("states: %v, want %d dead", states, len(dead))
	}
	if h := v.h.Bound(webtest.AcmeHQ); h.Len() != 4 {
		t.Errorf("the cloud holds %v", h)
	}
	if n := len(list(s.get("/pbxs/4808/bindings"), "bindings")); n != 4 {
		t.Errorf("%d bindings are known", n)
	}
	for i := range len(dead) + 2 { // and a person can look at each
		if a := s.Get(fmt.Sprintf("/webhooks/%d", i+1)); a.Status != 200 || len(a.Body) > 1<<20 {
			t.Errorf("delivery %d: %d, %d bytes", i+1, a.Status, len(a.Body))
		}
	}
}

func TestABodyOverEightMiBIsRefusedHoweverItIsSent(t *testing.T) {
	v := door002(t, webtest.Config{})
	const most = 8 << 20
	if a := v.raw(fmt.Sprintf("Content-Length: %d\r\n", most+1), nil); a.Status != 413 {
		t.Errorf("announced: %d", a.Status)
	}
	if a := v.raw("Content-Length: 9223372036854775807\r\n", nil); a.Status != 413 {
		t.Errorf("announced beyond all bounds: %d", a.Status)
	}
	chunk := "100000\r\n" + strings.Repeat(" ", 1<<20) + "\r\n"
	if a := v.raw("Transfer-Encoding: chunked\r\n", strings.NewReader(strings.Repeat(chunk, 8)+"1\r\n \r\n0\r\n\r\n")); a.Status != 413 {
		t.Errorf("in chunks: %d", a.Status)
	}
	if n := v.stored(); n != 0 {
		t.Errorf("%d were stored", n)
	}
	largest := []byte("[" + strings.Repeat(" ", most-2) + "]")
	v.wants(200, "exactly eight MiB", v.post(largest))
	signature := "X-Signature: " + yeastartest.SignedBody(v.secret, []byte("[ ]")) + "\r\n"
	if a := v.raw(signature+"Transfer-Encoding: chunked\r\n", strings.NewReader("1\r\n[\r\n1\r\n \r\n1\r\n]\r\n0\r\n\r\n")); a.Status != 200 {
		t.Errorf("three chunks: %d", a.Status)
	}
	if n := v.stored(); n != 2 {
		t.Errorf("%d were stored", n)
	}
}

func TestABodyThatComesInDropsIsTakenWhole(t *testing.T) {
	v := door002(t, webtest.Config{})
	body := seed002(t)[0]
	conn, err := net.Dial("tcp", strings.TrimPrefix(v.h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /hooks/ycm HTTP/1.1\r\nHost: x\r\nX-Signature: %s\r\nContent-Length: %d\r\n\r\n", yeastartest.SignedBody(v.secret, body), len(body))
	for len(body) > 0 {
		n := min(len(body), 40)
		if _, err := conn.Write(body[:n]); err != nil {
			t.Fatal(err)
		}
		body = body[n:]
		time.Sleep(time.Millisecond)
	}
	v.wants(200, "drops", readRaw(t, conn))
	if n := v.stored(); n != 1 {
		t.Errorf("%d were stored", n)
	}
}

func TestABodyThatStopsHalfwayIsNotStored(t *testing.T) {
	v := door002(t, webtest.Config{})
	signature := "X-Signature: " + yeastartest.SignedBody(v.secret, []byte("[]")) + "\r\n"
	for name, a := range map[string]webtest.Answer{
		"fewer bytes than announced": v.raw(signature+"Content-Length: 100\r\n", strings.NewReader("[]")),
		"a cut chunk":                v.raw(signature+"Transfer-Encoding: chunked\r\n", strings.NewReader("2\r\n[]\r\n5\r\n")),
		"a broken chunk":             v.raw(signature+"Transfer-Encoding: chunked\r\n", strings.NewReader("2\r\n[]\r\nzz\r\n")),
	} {
		if a.Status < 400 || a.Status >= 500 {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	if n := v.stored(); n != 0 {
		t.Errorf("%d were stored", n)
	}
}

// raw writes a request by hand, ends its own side, and reads the answer.
func (v vendor) raw(headers string, body io.Reader) webtest.Answer {
	v.t.Helper()
	address := strings.TrimPrefix(v.h.URL, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		v.t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprintf(conn, "POST /hooks/ycm HTTP/1.1\r\nHost: %s\r\n%s\r\n", address, headers)
	if body != nil {
		io.Copy(conn, body) // the server may have had enough before the end
		conn.(*net.TCPConn).CloseWrite()
	}
	return readRaw(v.t, conn)
}

func TestOneReportSentManyTimesAtOnceIsOneSnapshot(t *testing.T) {
	v := door002(t, webtest.Config{})
	s := newScript(t, v.h, team.Viewer)
	e := v.h.Sim.EventFor(4808, yeastartest.EventDIDChange)
	e.TrunkDIDInfoList = e.TrunkDIDInfoList[:2]
	body := yeastartest.ReportBody(e)
	var wg sync.WaitGroup
	for range 48 {
		wg.Go(func() { v.wants(200, "a copy", v.post(body)) })
	}
	wg.Wait()
	v.h.Settled()
	if n := len(items(s.get("/webhooks?state=duplicate&page_size=200"))); n != 47 || v.stored() != 48 {
		t.Errorf("%d of %d are duplicates", n, v.stored())
	}
	told := 0
	for _, o := range items(s.get("/pbxs/4808/snapshots")) {
		if o["source"] == "webhook" {
			told++
		}
	}
	if told != 1 {
		t.Errorf("%d snapshots", told)
	}
}

func TestADatabaseThatTakesNothingIs503AndNothingIsClaimed(t *testing.T) {
	v := door002(t, webtest.Config{})
	s := newScript(t, v.h, team.Operator)
	if err := v.h.DB.Close(); err != nil {
		t.Fatal(err)
	}
	a := v.post(seed002(t)[0])
	if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || a.Body != "" {
		t.Errorf("%d, Retry-After %q, %q", a.Status, a.Header.Get("Retry-After"), a.Body)
	}
	for _, path := range []string{"/readyz", "/", "/pbx", "/login", "/api/v1/pbxs", "/setup"} {
		if a := s.Get(path); a.Status != http.StatusServiceUnavailable || !strings.Contains(a.Header.Get("X-Content-Type-Options"), "nosniff") {
			t.Errorf("GET %s: %d", path, a.Status)
		}
	}
	if a := s.Get("/healthz"); a.Status != 200 {
		t.Errorf("/healthz: %d", a.Status)
	}
	if fleet.KindOf(v.h.DB.Ready(t.Context())) == "" {
		t.Error("ready")
	}
}

// readRaw reads the answer to a request that was written by hand.
func readRaw(t *testing.T, conn net.Conn) webtest.Answer {
	t.Helper()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return webtest.Answer{Status: res.StatusCode, Header: res.Header, Body: string(text)}
}

func TestLargeDeliveriesOfStrangersTakeTurnsAndKeepNoSmallOneOut(t *testing.T) {
	v := door002(t, webtest.Config{})
	large := []byte("[" + strings.Repeat(" ", 100<<10) + "]")
	v.wants(200, "a large one alone", v.post(large))
	var held []net.Conn
	for range 20 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(v.h.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST /hooks/ycm HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", 8<<20, large)
		held = append(held, conn)
	}
	v.h.Eventually("the places are taken", func() bool {
		a := v.post(large)
		return a.Status == 503 && a.Header.Get("Retry-After") != ""
	})
	v.wants(200, "a small one meanwhile", v.post([]byte("[]")))
	for _, conn := range held {
		conn.Close()
	}
	v.h.Eventually("there is a place again", func() bool { return v.post(large).Status == 200 })
}
