package notify_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/notify"
	"cordboard/sync/notify/notifytest"
	"cordboard/sync/seal"
)

func TestNoSecretOfAChannelIsKeptOrToldInTheOpen(t *testing.T) {
	s, r := notifytest.ServeMail(t), notifytest.Receive(t)
	d := newDesk(t)
	d.roots = s.Roots
	d.open()
	const path = "/services/planted-token-in-the-path"
	d.saveWebhook(r.URL + path)
	d.saveMail(s)
	r.Close()
	var said strings.Builder
	for _, c := range notify.Channels() {
		p, err := d.Test(t.Context(), ana, c)
		fmt.Fprintf(&said, "%+v %v\n", p, err)
	}
	// A server that repeats what it was told, and settings that are printed.
	err := d.SaveMail(t.Context(), ana, notify.Mail{On: true, Host: s.Host, Port: s.Port, Security: notify.StartTLS, Username: "someone", Password: notifytest.Password + "x",
		From: "a@example.com", To: []string{"b@example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Test(t.Context(), ana, notify.ByMail)
	settings, settingsErr := d.Settings(t.Context())
	fmt.Fprintf(&said, "%+v %v %+v %#v %v %s", p, err, settings.Webhook.Secret, settings.Mail, settingsErr, d.log.String())
	if p.State != notify.Failed || !strings.Contains(p.Answer, "535") {
		t.Errorf("a wrong password: %+v", p)
	}
	d.drift(1)
	d.look()
	page, err := d.db.Audit(t.Context(), audit.Filter{Page: fleet.PageRequest{Limit: 50}})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range page.Items {
		fmt.Fprintf(&said, "%+v %s %s\n", e, e.Before, e.After)
	}
	if err := d.db.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(d.path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		kept, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		said.Write(kept)
	}
	for name, secret := range map[string]string{"SMTP password": notifytest.Password, "signing secret": strings.TrimPrefix(notifytest.Secret, "whsec_"),
		"path of the address": "planted-token-in-the-path", "password in base64": "cGxhbnRlZC1zbXRwLXBhc3N3b3Jk"} {
		if at := strings.Index(said.String(), secret); at >= 0 {
			t.Errorf("the %s is told: …%.120q", name, said.String()[max(0, at-60):])
		}
	}
}

func TestSettingsOfAnotherKeyAreToldAndCanBeReplaced(t *testing.T) {
	d, r := newDesk(t), notifytest.Receive(t)
	d.saveWebhook(r.URL)
	d.key = 2
	d.open()
	if _, err := d.Settings(t.Context()); fleet.KindOf(err) != fleet.KindUnavailable || !errors.Is(err, seal.ErrOtherKey) {
		t.Fatalf("the settings of another key: %v", err)
	}
	d.drift(1)
	d.look()
	if err := d.SaveWebhook(t.Context(), ana, notify.Webhook{On: true, URL: r.URL}); fleet.KindOf(err) != fleet.KindInvalid {
		t.Errorf("saving without a secret: %v", err)
	}
	d.saveWebhook(r.URL)
	d.look()
	if got := types(r.Posts()); !slices.Equal(got, []string{"notice.opened"}) {
		t.Errorf("the receiver got %v", got)
	}
}

func TestSettingsThatCannotWorkAreRefusedFieldByField(t *testing.T) {
	d := newDesk(t)
	good := notify.Mail{On: true, Host: "smtp.example", Port: 587, Security: notify.StartTLS, From: "a@example.com", To: []string{"b@example.com"}}
	for name, c := range map[string]struct {
		save  func() error
		field string
	}{
		"http to elsewhere": {func() error {
			return d.SaveWebhook(t.Context(), ana, notify.Webhook{On: true, URL: "http://hooks.example/x", Secret: notifytest.Secret})
		}, "url"},
		"no address": {func() error {
			return d.SaveWebhook(t.Context(), ana, notify.Webhook{On: true, URL: "hooks.example", Secret: notifytest.Secret})
		}, "url"},
		"another scheme": {func() error {
			return d.SaveWebhook(t.Context(), ana, notify.Webhook{On: true, URL: "file:///etc/passwd", Secret: notifytest.Secret})
		}, "url"},
		"a password in the address": {func() error {
			return d.SaveWebhook(t.Context(), ana, notify.Webhook{On: true, URL: "https://a:b@hooks.example", Secret: notifytest.Secret})
		}, "url"},
		"a short secret": {func() error {
			return d.SaveWebhook(t.Context(), ana, notify.Webhook{On: true, URL: "https://hooks.example", Secret: "whsec_aGk="})
		}, "secret"},
		"no secret": {func() error {
			return d.SaveWebhook(t.Context(), ana, notify.Webhook{On: true, URL: "https://hooks.example"})
		}, "secret"},
		"a base with a path": {func() error {
			return d.SaveCommon(t.Context(), ana, notify.Common{Base: "https://cordboard.example/x"})
		}, "base_url"},
		"an unknown kind": {func() error { return d.SaveCommon(t.Context(), ana, notify.Common{Kinds: []notify.Kind{"noise"}}) }, "kinds"},
		"no server":       {func() error { m := good; m.Host = ""; return d.SaveMail(t.Context(), ana, m) }, "host"},
		"no port":         {func() error { m := good; m.Port = 0; return d.SaveMail(t.Context(), ana, m) }, "port"},
		"a password in the clear": {func() error {
			m := good
			m.Security, m.Username, m.Password = notify.Plain, "u", "p"
			return d.SaveMail(t.Context(), ana, m)
		}, "security"},
		"a name without a password": {func() error { m := good; m.Username = "u"; return d.SaveMail(t.Context(), ana, m) }, "password"},
		"no sender":                 {func() error { m := good; m.From = "nobody"; return d.SaveMail(t.Context(), ana, m) }, "from"},
		"a header in the sender": {func() error {
			m := good
			m.From = "a@example.com\r\nBcc: x@example.com"
			return d.SaveMail(t.Context(), ana, m)
		}, "from"},
		"nobody to tell": {func() error { m := good; m.To = nil; return d.SaveMail(t.Context(), ana, m) }, "to"},
		"somebody who is no address": {func() error {
			m := good
			m.To = []string{"b@example.com", "ben"}
			return d.SaveMail(t.Context(), ana, m)
		}, "to"},
	} {
		err := c.save()
		fe, ok := errors.AsType[*fleet.Error](err)
		if !ok || fe.Kind != fleet.KindInvalid || len(fe.Fields) != 1 || fe.Fields[0].Name != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := d.SaveMail(t.Context(), ana, good); err != nil {
		t.Errorf("good settings: %v", err)
	}
}

func TestASecretIsKeptForItsHostAlone(t *testing.T) {
	d := newDesk(t)
	d.saveWebhook("https://hooks.example/one")
	keep := func(address string) error {
		return d.SaveWebhook(t.Context(), ana, notify.Webhook{On: true, URL: address})
	}
	if err := keep("https://hooks.example/two"); err != nil {
		t.Errorf("the same host: %v", err)
	}
	if err := keep("https://evil.example/two"); fleet.KindOf(err) != fleet.KindInvalid {
		t.Errorf("another host got the secret: %v", err)
	}
	s, err := d.Settings(t.Context())
	if err != nil || s.Webhook.URL != "https://hooks.example/two" || string(s.Webhook.Secret) != notifytest.Secret {
		t.Errorf("%v %v", s.Webhook.URL, err)
	}
}
