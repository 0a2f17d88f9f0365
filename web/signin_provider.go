package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/sso"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
)

// attemptCookie keeps a sign-in that is under way at the identity provider.
const attemptCookie = "cordboard-attempt"

// toProvider leads to the identity provider. It is a link and no form: the policy of our pages lets no
// form lead elsewhere.
func (s *Server) toProvider(c echo.Context) error {
	if s.Provider == nil {
		return fleet.NotFound("web.toProvider", "Single sign-on")
	}
	address, attempt, err := s.Provider.Begin(c.Request().Context(), s.callback(c), ownPath(c.QueryParam(fieldNext)), c.QueryParam("again") != "")
	if err != nil {
		return err
	}
	if err := s.sessions.lend(c.Response(), c.Request(), attemptCookie, attempt, sso.Lasts); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, address)
}

// callback is where the provider sends the browser back to.
func (s *Server) callback(c echo.Context) string {
	base := s.base(c)
	if settings, err := s.Notifier.Settings(c.Request().Context()); err == nil && settings.Common.Base != "" {
		base = settings.Common.Base
	}
	return base + href.ProviderBack
}

// fromProvider ends a sign-in that the provider sent back, or a proof of who somebody is.
func (s *Server) fromProvider(c echo.Context) error {
	r := c.Request()
	if s.Provider == nil {
		return fleet.NotFound("web.fromProvider", "Single sign-on")
	}
	var attempt sso.Attempt
	if s.sessions.lent(r, attemptCookie, &attempt) {
		takeBack(c.Response(), r, attemptCookie)
	}
	// Anybody may come here with anything: each answer that is refused is a row of the record, and a call to the provider.
	if wait := s.throttle.Try(attempt.State, address(c), s.Now()); wait > 0 {
		return s.slowDown(c, wait, strangerName, audit.SignIn, func(status int, problem string) error {
			return s.renderLogin(c, status, views.LoginPage{Problem: problem, Next: ownPath(attempt.Next)})
		})
	}
	person, err := s.Provider.Finish(r.Context(), s.callback(c), attempt, c.QueryParam("state"), c.QueryParam("code"))
	if fleet.KindOf(err) == fleet.KindDenied && err != nil {
		return s.refuseSubject(c, person, err)
	}
	if err != nil {
		return err
	}
	m, err := s.memberOf(c, person)
	if err != nil {
		return err
	}
	s.throttle.Succeeded(attempt.State, address(c))
	if attempt.Again && who(c).user.ID == m.ID {
		if _, err := s.sessions.prove(r); err != nil {
			return err
		}
		if err := s.recordOf(c, m.Name, audit.UserProve, audit.Succeeded, "At "+s.Provider.Name()+"."); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, ownPath(attempt.Next))
	}
	return s.admit(c, m.User, "", "At "+s.Provider.Name()+".", ownPath(attempt.Next))
}

// refuseSubject records that somebody was not let in, and says why.
func (s *Server) refuseSubject(c echo.Context, person sso.Person, why error) error {
	name := person.Name
	if name == "" {
		name = strangerName
	}
	if err := s.recordOf(c, name, audit.SignIn, audit.Refused, describe(why).Detail); err != nil {
		return err
	}
	return why
}

// memberOf is the user of a person, made at their first sign-in, with the role that their groups mean
// today.
func (s *Server) memberOf(c echo.Context, person sso.Person) (team.Member, error) {
	ctx := c.Request().Context()
	e := audit.Entry{At: s.Now(), Actor: person.Name, Action: audit.UserCreate, Target: person.Name, Outcome: audit.Succeeded, IP: c.RealIP(),
		Reason: "First sign-in at " + s.Provider.Name() + ".", After: roleText(person.Role)}
	m, err := s.People.MemberBySubject(ctx, person.Issuer, person.Subject)
	switch {
	case err != nil && fleet.KindOf(err) == fleet.KindNotFound:
		m.User, err = s.People.CreateSubject(ctx, team.User{Name: person.Name, Role: person.Role}, person.Issuer, person.Subject, e)
		if fleet.KindOf(err) == fleet.KindConflict && err != nil {
			return m, s.refuseSubject(c, person, &fleet.Error{Kind: fleet.KindDenied, Op: "web.memberOf", Err: err,
				Msg: "Somebody here is called " + person.Name + " already, and signs in another way. The provider must give another name."})
		}
		return m, err
	case err != nil:
		return m, err
	case !m.EndedAt.IsZero():
		return m, s.refuseSubject(c, sso.Person{Name: m.Name}, &fleet.Error{Kind: fleet.KindDenied, Op: "web.memberOf", Msg: m.Name + " was deactivated here."})
	case m.Role != person.Role:
		e.Actor, e.Target, e.Action, e.Reason = m.Name, m.Name, audit.UserRole, "The groups at "+s.Provider.Name()+" say so."
		e.Before = roleText(m.Role)
		m.Role = person.Role
		return m, s.People.FollowRole(ctx, m.ID, person.Role, e)
	}
	return m, nil
}

// roleText is a role as the record keeps it.
func roleText(r team.Role) []byte { return []byte(`{"role":"` + string(r) + `"}`) }
