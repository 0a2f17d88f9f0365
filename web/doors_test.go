package web_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"cordboard/static"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// door is one route as an attacker tries it: with the address filled in, and the status that whoever
// may use it gets.
type door struct {
	method, pattern, path string
	open                  bool      // needs no sign-in (interfaces.md)
	role                  team.Role // the least that may use it
	body                  string    // a form, or JSON below /api/
	ok                    int
}

// address is the path without its query.
func (d door) address() string {
	path, _, _ := strings.Cut(d.path, "?")
	return path
}

// doors is the role table as interfaces.md has it, written down a second time.
func doors(plan, snapshot string) []door {
	const view, operate = team.Viewer, team.Operator
	get := func(pattern, path string, ok int) door { return door{"GET", pattern, path, false, view, "", ok} }
	post := func(pattern, path, body string, ok int) door {
		return door{"POST", pattern, path, false, operate, body, ok}
	}
	const v1, pbx = "/api/v1", "/pbxs/4808"
	return append([]door{
		{"GET", "/healthz", "/healthz", true, "", "", 200},
		{"GET", "/readyz", "/readyz", true, "", "", 200},
		{"GET", "/metrics", "/metrics", true, "", "", 200},
		{"GET", "/static/*", static.Path("app.css"), true, "", "", 200},
		{"POST", "/hooks/ycm", "/hooks/ycm", true, "", "[]", 401},
		{"GET", "/login", "/login", true, "", "", 200},
		{"POST", "/login", "/login", true, "", "username=nobody&password=x", 401},
		{"GET", "/setup", "/setup", true, "", "", 404},
		{"POST", "/setup", "/setup", true, "", "code=x", 404},
		{"POST", "/logout", "/logout", false, view, "", 303},
		{"POST", "/theme", "/theme", false, view, "theme=dark", 303},
		get("/events", "/events", 200),

		get("/", "/", 200), get("/palette", "/palette?q=acme", 200), get("/pbx", "/pbx", 200), get("/pbx.csv", "/pbx.csv", 200),
		get("/pbx/:id", "/pbx/4808", 200), get("/pbx/:id/dids", "/pbx/4808/dids", 200), get("/pbx/:id/history", "/pbx/4808/history", 200),
		get("/pbx/:id/history.csv", "/pbx/4808/history.csv", 200), get("/pbx/:id/history/:snapshot", "/pbx/4808/history/"+snapshot, 200),
		post("/pbx/:id/plans", "/pbx/4808/plans", "bind=no", 422),
		get("/pbx/:id/trunks", "/pbx/4808/trunks", 200), get("/pbx/:id/trunks/:trunk", "/pbx/4808/trunks/31", 200), post("/pbx/:id/trunks/:trunk", "/pbx/4808/trunks/31", "name=no+name", 422),
		{"GET", "/pbx/:id/api-access", "/pbx/4808/api-access", false, operate, "", 200}, post("/pbx/:id/api-access", "/pbx/4808/api-access", "transport=no", 422),
		post("/pbx/:id/api-access/test", "/pbx/4808/api-access/test", "", 200), post("/plans/:plan/undo", "/plans/"+plan+"/undo", "", 409),
		{"GET", "/pbx/new", "/pbx/new?regionId=4", false, operate, "", 200},
		post("/pbx", "/pbx", "name=x", 422),
		{"GET", "/pbx/:id/manage", "/pbx/4808/manage", false, operate, "", 200},
		{"GET", "/pbx/:id/features", "/pbx/4808/features?im=Enabled&allowSuperiorPasswordlessLogin=Disabled", false, operate, "", 200},
		post("/pbx/:id/features", "/pbx/4808/features", "name=", 422),
		{"GET", "/pbx/:id/capacity", "/pbx/4808/capacity?extensionCapacity=10&concurrentCallCapacity=5", false, operate, "", 200},
		post("/pbx/:id/capacity", "/pbx/4808/capacity", "recordingCapacity=x", 422),
		{"GET", "/pbx/:id/customers", "/pbx/4808/customers?add=7", false, operate, "", 200},
		post("/pbx/:id/customers", "/pbx/4808/customers", "", 422),
		{"GET", "/pbx/:id/start", "/pbx/4808/start", false, operate, "", 200},
		post("/pbx/:id/start", "/pbx/4808/start", "", 409),
		{"GET", "/pbx/:id/stop", "/pbx/4999/stop", false, operate, "", 404},
		post("/pbx/:id/stop", "/pbx/4999/stop", "", 404),
		{"GET", "/pbx/:id/activation", "/pbx/4808/activation", false, operate, "", 200},
		post("/pbx/:id/activation", "/pbx/4808/activation", "", 422),
		{"GET", "/pbx/:id/delete", "/pbx/4808/delete", false, operate, "", 200},
		post("/pbx/:id/delete", "/pbx/4808/delete", "name=Acme", 422),
		{"GET", "/pbx/new/csv", "/pbx/new/csv", false, operate, "", 200},
		post("/pbx/new/csv", "/pbx/new/csv", "text=x", 422),
		{"GET", "/pbx/new/template.csv", "/pbx/new/template.csv", false, operate, "", 200},
		post("/pbx/new/customer", "/pbx/new/customer", "customer.company=x", 422),
		get("/plans", "/plans", 200), get("/plans/:plan", "/plans/"+plan, 200),
		post("/plans/:plan/confirm", "/plans/"+plan+"/confirm", "", 409), post("/plans/:plan/discard", "/plans/"+plan+"/discard", "", 409),
		get("/bindings.csv", "/bindings.csv", 200), {"GET", "/bulk", "/bulk", false, operate, "", 200}, post("/bulk", "/bulk", "text=x", 422),
		get("/bulk/:job", "/bulk/"+endedJob, 404), post("/bulk/:job/apply", "/bulk/"+endedJob+"/apply", "", 409),
		post("/bulk/:job/again", "/bulk/"+endedJob+"/again", "", 409), post("/bulk/:job/give-up", "/bulk/"+endedJob+"/give-up", "", 409),
		{"GET", "/moves/new", "/moves/new?from=4808&did=50031&to=4811", false, operate, "", 200}, post("/moves", "/moves", "from=4808&did=50031", 422),
		get("/plans.csv", "/plans.csv", 200), get("/jobs.csv", "/jobs.csv", 200), get("/drift.csv", "/drift.csv", 200), get("/passes.csv", "/passes.csv", 200),
		get("/webhooks.csv", "/webhooks.csv", 200), get("/trunks/pbx.csv", "/trunks/pbx.csv", 200), get("/trunks/:trunk/pbxs.csv", "/trunks/6681/pbxs.csv", 200),
		get("/jobs", "/jobs", 200), get("/jobs/:job", "/jobs/"+endedJob, 200), post("/jobs/:job/resume", "/jobs/"+endedJob+"/resume", "", 409),
		get("/numbers", "/numbers?number=50030", 200), get("/numbers.csv", "/numbers.csv?number=50030", 200),
		{"POST", "/numbers", "/numbers", false, view, "number=50030", 303}, {"POST", "/numbers.csv", "/numbers.csv", false, view, "number=50030", 200},
		post("/numbers/:did/protection", "/numbers/50030/protection", "protected=true", 303),
		get("/drift", "/drift", 200), get("/drift/:drift", "/drift/1", 404), post("/drift/:drift/adopt", "/drift/1/adopt", "changed_at=2026-01-01T00:00:00Z", 404),
		post("/drift/:drift/revert", "/drift/1/revert", "", 404),
		post("/yeastar/sign-in", "/yeastar/sign-in", "next=/", 303),
		get("/trunks", "/trunks", 200), get("/trunks.csv", "/trunks.csv", 200), get("/trunks/:trunk", "/trunks/6681", 200),
		get("/trunks/:trunk/numbers.csv", "/trunks/6681/numbers.csv", 200), get("/trunks/:trunk/pbxs", "/trunks/6681/pbxs", 200),
		get("/trunks/pbx", "/trunks/pbx?q=x&health=down", 200),
		{"GET", "/trunks/pbx/edit", "/trunks/pbx/edit", false, operate, "", 200}, post("/trunks/pbx/edit", "/trunks/pbx/edit", "hostname=a.test", 422),
		get("/trunks/pbx/edit/:job", "/trunks/pbx/edit/"+endedJob, 404), post("/trunks/pbx/edit/:job/apply", "/trunks/pbx/edit/"+endedJob+"/apply", "", 409),
		post("/trunks/pbx/edit/:job/again", "/trunks/pbx/edit/"+endedJob+"/again", "", 409), post("/trunks/pbx/edit/:job/give-up", "/trunks/pbx/edit/"+endedJob+"/give-up", "", 409),
		post("/trunks/pbx/edit/:job/undo", "/trunks/pbx/edit/"+endedJob+"/undo", "", 404),
		get("/passes", "/passes", 200), post("/passes", "/passes", "", 303), get("/passes/:pass", "/passes/1", 200),
		get("/webhooks", "/webhooks", 200), get("/webhooks/:delivery", "/webhooks/1", 200), post("/webhooks/:delivery/replay", "/webhooks/1/replay", "", 303),
		post("/webhooks/all/replay", "/webhooks/all/replay", "state=dead", 303),
		get("/settings", "/settings", 200), get("/settings/webhook", "/settings/webhook", 200),
		{"GET", "/settings/backup", "/settings/backup", false, team.Admin, "", 200},
		{"POST", "/settings/backup", "/settings/backup", false, team.Admin, "", 303},
		{"POST", "/settings/webhook/secrets", "/settings/webhook/secrets", false, team.Admin, "secret=x", 409},
		{"POST", "/settings/webhook/secrets/:secret/remove", "/settings/webhook/secrets/fixed-1/remove", false, team.Admin, "", 409},
		get("/settings/doctor", "/settings/doctor", 200), get(v1+"/doctor", v1+"/doctor", 200),
		{"GET", "/settings/yeastar", "/settings/yeastar", false, team.Admin, "", 200},
		{"POST", "/settings/yeastar", "/settings/yeastar", false, team.Admin, "rate_per_minute=x&base_url=no", 422},
		{"GET", "/settings/guard", "/settings/guard", false, team.Admin, "", 200},
		{"POST", "/settings/guard", "/settings/guard", false, team.Admin, "max_share=x", 422},
		{"GET", "/settings/sync", "/settings/sync", false, team.Admin, "", 200},
		{"POST", "/settings/sync", "/settings/sync", false, team.Admin, "reconcile_interval=x", 422},
		{"GET", "/settings/numbers", "/settings/numbers", false, team.Admin, "", 200},
		{"POST", "/settings/numbers", "/settings/numbers", false, team.Admin, "home_region=XX", 422},
		{"GET", "/settings/notifications", "/settings/notifications", false, team.Admin, "", 200},
		{"POST", "/settings/notifications", "/settings/notifications", false, team.Admin, "base_url=no", 422},
		{"POST", "/settings/notifications/:channel/test", "/settings/notifications/mail/test", false, team.Admin, "", 422},
		get("/audit", "/audit", 200), get("/audit.csv", "/audit.csv", 200), get("/audit.jsonl", "/audit.jsonl", 200), get("/audit/:row", "/audit/1", 200),

		{"GET", v1 + "/settings/:name", v1 + "/settings/guard", false, team.Admin, "", 200},
		{"PUT", v1 + "/settings/:name", v1 + "/settings/guard", false, team.Admin, `{"max_share":101}`, 422},
		get(v1+"/openapi.yaml", v1+"/openapi.yaml", 200), get(v1+"/pbxs", v1+"/pbxs", 200), get(v1+"/pbxs/:id", v1+"/pbxs/4809", 200),
		get(v1+"/pbxs/:id/bindings", v1+pbx+"/bindings", 200), get(v1+"/pbxs/:id/snapshots", v1+pbx+"/snapshots", 200),
		get(v1+"/pbxs/:id/snapshots/:snapshot", v1+pbx+"/snapshots/"+snapshot, 200),
		post(v1+"/pbxs/:id/plans", v1+pbx+"/plans", `{}`, 422),
		post(v1+"/pbxs/check", v1+"/pbxs/check", `{}`, 200), post(v1+"/pbxs/csv", v1+"/pbxs/csv", `{}`, 422),
		post(v1+"/pbxs", v1+"/pbxs", `{}`, 422), {"PUT", v1 + "/pbxs/:id", v1 + "/pbxs/4809", false, operate, `{"im":"on"}`, 422},
		{"DELETE", v1 + "/pbxs/:id", v1 + "/pbxs/4809", false, operate, `{}`, 422}, get(v1+"/pbxs/:id/settings", v1+pbx+"/settings", 200),
		{"PUT", v1 + "/pbxs/:id/capacity", v1 + pbx + "/capacity", false, operate, `{}`, 422},
		post(v1+"/pbxs/:id/start", v1+pbx+"/start", `{}`, 409), post(v1+"/pbxs/:id/stop", v1+"/pbxs/99/stop", `{}`, 404),
		post(v1+"/pbxs/:id/customers", v1+pbx+"/customers", `{}`, 422), post(v1+"/pbxs/:id/activation-mail", v1+pbx+"/activation-mail", `{}`, 409),
		get(v1+"/pbxs/:id/trunks", v1+pbx+"/trunks", 200), get(v1+"/pbxs/:id/trunks/:trunk", v1+pbx+"/trunks/31", 200),
		post(v1+"/pbxs/:id/trunks/:trunk/plans", v1+pbx+"/trunks/31/plans", `{}`, 422), post(v1+"/plans/:plan/undo", v1+"/plans/"+plan+"/undo", `{}`, 409),
		{"GET", v1 + "/pbxs/:id/api-access", v1 + pbx + "/api-access", false, operate, "", 200}, {"PUT", v1 + "/pbxs/:id/api-access", v1 + pbx + "/api-access", false, operate, `{}`, 422},
		post(v1+"/pbxs/:id/api-access/test", v1+pbx+"/api-access/test", `{}`, 200),
		get(v1+"/regions", v1+"/regions", 200), get(v1+"/domains", v1+"/domains?region_id=4", 200), get(v1+"/firmwares", v1+"/firmwares?region_id=4", 200),
		get(v1+"/customers", v1+"/customers", 200), post(v1+"/customers", v1+"/customers", `{}`, 422), get(v1+"/templates", v1+"/templates", 200),
		get(v1+"/capacity", v1+"/capacity", 200),
		get(v1+"/plans", v1+"/plans", 200), get(v1+"/plans/:plan", v1+"/plans/"+plan, 200),
		post(v1+"/plans/:plan/confirm", v1+"/plans/"+plan+"/confirm", `{}`, 409),
		get(v1+"/bindings.csv", v1+"/bindings.csv", 200), post(v1+"/bulk", v1+"/bulk", `{}`, 422), get(v1+"/bulk/:job", v1+"/bulk/"+endedJob, 404),
		post(v1+"/bulk/:job/again", v1+"/bulk/"+endedJob+"/again", `{}`, 409),
		post(v1+"/bulk/:job/apply", v1+"/bulk/"+endedJob+"/apply", `{"plans":[]}`, 409),
		post(v1+"/moves", v1+"/moves", `{}`, 422), post(v1+"/moves/preview", v1+"/moves/preview", `{}`, 422),
		get(v1+"/jobs", v1+"/jobs", 200), get(v1+"/jobs/:job", v1+"/jobs/"+endedJob, 200), post(v1+"/jobs/:job/resume", v1+"/jobs/"+endedJob+"/resume", "", 409),
		get(v1+"/numbers", v1+"/numbers?number=50030", 200), {"POST", v1 + "/numbers", v1 + "/numbers", false, view, `{"numbers":["50030","x"]}`, 200},
		{"PUT", v1 + "/numbers/:did/protection", v1 + "/numbers/50030/protection", false, operate, `{"protected":false}`, 200},
		get(v1+"/trunks", v1+"/trunks", 200), get(v1+"/trunks/:trunk", v1+"/trunks/6681", 200),
		get(v1+"/trunks/:trunk/numbers", v1+"/trunks/6681/numbers", 200),
		get(v1+"/pbx-trunks", v1+"/pbx-trunks?q=x", 200), post(v1+"/trunk-edits", v1+"/trunk-edits", `{}`, 422), get(v1+"/trunk-edits/:job", v1+"/trunk-edits/"+endedJob, 404),
		post(v1+"/trunk-edits/:job/apply", v1+"/trunk-edits/"+endedJob+"/apply", `{"plans":[]}`, 409), post(v1+"/trunk-edits/:job/again", v1+"/trunk-edits/"+endedJob+"/again", "", 409),
		post(v1+"/trunk-edits/:job/undo", v1+"/trunk-edits/"+endedJob+"/undo", "", 404),
		get(v1+"/drift", v1+"/drift?state=open", 200), get(v1+"/drift/:drift", v1+"/drift/1", 404),
		post(v1+"/drift/:drift/adopt", v1+"/drift/1/adopt", "", 404), post(v1+"/drift/:drift/revert", v1+"/drift/1/revert", "", 404),
		get(v1+"/webhooks/health", v1+"/webhooks/health", 200), post(v1+"/webhooks/all/replay", v1+"/webhooks/all/replay", `{"state":"parked"}`, 202),
		post(v1+"/reconcile", v1+"/reconcile", "", 200), get(v1+"/passes", v1+"/passes", 200), get(v1+"/passes/:pass", v1+"/passes/1", 200),
		get(v1+"/webhooks", v1+"/webhooks", 200), post(v1+"/webhooks/:delivery/replay", v1+"/webhooks/1/replay", "", 202),
		get(v1+"/audit", v1+"/audit", 200), get(v1+"/audit.jsonl", v1+"/audit.jsonl", 200),
	}, peopleDoors(plan)...)
}

