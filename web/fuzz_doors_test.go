package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// bodies are the doors that take a form, or JSON, each once. What would end the session of whoever shoots is left
// out: after it every answer would be the same.
func bodies(json bool) []door {
	return slices.DeleteFunc(doors("no-plan", "1"), func(d door) bool {
		out := strings.HasPrefix(d.path, "/logout") || strings.Contains(d.path, "/sessions") || d.path == "/hooks/ycm"
		return out || d.method == http.MethodGet || strings.HasPrefix(d.path, "/api/") != json
	})
}

// strike sends a body to a door as an admin. Yeastar may refuse what is asked of it; nothing may fail in us.
func strike(t *testing.T, g target, all []door, which uint8, kind, body string) {
	t.Helper()
	d := all[int(which)%len(all)]
	w := g.send(t, d.method, d.path, body, "Content-Type", kind)
	if w.Code >= 500 && w.Code != http.StatusBadGateway && w.Code != http.StatusServiceUnavailable {
		t.Fatalf("%s %s with %q: %d %s", d.method, d.path, body, w.Code, w.Body)
	}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && strings.Contains(w.Body.String(), "<script>alert") {
		t.Fatalf("%s %s with %q is not escaped", d.method, d.path, body)
	}
}

func aimAsAdmin(f *testing.F) target {
	f.Helper()
	h := webtest.New(f, webtest.Config{HomeRegion: "GB"})
	return target{h, "cordboard=" + h.As(f, team.Admin).Cookie("cordboard")}
}

// FuzzEveryForm shoots at every decoder of a form.
func FuzzEveryForm(f *testing.F) {
	g, all := aimAsAdmin(f), bodies(false)
	for i, d := range all {
		f.Add(uint8(i), d.body)
		f.Add(uint8(i), "a;b=%zz&%00=%ff&name=<script>alert(1)</script>&name=x")
	}
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		strike(t, g, all, which, "application/x-www-form-urlencoded", body)
	})
}

// FuzzEveryJSON shoots at every decoder of JSON.
func FuzzEveryJSON(f *testing.F) {
	g, all := aimAsAdmin(f), bodies(true)
	for i, d := range all {
		f.Add(uint8(i), d.body)
		f.Add(uint8(i), `{"name":null,"items":[{"a":[`)
		f.Add(uint8(i), `[{"name":"\ud800","id":9223372036854775808}]`)
	}
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		strike(t, g, all, which, "application/json", body)
	})
}
