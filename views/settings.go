package views

import "cordboard/views/ui"

// SettingsPage lists the pages of settings that the person may open.
type SettingsPage struct {
	Rows []SettingsRow
}

// SettingsRow is one page of settings, and how it stands.
type SettingsRow struct {
	Link  ui.Link
	Text  string
	State ui.Badge
}

// WebhookSetupPage tells what to enter in YCM's portal, and waits with the person for the first report.
type WebhookSetupPage struct {
	URL     string    // what to enter
	Warning ui.Notice // why YCM can't use the address as it stands; zero when it can
	Secret  ui.Badge
	Fixed   string    // how the secret is set, in words
	Trouble ui.Notice // why what is stored can't be read; zero when it can
	Secrets []WebhookSecret
	Add     *NewWebhookSecret // nil where no secret may be added
	Health  WebhookHealth
	Arrived bool
	Live    string // "webhooks"
}

// WebhookSecret is one of the secrets that are good now. Its characters are never shown.
type WebhookSecret struct {
	Name   string // "Since 3 May 2026, by ana"
	Used   ui.Time
	Unused string      // instead of a time
	Remove *FormAction // nil where it may not be removed
}

// NewWebhookSecret is the form that makes one more secret good.
type NewWebhookSecret struct {
	Secret  ui.Field
	Button  string
	Suggest ui.Link // the same page with one made up
	Errors  []ui.FieldError
}
