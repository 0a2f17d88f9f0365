package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/plan"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

func (s *Server) approvalPage(c echo.Context) error {
	rule, err := s.Approvals.ApprovalRule(c.Request().Context())
	if err != nil {
		return err
	}
	return s.renderApproval(c, http.StatusOK, rule, "")
}

func (s *Server) renderApproval(c echo.Context, status int, rule plan.Rule, wrong string) error {
	view := views.ApprovalPage{From: ui.Radios{Name: fieldFrom, Label: "A second person approves", Error: wrong}}
	for _, level := range []plan.Level{"", plan.Danger, plan.Caution} {
		view.From.Options = append(view.From.Options, ui.Option{Value: string(level), Label: ruleWords[level], Selected: level == rule.From})
	}
	if wrong != "" {
		view.Errors = []ui.FieldError{{Field: fieldFrom, Message: wrong}}
	}
	members, err := s.People.Members(c.Request().Context())
	if err != nil {
		return err
	}
	able := 0
	for _, m := range members {
		if m.EndedAt.IsZero() && m.Can(team.Operator) {
			able++
		}
	}
	if able < 2 {
		view.Warning = ui.Notice{Tone: ui.Warn, Title: "There is nobody else", Text: "Only one person may approve at the moment. With this on, a plan that needs a second person can't be sent."}
	}
	return s.render(c, status, views.Approval(s.shell(c, "Second person", views.SectionSettings), view))
}

var ruleWords = map[plan.Level]string{"": "no plan", plan.Danger: "dangerous plans", plan.Caution: "all that take something away"}

func (s *Server) saveApproval(c echo.Context) error {
	ctx := c.Request().Context()
	old, err := s.Approvals.ApprovalRule(ctx)
	if err != nil {
		return err
	}
	rule := plan.Rule{From: plan.Level(c.Request().PostForm.Get(fieldFrom))}
	if _, ok := ruleWords[rule.From]; !ok || !c.Request().PostForm.Has(fieldFrom) {
		return s.renderApproval(c, http.StatusUnprocessableEntity, old, "Choose one of the three.")
	}
	e := s.act(c, audit.SettingsUpdate, "second person")
	e.Before, e.After = ruleText(old), ruleText(rule)
	if err := s.Approvals.SetApprovalRule(ctx, rule, e); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Approval)
}

func ruleText(r plan.Rule) []byte { return []byte(`{"from":"` + string(r.From) + `"}`) }

// approvalRow is the line of the list of settings.
func (s *Server) approvalRow(c echo.Context) (views.SettingsRow, error) {
	rule, err := s.Approvals.ApprovalRule(c.Request().Context())
	row := views.SettingsRow{Link: ui.Link{Label: "Second person", Href: href.Approval}, State: ui.Badge{Tone: ui.Mute, Label: "Off"}, Text: "Whoever makes a plan may send it."}
	if rule.From != "" {
		row.State, row.Text = ui.Badge{Tone: ui.Ok, Label: "On"}, "Somebody else approves "+ruleWords[rule.From]+"."
	}
	return row, err
}
