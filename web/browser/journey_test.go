package browser

import (
	"context"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// The main job: find Acme HQ by one of its numbers, bind two numbers, unbind one, and see it
// verified and in history.

// pasted is Acme's number 50031 in another format than Yeastar's.
const pasted = "0044 (20) 794 50031"

// effect is what the plan's button says.
const effect = "Unbind 1 and bind 2 numbers on Acme HQ"

// wantBody is the one write that the journey may send (seed 000): the whole list, three numbers
// that nobody named among them.
const wantBody = `{"trunkDidRelations":[{"didIds":[50030,50031,50032,50036,50044],"trunkId":6681}]}`

func TestThePersonWithAMouseBindsTwoUnbindsOneAndSeesItVerifiedAndInHistory(t *testing.T) {
	t.Parallel()
	journey(t, desktop, false)
}

func TestThePersonWithAPhoneBindsTwoUnbindsOneAndSeesItVerifiedAndInHistory(t *testing.T) {
	t.Parallel()
	journey(t, phone, false)
}

func TestThePersonWithoutScriptsBindsTwoUnbindsOneAndSeesItVerifiedAndInHistory(t *testing.T) {
	t.Parallel()
	journey(t, desktop, true)
}

func TestThePersonWithAPhoneWithoutScriptsBindsTwoUnbindsOneAndSeesItVerifiedAndInHistory(t *testing.T) {
	t.Parallel()
	journey(t, phone, true)
}

func journey(t *testing.T, on screen, scriptless bool) {
	h := webtest.New(t, webtest.Config{})
	p := open(t, h, on)
	if scriptless {
		p.scriptless()
	}
	// A stranger who follows a link is asked to sign in and comes where they wanted to go.
	p.visit("/pbx")
	p.at("/login")
	p.fill("#username", string(team.Operator))
	p.fill("#password", webtest.Password)
	p.click("main button", "Sign in")
	p.at("/pbx")

	p.fill("#q", pasted)
	if scriptless {
		p.click("button", "Filter")
	}
	p.until("only Acme HQ is listed", `seen().includes("Read as") && find(".fleet a", "Acme HQ") && !find(".fleet a", "Corner Bakery")`)
	p.click(".fleet a", "Acme HQ")
	p.at("/pbx/4808")
	p.says("4 numbers on 2 trunks", "In sync")
	p.click("a", "Bind numbers")
	p.at("/pbx/4808/dids")

	p.choose("#trunk", "6681")
	if scriptless {
		p.click("button", "Find")
	}
	p.tick(`[name=bind][value="6681:50036"]`)
	p.tick(`[name=bind][value="6681:50044"]`)
	p.tick(`[name=unbind][value="6682:50050"]`)
	if !scriptless {
		p.says("Bind 2, unbind 1")
	}
	p.click("button", "Review plan")
	planPath := p.at("/plans/")
	p.says(effect, "Draft", "Nothing has been sent yet", "3 numbers stay as they are", "+44 20 7945 0044")
	if n := h.Sim.CountPUTs(int64(webtest.AcmeHQ)); n != 0 {
		t.Fatalf("%d writes went out before anybody confirmed", n)
	}
	p.click("button", effect)
	p.says("Verified", "Yeastar holds exactly what this plan asked for")
	checkCloud(t, h)
	checkLinkedHistory(t, h, fleet.PlanID(planPath[len("/plans/"):]))

	p.click("a", "See the snapshot")
	p.at("/pbx/4808/history/")
	p.says("Bound then", "+44 20 7945 0036")
	p.click("a", "History")
	p.says("added +44 20 7945 0036", "removed +44 20 7945 0050", "operator")
	p.click(".hist a[href='"+planPath+"']", "")
	p.at(planPath)
}

// choose picks an option of a select as the browser does when a person picks it.
func (p *tab) choose(css, value string) {
	p.t.Helper()
	p.until(css+" offers "+value, `document.querySelector(`+quote(css)+`)?.querySelector("option[value=" + CSS.escape(`+quote(value)+`) + "]")`)
	p.eval(`(() => {
		const el = document.querySelector(`+quote(css)+`);
		el.value = `+quote(value)+`;
		for (const name of ["input", "change"]) el.dispatchEvent(new Event(name, {bubbles: true}));
	})()`, nil)
}

// checkCloud holds what the cloud has at the end, and the one write that made it, against what was
// asked for.
func checkCloud(t *testing.T, h *webtest.House) {
	t.Helper()
	want := fleet.NewBindingSet(webtest.Pair(webtest.Colt, 50030), webtest.Pair(webtest.Colt, 50031), webtest.Pair(webtest.Colt, 50032),
		webtest.Pair(webtest.Colt, 50036), webtest.Pair(webtest.Colt, 50044))
	if got := h.Bound(webtest.AcmeHQ); !got.Equal(want) {
		t.Errorf("the cloud holds %v", got.Pairs())
	}
	if n := h.Sim.CountPUTs(int64(webtest.AcmeHQ)); n != 1 {
		t.Errorf("%d writes were sent", n)
	}
	if got := string(h.Sim.LastPUTBody(int64(webtest.AcmeHQ))); got != wantBody {
		t.Errorf("the write was %s\nwant %s", got, wantBody)
	}
}

// checkLinkedHistory sees that the newest snapshot is the plan's, and the report's echo is no
// second one.
func checkLinkedHistory(t *testing.T, h *webtest.House, plan fleet.PlanID) {
	t.Helper()
	h.Settled()
	page, err := h.DB.Snapshots(context.Background(), webtest.AcmeHQ, fleet.PageRequest{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Items) != 2 || page.Items[0].Plan != plan {
		t.Errorf("the snapshots are %+v, the plan %s", page.Items, plan)
	}
}
