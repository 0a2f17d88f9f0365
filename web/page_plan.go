package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

func (s *Server) planPage(c echo.Context) error {
	p, err := s.Plans.Plan(c.Request().Context(), fleet.PlanID(c.Param("plan")))
	if err != nil {
		return err
	}
	return s.renderPlan(c, http.StatusOK, p, change.Consent{}, nil)
}

func (s *Server) confirmPlan(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	id := fleet.PlanID(c.Param("plan"))
	consent := change.Consent{Name: r.PostForm.Get(fieldName), Reason: r.PostForm.Get(fieldReason)}
	_, err := s.confirm(c, id, consent)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, href.Plan(string(id)))
	}
	if kind := fleet.KindOf(err); kind == fleet.KindInternal || kind == fleet.KindNotFound {
		return err
	}
	p, loadErr := s.Plans.Plan(r.Context(), id)
	if loadErr != nil {
		return loadErr
	}
	return s.renderPlan(c, describe(err).Status, p, consent, err)
}

func (s *Server) discardPlan(c echo.Context) error {
	ctx := c.Request().Context()
	p, err := s.Plans.Plan(ctx, fleet.PlanID(c.Param("plan")))
	if err != nil {
		return err
	}
	who := by(c)
	e := audit.Entry{At: s.Now(), Actor: who.Actor, IP: who.IP, Action: audit.PlanDiscard, Target: p.PBXName, PBX: p.PBX, Plan: p.ID, Outcome: audit.Succeeded}
	if err := s.Plans.DiscardPlan(ctx, p.ID, e); err != nil {
		return s.refused(c, err, e)
	}
	s.Hub.Announce("plans", "plan:"+string(p.ID))
	return c.Redirect(http.StatusSeeOther, href.Plan(string(p.ID)))
}

// unreadable is the answer to a body that is no form, or too large a one.
func unreadable(err error) error {
	return &fleet.Error{Kind: fleet.KindInvalid, Op: "web.form", Msg: "The form could not be read.", Err: err}
}

// renderPlan shows a plan in any state; failed is what became of confirming it just now, with
// what was typed.
func (s *Server) renderPlan(c echo.Context, status int, p plan.Plan, typed change.Consent, failed error) error {
	ctx := c.Request().Context()
	n, err := s.names(ctx, didsOf(p.Before.Pairs(), p.After.Pairs()))
	if err != nil {
		return err
	}
	view := s.presentPlan(p, n.then(p.CreatedAt), mayOperate(c))
	if err := s.addSecond(c, p, &view, failed); err != nil {
		return err
	}
	if view.Confirm != nil {
		keepTyped(view.Confirm, typed, failed)
	}
	if mayOperate(c) && p.Edit == nil {
		if view.Again, err = s.planAgain(ctx, p); err != nil {
			return err
		}
	}
	if err := s.addTraces(ctx, p, &view); err != nil {
		return err
	}
	if view.Truth, err = s.stand(ctx, p.PBX); err != nil {
		return err
	}
	shell := s.shell(c, "Plan for "+p.PBXName, views.SectionPlans)
	if notice, ok := notConfirmed(p, failed); ok {
		shell.Flash = []ui.Notice{notice}
	}
	if p.Status.Open() || p.Outcome.Line != nil && p.Outcome.Line.State == plan.LineFollowed {
		shell.Refresh = "2"
	}
	return s.render(c, status, views.Plan(shell, view))
}

// notConfirmed says why a plan was not confirmed where neither a field of its form nor its outcome does: a full disk, a cloud
// that can't be reached, somebody who was quicker.
func notConfirmed(p plan.Plan, failed error) (notice ui.Notice, ok bool) {
	if failed == nil {
		return notice, false
	}
	said := describe(failed)
	switch kind := fleet.KindOf(failed); {
	case kind == fleet.KindConflict, p.Status == plan.Draft && len(said.Fields) == 0:
		return ui.Notice{Tone: ui.Warn, Title: "Nothing was sent", Text: said.Detail}, true
	case kind == fleet.KindUnavailable: // what was sent is settled by reading
		return ui.Notice{Tone: ui.Warn, Title: "The outcome is not on record yet", Text: said.Detail}, true
	}
	return notice, false
}

// keepTyped puts what was typed and what was wrong with it back into the form.
func keepTyped(view *views.PlanConfirm, typed change.Consent, failed error) {
	wrong := describe(failed).Fields
	for _, f := range []struct {
		field *ui.Field
		value string
	}{{view.Name, typed.Name}, {view.Reason, typed.Reason}} {
		if f.field == nil {
			continue
		}
		f.field.Value, f.field.Error = f.value, wrong[f.field.Name]
		if f.field.Error != "" {
			f.field.Focus = len(view.Errors) == 0
			view.Errors = append(view.Errors, ui.FieldError{Field: f.field.Name, Message: f.field.Error})
		}
	}
}

// planAgain offers to ask for the same once more, on what is there now: for plans that ended
// without having their way.
func (s *Server) planAgain(ctx context.Context, p plan.Plan) (*views.FormAction, error) {
	switch planStatus(p, s.Now()) {
	case plan.Stale, plan.Failed, plan.Diverged, plan.Expired:
	default:
		return nil, nil
	}
	row, err := s.Fleet.PBX(ctx, p.PBX)
	if err != nil {
		return nil, err
	}
	known, err := s.Ledger.Known(ctx, p.PBX)
	if err != nil {
		return nil, err
	}
	fields := wish(p, known)
	if len(fields) == 0 || gate(row).Title != "" {
		return nil, nil
	}
	return &views.FormAction{Href: href.PBXPlans(int64(p.PBX)), Label: "Plan again on what is there now", Fields: fields,
		Text: "Makes a new plan for what is still to be done. Nothing is sent before you confirm it."}, nil
}

// addTraces links what the plan left elsewhere: its snapshot, and its rows in the audit log.
func (s *Server) addTraces(ctx context.Context, p plan.Plan, view *views.PlanPage) error {
	if p.Status == plan.Applied && view.Outcome != nil {
		page, err := s.History.Snapshots(ctx, p.PBX, fleet.PageRequest{Limit: 50})
		if err != nil {
			return err
		}
		for _, snapshot := range page.Items {
			if snapshot.Plan == p.ID {
				view.Outcome.Snapshot = ui.Link{Label: "See the snapshot", Href: snapshotLink(snapshot).Href}
			}
		}
	}
	acts, err := s.Record.Audit(ctx, audit.Filter{PBX: p.PBX, From: p.CreatedAt.Add(-time.Second), To: trailEnd(p), Page: fleet.PageRequest{Limit: 200}})
	if err != nil {
		return err
	}
	for _, e := range acts.Items {
		if e.Plan == p.ID {
			badge := outcomeBadge(e.Outcome)
			row := views.TrailRow{Time: ui.At(e.At, s.Now()), Who: e.Actor, Text: actWords(e), Tone: badge.Tone}
			view.Trail = append([]views.TrailRow{row}, view.Trail...)
		}
	}
	return nil
}

// trailEnd is when a plan's story is surely over: a day after the last that is known of it.
func trailEnd(p plan.Plan) time.Time {
	last := p.ExpiresAt
	for _, t := range []time.Time{p.SentAt, p.Outcome.VerifiedAt} {
		if t.After(last) {
			last = t
		}
	}
	return last.Add(24 * time.Hour)
}
