package web_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// many is a fleet of 130 PBXs without numbers.
func many(sim *yeastartest.Server) {
	webtest.Acme(sim)
	for i := range int64(126) {
		sim.AddPBX(yeastartest.PBX{ID: 6000 + i, Serial: fmt.Sprintf("36A0B4311%07d", i), Name: fmt.Sprintf("Branch %03d", i), Region: []string{"Europe(Frankfurt)", "Asia Pacific(Singapore)"}[i%2]})
	}
}

func TestTheFleetKeepsItsFiltersInEveryLinkAndPagesWithoutLosingARow(t *testing.T) {
	h := webtest.New(t, webtest.Config{Fleet: many})
	c := h.As(t, team.Viewer)
	first := c.Get("/pbx").Parse(t)
	says(t, first, http.StatusOK, "50 of 130 PBXs", "In sync 130")

	start := "/pbx?" + url.Values{"q": {"branch"}, "region": {"Europe(Frankfurt)"}, "sort": {"verified"}, "page_size": {"50"}}.Encode()
	seen := map[string]bool{}
	next := start
	for pages := 0; next != ""; pages++ {
		page := c.Get(next).Parse(t)
		says(t, page, http.StatusOK, "of 63 PBXs", "Search: branch", "Region: Europe(Frankfurt)")
		next = ""
		for _, link := range page.Links() {
			u, err := url.Parse(link)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(u.Path, "/pbx/6") {
				if seen[u.Path] && pages > 1 {
					t.Errorf("%s stands on two pages", u.Path)
				}
				seen[u.Path] = true
			}
			if u.Path != "/pbx" || u.RawQuery == "" {
				continue
			}
			if u.Query().Has("after") {
				next = link
			}
			kept := 0
			for name, value := range map[string]string{"q": "branch", "region": "Europe(Frankfurt)", "sort": "verified", "page_size": "50"} {
				if u.Query().Get(name) == value {
					kept++
				}
			}
			if kept < 3 { // a link changes one thing and keeps the rest
				t.Errorf("%s loses the filters", link)
			}
		}
	}
	if len(seen) != 63 {
		t.Errorf("%d PBXs were seen", len(seen))
	}
	form := c.Get(start).Parse(t).Form(t, "/pbx", "region")
	if form.Values.Get("q") != "branch" || form.Values.Get("region") != "Europe(Frankfurt)" || form.Values.Get("sort") != "verified" || form.Values.Get("page_size") != "50" {
		t.Errorf("the filter form forgets: %v", form.Values)
	}
}

