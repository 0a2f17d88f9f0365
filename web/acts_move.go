package web

import (
	"cmp"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/web/form"
)

// move begins the move of a review that the person has seen, told by its token. A refused one is on
// record too: somebody wanted it. One that leaves a PBX without any number asks for a fresh proof, like a
// plan that does: errUnproved.
func (s *Server) move(c echo.Context, want change.Move, consent change.Consent, token, key string) (change.MoveReview, job.Job, error) {
	review, err := s.Changer.ReviewMove(c.Request().Context(), want)
	if err == nil && token != "" && token != review.Token() {
		err = &fleet.Error{Kind: fleet.KindStale, Op: "web.move", Msg: "What this move rests on has changed since you looked at it. This is what it would do now: look again."}
	}
	var begun job.Job
	var acts []audit.Entry
	if err == nil && review.Release.Clear && !s.isProved(c) {
		return review, begun, errUnproved
	}
	if err == nil {
		err = checkReason(consent.Reason)
	}
	if err == nil {
		begun, acts, err = review.Job(by(c), consent, "move:"+cmp.Or(key, string(job.NewID())), s.Now())
	}
	if err == nil {
		begun, err = s.Jobs.Submit(c.Request().Context(), begun, acts...)
	}
	return review, begun, s.refused(c, err, audit.Entry{Action: audit.NumbersMove, Target: "PBX " + want.From.String(), PBX: want.From, Reason: consent.Reason})
}

// moveOf is what a form asks for, with the header values that it states.
func moveOf(typed form.Move, source, target *[]fleet.Header) change.Move {
	return change.Move{From: typed.From, To: typed.To, Numbers: typed.Numbers, FromHeaders: source, ToHeaders: target}
}
