package web_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

func read(t *testing.T, h *webtest.House) {
	t.Helper()
	if err := h.Lines.Look(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
}

func TestTrunksOfAllPBXsAreFoundChangedTogetherAndChangedBack(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	read(t, h)
	c := h.As(t, team.Operator)
	target := fmt.Sprintf("4808:%d", webtest.RegisterTrunk)
	if list := c.Get("/trunks/pbx?q=carrier.exam&kind=register"); !strings.Contains(list.Body, `name="trunk" value="`+target+`"`) {
		t.Fatal(list.Body)
	}
	form := url.Values{"hostname": {"sip.moved.example"}, "trunk": {target}}
	a := c.Post("/trunks/pbx/edit", form)
	if a.Status != 303 {
		t.Fatal(a.Status, a.Body)
	}
	review := a.Header.Get("Location")
	page := settled(t, c, review)
	plans := regexp.MustCompile(`name="plan" value="(\w+)"`).FindAllStringSubmatch(page, -1)
	if len(plans) != 1 || !strings.Contains(page, "sip.moved.example") {
		t.Fatal(page)
	}
	if a := c.Post(review+"/apply", url.Values{}); a.Status != 422 || !strings.Contains(a.Body, "Choose at least one plan") {
		t.Errorf("nothing ticked: %d", a.Status)
	}
	if a := c.Post(review+"/apply", url.Values{"plan": {plans[0][1]}, "stop": {"1"}}); a.Status != 303 {
		t.Fatal(a.Status, a.Body)
	}
	if page = settled(t, c, review); !strings.Contains(page, "1 trunk is changed and verified.") {
		t.Fatal(page)
	}
	a = c.Post(review+"/undo", nil)
	if a.Status != 303 || a.Header.Get("Location") == review {
		t.Fatal(a.Status, a.Header.Get("Location"))
	}
	if page = settled(t, c, a.Header.Get("Location")); !strings.Contains(page, "1 plan waits for you to agree.") || !strings.Contains(page, "Undoes") {
		t.Error(page)
	}
	if a := c.Post(a.Header.Get("Location")+"/give-up", nil); a.Status != 303 {
		t.Error(a.Status)
	}
}

// settled is the review once its job rests.
func settled(t *testing.T, c *webtest.Client, path string) string {
	t.Helper()
	for range 400 {
		a := c.Get(path)
		if a.Status != 200 {
			t.Fatal(a.Status, a.Body)
		}
		if !strings.Contains(a.Body, `http-equiv="refresh"`) {
			return a.Body
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the job does not rest")
	return ""
}

func TestAWrongChangeToManyTrunksKeepsWhatWasTyped(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	read(t, h)
	c := h.As(t, team.Operator)
	for name, form := range map[string]url.Values{
		"port":                {"trunk": {"4808:31"}, "port": {"70000"}, "hostname": {"kept.example"}},
		"hostname":            {"trunk": {"4808:31"}, "hostname": {"sip:kept.example"}},
		"codec_sel":           {"trunk": {"4808:31"}, "codec_sel": {"mp3"}, "hostname": {"kept.example"}},
		"trunk":               {"hostname": {"kept.example"}},
		"outbound_proxy_port": {"trunk": {"4808:31"}, "outbound_proxy_port": {"0"}, "hostname": {"kept.example"}},
	} {
		a := c.Post("/trunks/pbx/edit", form)
		if a.Status != 422 || !strings.Contains(a.Body, "kept.example") || !strings.Contains(a.Body, `#`+name) {
			t.Errorf("%s: %d\n%s", name, a.Status, a.Body)
		}
	}
	if a := c.Post("/trunks/pbx/edit", url.Values{"trunk": {"4808:99999"}, "hostname": {"a.example"}}); a.Status != 422 {
		t.Errorf("a trunk that nobody read: %d", a.Status)
	}
}

func TestAScriptChangesManyTrunks(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	read(t, h)
	c := h.As(t, team.Operator)
	d := describe(t)
	found := c.Get("/api/v1/pbx-trunks?kind=register")
	d.check(t, "GET", "/api/v1/pbx-trunks", found)
	a := c.Do("POST", "/api/v1/trunk-edits", `{"change":{"hostname":"sip.moved.example","enable":1},"trunks":[{"pbx_id":4808,"trunk_id":31}]}`)
	d.check(t, "POST", "/api/v1/trunk-edits", a)
	if a.Status != 202 {
		t.Fatal(a.Status, a.Body)
	}
	if a := c.Do("POST", "/api/v1/trunk-edits", `{"change":{"enable":2},"trunks":[{"pbx_id":4808,"trunk_id":31}]}`); a.Status != 422 || !strings.Contains(a.Body, "change.enable") {
		t.Errorf("enable 2: %d %s", a.Status, a.Body)
	}
}

func TestAnOpenedListOfTrunksIsFoundByASearchAndLeavesThePBXDue(t *testing.T) {
	for _, opened := range []string{linesPath, "/api/v1/pbxs/4808/trunks"} {
		t.Run(opened, func(t *testing.T) { openedIsFound(t, opened) })
	}
}

func openedIsFound(t *testing.T, opened string) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Viewer)
	if list := c.Get("/trunks/pbx?q=carrier.exam"); strings.Contains(list.Body, registerPath) {
		t.Fatal("nothing was read yet")
	}
	c.Get(opened)
	if list := c.Get("/trunks/pbx?q=carrier.exam"); !strings.Contains(list.Body, registerPath) {
		t.Error("what the page of the PBX showed is not found")
	}
	due, err := h.DB.DueSIPLooks(t.Context(), time.Now(), 10)
	if err != nil || !slices.Contains(due, webtest.AcmeHQ) {
		t.Errorf("its settings were not read, and due are %v, %v", due, err)
	}
}

func TestWhatHappensElsewhereDoesNotAskThePBXAgain(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Viewer)
	for _, path := range []string{linesPath, registerPath} {
		c.Get(path)
		asked := len(h.Sim.Requests())
		a := c.Get(path, "HX-Request-Type", "live", "Live-Regions", "nav signals")
		if a.Status != 200 || !strings.Contains(a.Body, `id="signals"`) {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
		if again := len(h.Sim.Requests()); again != asked {
			t.Errorf("%s: %d calls of the vendor", path, again-asked)
		}
	}
}
