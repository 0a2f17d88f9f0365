package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// stopped is what every page says while Yeastar is not called any more, or nil. The way to try again
// leads back to path.
func (s *Server) stopped(c echo.Context, path string) *views.Stopped {
	since, why := s.Line.Stopped()
	if since.IsZero() {
		return nil
	}
	v := &views.Stopped{Since: ui.At(since, s.Now()), Why: "It said: " + short(why, 300)}
	if mayOperate(c) {
		v.Retry = &views.FormAction{Href: href.TryAgain, Label: "Try to sign in again", Text: "One attempt. Correct the client id and secret, or the address filter in YCM, first.",
			Fields: []views.HiddenField{{Name: fieldNext, Value: path}}}
	}
	return v
}

// fieldNext is where a form leads back to.
const fieldNext = "next"

// tryAgain makes one more sign-in at Yeastar. It is on record whichever way it ends.
func (s *Server) tryAgain(c echo.Context) error {
	if err := c.Request().ParseForm(); err != nil {
		return unreadable(err)
	}
	if since, _ := s.Line.Stopped(); since.IsZero() {
		return c.Redirect(http.StatusSeeOther, ownPath(c.Request().PostForm.Get(fieldNext))) // somebody was quicker
	}
	e := audit.Entry{At: s.Now(), Actor: who(c).user.Name, IP: c.RealIP(), Action: audit.YeastarRetry, Target: "Yeastar", Outcome: audit.Intended}
	if err := s.Record.AppendAudit(c.Request().Context(), e); err != nil {
		return err
	}
	ctx := context.WithoutCancel(c.Request().Context())
	cause := s.Line.TryAgain(ctx)
	e.At, e.Outcome = s.Now(), audit.Succeeded
	if cause != nil {
		e.Outcome, e.Reason = audit.Failed, describe(cause).Detail
	}
	if err := s.Record.AppendAudit(ctx, e); err != nil {
		return err
	}
	if cause != nil && fleet.KindOf(cause) != fleet.KindDenied {
		return cause
	}
	if cause == nil {
		s.Worker.AskCatalogue()
	}
	s.Hub.Announce("fleet")
	return c.Redirect(http.StatusSeeOther, ownPath(c.Request().PostForm.Get(fieldNext)))
}
