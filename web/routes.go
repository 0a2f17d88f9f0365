package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"cordboard/static"
	"cordboard/sync/team"
	"cordboard/views/href"
)

// access is who may call a route. The zero value is nobody.
type access string

const (
	anybody  access = "anybody" // no sign-in: the short list of interfaces.md
	local    access = "local"   // loopback addresses
	viewer          = access(team.Viewer)
	operator        = access(team.Operator)
	admin           = access(team.Admin)
)

// route is one line of the one table. Tests walk it: what is not in it does not exist.
type route struct {
	method string
	path   string
	access access
	handle echo.HandlerFunc
}

func (s *Server) routes() []route {
	routes := []route{
		{http.MethodGet, "/healthz", anybody, s.healthz},
		{http.MethodGet, "/readyz", anybody, s.readyz},
		{http.MethodGet, metricsPath, local, s.serveMetrics},
		{http.MethodGet, static.Prefix + "*", anybody, echo.WrapHandler(static.Handler())},
		{http.MethodPost, hookPath, anybody, s.hook},

		{http.MethodGet, "/login", anybody, s.loginPage},
		{http.MethodPost, "/login", anybody, s.login},
		{http.MethodGet, href.LoginCode, anybody, s.loginCodePage},
		{http.MethodPost, href.LoginCode, anybody, s.loginCode},
		{http.MethodGet, href.Provider, anybody, s.toProvider},
		{http.MethodGet, href.ProviderBack, anybody, s.fromProvider},
		{http.MethodGet, href.Join, anybody, s.joinPage},
		{http.MethodPost, href.Join, anybody, s.join},
		{http.MethodGet, href.Prove, viewer, s.provePage},
		{http.MethodPost, href.Prove, viewer, s.prove},
		{http.MethodPost, "/logout", viewer, s.logout},
		{http.MethodGet, "/setup", anybody, s.setupPage},
		{http.MethodPost, "/setup", anybody, s.setup},
		{http.MethodPost, "/theme", viewer, s.theme},
		{http.MethodGet, "/events", viewer, s.events},
	}
	routes = append(routes, s.pages()...)
	routes = append(routes, s.people()...)
	return append(routes, s.api()...)
}

