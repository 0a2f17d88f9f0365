package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/yeastar"
)

func TestATokenIsPrintedAloneListedWithoutItsKeyAndRevoked(t *testing.T) {
	data := t.TempDir()
	code, out, errs := typed(t, t.Context(), "", "token", "add", "ci", "--role", "operator", "--expires", "720h", "--data", data)
	key, rest, _ := strings.Cut(out, "\n")
	if code != 0 || rest != "" || !strings.HasPrefix(key, "cordboard_") {
		t.Fatalf("exit code %d, out %q, %s", code, out, errs)
	}
	stored := func() (team.Token, error) {
		t.Helper()
		d, err := db.Open(t.Context(), db.Config{Path: config{Data: data}.database()})
		if err != nil {
			t.Fatal(err)
		}
		tok, err := d.Token(t.Context(), team.Key(key).Hash())
		return tok, errors.Join(err, d.Close())
	}
	tok, err := stored()
	if err != nil || tok.Name != "ci" || tok.Role != team.Operator || tok.ExpiresAt.Sub(tok.MadeAt) != 720*time.Hour || tok.User().Name != "token ci" {
		t.Fatalf("%+v, %v", tok, err)
	}
	if code, out, _ := typed(t, t.Context(), "", "token", "list", "--data", data); code != 0 || strings.Contains(out, key) || !strings.HasPrefix(out, "ci\toperator\t-\t") || !strings.HasSuffix(out, "\tnever\n") {
		t.Errorf("the list: exit code %d, %q", code, out)
	}
	for name, args := range map[string][]string{
		"a name that is taken": {"add", "ci", "--role", "viewer"}, "no role": {"add", "cd"}, "another role": {"add", "cd", "--role", "root"},
		"two years": {"add", "cd", "--role", "viewer", "--expires", "17600h"}, "no time": {"add", "cd", "--role", "viewer", "--expires", "0s"},
		"no name": {"add", "--role", "viewer"}, "none of that name": {"revoke", "cd"}, "an option of another": {"revoke", "ci", "--expires", "1h"},
	} {
		if code, out, errs := typed(t, t.Context(), "", append(append([]string{"token"}, args...), "--data", data)...); code != 1 || out != "" || errs == "" {
			t.Errorf("%s: exit code %d, out %q", name, code, out)
		}
	}
	if code, _, errs := typed(t, t.Context(), "", "token", "revoke", "ci", "--data", data); code != 0 {
		t.Fatalf("revoking: %s", errs)
	}
	if _, err := stored(); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("revoked: %v", err)
	}
}

func TestSingleSignOnIsCheckedAtTheStart(t *testing.T) {
	good := oidcConfig{Issuer: "https://id.example", ClientID: "cordboard", ClientSecret: yeastar.NewSecret(secretText), ViewerGroup: "staff"}
	if p, err := (config{OIDC: good}).provider(); err != nil || p.Name() != "id.example" {
		t.Errorf("%v", err)
	}
	if p, err := (config{}).provider(); p != nil || err != nil {
		t.Errorf("none by default: %v, %v", p, err)
	}
	for name, change := range map[string]func(*oidcConfig){
		"no issuer": func(o *oidcConfig) { o.Issuer = "" }, "no client": func(o *oidcConfig) { o.ClientID = "" },
		"no group": func(o *oidcConfig) { o.ViewerGroup = "" }, "no TLS": func(o *oidcConfig) { o.Issuer = "http://id.example" },
	} {
		o := good
		change(&o)
		if _, err := (config{OIDC: o}).provider(); err == nil || strings.Contains(err.Error(), secretText) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
