package browser

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// agency is a house that can make PBXs: it has the customers of seed 001.
func agency(t *testing.T, c webtest.Config) *webtest.House {
	t.Helper()
	c.Fleet = func(sim *yeastartest.Server) {
		webtest.Acme(sim)
		sim.AddCustomer(yeastartest.Customer{ID: 50086182, FirstName: "Leo", LastName: "Ball", Company: "Acme", Email: "leo@acme.example"})
		sim.AddCustomer(yeastartest.Customer{ID: 50429564, FirstName: "Ada", Company: "Acme Holding", Email: "ada@acme.example"})
		sim.AddTemplate(yeastartest.Template{ID: 9, Name: "Reception"})
	}
	return webtest.New(t, c)
}

// wantNew is the one creation of a journey: seed 001's example without its expiry.
const wantNew = `{"name":"Yeastar P-Series Cloud PBX","plan":"Enterprise Plan","extensionCapacity":20,"concurrentCallCapacity":10,` +
	`"recordingStatus":"Enabled","recordingCapacity":500,"regionId":4,"subDomain":"cloud","domainId":4,"type":"Commercial","versionId":764,` +
	`"customerIds":[50429564],"upgradeInPbx":"Enabled","im":"Enabled","passwordlessLogin":"Enabled","allowSuperiorPasswordlessLogin":"Enabled"}`

// creations are the bodies of the PBXs that were asked for.
func creations(h *webtest.House) (bodies []string) {
	for _, r := range h.Sim.Requests() {
		if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/cloud_pbx/instances") {
			bodies = append(bodies, string(r.Body))
		}
	}
	return bodies
}

// newest is the PBX that was made last.
func newest(h *webtest.House) yeastartest.PBX {
	all := h.Sim.PBXs()
	return slices.MaxFunc(all, func(a, b yeastartest.PBX) int { return int(a.ID - b.ID) })
}

// checkMade sees that the journey asked for one PBX, that it runs, and that it has its numbers and mail.
func checkMade(t *testing.T, h *webtest.House) {
	t.Helper()
	if got := creations(h); len(got) != 1 || got[0] != wantNew {
		t.Errorf("asked for %q\nwant %s", got, wantNew)
	}
	made := newest(h)
	want := fleet.NewBindingSet(webtest.Pair(webtest.Colt, 50036), webtest.Pair(webtest.Colt, 50044))
	if got := h.Bound(fleet.PBXID(made.ID)); made.Status != yeastartest.StatusRunning || !got.Equal(want) {
		t.Errorf("%s, bound %v", made.Status, got.Pairs())
	}
	if mails := h.Sim.Mails(); len(mails) != 1 || !slices.Equal(mails[0].To, []string{"ada@acme.example"}) {
		t.Errorf("mails %v", mails)
	}
}

func TestThePersonWithAMouseMakesAPBXThatRunsWithItsNumbersAndItsMail(t *testing.T) {
	t.Parallel()
	createJourney(t, desktop, false)
}

func TestThePersonWithAPhoneMakesAPBXThatRunsWithItsNumbersAndItsMail(t *testing.T) {
	t.Parallel()
	createJourney(t, phone, false)
}

func TestThePersonWithoutScriptsMakesAPBXThatRunsWithItsNumbersAndItsMail(t *testing.T) {
	t.Parallel()
	createJourney(t, desktop, true)
}

func createJourney(t *testing.T, on screen, scriptless bool) {
	h := agency(t, webtest.Config{})
	p := signedIn(t, h, on, team.Operator)
	if scriptless {
		p.scriptless()
	}
	look := func(name string) { // looks at every screen and theme by itself
		if !scriptless && !on.touch {
			p.inspect(name)
		}
	}
	find := func(says string) {
		if scriptless {
			p.click("button", says)
		}
	}
	p.visit("/pbx")
	p.click("a", "New PBX")
	p.at("/pbx/new")
	p.says("Choose a region first", "They can be chosen once there is a region and a firmware.")
	look("new PBX, empty")

	p.choose("#regionId", "4")
	find("Show what this region has")
	p.until("the only domain and the newest firmware are chosen", `document.querySelector("#domainId").value === "4" && document.querySelector("#versionId").value === "764"`)
	p.fill("#subDomain", "cloud")
	if !scriptless {
		p.until("the address is there while it is typed", `seen().includes("cloud.r4.pbx.example")`)
	}
	p.fill("#name", "Yeastar P-Series Cloud PBX")
	p.fill("#customer", "holding")
	find("Find")
	p.until("the search has found one", `find("#found label", "Acme Holding, Ada") && !find("#found label", "Leo")`)
	p.says("Free") // the address was asked for
	p.tick(`[name=customerIds][value="50429564"]`)
	p.fill("#extensionCapacity", "20")
	p.fill("#concurrentCallCapacity", "10")
	p.fill("#recordingCapacity", "500")
	if !scriptless {
		p.says("20 of 20,000 left", "10 of")
	}
	for _, name := range []string{"passwordlessLogin", "allowSuperiorPasswordlessLogin"} {
		p.tick(`[name=` + name + `][value=Enabled]`)
	}
	p.click("summary", "Choose numbers")
	p.choose("#trunk", "6681")
	if scriptless {
		p.click("#first button", "Find")
		p.until("the numbers of the trunk are offered", `document.querySelector("[name=bind]")`)
	}
	p.tick(`[name=bind][value="6681:50036"]`)
	p.tick(`[name=bind][value="6681:50044"]`)
	p.tick(`[name=mail]`)
	look("new PBX, filled in")
	p.click("button", "Create PBX")
	p.at("/jobs/")
	p.says("Yeastar P-Series Cloud PBX runs at cloud.r4.pbx.example", "Create the PBX", "Bind its first numbers", "Send the activation mail", "Done")
	look("new PBX, made")
	checkMade(t, h)
	p.click("main a", "Yeastar P-Series Cloud PBX")
	p.at("/pbx/")
	p.says("cloud.r4.pbx.example", "2 numbers on 1 trunk", "In sync")
}

