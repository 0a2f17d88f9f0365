package web_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// adrift has a colleague take a number away from Acme HQ, and answers where the drift is shown.
func adrift(t *testing.T, h *webtest.House) string {
	t.Helper()
	h.Sim.Rebind(4808, h.Sim.Bindings(4808)[1:])
	h.Settled()
	open := items(newScript(t, h, team.Viewer).get("/drift?state=open&pbx_id=4808"))
	if len(open) != 1 {
		t.Fatalf("%v", open)
	}
	return "/drift/" + open[0]["id"].(string)
}

func TestADriftIsAdoptedAsFarAsItWasSeen(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	at := adrift(t, h)
	page := c.Get("/pbx/4808").Parse(t)
	if !strings.Contains(page.Text(), "1 number was removed outside Cordboard") {
		t.Fatalf("the drift is not told: %s", page.Text())
	}
	seen := page.Form(t, at+"/adopt")
	h.Sim.Rebind(4808, h.Sim.Bindings(4808)[1:])
	h.Settled()
	if a := c.Post(seen.Action, seen.Values); a.Status != http.StatusConflict {
		t.Errorf("a change that nobody saw was adopted: %d", a.Status)
	}
	fresh := c.Get(at).Parse(t).Form(t, at+"/adopt")
	if a := c.Post(fresh.Action, fresh.Values); a.Status != http.StatusSeeOther {
		t.Fatalf("answered %d: %s", a.Status, a.Body)
	}
	page = c.Get("/pbx/4808").Parse(t)
	if strings.Contains(page.Text(), "outside Cordboard") || page.HasPost(at+"/adopt") {
		t.Errorf("it is still told after it was adopted: %s", page.Text())
	}
	if text := c.Get(at).Parse(t).Text(); !strings.Contains(text, "Adopted") || !strings.Contains(text, "took what is there for the truth") {
		t.Errorf("its page does not say how it ended: %s", text)
	}
	if log := c.Get("/audit?action=drift.adopt").Body; !strings.Contains(log, "Acme HQ") {
		t.Error("the record does not say so")
	}
}

func TestADriftIsRevertedThroughAPlan(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	before := h.Sim.Bindings(4808)
	at := adrift(t, h)
	if viewer := h.As(t, team.Viewer).Get(at).Parse(t); viewer.HasPost(at+"/adopt") || viewer.HasPost(at+"/revert") {
		t.Error("a viewer is offered to act")
	}
	c := h.As(t, team.Operator)
	page := c.Get(at).Parse(t)
	for _, word := range []string{"Changed by another YCM user", "Yeastar reported it", "1 removed", "Removed"} {
		if !strings.Contains(page.Text(), word) {
			t.Errorf("the page lacks %q: %s", word, page.Text())
		}
	}
	revert := page.Form(t, at+"/revert")
	plan := c.Post(revert.Action, revert.Values)
	where := plan.Header.Get("Location")
	if plan.Status != http.StatusSeeOther || !strings.HasPrefix(where, "/plans/") {
		t.Fatalf("%d %s", plan.Status, plan.Body)
	}
	confirm := c.Get(where).Parse(t).Form(t, where+"/confirm")
	confirm.Values.Set("reason", "The colleague was mistaken.")
	if a := c.Post(confirm.Action, confirm.Values); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if got := h.Sim.Bindings(4808); len(got) != len(before) {
		t.Errorf("%v, before %v", got, before)
	}
	h.Settled()
	if text := c.Get("/pbx/4808").Parse(t).Text(); !strings.Contains(text, "In sync") {
		t.Errorf("the PBX says %s", text)
	}
	if text := c.Get(at).Parse(t).Text(); !strings.Contains(text, "Reverted") {
		t.Errorf("the drift says %s", text)
	}
	if a := c.Post(revert.Action, revert.Values); a.Status != http.StatusConflict {
		t.Errorf("a drift that is over was reverted: %d", a.Status)
	}
}

