package browser

import (
	"net/http"
	"net/url"
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// marked remembers in the open page that it was not loaded again.
func (p *tab) marked() {
	p.t.Helper()
	p.eval(`window.sameDocument = true`, nil)
	p.until("the page listens", `performance.getEntriesByName(new URL("/events", location.href).href).length || document.body.dataset.events`)
}

// stillTheSame fails the test when the page was loaded again since it was marked.
func (p *tab) stillTheSame() {
	p.t.Helper()
	var same bool
	if p.eval(`window.sameDocument === true`, &same); !same {
		p.t.Error("the page was loaded again")
	}
}

// colleague is what a colleague in the portal leaves to Acme HQ: one number less, another one more.
func colleague(h *webtest.House) {
	h.Sim.Rebind(int64(webtest.AcmeHQ), []yeastartest.Binding{webtest.At(webtest.Colt, 50030), webtest.At(webtest.Colt, 50031), webtest.At(webtest.BT, 50050), webtest.At(webtest.BT, 50051), webtest.At(webtest.BT, 50052)})
}

func TestAnOpenPBXPageShowsAWebhookAndKeepsTheFocus(t *testing.T) {
	t.Parallel()
	h := house(t)
	p := signedIn(t, h, desktop, team.Viewer)
	p.visit("/pbx/4808")
	p.says("4 numbers on 2 trunks", "+44 20 7945 0032")
	p.marked()
	p.tabTo(".tabs a", "DIDs")
	colleague(h)
	p.says("5 numbers on 2 trunks", "+44 20 7945 0052")
	p.until("the focus is where it was", `named(document.activeElement).startsWith("DIDs")`)
	p.seesFocus()
	p.stillTheSame()
}

func TestAnOpenFleetPageShowsAChangeAndKeepsTheRow(t *testing.T) {
	t.Parallel()
	h := house(t)
	p := signedIn(t, h, desktop, team.Viewer)
	p.visit("/pbx")
	p.marked()
	numbers := `find(".fleet tr", "Acme HQ").cells[3].innerText`
	p.until("Acme HQ has 4 numbers", numbers+` === "4"`)
	p.press("j")
	p.press("j")
	p.until("the row has the focus", `named(document.activeElement) === "Acme HQ"`)
	colleague(h)
	p.until("Acme HQ has 5 numbers", numbers+` === "5"`)
	p.until("the row has the focus still", `named(document.activeElement) === "Acme HQ" && document.activeElement.closest("tr").matches(".sel")`)
	h.Sim.ReleaseSilently(int64(webtest.Bakery), []int64{50040})
	h.Sweep()
	p.until("Corner Bakery has drifted", `named(find(".fleet tr", "Corner Bakery")).includes("Drifted")`)

	// The row moves to the end of the list: the focus goes with it, not to what stands there now.
	h.Sim.RenamePBX(int64(webtest.AcmeHQ), "Zeta HQ")
	h.Sweep()
	p.until("the row has moved", `document.querySelector(".fleet tbody tr:last-child a").innerText === "Zeta HQ"`)
	p.until("the focus went along", `named(document.activeElement) === "Zeta HQ" && document.activeElement.getAttribute("href") === "/pbx/4808" && document.querySelector(".fleet .sel a") === document.activeElement`)
	p.seesFocus()
	p.stillTheSame()
}

func TestDriftAppearsOnAnOpenPageIsExplainedAndRevertedThroughAPlan(t *testing.T) {
	t.Parallel()
	h := house(t)
	p := signedIn(t, h, phone, team.Operator)
	p.visit("/pbx/4808")
	p.says("In sync", "4 numbers on 2 trunks")
	p.marked()
	before := h.Sim.Bindings(int64(webtest.AcmeHQ))
	h.Sim.Rebind(int64(webtest.AcmeHQ), before[1:])
	p.says("Drifted", "1 number was removed outside Cordboard", "Why: Changed by another YCM user")
	p.stillTheSame()
	p.click(".drift a", "Changed by another YCM user")
	p.at("/drift/")
	p.says("Yeastar reported it at", "It is the echo of no plan of ours", "1 removed")
	p.click("button", "Put it back: review a plan")
	p.at("/plans/")
	p.says("Bind 1 number")
	if n := h.Sim.CountPUTs(int64(webtest.AcmeHQ)); n != 0 {
		t.Fatalf("%d writes went out before anybody confirmed", n)
	}
	p.eval(`document.querySelector("[name=reason]") && (document.querySelector("[name=reason]").value = "It was a mistake.")`, nil)
	p.click(".confirm button", "")
	p.says("Verified")
	h.Settled()
	p.visit("/pbx/4808")
	p.says("In sync", "4 numbers on 2 trunks")
	p.visit("/drift?state=reverted")
	p.says("Acme HQ", "Reverted")
}

func TestAnOpenPlanShowsThatAColleagueConfirmedIt(t *testing.T) {
	t.Parallel()
	h := house(t)
	c := h.As(t, team.Operator)
	plan := draft(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}})
	p := signedIn(t, h, phone, team.Operator)
	p.visit(plan)
	p.says("Draft", "Nothing has been sent yet")
	p.marked()
	confirm(t, c, plan, url.Values{}, http.StatusSeeOther)
	p.says("Verified", "operator confirmed it")
	p.until("nothing is left to confirm", `!find("main button", "Bind 1 number")`)
	p.stillTheSame()
}

func TestWhatIsBeingTypedAndTickedStaysWhenThePBXChangesAndANoticeIsOffered(t *testing.T) {
	t.Parallel()
	h := house(t)
	p := signedIn(t, h, desktop, team.Operator)
	p.visit("/pbx/4808/dids")
	p.tick(`[name=unbind][value="6681:50032"]`)
	p.marked()
	p.fill("#numbers", "+44 20 7945 0036\n+44 20 79")
	p.eval(`document.activeElement.setSelectionRange(4, 6)`, nil)
	colleague(h)
	p.until("a notice is offered", `find(".moved-pill", "This changed meanwhile")`)
	const kept = `document.activeElement.id === "numbers" && document.activeElement.value === "+44 20 7945 0036\n+44 20 79" &&
		document.activeElement.selectionStart === 4 && document.activeElement.selectionEnd === 6 && document.querySelector('[value="6681:50032"]').checked`
	p.until("text, selection, focus and tick are kept", kept)
	// What is around the form is fresh all the same.
	p.until("the tab counts five", `named(find(".tabs a", "DIDs")).includes("5")`)
	p.until("text, selection, focus and tick are kept still", kept)
	p.typeText("21")
	p.until("one can go on typing", `document.activeElement.value.startsWith("+44 21 7945")`)
	p.inspect("DIDs changed meanwhile")

	p.click("button", "This changed meanwhile")
	p.says("5 numbers on 2 trunks")
	p.until("the page is new and what was typed is still there", `!window.sameDocument && document.querySelector("#numbers").value.replace(/\s+/g, " ") === "+44 21 7945 0036 +44 20 79"`)
}
