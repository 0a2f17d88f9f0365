package web

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// settingsPage lists what can be set, or is set, and how it stands.
func (s *Server) settingsPage(c echo.Context) error {
	verdict, err := s.Ingester.Judge(c.Request().Context())
	if err != nil {
		return err
	}
	view := views.SettingsPage{Rows: []views.SettingsRow{
		{Link: ui.Link{Label: "Webhook setup", Href: href.WebhookSetup}, Text: verdict.Sentence, State: pathBadge(verdict.State)},
	}}
	view.Rows = append(view.Rows, peopleRows(who(c).user)...)
	if who(c).user.Can(team.Admin) {
		view.Rows = append(append([]views.SettingsRow{s.connectionRow()}, view.Rows...), s.plainRows()...)
		row, err := s.noticesRow(c.Request().Context())
		if err != nil {
			return err
		}
		second, err := s.approvalRow(c)
		if err != nil {
			return err
		}
		view.Rows = append(view.Rows, row, second)
		if row, err = s.backupRow(c.Request().Context()); err != nil {
			return err
		}
		view.Rows = append(view.Rows, row)
	}
	row, err := s.doctorRow(c)
	if err != nil {
		return err
	}
	view.Rows = append(view.Rows, row)
	return s.render(c, http.StatusOK, views.Settings(s.shell(c, "Settings", views.SectionSettings), view))
}

// peopleRows lead to one's own account, to tokens, and to people.
func peopleRows(u team.User) []views.SettingsRow {
	rows := []views.SettingsRow{
		{Link: ui.Link{Label: "Your account", Href: href.Account}, Text: "Password, second factor, sessions."},
		{Link: ui.Link{Label: "API tokens", Href: href.Tokens}, Text: "For scripts that use the API."},
	}
	if u.Can(team.Admin) {
		rows = append(rows, views.SettingsRow{Link: ui.Link{Label: "Users", Href: href.Users}, Text: "Who may do what; invitations."})
	}
	return rows
}

// plainRows are the parts of the settings that are always as they should be.
func (s *Server) plainRows() []views.SettingsRow {
	now := s.Settings.Current()
	return []views.SettingsRow{
		{Link: ui.Link{Label: "Guard", Href: href.Guard}, Text: fmt.Sprintf("A plan that takes more than %d %% or more than %s away needs a reason.", now.Guard.MaxShare, count(now.Guard.MaxCount, "number"))},
		{Link: ui.Link{Label: "Schedule of passes", Href: href.Schedule}, Text: s.passesStart()},
		{Link: ui.Link{Label: "Home region", Href: href.HomeRegion}, Text: "Numbers are read " + regionWords(now.Numbers.HomeRegion) + "."},
	}
}

func (s *Server) noticesRow(ctx context.Context) (views.SettingsRow, error) {
	row := views.SettingsRow{Link: ui.Link{Label: "Notifications", Href: href.Notices}, State: ui.Badge{Tone: ui.Mute, Label: "Off"},
		Text: "Nobody is told when a PBX drifts, loses its numbers, or reports stop coming."}
	settings, err := s.Notifier.Settings(ctx)
	switch {
	case err != nil && fleet.KindOf(err) == fleet.KindUnavailable:
		row.State, row.Text = ui.Badge{Tone: ui.Bad, Label: "Broken"}, "The stored settings can't be opened."
		return row, nil
	case err != nil:
		return row, err
	case settings.Mail.On && settings.Webhook.On:
		row.Text = "By e-mail and by webhook."
	case settings.Mail.On:
		row.Text = "By e-mail."
	case settings.Webhook.On:
		row.Text = "By webhook."
	default:
		return row, nil
	}
	row.State = ui.Badge{Tone: ui.Ok, Label: "On"}
	return row, nil
}

// base is the address of this server as whoever asks sees it.
func (s *Server) base(c echo.Context) string {
	scheme := "http://"
	if isHTTPS(c.Request()) {
		scheme = "https://"
	}
	return scheme + c.Request().Host
}

