package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

const newPassword = "quite another long one"

// inviteLink is the link that a page shows, without the host.
func inviteLink(t *testing.T, body string) string {
	t.Helper()
	found := regexp.MustCompile(`/join\?invite=([A-Z2-7]+)`).FindString(body)
	if found == "" {
		t.Fatalf("no link on the page: %.600s", body)
	}
	return found
}

// acts are the newest rows of an action.
func acts(t *testing.T, h *webtest.House, action audit.Action) []audit.Entry {
	t.Helper()
	page, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(action), Page: fleet.PageRequest{Limit: 20}})
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

// pathOf is the page of a user.
func pathOf(t *testing.T, h *webtest.House, name string) string {
	t.Helper()
	u, _, err := h.DB.UserByName(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return "/settings/users/" + strconv.FormatInt(int64(u.ID), 10)
}

func TestAnInvitedColleagueChoosesAPasswordOnceAndIsIn(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	admin := h.As(t, team.Admin)
	a := admin.Post("/settings/invitations", url.Values{"username": {"Anna@example.eu"}, "role": {"operator"}})
	if a.Status != http.StatusOK {
		t.Fatalf("invite: %d %s", a.Status, a.Body)
	}
	link := inviteLink(t, a.Body)
	key := strings.TrimPrefix(link, "/join?invite=")
	if again := admin.Get("/settings/users"); strings.Contains(again.Body, key) || !strings.Contains(again.Body, "anna@example.eu") {
		t.Error("the link is shown twice, or the invitation not at all")
	}
	guest := h.Stranger(t)
	if a := guest.Get(link); a.Status != http.StatusOK || !strings.Contains(a.Body, "anna@example.eu") {
		t.Fatalf("the link: %d", a.Status)
	}
	join := func(c *webtest.Client, password string) webtest.Answer {
		return c.Post("/join", url.Values{"invite": {key}, "password": {password}, "username": {"admin"}, "role": {"admin"}})
	}
	for _, bad := range []string{"short", "password1234", "anna@example.eu!", strings.Repeat("long", 40)} {
		if a := join(guest, bad); a.Status != http.StatusUnprocessableEntity || strings.Contains(a.Body, `value="`+bad+`"`) {
			t.Errorf("password %q: %d", bad, a.Status)
		}
	}
	if a := join(guest, newPassword); a.Status != http.StatusSeeOther || a.Location() != "/" {
		t.Fatalf("join: %d %s", a.Status, a.Body)
	}
	if a := guest.Get("/settings/users"); a.Status != http.StatusForbidden {
		t.Errorf("an operator sees the users: %d", a.Status)
	}
	if a := guest.Get("/"); a.Status != http.StatusOK {
		t.Errorf("not signed in after joining: %d", a.Status)
	}
	if a := join(h.Stranger(t), newPassword); a.Status != http.StatusNotFound {
		t.Errorf("the link works twice: %d", a.Status)
	}
	if rows := acts(t, h, audit.UserCreate); rows[0].Target != "anna@example.eu" || !strings.Contains(rows[0].Reason, "admin") || strings.Contains(string(rows[0].After), key) {
		t.Errorf("the record: %+v", rows[0])
	}
	if a := admin.Post("/settings/invitations", url.Values{"username": {"ANNA@example.eu"}, "role": {"viewer"}}); a.Status != http.StatusConflict {
		t.Errorf("a taken name is invited: %d", a.Status)
	}
}

func TestAnInvitationEndsByTimeAndWhenItIsTakenBack(t *testing.T) {
	var at clock
	h := webtest.New(t, webtest.Config{Unconnected: true, Now: at.now})
	admin := h.As(t, team.Admin)
	invite := func(name string) string {
		return inviteLink(t, admin.Post("/settings/invitations", url.Values{"username": {name}, "role": {"viewer"}}).Body)
	}
	old, taken := invite("bela"), invite("cora")
	replaced := invite("dora")
	fresh := invite("dora")
	page := admin.Get("/settings/users")
	invites, err := h.DB.Invites(t.Context())
	if err != nil || len(invites) != 3 || page.Status != 200 {
		t.Fatalf("%+v %v", invites, err)
	}
	for _, i := range invites {
		if i.Name == "cora" {
			if a := admin.Post("/settings/invitations/"+strconv.FormatInt(i.ID, 10)+"/revoke", nil); a.Status != http.StatusSeeOther {
				t.Fatalf("taking back: %d", a.Status)
			}
		}
	}
	for link, want := range map[string]int{old: 200, taken: 404, replaced: 404, fresh: 200} {
		if a := h.Stranger(t).Get(link); a.Status != want {
			t.Errorf("%s: %d, want %d", link, a.Status, want)
		}
	}
	at.advance(team.InviteLifetime)
	if a := h.Stranger(t).Post("/join", url.Values{"invite": {strings.TrimPrefix(old, "/join?invite=")}, "password": {newPassword}}); a.Status != http.StatusNotFound {
		t.Errorf("after three days: %d", a.Status)
	}
}

func TestADeactivatedUserIsOutAtOnceWithAllSessionsAndTokens(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	admin, one, two := h.As(t, team.Admin), h.As(t, team.Operator), h.As(t, team.Operator)
	operator, _, err := h.DB.UserByName(t.Context(), "operator")
	if err != nil {
		t.Fatal(err)
	}
	token, key := team.NewToken("crm", team.Viewer, operator, time.Now(), time.Hour)
	if err := h.DB.SaveToken(t.Context(), token, key.Hash(), sampleAct("crm", "")); err != nil {
		t.Fatal(err)
	}
	script := func() int {
		return h.Stranger(t).Get("/api/v1/pbxs", "Authorization", "Bearer "+key.Reveal()).Status
	}
	if got := script(); got != 200 {
		t.Fatalf("the token before: %d", got)
	}
	path := pathOf(t, h, "operator")
	if a := admin.Post(path+"/deactivate", nil); a.Status != http.StatusSeeOther {
		t.Fatalf("deactivate: %d %s", a.Status, a.Body)
	}
	for _, c := range []*webtest.Client{one, two} {
		if a := c.Get("/api/v1/pbxs"); a.Status != http.StatusUnauthorized {
			t.Errorf("a session: %d", a.Status)
		}
	}
	if got := script(); got != http.StatusUnauthorized {
		t.Errorf("the token: %d", got)
	}
	if a := signIn(h.Stranger(t), "operator", webtest.Password); a.Status != http.StatusUnauthorized {
		t.Errorf("the password: %d", a.Status)
	}
	if a := admin.Post(path+"/activate", nil); a.Status != http.StatusSeeOther {
		t.Fatalf("activate: %d", a.Status)
	}
	if a := signIn(h.Stranger(t), "operator", webtest.Password); a.Status != http.StatusSeeOther {
		t.Errorf("the password, active again: %d", a.Status)
	}
	if got := script(); got != http.StatusUnauthorized {
		t.Errorf("the token came back to life: %d", got)
	}
}

func TestTheLastAdminStaysOne(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	admin, path := h.As(t, team.Admin), pathOf(t, h, "admin")
	for act, form := range map[string]url.Values{"role": {"role": {"viewer"}}, "deactivate": nil} {
		a := admin.Post(path+"/"+act, form)
		if a.Status != http.StatusConflict || !strings.Contains(a.Parse(t).Text(), "admin is the last admin") {
			t.Errorf("%s: %d", act, a.Status)
		}
	}
	if rows := acts(t, h, audit.UserRole); len(rows) != 1 || rows[0].Outcome != audit.Refused {
		t.Errorf("the refusal is not on record: %+v", rows)
	}
	if a := admin.Post(pathOf(t, h, "operator")+"/role", url.Values{"role": {"admin"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("a second admin: %d", a.Status)
	}
	if a := admin.Post(path+"/role", url.Values{"role": {"viewer"}}); a.Status != http.StatusSeeOther {
		t.Errorf("with a second one: %d", a.Status)
	}
	if a := admin.Get("/settings/users"); a.Status != http.StatusForbidden {
		t.Errorf("a role that is gone still counts: %d", a.Status)
	}
}

func TestAForgottenPasswordIsReplacedByALinkAndEndsSessions(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	admin, old := h.As(t, team.Admin), h.As(t, team.Viewer)
	link := inviteLink(t, admin.Post(pathOf(t, h, "viewer")+"/reset", nil).Body)
	if a := old.Get("/"); a.Status != 200 {
		t.Errorf("the link alone ends sessions: %d", a.Status)
	}
	c := h.Stranger(t)
	if a := c.Post("/join", url.Values{"invite": {strings.TrimPrefix(link, "/join?invite=")}, "password": {newPassword}}); a.Status != http.StatusSeeOther {
		t.Fatalf("the new password: %d", a.Status)
	}
	if a := old.Get("/api/v1/pbxs"); a.Status != http.StatusUnauthorized {
		t.Errorf("an old session: %d", a.Status)
	}
	if a := signIn(h.Stranger(t), "viewer", webtest.Password); a.Status != http.StatusUnauthorized {
		t.Errorf("the old password: %d", a.Status)
	}
	if a := signIn(h.Stranger(t), "viewer", newPassword); a.Status != http.StatusSeeOther {
		t.Errorf("the new password: %d", a.Status)
	}
}

func TestOnePersonsSessionsAreListedAndEndOneByOneOrTogether(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	one, two, three, other := h.As(t, team.Viewer), h.As(t, team.Viewer), h.As(t, team.Viewer), h.As(t, team.Operator)
	page := one.Get("/settings/account")
	ends := regexp.MustCompile(`/settings/account/sessions/[0-9a-f]{16}/end`).FindAllString(page.Body, -1)
	if len(ends) != 2 {
		t.Fatalf("%d other sessions are listed", len(ends))
	}
	if a := other.Post(ends[0], nil); a.Status != http.StatusNotFound {
		t.Errorf("a colleague ends it: %d", a.Status)
	}
	if a := one.Post(ends[0], nil); a.Status != http.StatusSeeOther {
		t.Fatalf("ending one: %d", a.Status)
	}
	alive := func() (n int) {
		for _, c := range []*webtest.Client{one, two, three, other} {
			if c.Get("/api/v1/pbxs").Status == http.StatusOK {
				n++
			}
		}
		return n
	}
	if got := alive(); got != 3 {
		t.Errorf("%d sessions are left of four, one ended", got)
	}
	if a := one.Post("/settings/account/sessions/end", nil); a.Status != http.StatusSeeOther || alive() != 2 || one.Get("/").Status != http.StatusOK {
		t.Errorf("ending all others: %d", a.Status)
	}
}

func TestANewPasswordAsksForTheOldOneEndsTheOthersAndKeepsThisOne(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	c, elsewhere := h.As(t, team.Viewer), h.As(t, team.Viewer)
	before := c.Cookie("cordboard")
	change := func(current, password string) webtest.Answer {
		return c.Post("/settings/account/password", url.Values{"current": {current}, "password": {password}})
	}
	for name, a := range map[string]webtest.Answer{"a wrong one": change("x", newPassword), "a bad new one": change(webtest.Password, "short")} {
		if a.Status != http.StatusUnprocessableEntity || strings.Contains(a.Body, webtest.Password) {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	if a := change(webtest.Password, newPassword); a.Status != http.StatusSeeOther {
		t.Fatalf("the change: %d", a.Status)
	}
	if c.Cookie("cordboard") == before || c.Get("/").Status != http.StatusOK || elsewhere.Get("/api/v1/pbxs").Status != http.StatusUnauthorized {
		t.Error("the session has its old key, or ended, or the other one did not")
	}
	if rows := acts(t, h, audit.UserPassword); len(rows) != 2 || rows[0].Outcome != audit.Succeeded || rows[1].Outcome != audit.Refused {
		t.Errorf("the record: %+v", rows)
	}
}

func TestATokenIsMadeWithARoleUpToOnesOwnAndRevokedByItsOwner(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	viewer, operator := h.As(t, team.Viewer), h.As(t, team.Operator)
	form := url.Values{"name": {"crm"}, "role": {"operator"}, "expires": {"30"}}
	if a := viewer.Post("/settings/tokens", form); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a viewer makes an operator's token: %d", a.Status)
	}
	a := operator.Post("/settings/tokens", form)
	key := regexp.MustCompile(`cordboard_[A-Z2-7]{26}`).FindString(a.Body)
	if a.Status != http.StatusOK || key == "" || strings.Contains(operator.Get("/settings/tokens").Body, key) {
		t.Fatalf("making one: %d, shown again: %v", a.Status, key == "")
	}
	if a := operator.Post("/settings/tokens", form); a.Status != http.StatusConflict {
		t.Errorf("the name twice: %d", a.Status)
	}
	call := func() int { return h.Stranger(t).Get("/api/v1/pbxs", "Authorization", "Bearer "+key).Status }
	if got := call(); got != http.StatusOK {
		t.Fatalf("the token: %d", got)
	}
	if page := operator.Get("/settings/tokens"); !strings.Contains(page.Parse(t).Text(), "last used just now") {
		t.Error("the page does not say when it was used")
	}
	revoke := regexp.MustCompile(`/settings/tokens/\d+/revoke`).FindString(operator.Get("/settings/tokens").Body)
	if page := viewer.Get("/settings/tokens"); strings.Contains(page.Body, revoke) {
		t.Error("a viewer sees the token")
	}
	if a := viewer.Post(revoke, nil); a.Status != http.StatusNotFound {
		t.Errorf("a viewer revokes it: %d", a.Status)
	}
	if a := operator.Post(revoke, nil); a.Status != http.StatusSeeOther || call() != http.StatusUnauthorized {
		t.Errorf("revoking: %d, then %d", a.Status, call())
	}
	if text := h.As(t, team.Admin).Get("/audit").Parse(t).Text(); strings.Contains(text, key) {
		t.Error("the record has the key")
	}
}
