package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

func (s *Server) tokensPage(c echo.Context) error {
	return s.renderTokens(c, http.StatusOK, func(*views.TokensPage) {})
}

// renderTokens shows one's own tokens, and to admins all of them.
func (s *Server) renderTokens(c echo.Context, status int, change func(*views.TokensPage)) error {
	tokens, err := s.Tokens.Tokens(c.Request().Context())
	if err != nil {
		return err
	}
	user := who(c).user
	view := views.TokensPage{Form: tokenForm("", team.Viewer, user.Role, ""), All: user.Can(team.Admin)}
	for _, t := range tokens {
		if mayRevoke(user, t) {
			view.Rows = append(view.Rows, s.tokenRow(t))
		}
	}
	change(&view)
	return s.render(c, status, views.Tokens(s.shell(c, "API tokens", views.SectionSettings), view))
}

// mayRevoke also says who sees a token: its owner, and admins.
func mayRevoke(u team.User, t team.Token) bool { return u.Can(team.Admin) || t.Owner.ID == u.ID }

func (s *Server) tokenRow(t team.Token) views.TokenRow {
	row := views.TokenRow{Name: t.Name, Role: string(t.User().Role), Owner: t.Owner.Name, Used: ui.At(t.UsedAt, s.Now()), Expires: ui.At(t.ExpiresAt, s.Now()),
		State: ui.Badge{Tone: ui.Ok, Label: "Active"}, Revoke: views.FormAction{Href: href.RevokeToken(t.ID), Label: "Revoke"}}
	if !t.Live(s.Now()) {
		row.State = ui.Badge{Tone: ui.Mute, Label: "Expired"}
	}
	if t.Owner.ID == 0 {
		row.Owner = "made on the terminal"
	}
	return row
}

// tokenDays are the lifetimes that the form offers.
var tokenDays = []int{7, 30, 90, 365}

func tokenForm(name string, role, up team.Role, days string) views.TokenForm {
	form := views.TokenForm{Name: ui.Field{Name: "name", Label: "Name", Value: name, Help: "What uses it: monitoring, crm-sync.", Required: true},
		Role: roleSelect(role, up), Expires: ui.Select{Name: "expires", Label: "Works for"}}
	if days == "" {
		days = strconv.Itoa(int(team.TokenDefault.Hours() / 24))
	}
	for _, d := range tokenDays {
		form.Expires.Options = append(form.Expires.Options, ui.Option{Value: strconv.Itoa(d), Label: count(d, "day"), Selected: strconv.Itoa(d) == days})
	}
	return form
}

// addToken makes a token. It is in the answer and nowhere else, so that the answer is the page itself.
func (s *Server) addToken(c echo.Context) error {
	r, user := c.Request(), who(c).user
	name, role := strings.TrimSpace(r.PostForm.Get("name")), team.Role(r.PostForm.Get("role"))
	days, _ := strconv.Atoi(r.PostForm.Get("expires")) // 0 is told as a field
	form := tokenForm(name, role, user.Role, r.PostForm.Get("expires"))
	refused := func(status int) error {
		return s.renderTokens(c, status, func(view *views.TokensPage) { view.Form = form })
	}
	lifetime := time.Duration(min(days, 10_000)) * 24 * time.Hour
	if broken, ok := errors.AsType[*team.RuleError](team.CheckToken(name, role, user.Role, lifetime)); ok {
		switch broken.Field {
		case "name":
			form.Name.Error = broken.Msg
		case "role":
			form.Role.Error = broken.Msg
		default:
			form.Expires.Error = broken.Msg
		}
		form.Errors = []ui.FieldError{{Field: broken.Field, Message: broken.Msg}}
		return refused(http.StatusUnprocessableEntity)
	}
	t, key := team.NewToken(name, role, user, s.Now(), lifetime)
	e := s.act(c, audit.TokenCreate, name)
	var err error
	if e.After, err = json.Marshal(map[string]any{"role": role, "expires_at": t.ExpiresAt.Format(time.RFC3339)}); err != nil {
		return err
	}
	err = s.Tokens.SaveToken(r.Context(), t, key.Hash(), e)
	if taken, ok := errors.AsType[*fleet.Error](err); ok && taken.Kind == fleet.KindConflict {
		form.Name.Error, form.Errors = taken.Msg, []ui.FieldError{{Field: "name", Message: taken.Msg}}
		return refused(http.StatusConflict)
	}
	if err != nil {
		return err
	}
	return s.renderTokens(c, http.StatusOK, func(view *views.TokensPage) {
		view.Fresh = &views.FreshToken{Name: name, Key: key.Reveal(), Expires: ui.At(t.ExpiresAt, s.Now())}
	})
}

func (s *Server) revokeToken(c echo.Context) error {
	id, err := idParam(c, "token", "The token")
	if err != nil {
		return err
	}
	tokens, err := s.Tokens.Tokens(c.Request().Context())
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if t.ID == id && mayRevoke(who(c).user, t) {
			if err := s.Tokens.RevokeToken(c.Request().Context(), id, s.act(c, audit.TokenRevoke, t.Name)); err != nil {
				return err
			}
			return c.Redirect(http.StatusSeeOther, href.Tokens)
		}
	}
	return fleet.NotFound("web.revokeToken", "The token")
}
