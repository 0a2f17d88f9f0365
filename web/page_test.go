package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// tour is every page that a used house has, each with the words that show it is the right one.
func tour(t *testing.T, h *webtest.House, planPath string) map[string]string {
	t.Helper()
	page, err := h.DB.Snapshots(t.Context(), webtest.AcmeHQ, fleet.PageRequest{Limit: 10})
	if err != nil || len(page.Items) < 2 {
		t.Fatalf("snapshots: %v, %v", page.Items, err)
	}
	newest, oldest := page.Items[0].ID.String(), page.Items[len(page.Items)-1].ID.String()
	deliveries, err := h.DB.Deliveries(t.Context(), "", fleet.PageRequest{Limit: 1})
	if err != nil || len(deliveries.Items) == 0 {
		t.Fatalf("deliveries: %v, %v", deliveries.Items, err)
	}
	return map[string]string{
		"/":                                "Fleet",
		"/pbx":                             "Corner Bakery",
		"/pbx?state=in_sync&sort=-numbers": "Bindings: In sync",
		"/pbx/4808":                        "Bound numbers",
		"/pbx/4810":                        "can't change DIDs",
		"/pbx/4811":                        "No number is bound",
		"/pbx/4808/dids":                   "numbers on",
		"/pbx/4808/dids?trunk=6681":        "numbers on",
		"/pbx/4809/dids":                   "2 numbers on 2 trunks",
		"/pbx/4808/history":                "Snapshots, newest first",
		"/pbx/4808/history/" + newest:      "Bound then",
		"/pbx/4808/history?from=" + oldest + "&to=" + newest: "Comparison",
		"/plans":                             "Acme HQ",
		"/plans?status=applied":              "Verified",
		planPath:                             "Verified",
		"/jobs":                              "Corner Bakery",
		"/jobs?state=done&kind=move_numbers": "Kind: Move",
		"/jobs/" + endedJob:                  "Claim 2 numbers",
		"/jobs/" + endedJob + "?steps=done":  "All steps",
		"/numbers":                           "Paste a number",
		"/numbers?number=50030%0A50050":      "2 of 2 numbers found",
		"/trunks":                            "Colt London",
		"/trunks/6681":                       "Number on this trunk",
		"/trunks/6681?use=in_use":            "Numbers on this trunk",
		"/trunks/6681/pbxs":                  "Acme HQ",
		"/webhooks":                          "Digested",
		"/webhooks/1":                        "What it said",
		"/audit":                             "user.sign_in",
		"/audit?actor=operator":              "Who: operator",
	}
}

// used is a house in which one plan was carried out and its report came in.
func used(t *testing.T) (h *webtest.House, planPath string) {
	t.Helper()
	h = webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	made := c.Post("/pbx/4808/plans", url.Values{"bind": {"6681:50036"}})
	if made.Status != http.StatusSeeOther {
		t.Fatalf("plan: %d %s", made.Status, made.Parse(t).Text())
	}
	if a := c.Post(made.Location()+"/confirm", url.Values{}); a.Status != http.StatusSeeOther {
		t.Fatalf("confirm: %d %s", a.Status, a.Parse(t).Text())
	}
	h.Settled()
	keepJob(t, h, job.Job{ID: endedJob, State: job.Done, Title: "Move 2 numbers from Acme HQ to Corner Bakery", PBX: webtest.AcmeHQ, Steps: []job.Step{
		{Name: "Release 2 numbers", State: job.StepDone, PBX: webtest.AcmeHQ, Plan: fleet.PlanID(strings.TrimPrefix(made.Location(), "/plans/"))},
		{Name: "Claim 2 numbers", State: job.StepDone, Sentence: "Verified.", PBX: 4809},
	}})
	return h, made.Location()
}

// endedJob is the job of a used house.
const endedJob = "job-that-ended"

// keepJob stores a job as if somebody had begun it.
func keepJob(t *testing.T, h *webtest.House, j job.Job) {
	t.Helper()
	j.Kind, j.Key, j.Author, j.CreatedAt, j.Doc = job.MoveNumbers, string(j.ID), "ana", time.Now(), []byte(`{}`)
	if _, _, err := h.DB.AddJob(t.Context(), j, sampleAct(j.Title, "")); err != nil {
		t.Fatal(err)
	}
}

