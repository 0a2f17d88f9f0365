package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/notify/notifytest"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

const noticesPath = "/settings/notifications"

func mailForm(s *notifytest.SMTP) url.Values {
	return url.Values{"part": {"mail"}, "mail_on": {"true"}, "host": {s.Host}, "port": {fmt.Sprint(s.Port)}, "security": {"starttls"}, "username": {notifytest.Username},
		"password": {notifytest.Password}, "from": {"Cordboard <cordboard@example.com>"}, "to": {"ana@example.com\r\nben@example.com"}}
}

func hookForm(address string) url.Values {
	return url.Values{"part": {"webhook"}, "webhook_on": {"true"}, "url": {address}, "secret": {notifytest.Secret}}
}

func TestAnAdminSetsNotificationsUpAndTriesThem(t *testing.T) {
	s, r := notifytest.ServeMail(t), notifytest.Receive(t)
	h := webtest.New(t, webtest.Config{Roots: s.Roots})
	c := h.As(t, team.Admin)
	saved := func(path string, form url.Values) {
		t.Helper()
		if a := c.Post(path, form); a.Status != http.StatusSeeOther || a.Location() != noticesPath {
			t.Fatalf("%s: %d to %q: %s", path, a.Status, a.Location(), a.Parse(t).Text())
		}
	}
	shows := func(says ...string) webtest.Page {
		t.Helper()
		page := c.Get(noticesPath).Parse(t)
		for _, want := range says {
			if !strings.Contains(page.Text(), want) {
				t.Errorf("the page does not say %q: %s", want, page.Text())
			}
		}
		return page
	}
	if page := shows("Off", "Nothing to tell"); page.HasPost(noticesPath + "/mail/test") {
		t.Error("what is not set up can be tested")
	}
	saved(noticesPath, url.Values{"kinds": {"drift", "webhook_path"}, "base_url": {"https://cordboard.example/"}})
	saved(noticesPath, hookForm(r.URL))
	saved(noticesPath, mailForm(s))
	saved(noticesPath+"/mail/test", nil)
	saved(noticesPath+"/webhook/test", nil)
	shows("The last test arrived", "took the mail for 2 people", "The address answered 204")
	if mails := s.Mails(); len(mails) != 1 || !strings.Contains(mails[0].Text, "admin tried whether") || !strings.Contains(mails[0].Text, "https://cordboard.example/settings/notifications") {
		t.Errorf("the mails are %+v", mails)
	}
	r.Answer(http.StatusForbidden)
	saved(noticesPath+"/webhook/test", nil)
	page := shows("The last test failed", "403 Forbidden")

	form := page.Form(t, noticesPath, "host")
	if form.Values.Get("host") != s.Host || form.Values.Get("password") != "" || form.Values.Get("to") != "ana@example.com\nben@example.com" || form.Values.Get("mail_on") != "true" {
		t.Errorf("the form holds %v", form.Values)
	}
	saved(noticesPath, form.Values) // an empty password keeps the one that is set
	r.Answer(http.StatusNoContent)
	saved(noticesPath+"/mail/test", nil)
	if len(s.Mails()) != 2 {
		t.Errorf("%d mails", len(s.Mails()))
	}
	common := page.Form(t, noticesPath, "base_url")
	if common.Values.Get("base_url") != "https://cordboard.example" || len(common.Values["kinds"]) != 2 {
		t.Errorf("the form holds %v", common.Values)
	}
	if text := c.Get("/settings").Parse(t).Text(); !strings.Contains(text, "By e-mail and by webhook") {
		t.Errorf("the settings say %s", text)
	}
	if text := h.As(t, team.Operator).Get("/settings").Parse(t).Text(); strings.Contains(text, "Nobody is told") || strings.Contains(text, "By e-mail") {
		t.Errorf("an operator sees %s", text)
	}
	if page := c.Get("/settings/webhook").Parse(t); !strings.Contains(page.Text(), "https://cordboard.example/hooks/ycm") {
		t.Error("the setup page does not know the address of Cordboard")
	}
}

func TestWrongSettingsOfNotificationsKeepWhatWasTyped(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Admin)
	a := c.Post(noticesPath, url.Values{"part": {"mail"}, "mail_on": {"true"}, "host": {"smtp.example"}, "port": {"many"}, "security": {"none"}, "username": {"u"}, "password": {"planted-typed-password"},
		"from": {"nobody"}, "to": {"ana@example.com\nben"}})
	page := a.Parse(t)
	if a.Status != http.StatusUnprocessableEntity {
		t.Fatalf("%d %s", a.Status, page.Text())
	}
	form := page.Form(t, noticesPath, "host")
	if v := form.Values; v.Get("port") != "many" || v.Get("from") != "nobody" || v.Get("to") != "ana@example.com\nben" || v.Get("security") != "none" || v.Get("mail_on") != "true" {
		t.Errorf("the form holds %v", form.Values)
	}
	if strings.Contains(a.Body, "planted-typed-password") {
		t.Error("the password is sent back")
	}
	for _, want := range []string{"E-mail was not saved", "587 for STARTTLS", "Without encryption the password", "An e-mail address", "One e-mail address a line"} {
		if !strings.Contains(page.Text(), want) {
			t.Errorf("it does not say %q", want)
		}
	}
	a = c.Post(noticesPath, url.Values{"part": {"webhook"}, "webhook_on": {"true"}, "url": {"http://hooks.example/planted-token"}, "secret": {"whsec_short"}})
	if text := a.Parse(t).Text(); a.Status != 422 || !strings.Contains(text, "It must begin with https://") || !strings.Contains(text, "24 to 64 random bytes") || strings.Contains(a.Body, "whsec_short") {
		t.Errorf("%d %s", a.Status, text)
	}
	if a := c.Post(noticesPath+"/fax/test", nil); a.Status != 404 {
		t.Errorf("a channel that does not exist: %d", a.Status)
	}
}

