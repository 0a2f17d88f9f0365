package sso

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
)

// Config is how the provider is reached, and what its groups mean here.
type Config struct {
	Issuer       string // https://id.example
	ClientID     string
	ClientSecret string
	GroupsClaim  string               // of the ID token; "groups" when empty
	Groups       map[team.Role]string // the groups of each role, with commas; a role may have none
	HTTP         *http.Client         // nil: one with a time limit
	Now          func() time.Time
}

// Provider signs people in.
type Provider struct {
	c     Config
	mu    sync.Mutex
	found *oidc.Provider // nil until it was looked up
}

// patience is how long the provider may take for one answer.
const patience = 10 * time.Second

// New checks the settings. It calls nobody.
func New(c Config) (*Provider, error) {
	u, err := url.Parse(c.Issuer)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("the issuer is not an address such as https://id.example")
	case u.Scheme == "http" && u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost" && u.Hostname() != "::1":
		return nil, errors.New("the issuer's address has no TLS")
	case c.ClientID == "":
		return nil, errors.New("the client id is missing")
	case c.Now == nil:
		return nil, errors.New("sso.New: Now is nil")
	}
	some := false
	for _, groups := range c.Groups {
		some = some || strings.Trim(groups, ", ") != ""
	}
	if !some {
		return nil, errors.New("no group has a role, so that nobody could sign in")
	}
	c.GroupsClaim = cmp.Or(c.GroupsClaim, "groups")
	if c.HTTP == nil {
		c.HTTP = &http.Client{Timeout: patience}
	}
	return &Provider{c: c}, nil
}

// Name is how a person recognises the provider: its host.
func (p *Provider) Name() string {
	u, err := url.Parse(p.c.Issuer)
	if err != nil {
		return p.c.Issuer
	}
	return u.Hostname()
}

// Attempt is one sign-in under way. The browser keeps it, boxed.
type Attempt struct {
	State    string
	Nonce    string
	Verifier string // of PKCE
	Again    bool   // the person is to prove anew who they are
	Next     string // where it leads afterwards
	At       time.Time
}

// Lasts is how long an attempt counts.
const Lasts = 10 * time.Minute

// Person is who the provider says signed in.
type Person struct {
	Issuer   string
	Subject  string // the provider's own id, which never changes
	Name     string // as a username
	Role     team.Role
	ProvedAt time.Time // when they signed in at the provider; zero: it did not say
}

func (p *Provider) look(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	// The keys are fetched again later, with the context of this call: it must not end with the request.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.c.HTTP), p.c.Issuer)
	if err != nil {
		return nil, unreachable(err)
	}
	p.found = found
	return found, nil
}

func unreachable(err error) error {
	return &fleet.Error{Kind: fleet.KindUnavailable, Op: "sso", Msg: "The sign-in provider does not answer as it should. Try again, or sign in with a password.", Err: err}
}

func (p *Provider) config(found *oidc.Provider, redirect string) oauth2.Config {
	return oauth2.Config{ClientID: p.c.ClientID, ClientSecret: p.c.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: redirect,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email", "groups"}}
}

// Begin is where the browser goes to sign in.
func (p *Provider) Begin(ctx context.Context, redirect, next string, again bool) (string, Attempt, error) {
	found, err := p.look(ctx)
	if err != nil {
		return "", Attempt{}, err
	}
	a := Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Again: again, Next: next, At: p.c.Now()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)}
	if again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	config := p.config(found, redirect)
	return config.AuthCodeURL(a.State, options...), a, nil
}

// Finish takes what the provider sent the browser back with.
func (p *Provider) Finish(ctx context.Context, redirect string, a Attempt, state, code string) (Person, error) {
	if a.State == "" || subtle.ConstantTimeCompare([]byte(a.State), []byte(state)) != 1 || p.c.Now().Sub(a.At) >= Lasts {
		return Person{}, denied("This sign-in was not begun here, or took too long. Begin again.", nil)
	}
	found, err := p.look(ctx)
	if err != nil {
		return Person{}, err
	}
	config := p.config(found, redirect)
	token, err := config.Exchange(oidc.ClientContext(ctx, p.c.HTTP), code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && refused.Response.StatusCode < http.StatusInternalServerError {
			return Person{}, denied("The provider refused this sign-in. Begin again.", err)
		}
		return Person{}, unreachable(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: p.c.ClientID, Now: p.c.Now}).Verify(oidc.ClientContext(ctx, p.c.HTTP), raw)
	if err != nil {
		return Person{}, denied("What the provider said can't be trusted.", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.Nonce)) != 1 {
		return Person{}, denied("What the provider said belongs to another sign-in.", nil)
	}
	return p.person(id, a)
}

func denied(msg string, err error) error {
	return &fleet.Error{Kind: fleet.KindDenied, Op: "sso.Finish", Msg: msg, Err: err}
}

// person reads the claims.
func (p *Provider) person(id *oidc.IDToken, a Attempt) (Person, error) {
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		return Person{}, denied("What the provider said can't be read.", err)
	}
	who := Person{Issuer: id.Issuer, Subject: id.Subject}
	if at, ok := claims["auth_time"].(float64); ok {
		who.ProvedAt = time.Unix(int64(at), 0).UTC()
	}
	if a.Again && p.c.Now().Sub(who.ProvedAt) >= team.ProofLasts {
		return Person{}, denied("The provider did not ask who you are again.", nil)
	}
	for _, claim := range []string{"preferred_username", "email", "sub"} {
		text, _ := claims[claim].(string)
		if name, err := team.CleanUsername(text); err == nil {
			who.Name = name
			break
		}
	}
	if who.Name == "" {
		return Person{}, denied("The provider tells no name that could be a username here.", nil)
	}
	if who.Role = p.role(groupsOf(claims[p.c.GroupsClaim])); who.Role == "" {
		return who, denied(fmt.Sprintf("%s is in no group that may use Cordboard.", who.Name), nil)
	}
	return who, nil
}

// groupsOf reads a claim that is one group or a list of them.
func groupsOf(claim any) []string {
	switch v := claim.(type) {
	case string:
		return []string{v}
	case []any:
		groups := make([]string, 0, len(v))
		for _, g := range v {
			if text, ok := g.(string); ok {
				groups = append(groups, text)
			}
		}
		return groups
	}
	return []string{}
}

// role is the highest that one of the groups has, or none.
func (p *Provider) role(groups []string) team.Role {
	var best team.Role
	for _, role := range team.Roles() {
		for name := range strings.SplitSeq(p.c.Groups[role], ",") {
			if name = strings.TrimSpace(name); name != "" && slices.Contains(groups, name) {
				best = role
			}
		}
	}
	return best
}
