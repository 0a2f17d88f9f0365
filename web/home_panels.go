package web

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// dayColumns draws a count per day. bad says that none would be best.
func dayColumns(days []fleet.DayCount, noun string, bad bool) ui.Columns {
	c, total := ui.Columns{}, 0
	for _, d := range days {
		column := ui.Column{Good: d.Count, Text: d.Day.Format("2 Jan") + ": " + count(d.Count, noun)}
		if bad {
			column.Good, column.Bad = 0, d.Count
		}
		c.List, total = append(c.List, column), total+d.Count
	}
	if len(days) > 0 {
		c.From, c.To = days[0].Day.Format("2 Jan"), "today"
	}
	c.Text = count(total, noun) + " in " + count(len(days), "day")
	return c
}

// trunkMeters are the trunks that run out first. Those of which nothing is known are left out.
func trunkMeters(rows []fleet.TrunkRow) ([]views.TrunkMeter, ui.Link) {
	rows = slices.DeleteFunc(slices.Clone(rows), func(t fleet.TrunkRow) bool { return t.Deleted || t.Tally.Numbers == 0 })
	slices.SortStableFunc(rows, func(a, b fleet.TrunkRow) int {
		return cmp.Or(cmp.Compare(a.Tally.Free()*b.Tally.Numbers, b.Tally.Free()*a.Tally.Numbers), cmp.Compare(a.Tally.Free(), b.Tally.Free()))
	})
	all := ui.Link{Label: "All trunks", Href: href.Trunks}
	if len(rows) > homeTrunks {
		all.Label = "All " + count(len(rows), "trunk")
	}
	var meters []views.TrunkMeter
	for _, t := range rows[:min(len(rows), homeTrunks)] {
		meters = append(meters, views.TrunkMeter{Name: trunkName(t.Trunk), Href: href.With(href.Trunk(int64(t.ID)), "use", string(fleet.FreeUse)), Bar: numbersBar(t), Free: thousands(t.Tally.Free()) + " free"})
	}
	return meters, all
}

// passCard is the pass that runs, or the last one.
func (s *Server) passCard(ctx context.Context) (views.PassCard, error) {
	page, err := s.passes(ctx, fleet.PageRequest{Limit: 1})
	if err != nil {
		return views.PassCard{}, err
	}
	if len(page.Items) == 0 {
		return views.PassCard{State: ui.Badge{Tone: ui.Mute, Label: "None yet"}, Sentence: "No pass has run yet."}, nil
	}
	p := page.Items[0]
	card := views.PassCard{State: passBadge(p), Href: href.Pass(p.ID.String()), Time: ui.At(p.FinishedAt, s.Now())}
	switch {
	case p.FinishedAt.IsZero():
		card.Time = ui.At(p.StartedAt, s.Now())
		card.Sentence = thousands(p.Looked()) + " of " + count(p.PBXs, "PBX") + " looked at."
		return card, nil
	case p.StoppedBy != "":
		card.Sentence = "It stopped after " + count(p.Looked(), "PBX") + ": " + p.StoppedBy
		return card, nil
	}
	card.Sentence = passText(p) + "; it took " + took(p) + "."
	return card, nil
}

// homeWork names the plans that wait for somebody and the jobs that run or wait.
func (s *Server) homeWork(ctx context.Context, _ fleet.FleetTally, view *views.HomePage) error {
	for _, state := range []job.State{job.NeedsAttention, job.Running} {
		page, err := s.JobBook.Jobs(ctx, job.Filter{State: state, Page: fleet.PageRequest{Limit: homeWork}})
		if err != nil {
			return err
		}
		for _, j := range page.Items {
			view.Work = append(view.Work, views.WorkRow{State: jobBadge(j.State), Title: ui.Link{Label: j.Title, Href: href.Job(string(j.ID))}, Text: dotted(kindOfJob(j.Kind), j.Author, j.Sentence)})
		}
	}
	for _, status := range []plan.Status{plan.Unknown, plan.Applying, plan.Draft} {
		page, err := s.Plans.Plans(ctx, plan.Filter{Status: status, Page: fleet.PageRequest{Limit: homeWork}})
		if err != nil {
			return err
		}
		for _, p := range page.Items {
			row := s.planListRow(p)
			view.Work = append(view.Work, views.WorkRow{State: row.Status, Title: ui.Link{Label: row.Title, Href: row.Href}, Text: dotted(p.PBXName, p.Author, row.Note)})
		}
	}
	return nil
}

