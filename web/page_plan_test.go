package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// says fails the test unless the page is of the status and reads like all of words.
func says(t *testing.T, page webtest.Page, status int, words ...string) {
	t.Helper()
	if page.Status != status {
		t.Fatalf("%s: %d, want %d: %s", page.Path, page.Status, status, page.Text())
	}
	checkHTML(t, page)
	for _, w := range words {
		if !strings.Contains(page.Text(), w) {
			t.Errorf("%s does not say %q: %s", page.Path, w, page.Text())
		}
	}
}

// plan posts the form and answers where the plan is.
func plan(t *testing.T, c *webtest.Client, pbx fleet.PBXID, form url.Values) string {
	t.Helper()
	a := c.Post("/pbx/"+pbx.String()+"/plans", form)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("no plan: %d %s", a.Status, a.Parse(t).Text())
	}
	return a.Location()
}

func TestAPastedListBindsWhatIsClearAndComesBackWithVerdictsWhereItIsNot(t *testing.T) {
	h := webtest.New(t, webtest.Config{HomeRegion: "GB"})
	c := h.As(t, team.Operator)
	good := "+44 20 794 50037\n(0044) 2079450038, " + strings.Replace(webtest.Number(50030), "+44", "0", 1)
	bad := good + "\n" + webtest.Number(50040) + "\n50070\n" + webtest.Number(webtest.Twins) + "\n999"
	page := c.Post("/pbx/4808/plans", url.Values{"numbers": {bad}, "unbind": {"6681:50031"}, "find": {"kept too"}}).Parse(t)
	says(t, page, http.StatusUnprocessableEntity, "Corner Bakery", "Not found", "Which trunk?", "Already here", "No plan was made")
	form := page.Form(t, "/pbx/4808/plans")
	if got := strings.ReplaceAll(form.Values.Get("numbers"), "\r", ""); got != bad || form.Values.Get("find") != "kept too" || !slices.Contains(form.Values["unbind"], "6681:50031") {
		t.Errorf("typed text was lost: %q", form.Values)
	}
	if h.Sim.CountPUTs(4808) != 0 {
		t.Error("something was sent")
	}

	// The same by the button that only checks.
	check := c.Get("/pbx/4808/dids?" + url.Values{"numbers": {bad}}.Encode()).Parse(t)
	says(t, check, http.StatusOK, "2 can be bound", "1 needs a trunk", "1 taken", "2 not found")

	// Without the doubtful lines, and with a choice for the number on two trunks.
	twin := "6682:50070"
	at := plan(t, c, webtest.AcmeHQ, url.Values{"numbers": {good + "\n" + webtest.Number(webtest.Twins)}, "bind": {twin}})
	says(t, c.Get(at).Parse(t), http.StatusOK, "Bind 3 numbers on Acme HQ", "BT Wholesale")
}

func TestWhatCannotBeBoundIsRefusedWithItsReasonAndNothingTypedIsLost(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	for _, bad := range []struct {
		pbx  string
		form url.Values
		want string
	}{
		{"4808", url.Values{"bind": {"6681:50040"}}, "Corner Bakery"},
		{"4808", url.Values{"bind": {"6682:50036"}}, "does not sit on the trunk BT Wholesale"},
		{"4808", url.Values{"bind": {"6681:99999"}}, "99999"},
		{"4808", url.Values{"bind": {"nonsense"}}, "trunkId:didId"},
		{"4808", url.Values{"unbind": {"6681:50040"}}, "is not bound on Colt London here"},
		{"4808", url.Values{}, "Nothing was chosen"},
		{"4808", url.Values{"clear": {"everything"}}, "Only “all” clears"},
		{"4808", url.Values{"undo_to": {"newest"}}, "names no snapshot"},
		{"4808", url.Values{"clear": {"all"}, "bind": {"6681:50036"}}, "act of its own"},
		{"4808", url.Values{"unbind": {"6681:50030", "6681:50031", "6681:50032", "6682:50050"}}, "Clear all numbers"},
		{"4810", url.Values{"bind": {"6681:50036"}}, "84.19.0.22"},
		{"4811", url.Values{"clear": {"all"}}, "no numbers to clear"},
	} {
		bad.form.Set("numbers", "")
		bad.form.Set("find", "typed")
		page := c.Post("/pbx/"+bad.pbx+"/plans", bad.form).Parse(t)
		says(t, page, http.StatusUnprocessableEntity, bad.want, "No plan was made")
		if form := page.Form(t, "/pbx/"+bad.pbx+"/plans"); form.Values.Get("find") != "typed" {
			t.Errorf("%v: what was typed is lost: %v", bad.form, form.Values)
		}
	}
}

