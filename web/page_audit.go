package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

func (s *Server) auditPage(c echo.Context) error {
	l := listOf(c)
	filter, fields := auditQuery(l)
	if len(fields) > 0 {
		return fleet.Invalid("web.audit", "The record can't be filtered this way.", fields...)
	}
	page, err := s.Record.Audit(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	view, err := s.presentAudit(c.Request().Context(), l, filter, page)
	if err != nil {
		return err
	}
	if wantsPart(c) {
		return s.render(c, http.StatusOK, views.AuditResults(view))
	}
	return s.render(c, http.StatusOK, views.Audit(s.shell(c, "Audit", views.SectionAudit), view))
}

func auditQuery(l list) (audit.Filter, []fleet.Field) {
	f := audit.Filter{Actor: l.v.Get("actor"), Action: l.v.Get("action"), Text: l.v.Get("q"), Page: form.Page(l.v)}
	var fields []fleet.Field
	if f.Outcome = audit.Outcome(l.v.Get("outcome")); f.Outcome != "" && !slices.Contains(audit.Outcomes(), f.Outcome) {
		fields = append(fields, fleet.Field{Name: "outcome", Rule: "No act ends this way."})
	}
	if len(f.Text) > longestSearch {
		fields = append(fields, fleet.Field{Name: "q", Rule: "That is too long to look for."})
	}
	if text := l.v.Get("pbx_id"); text != "" {
		id, ok := form.ID(text)
		if !ok {
			fields = append(fields, fleet.Field{Name: "pbx_id", Rule: "A PBX id is a number."})
		}
		f.PBX = fleet.PBXID(id)
	}
	var ok bool
	if f.From, ok = form.Time(l.v.Get("from")); !ok {
		fields = append(fields, fleet.Field{Name: "from", Rule: "A time looks like 2026-05-03T14:00."})
	}
	if f.To, ok = form.Time(l.v.Get("to")); !ok {
		fields = append(fields, fleet.Field{Name: "to", Rule: "A time looks like 2026-05-03T14:00."})
	}
	return f, fields
}

// longestSearch bounds what is looked for in the record.
const longestSearch = 200

func (s *Server) presentAudit(ctx context.Context, l list, f audit.Filter, page fleet.Page[audit.Entry]) (views.AuditPage, error) {
	view := views.AuditPage{
		Find: ui.Field{Name: "q", Label: "Words", Type: "search", Value: f.Text, Placeholder: "Acme, a reason, an address …"},
		Filters: []ui.Field{{Name: "pbx_id", Label: "PBX id", Mono: true, Value: l.v.Get("pbx_id")},
			{Name: "from", Label: "From (UTC)", Type: "datetime-local", Value: l.v.Get("from")}, {Name: "to", Label: "To (UTC)", Type: "datetime-local", Value: l.v.Get("to")}},
		Clear: href.Audit, Pager: l.pager(len(page.Items), page.Total, page.Next, "act", f.Narrowed()),
		Empty: ui.Empty{Title: "Nothing has been recorded yet", Text: "Sign-ins, plans and writes appear here, refused and failed ones too."},
	}
	actors, actions, err := s.Record.AuditNames(ctx)
	if err != nil {
		return view, err
	}
	head, err := s.Record.AuditHead(ctx)
	if err != nil {
		return view, err
	}
	if head.Seq > 0 {
		view.Head = head.String()
	}
	var outcomes []string
	for _, o := range audit.Outcomes() {
		outcomes = append(outcomes, string(o))
	}
	view.Actors = ui.Select{Name: "actor", Label: "Who", Options: options("Anybody", f.Actor, actors)}
	view.Actions = ui.Select{Name: "action", Label: "Act", Options: options("Any act", f.Action, actions)}
	view.Outcomes = ui.Select{Name: "outcome", Label: "How it ended", Options: options("Any way", string(f.Outcome), outcomes)}
	for i, o := range view.Outcomes.Options[1:] {
		view.Outcomes.Options[i+1].Label = outcomeBadge(audit.Outcome(o.Value)).Label
	}
	view.Pager.CSV, view.Pager.Also = l.at(href.AuditCSV), []ui.Link{{Label: "JSON lines", Href: l.at(href.AuditJSONL)}}
	view.Chips = slices.Concat(l.chip("Words", "q"), l.chip("Who", "actor"), l.chip("Act", "action"), l.chip("How it ended", "outcome"), l.chip("PBX", "pbx_id"),
		l.chip("From", "from"), l.chip("To", "to"))
	if f.Narrowed() {
		view.Empty = ui.Empty{Title: "No act matches", Text: "Nobody did this in the chosen time.", Action: ui.Link{Label: "Show all", Href: href.Audit}}
	}
	for _, e := range page.Items {
		view.Rows = append(view.Rows, s.auditRow(e))
	}
	return view, nil
}

// options are the choices of a filter: all, then each value; the chosen one is always among them.
func options(all, chosen string, values []string) []ui.Option {
	if chosen != "" && !slices.Contains(values, chosen) {
		values = append(slices.Clone(values), chosen)
	}
	list := []ui.Option{{Label: all, Selected: chosen == ""}}
	for _, v := range values {
		list = append(list, ui.Option{Value: v, Label: short(v, 60), Selected: v == chosen})
	}
	return list
}

// auditRow leaves the hash chain to the export and the API: it would double the page.
func (s *Server) auditRow(e audit.Entry) views.AuditRow {
	row := views.AuditRow{
		ID: strconv.FormatInt(e.Seq, 10), Href: href.AuditRow(e.Seq), Time: ui.At(e.At, s.Now()), Actor: e.Actor, Action: string(e.Action),
		Target: ui.Link{Label: e.Target}, Outcome: outcomeBadge(e.Outcome),
	}
	if e.PBX != 0 {
		row.Target = ui.Link{Label: cmp.Or(e.Target, "PBX "+e.PBX.String()), Href: href.PBX(int64(e.PBX))}
	}
	if e.Plan != "" {
		row.Plan = ui.Link{Label: string(e.Plan), Href: href.Plan(string(e.Plan))}
	}
	for _, f := range []ui.Fact{{Label: "Reason", Text: e.Reason}, {Label: "IP", Text: e.IP}} {
		if f.Text != "" {
			row.Details = append(row.Details, f)
		}
	}
	if e.VendorRequestID != "" {
		row.Details = append(row.Details, ui.Fact{Label: "Yeastar request", Copy: ui.Copy{Label: "Yeastar request id", Text: e.VendorRequestID}})
	}
	row.Sentence, row.Before, row.After = stateChange(e)
	return row
}
