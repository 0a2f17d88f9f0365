package browser

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/pquerna/otp/totp"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// People: users, one's own account, tokens, the second person.

func TestThePagesOfPeopleAreAccessibleInEveryState(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, webtest.Config{Unconnected: true})
	p := signedIn(t, h, desktop, team.Admin)
	show := func(name, path string, says ...string) {
		t.Helper()
		p.visit(path)
		p.says(says...)
		p.inspect(name)
	}
	show("users", "/settings/users", "operator", "Nobody is invited")
	p.fill("#username", "dora")
	p.click("button", "Make the link")
	p.says("A link for dora", "/join?invite=")
	p.inspect("users invited")
	var link string
	p.eval(`[...document.querySelectorAll("code")].map((c) => c.textContent).find((t) => t.includes("/join?"))`, &link)
	show("user", "/settings/users/2", "Deactivate operator", "Make a link for a new password")
	show("account", "/settings/account", "Not set up", "This one")
	show("second factor", "/settings/account/second-factor", "Scan, then show that it works")
	p.fill("#code", "000000")
	p.click("button", "Turn the second factor on")
	p.says("The second factor was not set up")
	p.inspect("second factor 422")
	var key string
	p.eval(`[...document.querySelectorAll("main code")].map((c) => c.textContent.trim()).find((t) => /^[A-Z2-7 ]{16,}$/.test(t))`, &key)
	code, err := totp.GenerateCode(strings.ReplaceAll(key, " ", ""), time.Now())
	if err != nil {
		t.Fatalf("the key %q: %v", key, err)
	}
	p.fill("#code", code)
	p.click("button", "Turn the second factor on")
	p.says("Recovery codes")
	p.inspect("second factor on")
	var recovery string
	p.eval(`document.body.innerText.match(/([A-Z2-7]{4}-){3}[A-Z2-7]{4}/)[0]`, &recovery)
	show("tokens none", "/settings/tokens", "There is no token yet")
	p.fill("#name", "crm-sync")
	p.click("button", "Make the token")
	p.says("The token crm-sync", "cordboard_")
	p.inspect("tokens")
	show("approval", "/settings/approval", "Which plans wait")
	show("prove", "/prove?next=/settings", "Is it you?")
	p.run(network.ClearBrowserCookies())
	p.visit("/login")
	p.typeSignIn(team.Admin)
	p.at("/login/code")
	p.inspect("login code")
	p.fill("#code", recovery)
	p.press("Enter")
	p.at("/")

	guest := open(t, h, phone)
	guest.visit(strings.TrimPrefix(link, h.URL))
	guest.says("Welcome to Cordboard")
	guest.inspect("join")
	guest.fill("#password", "a password of her own")
	guest.click("button", "Join")
	guest.at("/")
}
