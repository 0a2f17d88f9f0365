package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
)

// authenticate finds out who asks. A stranger stays the zero actor; guard decides what that means.
func (s *Server) authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if impersonal(c.Path()) {
			return next(c)
		}
		a, err := s.actorOf(c)
		if err != nil {
			return err
		}
		c.Set(actorKey, a)
		return next(c)
	}
}

// actorOf is who a request acts for. A token counts for scripts' addresses alone, and where one is given
// nothing else does.
func (s *Server) actorOf(c echo.Context) (actor, error) {
	r := c.Request()
	if forScripts(c) {
		if key, given := bearer(r); given {
			return s.script(c, key)
		}
	}
	if c.Path() == metricsPath {
		return actor{}, nil
	}
	session, err := s.sessions.current(r)
	if err != nil || session.User == 0 {
		return actor{}, err
	}
	user, err := s.People.User(r.Context(), session.User)
	if err != nil {
		return actor{}, absent(err)
	}
	return actor{user: user, session: session}, nil
}

func forScripts(c echo.Context) bool {
	return c.Path() == metricsPath || strings.HasPrefix(c.Path(), "/api/")
}

// bearer is the token that a request brings.
func bearer(r *http.Request) (key team.Key, given bool) {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return team.Key(strings.TrimSpace(rest)), strings.EqualFold(scheme, "Bearer")
}

// script is who a token acts for; a stranger when it does not count any more.
func (s *Server) script(c echo.Context, key team.Key) (actor, error) {
	ctx := c.Request().Context()
	t, err := s.Tokens.Token(ctx, key.Hash())
	if err != nil {
		return actor{}, absent(err)
	}
	if !t.Live(s.Now()) {
		return actor{}, nil
	}
	if t.NeedsTouch(s.Now()) {
		if err := noted(s.Tokens.TouchToken(ctx, t.ID, s.Now())); err != nil {
			return actor{}, err
		}
	}
	return actor{user: t.User(), script: true}, nil
}

// absent is nil for what is not there: a stranger, not a fault.
func absent(err error) error {
	if fleet.KindOf(err) == fleet.KindNotFound {
		return nil
	}
	return err
}