func TestThePersonWithAKeyboardMakesAPBX(t *testing.T) {
	t.Parallel()
	h := agency(t, webtest.Config{})
	p := signedIn(t, h, desktop, team.Operator)
	p.press("g")
	p.press("p")
	p.at("/pbx")
	p.tabTo("a", "New PBX")
	p.press("Enter")
	p.at("/pbx/new")
	p.tabTo("#regionId", "")
	p.typeText("Asia")
	p.until("the region has its firmware", `document.querySelector("#versionId").value === "764"`)
	p.tabTo("#subDomain", "")
	p.typeText("cloud")
	p.tabTo("#name", "")
	p.typeText("Yeastar P-Series Cloud PBX")
	p.tabTo("#customer", "")
	p.typeText("holding")
	p.until("one customer is found", `find("#found label", "Acme Holding") && !find("#found label", "Leo")`)
	p.tabTo("[name=customerIds]", "")
	p.press("Space")
	for _, f := range [][2]string{{"#extensionCapacity", "20"}, {"#concurrentCallCapacity", "10"}, {"#recordingCapacity", "500"}} {
		p.tabTo(f[0], "")
		p.typeText(f[1])
	}
	for _, name := range []string{"passwordlessLogin", "allowSuperiorPasswordlessLogin"} {
		p.tabTo("[name="+name+"]", "")
		p.press("Up")
		p.until(name+" is on", `document.querySelector("[name=`+name+`][value=Enabled]").checked`)
	}
	p.tabTo("summary", "Choose numbers")
	p.press("Enter")
	p.tabTo("#trunk", "")
	p.typeText("Colt")
	p.until("its numbers are offered", `document.querySelector('[name=bind][value="6681:50044"]')`)
	for _, pair := range []string{"6681:50036", "6681:50044"} {
		p.tabTo(`[name=bind][value="`+pair+`"]`, "")
		p.press("Space")
	}
	p.tabTo("[name=mail]", "")
	p.press("Space")
	p.tabTo("button", "Create PBX")
	p.press("Enter")
	p.at("/jobs/")
	p.says("runs at cloud.r4.pbx.example", "Done")
	checkMade(t, h)
}

func TestACopyIsFinishedByHandAndMade(t *testing.T) {
	t.Parallel()
	h := agency(t, webtest.Config{})
	id := h.Sim.AddPBX(yeastartest.PBX{ID: 4830, Name: "Branch One", URL: "branch-one.r4.pbx.example", Firmware: "84.22.0.134", Extensions: 30, ConcurrentCalls: 8, Customers: []int64{50086182}})
	h.Sweep()
	p := signedIn(t, h, phone, team.Operator)
	p.visit("/pbx/4830/manage")
	p.click("a", "Copy as new")
	p.at("/pbx/new")
	p.says("Copied from Branch One", "Left to you")
	p.until("what reads tell is there", `document.querySelector("#extensionCapacity").value === "30" && document.querySelector("[name=customerIds]").checked`)
	p.click("button", "Create PBX")
	p.says("No PBX was made", "Name: A name for the PBX", "Internal chat: ")
	p.fill("#name", "Branch Two")
	p.fill("#subDomain", "branch-two")
	p.tick("[name=im][value=Disabled]")
	p.tick("[name=allowRunAfterExpirationDate][value=true]")
	p.tick("[name=allowSuperiorPasswordlessLogin][value=Disabled]")
	p.click("button", "Create PBX")
	p.at("/jobs/")
	p.says("Branch Two runs at branch-two.r4.pbx.example")
	if made := newest(h); made.ID == id || made.Extensions != 30 || made.ConcurrentCalls != 8 || !slices.Equal(made.Customers, []int64{50086182}) || made.Name != "Branch Two" {
		t.Errorf("made %+v", made)
	}
}
