package sso_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/sso"
	"cordboard/sync/sso/ssotest"
	"cordboard/sync/team"
)

const back = "https://cordboard.example/login/callback"

func config(at string) sso.Config {
	return sso.Config{Issuer: at, ClientID: ssotest.ClientID, ClientSecret: ssotest.ClientSecret, Now: time.Now,
		Groups: map[team.Role]string{team.Admin: "noc-leads, owners", team.Operator: "noc", team.Viewer: "staff"}}
}

func newProvider(t *testing.T, at string) *sso.Provider {
	t.Helper()
	p, err := sso.New(config(at))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// signIn goes the whole way; change has a hand in what comes back.
func signIn(t *testing.T, p *sso.Provider, at *ssotest.Provider, again bool, change func(*sso.Attempt, url.Values)) (sso.Person, error) {
	t.Helper()
	to, attempt, err := p.Begin(t.Context(), back, "/", again)
	if err != nil {
		t.Fatal(err)
	}
	q := at.SignIn(t, to).Query()
	change(&attempt, q)
	return p.Finish(t.Context(), back, attempt, q.Get("state"), q.Get("code"))
}

func asItIs(*sso.Attempt, url.Values) {}

func anna() map[string]any {
	return map[string]any{"sub": "u-1", "preferred_username": "Anna", "groups": []string{"noc", "tea"}}
}

func TestAPersonSignsInWithTheRoleOfTheirGroups(t *testing.T) {
	at := ssotest.New(t, anna())
	p := newProvider(t, at.URL)
	if at.Calls() != 0 {
		t.Error("the provider is called before anybody signs in")
	}
	who, err := signIn(t, p, at, false, asItIs)
	if err != nil || who.Name != "anna" || who.Subject != "u-1" || who.Issuer != at.URL || who.Role != team.Operator {
		t.Fatalf("%+v, %v", who, err)
	}
	for _, c := range []struct {
		groups any
		want   team.Role
	}{
		{[]string{"staff", "owners"}, team.Admin}, {"staff", team.Viewer}, {[]any{"noc", 7}, team.Operator},
		{[]string{"NOC"}, ""}, {[]string{}, ""}, {nil, ""}, {[]string{"noc-leads, owners"}, ""}, {"", ""},
	} {
		at.Set(map[string]any{"groups": c.groups})
		who, err := signIn(t, p, at, false, asItIs)
		if who.Role != c.want || (err == nil) != (c.want != "") || err != nil && fleet.KindOf(err) != fleet.KindDenied {
			t.Errorf("groups %v: %q, %v", c.groups, who.Role, err)
		}
	}
}

func TestTheNameIsOneThatCanBeAUsername(t *testing.T) {
	at := ssotest.New(t, anna())
	p := newProvider(t, at.URL)
	at.Set(map[string]any{"preferred_username": "Änna <x>", "email": "Anna@Example.eu"})
	if who, err := signIn(t, p, at, false, asItIs); err != nil || who.Name != "anna@example.eu" {
		t.Errorf("%q, %v", who.Name, err)
	}
	at.Set(map[string]any{"email": nil, "sub": "|||"})
	if _, err := signIn(t, p, at, false, asItIs); fleet.KindOf(err) != fleet.KindDenied {
		t.Errorf("no name at all: %v", err)
	}
}

func TestWhatWasNotAskedForOrNotSaidByTheProviderIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		claims map[string]any
		forge  bool
		change func(*sso.Attempt, url.Values)
	}{
		"another state":          {change: func(_ *sso.Attempt, q url.Values) { q.Set("state", "x") }},
		"no attempt":             {change: func(a *sso.Attempt, q url.Values) { *a = sso.Attempt{}; q.Set("state", "") }},
		"an old attempt":         {change: func(a *sso.Attempt, _ url.Values) { a.At = a.At.Add(-sso.Lasts) }},
		"another verifier":       {change: func(a *sso.Attempt, _ url.Values) { a.Verifier += "x" }},
		"another nonce":          {change: func(a *sso.Attempt, _ url.Values) { a.Nonce = "x" }},
		"a made-up code":         {change: func(_ *sso.Attempt, q url.Values) { q.Set("code", "x") }},
		"another signature":      {forge: true},
		"for somebody else":      {claims: map[string]any{"aud": "another client"}},
		"from somebody else":     {claims: map[string]any{"iss": "https://evil.example"}},
		"a token that is over":   {claims: map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}},
		"a token without an end": {claims: map[string]any{"exp": nil}},
		"the nonce of another":   {claims: map[string]any{"nonce": "x"}},
	} {
		at := ssotest.New(t, anna())
		at.Set(c.claims)
		if c.forge {
			at.Forge()
		}
		if c.change == nil {
			c.change = asItIs
		}
		who, err := signIn(t, newProvider(t, at.URL), at, false, c.change)
		if fleet.KindOf(err) != fleet.KindDenied || who.Role != "" {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
}

func TestACodeWorksOnce(t *testing.T) {
	at := ssotest.New(t, anna())
	p := newProvider(t, at.URL)
	_, err := signIn(t, p, at, false, func(a *sso.Attempt, q url.Values) {
		if _, err := p.Finish(t.Context(), back, *a, q.Get("state"), q.Get("code")); err != nil {
			t.Fatal(err)
		}
	})
	if fleet.KindOf(err) != fleet.KindDenied {
		t.Errorf("twice: %v", err)
	}
}

func TestAProofIsAFreshSignInAtTheProvider(t *testing.T) {
	at := ssotest.New(t, anna())
	p := newProvider(t, at.URL)
	to, _, err := p.Begin(t.Context(), back, "/", true)
	if err != nil || !strings.Contains(to, "prompt=login") || !strings.Contains(to, "max_age=0") {
		t.Fatalf("%s, %v", to, err)
	}
	if _, err := signIn(t, p, at, true, asItIs); err != nil {
		t.Errorf("a fresh one: %v", err)
	}
	for _, old := range []any{nil, time.Now().Add(-time.Hour).Unix()} {
		at.Set(map[string]any{"auth_time": old})
		if _, err := signIn(t, p, at, true, asItIs); fleet.KindOf(err) != fleet.KindDenied {
			t.Errorf("auth_time %v: %v", old, err)
		}
	}
}

func TestAProviderThatDoesNotAnswerIsSaidSoAndFoundLater(t *testing.T) {
	p := newProvider(t, "http://127.0.0.1:1")
	if _, _, err := p.Begin(t.Context(), back, "/", false); fleet.KindOf(err) != fleet.KindUnavailable {
		t.Errorf("%v", err)
	}
}

func TestSettingsThatCanNotWorkAreRefusedAtTheStart(t *testing.T) {
	for name, change := range map[string]func(*sso.Config){
		"no address":  func(c *sso.Config) { c.Issuer = "id.example" },
		"no TLS":      func(c *sso.Config) { c.Issuer = "http://id.example" },
		"a query":     func(c *sso.Config) { c.Issuer = "https://id.example/?x=1" },
		"no client":   func(c *sso.Config) { c.ClientID = "" },
		"no group":    func(c *sso.Config) { c.Groups = nil },
		"empty group": func(c *sso.Config) { c.Groups = map[team.Role]string{team.Admin: " , "} },
	} {
		c := config("https://id.example")
		change(&c)
		if _, err := sso.New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
