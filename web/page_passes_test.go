package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/reconcile"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// lists are the calls that a pass begins with.
const listOfPBXs = "/dm/open_api/v2/cloud_pbx/instances"

func TestAPassThatAPersonWantsIsShownWhileItRunsAndWithWhatItFound(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	behindOurBack(h)
	h.Sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: listOfPBXs}, yeastartest.Delay(300*time.Millisecond))
	a := c.Post("/passes", url.Values{})
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/passes/") {
		t.Fatalf("%d to %q", a.Status, a.Location())
	}
	if again := c.Post("/passes", url.Values{}); again.Location() != a.Location() {
		t.Errorf("a second pass: %s beside %s", again.Location(), a.Location())
	}
	page := c.Get(a.Location())
	text := page.Parse(t).Text()
	for _, want := range []string{"Running", "Wanted by operator"} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("the running pass does not say %q: %s", want, text)
		}
	}
	if !strings.Contains(page.Body, `http-equiv="refresh"`) || !strings.Contains(page.Body, `data-live="passes"`) || !strings.Contains(page.Body, "<progress") {
		t.Errorf("the page does not go along: %s", page.Body)
	}
	if list := c.Get("/passes"); !strings.Contains(list.Body, "<progress") || !strings.Contains(list.Body, a.Location()) {
		t.Errorf("the list does not show it: %s", list.Body)
	}
	h.Eventually("the pass ends", func() bool { _, runs := h.Worker.Running(); return !runs })
	page = c.Get(a.Location())
	text = strings.Join(strings.Fields(page.Parse(t).Text()), " ")
	for _, want := range []string{"Complete", "4 PBXs verified, 1 new snapshot, 1 drifted", "Acme HQ", "removed outside Cordboard"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q: %s", want, text)
		}
	}
	if strings.Contains(page.Body, "<progress") || strings.Contains(page.Body, `http-equiv="refresh"`) || strings.Contains(page.Body, `data-live="passes"`) {
		t.Errorf("a pass that has ended still moves: %s", page.Body)
	}
	if gone := c.Get("/passes/9999"); gone.Status != http.StatusNotFound {
		t.Errorf("a pass that never was: %d", gone.Status)
	}
	if v := h.As(t, team.Viewer).Get("/passes"); strings.Contains(v.Body, "Run a pass now") {
		t.Error("a viewer is offered to run a pass")
	}
}

func TestThePassesAndWhatEachFoundAreThereForScripts(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	behindOurBack(h)
	o := s.ask(200, "POST", "/reconcile", "")
	if o["why"] != "asked" || o["who"] != "operator" || o["drifted"] != 1.0 {
		t.Errorf("%v", o)
	}
	id, _ := o["id"].(string)
	all := items(s.get("/passes"))
	if len(all) != 2 || all[0]["id"] != id || all[1]["who"] != nil {
		t.Errorf("%v", all)
	}
	one := s.get("/passes/" + id)
	findings := list(one, "findings")
	if len(findings) != 1 || findings[0]["pbx_id"] != 4808.0 || findings[0]["kind"] != "moved" || findings[0]["name"] != "Acme HQ" || one["more_findings"] != 0.0 {
		t.Errorf("%v", one)
	}
	s.refused(404, "not_found", "GET", "/passes/99", "")
	breakReads(h)
	if o := s.ask(200, "POST", "/reconcile", ""); o["complete"] != false || o["stopped_by"] == nil || o["finished_at"] == nil {
		t.Errorf("%v", o)
	}
	h.Sim.ClearFaults()
	h.Sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: listOfPBXs}, yeastartest.Delay(300*time.Millisecond))
	running, err := h.Worker.Begin(t.Context(), reconcile.Cause{Why: fleet.PassSchedule})
	if err != nil {
		t.Fatal(err)
	}
	if o := s.get("/passes/" + running.String()); o["finished_at"] != nil || o["why"] != "schedule" || o["complete"] != false || o["stopped_by"] != nil {
		t.Errorf("while it runs: %v", o)
	}
}

func TestWhoOpensAnEmptyFleetHasItListed(t *testing.T) {
	for _, path := range []string{"/pbx", "/"} {
		h := webtest.New(t, webtest.Config{Unread: true})
		c := h.As(t, team.Viewer)
		for range 3 {
			c.Get(path)
		}
		h.Eventually("the fleet is there", func() bool { return strings.Contains(c.Get("/pbx").Body, "Acme HQ") })
		if n := h.Sim.CountRequests("GET", listOfPBXs); n != 1 {
			t.Errorf("%s: the PBXs were listed %d times", path, n)
		}
	}
	h := webtest.New(t, webtest.Config{Unconnected: true})
	if a := h.As(t, team.Viewer).Get("/pbx"); a.Status != http.StatusOK {
		t.Errorf("not connected: %d", a.Status)
	}
}
