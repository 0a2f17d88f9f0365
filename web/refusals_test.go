package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// Jobs that stand in the way, and the drift that somebody adopted.
const (
	waitingAct  = "act-that-waits"
	waitingMake = "creation-that-waits"
	runningWide = "edit-that-runs"
)

// quarrels are requests of operators that the guard or a conflict ends, for the routes at which the table of
// doors holds something else. A body that begins with a brace is JSON.
func quarrels(drift string) map[string][2]string {
	const v1, busy = "/api/v1", "/pbxs/4809" // a change of 4809 waits for somebody
	moved := `{"from":4808,"to":4811,"numbers":[{"did_id":50032}],"reason":"x","review":"seen before"}`
	return map[string][2]string{
		"POST /pbx":                       {"/pbx", seed001().Encode()},
		"POST /pbx/new/csv":               {"/pbx/new/csv", url.Values{"text": {csvFile(goodRow("One", "one"))}, "seen": {"another file"}}.Encode()},
		"POST /pbx/:id/plans":             {"/pbx/4808/plans", "unbind=6681:50031"}, // it is protected
		"POST /pbx/:id/features":          {"/pbx/4809/features", "name=Bakery&im=Enabled&allowSuperiorPasswordlessLogin=Enabled&upgradeInPbx=Enabled&passwordlessLogin=Enabled"},
		"POST /pbx/:id/capacity":          {"/pbx/4809/capacity", "extensionCapacity=10&concurrentCallCapacity=5&recordingCapacity=0&lower=on&base=moved"},
		"POST /pbx/:id/customers":         {"/pbx/4809/customers", "add=50086182"},
		"POST /pbx/:id/stop":              {"/pbx/4809/stop", ""},
		"POST /pbx/:id/activation":        {"/pbx/4808/activation", "customerIds=50086182"},
		"POST /pbx/:id/delete":            {"/pbx/4809/delete", "name=Acme"},
		"POST /moves":                     {"/moves", "from=4808&did=50032&to=4811&token=seen+before"},
		"POST /drift/:drift/adopt":        {drift + "/adopt", "changed_at=2026-01-01T00:00:00Z"},
		"POST /drift/:drift/revert":       {drift + "/revert", ""},
		"POST /trunks/pbx/edit/:job/undo": {"/trunks/pbx/edit/" + runningWide + "/undo", ""},

		"POST " + v1 + "/pbxs":                         {v1 + "/pbxs", exampleOf001},
		"POST " + v1 + "/pbxs/csv":                     {v1 + "/pbxs/csv?seen=another+file", csvFile(goodRow("One", "one"))},
		"POST " + v1 + "/pbxs/:id/plans":               {v1 + "/pbxs/4808/plans", `{"unbind":[{"trunk_id":6681,"did_id":50031}]}`},
		"PUT " + v1 + "/pbxs/:id":                      {v1 + busy, `{"im":"Enabled","allowSuperiorPasswordlessLogin":"Enabled","base":"moved"}`},
		"PUT " + v1 + "/pbxs/:id/capacity":             {v1 + busy + "/capacity", `{"extensionCapacity":10,"concurrentCallCapacity":5,"recordingStatus":"Disabled","recordingCapacity":0,"base":"moved"}`},
		"POST " + v1 + "/pbxs/:id/stop":                {v1 + busy + "/stop", `{}`},
		"POST " + v1 + "/pbxs/:id/customers":           {v1 + busy + "/customers", `{"add":[50086182]}`},
		"POST " + v1 + "/pbxs/:id/trunks/:trunk/plans": {v1 + "/pbxs/4808/trunks/31/plans", `{"patch":{"name":"no name"}}`},
		"POST " + v1 + "/moves":                        {v1 + "/moves", moved},
		"POST " + v1 + "/drift/:drift/adopt":           {v1 + drift + "/adopt", ""},
		"POST " + v1 + "/drift/:drift/revert":          {v1 + drift + "/revert", ""},
		"POST " + v1 + "/trunk-edits/:job/undo":        {v1 + "/trunk-edits/" + runningWide + "/undo", ""},
	}
}

// peaceful are the writing routes of operators that the guard and conflicts have nothing to say to.
var peaceful = map[string]string{
	"POST /pbx/new/customer":                 "typing errors alone; what Yeastar answers has its own row",
	"POST /api/v1/customers":                 "the same",
	"POST /pbx/:id/api-access":               "typing errors alone",
	"PUT /api/v1/pbxs/:id/api-access":        "typing errors alone",
	"POST /pbx/:id/api-access/test":          "reads",
	"POST /api/v1/pbxs/:id/api-access/test":  "reads",
	"POST /api/v1/pbxs/check":                "judges",
	"POST /api/v1/moves/preview":             "judges",
	"POST /numbers/:did/protection":          "sets a mark",
	"PUT /api/v1/numbers/:did/protection":    "sets a mark",
	"POST /yeastar/sign-in":                  "has its own rows",
	"POST /passes":                           "reads",
	"POST /api/v1/reconcile":                 "reads",
	"POST /webhooks/:delivery/replay":        "digests again",
	"POST /webhooks/all/replay":              "digests again",
	"POST /api/v1/webhooks/:delivery/replay": "digests again",
	"POST /api/v1/webhooks/all/replay":       "digests again",
	"POST /bulk":                             "a file that can't be read, which has a row too",
	"POST /api/v1/bulk":                      "the same",
	"POST /trunks/pbx/edit":                  "typing errors alone",
	"POST /api/v1/trunk-edits":               "typing errors alone",
}

