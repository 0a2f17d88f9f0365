package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/sso"
	"cordboard/sync/sso/ssotest"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// elsewhere is a house whose people may sign in at a provider.
func elsewhere(t *testing.T, claims map[string]any, now func() time.Time) (*webtest.House, *ssotest.Provider) {
	t.Helper()
	at := ssotest.New(t, claims)
	p, err := sso.New(sso.Config{Issuer: at.URL, ClientID: ssotest.ClientID, ClientSecret: ssotest.ClientSecret, Now: time.Now,
		Groups: map[team.Role]string{team.Admin: "leads", team.Operator: "noc", team.Viewer: "staff"}})
	if err != nil {
		t.Fatal(err)
	}
	return webtest.New(t, webtest.Config{Unconnected: true, Provider: p, Now: now}), at
}

// comeBack signs a browser in at the provider.
func comeBack(t *testing.T, c *webtest.Client, at *ssotest.Provider, begin string) webtest.Answer {
	t.Helper()
	a := c.Get(begin)
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), at.URL+"/authorize?") {
		t.Fatalf("%s: %d %s", begin, a.Status, a.Header.Get("Location"))
	}
	return c.Get(at.SignIn(t, a.Header.Get("Location")).RequestURI())
}

func anna() map[string]any {
	return map[string]any{"sub": "u-1", "preferred_username": "anna", "groups": []string{"noc"}}
}

func TestSomebodySignsInAtTheProviderAndIsAUserFromThenOn(t *testing.T) {
	h, at := elsewhere(t, anna(), nil)
	c := h.Stranger(t)
	if page := c.Get("/login?next=/plans"); !strings.Contains(page.Body, "/login/provider?next=%2Fplans") || at.Calls() != 0 {
		t.Error("the sign-in page does not offer the provider, or has asked it already")
	}
	if a := comeBack(t, c, at, "/login/provider?next=/plans"); a.Status != http.StatusSeeOther || a.Location() != "/plans" {
		t.Fatalf("back from the provider: %d %s", a.Status, a.Body)
	}
	if a := c.Get("/pbx/new?regionId=4"); a.Status == http.StatusForbidden {
		t.Error("the role of the groups does not count")
	}
	at.Set(map[string]any{"groups": []string{"staff"}, "preferred_username": "renamed"})
	again := h.Stranger(t)
	if a := comeBack(t, again, at, "/login/provider"); a.Location() != "/" {
		t.Fatalf("the second time: %d", a.Status)
	}
	if u, _, err := h.DB.UserByName(t.Context(), "anna"); err != nil || u.Role != team.Viewer {
		t.Errorf("the role does not follow the groups: %+v %v", u, err)
	}
	if a := c.Get("/pbx/new?regionId=4"); a.Status != http.StatusForbidden {
		t.Errorf("an open session keeps the old role: %d", a.Status)
	}
	if a := signIn(h.Stranger(t), "anna", ""); a.Status != http.StatusUnauthorized {
		t.Errorf("an empty password: %d", a.Status)
	}
	rows := acts(t, h, audit.UserRole)
	if len(rows) != 1 || rows[0].Target != "anna" || !strings.Contains(string(rows[0].After), "viewer") {
		t.Errorf("the record: %+v", rows)
	}
}

func TestNobodyBecomesAColleagueByChoosingANameElsewhere(t *testing.T) {
	h, at := elsewhere(t, map[string]any{"sub": "u-9", "preferred_username": "Admin", "groups": []string{"leads"}}, nil)
	c := h.Stranger(t)
	if a := comeBack(t, c, at, "/login/provider"); a.Status != http.StatusForbidden || !strings.Contains(a.Parse(t).Text(), "called admin already") {
		t.Errorf("the name of a colleague: %d", a.Status)
	}
	if a := c.Get("/api/v1/pbxs"); a.Status != http.StatusUnauthorized {
		t.Errorf("signed in all the same: %d", a.Status)
	}
	if rows := acts(t, h, audit.SignIn); len(rows) != 1 || rows[0].Outcome != audit.Refused {
		t.Errorf("the record: %+v", rows)
	}
}

