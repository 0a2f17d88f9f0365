package web_test

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web"
	"cordboard/web/webtest"
)

// clock is a time that stands still until a test moves it.
type clock struct{ ahead atomic.Int64 }

var clocksStart = time.Now()

func (c *clock) now() time.Time          { return clocksStart.Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

func signIn(c *webtest.Client, name, password string, headers ...string) webtest.Answer {
	return c.Post("/login", url.Values{"username": {name}, "password": {password}}, headers...)
}

func sessionCookie(t *testing.T, a webtest.Answer) *http.Cookie {
	t.Helper()
	for _, line := range a.Header.Values("Set-Cookie") {
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if cookie.Name == "cordboard" {
			return cookie
		}
	}
	return nil
}

func TestTheSignInCookieIsForBrowsersOnlyAndSecureUnderHTTPS(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	for _, proto := range []string{"", "http", "https"} {
		var headers []string
		if proto != "" {
			headers = []string{"X-Forwarded-Proto", proto}
		}
		cookie := sessionCookie(t, signIn(h.Stranger(t), "viewer", webtest.Password, headers...))
		if cookie == nil || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" || cookie.Secure != (proto == "https") {
			t.Errorf("by %q: %+v", proto, cookie)
		}
	}
	if cookie := sessionCookie(t, signIn(h.Stranger(t), "viewer", "wrong password")); cookie != nil {
		t.Errorf("a refused sign-in sets %v", cookie)
	}
}

func TestEverySignInMakesANewSessionAndEndsTheOldOne(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	planted := h.As(t, team.Viewer)
	victim := h.Stranger(t)
	victim.SetCookie("cordboard", planted.Cookie("cordboard"))
	if a := signIn(victim, "admin", webtest.Password); a.Status != http.StatusSeeOther {
		t.Fatalf("sign-in: %d", a.Status)
	}
	if victim.Cookie("cordboard") == planted.Cookie("cordboard") {
		t.Error("the planted cookie is the victim's now")
	}
	if a := planted.Get("/api/v1/pbxs"); a.Status != http.StatusUnauthorized {
		t.Errorf("the planted session lives on: %d", a.Status)
	}
}

func TestASessionEndsWhenItIsIdleAndInAnyCaseAfterAWeek(t *testing.T) {
	var at clock
	h := webtest.New(t, webtest.Config{Unconnected: true, Now: at.now})
	idle, busy := h.As(t, team.Viewer), h.As(t, team.Viewer)
	open := func(c *webtest.Client) bool { return c.Get("/api/v1/pbxs").Status == http.StatusOK }
	at.advance(team.SessionIdle - time.Minute)
	if !open(busy) {
		t.Fatal("signed out before the idle time has passed")
	}
	at.advance(2 * time.Minute)
	if open(idle) {
		t.Error("an idle session lives on")
	}
	for spent := team.SessionIdle + time.Minute; spent < team.SessionLifetime-time.Hour; spent += 6 * time.Hour {
		if !open(busy) {
			t.Fatalf("a session in use ended after %s", spent)
		}
		at.advance(6 * time.Hour)
	}
	at.advance(6 * time.Hour)
	if open(busy) {
		t.Error("a session lives longer than its whole lifetime")
	}
}

func TestALiveStreamEndsWithItsSignIn(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	c := h.As(t, team.Viewer)
	stream, err := c.HTTP().Get(h.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	next := func() string {
		for lines.Scan() {
			if topic, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return topic
			}
		}
		return ""
	}
	if !lines.Scan() || stream.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("no stream: %d", stream.StatusCode)
	}
	h.Hub.Announce("pbx:1")
	if got := next(); got != "pbx:1" {
		t.Errorf("the stream says %q", got)
	}
	if a := c.Post("/logout", nil); a.Status != http.StatusSeeOther {
		t.Fatalf("logout: %d", a.Status)
	}
	h.Hub.Announce("pbx:2")
	if got := next(); got != "" {
		t.Errorf("after the sign-out the stream says %q", got)
	}
}

func TestANewPasswordEndsEverySessionOfItsUser(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	one, two, other := h.As(t, team.Operator), h.As(t, team.Operator), h.As(t, team.Viewer)
	hasher, err := team.NewHasher()
	if err != nil {
		t.Fatal(err)
	}
	hash, err := hasher.Hash(t.Context(), "another long password")
	if err != nil {
		t.Fatal(err)
	}
	e := audit.Entry{At: time.Now(), Actor: "test", Action: "user.set_password", Target: "operator", Outcome: audit.Succeeded}
	if err := h.DB.SetPassword(t.Context(), "operator", hash, e); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*webtest.Client{one, two} {
		if a := c.Get("/api/v1/pbxs"); a.Status != http.StatusUnauthorized {
			t.Errorf("a session with the old password: %d", a.Status)
		}
	}
	if a := other.Get("/api/v1/pbxs"); a.Status != http.StatusOK {
		t.Errorf("a colleague's session: %d", a.Status)
	}
	if a := signIn(h.Stranger(t), "operator", webtest.Password); a.Status != http.StatusUnauthorized {
		t.Errorf("the old password: %d", a.Status)
	}
}

