package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// sparkPoints bounds the picture of a PBX's history.
const sparkPoints = 200

func (s *Server) historyPage(c echo.Context) error {
	row, err := s.openPBX(c)
	if err != nil {
		return err
	}
	ctx, l := c.Request().Context(), listOf(c)
	page, err := s.History.Snapshots(ctx, row.ID, form.Page(l.v))
	if err != nil {
		return err
	}
	view, err := s.presentHistory(c, row, l, page)
	if err != nil {
		return err
	}
	if wantsPart(c) {
		return s.render(c, http.StatusOK, views.HistoryResults(view))
	}
	shell := s.shell(c, "History of "+pbxName(row.PBX), views.SectionFleet)
	if view.From != "" || view.To != "" {
		compared, err := s.compare(ctx, row.ID, view.From, view.To)
		if err != nil {
			return s.refuseCompare(c, shell, view, err)
		}
		view.Diff = s.presentCompare(compared, href.HistoryCSV(int64(row.ID), "", view.From, view.To))
	}
	status := http.StatusOK
	if len(view.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.render(c, status, views.History(shell, view))
}

// refuseCompare shows the history and says why there is no comparison.
func (s *Server) refuseCompare(c echo.Context, shell views.Shell, view views.HistoryPage, cause error) error {
	if fleet.KindOf(cause) != fleet.KindInvalid {
		return cause
	}
	shell.Flash = []ui.Notice{{Tone: ui.Bad, Title: "That can't be compared", Text: describe(cause).Detail}}
	return s.render(c, http.StatusUnprocessableEntity, views.History(shell, view))
}

func (s *Server) presentHistory(c echo.Context, row fleet.PBXRow, l list, page fleet.Page[fleet.Snapshot]) (views.HistoryPage, error) {
	ctx := c.Request().Context()
	view := views.HistoryPage{
		Compare: href.History(int64(row.ID)), From: l.v.Get("from"), To: l.v.Get("to"),
		Pager: l.pager(len(page.Items), page.Total, page.Next, "snapshot", false),
		Empty: ui.Empty{Title: "Nothing has been seen yet", Text: "The first report, write or read of this PBX starts its history."},
	}
	n, err := s.names(ctx, didsOf(changedPairs(page.Items)))
	if err != nil {
		return view, err
	}
	if view.Header, err = s.pbxHeader(c, row, tabHistory); err != nil {
		return view, err
	}
	series, err := s.History.CountSeries(ctx, row.ID, sparkPoints)
	if err != nil {
		return view, err
	}
	view.Spark = spark(series, s.Now())
	if err := s.scrub(ctx, row.ID, l.v.Get("at"), series, &view); err != nil {
		return view, err
	}
	view.CompareFrom, view.CompareTo = timeField("from", "From", momentOnly(view.From)), timeField("to", "To", momentOnly(view.To))
	view.Pager.CSV = href.HistoryCSV(int64(row.ID), "", "", "")
	view.Rows = s.snapshotRows(page, n)
	for i := range view.Rows {
		view.Rows[i].From, view.Rows[i].To = view.Rows[i].ID == view.From, view.Rows[i].ID == view.To
	}
	return view, s.nameAuthors(ctx, page.Items, view.Rows)
}

// sparkPlace is where a moment lies in the picture of a series, in order of time: 0 at its left end,
// 1 at its right.
func sparkPlace(series []fleet.CountPoint, at, now time.Time) float64 {
	if len(series) == 0 {
		return 0
	}
	first, end := series[0].At, series[len(series)-1].At
	if end.Before(now) {
		end = now
	}
	return min(max(float64(at.Sub(first))/float64(max(end.Sub(first), 1)), 0), 1)
}

// momentOnly is what was chosen to compare, unless it is a snapshot.
func momentOnly(text string) string {
	if _, ok := form.ID(text); ok {
		return ""
	}
	return text
}

// nameAuthors says who made the snapshots that are our own.
func (s *Server) nameAuthors(ctx context.Context, items []fleet.Snapshot, rows []views.SnapshotRow) error {
	for i, snapshot := range items {
		if snapshot.Plan == "" {
			continue
		}
		p, err := s.Plans.Plan(ctx, snapshot.Plan)
		switch {
		case err == nil:
			rows[i].By = p.Author
		case fleet.KindOf(err) != fleet.KindNotFound:
			return err
		}
	}
	return nil
}

func changedPairs(items []fleet.Snapshot) []fleet.Binding {
	var pairs []fleet.Binding
	for _, snapshot := range items {
		pairs = append(append(pairs, snapshot.Added...), snapshot.Removed...)
	}
	return pairs
}

// snapshotRows puts a page of snapshots, newest first, into words.
func (s *Server) snapshotRows(page fleet.Page[fleet.Snapshot], n names) []views.SnapshotRow {
	rows := make([]views.SnapshotRow, len(page.Items))
	for i, snapshot := range page.Items {
		rows[i] = s.snapshotRow(snapshot, n)
		if snapshot.Source != fleet.FromReconcile {
			continue
		}
		since := snapshot.NotBefore
		if i+1 < len(page.Items) && since.Before(page.Items[i+1].At()) {
			since = page.Items[i+1].At() // a late report came between
		}
		rows[i].Uncertain = between(since, snapshot.SeenAt)
		if since.IsZero() {
			rows[i].Uncertain = "first seen here"
		}
	}
	return rows
}

const (
	shownChanges = 6                // numbers of one snapshot that a list shows
	lateAfter    = 10 * time.Minute // from then on a report counts as late
)

func (s *Server) snapshotRow(snapshot fleet.Snapshot, n names) views.SnapshotRow {
	id := snapshot.ID.String()
	row := views.SnapshotRow{
		ID: id, Href: href.Snapshot(int64(snapshot.PBX), id), Time: ui.At(snapshot.At(), s.Now()),
		Source: string(snapshot.Source), SourceTxt: sourceWord(snapshot.Source), Event: string(snapshot.Event),
		Same: len(snapshot.Added)+len(snapshot.Removed) == 0, Count: thousands(snapshot.Count),
	}
	if late := snapshot.SeenAt.Sub(snapshot.VendorAt); !snapshot.VendorAt.IsZero() && late >= lateAfter {
		row.Late = "arrived " + fleet.Span(late) + " late"
	}
	if snapshot.Plan != "" {
		row.Plan = ui.Link{Label: "Plan", Href: href.Plan(string(snapshot.Plan))}
	}
	row.Removed, row.Added, row.More = changeChips(snapshot, n)
	return row
}

// changeChips are the first numbers that a snapshot took away and brought.
func changeChips(snapshot fleet.Snapshot, n names) (removed, added []ui.Number, more string) {
	chips := func(pairs []fleet.Binding, n names, tone ui.Tone, room int) []ui.Number {
		var out []ui.Number
		for _, b := range pairs[:min(len(pairs), room)] {
			out = append(out, ui.Number{Text: n.number(b.DID), Trunk: n.trunk(b.Trunk), Tone: tone})
		}
		return out
	}
	removed = chips(snapshot.Removed, n.before(snapshot.At()), ui.Bad, shownChanges)
	added = chips(snapshot.Added, n.then(snapshot.At()), ui.Ok, shownChanges)
	if rest := len(snapshot.Removed) + len(snapshot.Added) - len(removed) - len(added); rest > 0 {
		more = "and " + thousands(rest) + " more"
	}
	return removed, added, more
}

// spark draws how many numbers were bound over time, losses marked. One point is no picture.
func spark(series []fleet.CountPoint, now time.Time) ui.Spark {
	series = slices.Clone(series)
	slices.SortStableFunc(series, func(a, b fleet.CountPoint) int { return a.At.Compare(b.At) })
	if len(series) < 2 {
		return ui.Spark{}
	}
	first, last := series[0], series[len(series)-1]
	lowest := first
	var out ui.Spark
	for i, p := range series {
		point := ui.Point{At: sparkPlace(series, p.At, now), Value: p.Count}
		if i > 0 && p.Count < series[i-1].Count {
			point.Tone = ui.Bad
		}
		if p.Count < lowest.Count {
			lowest = p
		}
		out.Points = append(out.Points, point)
	}
	out.From, out.To = first.At.UTC().Format("2 Jan 2006"), "now"
	out.Text = fmt.Sprintf("From %s on %s to %s now.", count(first.Count, "number"), out.From, thousands(last.Count))
	if lowest.Count < min(first.Count, last.Count) {
		out.Text = fmt.Sprintf("From %s on %s to %s now; lowest %s on %s.", count(first.Count, "number"), out.From,
			thousands(last.Count), thousands(lowest.Count), lowest.At.UTC().Format("2 Jan 2006"))
	}
	return out
}

func snapshotLink(snapshot fleet.Snapshot) ui.Link {
	id := snapshot.ID.String()
	return ui.Link{Label: "Snapshot " + id, Href: href.Snapshot(int64(snapshot.PBX), id)}
}

// setAt reads a snapshot of this PBX by the id in a URL: KindNotFound for anything else.
func (s *Server) setAt(ctx context.Context, id fleet.PBXID, text string) (fleet.Snapshot, fleet.BindingSet, error) {
	number, ok := form.ID(text)
	if !ok {
		return fleet.Snapshot{}, fleet.BindingSet{}, fleet.NotFound("web.setAt", "This snapshot")
	}
	snapshot, set, err := s.History.SetAt(ctx, fleet.SnapshotID(number))
	if err == nil && snapshot.PBX != id {
		err = fleet.NotFound("web.setAt", "This snapshot")
	}
	return snapshot, set, err
}
