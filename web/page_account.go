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

func (s *Server) accountPage(c echo.Context) error {
	return s.renderAccount(c, http.StatusOK, func(*views.AccountPage) {})
}

// renderAccount shows one's own ways in; change is what the answer to a form adds.
func (s *Server) renderAccount(c echo.Context, status int, change func(*views.AccountPage)) error {
	ctx, self := c.Request().Context(), who(c)
	m, err := s.People.Member(ctx, self.user.ID)
	if err != nil {
		return err
	}
	view := views.AccountPage{Name: m.Name, Role: string(m.Role), Factor: ui.Badge{Tone: ui.Warn, Label: "Not set up"},
		FactorText: "A password alone opens this account. An app on your phone makes codes that nobody can guess or phish as easily."}
	if m.LocalWord {
		view.Password = passwordForm()
	} else {
		view.Elsewhere = "You sign in at your identity provider; there is no password here."
	}
	if m.Second {
		f, err := s.Factors.Of(ctx, m.ID)
		if err != nil {
			return err
		}
		view.Factor, view.HasFactor = ui.Badge{Tone: ui.Ok, Label: "On"}, true
		view.FactorText = "Set up. " + count(f.Codes, "recovery code") + " left."
	}
	sessions, err := s.Sessions.SessionsOf(ctx, m.ID)
	if err != nil {
		return err
	}
	for _, one := range sessions {
		if one.Live(s.Now()) {
			view.Sessions = append(view.Sessions, s.sessionRow(one, self.session.Hash))
		}
	}
	change(&view)
	return s.render(c, status, views.Account(s.shell(c, "Your account", views.SectionSettings), view))
}

func (s *Server) sessionRow(one team.Session, own team.SessionHash) views.SessionRow {
	row := views.SessionRow{Agent: browserWords(one.Agent), Full: one.Agent, IP: one.IP, Began: ui.At(one.CreatedAt, s.Now()), Seen: ui.At(one.SeenAt, s.Now()), Own: one.Hash == own}
	if !row.Own {
		row.End = views.FormAction{Href: href.EndSession(one.Hash.Label()), Label: "End"}
	}
	return row
}

// browserWords is what a person recognises a browser by.
func browserWords(agent string) string {
	find := func(otherwise string, marks ...string) string {
		for i := 0; i+1 < len(marks); i += 2 {
			if strings.Contains(agent, marks[i]) {
				return marks[i+1]
			}
		}
		return otherwise
	}
	browser := find("", "Edg", "Edge", "Firefox/", "Firefox", "OPR/", "Opera", "Chrome/", "Chrome", "Safari/", "Safari")
	system := find("", "Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows", "Mac OS X", "macOS", "Linux", "Linux")
	switch {
	case browser == "":
		return "Unknown browser"
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func passwordForm() *views.PasswordForm {
	return &views.PasswordForm{
		Current: ui.Field{Name: "current", Label: "Current password", Type: "password", Autocomplete: "current-password", Required: true},
		New: ui.Field{Name: "password", Label: "New password", Type: "password", Autocomplete: "new-password", Required: true,
			Help: "At least 12 characters. A few words in a row are easy to remember and hard to guess."},
	}
}

// changePassword asks for the current one, ends every session, and begins this one anew.
func (s *Server) changePassword(c echo.Context) error {
	r, user := c.Request(), who(c).user
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	form := passwordForm()
	refused := func(status int) error {
		return s.renderAccount(c, status, func(view *views.AccountPage) { view.Password = form })
	}
	if wait := s.throttle.Try(user.Name, address(c), s.Now()); wait > 0 {
		return s.slowDown(c, wait, user.Name, audit.UserPassword, func(status int, problem string) error {
			form.Current.Error, form.Errors = problem, []ui.FieldError{{Field: "current", Message: problem}}
			return refused(status)
		})
	}
	_, old, err := s.People.UserByName(r.Context(), user.Name)
	if err != nil {
		return err
	}
	err = s.Hasher.Verify(r.Context(), team.Password(r.PostForm.Get("current")), old)
	if errors.Is(err, team.ErrWrongPassword) {
		if err := s.recordOf(c, user.Name, audit.UserPassword, audit.Refused, "Wrong current password."); err != nil {
			return err
		}
		form.Current.Error = "This is not your current password."
		form.Errors = []ui.FieldError{{Field: "current", Message: form.Current.Error}}
		return refused(http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	s.throttle.Succeeded(user.Name, address(c))
	password := team.Password(r.PostForm.Get("password"))
	if complain(&form.New, &form.Errors, team.CheckPassword(user.Name, password)); len(form.Errors) > 0 {
		return refused(http.StatusUnprocessableEntity)
	}
	hash, err := s.Hasher.Hash(r.Context(), password)
	if err == nil {
		err = s.People.SetPassword(r.Context(), user.Name, hash, s.act(c, audit.UserPassword, user.Name))
	}
	if err == nil {
		err = s.sessions.begin(c.Response(), r, user.ID, c.RealIP())
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Account)
}

func (s *Server) endOtherSessions(c echo.Context) error {
	self := who(c)
	e := s.act(c, audit.SessionEnd, self.user.Name)
	e.Reason = "All others of this user."
	if err := s.Sessions.EndOtherSessions(c.Request().Context(), self.user.ID, self.session.Hash, e); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Account)
}

func (s *Server) endSession(c echo.Context) error {
	ctx, self := c.Request().Context(), who(c)
	sessions, err := s.Sessions.SessionsOf(ctx, self.user.ID)
	if err != nil {
		return err
	}
	for _, one := range sessions {
		if one.Hash.Label() == c.Param("session") {
			if err := s.Sessions.EndSession(ctx, self.user.ID, one.Hash, s.act(c, audit.SessionEnd, self.user.Name)); err != nil {
				return err
			}
			return c.Redirect(http.StatusSeeOther, href.Account)
		}
	}
	return fleet.NotFound("web.endSession", "The session")
}
