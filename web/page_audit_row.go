package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// shownPairsOfAct bounds the numbers that the page of an act lists; the exports have them all.
const shownPairsOfAct = 500

func (s *Server) auditRowPage(c echo.Context) error {
	seq, ok := form.ID(c.Param("row"))
	if !ok {
		return fleet.NotFound("web.auditRow", "The act")
	}
	ctx := c.Request().Context()
	e, err := s.Record.AuditEntry(ctx, seq)
	if err != nil {
		return err
	}
	head, err := s.Record.AuditHead(ctx)
	if err != nil {
		return err
	}
	view := s.presentAct(e)
	if e.Seq > 1 {
		view.Older = ui.Link{Label: "The one before", Href: href.AuditRow(e.Seq - 1)}
	}
	if e.Seq < head.Seq {
		view.Newer = ui.Link{Label: "The one after", Href: href.AuditRow(e.Seq + 1)}
	}
	ch := changeOf(e)
	n, err := s.names(ctx, didsOf(ch.was.Pairs(), ch.is.Pairs()))
	if err != nil {
		return err
	}
	presentChange(&view, e, ch, n)
	return s.render(c, http.StatusOK, views.AuditEntry(s.shell(c, view.Title, views.SectionAudit), view))
}

// presentAct is the act without what it changed.
func (s *Server) presentAct(e audit.Entry) views.AuditRowPage {
	row := s.auditRow(e)
	view := views.AuditRowPage{ID: row.ID, Title: e.Actor + ": " + string(e.Action), Outcome: row.Outcome, Sentence: row.Sentence}
	if view.Sentence == "" {
		view.Sentence = e.Target
	}
	view.Facts = []ui.Fact{{Label: "When", Time: row.Time}, {Label: "Who", Link: ui.Link{Label: e.Actor, Href: href.With(href.Audit, "actor", e.Actor)}}, {Label: "On", Link: row.Target}}
	if e.Plan != "" {
		view.Facts = append(view.Facts, ui.Fact{Label: "Plan", Link: row.Plan})
	}
	view.Facts = append(view.Facts, row.Details...)
	view.Chain = []ui.Fact{{Label: "Row", Text: row.ID}, {Label: "Hash", Copy: ui.Copy{Label: "hash", Text: e.Hash}}}
	if e.Prev != "" {
		view.Chain = append(view.Chain, ui.Fact{Label: "Follows", Copy: ui.Copy{Label: "hash of the row before", Text: e.Prev}})
	}
	if line, err := json.Marshal(e); err == nil {
		view.Line = string(line)
	}
	return view
}

// actChange is what an act changed: bindings with their headers, and fields of anything else.
type actChange struct {
	bindings    bool
	was, is     fleet.BindingSet
	headers     plan.HeaderChange
	before, now []docField
}

// changeOf takes the documents of a row apart. Bindings are told as numbers, all else as fields.
func changeOf(e audit.Entry) actChange {
	var ch actChange
	was, is := membersOf(e.Before), membersOf(e.After)
	for _, side := range []struct {
		doc  map[string]json.RawMessage
		into *fleet.BindingSet
		head *fleet.Headers
	}{{was, &ch.was, &ch.headers.Before}, {is, &ch.is, &ch.headers.After}} {
		text, ok := side.doc["bindings"]
		if !ok || json.Unmarshal(text, side.into) != nil {
			continue
		}
		ch.bindings = true
		delete(side.doc, "bindings")
		if text, ok := side.doc["headers"]; ok && json.Unmarshal(text, side.head) == nil {
			ch.headers.Send = true
			delete(side.doc, "headers")
		}
	}
	ch.before, ch.now = valuesOf(e.Before, was), valuesOf(e.After, is)
	return ch
}

// membersOf are the members of a document that is an object.
func membersOf(doc json.RawMessage) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(doc, &members) != nil {
		return nil
	}
	return members
}

func presentChange(view *views.AuditRowPage, e audit.Entry, ch actChange, n names) {
	word := plannedWords
	if e.Outcome == audit.Succeeded && (e.Action == audit.BindingsUpdate || e.Action == audit.PlanRecover || e.Action == audit.DriftAdopt) {
		word = comparedWords
	}
	stays := 0
	for _, step := range plan.Diff(ch.was, ch.is) {
		at := n.then(e.At)
		if step.Verb == plan.Unbind {
			at = n.before(e.At)
		}
		rows, keep := planRows([]plan.Step{step}, at, word)
		view.Rows, stays = append(view.Rows, rows...), stays+len(keep)
	}
	if rest := len(view.Rows) - shownPairsOfAct; rest > 0 {
		view.Rows = view.Rows[:shownPairsOfAct]
		view.RowsNote = "And " + count(rest, "number") + " more, which the exports have. "
	}
	if ch.bindings && stays > 0 {
		view.RowsNote += stay(stays, "stays as it was.", "stay as they were.")
	}
	if ch.headers.Send {
		view.Headers = headerRows(ch.headers, n)
	}
	view.Fields = fieldRows(ch.before, ch.now)
}

// fieldRows compare fields by their names. What was only brought, or is only told, is set.
func fieldRows(before, now []docField) []views.AuditField {
	var rows []views.AuditField
	find := func(all []docField, name string) (string, bool) {
		i := slices.IndexFunc(all, func(f docField) bool { return f.name == name })
		if i < 0 {
			return "", false
		}
		return all[i].value, true
	}
	add := func(verb plan.Verb, f views.AuditField) {
		f.Verb, f.Sign, f.Word = string(verb), sign(verb), headerWord(verb)
		rows = append(rows, f)
	}
	for _, f := range now {
		switch old, had := find(before, f.name); {
		case !had:
			add(plan.Bind, views.AuditField{Label: f.name, After: f.value})
		case old != f.value:
			add(plan.Move, views.AuditField{Label: f.name, Before: old, After: f.value})
		case len(before) < shownFields:
			add(plan.Keep, views.AuditField{Label: f.name, Before: old, After: f.value})
		}
	}
	for _, f := range before {
		if _, has := find(now, f.name); !has {
			add(plan.Unbind, views.AuditField{Label: f.name, Before: f.value})
		}
	}
	order := []plan.Verb{plan.Move, plan.Unbind, plan.Bind, plan.Keep}
	slices.SortStableFunc(rows, func(a, b views.AuditField) int {
		return slices.Index(order, plan.Verb(a.Verb)) - slices.Index(order, plan.Verb(b.Verb))
	})
	if rest := len(rows) - shownFields; rest > 0 {
		rows = append(rows[:shownFields], views.AuditField{Verb: string(plan.Keep), Sign: sign(plan.Keep), Word: "More", Label: strconv.Itoa(rest) + " more, which the exports have"})
	}
	return rows
}
