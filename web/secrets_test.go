package web_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	plans "cordboard/sync/plan"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// ear hears everything that is logged, whatever its level.
type ear struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (e *ear) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.text.Write(p)
}

func (e *ear) heard() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.text.String()
}

func (e *ear) log() *slog.Logger {
	return slog.New(slog.NewJSONHandler(e, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
}

const (
	markedHook  = "planted-webhook-secret-5b1f"
	markedSIP   = "planted-sip-password-77aa"
	markedTypo  = "planted-mistyped-password-31"
	markedName  = "planted-password-as-username"
	markedSetup = "planted-setup-password-99"
	markedMail  = "planted-mail-password-4c"
	markedSign  = "whsec_cGxhbnRlZC1zaWduaW5nLXNlY3JldC0wMDAwMDAwMDE="
)

// planted are the secrets that a used house knows, each with its name. What the vendor handed out and
// what browsers hold is added by whoever used it.
func planted() map[string]string {
	return map[string]string{
		"client secret": yeastartest.DefaultClientSecret, "webhook secret": markedHook, "SIP password": markedSIP, "user's password": webtest.Password, "mail password": markedMail, "signing secret": strings.TrimPrefix(markedSign, "whsec_"), "signing key": "planted-signing-secret",
		"mistyped password": markedTypo, "password typed as a name": markedName, "key": strings.Repeat("k", 16), "hash of a password": "argon2id",
	}
}

// busyHouse is used in every way that touches a secret, and some go wrong.
func busyHouse(t *testing.T, log *slog.Logger) (h *webtest.House, s script, secrets map[string]string) {
	t.Helper()
	h = webtest.New(t, webtest.Config{Log: log, WebhookSecrets: []string{markedHook}, Fleet: func(sim *yeastartest.Server) {
		webtest.Acme(sim)
		sim.AddTrunk(yeastartest.Trunk{ID: 7100, Name: "Guarded", Username: "sip-user", Password: markedSIP, Hostname: "sip.example"})
		sim.AddDID(yeastartest.DID{ID: 71000, Number: "4471000", Trunks: []int64{7100}})
	}})
	s = newScript(t, h, team.Operator)
	boss := h.As(t, team.Admin)
	for _, host := range []string{"127.0.0.1", "127.0.0.2"} { // the second one is refused: another host wants its secrets anew
		boss.Post("/settings/notifications", url.Values{"part": {"mail"}, "mail_on": {"true"}, "host": {host}, "port": {"1"}, "security": {"starttls"}, "username": {"cb"}, "password": {markedMail}, "from": {"a@b.example"}, "to": {"c@d.example"}})
		boss.Post("/settings/notifications", url.Values{"part": {"webhook"}, "webhook_on": {"true"}, "url": {"http://" + host + ":1/hook"}, "secret": {markedSign}})
		markedTwice := url.Values{"part": {"webhook"}, "webhook_on": {"true"}, "url": {"nonsense"}, "secret": {markedSign}}
		boss.Post("/settings/notifications", markedTwice)
	}
	for _, channel := range []string{"mail", "webhook"} {
		boss.Post("/settings/notifications/"+channel+"/test", nil)
	}
	stranger := h.Stranger(t)
	signIn(stranger, "operator", markedTypo)
	signIn(stranger, markedName, "x")
	stranger.Get("/?password=" + url.QueryEscape("in-a-query"))
	stranger.Do("POST", "/hooks/ycm", "[]", "X-Signature", yeastartest.SignedBody(markedHook, []byte("other")))

	confirm, _ := s.draft("/pbxs/4808/plans", `{"bind":[{"trunk_id":7100,"did_id":71000}]}`)
	s.ask(200, "POST", confirm, "")
	token := lastToken(h)
	echo := fmt.Sprintf(`{"status":"Failed","errno":1000004,"errmsg":"Bearer %s is good, client_secret=%s too","requestId":"r1"}`, token, yeastartest.DefaultClientSecret)
	for _, fault := range []yeastartest.Fault{yeastartest.Status(400, echo), yeastartest.Status(500, echo), yeastartest.Status(502, "<html>"+echo), yeastartest.CloseBeforeCommit(), yeastartest.HTML(), yeastartest.Truncated()} {
		h.Sim.Fail(yeastartest.Match{PathPrefix: "/dm/open_api/v1", Times: -1}, fault)
		s.Do("POST", "/api/v1/pbxs/4808/plans", oneMore, "Content-Type", "application/json")
		s.Post("/pbx/4808/plans", url.Values{"bind": {"6681:50036"}})
		s.Get("/pbx/4808/dids?trunk=6681")
		h.Sim.ClearFaults()
		confirm, _ := s.draft("/pbxs/4808/plans", oneMore)
		h.Sim.Fail(writes, fault)
		s.Do("POST", "/api/v1"+confirm, "", "Content-Type", "application/json")
		h.Sim.ClearFaults()
		if err := h.Changer.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Do("POST", "/api/v1/pbxs/4808/plans", `{"unbind":[{"trunk_id":6681,"did_id":50036}]}`, "Content-Type", "application/json")
	}
	h.Sim.Fail(yeastartest.Match{PathPrefix: "/dm/open_api/oauth", Times: -1}, yeastartest.Status(401, echo))
	h.Sim.RevokeTokens()
	for range 3 {
		s.Do("POST", "/api/v1/reconcile", "")
		s.Get("/pbx/4808/dids?trunk=6681")
	}
	h.Sim.ClearFaults()

	secrets = planted()
	for i, token := range tokens(h) {
		secrets[fmt.Sprintf("access token %d", i)] = token
	}
	for i, r := range h.Sim.Requests() {
		if form, err := url.ParseQuery(string(r.Body)); err == nil && form.Get("refresh_token") != "" {
			secrets[fmt.Sprintf("refresh token %d", i)] = form.Get("refresh_token")
		}
	}
	secrets["session cookie"] = s.Cookie("cordboard")
	return h, s, secrets
}

func tokens(h *webtest.House) (all []string) {
	for _, r := range h.Sim.Requests() {
		if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && !slices.Contains(all, token) {
			all = append(all, token)
		}
	}
	return all
}

func lastToken(h *webtest.House) string {
	all := tokens(h)
	return all[len(all)-1]
}

func tells(t *testing.T, where, text string, secrets map[string]string) {
	t.Helper()
	for name, secret := range secrets {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("%s tells the %s: …%.200q", where, name, text[max(0, at-100):])
		}
	}
}

func TestNoSecretIsShownLoggedOrKeptInTheOpen(t *testing.T) {
	var log ear
	h, s, secrets := busyHouse(t, log.log())
	admin := h.As(t, team.Admin)
	secrets["admin's cookie"] = admin.Cookie("cordboard")

	page, err := h.DB.Plans(t.Context(), planFilterAll)
	if err != nil || len(page.Items) < 5 {
		t.Fatalf("%d plans, %v", len(page.Items), err)
	}
	snapshot := s.get("/pbxs/4808/snapshots")["items"].([]any)[0].(map[string]any)["id"].(string)
	paths := []string{"/pbx/4808/dids?trunk=7100", "/numbers?number=4471000", "/audit?page_size=200", "/audit?q=planted", "/palette?q=guarded", "/trunks/7100", "/trunks/7100/pbxs", "/api/v1/trunks/7100", "/api/v1/trunks/7100/numbers",
		"/api/v1/plans?page_size=200", "/api/v1/numbers?number=4471000", "/api/v1/audit?page_size=200", "/settings/webhook?suggest=yes"}
	for _, d := range doors(string(page.Items[0].ID), snapshot) { // every page, list, file and answer that there is
		if d.method == http.MethodGet && d.path != "/events" {
			paths = append(paths, d.path)
		}
	}
	head, err := h.DB.AuditHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for seq := range head.Seq {
		paths = append(paths, fmt.Sprint("/audit/", seq+1))
	}
	for _, p := range page.Items {
		paths = append(paths, "/plans/"+string(p.ID), "/api/v1/plans/"+string(p.ID))
	}
	for i := range s.stored() {
		paths = append(paths, fmt.Sprintf("/webhooks/%d", i+1))
	}
	for _, path := range paths {
		for _, c := range []*webtest.Client{admin, s.Client} {
			a := c.Get(path)
			if a.Status >= 500 && a.Status != http.StatusServiceUnavailable { // YCM's refusals have stopped our sign-in by now
				t.Errorf("%s: %d", path, a.Status)
			}
			tells(t, path, a.Body+fmt.Sprint(a.Header), secrets)
		}
	}
	tells(t, "the log", log.heard(), secrets)
	if !strings.Contains(log.heard(), "request failed") {
		t.Error("nothing was logged at all")
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if _, err := h.DB.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if kept, err := h.DB.Setting(t.Context(), "ycm.token"); err != nil || len(kept) < 100 {
		t.Errorf("YCM's token pair is not among what is kept: %d bytes, %v", len(kept), err)
	}
	if err := h.DB.Close(); err != nil {
		t.Fatal(err)
	}
	delete(secrets, "hash of a password") // that is what the database is for
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

// stored is how many deliveries the inbox has.
func (s script) stored() int { s.t.Helper(); return int(s.get("/webhooks")["total"].(float64)) }

var planFilterAll = plans.Filter{Page: fleet.PageRequest{Limit: 200}}

func TestTheSetupTellsNeitherItsCodeNorThePassword(t *testing.T) {
	var log ear
	h := webtest.New(t, webtest.Config{Unconnected: true, NoUsers: true, Log: log.log()})
	secrets := map[string]string{"setup code": h.Code.Reveal(), "setup code without its dash": strings.ReplaceAll(h.Code.Reveal(), "-", ""), "password": markedSetup}
	c := h.Stranger(t)
	tells(t, "the page", c.Get("/setup").Body, secrets)
	form := url.Values{"code": {"wrong"}, "username": {"anna"}, "password": {markedSetup}}
	tells(t, "the page after a wrong code", c.Post("/setup", form).Body, secrets)
	form.Set("code", h.Code.Reveal())
	form.Set("username", "a b")
	tells(t, "the page after a wrong name", c.Post("/setup", form).Body, map[string]string{"password": markedSetup})
	form.Set("username", "anna")
	if a := c.Post("/setup", form); a.Status != http.StatusSeeOther {
		t.Fatalf("setup: %d", a.Status)
	}
	tells(t, "the log", log.heard(), secrets)
	rows, err := h.DB.Audit(t.Context(), audit.Filter{Page: fleet.PageRequest{Limit: 10}})
	if err != nil || len(rows.Items) != 1 {
		t.Fatalf("%v, %v", rows.Items, err)
	}
	tells(t, "the record", fmt.Sprintf("%+v", rows.Items), secrets)
}
