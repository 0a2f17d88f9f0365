package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/job"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// lifeHouse is a house with PBX 4820, which has two customers and is not activated.
func lifeHouse(t *testing.T) *webtest.House {
	t.Helper()
	return webtest.New(t, webtest.Config{Fleet: func(sim *yeastartest.Server) {
		webtest.Acme(sim)
		for i, name := range []string{"Leo", "Ada", "Nia", "Ben"} {
			sim.AddCustomer(yeastartest.Customer{ID: int64(7001 + i), FirstName: name, Company: name + " Ltd", Email: strings.ToLower(name) + "@ltd.example"})
		}
		sim.AddPBX(yeastartest.PBX{ID: 4820, Serial: "36A0B43111LIFE01", Name: "Lifeline", Firmware: "84.22.0.140", Activation: "Unactivated", Customers: []int64{7001, 7002},
			Extensions: 20, ConcurrentCalls: 10, RecordingMinutes: 500, Transcription: 60})
		sim.Bind(4820, webtest.At(webtest.BT, 50052), webtest.At(webtest.BT, 50053))
	}})
}

const lifeline = instances + "/4820"

// sendReview confirms what a review shows, with more typed.
func sendReview(t *testing.T, c *webtest.Client, path string, typed url.Values) webtest.Answer {
	t.Helper()
	page := c.Get(path).Parse(t)
	says(t, page, http.StatusOK, "Nothing has been sent yet")
	at, _, _ := strings.Cut(path, "?")
	form := page.Form(t, at)
	for name, values := range typed {
		form.Values[name] = values
	}
	return c.Post(at, form.Values)
}

// sent are the bodies of the calls of a method to a path of the PBX.
func sentOf(h *webtest.House, method, tail string) []string {
	return sentBodies(h, method, lifeline+tail)
}

func TestAnEditSendsTheReviewedSetWholeAndAsksForWhatNoReadTells(t *testing.T) {
	h := lifeHouse(t)
	c := h.As(t, team.Operator)
	page := c.Get("/pbx/4820/manage").Parse(t)
	says(t, page, http.StatusOK, "what is not chosen here was never told", "Leo Ltd, Leo", "Trunks by its users")
	form := page.Form(t, "/pbx/4820/features").Values
	if form.Get("name") != "Lifeline" || form.Get("upgradeInPbx") != "Enabled" || form.Has("im") || form.Has("allowSuperiorPasswordlessLogin") {
		t.Fatalf("%v", form)
	}
	page = c.Get("/pbx/4820/features?" + form.Encode()).Parse(t)
	says(t, page, http.StatusUnprocessableEntity, "Nothing was sent")
	if links := page.Links(); !slices.Contains(links, "#im") || !slices.Contains(links, "#allowSuperiorPasswordlessLogin") {
		t.Errorf("%v", links)
	}
	form.Set("name", "Lifeline Ltd")
	form.Set("im", "Enabled")
	form.Set("allowSuperiorPasswordlessLogin", "Disabled")
	form.Set("pbxApi", "Enabled")
	page = c.Get("/pbx/4820/features?" + form.Encode()).Parse(t)
	says(t, page, http.StatusOK, "Lifeline Ltd", "not told", "API of the PBX")
	if len(sentOf(h, http.MethodPut, "")) != 0 {
		t.Error("a review sent something")
	}
	a := sendReview(t, c, "/pbx/4820/features?"+form.Encode(), nil)
	if j := ended(t, h, a); j.State != job.Done {
		t.Fatalf("%+v", j)
	}
	want := `{"name":"Lifeline Ltd","upgradeInPbx":"Enabled","im":"Enabled","passwordlessLogin":"Enabled","allowSuperiorPasswordlessLogin":"Disabled","pbxApi":"Enabled"}`
	if got := sentOf(h, http.MethodPut, ""); len(got) != 1 || got[0] != want {
		t.Errorf("sent %v", got)
	}
	// What was stated is known from now on.
	form = c.Get("/pbx/4820/manage").Parse(t).Form(t, "/pbx/4820/features").Values
	if form.Get("im") != "Enabled" || form.Get("pbxApi") != "Enabled" {
		t.Errorf("what was stated is lost: %v", form)
	}
	says(t, c.Get("/pbx/4820/features?"+form.Encode()).Parse(t), http.StatusOK, "Nothing would change", "As it was last stated here")
	acts, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.PBXUpdate)})
	if err != nil || acts.Total != 2 || acts.Items[0].Outcome != audit.Succeeded || acts.Items[0].Actor != "operator" {
		t.Errorf("%+v %v", acts, err)
	}
}

