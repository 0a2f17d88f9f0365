package web_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/job"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

const instances = "/dm/open_api/v1/cloud_pbx/instances"

// seedHouse is a house whose cloud has what seed 001 names: region 4, domain 4, firmware 764 and its
// two customers.
func seedHouse(t *testing.T) *webtest.House {
	t.Helper()
	return webtest.New(t, webtest.Config{Fleet: func(sim *yeastartest.Server) {
		webtest.Acme(sim)
		sim.AddCustomer(yeastartest.Customer{ID: 50086182, FirstName: "Leo", LastName: "Ball", Company: "Acme", Email: "leo@acme.example"})
		sim.AddCustomer(yeastartest.Customer{ID: 50429564, FirstName: "Ada", Company: "Acme Holding", Email: "ada@acme.example"})
		sim.AddTemplate(yeastartest.Template{ID: 9, Name: "Reception"})
	}})
}

// seed001 is the form of seed 001's example request.
func seed001() url.Values {
	return url.Values{
		"name": {"Yeastar P-Series Cloud PBX"}, "plan": {"Enterprise Plan"}, "extensionCapacity": {"20"}, "concurrentCallCapacity": {"10"},
		"recordingCapacity": {"500"}, "regionId": {"4"}, "subDomain": {"cloud"}, "domainId": {"4"}, "type": {"Commercial"},
		"expirationDate": {"2022-10-29T16:00:00Z"}, "allowRunAfterExpirationDate": {"true"}, "versionId": {"764"}, "customerIds": {"50086182", "50429564"},
		"upgradeInPbx": {"Enabled"}, "im": {"Enabled"}, "passwordlessLogin": {"Enabled"}, "allowSuperiorPasswordlessLogin": {"Enabled"}, "key": {"form1"},
	}
}

// created waits until the job of an answer has ended, and gives it.
func ended(t *testing.T, h *webtest.House, a webtest.Answer) job.Job {
	t.Helper()
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/jobs/") {
		t.Fatalf("no job: %d %s", a.Status, a.Parse(t).Text())
	}
	var j job.Job
	h.Eventually("the job has ended", func() bool {
		var err error
		if j, err = h.DB.Job(t.Context(), job.ID(strings.TrimPrefix(a.Location(), "/jobs/"))); err != nil {
			t.Fatal(err)
		}
		return j.State != job.Running
	})
	return j
}

// sentBodies are the bodies of the calls with a method to a path.
func sentBodies(h *webtest.House, method, path string) []string {
	var list []string
	for _, r := range h.Sim.Requests() {
		if r.Method == method && r.Path == path {
			list = append(list, string(r.Body))
		}
	}
	return list
}

func TestTheFormSendsTheRequestOfSeed001FieldByField(t *testing.T) {
	h := seedHouse(t)
	c := h.As(t, team.Operator)
	page := c.Get("/pbx/new?regionId=4").Parse(t)
	says(t, page, http.StatusOK, "Asia Pacific(Singapore)", "r4.pbx.example", "84.22.0.134", "Acme Holding, Ada", "Left of the subscription")
	form := page.Form(t, "/pbx", "key").Values
	maps.Copy(form, seed001())
	a := c.Post("/pbx", form)
	j := ended(t, h, a)
	if j.State != job.Done {
		t.Fatalf("%+v", j)
	}
	want := `{"name":"Yeastar P-Series Cloud PBX","plan":"Enterprise Plan","extensionCapacity":20,"concurrentCallCapacity":10,
		"recordingStatus":"Enabled","recordingCapacity":500,"regionId":4,"subDomain":"cloud","domainId":4,"type":"Commercial",
		"expirationDate":1667059200,"allowRunAfterExpirationDate":true,"versionId":764,"customerIds":[50086182,50429564],
		"upgradeInPbx":"Enabled","im":"Enabled","passwordlessLogin":"Enabled","allowSuperiorPasswordlessLogin":"Enabled"}`
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(want)); err != nil {
		t.Fatal(err)
	}
	if sent := sentBodies(h, http.MethodPost, instances); len(sent) != 1 || sent[0] != compact.String() {
		t.Errorf("sent %q", sent)
	}
	says(t, c.Get(a.Location()).Parse(t), http.StatusOK, "Done", "Create the PBX", "Wait until it runs", "Yeastar P-Series Cloud PBX")
	says(t, c.Get("/pbx/"+j.PBX.String()).Parse(t), http.StatusOK, "cloud.r4.pbx.example")

	if again := c.Post("/pbx", form); again.Location() != a.Location() {
		t.Errorf("the same form sent twice is another job: %q, %q", a.Location(), again.Location())
	}
	if len(sentBodies(h, http.MethodPost, instances)) != 1 {
		t.Error("it was sent twice")
	}
}

