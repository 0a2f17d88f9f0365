package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// object is a JSON object of an answer.
type object = map[string]any

// script is a program that uses the JSON. Every answer is held against openapi.yaml.
type script struct {
	*webtest.Client
	t *testing.T
	d *description
}

func newScript(t *testing.T, h *webtest.House, role team.Role) script {
	t.Helper()
	return script{h.As(t, role), t, describe(t)}
}

// ask makes a call and wants a status.
func (s script) ask(want int, method, path, body string) object {
	s.t.Helper()
	var headers []string
	if body != "" {
		headers = []string{"Content-Type", "application/json"}
	}
	a := s.Do(method, "/api/v1"+path, body, headers...)
	if a.Status != want {
		s.t.Fatalf("%s %s %s: %d, want %d: %s", method, path, body, a.Status, want, a.Body)
	}
	s.d.check(s.t, method, "/api/v1"+path, a)
	if a.Body == "" {
		return nil
	}
	var o object
	if err := json.Unmarshal([]byte(a.Body), &o); err != nil {
		s.t.Fatalf("%s %s: %v in %s", method, path, err, a.Body)
	}
	checkTimes(s.t, path, o)
	if a.Status >= 400 && (o["request_id"] != a.Header.Get("X-Request-Id") || o["status"] != float64(a.Status) || o["detail"] == "") {
		s.t.Errorf("%s %s: the problem does not tell its own: %s", method, path, a.Body)
	}
	return o
}

func (s script) get(path string) object { s.t.Helper(); return s.ask(200, "GET", path, "") }

// refused wants a problem of a kind, with a rule for each of the fields.
func (s script) refused(status int, kind, method, path, body string, fields ...string) object {
	s.t.Helper()
	o := s.ask(status, method, path, body)
	if o["kind"] != kind {
		s.t.Errorf("%s %s %.200s: kind %v, want %s: %v", method, path, body, o["kind"], kind, o)
	}
	rules, _ := o["fields"].(object)
	for _, f := range fields {
		if rules[f] == nil || rules[f] == "" {
			s.t.Errorf("%s %s %.200s: nothing about %s: %v", method, path, body, f, o)
		}
	}
	return o
}

func items(o object) []object {
	var list []object
	rows, _ := o["items"].([]any)
	for _, v := range rows {
		list = append(list, v.(object))
	}
	return list
}

func list(o object, name string) []object { return items(object{"items": o[name]}) }

