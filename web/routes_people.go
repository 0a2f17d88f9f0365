package web

import (
	"net/http"

	"cordboard/views/href"
)

// people are the routes of users, their ways in, and what they may make. Those that could give somebody
// else a way in ask for a fresh proof of who it is.
func (s *Server) people() []route {
	const user = href.Users + "/:user"
	return []route{
		{http.MethodGet, href.Account, viewer, s.accountPage},
		{http.MethodPost, href.Password, viewer, s.changePassword},
		{http.MethodPost, href.EndSessions, viewer, withForm(s.endOtherSessions)},
		{http.MethodPost, href.Account + "/sessions/:session/end", viewer, withForm(s.endSession)},
		{http.MethodGet, href.SecondFactor, viewer, s.factorPage},
		{http.MethodPost, href.SecondFactor, viewer, s.proved(s.setFactor)},
		{http.MethodPost, href.DropSecondFactor, viewer, s.proved(s.dropFactor)},
		{http.MethodPost, href.RecoveryCodes, viewer, s.proved(s.newCodes)},

		{http.MethodGet, href.Tokens, viewer, s.tokensPage},
		{http.MethodPost, href.Tokens, viewer, s.proved(s.addToken)},
		{http.MethodPost, href.Tokens + "/:token/revoke", viewer, withForm(s.revokeToken)},

		{http.MethodPost, "/plans/:plan/approve", operator, withForm(s.approvePlan)},
		{http.MethodGet, href.Approval, admin, s.approvalPage},
		{http.MethodPost, href.Approval, admin, s.proved(s.saveApproval)},

		{http.MethodGet, href.Users, admin, s.usersPage},
		{http.MethodPost, href.Invites, admin, s.proved(s.invite)},
		{http.MethodPost, href.Invites + "/:invite/revoke", admin, withForm(s.revokeInvite)},
		{http.MethodGet, user, admin, s.userPage},
		{http.MethodPost, user + "/role", admin, s.proved(s.changeRole)},
		{http.MethodPost, user + "/reset", admin, s.proved(s.resetUser)},
		{http.MethodPost, user + "/drop-second-factor", admin, s.proved(s.dropFactorOf)},
		{http.MethodPost, user + "/deactivate", admin, s.proved(s.deactivate)},
		{http.MethodPost, user + "/activate", admin, s.proved(s.activate)},
	}
}