// unreachable says why YCM could not use an address.
func unreachable(url string) ui.Notice {
	_, rest, _ := strings.Cut(url, "://")
	host, _, _ := strings.Cut(rest, "/")
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	switch {
	case host == "localhost", ip != nil && ip.IsLoopback():
		return ui.Notice{Tone: ui.Warn, Title: "YCM can't reach this address", Text: "It means this machine alone. Give Cordboard a name that the internet knows, behind a proxy with TLS, and put that name into the URL."}
	case ip != nil && ip.IsPrivate():
		return ui.Notice{Tone: ui.Warn, Title: "YCM can't reach this address", Text: "It belongs to a private network. Put the name under which the internet reaches Cordboard into the URL."}
	case strings.HasPrefix(url, "http://"):
		return ui.Notice{Tone: ui.Warn, Title: "This address has no TLS", Text: "Reports are signed, so nobody can forge one; without TLS everybody on the way can read your customers' numbers."}
	}
	return ui.Notice{}
}

func pathBadge(state fleet.PathState) ui.Badge {
	switch state {
	case fleet.PathHealthy:
		return ui.Badge{Tone: ui.Ok, Label: "Healthy"}
	case fleet.PathSilent:
		return ui.Badge{Tone: ui.Warn, Label: "Silent"}
	case fleet.PathSuspicious:
		return ui.Badge{Tone: ui.Warn, Label: "Look at it"}
	case fleet.PathBroken:
		return ui.Badge{Tone: ui.Bad, Label: "Looks broken"}
	}
	return ui.Badge{Tone: ui.Mute, Label: "Nothing yet"}
}

// pulse is the health of the webhook path as pages show it.
func (s *Server) pulse(ctx context.Context, h fleet.InboxHealth) (views.WebhookHealth, error) {
	v, err := s.Ingester.Judge(ctx)
	if err != nil {
		return views.WebhookHealth{}, err
	}
	now := s.Now()
	view := views.WebhookHealth{State: pathBadge(v.State), Sentence: v.Sentence, Last: ui.At(h.LastAt, now), Since: ui.At(v.Since, now), Hints: v.Hints}
	switch {
	case v.State == fleet.PathSuspicious && len(v.Evidence) == 0 && h.Dead > 0:
		view.Setup = ui.Link{Label: "See what can't be understood", Href: href.With(href.Webhooks, "state", string(fleet.DeliveryDead))}
	case v.State != fleet.PathHealthy:
		view.Setup = ui.Link{Label: "Webhook setup", Href: href.WebhookSetup}
	}
	for _, e := range v.Evidence {
		seen := views.PathSeen{Text: e.Text, Time: ui.At(e.At, now), Link: ui.Link{Label: "See the history", Href: href.History(int64(e.PBX))}}
		if e.Plan != "" {
			seen.Link = ui.Link{Label: "See the plan", Href: href.Plan(string(e.Plan))}
		}
		view.Evidence = append(view.Evidence, seen)
	}
	if h.Total == 0 && s.Ingester.Refused() == 0 {
		return view, nil
	}
	days, err := s.Inbox.DeliveryDays(ctx, now, homeDays)
	if err != nil {
		return view, err
	}
	view.Days = dayColumns(days, "report", false)
	view.Facts = []ui.Fact{{Label: "Last report", Time: view.Last}, {Label: "Reports", Text: thousands(h.Total)}, {Label: "Parked", Text: thousands(h.Parked)},
		{Label: "Dead", Text: thousands(h.Dead)}, {Label: "Bad signatures since the start", Text: thousands(s.Ingester.Refused())}}
	gap, err := s.Record.Restored(ctx)
	if fleet.KindOf(err) == fleet.KindNotFound {
		return view, nil
	}
	view.Facts = append(view.Facts, ui.Fact{Label: "Gap", Text: "What was reported " + between(gap.From, gap.To) + " is not in this record: it was restored from a copy."})
	return view, err
}
