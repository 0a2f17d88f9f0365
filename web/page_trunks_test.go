package web_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// trunked is a house whose trunks stand in different ways, each of them read.
func trunked(t *testing.T) *webtest.House {
	t.Helper()
	h := webtest.New(t, webtest.Config{Assumptions: yeastartest.Assumptions{GrantedStatusDenied: true}, Fleet: func(sim *yeastartest.Server) {
		webtest.Acme(sim)
		sim.SetTrunkStatus(int64(webtest.BT), "E_REGISTER_FAILED_STATE", "REASON_AUTH")
		sim.SetTrunkStatus(int64(webtest.Gamma), "E_REGISTER_ING_STATE", "")
		sim.AddTrunk(yeastartest.Trunk{ID: 7, Name: "Lent", Granted: true})
	}})
	h.Eventually("every trunk was asked about", func() bool {
		rows, err := h.DB.Trunks(t.Context())
		return err == nil && !slices.ContainsFunc(rows, func(r fleet.TrunkRow) bool { return r.Registration.AskedAt.IsZero() })
	})
	return h
}

func TestTheTrunksPageSaysHowEachStandsAndWhatItCarries(t *testing.T) {
	h := trunked(t)
	page := h.As(t, team.Viewer).Get("/trunks").Parse(t)
	text := page.Text()
	for _, want := range []string{"Registration failed", "refuses the trunk's name or password", "Registering", "Registered", "Not told", "denies this to our account", "X-Account",
		"In use 5 Free 16", "In use 1 Free 6", "In use 1 Free 3"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %s", want, text)
		}
	}
	for _, link := range []string{"/trunks/6681?use=free", "/trunks/6681?use=in_use", "/trunks/6682/pbxs", "/trunks.csv"} {
		if !slices.Contains(page.Links(), link) {
			t.Errorf("no link to %s", link)
		}
	}
}

func TestAFreshInstallationSaysWhereTrunksComeFrom(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unread: true})
	if text := h.As(t, team.Viewer).Get("/trunks").Parse(t).Text(); !strings.Contains(text, "No shared trunk yet") {
		t.Error(text)
	}
}

func TestATrunksNumbersAreFilteredAndProtectedFromItsPage(t *testing.T) {
	h := trunked(t)
	c := h.As(t, team.Operator)
	for path, want := range map[string]string{
		"/trunks/6681": "21 numbers", "/trunks/6681?use=in_use": "5 numbers", "/trunks/6681?use=free": "16 numbers", "/trunks/6681?use=protected": "No number is protected",
		"/trunks/6681?q=%2B44+20+7945+0031": "1 number", "/trunks/6681?q=zebra": "No number matches", "/trunks/6681?use=nonsense": "21 numbers",
	} {
		if text := c.Get(path).Parse(t).Text(); !strings.Contains(text, want) {
			t.Errorf("%s: %q is missing in %s", path, want, text)
		}
	}
	a := c.Post("/numbers/50033/protection", url.Values{"protected": {"true"}, "next": {"/trunks/6681?use=free"}})
	if a.Status != http.StatusSeeOther || a.Location() != "/trunks/6681?use=free" {
		t.Fatalf("%d %s", a.Status, a.Location())
	}
	page := c.Get("/trunks/6681?use=protected").Parse(t)
	if !strings.Contains(page.Text(), webtestNumber(50033)) || !page.HasPost("/numbers/50033/protection") {
		t.Error(page.Text())
	}
	acts, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.NumberProtect), Page: fleet.PageRequest{Limit: 5}})
	if err != nil || acts.Total != 1 {
		t.Errorf("%+v %v", acts, err)
	}
	if page := h.As(t, team.Viewer).Get("/trunks/6681").Parse(t); page.HasPost("/numbers/50033/protection") || !strings.Contains(page.Text(), "Protected") {
		t.Error("a viewer may protect")
	}
}

// webtestNumber is a number of Acme as people read it.
func webtestNumber(id fleet.DIDID) string {
	raw := webtest.Number(id)
	return raw[:3] + " " + raw[3:5] + " " + raw[5:9] + " " + raw[9:]
}

func TestATrunkNamesThePBXsThatUseItAndThoseThatUsedIt(t *testing.T) {
	h := trunked(t)
	c := h.As(t, team.Viewer)
	if text := c.Get("/trunks/6682/pbxs").Parse(t).Text(); !strings.Contains(text, "Acme HQ") || !strings.Contains(text, "1 number ") || !strings.Contains(text, "In sync") {
		t.Error(text)
	}
	h.Sim.DeleteTrunk([]int64{int64(webtest.BT)})
	h.Settled()
	h.Sweep()
	if text := c.Get("/trunks").Parse(t).Text(); !strings.Contains(text, "No longer in YCM") {
		t.Error(text)
	}
	page := c.Get("/trunks/6682").Parse(t)
	if !strings.Contains(page.Text(), "no longer in YCM") || !slices.Contains(page.Links(), "/trunks/6682/pbxs") {
		t.Error(page.Text())
	}
	page = c.Get("/trunks/6682/pbxs").Parse(t)
	if !strings.Contains(page.Text(), "none now, some once") || !slices.Contains(page.Links(), "/pbx/4808/history") {
		t.Error(page.Text())
	}
	for _, path := range []string{"/trunks/99", "/trunks/x", "/trunks/99/pbxs", "/trunks/99/numbers.csv"} {
		if a := c.Get(path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

func TestTheFilesOfTrunksHoldTheFilteredRows(t *testing.T) {
	h := trunked(t)
	c := h.As(t, team.Viewer)
	for path, want := range map[string]int{"/trunks.csv": 4, "/trunks/6681/numbers.csv": 21, "/trunks/6681/numbers.csv?use=free": 16, "/trunks/6682/numbers.csv?q=zebra": 0} {
		rows, err := csv.NewReader(strings.NewReader(c.Get(path).Body)).ReadAll()
		if err != nil || len(rows) != want+1 {
			t.Errorf("%s: %d rows, want %d and a head: %v", path, len(rows), want, err)
		}
	}
}

func TestScriptsReadTrunksAndTheirNumbers(t *testing.T) {
	h := trunked(t)
	s := newScript(t, h, team.Viewer)
	list := s.get("/trunks")
	if list["total"] != 4.0 {
		t.Errorf("%v", list)
	}
	one := s.get("/trunks/6682")
	standing := one["registration"].(map[string]any)
	if standing["state"] != "failed" || standing["reason"] != "auth" || standing["trouble"] != nil || one["pbxs"] != 1.0 || one["numbers"].(map[string]any)["free"] != 6.0 {
		t.Errorf("%v", one)
	}
	lent := s.get("/trunks/7")["registration"].(map[string]any)
	if lent["state"] != nil || lent["read_at"] != nil || lent["trouble"] == nil {
		t.Errorf("%v", lent)
	}
	held := items(s.get("/trunks/6681/numbers?use=in_use"))
	if len(held) != 5 || held[0]["pbx_id"] != 4808.0 || held[0]["over_trunk_id"] != 6681.0 {
		t.Errorf("%v", held)
	}
	s.ask(422, "GET", "/trunks/6681/numbers?use=nonsense", "")
	s.ask(404, "GET", "/trunks/99", "")
}
