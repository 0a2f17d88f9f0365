package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// presentEdit adds what is a trunk's alone to the page of its plan.
func (s *Server) presentEdit(p plan.Plan, view *views.PlanPage, operator bool) {
	now, status := s.Now(), planStatus(p, s.Now())
	trunk := href.PBXTrunk(int64(p.PBX), int64(p.Edit.Trunk))
	view.Back = ui.Link{Label: "Trunk " + p.Edit.Before.Name, Href: trunk}
	view.Fields = settingRows(p.Edit.Changes)
	view.Moved = editMoved(p, status)
	view.Facts = editFacts(p, view.Facts, now)
	for i := range view.Steps {
		view.Steps[i].Text = []string{"Is the trunk still as the plan was made on?", "Once: what changes, and nothing else.", "Until the PBX shows what was asked."}[i]
	}
	if len(view.Steps) > 1 {
		view.Steps[1].Name = "Send the changes"
	}
	if p.Outcome.Line != nil {
		view.Line = lineAfter(*p.Outcome.Line, now)
	}
	if !operator {
		return
	}
	switch status {
	case plan.Applied, plan.Diverged:
		view.Undo = &views.FormAction{Href: href.UndoPlan(string(p.ID)), Label: "Undo", Text: "Makes the plan that puts the old settings back. Nothing is sent before you confirm it."}
	case plan.Stale, plan.Failed, plan.Expired:
		view.Back.Label = "Open trunk " + p.Edit.Before.Name + " as it is now"
	}
}

func editFacts(p plan.Plan, facts []ui.Fact, now time.Time) []ui.Fact {
	facts = slices.DeleteFunc(facts, func(f ui.Fact) bool { return f.Label == "Made on" || f.Label == "Leads to" })
	trunk := ui.Fact{Label: "Trunk", Link: ui.Link{Label: p.Edit.Before.Name, Href: href.PBXTrunk(int64(p.PBX), int64(p.Edit.Trunk))}}
	if p.Edit.UndoOf == "" {
		return slices.Insert(facts, 0, trunk)
	}
	return slices.Insert(facts, 0, trunk, ui.Fact{Label: "Undoes", Link: ui.Link{Label: "Plan " + string(p.Edit.UndoOf), Href: href.Plan(string(p.Edit.UndoOf))}})
}

// lineAfter is how the trunk stands after its plan was carried out.
func lineAfter(l plan.Line, now time.Time) *views.PlanLine {
	state := map[plan.LineState]ui.Badge{
		plan.LineFollowed: {Tone: ui.Busy, Label: "Following the trunk"}, plan.LineUp: {Tone: ui.Ok, Label: "Trunk is up"},
		plan.LineDown: {Tone: ui.Bad, Label: "Trunk is down"}, plan.LineUnclear: {Tone: ui.Ask, Label: "Trunk unclear"},
	}[l.State]
	return &views.PlanLine{State: state, Text: l.Sentence, Time: ui.At(l.At, now)}
}

// editMoved compares, setting by setting, what the plan was made on with what was found.
func editMoved(p plan.Plan, status plan.Status) *views.PlanMoved {
	if len(p.Outcome.Differs) == 0 {
		return nil
	}
	moved := &views.PlanMoved{Title: "What moved meanwhile", What: "Setting", None: "empty",
		Text: "Somebody changed the trunk after this plan was made. What is there now stays, unless a new plan says otherwise."}
	if status == plan.Diverged {
		moved.Title, moved.Text = "What is there instead", "The trunk has something else than the plan asked for."
	}
	for _, d := range p.Outcome.Differs {
		row := views.MovedRow{Number: d.Label, Original: d.From, Theirs: d.To, Yours: "no change"}
		if i := slices.IndexFunc(p.Edit.Changes, func(c sip.Change) bool { return c.Name == d.Name }); i >= 0 {
			row.Original, row.Yours = p.Edit.Changes[i].From, orEmpty(p.Edit.Changes[i].To)
		}
		moved.Rows = append(moved.Rows, row)
	}
	return moved
}

// undoPlan makes the plan back from a trunk's plan that was carried out.
func (s *Server) undoPlan(c echo.Context) error {
	p, err := s.undoEdit(c)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Plan(string(p.ID)))
}

func (s *Server) undoEdit(c echo.Context) (plan.Plan, error) {
	ctx, id := c.Request().Context(), fleet.PlanID(c.Param("plan"))
	was, err := s.Plans.Plan(ctx, id)
	if err != nil {
		return was, err
	}
	p, err := s.Changer.UndoEdit(ctx, by(c), id, "", 0)
	return p, s.refused(c, err, audit.Entry{Action: audit.PlanCreate, Target: was.PBXName, PBX: was.PBX, Plan: id})
}
