package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// idParam is a number of our own in the address; what is none names nothing.
func idParam(c echo.Context, name, what string) (int64, error) {
	id, ok := form.ID(c.Param(name))
	if !ok {
		return 0, fleet.NotFound("web.idParam", what)
	}
	return id, nil
}

// member is the user that the address names.
func (s *Server) member(c echo.Context) (team.Member, error) {
	id, err := idParam(c, "user", "The user")
	if err != nil {
		return team.Member{}, err
	}
	return s.People.Member(c.Request().Context(), team.UserID(id))
}

func (s *Server) userPage(c echo.Context) error {
	m, err := s.member(c)
	if err != nil {
		return err
	}
	row := s.memberRow(m, who(c).user.ID)
	view := views.UserPage{Row: row, Facts: []ui.Fact{{Label: "Signs in with", Text: row.Ways}, {Label: "Since", Time: ui.At(m.MadeAt, s.Now())}, lastSeen(row.Seen)}}
	id := int64(m.ID)
	if !m.EndedAt.IsZero() {
		view.Facts = append(view.Facts, ui.Fact{Label: "Deactivated", Time: ui.At(m.EndedAt, s.Now())})
		view.Acts = []views.FormAction{{Href: href.UserAct(id, "activate"), Label: "Let sign in again", Text: "With the password and second factor of before. Tokens stay revoked."}}
		return s.render(c, http.StatusOK, views.UserDetail(s.shell(c, m.Name, views.SectionSettings), view))
	}
	if m.SingleOn {
		view.RoleText = "The role follows the groups at the identity provider with every sign-in."
	}
	view.Role, view.RoleHref = roleSelect(m.Role, team.Admin), href.UserAct(id, "role")
	if m.LocalWord {
		view.Acts = append(view.Acts, views.FormAction{Href: href.UserAct(id, "reset"), Label: "Make a link for a new password", Text: "For somebody who forgot theirs. It works once, for three days; until then the old password stays."})
	}
	if m.Second {
		view.Acts = append(view.Acts, views.FormAction{Href: href.UserAct(id, "drop-second-factor"), Label: "Take the second factor away", Text: "For somebody whose phone and recovery codes are lost."})
	}
	view.Danger = &views.FormAction{Href: href.UserAct(id, "deactivate"), Label: "Deactivate " + m.Name, Text: "Ends every session and every token at once. What was done stays in the record."}
	return s.render(c, http.StatusOK, views.UserDetail(s.shell(c, m.Name, views.SectionSettings), view))
}

func lastSeen(at ui.Time) ui.Fact {
	if at.ISO == "" {
		return ui.Fact{Label: "Last seen", Text: "never"}
	}
	return ui.Fact{Label: "Last seen", Time: at}
}

func (s *Server) changeRole(c echo.Context) error {
	m, err := s.member(c)
	if err != nil {
		return err
	}
	role, err := team.ParseRole(c.Request().PostForm.Get("role"))
	if err != nil {
		return fleet.Invalid("web.changeRole", "The role was not changed.", fleet.Field{Name: "role", Rule: "Choose a role."})
	}
	e := s.act(c, audit.UserRole, m.Name)
	e.Before, e.After = roleText(m.Role), roleText(role)
	return s.changed(c, e, m.ID, func(ctx context.Context) error { return s.People.SetRole(ctx, m.ID, role, e) })
}

func (s *Server) deactivate(c echo.Context) error {
	return s.onMember(c, audit.UserDeactivate, s.People.Deactivate)
}

func (s *Server) activate(c echo.Context) error {
	return s.onMember(c, audit.UserActivate, s.People.Activate)
}

// dropFactorOf helps somebody whose phone and recovery codes are lost.
func (s *Server) dropFactorOf(c echo.Context) error {
	m, err := s.member(c)
	if err != nil {
		return err
	}
	if err := s.Factors.Drop(c.Request().Context(), by(c), m.User); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.User(int64(m.ID)))
}

func (s *Server) onMember(c echo.Context, action audit.Action, do func(context.Context, team.UserID, audit.Entry) error) error {
	m, err := s.member(c)
	if err != nil {
		return err
	}
	e := s.act(c, action, m.Name)
	return s.changed(c, e, m.ID, func(ctx context.Context) error { return do(ctx, m.ID, e) })
}

// changed carries an act on a user out; that it was refused is recorded too.
func (s *Server) changed(c echo.Context, e audit.Entry, id team.UserID, do func(context.Context) error) error {
	ctx := c.Request().Context()
	err := do(ctx)
	if err != nil && fleet.KindOf(err) == fleet.KindConflict {
		e.Outcome, e.Reason = audit.Refused, describe(err).Detail
		if err := s.Record.AppendAudit(ctx, e); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.User(int64(id)))
}

// resetUser makes a link by which a user chooses a new password.
func (s *Server) resetUser(c echo.Context) error {
	m, err := s.member(c)
	if err != nil {
		return err
	}
	if !m.EndedAt.IsZero() || !m.LocalWord {
		return &fleet.Error{Kind: fleet.KindConflict, Op: "web.resetUser", Msg: m.Name + " does not sign in with a password."}
	}
	i, key := team.NewInvite(m.Name, m.Role, who(c).user.Name, s.Now())
	i.User = m.ID
	if err := s.People.SaveInvite(c.Request().Context(), i, key.Hash(), s.act(c, audit.UserReset, m.Name)); err != nil {
		return err
	}
	return s.showLink(c, i, key)
}
