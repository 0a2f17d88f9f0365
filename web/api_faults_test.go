package web_test

import (
	"sync"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// The calls of the simulator that faults break.
var (
	writes  = yeastartest.Match{Method: "PUT", PathSuffix: "/did", Times: -1}
	anyRead = yeastartest.Match{Method: "GET", Times: -1}
)

// readsAfter are the reads of a PBX's numbers, from the n-th on.
func readsAfter(n int) yeastartest.Match {
	return yeastartest.Match{Method: "GET", PathPrefix: "/dm/open_api/v1/did_management/4808", Nth: n, Times: -1}
}

// behindOurBack takes a number from Acme HQ without a word.
func behindOurBack(h *webtest.House) { h.Sim.ReleaseSilently(4808, []int64{50031}) }

func breakReads(h *webtest.House) { h.Sim.Fail(anyRead, yeastartest.Status(503, "busy")) }

const oneMore = `{"bind":[{"trunk_id":6681,"did_id":50036}]}`

func (s script) draft(path, body string) (confirm string, plan object) {
	s.t.Helper()
	plan = s.ask(201, "POST", path, body)
	return "/plans/" + plan["id"].(string) + "/confirm", plan
}

func TestAMovedBaseIsRefusedAndShown(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	confirm, plan := s.draft("/pbxs/4808/plans", oneMore)
	behindOurBack(h)
	s.refused(409, "stale", "POST", confirm, "")
	stale := s.get("/plans/" + plan["id"].(string))
	outcome := stale["outcome"].(object)
	if stale["status"] != "stale" || outcome["result"] != "refused" || len(list(outcome, "moved")) != 1 || h.Sim.CountPUTs(4808) != 0 {
		t.Errorf("%v, writes: %d", stale, h.Sim.CountPUTs(4808))
	}
	s.refused(409, "conflict", "POST", confirm, "")
	refused := items(s.get("/audit?pbx_id=4808&action=bindings.update"))
	if len(refused) != 1 || refused[0]["outcome"] != "refused" {
		t.Errorf("record: %v", refused)
	}
}

func TestClearingTakesTheNameAndAReason(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	confirm, plan := s.draft("/pbxs/4808/plans", `{"clear":true}`)
	if risk := plan["risk"].(object); risk["level"] != "danger" || len(risk["needs"].([]any)) != 2 {
		t.Errorf("risk: %v", risk)
	}
	s.refused(422, "guard", "POST", confirm, "", "name", "reason")
	s.refused(422, "guard", "POST", confirm, `{"name":"acme hq","reason":"moving out"}`, "name")
	s.refused(422, "guard", "POST", confirm, `{"name":"Acme HQ","reason":"  "}`, "reason")
	if h.Bound(webtest.AcmeHQ).Len() != 4 || h.Sim.CountPUTs(4808) != 0 {
		t.Fatal("something was sent")
	}
	if s.get("/plans/" + plan["id"].(string))["status"] != "draft" {
		t.Error("the guard used the plan up")
	}
	s.ask(200, "POST", confirm, `{"name":"Acme HQ","reason":"moving out"}`)
	if got := string(h.Sim.LastPUTBody(4808)); got != `{"trunkDidRelations":[]}` {
		t.Errorf("sent %s", got)
	}
	s.refused(422, "invalid", "POST", "/pbxs/4808/plans", `{"clear":true}`, "clear")
	s.refused(422, "invalid", "POST", "/pbxs/4809/plans", `{"clear":true,"bind":[{"trunk_id":6681,"did_id":50036}]}`, "clear")
	s.refused(422, "invalid", "POST", "/pbxs/4809/plans", `{"unbind":[{"trunk_id":6681,"did_id":50040},{"trunk_id":6683,"did_id":50060}],"headers":[]}`, "unbind")
}

func TestHeadersThatMayExistAreAskedForAndThenSent(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	const bind = `"bind":[{"trunk_id":6683,"did_id":50061}]`
	s.refused(422, "headers_unknown", "POST", "/pbxs/4809/plans", `{`+bind+`}`)
	s.refused(422, "headers_unknown", "POST", "/pbxs/4809/plans", `{`+bind+`,"headers":null}`)
	confirm, plan := s.draft("/pbxs/4809/plans", `{`+bind+`,"headers":[{"trunk_id":6683,"header_id":7,"value":"bakery-1"}]}`)
	if headers := list(plan, "headers"); len(headers) != 1 || headers[0]["value"] != "bakery-1" {
		t.Errorf("headers: %v", plan["headers"])
	}
	s.ask(200, "POST", confirm, "")
	if got := h.Sim.Headers(4809); len(got) != 1 || got[0].Value != "bakery-1" {
		t.Errorf("the cloud holds %v", got)
	}
	confirm, _ = s.draft("/pbxs/4809/plans", `{"bind":[{"trunk_id":6683,"did_id":50062}]}`) // known now: kept
	s.ask(200, "POST", confirm, "")
	if got := h.Sim.Headers(4809); len(got) != 1 || got[0].Value != "bakery-1" {
		t.Errorf("the cloud holds %v after a plan that did not name headers", got)
	}
}

func TestWhatAPBXCannotTakeIsSaidBefore(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	s.refused(422, "invalid", "POST", "/pbxs/4810/plans", `{"bind":[{"trunk_id":6681,"did_id":50036}]}`, "firmware")
	owned := s.refused(422, "invalid", "POST", "/pbxs/4811/plans", `{"bind":[{"trunk_id":6681,"did_id":50030}]}`, "bind")
	if rules := owned["fields"].(object); rules["bind"] != webtest.Number(50030)+" is bound to Acme HQ. Only a move can take it from there." {
		t.Errorf("the owner is not named: %v", rules)
	}
	h.Sim.SetStatus(4808, yeastartest.StatusUpgrading)
	s.refused(422, "invalid", "POST", "/pbxs/4808/plans", oneMore, "status")
}

func TestWhatTheVendorSaysIsPassedOnWithItsRequest(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)

	confirm, plan := s.draft("/pbxs/4808/plans", oneMore)
	h.Sim.Fail(writes, yeastartest.VendorCode(yeastartest.CodeInvalidParameter))
	refused := s.refused(502, "refused", "POST", confirm, "")
	if refused["vendor_request_id"] == nil || refused["vendor_code"] != float64(yeastartest.CodeInvalidParameter) {
		t.Errorf("refused: %v", refused)
	}
	if o := s.get("/plans/" + plan["id"].(string)); o["status"] != "failed" || o["outcome"].(object)["result"] != "failed" || o["outcome"].(object)["vendor_request_id"] != refused["vendor_request_id"] {
		t.Errorf("plan: %v", o)
	}

	h.Sim.ClearFaults()
	confirm, plan = s.draft("/pbxs/4808/plans", oneMore)
	h.Sim.Fail(writes, yeastartest.CloseAfterCommit())
	h.Sim.Fail(readsAfter(2), yeastartest.Status(503, "busy"))
	s.refused(502, "unknown", "POST", confirm, "")
	open := s.get("/plans/" + plan["id"].(string))
	if open["status"] != "unknown" || open["outcome"].(object)["result"] != "unknown" {
		t.Errorf("plan: %v", open)
	}
	s.refused(409, "conflict", "POST", confirm, "")
	h.Sim.ClearFaults()
	if err := h.Changer.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o := s.get("/plans/" + plan["id"].(string)); o["status"] != "applied" {
		t.Errorf("settled: %v", o)
	}

	confirm, plan = s.draft("/pbxs/4808/plans", `{"bind":[{"trunk_id":6681,"did_id":50037}],"unbind":[{"trunk_id":6682,"did_id":50050}]}`)
	h.Sim.Assume(func(a *yeastartest.Assumptions) { a.MergeBindings = true })
	s.refused(502, "diverged", "POST", confirm, "")
	if o := s.get("/plans/" + plan["id"].(string)); o["status"] != "diverged" || o["outcome"].(object)["result"] != "diverged" {
		t.Errorf("plan: %v", o)
	}
}