func (d door) api() bool { return strings.HasPrefix(d.path, "/api/") }

// try knocks and looks at the status and the first bytes only: the live stream does not end.
func (d door) try(t *testing.T, h *webtest.House, c *webtest.Client, headers ...string) webtest.Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), d.method, h.URL+d.path, strings.NewReader(d.body))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case d.method == http.MethodGet:
	case d.api():
		r.Header.Set("Content-Type", "application/json")
	default:
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.HTTP().Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", d.method, d.path, err)
	}
	defer res.Body.Close()
	first := make([]byte, 300)
	n, err := res.Body.Read(first)
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatalf("%s %s: %v", d.method, d.path, err)
	}
	return webtest.Answer{Status: res.StatusCode, Header: res.Header, Body: string(first[:n]), Path: d.path}
}

// signedOut checks the answer that a stranger gets.
func (d door) signedOut(t *testing.T, who string, a webtest.Answer) {
	t.Helper()
	switch {
	case d.open:
		if a.Status != d.ok {
			t.Errorf("%s: %s %s: %d, want %d", who, d.method, d.path, a.Status, d.ok)
		}
	case d.api():
		if a.Status != 401 || a.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(a.Body, `"kind":"signed_out"`) {
			t.Errorf("%s: %s %s: %d %s", who, d.method, d.path, a.Status, a.Body)
		}
	case a.Status != 303 || !strings.HasPrefix(a.Location(), "/login?next="):
		t.Errorf("%s: %s %s: %d to %q, want the sign-in", who, d.method, d.path, a.Status, a.Location())
	}
}
