package web

import (
	"fmt"
	"math"
	"net/http"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

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
	if err := s.sessions.begin(c.Response(), r, user.ID, c.RealIP()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Home)
}
