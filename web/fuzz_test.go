package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// target is a house that a fuzz test shoots at, signed in as an operator.
type target struct {
	h      *webtest.House
	cookie string
}

func aim(f *testing.F) target {
	f.Helper()
	h := webtest.New(f, webtest.Config{HomeRegion: "GB"})
	return target{h, "cordboard=" + h.As(f, team.Operator).Cookie("cordboard")}
}

// shoot sends a request to the whole handler. Whatever it is, the answer is no failure of ours.
func (g target) shoot(t *testing.T, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	w := g.send(t, method, path, body, headers...)
	if w.Code >= 500 {
		t.Fatalf("%s %q with %q: %d %s", method, path, body, w.Code, w.Body)
	}
	return w
}

func (g target) send(t *testing.T, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
	r.RequestURI, r.RemoteAddr = path, "127.0.0.1:4711"
	r.Header.Set("Cookie", g.cookie)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	g.h.Handler.ServeHTTP(w, r)
	return w
}

// intact checks that the cloud still holds what nobody asked to change.
func (g target) intact(t *testing.T) {
	t.Helper()
	if got := g.h.Bound(webtest.AcmeHQ); got.Len() != 4 || g.h.Sim.CountPUTs(int64(webtest.AcmeHQ)) != 0 {
		t.Fatalf("the cloud holds %v", got.Pairs())
	}
}

func FuzzWebhook(f *testing.F) {
	g := aim(f)
	for _, body := range []string{"", "[]", "{}", "null", `[{"event":"did_change","sn":"36A0B4311196ACME","trunkDidInfoList":[],"updateTime":1773105500177}]`,
		`[{"event":"did_delete","sn":"36A0B4311196ACME","trunkDidInfoList":[{"did":"1","didId":"50030","trunkId":"6681","trunkName":"x"}],"updateTime":1773105500178}]`,
		`[{"event":"pce_delete","sn":"x","trunkDidInfoList":null,"updateTime":"1773105500177"},7]`, `[{"modifier":"a","repository":{},"sn":"36A0B4311196ACME","updateTime":1773105500}]`, "\xff[", "[[[[[[[["} {
		f.Add([]byte(body), "", "")
		f.Add([]byte(body), yeastartest.SignedBody("other", []byte(body)), "gzip")
	}
	f.Fuzz(func(t *testing.T, body []byte, signature, encoding string) {
		g.shootAt401(t, body, signature, encoding)
		w := g.shoot(t, "POST", "/hooks/ycm", string(body), "X-Signature", yeastartest.SignedBody(webtest.WebhookSecret, body), "Content-Encoding", encoding)
		if w.Code != 200 {
			t.Fatalf("a signed body: %d", w.Code)
		}
	})
}

// shootAt401 sends a body with a signature that nobody made.
func (g target) shootAt401(t *testing.T, body []byte, signature, encoding string) {
	t.Helper()
	if signature == yeastartest.SignedBody(webtest.WebhookSecret, body) {
		return
	}
	if w := g.shoot(t, "POST", "/hooks/ycm", string(body), "X-Signature", signature, "Content-Encoding", encoding); w.Code != 401 {
		t.Fatalf("signature %q: %d", signature, w.Code)
	}
}

func FuzzPlanJSON(f *testing.F) {
	g := aim(f)
	for _, body := range []string{seed000, oneMore, "", "{}", "[]", "null", `{"clear":true}`, `{"unbind":[{"trunk_id":6681,"did_id":50030}]}`, `{"undo_to":"1"}`, `{"headers":[]}`,
		`{"bind":[{"trunk_id":6683,"did_id":50061}],"headers":[{"trunk_id":6683,"header_id":7,"value":"x"}]}`, `{"bind":[{"trunk_id":6681,"did_id":50070},{"trunk_id":6682,"did_id":50070}]}`,
		`{"bind":[{"trunk_id":9223372036854775807,"did_id":9223372036854775807}]}`, `{"undo_to":null,"bind":null}`, `{"bind":[{}]}`, `{"a":{"a":{"a":[`} {
		f.Add(body, "application/json")
	}
	f.Fuzz(func(t *testing.T, body, kind string) {
		for _, pbx := range []string{"4808", "4809", "4811"} {
			if w := g.shoot(t, "POST", "/api/v1/pbxs/"+pbx+"/plans", body, "Content-Type", kind); w.Code != 201 && w.Code != 422 && w.Code != 404 {
				t.Fatalf("%q: %d %s", body, w.Code, w.Body)
			}
		}
		g.intact(t)
	})
}

