package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

func (s *Server) snapshotPage(c echo.Context) error {
	row, err := s.openPBX(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	snapshot, set, err := s.setAt(ctx, row.ID, c.Param("snapshot"))
	if err != nil {
		return err
	}
	return s.renderSnapshot(c, http.StatusOK, row, snapshot, set, form.Change{}, nil)
}

// renderSnapshot shows a snapshot; refused is why no plan was made to go back to it, and typed what was
// asked for then.
func (s *Server) renderSnapshot(c echo.Context, status int, row fleet.PBXRow, snapshot fleet.Snapshot, set fleet.BindingSet, typed form.Change, refused *fleet.Error) error {
	ctx := c.Request().Context()
	n, err := s.names(ctx, didsOf(set.Pairs(), snapshot.Removed))
	if err != nil {
		return err
	}
	view := s.presentSnapshot(snapshot, set, n)
	if view.Header, err = s.pbxHeader(c, row, tabHistory); err != nil {
		return err
	}
	if view.Undo, err = s.undo(c, row, snapshot, set, n); err != nil {
		return err
	}
	typed.UndoTo = snapshot.ID
	b, err := s.bench(ctx, row, typed)
	if err != nil {
		return err
	}
	if refused != nil {
		b.wrong = refused.Fields
		view.Errors = s.refuseUndo(view.Undo, refused, b)
	}
	if view.Undo != nil {
		view.Undo.Headers = b.headerPanel()
	}
	if view.Newer, view.Older, err = s.neighbours(ctx, snapshot); err != nil {
		return err
	}
	return s.render(c, status, views.Snapshot(s.shell(c, "Snapshot of "+pbxName(row.PBX), views.SectionFleet), view))
}

// refuseUndo puts what the cloud says can't be brought back in the place of what our record said,
// and answers with the lines above the form.
func (s *Server) refuseUndo(undo *views.UndoForm, refused *fleet.Error, b *bench) []ui.FieldError {
	lines := []ui.FieldError{{Message: refused.Msg}}
	var lost []views.PlanSkip
	for _, f := range refused.Fields {
		if f.Name != form.FieldSkip {
			line := ui.FieldError{Message: f.Rule}
			if undo != nil {
				line.Field = b.headerAnchor(f.Name)
			}
			lines = append(lines, line)
			continue
		}
		number, reason, _ := strings.Cut(f.Rule, ": ")
		lost = append(lost, views.PlanSkip{Number: s.phone(number), Reason: reason})
	}
	if undo != nil && len(lost) > 0 {
		undo.Lost, lines[0].Field = lost, form.FieldSkip
	}
	return lines
}

func (s *Server) presentSnapshot(snapshot fleet.Snapshot, set fleet.BindingSet, n names) views.SnapshotPage {
	now := s.Now()
	view := views.SnapshotPage{Row: s.snapshotRow(snapshot, n), Empty: ui.Empty{Title: "The list was empty", Text: "From this moment on no number was bound."}}
	view.Row.Count = count(set.Len(), "number")
	source := sourceWord(snapshot.Source)
	if snapshot.Event != "" {
		source += ", " + string(snapshot.Event)
	}
	happened := ui.Fact{Label: "Happened", Time: ui.At(snapshot.VendorAt, now)}
	if snapshot.Source == fleet.FromReconcile {
		happened = ui.Fact{Label: "Happened", Text: between(snapshot.NotBefore, snapshot.SeenAt)}
	} else if snapshot.VendorAt.IsZero() {
		happened.Time = ui.At(snapshot.SeenAt, now)
	}
	view.Facts = []ui.Fact{happened, {Label: "Seen", Time: ui.At(snapshot.SeenAt, now)}, {Label: "Source", Text: source},
		{Label: "Snapshot", Copy: ui.Copy{Label: "snapshot id", Text: snapshot.ID.String()}}, {Label: "Fingerprint", Copy: ui.Copy{Label: "fingerprint", Text: set.Fingerprint()}}}
	if snapshot.Plan != "" {
		view.Facts = append(view.Facts, ui.Fact{Label: "Plan", Link: ui.Link{Label: string(snapshot.Plan), Href: href.Plan(string(snapshot.Plan))}})
	}
	view.Groups = snapshotGroups(set, snapshot.Added, n.then(snapshot.At()))
	return view
}

// snapshotGroups are the numbers of a list by their trunks, those that were just added marked.
func snapshotGroups(set fleet.BindingSet, added []fleet.Binding, n names) (groups []views.SnapshotGroup) {
	fresh := fleet.NewBindingSet(added...)
	for _, g := range byTrunk(set) {
		group := views.SnapshotGroup{Trunk: n.trunk(g.trunk), ID: g.trunk.String(), Count: count(len(g.dids), "number")}
		for _, did := range g.dids {
			number := views.SnapshotNumber{Number: n.number(did), DIDID: did.String()}
			if fresh.Has(fleet.Binding{Trunk: g.trunk, DID: did}) {
				number.Tone = ui.Ok
			}
			group.Rows = append(group.Rows, number)
		}
		groups = append(groups, group)
	}
	return groups
}

// undo offers an operator the way back to a snapshot that is not the present state and whose every
// pair is known; nil otherwise.
func (s *Server) undo(c echo.Context, row fleet.PBXRow, snapshot fleet.Snapshot, set fleet.BindingSet, n names) (*views.UndoForm, error) {
	if !mayOperate(c) {
		return nil, nil
	}
	known, err := s.Ledger.Known(c.Request().Context(), row.ID)
	if err != nil {
		return nil, err
	}
	if known.Record().Equal(set) || set.Certain().Len() != set.Len() || gate(row).Title != "" {
		return nil, nil
	}
	undo := &views.UndoForm{Action: href.PBXPlans(int64(row.ID)), Snapshot: snapshot.ID.String()}
	for _, b := range set.Minus(known.Record()) {
		switch number := n.numbers[b.DID]; {
		case number.Deleted:
			undo.Lost = append(undo.Lost, views.PlanSkip{Number: n.number(b.DID), Reason: "Yeastar lists it no more, unless under a new id."})
		case number.Owner != 0 && number.Owner != row.ID:
			undo.Lost = append(undo.Lost, views.PlanSkip{Number: n.number(b.DID), Reason: "It is bound to " + ownerName(number) + "."})
		}
	}
	return undo, nil
}

// neighbours are the snapshots before and after, when they are among the newest of the PBX.
func (s *Server) neighbours(ctx context.Context, snapshot fleet.Snapshot) (newer, older ui.Link, err error) {
	page, err := s.History.Snapshots(ctx, snapshot.PBX, fleet.PageRequest{Limit: form.DefaultPage})
	if err != nil {
		return newer, older, err
	}
	i := slices.IndexFunc(page.Items, func(o fleet.Snapshot) bool { return o.ID == snapshot.ID })
	if i > 0 {
		newer = ui.Link{Label: "Newer", Href: snapshotLink(page.Items[i-1]).Href}
	}
	if i >= 0 && i+1 < len(page.Items) {
		older = ui.Link{Label: "Older", Href: snapshotLink(page.Items[i+1]).Href}
	}
	return newer, older, nil
}

// undoneShown is how long the pages of a PBX say that somebody has undone it. What that holds back
// is held back for longer.
const undoneShown = 7 * 24 * time.Hour

func undoneNotices(undone fleet.Undone, id fleet.PBXID, now time.Time) []ui.Notice {
	if undone.At.IsZero() || now.Sub(undone.At) > undoneShown {
		return nil
	}
	to := undone.To.String()
	return []ui.Notice{{Tone: ui.Mute, Title: "Undone to snapshot " + to + " by " + undone.By + ", " + ui.At(undone.At, now).Rel,
		Text:  "Jobs that were begun before that change nothing here. The mark goes when somebody confirms another plan.",
		Links: []ui.Link{{Label: "See the plan", Href: href.Plan(string(undone.Plan))}, {Label: "See the snapshot", Href: href.Snapshot(int64(id), to)}}}}
}