func TestACustomSIPHeaderThatNobodyCanReadBackIsAskedForBeforeAPlanIsMade(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	h.Sim.SetHeaders(4809, []yeastartest.HeaderBinding{{Trunk: 6683, Header: 7, Value: "bakery-1"}})
	c := h.As(t, team.Operator)
	says(t, c.Get("/pbx/4809").Parse(t), http.StatusOK, "Custom SIP headers are not known")
	page := c.Post("/pbx/4809/plans", url.Values{"bind": {"6681:50041"}, "header.6683.7": {""}}).Parse(t)
	says(t, page, http.StatusUnprocessableEntity, "X-Account", "say that there is none")
	form := page.Form(t, "/pbx/4809/plans")
	if !form.Values.Has("header.6683.7") || !slices.Contains(form.Values["bind"], "6681:50041") {
		t.Fatalf("the form asks for no header, or lost the number: %v", form.Values)
	}

	both := url.Values{"bind": {"6681:50041"}, "header.6683.7": {"x"}, "header_none": {"6683:7"}}
	says(t, c.Post("/pbx/4809/plans", both).Parse(t), http.StatusUnprocessableEntity, "Either a value or none")
	strange := url.Values{"bind": {"6681:50041"}, "header.6683.7": {"x"}, "header.6681.9": {"y"}}
	says(t, c.Post("/pbx/4809/plans", strange).Parse(t), http.StatusUnprocessableEntity, "has no such custom SIP header")

	form.Values.Set("header.6683.7", "bakery-2")
	at := plan(t, c, webtest.Bakery, form.Values)
	draft := c.Get(at).Parse(t)
	says(t, draft, http.StatusOK, "X-Account", "bakery-2", "not known")
	if a := c.Post(at+"/confirm", draft.Form(t, at+"/confirm").Values); a.Status != http.StatusSeeOther {
		t.Fatalf("confirm: %d", a.Status)
	}
	if got := h.Sim.Headers(4809); len(got) != 1 || got[0].Value != "bakery-2" {
		t.Errorf("the cloud holds %v", got)
	}
	// From now on the value is known: shown, and kept without being asked for.
	says(t, c.Get("/pbx/4809").Parse(t), http.StatusOK, "bakery-2")
	at = plan(t, c, webtest.Bakery, url.Values{"bind": {"6681:50042"}})
	says(t, c.Get(at).Parse(t), http.StatusOK, "Keep", "bakery-2")
	c.Post(at+"/confirm", url.Values{})
	if got := h.Sim.Headers(4809); len(got) != 1 || got[0].Value != "bakery-2" {
		t.Errorf("after a plan that names no header the cloud holds %v", got)
	}
	// Leaving the trunk takes its header along, although the form still carries its value.
	at = plan(t, c, webtest.Bakery, url.Values{"unbind": {"6683:50060"}, "header.6683.7": {"bakery-2"}})
	says(t, c.Get(at).Parse(t), http.StatusOK, "Remove", "bakery-2")
}

func TestClearingAllTakesTheTypedNameAndAReasonAndKeepsWhatWasTyped(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	says(t, c.Get("/pbx/4808/dids").Parse(t), http.StatusOK, "Plan to unbind all 4 numbers", "All 4 numbers stop ringing on Acme HQ")
	at := plan(t, c, webtest.AcmeHQ, url.Values{"clear": {"all"}})
	draft := c.Get(at).Parse(t)
	says(t, draft, http.StatusOK, "Clear all 4 numbers of Acme HQ", "Danger", "Type Acme HQ to confirm")
	form := draft.Form(t, at+"/confirm")
	form.Values.Set("name", "acme")
	form.Values.Set("reason", "they moved")
	page := c.Post(form.Action, form.Values).Parse(t)
	says(t, page, http.StatusUnprocessableEntity, "Type the name of the PBX", "The plan was not carried out")
	again := page.Form(t, at+"/confirm")
	if again.Values.Get("name") != "acme" || again.Values.Get("reason") != "they moved" {
		t.Errorf("typed text was lost: %v", again.Values)
	}
	if h.Bound(webtest.AcmeHQ).Len() != 4 {
		t.Fatal("something was cleared")
	}
	again.Values.Set("name", "Acme HQ")
	if a := c.Post(again.Action, again.Values); a.Status != http.StatusSeeOther {
		t.Fatalf("confirm: %d %s", a.Status, a.Parse(t).Text())
	}
	says(t, c.Get(at).Parse(t), http.StatusOK, "Verified", "they moved")
	if h.Bound(webtest.AcmeHQ).Len() != 0 {
		t.Error("the cloud still holds numbers")
	}
	says(t, c.Get("/pbx/4808").Parse(t), http.StatusOK, "No number is bound")
	says(t, c.Get("/plans").Parse(t), http.StatusOK, "Clear all 4 numbers")
}