func TestARecordingIsLoweredOnlyWhenThatIsMeantAndAIMinutesAreNotDropped(t *testing.T) {
	h := lifeHouse(t)
	c := h.As(t, team.Operator)
	form := c.Get("/pbx/4820/manage").Parse(t).Form(t, "/pbx/4820/capacity").Values
	form.Set("extensionCapacity", "many")
	says(t, c.Get("/pbx/4820/capacity?"+form.Encode()).Parse(t), http.StatusUnprocessableEntity, "A whole number")
	form.Set("extensionCapacity", "30")
	form.Set("recordingCapacity", "100")
	form.Set("transcriptionCapacity", "")
	path := "/pbx/4820/capacity?" + form.Encode()
	says(t, c.Get(path).Parse(t), http.StatusOK, "Lower the recording minutes from 500 to 100")
	says(t, sendReview(t, c, path, nil).Parse(t), http.StatusUnprocessableEntity, "must be meant")
	if n := len(sentOf(h, http.MethodPut, "/capacity")); n != 0 {
		t.Fatalf("%d resizes were sent", n)
	}
	if j := ended(t, h, sendReview(t, c, path, url.Values{"lower": {"yes"}})); j.State != job.Done {
		t.Fatalf("%+v", j)
	}
	want := `{"extensionCapacity":30,"concurrentCallCapacity":10,"recordingStatus":"Enabled","recordingCapacity":100,"transcriptionCapacity":60}`
	if got := sentOf(h, http.MethodPut, "/capacity"); len(got) != 1 || got[0] != want {
		t.Errorf("sent %v", got)
	}
}

func TestAResizeBeyondTheSubscriptionIsToldBeforeItIsSent(t *testing.T) {
	h := lifeHouse(t)
	h.Sim.SetSubscription(yeastartest.Subscription{Extensions: 20, ConcurrentCalls: 100, Recording: 100000})
	c := h.As(t, team.Operator)
	form := c.Get("/pbx/4820/manage").Parse(t).Form(t, "/pbx/4820/capacity").Values
	form.Set("extensionCapacity", "400")
	says(t, c.Get("/pbx/4820/capacity?"+form.Encode()).Parse(t), http.StatusOK, "less left than this takes", "380 more extensions, and")
	form.Set("extensionCapacity", "10")
	if page := c.Get("/pbx/4820/capacity?" + form.Encode()).Parse(t); strings.Contains(page.Text(), "less left") {
		t.Error("fewer extensions take nothing")
	}
}

func TestAReviewOfWhatHasChangedMeanwhileIsShownAgain(t *testing.T) {
	h := lifeHouse(t)
	c := h.As(t, team.Operator)
	form := c.Get("/pbx/4820/manage").Parse(t).Form(t, "/pbx/4820/capacity").Values
	form.Set("extensionCapacity", "30")
	review := c.Get("/pbx/4820/capacity?"+form.Encode()).Parse(t).Form(t, "/pbx/4820/capacity")
	h.Sim.RenamePBX(4820, "Renamed elsewhere")
	page := c.Post(review.Action, review.Values).Parse(t)
	says(t, page, http.StatusConflict, "was changed after you looked at it", "Resize Renamed elsewhere")
	says(t, c.Get("/pbx/4820/capacity?"+form.Encode()).Parse(t), http.StatusOK, "was changed after you opened its settings")
	if j := ended(t, h, c.Post(review.Action, page.Form(t, "/pbx/4820/capacity").Values)); j.State != job.Done {
		t.Errorf("%+v", j)
	}
}

