package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web"
	"cordboard/web/webtest"
)

func isRole(who string) bool { return slices.Contains(team.Roles(), team.Role(who)) }

func rooms(t *testing.T) (*webtest.House, []door) {
	t.Helper()
	h, planPath := used(t)
	page, err := h.DB.Snapshots(t.Context(), webtest.AcmeHQ, fleet.PageRequest{Limit: 1})
	if err != nil || len(page.Items) == 0 {
		t.Fatalf("snapshots: %v %v", page, err)
	}
	return h, doors(strings.TrimPrefix(planPath, "/plans/"), page.Items[0].ID.String())
}

func TestTheRouteTableIsTheOneThatIsTested(t *testing.T) {
	var want, got []string
	for _, d := range doors("p", "1") {
		access := string(d.role)
		if d.open {
			access = "anybody"
		}
		if d.pattern == "/metrics" {
			access = "local"
		}
		want = append(want, d.method+" "+d.pattern+" "+access)
	}
	for _, r := range web.RouteTable() {
		got = append(got, r.Method+" "+r.Path+" "+r.Access)
		if r.Method != http.MethodGet && r.Method != http.MethodPost && r.Method != http.MethodPut && r.Method != http.MethodDelete {
			t.Errorf("%s %s: nothing in interfaces.md takes that method", r.Method, r.Path)
		}
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("missing or other: %s", w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("not in the role table: %s", g)
		}
	}
}

func TestEveryRouteForEveryRole(t *testing.T) {
	h, all := rooms(t)
	clients := map[string]*webtest.Client{"signed out": h.Stranger(t)}
	for _, role := range team.Roles() {
		clients[string(role)] = h.As(t, role)
	}
	forged := h.Stranger(t)
	forged.SetCookie("cordboard", "MTc2Mzc5NjAwMHxGT1JHRUR8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	clients["forged cookie"] = forged
	left := h.As(t, team.Admin)
	kept := left.Cookie("cordboard")
	if a := left.Post("/logout", nil); a.Status != 303 || left.Cookie("cordboard") != "" {
		t.Fatalf("logout: %d, cookie %q", a.Status, left.Cookie("cordboard"))
	}
	left.SetCookie("cordboard", kept)
	clients["cookie of a sign-out"] = left
	other := h.Stranger(t)
	other.SetCookie("theme", clients["admin"].Cookie("cordboard"))
	clients["cookie under another name"] = other
	tokens := someTokens(t, h)
	for name := range tokens {
		clients[name] = h.Stranger(t)
	}

	for _, d := range all {
		for who, c := range clients {
			if d.pattern == "/logout" || d.pattern == "/login" {
				if isRole(who) || tokens[who] != nil {
					continue // told apart in the tests of the sign-in
				}
			}
			if tokens[who] != nil && strings.HasSuffix(d.pattern, "/approve") {
				continue // for people alone, which a test of its own holds
			}
			a := d.try(t, h, c, tokens[who]...)
			if a.Header.Get("X-Request-Id") == "" || !strings.Contains(a.Header.Get("Content-Security-Policy"), "default-src 'none'") || a.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %s %s: headers are missing: %v", who, d.method, d.path, a.Header)
			}
			if kept := !strings.Contains(a.Header.Get("Cache-Control"), "no-store"); kept != (d.pattern == "/static/*") {
				t.Errorf("%s: %s %s: Cache-Control %q", who, d.method, d.path, a.Header.Get("Cache-Control"))
			}
			role := team.Role(who)
			if name, ok := strings.CutPrefix(who, "token of "); ok && d.api() {
				role = team.Role(name)
			}
			switch {
			case !isRole(string(role)):
				d.signedOut(t, who, a)
			case d.open || (team.User{ID: 1, Role: role}).Can(d.role):
				if a.Status != d.ok {
					t.Errorf("%s: %s %s: %d %s, want %d", who, d.method, d.path, a.Status, a.Body, d.ok)
				}
			case a.Status != 403 || d.api() && !strings.Contains(a.Body, `"kind":"denied"`):
				t.Errorf("%s: %s %s: %d %s, want 403", who, d.method, d.path, a.Status, a.Body)
			}
		}
	}
}