func TestAPlanIsUsedOnce(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	at := plan(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}})
	if a := c.Post(at+"/confirm", url.Values{}); a.Status != http.StatusSeeOther {
		t.Fatalf("confirm: %d", a.Status)
	}
	says(t, c.Post(at+"/confirm", url.Values{}).Parse(t), http.StatusConflict, "already applied", "Nothing was sent")
	if n := h.Sim.CountPUTs(4808); n != 1 {
		t.Errorf("%d writes were sent", n)
	}
	if a := c.Post(at+"/discard", url.Values{}); a.Status != http.StatusConflict {
		t.Errorf("discarding an applied plan: %d", a.Status)
	}
}

func TestABaseThatMovedIs409WithWhatMovedAndTheSameWishAgain(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	at := plan(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}, "unbind": {"6681:50031"}})
	h.Sim.Rebind(4808, []yeastartest.Binding{webtest.At(webtest.Colt, 50030), webtest.At(webtest.Colt, 50031), webtest.At(webtest.Colt, 50039), webtest.At(webtest.BT, 50050)})
	h.Settled()
	page := c.Post(at+"/confirm", url.Values{"reason": {"asked for"}}).Parse(t)
	says(t, page, http.StatusConflict, "Stale", "Nothing was sent", "What moved meanwhile", "Plan again", "not bound")
	if n := h.Sim.CountPUTs(4808); n != 0 {
		t.Fatalf("%d writes were sent", n)
	}
	again := page.Form(t, "/pbx/4808/plans")
	if !slices.Equal(again.Values["bind"], []string{"6681:50036"}) || !slices.Equal(again.Values["unbind"], []string{"6681:50031"}) {
		t.Errorf("the wish changed: %v", again.Values)
	}
	next := plan(t, c, webtest.AcmeHQ, again.Values)
	says(t, c.Get(next).Parse(t), http.StatusOK, "Unbind 1 and bind 1 number on Acme HQ", "Draft")
	says(t, c.Get("/pbx/4808").Parse(t), http.StatusOK, "Webhook")
}

func TestVendorTroubleBeforeAPlanKeepsTheTypedTextAndSaysWhatTheVendorSaid(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	form := url.Values{"bind": {"6681:50036"}, "numbers": {webtest.Number(50037)}, "trunk": {"6681"}}
	h.Sim.Fail(yeastartest.Match{Method: "GET", Times: -1}, yeastartest.VendorCode(1000004))
	page := c.Post("/pbx/4808/plans", form).Parse(t)
	if page.Status != http.StatusBadGateway && page.Status != http.StatusServiceUnavailable {
		t.Fatalf("%d %s", page.Status, page.Text())
	}
	says(t, page, page.Status, "1000004", "Yeastar request", "No plan was made", "The free numbers could not be read")
	typed := page.Form(t, "/pbx/4808/plans").Values
	if typed.Get("numbers") != webtest.Number(50037) || !slices.Contains(typed["bind"], "6681:50036") || typed.Get("trunk") != "6681" {
		t.Errorf("typed text was lost: %v", typed)
	}
}

func TestAWriteThatTheVendorRefusesIsShownWithItsCodeAndRequest(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	at := plan(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}})
	h.Sim.Fail(yeastartest.Match{Method: "PUT"}, yeastartest.SuccessWithFailed(1000004))
	page := c.Post(at+"/confirm", url.Values{}).Parse(t)
	says(t, page, http.StatusBadGateway, "Failed", "1000004", "Yeastar request", "Nothing was changed", "Plan again")
	says(t, c.Get(at).Parse(t), http.StatusOK, "Failed")
	if h.Bound(webtest.AcmeHQ).Len() != 4 {
		t.Error("the cloud changed")
	}
}

