package views

import "cordboard/views/ui"

// NoticesPage says who is told of what, and what was told lately.
type NoticesPage struct {
	Problem ui.Notice // why the stored settings can't be shown; zero when they can
	Common  NoticeCommon
	Webhook NoticeWebhook
	Mail    NoticeMail
	Rows    []NoticeRow
	Empty   ui.Empty
	Live    string // "notices"
}

// NoticeCommon is what all channels share.
type NoticeCommon struct {
	Kinds  []NoticeKind
	Base   ui.Field
	Errors []ui.FieldError
}

// NoticeKind is one kind of notice to choose.
type NoticeKind struct {
	Value  string
	Label  string
	Text   string
	Chosen bool
}

// NoticeChannel is what both channels have.
type NoticeChannel struct {
	On     bool
	State  ui.Badge
	Errors []ui.FieldError
	Test   *FormAction // nil until there is something to test
	Tested ui.Notice   // what the last test came to; zero when there was none
	When   ui.Time     // of the last test
}

// NoticeWebhook posts JSON.
type NoticeWebhook struct {
	NoticeChannel
	URL    ui.Field
	Secret ui.Field
}

// NoticeMail sends mail.
type NoticeMail struct {
	NoticeChannel
	Host     ui.Field
	Port     ui.Field
	Security ui.Select
	Username ui.Field
	Password ui.Field
	From     ui.Field
	To       ui.Field
}

// NoticeRow is one notice, and what became of telling it.
type NoticeRow struct {
	State    ui.Badge // holds, or over
	Subject  ui.Link
	Sentence string
	Opened   ui.Time
	Messages []NoticeMessage
}

// NoticeMessage is one message about a notice.
type NoticeMessage struct {
	State ui.Badge
	Text  string // "Reminder by e-mail: smtp.example took the mail for 2 people."
	Time  ui.Time
}
