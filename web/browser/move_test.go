package browser

import (
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

func TestThePersonWithAMouseMovesANumberToAnotherPBX(t *testing.T) {
	t.Parallel()
	moveJourney(t, desktop, false)
}

func TestThePersonWithAPhoneMovesANumberToAnotherPBX(t *testing.T) {
	t.Parallel()
	moveJourney(t, phone, false)
}

func TestThePersonWithoutScriptsMovesANumberToAnotherPBX(t *testing.T) {
	t.Parallel()
	moveJourney(t, desktop, true)
}

func moveJourney(t *testing.T, on screen, scriptless bool) {
	h := webtest.New(t, webtest.Config{})
	p := signedIn(t, h, on, team.Operator)
	if scriptless {
		p.scriptless()
	}
	p.visit("/pbx/4808/dids")
	p.tick(`[name=unbind][value="6681:50030"]`)
	p.click("button", "Move to another PBX")
	p.at("/moves/new")
	p.says("Move 1 number to another PBX", "+44 20 7945 0030")
	if !scriptless {
		p.inspect("move, choice")
	}
	p.fill("#find", "bakery")
	p.click("main button", "Find")
	p.until("only the bakery is offered", `find("main table a", "Corner Bakery") && !find("main table a", "Old Mill")`)
	p.click("main table a", "Corner Bakery")
	p.says("First: unbind 1 number on Acme HQ", "Custom SIP headers", "Nothing is moved yet")
	if !scriptless {
		p.inspect("move, headers asked for")
	}
	p.tick("[name=header_none]")
	p.click("main button", "Review again")
	p.says("Then: bind 1 number on Corner Bakery", "Nothing has been sent yet")
	if !scriptless {
		p.inspect("move, review")
	}
	if n := h.Sim.CountPUTs(int64(webtest.AcmeHQ)); n != 0 {
		t.Fatalf("%d writes went out before anybody confirmed", n)
	}
	p.click("main button", "Move 1 number to Corner Bakery")
	p.at("/jobs/")
	p.says("Corner Bakery has +442079450030 now", "Release from Acme HQ", "Verify every number")
	if !scriptless {
		p.inspect("move, done")
	}
	checkMoved(t, h, webtest.Bakery)
}

func TestThePersonWithAKeyboardMovesTwoNumbersToAnotherPBX(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, webtest.Config{})
	p := signedIn(t, h, desktop, team.Operator)
	p.visit("/pbx/4808/dids")
	p.tabTo(`[name=unbind][value="6681:50030"]`, "")
	p.press("Space")
	p.tabTo(`[name=unbind][value="6681:50031"]`, "")
	p.press("Space")
	p.tabTo("button", "Move to another PBX")
	p.press("Enter")
	p.at("/moves/new")
	p.until("the search has the focus", `document.activeElement?.id === "find"`)
	p.typeText("friends")
	p.press("Enter")
	p.until("one PBX is offered", `find("main table a", "friends") && !find("main table a", "Corner Bakery") && document.readyState === "complete" && document.activeElement?.id === "find"`)
	p.press("Esc")
	p.press("j")
	p.seesFocus()
	p.press("Enter")
	p.says("First: unbind 2 numbers on Acme HQ", "It unbinds 2 of 4 numbers")
	p.tabTo("#reason", "")
	p.typeText("the branch moved")
	p.tabTo("main button", "Move 2 numbers to")
	p.press("Enter")
	p.at("/jobs/")
	p.says("2 numbers now: released, claimed, and read back", "Done")
	checkMoved(t, h, webtest.Empty)
}

// checkMoved sees that a number left Acme HQ, and where it is.
func checkMoved(t *testing.T, h *webtest.House, to fleet.PBXID) {
	t.Helper()
	moved := webtest.Pair(webtest.Colt, 50030)
	if h.Bound(webtest.AcmeHQ).Has(moved) || !h.Bound(to).Has(moved) {
		t.Errorf("the cloud holds %v and %v", h.Bound(webtest.AcmeHQ).Pairs(), h.Bound(to).Pairs())
	}
	if h.Sim.CountPUTs(int64(webtest.AcmeHQ)) != 1 || h.Sim.CountPUTs(int64(to)) != 1 {
		t.Errorf("%d and %d writes", h.Sim.CountPUTs(int64(webtest.AcmeHQ)), h.Sim.CountPUTs(int64(to)))
	}
}
