package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// driftStates are the states in the order in which people ask for them.
func driftStates() []fleet.DriftState {
	return []fleet.DriftState{fleet.DriftOpen, fleet.DriftReverted, fleet.DriftAdopted, fleet.DriftResolved}
}

// driftCauses are all causes, with what people call them.
func driftCauses() []fleet.Cause {
	return []fleet.Cause{fleet.CauseMissedEvent, fleet.CauseChangedOutside, fleet.CauseUpstreamRevoke, fleet.CauseRestored, fleet.CauseTrunkDeleted,
		fleet.CauseDIDDeleted, fleet.CauseLostWrite, fleet.CausePBXDeleted, fleet.CauseUnknown}
}

func causeWords(cause fleet.Cause) string {
	switch cause {
	case fleet.CauseMissedEvent:
		return "Missed report"
	case fleet.CauseChangedOutside:
		return "Changed by another YCM user"
	case fleet.CauseUpstreamRevoke:
		return "Taken back by the provider"
	case fleet.CauseRestored:
		return "PBX restored or reset"
	case fleet.CauseTrunkDeleted:
		return "Trunk deleted"
	case fleet.CauseDIDDeleted:
		return "Numbers deleted"
	case fleet.CauseLostWrite:
		return "A plan came out otherwise"
	case fleet.CausePBXDeleted:
		return "PBX deleted"
	}
	return "Not known"
}

func driftBadge(state fleet.DriftState) ui.Badge {
	switch state {
	case fleet.DriftOpen:
		return ui.Badge{Tone: ui.Bad, Label: "Open"}
	case fleet.DriftReverted:
		return ui.Badge{Tone: ui.Ok, Label: "Reverted"}
	case fleet.DriftAdopted:
		return ui.Badge{Tone: ui.Mute, Label: "Adopted"}
	}
	return ui.Badge{Tone: ui.Mute, Label: "Resolved"}
}

// driftFilter reads the query: what is open, unless it says otherwise.
func driftFilter(l list) fleet.DriftFilter {
	f := fleet.DriftFilter{State: fleet.DriftState(l.v.Get("state")), Cause: fleet.Cause(l.v.Get("cause")), Page: form.Page(l.v)}
	if !l.v.Has("state") {
		f.State = fleet.DriftOpen
	}
	if !slices.Contains(driftStates(), f.State) {
		f.State = ""
	}
	if !slices.Contains(driftCauses(), f.Cause) {
		f.Cause = ""
	}
	return f
}

func (s *Server) driftsPage(c echo.Context) error {
	ctx, l := c.Request().Context(), listOf(c)
	f := driftFilter(l)
	page, err := s.Drifts.Drifts(ctx, f)
	if err != nil {
		return err
	}
	counts, err := s.Drifts.DriftCounts(ctx)
	if err != nil {
		return err
	}
	view := views.DriftsPage{Live: "fleet", Pager: l.pager(len(page.Items), page.Total, page.Next, "drift", true)}
	view.Pager.CSV = l.at(href.DriftsCSV)
	total := 0
	for _, state := range driftStates() {
		badge := driftBadge(state)
		total += counts[state]
		view.States = append(view.States, ui.Option{Label: badge.Label, Tone: badge.Tone, Count: thousands(counts[state]), Href: l.with("state", string(state)), Selected: f.State == state})
	}
	view.States = append(view.States, ui.Option{Label: "All", Count: thousands(total), Href: l.with("state", "all"), Selected: f.State == ""})
	if f.Cause != "" {
		view.Chips = []ui.Chip{{Label: "Cause: " + causeWords(f.Cause), Href: l.with("cause", "")}}
	}
	view.Empty = ui.Empty{Title: "Nothing has drifted", Text: "What our record says and what Yeastar has agree, as far as both were read. What somebody else changes appears here, with its cause."}
	if total > 0 {
		view.Empty = ui.Empty{Title: "No drift in this state", Text: "Others are on record.", Action: ui.Link{Label: "Show all", Href: l.with("state", "all", "cause", "")}}
	}
	for _, d := range page.Items {
		view.Rows = append(view.Rows, s.driftRow(d))
	}
	if wantsPart(c) {
		return s.render(c, http.StatusOK, views.DriftsResults(view))
	}
	return s.render(c, http.StatusOK, views.Drifts(s.shell(c, "Drift", views.SectionDrift), view))
}

func (s *Server) driftRow(d fleet.Drift) views.DriftRow {
	row := views.DriftRow{
		Href: href.Drift(int64(d.ID)), PBX: pbxName(fleet.PBX{ID: d.PBX, Name: d.PBXName}), State: driftBadge(d.State), Cause: causeWords(d.Cause),
		Sentence: d.Sentence, Opened: ui.At(d.OpenedAt, s.Now()),
	}
	lost, won := d.Numbers()
	if lost > 0 {
		row.Lost = "−" + thousands(lost)
	}
	if won > 0 {
		row.Won = "+" + thousands(won)
	}
	return row
}

