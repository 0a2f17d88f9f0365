package web_test

import "cordboard/sync/team"

// peopleDoors are those of people, their ways in, and the second person. User 1 is the viewer; nobody has the
// number 99.
func peopleDoors(plan string) []door {
	get := func(pattern, path string, role team.Role, ok int) door {
		return door{"GET", pattern, path, false, role, "", ok}
	}
	post := func(pattern, path string, role team.Role, body string, ok int) door {
		return door{"POST", pattern, path, false, role, body, ok}
	}
	const account, users, tokens = "/settings/account", "/settings/users", "/settings/tokens"
	const view, operate, manage = team.Viewer, team.Operator, team.Admin
	return []door{
		{"GET", "/login/code", "/login/code", true, "", "", 303},
		{"POST", "/login/code", "/login/code", true, "", "code=123456", 303},
		{"GET", "/login/provider", "/login/provider", true, "", "", 404},
		{"GET", "/login/callback", "/login/callback?state=x&code=x", true, "", "", 404},
		{"GET", "/join", "/join?invite=x", true, "", "", 404},
		{"POST", "/join", "/join", true, "", "invite=x&password=x", 404},
		get("/prove", "/prove", view, 200),
		post("/prove", "/prove", view, "proof_password=x", 401),

		get(account, account, view, 200),
		post(account+"/password", account+"/password", view, "current=x", 422),
		post(account+"/sessions/end", account+"/sessions/end", view, "", 303),
		post(account+"/sessions/:session/end", account+"/sessions/0011223344556677/end", view, "", 404),
		get(account+"/second-factor", account+"/second-factor", view, 200),
		post(account+"/second-factor", account+"/second-factor", view, "sealed=x&code=1", 422),
		post(account+"/second-factor/drop", account+"/second-factor/drop", view, "", 404),
		post(account+"/second-factor/codes", account+"/second-factor/codes", view, "", 404),

		get(tokens, tokens, view, 200),
		post(tokens, tokens, view, "name=", 422),
		post(tokens+"/:token/revoke", tokens+"/99/revoke", view, "", 404),

		post("/plans/:plan/approve", "/plans/"+plan+"/approve", operate, "hash=x", 409),
		post("/api/v1/plans/:plan/approve", "/api/v1/plans/"+plan+"/approve", operate, `{"hash":"x"}`, 409),
		get("/settings/approval", "/settings/approval", manage, 200),
		post("/settings/approval", "/settings/approval", manage, "", 422),

		get(users, users, manage, 200),
		post("/settings/invitations", "/settings/invitations", manage, "username=", 422),
		post("/settings/invitations/:invite/revoke", "/settings/invitations/99/revoke", manage, "", 404),
		get(users+"/:user", users+"/1", manage, 200),
		post(users+"/:user/role", users+"/1/role", manage, "role=x", 422),
		post(users+"/:user/reset", users+"/99/reset", manage, "", 404),
		post(users+"/:user/drop-second-factor", users+"/99/drop-second-factor", manage, "", 404),
		post(users+"/:user/deactivate", users+"/99/deactivate", manage, "", 404),
		post(users+"/:user/activate", users+"/99/activate", manage, "", 404),
	}
}
