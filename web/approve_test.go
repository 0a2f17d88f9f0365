package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// guarded is a house in which dangerous plans need a second person.
func guarded(t *testing.T) (h *webtest.House, operator, admin *webtest.Client) {
	t.Helper()
	h = webtest.New(t, webtest.Config{})
	operator, admin = h.As(t, team.Operator), h.As(t, team.Admin)
	if a := admin.Post("/settings/approval", url.Values{"from": {"danger"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("the setting: %d %s", a.Status, a.Body)
	}
	return h, operator, admin
}

// clearing is a plan that takes every number of Acme HQ, by its page.
func clearing(t *testing.T, c *webtest.Client) string {
	t.Helper()
	a := c.Post("/pbx/4808/plans", url.Values{"clear": {"all"}})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("the plan: %d %s", a.Status, a.Body)
	}
	return a.Location()
}

var consent = url.Values{"name": {"Acme HQ"}, "reason": {"they left"}}

func TestADangerousPlanWaitsForASecondPerson(t *testing.T) {
	h, operator, admin := guarded(t)
	page := clearing(t, operator)
	a := operator.Get(page)
	if strings.Contains(a.Body, page+"/confirm") || strings.Contains(a.Body, page+"/approve") || !strings.Contains(a.Parse(t).Text(), "somebody else has to approve it") {
		t.Error("the author may confirm, or approve")
	}
	if a := operator.Post(page+"/confirm", consent); a.Status != http.StatusUnprocessableEntity || h.Bound(4808).Len() == 0 {
		t.Fatalf("confirmed without a second person: %d", a.Status)
	}
	form := admin.Get(page).Parse(t).Form(t, page+"/approve").Values
	if a := operator.Post(page+"/approve", form); a.Status != http.StatusForbidden || !strings.Contains(a.Parse(t).Text(), "You made this plan") {
		t.Errorf("the author approves: %d", a.Status)
	}
	if a := admin.Post(page+"/approve", url.Values{"hash": {"0" + form.Get("hash")[1:]}}); a.Status != http.StatusConflict && form.Get("hash")[0] != '0' {
		t.Errorf("another hash: %d", a.Status)
	}
	if a := admin.Post(page+"/approve", form); a.Status != http.StatusSeeOther {
		t.Fatalf("approving: %d %s", a.Status, a.Body)
	}
	if text := operator.Get(page).Parse(t).Text(); !strings.Contains(text, "Approved By admin,") {
		t.Error("the page does not say who approved")
	}
	if a := operator.Post(page+"/confirm", consent); a.Status != http.StatusSeeOther || h.Bound(4808).Len() != 0 {
		t.Errorf("with a second person: %d, %d numbers left", a.Status, h.Bound(4808).Len())
	}
	rows := acts(t, h, audit.PlanApprove)
	if last := rows[0]; last.Actor != "admin" || last.Outcome != audit.Succeeded || !strings.Contains(string(last.After), form.Get("hash")) {
		t.Errorf("the record: %+v", last)
	}
	if rows[len(rows)-1].Outcome != audit.Refused {
		t.Error("the refusals are not on record")
	}
}

func TestAnApprovalCountsForOnePlanOnOneBase(t *testing.T) {
	h, operator, admin := guarded(t)
	one := clearing(t, operator)
	form := admin.Get(one).Parse(t).Form(t, one+"/approve").Values
	if a := admin.Post(one+"/approve", form); a.Status != http.StatusSeeOther {
		t.Fatalf("approving: %d", a.Status)
	}
	two := clearing(t, operator)
	if a := admin.Post(two+"/approve", form); a.Status != http.StatusConflict {
		t.Errorf("the word on one plan is taken for another: %d", a.Status)
	}
	if a := operator.Post(two+"/confirm", consent); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the other plan is confirmed: %d", a.Status)
	}
	form = admin.Get(two).Parse(t).Form(t, two+"/approve").Values
	was := h.Sim.Bindings(4808)
	h.Sim.Rebind(4808, was[1:])
	if a := admin.Post(two+"/approve", form); a.Status != http.StatusConflict || !strings.Contains(a.Parse(t).Text(), "changed after this plan was made") {
		t.Errorf("approved on a base that moved: %d", a.Status)
	}
	if a := operator.Post(one+"/confirm", consent); a.Status != http.StatusConflict || h.Bound(4808).Len() == 0 {
		t.Errorf("an approved plan whose base moved is sent: %d", a.Status)
	}
}

