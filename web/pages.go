package web

import (
	"net/http"

	"cordboard/sync/settings"
	"cordboard/views/href"
)

// pages are the routes of all HTML pages, and of the files that go with them.
func (s *Server) pages() []route {
	routes := []route{
		{http.MethodGet, href.Home, viewer, s.homePage},
		{http.MethodGet, href.Palette, viewer, s.palettePage},

		{http.MethodGet, href.Fleet, viewer, s.fleetPage},
		{http.MethodGet, href.FleetCSV, viewer, s.fleetCSV},
		{http.MethodGet, href.NewPBX, operator, s.newPBXPage},
		{http.MethodPost, href.Fleet, operator, s.createPBX},
		{http.MethodPost, href.NewCustomer, operator, s.addCustomer},
		{http.MethodGet, href.NewPBXCSV, operator, s.newCSVPage},
		{http.MethodPost, href.NewPBXCSV, operator, s.newCSV},
		{http.MethodGet, href.NewPBXTemplate, operator, s.newCSVTemplate},
		{http.MethodGet, "/pbx/:id", viewer, s.pbxPage},
		{http.MethodGet, "/pbx/:id/manage", operator, s.managePage},
		{http.MethodGet, "/pbx/:id/dids", viewer, s.didsPage},
		{http.MethodPost, "/pbx/:id/plans", operator, s.makePlan},
		{http.MethodGet, "/pbx/:id/trunks", viewer, s.pbxTrunksPage},
		{http.MethodGet, "/pbx/:id/trunks/:trunk", viewer, s.pbxTrunkPage},
		{http.MethodPost, "/pbx/:id/trunks/:trunk", operator, s.saveTrunk},
		{http.MethodGet, "/pbx/:id/api-access", operator, s.accessPage},
		{http.MethodPost, "/pbx/:id/api-access", operator, s.proved(s.saveAccess)},
		{http.MethodPost, "/pbx/:id/api-access/test", operator, s.testAccess},
		{http.MethodGet, "/pbx/:id/history", viewer, s.historyPage},
		{http.MethodGet, "/pbx/:id/history.csv", viewer, s.historyCSV},
		{http.MethodGet, "/pbx/:id/history/:snapshot", viewer, s.snapshotPage},

		{http.MethodGet, href.BindingsCSV, viewer, s.bindingsCSV},
		{http.MethodGet, href.Bulk, operator, s.bulkPage},
		{http.MethodPost, href.Bulk, operator, s.bulkUpload},
		{http.MethodGet, "/bulk/:job", viewer, s.bulkReview},
		{http.MethodPost, "/bulk/:job/apply", operator, s.provedToClear(s.bulkApply)},
		{http.MethodPost, "/bulk/:job/again", operator, s.bulkAgain},
		{http.MethodPost, "/bulk/:job/give-up", operator, s.bulkGiveUp},

		{http.MethodGet, href.Plans, viewer, s.plansPage},
		{http.MethodGet, href.PlansCSV, viewer, s.plansCSV},
		{http.MethodGet, "/plans/:plan", viewer, s.planPage},
		{http.MethodPost, "/plans/:plan/confirm", operator, s.provedToClear(s.confirmPlan)},
		{http.MethodPost, "/plans/:plan/discard", operator, s.discardPlan},
		{http.MethodPost, "/plans/:plan/undo", operator, s.undoPlan},

		{http.MethodGet, href.NewMove, operator, s.newMove},
		{http.MethodPost, href.Moves, operator, s.makeMove},

		{http.MethodGet, href.Jobs, viewer, s.jobsPage},
		{http.MethodGet, href.JobsCSV, viewer, s.jobsCSV},
		{http.MethodGet, "/jobs/:job", viewer, s.jobPage},
		{http.MethodPost, "/jobs/:job/resume", operator, s.resumeJob},

		{http.MethodGet, href.Numbers, viewer, s.numbersPage},
		{http.MethodPost, href.Numbers, viewer, s.askNumbers},
		{http.MethodGet, href.NumbersCSV, viewer, s.numbersCSV},
		{http.MethodPost, href.NumbersCSV, viewer, s.numbersCSV},
		{http.MethodPost, "/numbers/:did/protection", operator, s.protectNumber},

		{http.MethodGet, href.Drifts, viewer, s.driftsPage},
		{http.MethodGet, href.DriftsCSV, viewer, s.driftsCSV},
		{http.MethodGet, "/drift/:drift", viewer, s.driftPage},
		{http.MethodPost, "/drift/:drift/adopt", operator, s.adoptDrift},
		{http.MethodPost, "/drift/:drift/revert", operator, s.revertDrift},
		{http.MethodPost, href.TryAgain, operator, s.tryAgain},

		{http.MethodGet, href.Trunks, viewer, s.trunksPage},
		{http.MethodGet, href.TrunkCSV, viewer, s.trunksCSV},
		{http.MethodGet, href.FleetTrunks, viewer, s.fleetTrunksPage},
		{http.MethodGet, href.FleetTrunkCSV, viewer, s.fleetTrunksCSV},
		{http.MethodGet, href.WideEdit, operator, s.widePage},
		{http.MethodPost, href.WideEdit, operator, s.makeWide},
		{http.MethodGet, href.WideEdit + "/:job", viewer, s.wideReview},
		{http.MethodPost, href.WideEdit + "/:job/apply", operator, s.wideApply},
		{http.MethodPost, href.WideEdit + "/:job/again", operator, s.wideAgain},
		{http.MethodPost, href.WideEdit + "/:job/give-up", operator, s.wideGiveUp},
		{http.MethodPost, href.WideEdit + "/:job/undo", operator, s.wideUndo},
		{http.MethodGet, "/trunks/:trunk", viewer, s.trunkPage},
		{http.MethodGet, "/trunks/:trunk/numbers.csv", viewer, s.trunkNumbersCSV},
		{http.MethodGet, "/trunks/:trunk/pbxs", viewer, s.trunkPBXsPage},
		{http.MethodGet, "/trunks/:trunk/pbxs.csv", viewer, s.trunkPBXsCSV},

		{http.MethodGet, href.Passes, viewer, s.passesPage},
		{http.MethodGet, href.PassesCSV, viewer, s.passesCSV},
		{http.MethodPost, href.Passes, operator, s.runPass},
		{http.MethodGet, "/passes/:pass", viewer, s.passPage},

		{http.MethodGet, href.Webhooks, viewer, s.webhooksPage},
		{http.MethodGet, href.WebhooksCSV, viewer, s.webhooksCSV},
		{http.MethodGet, "/webhooks/:delivery", viewer, s.webhookPage},
		{http.MethodPost, "/webhooks/:delivery/replay", operator, s.replayWebhook},
		{http.MethodPost, href.ReplayAll, operator, s.replayWebhooks},

		{http.MethodGet, href.Audit, viewer, s.auditPage},
		{http.MethodGet, href.AuditCSV, viewer, s.auditCSV},
		{http.MethodGet, href.AuditJSONL, viewer, s.auditLines},
		{http.MethodGet, "/audit/:row", viewer, s.auditRowPage},

		{http.MethodGet, href.Settings, viewer, s.settingsPage},
		{http.MethodGet, href.Doctor, viewer, s.doctorPage},
		{http.MethodGet, href.Yeastar, admin, s.settingPage(settings.Connection)},
		{http.MethodPost, href.Yeastar, admin, s.proved(s.saveSetting(settings.Connection))},
		{http.MethodGet, href.Guard, admin, s.settingPage(settings.Limits)},
		{http.MethodPost, href.Guard, admin, s.proved(s.saveSetting(settings.Limits))},
		{http.MethodGet, href.Schedule, admin, s.settingPage(settings.Schedule)},
		{http.MethodPost, href.Schedule, admin, s.saveSetting(settings.Schedule)},
		{http.MethodGet, href.HomeRegion, admin, s.settingPage(settings.Dialling)},
		{http.MethodPost, href.HomeRegion, admin, s.saveSetting(settings.Dialling)},
		{http.MethodGet, href.WebhookSetup, viewer, s.webhookSetupPage},
		{http.MethodGet, href.Backups, admin, s.backupPage},
		{http.MethodPost, href.Backups, admin, s.makeBackup},
		{http.MethodPost, href.WebhookSecrets, admin, s.proved(s.addSecret)},
		{http.MethodPost, href.WebhookSecrets + "/:secret/remove", admin, s.proved(s.removeSecret)},
		{http.MethodGet, href.Notices, admin, s.noticesPage},
		{http.MethodPost, href.Notices, admin, s.proved(s.saveNotices)},
		{http.MethodPost, "/settings/notifications/:channel/test", admin, s.testNotices},
	}
	for _, a := range acts() {
		carryOut := s.carryOut(a)
		if a.grave {
			carryOut = s.proved(carryOut)
		}
		routes = append(routes,
			route{http.MethodGet, "/pbx/:id/" + a.name, operator, s.review(a)},
			route{http.MethodPost, "/pbx/:id/" + a.name, operator, carryOut})
	}
	return routes
}
