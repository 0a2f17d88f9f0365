package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

func (s *Server) healthz(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

func (s *Server) readyz(c echo.Context) error {
	if err := s.Ready(c.Request().Context()); err != nil {
		return &fleet.Error{Kind: fleet.KindUnavailable, Op: "web.readyz", Msg: "The database does not answer.", Err: err}
	}
	return c.String(http.StatusOK, "ready\n")
}

func (s *Server) loginPage(c echo.Context) error {
	if who(c).user.ID != 0 {
		return c.Redirect(http.StatusSeeOther, href.Home)
	}
	has, err := s.People.HasUsers(c.Request().Context())
	if err != nil {
		return err
	}
	if !has {
		return c.Redirect(http.StatusSeeOther, href.Setup)
	}
	return s.renderLogin(c, http.StatusOK, views.LoginPage{Next: ownPath(c.QueryParam(fieldNext))})
}

func (s *Server) renderLogin(c echo.Context, status int, p views.LoginPage) error {
	if s.Provider != nil {
		p.Provider, p.ProviderName = href.With(href.Provider, fieldNext, p.Next), s.Provider.Name()
	}
	return s.render(c, status, views.Login(s.shell(c, "Sign in", views.SectionNone), p))
}

func (s *Server) login(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	page := views.LoginPage{Username: strings.TrimSpace(r.PostForm.Get("username")), Next: ownPath(r.PostForm.Get("next"))}
	name := strings.ToLower(page.Username)
	user, hash, err := s.People.UserByName(r.Context(), name)
	if err != nil && fleet.KindOf(err) != fleet.KindNotFound {
		return err
	}
	recorded := user.Name
	if user.ID == 0 {
		recorded = strangerName
	}
	if wait := s.throttle.Try(name, address(c), s.Now()); wait > 0 {
		return s.slowDown(c, wait, recorded, audit.SignIn, func(status int, problem string) error {
			page.Problem = problem
			return s.renderLogin(c, status, page)
		})
	}
	err = s.Hasher.Verify(r.Context(), team.Password(r.PostForm.Get("password")), hash)
	if errors.Is(err, team.ErrWrongPassword) {
		if err := s.recordOf(c, recorded, audit.SignIn, audit.Refused, ""); err != nil {
			return err
		}
		page.Problem = "Wrong user name or password."
		return s.renderLogin(c, http.StatusUnauthorized, page)
	}
	if err != nil {
		return err
	}
	s.throttle.Succeeded(name, address(c))
	return s.enter(c, user, hash, page.Next)
}

// enter is what follows a right password: the second factor where the user has one, else the session.
func (s *Server) enter(c echo.Context, user team.User, hash team.PasswordHash, next string) error {
	_, err := s.Factors.Of(c.Request().Context(), user.ID)
	switch {
	case err == nil:
		if err := s.sessions.lend(c.Response(), c.Request(), halfwayCookie, halfway{user.ID, proofOf(hash), s.Now()}, halfwayLasts); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, href.With(href.LoginCode, fieldNext, next))
	case fleet.KindOf(err) != fleet.KindNotFound:
		return err
	}
	return s.admit(c, user, proofOf(hash), "", next)
}

// admit records a sign-in and begins its session. proof is of the password that was right, empty at the identity
// provider: one that was replaced while it was checked opens nothing, or its holder would outlive the end of all sessions.
func (s *Server) admit(c echo.Context, user team.User, proof, how, next string) error {
	if err := s.recordOf(c, user.Name, audit.SignIn, audit.Succeeded, how); err != nil {
		return err
	}
	if err := s.sessions.begin(c.Response(), c.Request(), user.ID, c.RealIP()); err != nil {
		return err
	}
	if proof != "" {
		_, hash, err := s.People.UserByName(c.Request().Context(), user.Name)
		if absent(err) != nil {
			return err
		}
		if proofOf(hash) != proof {
			return s.leave(c, user.Name, "The password was replaced meanwhile.")
		}
	}
	return c.Redirect(http.StatusSeeOther, next)
}

// strangerName stands in the record for a name that no user has: now and then somebody types a
// password there.
const strangerName = "(unknown user)"

func (s *Server) logout(c echo.Context) error { return s.leave(c, who(c).user.Name, "") }

// leave records the end of a session and ends it.
func (s *Server) leave(c echo.Context, name, why string) error {
	if err := s.recordOf(c, name, audit.SignOut, audit.Succeeded, why); err != nil {
		return err
	}
	if err := s.sessions.end(c.Response(), c.Request()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Login)
}

func complain(field *ui.Field, errs *[]ui.FieldError, err error) {
	if broken, ok := errors.AsType[*team.RuleError](err); ok {
		field.Error = broken.Msg
		*errs = append(*errs, ui.FieldError{Field: field.Name, Message: broken.Msg})
	}
}

// ownPath keeps a redirect inside Cordboard, and what can't stand in a header out of it.
func ownPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, "\\") {
		return href.Home
	}
	return u.RequestURI()
}