func TestAScriptMakesAPlanAndItsOwnerDoesNotApproveIt(t *testing.T) {
	h, operator, admin := guarded(t)
	owner, _, err := h.DB.UserByName(t.Context(), "operator")
	if err != nil {
		t.Fatal(err)
	}
	token, key := team.NewToken("crm", team.Operator, owner, time.Now(), time.Hour)
	if err := h.DB.SaveToken(t.Context(), token, key.Hash(), sampleAct("crm", "")); err != nil {
		t.Fatal(err)
	}
	script := func(method, path, body string) webtest.Answer {
		return h.Stranger(t).Do(method, path, body, "Content-Type", "application/json", "Authorization", "Bearer "+key.Reveal())
	}
	type planned struct {
		ID       string
		Author   string
		Approval *struct {
			Hash string
			By   *string `json:"approved_by"`
		}
	}
	read := func(a webtest.Answer) (p planned) {
		t.Helper()
		if err := json.Unmarshal([]byte(a.Body), &p); err != nil || p.Approval == nil {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		return p
	}
	made := read(script("POST", "/api/v1/pbxs/4808/plans", `{"clear":true}`))
	if made.Author != "operator via token crm" {
		t.Errorf("made by %q", made.Author)
	}
	path, body := "/api/v1/plans/"+made.ID, `{"hash":"`+made.Approval.Hash+`"}`
	if again := read(script("GET", path, "")); again.Approval.Hash != made.Approval.Hash || again.Approval.By != nil {
		t.Errorf("stored it has another hash: %+v", again)
	}
	if a := script("POST", path+"/confirm", `{"name":"Acme HQ","reason":"x"}`); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `"approval"`) {
		t.Errorf("confirmed: %d %s", a.Status, a.Body)
	}
	if a := script("POST", path+"/approve", body); a.Status != http.StatusForbidden {
		t.Errorf("a token approves: %d", a.Status)
	}
	post := func(c *webtest.Client) webtest.Answer {
		return c.Do("POST", path+"/approve", body, "Content-Type", "application/json")
	}
	if a := post(operator); a.Status != http.StatusForbidden {
		t.Errorf("the owner of the token approves: %d", a.Status)
	}
	if p := read(post(admin)); *p.Approval.By != "admin" {
		t.Errorf("approved by %q", *p.Approval.By)
	}
	if a := script("POST", path+"/confirm", `{"name":"Acme HQ","reason":"x"}`); a.Status != http.StatusOK {
		t.Errorf("approved: %d %s", a.Status, a.Body)
	}
}

func TestWhereEveryPlanThatTakesAwayIsApprovedOthersAreNot(t *testing.T) {
	_, operator, admin := guarded(t)
	if a := admin.Post("/settings/approval", url.Values{"from": {"caution"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("the setting: %d", a.Status)
	}
	bind := operator.Post("/pbx/4808/plans", url.Values{"bind": {"6681:50037"}})
	if a := operator.Post(bind.Location()+"/confirm", nil); a.Status != http.StatusSeeOther {
		t.Errorf("a plan that only adds: %d %s", a.Status, a.Body)
	}
	unbind := operator.Post("/pbx/4808/plans", url.Values{"unbind": {"6681:50037"}})
	if a := operator.Post(unbind.Location()+"/confirm", nil); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a plan that takes one number: %d", a.Status)
	}
	if a := operator.Post("/moves", url.Values{"from": {"4808"}, "to": {"4811"}, "did": {"50031"}}); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Parse(t).Text(), "a move can't wait") {
		t.Errorf("a move: %d %s", a.Status, a.Parse(t).Text())
	}
	if a := admin.Post("/settings/approval", url.Values{"from": {""}}); a.Status != http.StatusSeeOther {
		t.Fatalf("switching it off: %d", a.Status)
	}
	if a := operator.Post(unbind.Location()+"/confirm", nil); a.Status != http.StatusSeeOther {
		t.Errorf("with the setting off: %d", a.Status)
	}
}

func TestAFleetWideEditWaitsForASecondPersonToo(t *testing.T) {
	h, operator, admin := guarded(t)
	if a := admin.Post("/settings/approval", url.Values{"from": {"caution"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("the setting: %d", a.Status)
	}
	read(t, h)
	a := operator.Post("/trunks/pbx/edit", url.Values{"hostname": {"sip.moved.example"}, "trunk": {fmt.Sprintf("4808:%d", webtest.RegisterTrunk)}})
	review := a.Location()
	ticked := regexp.MustCompile(`name="plan" value="(\w+)"`).FindStringSubmatch(settled(t, operator, review))
	if len(ticked) != 2 {
		t.Fatalf("%d: it offers no plan", a.Status)
	}
	agree := func() webtest.Answer {
		return operator.Post(review+"/apply", url.Values{"plan": {ticked[1]}, "stop": {"1"}})
	}
	if a := agree(); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Parse(t).Text(), "Somebody other than operator has to approve it.") {
		t.Fatalf("without a second person: %d", a.Status)
	}
	page := "/plans/" + ticked[1]
	form := admin.Get(page).Parse(t).Form(t, page+"/approve").Values
	if a := operator.Post(page+"/approve", form); a.Status != http.StatusForbidden {
		t.Errorf("the author approves: %d", a.Status)
	}
	if a := admin.Post(page+"/approve", form); a.Status != http.StatusSeeOther {
		t.Fatalf("approving: %d %s", a.Status, a.Body)
	}
	if a := agree(); a.Status != http.StatusSeeOther {
		t.Fatalf("with a second person: %d %s", a.Status, a.Body)
	}
	if text := settled(t, operator, review); !strings.Contains(text, "1 trunk is changed and verified.") {
		t.Error(text)
	}
}
