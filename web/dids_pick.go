package web

import (
	"context"
	"slices"
	"strings"

	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// shownPicks is how many free numbers the page offers at once: a search narrows the rest.
const shownPicks = 100

// pick offers the free numbers of a trunk, straight from the cloud; without a trunk, those of our
// own record that match the search.
func (s *Server) pick(ctx context.Context, b *bench) views.PickPanel {
	panel := views.PickPanel{Find: b.find, Empty: ui.Empty{Title: "Choose a trunk", Text: "Or search for a number: every free one that matches is shown with its trunk."}}
	for id, t := range b.n.trunks {
		if b.reaches(id) {
			panel.Trunks = append(panel.Trunks, ui.Option{Value: id.String(), Label: b.n.trunk(t.ID), Selected: id == b.trunk})
		}
	}
	slices.SortFunc(panel.Trunks, func(x, y ui.Option) int {
		return strings.Compare(strings.ToLower(x.Label)+x.Value, strings.ToLower(y.Label)+y.Value)
	})
	var err error
	switch {
	case b.trunk != 0 && !b.reaches(b.trunk):
		panel.Empty = ui.Empty{Title: "This PBX can't use that trunk", Text: "It is not among the trunks of this account and region."}
	case b.trunk != 0:
		err = s.pickOnTrunk(ctx, b, &panel)
	case strings.TrimSpace(b.find) != "":
		err = s.pickAnywhere(ctx, b, &panel)
	}
	if err != nil {
		panel.Error = ui.Notice{Tone: ui.Bad, Title: "The free numbers could not be read", Text: describe(err).Detail}
	}
	return panel
}

func (s *Server) pickOnTrunk(ctx context.Context, b *bench, panel *views.PickPanel) error {
	free, err := s.Picker.Usable(ctx, b.row.ID, b.trunk)
	if err != nil {
		return err
	}
	free = slices.DeleteFunc(free, func(d fleet.DID) bool { return b.known.Set.Has(fleet.Binding{Trunk: b.trunk, DID: d.ID}) })
	total := len(free)
	free = slices.DeleteFunc(free, func(d fleet.DID) bool { return !s.finds(b.find, d) })
	slices.SortFunc(free, func(x, y fleet.DID) int { return strings.Compare(x.Number, y.Number) })
	for _, d := range free[:min(len(free), shownPicks)] {
		panel.Rows = append(panel.Rows, b.pickRow(fleet.Binding{Trunk: b.trunk, DID: d.ID}, s.phone(d.Number), d.Name, ""))
	}
	panel.Summary = thousands(len(panel.Rows)) + " of " + count(total, "free number") + " on " + b.n.trunk(b.trunk)
	panel.Empty = ui.Empty{Title: "No free number on " + b.n.trunk(b.trunk), Text: "All of its numbers are bound."}
	if total > 0 {
		panel.Empty = nothingFree(b.find)
	}
	return nil
}

func (s *Server) pickAnywhere(ctx context.Context, b *bench, panel *views.PickPanel) error {
	rows, err := s.Search.FindDIDs(ctx, b.find, shownPicks)
	if err != nil {
		return err
	}
	for _, row := range rows {
		state, pairs := b.judge(row)
		if state != lineFree {
			continue
		}
		for _, p := range pairs {
			panel.Rows = append(panel.Rows, b.pickRow(p, s.phone(row.Number), row.Name, "on "+b.n.trunk(p.Trunk)))
		}
	}
	panel.Summary = count(len(panel.Rows), "free number") + " by our own record"
	panel.Empty = nothingFree(b.find)
	return nil
}

func (b *bench) pickRow(p fleet.Binding, number, name, note string) views.PickRow {
	return views.PickRow{Pair: pairText(p), Number: number, Name: name, Note: note, Checked: slices.Contains(b.typed.Bind, p)}
}

func nothingFree(find string) ui.Empty {
	return ui.Empty{Title: "No free number matches “" + short(find, 60) + "”", Text: "Numbers of other PBXs are not shown here.",
		Action: ui.Link{Label: "Who has it?", Href: href.With(href.Numbers, "number", short(find, longestLine))}}
}

// finds reports whether a search finds a number: by a part of its name or of its digits, in any form.
func (s *Server) finds(find string, d fleet.DID) bool {
	find = strings.TrimSpace(find)
	if find == "" || strings.Contains(strings.ToLower(d.Name), strings.ToLower(find)) {
		return true
	}
	own := digits(d.Number)
	forms := append(s.Phone.Keys(find), strings.TrimLeft(digits(find), "0"))
	return slices.ContainsFunc(forms, func(f string) bool { return f != "" && strings.Contains(own, f) })
}

// chosen sums the selection up. Chosen numbers that the page shows elsewhere are not repeated.
func (b *bench) chosen(pick views.PickPanel) views.Chosen {
	var out views.Chosen
	binds := b.binds()
	for _, p := range b.typed.Bind {
		text := pairText(p)
		shown := slices.ContainsFunc(pick.Rows, func(r views.PickRow) bool { return r.Pair == text }) ||
			slices.ContainsFunc(b.verdicts, func(v verdict) bool {
				return (len(v.pairs) > 1 || v.state == lineUnclear) && slices.Contains(v.pairs, p)
			})
		if !shown {
			out.Bind = append(out.Bind, views.ChosenNumber{Pair: text, Number: b.n.number(p.DID), Trunk: b.n.trunk(p.Trunk)})
		}
	}
	var parts []string
	if len(binds) > 0 {
		parts = append(parts, "Bind "+thousands(len(binds)))
	}
	if k := len(b.typed.Unbind); k > 0 {
		out.Unbind = count(k, "number")
		parts = append(parts, "unbind "+thousands(k))
	}
	if out.Summary = strings.Join(parts, ", "); out.Summary != "" {
		out.Summary = strings.ToUpper(out.Summary[:1]) + out.Summary[1:]
	}
	return out
}

// boundGroups are the numbers bound now, by trunk; those whose trunk is not known come first.
func (s *Server) boundGroups(ctx context.Context, b *bench) ([]views.BoundGroup, error) {
	since, err := s.since(ctx, b)
	if err != nil {
		return nil, err
	}
	var groups []views.BoundGroup
	if len(b.known.Unclear) > 0 {
		group := views.BoundGroup{Trunk: "Trunk not known", Count: count(len(b.known.Unclear), "number")}
		for _, u := range b.known.Unclear {
			row := s.boundRow(b, fleet.Binding{Trunk: fleet.TrunkUnclear, DID: u.DID})
			row.Ambiguous = joinOr(b.n.trunkList(u.Trunks))
			group.Rows = append(group.Rows, row)
		}
		groups = append(groups, group)
	}
	for _, g := range byTrunk(b.known.Set) {
		group := views.BoundGroup{Trunk: b.n.trunk(g.trunk), ID: g.trunk.String(), Count: count(len(g.dids), "number")}
		for _, did := range g.dids {
			pair := fleet.Binding{Trunk: g.trunk, DID: did}
			row := s.boundRow(b, pair)
			if snapshot, ok := since[pair]; ok {
				row.Since = ui.At(snapshot.At(), s.Now())
				if snapshot.Source == fleet.FromReconcile {
					row.SinceNote = "at the latest"
				}
			}
			group.Rows = append(group.Rows, row)
		}
		groups = append(groups, group)
	}
	return groups, nil
}

func (s *Server) boundRow(b *bench, pair fleet.Binding) views.BoundRow {
	row := b.n.numbers[pair.DID]
	return views.BoundRow{
		Pair: pairText(pair), DIDID: pair.DID.String(), Number: b.n.number(pair.DID), Name: row.Name, Protected: row.Protected,
		ProtectHref: href.Protection(int64(pair.DID)), Checked: slices.Contains(b.typed.Unbind, pair),
		Match: b.find != "" && s.finds(b.find, row.DID),
	}
}

// since finds, in the newest snapshots, which of them brought each pair that is bound now.
func (s *Server) since(ctx context.Context, b *bench) (map[fleet.Binding]fleet.Snapshot, error) {
	const newest = 50
	found := map[fleet.Binding]fleet.Snapshot{}
	page, err := s.History.Snapshots(ctx, b.row.ID, fleet.PageRequest{Limit: newest})
	if err != nil {
		return nil, err
	}
	for _, snapshot := range page.Items {
		for _, pair := range snapshot.Added {
			if _, ok := found[pair]; !ok && b.known.Set.Has(pair) {
				found[pair] = snapshot
			}
		}
	}
	return found, nil
}
