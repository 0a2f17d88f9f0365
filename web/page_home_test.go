package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

func TestTheDashboardTellsWhatNeedsAPersonAndLeadsThere(t *testing.T) {
	h, plan := used(t)
	h.Sim.ReleaseSilently(int64(webtest.Bakery), []int64{50040})
	h.Sweep()
	c := h.As(t, team.Operator)
	if a := c.Post("/numbers/50031/protection", url.Values{"protected": {"true"}, "next": {"/"}}); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	page := c.Get("/").Parse(t)
	text := page.Text()
	for _, want := range []string{"1 PBX needs you", "Corner Bakery", "1 number was removed", "Drifted 1", "1 drift in 30 days", "1 report in 30 days", "Complete", "verified", "it took",
		"operator protected it", "free", "operator by plan", "No plan waits for anybody"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %s", want, text)
		}
	}
	for _, link := range []string{"/pbx?state=drifted", "/pbx?state=in_sync", "/drift", "/drift/1", "/webhooks", "/trunks", "/trunks/6683?use=free", "/plans", "/jobs", plan} {
		if !slices.Contains(page.Links(), link) {
			t.Errorf("no link to %s among %v", link, page.Links())
		}
	}
}

func TestAFreshDashboardNamesTheNextAct(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	page := h.As(t, team.Viewer).Get("/").Parse(t)
	for _, want := range []string{"1. Connect YCM", "System > API", "2. Set up the webhook", "3. The first pass", "Later"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("%q is missing in %s", want, page.Text())
		}
	}
	if !slices.Contains(page.Links(), "/settings/webhook") {
		t.Error("nobody is told how to set up the webhook")
	}
	if slices.Contains(page.Links(), "/settings/yeastar") || !slices.Contains(h.As(t, team.Admin).Get("/").Parse(t).Links(), "/settings/yeastar") {
		t.Error("the way to connect is for admins, and for them it has to be there")
	}
	h = webtest.New(t, webtest.Config{Unread: true})
	if text := h.As(t, team.Viewer).Get("/").Parse(t).Text(); !strings.Contains(text, "1. Connect YCM Done") || !strings.Contains(text, "No pass has run yet") {
		t.Error(text)
	}
}
