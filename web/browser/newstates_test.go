package browser

import (
	"maps"
	"net/http"
	"net/url"
	"testing"
	"time"

	"cordboard/sync/change"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// order is the form of a new PBX, filled in.
func order(sub string) url.Values {
	return url.Values{
		"key": {sub}, "name": {"Yeastar P-Series Cloud PBX"}, "plan": {"Enterprise Plan"}, "type": {"Commercial"}, "extensionCapacity": {"20"}, "concurrentCallCapacity": {"10"},
		"recordingCapacity": {"500"}, "transcriptionCapacity": {"60"}, "regionId": {"4"}, "subDomain": {sub}, "domainId": {"4"}, "versionId": {"764"}, "customerIds": {"50086182"},
		"upgradeInPbx": {"Enabled"}, "im": {"Enabled"}, "passwordlessLogin": {"Disabled"}, "allowSuperiorPasswordlessLogin": {"Disabled"}, "bind": {"6681:50036"}, "mail": {"yes"},
	}
}

func TestTheStatesOfANewPBXAreAccessible(t *testing.T) {
	t.Parallel()
	h := agency(t, webtest.Config{Patience: change.Patience{Serial: 50 * time.Millisecond, Pause: 20 * time.Millisecond}})
	c := h.As(t, team.Operator)
	p := signedIn(t, h, desktop, team.Operator)
	begin := func(sub string, says ...string) {
		t.Helper()
		a := c.Post("/pbx", order(sub))
		if a.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", a.Status, a.Parse(t).Text())
		}
		p.visit(a.Location())
		p.says(says...)
	}

	// What is wrong, the address of a PBX that is there, and a customer who is not there yet.
	h.Sim.AddPBX(yeastartest.PBX{ID: 4840, Name: "Somebody's", URL: "taken.r4.pbx.example"})
	wrong := order("taken")
	maps.Copy(wrong, url.Values{"extensionCapacity": {"501"}, "concurrentCallCapacity": {"many"}, "allowSuperiorPasswordlessLogin": {"Enabled"}, "expirationDate": {"2099-01-31"}, "customerIds": {}, "numbers": {"nonsense"}})
	p.visit("/pbx/new?" + wrong.Encode())
	p.says("taken.r4.pbx.example", "Taken", "Somebody's")
	p.click("button", "Create PBX")
	p.says("No PBX was made")
	p.until("the first wrong field has the focus", `document.activeElement.id === "customer"`)
	p.inspect("new PBX 422")
	p.click("summary", "Somebody new")
	p.click("button", "Create this customer in YCM")
	p.says("No customer was made")
	p.inspect("new customer 422")

	// A job under way, one that waits for a person, and one that failed.
	h.Sim.Assume(func(a *yeastartest.Assumptions) { a.StuckIn = yeastartest.StatusProvisioning })
	begin("slow", "Running", "It is Provisioning.")
	p.inspect("new PBX under way")
	h.Sim.Assume(func(a *yeastartest.Assumptions) { a.StuckIn, a.LateSerial = "", true })
	late := order("late")
	late.Del("bind")
	late.Set("name", "Late")
	a := c.Post("/pbx", late)
	p.visit(a.Location())
	p.says("Needs attention", "no serial number", "Try again")
	p.inspect("new PBX that waits for a person")
	h.Sim.GiveSerial(newest(h).ID)
	p.click("button", "Try again")
	p.says("runs at late.r4.pbx.example")
	h.Sim.Fail(yeastartest.Match{Method: http.MethodPost, PathSuffix: "/instances"}, yeastartest.VendorCode(yeastartest.CodeInvalidParameter))
	refused := order("refused")
	refused.Del("bind")
	p.visit(c.Post("/pbx", refused).Location())
	p.says("Failed", "No PBX was made", "Yeastar said: ")
	p.inspect("new PBX that failed")

	// Yeastar can't be reached.
	h.Sim.Fail(yeastartest.Match{Times: -1}, yeastartest.CloseBeforeCommit())
	p.visit("/pbx/new?refresh=yes&" + order("away").Encode())
	p.says("could not be read from Yeastar", "away")
	p.click("button", "Create PBX")
	p.says("No PBX was made")
	p.until("what was typed is there", `document.querySelector("#subDomain").value === "away" && document.querySelector("#name").value.startsWith("Yeastar")`)
	p.inspect("new PBX, Yeastar away")
	p.visit("/pbx/4808/manage")
	p.says("can't be managed now", "Try again")
	p.inspect("manage, Yeastar away")
	h.Sim.ClearFaults()
}
