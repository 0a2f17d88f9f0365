package web_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"cordboard/sync/team"
	"cordboard/web"
	"cordboard/web/webtest"
)

// description is openapi.yaml, made strict: what it does not name may not be in an answer.
type description struct {
	doc    *openapi3.T
	router routers.Router
}

var theDescription = sync.OnceValues(func() (*description, error) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	nothingElse(doc)
	router, err := legacy.NewRouter(doc)
	return &description{doc, router}, err
})

// composed are the schemas that others build upon, so that they can't forbid more.
var composed = []string{"List", "LookUp", "Snapshot"}

func nothingElse(doc *openapi3.T) {
	no := false
	for name, s := range doc.Components.Schemas {
		if !slices.Contains(composed, name) {
			forbidOthers(s, &no)
		}
	}
}

func forbidOthers(s *openapi3.SchemaRef, no *bool) {
	if s == nil || s.Ref != "" {
		return
	}
	if s.Value.Type.Is("object") && s.Value.AdditionalProperties.Schema == nil {
		s.Value.AdditionalProperties.Has = no
	}
	for _, p := range s.Value.Properties {
		forbidOthers(p, no)
	}
	forbidOthers(s.Value.Items, no)
}

// check holds a real answer against the description.
func (d *description) check(t *testing.T, method, path string, a webtest.Answer) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := d.router.FindRoute(r)
	if err != nil {
		t.Errorf("%s %s is not described: %v", method, path, err)
		return
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route, PathParams: params},
		Status:                 a.Status, Header: a.Header, Body: io.NopCloser(bytes.NewBufferString(a.Body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if err := openapi3filter.ValidateResponse(t.Context(), in); err != nil {
		t.Errorf("%s %s: %d is not as described: %v\n%s", method, path, a.Status, err, a.Body)
	}
	problem := a.Header.Get("Content-Type") == "application/problem+json"
	if (a.Status >= 400) != problem {
		t.Errorf("%s %s: %d with %s", method, path, a.Status, a.Header.Get("Content-Type"))
	}
}

func describe(t *testing.T) *description {
	t.Helper()
	d, err := theDescription()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheDescriptionIsValidAndServedAsItIs(t *testing.T) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	h := webtest.New(t, webtest.Config{Unconnected: true})
	a := h.As(t, team.Viewer).Get("/api/v1/openapi.yaml")
	if a.Status != 200 || a.Body != string(text) || a.Header.Get("Content-Type") != "application/yaml" {
		t.Errorf("served: %d, %s, the same: %v", a.Status, a.Header.Get("Content-Type"), a.Body == string(text))
	}
	describe(t).check(t, "GET", "/api/v1/openapi.yaml", a)
}

func TestTheDescriptionHasEveryRouteAndNoOther(t *testing.T) {
	braces := regexp.MustCompile(`\{[^}]*\}`)
	colons := regexp.MustCompile(`:[a-z]+`)
	var described, served []string
	for path, item := range describe(t).doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" /api/v1"+braces.ReplaceAllString(path, "{}"))
		}
	}
	for _, r := range web.APITable() {
		served = append(served, r.Method+" "+colons.ReplaceAllString(r.Path, "{}"))
	}
	slices.Sort(described)
	slices.Sort(served)
	if !slices.Equal(described, served) {
		t.Errorf("described:\n%s\nserved:\n%s", strings.Join(described, "\n"), strings.Join(served, "\n"))
	}
}

