package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/factor"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
)

// halfwayCookie is of somebody whose password was right and whose code is still asked for; halfwayLasts
// is how long that takes at most.
const (
	halfwayCookie = "cordboard-halfway"
	halfwayLasts  = 5 * time.Minute
)

// halfway is who stands between password and code. It is no session: it opens the second form alone.
type halfway struct {
	User  team.UserID
	Proof string // of the password that was right: a new one ends this
	At    time.Time
}

func proofOf(hash team.PasswordHash) string {
	sum := sha256.Sum256([]byte(hash))
	return hex.EncodeToString(sum[:8])
}

// atTheDoor is who stands between password and code, or the zero user, with the proof of the password.
func (s *Server) atTheDoor(c echo.Context) (team.User, string, error) {
	var h halfway
	if !s.sessions.lent(c.Request(), halfwayCookie, &h) || s.Now().Sub(h.At) >= halfwayLasts {
		return team.User{}, "", nil
	}
	user, err := s.People.User(c.Request().Context(), h.User)
	if err == nil {
		var hash team.PasswordHash
		if _, hash, err = s.People.UserByName(c.Request().Context(), user.Name); err == nil && proofOf(hash) == h.Proof {
			return user, h.Proof, nil
		}
	}
	if err != nil && fleet.KindOf(err) != fleet.KindNotFound {
		return team.User{}, "", err
	}
	return team.User{}, "", nil
}

func (s *Server) loginCodePage(c echo.Context) error {
	next := ownPath(c.QueryParam(fieldNext))
	user, _, err := s.atTheDoor(c)
	if err != nil {
		return err
	}
	if user.ID == 0 {
		return c.Redirect(http.StatusSeeOther, href.With(href.Login, fieldNext, next))
	}
	return s.renderLoginCode(c, http.StatusOK, views.LoginCodePage{Next: next})
}

func (s *Server) renderLoginCode(c echo.Context, status int, p views.LoginCodePage) error {
	return s.render(c, status, views.LoginCode(s.shell(c, "Sign in", views.SectionNone), p))
}

// loginCode takes the second factor. Tries count for the account wherever they come from: who gets here
// knows the password, so that nobody can hold a colleague up by guessing alone.
func (s *Server) loginCode(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	page := views.LoginCodePage{Next: ownPath(r.PostForm.Get(fieldNext))}
	user, proof, err := s.atTheDoor(c)
	if err != nil {
		return err
	}
	if user.ID == 0 {
		return c.Redirect(http.StatusSeeOther, href.With(href.Login, fieldNext, page.Next))
	}
	if wait := s.throttle.TryAccount(user.Name, s.Now()); wait > 0 {
		return s.slowDown(c, wait, user.Name, audit.FactorUse, func(status int, problem string) error {
			page.Problem = problem
			return s.renderLoginCode(c, status, page)
		})
	}
	recovery, err := s.Factors.Check(r.Context(), user.ID, r.PostForm.Get("code"))
	if errors.Is(err, factor.ErrWrong) {
		if err := s.recordOf(c, user.Name, audit.FactorUse, audit.Refused, ""); err != nil {
			return err
		}
		page.Problem = "This code does not count. Each works once: wait for the next."
		return s.renderLoginCode(c, http.StatusUnauthorized, page)
	}
	if err != nil {
		return err
	}
	s.throttle.AccountSucceeded(user.Name)
	takeBack(c.Response(), r, halfwayCookie)
	how := "With a code of the app."
	if recovery {
		how = "With a recovery code."
	}
	return s.admit(c, user, proof, how, page.Next)
}