func TestNoSecretOfNotificationsIsOnAPageInTheRecordOrInTheDatabase(t *testing.T) {
	var log ear
	s, r := notifytest.ServeMail(t), notifytest.Receive(t)
	h := webtest.New(t, webtest.Config{Roots: s.Roots, Log: log.log(), Sure: time.Millisecond, Grace: time.Millisecond})
	c := h.As(t, team.Admin)
	secrets := map[string]string{"SMTP password": notifytest.Password, "signing secret": strings.TrimPrefix(notifytest.Secret, "whsec_"), "path of the address": "planted-path-token"}
	c.Post(noticesPath, mailForm(s))
	c.Post(noticesPath, hookForm(r.URL+"/planted-path-token"))
	s.Refuse("550 no")
	r.Answer(500)
	for _, channel := range []string{"mail", "webhook"} {
		c.Post(noticesPath+"/"+channel+"/test", nil)
	}
	h.Sim.ReleaseSilently(int64(webtest.AcmeHQ), []int64{50030})
	h.Sweep()
	h.Eventually("the receiver is told", func() bool { h.Notifier.Poke(); return len(r.Posts()) > 1 })
	for _, path := range []string{"/", "/settings", "/settings/webhook", "/webhooks", "/audit", "/audit.csv", "/api/v1/audit", "/api/v1/webhooks/health", "/metrics"} {
		a := c.Get(path)
		if a.Status != 200 {
			t.Errorf("%s: %d", path, a.Status)
		}
		tells(t, path, a.Body, secrets)
	}
	shown := map[string]string{"SMTP password": secrets["SMTP password"], "signing secret": secrets["signing secret"]}
	tells(t, noticesPath, c.Get(noticesPath).Body, shown) // an admin sees the address itself
	tells(t, "the log", log.heard(), secrets)
	page, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.SettingsUpdate), Page: fleet.PageRequest{Limit: 10}})
	if err != nil || page.Total != 2 {
		t.Errorf("the record: %+v, %v", page.Items, err)
	}
	files, err := filepath.Glob(h.Path + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		kept, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tells(t, filepath.Base(file), string(kept), secrets)
	}
}

func TestTheDashboardAndTheInboxShowABrokenPathAndTheAPIToo(t *testing.T) {
	h := webtest.New(t, webtest.Config{Grace: time.Millisecond})
	c := newScript(t, h, team.Operator)
	health := func() object { t.Helper(); return c.get("/webhooks/health") }
	if v := health(); v["state"] != "never" || len(v["hints"].([]any)) == 0 {
		t.Errorf("at first: %+v", v)
	}
	if text := c.Get("/settings/webhook").Parse(t).Text(); !strings.Contains(text, "Waiting for the first report") || !strings.Contains(text, "Webhook Event Push") || !strings.Contains(text, "/hooks/ycm") {
		t.Errorf("the setup page says %s", text)
	}
	h.Sim.SetWebhookPolicy(yeastartest.WebhookPolicy{Drop: yeastartest.All})
	confirm, _ := c.draft("/pbxs/4808/plans", oneMore)
	c.ask(200, "POST", confirm, "")
	h.Eventually("the path is broken", func() bool { return health()["state"] == "broken" })
	v := health()
	if seen := v["evidence"].([]any); len(seen) != 1 || seen[0].(map[string]any)["plan_id"] == nil || !strings.Contains(v["sentence"].(string), "looks broken") {
		t.Errorf("the verdict is %+v", v)
	}
	for path, says := range map[string][]string{
		"/":                 {"Looks broken", "The webhook path looks broken", "Webhook setup"},
		"/webhooks":         {"Looks broken", "no report followed", "What to look at", "Webhook Event Push"},
		"/settings/webhook": {"Looks broken"},
	} {
		text := c.Get(path).Parse(t).Text()
		for _, want := range says {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q: %s", path, want, text)
			}
		}
	}
	h.Sim.SetWebhookPolicy(yeastartest.WebhookPolicy{})
	h.Sim.Rebind(int64(webtest.Bakery), []yeastartest.Binding{webtest.At(webtest.Colt, 50041)})
	h.Settled()
	h.Eventually("the path is healthy", func() bool { return health()["state"] == "healthy" })
	if text := c.Get("/settings/webhook").Parse(t).Text(); !strings.Contains(text, "Reports arrive") {
		t.Errorf("the setup page says %s", text)
	}
}

func TestAllDeadDeliveriesAreReplayedByOneButton(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	h.Sim.SendBody([]byte(`[{"event":"did_change","sn":7}]`))
	h.Sim.SendBody([]byte(`{"what":"is this"}`))
	h.Settled()
	page := c.Get("/webhooks?state=dead").Parse(t)
	form := page.Form(t, "/webhooks/all/replay", "state")
	if a := c.Post(form.Action, form.Values); a.Status != 303 || a.Location() != "/webhooks?state=dead" {
		t.Fatalf("%d %s", a.Status, a.Location())
	}
	h.Settled()
	rows, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.DeliveryReplay), Page: fleet.PageRequest{Limit: 10}})
	if err != nil || rows.Total != 1 || !strings.Contains(rows.Items[0].Target, "dead") {
		t.Errorf("the record: %+v, %v", rows.Items, err)
	}
	if a := c.Post("/webhooks/all/replay", url.Values{"state": {"digested"}}); a.Status != 422 {
		t.Errorf("replaying what is digested: %d", a.Status)
	}
}
