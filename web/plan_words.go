package web

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// planStatus is the status as of now: a draft that waited too long counts as expired.
func planStatus(p plan.Plan, now time.Time) plan.Status {
	if p.Status == plan.Draft && now.After(p.ExpiresAt) {
		return plan.Expired
	}
	return p.Status
}

// planTitle is what a plan does, without the PBX's name. It is told from the steps that change
// something: lists load nothing else of a plan.
func planTitle(p plan.Plan) string {
	if n := plan.Count(p.Steps, plan.Unbind); p.Clear && n > 1 {
		return "Clear all " + count(n, "number")
	} else if p.Clear {
		return "Clear the only number"
	}
	effect := p.Effect()
	for _, joint := range []string{" on ", " of "} {
		if title, ok := strings.CutSuffix(effect, joint+p.PBXName); ok {
			return title
		}
	}
	return effect
}

// planSentence says in one sentence where the plan stands.
func planSentence(p plan.Plan, status plan.Status) string {
	switch status {
	case plan.Draft:
		return "Nothing has been sent yet."
	case plan.Applying:
		return "It is being carried out: read again, sent once, read back until it agrees."
	case plan.Expired:
		return "It was not confirmed in time. Nothing was sent."
	case plan.Void:
		if p.Outcome.Sentence != "" {
			return p.Outcome.Sentence
		}
		return "It was given up, or its PBX is gone. Nothing was sent, and it can never be applied."
	}
	return p.Outcome.Sentence
}

func (s *Server) presentPlan(p plan.Plan, n names, operator bool) views.PlanPage {
	now, status := s.Now(), planStatus(p, s.Now())
	view := views.PlanPage{
		ID: string(p.ID), Title: p.Effect(), Status: planBadge(status), Sentence: planSentence(p, status),
		PBX: ui.Link{Label: p.PBXName, Href: href.PBX(int64(p.PBX))}, Back: ui.Link{Label: "DIDs", Href: href.DIDs(int64(p.PBX))},
		Facts: planFacts(p, status, now), Counts: planCounts(p.Steps), Headers: headerRows(p.Headers, n),
		Risk: planRisk(p), Steps: planSteps(p, status, now), Outcome: planOutcome(p, status, now), Moved: planMoved(p, n),
		Live: "plan:" + string(p.ID),
	}
	if p.Edit != nil {
		s.presentEdit(p, &view, operator)
	}
	view.Rows, view.Keep = planRows(p.Steps, n, plannedWords)
	if len(view.Keep) > 0 {
		view.KeepText = stay(len(view.Keep), "stays as it is", "stay as they are")
	}
	for _, skipped := range p.Skipped {
		view.Skipped = append(view.Skipped, views.PlanSkip{Number: n.phone(skipped.Number), Reason: skipped.Reason})
	}
	if status == plan.Draft && operator && p.Job == "" {
		view.Confirm = planConfirm(p)
		view.Discard = &views.FormAction{Href: href.Discard(string(p.ID)), Label: "Discard plan", Text: "Gives this draft up. Nothing is sent."}
	}
	return view
}

func planFacts(p plan.Plan, status plan.Status, now time.Time) []ui.Fact {
	facts := []ui.Fact{{Label: "Made by", Text: p.Author}, {Label: "Made", Time: ui.At(p.CreatedAt, now)}}
	if status == plan.Draft || status == plan.Expired {
		facts = append(facts, ui.Fact{Label: "Expires", Time: ui.At(p.ExpiresAt, now)})
	}
	if !p.SentAt.IsZero() {
		facts = append(facts, ui.Fact{Label: "Confirmed", Time: ui.At(p.SentAt, now)})
	}
	if p.Job != "" {
		facts = append(facts, ui.Fact{Label: "Part of", Link: ui.Link{Label: "Job " + p.Job, Href: href.Job(p.Job)}})
	}
	if p.UndoTo != 0 {
		id := p.UndoTo.String()
		facts = append(facts, ui.Fact{Label: "Goes back to", Link: ui.Link{Label: "Snapshot " + id, Href: href.Snapshot(int64(p.PBX), id)}})
	}
	if p.Reason != "" {
		facts = append(facts, ui.Fact{Label: "Reason", Text: p.Reason})
	}
	return append(facts,
		ui.Fact{Label: "Made on", Text: count(len(p.Before.Copies()), "number") + " on " + count(len(p.Before.Trunks()), "trunk")},
		ui.Fact{Label: "Leads to", Text: count(len(p.After.Copies()), "number") + " on " + count(len(p.After.Trunks()), "trunk")},
		ui.Fact{Label: "Base", Copy: ui.Copy{Label: "base fingerprint", Text: p.Base}})
}