func TestTheOptionalFieldsAreSentWhereTheFirmwareTakesThem(t *testing.T) {
	h := seedHouse(t)
	c := h.As(t, team.Operator)
	form := seed001()
	for name, value := range map[string]string{"recordingCapacity": "0", "transcriptionCapacity": "60", "provisioningViaTemplate": "Enabled", "provisionTemplateId": "9", "expirationDate": ""} {
		form.Set(name, value)
	}
	form.Set("mail", "yes")
	form["bind"] = []string{"6681:50036", "6682:50052"}
	form.Set("numbers", webtest.Number(50037))
	if j := ended(t, h, c.Post("/pbx", form)); j.State != job.Done {
		t.Fatalf("%+v", j)
	}
	sent := sentBodies(h, http.MethodPost, instances)[0]
	for _, part := range []string{`"recordingStatus":"Disabled","recordingCapacity":0,"transcriptionCapacity":60,`, `"provisioningViaTemplate":"Enabled","provisionTemplateId":9`} {
		if !strings.Contains(sent, part) {
			t.Errorf("%s lacks %s", sent, part)
		}
	}
	if strings.Contains(sent, "xpirationDate") {
		t.Errorf("an expiry that nobody asked for: %s", sent)
	}
	made := h.Sim.PBXs()[len(h.Sim.PBXs())-1]
	if got := h.Sim.Bindings(made.ID); len(got) != 3 {
		t.Errorf("bound %v", got)
	}
	if len(h.Sim.Mails()) != 0 { // a template activates it
		t.Errorf("mails %v", h.Sim.Mails())
	}
	says(t, c.Get("/pbx/new?regionId=4&versionId=700&key=k&im=Disabled").Parse(t), http.StatusOK, "Firmware 84.8.0.25 has none", "can't be given numbers")
	if page := c.Get("/pbx/new?regionId=4&versionId=700&key=k").Parse(t); strings.Contains(page.Body, `name="transcriptionCapacity"`) {
		t.Error("a firmware is asked for AI minutes that it does not take")
	}
}

