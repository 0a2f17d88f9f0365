package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// lost is a house in which one number of Acme's first snapshot was deleted, another belongs to the
// bakery now, and Acme has a new one. It answers with that snapshot.
func lost(t *testing.T) (*webtest.House, string) {
	t.Helper()
	h := webtest.New(t, webtest.Config{})
	page, err := h.DB.Snapshots(t.Context(), webtest.AcmeHQ, fleet.PageRequest{Limit: 1})
	if err != nil || len(page.Items) == 0 {
		t.Fatalf("%+v %v", page, err)
	}
	h.Sim.DeleteDID([]int64{50032})
	h.Sim.Rebind(int64(webtest.AcmeHQ), []yeastartest.Binding{webtest.At(webtest.Colt, 50030), webtest.At(webtest.BT, 50050), webtest.At(webtest.BT, 50051)})
	h.Sim.Bind(int64(webtest.Bakery), webtest.At(webtest.Colt, 50031))
	h.Settled()
	h.Sweep()
	return h, page.Items[0].ID.String()
}

func TestAnUndoListsWhatCannotComeBackAndSkipsItByChoice(t *testing.T) {
	h, first := lost(t)
	c := h.As(t, team.Operator)
	page := c.Get("/pbx/4808/history/" + first).Parse(t)
	says(t, page, http.StatusOK, "Cannot be brought back", "It is bound to Corner Bakery.", "Skip them, and bring back the others")
	form := page.Form(t, "/pbx/4808/plans", "undo_to")
	if form.Values.Has("skip") {
		t.Error("skipping is agreed to before anybody was asked")
	}
	refused := c.Post(form.Action, form.Values).Parse(t)
	says(t, refused, http.StatusUnprocessableEntity, "Agree to skip the others", "+44 20 7945 0031", "+44 20 7945 0032", "Corner Bakery")
	form = refused.Form(t, "/pbx/4808/plans", "undo_to")
	form.Values.Set("skip", "yes")
	made := c.Post(form.Action, form.Values)
	if made.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", made.Status, made.Parse(t).Text())
	}
	says(t, c.Get(made.Location()).Parse(t), http.StatusOK, "Cannot be restored", "It goes back to an earlier state")

	// It needs a reason, whatever the guard says, and leaves its mark.
	says(t, c.Post(made.Location()+"/confirm", url.Values{}).Parse(t), http.StatusUnprocessableEntity, "Say why")
	if a := c.Post(made.Location()+"/confirm", url.Values{"reason": {"wrong customer"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Parse(t).Text())
	}
	h.Settled()
	h.Sweep()
	says(t, c.Get("/pbx/4808").Parse(t), http.StatusOK, "Undone to snapshot "+first+" by operator", "In sync")

	// Another plan of a person ends the mark.
	at := plan(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}})
	if a := c.Post(at+"/confirm", nil); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Parse(t).Text())
	}
	if strings.Contains(c.Get("/pbx/4808").Body, "Undone to snapshot") {
		t.Error("the mark stays for ever")
	}
}

func TestAnUndoAsAScriptDoesItSkipsUnlessItSaysOtherwise(t *testing.T) {
	h, first := lost(t)
	s := newScript(t, h, team.Operator)
	told := s.refused(422, "invalid", "POST", "/pbxs/4808/plans", `{"undo_to":"`+first+`","skip":false}`, "skip")
	if rules := told["fields"].(object)["skip"].(string); !strings.Contains(rules, webtest.Number(50031)) || !strings.Contains(rules, webtest.Number(50032)) {
		t.Errorf("%q", rules)
	}
	made := s.ask(201, "POST", "/pbxs/4808/plans", `{"undo_to":"`+first+`"}`)
	if skipped := list(made, "skipped"); len(skipped) != 2 || made["job_id"] != nil {
		t.Errorf("%v", made)
	}
	path := "/plans/" + made["id"].(string) + "/confirm"
	s.refused(422, "guard", "POST", path, "", "reason")
	if done := s.ask(200, "POST", path, `{"reason":"wrong customer"}`); done["status"] != "applied" {
		t.Errorf("%v", done)
	}
}
