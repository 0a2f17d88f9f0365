package web_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

func decoded(t *testing.T, a webtest.Answer) (o object) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.Body), &o); err != nil {
		t.Fatalf("%d %s: %v", a.Status, a.Body, err)
	}
	return o
}

func TestANewPBXIsJudgedForAScriptAndNothingIsSent(t *testing.T) {
	h, s := agency(t)
	check := func(body string) object { t.Helper(); return s.ask(200, "POST", "/pbxs/check", body) }
	if o := check(exampleOf001); o["possible"] != true || o["url"] != "cloud.r4.pbx.example" || len(o["fields"].(object)) != 0 {
		t.Errorf("%v", o)
	}
	h.Sim.AddPBX(yeastartest.PBX{Name: "Somebody's", URL: "taken.r4.pbx.example"})
	for _, bad := range []struct{ from, to, at string }{
		{`"extensionCapacity":20`, `"extensionCapacity":501`, "extensionCapacity"}, {`"recordingCapacity":500,`, ``, "recordingCapacity"},
		{`"versionId":764`, `"versionId":700`, "im"}, {`"subDomain":"cloud"`, `"subDomain":"TAKEN"`, "subDomain"}, {`"regionId":4`, `"regionId":77`, "regionId"},
	} {
		if o := check(strings.Replace(exampleOf001, bad.from, bad.to, 1)); o["possible"] != false || o["fields"].(object)[bad.at] == nil {
			t.Errorf("%s: %v", bad.to, o)
		}
	}
	s.refused(422, "invalid", "POST", "/pbxs/check", strings.Replace(exampleOf001, `20`, `"20"`, 1), "extensionCapacity")
	h.Sim.Fail(yeastartest.Match{Times: -1}, yeastartest.Status(503, ""))
	s.refused(503, "unavailable", "POST", "/pbxs/check", exampleOf001)
	h.Sim.ClearFaults()
	if got := creations(h.Sim); len(got) != 0 {
		t.Errorf("sent %q", got)
	}
	if n := s.get("/jobs")["total"]; n != 0.0 {
		t.Errorf("%v jobs", n)
	}
}

func TestAFileOfNewPBXsIsJudgedAndMadeByAScript(t *testing.T) {
	h, s := agency(t)
	bring := func(query, file string) webtest.Answer {
		t.Helper()
		a := s.Do("POST", "/api/v1/pbxs/csv"+query, file, "Content-Type", "text/csv")
		s.d.check(t, "POST", "/api/v1/pbxs/csv", a)
		return a
	}
	file := csvFile(goodRow("One", "one"), goodRow("Wrong", "no.good"), goodRow("Two", "two"))
	a := bring("", file)
	verdicts := decoded(t, a)
	rows := list(verdicts, "rows")
	if a.Status != 200 || verdicts["ready"] != 2.0 || verdicts["wrong"] != 1.0 || len(rows) != 3 || rows[0]["verdict"] != "ready" || rows[0]["url"] != "one.r4.pbx.example" || rows[1]["row"] != 3.0 {
		t.Fatalf("%d %v", a.Status, verdicts)
	}
	if words := rows[1]["wrong"].([]any); len(words) != 1 || !strings.HasPrefix(words[0].(string), "Subdomain: ") {
		t.Errorf("%v", words)
	}
	if len(creations(h.Sim)) != 0 {
		t.Fatal("a dry run sent something")
	}
	for query, status := range map[string]int{"?seen=other": 409, "": 422} {
		body := file
		if status == 422 {
			body = "Name\nOne\n"
		}
		if a := bring(query, body); a.Status != status {
			t.Errorf("%s: %d %s", query, a.Status, a.Body)
		}
	}
	if a := bring("", file+strings.Repeat("\n", 2<<20)); a.Status != 200 || decoded(t, a)["ready"] != 2.0 {
		t.Errorf("a file of two MiB: %d %.300s", a.Status, a.Body)
	}
	for _, size := range []int{4<<20 + 1, 6 << 20} {
		if a := bring("", file+strings.Repeat("\n", size)); a.Status != 422 && a.Status != 413 || !strings.Contains(a.Body, "large") {
			t.Errorf("a file of %d bytes: %d %.300s", size, a.Status, a.Body)
		}
	}
	if a := s.Do("POST", "/api/v1/pbxs/csv", file, "Content-Type", "application/json"); a.Status != 422 {
		t.Errorf("as JSON: %d", a.Status)
	}
	agreed := "?seen=" + url.QueryEscape(verdicts["seen"].(string))
	a = bring(agreed, file)
	j := decoded(t, a)
	if a.Status != 202 || j["kind"] != "create_pbxs" || a.Header.Get("Location") != "/api/v1/jobs/"+j["id"].(string) {
		t.Fatalf("%d %v", a.Status, j)
	}
	s.ended(h, j, "done")
	if got := creations(h.Sim); len(got) != 2 || !slices.ContainsFunc(got, func(b string) bool { return strings.Contains(b, `"subDomain":"two"`) }) {
		t.Errorf("sent %q", got)
	}
	h.Sweep()
	if o := decoded(t, bring("", file)); o["there"] != 2.0 || o["ready"] != 0.0 || list(o, "rows")[0]["pbx_id"] == nil {
		t.Errorf("%v", o)
	}
}