func (s *Server) driftPage(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := pathID[fleet.DriftID](c, "drift", "The drift")
	if err != nil {
		return err
	}
	d, err := s.Drifts.Drift(ctx, id)
	if err != nil {
		return err
	}
	n, err := s.names(ctx, didsOf(d.Before.Pairs(), d.After.Pairs()))
	if err != nil {
		return err
	}
	view := s.presentDrift(d, n)
	if view.Truth, err = s.stand(ctx, d.PBX); err != nil {
		return err
	}
	if d.State == fleet.DriftOpen && mayOperate(c) {
		row, err := s.Fleet.PBX(ctx, d.PBX)
		if err != nil {
			return err
		}
		view.Revert, view.Adopt = driftActs(d, row)
	}
	return s.render(c, http.StatusOK, views.Drift(s.shell(c, "Drift on "+view.PBX.Label, views.SectionDrift), view))
}

func (s *Server) presentDrift(d fleet.Drift, n names) views.DriftPage {
	steps, now := plan.Diff(d.Before, d.After), s.Now()
	view := views.DriftPage{
		ID: strconv.FormatInt(int64(d.ID), 10), PBX: ui.Link{Label: pbxName(fleet.PBX{ID: d.PBX, Name: d.PBXName}), Href: href.PBX(int64(d.PBX))},
		State: driftBadge(d.State), Sentence: d.Sentence, Cause: causeWords(d.Cause), Summary: diffSummary(steps), Live: "pbx:" + d.PBX.String(),
		Facts: []ui.Fact{{Label: "Opened", Time: ui.At(d.OpenedAt, now)},
			{Label: "Before", Link: ui.Link{Label: "Snapshot " + d.Base.String(), Href: href.Snapshot(int64(d.PBX), d.Base.String())}}},
	}
	view.Rows, view.Keep = planRows(steps, n, comparedWords)
	if len(view.Keep) > 0 {
		view.KeepText = stay(len(view.Keep), "is the same", "are the same")
	}
	for _, e := range d.Evidence {
		view.Evidence = append(view.Evidence, views.DriftEvidence{Text: e.Sentence, Link: evidenceLink(d.PBX, e)})
	}
	switch deletion := d.Cause == fleet.CausePBXDeleted; {
	case d.State == fleet.DriftAdopted && deletion:
		view.Closed = ui.Notice{Title: "Accepted", Text: d.ClosedBy + " accepted the deletion, " + absolute(d.ClosedAt) + "."}
	case d.State == fleet.DriftResolved && deletion:
		view.Closed = ui.Notice{Title: "Resolved", Text: "A read showed that the PBX is there, " + absolute(d.ClosedAt) + "."}
	case d.State == fleet.DriftAdopted:
		view.Closed = ui.Notice{Title: "Adopted", Text: d.ClosedBy + " took what is there for the truth, " + absolute(d.ClosedAt) + "."}
	case d.State == fleet.DriftReverted:
		view.Closed = ui.Notice{Tone: ui.Ok, Title: "Reverted", Text: "A plan put back what was there before, " + absolute(d.ClosedAt) + ".", Links: planLinks(d.Plan)}
	case d.State == fleet.DriftResolved:
		view.Closed = ui.Notice{Title: "Resolved", Text: "The PBX is as it was, a plan went over it, or the PBX is gone, " + absolute(d.ClosedAt) + ".", Links: planLinks(d.Plan)}
	}
	return view
}

func planLinks(id fleet.PlanID) []ui.Link {
	if id == "" {
		return nil
	}
	return []ui.Link{{Label: "The plan", Href: href.Plan(string(id))}}
}

// evidenceLink is where a piece of evidence can be looked up.
func evidenceLink(pbx fleet.PBXID, e fleet.Evidence) ui.Link {
	switch {
	case e.Snapshot != 0:
		return ui.Link{Label: "Snapshot " + e.Snapshot.String(), Href: href.Snapshot(int64(pbx), e.Snapshot.String())}
	case e.Plan != "":
		return ui.Link{Label: "The plan", Href: href.Plan(string(e.Plan))}
	case e.PBX != 0:
		return ui.Link{Label: "That PBX", Href: href.PBX(int64(e.PBX))}
	}
	return ui.Link{}
}

