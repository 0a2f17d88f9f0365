package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

func jobFilter(l list) job.Filter {
	f := job.Filter{Page: form.Page(l.v)}
	if state := job.State(l.v.Get("state")); slices.Contains(jobStates(), state) {
		f.State = state
	}
	if kind := job.Kind(l.v.Get("kind")); slices.Contains(jobKinds(), kind) {
		f.Kind = kind
	}
	return f
}

func (s *Server) jobsPage(c echo.Context) error {
	ctx, l := c.Request().Context(), listOf(c)
	f := jobFilter(l)
	page, err := s.JobBook.Jobs(ctx, f)
	if err != nil {
		return err
	}
	counts, err := s.JobBook.JobCounts(ctx)
	if err != nil {
		return err
	}
	view := s.presentJobs(l, f, page, counts)
	if wantsPart(c) {
		return s.render(c, http.StatusOK, views.JobsResults(view))
	}
	return s.render(c, http.StatusOK, views.Jobs(s.shell(c, "Jobs", views.SectionJobs), view))
}

func (s *Server) presentJobs(l list, f job.Filter, page fleet.Page[job.Job], counts map[job.State]int) views.JobsPage {
	total := 0
	for _, n := range counts {
		total += n
	}
	view := views.JobsPage{
		Clear: href.Jobs, Live: "jobs", Pager: l.pager(len(page.Items), page.Total, page.Next, "job", f.State != "" || f.Kind != ""),
		States: []ui.Option{{Label: "All", Count: thousands(total), Href: l.with("state", ""), Selected: f.State == ""}},
		Empty: ui.Empty{Title: "No job yet", Text: "What takes longer than a moment becomes a job: moving numbers between PBXs, a spreadsheet of bindings, a new PBX.",
			Action: ui.Link{Label: "Choose a PBX", Href: href.Fleet}},
	}
	view.Pager.CSV = l.at(href.JobsCSV)
	if total > 0 {
		view.Empty = ui.Empty{Title: "No job matches", Text: "No job passes these filters.", Action: ui.Link{Label: "Show all jobs", Href: href.Jobs}}
	}
	for _, state := range jobStates() {
		if counts[state] == 0 && state != f.State {
			continue
		}
		badge := jobBadge(state)
		view.States = append(view.States, ui.Option{Label: badge.Label, Tone: badge.Tone, Count: thousands(counts[state]), Href: l.with("state", string(state)), Selected: state == f.State})
	}
	if f.Kind != "" {
		view.Chips = []ui.Chip{{Label: "Kind: " + kindOfJob(f.Kind), Href: l.with("kind", "")}}
	}
	for _, j := range page.Items {
		row := views.JobListRow{Href: href.Job(string(j.ID)), Title: j.Title, Kind: kindOfJob(j.Kind), State: jobBadge(j.State), Sentence: j.Sentence, By: j.Author, Made: ui.At(j.CreatedAt, s.Now())}
		if len(j.Steps) > 0 {
			row.Steps = thousands(countSteps(j)[job.StepDone]) + " of " + count(len(j.Steps), "step")
		}
		view.Rows = append(view.Rows, row)
	}
	return view
}

// jobPage shows one job. It is live by the topic "job:ID", and loads itself again while it runs where
// scripts don't.
func (s *Server) jobPage(c echo.Context) error {
	j, err := s.JobBook.Job(c.Request().Context(), job.ID(c.Param("job")))
	if err != nil {
		return err
	}
	view, err := s.presentJob(c.Request().Context(), j, job.StepState(c.QueryParam("steps")))
	if err != nil {
		return err
	}
	switch { // rollouts are answered where their plans are
	case j.Kind == job.BulkBindings:
		view.PBX = ui.Link{Label: "The spreadsheet and its plans", Href: href.BulkReview(string(j.ID))}
	case j.Kind == job.EditTrunks:
		view.PBX = ui.Link{Label: "The edit and its plans", Href: href.WideReview(string(j.ID))}
	case j.State == job.NeedsAttention && mayOperate(c):
		view.Resume = &views.FormAction{Href: href.Resume(string(j.ID)), Label: "Try again", Text: "Goes on where it stopped. What is done is not done twice."}
	}
	shell := s.shell(c, j.Title, views.SectionJobs)
	if j.State == job.Running {
		shell.Refresh = "2"
	}
	return s.render(c, http.StatusOK, views.Job(shell, view))
}

