package viewstest

import (
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

func doorScreens() []Screen {
	setup := views.NewSetupPage()
	setup.Username.Value = "ana.perez"
	setup.Code.Value = "4417-2204"
	setup.Code.Error = "This code is not the one on the terminal."
	setup.Password.Error = "Use at least 12 characters."
	setup.Errors = []ui.FieldError{{Field: "code", Message: setup.Code.Error}, {Field: "password", Message: setup.Password.Error}}
	return []Screen{
		screen("login", door("Sign in"), views.Login, views.LoginPage{}),
		screen("login-401", door("Sign in"), views.Login, views.LoginPage{Username: "ana.perez", Next: "/plans", Problem: "Wrong user name or password."}),
		screen("login-429", door("Sign in"), views.Login, views.LoginPage{Username: "ana.perez", Problem: "Too many attempts. Try again in 2 minutes."}),
		screen("setup", door("Set up"), views.Setup, views.NewSetupPage()),
		screen("setup-422", door("Set up"), views.Setup, setup),
	}
}

func errorScreens() []Screen {
	const request = "01JDA7M3W8K2"
	notFound := views.ErrorPage{Status: "404", Title: "There is no such PBX", Message: "No Cloud PBX with the id 4999 is known here. It may have been deleted in YCM before Cordboard saw it.", RequestID: request, Next: []ui.Link{{Label: "All PBXs", Href: href.Fleet}, {Label: "Find a number", Href: href.Numbers}}}
	denied := views.ErrorPage{Status: "403", Title: "You may not do this", Message: "Confirming a plan needs the role operator. You are signed in as a viewer.", RequestID: request, Next: []ui.Link{{Label: "Home", Href: href.Home}}}
	stale := views.ErrorPage{Status: "409", Title: "This plan was already applied", Message: "Ben confirmed it at 14:02 UTC. Nothing was sent again.", RequestID: request, Next: []ui.Link{{Label: "See the plan", Href: href.Plan("pl_7Q2M")}}}
	invalid := views.ErrorPage{Status: "422", Title: "This could not be read", Message: "Correct what is listed and send it again. Nothing was changed.", RequestID: request, Errors: []ui.FieldError{{Message: "to: this snapshot belongs to another PBX."}}, Next: []ui.Link{{Label: "Back to the history", Href: href.History(4808)}}}
	internal := views.ErrorPage{Status: "500", Title: "Something went wrong here", Message: "The page could not be made. Nothing was sent to Yeastar.", RequestID: request, Next: []ui.Link{{Label: "Home", Href: href.Home}}}
	refused := views.ErrorPage{Status: "502", Title: "Yeastar refused", Message: "The list was not changed. The PBX does not accept these numbers.", RequestID: request, VendorID: "d42cdd6453bc1378ac74877a480f22c5", VendorSay: "1000004 PARAMETER_ERROR", Next: []ui.Link{{Label: "Back to Acme HQ", Href: href.PBX(4808)}}}
	away := views.ErrorPage{Status: "503", Title: "Yeastar cannot be reached", Message: "Nothing was sent. What you see elsewhere is the last good state, with its age.", RequestID: request, Next: []ui.Link{{Label: "Try again", Href: href.DIDs(4808)}}}
	var screens []Screen
	for _, page := range []views.ErrorPage{denied, notFound, stale, invalid, internal, refused, away} {
		screens = append(screens, screen("error-"+page.Status, Shell(page.Title, views.SectionFleet, "/pbx/4999"), views.Error, page))
	}
	inList := refused
	inList.Region = "list"
	palette := views.Palette{Query: "7946", Groups: []views.PaletteGroup{
		{Title: "Numbers", Items: []views.PaletteItem{{Href: href.DIDs(4808), Label: "+44 20 7946 0018", Hint: "Acme HQ · Colt London"}, {Href: href.DIDs(4811), Label: "+44 20 7946 0102", Hint: "Harbour Dental · Colt London"}}},
		{Title: "PBXs", Items: []views.PaletteItem{{Href: href.PBX(4808), Label: "Acme HQ", Hint: "acme-hq.eu.ycmcloud.com", Badge: ui.Badge{Tone: ui.Ok, Label: "In sync"}}}},
	}}
	return append(screens,
		screen("error-stranger", door("Not found"), views.Error, views.ErrorPage{Status: "404", Title: "This page does not exist", Message: "Check the address.", RequestID: request, Next: []ui.Link{{Label: "Sign in", Href: href.Login}}}),
		part("error-fragment", views.ErrorNotice, inList),
		part("palette", views.PaletteResults, palette),
		part("palette-empty", views.PaletteResults, views.Palette{Query: "zebra"}),
	)
}
