package viewstest

import (
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

const secretLink = "https://cordboard.example/join?invite=7KQ2M4XCT6ZB3VWYHND5RJ2EPA"

// qr is a picture of one white pixel.
const qr = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsCyUvQAAAABJRU5ErkJggg=="

func roles() ui.Select {
	return ui.Select{Name: "role", Label: "Role", Options: []ui.Option{{Value: "viewer", Label: "Viewer: sees everything but secrets", Selected: true}, {Value: "operator", Label: "Operator: makes and confirms plans"}}}
}

func active() ui.Badge { return ui.Badge{Tone: ui.Ok, Label: "Active"} }

// UsersPage is a team of three, one of whom left.
func UsersPage() views.UsersPage {
	return views.UsersPage{
		Rows: []views.UserRow{
			{Href: href.User(1), Name: "ana.perez", Role: "admin", You: true, State: active(), Ways: "Password and second factor", Seen: ago(time.Minute)},
			{Href: href.User(2), Name: "ben.ward@a-rather-long-company-name.example", Role: "operator", State: active(), Ways: "Single sign-on"},
			{Href: href.User(3), Name: "carla.osei", Role: "viewer", State: ui.Badge{Tone: ui.Mute, Label: "Deactivated"}, Ways: "Password alone", Seen: ago(40 * day)},
		},
		Invites: []views.InviteRow{
			{Name: "dora", Text: "as operator, by ana.perez", State: ui.Badge{Tone: ui.Busy, Label: "Open"}, Expires: ui.At(Now().Add(2*day), Now()), Revoke: views.FormAction{Href: href.RevokeInvite(4), Label: "Take back"}},
			{Name: "emil", Text: "for a new password, by ana.perez", State: ui.Badge{Tone: ui.Mute, Label: "Expired"}, Expires: ago(day), Revoke: views.FormAction{Href: href.RevokeInvite(5), Label: "Take back"}},
		},
		Invite: views.InviteForm{Name: ui.Field{Name: "username", Label: "User name", Help: "A mail address will do.", Required: true}, Role: roles()},
	}
}

// AccountPage is the account of somebody with a second factor and two browsers.
func AccountPage() views.AccountPage {
	return views.AccountPage{
		Name: "ana.perez", Role: "admin", Factor: ui.Badge{Tone: ui.Ok, Label: "On"}, HasFactor: true, FactorText: "Set up. 9 recovery codes left.",
		Password: &views.PasswordForm{
			Current: ui.Field{Name: "current", Label: "Current password", Type: "password", Autocomplete: "current-password", Required: true},
			New:     ui.Field{Name: "password", Label: "New password", Type: "password", Autocomplete: "new-password", Required: true, Help: "At least 12 characters."},
		},
		Sessions: []views.SessionRow{
			{Agent: "Firefox on Linux", Full: "Mozilla/5.0", IP: "192.0.2.10", Began: ago(2 * time.Hour), Seen: ago(time.Minute), Own: true},
			{Agent: "Safari on iPhone", Full: "Mozilla/5.0", IP: "2001:db8:1:2:3:4:5:6", Began: ago(3 * day), Seen: ago(5 * time.Hour), End: views.FormAction{Href: href.EndSession("0011223344556677"), Label: "End"}},
		},
	}
}

// TokensPage is what an admin sees of the tokens.
func TokensPage() views.TokensPage {
	form := views.TokenForm{Name: ui.Field{Name: "name", Label: "Name", Help: "What uses it: monitoring, crm-sync.", Required: true}, Role: roles(),
		Expires: ui.Select{Name: "expires", Label: "Works for", Options: []ui.Option{{Value: "7", Label: "7 days"}, {Value: "90", Label: "90 days", Selected: true}}}}
	return views.TokensPage{Form: form, All: true, Rows: []views.TokenRow{
		{Name: "crm-sync", Role: "operator", Owner: "ana.perez", State: active(), Used: ago(20 * time.Minute), Expires: ui.At(Now().Add(60*day), Now()), Revoke: views.FormAction{Href: href.RevokeToken(1), Label: "Revoke"}},
		{Name: "monitoring", Role: "viewer", Owner: "made on the terminal", State: ui.Badge{Tone: ui.Mute, Label: "Expired"}, Expires: ago(day), Revoke: views.FormAction{Href: href.RevokeToken(2), Label: "Revoke"}},
	}}
}

func peopleScreens() []Screen {
	frame := func(title, path string) views.Shell { return Shell(title, views.SectionSettings, path) }
	invited, taken := UsersPage(), UsersPage()
	invited.Link = &views.InviteLink{Name: "dora", URL: secretLink, Expires: ui.At(Now().Add(3*day), Now())}
	taken.Invite.Name.Value, taken.Invite.Name.Error = "carla.osei", "There is a user named carla.osei already."
	taken.Invite.Errors = []ui.FieldError{{Field: "username", Message: taken.Invite.Name.Error}}
	user := views.UserPage{Row: UsersPage().Rows[0], Facts: []ui.Fact{{Label: "Signs in with", Text: "Password and second factor"}, {Label: "Since", Time: ago(90 * day)}, {Label: "Last seen", Time: ago(time.Minute)}},
		Role: roles(), RoleHref: href.UserAct(1, "role"), Danger: &views.FormAction{Href: href.UserAct(1, "deactivate"), Label: "Deactivate ana.perez", Text: "Ends every session and every token at once."},
		Acts: []views.FormAction{{Href: href.UserAct(1, "reset"), Label: "Make a link for a new password", Text: "For somebody who forgot theirs."}, {Href: href.UserAct(1, "drop-second-factor"), Label: "Take the second factor away", Text: "For somebody whose phone and recovery codes are lost."}}}
	elsewhere := AccountPage()
	elsewhere.Password, elsewhere.Elsewhere, elsewhere.HasFactor = nil, "You sign in at your identity provider; there is no password here.", false
	elsewhere.Factor, elsewhere.FactorText, elsewhere.Sessions = ui.Badge{Tone: ui.Warn, Label: "Not set up"}, "A password alone opens this account.", elsewhere.Sessions[:1]
	factor := views.FactorPage{Image: qr, Key: "NAMQ OXQB QTML OAPW UA3U DOB5 INOZ 2CBG", Sealed: "AQ", Replaces: true, Code: ui.Field{Name: "code", Label: "Code that the app shows", Mono: true, Required: true, Error: "This is not the code that the app shows now."},
		Errors: []ui.FieldError{{Field: "code", Message: "This is not the code that the app shows now."}}}
	fresh, none := TokensPage(), TokensPage()
	fresh.Fresh = &views.FreshToken{Name: "crm-sync", Key: "cordboard_7KQ2M4XCT6ZB3VWYHND5RJ2EPA", Expires: ui.At(Now().Add(90*day), Now())}
	none.Rows, none.All = nil, false
	password, code := ui.Field{Name: "proof_password", Label: "Password", Type: "password", Autocomplete: "current-password", Focus: true}, ui.Field{Name: "proof_code", Label: "Code of the app", Mono: true}
	approval := views.ApprovalPage{Warning: ui.Notice{Tone: ui.Warn, Title: "There is nobody else", Text: "Only one person may approve at the moment."}, From: ui.Radios{Name: "from", Label: "A second person approves",
		Options: []ui.Option{{Value: "", Label: "no plan", Selected: true}, {Value: "danger", Label: "dangerous plans"}, {Value: "caution", Label: "all that take something away"}}}}
	join := views.JoinPage{Key: "7KQ2", Name: "dora", Title: "Welcome to Cordboard", Text: "You were invited as operator.", Button: "Join", Password: views.NewSetupPage().Password}
	return []Screen{
		screen("login-provider", door("Sign in"), views.Login, views.LoginPage{Provider: href.Provider, ProviderName: "id.example"}),
		screen("login-code", door("Sign in"), views.LoginCode, views.LoginCodePage{Next: "/", Problem: "This code does not count. Each works once: wait for the next."}),
		screen("join", door("Welcome"), views.Join, join),
		screen("prove", Shell("Is it you?", views.SectionNone, href.Prove), views.Prove, views.ProvePage{Next: href.Users, Carried: "boxed", Password: &password, Code: &code, Problem: "That was not right.", Provider: href.Provider, ProviderName: "id.example"}),
		screen("users", frame("Users", href.Users), views.Users, UsersPage()),
		screen("users-invited", frame("Users", href.Invites), views.Users, invited),
		screen("users-422", frame("Users", href.Invites), views.Users, taken),
		screen("users-none", frame("Users", href.Users), views.Users, views.UsersPage{Rows: UsersPage().Rows[:1], Invite: UsersPage().Invite}),
		screen("user", frame("ana.perez", href.User(1)), views.UserDetail, user),
		screen("account", frame("Your account", href.Account), views.Account, AccountPage()),
		screen("account-elsewhere", frame("Your account", href.Account), views.Account, elsewhere),
		screen("second-factor", frame("Second factor", href.SecondFactor), views.Factor, factor),
		screen("recovery-codes", frame("Recovery codes", href.SecondFactor), views.Codes, views.CodesPage{Codes: []string{"7KQ2-M4XC-T6ZB-3VWY", "HND5-RJ2E-PA7K-Q2M4"}}),
		screen("tokens", frame("API tokens", href.Tokens), views.Tokens, TokensPage()),
		screen("tokens-fresh", frame("API tokens", href.Tokens), views.Tokens, fresh),
		screen("tokens-none", frame("API tokens", href.Tokens), views.Tokens, none),
		screen("approval", frame("Second person", href.Approval), views.Approval, approval),
	}
}

func secondScreens() []Screen {
	plan := func(second views.PlanSecond) views.PlanPage {
		page := PlanPage()
		page.Second = &second
		if second.State.Tone == ui.Warn {
			page.Confirm = nil
		}
		return page
	}
	frame := Shell("Plan for Acme HQ", views.SectionPlans, "/plans/pl_7Q2M")
	return []Screen{
		screen("plan-second-asked", frame, views.Plan, plan(views.PlanSecond{State: ui.Badge{Tone: ui.Warn, Label: "Needed"}, Text: "ana.perez asks for your word.", Error: "This is not the plan that you saw. Look at it again.",
			Approve: &views.FormAction{Href: href.Approve("pl_7Q2M"), Label: "Approve this plan", Fields: []views.HiddenField{{Name: "hash", Value: "b7c140e92af6"}}}})),
		screen("plan-second-given", frame, views.Plan, plan(views.PlanSecond{State: ui.Badge{Tone: ui.Ok, Label: "Approved"}, Text: "By ben.ward,", Time: ago(time.Minute)})),
	}
}