func TestWhoIsInNoGroupOrWasDeactivatedStaysOut(t *testing.T) {
	h, at := elsewhere(t, anna(), nil)
	if a := comeBack(t, h.Stranger(t), at, "/login/provider"); a.Location() != "/" {
		t.Fatalf("%d", a.Status)
	}
	if a := h.As(t, team.Admin).Post(pathOf(t, h, "anna")+"/deactivate", nil); a.Status != http.StatusSeeOther {
		t.Fatalf("deactivate: %d", a.Status)
	}
	if a := comeBack(t, h.Stranger(t), at, "/login/provider"); a.Status != http.StatusForbidden || !strings.Contains(a.Parse(t).Text(), "deactivated") {
		t.Errorf("deactivated: %d", a.Status)
	}
	at.Set(map[string]any{"sub": "u-2", "preferred_username": "ben", "groups": []string{"sales"}})
	if a := comeBack(t, h.Stranger(t), at, "/login/provider"); a.Status != http.StatusForbidden || !strings.Contains(a.Parse(t).Text(), "in no group") {
		t.Errorf("in no group: %d", a.Status)
	}
	if members, err := h.DB.Members(t.Context()); err != nil || len(members) != 4 {
		t.Errorf("%d users, %v", len(members), err)
	}
}

func TestAnAnswerOfTheProviderIsGoodForTheBrowserThatAsked(t *testing.T) {
	h, at := elsewhere(t, anna(), nil)
	asked, other := h.Stranger(t), h.Stranger(t)
	a := asked.Get("/login/provider")
	back := at.SignIn(t, a.Header.Get("Location")).RequestURI()
	if a := other.Get(back); a.Status != http.StatusForbidden || other.Cookie("cordboard") != "" {
		t.Errorf("planted on another browser: %d", a.Status)
	}
	if a := asked.Get(back); a.Status != http.StatusSeeOther {
		t.Errorf("the browser that asked: %d", a.Status)
	}
	if a := asked.Get(back); a.Status != http.StatusForbidden {
		t.Errorf("twice: %d", a.Status)
	}
}

func TestWithoutAPasswordTheProofIsGivenAtTheProvider(t *testing.T) {
	var clk clock
	h, at := elsewhere(t, map[string]any{"sub": "u-1", "preferred_username": "anna", "groups": []string{"leads"}}, clk.now)
	c := h.Stranger(t)
	comeBack(t, c, at, "/login/provider")
	clk.advance(team.ProofLasts)
	invite := url.Values{"username": {"bela"}, "role": {"viewer"}}
	a := c.Post("/settings/invitations", invite)
	if a.Status != http.StatusForbidden || strings.Contains(a.Body, "proof_password") || !strings.Contains(a.Body, "/login/provider?") {
		t.Fatalf("the question: %d", a.Status)
	}
	if a := c.Post("/prove", url.Values{"proof_password": {""}}); a.Status != http.StatusUnauthorized {
		t.Errorf("an empty password is a proof: %d", a.Status)
	}
	if a := comeBack(t, c, at, "/login/provider?again=1&next=%2Fsettings%2Fusers"); a.Status != http.StatusSeeOther || a.Location() != "/settings/users" {
		t.Fatalf("the proof: %d %s", a.Status, a.Body)
	}
	if a := c.Post("/settings/invitations", invite); a.Status != http.StatusOK {
		t.Errorf("afterwards: %d", a.Status)
	}
	if a := c.Post(pathOf(t, h, "anna")+"/reset", nil); a.Status != http.StatusConflict {
		t.Errorf("a link for a password that does not exist: %d", a.Status)
	}
}

func TestAFloodOfAnswersThatNobodyAskedForIsNoFloodOfRowsAndHoldsNobodyUp(t *testing.T) {
	h, at := elsewhere(t, anna(), nil)
	got := map[int]int{}
	for range 30 {
		got[h.Stranger(t).Get("/login/callback?state=x&code=x").Status]++
	}
	if got[http.StatusForbidden] != 5 || got[http.StatusTooManyRequests] != 25 || at.Calls() != 0 {
		t.Errorf("answers: %v, %d calls to the provider", got, at.Calls())
	}
	if rows := acts(t, h, audit.SignIn); len(rows) != 6 || rows[0].Reason != "Too many attempts." {
		t.Errorf("%d rows", len(rows))
	}
	if a := comeBack(t, h.Stranger(t), at, "/login/provider"); a.Status != http.StatusSeeOther {
		t.Errorf("a colleague at the same address: %d", a.Status)
	}
}