func planRisk(p plan.Plan) *views.PlanRisk {
	switch {
	case p.Risk.Level == plan.Danger:
		return &views.PlanRisk{Tone: ui.Bad, Title: "Danger: this takes a lot away", Reasons: p.Risk.Reasons}
	case p.Risk.Level == plan.Caution && len(p.Risk.Reasons) > 0:
		return &views.PlanRisk{Tone: ui.Warn, Title: "Caution", Reasons: p.Risk.Reasons}
	}
	return nil
}

// The fields of the form that confirms a plan (interfaces.md).
const (
	fieldName   = "name"
	fieldReason = "reason"
)

func planConfirm(p plan.Plan) *views.PlanConfirm {
	c := &views.PlanConfirm{
		Action: href.Confirm(string(p.ID)), Button: p.Effect(), Danger: p.Risk.Level == plan.Danger,
		Note: "Cordboard reads the PBX again first. If anything moved since this plan was made, nothing is sent.",
	}
	if p.Risk.Asks(plan.NeedName) {
		c.Expect = cmp.Or(p.PBXName, p.PBX.String())
		c.Name = &ui.Field{Name: fieldName, Label: "Name of the PBX", Required: true}
	}
	if p.Risk.Asks(plan.NeedReason) {
		c.Reason = &ui.Field{Name: fieldReason, Label: "Reason", Help: "Why this is right. The audit log keeps it.", Rows: "2", Required: true}
	}
	return c
}

// planSteps is how far the carrying out got.
func planSteps(p plan.Plan, status plan.Status, now time.Time) []views.PlanStep {
	badge := func(tone ui.Tone, word string) ui.Badge { return ui.Badge{Tone: tone, Label: word} }
	done, unsent, unneeded := badge(ui.Ok, "Done"), badge(ui.Mute, "Not sent"), badge(ui.Mute, "Not needed")
	read, send, back := done, done, done
	switch status {
	case plan.Applying:
		read, send, back = badge(ui.Busy, "Under way"), badge(ui.Busy, "Once"), badge(ui.None, "Then")
	case plan.Applied:
	case plan.Diverged:
		back = badge(ui.Bad, "Differs")
	case plan.Stale:
		read, send, back = badge(ui.Warn, "Moved"), unsent, unneeded
	case plan.Unknown:
		send, back = badge(ui.Ask, "No answer"), badge(ui.Busy, "Checking")
	case plan.Failed:
		switch {
		case p.Outcome.Result == plan.ResultRefused:
			read, send, back = badge(ui.Bad, "Failed"), unsent, unneeded
		case p.Outcome.VerifiedAt.IsZero():
			send, back = badge(ui.Bad, "Not sent"), unneeded
		default:
			send, back = badge(ui.Bad, "No effect"), badge(ui.Ok, "Unchanged")
		}
	default:
		return nil
	}
	return []views.PlanStep{
		{State: read, Name: "Read again", Text: "Is everything still as the plan was made on?"},
		{State: send, Name: "Send the full list", Text: "Once, never repeated.", Time: sentAt(p, send, now)},
		{State: back, Name: "Read back", Text: "Until Yeastar shows what was asked.", Time: ui.At(p.Outcome.VerifiedAt, now)},
	}
}

func sentAt(p plan.Plan, send ui.Badge, now time.Time) ui.Time {
	if send.Label == "Not sent" {
		return ui.Time{}
	}
	return ui.At(p.SentAt, now)
}

