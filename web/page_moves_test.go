package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// moved waits for the end of a job at its page's address.
func moved(t *testing.T, h *webtest.House, at string) job.Job {
	t.Helper()
	var j job.Job
	h.Eventually("the job has ended", func() bool {
		var err error
		j, err = h.DB.Job(context.Background(), job.ID(strings.TrimPrefix(at, "/jobs/")))
		return err == nil && j.State != job.Running
	})
	return j
}

func TestNumbersAreMovedFromThePageWhereTheyAreTicked(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	if !strings.Contains(c.Get("/pbx/4808/dids").Body, `formaction="/moves/new" name="from" value="4808"`) {
		t.Fatal("the page offers no move")
	}
	ticked := c.Get("/moves/new?from=4808&unbind=6681:50030&unbind=6681:50031&find=&numbers=&header.6683.7=")
	if ticked.Status != http.StatusSeeOther || ticked.Location() != "/moves/new?from=4808&did=50030&did=50031" {
		t.Fatalf("%d %s", ticked.Status, ticked.Location())
	}
	choice := c.Get(ticked.Location()).Parse(t)
	says(t, choice, http.StatusOK, "Move 2 numbers to another PBX", "+44 20 7945 0030", "Corner Bakery", "can't change DIDs")
	if found := c.Get(ticked.Location() + "&find=bakery").Parse(t); strings.Contains(found.Text(), "Old Mill") || !strings.Contains(found.Text(), "Corner Bakery") {
		t.Errorf("the search finds %s", found.Text())
	}
	review := c.Get(ticked.Location() + "&to=4811").Parse(t)
	says(t, review, http.StatusOK, "First: unbind 2 numbers on Acme HQ", "Then: bind 2 numbers on", "2 numbers stay as they are", "It unbinds 2 of 4 numbers", "Move 2 numbers to")
	checkHTML(t, review)
	if h.Sim.CountRequests(http.MethodPut, "") != 0 {
		t.Fatal("a review sends something")
	}
	form := review.Form(t, "/moves")
	refused := c.Post(form.Action, form.Values).Parse(t)
	says(t, refused, http.StatusUnprocessableEntity, "Say why. The audit log keeps it.")
	form = refused.Form(t, "/moves")
	form.Values.Set("reason", "the branch moved")
	began := c.Post(form.Action, form.Values)
	if began.Status != http.StatusSeeOther || !strings.HasPrefix(began.Location(), "/jobs/") {
		t.Fatalf("%d %s", began.Status, began.Parse(t).Text())
	}
	if twice := c.Post(form.Action, form.Values); twice.Status == http.StatusSeeOther && twice.Location() != began.Location() {
		t.Errorf("the same form began another move: %s", twice.Location())
	}
	if j := moved(t, h, began.Location()); j.State != job.Done {
		t.Fatalf("%s: %s %+v", j.State, j.Sentence, j.Steps)
	}
	says(t, c.Get(began.Location()).Parse(t), http.StatusOK, "Release from Acme HQ", "Claim for", "Verify every number", "Verified: Yeastar holds exactly", "Done")
	if h.Bound(webtest.AcmeHQ).Len() != 2 || !h.Bound(webtest.Empty).Has(webtest.Pair(webtest.Colt, 50030)) {
		t.Errorf("%v %v", h.Bound(webtest.AcmeHQ).Pairs(), h.Bound(webtest.Empty).Pairs())
	}
	h.Settled()
	says(t, c.Get("/audit?action=numbers.move").Parse(t), http.StatusOK, "the branch moved", "numbers.move", "Acme HQ")
	plan := moved(t, h, began.Location()).Steps[0].Plan
	says(t, c.Get("/plans/"+string(plan)).Parse(t), http.StatusOK, "Part of", "Job ")
}

