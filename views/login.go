package views

import "cordboard/views/ui"

// LoginPage is the sign-in form. Status 401 and 429 show Problem above it and keep Username.
type LoginPage struct {
	Username string
	Next     string // where to go afterwards, a path of ours; empty for the home page
	Problem  string // "Wrong user name or password." or "Too many attempts. Try again in 2 minutes."
}

// SetupPage makes the first admin. It exists only while there is no user.
type SetupPage struct {
	Code     ui.Field // the one-time code printed on the terminal
	Username ui.Field
	Password ui.Field
	Errors   []ui.FieldError
}

// NewSetupPage gives the empty form with its labels and rules; the caller sets values, errors and Errors on a 422.
func NewSetupPage() SetupPage {
	return SetupPage{
		Code: ui.Field{
			Name: "code", Label: "Setup code", Mono: true, Required: true, Focus: true,
			Help: "Printed on the terminal where Cordboard was started. It works once.",
		},
		Username: ui.Field{
			Name: "username", Label: "User name", Autocomplete: "username", Required: true,
			Help: "The first user is an admin.",
		},
		Password: ui.Field{
			Name: "password", Label: "Password", Type: "password", Autocomplete: "new-password", Required: true,
			Help: "At least 12 characters. A few words in a row are easy to remember and hard to guess.",
		},
	}
}
