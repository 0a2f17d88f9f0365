package browser

import (
	"testing"
	"time"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// One change to many trunks: from a search to the review, carried out and offered for undo. Every page on the
// way is inspected in passing.
func TestThePersonChangesManyTrunksAtOnceAndThePagesAreAccessible(t *testing.T) {
	t.Parallel()
	for name, scriptless := range map[string]bool{"with scripts": false, "without scripts": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := webtest.New(t, webtest.Config{})
			if err := h.Lines.Look(t.Context(), time.Hour); err != nil {
				t.Fatal(err)
			}
			p := signedIn(t, h, desktop, team.Operator)
			inspect := p.inspect
			if scriptless {
				p.resize(phone)
				p.scriptless()
				inspect = func(string) {}
			}
			p.visit("/trunks")
			p.click(".tabs a", "Trunks of PBXs")
			p.says("carrier-a", "shared from YCM")
			inspect("trunks of PBXs")
			p.visit("/trunks/pbx?q=zebra")
			p.says("No trunk that was read has this")
			inspect("trunks of PBXs no match")
			p.visit("/trunks/pbx?q=sip.carrier.example&kind=register")
			p.tick(`[name=trunk]`)
			p.click("button", "Change the ticked trunks")
			p.says("Change many trunks", "1 trunk on 1 PBX")
			p.fill("#port", "70000")
			p.click("button", "Make the plans")
			p.says("No plan was made", "0 to 65535.")
			inspect("wide edit 422")
			p.fill("#port", "5070")
			p.click("button", "Make the plans")
			p.until("the plan waits", `seen().includes("1 plan waits for you to agree.")`)
			inspect("wide edit review")
			p.click("button", "Carry out the ticked plans")
			p.until("it is carried out", `seen().includes("1 trunk is changed and verified.")`)
			p.says("Undo what was done")
			inspect("wide edit done")
		})
	}
}

func TestThePagesOfTheInstallationAreAccessible(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, webtest.Config{})
	p := signedIn(t, h, desktop, team.Admin)
	for _, page := range []struct{ name, path, says string }{
		{"settings yeastar", "/settings/yeastar", "Connection to YCM"},
		{"settings guard", "/settings/guard", "Settings"},
		{"settings sync", "/settings/sync", "Settings"},
		{"settings numbers", "/settings/numbers", "Settings"},
		{"doctor", "/settings/doctor", "What was looked at"},
	} {
		p.visit(page.path)
		p.says(page.says)
		p.inspect(page.name)
	}
}
