package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// presentMove shows both halves of a move, what they ask for, and what stands in the way.
func (s *Server) presentMove(m *moveBench, n names) views.MovePage {
	view := s.moveFrame(m)
	view.To = ui.Link{Label: pbxName(m.to.row.PBX), Href: href.DIDs(int64(m.to.row.ID))}
	view.Other = ui.Link{Label: "Choose another", Href: href.MoveTo(int64(m.typed.From), 0, idsOf(m.typed.DIDs())...)}
	view.Title = "Move " + count(len(m.typed.Numbers), "number") + " from " + view.From.Label + " to " + view.To.Label
	view.Hidden = append(view.Hidden, views.HiddenField{Name: form.FieldTo, Value: m.typed.To.String()}, views.HiddenField{Name: form.FieldKey, Value: cmp.Or(m.typed.Key, newKey())})
	release, claim := m.half("release", "First: ", m.review.Release, n), m.half("claim", "Then: ", m.review.Claim, n)
	if m.review.Release.PBX == 0 {
		release.Title = "First: release from " + view.From.Label
	}
	if m.review.Claim.PBX == 0 {
		claim.Title = "Then: bind on " + view.To.Label
	}
	release.Ask, release.None = m.ask(m.from, form.FromPrefix), form.FromPrefix+form.FieldHeaderNone
	claim.Ask, claim.None = m.ask(m.to, ""), form.FieldHeaderNone
	view.Halves = []views.MoveHalf{release, claim}
	for _, moving := range m.review.Numbers {
		sel := m.trunks(moving, n)
		if len(sel.Options) > 1 {
			view.Trunks = append(view.Trunks, sel)
		} else if moving.To != 0 {
			view.Hidden = append(view.Hidden, views.HiddenField{Name: sel.Name, Value: moving.To.String()})
		}
	}
	if m.review.Release.PBX != 0 && m.review.Claim.PBX != 0 {
		view.Hidden = append(view.Hidden, views.HiddenField{Name: form.FieldReview, Value: m.review.Token()})
		view.Risk, view.Confirm = moveRisk(m.review), m.confirm()
	}
	view.Errors = m.errors(view)
	return view
}

func (m *moveBench) half(id, when string, p plan.Plan, n names) views.MoveHalf {
	h := views.MoveHalf{ID: id, Title: when + p.Effect(), Counts: planCounts(p.Steps), Headers: headerRows(p.Headers, n)}
	if effect := p.Effect(); effect != "" {
		h.Title = when + strings.ToLower(effect[:1]) + effect[1:]
	}
	h.Rows, h.Keep = planRows(p.Steps, n, plannedWords)
	if len(h.Keep) > 0 {
		h.KeepText = stay(len(h.Keep), "stays as it is", "stay as they are")
	}
	return h
}

// ask is the panel for the custom SIP headers of one PBX, where something has to be said about them.
func (m *moveBench) ask(b *bench, prefix string) views.HeaderPanel {
	after := b.known.Set.Without(b.typed.Unbind...).With(b.binds()...).Trunks()
	stays := func(slot headerSlot) bool { return slices.Contains(after, slot.trunk) }
	if !slices.ContainsFunc(b.headerSlots(), func(slot headerSlot) bool { return slot.needed && stays(slot) }) {
		return views.HeaderPanel{}
	}
	own := *b
	own.wrong = nil
	for _, f := range m.wrong {
		if name, of := strings.CutPrefix(f.Name, prefix); of {
			own.wrong = append(own.wrong, fleet.Field{Name: name, Rule: f.Rule})
		}
	}
	panel := own.headerPanel()
	var fields []views.HeaderField
	for i, slot := range own.headerSlots() {
		if stays(slot) {
			panel.Fields[i].Name = prefix + panel.Fields[i].Name
			fields = append(fields, panel.Fields[i])
		}
	}
	panel.Fields = fields
	return panel
}

