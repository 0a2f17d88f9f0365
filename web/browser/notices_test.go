package browser

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"cordboard/sync/notify/notifytest"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// Settings: the setup of the webhook and of notifications, and what a broken path looks like.

func TestThePagesOfSettingsAreAccessibleInEveryState(t *testing.T) {
	t.Parallel()
	s, r := notifytest.ServeMail(t), notifytest.Receive(t)
	h := webtest.New(t, webtest.Config{WebhookSecrets: []string{}, Roots: s.Roots, Grace: time.Millisecond, Sure: time.Millisecond})
	c := h.As(t, team.Admin)
	p := signedIn(t, h, desktop, team.Admin)
	show := func(name, path string, says ...string) {
		t.Helper()
		p.visit(path)
		p.says(says...)
		p.inspect(name)
	}
	show("settings", "/settings", "Webhook setup", "Notifications")
	show("settings webhook waiting", "/settings/webhook", "Waiting for the first report", "Webhook Event Push")
	show("settings webhook suggested", "/settings/webhook?suggest=yes", "stored nowhere")
	p.fill("#secret", "short")
	p.click("button", "Set the secret")
	p.says("The secret was not added")
	p.inspect("settings webhook 422")
	for _, secret := range []string{webtest.WebhookSecret, "another-secret-of-32-characters-"} {
		if a := c.Post("/settings/webhook/secrets", url.Values{"secret": {secret}}); a.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	show("settings webhook rotation", "/settings/webhook", "Two are set", "No report came with it yet", "Remove")
	show("settings backup none", "/settings/backup", "No backup is here")
	p.click("button", "Back up now")
	p.says("The newest is of", "Audit head")
	p.inspect("settings backup")
	show("settings notifications", "/settings/notifications", "Nothing to tell")
	p.tick("[name=mail_on]")
	p.click("button", "Save e-mail")
	p.says("E-mail was not saved")
	p.until("the summary has the focus", `document.activeElement.matches("[data-focus]")`)
	p.inspect("settings notifications 422")

	post := func(path string, form url.Values) {
		t.Helper()
		if a := c.Post("/settings/notifications"+path, form); a.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", path, a.Status, a.Parse(t).Text())
		}
	}
	post("", url.Values{"part": {"mail"}, "mail_on": {"true"}, "host": {s.Host}, "port": {strconv.Itoa(s.Port)}, "security": {"starttls"}, "from": {"a@example.com"}, "to": {"b@example.com"}})
	post("", url.Values{"part": {"webhook"}, "webhook_on": {"true"}, "url": {r.URL}, "secret": {notifytest.Secret}})
	r.Answer(http.StatusInternalServerError)
	post("/webhook/test", nil)
	h.Sim.SetWebhookPolicy(yeastartest.WebhookPolicy{Drop: yeastartest.All})
	plan := draft(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}})
	confirm(t, c, plan, url.Values{}, http.StatusSeeOther)
	h.Eventually("the mail is sent and the webhook waits", func() bool { h.Notifier.Poke(); return len(s.Mails()) > 0 && len(r.Posts()) > 1 })

	p.visit("/settings/notifications")
	p.click("#mail-test button", "Send a test")
	p.says("The last test arrived", "The last test failed", "The webhook path looks broken", "Waits")
	p.inspect("settings notifications told")
	show("webhooks broken", "/webhooks", "Looks broken", "What to look at", "See the plan")
	show("home broken", "/", "Looks broken", "Webhook setup")
}

func TestTheSetupPageTurnsGreenWithTheFirstReport(t *testing.T) {
	t.Parallel()
	h := house(t)
	p := signedIn(t, h, phone, team.Viewer)
	p.visit("/settings/webhook")
	p.says("Waiting for the first report", "Nothing yet")
	h.Sim.Rebind(int64(webtest.Bakery), []yeastartest.Binding{webtest.At(webtest.Colt, 50041)})
	p.says("Reports arrive", "Healthy")
}
