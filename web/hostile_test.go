package web_test

import (
	"encoding/csv"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// impossible are ids that nothing has.
var impossible = []string{"0", "-1", "+1", "1e30", "1.5", "abc", "0x10", "..", "%2e%2e", "%00", "%ff", "99999999999999999999", "9223372036854775807", "4808%20", "%E2%80%AE4808", "4808;", "٤٨٠٨", strings.Repeat("9", 3000), "'%20OR%201=1"}

func TestImpossibleIdsAreNotFoundAnywhere(t *testing.T) {
	h, _ := used(t)
	c := h.As(t, team.Admin)
	before := footprint(t, h)
	for _, id := range impossible {
		for _, r := range []struct{ method, path string }{
			{"GET", "/pbx/" + id}, {"GET", "/pbx/" + id + "/dids"}, {"GET", "/pbx/" + id + "/history"}, {"GET", "/pbx/4808/history/" + id}, {"POST", "/pbx/" + id + "/plans"},
			{"GET", "/plans/" + id}, {"POST", "/plans/" + id + "/confirm"}, {"POST", "/plans/" + id + "/discard"}, {"POST", "/numbers/" + id + "/protection"},
			{"GET", "/webhooks/" + id}, {"POST", "/webhooks/" + id + "/replay"},
			{"GET", "/api/v1/pbxs/" + id}, {"GET", "/api/v1/pbxs/" + id + "/bindings"}, {"GET", "/api/v1/pbxs/" + id + "/snapshots"}, {"GET", "/api/v1/pbxs/4808/snapshots/" + id},
			{"POST", "/api/v1/pbxs/" + id + "/plans"}, {"GET", "/api/v1/plans/" + id}, {"POST", "/api/v1/plans/" + id + "/confirm"}, {"PUT", "/api/v1/numbers/" + id + "/protection"},
			{"POST", "/api/v1/webhooks/" + id + "/replay"},
		} {
			body, kind := "protected=true&bind=6681:50036", "application/x-www-form-urlencoded"
			switch {
			case r.method == "PUT":
				body, kind = `{"protected":true}`, "application/json"
			case strings.HasSuffix(r.path, "/plans") && strings.HasPrefix(r.path, "/api/"):
				body, kind = oneMore, "application/json"
			case strings.HasPrefix(r.path, "/api/"):
				body, kind = "", "application/json"
			}
			if a := c.Do(r.method, r.path, body, "Content-Type", kind); a.Status != 404 {
				t.Errorf("%s %.80s: %d %.200s", r.method, r.path, a.Status, a.Body)
			}
		}
	}
	if after := footprint(t, h); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
}

func TestBadJSONIsToldWordForWordAndPlansNothing(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	const path = "/pbxs/4808/plans"
	before := footprint(t, h)
	for body, field := range map[string]string{
		`{`: "body", `[]`: "body", `null x`: "body", `"text"`: "body", `7`: "body", `{} {}`: "body", `{} ]`: "body", `{}x`: "body", "{\"bind\":[]}\x00": "body", "\xff": "body", "{\"undo_to\":\"\xff\"}": "body",
		strings.Repeat("[", 10_000): "body", strings.Repeat(`{"bind":`, 10_000): "body", strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000): "body",
		`{"bind":"6681:50036"}`: "bind", `{"bind":{}}`: "bind", `{"bind":[1]}`: "bind", `{"bind":[[]]}`: "bind", `{"clear":"all"}`: "clear", `{"clear":1}`: "clear", `{"undo_to":5}`: "undo_to",
		`{"undo_to":"x"}`: "undo_to", `{"undo_to":"-1"}`: "undo_to", `{"undo_to":""}`: "undo_to", `{"headers":{}}`: "headers", `{"headers":[{"trunk_id":6683,"header_id":7,"value":5}]}`: "headers.value",
		`{"bind":[{"trunk_id":"6681","did_id":50036}]}`: "bind.trunk_id", `{"bind":[{"trunk_id":6681,"did_id":1e30}]}`: "bind.did_id", `{"bind":[{"trunk_id":6681.5,"did_id":50036}]}`: "bind.trunk_id",
		`{"bind":[{"trunk_id":6681,"did_id":99999999999999999999}]}`: "bind.did_id", `{"bind":[{"trunk_id":6681}]}`: "bind.0", `{"bind":[{"trunk_id":-1,"did_id":50036}]}`: "bind.0", `{"bind":[null]}`: "bind.0",
		`{"unbind":[{"trunk_id":6681,"did_id":0}]}`: "unbind.0", `{"headers":[{"trunk_id":0,"header_id":7,"value":""}]}`: "headers.0",
		`{"binds":[]}`: "binds", `{"bind":[{"trunk_id":6681,"did_id":50036,"number":"x"}]}`: "number", `{"Clear ":true}`: "Clear ", `{"<script>":1}`: "<script>",
		`{"clear":false,"clear":true}`: "clear", `{"bind":[],"Bind":[{"trunk_id":6681,"did_id":50036}]}`: "Bind", `{"bind":[{"trunk_id":6681,"did_id":50036,"did_id":50037}]}`: "did_id",
		`{"bind":null,"unbind":null,"headers":null,"undo_to":null,"clear":null}`: "bind", ` `: "bind", `{}`: "bind", `{"bind":[]}`: "bind",
		`{"bind":[{"trunk_id":6681,"did_id":50036}],"unbind":[{"trunk_id":6681,"did_id":50036}]}`: "unbind", `{"unbind":[{"trunk_id":6682,"did_id":50030}]}`: "unbind", `{"bind":[{"trunk_id":9,"did_id":50036}]}`: "bind",
		`{"bind":[{"trunk_id":6681,"did_id":1}]}`: "bind", `{"bind":[{"trunk_id":6682,"did_id":50036}]}`: "bind", `{"bind":[{"trunk_id":6681,"did_id":50030}]}`: "bind",
		`{"bind":[` + strings.TrimSuffix(manyPairs(5001), ",") + `]}`: "bind",
	} {
		o := s.refused(422, "invalid", "POST", path, body, field)
		for _, leak := range []string{"struct", "web.", "fleet.", "json:", "Go "} {
			if text := fmt.Sprint(o["detail"], o["fields"]); strings.Contains(text, leak) {
				t.Errorf("%.100s: speaks of %q: %s", body, leak, text)
			}
		}
	}
	s.refused(404, "not_found", "POST", path, `{"undo_to":"999999"}`)
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json-seq", "x", ";", "application/json; charset"} {
		if a := s.Do("POST", "/api/v1"+path, seed000, "Content-Type", kind); a.Status != 422 {
			t.Errorf("%s: %d", kind, a.Status)
		}
	}
	if after := footprint(t, h); strings.Fields(after)[1:][0] != strings.Fields(before)[1:][0] || h.Sim.CountPUTs(4808) != 0 {
		t.Errorf("before %s, after %s", before, after)
	}
	confirm, _ := s.draft(path, `{"clear":true}`)
	s.refused(422, "guard", "POST", confirm, `{"name":"Acme HQ","reason":"`+strings.Repeat("ä", 1001)+`"}`, "reason")
	s.refused(422, "invalid", "POST", confirm, `{"name":["Acme HQ"],"reason":"x"}`, "name")
	s.refused(422, "invalid", "POST", confirm, `{"name":"Acme HQ","name":"Acme HQ","reason":"x"}`, "name")
	if h.Bound(webtest.AcmeHQ).Len() != 4 {
		t.Error("numbers are gone")
	}
}