// trunks is the choice between the trunks on which a number could be bound.
func (m *moveBench) trunks(moving change.Moving, n names) ui.Select {
	sel := ui.Select{Name: form.TrunkPrefix + moving.DID.String(), Label: n.number(moving.DID)}
	if moving.To == 0 {
		sel.Options = append(sel.Options, ui.Option{Label: "Choose a trunk", Selected: true})
	}
	for _, t := range moving.Sits {
		if t != moving.To && !m.to.reaches(t) {
			continue
		}
		sel.Options = append(sel.Options, ui.Option{Value: t.String(), Label: n.trunk(t), Selected: t == moving.To})
	}
	for _, f := range m.wrong {
		if f.Name == sel.Name {
			sel.Error = f.Rule
		}
	}
	return sel
}

// moveRisk is what the guards of both PBXs say, each sentence with its PBX.
func moveRisk(r change.MoveReview) *views.PlanRisk {
	risk := &views.PlanRisk{Tone: ui.Warn, Title: "Caution"}
	for _, p := range []plan.Plan{r.Release, r.Claim} {
		if p.Risk.Level == plan.Danger {
			risk.Tone, risk.Title = ui.Bad, "Danger: this takes a lot away"
		}
		for _, reason := range p.Risk.Reasons {
			risk.Reasons = append(risk.Reasons, p.PBXName+": "+reason)
		}
	}
	if len(risk.Reasons) == 0 {
		return nil
	}
	return risk
}

func (m *moveBench) confirm() *views.MoveConfirm {
	r := m.review
	c := &views.MoveConfirm{Button: "Move " + count(len(r.Numbers), "number") + " to " + r.Claim.PBXName,
		Danger: r.Release.Risk.Level == plan.Danger || r.Claim.Risk.Level == plan.Danger,
		Note:   "Both PBXs are read again first. If anything moved since you looked, nothing is sent."}
	rules := map[string]string{}
	for _, f := range m.wrong {
		rules[f.Name] = f.Rule
	}
	if r.Asks(plan.NeedName) {
		c.Expect = cmp.Or(r.Release.PBXName, r.Release.PBX.String())
		c.Name = &ui.Field{Name: fieldName, Label: "Name of the PBX that the numbers leave", Value: m.consent.Name, Error: rules[fieldName], Required: true}
	}
	if r.Asks(plan.NeedReason) {
		c.Reason = &ui.Field{Name: fieldReason, Label: "Reason", Help: "Why this is right. The audit log keeps it.", Rows: "2", Value: m.consent.Reason, Error: rules[fieldReason], Required: true}
	}
	return c
}

// errors are the lines above the form, each with the field it is about.
func (m *moveBench) errors(view views.MovePage) []ui.FieldError {
	var list []ui.FieldError
	if m.trouble != "" {
		list = append(list, ui.FieldError{Message: m.trouble})
	}
	onPage := map[string]bool{}
	for _, h := range view.Halves {
		for _, f := range h.Ask.Fields {
			onPage[f.Name] = true
		}
	}
	for _, t := range view.Trunks {
		onPage[t.Name] = true
	}
	if view.Confirm != nil {
		onPage[fieldName], onPage[fieldReason] = view.Confirm.Name != nil, view.Confirm.Reason != nil
	}
	for _, f := range m.wrong {
		e := ui.FieldError{Message: f.Rule}
		if onPage[f.Name] {
			e.Field = f.Name
		}
		list = append(list, e)
	}
	return list
}

// offers are the moves by which chosen numbers of other PBXs could be had.
func (b *bench) offers() []ui.Link {
	byOwner := map[fleet.PBXID][]fleet.NumberRow{}
	var owners []fleet.PBXID
	for _, pair := range b.typed.Bind {
		row := b.n.numbers[pair.DID]
		if row.Owner == 0 || row.Owner == b.row.ID {
			continue
		}
		if byOwner[row.Owner] == nil {
			owners = append(owners, row.Owner)
		}
		byOwner[row.Owner] = append(byOwner[row.Owner], row)
	}
	var links []ui.Link
	for _, owner := range owners {
		var ids []int64
		for _, row := range byOwner[owner] {
			ids = append(ids, int64(row.ID))
		}
		what := b.n.number(byOwner[owner][0].ID)
		if len(ids) > 1 {
			what = strconv.Itoa(len(ids)) + " numbers"
		}
		links = append(links, ui.Link{Label: "Move " + what + " from " + ownerName(byOwner[owner][0]), Href: href.MoveTo(int64(owner), int64(b.row.ID), ids...)})
	}
	return links
}
