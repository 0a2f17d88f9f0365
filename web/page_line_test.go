package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

func TestAStoppedSignInIsOnEveryPageAndSomebodyMayTryAgain(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	operator, viewer := h.As(t, team.Operator), h.As(t, team.Viewer)
	if page := operator.Get("/").Parse(t); page.HasPost("/yeastar/sign-in") {
		t.Error("a way to try again while nothing is wrong")
	}
	h.Sim.SetClientSecret("another one")
	h.Sim.RevokeTokens()
	for range 3 {
		if _, err := h.Cloud.ListTrunks(t.Context()); err == nil {
			t.Fatal("the sign-in still works")
		}
	}
	for _, path := range []string{"/", "/pbx", "/pbx/4808/history", "/trunks", "/audit", "/nowhere"} {
		page := operator.Get(path).Parse(t)
		if !strings.Contains(page.Text(), "Yeastar sign-in stopped") || !page.HasPost("/yeastar/sign-in") {
			t.Errorf("%s does not say so", path)
		}
	}
	if page := viewer.Get("/").Parse(t); !strings.Contains(page.Text(), "Yeastar sign-in stopped") || page.HasPost("/yeastar/sign-in") {
		t.Error("a viewer is not told, or may act")
	}
	logins := h.Sim.FailedLogins()
	try := func() { // the form leads back to its page
		t.Helper()
		form := operator.Get("/trunks").Parse(t).Form(t, "/yeastar/sign-in", "next")
		if a := operator.Post(form.Action, form.Values); a.Status != http.StatusSeeOther || a.Location() != "/trunks" {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	try()
	if n := h.Sim.FailedLogins(); n != logins+1 {
		t.Errorf("one attempt made %d sign-ins", n-logins)
	}
	if page := operator.Get("/").Parse(t); !strings.Contains(page.Text(), "Yeastar sign-in stopped") {
		t.Error("a refused attempt hides the stop")
	}
	h.Sim.SetClientSecret(yeastartest.DefaultClientSecret)
	try()
	if page := operator.Get("/").Parse(t); strings.Contains(page.Text(), "Yeastar sign-in stopped") {
		t.Error("it goes on saying so")
	}
	if a := operator.Post("/yeastar/sign-in", url.Values{"next": {"https://evil.example/"}}); a.Status != http.StatusSeeOther || a.Location() != "/" {
		t.Errorf("while nothing is wrong: %d %s", a.Status, a.Location())
	}
	acts, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.YeastarRetry), Page: fleet.PageRequest{Limit: 10}})
	if err != nil || acts.Total != 4 || acts.Items[0].Outcome != audit.Succeeded || acts.Items[2].Outcome != audit.Failed {
		t.Errorf("%+v %v", acts.Items, err)
	}
}

func TestAFormThatYeastarCannotAnswerNowSaysWhenToTryAgain(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	if err := h.Sim.Close(); err != nil {
		t.Fatal(err)
	}
	a := c.Post("/pbx/4808/plans", url.Values{"bind": {"6681:50036"}})
	if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || !strings.Contains(a.Body, `value="6681:50036"`) {
		t.Errorf("%d, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
	}
}
