package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

func (s *Server) passesPage(c echo.Context) error {
	l := listOf(c)
	page, err := s.passes(c.Request().Context(), form.Page(l.v))
	if err != nil {
		return err
	}
	view := s.presentPasses(l, page)
	if wantsPart(c) {
		return s.render(c, http.StatusOK, views.PassesResults(view))
	}
	if mayOperate(c) {
		view.Run = &views.FormAction{Href: href.Passes, Label: "Run a pass now"}
	}
	shell := s.shell(c, "Passes", views.SectionPasses)
	if len(view.Running) > 0 {
		shell.Refresh = "2"
	}
	return s.render(c, http.StatusOK, views.Passes(shell, view))
}

// runPass has a pass run, or finds the one that runs, and shows it.
func (s *Server) runPass(c echo.Context) error {
	id, err := s.Worker.Begin(c.Request().Context(), asked(c))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Pass(id.String()))
}

func (s *Server) presentPasses(l list, page fleet.Page[fleet.Pass]) views.PassesPage {
	view := views.PassesPage{
		Lead: "A pass holds every PBX in YCM against the record. It reads, and writes nothing to YCM. " + s.passesStart(), Live: "passes",
		Pager: l.pager(len(page.Items), page.Total, page.Next, "pass", false),
		Empty: ui.Empty{Title: "No pass has run yet", Text: "The first one reads the whole fleet, and fills the pages."},
	}
	view.Pager.CSV = l.at(href.PassesCSV)
	for _, p := range page.Items {
		if p.FinishedAt.IsZero() {
			view.Running = append(view.Running, views.RunningPass{Href: href.Pass(p.ID.String()), Title: "Pass of " + absolute(p.StartedAt), By: wantedBy(p), Bar: passBar(p), Facts: s.passCounts(p)})
			continue
		}
		view.Rows = append(view.Rows, s.passRow(p))
	}
	if len(view.Running) > 0 {
		view.Empty = ui.Empty{Title: "This is the first pass", Text: "It reads the whole fleet, and fills the pages."}
	}
	return view
}

// passesStart says when passes start by themselves.
func (s *Server) passesStart() string {
	if every := s.Worker.Interval(); every > 0 {
		return "One starts by itself every " + fleet.Span(every) + "."
	}
	return "None starts by itself: the interval is 0."
}

func (s *Server) passRow(p fleet.Pass) views.PassRow {
	return views.PassRow{
		Href: href.Pass(p.ID.String()), Started: ui.At(p.StartedAt, s.Now()), State: passBadge(p), Why: wantedBy(p),
		Text: passText(p), Note: p.StoppedBy, Took: took(p),
	}
}

func (s *Server) passPage(c echo.Context) error {
	id, err := pathID[fleet.PassID](c, "pass", "The pass")
	if err != nil {
		return err
	}
	p, err := s.pass(c.Request().Context(), id)
	if err != nil {
		return err
	}
	view := s.presentPass(p)
	shell := s.shell(c, view.Title, views.SectionPasses)
	if p.FinishedAt.IsZero() {
		shell.Refresh = "2"
	}
	return s.render(c, http.StatusOK, views.Pass(shell, view))
}

func (s *Server) presentPass(p fleet.Pass) views.PassPage {
	now := s.Now()
	view := views.PassPage{
		ID: p.ID.String(), Title: "Pass of " + absolute(p.StartedAt), State: passBadge(p), Sentence: passText(p) + ".",
		Facts: []ui.Fact{{Label: "Wanted by", Text: wantedBy(p)}, {Label: "Started", Time: ui.At(p.StartedAt, now)}},
		Quiet: "Every PBX that was looked at was as known.",
	}
	if p.StoppedBy != "" {
		view.Sentence = p.StoppedBy
	}
	if p.FinishedAt.IsZero() {
		bar := passBar(p)
		view.Bar, view.Live, view.Quiet = &bar, "passes", "Nothing so far."
		view.Sentence = p.Doing + "."
	} else {
		view.Facts = append(view.Facts, ui.Fact{Label: "Ended", Time: ui.At(p.FinishedAt, now)}, ui.Fact{Label: "Took", Text: took(p)})
		if p.Looked() == 0 {
			view.Quiet = "It looked at no PBX."
		}
	}
	view.Facts = append(view.Facts, s.passCounts(p)...)
	for _, f := range p.Findings {
		row := views.PassFinding{PBX: ui.Link{Label: pbxName(fleet.PBX{ID: f.PBX, Name: f.Name}), Href: href.PBX(int64(f.PBX))}, Sentence: f.Sentence}
		if f.Kind == fleet.FoundFailed {
			view.Failed = append(view.Failed, row)
		} else {
			view.Moved = append(view.Moved, row)
		}
	}
	if p.More > 0 {
		view.More = "and " + count(p.More, "more PBX")
	}
	return view
}

// passCounts are the figures of a pass.
func (s *Server) passCounts(p fleet.Pass) []ui.Fact {
	facts := []ui.Fact{
		{Label: "PBXs", Text: thousands(p.PBXs)}, {Label: "Verified", Text: thousands(p.Verified)},
		{Label: "Not readable", Text: thousands(p.Unknown)}, {Label: "Snapshots", Text: thousands(p.Snapshots)},
	}
	if !p.FinishedAt.IsZero() {
		facts = append(facts, ui.Fact{Label: "Drifted then", Text: thousands(p.Drifted)})
	}
	return facts
}

func passBadge(p fleet.Pass) ui.Badge {
	switch {
	case p.FinishedAt.IsZero():
		return ui.Badge{Tone: ui.Busy, Label: "Running"}
	case !p.Complete:
		return ui.Badge{Tone: ui.Warn, Label: "Incomplete"}
	}
	return ui.Badge{Tone: ui.Ok, Label: "Complete"}
}

func passBar(p fleet.Pass) ui.Progress {
	return ui.Progress{Label: "PBXs looked at", Done: p.Looked(), Total: p.PBXs, Text: p.Doing}
}

// passText says in words what a pass saw: "42 PBXs verified, 1 could not be read, 2 drifted".
func passText(p fleet.Pass) string {
	text := count(p.Verified, "PBX") + " verified"
	if p.Verified < p.PBXs {
		text = thousands(p.Verified) + " of " + count(p.PBXs, "PBX") + " verified"
	}
	if p.Unknown > 0 {
		text += ", " + thousands(p.Unknown) + " could not be read"
	}
	if p.Snapshots > 0 {
		text += ", " + count(p.Snapshots, "new snapshot")
	}
	if p.Drifted > 0 {
		text += ", " + thousands(p.Drifted) + " drifted"
	}
	return text
}

func wantedBy(p fleet.Pass) string {
	switch {
	case p.Why == fleet.PassSchedule:
		return "Schedule"
	case p.Who == "":
		return "Somebody"
	case p.Why == fleet.PassCommand:
		return "Command at the " + p.Who
	}
	return p.Who
}

// took is how long a pass that has ended ran.
func took(p fleet.Pass) string {
	if d := p.FinishedAt.Sub(p.StartedAt); d >= time.Second {
		return fleet.Span(d)
	}
	return "under 1 s"
}