func TestAWriteOfUnknownFateSaysSoAndHoldsThePBX(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	at := plan(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}})
	h.Sim.Fail(yeastartest.Match{Method: "PUT"}, yeastartest.DelayAfterCommit(3*time.Second))
	answer := make(chan webtest.Answer)
	go func() { answer <- c.Post(at+"/confirm", url.Values{}) }()
	h.Eventually("the write is under way", func() bool { return h.Sim.CountPUTs(4808) == 1 })
	says(t, c.Get(at).Parse(t), http.StatusOK, "Applying", "Under way")
	h.Sim.Fail(yeastartest.Match{Method: "GET", Times: -1}, yeastartest.Status(500, "away"))
	page := (<-answer).Parse(t)
	says(t, page, http.StatusBadGateway, "Unknown", "We do not know yet")
	says(t, c.Get("/pbx/4808/dids").Parse(t), http.StatusOK, "Another plan holds this PBX", "Watch the plan")
	says(t, c.Get("/").Parse(t), http.StatusOK, "Watch the plan")
}

func TestADraftExpiresAndADraftCanBeGivenUp(t *testing.T) {
	h := webtest.New(t, webtest.Config{Lifetime: 300 * time.Millisecond})
	c := h.As(t, team.Operator)
	at := plan(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}})
	h.Eventually("the draft expires", func() bool { return strings.Contains(c.Get(at).Body, "Expired") })
	page := c.Get(at).Parse(t)
	says(t, page, http.StatusOK, "It was not confirmed in time", "Plan again")
	says(t, c.Post(at+"/confirm", url.Values{}).Parse(t), http.StatusConflict, "expired")

	given := plan(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50037"}})
	if a := c.Post(given+"/discard", url.Values{}); a.Status != http.StatusSeeOther || a.Location() != given {
		t.Fatalf("discard: %d %s", a.Status, a.Location())
	}
	says(t, c.Get(given).Parse(t), http.StatusOK, "Void", "gave it up")
	if n := h.Sim.CountPUTs(4808); n != 0 {
		t.Errorf("%d writes were sent", n)
	}
}

func TestAProtectedNumberBlocksThePlanThatWouldDropIt(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	page := c.Get("/pbx/4808/dids").Parse(t)
	if !slices.Contains(page.Posts(), "/numbers/50030/protection") {
		t.Fatal("no way to protect a number")
	}
	a := c.Post("/numbers/50030/protection", url.Values{"protected": {"true"}, "next": {"/pbx/4808/dids"}})
	if a.Status != http.StatusSeeOther || a.Location() != "/pbx/4808/dids" {
		t.Fatalf("protect: %d %s", a.Status, a.Location())
	}
	says(t, c.Post("/pbx/4808/plans", url.Values{"unbind": {"6681:50030"}}).Parse(t), http.StatusUnprocessableEntity, "is protected", "Protected")
	if a := c.Post("/numbers/50030/protection", url.Values{"protected": {"false"}, "next": {"//evil.example"}}); a.Location() != "/" {
		t.Errorf("sent to %s", a.Header.Get("Location"))
	}
	if a := c.Post("/numbers/50030/protection", url.Values{}); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("neither on nor off: %d", a.Status)
	}
	at := plan(t, c, webtest.AcmeHQ, url.Values{"unbind": {"6681:50030"}})
	says(t, c.Get(at).Parse(t), http.StatusOK, "Unbind 1 number on Acme HQ")
	says(t, c.Get("/audit?action=number.protect").Parse(t), http.StatusOK, webtest.Number(50030))
}

func TestANumberWhoseTrunkNobodyKnowsIsSettledByTheOperator(t *testing.T) {
	h := webtest.New(t, webtest.Config{Fleet: func(sim *yeastartest.Server) {
		webtest.Acme(sim)
		sim.Bind(4808, webtest.At(webtest.BT, webtest.Twins))
	}})
	c := h.As(t, team.Operator)
	says(t, c.Get("/pbx/4808").Parse(t), http.StatusOK, "The trunk of 1 number is not known", "Colt London or BT Wholesale", "Unknown")
	page := c.Get("/pbx/4808/dids").Parse(t)
	says(t, page, http.StatusOK, "Trunk not known", "say which")
	says(t, c.Post("/pbx/4808/plans", url.Values{"bind": {"6681:50036"}}).Parse(t), http.StatusUnprocessableEntity, "could sit on")
	at := plan(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036", "6682:50070"}})
	says(t, c.Get(at).Parse(t), http.StatusOK, "Bind 1 number on Acme HQ")
}
