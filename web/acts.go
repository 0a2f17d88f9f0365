package web

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
	"cordboard/web/form"
)

// The acts below are shared by pages and JSON: same use case, same guard, same audit row.

const (
	maxPairs  = 5000 // numbers that one plan may name; a PBX has some hundreds
	maxReason = 1000 // characters of a reason, which the audit log keeps for ever
)

// draft makes a plan. A refused request is on record too: somebody wanted it.
func (s *Server) draft(c echo.Context, ask change.Ask) (plan.Plan, error) {
	if len(ask.Bind)+len(ask.Unbind) > maxPairs {
		return plan.Plan{}, fleet.Invalid("web.draft", "That is too much for one plan.",
			fleet.Field{Name: form.FieldBind, Rule: fmt.Sprintf("At most %d numbers at once.", maxPairs)})
	}
	p, err := s.Changer.Draft(c.Request().Context(), by(c), ask)
	return p, s.refused(c, err, onPBX(audit.PlanCreate, ask.PBX))
}

// confirm carries a plan out.
func (s *Server) confirm(c echo.Context, id fleet.PlanID, consent change.Consent) (plan.Plan, error) {
	p, err := s.Plans.Plan(c.Request().Context(), id)
	if err == nil {
		err = checkReason(consent.Reason)
	}
	if err == nil {
		p, err = s.Changer.Confirm(c.Request().Context(), by(c), id, consent)
	}
	if recorded(p, err) {
		return p, err // the outcome has its own row
	}
	return p, s.refused(c, err, audit.Entry{Action: audit.PlanConfirm, Target: p.PBXName, PBX: p.PBX, Plan: id, Reason: consent.Reason})
}

func checkReason(text string) error {
	if utf8.RuneCountInString(text) <= maxReason {
		return nil
	}
	return &fleet.Error{Kind: fleet.KindGuard, Op: "web.confirm", Msg: "The reason is too long.",
		Fields: []fleet.Field{{Name: fieldReason, Rule: fmt.Sprintf("At most %d characters.", maxReason)}}}
}

// recorded reports whether a confirmation got as far as its second transaction. What ends it before its
// first is a conflict or the guard: the outcome that the plan then has is an earlier one.
func recorded(p plan.Plan, err error) bool {
	kind := fleet.KindOf(err)
	return p.Outcome.Result != "" && (err == nil || kind != fleet.KindConflict && kind != fleet.KindGuard)
}

// onPBX is the row of an act on a PBX that was refused.
func onPBX(action audit.Action, id fleet.PBXID) audit.Entry {
	return audit.Entry{Action: action, Target: "PBX " + id.String(), PBX: id}
}

// decided passes on what became of a person's decision about a job, which is on record when it is refused.
func (s *Server) decided(c echo.Context, action audit.Action) func(job.Job, error) (job.Job, error) {
	return func(j job.Job, err error) (job.Job, error) {
		return j, s.refused(c, err, audit.Entry{Action: action, Target: j.Title, PBX: j.PBX})
	}
}

// refused writes down an act that the guard, a conflict or a bad request ended before it began.
func (s *Server) refused(c echo.Context, cause error, e audit.Entry) error {
	if cause == nil || fleet.KindOf(cause) == fleet.KindInternal || fleet.KindOf(cause) == fleet.KindNotFound {
		return cause
	}
	e.At, e.Actor, e.IP, e.Outcome = s.Now(), who(c).user.Name, c.RealIP(), audit.Refused
	if fe, ok := errors.AsType[*fleet.Error](cause); ok {
		e.VendorRequestID = fe.VendorRequestID
		if e.Reason == "" || checkReason(e.Reason) != nil {
			e.Reason = reason(fe)
		}
	}
	return errors.Join(cause, s.Record.AppendAudit(context.WithoutCancel(c.Request().Context()), e))
}

// reason is why an act was refused, with the rules that it broke.
func reason(e *fleet.Error) string {
	text := e.Msg
	for _, f := range e.Fields {
		text += " " + f.Rule
	}
	const longest = 1000
	return text[:min(len(text), longest)]
}

// protect sets or lifts a number's protection.
func (s *Server) protect(c echo.Context, id fleet.DIDID, on bool) error {
	target := "DID " + id.String()
	if rows, err := s.Ledger.Numbers(c.Request().Context(), []fleet.DIDID{id}); err == nil && rows[id].Number != "" {
		target = rows[id].Number
	}
	e := audit.Entry{At: s.Now(), Actor: who(c).user.Name, IP: c.RealIP(), Action: audit.NumberProtect, Target: target, Outcome: audit.Succeeded,
		After: []byte(`{"protected":` + strconv.FormatBool(on) + `}`)}
	if err := s.Ledger.SetProtected(c.Request().Context(), id, on, e); err != nil {
		return err
	}
	s.Hub.Announce("fleet")
	return nil
}

// replay digests a delivery again.
func (s *Server) replay(c echo.Context, id int64) error {
	if err := s.Ingester.Replay(c.Request().Context(), id); err != nil {
		return err
	}
	return s.Record.AppendAudit(c.Request().Context(), audit.Entry{At: s.Now(), Actor: who(c).user.Name, IP: c.RealIP(),
		Action: audit.DeliveryReplay, Target: "delivery " + strconv.FormatInt(id, 10), Outcome: audit.Succeeded})
}

// replayAll digests dead or parked deliveries again, and says how many.
func (s *Server) replayAll(c echo.Context, state fleet.DeliveryState) (int, error) {
	n, err := s.Ingester.ReplayAll(c.Request().Context(), state)
	if err != nil {
		return n, err
	}
	return n, s.Record.AppendAudit(c.Request().Context(), audit.Entry{At: s.Now(), Actor: who(c).user.Name, IP: c.RealIP(),
		Action: audit.DeliveryReplay, Target: fmt.Sprintf("%s that were %s", count(n, "delivery"), state), Outcome: audit.Succeeded})
}
