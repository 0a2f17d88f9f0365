package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

const fieldInvite = "invite"

// invited finds the invitation of a key. What was used, taken back or is too old is gone. Keys are too long
// to be guessed, so that nothing is throttled here: no password is hashed without one.
func (s *Server) invited(c echo.Context, key team.Key) (team.Invite, error) {
	i, err := s.People.Invite(c.Request().Context(), key.Hash())
	if err != nil && fleet.KindOf(err) != fleet.KindNotFound {
		return i, err
	}
	if err != nil || !i.Live(s.Now()) {
		return i, &fleet.Error{Kind: fleet.KindNotFound, Op: "web.join", Msg: "This invitation was used already, was taken back, or is too old. Ask an admin for a new one."}
	}
	return i, nil
}

func (s *Server) joinPage(c echo.Context) error {
	key := team.Key(c.QueryParam(fieldInvite))
	i, err := s.invited(c, key)
	if err != nil {
		return err
	}
	return s.renderJoin(c, http.StatusOK, joinForm(i, key))
}

func joinForm(i team.Invite, key team.Key) views.JoinPage {
	page := views.JoinPage{Key: key.Reveal(), Name: i.Name, Title: "Welcome to Cordboard", Button: "Join",
		Text:     "You were invited as " + string(i.Role) + ". Choose a password: only you will know it.",
		Password: views.NewSetupPage().Password}
	page.Password.Focus = true
	if i.User != 0 {
		page.Title, page.Button, page.Text = "A new password", "Set the password", "It ends every session that is open under your name."
	}
	return page
}

func (s *Server) renderJoin(c echo.Context, status int, page views.JoinPage) error {
	return s.render(c, status, views.Join(s.shell(c, page.Title, views.SectionNone), page))
}

// join takes the password that an invited person chose, and lets them in.
func (s *Server) join(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	key := team.Key(r.PostForm.Get(fieldInvite))
	i, err := s.invited(c, key)
	if err != nil {
		return err
	}
	password := team.Password(r.PostForm.Get("password"))
	if err := team.CheckPassword(i.Name, password); err != nil {
		page := joinForm(i, key)
		complain(&page.Password, &page.Errors, err)
		return s.renderJoin(c, http.StatusUnprocessableEntity, page)
	}
	hash, err := s.Hasher.Hash(r.Context(), password)
	if err != nil {
		return err
	}
	e := audit.Entry{At: s.Now(), Actor: i.Name, Action: audit.UserCreate, Target: i.Name, Outcome: audit.Succeeded, IP: c.RealIP(),
		Reason: "Invited by " + i.MadeBy + ".", After: roleText(i.Role)}
	if i.User != 0 {
		e.Action, e.After = audit.UserPassword, nil
	}
	user, err := s.People.Accept(r.Context(), i, hash, e)
	if err != nil {
		return err
	}
	return s.enter(c, user, hash, href.Home)
}

// fieldErrors puts what is wrong with a form beside its fields and into its summary.
func fieldErrors(err *fleet.Error, fields ...*ui.Field) []ui.FieldError {
	summary := make([]ui.FieldError, 0, len(err.Fields))
	for _, f := range err.Fields {
		for _, field := range fields {
			if field.Name == f.Name {
				field.Error = f.Rule
			}
		}
		summary = append(summary, ui.FieldError{Field: f.Name, Message: f.Rule})
	}
	return summary
}