// planOutcome is how the plan ended; nil while it has not.
func planOutcome(p plan.Plan, status plan.Status, now time.Time) *views.PlanOutcome {
	o := &views.PlanOutcome{Sentence: p.Outcome.Sentence}
	switch status {
	case plan.Applied:
		o.Tone, o.Title = ui.Ok, "Verified"
		if rest, told := strings.CutPrefix(o.Sentence, "Verified: "); told && rest != "" {
			o.Sentence = strings.ToUpper(rest[:1]) + rest[1:]
		}
	case plan.Diverged:
		o.Tone, o.Title = ui.Bad, "Diverged"
	case plan.Stale:
		o.Tone, o.Title = ui.Warn, "What the plan was made on has moved"
	case plan.Unknown:
		o.Tone, o.Title = ui.Ask, "We do not know yet"
	case plan.Failed:
		o.Tone, o.Title = ui.Bad, "Nothing was changed"
	default:
		return nil
	}
	if p.Outcome.VendorCode != 0 {
		o.Details = append(o.Details, ui.Fact{Label: "Yeastar code", Copy: ui.Copy{Label: "Yeastar code", Text: strconv.Itoa(p.Outcome.VendorCode)}})
	}
	if p.Outcome.VendorRequestID != "" {
		o.Details = append(o.Details, ui.Fact{Label: "Yeastar request", Copy: ui.Copy{Label: "Yeastar request id", Text: p.Outcome.VendorRequestID}})
	}
	if !p.Outcome.VerifiedAt.IsZero() {
		o.Details = append(o.Details, ui.Fact{Label: "Read back", Time: ui.At(p.Outcome.VerifiedAt, now)})
	}
	return o
}

// planMoved compares what the plan was made on with what was found, number by number.
func planMoved(p plan.Plan, n names) *views.PlanMoved {
	if len(p.Outcome.Moved) == 0 {
		return nil
	}
	moved := &views.PlanMoved{What: "Number", None: "not bound", Title: "What moved meanwhile", Text: "Since the plan was made, " + plan.Sum(p.Outcome.Moved) +
		". What is there now stays, unless a new plan says otherwise."}
	for _, step := range p.Outcome.Moved {
		row := views.MovedRow{Number: stepNumber(step, n), Yours: strings.Join(n.trunkList(p.After.TrunksOf(step.DID)), ", ")}
		switch step.Verb {
		case plan.Unbind:
			row.Original = stepTrunk(step, n)
		case plan.Bind:
			row.Theirs = stepTrunk(step, n)
		default:
			row.Original, row.Theirs = n.trunk(step.From), stepTrunk(step, n)
		}
		moved.Rows = append(moved.Rows, row)
	}
	return moved
}

// wish is what a plan asked for, as far as it is not so already: the fields that ask for it again.
func wish(p plan.Plan, known fleet.Known) []views.HiddenField {
	if p.Clear && p.UndoTo == 0 {
		return []views.HiddenField{{Name: "clear", Value: "all"}}
	}
	if p.UndoTo != 0 {
		fields := []views.HiddenField{{Name: form.FieldUndoTo, Value: p.UndoTo.String()}}
		if len(p.Skipped) > 0 {
			fields = append(fields, views.HiddenField{Name: form.FieldSkip, Value: "yes"})
		}
		return append(fields, wishedHeaders(p)...)
	}
	var fields []views.HiddenField
	add := func(name string, pairs []fleet.Binding, bound bool) {
		for _, b := range pairs {
			if !known.Exact() || known.Set.Has(b) == bound {
				fields = append(fields, views.HiddenField{Name: name, Value: href.Pair(int64(b.Trunk), int64(b.DID))})
			}
		}
	}
	add("unbind", p.Before.Minus(p.After), true)
	add("bind", p.After.Minus(p.Before), false)
	if !known.Exact() {
		add("bind", p.Stated, false) // the operator's word on where they are
	}
	return append(fields, wishedHeaders(p)...)
}

func wishedHeaders(p plan.Plan) (fields []views.HiddenField) {
	if p.Headers.Send && !p.Headers.Before.Equal(p.Headers.After) {
		for _, h := range p.Headers.After.List() {
			fields = append(fields, views.HiddenField{Name: href.HeaderField(int64(h.Trunk), int64(h.Header)), Value: h.Value})
		}
	}
	return fields
}
