package browser

import (
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

const carrierPath = "/pbx/4808/trunks/31"

func TestThePersonMovesATrunkToAnotherHostSeesItRegisteredAgainAndUndoesIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		on         screen
		scriptless bool
	}{"desktop": {desktop, false}, "phone": {phone, false}, "without scripts": {desktop, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := webtest.New(t, webtest.Config{})
			p := signedIn(t, h, c.on, team.Operator)
			if c.scriptless {
				p.scriptless()
			}
			p.visit("/pbx/4808")
			p.click(".tabs a", "Trunks")
			p.at("/pbx/4808/trunks")
			p.says("Nobody registered", "shared from YCM")
			p.click(".lines a", "carrier-a")
			p.at(carrierPath)
			p.fill("#hostname", "sip2.carrier.example")
			p.click("#did_list button", "Add a DID")
			p.until("there is one more row, and what was typed", `document.querySelectorAll(".row-f.did").length === 3 && document.querySelector("#hostname").value === "sip2.carrier.example"`)
			p.fill(`[name="did_list.2.did"]`, "+442079460002")
			p.click(".save button", "Review changes")
			p.at("/plans/")
			p.says("Change hostname or IP and DIDs of carrier-a on Acme HQ", "sip2.carrier.example", "Added +442079460002", "2 rows stay as they are", "connects anew")
			p.click(".confirm button", "")
			p.says("The trunk has exactly what this plan asked for")
			p.until("it is seen registered again, without anybody's doing", `seen().includes("Trunk is up")`)
			p.click(".action button", "Undo")
			p.says("Undoes", "Removed +442079460002")
			p.click(".confirm button", "")
			p.says("Verified")
			if n := h.Sim.CountRequests("POST", "/dm/open_api/v1/cloud_pbx/36A0B4311196ACME/openapi/v1.0/trunk/update"); n != 2 {
				t.Errorf("%d writes went out", n)
			}
		})
	}
}

func TestThePersonWithAKeyboardOrdersCodecsAndGivesACallerIDToAGroup(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, webtest.Config{})
	p := signedIn(t, h, desktop, team.Operator)
	p.visit(carrierPath)
	p.tabTo("[data-rank]", "Move choice 3 up")
	p.press("Enter")
	p.press("Enter")
	p.until("the codec is the first", `document.querySelector("#codec_sel-1").value === "g729"`)
	p.tabTo(`[name="outbound_cid_list.0.ext_list"][list]`, "")
	p.typeText("Support")
	p.press("Enter")
	p.at("/plans/")
	p.says("g729, ulaw, alaw", "group Support")
	p.tabTo(".confirm button", "")
	p.press("Enter")
	p.says("The trunk has exactly what this plan asked for")
}

func TestThePagesOfPBXsOwnTrunksAreAccessibleInEveryState(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, webtest.Config{})
	p := signedIn(t, h, desktop, team.Operator)
	p.visit(carrierPath)
	p.says("For some extensions")
	p.fill("#name", "two words")
	p.click(".save button", "Review changes")
	p.says("Nothing was saved", "No spaces")
	p.inspect("trunk 422")
	p.fill("#name", "mine")
	h.Sim.ChangeSIPTrunk(4808, webtest.RegisterTrunk, func(s *yeastartest.SIPTrunk) { s.Name, s.Port = "theirs", 5070 })
	p.click(".save button", "Review changes")
	p.says("Somebody else changed this trunk meanwhile")
	p.inspect("trunk 409")
	p.click(".save button", "Review changes")
	p.at("/plans/")
	h.Sim.ChangeSIPTrunk(4808, webtest.RegisterTrunk, func(s *yeastartest.SIPTrunk) { s.Port = 5080 })
	p.click(".confirm button", "")
	p.says("What moved meanwhile")
	p.inspect("stale plan of a trunk")
	p.visit("/pbx/4808/api-access")
	p.click("label", "Directly")
	p.click(".access-f button", "Save")
	p.says("Nothing was saved")
	p.inspect("API access 422")
	h.Sim.SetPBXAPI(4808, false)
	p.visit("/pbx/4808/trunks")
	p.says("can't be read now")
	p.inspect("trunks away")
}