func TestACloudThatCannotBeReachedIs503AndNothingWasSent(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	confirm, plan := s.draft("/pbxs/4808/plans", oneMore)
	breakReads(h)
	s.refused(503, "unavailable", "POST", "/pbxs/4808/plans", oneMore)
	s.refused(503, "unavailable", "POST", confirm, "")
	if o := s.get("/plans/" + plan["id"].(string)); o["status"] != "failed" || h.Sim.CountPUTs(4808) != 0 {
		t.Errorf("plan: %v, writes %d", o, h.Sim.CountPUTs(4808))
	}
	if a := s.Do("POST", "/api/v1/pbxs/4808/plans", oneMore, "Content-Type", "application/json"); a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	alone := newScript(t, webtest.New(t, webtest.Config{Unconnected: true}), team.Operator)
	alone.refused(503, "unavailable", "POST", "/pbxs/4808/plans", oneMore)
}

func TestOfManyConfirmationsAtOnceOneSends(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	confirm, _ := s.draft("/pbxs/4808/plans", oneMore)
	other, _ := s.draft("/pbxs/4808/plans", `{"bind":[{"trunk_id":6681,"did_id":50037}]}`)
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[int]int{}
	for i := range 12 {
		path := []string{confirm, other}[i%2]
		wg.Go(func() {
			a := s.Do("POST", "/api/v1"+path, "", "Content-Type", "application/json")
			mu.Lock()
			defer mu.Unlock()
			got[a.Status]++
		})
	}
	wg.Wait()
	bound := h.Bound(webtest.AcmeHQ)
	if got[200] < 1 || got[200]+got[409] != 12 || h.Sim.CountPUTs(4808) != got[200] {
		t.Errorf("answers %v, %d writes", got, h.Sim.CountPUTs(4808))
	}
	for _, kept := range []fleet.DIDID{50030, 50031, 50032} {
		if !bound.Has(webtest.Pair(webtest.Colt, kept)) {
			t.Errorf("DID %d was lost: %v", kept, bound.Pairs())
		}
	}
}
