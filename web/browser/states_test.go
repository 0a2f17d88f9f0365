package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// Every page in every state is looked at with axe-core, in light and dark, wide and narrow.

// house is the house of webtest with the fleet that everybody knows.
func house(t *testing.T) *webtest.House {
	t.Helper()
	return webtest.New(t, webtest.Config{})
}

// draft makes a plan and gives its path.
func draft(t *testing.T, c *webtest.Client, pbx fleet.PBXID, form url.Values) string {
	t.Helper()
	a := c.Post(fmt.Sprintf("/pbx/%d/plans", pbx), form)
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/plans/") {
		t.Fatalf("making a plan: %d %s", a.Status, a.Parse(t).Text())
	}
	return a.Location()
}

// confirm sends a plan off and expects a status.
func confirm(t *testing.T, c *webtest.Client, plan string, form url.Values, status int) {
	t.Helper()
	if a := c.Post(plan+"/confirm", form); a.Status != status {
		t.Fatalf("confirming: %d, want %d: %s", a.Status, status, a.Parse(t).Text())
	}
}

func TestTheDoorIsAccessibleInEveryState(t *testing.T) {
	t.Parallel()
	h := house(t)
	p := open(t, h, desktop)
	p.visit("/login?next=%2Fpbx")
	p.says("Sign in")
	p.inspect("login")
	p.fill("#username", "nobody")
	p.fill("#password", "a wrong password")
	p.press("Enter")
	p.says("Wrong user name or password")
	p.inspect("login error")
}

func TestTheFirstRunIsAccessibleInEveryState(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, webtest.Config{NoUsers: true, Unconnected: true})
	p := open(t, h, desktop)
	p.visit("/")
	p.at("/setup")
	p.inspect("setup")
	p.fill("#code", "wrong")
	p.fill("#username", "a")
	p.fill("#password", "short")
	p.press("Enter")
	p.says("The user was not made", "This is not the code")
	p.inspect("setup error")
	p.fill("#code", h.Code.Reveal())
	p.fill("#username", "first")
	p.fill("#password", webtest.Password)
	p.press("Enter")
	p.at("/")
	p.says("Nothing has been read from YCM yet")
	p.inspect("home fresh")
	for _, path := range []string{"/pbx", "/plans", "/webhooks", "/numbers?number=123"} {
		p.visit(path)
		p.inspect("empty " + strings.Trim(path, "/?=123"))
	}
}

// longNamed is a PBX whose names are as long as names come, with as many numbers as need a scroll.
const longNamed = 4812

func longNames(sim *yeastartest.Server) {
	trunk := sim.AddTrunk(yeastartest.Trunk{ID: 6690, Name: "Straits-Telecom-International-SG_5FOV41"})
	sim.AddPBX(yeastartest.PBX{ID: longNamed, Serial: "36A0B43111LONG12", Name: "Harbourfront Dental Group and Partners (Singapore) Pte Ltd", URL: "harbourfront-dental-group.sin.cloudpbx.example", Status: yeastartest.StatusUpgrading})
	var bound []yeastartest.Binding
	for i := range int64(60) {
		sim.AddDID(yeastartest.DID{ID: 50200 + i, Number: fmt.Sprintf("+65655501%02d", i), Name: "Harbourfront Dental Group, main line after hours", Trunks: []int64{trunk}})
		if i < 24 {
			bound = append(bound, yeastartest.Binding{Trunk: trunk, DID: 50200 + i})
		}
	}
	sim.Bind(longNamed, bound...)
}