func TestEveryRequiredFieldMissingOrWrongIsA422AtThatFieldAndNoCall(t *testing.T) {
	h := seedHouse(t)
	c := h.As(t, team.Operator)
	for _, bad := range []struct{ field, value, at string }{
		{"name", "", "name"}, {"name", "  ", "name"}, {"name", "two\nlines", "name"},
		{"plan", "", "plan"}, {"plan", "Gold", "plan"},
		{"extensionCapacity", "", "extensionCapacity"}, {"extensionCapacity", "0", "extensionCapacity"}, {"extensionCapacity", "501", "extensionCapacity"}, {"extensionCapacity", "many", "extensionCapacity"}, {"extensionCapacity", "1e2", "extensionCapacity"},
		{"concurrentCallCapacity", "", "concurrentCallCapacity"}, {"concurrentCallCapacity", "-1", "concurrentCallCapacity"}, {"concurrentCallCapacity", "8001", "concurrentCallCapacity"},
		{"recordingCapacity", "", "recordingCapacity"}, {"recordingCapacity", "-1", "recordingCapacity"}, {"recordingCapacity", "9999999", "recordingCapacity"}, {"recordingCapacity", "1.5", "recordingCapacity"},
		{"transcriptionCapacity", "-1", "transcriptionCapacity"},
		{"regionId", "", "regionId"}, {"regionId", "77", "regionId"}, {"regionId", "Singapore", "regionId"},
		{"subDomain", "", "subDomain"}, {"subDomain", "a.b", "subDomain"}, {"subDomain", "-a", "subDomain"}, {"subDomain", "ä", "subDomain"},
		{"domainId", "", "domainId"}, {"domainId", "3", "domainId"}, {"domainId", "x", "domainId"},
		{"type", "", "type"}, {"type", "Free", "type"},
		{"expirationDate", "tomorrow", "expirationDate"}, {"expirationDate", "0001-01-01", "expirationDate"}, {"expirationDate", "9999-01-01", "expirationDate"},
		{"allowRunAfterExpirationDate", "", "allowRunAfterExpirationDate"}, {"allowRunAfterExpirationDate", "maybe", "allowRunAfterExpirationDate"},
		{"versionId", "", "versionId"}, {"versionId", "5", "versionId"},
		{"customerIds", "", "customer"}, {"customerIds", "1", "customer"},
		{"upgradeInPbx", "", "upgradeInPbx"}, {"upgradeInPbx", "on", "upgradeInPbx"},
		{"im", "", "im"}, {"im", "true", "im"},
		{"passwordlessLogin", "", "passwordlessLogin"}, {"passwordlessLogin", "Disabled", "allowSuperiorPasswordlessLogin"},
		{"allowSuperiorPasswordlessLogin", "", "allowSuperiorPasswordlessLogin"}, {"allowSuperiorPasswordlessLogin", "1", "allowSuperiorPasswordlessLogin"},
		{"provisioningViaTemplate", "Perhaps", "provisioningViaTemplate"}, {"provisionTemplateId", "9", "provisioningViaTemplate"}, {"provisionTemplateId", "nine", "provisionTemplateId"},
		{"bind", "6681:50040", "h-first"}, {"bind", "nonsense", "h-first"}, {"numbers", "+442079450040", "numbers"},
	} {
		form := seed001()
		form.Set(bad.field, bad.value)
		page := c.Post("/pbx", form).Parse(t)
		says(t, page, http.StatusUnprocessableEntity, "No PBX was made")
		if links := page.Links(); !slices.Contains(links, "#"+bad.at) {
			t.Errorf("%s=%q: the summary does not lead to %s: %v", bad.field, bad.value, bad.at, links)
		}
		focused := ""
		page.Each(func(_ string, at map[string]string) {
			if _, yes := at["autofocus"]; yes {
				focused += at["id"]
			}
		})
		if focused != bad.at && bad.at != "h-first" && bad.at != "numbers" {
			t.Errorf("%s=%q: the focus is at %q", bad.field, bad.value, focused)
		}
		kept := page.Form(t, "/pbx", "key").Values
		for name, want := range form {
			if name != bad.field && strings.Join(kept[name], ",") != strings.Join(want, ",") && (name != "bind" && name != "domainId" && name != "versionId" || bad.field != "regionId") {
				t.Errorf("%s=%q: %s was %q and is %q", bad.field, bad.value, name, want, kept[name])
			}
		}
		if form.Get(bad.field) != "" && kept.Get(bad.field) != bad.value && !isChoice(bad.field) {
			t.Errorf("%s=%q became %q", bad.field, bad.value, kept.Get(bad.field))
		}
	}
	form := seed001()
	form["customerIds"] = []string{"50086182", "50429564", "1", "2"}
	says(t, c.Post("/pbx", form).Parse(t), http.StatusUnprocessableEntity, "At most 3 customers")
	form = seed001()
	form.Set("versionId", "700")
	says(t, c.Post("/pbx", form).Parse(t), http.StatusUnprocessableEntity, "Internal chat needs firmware 84.12.0.32")
	if n := h.Sim.CountRequests(http.MethodPost, instances); n != 0 {
		t.Errorf("%d creations were sent", n)
	}
}

// isChoice tells the controls in which nothing can be typed.
func isChoice(field string) bool {
	return slices.Contains([]string{"plan", "type", "upgradeInPbx", "im", "passwordlessLogin", "allowSuperiorPasswordlessLogin", "allowRunAfterExpirationDate", "bind", "name"}, field)
}

func TestATakenAddressIsToldBeforeAndOnSubmit(t *testing.T) {
	h := seedHouse(t)
	c := h.As(t, team.Operator)
	ended(t, h, c.Post("/pbx", seed001()))
	query := url.Values{"key": {"k"}, "regionId": {"4"}, "domainId": {"4"}, "subDomain": {"CLOUD"}}
	page := c.Get("/pbx/new?part=address&"+query.Encode(), "HX-Request-Type", "partial").Parse(t)
	says(t, page, http.StatusOK, "cloud.r4.pbx.example", "Taken", "Yeastar P-Series Cloud PBX")
	query.Set("subDomain", "cloud2")
	says(t, c.Get("/pbx/new?part=address&"+query.Encode(), "HX-Request-Type", "partial").Parse(t), http.StatusOK, "cloud2.r4.pbx.example", "Free")
	other := seed001()
	other.Set("name", "Another")
	other.Set("key", "form2")
	page = c.Post("/pbx", other).Parse(t)
	says(t, page, http.StatusUnprocessableEntity, "is taken by")
	if !slices.Contains(page.Links(), "#subDomain") {
		t.Error("the summary does not lead to the sub-domain")
	}
}

