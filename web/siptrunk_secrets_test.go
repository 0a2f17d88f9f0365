package web_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

const (
	markedNewSIP  = "planted-new-trunk-password-8d2e"
	markedBadSIP  = "planted-refused-trunk-password-0f"
	markedClient  = "planted-pbx-client-secret-6a9c"
	markedNoPlace = "planted-client-secret-for-nowhere-11"
)

// trunkHouse is used in every way that touches the secrets of a PBX, and some go wrong.
func trunkHouse(t *testing.T, log *ear) (*webtest.House, script, []string) {
	t.Helper()
	h := webtest.New(t, webtest.Config{Log: log.log()})
	s := newScript(t, h, team.Operator)
	send := func(body string) {
		a := s.Do("POST", "/api/v1/pbxs/4808/trunks/31/plans", body, "Content-Type", "application/json")
		if id := planID(a.Body); id != "" {
			s.Do("POST", "/api/v1/plans/"+id+"/confirm", `{}`, "Content-Type", "application/json")
		}
	}
	f := openTrunk(t, s.Client, registerPath)
	f.Values.Set("password", markedBadSIP)
	f.Values.Set("name", "not good")
	s.Post(f.Action, f.Values)
	f.Values.Set("name", "carrier-a")
	f.Values.Set("password", markedNewSIP)
	first := planTrunk(t, s.Client, f)
	confirmTrunk(t, s.Client, first)
	planTrunk(t, s.Client, openNamed(t, s.Client, markedNewSIP+"-draft"))

	h.Sim.SetPBXSecret(4808, markedClient)
	api := h.Sim.PBXAPI(4808)
	s.Do("PUT", "/api/v1/pbxs/4808/api-access", fmt.Sprintf(`{"transport":"direct","base_url":"nowhere","client_id":"x","client_secret":%q}`, markedNoPlace), "Content-Type", "application/json")
	s.Post("/pbx/4808/api-access", url.Values{"transport": {"direct"}, "base_url": {"://"}, "client_secret": {markedNoPlace}})
	s.Post("/pbx/4808/api-access", url.Values{"transport": {"direct"}, "base_url": {api.BaseURL}, "client_id": {api.ClientID}, "client_secret": {markedClient}})
	s.Post("/pbx/4808/api-access/test", nil)
	echo := func(i int) string { // the PBX tells back what it was told
		return fmt.Sprintf(`{"errcode":40002,"errmsg":"PARAMETER ERROR","invalid_param_list":[{"field":"password","value":"%s-%d"}],"submsg":"not %s-%d, %s"}`, markedNewSIP, i, markedNewSIP, i, markedClient)
	}
	for i, fault := range []yeastartest.Fault{yeastartest.Status(400, echo(0)), yeastartest.Status(502, "<html>"+echo(1)), yeastartest.CloseBeforeCommit(), yeastartest.HTML(), yeastartest.Truncated(), yeastartest.PBXCode(-2), yeastartest.PBXCode(40003)} {
		h.Sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: "/pbx/", Times: 3}, yeastartest.Status(500, `{"errcode":-2,"submsg":"`+markedClient+`"}`))
		s.Get(registerPath)
		h.Sim.ClearFaults()
		h.Sim.Fail(yeastartest.Match{Method: "POST", PathPrefix: "/pbx/", Times: 2}, fault)
		send(fmt.Sprintf(`{"patch":{"password":"%s-%d","port":%d}}`, markedNewSIP, i, 6000+i))
		h.Sim.ClearFaults()
	}
	var tokens []string
	for _, r := range h.Sim.Requests() {
		if q, err := url.ParseQuery(r.Query); err == nil && q.Get("access_token") != "" {
			tokens = append(tokens, q.Get("access_token"))
		}
	}
	if len(tokens) == 0 {
		t.Fatal("nothing went the direct way")
	}
	h.Sim.SetPBXSecret(4808, "rotated")
	s.Get("/pbx/4808/trunks")
	s.Post("/pbx/4808/api-access/test", nil)
	return h, s, tokens
}

// openNamed is the form of the register trunk with a new password.
func openNamed(t *testing.T, c *webtest.Client, password string) webtest.Form {
	t.Helper()
	f := openTrunk(t, c, registerPath)
	f.Values.Set("password", password)
	return f
}

func planID(body string) string {
	_, rest, ok := strings.Cut(body, `"id":"`)
	if !ok {
		return ""
	}
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

func TestNoSecretOfAPBXIsShownLoggedOrKeptInTheOpen(t *testing.T) {
	var log ear
	h, s, tokens := trunkHouse(t, &log)
	secrets := map[string]string{"trunk's password": webtest.SIPPassword, "new password": markedNewSIP, "refused password": markedBadSIP, "client secret": markedClient, "refused client secret": markedNoPlace}
	for i, token := range tokens {
		secrets[fmt.Sprintf("PBX token %d", i)] = token
	}
	page, err := h.DB.Plans(t.Context(), planFilterAll)
	if err != nil || len(page.Items) < 3 {
		t.Fatalf("%d plans, %v", len(page.Items), err)
	}
	paths := []string{"/", "/pbx/4808", "/pbx/4808/trunks", accountPath, registerPath, "/pbx/4808/api-access", "/plans", "/audit?page_size=200", "/audit.csv", "/palette?q=carrier", "/jobs",
		"/api/v1/pbxs/4808/trunks", "/api/v1/pbxs/4808/trunks/31", "/api/v1/pbxs/4808/api-access", "/api/v1/plans?page_size=200", "/api/v1/audit?page_size=200", "/metrics"}
	for _, p := range page.Items {
		paths = append(paths, "/plans/"+string(p.ID), "/api/v1/plans/"+string(p.ID))
	}
	for _, path := range paths {
		a := s.Get(path)
		tells(t, path, a.Body+fmt.Sprint(a.Header), secrets)
	}
	tells(t, "the log", log.heard(), secrets)
	copied := filepath.Join(t.TempDir(), "copy.db")
	if _, err := h.DB.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if err := h.DB.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(h.Path + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range append(files, copied) {
		kept, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tells(t, filepath.Base(file), string(kept), secrets)
	}
}