// dotted joins what there is.
func dotted(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " · ")
}

// happening is one recent thing with its time, before the newest are chosen.
type happening struct {
	at  time.Time
	row views.ChangeRow
}

// homeChanges are the newest snapshots and acts, as one list.
func (s *Server) homeChanges(ctx context.Context, _ fleet.FleetTally, view *views.HomePage) error {
	changes, err := s.recentSnapshots(ctx)
	if err != nil {
		return err
	}
	acts, err := s.Record.Audit(ctx, audit.Filter{Page: fleet.PageRequest{Limit: 5 * homeChanges}})
	if err != nil {
		return err
	}
	for _, e := range acts.Items {
		if row, ok := s.actRow(e); ok {
			changes = append(changes, happening{e.At, row})
		}
	}
	slices.SortStableFunc(changes, func(a, b happening) int { return b.at.Compare(a.at) })
	for _, c := range changes[:min(len(changes), homeChanges)] {
		c.row.Time = ui.At(c.at, s.Now())
		view.Changes = append(view.Changes, c.row)
	}
	return nil
}

func (s *Server) recentSnapshots(ctx context.Context) ([]happening, error) {
	recent, err := s.History.Recent(ctx, homeChanges)
	if err != nil {
		return nil, err
	}
	recent = slices.DeleteFunc(recent, func(o fleet.Snapshot) bool { return len(o.Added)+len(o.Removed) == 0 })
	n, err := s.names(ctx, didsOf(changedPairs(recent)))
	if err != nil {
		return nil, err
	}
	ids := make([]fleet.PBXID, len(recent))
	for i, o := range recent {
		ids[i] = o.PBX
	}
	pbxs, err := s.somePBXs(ctx, ids)
	if err != nil {
		return nil, err
	}
	var changes []happening
	for _, o := range recent {
		row := views.ChangeRow{Subject: ui.Link{Label: pbxName(pbxs[o.PBX].PBX), Href: href.Snapshot(int64(o.PBX), o.ID.String())}, Text: sourceWord(o.Source)}
		row.Removed, row.Added, row.More = changeChips(o, n)
		row.Removed = row.Removed[:min(len(row.Removed), homeChips)]
		row.Added = row.Added[:min(len(row.Added), homeChips-len(row.Removed))]
		shortenChips(row.Removed)
		shortenChips(row.Added)
		row.More = ""
		if rest := len(o.Removed) + len(o.Added) - len(row.Removed) - len(row.Added); rest > 0 {
			row.More = "and " + thousands(rest) + " more"
		}
		if o.Plan != "" {
			row.By = ui.Link{Label: "a plan", Href: href.Plan(string(o.Plan))}
			if p, err := s.Plans.Plan(ctx, o.Plan); err == nil {
				row.Text, row.By = p.Author, ui.Link{Label: "plan", Href: row.By.Href}
			}
		}
		changes = append(changes, happening{o.At(), row})
	}
	return changes, nil
}

// actRow is an act as the home page shows it. Sign-ins, plans on their way and what a snapshot shows
// already are left to the audit log.
func (s *Server) actRow(e audit.Entry) (row views.ChangeRow, shown bool) {
	switch e.Action {
	case audit.SignIn, audit.SignOut, audit.PassRun, audit.PlanCreate, audit.PlanConfirm, audit.PlanDiscard:
		return row, false
	case audit.BindingsUpdate:
		if e.Outcome == audit.Succeeded {
			return row, false
		}
	}
	if e.Outcome == audit.Intended {
		return row, false
	}
	row.Subject, row.Text = ui.Link{Label: cmp.Or(e.Target, string(e.Action))}, e.Actor+" "+actWords(e)
	switch {
	case e.Action == audit.NumberProtect:
		row.Subject = ui.Link{Label: s.phone(e.Target), Href: href.With(href.Numbers, "number", e.Target)}
	case e.PBX != 0:
		row.Subject.Href = href.PBX(int64(e.PBX))
	}
	if e.Plan != "" {
		row.By = ui.Link{Label: "a plan", Href: href.Plan(string(e.Plan))}
	}
	return row, true
}

// shortenChips leaves the trunks to the snapshot's page, but for a number that is there on several.
func shortenChips(chips []ui.Number) {
	times := map[string]int{}
	for _, chip := range chips {
		times[chip.Text]++
	}
	for i := range chips {
		if times[chips[i].Text] == 1 {
			chips[i].Trunk = ""
		}
	}
}