func TestEveryListIsHadAsAFileOfItsFilter(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	if err := h.Lines.Look(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		at := plan(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50036"}})
		if a := c.Post(at+"/discard", url.Values{}); a.Status != http.StatusSeeOther {
			t.Fatal(a.Status)
		}
	}
	plan(t, c, webtest.AcmeHQ, url.Values{"bind": {"6681:50037"}})
	h.Sim.ReleaseSilently(int64(webtest.AcmeHQ), []int64{50030})
	h.Sweep()
	for _, f := range []struct {
		page, link string
		rows       int
		want       []string // of the first row, as column=value
	}{
		{"/plans", "/plans.csv", 3, []string{"pbx=Acme HQ", "pbx_id=4808", "status=draft", "author=operator", "what=Bind 1 number"}},
		{"/plans?status=void", "/plans.csv?status=void", 2, []string{"status=void", "sentence=Discarded by operator."}},
		{"/drift", "/drift.csv", 1, []string{"pbx=Acme HQ", "state=open", "cause=missed_event", "removed=1", "added=0"}},
		{"/drift?state=reverted", "/drift.csv?state=reverted", 0, nil},
		{"/passes", "/passes.csv", 2, []string{"complete=true", "pbxs=4", "drifted=1"}},
		{"/jobs", "/jobs.csv", 0, nil},
		{"/webhooks", "/webhooks.csv", 0, nil},
		{"/trunks/pbx?q=carrier.exam", "/trunks/pbx.csv?q=carrier.exam", 1, []string{"pbx=Acme HQ", "trunk=carrier-a", "type=register", "far_end=sip.carrier.example:5060"}},
		{"/trunks/6681/pbxs", "/trunks/6681/pbxs.csv", 3, []string{"pbx=Acme HQ", "pbx_id=4808"}},
	} {
		if page := c.Get(f.page); f.rows > 0 && !strings.Contains(page.Body, `href="`+f.link+`" download`) {
			t.Errorf("%s does not offer %s", f.page, f.link)
		}
		rows, err := csv.NewReader(strings.NewReader(c.Get(f.link).Body)).ReadAll()
		if err != nil || len(rows) != f.rows+1 {
			t.Errorf("%s: %d rows, %v: %v", f.link, len(rows)-1, err, rows)
			continue
		}
		for _, want := range f.want {
			column, value, _ := strings.Cut(want, "=")
			if at := slices.Index(rows[0], column); at < 0 || rows[1][at] != value {
				t.Errorf("%s: no %q in %q", f.link, want, rows[1])
			}
		}
	}
}

func TestTheCSVHasEveryRowOfTheFilterAndNoCellIsAFormula(t *testing.T) {
	h := webtest.New(t, webtest.Config{Fleet: func(sim *yeastartest.Server) {
		many(sim)
		sim.RenamePBX(6000, `=HYPERLINK("http://evil.example")`)
		sim.RenamePBX(6001, "+442079460000")
		sim.RenamePBX(6002, "@sum")
		sim.RenamePBX(6003, "-2+3")
		sim.RenamePBX(6004, "+1+1")
	}})
	c := h.As(t, team.Viewer)
	a := c.Get("/pbx.csv")
	if a.Status != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") || !strings.Contains(a.Header.Get("Content-Disposition"), "pbx.csv") {
		t.Fatalf("%d %v", a.Status, a.Header)
	}
	rows, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
	if err != nil || len(rows) != 131 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	var names []string
	for _, row := range rows {
		names = append(names, row[0])
	}
	for _, want := range []string{`'=HYPERLINK("http://evil.example")`, "+442079460000", "'@sum", "'-2+3", "'+1+1", "Acme HQ"} {
		if !slices.Contains(names, want) {
			t.Errorf("no cell %q", want)
		}
	}
	if rows, err := csv.NewReader(strings.NewReader(c.Get("/pbx.csv?q=acme").Body)).ReadAll(); err != nil || len(rows) != 2 || rows[1][1] != "4808" {
		t.Errorf("filtered: %v, %v", rows, err)
	}

	if err := h.DB.AppendAudit(t.Context(), sampleAct("Acme", "\t=1+1")); err != nil {
		t.Fatal(err)
	}
	acts, err := csv.NewReader(strings.NewReader(c.Get("/audit.csv?actor=ana").Body)).ReadAll()
	if err != nil || len(acts) != 2 || acts[1][8] != "'\t=1+1" {
		t.Errorf("audit: %q, %v", acts, err)
	}
	if a := c.Get("/audit.csv?from=yesterday"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a bad filter: %d", a.Status)
	}
}

func TestAPartIsAnsweredOnlyWhenAPartIsAskedFor(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	for path, id := range map[string]string{"/pbx": "list", "/plans": "list", "/numbers?number=50030": "list", "/webhooks": "list", "/audit": "list",
		"/pbx/4808/history": "list", "/pbx/4808/dids?trunk=6681": "pick"} {
		for _, kind := range []string{"partial", "full", ""} {
			a := c.Get(path, "HX-Request", "true", "HX-Request-Type", kind)
			whole := strings.Contains(a.Body, "<!doctype html>") || strings.Contains(a.Body, "<!DOCTYPE html>")
			if a.Status != http.StatusOK || whole == (kind == "partial") || !strings.Contains(a.Body, `id="`+id+`"`) {
				t.Errorf("%s as %q: %d, whole page: %v", path, kind, a.Status, whole)
			}
			if !slices.Contains(a.Header.Values("Vary"), "HX-Request-Type") {
				t.Errorf("%s does not vary by HX-Request-Type", path)
			}
		}
	}
	if a := c.Get("/pbx/4999", "HX-Request", "true", "HX-Request-Type", "partial"); a.Status != http.StatusNotFound || strings.Contains(a.Body, "<html") {
		t.Errorf("an error in a part: %d %s", a.Status, a.Body)
	}
}

func TestPagesListenToTheirTopics(t *testing.T) {
	h, planPath := used(t)
	c := h.As(t, team.Viewer)
	for path, topic := range map[string]string{"/pbx": "fleet", "/pbx/4808": "pbx:4808", "/pbx/4808/history": "pbx:4808", "/plans": "plans", "/webhooks": "webhooks",
		planPath: "plan:" + strings.TrimPrefix(planPath, "/plans/"), "/": "fleet plans webhooks jobs passes trunks"} {
		found := false
		c.Get(path).Parse(t).Each(func(_ string, at map[string]string) { found = found || at["data-live"] == topic })
		if !found {
			t.Errorf("%s does not listen to %s", path, topic)
		}
	}
}