// someTokens are headers by who sends them: "token of" a role may what the role may, below /api/ alone.
func someTokens(t *testing.T, h *webtest.House) map[string][]string {
	t.Helper()
	headers := map[string][]string{"made-up token": {"Authorization", "Bearer cordboard_AAAAAAAAAAAAAAAAAAAAAAAAAA"}}
	add := func(name string, role team.Role, at time.Time) {
		tok, key := team.NewToken(strings.ReplaceAll(name, " ", "-"), role, team.User{}, at, time.Hour)
		if err := h.DB.SaveToken(t.Context(), tok, key.Hash(), sampleAct("tokens", "")); err != nil {
			t.Fatal(err)
		}
		headers[name] = []string{"Authorization", "Bearer " + key.Reveal()}
	}
	for _, role := range team.Roles() {
		add("token of "+string(role), role, now())
	}
	add("expired token", team.Admin, now().Add(-2*time.Hour))
	add("revoked token", team.Admin, now())
	all, err := h.DB.Tokens(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if one.Name == "revoked-token" {
			if err := h.DB.RevokeToken(t.Context(), one.ID, sampleAct("tokens", "")); err != nil {
				t.Fatal(err)
			}
		}
	}
	return headers
}

func TestARequestThatAnotherSiteMadeChangesNothing(t *testing.T) {
	h, all := rooms(t)
	admin, stranger := h.As(t, team.Admin), h.Stranger(t)
	before := footprint(t, h)
	for _, d := range all {
		if d.method == http.MethodGet {
			continue
		}
		for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
			{"Origin", strings.Replace(h.URL, "http://", "https://evil.", 1)}, {"Sec-Fetch-Site", "cross-site", "Origin", h.URL}} {
			for _, c := range []*webtest.Client{admin, stranger} {
				if a := d.try(t, h, c, headers...); a.Status != 403 {
					t.Errorf("%v: %s %s: %d", headers, d.method, d.path, a.Status)
				}
			}
		}
		if d.pattern == "/logout" || d.open {
			continue
		}
		if a := d.try(t, h, stranger, "Origin", h.URL, "Sec-Fetch-Site", "same-origin"); a.Status == 403 {
			t.Errorf("%s %s from our own page is refused", d.method, d.path)
		}
	}
	if after := footprint(t, h); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
}

// footprint is what an act leaves: rows of the record, plans, protection, calls that write. That somebody
// took a file along, or was refused, is on record and changes nothing.
func footprint(t *testing.T, h *webtest.House) string {
	t.Helper()
	acts, err := h.DB.Audit(t.Context(), audit.Filter{Page: fleet.PageRequest{Limit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, export := range []audit.Action{audit.RecordExport, audit.ListExport, audit.AccessRefuse} {
		took, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(export), Page: fleet.PageRequest{Limit: 1}})
		if err != nil {
			t.Fatal(err)
		}
		acts.Total -= took.Total
	}
	plans, err := h.DB.PlanCounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	numbers, err := h.DB.Numbers(t.Context(), []fleet.DIDID{50030})
	if err != nil {
		t.Fatal(err)
	}
	inbox, err := h.DB.InboxHealth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(acts.Total, plans, numbers[50030].Protected, inbox.Total, h.Sim.CountRequests(http.MethodPut, ""))
}

func TestGETChangesNothingWhateverItsQuerySays(t *testing.T) {
	h, all := rooms(t)
	c := h.As(t, team.Admin)
	before := footprint(t, h)
	acts := url.Values{"bind": {"6681:50037"}, "unbind": {"6681:50030"}, "clear": {"all"}, "undo_to": {"1"}, "protected": {"true"}, "theme": {"dark"},
		"name": {"Acme HQ"}, "reason": {"x"}, "_method": {"POST"}, "username": {"admin"}, "password": {webtest.Password}}
	for _, d := range all {
		if d.method != http.MethodGet {
			continue
		}
		sep := "?"
		if strings.Contains(d.path, "?") {
			sep = "&"
		}
		d.path += sep + acts.Encode()
		a := d.try(t, h, c, "X-HTTP-Method-Override", "DELETE")
		if a.Status >= 500 {
			t.Errorf("GET %s: %d", d.path, a.Status)
		}
		if len(a.Header.Values("Set-Cookie")) != 0 {
			t.Errorf("GET %s sets a cookie", d.path)
		}
	}
	if after := footprint(t, h); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
}

func TestOtherMethodsAreNeverServedAndNeverFail(t *testing.T) {
	h, all := rooms(t)
	admin, stranger := h.As(t, team.Admin), h.Stranger(t)
	methods := map[string][]string{} // by address
	for _, d := range all {
		methods[d.address()] = append(methods[d.address()], d.method)
		if d.method == http.MethodGet {
			methods[d.address()] = append(methods[d.address()], http.MethodHead)
		}
	}
	before := footprint(t, h)
	for _, d := range all {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "POST", "PATCH", "DELETE", "PROPFIND", "FOO"} {
			allowed := slices.Sorted(slices.Values(methods[d.address()]))
			if slices.Contains(allowed, method) || elsewhereServed(all, d, method) {
				continue
			}
			for _, c := range []*webtest.Client{admin, stranger} {
				a := (door{method: method, path: d.path, body: d.body}).try(t, h, c)
				if allow := strings.Join(allowed, ", "); a.Status != 405 || a.Header.Get("Allow") != allow {
					t.Errorf("%s %s: %d, allowed: %q, want %q", method, d.path, a.Status, a.Header.Get("Allow"), allow)
				}
			}
		}
	}
	if after := footprint(t, h); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
}

