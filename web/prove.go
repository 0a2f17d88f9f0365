package web

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/factor"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// The fields of the form that asks who somebody is.
const (
	fieldProofPassword = "proof_password"
	fieldProofCode     = "proof_code"
	fieldCarried       = "carried"
)

// carriedName is under which a form waits for the proof, and maxCarried how much of one is carried:
// a larger one is typed again.
const (
	carriedName = "carried"
	maxCarried  = 64 << 10
)

// carried is the form that a person sent when the proof was asked for: it goes on where it stopped.
type carried struct {
	Session team.SessionHash
	Path    string
	Form    string
	At      time.Time
}

// proved lets a request through to a dangerous act when its person proved who they are lately; else it
// asks, and goes on with the same form afterwards.
func (s *Server) proved(handle echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !s.isProved(c) {
			return s.askProof(c)
		}
		if wantsJSON(c.Request()) {
			return handle(c)
		}
		return withForm(handle)(c)
	}
}

// withForm reads the form first: also where nothing in it is asked for, a body that is too large is refused.
func withForm(handle echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := c.Request().ParseForm(); err != nil {
			return unreadable(err)
		}
		return handle(c)
	}
}

// provedToClear is proved for the confirmation of plans that leave a PBX without any number.
func (s *Server) provedToClear(handle echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if s.isProved(c) {
			return handle(c)
		}
		ids := []string{c.Param("plan")}
		if ids[0] == "" {
			if err := c.Request().ParseForm(); err != nil {
				return unreadable(err)
			}
			ids = c.Request().PostForm[change.FieldPlans]
		}
		for _, id := range ids {
			p, err := s.Plans.Plan(c.Request().Context(), fleet.PlanID(id))
			if err != nil && fleet.KindOf(err) != fleet.KindNotFound {
				return err
			}
			if err == nil && p.Clear {
				return s.askProof(c)
			}
		}
		return handle(c)
	}
}

// errUnproved is what an act ends with that turned out to need a fresh proof; whoever answers asks for it.
var errUnproved = errors.New("web: a fresh proof is needed")

// isProved is always so for a script: its token is for what it does, and ends by itself.
func (s *Server) isProved(c echo.Context) bool {
	return who(c).script || who(c).session.Proved(s.Now())
}

func (s *Server) askProof(c echo.Context) error {
	r := c.Request()
	if wantsJSON(r) {
		return &fleet.Error{Kind: fleet.KindDenied, Op: "web.proved",
			Msg: fmt.Sprintf("This needs a proof of who you are that is not older than %d minutes. Give it at %s, or use a token.", int(team.ProofLasts.Minutes()), href.Prove)}
	}
	next := backTo(r)
	if r.Header.Get("HX-Request") != "" {
		c.Response().Header().Set("HX-Redirect", href.With(href.Prove, fieldNext, next))
		return c.NoContent(http.StatusUnauthorized)
	}
	if r.Method != http.MethodPost {
		return c.Redirect(http.StatusSeeOther, href.With(href.Prove, fieldNext, next))
	}
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	page := views.ProvePage{Next: ownPath(next)}
	if text := r.PostForm.Encode(); len(text) <= maxCarried {
		box, err := s.sessions.pack(carriedName, carried{who(c).session.Hash, r.URL.Path, text, s.Now()})
		if err != nil {
			return err
		}
		page.Carried = box
	}
	return s.renderProve(c, http.StatusForbidden, page)
}

func (s *Server) provePage(c echo.Context) error {
	return s.renderProve(c, http.StatusOK, views.ProvePage{Next: ownPath(c.QueryParam(fieldNext))})
}

// renderProve offers the proofs that the person has.
func (s *Server) renderProve(c echo.Context, status int, page views.ProvePage) error {
	m, err := s.People.Member(c.Request().Context(), who(c).user.ID)
	if err != nil {
		return err
	}
	if m.LocalWord {
		page.Password = &ui.Field{Name: fieldProofPassword, Label: "Password", Type: "password", Autocomplete: "current-password", Focus: true}
	}
	if m.Second {
		page.Code = &ui.Field{Name: fieldProofCode, Label: "Code of the app", Autocomplete: "one-time-code", Mono: true, Focus: !m.LocalWord}
	}
	if m.SingleOn && s.Provider != nil {
		page.Provider = href.With(href.Provider, fieldNext, page.Next, "again", "1")
		page.ProviderName = s.Provider.Name()
	}
	return s.render(c, status, views.Prove(s.shell(c, "Is it you?", views.SectionNone), page))
}