// promised are the fields of interfaces.md: scripts rely on each being there.
var promised = map[string][]string{
	"PBX":            {"id", "serial", "name", "url", "region", "firmware", "status", "sync"},
	"PBX.sync":       {"state", "sentence", "since", "verified_at", "known_at", "known_by"},
	"Binding":        {"trunk_id", "trunk_name", "did_id", "number"},
	"Bindings":       {"pbx_id", "certainty", "fingerprint", "verified_at", "bindings"},
	"Snapshot":       {"id", "source", "event", "vendor_at", "seen_at", "plan_id", "count", "added", "removed"},
	"Plan":           {"id", "pbx_id", "kind", "status", "base", "steps", "fields", "risk", "outcome", "skipped"},
	"Plan.risk":      {"level", "reasons", "needs"},
	"Step":           {"verb", "trunk_id", "did_id", "number"},
	"Job":            {"id", "kind", "state", "steps", "pbx_id", "title", "sentence", "created_at", "author"},
	"JobStep":        {"name", "state", "sentence"},
	"Bulk":           {"id", "state", "phase", "sentence", "wrong", "rows", "pbxs"},
	"BulkRow":        {"row", "pbx", "trunk", "number", "verdict", "wrong", "sentence", "pbx_id", "trunk_id", "did_id"},
	"BulkPBX":        {"pbx_id", "name", "fate", "sentence", "state", "plan_id", "bind", "unbind", "after"},
	"Entry":          {"id", "at", "actor", "action", "target", "plan_id", "outcome", "reason", "before", "after", "vendor_request_id", "ip", "hash"},
	"PassDetail":     {"id", "why", "who", "findings"},
	"PassReport":     {"id", "started_at", "finished_at", "complete", "stopped_by", "pbxs", "verified", "drifted", "unknown", "snapshots"},
	"Drift":          {"id", "pbx_id", "cause", "sentence", "evidence", "state", "opened_at", "added", "removed"},
	"Delivery":       {"id", "received_at", "state", "error", "elements"},
	"Holding":        {"number", "did_id", "trunk_id", "pbx_id", "pbx_name", "from", "from_exact", "to"},
	"Problem":        {"kind", "detail", "request_id"},
	"List":           {"items", "total", "next"},
	"Protection":     {"protected"},
	"NewPBX":         {"name", "plan", "extensionCapacity", "concurrentCallCapacity", "recordingStatus", "recordingCapacity", "regionId", "subDomain", "domainId", "type", "versionId", "customerIds", "upgradeInPbx", "im", "passwordlessLogin", "allowSuperiorPasswordlessLogin"},
	"NewPBXVerdicts": {"ready", "there", "wrong", "most", "seen", "unused_columns", "rows"},
	"LookUp":         {"items", "total", "next", "read_at", "trouble"},
	"PathHealth":     {"state", "sentence", "since", "last_at", "evidence", "hints", "received", "parked", "dead", "refused"},

	"Trunk":       {"id", "name", "type", "enable", "shared", "editable", "base", "status", "health", "sentence"},
	"TrunkRow":    {"id", "name", "type", "status", "sentence", "host_port", "def_outbound_cid", "username", "shared"},
	"Access":      {"transport", "base_url", "client_id", "has_secret"},
	"FieldChange": {"name", "from", "to"},

	"SharedTrunk":              {"id", "name", "region", "kind", "registration", "numbers", "pbxs", "headers", "deleted_at"},
	"SharedTrunk.registration": {"state", "reason", "read_at", "trouble", "sentence"},
	"SharedTrunk.numbers":      {"total", "in_use", "free", "protected"},
	"TrunkNumber":              {"did_id", "number", "name", "protected", "pbx_id", "pbx_name", "over_trunk_id"},
}

// words are the values that interfaces.md names.
var words = map[string][]string{
	"SyncState":          {"in_sync", "drifted", "stale", "unknown", "gone"},
	"PlanStatus":         {"draft", "applying", "applied", "diverged", "failed", "stale", "unknown", "void", "expired"},
	"JobState":           {"running", "done", "failed", "needs_attention"},
	"JobKind":            {"move_numbers", "bulk_bindings", "edit_trunks", "create_pbxs", "create_pbx", "change_pbx"},
	"DeliveryState":      {"stored", "digested", "duplicate", "late", "parked", "dead"},
	"DriftState":         {"open", "adopted", "reverted", "resolved"},
	"DriftCause":         {"missed_event", "changed_outside", "upstream_revoke", "restored", "trunk_deleted", "did_deleted", "lost_write", "pbx_deleted", "unknown"},
	"Snapshot.source":    {"webhook", "write", "reconcile"},
	"Bindings.certainty": {"exact", "ambiguous", "none"},
	"Step.verb":          {"bind", "unbind", "move", "keep"},
	"PathHealth.state":   {"healthy", "never", "silent", "suspicious", "broken"},
	"Plan.risk.level":    {"none", "caution", "danger"},
	"Plan.risk.needs":    {"name", "reason"},
	"Plan.outcome":       {"result", "sentence", "vendor_request_id", "verified_at"},
}

func (d *description) schema(t *testing.T, path string) *openapi3.Schema {
	t.Helper()
	names := strings.Split(path, ".")
	ref := d.doc.Components.Schemas[names[0]]
	for _, name := range names[1:] {
		if ref == nil {
			break
		}
		ref = ref.Value.Properties[name]
	}
	if ref == nil {
		t.Fatalf("openapi.yaml has no %s", path)
	}
	return ref.Value
}

func TestTheDescriptionKeepsThePromisesOfTheOutsideSurface(t *testing.T) {
	d := describe(t)
	for name, fields := range promised {
		s := d.schema(t, name)
		for _, f := range fields {
			if s.Properties[f] == nil || !slices.Contains(s.Required, f) {
				t.Errorf("%s: %s is missing, or may be", name, f)
			}
		}
	}
	for name, want := range words {
		s := d.schema(t, name)
		if s.Type.Is("array") {
			s = s.Items.Value
		}
		var got []string
		for _, v := range s.Enum {
			got = append(got, v.(string))
		}
		if s.Type.Is("object") {
			got = s.Required
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
