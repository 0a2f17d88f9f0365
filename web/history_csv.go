package web

import (
	"context"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/web/form"
)

// historyCSV is the history of a PBX as a file: what was bound at a moment, what lies between two
// moments or snapshots, or else every change.
func (s *Server) historyCSV(c echo.Context) error {
	row, err := s.openPBX(c)
	if err != nil {
		return err
	}
	ctx, name := c.Request().Context(), "history-"+row.ID.String()+".csv"
	switch at, from, to := c.QueryParam("at"), c.QueryParam("from"), c.QueryParam("to"); {
	case from != "" || to != "":
		compared, err := s.compare(ctx, row.ID, from, to)
		if err != nil {
			return err
		}
		return s.writeCSV(c, name, []string{"change", "number", "did_id", "trunk_before", "trunk_after"}, once(compared.csv()))
	case at != "":
		rows, err := s.momentRows(ctx, row.ID, at)
		if err != nil {
			return err
		}
		return s.writeCSV(c, name, []string{"at", "number", "did_id", "trunk", "trunk_id", "certain"}, once(rows))
	}
	head := []string{"snapshot", "at", "not_before", "seen_at", "source", "event", "plan", "change", "number", "did_id", "trunk", "trunk_id", "bound"}
	return s.writeCSV(c, name, head, func(after string) ([][]string, string, error) {
		page, err := s.History.Snapshots(ctx, row.ID, fleet.PageRequest{After: after, Limit: form.MaxPage})
		if err != nil {
			return nil, "", err
		}
		rows, err := s.changeRows(ctx, page.Items)
		return rows, page.Next, err
	})
}

// once is a file of one page.
func once(rows [][]string) func(string) ([][]string, string, error) {
	return func(string) ([][]string, string, error) { return rows, "", nil }
}

func (c comparison) csv() (rows [][]string) {
	for _, step := range c.steps {
		n := c.names(step)
		changes, keep := planRows([]plan.Step{step}, n, comparedWords)
		for _, r := range append(changes, keep...) {
			rows = append(rows, []string{r.Word, n.raw(step.DID), r.DIDID, r.Before, r.After})
		}
	}
	return rows
}

// momentRows are the pairs of a moment, and those that a read found later and that may have been
// there already. Certain is false for these, and for pairs that may have been gone.
func (s *Server) momentRows(ctx context.Context, id fleet.PBXID, text string) (rows [][]string, err error) {
	at, wrong := s.pastTime(text)
	if wrong != "" {
		return nil, fleet.Invalid("web.historyCSV", wrong, fleet.Field{Name: "at", Rule: wrong})
	}
	m, err := s.History.MomentOf(ctx, id, at)
	if err != nil {
		return nil, err
	}
	n, err := s.names(ctx, didsOf(m.Set.Pairs(), m.Next.Added))
	if err != nil {
		return nil, err
	}
	add := func(n names, b fleet.Binding, certain bool) {
		rows = append(rows, []string{momentText(m.At), n.raw(b.DID), b.DID.String(), n.trunk(b.Trunk), b.Trunk.String(), strconv.FormatBool(certain)})
	}
	doubted := fleet.NewBindingSet()
	if !m.Since.IsZero() {
		doubted = fleet.NewBindingSet(m.Next.Removed...)
	}
	for _, b := range m.Set.Pairs() {
		add(n.then(m.At), b, !doubted.Has(b))
	}
	if !m.Since.IsZero() {
		for _, b := range m.Next.Added {
			add(n.then(m.Next.At()), b, false)
		}
	}
	return rows, nil
}

func (s *Server) changeRows(ctx context.Context, items []fleet.Snapshot) (rows [][]string, err error) {
	n, err := s.names(ctx, didsOf(changedPairs(items)))
	if err != nil {
		return nil, err
	}
	for _, o := range items {
		moments := make([]string, 3)
		for i, at := range []time.Time{o.At(), o.NotBefore, o.SeenAt} {
			if !at.IsZero() {
				moments[i] = momentText(at)
			}
		}
		head := []string{o.ID.String(), moments[0], moments[1], moments[2], string(o.Source), string(o.Event), string(o.Plan)}
		add := func(change string, n names, pairs []fleet.Binding) {
			for _, b := range pairs {
				rows = append(rows, append(head[:len(head):len(head)], change, n.raw(b.DID), b.DID.String(), n.trunk(b.Trunk), b.Trunk.String(), strconv.Itoa(o.Count)))
			}
		}
		add("removed", n.before(o.At()), o.Removed)
		add("added", n.then(o.At()), o.Added)
		if len(o.Added)+len(o.Removed) == 0 {
			rows = append(rows, append(head[:len(head):len(head)], "none", "", "", "", "", strconv.Itoa(o.Count)))
		}
	}
	return rows, nil
}