// elsewhereServed reports whether a wider pattern takes an address with a method: /pbxs/:id takes GET for
// /pbxs/csv, and knows no such PBX.
func elsewhereServed(all []door, d door, method string) bool {
	parts := strings.Split(d.address(), "/")
	return slices.ContainsFunc(all, func(wider door) bool {
		pattern := strings.Split(wider.pattern, "/")
		fits := wider.method == method || wider.method == http.MethodGet && method == http.MethodHead
		if !fits || wider.pattern == d.pattern || len(pattern) != len(parts) {
			return false
		}
		for i, p := range pattern {
			if p != parts[i] && !strings.HasPrefix(p, ":") {
				return false
			}
		}
		return true
	})
}

func TestMetricsAreForThisMachineOnly(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Viewer)
	if a := c.Get("/metrics"); a.Status != 200 || !strings.Contains(a.Body, `cordboard_requests_total{method="POST",route="/login",status="303"} 1`) {
		t.Fatalf("on loopback: %d %s", a.Status, a.Body)
	}
	for name, change := range map[string]func(*http.Request){
		"another machine":           func(r *http.Request) { r.RemoteAddr = "192.0.2.7:4711" },
		"another machine that lies": func(r *http.Request) { r.RemoteAddr = "192.0.2.7:4711"; r.Header.Set("X-Real-Ip", "127.0.0.1") },
		"a proxy on this machine":   func(r *http.Request) { r.Header.Set("X-Forwarded-For", "203.0.113.9") },
		"a proxy of the new school": func(r *http.Request) { r.Header.Set("Forwarded", "for=203.0.113.9") },
	} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.RemoteAddr = "127.0.0.1:4711"
		change(r)
		w := httptest.NewRecorder()
		h.Handler.ServeHTTP(w, r)
		if w.Code != 403 || strings.Contains(w.Body.String(), "cordboard_requests_total") {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

func TestMetricsAreForATokenFromAnywhere(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	tokens := someTokens(t, h)
	for name, want := range map[string]int{"token of viewer": 200, "expired token": 403, "revoked token": 403, "made-up token": 403} {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.RemoteAddr = "192.0.2.7:4711"
		r.Header.Set(tokens[name][0], tokens[name][1])
		w := httptest.NewRecorder()
		h.Handler.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

func TestStrangersDoNotMakeMetricsGrow(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.Stranger(t)
	for i := range 50 {
		c.Do(http.MethodGet, fmt.Sprintf("/no/such/%d", i), "")
		c.Do(fmt.Sprintf("VERB%d", i), "/healthz", "")
		c.Do(http.MethodGet, fmt.Sprintf("/pbx/4808/%%ff%d", i), "")
		c.Do(http.MethodPost, fmt.Sprintf("/static/%d.css", i), "")
	}
	text := c.Get("/metrics").Body
	if n := strings.Count(text, "cordboard_requests_total{"); n > 30 {
		t.Errorf("%d series after 200 made-up requests:\n%s", n, text)
	}
}