func manyPairs(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"trunk_id":6681,"did_id":%d},`, 60_000+i)
	}
	return b.String()
}

func TestBodiesOfTenMegabytesAreTooLargeEverywhere(t *testing.T) {
	h, all := rooms(t)
	c := h.As(t, team.Admin)
	huge := strings.Repeat("a", 10<<20)
	for _, d := range all {
		if d.method == http.MethodGet || d.pattern == "/hooks/ycm" || d.pattern == "/logout" {
			continue
		}
		d.body = "x=" + huge
		if d.api() {
			d.body = `{"reason":"` + huge + `"}`
		}
		want := 413
		switch {
		case d.pattern == "/setup": // is not there any more
			want = 404
		case strings.HasSuffix(d.pattern, ":delivery/replay"),
			strings.HasSuffix(d.pattern, ":channel/test"),
			d.pattern == "/pbx/:id/api-access/test",
			d.pattern == "/plans/:plan/undo",
			strings.HasSuffix(d.pattern, "/:job/undo"),
			strings.HasSuffix(d.pattern, "/trunks/pbx/edit/:job/again"),
			strings.HasSuffix(d.pattern, "/trunk-edits/:job/again"),
			strings.HasSuffix(d.pattern, "/discard"),
			strings.HasSuffix(d.pattern, "/resume"),
			strings.HasSuffix(d.pattern, "/:job/give-up"),
			d.pattern == "/api/v1/bulk", // JSON is no file
			d.pattern == "/api/v1/pbxs/csv",
			strings.HasSuffix(d.pattern, "/:drift/revert"),
			d.pattern == "/api/v1/drift/:drift/adopt",
			d.pattern == "/passes", d.pattern == "/api/v1/reconcile", d.pattern == "/settings/backup":
			want = d.ok // takes no body and reads none
		}
		if a := d.try(t, h, c); a.Status != want {
			t.Errorf("%s %s: %d, want %d", d.method, d.path, a.Status, want)
		}
	}
}

func TestHostileSearchesFindNothingAndBreakNothing(t *testing.T) {
	h := webtest.New(t, webtest.Config{HomeRegion: "GB"})
	s := newScript(t, h, team.Viewer)
	for _, q := range []string{"' OR 1=1 --", `" OR "1"="1`, "'; DROP TABLE pbx; --", "AND", "OR", "NOT", "NEAR(a b)", "a AND b", "*", "a*", "%", "_", "%%%", "___", `"`, `""`, `"""`, "(", ")", "^a", "name:acme", "-acme", "+", "++++",
		"{", "\\", "\x00", "a\x00b", "\xff\xfe\xfd", "🙂🙂🙂", "\u202e\u202e\u202e", "ﷺﷺﷺ", strings.Repeat("a", 20_000), strings.Repeat("9", 20_000), strings.Repeat("0", 300), strings.Repeat("\"", 300), "${7*7}", "{{7*7}}", "\r\nX: y", "//", "?", "#"} {
		v := url.QueryEscape(q)
		for _, path := range []string{"/pbxs?q=", "/numbers?number=", "/audit?actor=", "/audit?action=", "/pbxs?region=", "/pbxs?status="} {
			if o := s.get(path + v); len(items(o)) != 0 {
				t.Errorf("%s%.40q finds %d", path, q, len(items(o)))
			}
		}
	}
	if n := len(items(s.get("/pbxs"))); n != 4 {
		t.Errorf("%d PBXs are left", n)
	}
	for _, query := range []string{"q=a;b", "q=%zz", "q=a&q=b", "%", "=", "&&&", "q[]=a", strings.Repeat("a=b&", 5000)} {
		if a := s.Get("/api/v1/pbxs?" + query); a.Status != 200 && a.Status != 422 && a.Status != 400 {
			t.Errorf("%.40s: %d", query, a.Status)
		}
	}
}

// wicked are names that a vendor's customer may give.
var wicked = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</title></textarea></script><svg onload=alert(1)>`, `javascript:alert(1)`, `{{.}}${x}<%= x %>`,
	"=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "\u202eevil\u2066", "\x00\x01\x1b[31m", "a\r\nb", strings.Repeat("W", 5000), "🙂" + strings.Repeat("\u0301", 300), "\u00a0", "../../etc/passwd", `\`, "%s%n%d",
}