func TestCustomersAreAddedAndTakenOffByName(t *testing.T) {
	h := lifeHouse(t)
	c := h.As(t, team.Operator)
	says(t, c.Get("/pbx/4820/customers").Parse(t), http.StatusUnprocessableEntity, "Tick whom to add or to take off")
	page := c.Get("/pbx/4820/manage?customer=nia&remove=7001").Parse(t)
	says(t, page, http.StatusOK, "Nia Ltd, Nia")
	form := page.Form(t, "/pbx/4820/customers").Values
	form.Add("add", "7003")
	page = c.Get("/pbx/4820/customers?" + form.Encode()).Parse(t)
	says(t, page, http.StatusOK, "Take off", "Leo Ltd, Leo", "Keep", "Ada Ltd, Ada", "Add", "Nia Ltd, Nia")
	if j := ended(t, h, sendReview(t, c, "/pbx/4820/customers?"+form.Encode(), nil)); j.State != job.Done {
		t.Fatalf("%+v", j)
	}
	if got := sentOf(h, http.MethodPut, "/customers"); len(got) != 1 || got[0] != `{"customerIds":[7002,7003]}` {
		t.Errorf("sent %v", got)
	}
	says(t, sendReview(t, c, "/pbx/4820/customers?remove=7002&remove=7003", nil).Parse(t), http.StatusUnprocessableEntity, "keeps at least one customer")
	says(t, sendReview(t, c, "/pbx/4820/customers?add=7001&add=7004&add=7099", nil).Parse(t), http.StatusUnprocessableEntity, "At most 3 customers")
}

func TestAPBXIsStoppedStartedMailedAndDeletedAfterAReview(t *testing.T) {
	h := lifeHouse(t)
	c := h.As(t, team.Operator)
	says(t, c.Get("/pbx/4820/stop").Parse(t), http.StatusOK, "2 numbers will not ring")
	if j := ended(t, h, sendReview(t, c, "/pbx/4820/stop", url.Values{"reason": {"they moved"}})); j.State != job.Done {
		t.Fatalf("stop: %+v", j)
	}
	says(t, c.Get("/pbx/4820/manage").Parse(t), http.StatusOK, "It is stopped.")
	if j := ended(t, h, sendReview(t, c, "/pbx/4820/start", nil)); j.State != job.Done {
		t.Fatalf("start: %+v", j)
	}
	says(t, sendReview(t, c, "/pbx/4820/activation", url.Values{"customerIds": nil}).Parse(t), http.StatusUnprocessableEntity, "Choose whom to write to")
	if j := ended(t, h, sendReview(t, c, "/pbx/4820/activation", url.Values{"customerIds": {"7002"}})); j.State != job.Done {
		t.Fatalf("mail: %+v", j)
	}
	if got := h.Sim.Mails(); len(got) != 1 || !slices.Equal(got[0].To, []string{"ada@ltd.example"}) {
		t.Errorf("mails %v", got)
	}

	says(t, c.Get("/pbx/4820/delete").Parse(t), http.StatusOK, "Type Lifeline to confirm", "2 numbers that will be free", "+44 20 7945 0052")
	page := sendReview(t, c, "/pbx/4820/delete", url.Values{"name": {"lifeline"}, "reason": {"gone away"}}).Parse(t)
	says(t, page, http.StatusUnprocessableEntity, "Nothing was sent")
	if kept := page.Form(t, "/pbx/4820/delete").Values; kept.Get("name") != "lifeline" || kept.Get("reason") != "gone away" || !slices.Contains(page.Links(), "#name") {
		t.Errorf("%v", kept)
	}
	if n := h.Sim.CountRequests(http.MethodDelete, instances); n != 0 {
		t.Fatal("a deletion was sent")
	}
	if a := c.Post("/numbers/50052/protection", url.Values{"protected": {"true"}}); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	says(t, c.Get("/pbx/4820/delete").Parse(t), http.StatusOK, "Protected numbers are bound to this PBX")
	c.Post("/numbers/50052/protection", url.Values{"protected": {"false"}})
	old := c.Get("/pbx/4820/delete").Parse(t).Form(t, "/pbx/4820/delete").Values
	h.Sim.Bind(4820, webtest.At(webtest.BT, 50054))
	h.Sweep()
	old.Set("name", "Lifeline")
	old.Set("reason", "gone away")
	says(t, c.Post("/pbx/4820/delete", old).Parse(t), http.StatusConflict, "Look again", "3 numbers that will be free")
	if n := h.Sim.CountRequests(http.MethodDelete, instances); n != 0 {
		t.Fatal("a deletion of what nobody saw was sent")
	}
	if j := ended(t, h, sendReview(t, c, "/pbx/4820/delete", url.Values{"name": {"Lifeline"}, "reason": {"gone away"}})); j.State != job.Done {
		t.Fatalf("delete: %+v", j)
	}
	if got := sentBodies(h, http.MethodDelete, instances); len(got) != 1 || got[0] != `{"cloudPbxIds":[4820]}` {
		t.Errorf("sent %v", got)
	}
	if page := c.Get("/pbx/4820/manage").Parse(t); page.Status != http.StatusOK || !strings.Contains(page.Text(), "This PBX is gone") || page.HasPost("/pbx/4820/delete") || strings.Contains(page.Text(), "Try again") {
		t.Errorf("%d %s", page.Status, page.Text())
	}
}