func TestEveryActThatTheGuardOrAConflictEndsIsOnRecord(t *testing.T) {
	h, planPath := used(t)
	h.Sim.AddCustomer(customer(50086182, "leo@acme.example"))
	h.Sim.AddCustomer(customer(50429564, "ada@acme.example"))
	c := h.As(t, team.Operator)
	clients := map[team.Role]*webtest.Client{team.Operator: c, team.Admin: h.As(t, team.Admin)}
	drift := adrift(t, h)
	c.Post(drift+"/adopt", c.Get(drift).Parse(t).Form(t, drift+"/adopt").Values)
	if err := h.DB.SetProtected(t.Context(), 50031, true, sampleAct("50031", "")); err != nil {
		t.Fatal(err)
	}
	for _, j := range []job.Job{
		{ID: waitingAct, Kind: job.ChangePBX, Key: "change_pbx:4809:x", State: job.NeedsAttention, PBX: 4809},
		{ID: waitingMake, Kind: job.CreatePBX, Key: "create_pbx:cloud.r4.pbx.example:0", State: job.NeedsAttention},
		{ID: runningWide, Kind: job.EditTrunks, Key: runningWide, State: job.Running},
	} {
		j.Title, j.Author, j.CreatedAt, j.Doc = string(j.ID), "ana", time.Now(), []byte(`{}`)
		if _, _, err := h.DB.AddJob(t.Context(), j, sampleAct(j.Title, "")); err != nil {
			t.Fatal(err)
		}
	}
	last := func() audit.Entry {
		t.Helper()
		page, err := h.DB.Audit(t.Context(), audit.Filter{Page: fleet.PageRequest{Limit: 1}})
		if err != nil || len(page.Items) == 0 {
			t.Fatalf("%v", err)
		}
		return page.Items[0]
	}
	others := quarrels(drift)
	for _, d := range doors(strings.TrimPrefix(planPath, "/plans/"), "1") {
		if d.method == http.MethodGet || d.open || d.role != team.Operator && (d.role != team.Admin || d.ok != http.StatusConflict) {
			continue
		}
		route := d.method + " " + d.pattern
		if peaceful[route] != "" {
			continue
		}
		if q, ok := others[route]; ok {
			d.path, d.body = q[0], q[1]
		}
		kind := "application/x-www-form-urlencoded"
		switch {
		case strings.HasPrefix(d.body, "{"):
			kind = "application/json"
		case d.api() && d.body != "":
			kind = "text/csv"
		}
		before := last().Seq
		a := clients[d.role].Do(d.method, d.path, d.body, "Content-Type", kind)
		if a.Status != http.StatusConflict && a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: nothing refused it: %d %s", route, a.Status, a.Body[:min(300, len(a.Body))])
			continue
		}
		e := last()
		if e.Seq != before+1 || e.Outcome != audit.Refused || e.Actor != string(d.role) || e.Target == "" || e.Reason == "" {
			t.Errorf("%s: %d, and on record is %d after %d: %+v\n%s", route, a.Status, e.Seq, before, e, a.Body[:min(300, len(a.Body))])
		}
	}
}

func TestARefusedConfirmationIsOnRecordAndAReasonThatIsTooLongIsNotKept(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	plan := c.Post("/pbx/4808/plans", url.Values{"unbind": {"6681:50030", "6681:50031"}}).Location()
	for _, typed := range []string{"", strings.Repeat("x", 1001)} {
		if a := c.Post(plan+"/confirm", url.Values{"reason": {typed}}); a.Status != http.StatusUnprocessableEntity {
			t.Fatalf("%d %s", a.Status, a.Parse(t).Text())
		}
		page, err := h.DB.Audit(t.Context(), audit.Filter{Page: fleet.PageRequest{Limit: 1}})
		if err != nil {
			t.Fatal(err)
		}
		if e := page.Items[0]; e.Action != audit.PlanConfirm || e.Outcome != audit.Refused || e.Target != "Acme HQ" || e.Reason == "" || len(e.Reason) > 300 {
			t.Errorf("on record: %+v", e)
		}
	}
}

func customer(id int64, mail string) yeastartest.Customer {
	return yeastartest.Customer{ID: id, FirstName: "Leo", Company: "Acme", Email: mail}
}
