package yeastartest

import (
	"encoding/json"
	"net"
	"slices"
	"time"
)

const (
	maxPBXTokens       = 8
	pbxTokenLifetime   = 30 * time.Minute
	pbxRefreshLifetime = 24 * time.Hour
)

// pbxAccess is the credentials and tokens of one PBX.
type pbxAccess struct {
	clientID, secret string
	tokens           map[string]*pbxToken // by access token
	failed           map[string]int       // wrong credentials in a row, by address
	allowed          []string             // addresses; none = all
	issued           int
}

type pbxToken struct {
	refresh             string
	until, refreshUntil time.Time
	spent               bool // its refresh token was used
}

func newPBXAccess(p *pbxRec) pbxAccess {
	return pbxAccess{clientID: "id-of-" + p.Serial, secret: "secret-of-" + p.Serial, tokens: map[string]*pbxToken{}, failed: map[string]int{}}
}

func (a *pbxAccess) kill() { clear(a.tokens) }

// live counts the access tokens that are good.
func (a *pbxAccess) live(now time.Time) int {
	n := 0
	for _, t := range a.tokens {
		if now.Before(t.until) {
			n++
		}
	}
	return n
}

func (a *pbxAccess) issue(access, refresh string, now time.Time) {
	for text, t := range a.tokens {
		if !now.Before(t.refreshUntil) {
			delete(a.tokens, text)
		}
	}
	a.tokens[access] = &pbxToken{refresh: refresh, until: now.Add(pbxTokenLifetime), refreshUntil: now.Add(pbxRefreshLifetime)}
	a.issued++
}

// pbxGrant is the answer of get_token and refresh_token.
type pbxGrant struct {
	AccessLifetime  int    `json:"access_token_expire_time"`
	Access          string `json:"access_token"`
	RefreshLifetime int    `json:"refresh_token_expire_time"`
	Refresh         string `json:"refresh_token"`
}

func (c *pbxCall) address() string {
	addr, _, err := net.SplitHostPort(c.RemoteAddr)
	if err != nil {
		return c.RemoteAddr
	}
	return addr
}

// admit says whether the caller's address and token are good.
func (s *Server) admit(c *pbxCall) *pbxError {
	a := &c.pbx.own().access
	switch {
	case len(a.allowed) > 0 && !slices.Contains(a.allowed, c.address()):
		return pbxRefuse(70087)
	case c.pbx.API != "Enabled":
		return pbxRefuse(70123)
	case c.endpoint == "get_token" || c.endpoint == "refresh_token":
		if a.failed[c.address()] >= maxFailedLogins {
			return pbxRefuse(70004)
		}
		return nil
	}
	t := a.tokens[c.query.Get("access_token")]
	if t == nil || !s.cfg.Now().Before(t.until) {
		return pbxRefuse(10004)
	}
	return nil
}

func (s *Server) pbxGetToken(c *pbxCall) (any, *pbxError) {
	var body struct{ Username, Password *string }
	if json.Unmarshal(c.body, &body) != nil || body.Username == nil || body.Password == nil {
		return nil, pbxInvalid(pbxParam{Field: "username or password", Rule: "required"})
	}
	a := &c.pbx.own().access
	if *body.Username != a.clientID || *body.Password != a.secret {
		a.failed[c.address()]++
		return nil, &pbxError{code: -1, params: []pbxParam{{Field: "username or password", Value: "error"}}}
	}
	delete(a.failed, c.address())
	return s.pbxIssue(a)
}

func (s *Server) pbxRefreshToken(c *pbxCall) (any, *pbxError) {
	var body struct {
		Refresh *string `json:"refresh_token"`
	}
	if json.Unmarshal(c.body, &body) != nil || body.Refresh == nil {
		return nil, pbxInvalid(pbxParam{Field: "refresh_token", Rule: "required"})
	}
	a := &c.pbx.own().access
	for text, t := range a.tokens {
		if t.refresh == *body.Refresh && !t.spent && s.cfg.Now().Before(t.refreshUntil) {
			if s.a.SIP.RefreshKeepsOld {
				t.spent = true
			} else {
				delete(a.tokens, text)
			}
			return s.pbxIssue(a)
		}
	}
	a.failed[c.address()]++
	if s.a.SIP.BadRefreshFails {
		return nil, pbxRefuse(-1)
	}
	return nil, pbxRefuse(10004)
}

func (s *Server) pbxIssue(a *pbxAccess) (any, *pbxError) {
	now := s.cfg.Now()
	if a.live(now) >= maxPBXTokens {
		return nil, pbxRefuse(60002)
	}
	g := pbxGrant{AccessLifetime: int(pbxTokenLifetime / time.Second), Access: s.randomHex(),
		RefreshLifetime: int(pbxRefreshLifetime / time.Second), Refresh: s.randomHex()}
	a.issue(g.Access, g.Refresh, now)
	return g, nil
}

func (s *Server) pbxDelToken(c *pbxCall) (any, *pbxError) {
	delete(c.pbx.own().access.tokens, c.query.Get("access_token"))
	return nil, nil
}
