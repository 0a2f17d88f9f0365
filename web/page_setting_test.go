package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/settings"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// connection is a form that connects to a house's simulator.
func connection(h *webtest.House) url.Values {
	return url.Values{"base_url": {h.Sim.URL()}, "client_id": {yeastartest.DefaultClientID}, "client_secret": {yeastartest.DefaultClientSecret}, "rate_per_minute": {"60000"}}
}

// TestYCMIsConnectedInTheBrowserWithoutAStart goes from an installation without credentials to a fleet.
func TestYCMIsConnectedInTheBrowserWithoutAStart(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	admin := h.As(t, team.Admin)
	says(t, admin.Get("/settings/yeastar").Parse(t), http.StatusOK, "Not connected", "System > API")
	form := connection(h)
	form.Set("act", "test")
	page := admin.Post("/settings/yeastar", form)
	says(t, page.Parse(t), http.StatusOK, "YCM accepts", "Regions", "PBXs 4", "Shared trunks 3", "The same as this machine's", "Requests per minute 60000", "Nothing was saved")
	if strings.Contains(page.Body, yeastartest.DefaultClientSecret) {
		t.Error("the secret comes back")
	}
	if h.Settings.Current().Yeastar.ClientID != "" {
		t.Error("a test saved something")
	}
	if a := admin.Post("/settings/yeastar", connection(h)); a.Status != http.StatusSeeOther || a.Location() != "/settings/yeastar" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	h.Eventually("the first pass has read the fleet", func() bool {
		return strings.Contains(admin.Get("/pbx").Body, "Acme HQ")
	})
	says(t, admin.Get("/settings/yeastar").Parse(t), http.StatusOK, "In use", "Set. Leave this empty to keep it")
	rows := acts(t, h, audit.SettingsUpdate)
	if len(rows) != 1 || rows[0].Actor != "admin" || !strings.Contains(string(rows[0].After), h.Sim.URL()) || strings.Contains(string(rows[0].Before)+string(rows[0].After), yeastartest.DefaultClientSecret) {
		t.Errorf("on record: %+v", rows)
	}
	if value, err := h.DB.Setting(t.Context(), "settings.yeastar"); err != nil || strings.Contains(string(value), yeastartest.DefaultClientSecret) || strings.Contains(string(value), yeastartest.DefaultClientID) {
		t.Errorf("stored: %q, %v", value, err)
	}
}

func TestAConnectionThatYCMRefusesIsNotSavedAndToldInItsWords(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	admin := h.As(t, team.Admin)
	for name, c := range map[string]struct{ field, value, says string }{
		"plain http":    {"base_url", "http://ycm.example", "in the clear"},
		"a path":        {"base_url", "https://ycm.example/dm", "Only the scheme, the host and the port"},
		"no id":         {"client_id", " ", "System > API"},
		"no secret":     {"client_secret", "", "beside the client id"},
		"a rate of 0":   {"rate_per_minute", "0", "A number from 1"},
		"nobody there":  {"base_url", "http://127.0.0.1:1", "can't be reached"},
		"not the API":   {"base_url", h.URL, "not saved"},
		"a typed word":  {"rate_per_minute", "fast", "A whole number"},
		"a wrong token": {"client_secret", "planted-wrong-secret", "Yeastar refused the sign-in"},
	} {
		form := connection(h)
		form.Set(c.field, c.value)
		a := admin.Post("/settings/yeastar", form)
		says(t, a.Parse(t), http.StatusUnprocessableEntity, c.says)
		if strings.Contains(a.Body, "planted-wrong-secret") || strings.Contains(a.Body, yeastartest.DefaultClientSecret) {
			t.Errorf("%s: the secret comes back", name)
		}
	}
	if h.Settings.Current().Yeastar.ClientID != "" || len(acts(t, h, audit.SettingsUpdate)) != 0 {
		t.Error("something was saved")
	}
}

// TestThreeRefusedSignInsAreEnough keeps away from the five after which Yeastar blocks the address.
func TestThreeRefusedSignInsAreEnough(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	admin := h.As(t, team.Admin)
	form := connection(h)
	form.Set("client_secret", "planted-wrong-secret")
	for range 3 {
		says(t, admin.Post("/settings/yeastar", form).Parse(t), http.StatusUnprocessableEntity, "Yeastar refused the sign-in")
	}
	says(t, admin.Post("/settings/yeastar", connection(h)).Parse(t), http.StatusUnprocessableEntity, "blocks an address after five")
}

func TestAStoredSecretGoesToItsOwnAddressOnlyAndAnotherAccountNeedsAWord(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	admin := h.As(t, team.Admin)
	if a := admin.Post("/settings/yeastar", connection(h)); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	h.Sweep()
	other := yeastartest.Start(t, yeastartest.Config{})
	form := connection(h)
	form.Set("base_url", other.URL())
	form.Set("client_secret", "")
	says(t, admin.Post("/settings/yeastar", form).Parse(t), http.StatusUnprocessableEntity, "enter the secret for it")
	form.Set("client_secret", yeastartest.DefaultClientSecret)
	says(t, admin.Post("/settings/yeastar", form).Parse(t), http.StatusUnprocessableEntity, "knows none of the PBXs that are on record", "took the place of the other one")
	form.Set("other_account", "true")
	if a := admin.Post("/settings/yeastar", form); a.Status != http.StatusSeeOther || h.Settings.Current().Yeastar.BaseURL != other.URL() {
		t.Errorf("with the word: %d", a.Status)
	}
	keep := url.Values{"client_secret": {""}, "rate_per_minute": {"120"}}
	if a := admin.Post("/settings/yeastar", keep); a.Status != http.StatusSeeOther || h.Settings.Current().Yeastar.Rate != 120 || h.Settings.Current().Yeastar.Secret == "" {
		t.Errorf("a rate alone: %d", a.Status)
	}
}

