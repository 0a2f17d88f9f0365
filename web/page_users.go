package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

func (s *Server) usersPage(c echo.Context) error {
	return s.renderUsers(c, http.StatusOK, func(*views.UsersPage) {})
}

// renderUsers shows who may do what; change is what the answer to a form adds.
func (s *Server) renderUsers(c echo.Context, status int, change func(*views.UsersPage)) error {
	ctx := c.Request().Context()
	members, err := s.People.Members(ctx)
	if err != nil {
		return err
	}
	invites, err := s.People.Invites(ctx)
	if err != nil {
		return err
	}
	view := views.UsersPage{Invite: inviteForm("", team.Viewer)}
	for _, m := range members {
		view.Rows = append(view.Rows, s.memberRow(m, who(c).user.ID))
	}
	for _, i := range invites {
		row := views.InviteRow{Name: i.Name, Text: inviteText(i), Expires: ui.At(i.ExpiresAt, s.Now()), State: ui.Badge{Tone: ui.Busy, Label: "Open"},
			Revoke: views.FormAction{Href: href.RevokeInvite(i.ID), Label: "Take back"}}
		if !i.Live(s.Now()) {
			row.State = ui.Badge{Tone: ui.Mute, Label: "Expired"}
		}
		view.Invites = append(view.Invites, row)
	}
	change(&view)
	return s.render(c, status, views.Users(s.shell(c, "Users", views.SectionSettings), view))
}

func inviteText(i team.Invite) string {
	if i.User != 0 {
		return "for a new password, by " + i.MadeBy
	}
	return "as " + string(i.Role) + ", by " + i.MadeBy
}

func (s *Server) memberRow(m team.Member, self team.UserID) views.UserRow {
	row := views.UserRow{Href: href.User(int64(m.ID)), Name: m.Name, Role: string(m.Role), Seen: ui.At(m.SeenAt, s.Now()), State: ui.Badge{Tone: ui.Ok, Label: "Active"}}
	switch {
	case !m.EndedAt.IsZero():
		row.State = ui.Badge{Tone: ui.Mute, Label: "Deactivated"}
	case m.ID == self:
		row.You = true
	}
	switch {
	case m.SingleOn && m.Second:
		row.Ways = "Single sign-on, second factor here"
	case m.SingleOn:
		row.Ways = "Single sign-on"
	case m.Second:
		row.Ways = "Password and second factor"
	default:
		row.Ways = "Password alone"
	}
	return row
}

func inviteForm(name string, role team.Role) views.InviteForm {
	return views.InviteForm{
		Name: ui.Field{Name: "username", Label: "User name", Value: name, Help: "A mail address will do.", Required: true},
		Role: roleSelect(role, team.Admin),
	}
}

// roleSelect offers the roles up to one.
func roleSelect(chosen, up team.Role) ui.Select {
	sel := ui.Select{Name: "role", Label: "Role"}
	for _, r := range team.Roles() {
		if up.AtLeast(r) {
			sel.Options = append(sel.Options, ui.Option{Value: string(r), Label: roleWords[r], Selected: r == chosen})
		}
	}
	return sel
}

var roleWords = map[team.Role]string{
	team.Viewer: "Viewer: sees everything but secrets", team.Operator: "Operator: makes and confirms plans", team.Admin: "Admin: manages people and settings too",
}

// invite makes an invitation. Its link is in the answer and nowhere else, so that the answer is the page
// itself.
func (s *Server) invite(c echo.Context) error {
	r := c.Request()
	name, nameErr := team.CleanUsername(r.PostForm.Get("username"))
	role, roleErr := team.ParseRole(r.PostForm.Get("role"))
	form := inviteForm(r.PostForm.Get("username"), role)
	complain(&form.Name, &form.Errors, nameErr)
	if roleErr != nil {
		form.Role.Error = "Choose a role."
		form.Errors = append(form.Errors, ui.FieldError{Field: "role", Message: form.Role.Error})
	}
	refused := func(status int) error {
		return s.renderUsers(c, status, func(view *views.UsersPage) { view.Invite = form })
	}
	if len(form.Errors) > 0 {
		return refused(http.StatusUnprocessableEntity)
	}
	i, key := team.NewInvite(name, role, who(c).user.Name, s.Now())
	e := s.act(c, audit.UserInvite, name)
	e.After = roleText(role)
	err := s.People.SaveInvite(r.Context(), i, key.Hash(), e)
	if taken, ok := errors.AsType[*fleet.Error](err); ok && taken.Kind == fleet.KindConflict {
		form.Name.Error = taken.Msg
		form.Errors = []ui.FieldError{{Field: "username", Message: taken.Msg}}
		return refused(http.StatusConflict)
	}
	if err != nil {
		return err
	}
	return s.showLink(c, i, key)
}

// showLink answers with the page that shows an invitation's link, once.
func (s *Server) showLink(c echo.Context, i team.Invite, key team.Key) error {
	return s.renderUsers(c, http.StatusOK, func(view *views.UsersPage) {
		view.Link = &views.InviteLink{Name: i.Name, URL: s.publicBase(c) + href.With(href.Join, fieldInvite, key.Reveal()), Expires: ui.At(i.ExpiresAt, s.Now())}
	})
}

// publicBase is the address under which people reach these pages.
func (s *Server) publicBase(c echo.Context) string {
	if settings, err := s.Notifier.Settings(c.Request().Context()); err == nil && settings.Common.Base != "" {
		return strings.TrimSuffix(settings.Common.Base, "/")
	}
	return s.base(c)
}

// act is the entry of an act that succeeds with what it records.
func (s *Server) act(c echo.Context, action audit.Action, target string) audit.Entry {
	return audit.Entry{At: s.Now(), Actor: who(c).user.Name, Action: action, Target: target, Outcome: audit.Succeeded, IP: c.RealIP()}
}

func (s *Server) revokeInvite(c echo.Context) error {
	id, err := idParam(c, "invite", "The invitation")
	if err != nil {
		return err
	}
	if err := s.People.EndInvite(c.Request().Context(), id, s.act(c, audit.UserUninvite, "invitation "+c.Param("invite"))); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Users)
}