func TestARestoredPBXIsOfferedItsRescueInOneClick(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	h.Sim.Restore(4808)
	h.Sweep()
	h.Sim.SetStatus(4808, "Running")
	h.Sweep()
	c := h.As(t, team.Operator)
	page := c.Get("/pbx/4808").Parse(t)
	if text := page.Text(); !strings.Contains(text, "PBX restored or reset") || !strings.Contains(text, "Rescue: bind 4 numbers again") {
		t.Errorf("%s", text)
	}
	list := c.Get("/drift?cause=restored").Parse(t)
	if text := list.Text(); !strings.Contains(text, "Acme HQ") || !strings.Contains(text, "−4") {
		t.Errorf("%s", text)
	}
}

func TestDriftInJSONHasCauseEvidenceAndTheWaysOut(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	at := adrift(t, h)
	s := newScript(t, h, team.Operator)
	d := s.get(at)
	evidence := list(d, "evidence")
	if d["cause"] != "changed_outside" || d["state"] != "open" || len(evidence) == 0 || evidence[0]["link"] == nil || len(list(d, "removed")) != 1 || len(list(d, "added")) != 0 {
		t.Errorf("%v", d)
	}
	plan := s.ask(201, "POST", at+"/revert", "")
	if steps := list(plan, "steps"); len(steps) == 0 || steps[0]["verb"] != "bind" {
		t.Errorf("%v", plan)
	}
	if d := s.ask(200, "POST", at+"/adopt", ""); d["state"] != "adopted" || d["closed_by"] == nil {
		t.Errorf("%v", d)
	}
	s.refused(409, "conflict", "POST", at+"/revert", "")
	s.refused(409, "conflict", "POST", at+"/adopt", "")
	s.refused(422, "invalid", "GET", "/drift?state=loose", "", "state")
}

func TestARestoredRecordSaysWhichReportsItLacks(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	adrift(t, h)
	if text := h.As(t, team.Viewer).Get("/webhooks").Parse(t).Text(); strings.Contains(text, "restored from a copy") {
		t.Errorf("%s", text)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if _, err := h.DB.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	c := webtest.New(t, webtest.Config{Database: copied, Unread: true}).As(t, team.Viewer)
	if text := c.Get("/webhooks").Parse(t).Text(); !strings.Contains(text, "is not in this record: it was restored from a copy") {
		t.Errorf("%s", text)
	}
	if text := c.Get("/pbx/4809").Parse(t).Text(); !strings.Contains(text, "Stale") {
		t.Errorf("%s", text)
	}
}

func TestADeletedPBXNeedsAPersonWhoAcceptsIt(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	h.Sim.DeletePBX(4808)
	h.Settled()
	h.Sim.ReleaseSilently(int64(webtest.Bakery), []int64{50040})
	h.Sweep()
	c := h.As(t, team.Operator)
	page := c.Get("/").Parse(t)
	if text := page.Text(); !strings.Contains(text, "Needs you Deleted Acme HQ") || strings.Count(text, "was deleted in YCM") != 1 {
		t.Errorf("a deletion does not come first, and once: %s", text)
	}
	for _, want := range []string{"2 PBXs need you", "Deleted", "Acme HQ", "This PBX was deleted in YCM, not by Cordboard"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("%q is missing in %s", want, page.Text())
		}
	}
	open := items(newScript(t, h, team.Viewer).get("/drift?state=open&pbx_id=4808"))
	if len(open) != 1 || open[0]["cause"] != "pbx_deleted" {
		t.Fatalf("%v", open)
	}
	at := "/drift/" + open[0]["id"].(string)
	if text := c.Get(at).Parse(t).Text(); !strings.Contains(text, "PBX deleted") || strings.Contains(text, "Put it back") {
		t.Errorf("its page says %s", text)
	}
	accept := c.Get("/pbx/4808").Parse(t).Form(t, at+"/adopt")
	if a := c.Post(accept.Action, accept.Values); a.Status != http.StatusSeeOther {
		t.Fatalf("answered %d: %s", a.Status, a.Body)
	}
	if text := c.Get(at).Parse(t).Text(); !strings.Contains(text, "operator accepted the deletion") {
		t.Errorf("its page does not say how it ended: %s", text)
	}
	if text := c.Get("/").Parse(t).Text(); !strings.Contains(text, "1 PBX needs you") || strings.Contains(text, "was deleted in YCM") {
		t.Errorf("it is still told after it was accepted: %s", text)
	}
}
