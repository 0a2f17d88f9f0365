package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// TestEveryPageThatNamesAPBXSaysHowItStandsAndHowOldThatIs looks at a PBX that drifted, one that a report
// told of after the last read, and one that was read.
func TestEveryPageThatNamesAPBXSaysHowItStandsAndHowOldThatIs(t *testing.T) {
	h, plan := used(t)
	c := h.As(t, team.Operator)
	h.Sim.ReleaseSilently(int64(webtest.Bakery), []int64{50040})
	h.Sweep()
	keepJob(t, h, job.Job{ID: "job-of-bakery", State: job.Done, Title: "Some job", PBX: webtest.Bakery})
	draft := c.Post("/pbx/4809/plans", url.Values{"bind": {"6681:50041"}, "header_none": {"6683:7"}})
	if draft.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", draft.Status, draft.Body)
	}
	snapshot, err := h.DB.Snapshots(t.Context(), webtest.Bakery, fleet.PageRequest{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	const sentence = "1 number was removed"
	for path, want := range map[string][]string{
		"/":                     {"Drifted", sentence},
		"/pbx?state=drifted":    {"Drifted", "just now by API", sentence},
		"/pbx/4809":             {"Drifted", "since just now", "verified just now by API", sentence, "Running", "Readable"},
		"/pbx/4809/dids":        {"Drifted", "verified just now by API", sentence},
		"/pbx/4809/history":     {"Drifted", "verified just now by API", sentence},
		"/plans":                {"Drifted just now", sentence},
		draft.Location():        {"Drifted", "verified just now by API", sentence},
		plan:                    {"In sync", "by API"},
		"/drift/1":              {"Drifted", "verified just now by API"},
		"/jobs/job-of-bakery":   {"Drifted", "verified just now by API", sentence},
		"/numbers?number=50060": {"Drifted just now", sentence},
		"/trunks/6683":          {"Drifted", "just now by API", sentence},
		"/trunks/6683/pbxs":     {"Drifted", "just now by API", sentence},
		"/webhooks/1":           {"In sync"},
		"/pbx/4809/history/" + snapshot.Items[0].ID.String(): {"Drifted", "verified just now by API"},
	} {
		text := c.Get(path).Parse(t).Text()
		for _, word := range want {
			if !strings.Contains(text, word) {
				t.Errorf("%s does not say %q: %s", path, word, text)
			}
		}
	}
}

func TestWhatAReportToldAfterTheLastReadIsCalledReported(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	e := h.Sim.EventFor(int64(webtest.AcmeHQ), yeastartest.EventDIDChange)
	e.UpdateTime = time.Now().Add(2 * time.Second).UnixMilli()
	e.TrunkDIDInfoList = append(e.TrunkDIDInfoList, e.TrunkDIDInfoList[0])
	e.TrunkDIDInfoList[len(e.TrunkDIDInfoList)-1].DIDID, e.TrunkDIDInfoList[len(e.TrunkDIDInfoList)-1].DID = "50033", webtest.Number(50033)
	h.Sim.SendBody(yeastartest.ReportBody(e))
	h.Settled()
	c := h.As(t, team.Viewer)
	if text := c.Get("/pbx").Parse(t).Text(); !strings.Contains(text, "by webhook") {
		t.Error(text)
	}
	if text := c.Get("/pbx/4808").Parse(t).Text(); !strings.Contains(text, "reported") || !strings.Contains(text, "by webhook") {
		t.Error(text)
	}
}