func TestEveryPageOpensForEveryRoleAndHidesWhatTheRoleMayNotDo(t *testing.T) {
	h, planPath := used(t)
	for _, role := range team.Roles() {
		c, followed := h.As(t, role), map[string]bool{}
		for path, want := range tour(t, h, planPath) {
			a := c.Get(path)
			page := a.Parse(t)
			if a.Status != http.StatusOK {
				t.Errorf("%s: GET %s: %d %s", role, path, a.Status, page.Text())
				continue
			}
			if !strings.Contains(page.Text(), want) {
				t.Errorf("%s: %s does not say %q: %s", role, path, want, page.Text())
			}
			checkHTML(t, page)
			checkLinks(t, c, page, followed)
			if role == team.Viewer {
				for _, action := range page.Posts() {
					if action != "/logout" && action != "/theme" {
						t.Errorf("viewer: %s has a form for %s", path, action)
					}
				}
			}
		}
	}
}

// checkHTML holds a page against the content policy, and its ids against each other.
func checkHTML(t *testing.T, page webtest.Page) {
	t.Helper()
	ids := map[string]bool{}
	page.Each(func(tag string, at map[string]string) {
		if _, inline := at["style"]; inline || tag == "style" || tag == "script" && at["src"] == "" {
			t.Errorf("%s: inline style or script in <%s>", page.Path, tag)
		}
		for name, value := range at {
			if strings.HasPrefix(name, "on") || strings.HasPrefix(name, "hx-on") || strings.HasPrefix(strings.TrimSpace(value), "javascript:") {
				t.Errorf("%s: %s=%q", page.Path, name, value)
			}
		}
		if id := at["id"]; id != "" {
			if ids[id] {
				t.Errorf("%s: the id %s stands twice", page.Path, id)
			}
			ids[id] = true
		}
	})
	for _, link := range page.Links() {
		if fragment, ok := strings.CutPrefix(link, "#"); ok && !ids[fragment] {
			t.Errorf("%s: nothing is at %s", page.Path, link)
		}
	}
}

// checkLinks follows every address of a page, each once: none is dead. What a form posts to must
// be a route, though not for GET.
func checkLinks(t *testing.T, c *webtest.Client, page webtest.Page, followed map[string]bool) {
	t.Helper()
	posts := page.Posts()
	for _, link := range page.Links() {
		u, err := url.Parse(link)
		if err != nil || u.IsAbs() {
			t.Errorf("%s links to %q", page.Path, link)
			continue
		}
		if followed[link] || strings.HasPrefix(link, "#") {
			continue
		}
		followed[link] = true
		status := c.Get(link).Status
		switch {
		case status == http.StatusOK, status == http.StatusSeeOther:
		case status == http.StatusMethodNotAllowed && slices.Contains(posts, link):
		default:
			t.Errorf("%s links to %s, which answers %d", page.Path, link, status)
		}
	}
}

func TestStrangersAreSentToTheSignInAndViewersAreRefusedWhatOperatorsDo(t *testing.T) {
	h, planPath := used(t)
	stranger, viewer := h.Stranger(t), h.As(t, team.Viewer)
	for path := range tour(t, h, planPath) {
		if a := stranger.Get(path); a.Status != http.StatusSeeOther || a.Location() != "/login?next="+url.QueryEscape(path) {
			t.Errorf("GET %s: %d %s", path, a.Status, a.Location())
		}
	}
	if a := stranger.Get("/pbx", "HX-Request", "true"); a.Status != http.StatusUnauthorized || a.Header.Get("HX-Redirect") == "" {
		t.Errorf("htmx: %d %q", a.Status, a.Header.Get("HX-Redirect"))
	}
	for _, path := range []string{"/pbx/4808/plans", planPath + "/confirm", planPath + "/discard", "/numbers/50030/protection", "/webhooks/1/replay"} {
		if a := viewer.Post(path, url.Values{"bind": {"6681:50037"}, "protected": {"true"}}); a.Status != http.StatusForbidden {
			t.Errorf("a viewer's POST %s: %d", path, a.Status)
		}
		if a := stranger.Post(path, url.Values{}); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/login") {
			t.Errorf("a stranger's POST %s: %d %s", path, a.Status, a.Location())
		}
	}
}

