package views

import "cordboard/views/ui"

// UsersPage is who may do what, and who was invited.
type UsersPage struct {
	Rows    []UserRow
	Invites []InviteRow
	Invite  InviteForm
	Link    *InviteLink // the answer to an invitation; nil otherwise
}

// UserRow is one user.
type UserRow struct {
	Href  string
	Name  string
	Role  string
	You   bool // whoever looks
	State ui.Badge
	Ways  string // how they sign in, in words
	Seen  ui.Time
}

// InviteRow is one invitation that waits.
type InviteRow struct {
	Name    string
	Text    string
	State   ui.Badge
	Expires ui.Time
	Revoke  FormAction
}

// InviteForm invites somebody.
type InviteForm struct {
	Name   ui.Field
	Role   ui.Select
	Errors []ui.FieldError
}

// InviteLink is a link that is shown this once.
type InviteLink struct {
	Name    string
	URL     string
	Expires ui.Time
}

// UserPage is one user, with what an admin may do to them.
type UserPage struct {
	Row      UserRow
	Facts    []ui.Fact
	Role     ui.Select
	RoleHref string // empty: no role to choose
	RoleText string
	Acts     []FormAction
	Danger   *FormAction
}

// AccountPage is one's own ways in.
type AccountPage struct {
	Name       string
	Role       string
	Password   *PasswordForm // nil for somebody without a password
	Elsewhere  string        // why there is none
	Factor     ui.Badge
	FactorText string
	HasFactor  bool
	Sessions   []SessionRow
}

// PasswordForm changes one's own password.
type PasswordForm struct {
	Current ui.Field
	New     ui.Field
	Errors  []ui.FieldError
}

// SessionRow is one browser that is signed in.
type SessionRow struct {
	Agent string // "Firefox on Linux"
	Full  string // what the browser calls itself
	IP    string
	Began ui.Time
	Seen  ui.Time
	Own   bool       // the one that looks
	End   FormAction // of the others
}

// FactorPage sets a second factor up.
type FactorPage struct {
	Image    string // the QR code, as a data: address
	Key      string // the same for typing
	Sealed   string // the same for the form
	Code     ui.Field
	Errors   []ui.FieldError
	Replaces bool // there is one already
}

// CodesPage shows recovery codes, this once.
type CodesPage struct {
	Codes []string
}

// TokensPage is what scripts use the API with.
type TokensPage struct {
	Rows  []TokenRow
	Form  TokenForm
	Fresh *FreshToken // the answer to making one; nil otherwise
	All   bool        // everybody's tokens, not one's own alone
}

// TokenRow is one token.
type TokenRow struct {
	Name    string
	Role    string
	Owner   string
	State   ui.Badge
	Used    ui.Time
	Expires ui.Time
	Revoke  FormAction
}

// TokenForm makes a token.
type TokenForm struct {
	Name    ui.Field
	Role    ui.Select
	Expires ui.Select
	Errors  []ui.FieldError
}

// FreshToken is a token that is shown this once.
type FreshToken struct {
	Name    string
	Key     string
	Expires ui.Time
}

// ApprovalPage chooses which plans need a second person.
type ApprovalPage struct {
	From    ui.Radios
	Errors  []ui.FieldError
	Warning ui.Notice // nobody else could approve; zero: somebody could
}
