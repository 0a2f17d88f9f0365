package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/door"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// webhookSetupPage tells what to enter in YCM's portal, and takes the secret that it made.
func (s *Server) webhookSetupPage(c echo.Context) error {
	view, err := s.presentHookSetup(c)
	if err != nil {
		return err
	}
	if view.Add != nil && c.QueryParam("suggest") != "" {
		view.Add.Secret.Type, view.Add.Secret.Value = "text", door.Suggest()
		view.Add.Secret.Help = "Made up just now and stored nowhere: enter it in YCM too, where it takes one. It is not shown again."
	}
	return s.renderHookSetup(c, http.StatusOK, view)
}

func (s *Server) renderHookSetup(c echo.Context, status int, view views.WebhookSetupPage) error {
	return s.render(c, status, views.WebhookSetup(s.shell(c, "Webhook setup", views.SectionSettings), view))
}

func (s *Server) presentHookSetup(c echo.Context) (views.WebhookSetupPage, error) {
	ctx := c.Request().Context()
	health, err := s.Inbox.InboxHealth(ctx)
	if err != nil {
		return views.WebhookSetupPage{}, err
	}
	view := views.WebhookSetupPage{Live: "webhooks", Arrived: health.Total > 0, URL: s.base(c) + hookPath}
	if settings, err := s.Notifier.Settings(ctx); err == nil && settings.Common.Base != "" {
		view.URL = settings.Common.Base + hookPath
	}
	if view.Health, err = s.pulse(ctx, health); err != nil {
		return view, err
	}
	view.Health.Setup = ui.Link{}
	if view.Health.State.Tone == ui.Mute {
		view.Health.Hints = nil // the steps beside it say the same
	}
	view.Warning = unreachable(view.URL)
	s.presentSecrets(&view, who(c).user.Can(team.Admin))
	return view, nil
}

func (s *Server) presentSecrets(view *views.WebhookSetupPage, admin bool) {
	list := s.Door.List()
	switch {
	case len(list) == 0:
		view.Secret, view.Fixed = ui.Badge{Tone: ui.Bad, Label: "Not set"}, "Every report is refused until it is."
	case len(list) == 1:
		view.Secret = ui.Badge{Tone: ui.Ok, Label: "Set"}
	default:
		view.Secret, view.Fixed = ui.Badge{Tone: ui.Ok, Label: "Two are set"}, "Both are good, which a rotation needs. Take the old one out when YCM uses the new one."
	}
	if s.Door.Fixed() {
		view.Fixed = strings.TrimSpace("Given at the start (CORDBOARD_WEBHOOK_SECRET) and fixed here. It is never shown. " + view.Fixed)
	}
	if fe, ok := errors.AsType[*fleet.Error](s.Door.Trouble()); ok {
		view.Trouble = ui.Notice{Tone: ui.Bad, Title: "The stored secrets can't be opened", Text: fe.Msg}
	}
	for i, known := range list {
		row := views.WebhookSecret{Name: "Secret given at the start", Used: ui.At(known.UsedAt, s.Now())}
		if !known.Fixed {
			row.Name = "Set by " + known.AddedBy + ", " + ui.At(known.AddedAt, s.Now()).UTC
		} else if len(list) > 1 {
			row.Name += []string{", the first", ", the second"}[i]
		}
		switch {
		case known.UsedAt.IsZero() && known.Fixed:
			row.Unused = "No report came with it since the start."
		case known.UsedAt.IsZero():
			row.Unused = "No report came with it yet."
		}
		if admin && !known.Fixed && len(list) > 1 {
			row.Remove = &views.FormAction{Href: href.WebhookSecretRemove(known.ID), Label: "Remove", Text: "Reports signed with it are refused from then on."}
		}
		view.Secrets = append(view.Secrets, row)
	}
	if admin && !s.Door.Fixed() && len(list) < door.Most {
		view.Add = secretForm(len(list))
	}
}

func secretForm(have int) *views.NewWebhookSecret {
	f := &views.NewWebhookSecret{Button: "Set the secret", Suggest: ui.Link{Label: "Make one up", Href: href.With(href.WebhookSetup, "suggest", "yes")},
		Secret: ui.Field{Name: "secret", Label: "The secret that YCM shows", Type: "password", Autocomplete: "off", Mono: true, Help: "It is stored encrypted, and never shown."}}
	if have > 0 {
		f.Button, f.Secret.Label = "Add the new secret", "New secret"
		f.Secret.Help = "Add it here before YCM uses it: reports with the old one stay good until you remove it. It is stored encrypted, and never shown."
	}
	return f
}

// addSecret makes one more secret good.
func (s *Server) addSecret(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	err := s.Door.Add(r.Context(), by(c), r.PostForm.Get("secret"))
	fe, ok := errors.AsType[*fleet.Error](err)
	if !ok || fe.Kind != fleet.KindInvalid {
		if err == nil {
			return c.Redirect(http.StatusSeeOther, href.WebhookSetup)
		}
		return s.refused(c, err, webhookSecrets)
	}
	view, err := s.presentHookSetup(c)
	if err != nil || view.Add == nil {
		return errors.Join(fe, err)
	}
	view.Add.Secret.Error, view.Add.Secret.Focus = fe.Fields[0].Rule, true
	view.Add.Errors = []ui.FieldError{{Field: "secret", Message: fe.Fields[0].Rule}}
	return s.renderHookSetup(c, http.StatusUnprocessableEntity, view)
}

// webhookSecrets is the row of a change of the secrets that was refused.
var webhookSecrets = audit.Entry{Action: audit.SettingsUpdate, Target: "secrets of the webhook"}

// removeSecret ends one.
func (s *Server) removeSecret(c echo.Context) error {
	if err := s.Door.Remove(c.Request().Context(), by(c), c.Param("secret")); err != nil {
		return s.refused(c, err, webhookSecrets)
	}
	return c.Redirect(http.StatusSeeOther, href.WebhookSetup)
}