// prove takes the proof, and goes on.
func (s *Server) prove(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	page := views.ProvePage{Next: ownPath(r.PostForm.Get(fieldNext)), Carried: r.PostForm.Get(fieldCarried)}
	name, coded := who(c).user.Name, r.PostForm.Get(fieldProofCode) != ""
	wait := s.throttle.Try(name, address(c), s.Now())
	if wait == 0 && coded { // codes are short: all addresses of a stolen session together have as many tries as one
		wait = s.throttle.TryAccount(name, s.Now())
	}
	if wait > 0 {
		return s.slowDown(c, wait, name, audit.UserProve, func(status int, problem string) error {
			page.Problem = problem
			return s.renderProve(c, status, page)
		})
	}
	err := s.checkProof(c, r.PostForm)
	if errors.Is(err, team.ErrWrongPassword) || errors.Is(err, factor.ErrWrong) {
		if err := s.recordOf(c, name, audit.UserProve, audit.Refused, ""); err != nil {
			return err
		}
		page.Problem = "That was not right."
		return s.renderProve(c, http.StatusUnauthorized, page)
	}
	if err != nil {
		return err
	}
	s.throttle.Succeeded(name, address(c))
	if coded {
		s.throttle.AccountSucceeded(name)
	}
	session, err := s.sessions.prove(r)
	if err == nil {
		err = s.recordOf(c, name, audit.UserProve, audit.Succeeded, "")
	}
	if err != nil {
		return err
	}
	a := who(c)
	a.session = session
	c.Set(actorKey, a)
	var waits carried
	if s.sessions.unpack(carriedName, page.Carried, &waits) && waits.Session == session.Hash && s.Now().Sub(waits.At) < team.ProofLasts {
		return goOn(c, waits)
	}
	return c.Redirect(http.StatusSeeOther, page.Next)
}

// checkProof takes the password, or a code of the second factor; nil when it is right.
func (s *Server) checkProof(c echo.Context, v url.Values) error {
	ctx, user := c.Request().Context(), who(c).user
	if code := v.Get(fieldProofCode); code != "" {
		_, err := s.Factors.Check(ctx, user.ID, code)
		if fleet.KindOf(err) == fleet.KindNotFound && err != nil {
			return factor.ErrWrong
		}
		return err
	}
	_, hash, err := s.People.UserByName(ctx, user.Name)
	if err != nil {
		return err
	}
	return s.Hasher.Verify(ctx, team.Password(v.Get(fieldProofPassword)), hash)
}

// goOn answers a form that waited as if it came now: through the same table, with the same guards.
func goOn(c echo.Context, waits carried) error {
	values, err := url.ParseQuery(waits.Form)
	if err != nil {
		return unreadable(err)
	}
	r := c.Request().Clone(c.Request().Context())
	r.URL = &url.URL{Path: waits.Path}
	r.RequestURI = waits.Path
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(waits.Form)), int64(len(waits.Form))
	r.Form, r.PostForm = values, values
	c.SetRequest(r)
	c.Echo().Router().Find(http.MethodPost, waits.Path, c)
	return c.Handler()(c)
}

// slowDown answers who tries too often. The record has the first refusal of each wait, not every one:
// a flood of tries must not become a flood of rows.
func (s *Server) slowDown(c echo.Context, wait time.Duration, name string, action audit.Action, answer func(status int, problem string) error) error {
	if s.throttle.FirstRefusal(address(c)) {
		if err := s.recordOf(c, name, action, audit.Refused, "Too many attempts."); err != nil {
			return err
		}
	}
	seconds := int(math.Ceil(wait.Seconds()))
	c.Response().Header().Set("Retry-After", fmt.Sprint(seconds))
	return answer(http.StatusTooManyRequests, fmt.Sprintf("Too many attempts. Try again in %s.", time.Duration(seconds)*time.Second))
}

// recordOf records an act of a person on themselves.
func (s *Server) recordOf(c echo.Context, name string, action audit.Action, outcome audit.Outcome, reason string) error {
	return s.Record.AppendAudit(c.Request().Context(), audit.Entry{
		At: s.Now(), Actor: name, Action: action, Target: name, Outcome: outcome, Reason: reason, IP: c.RealIP(),
	})
}
