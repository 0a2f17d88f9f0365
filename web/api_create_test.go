package web_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// exampleOf001 is the vendor's example of a new PBX, byte for byte but for the line that its page has lost.
const exampleOf001 = `{"name":"Yeastar P-Series Cloud PBX","plan":"Enterprise Plan","extensionCapacity":20,"concurrentCallCapacity":10,"recordingStatus":"Enabled",` +
	`"recordingCapacity":500,"regionId":4,"subDomain":"cloud","domainId":4,"type":"Commercial","expirationDate":1667059200,"allowRunAfterExpirationDate":true,` +
	`"versionId":764,"customerIds":[50086182,50429564],"upgradeInPbx":"Enabled","im":"Enabled","passwordlessLogin":"Enabled","allowSuperiorPasswordlessLogin":"Enabled"}`

// agency is a house with the customers of seed 001, and a script of an operator.
func agency(t *testing.T) (*webtest.House, script) {
	t.Helper()
	h := webtest.New(t, webtest.Config{Fleet: func(sim *yeastartest.Server) {
		webtest.Acme(sim)
		sim.AddCustomer(yeastartest.Customer{ID: 50086182, FirstName: "Leo", Company: "Acme", Email: "leo@acme.example"})
		sim.AddCustomer(yeastartest.Customer{ID: 50429564, FirstName: "Ada", Company: "Acme", Email: "ada@acme.example"})
	}})
	return h, newScript(t, h, team.Operator)
}

// ended follows a job to its end.
func (s script) ended(h *webtest.House, j object, state string) object {
	s.t.Helper()
	id := j["id"].(string)
	h.Eventually("the job ends", func() bool { j = s.get("/jobs/" + id); return j["state"] != "running" })
	if j["state"] != state {
		s.t.Fatalf("the job is %v, want %s: %v", j["state"], state, j)
	}
	return j
}

func creations(sim *yeastartest.Server) (bodies []string) {
	for _, r := range sim.Requests() {
		if r.Method == "POST" && strings.HasSuffix(r.Path, "/cloud_pbx/instances") {
			bodies = append(bodies, string(r.Body))
		}
	}
	return bodies
}

func TestTheExampleOfSeed001IsSentExactlyAsItStands(t *testing.T) {
	h, s := agency(t)
	a := s.Do("POST", "/api/v1/pbxs", exampleOf001, "Content-Type", "application/json")
	var j object
	if err := json.Unmarshal([]byte(a.Body), &j); err != nil || a.Status != 202 || a.Header.Get("Location") != fmt.Sprint("/api/v1/jobs/", j["id"]) {
		t.Fatalf("%d %s, %v", a.Status, a.Body, err)
	}
	s.d.check(t, "POST", "/api/v1/pbxs", a)
	if j["kind"] != "create_pbx" || j["state"] != "running" || len(list(j, "steps")) != 4 {
		t.Errorf("%v", j)
	}
	if again := s.ask(202, "POST", "/pbxs", exampleOf001); again["id"] != j["id"] {
		t.Error("the same request is another job")
	}
	j = s.ended(h, j, "done")
	if got := creations(h.Sim); len(got) != 1 || got[0] != exampleOf001 {
		t.Errorf("sent %q", got)
	}
	id := fleet.PBXID(j["pbx_id"].(float64))
	if p := s.get("/pbxs/" + id.String()); p["status"] != "Running" || p["url"] != "cloud.r4.pbx.example" || p["name"] != "Yeastar P-Series Cloud PBX" {
		t.Errorf("%v", p)
	}
	other := strings.Replace(exampleOf001, `"extensionCapacity":20`, `"extensionCapacity":21`, 1)
	s.refused(422, "invalid", "POST", "/pbxs", other, "subDomain")
}

