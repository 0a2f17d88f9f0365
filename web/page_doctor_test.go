package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

func TestTheDoctorSaysWhatIsWrongAndWhereToMendIt(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true, WebhookSecrets: []string{}})
	viewer := h.As(t, team.Viewer)
	page := viewer.Get("/settings/doctor").Parse(t)
	says(t, page, http.StatusOK, "things wrong with this installation", "not connected to YCM yet", "The webhook has no secret", "There is only one admin", "No backup was ever made", "are free where the database is")
	own, admins := strings.Join(page.Links(), " "), strings.Join(h.As(t, team.Admin).Get("/settings/doctor").Parse(t).Links(), " ")
	for link, closed := range map[string]bool{"/settings/yeastar": true, "/settings/webhook": false, "/settings/users": true} {
		if !strings.Contains(admins, link) || strings.Contains(own, link) == closed {
			t.Errorf("%s: admins %v, viewers %v", link, strings.Contains(admins, link), strings.Contains(own, link))
		}
	}
	says(t, viewer.Get("/settings").Parse(t), http.StatusOK, "Doctor", "Wrong")
	a := viewer.Get("/api/v1/doctor")
	describe(t).check(t, "GET", "/api/v1/doctor", a)
	if a.Status != http.StatusOK || !strings.Contains(a.Body, `"level":"wrong"`) {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

func TestTheDoctorNoticesAFolderThatCantBeWritten(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	folder := filepath.Dir(h.Path)
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Chmod(folder, 0o700); err != nil {
			t.Error(err)
		}
	})
	want := "Nothing can be written into the data folder"
	if os.Geteuid() == 0 {
		want = "are free where the database is" // root may write everywhere
	}
	says(t, h.As(t, team.Viewer).Get("/settings/doctor").Parse(t), http.StatusOK, want)
}

// TestOnlyTrustedProxiesTellWhoCalls sends what a proxy, and what a liar, would send.
func TestOnlyTrustedProxiesTellWhoCalls(t *testing.T) {
	for name, c := range map[string]struct {
		proxies   []netip.Prefix
		peer, xff string
		want      string
	}{
		"nobody is trusted":           {nil, "10.0.0.9:4711", "203.0.113.7", "10.0.0.9"},
		"a proxy tells":               {[]netip.Prefix{netip.MustParsePrefix("10.0.0.9/32")}, "10.0.0.9:4711", "203.0.113.7", "203.0.113.7"},
		"another one is not believed": {[]netip.Prefix{netip.MustParsePrefix("10.0.0.9/32")}, "10.0.0.8:4711", "203.0.113.7", "10.0.0.8"},
		"made up before the proxy":    {[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}, "10.0.0.9:4711", "192.0.2.1, 203.0.113.7, 10.0.0.8", "203.0.113.7"},
		"the proxy of this machine":   {[]netip.Prefix{netip.MustParsePrefix("::1/128")}, "[::1]:4711", "2001:db8::7", "2001:db8::7"},
	} {
		h := webtest.New(t, webtest.Config{Unconnected: true, Proxies: c.proxies})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/login", strings.NewReader("username=nobody&password=x"))
		r.RemoteAddr = c.peer
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", c.xff)
		h.Handler.ServeHTTP(httptest.NewRecorder(), r)
		if rows := acts(t, h, audit.SignIn); len(rows) != 1 || rows[0].IP != c.want {
			t.Errorf("%s: on record %+v, want %s", name, rows, c.want)
		}
	}
}
