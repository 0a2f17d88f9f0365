package views

import "cordboard/views/ui"

// LoginPage is the sign-in form. Status 401 and 429 show Problem above it and keep Username.
type LoginPage struct {
	Username string
	Next     string // where to go afterwards, a path of ours; empty for the home page
	Problem  string // "Wrong user name or password." or "Too many attempts. Try again in 2 minutes."

	Provider     string // leads to the identity provider; empty: there is none
	ProviderName string
}

// LoginCodePage asks for the second factor.
type LoginCodePage struct {
	Next    string
	Problem string
}

// JoinPage is where an invitation leads: somebody chooses a password.
type JoinPage struct {
	Key      string // of the invitation
	Name     string
	Title    string
	Text     string
	Button   string
	Password ui.Field
	Errors   []ui.FieldError
}

// ProvePage asks who somebody is before a dangerous act.
type ProvePage struct {
	Next     string
	Carried  string    // the form that waits, boxed; empty: there is none
	Password *ui.Field // nil: the person has none here
	Code     *ui.Field // nil: the person has no second factor
	Problem  string

	Provider     string // leads to the identity provider; empty: the person does not sign in there
	ProviderName string
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