func FuzzForm(f *testing.F) {
	g := aim(f)
	made := g.h.As(f, team.Operator).Post("/pbx/4808/plans", map[string][]string{"clear": {"all"}})
	if made.Status != http.StatusSeeOther {
		f.Fatal(made.Status)
	}
	for _, body := range []string{"", "bind=6681:50036", "unbind=6681:50030&bind=6681:50030", "clear=all", "clear=yes", "undo_to=1", "numbers=50036%0A50037", "numbers=%2B442079450036;0044", "header.6683.7=x", "header_none=6683:7",
		"header.6683.0=x", "header.=", "header.6683.7=a&header.6683.7=b", "name=Somebody+else", "reason=x", "name=&reason=", "bind=%zz", "bind=:::&trunk=6681&find=%00", "a;b=c", "bind=99999999999999999999:1", "trunk=6681&find=*"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		const kind = "application/x-www-form-urlencoded"
		for _, pbx := range []string{"4808", "4809"} {
			if w := g.shoot(t, "POST", "/pbx/"+pbx+"/plans", body, "Content-Type", kind); w.Code != 303 && w.Code != 422 && w.Code != 404 {
				t.Fatalf("%q: %d", body, w.Code)
			}
		}
		if w := g.shoot(t, "POST", made.Location()+"/confirm", body, "Content-Type", kind); w.Code != 422 && !strings.Contains(body, "name=") {
			t.Fatalf("confirming with %q: %d", body, w.Code)
		}
		g.intact(t)
	})
}

// listed are the addresses that read their query.
var listed = []string{"/pbx", "/pbx.csv", "/pbx/4808/dids", "/pbx/4808/history", "/plans", "/numbers", "/webhooks", "/audit", "/audit.csv", "/palette", "/login",
	"/api/v1/pbxs", "/api/v1/pbxs/4808/snapshots", "/api/v1/plans", "/api/v1/numbers", "/api/v1/webhooks", "/api/v1/audit", "/trunks", "/trunks/6681", "/trunks/6681/pbxs", "/trunks/6681/numbers.csv", "/api/v1/trunks/6681/numbers"}

func FuzzQuery(f *testing.F) {
	g := aim(f)
	for _, query := range []string{"", "q=acme&sort=-numbers&page_size=1", "number=%2B44&at=2026-01-01T00:00:00Z", "after=WzEsMV0", "q=%00&number=%00", "q=%22&number=%22&find=%22", "state=in_sync&status=draft", "from=2026-01-01&to=x&actor=a&action=b&pbx_id=1",
		"sort=%27&region=%27", "page_size=0", "page_size=200&page_size=1", "from=1&to=2", "trunk=6681&find=5", "%zz", "q=AND&number=NEAR(1", "bind=6681:50036&clear=all", "next=//evil", "at=9999-12-31T23:59:59Z&number=5", "at=-1&number=1"} {
		for i := range listed {
			f.Add(uint8(i), query)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, query string) {
		path := listed[int(which)%len(listed)]
		w := g.shoot(t, "GET", path+"?"+query, "")
		if w.Code != 200 && w.Code != 422 && w.Code != 303 && w.Code != 400 && w.Code != 404 {
			t.Fatalf("%s?%s: %d", path, query, w.Code)
		}
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && strings.Contains(w.Body.String(), "<script>alert") {
			t.Fatalf("%s?%s is not escaped", path, query)
		}
	})
}