func TestWhatTheStartGaveIsShownAsFixedAndStays(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unread: true, Fixed: map[settings.Field]string{settings.Interval: "CORDBOARD_RECONCILE_INTERVAL"}})
	admin := h.As(t, team.Admin)
	before := h.Settings.Current()
	says(t, admin.Get("/settings/sync").Parse(t), http.StatusOK, "fixed by CORDBOARD_RECONCILE_INTERVAL", "Stale after")
	page := admin.Get("/settings/yeastar")
	says(t, page.Parse(t), http.StatusOK, "fixed by", "In use", "Test")
	if strings.Contains(page.Body, `name="client_secret"`) || strings.Contains(page.Body, yeastartest.DefaultClientSecret) {
		t.Error("what is fixed can be typed, or the secret is shown")
	}
	if a := admin.Post("/settings/sync", url.Values{"reconcile_interval": {"3h"}, "stale_after": {"2h"}}); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	now := h.Settings.Current()
	if now.Sync.Interval != before.Sync.Interval || now.Sync.Stale() != 2*time.Hour || now.Yeastar != before.Yeastar {
		t.Errorf("now %+v", now)
	}
	says(t, admin.Post("/settings/yeastar", url.Values{"act": {"test"}}).Parse(t), http.StatusOK, "YCM accepts")
	a := admin.Do("PUT", "/api/v1/settings/sync", `{"reconcile_interval":"3h"}`, "Content-Type", "application/json")
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "fixed by CORDBOARD_RECONCILE_INTERVAL") {
		t.Errorf("by API: %d %s", a.Status, a.Body)
	}
}

// TestTheGuardHoldsForTheNextPlan makes the same plan before and after.
func TestTheGuardHoldsForTheNextPlan(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	admin := h.As(t, team.Admin)
	level := func() string {
		a := admin.Post("/pbx/4808/plans", url.Values{"unbind": {"6681:50030"}})
		if a.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		return admin.Get(a.Location()).Parse(t).Text()
	}
	if strings.Contains(level(), "Reason") {
		t.Error("one of four needs a reason with the guard of a fresh installation")
	}
	if a := admin.Post("/settings/guard", url.Values{"max_share": {"0"}, "max_count": {"0"}, "draft_lifetime": {"1h30m"}}); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	if !strings.Contains(level(), "Reason") {
		t.Error("the guard does not hold for the next plan")
	}
	says(t, admin.Get("/settings/guard").Parse(t), http.StatusOK, "Guard")
	rows := acts(t, h, audit.SettingsUpdate)
	if len(rows) != 1 || string(rows[0].Before) != `{"draft_lifetime":"30m0s","max_count":10,"max_share":30}` || string(rows[0].After) != `{"draft_lifetime":"1h30m0s","max_count":0,"max_share":0}` {
		t.Errorf("on record: %+v", rows)
	}
}

func TestTheSettingsAreKeptOverAStartAndReadByScripts(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true, HomeRegion: "GB"})
	admin := h.As(t, team.Admin)
	put := func(name, body string) webtest.Answer {
		a := admin.Do("PUT", "/api/v1/settings/"+name, body, "Content-Type", "application/json")
		describe(t).check(t, "PUT", "/api/v1/settings/"+name, a)
		return a
	}
	for name, body := range map[string]string{"guard": `{"max_share":20}`, "sync": `{"reconcile_interval":"0","stale_after":"45m"}`, "numbers": `{"home_region":"at"}`,
		"yeastar": `{"base_url":"` + h.Sim.URL() + `","client_id":"` + yeastartest.DefaultClientID + `","client_secret":"` + yeastartest.DefaultClientSecret + `"}`} {
		if a := put(name, body); a.Status != http.StatusOK || strings.Contains(a.Body, yeastartest.DefaultClientSecret) {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	says(t, admin.Get("/settings/numbers").Parse(t), http.StatusOK, "Start Cordboard again", "with GB")
	for name, body := range map[string]string{"guard": `{"home_region":"GB"}`, "sync": `{"stale_after":"soon"}`, "numbers": `{"home_region":"ZZ"}`, "other": `{}`, "yeastar": `{"secret":"x"}`} {
		if a := put(name, body); a.Status != http.StatusUnprocessableEntity && a.Status != http.StatusNotFound {
			t.Errorf("%s %s: %d", name, body, a.Status)
		}
	}
	before := h.Settings.Current()
	again := webtest.New(t, webtest.Config{Unconnected: true, Database: h.Path})
	if now := again.Settings.Current(); now != before || again.Phone.Region() != "AT" || again.Cloud.Trouble() != "" {
		t.Errorf("after a start: %+v, was %+v, region %q, %s", now, before, again.Phone.Region(), again.Cloud.Trouble())
	}
}