func TestWhenThePBXCannotBeReadNothingIsOfferedAndWhatWasTypedComesBack(t *testing.T) {
	h := lifeHouse(t)
	c := h.As(t, team.Operator)
	h.Sim.Fail(yeastartest.Match{Times: -1}, yeastartest.CloseBeforeCommit())
	page := c.Get("/pbx/4820/features?name=Typed").Parse(t)
	says(t, page, http.StatusServiceUnavailable, "can't be managed now", "Try again")
	if !slices.Contains(page.Links(), "/pbx/4820/manage?name=Typed") {
		t.Errorf("what was typed is lost: %v", page.Links())
	}
	h.Sim.ClearFaults()
	if form := c.Get("/pbx/4820/manage?name=Typed").Parse(t).Form(t, "/pbx/4820/features").Values; form.Get("name") != "Typed" {
		t.Errorf("%v", form)
	}
}

// A read of the PBX is news to the pages that are open. A page that answered news with another read
// would call Yeastar without end.
func TestAnOpenPageThatAsksForItsLiveRegionsCallsNobody(t *testing.T) {
	h := lifeHouse(t)
	c := h.As(t, team.Operator)
	for path, says := range map[string]string{
		"/pbx/4820/manage": "In sync", "/pbx/4820/features?name=": "In sync", "/pbx/4820/delete": "In sync", "/pbx/new": "Last webhook", "/pbx/new?key=k&regionId=4&domainId=4&subDomain=new": "Last webhook",
	} {
		before := len(h.Sim.Requests())
		a := c.Get(path, "HX-Request-Type", "live")
		page := a.Parse(t)
		if text := page.Text(); a.Status != http.StatusOK || !strings.Contains(text, says) || strings.Contains(text, "Nothing was sent") {
			t.Errorf("%s: %d %s", path, a.Status, text)
		}
		checkHTML(t, page)
		if n := len(h.Sim.Requests()) - before; n != 0 {
			t.Errorf("%s: %d calls", path, n)
		}
	}
	if a := c.Get("/pbx/4999/manage", "HX-Request-Type", "live"); a.Status != http.StatusNotFound {
		t.Errorf("a PBX that is not there: %d", a.Status)
	}
}

func TestADeletionSaysThatNobodyHasReadWhatIsBound(t *testing.T) {
	h := seedHouse(t)
	h.Sim.Assume(func(a *yeastartest.Assumptions) { a.StuckIn = yeastartest.StatusProvisioning })
	c := h.As(t, team.Operator)
	a := c.Post("/pbx", seed001())
	var made job.Job
	h.Eventually("the new PBX is in our record", func() bool {
		var err error
		if made, err = h.DB.Job(t.Context(), job.ID(strings.TrimPrefix(a.Location(), "/jobs/"))); err != nil {
			t.Fatal(err)
		}
		_, err = h.DB.PBX(t.Context(), made.PBX)
		return err == nil
	})
	page := c.Get("/pbx/" + made.PBX.String() + "/delete").Parse(t)
	says(t, page, http.StatusOK, "Nobody has read yet what is bound to this PBX", "This PBX is still being made")
	says(t, c.Get("/pbx/4808/delete").Parse(t), http.StatusOK, "4 numbers that will be free")
}
