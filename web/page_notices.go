package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/notify"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

const (
	shownNotices  = 20 // of the newest
	shownMessages = 4  // of the newest of each
)

func (s *Server) noticesPage(c echo.Context) error {
	view, err := s.presentNotices(c)
	if err != nil {
		return err
	}
	return s.renderNotices(c, http.StatusOK, view)
}

func (s *Server) renderNotices(c echo.Context, status int, view views.NoticesPage) error {
	return s.render(c, status, views.Notices(s.shell(c, "Notifications", views.SectionSettings), view))
}

// presentNotices is the page as the stored settings have it. Secrets are not in it: their fields say
// whether one is set.
func (s *Server) presentNotices(c echo.Context) (views.NoticesPage, error) {
	ctx := c.Request().Context()
	view := views.NoticesPage{Live: "notices", Empty: ui.Empty{Title: "Nothing to tell", Text: "Nothing has happened that people should hear of."}}
	settings, err := s.Notifier.Settings(ctx)
	if fe, ok := errors.AsType[*fleet.Error](err); ok && fe.Kind == fleet.KindUnavailable {
		view.Problem = ui.Notice{Tone: ui.Bad, Title: "The stored settings can't be opened", Text: fe.Msg}
	} else if err != nil {
		return view, err
	}
	view.Common = commonForm(settings.Common, s.base(c))
	view.Webhook = webhookForm(settings.Webhook)
	view.Mail = mailForm(settings.Mail)
	for channel, into := range map[notify.Channel]*views.NoticeChannel{notify.ByWebhook: &view.Webhook.NoticeChannel, notify.ByMail: &view.Mail.NoticeChannel} {
		tests, err := s.Notices.LastTest(ctx, channel)
		if err != nil {
			return view, err
		}
		if len(tests) > 0 {
			into.Tested, into.When = testNotice(tests[0]), ui.At(tests[0].EndedAt, s.Now())
		}
	}
	view.Rows, err = s.noticeRows(ctx)
	return view, err
}

func testNotice(p notify.Posted) ui.Notice {
	if p.State == notify.Sent {
		return ui.Notice{Tone: ui.Ok, Title: "The last test arrived", Text: p.Answer}
	}
	return ui.Notice{Tone: ui.Warn, Title: "The last test failed", Text: p.Answer}
}

