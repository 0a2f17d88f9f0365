package web

import (
	"context"
	"slices"
	"strconv"

	"cordboard/sync/bulk"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// bulkGroup is a part of the rows that the page shows at once.
type bulkGroup struct {
	name  string // in the query
	label string
	words []bulk.VerdictWord // nil: the wrong ones
}

var bulkGroups = []bulkGroup{
	{"wrong", "Wrong", nil},
	{"changes", "Changes", []bulk.VerdictWord{bulk.Bind, bulk.Move, bulk.Claim, bulk.Stated}},
	{"kept", "Kept", []bulk.VerdictWord{bulk.Kept}},
}

func (g bulkGroup) has(w bulk.VerdictWord) bool {
	if g.words == nil {
		return w.Wrong()
	}
	return slices.Contains(g.words, w)
}

// bulkRowsAtOnce is how many rows of the file the page shows.
const bulkRowsAtOnce = 100

func (s *Server) presentBulk(l list, j job.Job, doc change.BulkDoc, r bulk.Review) views.BulkReviewPage {
	view := views.BulkReviewPage{
		ID: string(j.ID), Noun: "spreadsheet", Title: j.Title, State: jobBadge(j.State), Sentence: j.Sentence, Live: "job:" + string(j.ID),
		Job: ui.Link{Label: "Job", Href: href.Job(string(j.ID))}, Back: ui.Link{Label: "Spreadsheet", Href: href.Bulk},
		Facts: []ui.Fact{{Label: "Brought by", Text: j.Author}, {Label: "Brought", Time: ui.At(j.CreatedAt, s.Now())}},
	}
	if doc.Phase == change.Applying && doc.By.Actor != "" {
		view.Facts = append(view.Facts, ui.Fact{Label: "Agreed to by", Text: doc.By.Actor})
		if doc.Reason != "" {
			view.Facts = append(view.Facts, ui.Fact{Label: "Reason", Text: doc.Reason})
		}
	}
	view.Facts = append(view.Facts, ui.Fact{Label: "Rows", Text: bulkRowSum(r)}, ui.Fact{Label: "PBXs", Text: bulkPBXSum(r)})
	for _, it := range r.Items {
		if it.Fate == bulk.Left {
			view.Left = append(view.Left, views.BulkLeft{PBX: ui.Link{Label: it.Name, Href: href.PBX(int64(it.PBX))}, Sentence: it.Sentence})
		}
	}
	view.LeftSum = thousands(len(view.Left))
	view.Rows, view.Missing = bulkRows(l, r), bulkMissing(j, doc)
	return view
}

func bulkRowSum(r bulk.Review) string {
	text := count(len(r.Rows), "row")
	for _, part := range []struct {
		n    int
		text string
	}{
		{r.Wrong(), "wrong"}, {r.Count(bulk.Bind), "to bind"}, {r.Count(bulk.Move), "to another trunk"}, {r.Count(bulk.Claim), "from another PBX"},
		{r.Count(bulk.Stated), "with a trunk stated"}, {r.Count(bulk.Kept), "as it is"},
	} {
		if part.n > 0 {
			text += ", " + thousands(part.n) + " " + part.text
		}
	}
	return text
}

func bulkPBXSum(r bulk.Review) string {
	return thousands(r.Of(bulk.Change)) + " change, " + thousands(r.Of(bulk.Same)) + " stay as they are, " + thousands(r.Of(bulk.Left)) + " left alone"
}

// bulkRows are the rows of one group, a page of them: the wrong ones first, else those that change
// something.
func bulkRows(l list, r bulk.Review) views.BulkRows {
	counts := make([]int, len(bulkGroups))
	chosen := -1
	for i, g := range bulkGroups {
		for _, v := range r.Rows {
			if g.has(v.Word) {
				counts[i]++
			}
		}
		if l.v.Get("rows") == g.name {
			chosen = i
		}
	}
	if chosen < 0 {
		chosen = max(0, slices.IndexFunc(counts, func(n int) bool { return n > 0 }))
	}
	g := bulkGroups[chosen]
	view := views.BulkRows{Empty: ui.Empty{Title: "No such row", Text: "The file has none of these."}}
	for i, other := range bulkGroups {
		view.Groups = append(view.Groups, ui.Option{Label: other.label, Count: thousands(counts[i]), Href: l.with("rows", other.name, "from", ""), Selected: i == chosen})
	}
	from, err := strconv.Atoi(l.v.Get("from"))
	if err != nil || from < 0 {
		from = 0
	}
	seen := 0
	for _, v := range r.Rows {
		if !g.has(v.Word) {
			continue
		}
		if seen++; seen <= from || len(view.Rows) == bulkRowsAtOnce {
			continue
		}
		badge := bulkBadge(v.Word)
		view.Rows = append(view.Rows, views.BulkRow{Row: strconv.Itoa(v.Row), PBX: short(v.PBX, 60), Trunk: short(v.Trunk, 60), Number: short(v.Number, longestLine), State: badge, Sentence: v.Sentence})
	}
	view.Pager = ui.Pager{Summary: summary(len(view.Rows), seen, true, "row", false)}
	if from > 0 {
		view.Pager.First = l.with("rows", g.name, "from", "")
	}
	if from+len(view.Rows) < seen {
		view.Pager.Next = l.with("rows", g.name, "from", strconv.Itoa(from+bulkRowsAtOnce))
	}
	return view
}

func bulkBadge(word bulk.VerdictWord) ui.Badge {
	switch word {
	case bulk.Kept:
		return ui.Badge{Tone: ui.Mute, Label: "Kept"}
	case bulk.Bind:
		return ui.Badge{Tone: ui.Ok, Label: "Bind"}
	case bulk.Move:
		return ui.Badge{Tone: ui.Warn, Label: "Other trunk"}
	case bulk.Claim:
		return ui.Badge{Tone: ui.Warn, Label: "From another PBX"}
	case bulk.Stated:
		return ui.Badge{Tone: ui.Ask, Label: "Trunk stated"}
	}
	labels := map[bulk.VerdictWord]string{
		bulk.Formula: "Formula", bulk.Rounded: "Rounded", bulk.Shifted: "Shifted", bulk.Incomplete: "Incomplete", bulk.UnknownPBX: "Unknown PBX",
		bulk.AmbiguousPBX: "Which PBX?", bulk.GonePBX: "PBX is gone", bulk.UnknownTrunk: "Unknown trunk", bulk.AmbiguousTrunk: "Which trunk?", bulk.UnclearTrunk: "Which trunk?",
		bulk.UnknownNumber: "Unknown number", bulk.AmbiguousNumber: "Which number?", bulk.DeletedNumber: "Deleted", bulk.WrongTrunk: "Wrong trunk", bulk.WrongRegion: "Wrong region",
		bulk.Taken: "Taken", bulk.Duplicate: "Twice", bulk.Twice: "Two PBXs", bulk.Protected: "Protected",
	}
	return ui.Badge{Tone: ui.Bad, Label: labels[word]}
}

// bulkSteps is how far the carrying out is, or the drafting.
func (s *Server) bulkSteps(ctx context.Context, j job.Job, doc change.Rollout) (views.BulkSteps, error) {
	if doc.Phase == change.Reviewing || len(j.Steps) == 0 {
		return views.BulkSteps{}, nil
	}
	view, err := s.presentJob(ctx, j, "")
	return views.BulkSteps{Title: "Plan by plan", Bar: view.Bar, Groups: view.Groups}, err
}

// bulkOrder is in what order the plans of a spreadsheet are carried out.
const bulkOrder = "In the order of the file, who gives a number up before who takes it. The first PBX goes alone; the others follow once it is verified."

// bulkMissing is what could not be drafted. Where custom SIP headers are in the way, a person can state
// that there are none.
func bulkMissing(j job.Job, doc change.BulkDoc) views.BulkMissing {
	var view views.BulkMissing
	if doc.Phase != change.Reviewing {
		return view
	}
	for _, step := range j.Steps {
		if step.State != job.StepFailed {
			continue
		}
		row := views.BulkMiss{PBX: ui.Link{Label: step.Name, Href: href.PBX(int64(step.PBX))}, Sentence: step.Sentence}
		if slices.Contains(doc.Headers, step.PBX) {
			row.ID = step.PBX.String()
		}
		view.Rows = append(view.Rows, row)
	}
	return view
}

// bulkActs are what a person can do about a spreadsheet that waits, beside agreeing.
func bulkActs(j job.Job, doc change.BulkDoc) (again, giveUp *views.FormAction) {
	id := string(j.ID)
	giveUp = &views.FormAction{Href: href.BulkGiveUp(id), Label: "Give it up", Text: "Nothing is sent, and its drafts are taken back."}
	if doc.Phase == change.Applying {
		giveUp.Text = "Nothing more is sent. What is done stays."
		again = &views.FormAction{Href: href.BulkAgain(id), Label: "Go on with the rest", Text: "What is done is not done twice, and what did not come out is not tried again."}
	}
	return again, giveUp
}

// What one plan shows inside of the whole: its own page has everything.
const (
	bulkDiffRows   = 10  // of a plan that only adds or replaces a little
	bulkDangerRows = 100 // of one that has to be agreed to by itself
	bulkDiffPlans  = 100 // with more plans than this, harmless ones show their counts alone
)

// bulkAgreement is the form by which a person agrees; nil when no plan waits. A dangerous plan is only
// chosen by a person's own tick.
func (s *Server) bulkAgreement(ctx context.Context, j job.Job, doc change.Rollout, apply, order string, typed change.Agreement, failed error) (*views.BulkForm, error) {
	offered := change.Offered(j.Steps)
	if len(offered) == 0 || doc.Phase != change.Reviewing {
		return nil, nil
	}
	n, err := s.names(ctx, nil)
	if err != nil {
		return nil, err
	}
	wrong, dangers := describe(failed).Fields, 0
	form := &views.BulkForm{Action: apply, Order: order, Stop: failed == nil || typed.Stop}
	for _, id := range offered {
		p, err := s.Plans.Plan(ctx, id)
		if err != nil {
			return nil, err
		}
		view := s.bulkPlan(p, n, len(offered))
		view.Checked = slices.Contains(typed.Plans, id) || failed == nil && !view.Danger && view.Status.Label == ""
		if view.Name != nil {
			view.Name.Value, view.Name.Error = typed.Names[id], wrong[view.Name.Name]
		}
		if p.Risk.Asks(plan.NeedReason) {
			form.Reason = &ui.Field{Name: fieldReason, Label: "Reason", Help: "Why this is right, for all of these plans. The audit log keeps it.", Rows: "2", Value: typed.Reason, Error: wrong[fieldReason]}
		}
		if view.Danger {
			dangers++
		}
		form.Plans = append(form.Plans, view)
	}
	slices.SortStableFunc(form.Plans, func(a, b views.BulkPlan) int {
		switch {
		case a.Danger == b.Danger:
			return 0
		case a.Danger:
			return -1
		}
		return 1
	})
	form.Count = thousands(len(form.Plans))
	switch {
	case dangers == 1:
		form.Dangers = "1 of these plans takes a lot away. It is only carried out if you tick it."
	case dangers > 1:
		form.Dangers = thousands(dangers) + " of these plans take a lot away. Each is only carried out if you tick it."
	}
	return form, nil
}

func (s *Server) bulkPlan(p plan.Plan, n names, all int) views.BulkPlan {
	view := views.BulkPlan{
		ID: string(p.ID), Title: p.Effect(), PBX: ui.Link{Label: p.PBXName, Href: href.PBX(int64(p.PBX))}, Plan: ui.Link{Label: "The whole plan", Href: href.Plan(string(p.ID))},
		Danger: p.Risk.Level == plan.Danger, Reasons: p.Risk.Reasons, Counts: planCounts(p.Steps),
	}
	if status := planStatus(p, s.Now()); status != plan.Draft {
		view.Status = planBadge(status)
	}
	most := bulkDiffRows
	switch {
	case view.Danger:
		most = bulkDangerRows
	case all > bulkDiffPlans:
		most = 0
	}
	view.Rows, _ = planRows(p.Steps, n, plannedWords)
	if left := len(view.Rows) - most; left > 0 {
		view.Rows, view.More = view.Rows[:most], "and "+count(left, "change")+" more"
	}
	if p.Edit != nil {
		view.Fields = settingRows(p.Edit.Changes)
	}
	if p.Risk.Asks(plan.NeedName) {
		view.Name = &ui.Field{Name: change.FieldNames + string(p.ID), Label: "Name of the PBX"}
		view.Expect = p.PBXName
	}
	return view
}

// bulkIDs are the ids of plans, for JSON.
func bulkIDs(ids []string) []fleet.PlanID {
	out := make([]fleet.PlanID, len(ids))
	for i, id := range ids {
		out[i] = fleet.PlanID(id)
	}
	return out
}