// api are the JSON routes; openapi.yaml describes each, and a test holds the two together.
func (s *Server) api() []route {
	const v1 = "/api/v1"
	return []route{
		{http.MethodGet, v1 + "/openapi.yaml", viewer, s.openAPI},
		{http.MethodGet, v1 + "/pbxs", viewer, s.apiPBXs},
		{http.MethodGet, v1 + "/pbxs/:id", viewer, s.apiPBX},
		{http.MethodGet, v1 + "/pbxs/:id/bindings", viewer, s.apiBindings},
		{http.MethodGet, v1 + "/pbxs/:id/snapshots", viewer, s.apiSnapshots},
		{http.MethodGet, v1 + "/pbxs/:id/snapshots/:snapshot", viewer, s.apiSnapshot},
		{http.MethodPost, v1 + "/pbxs/:id/plans", operator, s.apiDraft},
		{http.MethodPost, v1 + "/pbxs", operator, s.apiCreate},
		{http.MethodPost, v1 + "/pbxs/check", operator, s.apiCheckNew},
		{http.MethodPost, newCSVAPI, operator, s.apiNewCSV},
		{http.MethodPut, v1 + "/pbxs/:id", operator, s.apiUpdate},
		{http.MethodDelete, v1 + "/pbxs/:id", operator, s.proved(s.apiDelete)},
		{http.MethodGet, v1 + "/pbxs/:id/settings", viewer, s.apiSettings},
		{http.MethodPut, v1 + "/pbxs/:id/capacity", operator, s.apiResize},
		{http.MethodPost, v1 + "/pbxs/:id/start", operator, s.apiStart},
		{http.MethodPost, v1 + "/pbxs/:id/stop", operator, s.apiStop},
		{http.MethodPost, v1 + "/pbxs/:id/customers", operator, s.apiPBXCustomers},
		{http.MethodPost, v1 + "/pbxs/:id/activation-mail", operator, s.apiActivationMail},
		{http.MethodGet, v1 + "/pbxs/:id/trunks", viewer, s.apiPBXTrunks},
		{http.MethodGet, v1 + "/pbxs/:id/trunks/:trunk", viewer, s.apiPBXTrunk},
		{http.MethodPost, v1 + "/pbxs/:id/trunks/:trunk/plans", operator, s.apiDraftEdit},
		{http.MethodGet, v1 + "/pbxs/:id/api-access", operator, s.apiAccess},
		{http.MethodPut, v1 + "/pbxs/:id/api-access", operator, s.proved(s.apiSetAccess)},
		{http.MethodPost, v1 + "/pbxs/:id/api-access/test", operator, s.apiTestAccess},
		{http.MethodGet, v1 + "/regions", viewer, s.apiRegions},
		{http.MethodGet, v1 + "/domains", viewer, s.apiDomains},
		{http.MethodGet, v1 + "/firmwares", viewer, s.apiFirmwares},
		{http.MethodGet, v1 + "/customers", viewer, s.apiCustomers},
		{http.MethodPost, v1 + "/customers", operator, s.apiNewCustomer},
		{http.MethodGet, v1 + "/templates", viewer, s.apiTemplates},
		{http.MethodGet, v1 + "/capacity", viewer, s.apiCapacity},
		{http.MethodGet, v1 + "/plans", viewer, s.apiPlans},
		{http.MethodGet, v1 + "/plans/:plan", viewer, s.apiPlan},
		{http.MethodPost, v1 + "/plans/:plan/confirm", operator, s.provedToClear(s.apiConfirm)},
		{http.MethodPost, v1 + "/plans/:plan/approve", operator, s.apiApprove},
		{http.MethodPost, v1 + "/plans/:plan/undo", operator, s.apiUndoPlan},
		{http.MethodGet, v1 + "/bindings.csv", viewer, s.bindingsCSV},
		{http.MethodPost, bulkAPI, operator, s.apiBulkCreate},
		{http.MethodGet, bulkAPI + "/:job", viewer, s.apiBulk},
		{http.MethodPost, bulkAPI + "/:job/apply", operator, s.apiBulkApply},
		{http.MethodPost, bulkAPI + "/:job/again", operator, s.apiBulkAgain},
		{http.MethodPost, v1 + "/moves", operator, s.apiMove},
		{http.MethodPost, v1 + "/moves/preview", operator, s.apiPreviewMove},
		{http.MethodGet, v1 + "/jobs", viewer, s.apiJobs},
		{http.MethodGet, v1 + "/jobs/:job", viewer, s.apiJob},
		{http.MethodPost, v1 + "/jobs/:job/resume", operator, s.apiResume},
		{http.MethodGet, v1 + "/numbers", viewer, s.apiNumbers},
		{http.MethodPost, v1 + "/numbers", viewer, s.apiNumberList},
		{http.MethodPut, v1 + "/numbers/:did/protection", operator, s.apiProtect},
		{http.MethodGet, v1 + "/trunks", viewer, s.apiTrunks},
		{http.MethodGet, v1 + "/pbx-trunks", viewer, s.apiFleetTrunks},
		{http.MethodPost, v1 + "/trunk-edits", operator, s.apiWideCreate},
		{http.MethodGet, v1 + "/trunk-edits/:job", viewer, s.apiWide},
		{http.MethodPost, v1 + "/trunk-edits/:job/apply", operator, s.apiWideApply},
		{http.MethodPost, v1 + "/trunk-edits/:job/again", operator, s.apiWideAgain},
		{http.MethodPost, v1 + "/trunk-edits/:job/undo", operator, s.apiWideUndo},
		{http.MethodGet, v1 + "/trunks/:trunk", viewer, s.apiTrunk},
		{http.MethodGet, v1 + "/trunks/:trunk/numbers", viewer, s.apiTrunkNumbers},
		{http.MethodPost, v1 + "/reconcile", operator, s.apiReconcile},
		{http.MethodGet, v1 + "/drift", viewer, s.apiDrifts},
		{http.MethodGet, v1 + "/drift/:drift", viewer, s.apiDrift},
		{http.MethodPost, v1 + "/drift/:drift/adopt", operator, s.apiAdoptDrift},
		{http.MethodPost, v1 + "/drift/:drift/revert", operator, s.apiRevertDrift},
		{http.MethodGet, v1 + "/passes", viewer, s.apiPasses},
		{http.MethodGet, v1 + "/passes/:pass", viewer, s.apiPass},
		{http.MethodGet, v1 + "/webhooks", viewer, s.apiDeliveries},
		{http.MethodGet, v1 + "/webhooks/health", viewer, s.apiPath},
		{http.MethodPost, v1 + "/webhooks/all/replay", operator, s.apiReplayAll},
		{http.MethodPost, v1 + "/webhooks/:delivery/replay", operator, s.apiReplay},
		{http.MethodGet, v1 + "/doctor", viewer, s.apiDoctor},
		{http.MethodGet, v1 + "/settings/:name", admin, s.apiSettingsPart},
		{http.MethodPut, v1 + "/settings/:name", admin, s.proved(s.apiSaveSettings)},
		{http.MethodGet, v1 + "/audit", viewer, s.apiAudit},
		{http.MethodGet, v1 + "/audit.jsonl", viewer, s.auditLines},
	}
}
