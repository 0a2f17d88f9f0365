package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/web/webtest"
)

// The whole main job as a person does it, without a script in the browser.
func TestAPersonFindsAPBXByANumberBindsTwoUnbindsOneAndSeesItVerifiedAndInHistory(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.Stranger(t)

	door := c.Get("/pbx?q=" + url.QueryEscape(webtest.Number(50031)))
	if door.Status != http.StatusSeeOther || !strings.HasPrefix(door.Location(), "/login?next=") {
		t.Fatalf("a stranger got %d %s", door.Status, door.Location())
	}
	form := c.Get(door.Location()).Parse(t).Form(t, "/login")
	form.Values.Set("username", "operator")
	form.Values.Set("password", webtest.Password)
	in := c.Post(form.Action, form.Values)
	if in.Status != http.StatusSeeOther {
		t.Fatalf("sign-in: %d", in.Status)
	}

	// Found by a number in another format than Yeastar's.
	pasted := "0044 (20) 794 50031"
	list := c.Get("/pbx?q=" + url.QueryEscape(pasted)).Parse(t)
	if !strings.Contains(list.Text(), "Acme HQ") || strings.Contains(list.Text(), "Corner Bakery") {
		t.Fatalf("searching for %s: %s", pasted, list.Text())
	}
	pbx := c.Get("/pbx/4808").Parse(t)
	if text := pbx.Text(); !strings.Contains(text, "4 numbers on 2 trunks") || !strings.Contains(text, "In sync") {
		t.Fatalf("overview: %s", text)
	}

	// Two are ticked among the free numbers of a trunk, one among the bound ones.
	find := c.Get("/pbx/4808/dids?trunk=6681&find=5003").Parse(t).Form(t, "/pbx/4808/plans")
	find.Values.Add("bind", "6681:50036")
	find.Values.Add("bind", "6681:50044")
	find.Values.Add("unbind", "6682:50050")
	made := c.Post(find.Action, find.Values)
	if made.Status != http.StatusSeeOther || !strings.HasPrefix(made.Location(), "/plans/") {
		t.Fatalf("making the plan: %d %s", made.Status, made.Parse(t).Text())
	}
	if sent := h.Sim.CountPUTs(int64(webtest.AcmeHQ)); sent != 0 {
		t.Fatalf("%d writes went out before anybody confirmed", sent)
	}

	draft := c.Get(made.Location()).Parse(t)
	const effect = "Unbind 1 and bind 2 numbers on Acme HQ"
	for _, want := range []string{effect, "Draft", "Nothing has been sent yet", "3 numbers stay as they are", "BT Wholesale", "+44 20 7945 0044"} {
		if !strings.Contains(draft.Text(), want) {
			t.Errorf("the draft does not say %q: %s", want, draft.Text())
		}
	}
	confirm := draft.Form(t, made.Location()+"/confirm")
	done := c.Post(confirm.Action, confirm.Values)
	if done.Status != http.StatusSeeOther || done.Location() != made.Location() {
		t.Fatalf("confirming: %d %s %s", done.Status, done.Location(), done.Parse(t).Text())
	}
	verified := c.Get(done.Location()).Parse(t)
	for _, want := range []string{"Verified", "Yeastar holds exactly what this plan asked for", "See the snapshot", "operator confirmed it"} {
		if !strings.Contains(verified.Text(), want) {
			t.Errorf("the plan does not say %q: %s", want, verified.Text())
		}
	}
	want := fleet.NewBindingSet(webtest.Pair(webtest.Colt, 50030), webtest.Pair(webtest.Colt, 50031), webtest.Pair(webtest.Colt, 50032),
		webtest.Pair(webtest.Colt, 50036), webtest.Pair(webtest.Colt, 50044))
	if got := h.Bound(webtest.AcmeHQ); !got.Equal(want) {
		t.Errorf("the cloud holds %v", got.Pairs())
	}

	h.Settled()
	history := c.Get("/pbx/4808/history").Parse(t)
	for _, want := range []string{"Cordboard", "added +44 20 7945 0036", "removed +44 20 7945 0050", "operator"} {
		if !strings.Contains(history.Text(), want) {
			t.Errorf("history does not say %q: %s", want, history.Text())
		}
	}
	snapshots, err := h.DB.Snapshots(t.Context(), webtest.AcmeHQ, fleet.PageRequest{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	before := snapshots.Items[len(snapshots.Items)-1].ID.String()

	// And back again: an undo is a plan like any other.
	undo := c.Get("/pbx/4808/history/"+before).Parse(t).Form(t, "/pbx/4808/plans")
	back := c.Post(undo.Action, undo.Values)
	if back.Status != http.StatusSeeOther {
		t.Fatalf("undo: %d %s", back.Status, back.Parse(t).Text())
	}
	page := c.Get(back.Location()).Parse(t)
	if !strings.Contains(page.Text(), "Unbind 2 and bind 1 number on Acme HQ") {
		t.Errorf("the undo says: %s", page.Text())
	}
	asks := page.Form(t, back.Location()+"/confirm")
	if !asks.Values.Has("reason") {
		t.Fatal("two of five numbers go, and the plan does not ask why")
	}
	asks.Values.Set("reason", "the customer changed their mind")
	if a := c.Post(asks.Action, asks.Values); a.Status != http.StatusSeeOther {
		t.Fatalf("confirming the undo: %d %s", a.Status, a.Parse(t).Text())
	}
	if got := h.Bound(webtest.AcmeHQ); got.Len() != 4 || !got.Has(webtest.Pair(webtest.BT, 50050)) {
		t.Errorf("after the undo the cloud holds %v", got.Pairs())
	}

	who := c.Get("/numbers?number=" + url.QueryEscape(webtest.Number(50050))).Parse(t)
	if !strings.Contains(who.Text(), "Bound") || !strings.Contains(who.Text(), "Acme HQ") {
		t.Errorf("who has it: %s", who.Text())
	}
	acts := c.Get("/audit?actor=operator").Parse(t)
	for _, want := range []string{"bindings.update", "plan.confirm", "the customer changed their mind"} {
		if !strings.Contains(acts.Text(), want) {
			t.Errorf("the audit log does not say %q", want)
		}
	}
}