func TestGuessingIsSlowedDownAndLocksNoColleagueOut(t *testing.T) {
	var at clock
	h := webtest.New(t, webtest.Config{Unconnected: true, Now: at.now})
	c := h.Stranger(t)
	for range 5 {
		if a := signIn(c, "admin", "wrong password"); a.Status != http.StatusUnauthorized || !strings.Contains(a.Parse(t).Text(), "Wrong user name or password") {
			t.Fatalf("a wrong password: %d", a.Status)
		}
	}
	for _, password := range []string{"wrong password", webtest.Password} {
		a := signIn(c, " Admin ", password)
		if wait, err := strconv.Atoi(a.Header.Get("Retry-After")); a.Status != http.StatusTooManyRequests || err != nil || wait < 1 || !strings.Contains(a.Parse(t).Text(), "Too many attempts") {
			t.Errorf("the sixth try: %d, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
		}
	}
	if a := signIn(h.Stranger(t), "operator", webtest.Password); a.Status != http.StatusSeeOther {
		t.Errorf("a colleague at the same address: %d", a.Status)
	}
	at.advance(time.Minute)
	if a := signIn(c, "admin", webtest.Password); a.Status != http.StatusSeeOther {
		t.Errorf("after the wait: %d", a.Status)
	}
	// Unknown names answer, and are slowed down, like known ones.
	for i := range 6 {
		a := signIn(c, "nobody-here", webtest.Password)
		if want := map[bool]int{false: 401, true: 429}[i == 5]; a.Status != want {
			t.Errorf("try %d of an unknown name: %d, want %d", i+1, a.Status, want)
		}
	}
}

func TestSetupTakesTheCodeOnceAndSlowsGuessingDown(t *testing.T) {
	var at clock
	h := webtest.New(t, webtest.Config{Unconnected: true, NoUsers: true, Now: at.now})
	c := h.Stranger(t)
	if a := c.Get("/login"); a.Status != http.StatusSeeOther || a.Location() != "/setup" {
		t.Errorf("/login without users: %d %s", a.Status, a.Location())
	}
	if a := c.Get("/setup"); a.Status != http.StatusOK || strings.Contains(a.Body, h.Code.Reveal()) {
		t.Fatalf("/setup: %d, and says the code: %v", a.Status, strings.Contains(a.Body, h.Code.Reveal()))
	}
	ask := func(code, name, password string) webtest.Answer {
		return c.Post("/setup", url.Values{"code": {code}, "username": {name}, "password": {password}})
	}
	for _, code := range []string{"", "AAAA-AAAA", strings.Repeat("x", 60_000)} {
		if a := ask(code, "anna", webtest.Password); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("code %.10q: %d", code, a.Status)
		}
	}
	if a := ask(h.Code.Reveal(), "an na", "short"); a.Status != http.StatusUnprocessableEntity || strings.Contains(a.Body, "short\"") {
		t.Errorf("the right code with a bad name and password: %d", a.Status)
	}
	if a := ask("BBBB-BBBB", "anna", webtest.Password); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the fifth try: %d", a.Status)
	}
	if a := ask(h.Code.Reveal(), "anna", webtest.Password); a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" {
		t.Errorf("the sixth try: %d, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
	}
	at.advance(time.Minute)
	if a := ask(" "+strings.ToLower(h.Code.Reveal()), "Anna", webtest.Password); a.Status != http.StatusSeeOther || a.Location() != "/" {
		t.Fatalf("the right code: %d %s", a.Status, a.Parse(t).Text())
	}
	if a := c.Get("/"); a.Status != http.StatusOK {
		t.Errorf("the first admin is not signed in: %d", a.Status)
	}
	for _, a := range []webtest.Answer{c.Get("/setup"), ask(h.Code.Reveal(), "second", webtest.Password)} {
		if a.Status != http.StatusNotFound {
			t.Errorf("%s after the setup: %d", a.Path, a.Status)
		}
	}
}

func TestTheSetupCodeIsGoodForOneAdminHoweverManyAskAtOnce(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true, NoUsers: true})
	made := make(chan int, 4)
	for i := range cap(made) {
		c := h.Stranger(t)
		go func() {
			made <- c.Post("/setup", url.Values{"code": {h.Code.Reveal()}, "username": {"admin" + strconv.Itoa(i)}, "password": {webtest.Password}}).Status
		}()
	}
	got := map[int]int{}
	for range cap(made) {
		got[<-made]++
	}
	if got[303] != 1 || got[404] != 3 {
		t.Errorf("answers: %v", got)
	}
}

