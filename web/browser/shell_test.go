package browser

import (
	"testing"

	"github.com/chromedp/cdproto/network"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// What is around every page: the theme, the session, the way back.

func TestTheChosenThemeIsThereAtTheFirstPaintAndNeedsNoScript(t *testing.T) {
	t.Parallel()
	h := house(t)
	p := signedIn(t, h, desktop, team.Viewer)
	isDark := func(want bool) {
		t.Helper()
		for _, problem := range p.colours(want) {
			t.Error(problem)
		}
	}
	isDark(false)
	p.click(".menu summary", "")
	p.click(".menu button", "Dark")
	p.until("the page is dark", `document.documentElement.dataset.theme === "dark"`)
	isDark(true)

	p.scriptless()
	p.visit("/pbx")
	isDark(true) // the server has put it into the page
	p.click(".menu summary", "")
	p.click(".menu button", "Light")
	p.at("/pbx")
	p.until("the page is light", `document.documentElement.dataset.theme === "light"`)
	p.dark(true)
	isDark(false)
	p.click(".menu summary", "")
	p.click(".menu button", "System")
	p.until("the system decides", `!document.documentElement.dataset.theme`)
	isDark(true)
}

func TestAnEndedSessionLeadsAnOpenPageToTheSignInAndBack(t *testing.T) {
	t.Parallel()
	h := house(t)
	p := signedIn(t, h, desktop, team.Operator)
	p.visit("/pbx")
	p.run(network.ClearBrowserCookies())
	p.fill("#q", "acme") // htmx asks for a part of the page
	p.at("/login")
	p.typeSignIn(team.Operator)
	p.at("/pbx")
	p.taken() // the 401 of that request, which the browser reports

	p.visit("/pbx/4808/dids")
	p.click(".menu summary", "")
	p.click(".menu button", "Sign out")
	p.at("/login")
	p.visit("/pbx/4808/dids?trunk=6681")
	p.at("/login")
	p.typeSignIn(team.Operator)
	if here := p.at("/pbx/4808/dids"); here != "/pbx/4808/dids?trunk=6681" {
		t.Errorf("after signing in again the browser is at %s", here)
	}
}

func TestBackBringsTheListAsItWasFiltered(t *testing.T) {
	t.Parallel()
	h := house(t)
	p := signedIn(t, h, desktop, team.Operator)
	p.visit("/pbx")
	p.fill("#q", webtest.Number(50031))
	p.until("only Acme HQ is listed", `find(".fleet a", "Acme HQ") && !find(".fleet a", "Corner Bakery") && location.search.includes("q=")`)
	p.click(".fleet a", "Acme HQ")
	p.at("/pbx/4808")
	p.eval(`history.back()`, nil)
	p.at("/pbx")
	p.until("the filter is still there", `find(".fleet a", "Acme HQ") && !find(".fleet a", "Corner Bakery") && document.querySelector("#q").value === `+quote(webtest.Number(50031)))
	p.click("a[aria-label^='Remove filter']", "")
	p.until("all are listed", `find(".fleet a", "Corner Bakery")`)
}

func TestAFieldThatIsLeftSaysWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	p := signedIn(t, house(t), phone, team.Operator)
	p.visit("/pbx/4808/api-access")
	p.click("label", "Directly")
	p.fill("#base_url", "nonsense")
	p.press("Tab")
	p.until("the field says what is wrong", `document.querySelector("#base_url").matches("[aria-invalid=true][aria-describedby~=base_url-error]") && drawn(document.querySelector("#base_url-error"))`)
	p.inspect("a field that is wrong")
	p.fill("#base_url", "https://hq.example")
	p.press("Tab")
	p.until("nothing is wrong any more", `!document.querySelector("#base_url-error") && !document.querySelector("#base_url").matches("[aria-invalid], [aria-describedby~=base_url-error]")`)
}
