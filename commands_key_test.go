package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/station"
	"cordboard/web"
	"cordboard/yeastar"
)

// opens reports whether the stored settings of notifications open with the keys of the data folder, or of c.
func opens(t *testing.T, c config) (s *station.Station, password string) {
	t.Helper()
	key, err := open(c, newLog(c, os.Stderr))
	if err != nil {
		t.Fatal(err)
	}
	if s, err = assemble(t.Context(), c, key, &web.Hub{}, newLog(c, os.Stderr)); err != nil {
		t.Fatal(err)
	}
	settings, err := s.Notifier.Settings(t.Context())
	if err != nil {
		t.Errorf("the settings don't open: %v", err)
	}
	return s, string(settings.Mail.Password)
}

func TestTheKeyIsRotatedAndEverythingOpensWithTheNewOne(t *testing.T) {
	c, _ := connected(t)
	at, stop := boot(t, c)
	admin := browser(t, at, "root", somePassword)
	mail := url.Values{"part": {"mail"}, "host": {"smtp.example"}, "port": {"587"}, "security": {"starttls"}, "username": {"cb"}, "password": {"hush-mail"}, "from": {"a@b.example"}, "to": {"c@d.example"}}
	if status, body := sendForm(t, admin, at+"/settings/notifications", mail.Encode()); status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, body)
	}
	rotate := func() (int, string, string) { return typed(t, t.Context(), "", "key", "rotate", "--data", c.Data) }
	if code, _, errs := rotate(); code != 1 || !strings.Contains(errs, "another Cordboard serves") {
		t.Errorf("beside a running server: %d %s", code, errs)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(c.Data, keyFile)
	was, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := rotate()
	if code != 0 || !strings.Contains(out, "sealed anew with it: 1") {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	is, err := os.ReadFile(file)
	kept, _ := filepath.Glob(file + ".until-*")
	if err != nil || string(is) == string(was) || len(strings.Fields(string(is))) != 1 || len(kept) != 1 {
		t.Fatalf("%v, %v", kept, err)
	}
	if old, err := os.ReadFile(kept[0]); err != nil || string(old) != string(was) {
		t.Errorf("the old key is not kept: %v", err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	s, password := opens(t, c)
	if password != "hush-mail" {
		t.Errorf("the password is %q", password)
	}
	if page, err := s.DB.Audit(t.Context(), audit.Filter{Action: string(audit.KeyRotate)}); err != nil || len(page.Items) != 1 || page.Items[0].Actor != terminal {
		t.Errorf("%+v %v", page.Items, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	at, _ = boot(t, c)
	if response, err := admin.Get(strings.Replace(at, "localhost", "127.0.0.1", 1) + "/audit"); err != nil || response.StatusCode != http.StatusSeeOther {
		t.Errorf("a cookie of the old key: %v %v", response, err)
	}
}

func TestAKeyOfTheEnvironmentIsReplacedAtTheStart(t *testing.T) {
	c, _ := connected(t)
	first, second := encodeKeys(newKey()), encodeKeys(newKey())
	c.Key = yeastar.NewSecret(first)
	s, _ := opens(t, c)
	if err := s.DB.SetSetting(t.Context(), "notify.mail", s.Sealer.Seal("notify.mail", []byte(`{"password":"hush-mail"}`))); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CORDBOARD_KEY", first)
	if code, _, errs := typed(t, t.Context(), "", "key", "rotate", "--data", c.Data); code != 1 || !strings.Contains(errs, "before the old one with a comma") {
		t.Errorf("%d %s", code, errs)
	}
	for _, keys := range []string{strings.TrimSpace(second) + "," + first, second} {
		c.Key = yeastar.NewSecret(keys)
		s, password := opens(t, c)
		if password != "hush-mail" {
			t.Errorf("the password is %q", password)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{first + ",x", ",", ""} {
		if _, err := decodeKeys(bad); err == nil {
			t.Errorf("%q was taken for keys", bad)
		}
	}
}
