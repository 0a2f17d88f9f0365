package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

func TestADangerousActAsksWhoItIsAndGoesOnWithWhatWasTyped(t *testing.T) {
	var at clock
	h := webtest.New(t, webtest.Config{Unconnected: true, Now: at.now})
	admin := h.As(t, team.Admin)
	at.advance(team.ProofLasts)
	a := admin.Post("/settings/invitations", url.Values{"username": {"anna"}, "role": {"operator"}}, "Referer", h.URL+"/settings/users")
	if a.Status != http.StatusForbidden || strings.Contains(a.Body, "anna") {
		t.Fatalf("after ten minutes: %d, and the form lies open: %v", a.Status, strings.Contains(a.Body, "anna"))
	}
	form := a.Parse(t).Form(t, "/prove").Values
	form.Set("proof_password", "not the password")
	if a := admin.Post("/prove", form); a.Status != http.StatusUnauthorized || a.Parse(t).Form(t, "/prove").Values.Get("carried") != form.Get("carried") {
		t.Fatalf("a wrong password: %d", a.Status)
	}
	form.Set("proof_password", webtest.Password)
	thief := h.As(t, team.Viewer)
	if a := thief.Post("/prove", form); a.Status != http.StatusSeeOther || len(acts(t, h, audit.UserInvite)) != 0 {
		t.Errorf("somebody else goes on with it: %d", a.Status)
	}
	if a := admin.Post("/prove", form); a.Status != http.StatusOK || inviteLink(t, a.Body) == "" {
		t.Fatalf("the right password: %d %s", a.Status, a.Body)
	}
	if rows := acts(t, h, audit.UserInvite); len(rows) != 1 || rows[0].Target != "anna" {
		t.Errorf("the record: %+v", rows)
	}
	if rows := acts(t, h, audit.UserProve); len(rows) != 3 || rows[2].Outcome != audit.Refused || rows[0].Outcome != audit.Succeeded {
		t.Errorf("proofs on record: %+v", rows)
	}
	if a := admin.Post("/settings/invitations", url.Values{"username": {"bela"}, "role": {"operator"}}); a.Status != http.StatusOK {
		t.Errorf("right after the proof: %d", a.Status)
	}
}

func TestTheProofIsNotOlderThanTenMinutesForEveryDangerousAct(t *testing.T) {
	var at clock
	h := webtest.New(t, webtest.Config{Now: at.now})
	admin := h.As(t, team.Admin)
	at.advance(team.ProofLasts)
	for path, form := range map[string]url.Values{
		"/settings/users/1/role": {"role": {"admin"}}, "/settings/users/1/reset": nil, "/settings/users/1/deactivate": nil, "/settings/users/1/activate": nil,
		"/settings/users/1/drop-second-factor": nil, "/settings/tokens": {"name": {"ci"}, "role": {"admin"}, "expires": {"7"}},
		"/settings/account/second-factor": nil, "/settings/account/second-factor/drop": nil, "/settings/account/second-factor/codes": nil,
		"/settings/notifications": nil, "/settings/approval": {"from": {""}}, "/pbx/4808/api-access": nil, "/settings/yeastar": nil, "/settings/guard": nil, "/settings/webhook/secrets": {"secret": {"x"}}, "/pbx/4808/delete": {"name": {"Acme HQ"}, "reason": {"x"}},
	} {
		if a := admin.Post(path, form); a.Status != http.StatusForbidden || !strings.Contains(a.Parse(t).Text(), "Is it you?") {
			t.Errorf("%s: %d", path, a.Status)
		}
		if a := admin.Post(path, form, "HX-Request", "true"); a.Status != http.StatusUnauthorized || !strings.HasPrefix(a.Header.Get("HX-Redirect"), "/prove") {
			t.Errorf("%s by htmx: %d", path, a.Status)
		}
	}
	if a := admin.Do(http.MethodDelete, "/api/v1/pbxs/4808", `{"name":"Acme HQ","reason":"x"}`, "Content-Type", "application/json"); a.Status != http.StatusForbidden || !strings.Contains(a.Body, "/prove") {
		t.Errorf("DELETE with a cookie: %d %s", a.Status, a.Body)
	}
}

func TestClearingAPBXAsksWhoItIsAndAnotherPlanDoesNot(t *testing.T) {
	var at clock
	h := webtest.New(t, webtest.Config{Now: at.now})
	c := h.As(t, team.Operator)
	clear := c.Post("/pbx/4808/plans", url.Values{"clear": {"all"}})
	if clear.Status != http.StatusSeeOther {
		t.Fatalf("the plan: %d %s", clear.Status, clear.Body)
	}
	at.advance(team.ProofLasts + time.Second)
	a := c.Post(clear.Location()+"/confirm", url.Values{"name": {"Acme HQ"}, "reason": {"moved away"}})
	if a.Status != http.StatusForbidden || h.Bound(4808).Len() == 0 {
		t.Fatalf("clearing: %d", a.Status)
	}
	form := a.Parse(t).Form(t, "/prove").Values
	form.Set("proof_password", webtest.Password)
	if a := c.Post("/prove", form); a.Status != http.StatusSeeOther || a.Location() != clear.Location() || h.Bound(4808).Len() != 0 {
		t.Errorf("after the proof: %d %s, %d numbers left", a.Status, a.Location(), h.Bound(4808).Len())
	}
}

func TestMovingAllNumbersOfAPBXAwayAsksWhoItIs(t *testing.T) {
	var at clock
	h := webtest.New(t, webtest.Config{Now: at.now})
	c := h.As(t, team.Operator)
	form := url.Values{"from": {"4808"}, "to": {"4811"}, "name": {"Acme HQ"}, "reason": {"they left"}}
	body := `{"from":4808,"to":4811,"name":"Acme HQ","reason":"they left","numbers":[`
	for i, b := range h.Bound(4808).Pairs() {
		form.Add("did", b.DID.String())
		body += strings.Repeat(",", min(i, 1)) + `{"did_id":` + b.DID.String() + `,"trunk_id":` + b.Trunk.String() + `}`
	}
	form["review"] = c.Get("/moves/new?"+form.Encode()).Parse(t).Form(t, "/moves").Values["review"]
	at.advance(team.ProofLasts + time.Second)
	if a := c.Do(http.MethodPost, "/api/v1/moves", body+`]}`, "Content-Type", "application/json"); a.Status != http.StatusForbidden || !strings.Contains(a.Body, "/prove") {
		t.Errorf("as JSON with a cookie: %d %s", a.Status, a.Body)
	}
	a := c.Post("/moves", form)
	if a.Status != http.StatusForbidden || !strings.Contains(a.Parse(t).Text(), "Is it you?") {
		t.Fatalf("%d %s", a.Status, a.Parse(t).Text())
	}
	proof := a.Parse(t).Form(t, "/prove").Values
	proof.Set("proof_password", webtest.Password)
	if a := c.Post("/prove", proof); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/jobs/") {
		t.Errorf("after the proof: %d %s", a.Status, a.Location())
	}
}