// lived is a house where much has happened: a plan carried out, a colleague's change, numbers lost
// upstream, reports that were parked and that nobody understands.
func lived(t *testing.T) (h *webtest.House, applied string) {
	t.Helper()
	h = webtest.New(t, webtest.Config{Fleet: func(sim *yeastartest.Server) {
		webtest.Acme(sim)
		longNames(sim)
	}})
	c := h.As(t, team.Operator)
	applied = draft(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036", "6681:50044"}, "unbind": {"6682:50050"}})
	confirm(t, c, applied, url.Values{}, http.StatusSeeOther)
	h.Settled()
	h.Sim.Rebind(int64(webtest.AcmeHQ), []yeastartest.Binding{webtest.At(webtest.Colt, 50030), webtest.At(webtest.Colt, 50031), webtest.At(webtest.Colt, 50036), webtest.At(webtest.BT, 50051)})
	h.Settled()
	h.Sim.ReleaseSilently(int64(webtest.Bakery), []int64{50040})
	h.Sweep()
	if a := c.Post("/numbers/50030/protection", url.Values{"protected": {"true"}, "next": {"/pbx"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("protecting: %d", a.Status)
	}
	parked := h.Sim.EventFor(int64(webtest.Empty), yeastartest.EventDIDChange)
	parked.SN = "36A0B43111STRANGE"
	h.Sim.SendBody(yeastartest.ReportBody(parked))
	h.Sim.SendBody([]byte(`[{"event":"did_change","sn":7}]`))
	h.Sim.SendBody([]byte(`{"what":"is this"}`))
	h.Settled()
	return h, applied
}

func TestThePagesOfTheFleetAreAccessible(t *testing.T) {
	t.Parallel()
	h, applied := lived(t)
	draft(t, h.As(t, team.Operator), webtest.Empty, url.Values{"bind": {"6681:50041"}})
	p := signedIn(t, h, desktop, team.Operator)
	for _, s := range []struct{ name, path, says string }{
		{"home", "/", "Recent changes"},
		{"fleet", "/pbx", "Corner Bakery"},
		{"fleet filtered", "/pbx?state=drifted", "Bindings: Drifted"},
		{"fleet no match", "/pbx?q=zebra", "No PBX matches"},
		{"PBX", "/pbx/4808", "Bound numbers"},
		{"PBX drifted", "/pbx/4809", "Drifted"},
		{"PBX with long names", "/pbx/4812", "Straits"},
		{"PBX too old", "/pbx/4810", "can't change DIDs"},
		{"PBX empty", "/pbx/4811", "No number is bound"},
		{"drifts", "/drift", "Corner Bakery"},
		{"drifts none", "/drift?state=adopted", "No drift in this state"},
		{"drift", "/drift/1", "Why:"},
		{"plans", "/plans", "Acme HQ"},
		{"plan applied", applied, "Verified"},
		{"numbers", "/numbers", "Paste a number"},
		{"numbers answered", "/numbers?number=50030%0A50051%0A50055%0A999", "3 of 4"},
		{"numbers none", "/numbers?number=123", "123"},
		{"404", "/pbx/4999", "404"},
	} {
		p.visit(s.path)
		p.says(s.says)
		p.inspect(s.name)
	}
}

func TestTheRecordsAreAccessible(t *testing.T) {
	t.Parallel()
	h, _ := lived(t)
	snapshots, err := h.DB.Snapshots(t.Context(), webtest.AcmeHQ, fleet.PageRequest{Limit: 10})
	if err != nil || len(snapshots.Items) < 3 {
		t.Fatalf("snapshots: %+v, %v", snapshots.Items, err)
	}
	newest, oldest := snapshots.Items[0].ID, snapshots.Items[len(snapshots.Items)-1].ID
	deliveries, err := h.DB.Deliveries(t.Context(), "", fleet.PageRequest{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	p := signedIn(t, h, desktop, team.Operator)
	for _, s := range []struct{ name, path, says string }{
		{"history", "/pbx/4808/history", "Choose two snapshots"},
		{"history with long names", "/pbx/4812/history", "and 18 more"},
		{"compare", fmt.Sprintf("/pbx/4808/history?from=%v&to=%v", oldest, newest), "Comparison"},
		{"snapshot", fmt.Sprintf("/pbx/4808/history/%v", newest), "Bound then"},
		{"webhooks", "/webhooks", "Parked"},
		{"webhooks none", "/webhooks?state=late", "No delivery in this state"},
		{"audit", "/audit", "bindings.update"},
		{"audit none", "/audit?action=drift.adopt", "No act matches"},
		{"audit words", "/audit?q=acme&outcome=succeeded", "Words: acme"},
		{"audit row", "/audit/1", "Its place in the chain"},
	} {
		p.visit(s.path)
		p.says(s.says)
		p.inspect(s.name)
	}
	p.visit("/audit")
	p.click(".audit summary", "Details")
	p.inspect("audit details")
	wrote, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.BindingsUpdate)})
	if err != nil || len(wrote.Items) == 0 {
		t.Fatal(wrote, err)
	}
	p.visit(fmt.Sprintf("/audit/%d", wrote.Items[0].Seq))
	p.says("stay as they were")
	p.inspect("audit row of a write")
	seen := map[fleet.DeliveryState]bool{}
	for _, d := range deliveries.Items {
		if !seen[d.State] {
			seen[d.State] = true
			p.visit(fmt.Sprintf("/webhooks/%d", d.ID))
			p.says("What it said")
			p.inspect("webhook " + string(d.State))
		}
	}
	if !seen[fleet.DeliveryDead] || !seen[fleet.DeliveryParked] || !seen[fleet.DeliveryDigested] {
		t.Errorf("the deliveries are %v", seen)
	}
}

func TestThePageOfNumbersToBindIsAccessibleInEveryState(t *testing.T) {
	t.Parallel()
	h, _ := lived(t)
	p := signedIn(t, h, desktop, team.Operator)
	lines := strings.Join([]string{webtest.Number(50037), webtest.Number(50060), webtest.Number(50030), webtest.Number(webtest.Twins), "12", "nonsense"}, "\n")
	for _, s := range []struct{ name, path, says string }{
		{"DIDs", "/pbx/4808/dids", "Tick what should be unbound"},
		{"DIDs found", "/pbx/4808/dids?trunk=6681&bind=6681:50037&unbind=6681:50031", "Bind 1, unbind 1"},
		{"DIDs with long names", "/pbx/4812/dids?trunk=6690", "after hours"},
		{"DIDs not found", "/pbx/4808/dids?find=999999", "999999"},
		{"DIDs pasted", "/pbx/4808/dids?" + url.Values{"numbers": {lines}}.Encode(), "Corner Bakery"},
		{"DIDs with SIP headers", "/pbx/4809/dids?trunk=6683", "Custom SIP headers"},
		{"DIDs too old", "/pbx/4810/dids", "can't change DIDs"},
	} {
		p.visit(s.path)
		p.says(s.says)
		p.inspect(s.name)
	}

	p.visit("/pbx/4808/dids")
	p.fill("#numbers", lines)
	p.click("button", "Review plan")
	p.says("No plan was made")
	p.until("the summary has the focus", `document.activeElement.matches("[data-focus]")`)
	p.inspect("DIDs 422")
	p.visit("/pbx/4808/dids")
	p.click("button", "Review plan")
	p.says("No plan was made")
	p.inspect("DIDs 422 nothing chosen")

	h.Sim.Fail(yeastartest.Match{Times: -1}, yeastartest.CloseBeforeCommit())
	p.visit("/pbx/4808/dids?bind=6681:50037")
	p.click("button", "Review plan")
	p.says("No plan was made")
	p.inspect("DIDs 503")
	h.Sim.ClearFaults()
	draft(t, h.As(t, team.Operator), webtest.AcmeHQ, url.Values{"bind": {"6681:50037"}})
}

func TestTheStatesOfAPlanAreAccessible(t *testing.T) {
	t.Parallel()
	h := house(t)
	c := h.As(t, team.Operator)
	p := signedIn(t, h, desktop, team.Operator)
	show := func(name, path string, says ...string) {
		t.Helper()
		p.visit(path)
		p.says(says...)
		p.inspect("plan " + name)
	}
	put := yeastartest.Match{Method: http.MethodPut, PathSuffix: "/did"}

	show("draft", draft(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}}), "Draft")
	show("caution", draft(t, c, webtest.AcmeHQ, url.Values{"unbind": {"6681:50030"}}), "Unbind 1 number")
	show("danger with a reason", draft(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}, "unbind": {"6681:50030", "6681:50031"}}), "Reason")
	danger := draft(t, c, webtest.AcmeHQ, url.Values{"clear": {"all"}})
	show("danger", danger, "to confirm")
	p.fill("#name", "Acme")
	p.fill("#reason", "they leave us")
	p.click("button", "Clear all")
	p.says("The plan was not carried out")
	p.inspect("plan danger 422")

	void := draft(t, c, webtest.Empty, url.Values{"bind": {"6681:50041"}})
	if a := c.Post(void+"/discard", url.Values{}); a.Status != http.StatusSeeOther {
		t.Fatalf("discarding: %d", a.Status)
	}
	show("void", void, "Void")

	// A colleague was quicker.
	stale := draft(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}})
	h.Sim.Rebind(int64(webtest.AcmeHQ), []yeastartest.Binding{webtest.At(webtest.Colt, 50030), webtest.At(webtest.Colt, 50033), webtest.At(webtest.Colt, 50032), webtest.At(webtest.BT, 50050)})
	h.Settled()
	p.visit(stale)
	p.click("main button", "Bind 1 number")
	p.says("Stale", "Plan again")
	p.inspect("plan stale")

	// The vendor refuses.
	failed := draft(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}})
	h.Sim.Fail(put, yeastartest.VendorCode(yeastartest.CodeInvalidParameter))
	p.visit(failed)
	p.click("main button", "Bind 1 number")
	p.says("Failed")
	p.inspect("plan failed")

	// The vendor is not there.
	away := draft(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}})
	h.Sim.Fail(yeastartest.Match{Times: -1}, yeastartest.CloseBeforeCommit())
	p.visit(away)
	p.click("main button", "Bind 1 number")
	p.says("Nothing was sent")
	p.inspect("plan 503")
	h.Sim.ClearFaults()

	// The vendor does half of it.
	diverged := draft(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}, "unbind": {"6681:50030"}})
	h.Sim.Assume(func(a *yeastartest.Assumptions) { a.MergeBindings = true })
	p.visit(diverged)
	p.click("main button", "Unbind 1 and bind 1")
	p.says("Diverged")
	p.inspect("plan diverged")
	h.Sim.Assume(func(a *yeastartest.Assumptions) { a.MergeBindings = false })

	// Nobody knows.
	unknown := draft(t, c, webtest.AcmeHQ, url.Values{"unbind": {"6682:50050"}})
	sent := h.Sim.CountPUTs(int64(webtest.AcmeHQ))
	h.Sim.Fail(put, yeastartest.DelayAfterCommit(3*time.Second))
	p.visit(unknown)
	p.click("main button", "Unbind 1 number")
	h.Eventually("the write is on its way", func() bool { return h.Sim.CountPUTs(int64(webtest.AcmeHQ)) > sent })
	h.Sim.Fail(yeastartest.Match{Method: http.MethodGet, Times: -1}, yeastartest.CloseBeforeCommit())
	p.says("Unknown")
	p.inspect("plan unknown")
	p.visit("/pbx/4808")
	p.inspect("PBX held by a plan")
	h.Sim.ClearFaults()
}