func TestEveryRequiredFieldMissingOrWrongIsToldAtThatFieldAndNobodyIsCalled(t *testing.T) {
	h, s := agency(t)
	before := len(h.Sim.Requests())
	var whole map[string]any
	if err := json.Unmarshal([]byte(exampleOf001), &whole); err != nil {
		t.Fatal(err)
	}
	for name, value := range whole {
		wrong := []any{nil, map[string]any{}}
		switch value.(type) {
		case string:
			wrong = append(wrong, "", 7, []any{"x"}, true, "a\u0007b.c")
		case float64:
			wrong = append(wrong, "20", 1.5, -1, true, []any{1})
			if name != "recordingCapacity" {
				wrong = append(wrong, 0)
			}
		case bool:
			wrong = append(wrong, "true", 1)
		default:
			wrong = append(wrong, []any{}, []any{"1"}, []any{0}, []any{1, 1}, []any{1, 2, 3, 4}, 7)
		}
		spoiled := maps.Clone(whole)
		delete(spoiled, name)
		spoilt := []map[string]any{spoiled}
		if name == "expirationDate" { // not required, and the answer about running on belongs to it
			spoilt, wrong = nil, slices.DeleteFunc(wrong, func(v any) bool { return v == nil })
		}
		for _, v := range wrong {
			spoiled := maps.Clone(whole)
			spoiled[name] = v
			spoilt = append(spoilt, spoiled)
		}
		for _, body := range spoilt {
			text, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			s.refused(422, "invalid", "POST", "/pbxs", string(text), name)
		}
	}
	s.refused(422, "invalid", "POST", "/pbxs", strings.Replace(exampleOf001, "recordingCapacity", "recordingcapacitY2", 1), "recordingcapacitY2")
	s.refused(422, "invalid", "POST", "/pbxs", strings.Replace(exampleOf001, `"recordingStatus":"Enabled"`, `"recordingStatus":"Disabled"`, 1), "recordingStatus")
	s.refused(422, "invalid", "POST", "/pbxs", strings.TrimSuffix(exampleOf001, "}")+`,"bind":[{"trunk_id":0,"did_id":1}]}`, "bind.0")
	if n := len(h.Sim.Requests()) - before; n != 0 {
		t.Errorf("the vendor was called %d times", n)
	}
	s.refused(422, "invalid", "POST", "/pbxs", strings.Replace(exampleOf001, `"regionId":4`, `"regionId":77`, 1), "regionId")
	s.refused(422, "invalid", "POST", "/pbxs", strings.Replace(exampleOf001, `"versionId":764`, `"versionId":700`, 1), "im")
	s.refused(422, "invalid", "POST", "/pbxs", strings.TrimSuffix(exampleOf001, "}")+`,"bind":[{"trunk_id":6681,"did_id":50030}]}`, "bind")
	if got := creations(h.Sim); len(got) != 0 {
		t.Errorf("sent %q", got)
	}
}

func TestANewPBXWithNumbersAndMailAsAScriptDoesIt(t *testing.T) {
	h, s := agency(t)
	body := strings.TrimSuffix(exampleOf001, "}") + `,"bind":[{"trunk_id":6681,"did_id":50036}],"activation_mail":true}`
	j := s.ended(h, s.ask(202, "POST", "/pbxs", body), "done")
	steps := list(j, "steps")
	if len(steps) != 6 || steps[4]["plan_id"] == nil || len(h.Sim.Mails()) != 1 {
		t.Errorf("%v", steps)
	}
	if p := s.get("/plans/" + steps[4]["plan_id"].(string)); p["status"] != "applied" {
		t.Errorf("%v", p)
	}
	if strings.Contains(creations(h.Sim)[0], "bind") || strings.Contains(creations(h.Sim)[0], "trunkDid") {
		t.Errorf("sent %s", creations(h.Sim)[0])
	}
}

func TestALifeAsAScriptLeadsIt(t *testing.T) {
	h, s := agency(t)
	id := h.Sim.AddPBX(yeastartest.PBX{Name: "Office", Extensions: 20, ConcurrentCalls: 10, RecordingMinutes: 600, Transcription: 60, Activation: "Unactivated", Customers: []int64{50086182}})
	h.Sweep()
	pbx := fmt.Sprint("/pbxs/", id)
	is := func() yeastartest.PBX {
		all := h.Sim.PBXs()
		return all[slices.IndexFunc(all, func(p yeastartest.PBX) bool { return p.ID == id })]
	}
	do := func(method, path, body string) { t.Helper(); s.ended(h, s.ask(202, method, pbx+path, body), "done") }

	settings := s.get(pbx + "/settings")
	if settings["im"] != "" || settings["recordingCapacity"] != 600.0 || settings["transcriptionCapacity"] != 60.0 || settings["activationStatus"] != "Unactivated" {
		t.Errorf("%v", settings)
	}
	s.refused(422, "invalid", "PUT", pbx, `{"name":"New"}`, "im", "allowSuperiorPasswordlessLogin")
	s.refused(422, "invalid", "PUT", pbx, `{"im":"on"}`, "im")
	s.refused(422, "invalid", "PUT", pbx, `{"nmae":"New"}`, "nmae")
	do("PUT", "", fmt.Sprintf(`{"name":"New","im":"Enabled","allowSuperiorPasswordlessLogin":"Disabled","base":%q}`, settings["base"]))
	if p := is(); p.Name != "New" || p.IM != "Enabled" || p.PasswordlessLogin != "Enabled" {
		t.Errorf("%+v", p)
	}
	s.refused(409, "stale", "PUT", pbx, fmt.Sprintf(`{"name":"Newer","base":%q}`, settings["base"]))
	do("PUT", "", `{"name":"Newer"}`) // the rest was stated
	s.refused(422, "invalid", "PUT", pbx+"/capacity", `{"extensionCapacity":30,"concurrentCallCapacity":10,"recordingStatus":"Enabled"}`, "recordingCapacity")
	s.refused(422, "invalid", "PUT", pbx+"/capacity", `{"extensionCapacity":30,"concurrentCallCapacity":10,"recordingStatus":"Enabled","recordingCapacity":500}`, "recordingCapacity")
	do("PUT", "/capacity", `{"extensionCapacity":30,"concurrentCallCapacity":10,"recordingStatus":"Enabled","recordingCapacity":500,"lower_recording":true}`)
	if p := is(); p.Extensions != 30 || p.RecordingMinutes != 500 || p.Transcription != 60 {
		t.Errorf("%+v", p)
	}
	s.refused(422, "invalid", "POST", pbx+"/customers", `{"remove":[50086182]}`, "remove")
	s.refused(422, "invalid", "POST", pbx+"/customers", `{"add":[999]}`, "add")
	do("POST", "/customers", `{"add":[50429564],"remove":[50086182]}`)
	do("POST", "/activation-mail", `{}`)
	if p := is(); !slices.Equal(p.Customers, []int64{50429564}) || len(h.Sim.Mails()) != 1 {
		t.Errorf("%+v, mails %v", p, h.Sim.Mails())
	}
	do("POST", "/stop", `{"reason":"a holiday"}`)
	s.refused(409, "conflict", "POST", pbx+"/stop", `{}`)
	do("POST", "/start", "")
	s.refused(422, "guard", "DELETE", pbx, `{}`, "name", "reason")
	s.refused(422, "guard", "DELETE", pbx, `{"name":"Office","reason":"closed"}`, "name")
	do("DELETE", "", `{"name":"Newer","reason":"closed"}`)
	if p := s.get(pbx); p["sync"].(object)["state"] != "gone" {
		t.Errorf("%v", p)
	}
	s.refused(404, "not_found", "POST", "/pbxs/99/start", `{}`)
	for _, action := range []string{"pbx.update", "pbx.resize", "pbx.customers", "pbx.activation_mail", "pbx.stop", "pbx.start", "pbx.delete"} {
		rows := items(s.get("/audit?action=" + action))
		if len(rows) < 2 || rows[0]["outcome"] != "succeeded" || rows[0]["actor"] != "operator" {
			t.Errorf("%s: %v", action, rows)
		}
	}
}

