package web

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
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
	return s.renderLogin(c, http.StatusOK, views.LoginPage{Next: ownPath(c.QueryParam("next"))})
}

func (s *Server) renderLogin(c echo.Context, status int, p views.LoginPage) error {
	return s.render(c, status, views.Login(s.shell(c, "Sign in", views.SectionNone), p))
}

func (s *Server) login(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	page := views.LoginPage{Username: strings.TrimSpace(r.PostForm.Get("username")), Next: ownPath(r.PostForm.Get("next"))}
	name := strings.ToLower(page.Username)
	if wait := s.throttle.Try(name, address(c), s.Now()); wait > 0 {
		seconds := int(math.Ceil(wait.Seconds()))
		c.Response().Header().Set("Retry-After", fmt.Sprint(seconds))
		page.Problem = fmt.Sprintf("Too many attempts. Try again in %s.", time.Duration(seconds)*time.Second)
		return s.renderLogin(c, http.StatusTooManyRequests, page)
	}
	user, hash, err := s.People.UserByName(r.Context(), name)
	if err != nil && fleet.KindOf(err) != fleet.KindNotFound {
		return err
	}
	err = s.Hasher.Verify(r.Context(), team.Password(r.PostForm.Get("password")), hash)
	if errors.Is(err, team.ErrWrongPassword) {
		if user.ID == 0 {
			name = strangerName
		}
		if err := s.recordSignIn(c, name, audit.Refused); err != nil {
			return err
		}
		page.Problem = "Wrong user name or password."
		return s.renderLogin(c, http.StatusUnauthorized, page)
	}
	if err != nil {
		return err
	}
	s.throttle.Succeeded(name, address(c))
	if err := s.recordSignIn(c, name, audit.Succeeded); err != nil {
		return err
	}
	if err := s.sessions.begin(c.Response(), r, user.ID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, page.Next)
}

// strangerName stands in the record for a name that no user has: now and then somebody types a
// password there.
const strangerName = "(unknown user)"

func (s *Server) recordSignIn(c echo.Context, name string, outcome audit.Outcome) error {
	return s.Record.AppendAudit(c.Request().Context(), audit.Entry{
		At: s.Now(), Actor: name, Action: audit.SignIn, Target: name, Outcome: outcome, IP: c.RealIP(),
	})
}

func (s *Server) logout(c echo.Context) error {
	e := audit.Entry{At: s.Now(), Actor: who(c).user.Name, Action: audit.SignOut, Target: who(c).user.Name, Outcome: audit.Succeeded, IP: c.RealIP()}
	if err := s.Record.AppendAudit(c.Request().Context(), e); err != nil {
		return err
	}
	if err := s.sessions.end(c.Response(), c.Request()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Login)
}

// noSetup is the answer of /setup once a user exists: the page is gone.
func (s *Server) noSetup(c echo.Context) error {
	has, err := s.People.HasUsers(c.Request().Context())
	if err != nil {
		return err
	}
	if has {
		return fleet.NotFound("web.setup", "The setup page")
	}
	return nil
}

func (s *Server) setupPage(c echo.Context) error {
	if err := s.noSetup(c); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, views.Setup(s.shell(c, "Set up", views.SectionNone), views.NewSetupPage()))
}

func (s *Server) setup(c echo.Context) error {
	if err := s.noSetup(c); err != nil {
		return err
	}
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	page := views.NewSetupPage()
	page.Username.Value = r.PostForm.Get("username")
	if wait := s.throttle.Try("setup", address(c), s.Now()); wait > 0 {
		c.Response().Header().Set("Retry-After", fmt.Sprint(int(math.Ceil(wait.Seconds()))))
		page.Code.Error = "Too many attempts. Wait a moment."
		page.Errors = []ui.FieldError{{Field: "code", Message: page.Code.Error}}
		return s.render(c, http.StatusTooManyRequests, views.Setup(s.shell(c, "Set up", views.SectionNone), page))
	}
	name, nameErr := team.CleanUsername(page.Username.Value)
	password := team.Password(r.PostForm.Get("password"))
	complain(&page.Username, &page.Errors, nameErr)
	complain(&page.Password, &page.Errors, team.CheckPassword(name, password))
	if !s.SetupCode.Matches(r.PostForm.Get("code")) {
		page.Code.Error = "This is not the code that was printed on the terminal."
		page.Errors = append(page.Errors, ui.FieldError{Field: "code", Message: page.Code.Error})
	}
	if len(page.Errors) > 0 {
		return s.render(c, http.StatusUnprocessableEntity, views.Setup(s.shell(c, "Set up", views.SectionNone), page))
	}
	hash, err := s.Hasher.Hash(r.Context(), password)
	if err != nil {
		return err
	}
	s.first.Lock()
	defer s.first.Unlock()
	if err := s.noSetup(c); err != nil {
		return err // somebody else was faster
	}
	user, err := s.People.CreateUser(r.Context(), team.User{Name: name, Role: team.Admin}, hash,
		audit.Entry{At: s.Now(), Actor: name, Action: audit.UserCreate, Target: name, Outcome: audit.Succeeded, IP: c.RealIP()})
	if err != nil {
		return err
	}
	if err := s.sessions.begin(c.Response(), r, user.ID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Home)
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
