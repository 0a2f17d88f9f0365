package yeastartest

import (
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxFailedLogins is how many wrong credentials in a row YCM takes from an
// address before it blocks it.
const maxFailedLogins = 5

// tokens is the state of the one API client. Server.mu guards it.
type tokens struct {
	access  map[string]*accessToken
	refresh string // the latest refresh token; older ones are refused
	until   time.Time
	failed  map[string]int // wrong credentials in a row, by address
	issued  int
}

type accessToken struct {
	until time.Time
	dead  bool
}

func newTokens() *tokens {
	return &tokens{access: map[string]*accessToken{}, failed: map[string]int{}}
}

func (s *Server) tokenRoutes(mux *http.ServeMux) {
	mux.Handle("POST /dm/open_api/oauth/token", s.call(true, s.token))
	mux.Handle("DELETE /dm/open_api/oauth/token/refresh_token", s.call(true, s.revoke))
}

// tokenAnswer is the answer of both token calls; jti comes with the first only.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"`
	JTI          string `json:"jti,omitempty"`
}

func (s *Server) token(c *call) (any, error) {
	form, err := c.form()
	if err != nil {
		return nil, err
	}
	access, refresh, jti := s.randomHex(), s.randomHex(), s.randomHex()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch form.Get("grant_type") {
	case "client_credentials":
		if err := s.login(c, form); err != nil {
			return nil, err
		}
	case "refresh_token":
		if err := s.checkRefresh(form.Get("refresh_token")); err != nil {
			return nil, err
		}
		jti = ""
	default:
		return nil, refuse(CodeInvalidParameter, "grant_type %q", form.Get("grant_type"))
	}
	s.issue(access, refresh)
	return bare{tokenAnswer{
		AccessToken: access, RefreshToken: refresh, TokenType: "bearer",
		ExpiresIn: int64(s.cfg.AccessLifetime / time.Second), JTI: jti,
	}}, nil
}

func (s *Server) issue(access, refresh string) {
	now := s.cfg.Now()
	for text, t := range s.auth.access {
		if s.a.StrictTokens {
			t.dead = true
		}
		if now.Sub(t.until) > 24*time.Hour {
			delete(s.auth.access, text)
		}
	}
	s.auth.access[access] = &accessToken{until: now.Add(s.cfg.AccessLifetime)}
	s.auth.refresh, s.auth.until = refresh, now.Add(s.cfg.RefreshLifetime)
	s.auth.issued++
}

func (s *Server) checkRefresh(token string) error {
	switch {
	case token == "":
		return refuse(CodeInvalidParameter, "refresh_token is missing")
	case token != s.auth.refresh:
		return refuse(CodeInvalidToken, "this refresh token is not the latest")
	case !s.cfg.Now().Before(s.auth.until):
		return refuse(s.a.expiredCode(), "the refresh token has expired")
	}
	return nil
}

// login checks the credentials and counts failures by address.
func (s *Server) login(c *call, form url.Values) error {
	addr, _, err := net.SplitHostPort(c.RemoteAddr)
	if err != nil {
		addr = c.RemoteAddr
	}
	if s.auth.failed[addr] >= maxFailedLogins && !s.a.NoLockout {
		return refuse(CodeAccessDenied, "address blocked after %d failed logins", maxFailedLogins)
	}
	switch {
	case form.Get("client_id") != s.cfg.ClientID:
		s.auth.failed[addr]++
		return refuse(CodeInvalidClient, "unknown client_id")
	case form.Get("client_secret") != s.cfg.ClientSecret:
		s.auth.failed[addr]++
		return refuse(CodeAuthFailed, "wrong client_secret")
	}
	delete(s.auth.failed, addr)
	return nil
}

func (s *Server) revoke(c *call) (any, error) {
	form, err := c.form()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.login(c, form); err != nil {
		return nil, err
	}
	s.revokeTokens()
	return bare{struct {
		ClientID   string `json:"client_id"`
		EffectTime int64  `json:"effect_time"`
	}{s.cfg.ClientID, s.cfg.Now().Unix()}}, nil
}

func (s *Server) revokeTokens() {
	s.auth.refresh = ""
	for _, t := range s.auth.access {
		t.dead = t.dead || !s.a.AccessSurvivesRevoke
	}
}

// authorize checks an Authorization header and takes a token from the rate bucket.
func (s *Server) authorize(header string) error {
	scheme, text, _ := strings.Cut(header, " ")
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.auth.access[text]
	switch {
	case !strings.EqualFold(scheme, "Bearer") || t == nil || t.dead:
		return refuse(CodeInvalidToken, "the access token is missing, unknown or revoked")
	case !s.cfg.Now().Before(t.until):
		return refuse(s.a.expiredCode(), "the access token has expired")
	case !s.a.NoRateLimit && !s.rate.take(s.a.Rate.withDefaults(), s.cfg.Now()):
		return refuse(CodeRateLimit, "too many requests")
	}
	return nil
}

// form reads a form-encoded body; token calls take nothing else.
func (c *call) form() (url.Values, error) {
	kind, _, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, refuse(CodeInvalidParameter, "token calls are form-encoded")
	}
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return nil, refuse(CodeInvalidParameter, "form: %v", err)
	}
	return form, nil
}

// ExpireTokens ends all access tokens as time would; the refresh token lives.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.auth.access {
		t.until = s.cfg.Now()
	}
}

// RevokeTokens kills all tokens, as a revoke elsewhere or a new client secret does.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revokeTokens()
}

// SetClientSecret regenerates the client secret, which kills the refresh token.
func (s *Server) SetClientSecret(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.ClientSecret = secret
	s.auth.refresh = ""
}

// TokensIssued counts the token pairs handed out.
func (s *Server) TokensIssued() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.auth.issued
}

// FailedLogins counts wrong credentials in a row over all addresses.
func (s *Server) FailedLogins() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 0
	for _, k := range s.auth.failed {
		n += k
	}
	return n
}

// Unblock forgets failed logins, which ends a block.
func (s *Server) Unblock() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.auth.failed)
}
