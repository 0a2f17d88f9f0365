package yeastartest

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

const (
	tokenPath  = "/dm/open_api/oauth/token"
	revokePath = "/dm/open_api/oauth/token/refresh_token"
	listPath   = "/dm/open_api/v2/cloud_pbx/instances"
)

func refresh(c *caller, token string) reply {
	c.t.Helper()
	return c.form(http.MethodPost, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

func expectCode(t *testing.T, r reply, status int, code string) {
	t.Helper()
	if r.status != status || r.code() != code || r.str("status") != "Failed" {
		t.Errorf("answer %d %s, want %d with code %s", r.status, r.body, status, code)
	}
}

func expectOK(t *testing.T, r reply) {
	t.Helper()
	if r.status != http.StatusOK || r.str("status") != "Success" {
		t.Errorf("answer %d %s, want Success", r.status, r.body)
	}
}

func TestTokenCallsAnswerBareJSONOfTheDocumentedShape(t *testing.T) {
	s, c := start(t, Config{})
	first := c.login()
	want := `{access_token:string,refresh_token:string,token_type:string,expires_in:integer,jti:string,}`
	if got := shape(t, first.body); got != want {
		t.Errorf("token %s, want %s", got, want)
	}
	second := refresh(c, first.str("refresh_token"))
	want = `{access_token:string,refresh_token:string,token_type:string,expires_in:integer,}`
	if got := shape(t, second.body); got != want {
		t.Errorf("refresh %s, want %s", got, want)
	}
	if second.str("refresh_token") == first.str("refresh_token") {
		t.Error("the refresh token did not rotate")
	}
	gone := c.form(http.MethodDelete, revokePath, url.Values{
		"client_id": {DefaultClientID}, "client_secret": {DefaultClientSecret}})
	if got := shape(t, gone.body); got != `{client_id:string,effect_time:integer,}` {
		t.Errorf("revoke %s", got)
	}
	if s.TokensIssued() != 3 {
		t.Errorf("%d tokens issued, want 3", s.TokensIssued())
	}
}

func TestAnOldRefreshTokenIsRefused(t *testing.T) {
	_, c := start(t, Config{})
	first := c.login()
	refresh(c, first.str("refresh_token"))
	expectCode(t, refresh(c, first.str("refresh_token")), 401, "1000036")
	expectCode(t, refresh(c, ""), 400, "1000004")
}

func TestTokensExpireByTheVendorsClock(t *testing.T) {
	clk := newClock(1773105500177)
	_, c := start(t, Config{Now: clk.read})
	login := c.login()
	clk.add(30*time.Minute - time.Second)
	expectOK(t, c.get(listPath))
	clk.add(time.Second)
	expectCode(t, c.get(listPath), 401, "1000035")
	clk.add(15 * 24 * time.Hour)
	expectCode(t, refresh(c, login.str("refresh_token")), 401, "1000035")
}

func TestExpireTokensLeavesTheRefreshToken(t *testing.T) {
	s, c := start(t, Config{})
	login := c.login()
	s.ExpireTokens()
	expectCode(t, c.get(listPath), 401, "1000035")
	c.token = refresh(c, login.str("refresh_token")).str("access_token")
	expectOK(t, c.get(listPath))
}

func TestTheCodeOfAnExpiredTokenIsASwitch(t *testing.T) {
	s, c := start(t, Config{Assumptions: Assumptions{ExpiredCode: CodeInvalidToken}})
	s.ExpireTokens()
	expectCode(t, c.get(listPath), 401, "1000036")
}

func TestOlderAccessTokensLiveUnlessTokensAreStrict(t *testing.T) {
	s, c := start(t, Config{})
	c.login()
	expectOK(t, c.get(listPath))
	s.Assume(func(a *Assumptions) { a.StrictTokens = true })
	c.login()
	expectCode(t, c.get(listPath), 401, "1000036")
}

func TestARevokeKillsAccessTokensUnlessTheySurvive(t *testing.T) {
	s, c := start(t, Config{Assumptions: Assumptions{AccessSurvivesRevoke: true}})
	login := c.login()
	s.RevokeTokens()
	expectOK(t, c.get(listPath))
	expectCode(t, refresh(c, login.str("refresh_token")), 401, "1000036")
	s.Assume(func(a *Assumptions) { a.AccessSurvivesRevoke = false })
	s.RevokeTokens()
	expectCode(t, c.get(listPath), 401, "1000036")
}

func TestANewClientSecretKillsTheRefreshTokenAndTheOldSecret(t *testing.T) {
	s, c := start(t, Config{})
	login := c.login()
	s.SetClientSecret("another")
	expectCode(t, refresh(c, login.str("refresh_token")), 401, "1000036")
	expectCode(t, c.login(), 401, "1000002")
	expectOK(t, c.get(listPath))
}

func TestFiveWrongLoginsBlockTheAddressUnlessLockoutIsOff(t *testing.T) {
	s, c := start(t, Config{})
	wrong := url.Values{"grant_type": {"client_credentials"}, "client_id": {DefaultClientID}, "client_secret": {"guess"}}
	for range 4 {
		expectCode(t, c.form(http.MethodPost, tokenPath, wrong), 401, "1000002")
	}
	unknown := url.Values{"grant_type": {"client_credentials"}, "client_id": {"stranger"}, "client_secret": {"guess"}}
	expectCode(t, c.form(http.MethodPost, tokenPath, unknown), 401, "1000033")
	if s.FailedLogins() != 5 {
		t.Errorf("%d failed logins counted, want 5", s.FailedLogins())
	}
	expectCode(t, c.login(), 400, "1000042")
	s.Assume(func(a *Assumptions) { a.NoLockout = true })
	if r := c.login(); r.status != http.StatusOK {
		t.Errorf("login without lockout: %d %s", r.status, r.body)
	}
	if s.FailedLogins() != 0 {
		t.Error("a good login did not reset the count")
	}
}

func TestUnblockEndsALockout(t *testing.T) {
	s, c := start(t, Config{})
	for range 6 {
		c.form(http.MethodPost, tokenPath, url.Values{"grant_type": {"client_credentials"}, "client_id": {"x"}})
	}
	s.Unblock()
	if r := c.login(); r.status != http.StatusOK {
		t.Errorf("login after Unblock: %d %s", r.status, r.body)
	}
}

func TestTokenCallsTakeFormsOnly(t *testing.T) {
	_, c := start(t, Config{})
	r := c.must(c.request(http.MethodPost, tokenPath, []byte(`{"grant_type":"client_credentials"}`)))
	expectCode(t, r, 400, "1000004")
	expectCode(t, c.form(http.MethodPost, tokenPath, url.Values{"grant_type": {"password"}}), 400, "1000004")
}

func TestOAuthErrorsAreASwitch(t *testing.T) {
	s, c := start(t, Config{Assumptions: Assumptions{OAuthErrors: true}})
	r := c.form(http.MethodPost, tokenPath, url.Values{"grant_type": {"client_credentials"}, "client_id": {"stranger"}})
	if got := shape(t, r.body); r.status != 401 || got != `{error:string,error_description:string,}` || r.str("error") != "invalid_client" {
		t.Errorf("token error %d %s", r.status, r.body)
	}
	s.ExpireTokens()
	if r := c.get(listPath); r.status != 401 || r.str("error") != "invalid_token" {
		t.Errorf("API error %d %s", r.status, r.body)
	}
}

func TestARequestWithoutUserAgentIsRefusedUnlessAllowed(t *testing.T) {
	s, c := start(t, Config{})
	send := func() reply {
		req := c.request(http.MethodGet, listPath, nil)
		req.Header["User-Agent"] = []string{""}
		return c.must(req)
	}
	expectCode(t, send(), 400, "1000004")
	s.Assume(func(a *Assumptions) { a.AllowNoUserAgent = true })
	expectOK(t, send())
}

func TestARequestWithoutTokenIsRefused(t *testing.T) {
	_, c := start(t, Config{})
	for _, header := range []string{"", "Basic " + c.token, "Bearer nonsense"} {
		req := c.request(http.MethodGet, listPath, nil)
		req.Header.Set("Authorization", header)
		expectCode(t, c.must(req), 401, "1000036")
	}
}

func TestTheRateLimitThrottlesAndRefillsByTheVendorsClock(t *testing.T) {
	clk := newClock(1773105500177)
	s, c := start(t, Config{Now: clk.read, Assumptions: Assumptions{Rate: Rate{Burst: 3, Tokens: 1, Interval: time.Minute}}})
	for range 3 {
		expectOK(t, c.get(listPath))
	}
	r := c.get(listPath)
	expectCode(t, r, 429, "1000040")
	if r.header.Get("Retry-After") != "" {
		t.Error("Retry-After by default")
	}
	s.Assume(func(a *Assumptions) { a.RetryAfter = true })
	if r := c.get(listPath); r.header.Get("Retry-After") == "" {
		t.Error("no Retry-After although switched on")
	}
	clk.add(time.Minute)
	expectOK(t, c.get(listPath))
	expectCode(t, c.get(listPath), 429, "1000040")
	s.Assume(func(a *Assumptions) { a.NoRateLimit = true })
	expectOK(t, c.get(listPath))
}

func TestTheDefaultRateIs600Then300EachThreeMinutes(t *testing.T) {
	var b bucket
	now := time.UnixMilli(1773105500177)
	count := func() int {
		n := 0
		for b.take(Rate{}.withDefaults(), now) {
			n++
		}
		return n
	}
	if n := count(); n != 600 {
		t.Errorf("burst %d, want 600", n)
	}
	now = now.Add(3 * time.Minute)
	if n := count(); n != 300 {
		t.Errorf("%d after three minutes, want 300", n)
	}
	now = now.Add(24 * time.Hour)
	if n := count(); n != 600 {
		t.Errorf("%d after a day, want 600", n)
	}
}