func (s *Server) resumeJob(c echo.Context) error {
	j, err := s.decided(c, audit.JobResume)(s.Jobs.Resume(c.Request().Context(), by(c), job.ID(c.Param("job"))))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Job(string(j.ID)))
}

func (s *Server) presentJob(ctx context.Context, j job.Job, only job.StepState) (views.JobPage, error) {
	now := s.Now()
	view := views.JobPage{
		ID: string(j.ID), Title: j.Title, Kind: kindOfJob(j.Kind), State: jobBadge(j.State), Sentence: cmp.Or(j.Sentence, jobSentence(j.State)), Live: "job:" + string(j.ID),
		Facts: []ui.Fact{{Label: "Begun by", Text: j.Author}, {Label: "Begun", Time: ui.At(j.CreatedAt, now)}, {Label: "Ended", Time: ui.At(j.EndedAt, now)}},
		Bar:   jobBar(j, only),
	}
	called := pbxNames{s: s, ctx: ctx}
	if j.PBX != 0 {
		view.PBX = ui.Link{Label: called.of(j.PBX), Href: href.PBX(int64(j.PBX))}
		truth, err := s.stand(ctx, j.PBX)
		if err != nil {
			return view, err
		}
		view.Truth = truth
	}
	if j.Kind == job.CreatePBX && j.State == job.Done {
		view.Next = ui.Link{Label: "Open " + view.PBX.Label, Href: view.PBX.Href}
	}
	if j.EndedAt.IsZero() {
		view.Facts = view.Facts[:2]
	}
	if slices.Contains(stepStates(), only) {
		view.All = ui.Link{Label: "All steps", Href: href.Job(string(j.ID))}
	}
	for _, part := range partSteps(j.Steps, only) {
		group := views.JobSteps{Title: part.title}
		if part.left > 0 {
			group.More = ui.Link{Label: "and " + thousands(part.left) + " more", Href: href.With(href.Job(string(j.ID)), "steps", string(part.state))}
		}
		for _, step := range part.steps {
			row := views.JobStep{Name: step.Name, State: stepBadge(step.State), Sentence: step.Sentence}
			if step.PBX != 0 {
				row.PBX = ui.Link{Label: called.of(step.PBX), Href: href.PBX(int64(step.PBX))}
			}
			if step.Job != "" {
				row.Job = ui.Link{Label: "Job", Href: href.Job(string(step.Job))}
			}
			if step.Plan != "" {
				row.Plan = ui.Link{Label: "Plan", Href: href.Plan(string(step.Plan))}
			}
			group.Rows = append(group.Rows, row)
		}
		view.Groups = append(view.Groups, group)
	}
	return view, called.err
}

// pbxNames looks up what PBXs are called, each once, and keeps the first error.
type pbxNames struct {
	s     *Server
	ctx   context.Context
	known map[fleet.PBXID]string
	err   error
}

func (n *pbxNames) of(id fleet.PBXID) string {
	if name := n.known[id]; name != "" {
		return name
	}
	if n.known == nil {
		n.known = map[fleet.PBXID]string{}
	}
	row, err := n.s.Fleet.PBX(n.ctx, id)
	n.known[id] = pbxName(row.PBX)
	if fleet.KindOf(err) == fleet.KindNotFound {
		n.known[id] = "PBX " + id.String()
	} else if err != nil && n.err == nil {
		n.err = err
	}
	return n.known[id]
}