func wickedFleet(sim *yeastartest.Server) {
	for i, name := range wicked {
		id := int64(i)
		sim.AddTrunk(yeastartest.Trunk{ID: 7000 + id, Name: name, Region: name, Headers: []yeastartest.HeaderDef{{ID: 1 + id, Name: name}}})
		sim.AddDID(yeastartest.DID{ID: 90000 + id, Number: name, Name: name, Trunks: []int64{7000 + id}})
		sim.AddDID(yeastartest.DID{ID: 91000 + id, Number: fmt.Sprint(1000 + id), Name: name, Trunks: []int64{7000 + id}})
		sim.AddPBX(yeastartest.PBX{ID: 5000 + id, Name: name, Region: name, URL: name, Firmware: "84.20.0.5", Status: yeastartest.StatusRunning})
		sim.Bind(5000+id, yeastartest.Binding{Trunk: 7000 + id, DID: 90000 + id})
	}
}

func TestWickedNamesFromTheVendorAreTextEverywhere(t *testing.T) {
	h := webtest.New(t, webtest.Config{Fleet: wickedFleet})
	s := newScript(t, h, team.Operator)
	paths := []string{"/", "/pbx", "/pbx?page_size=200", "/plans", "/webhooks", "/audit", "/numbers?number=1", "/drift"}
	for i, name := range wicked {
		pbx := fmt.Sprintf("/pbx/%d", 5000+i)
		paths = append(paths, pbx, pbx+"/dids", pbx+"/dids?trunk="+fmt.Sprint(7000+i), pbx+"/history", "/pbx?q="+url.QueryEscape(name), "/pbx?region="+url.QueryEscape(name),
			"/palette?q="+url.QueryEscape(name), "/numbers?number="+url.QueryEscape(name), "/audit?actor="+url.QueryEscape(name), "/login?next="+url.QueryEscape("/"+name))
		a := s.Post(pbx+"/plans", url.Values{"bind": {fmt.Sprintf("%d:%d", 7000+i, 91000+i)}})
		if a.Status != http.StatusSeeOther {
			t.Errorf("planning for %.30q: %d %.900s", name, a.Status, a.Parse(t).Text())
			continue
		}
		paths = append(paths, a.Location())
		shown := s.Get(a.Location()).Parse(t)
		if a := s.Post(a.Location()+"/confirm", shown.Form(t, a.Location()+"/confirm").Values); a.Status != http.StatusSeeOther {
			t.Errorf("confirming for %.30q: %d %.900s", name, a.Status, a.Parse(t).Text())
		}
		if h.Bound(fleet.PBXID(5000+i)).Len() != 2 {
			t.Errorf("%.30q: bound are %v", name, h.Bound(fleet.PBXID(5000+i)).Pairs())
		}
		s.get(fmt.Sprintf("/pbxs/%d", 5000+i))
		s.get(fmt.Sprintf("/pbxs/%d/bindings", 5000+i))
		s.get(fmt.Sprintf("/pbxs/%d/snapshots", 5000+i))
		s.get("/pbxs?q=" + url.QueryEscape(name))
		if strings.TrimSpace(name) != "" {
			s.get("/numbers?number=" + url.QueryEscape(name))
		}
	}
	h.Settled()
	for _, path := range paths {
		a := s.Get(path)
		if a.Status >= 500 {
			t.Errorf("%.80s: %d", path, a.Status)
		}
		a.Parse(t).Each(func(tag string, at map[string]string) {
			for name, value := range at {
				address := name == "href" || name == "src" || name == "action" || name == "formaction" || strings.HasPrefix(name, "hx-")
				if strings.HasPrefix(name, "on") || name == "style" || address && (strings.Contains(value, "javascript:") || strings.HasPrefix(value, "x")) {
					t.Errorf("%.80s: <%s %.60s=%.60q>", path, tag, name, value)
				}
			}
			if tag == "img" || tag == "style" || tag == "script" && at["src"] == "" {
				t.Errorf("%.80s: <%s %.100s>", path, tag, fmt.Sprint(at))
			}
		})
	}
	for _, path := range []string{"/pbx.csv", "/audit.csv"} {
		a := s.Get(path)
		rows, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
		if err != nil || len(rows) < len(wicked) {
			t.Fatalf("%s: %d rows, %v", path, len(rows), err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if begins := strings.TrimLeft(cell, " \u00a0"); begins != "" && strings.ContainsRune("=@-\t\r\n＝＋－＠", []rune(begins)[0]) {
					t.Errorf("%s: %.40q is a formula", path, cell)
				}
			}
		}
	}
}