func TestWhenYeastarCannotBeReachedTheFormSaysSoAndKeepsWhatWasTyped(t *testing.T) {
	h := seedHouse(t)
	c := h.As(t, team.Operator)
	h.Sim.Fail(yeastartest.Match{Times: -1}, yeastartest.CloseBeforeCommit())
	form := seed001()
	for _, a := range []webtest.Answer{c.Get("/pbx/new?" + form.Encode()), c.Post("/pbx", form)} {
		page := a.Parse(t)
		if want := map[bool]int{true: http.StatusOK, false: http.StatusServiceUnavailable}[strings.Contains(a.Path, "?")]; a.Status != want {
			t.Errorf("%s: %d, want %d", a.Path, a.Status, want)
		}
		checkHTML(t, page)
		if text := page.Text(); !strings.Contains(text, "could not be read from Yeastar") {
			t.Errorf("it does not say so: %s", text)
		}
		kept := page.Form(t, "/pbx", "key").Values
		for name, want := range form {
			if strings.Join(kept[name], ",") != strings.Join(want, ",") {
				t.Errorf("%s was %q and is %q", name, want, kept[name])
			}
		}
	}
	h.Sim.ClearFaults()
	if n := h.Sim.CountRequests(http.MethodPost, instances); n != 0 {
		t.Errorf("%d creations were sent", n)
	}
	if j := ended(t, h, c.Post("/pbx", form)); j.State != job.Done {
		t.Errorf("afterwards: %+v", j)
	}
}

func TestACustomerIsMadeInPlaceAndChosen(t *testing.T) {
	h := seedHouse(t)
	c := h.As(t, team.Operator)
	form := seed001()
	form.Del("customerIds")
	form.Set("customer.company", "Newcomer Ltd")
	page := c.Post("/pbx/new/customer", form).Parse(t)
	says(t, page, http.StatusUnprocessableEntity, "No customer was made")
	if kept := page.Form(t, "/pbx", "key").Values; kept.Get("customer.company") != "Newcomer Ltd" || kept.Get("subDomain") != "cloud" || !slices.Contains(page.Links(), "#customer.email") {
		t.Errorf("%v", kept)
	}
	form.Set("customer.firstName", "Nia")
	form.Set("customer.email", "nia@new.example")
	a := c.Post("/pbx/new/customer", form)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	at, _, _ := strings.Cut(a.Location(), "#")
	page = c.Get(at).Parse(t)
	says(t, page, http.StatusOK, "Newcomer Ltd, Nia")
	kept := page.Form(t, "/pbx", "key").Values
	if len(kept["customerIds"]) != 1 || kept.Get("customer.company") != "" || kept.Get("subDomain") != "cloud" {
		t.Errorf("%v", kept)
	}
	if j := ended(t, h, c.Post("/pbx", kept)); j.State != job.Done {
		t.Errorf("%+v", j)
	}
}

func TestACopyBringsWhatReadsTellAndSaysWhatIsLeft(t *testing.T) {
	h := seedHouse(t)
	c := h.As(t, team.Operator)
	first := seed001()
	first.Set("expirationDate", "2099-01-31")
	first.Set("transcriptionCapacity", "60")
	j := ended(t, h, c.Post("/pbx", first))
	page := c.Get("/pbx/new?from=" + j.PBX.String()).Parse(t)
	says(t, page, http.StatusOK, "Copied from Yeastar P-Series Cloud PBX", "Left to you", "its sub-domain")
	form := page.Form(t, "/pbx", "key").Values
	for name, want := range first {
		switch name {
		case "name", "subDomain", "allowRunAfterExpirationDate", "key", "provisioningViaTemplate":
			if form.Get(name) == want[0] {
				t.Errorf("%s was copied", name)
			}
		default:
			if strings.Join(form[name], ",") != strings.Join(want, ",") {
				t.Errorf("%s is %q, want %q", name, form[name], want)
			}
		}
	}
	if a := c.Get("/pbx/new?from=99999"); a.Status != http.StatusNotFound {
		t.Errorf("a copy of nothing: %d", a.Status)
	}
	if a := c.Get("/pbx/new?from=x"); a.Status != http.StatusNotFound {
		t.Errorf("a copy of nonsense: %d", a.Status)
	}
}