// driftActs are the two ways out of an open drift. Putting back is not offered where some of what was
// there is not known by trunk, or where nothing may be written.
func driftActs(d fleet.Drift, row fleet.PBXRow) (revert, adopt *views.FormAction) {
	id := int64(d.ID)
	if d.Before.Certain().Len() == d.Before.Len() && gate(row).Title == "" {
		revert = &views.FormAction{Href: href.RevertDrift(id), Label: "Put it back: review a plan", Text: "Nothing is sent before you confirm the plan."}
		if lost, _ := d.Numbers(); d.Cause == fleet.CauseRestored {
			revert.Label = "Rescue: bind " + count(lost, "number") + " again"
			revert.Text = "One plan with everything that the PBX had before the restore. Nothing is sent before you confirm it."
		}
	}
	adopt = &views.FormAction{Href: href.AdoptDrift(id), Label: "Adopt what is there now", Text: "Nothing is sent; the PBX counts as in sync.",
		Fields: []views.HiddenField{{Name: fieldChangedAt, Value: row.Standing.ChangedAt.Format(time.RFC3339Nano)}}}
	if d.Cause == fleet.CausePBXDeleted {
		adopt.Label, adopt.Text = "Accept the deletion", "Nothing is sent; it is an alarm no more. Its history stays."
	}
	return revert, adopt
}

// fieldChangedAt carries the moment up to which a person has seen a PBX's changes.
const fieldChangedAt = "changed_at"

// adoptDrift takes what somebody else changed for the truth, as far as the person has seen it.
func (s *Server) adoptDrift(c echo.Context) error {
	id, err := pathID[fleet.DriftID](c, "drift", "The drift")
	if err != nil {
		return err
	}
	if err := c.Request().ParseForm(); err != nil {
		return unreadable(err)
	}
	seen, err := time.Parse(time.RFC3339Nano, c.Request().PostForm.Get(fieldChangedAt))
	if err != nil {
		return fleet.Invalid("web.adoptDrift", "What was seen is not said.", fleet.Field{Name: fieldChangedAt, Rule: "The time of the newest change on the page."})
	}
	if _, err := s.adopt(c, id, seen); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.Drift(int64(id)))
}

// adopt closes a drift as the truth. The zero seen takes whatever is there.
func (s *Server) adopt(c echo.Context, id fleet.DriftID, seen time.Time) (fleet.Drift, error) {
	ctx := c.Request().Context()
	d, err := s.Drifts.Drift(ctx, id)
	if err != nil {
		return d, err
	}
	e := audit.Entry{At: s.Now(), Actor: who(c).user.Name, IP: c.RealIP(), Action: audit.DriftAdopt, Target: d.PBXName, PBX: d.PBX,
		Outcome: audit.Succeeded, Reason: d.Sentence}
	if err := s.Drifts.AdoptDrift(ctx, id, seen, e); err != nil {
		e.Reason = ""
		return d, s.refused(c, err, e)
	}
	s.Hub.Announce("fleet", "pbx:"+d.PBX.String())
	return s.Drifts.Drift(ctx, id)
}

// revertDrift makes the plan that puts back what was there before the drift. What keeps it from being
// made is shown on the page where numbers are bound, with the way back still chosen.
func (s *Server) revertDrift(c echo.Context) error {
	ctx := c.Request().Context()
	d, err := s.openDrift(c)
	if err != nil {
		return err
	}
	row, err := s.Fleet.PBX(ctx, d.PBX)
	if err != nil {
		return err
	}
	if err := c.Request().ParseForm(); err != nil {
		return unreadable(err)
	}
	typed, wrong := form.ReadChange(c.Request().PostForm)
	b, err := s.bench(ctx, row, form.Change{UndoTo: d.Base, Headers: typed.Headers, None: typed.None})
	if err != nil {
		return err
	}
	b.wrong = wrong
	ask := b.ask()
	if len(b.wrong) > 0 {
		return s.refusePlan(c, b, fleet.Invalid("web.revertDrift", "Some fields are wrong.", b.wrong...))
	}
	p, err := s.draft(c, ask)
	if err != nil {
		return s.refusePlan(c, b, err)
	}
	return c.Redirect(http.StatusSeeOther, href.Plan(string(p.ID)))
}

// openDrift is the drift of the path: KindConflict when it is over.
func (s *Server) openDrift(c echo.Context) (fleet.Drift, error) {
	id, err := pathID[fleet.DriftID](c, "drift", "The drift")
	if err != nil {
		return fleet.Drift{}, err
	}
	d, err := s.Drifts.Drift(c.Request().Context(), id)
	if err == nil && d.State != fleet.DriftOpen {
		err = &fleet.Error{Kind: fleet.KindConflict, Op: "web.openDrift", Msg: "There is nothing to put back: this drift is " + string(d.State) + " already."}
		err = s.refused(c, err, audit.Entry{Action: audit.PlanCreate, Target: d.PBXName, PBX: d.PBX})
	}
	return d, err
}