func TestNothingOutsideOfTheStaticFilesIsServed(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	for _, target := range []string{"/static/../go.mod", "/static/..%2f..%2fgo.mod", "/static/%2e%2e/%2e%2e/go.mod", "/static/....//go.mod", "/static//etc/passwd", "/static/", "/static", "/static/%00", "/static/app.css%00", "/static/..\\..\\go.mod",
		"/static/x/../../../../../../etc/passwd", "/static/%252e%252e/go.mod", "/static/." + "/static.go", "//etc/passwd", "/..", "/%2e%2e/%2e%2e/etc/passwd", "/static/" + strings.Repeat("a/", 5000)} {
		if a := raw(t, h, "GET", target); a.Status != 404 && a.Status != 303 && a.Status != 400 {
			t.Errorf("%.60s: %d %.100s", target, a.Status, a.Body)
		} else if strings.Contains(a.Body, "root:") || strings.Contains(a.Body, "module cordboard") {
			t.Errorf("%.60s: %.100s", target, a.Body)
		}
	}
	for _, line := range [][2]string{{"OPTIONS", "*"}, {"GET", "*"}, {"CONNECT", "example.com:443"}, {"GET", "http://evil.example/pbx"}, {"POST", "http://evil.example/login"}, {"TRACE", "/"}, {"GET", "pbx"}, {"G\x01T", "/"}, {"GET", "/%"}, {"GET", "/\xff"}, {"get", "/"}} {
		if a := raw(t, h, line[0], line[1]); a.Status >= 500 || a.Header.Get("Location") != "" && !strings.HasPrefix(a.Header.Get("Location"), "/") {
			t.Errorf("%q: %d to %q", line, a.Status, a.Header.Get("Location"))
		}
	}
}

// raw sends a request line that a client would mend.
func raw(t *testing.T, h *webtest.House, method, target string) webtest.Answer {
	t.Helper()
	address := strings.TrimPrefix(h.URL, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", method, target, address)
	return readRaw(t, conn)
}
