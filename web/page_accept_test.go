package web_test

import (
	"net/http"
	"strings"
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

func TestADriftIsAcceptedAsFarAsItWasSeen(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	bound := h.Sim.Bindings(4808)
	h.Sim.Rebind(4808, bound[1:])
	h.Settled()
	page := c.Get("/pbx/4808").Parse(t)
	if !strings.Contains(page.Text(), "1 number was removed outside Cordboard") {
		t.Fatalf("the drift is not told: %s", page.Text())
	}
	seen := page.Form(t, "/pbx/4808/accept")
	h.Sim.Rebind(4808, bound[2:])
	h.Settled()
	if a := c.Post(seen.Action, seen.Values); a.Status != http.StatusConflict {
		t.Errorf("a change that nobody saw was accepted: %d", a.Status)
	}
	fresh := c.Get("/pbx/4808").Parse(t).Form(t, "/pbx/4808/accept")
	if a := c.Post(fresh.Action, fresh.Values); a.Status != http.StatusSeeOther {
		t.Fatalf("answered %d: %s", a.Status, a.Body)
	}
	page = c.Get("/pbx/4808").Parse(t)
	if strings.Contains(page.Text(), "outside Cordboard") || page.HasPost("/pbx/4808/accept") {
		t.Errorf("it is still told after it was accepted: %s", page.Text())
	}
	if log := c.Get("/audit?action=drift.adopt").Body; !strings.Contains(log, "Acme HQ") {
		t.Error("the record does not say so")
	}
	if viewer := h.As(t, team.Viewer).Get("/pbx/4808").Parse(t); viewer.HasPost("/pbx/4808/accept") {
		t.Error("a viewer is offered it")
	}
}