func TestAnOpenedPBXThatNobodyReadLatelyIsReadSoonAndOnce(t *testing.T) {
	h := webtest.New(t, webtest.Config{Unread: true})
	c := h.As(t, team.Viewer)
	row := yeastarPBX(h)
	if _, err := h.DB.KeepPBXs(t.Context(), row, now()); err != nil {
		t.Fatal(err)
	}
	says(t, c.Get("/pbx/4808").Parse(t), http.StatusOK, "Not read yet")
	h.Eventually("the worker has read it", func() bool { return strings.Contains(c.Get("/pbx/4808").Body, "4 numbers on 2 trunks") })
	reads := h.Sim.CountRequests("GET", "/dm/open_api/v1/cloud_pbx/instances/4808")
	for range 5 {
		c.Get("/pbx/4808")
	}
	if again := h.Sim.CountRequests("GET", "/dm/open_api/v1/cloud_pbx/instances/4808"); again != reads {
		t.Errorf("it was read %d times more", again-reads)
	}
}

func TestTheAuditPageFiltersByWhoWhatAndWhen(t *testing.T) {
	h, planPath := used(t)
	c := h.As(t, team.Viewer)
	says(t, c.Get("/audit?action=bindings.update").Parse(t), http.StatusOK, "Act: bindings.update", "Bound 1 number.", "6681: 50036")
	says(t, c.Get("/audit?pbx_id=4808").Parse(t), http.StatusOK, "plan.create", strings.TrimPrefix(planPath, "/plans/"))
	says(t, c.Get("/audit?pbx_id=4809").Parse(t), http.StatusOK, "No act matches")
	says(t, c.Get("/audit?to=2020-01-01").Parse(t), http.StatusOK, "No act matches")
	says(t, c.Get("/audit?pbx_id=x&from=soon").Parse(t), http.StatusUnprocessableEntity, "A PBX id is a number", "A time looks like")
}

func TestNumbersAreFoundNowAndThen(t *testing.T) {
	h, _ := used(t)
	c := h.As(t, team.Viewer)
	says(t, c.Get("/numbers?number="+url.QueryEscape("+44 20 7945 0036")).Parse(t), http.StatusOK, "Bound", "Acme HQ", "Colt London")
	says(t, c.Get("/numbers?number=50045").Parse(t), http.StatusOK, "Free", "Colt London", "bound to no PBX")
	says(t, c.Get("/numbers?number=50036&at=2020-01-01T00:00").Parse(t), http.StatusOK, "Nobody had it then. With Acme HQ from")
	says(t, c.Get("/numbers?number=50036%0A50045%0A12341234").Parse(t), http.StatusOK, "2 of 3 numbers found", "Not found")
	says(t, c.Get("/numbers?number=50036&at=2999-01-01T00:00").Parse(t), http.StatusUnprocessableEntity, "Choose a time in the past")
	says(t, c.Get("/numbers?number=50036&at=noon").Parse(t), http.StatusUnprocessableEntity, "A time looks like")
}

func TestTwoSnapshotsAreComparedAndStrangeOnesRefused(t *testing.T) {
	h, _ := used(t)
	c := h.As(t, team.Viewer)
	page := c.Get("/pbx/4808/history").Parse(t)
	var ids []string
	page.Each(func(_ string, at map[string]string) {
		if at["name"] == "from" && at["type"] == "radio" {
			ids = append(ids, at["value"])
		}
	})
	if len(ids) != 2 {
		t.Fatalf("snapshots: %v", ids)
	}
	says(t, c.Get("/pbx/4808/history?from="+ids[1]+"&to="+ids[0]).Parse(t), http.StatusOK, "0 removed, 0 moved, 1 added, 4 the same", "+44 20 7945 0036", "4 numbers are the same")
	says(t, c.Get("/pbx/4808/history?from="+ids[0]+"&to="+ids[0]).Parse(t), http.StatusOK, "Both hold the same numbers")
	for _, query := range []string{"from=" + ids[0], "to=" + ids[0], "from=x&to=y", "from=" + ids[0] + "&to=9999"} {
		says(t, c.Get("/pbx/4808/history?"+query).Parse(t), http.StatusUnprocessableEntity, "can't be compared", "Snapshots, newest first")
	}
	other := c.Get("/pbx/4809/history").Parse(t)
	other.Each(func(_ string, at map[string]string) {
		if at["name"] == "from" && at["type"] == "radio" {
			says(t, c.Get("/pbx/4808/history?from="+ids[0]+"&to="+at["value"]).Parse(t), http.StatusUnprocessableEntity, "not in this PBX's history")
			if a := c.Get("/pbx/4808/history/" + at["value"]); a.Status != http.StatusNotFound {
				t.Errorf("another PBX's snapshot: %d", a.Status)
			}
		}
	})
}
