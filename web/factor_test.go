package web_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// codeAt is what an app shows for a key at a time (RFC 6238).
func codeAt(t *testing.T, key string, at time.Time) string {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(key, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[len(sum)-1]&15:])&0x7fffffff%1_000_000)
}

var shownKey = regexp.MustCompile(`([A-Z2-7]{4} ){7}[A-Z2-7]{4}`)

// withFactor sets a second factor up for whoever is signed in, and answers with its key and recovery codes.
func withFactor(t *testing.T, c *webtest.Client, at time.Time) (key string, codes []string) {
	t.Helper()
	a := c.Get("/settings/account/second-factor")
	key = shownKey.FindString(a.Body)
	form := a.Parse(t).Form(t, "/settings/account/second-factor").Values
	form.Set("code", "000000")
	if a := c.Post("/settings/account/second-factor", form); a.Status != http.StatusUnprocessableEntity || shownKey.FindString(a.Body) != key {
		t.Fatalf("a wrong code: %d, another key: %v", a.Status, shownKey.FindString(a.Body) != key)
	}
	form.Set("code", codeAt(t, key, at))
	a = c.Post("/settings/account/second-factor", form)
	codes = regexp.MustCompile(`([A-Z2-7]{4}-){3}[A-Z2-7]{4}`).FindAllString(a.Body, -1)
	if a.Status != http.StatusOK || len(codes) != 10 {
		t.Fatalf("setting up: %d, codes %q", a.Status, codes)
	}
	return key, codes
}

func TestWithASecondFactorThePasswordAloneOpensNothing(t *testing.T) {
	var at clock
	h := webtest.New(t, webtest.Config{Unconnected: true, Now: at.now})
	key, codes := withFactor(t, h.As(t, team.Admin), at.now())
	at.advance(time.Minute)
	c := h.Stranger(t)
	a := signIn(c, "admin", webtest.Password)
	if a.Status != http.StatusSeeOther || a.Location() != "/login/code?next=%2F" {
		t.Fatalf("the password: %d %s", a.Status, a.Location())
	}
	if a := c.Get("/api/v1/pbxs"); a.Status != http.StatusUnauthorized {
		t.Errorf("between password and code: %d", a.Status)
	}
	enter := func(c *webtest.Client, code string) webtest.Answer {
		return c.Post("/login/code", url.Values{"code": {code}, "next": {"/plans"}})
	}
	for _, wrong := range []string{"", "000000", codes[0] + "X"} {
		if a := enter(c, wrong); a.Status != http.StatusUnauthorized {
			t.Errorf("code %q: %d", wrong, a.Status)
		}
	}
	good := codeAt(t, key, at.now())
	if a := enter(h.Stranger(t), good); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/login") {
		t.Errorf("a code without a password: %d %s", a.Status, a.Location())
	}
	if a := enter(c, good); a.Status != http.StatusSeeOther || a.Location() != "/plans" {
		t.Fatalf("the right code: %d %s", a.Status, a.Body)
	}
	if a := c.Get("/api/v1/pbxs"); a.Status != http.StatusOK {
		t.Errorf("signed in: %d", a.Status)
	}
	replay := h.Stranger(t)
	signIn(replay, "admin", webtest.Password)
	if a := enter(replay, good); a.Status != http.StatusUnauthorized {
		t.Errorf("the same code twice: %d", a.Status)
	}
	if a := enter(replay, codes[0]); a.Status != http.StatusSeeOther {
		t.Errorf("a recovery code: %d", a.Status)
	}
	rows := acts(t, h, audit.SignIn)
	if rows[0].Reason != "With a recovery code." || rows[1].Reason != "With a code of the app." {
		t.Errorf("the record: %q, %q", rows[0].Reason, rows[1].Reason)
	}
	if rows := acts(t, h, audit.FactorUse); len(rows) != 4 || rows[0].Outcome != audit.Refused {
		t.Errorf("%d wrong codes are on record", len(rows))
	}
}

func TestGuessingCodesIsSlowedDownWhereverItComesFrom(t *testing.T) {
	var at clock
	h := webtest.New(t, webtest.Config{Unconnected: true, Now: at.now})
	operator := h.As(t, team.Operator)
	key, _ := withFactor(t, operator, at.now())
	at.advance(time.Minute)
	got := map[int]int{}
	for i := range 12 {
		r := h.Stranger(t)
		signIn(r, "operator", webtest.Password)
		got[r.Post("/login/code", url.Values{"code": {fmt.Sprintf("%06d", i)}}).Status]++
	}
	if got[401] != 5 || got[429] != 7 {
		t.Errorf("answers: %v", got)
	}
	if rows := acts(t, h, audit.FactorUse); len(rows) > 12 || rows[0].Reason != "Too many attempts." {
		t.Errorf("the record: %d rows, %q", len(rows), rows[0].Reason)
	}
	if a := signIn(h.Stranger(t), "viewer", webtest.Password); a.Status != http.StatusSeeOther {
		t.Errorf("a colleague: %d", a.Status)
	}
	if a := operator.Post("/prove", url.Values{"proof_code": {"000001"}}); a.Status != http.StatusTooManyRequests {
		t.Errorf("a code as proof, from wherever a session is: %d", a.Status)
	}
	at.advance(time.Minute)
	c := h.Stranger(t)
	signIn(c, "operator", webtest.Password)
	if a := c.Post("/login/code", url.Values{"code": {codeAt(t, key, at.now())}}); a.Status != http.StatusSeeOther {
		t.Errorf("the right code after the wait: %d", a.Status)
	}
}

func TestBetweenPasswordAndCodeTimeAndANewPasswordEndTheSignIn(t *testing.T) {
	var at clock
	h := webtest.New(t, webtest.Config{Unconnected: true, Now: at.now})
	operator := h.As(t, team.Operator)
	key, _ := withFactor(t, operator, at.now())
	at.advance(time.Minute)
	slow, robbed := h.Stranger(t), h.Stranger(t)
	signIn(robbed, "operator", webtest.Password)
	if a := operator.Post("/settings/account/password", url.Values{"current": {webtest.Password}, "password": {newPassword}}); a.Status != http.StatusSeeOther {
		t.Fatalf("the new password: %d", a.Status)
	}
	code := url.Values{"code": {codeAt(t, key, at.now())}}
	if a := robbed.Post("/login/code", code); !strings.HasPrefix(a.Location(), "/login?") {
		t.Errorf("with the old password: %d %s", a.Status, a.Location())
	}
	signIn(slow, "operator", newPassword)
	at.advance(6 * time.Minute)
	if a := slow.Post("/login/code", url.Values{"code": {codeAt(t, key, at.now())}}); !strings.HasPrefix(a.Location(), "/login?") {
		t.Errorf("after six minutes: %d %s", a.Status, a.Location())
	}
}

func TestAnAdminHelpsSomebodyWhosePhoneIsLost(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	withFactor(t, h.As(t, team.Viewer), time.Now())
	admin := h.As(t, team.Admin)
	if a := admin.Post(pathOf(t, h, "viewer")+"/drop-second-factor", nil); a.Status != http.StatusSeeOther {
		t.Fatalf("taking it away: %d", a.Status)
	}
	if a := signIn(h.Stranger(t), "viewer", webtest.Password); a.Location() != "/" {
		t.Errorf("afterwards: %s", a.Location())
	}
	if rows := acts(t, h, audit.FactorDrop); len(rows) != 1 || rows[0].Actor != "admin" || rows[0].Target != "viewer" {
		t.Errorf("the record: %+v", rows)
	}
}