func TestTheRecordHasTheAddressOfTheConnectionAndNoOther(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	signIn(h.Stranger(t), "admin", "wrong password", "X-Forwarded-For", "203.0.113.9", "X-Real-Ip", "203.0.113.9", "Forwarded", "for=203.0.113.9")
	rows, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.SignIn), Page: fleet.PageRequest{Limit: 10}})
	if err != nil || len(rows.Items) != 1 || rows.Items[0].IP != "127.0.0.1" || rows.Items[0].Outcome != audit.Refused || rows.Items[0].Actor != "admin" {
		t.Errorf("%+v, %v", rows.Items, err)
	}
}

// abroad are addresses that a browser would leave Cordboard for, or that break a header.
var abroad = []string{
	"//evil.example", "///evil.example", "https://evil.example", "http:evil.example", `/\evil.example`, `\\evil.example`, "/\t/evil.example", "/\n//evil.example",
	"javascript:alert(1)", "data:text/html,x", " //evil.example", "evil.example", "", "?x", "/x\r\nSet-Cookie: cordboard=x", "/x\x00", "/x\x7f", "/\x01/evil.example", "/%zz",
}

func TestASignInLeadsNowhereElse(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	c := h.Stranger(t)
	for _, next := range abroad {
		if got := web.OwnPath(next); got != "/" {
			t.Errorf("OwnPath(%q) = %q", next, got)
		}
		page := c.Get("/login?next=" + url.QueryEscape(next)).Parse(t)
		if v := page.Form(t, "/login").Values.Get("next"); v != "" && v != "/" {
			t.Errorf("next=%q: the form carries %q", next, v)
		}
	}
	for _, next := range []string{"/", "/pbx?q=a%20b&state=in_sync", "/plans/abc", "/pbx/4808/dids?trunk=1"} {
		if got := web.OwnPath(next); got != next {
			t.Errorf("OwnPath(%q) = %q", next, got)
		}
	}
	in := h.As(t, team.Viewer)
	for _, next := range abroad[:12] {
		a := h.Stranger(t).Post("/login", url.Values{"username": {"viewer"}, "password": {webtest.Password}, "next": {next}})
		if a.Status != http.StatusSeeOther || a.Header.Get("Location") != "/" {
			t.Errorf("next=%q leads to %q", next, a.Header.Get("Location"))
		}
		if a := in.Post("/theme", url.Values{"theme": {"dark\r\nSet-Cookie: cordboard=x"}, "next": {next}}); a.Header.Get("Location") != "/" || sessionCookie(t, a) != nil {
			t.Errorf("theme: next=%q leads to %q, cookies %q", next, a.Header.Get("Location"), a.Header.Values("Set-Cookie"))
		}
	}
	if a := c.Post("/pbx/4808/plans", nil, "Referer", "https://evil.example//evil.example/x"); a.Location() != "/login?next="+url.QueryEscape("//evil.example/x") && a.Location() != "/login?next=%2F" {
		t.Errorf("referer: %q", a.Location())
	}
}

func TestAPasswordThatIsReplacedWhileItIsCheckedOpensNothing(t *testing.T) {
	var replace atomic.Pointer[func()]
	h := webtest.New(t, webtest.Config{Unconnected: true, Now: func() time.Time {
		if f := replace.Swap(nil); f != nil {
			(*f)()
		}
		return time.Now()
	}})
	h.As(t, team.Operator)
	thief := h.Stranger(t)
	f := func() {
		e := audit.Entry{At: time.Now(), Actor: "operator", Action: audit.UserPassword, Target: "operator", Outcome: audit.Succeeded}
		if err := h.DB.SetPassword(context.Background(), "operator", "$argon2id$of another", e); err != nil {
			t.Error(err)
		}
	}
	replace.Store(&f) // the next time that somebody looks at the clock, which is after the old hash was read
	a := signIn(thief, "operator", webtest.Password)
	if replace.Load() != nil || a.Location() != "/login" {
		t.Errorf("it leads to %d %s", a.Status, a.Location())
	}
	if a := thief.Get("/api/v1/pbxs"); a.Status != http.StatusUnauthorized {
		t.Errorf("a session outlives the password: %d", a.Status)
	}
}

func TestAStrangersFormIsSmall(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	h.As(t, team.Viewer)
	for _, path := range []string{"/login", "/login/code", "/join"} {
		if a := h.Stranger(t).Post(path, url.Values{"x": {strings.Repeat("a", 100<<10)}}); a.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}
