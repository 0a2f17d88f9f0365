package web

import (
	"context"
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
	n, err := s.names(ctx, didsOf(set.Pairs(), snapshot.Removed))
	if err != nil {
		return err
	}
	view := s.presentSnapshot(snapshot, set, n)
	if view.Header, err = s.pbxHeader(c, row, tabHistory); err != nil {
		return err
	}
	if view.Undo, err = s.undo(c, row, snapshot, set); err != nil {
		return err
	}
	if view.Newer, view.Older, err = s.neighbours(ctx, snapshot); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, views.Snapshot(s.shell(c, "Snapshot of "+pbxName(row.PBX), views.SectionFleet), view))
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
		happened = ui.Fact{Label: "Happened", Text: between(time.Time{}, snapshot.SeenAt)}
	} else if snapshot.VendorAt.IsZero() {
		happened.Time = ui.At(snapshot.SeenAt, now)
	}
	view.Facts = []ui.Fact{happened, {Label: "Seen", Time: ui.At(snapshot.SeenAt, now)}, {Label: "Source", Text: source},
		{Label: "Snapshot", Copy: ui.Copy{Label: "snapshot id", Text: snapshot.ID.String()}}, {Label: "Fingerprint", Copy: ui.Copy{Label: "fingerprint", Text: set.Fingerprint()}}}
	if snapshot.Plan != "" {
		view.Facts = append(view.Facts, ui.Fact{Label: "Plan", Link: ui.Link{Label: string(snapshot.Plan), Href: href.Plan(string(snapshot.Plan))}})
	}
	for _, g := range byTrunk(set) {
		group := views.SnapshotGroup{Trunk: n.trunk(g.trunk), ID: g.trunk.String(), Count: count(len(g.dids), "number")}
		for _, did := range g.dids {
			number := views.SnapshotNumber{Number: n.number(did), DIDID: did.String()}
			if slices.Contains(snapshot.Added, fleet.Binding{Trunk: g.trunk, DID: did}) {
				number.Tone = ui.Ok
			}
			group.Rows = append(group.Rows, number)
		}
		view.Groups = append(view.Groups, group)
	}
	return view
}

// undo offers an operator the way back to a snapshot that is not the present state and whose every
// pair is known; nil otherwise.
func (s *Server) undo(c echo.Context, row fleet.PBXRow, snapshot fleet.Snapshot, set fleet.BindingSet) (*views.FormAction, error) {
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
	return &views.FormAction{
		Href: href.PBXPlans(int64(row.ID)), Label: "Plan to go back to this", Text: "Nothing is sent before you confirm the plan.",
		Fields: []views.HiddenField{{Name: form.FieldUndoTo, Value: snapshot.ID.String()}},
	}, nil
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
