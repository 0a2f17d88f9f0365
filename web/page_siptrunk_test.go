package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cordboard/sync/sip"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

const (
	linesPath    = "/pbx/4808/trunks"
	accountPath  = "/pbx/4808/trunks/28"
	registerPath = "/pbx/4808/trunks/31"
)

// updates are the bodies of all updates that PBXs got, whichever way.
func updates(h *webtest.House) (bodies []string) {
	for _, r := range h.Sim.Requests() {
		if strings.HasSuffix(r.Path, "/trunk/update") {
			bodies = append(bodies, string(r.Body))
		}
	}
	return bodies
}

// openTrunk is the form of a trunk.
func openTrunk(t *testing.T, c *webtest.Client, path string) webtest.Form {
	t.Helper()
	a := c.Get(path)
	if a.Status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, a.Status, a.Parse(t).Text())
	}
	return a.Parse(t).Form(t, path)
}

// planTrunk posts the form of a trunk and gives the path of the plan.
func planTrunk(t *testing.T, c *webtest.Client, f webtest.Form) string {
	t.Helper()
	a := c.Post(f.Action, f.Values)
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/plans/") {
		t.Fatalf("%d: %s", a.Status, a.Parse(t).Text())
	}
	return a.Location()
}

func confirmTrunk(t *testing.T, c *webtest.Client, plan string) {
	t.Helper()
	if a := c.Post(plan+"/confirm", url.Values{"reason": {"asked for"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("%d: %s", a.Status, a.Parse(t).Text())
	}
}

func reads(t *testing.T, c *webtest.Client, path string, words ...string) {
	t.Helper()
	text := c.Get(path).Parse(t).Text()
	for _, word := range words {
		if !strings.Contains(text, word) {
			_, text, _ = strings.Cut(text, "Sign out")
			t.Errorf("%s does not say %q: %s", path, word, text)
		}
	}
}

func TestTheVendorsExampleOfAnEditGoesOutByteForByte(t *testing.T) {
	const example = `{"id":28,"name":"test-account-trunking"}`
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	f := openTrunk(t, c, accountPath)
	f.Values.Set("name", "test-account-trunking")
	plan := planTrunk(t, c, f)
	if len(updates(h)) != 0 {
		t.Fatal("it was sent before anybody confirmed it")
	}
	reads(t, c, plan, "Change name of test-account on Acme HQ", "test-account-trunking")
	confirmTrunk(t, c, plan)
	if got := updates(h); !slices.Equal(got, []string{example}) {
		t.Fatalf("%q", got)
	}
	reads(t, c, plan, "Verified", "The trunk has exactly what this plan asked for.")

	s := newScript(t, h, team.Operator)
	s.ask(200, "POST", "/plans/"+s.ask(201, "POST", "/pbxs/4808/trunks/28/plans", `{"patch":{"name":"back"}}`)["id"].(string)+"/confirm", "")
	made := s.ask(201, "POST", "/pbxs/4808/trunks/28/plans", `{"patch":{"name":"test-account-trunking"}}`)
	if fields := made["fields"].([]any); made["kind"] != "trunk" || len(fields) != 1 || fields[0].(map[string]any)["to"] != "test-account-trunking" {
		t.Errorf("%v", made)
	}
	s.ask(200, "POST", "/plans/"+made["id"].(string)+"/confirm", "")
	if got := updates(h); len(got) != 3 || got[2] != example {
		t.Errorf("%q", got)
	}
}

func TestTheListOfTrunksTellsHowEachStands(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Viewer)
	reads(t, c, linesPath, "carrier-a", "Register trunk", "sip.carrier.example:5060", "Up", "test-account", "Nobody registered", "Peer trunk, by port", "shared from YCM", "through YCM's relay")
	reads(t, c, "/pbx/4811/trunks", "This PBX has no trunk")
	if page := c.Get(registerPath).Parse(t); page.HasPost(registerPath) || strings.Contains(page.Body, "/api-access") {
		t.Error("a viewer is offered to change a trunk")
	}
	reads(t, c, registerPath, "Username 700", "extension 41", "ulaw, alaw, g729", "read first")
	reads(t, c, "/pbx/4808/trunks/35", "its API does not show its settings")
	if a := c.Get("/pbx/4808/trunks/999"); a.Status != http.StatusNotFound {
		t.Errorf("a trunk that is not there: %d", a.Status)
	}
}

func TestAPBXThatCantBeReachedNeverLooksEmpty(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	openTrunk(t, c, registerPath)
	h.Sim.SetPBXAPI(4808, false)
	reads(t, c, linesPath, "can't be read now", "carrier-a", "API access")
	reads(t, c, registerPath, "can't be read now", "Read last", "sip.carrier.example")
	if page := c.Get(registerPath).Parse(t); page.HasPost(registerPath) {
		t.Error("a trunk that can't be read can be changed")
	}
	s := newScript(t, h, team.Viewer)
	if a := s.Get("/api/v1/pbxs/4808/trunks"); a.Status < 500 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	h.Sim.SetPBXAPI(4811, false)
	if text := c.Get("/pbx/4811/trunks").Parse(t).Text(); strings.Contains(text, "has no trunk") {
		t.Error("a failed read looks like an empty list")
	}
}

func TestWhatIsNotReachedShowsItsLastWholeListAndNoTrunkThatWasGoneByThen(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	openTrunk(t, c, registerPath)
	rows := []sip.Row{{ID: 28, Name: "test-account", Type: "account", Status: 1}}
	if err := h.DB.KeepSIPList(t.Context(), 4808, rows, nil, time.Now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	h.Sim.SetPBXAPI(4808, false)
	reads(t, c, linesPath, "can't be read now", "test-account", "read 2 h ago")
	if text := c.Get(linesPath).Parse(t).Text(); strings.Contains(text, "carrier-a") {
		t.Error("a trunk that the last list does not name still shows")
	}
	h.Sim.SetPBXAPI(4811, false)
	reads(t, c, "/pbx/4811/trunks", "Its trunks were never read")
}

func TestWhatIsWrongIsSaidAtItsFieldAndNothingTypedIsLost(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	f := openTrunk(t, c, registerPath)
	f.Values.Set("name", "two words")
	f.Values.Set("port", "seventy")
	f.Values.Set("did_list.1.did", "no & number")
	f.Values.Set("outbound_cid_list.0.ext_list", "Nobody")
	f.Values["codec_sel"] = []string{"alaw", "alaw"}
	f.Values.Set("password", "a-new-secret")
	a := c.Post(f.Action, f.Values)
	page := a.Parse(t)
	if a.Status != http.StatusUnprocessableEntity || strings.Contains(a.Body, "a-new-secret") {
		t.Fatalf("%d", a.Status)
	}
	again := page.Form(t, registerPath)
	for name, want := range map[string]string{"name": "two words", "port": "seventy", "did_list.1.did": "no & number", "base": f.Values.Get("base")} {
		if got := again.Values.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := again.Values["codec_sel"]; !slices.Equal(got, []string{"alaw", "alaw"}) {
		t.Errorf("%v", got)
	}
	for _, word := range []string{"DID 2", "Caller ID 1", `no extension or group "Nobody"`, "Type the new password again"} {
		if !strings.Contains(page.Text(), word) {
			t.Errorf("it does not say %q: %s", word, page.Text())
		}
	}
}

func TestRowsComeAndGoWithoutScriptsAndKeepWhatWasTyped(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	f := openTrunk(t, c, registerPath)
	f.Values.Set("name", "typed")
	f.Values.Set("add", "did_list")
	a := c.Post(f.Action, f.Values)
	f = a.Parse(t).Form(t, registerPath, "did_list.2.did")
	if a.Status != http.StatusOK || f.Values.Get("name") != "typed" || f.Values.Get("did_list.0.did") != "+442079460000" {
		t.Fatalf("%d %v", a.Status, f.Values)
	}
	f.Values.Set("did_list.2.did", "+442079460009")
	f.Values.Set("drop", "did_list.0")
	f = c.Post(f.Action, f.Values).Parse(t).Form(t, registerPath)
	f.Values.Set("add", "outbound_cid_list")
	f = c.Post(f.Action, f.Values).Parse(t).Form(t, registerPath, "outbound_cid_list.1.outbound_cid")
	f.Values.Set("outbound_cid_list.1.outbound_cid", "+442079460001")
	f.Values.Set("outbound_cid_list.1.ext_list", "1001, Support")
	f.Values.Set("add", "codec_sel")
	f = c.Post(f.Action, f.Values).Parse(t).Form(t, registerPath)
	if got := f.Values["outbound_cid_list.1.ext_list"]; !slices.Equal(got, []string{"extension:42", "ext_group:1", ""}) {
		t.Errorf("people who were typed are not told: %v", got)
	}
	if got := f.Values["codec_sel"]; !slices.Equal(got, []string{"ulaw", "alaw", "g729", ""}) {
		t.Errorf("%v", got)
	}
	confirmTrunk(t, c, planTrunk(t, c, f))
	got := h.Sim.SIPTrunks(4808)
	i := slices.IndexFunc(got, func(s yeastartest.SIPTrunk) bool { return s.ID == webtest.RegisterTrunk })
	if dids := got[i].DIDs; len(dids) != 2 || dids[0].Number != "+442079460001" || dids[1].Number != "+442079460009" {
		t.Errorf("%v", dids)
	}
	if ids := got[i].CallerIDs; len(ids) != 2 || len(ids[1].Members) != 2 || ids[0].Name != "Sales" {
		t.Errorf("%v", ids)
	}
}

func TestATrunkThatSomebodyElseChangedMeanwhileIsNotOverwritten(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	f := openTrunk(t, c, registerPath)
	h.Sim.ChangeSIPTrunk(4808, webtest.RegisterTrunk, func(s *yeastartest.SIPTrunk) { s.Hostname, s.Domain = "theirs.example", "theirs.example" })
	f.Values.Set("hostname", "mine.example")
	f.Values.Set("def_outbound_cid_name", "Typed")
	a := c.Post(f.Action, f.Values)
	page := a.Parse(t)
	if a.Status != http.StatusConflict {
		t.Fatalf("%d %s", a.Status, page.Text())
	}
	for _, word := range []string{"Somebody else changed this trunk meanwhile", "sip.carrier.example", "theirs.example", "mine.example", "not changed"} {
		if !strings.Contains(page.Text(), word) {
			t.Errorf("it does not say %q: %s", word, page.Text())
		}
	}
	again := page.Form(t, registerPath)
	if v := again.Values; v.Get("hostname") != "mine.example" || v.Get("domain") != "theirs.example" || v.Get("def_outbound_cid_name") != "Typed" || v.Get("base") == f.Values.Get("base") {
		t.Errorf("%v", v)
	}
	plan := planTrunk(t, c, again)
	h.Sim.ChangeSIPTrunk(4808, webtest.RegisterTrunk, func(s *yeastartest.SIPTrunk) { s.Port = 5099 })
	if a := c.Post(plan+"/confirm", nil); a.Status != http.StatusConflict {
		t.Errorf("a plan whose trunk moved was carried out: %d", a.Status)
	}
	reads(t, c, plan, "What moved meanwhile", "Port", "5060", "5099", "no change")
	if len(updates(h)) != 0 {
		t.Errorf("%q", updates(h))
	}
	f = openTrunk(t, c, registerPath)
	f.Values.Set("base", "0000000000000000")
	f.Values.Set("name", "late")
	if a := c.Post(f.Action, f.Values); a.Status != http.StatusConflict {
		t.Errorf("a form of a reading that nobody knows: %d", a.Status)
	}
}

func TestASharedTrunkOffersItsThreeFieldsAndSaysWhy(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	var path string
	for _, s := range h.Sim.SIPTrunks(4808) {
		if s.SharedFrom == int64(webtest.Colt) {
			path = linesPath + "/" + strconv.FormatInt(s.ID, 10)
		}
	}
	reads(t, c, path, "YCM owns this trunk", "Default outbound caller ID", "Host")
	f := openTrunk(t, c, path)
	for name := range f.Values {
		if name != "base" && !strings.Contains(name, "outbound_cid") {
			t.Errorf("the form has %s", name)
		}
	}
	f.Values.Set("hostname", "evil.example")
	if a := c.Post(f.Action, f.Values); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("%d", a.Status)
	}
	f.Values.Del("hostname")
	f.Values.Set("def_outbound_cid", "+442079460031")
	confirmTrunk(t, c, planTrunk(t, c, f))
	if got := updates(h); len(got) != 1 || !strings.HasSuffix(got[0], `,"def_outbound_cid":"+442079460031"}`) {
		t.Errorf("%q", got)
	}
}

func TestAPlanOfATrunkIsFollowedAndUndone(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	h.Sim.SetSIPProvider("strict.example", yeastartest.SIPProvider{Accounts: map[string]string{"700": "other"}})
	c := h.As(t, team.Operator)
	f := openTrunk(t, c, registerPath)
	f.Values.Set("hostname", "strict.example")
	f.Values.Set("password", "one-more-secret-77")
	plan := planTrunk(t, c, f)
	reads(t, c, plan, "Host", "strict.example", "Password", "replaced", "connects anew")
	confirmTrunk(t, c, plan)
	reads(t, c, registerPath, "our plan", "read first", "strict.example", "Verified")
	waitFor(t, func() bool { return strings.Contains(c.Get(plan).Parse(t).Text(), "Trunk is down") })
	reads(t, c, plan, "Name or password refused")
	reads(t, c, "/plans", "Change hostname or IP and password of carrier-a")
	reads(t, c, "/audit", "trunk.update")

	undo := c.Post(plan+"/undo", nil)
	if undo.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", undo.Status, undo.Parse(t).Text())
	}
	reads(t, c, undo.Location(), "Cannot be restored", "The old one was never kept", "Undoes", "sip.carrier.example")
	confirmTrunk(t, c, undo.Location())
	if got := h.Sim.SIPTrunks(4808); !slices.ContainsFunc(got, func(s yeastartest.SIPTrunk) bool { return s.ID == 31 && s.Hostname == "sip.carrier.example" }) {
		t.Errorf("%v", got)
	}
	waitFor(t, func() bool { return strings.Contains(c.Get(undo.Location()).Parse(t).Text(), "Trunk is up") })
	if a := c.Post(plan+"/undo", nil); a.Status == http.StatusSeeOther {
		t.Error("what is undone is undone once more")
	}
}

// waitFor asks until it is so; a test that hangs ends by itself.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	for range 400 {
		if so() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it never became so")
}