func TestWhatThereIsToChooseIsLookedUpAndKeptForAMoment(t *testing.T) {
	h, s := agency(t)
	h.Sim.AddTemplate(yeastartest.Template{ID: 9, Name: "Dentists"})
	names := func(o object, field string) (out []any) {
		for _, v := range items(o) {
			out = append(out, v[field])
		}
		return out
	}
	for path, want := range map[string]string{
		"/regions": "[China(GuangDong) China(Shanghai) India(Mumbai) Asia Pacific(Singapore)]", "/domains?region_id=4": "[r4.pbx.example]", "/templates": "[Dentists]",
	} {
		if got := fmt.Sprint(names(s.get(path), "name")); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	if got := fmt.Sprint(names(s.get("/firmwares?region_id=4"), "version")); got != "[84.22.0.134 84.8.0.25]" {
		t.Errorf("firmwares: %s", got)
	}
	s.refused(422, "invalid", "GET", "/domains", "", "region_id")
	s.refused(422, "invalid", "GET", "/firmwares?region_id=x", "", "region_id")
	if c := s.get("/capacity"); c["extensionCapacity"].(object)["left"] != 20000.0 || c["extensionCapacity"].(object)["known"] != true {
		t.Errorf("%v", c)
	}
	s.refused(422, "invalid", "POST", "/customers", `{"firstName":"Eve","email":"nobody"}`, "company", "email")
	eve := s.ask(201, "POST", "/customers", `{"firstName":"Eve","company":"Else","email":"eve@else.example"}`)
	if got := items(s.get("/customers?q=else")); len(got) != 1 || got[0]["customerId"] != eve["customerId"] {
		t.Errorf("%v", got)
	}
	s.refused(502, "refused", "POST", "/customers", `{"firstName":"Eve","company":"Else","email":"EVE@else.example"}`)
	page := s.get("/customers?page_size=2")
	rest := s.get("/customers?page_size=2&after=" + page["next"].(string))
	if page["total"] != 3.0 || len(items(page)) != 2 || len(items(rest)) != 1 || rest["next"] != nil {
		t.Errorf("%v %v", page, rest)
	}

	before := h.Sim.CountRequests("GET", "")
	s.get("/regions")
	if h.Sim.CountRequests("GET", "") != before {
		t.Error("a fresh look-up was read again")
	}
	h.Sim.Fail(yeastartest.Match{Times: -1}, yeastartest.Status(503, ""))
	if o := s.get("/regions?refresh=true"); o["trouble"] == nil || len(items(o)) != 4 {
		t.Errorf("%v", o)
	}
	s.refused(503, "unavailable", "GET", "/domains?region_id=3", "")
	s.refused(503, "unavailable", "POST", "/pbxs", strings.Replace(strings.Replace(exampleOf001, `"regionId":4`, `"regionId":3`, 1), `"domainId":4`, `"domainId":3`, 1))
}