func (s *Server) noticeRows(ctx context.Context) ([]views.NoticeRow, error) {
	notices, err := s.Notices.Notices(ctx, shownNotices)
	if err != nil {
		return nil, err
	}
	rows := make([]views.NoticeRow, len(notices))
	for i, n := range notices {
		rows[i] = views.NoticeRow{State: ui.Badge{Tone: ui.Bad, Label: "Holds"}, Subject: ui.Link{Label: n.Title, Href: n.Path}, Sentence: n.Sentence, Opened: ui.At(n.OpenedAt, s.Now())}
		if !n.ClosedAt.IsZero() {
			rows[i].State = ui.Badge{Tone: ui.Mute, Label: "Over"}
		}
		if n.ToldAt.IsZero() {
			rows[i].Messages = []views.NoticeMessage{{State: ui.Badge{Tone: ui.Mute, Label: "Not told"}, Text: "No channel was on, or nobody wanted to know."}}
		}
		messages, err := s.Notices.MessagesOf(ctx, n.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range messages[max(0, len(messages)-shownMessages):] {
			rows[i].Messages = append(rows[i].Messages, s.noticeMessage(m))
		}
	}
	return rows, nil
}

func (s *Server) noticeMessage(m notify.Posted) views.NoticeMessage {
	v := views.NoticeMessage{Text: strings.TrimSpace(eventWords[m.Event] + " " + channelWords[m.Channel] + ". " + m.Answer), Time: ui.At(m.EndedAt, s.Now())}
	switch m.State {
	case notify.Sent:
		v.State = ui.Badge{Tone: ui.Ok, Label: "Sent"}
	case notify.Failed:
		v.State = ui.Badge{Tone: ui.Bad, Label: "Given up"}
	default:
		v.State, v.Time = ui.Badge{Tone: ui.Busy, Label: "Waits"}, ui.At(m.NextAt, s.Now())
		v.Text += " Next attempt:"
	}
	return v
}

var (
	eventWords   = map[notify.Event]string{notify.Opened: "The beginning", notify.Reminder: "A reminder", notify.Closed: "The end"}
	channelWords = map[notify.Channel]string{notify.ByWebhook: "by webhook", notify.ByMail: "by e-mail"}
	kindWords    = map[notify.Kind][2]string{
		notify.EmptyPBX:    {"A PBX lost all of its numbers, or was deleted.", "Nobody can call it any more, and nothing of ours did that. A report about a PBX after its deletion is told with it."},
		notify.Drift:       {"A PBX drifted.", "Somebody else changed its numbers, and a read confirmed it."},
		notify.Write:       {"A plan diverged, or its fate is not known.", "The PBX may not hold what was planned."},
		notify.WebhookPath: {"The webhook path looks broken.", "Yeastar's reports were due and did not come."},
		notify.SignIn:      {"YCM refuses our sign-in.", "Nothing is read or written until it is corrected."},
		notify.Backup:      {"No fresh backup is made.", "Backups fail, or none was made for too long."},
	}
)

func commonForm(c notify.Common, here string) views.NoticeCommon {
	v := views.NoticeCommon{Base: ui.Field{Name: "base_url", Label: "Address of Cordboard", Value: c.Base, Placeholder: here, Mono: true,
		Help: "For links in messages: how people reach these pages. Without it messages have no links."}}
	for _, k := range notify.Kinds() {
		v.Kinds = append(v.Kinds, views.NoticeKind{Value: string(k), Label: kindWords[k][0], Text: kindWords[k][1], Chosen: c.Kinds == nil || slices.Contains(c.Kinds, k)})
	}
	return v
}

// channelForm is what both channels have.
func channelForm(c notify.Channel, on, set bool) views.NoticeChannel {
	v := views.NoticeChannel{On: on, State: ui.Badge{Tone: ui.Mute, Label: "Off"}}
	if on {
		v.State = ui.Badge{Tone: ui.Ok, Label: "On"}
	}
	if set {
		v.Test = &views.FormAction{Href: href.NoticeTest(string(c)), Label: "Send a test", Text: "With the saved settings, at once."}
	}
	return v
}

// secretHelp tells whether a secret is set, which is all that is ever shown of it.
func secretHelp(set bool, rule string) string {
	if set {
		return "Set. Leave this empty to keep it; it is never shown. " + rule
	}
	return rule
}

func webhookForm(w notify.Webhook) views.NoticeWebhook {
	return views.NoticeWebhook{
		NoticeChannel: channelForm(notify.ByWebhook, w.On, w.URL != ""),
		URL: ui.Field{Name: "url", Label: "URL", Value: w.URL, Mono: true, Placeholder: "https://hooks.example/cordboard",
			Help: "https://; http:// to this machine alone. Redirects are not followed."},
		Secret: ui.Field{Name: "secret", Label: "Signing secret", Type: "password", Autocomplete: "off", Mono: true,
			Help: secretHelp(w.Secret != "", "Messages are signed as Standard Webhooks says. Make one with: echo whsec_$(openssl rand -base64 32)")},
	}
}

func mailForm(m notify.Mail) views.NoticeMail {
	v := views.NoticeMail{
		NoticeChannel: channelForm(notify.ByMail, m.On, m.Host != ""),
		Host:          ui.Field{Name: "host", Label: "SMTP server", Value: m.Host, Mono: true, Placeholder: "smtp.example"},
		Port:          ui.Field{Name: "port", Label: "Port", Type: "number", Value: strconv.Itoa(m.Port), Help: "587 for STARTTLS, 465 for TLS."},
		Security:      ui.Select{Name: "security", Label: "Encryption"},
		Username:      ui.Field{Name: "username", Label: "User name", Value: m.Username, Help: "Empty when the server asks for none."},
		Password: ui.Field{Name: "password", Label: "Password", Type: "password", Autocomplete: "off",
			Help: secretHelp(m.Password != "", "It is stored encrypted.")},
		From: ui.Field{Name: "from", Label: "From", Value: m.From, Placeholder: "cordboard@example.com"},
		To:   ui.Field{Name: "to", Label: "To", Value: strings.Join(m.To, "\n"), Rows: "3", Help: "One address a line."},
	}
	labels := map[notify.Security]string{notify.StartTLS: "STARTTLS (refused without)", notify.TLS: "TLS from the start", notify.Plain: "None (without a password only)"}
	for _, security := range notify.Securities() {
		v.Security.Options = append(v.Security.Options, ui.Option{Value: string(security), Label: labels[security], Selected: security == m.Security})
	}
	return v
}

// saveNotices stores the part of the settings that its form holds. The forms share an address, so
// that a page which shows what is wrong with one can refresh itself.
func (s *Server) saveNotices(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	switch notify.Channel(r.PostForm.Get("part")) {
	case notify.ByWebhook:
		return s.saveNoticeWebhook(c, r.PostForm)
	case notify.ByMail:
		return s.saveNoticeMail(c, r.PostForm)
	}
	return s.saveCommon(c, r.PostForm)
}

func (s *Server) saveCommon(c echo.Context, v url.Values) error {
	in := notify.Common{Kinds: []notify.Kind{}, Base: strings.TrimRight(strings.TrimSpace(v.Get("base_url")), "/")}
	for _, k := range v["kinds"] {
		in.Kinds = append(in.Kinds, notify.Kind(k))
	}
	err := s.Notifier.SaveCommon(c.Request().Context(), by(c), in)
	return s.savedNotices(c, err, func(view *views.NoticesPage, bad map[string]string, summary []ui.FieldError) {
		view.Common = commonForm(in, s.base(c))
		view.Common.Base.Error = bad["base_url"]
		view.Common.Errors = summary
	})
}

func (s *Server) saveNoticeWebhook(c echo.Context, v url.Values) error {
	in := notify.Webhook{On: v.Get("webhook_on") == "true", URL: strings.TrimSpace(v.Get("url")), Secret: notify.Secret(strings.TrimSpace(v.Get("secret")))}
	err := s.Notifier.SaveWebhook(c.Request().Context(), by(c), in)
	return s.savedNotices(c, err, func(view *views.NoticesPage, bad map[string]string, summary []ui.FieldError) {
		channel, help := view.Webhook.NoticeChannel, view.Webhook.Secret.Help
		view.Webhook = webhookForm(in)
		view.Webhook.NoticeChannel = channel
		view.Webhook.On, view.Webhook.Secret.Help = in.On, help
		view.Webhook.URL.Error, view.Webhook.Secret.Error, view.Webhook.Errors = bad["url"], bad["secret"], summary
	})
}

func (s *Server) saveNoticeMail(c echo.Context, v url.Values) error {
	port, _ := strconv.Atoi(strings.TrimSpace(v.Get("port"))) // 0 is told as a field
	in := notify.Mail{On: v.Get("mail_on") == "true", Host: strings.TrimSpace(v.Get("host")), Port: port, Security: notify.Security(v.Get("security")),
		Username: strings.TrimSpace(v.Get("username")), Password: notify.Secret(v.Get("password")), From: strings.TrimSpace(v.Get("from")), To: form.Lines(v.Get("to"))}
	err := s.Notifier.SaveMail(c.Request().Context(), by(c), in)
	return s.savedNotices(c, err, func(view *views.NoticesPage, bad map[string]string, summary []ui.FieldError) {
		channel, help := view.Mail.NoticeChannel, view.Mail.Password.Help
		view.Mail = mailForm(in)
		view.Mail.NoticeChannel = channel
		m := &view.Mail
		m.On, m.Password.Help, m.Port.Value = in.On, help, v.Get("port")
		m.Host.Error, m.Port.Error, m.Security.Error, m.Username.Error = bad["host"], bad["port"], bad["security"], bad["username"]
		m.Password.Error, m.From.Error, m.To.Error, m.Errors = bad["password"], bad["from"], bad["to"], summary
	})
}

// savedNotices leads back after saving, or shows the page again with what is wrong and what was typed.
func (s *Server) savedNotices(c echo.Context, err error, show func(*views.NoticesPage, map[string]string, []ui.FieldError)) error {
	fe, ok := errors.AsType[*fleet.Error](err)
	switch {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, href.Notices)
	case !ok || fe.Kind != fleet.KindInvalid:
		return err
	}
	bad := map[string]string{}
	var summary []ui.FieldError
	for _, f := range fe.Fields {
		bad[f.Name] = f.Rule
		summary = append(summary, ui.FieldError{Field: f.Name, Message: f.Rule})
	}
	view, err := s.presentNotices(c)
	if err != nil {
		return err
	}
	show(&view, bad, summary)
	return s.renderNotices(c, http.StatusUnprocessableEntity, view)
}

// testNotices tries a channel, and leads back to the page that says what came of it.
func (s *Server) testNotices(c echo.Context) error {
	channel := notify.Channel(c.Param("channel"))
	if !slices.Contains(notify.Channels(), channel) {
		return fleet.NotFound("web.testNotices", "The channel")
	}
	if _, err := s.Notifier.Test(c.Request().Context(), by(c), channel); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Notices)
}
