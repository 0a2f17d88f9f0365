package browser

import (
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

func TestThePersonWhoGoesBackIsAskedAboutWhatCannotComeBackAndSeesTheMark(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, webtest.Config{})
	page, err := h.DB.Snapshots(t.Context(), webtest.AcmeHQ, fleet.PageRequest{Limit: 1})
	if err != nil || len(page.Items) == 0 {
		t.Fatalf("%+v %v", page, err)
	}
	h.Sim.Rebind(int64(webtest.AcmeHQ), []yeastartest.Binding{webtest.At(webtest.Colt, 50030), webtest.At(webtest.BT, 50051)})
	h.Sim.Bind(int64(webtest.Bakery), webtest.At(webtest.Colt, 50031))
	h.Settled()
	h.Sweep()
	p := signedIn(t, h, desktop, team.Operator)
	p.visit("/pbx/4808/history/" + page.Items[0].ID.String())
	p.says("Cannot be brought back", "It is bound to Corner Bakery.")
	p.inspect("snapshot with lost numbers")
	p.click("button", "Plan to go back to this")
	p.says("No plan was made", "Agree to skip the others")
	p.inspect("undo 422")
	p.tick("#skip")
	p.click("button", "Plan to go back to this")
	p.at("/plans/")
	p.says("Cannot be restored", "It goes back to an earlier state")
	p.fill("#reason", "wrong customer")
	p.click(".confirm button", "")
	p.says("Verified")
	p.visit("/pbx/4808")
	p.says("Undone to snapshot", "by operator")
	p.inspect("PBX undone")
}
