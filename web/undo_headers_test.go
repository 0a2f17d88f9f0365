package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// unheaded is a house in which somebody else has taken its headed trunk from the bakery, whose
// headers nobody knows. It answers with the drift.
func unheaded(t *testing.T) (*webtest.House, string) {
	t.Helper()
	h := webtest.New(t, webtest.Config{})
	h.Sim.SetFirmware(4809, yeastartest.FirmwareSIPHeaders)
	h.Sim.Rebind(4809, []yeastartest.Binding{webtest.At(webtest.Colt, 50040)})
	h.Settled()
	h.Sweep()
	page, err := h.DB.Drifts(t.Context(), fleet.DriftFilter{PBX: 4809})
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%+v %v", page, err)
	}
	return h, "/drift/" + fmt.Sprint(page.Items[0].ID)
}

func TestARevertInJSONTakesHeaders(t *testing.T) {
	h, at := unheaded(t)
	s := newScript(t, h, team.Operator)
	s.refused(422, "headers_unknown", "POST", at+"/revert", "", "headers")
	s.refused(422, "headers_unknown", "POST", at+"/revert", `{"headers":null}`, "headers")
	s.refused(422, "invalid", "POST", at+"/revert", `{"headers":[{"trunk_id":6683,"header_id":8,"value":"x"}]}`, "header.6683.8")
	if none := s.ask(201, "POST", at+"/revert", `{"headers":[]}`); len(list(none, "headers")) != 0 {
		t.Errorf("%v", none)
	}
	made := s.ask(201, "POST", at+"/revert", `{"headers":[{"trunk_id":6683,"header_id":7,"value":"K1"}]}`)
	if values := list(made, "headers"); len(values) != 1 || values[0]["value"] != "K1" {
		t.Errorf("%v", made)
	}
}

func TestARefusedRevertAsksForTheHeadersOnThePage(t *testing.T) {
	h, at := unheaded(t)
	c := h.As(t, team.Operator)
	revert := c.Get(at).Parse(t).Form(t, at+"/revert")
	refused := c.Post(revert.Action, revert.Values).Parse(t)
	says(t, refused, http.StatusUnprocessableEntity, "Values may exist on", "Custom SIP headers", "Type the value, or say that there is none.")
	form := refused.Form(t, "/pbx/4809/plans", "undo_to")
	if !form.Values.Has("header.6683.7") {
		t.Fatalf("nothing to state headers with: %v", form.Values)
	}
	form.Values.Set("header.6683.7", "K1")
	form.Values.Set("header_none", "6683:7")
	both := c.Post(form.Action, form.Values).Parse(t)
	says(t, both, http.StatusUnprocessableEntity, "Either a value or none.")
	form = both.Form(t, "/pbx/4809/plans", "undo_to")
	if form.Values.Get("header.6683.7") != "K1" {
		t.Errorf("what was typed is lost: %v", form.Values)
	}
	form.Values.Del("header_none")
	made := c.Post(form.Action, form.Values)
	if made.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", made.Status, made.Parse(t).Text())
	}
	says(t, c.Get(made.Location()).Parse(t), http.StatusOK, "K1")

	// The drift's own form takes them as well.
	revert.Values.Set("header_none", "6683:7")
	if a := c.Post(revert.Action, revert.Values); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Parse(t).Text())
	}
}

func TestASnapshotShowsTheHeadersThatCordboardWroteForIt(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	h.Sim.SetFirmware(4809, yeastartest.FirmwareSIPHeaders)
	c := h.As(t, team.Operator)
	s := newScript(t, h, team.Operator)
	confirm, _ := s.draft("/pbxs/4809/plans", `{"bind":[{"trunk_id":6683,"did_id":50061}],"headers":[{"trunk_id":6683,"header_id":7,"value":"K1"}]}`)
	s.ask(200, "POST", confirm, "")
	h.Settled()
	ours := items(s.get("/pbxs/4809/snapshots"))[0]["id"].(string)
	confirm, _ = s.draft("/pbxs/4809/plans", `{"clear":true}`)
	s.ask(200, "POST", confirm, `{"name":"Corner Bakery","reason":"test"}`)
	h.Settled()

	plan := s.ask(201, "POST", "/pbxs/4809/plans", `{"undo_to":"`+ours+`"}`)
	if values := list(plan, "headers"); len(values) != 1 || values[0]["value"] != "K1" || !strings.Contains(fmt.Sprint(plan["risk"]), "SIP header value again") {
		t.Errorf("%v", plan)
	}
	form := c.Get("/pbx/4809/history/"+ours).Parse(t).Form(t, "/pbx/4809/plans", "undo_to")
	if form.Values.Get("header.6683.7") != "K1" {
		t.Fatalf("the value of then is not shown: %v", form.Values)
	}
	form.Values.Set("header.6683.7", "K2")
	made := c.Post(form.Action, form.Values)
	if made.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", made.Status, made.Parse(t).Text())
	}
	says(t, c.Get(made.Location()).Parse(t), http.StatusOK, "K2")
	if a := c.Post("/pbx/4809/plans", url.Values{"undo_to": {ours}}); a.Status != http.StatusSeeOther {
		t.Errorf("without header fields: %d %s", a.Status, a.Parse(t).Text())
	}
}