func TestAnExpiredPlanIsAccessible(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, webtest.Config{Lifetime: time.Millisecond})
	expired := draft(t, h.As(t, team.Operator), webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}})
	p := signedIn(t, h, desktop, team.Operator)
	p.visit(expired)
	p.says("Expired")
	p.inspect("plan expired")
}

func TestThePaletteTheSheetAndTheMenuAreAccessible(t *testing.T) {
	t.Parallel()
	p := signedIn(t, house(t), desktop, team.Operator)
	p.click(".menu summary", "")
	p.says("Sign out")
	p.inspect("menu")
	p.press("Esc")
	p.visit("/")
	p.press("?")
	p.says("Keyboard shortcuts")
	p.inspect("sheet")
	p.press("Esc")
	p.palette("")
	p.inspect("palette")
	p.typeText("acme")
	p.until("the palette has found Acme", `find("dialog.pal a", "Acme HQ")`)
	p.inspect("palette found")
	p.press("Esc")
	p.palette("nothing has this name")
	p.says("No PBX, number or page matches")
	p.inspect("palette none")
}

func TestWhatAViewerSeesIsAccessible(t *testing.T) {
	t.Parallel()
	h, _ := lived(t)
	p := signedIn(t, h, desktop, team.Viewer)
	p.visit("/pbx/4808/dids")
	p.says("4 numbers on 2 trunks")
	p.inspect("DIDs for a viewer")
	p.eval(`(() => {
		const form = Object.assign(document.createElement("form"), {method: "post", action: "/pbx/4808/plans"});
		document.body.append(form);
		form.submit();
	})()`, nil)
	p.says("Your role does not allow this")
	p.inspect("403")
}
