package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// planStatuses are the statuses in the order in which the list offers them.
func planStatuses() []plan.Status {
	return []plan.Status{plan.Draft, plan.Applying, plan.Unknown, plan.Applied, plan.Diverged, plan.Failed, plan.Stale, plan.Expired, plan.Void}
}

func (s *Server) plansPage(c echo.Context) error {
	ctx, l := c.Request().Context(), listOf(c)
	filter := planFilter(l)
	page, err := s.Plans.Plans(ctx, filter)
	if err != nil {
		return err
	}
	counts, err := s.Plans.PlanCounts(ctx)
	if err != nil {
		return err
	}
	view := s.presentPlans(l, filter, page, counts)
	ids := make([]fleet.PBXID, len(page.Items))
	for i, p := range page.Items {
		ids[i] = p.PBX
	}
	stands, err := s.stands(ctx, ids)
	if err != nil {
		return err
	}
	for i, truth := range stands {
		view.Rows[i].Truth = truth
	}
	if wantsPart(c) {
		return s.render(c, http.StatusOK, views.PlansResults(view))
	}
	return s.render(c, http.StatusOK, views.Plans(s.shell(c, "Plans", views.SectionPlans), view))
}

func planFilter(l list) plan.Filter {
	f := plan.Filter{Page: form.Page(l.v)}
	if status := plan.Status(l.v.Get("status")); slices.Contains(planStatuses(), status) {
		f.Status = status
	}
	if id, ok := form.ID(l.v.Get("pbx_id")); ok {
		f.PBX = fleet.PBXID(id)
	}
	return f
}

func (s *Server) presentPlans(l list, f plan.Filter, page fleet.Page[plan.Plan], counts map[plan.Status]int) views.PlansPage {
	total := 0
	for _, n := range counts {
		total += n
	}
	view := views.PlansPage{
		Clear: href.Plans, Live: "plans", Pager: l.pager(len(page.Items), page.Total, page.Next, "plan", f.Status != "" || f.PBX != 0),
		States: []ui.Option{{Label: "All", Count: thousands(total), Href: l.with("status", ""), Selected: f.Status == ""}},
		Empty: ui.Empty{Title: "No plan yet", Text: "A plan is made when you change the numbers of a PBX. Nothing is sent before somebody confirms it.",
			Action: ui.Link{Label: "Choose a PBX", Href: href.Fleet}},
	}
	view.Pager.CSV = l.at(href.PlansCSV)
	if total > 0 {
		view.Empty = ui.Empty{Title: "No plan matches", Text: "No plan passes these filters.", Action: ui.Link{Label: "Show all plans", Href: href.Plans}}
	}
	for _, status := range planStatuses() {
		if counts[status] == 0 && status != f.Status {
			continue
		}
		badge := planBadge(status)
		view.States = append(view.States, ui.Option{Label: badge.Label, Tone: badge.Tone, Count: thousands(counts[status]),
			Href: l.with("status", string(status)), Selected: status == f.Status})
	}
	if f.PBX != 0 {
		view.Chips = l.chip("PBX", "pbx_id")
	}
	for _, p := range page.Items {
		view.Rows = append(view.Rows, s.planListRow(p))
	}
	return view
}

func (s *Server) planListRow(p plan.Plan) views.PlanListRow {
	now, status := s.Now(), planStatus(p, s.Now())
	row := views.PlanListRow{
		Href: href.Plan(string(p.ID)), Title: planTitle(p), PBX: ui.Link{Label: p.PBXName, Href: href.PBX(int64(p.PBX))},
		Status: planBadge(status), By: p.Author, Made: ui.At(p.CreatedAt, now), Outcome: p.Outcome.Sentence,
	}
	switch status {
	case plan.Draft:
		row.Note = "expires " + ui.At(p.ExpiresAt, now).Rel
	case plan.Applying:
		row.Note = "under way"
	case plan.Unknown:
		row.Note = "checking"
	case plan.Expired:
		row.Note = "never confirmed"
	}
	return row
}
