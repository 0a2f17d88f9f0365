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
	Fixed   string // how the secret is set, in words
	Health  WebhookHealth
	Arrived bool
	Live    string // "webhooks"
}