func TestWrongMethodsAre405AndWhatIsNotThereIs404(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Admin)
	for _, r := range [][2]string{{"POST", "/drift"}, {"DELETE", "/pbx/4808"}, {"PUT", "/pbx/4808/dids"}, {"GET", "/pbx/4808/plans"}, {"PATCH", "/plans"},
		{"GET", "/plans/x/confirm"}, {"POST", "/audit"}, {"GET", "/webhooks/1/replay"}, {"GET", "/numbers/1/protection"}} {
		if a := c.Do(r[0], r[1], ""); a.Status != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: %d", r[0], r[1], a.Status)
		}
	}
	for _, path := range []string{"/pbx/4999", "/pbx/0", "/pbx/-1", "/pbx/abc", "/pbx/99999999999999999999", "/pbx/4808/history/1x", "/pbx/4808/history/99999",
		"/pbx/4999/dids", "/pbx/4999/history", "/plans/none", "/plans/" + strings.Repeat("x", 3000), "/webhooks/7", "/webhooks/abc", "/nothing", "/pbx/4808/nothing", "/pbx/%3Cscript%3E"} {
		a := c.Get(path)
		page := a.Parse(t)
		if a.Status != http.StatusNotFound {
			t.Errorf("GET %.60s: %d", path, a.Status)
		}
		checkHTML(t, page)
	}
	for _, path := range []string{"/pbx/4999/plans", "/plans/none/confirm", "/plans/none/discard", "/numbers/9/protection", "/webhooks/7/replay", "/webhooks/x/replay", "/numbers/x/protection"} {
		if a := c.Post(path, url.Values{"protected": {"true"}}); a.Status != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, a.Status)
		}
	}
}

func TestBadFiltersNarrowNothingOrSaySoAndNeverFail(t *testing.T) {
	h, _ := used(t)
	c := h.As(t, team.Viewer)
	hostile := []string{"<script>alert(1)</script>", strings.Repeat("ä", 5000), "' OR 1=1 --", "\u202e", "\x00", "%", "*", "-1", "99999999999999999999", "\"", "(", "NEAR("}
	lists := map[string][]string{
		"/pbx":              {"q", "state", "sort", "region", "status", "page_size", "after"},
		"/pbx.csv":          {"q", "state", "sort", "region"},
		"/plans":            {"status", "pbx_id", "page_size", "after"},
		"/numbers":          {"number", "at", "page_size", "after"},
		"/webhooks":         {"state", "page_size", "after"},
		"/audit":            {"actor", "action", "pbx_id", "from", "to", "page_size", "after"},
		"/audit.csv":        {"actor", "from"},
		"/pbx/4808/history": {"from", "to", "page_size", "after"},
		"/pbx/4808/dids":    {"trunk", "find", "numbers", "bind", "unbind", "clear", "undo_to", "header.1.2", "header_none"},
		"/palette":          {"q"},
	}
	for path, names := range lists {
		for _, name := range names {
			for _, value := range hostile {
				a := c.Get(path + "?" + url.Values{name: {value}}.Encode())
				if a.Status != http.StatusOK && a.Status != http.StatusUnprocessableEntity {
					t.Errorf("%s?%s=%.20q: %d %s", path, name, value, a.Status, a.Parse(t).Text())
				}
				if strings.Contains(a.Body, "<script>alert") && !strings.HasSuffix(path, ".csv") {
					t.Errorf("%s?%s=%.20q is not escaped", path, name, value)
				}
			}
		}
	}
}

func TestHostileNamesAreTextOnEveryPage(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	if err := h.DB.AppendAudit(t.Context(), sampleAct("<script>alert(2)</script>", "=cmd()")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/pbx", "/pbx/4811", "/pbx/4811/dids", "/pbx/4811/history", "/audit", "/palette?q=evil", "/pbx?q=evil"} {
		a := c.Get(path)
		if a.Status != http.StatusOK || strings.Contains(a.Body, "<script>alert") {
			t.Errorf("%s: %d, escaped: %v", path, a.Status, !strings.Contains(a.Body, "<script>alert"))
		}
		if strings.HasPrefix(path, "/pbx") && !strings.Contains(a.Parse(t).Text(), "<script>alert(\"x\")</script> & 'friends'") {
			t.Errorf("%s does not show the name", path)
		}
	}
}

func TestEmptyStatesSayWhyAndWhatNext(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unconnected: true})
	c := h.As(t, team.Viewer)
	for path, want := range map[string]string{
		"/": "Nothing has been read from YCM yet", "/pbx": "No PBX yet", "/plans": "No plan yet", "/webhooks": "No delivery yet",
		"/numbers": "Paste a number", "/numbers?number=123": "Nobody has 123", "/audit?action=drift.adopt": "No act matches",
		"/pbx?q=zebra": "No PBX yet", "/plans?status=failed": "No plan yet",
	} {
		a := c.Get(path)
		if page := a.Parse(t); a.Status != http.StatusOK || !strings.Contains(page.Text(), want) {
			t.Errorf("%s: %d %s", path, a.Status, page.Text())
		}
	}
}