func TestAReviewOfAMoveSaysWhatStandsInTheWayAndKeepsWhatWasTyped(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	e := audit.Entry{At: now(), Actor: "ana", Action: audit.NumberProtect, Outcome: audit.Succeeded}
	if err := h.DB.SetProtected(t.Context(), 50032, true, e); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/moves/new?from=4808&did=50032&to=4811": "is protected",
		"/moves/new?from=4808&did=50031&to=4810": "84.19.0.22",
		"/moves/new?from=4808&did=50040&to=4811": "is not bound to the PBX that it shall leave",
		"/moves/new?from=4808&did=50031&to=4808": "Choose another PBX",
	} {
		page := c.Get(path).Parse(t)
		says(t, page, http.StatusOK, want, "Nothing is moved yet")
		if strings.Contains(page.Body, "Confirm</h2>") {
			t.Errorf("%s can be confirmed", path)
		}
	}
	if a := c.Get("/moves/new?from=4808&to=4811"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("without numbers: %d", a.Status)
	}
	if a := c.Get("/moves/new?from=4808&did=50031&to=4999"); a.Status != http.StatusNotFound {
		t.Errorf("to a stranger: %d", a.Status)
	}

	// The bakery has custom SIP headers that nobody can read back: they are asked for.
	h.Sim.SetHeaders(4809, []yeastartest.HeaderBinding{{Trunk: 6683, Header: 7, Value: "bakery-1"}})
	page := c.Get("/moves/new?from=4808&did=50031&to=4809").Parse(t)
	says(t, page, http.StatusOK, "State them", "X-Account")
	form := page.Form(t, "/moves")
	form.Values.Set("header.6683.7", "bakery-1")
	again := c.Get("/moves/new?" + form.Values.Encode()).Parse(t)
	says(t, again, http.StatusOK, "Then: bind 1 number on Corner Bakery", "bakery-1")
	form = again.Form(t, "/moves")
	if form.Values.Get("header.6683.7") != "bakery-1" || form.Values.Get("review") == "" {
		t.Fatalf("%v", form.Values)
	}
	// What it rests on changes before it is confirmed.
	h.Sim.Bind(4808, webtest.At(webtest.Colt, 50039))
	h.Settled()
	late := c.Post("/moves", form.Values).Parse(t)
	says(t, late, http.StatusConflict, "look again")
	form = late.Form(t, "/moves")
	began := c.Post("/moves", form.Values)
	if began.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", began.Status, began.Parse(t).Text())
	}
	if j := moved(t, h, began.Location()); j.State != job.Done {
		t.Fatalf("%s %+v", j.Sentence, j.Steps)
	}
	if got := h.Sim.Headers(4809); len(got) != 1 || got[0].Value != "bakery-1" || !h.Bound(webtest.Bakery).Has(webtest.Pair(webtest.Colt, 50031)) {
		t.Errorf("%v %v", got, h.Bound(webtest.Bakery).Pairs())
	}
}

func TestANumberThatAnotherPBXHasIsOfferedToBeMovedFromThere(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	const move = "/moves/new?from=4809&to=4808&did=50040"
	page := c.Post("/pbx/4808/plans", url.Values{"bind": {"6681:50040"}}).Parse(t)
	says(t, page, http.StatusUnprocessableEntity, "Only a move can take it from there", "Move +44 20 7945 0040 from Corner Bakery")
	if !contains(page.Links(), move) {
		t.Errorf("%v", page.Links())
	}
	pasted := c.Get("/pbx/4808/dids?numbers=" + url.QueryEscape(webtest.Number(50040))).Parse(t)
	says(t, pasted, http.StatusOK, "Move it here")
	if !contains(pasted.Links(), move) {
		t.Errorf("%v", pasted.Links())
	}
}

func contains(list []string, want string) bool {
	for _, s := range list {
		if s == want {
			return true
		}
	}
	return false
}

func TestAMoveAsAScriptDoesIt(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	const ask = `"from":4808,"to":4811,"numbers":[{"did_id":50030},{"did_id":50031,"trunk_id":6681}]`
	seen := s.ask(200, "POST", "/moves/preview", `{`+ask+`}`)
	needs, _ := seen["needs"].([]any)
	if len(needs) != 1 || needs[0] != "reason" || len(list(seen["release"].(object), "steps")) != 4 || len(list(seen["claim"].(object), "steps")) != 2 {
		t.Errorf("%v", seen)
	}
	s.refused(422, "guard", "POST", "/moves", `{`+ask+`}`, "reason")
	s.refused(409, string(fleet.KindStale), "POST", "/moves", `{`+ask+`,"reason":"x","review":"0000"}`)
	s.refused(422, "invalid", "POST", "/moves", `{"from":0,"to":0,"numbers":[]}`, "from", "to", "numbers")
	s.refused(422, "invalid", "POST", "/moves/preview", `{"from":4808,"to":4810,"numbers":[{"did_id":50030}]}`, "firmware")
	s.refused(422, "headers_unknown", "POST", "/moves/preview", `{"from":4808,"to":4809,"numbers":[{"did_id":50030}]}`, "headers")
	s.refused(404, "not_found", "POST", "/moves/preview", `{"from":4808,"to":4999,"numbers":[{"did_id":50030}]}`)
	begun := s.ask(202, "POST", "/moves", `{`+ask+`,"reason":"the branch moved","review":"`+seen["review"].(string)+`","key":"k1"}`)
	if begun["kind"] != "move_numbers" || begun["pbx_id"] != 4808.0 || begun["author"] != "operator" {
		t.Errorf("%v", begun)
	}
	id := begun["id"].(string)
	if j := moved(t, h, id); j.State != job.Done {
		t.Fatalf("%s", j.Sentence)
	}
	done := s.get("/jobs/" + id)
	steps := list(done, "steps")
	if done["state"] != "done" || len(steps) != 3 || steps[0]["plan_id"] == nil || steps[1]["pbx_id"] != 4811.0 {
		t.Errorf("%v", done)
	}
	if plan := s.get("/plans/" + steps[0]["plan_id"].(string)); plan["job_id"] != id || plan["status"] != "applied" {
		t.Errorf("%v", plan)
	}
	same := s.ask(422, "POST", "/moves", `{`+ask+`,"reason":"again","key":"k1"}`)
	if same["kind"] != "invalid" { // they are not there any more
		t.Errorf("%v", same)
	}
}