var instants = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$`)

// checkTimes wants every moment in RFC 3339, UTC, or null.
func checkTimes(t *testing.T, path string, v any) {
	t.Helper()
	switch v := v.(type) {
	case object:
		for name, value := range v {
			text, isText := value.(string)
			switch name {
			case "at", "since", "verified_at", "vendor_at", "seen_at", "created_at", "expires_at", "started_at", "finished_at", "received_at", "from", "to":
				if value != nil && (!isText || !instants.MatchString(text)) {
					t.Errorf("%s: %s is %v", path, name, value)
				}
			}
			if name != "fields" { // rules, in words
				checkTimes(t, path, value)
			}
		}
	case []any:
		for _, value := range v {
			checkTimes(t, path, value)
		}
	}
}

// seed000 is the vendor's first example: two numbers more for the PBX 4808.
const seed000 = `{"bind":[{"trunk_id":6681,"did_id":50036},{"trunk_id":6681,"did_id":50044}]}`

func TestTheMainJobAsAScriptDoesIt(t *testing.T) {
	h := webtest.New(t, webtest.Config{HomeRegion: "GB"})
	s := newScript(t, h, team.Operator)

	fleet := items(s.get("/pbxs"))
	if len(fleet) != 4 {
		t.Fatalf("fleet: %v", fleet)
	}
	hq := s.get("/pbxs/4808")
	if hq["id"] != 4808.0 || hq["name"] != "Acme HQ" || hq["serial"] != "36A0B4311196ACME" || hq["firmware"] != "84.20.0.5" || hq["status"] != "Running" || hq["numbers"] != 4.0 {
		t.Errorf("PBX: %v", hq)
	}
	if state := hq["sync"].(object); state["state"] != "in_sync" || state["verified_at"] == nil || state["sentence"] == "" {
		t.Errorf("sync: %v", state)
	}
	before := s.get("/pbxs/4808/bindings")
	if before["certainty"] != "exact" || len(list(before, "bindings")) != 4 || before["fingerprint"] == "" {
		t.Fatalf("bindings: %v", before)
	}
	first := items(s.get("/pbxs/4808/snapshots"))[0]

	plan := s.ask(201, "POST", "/pbxs/4808/plans", seed000)
	id := plan["id"].(string)
	if plan["status"] != "draft" || plan["kind"] != "bindings" || plan["pbx_id"] != 4808.0 || plan["base"] != before["fingerprint"] || plan["outcome"] != nil || plan["author"] != "operator" {
		t.Errorf("draft: %v", plan)
	}
	verbs := map[any]int{}
	for _, step := range list(plan, "steps") {
		verbs[step["verb"]]++
	}
	if verbs["bind"] != 2 || verbs["keep"] != 4 || len(verbs) != 2 || h.Sim.CountPUTs(4808) != 0 {
		t.Errorf("steps: %v, writes: %d", verbs, h.Sim.CountPUTs(4808))
	}

	done := s.ask(200, "POST", "/plans/"+id+"/confirm", "")
	outcome := done["outcome"].(object)
	if done["status"] != "applied" || outcome["result"] != "succeeded" || outcome["vendor_request_id"] == nil || outcome["verified_at"] == nil {
		t.Errorf("applied: %v", done)
	}
	const sent = `{"trunkDidRelations":[{"didIds":[50030,50031,50032,50036,50044],"trunkId":6681},{"didIds":[50050],"trunkId":6682}]}`
	if got := string(h.Sim.LastPUTBody(4808)); got != sent {
		t.Errorf("sent %s, want %s", got, sent)
	}
	s.refused(409, "conflict", "POST", "/plans/"+id+"/confirm", "{}")
	if n := h.Sim.CountPUTs(4808); n != 1 {
		t.Errorf("%d writes", n)
	}
	h.Settled()

	after := s.get("/pbxs/4808/bindings")
	if len(list(after, "bindings")) != 6 || after["fingerprint"] == before["fingerprint"] {
		t.Errorf("bindings: %v", after)
	}
	history := s.get("/pbxs/4808/snapshots")
	newest := items(history)[0]
	if history["total"] != 2.0 || newest["source"] != "write" || newest["plan_id"] != id || newest["count"] != 6.0 || len(list(newest, "added")) != 2 || len(list(newest, "removed")) != 0 {
		t.Errorf("history: %v", history)
	}
	if added := list(newest, "added")[0]; added["number"] != webtest.Number(50036) || added["trunk_name"] != "Colt London" || added["did_id"] != 50036.0 || added["trunk_id"] != 6681.0 {
		t.Errorf("added: %v", added)
	}
	whole := s.get("/pbxs/4808/snapshots/" + newest["id"].(string))
	if len(list(whole, "bindings")) != 6 {
		t.Errorf("snapshot: %v", whole)
	}
	s.refused(404, "not_found", "GET", "/pbxs/4809/snapshots/"+newest["id"].(string), "")

	undo := s.ask(201, "POST", "/pbxs/4808/plans", `{"undo_to":"`+first["id"].(string)+`"}`)
	if steps := list(undo, "steps"); steps[0]["verb"] != "unbind" || steps[1]["verb"] != "unbind" {
		t.Errorf("undo: %v", steps)
	}
}

func TestWhoHasANumberInAnyFormatNowAndThen(t *testing.T) {
	h := webtest.New(t, webtest.Config{HomeRegion: "GB"})
	s := newScript(t, h, team.Operator)
	plan := s.ask(201, "POST", "/pbxs/4808/plans", seed000)
	s.ask(200, "POST", "/plans/"+plan["id"].(string)+"/confirm", "")
	h.Settled()
	for _, typed := range []string{"+442079450036", "442079450036", "0044 20 7945 0036", "(020) 7945-0036", "+44 (0)20 7945 0036", "50036", "79450036", " 020 7945 0036 "} {
		found := items(s.get("/numbers?number=" + url.QueryEscape(typed)))
		if len(found) != 1 || found[0]["pbx_id"] != 4808.0 || found[0]["pbx_name"] != "Acme HQ" || found[0]["did_id"] != 50036.0 || found[0]["trunk_id"] != 6681.0 || found[0]["to"] != nil || found[0]["from_exact"] != true {
			t.Errorf("%q: %v", typed, found)
		}
	}
	for path, want := range map[string]int{
		"/numbers?number=%2B442079450036&at=2020-01-01T00:00:00Z": 0,
		"/numbers?number=%2B442079450036&at=2099-01-01T00:00:00Z": 1,
		"/numbers?number=%2B442079459999":                         0,
		"/numbers?number=abc":                                     0,
	} {
		if found := items(s.get(path)); len(found) != want {
			t.Errorf("%s: %v", path, found)
		}
	}
	for _, at := range []string{"yesterday", "2026-13-01T00:00:00Z", "1700000000", "2026-01-01", "\x00"} {
		s.refused(422, "invalid", "GET", "/numbers?number=1&at="+url.QueryEscape(at), "", "at")
	}
	for query, field := range map[string]string{"at=2026-01-01T00:00:00Z&from=2026-01-01T00:00:00Z": "at", "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z": "to", "from=x": "from"} {
		s.refused(422, "invalid", "GET", "/numbers?number=1&"+query, "", field)
	}
	s.refused(422, "invalid", "GET", "/numbers", "", "number")
	s.refused(422, "invalid", "GET", "/numbers?number=%20", "", "number")
}

func TestAListOfNumbersIsAnsweredInItsOrder(t *testing.T) {
	s := newScript(t, webtest.New(t, webtest.Config{HomeRegion: "GB"}), team.Viewer)
	lines := []string{"50031", "Reception", "+44 20 7945 0045", "020 7945 0030", "999999"}
	body, err := json.Marshal(map[string]any{"numbers": lines})
	if err != nil {
		t.Fatal(err)
	}
	repeated := "/numbers?number=" + url.QueryEscape(strings.Join(lines[:2], "\r\n")) + "&number=" + url.QueryEscape(strings.Join(lines[2:], ";"))
	for _, got := range []map[string]any{s.ask(200, "POST", "/numbers", string(body)), s.get(repeated)} {
		found := items(got)
		if len(found) != 2 || found[0]["asked"] != "50031" || found[1]["did_id"] != 50030.0 || found[1]["certain"] != true {
			t.Errorf("%v", found)
		}
		if free := list(got, "unheld"); len(free) != 1 || free[0]["asked"] != lines[2] || free[0]["did_id"] != 50045.0 || free[0]["before"] != nil {
			t.Errorf("%v", free)
		}
		if fmt.Sprint(got["unreadable"], got["not_found"], got["more"]) != "[Reception] [999999] []" {
			t.Errorf("%v", got)
		}
	}
	past := s.ask(200, "POST", "/numbers", `{"numbers":["50030","50031"],"at":"2020-01-01T00:00:00Z"}`)
	if free := list(past, "unheld"); len(items(past)) != 0 || len(free) != 2 || free[0]["after"].(map[string]any)["pbx_name"] != "Acme HQ" {
		t.Errorf("before the record begins: %v", past)
	}
	s.refused(422, "invalid", "POST", "/numbers", `{"numbers":[]}`, "numbers")
	s.refused(422, "invalid", "POST", "/numbers", `{"numbers":["1"],"at":"noon"}`, "at")
	s.refused(422, "invalid", "POST", "/numbers", `{"numbers":[`+strings.Repeat(`"1",`, 500)+`"1"]}`, "numbers")
}

func TestProtectionHoldsAgainstEveryPlan(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	if o := s.ask(200, "PUT", "/numbers/50030/protection", `{"protected":true}`); o["protected"] != true {
		t.Errorf("protection: %v", o)
	}
	s.refused(422, "invalid", "POST", "/pbxs/4808/plans", `{"unbind":[{"trunk_id":6681,"did_id":50030}]}`, "unbind")
	s.refused(422, "invalid", "POST", "/pbxs/4808/plans", `{"clear":true}`, "unbind")
	for _, body := range []string{"", "{}", `{"protected":null}`, `{"protected":"yes"}`, `{"protected":1}`} {
		s.refused(422, "invalid", "PUT", "/numbers/50030/protection", body, "protected")
	}
	s.refused(404, "not_found", "PUT", "/numbers/1/protection", `{"protected":true}`)
	s.ask(200, "PUT", "/numbers/50030/protection", `{"protected":false}`)
	s.ask(201, "POST", "/pbxs/4808/plans", `{"unbind":[{"trunk_id":6681,"did_id":50030}]}`)
}

func TestTheInboxAndTheRecordAsJSON(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	plan := s.ask(201, "POST", "/pbxs/4808/plans", seed000)
	s.ask(200, "POST", "/plans/"+plan["id"].(string)+"/confirm", `{"reason":"they asked for two more"}`)
	h.Settled()
	inbox := items(s.get("/webhooks"))
	if len(inbox) != 1 || inbox[0]["state"] != "digested" || inbox[0]["error"] != nil {
		t.Fatalf("inbox: %v", inbox)
	}
	element := list(inbox[0], "elements")[0]
	if element["serial"] != "36A0B4311196ACME" || element["event"] != "did_change" || element["snapshot_id"] != items(s.get("/pbxs/4808/snapshots"))[0]["id"] {
		t.Errorf("element: %v", element)
	}
	if o := s.ask(202, "POST", "/webhooks/"+inbox[0]["id"].(string)+"/replay", ""); o != nil {
		t.Errorf("replay: %v", o)
	}
	h.Settled()
	if again := items(s.get("/webhooks"))[0]; again["state"] != "duplicate" {
		t.Errorf("replayed: %v", again)
	}
	if total := s.get("/pbxs/4808/snapshots")["total"]; total != 2.0 {
		t.Errorf("%v snapshots after the replay", total)
	}
	acts := items(s.get("/audit?pbx_id=4808"))
	var told []string
	for _, e := range acts {
		told = append([]string{e["action"].(string) + " " + e["outcome"].(string)}, told...)
	}
	if want := "plan.create succeeded, plan.confirm intended, bindings.update succeeded"; strings.Join(told, ", ") != want {
		t.Errorf("record: %v, want %s", told, want)
	}
	update := acts[0]
	if update["actor"] != "operator" || update["target"] != "Acme HQ" || update["plan_id"] != plan["id"] || update["reason"] != "they asked for two more" || update["ip"] != "127.0.0.1" || update["hash"] == "" ||
		update["vendor_request_id"] == nil || update["before"] == nil || update["after"] == nil {
		t.Errorf("entry: %v", update)
	}
	for filter, want := range map[string]int{"?action=delivery.replay": 1, "?actor=nobody": 0, "?actor=operator&action=user.sign_in": 1, "?from=2099-01-01T00:00:00Z": 0, "?to=2020-01-01T00:00:00Z": 0} {
		if found := items(s.get("/audit" + filter)); len(found) != want {
			t.Errorf("%s: %d entries, want %d", filter, len(found), want)
		}
	}
	for _, bad := range []string{"?pbx_id=abc", "?pbx_id=-1", "?pbx_id=0", "?pbx_id=1e3"} {
		s.refused(422, "invalid", "GET", "/audit"+bad, "", "pbx_id")
	}
	s.refused(422, "invalid", "GET", "/audit?from=now", "", "from")
	s.refused(422, "invalid", "GET", "/audit?to=now", "", "to")
	for _, path := range []string{"/webhooks/99/replay", "/webhooks/abc/replay", "/webhooks/0/replay"} {
		s.refused(404, "not_found", "POST", path, "")
	}
	for state, want := range map[string]int{"duplicate": 1, "digested": 0, "dead": 0} {
		if found := items(s.get("/webhooks?state=" + state)); len(found) != want {
			t.Errorf("state %s: %v", state, found)
		}
	}
}

func TestAPassTellsWhatItFound(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	quiet := s.ask(200, "POST", "/reconcile", "")
	if quiet["complete"] != true || quiet["stopped_by"] != nil || quiet["pbxs"] != 4.0 || quiet["verified"] != 4.0 || quiet["unknown"] != 0.0 || quiet["snapshots"] != 0.0 {
		t.Errorf("nothing moved: %v", quiet)
	}
	behindOurBack(h)
	if o := s.ask(200, "POST", "/reconcile", ""); o["snapshots"] != 1.0 || o["verified"] != 4.0 {
		t.Errorf("one number went: %v", o)
	}
	newest := items(s.get("/pbxs/4808/snapshots"))[0]
	if newest["source"] != "reconcile" || newest["event"] != nil || newest["vendor_at"] != nil || newest["plan_id"] != nil || len(list(newest, "removed")) != 1 {
		t.Errorf("snapshot: %v", newest)
	}
	breakReads(h)
	if o := s.ask(200, "POST", "/reconcile", ""); o["complete"] != false || o["stopped_by"] == nil {
		t.Errorf("an aborted pass: %v", o)
	}
}

func TestATypingMistakeInAStateIsNotAnEmptyFleet(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Viewer)
	s.refused(422, "invalid", "GET", "/pbxs?state=insync", "", "state")
	s.refused(422, "invalid", "GET", "/pbxs?sort=size", "", "sort")
	s.refused(422, "invalid", "GET", "/plans?status=drafted", "", "status")
	s.refused(422, "invalid", "GET", "/webhooks?state=digest", "", "state")
	if n := len(items(s.get("/pbxs?state=in_sync"))); n != 4 {
		t.Errorf("%d PBXs in sync", n)
	}
	if n := len(items(s.get("/pbxs?q=bakery&status=Running"))); n != 1 {
		t.Errorf("%d bakeries", n)
	}
	if a := s.Do(http.MethodGet, "/api/v1/nothing", ""); a.Status != 404 || !strings.Contains(a.Body, `"kind":"not_found"`) {
		t.Errorf("nothing: %d %s", a.Status, a.Body)
	}
}
