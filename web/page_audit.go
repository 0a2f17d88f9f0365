package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

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
	view := s.presentAudit(l, filter, page)
	if wantsPart(c) {
		return s.render(c, http.StatusOK, views.AuditResults(view))
	}
	return s.render(c, http.StatusOK, views.Audit(s.shell(c, "Audit", views.SectionAudit), view))
}

func auditQuery(l list) (audit.Filter, []fleet.Field) {
	f := audit.Filter{Actor: l.v.Get("actor"), Action: l.v.Get("action"), Page: form.Page(l.v)}
	var fields []fleet.Field
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

// auditActions are the acts that the filter offers.
func auditActions() []audit.Action {
	return []audit.Action{audit.PlanCreate, audit.PlanConfirm, audit.BindingsUpdate, audit.PlanRecover, audit.PlanDiscard, audit.NumberProtect,
		audit.DeliveryReplay, audit.SignIn, audit.SignOut, audit.UserCreate}
}

func (s *Server) presentAudit(l list, f audit.Filter, page fleet.Page[audit.Entry]) views.AuditPage {
	narrowed := f.Actor != "" || f.Action != "" || f.PBX != 0 || !f.From.IsZero() || !f.To.IsZero()
	view := views.AuditPage{
		Filters: []ui.Field{{Name: "pbx_id", Label: "PBX id", Mono: true, Value: l.v.Get("pbx_id")},
			{Name: "from", Label: "From (UTC)", Type: "datetime-local", Value: l.v.Get("from")}, {Name: "to", Label: "To (UTC)", Type: "datetime-local", Value: l.v.Get("to")}},
		Actors: ui.Select{Name: "actor", Label: "Who", Options: options("Anybody", f.Actor, actorsOf(page.Items))},
		Clear:  href.Audit, Pager: l.pager(len(page.Items), page.Total, page.Next, "act", narrowed),
		Empty: ui.Empty{Title: "Nothing has been recorded yet", Text: "Sign-ins, plans and writes appear here, refused and failed ones too."},
	}
	actions := make([]string, 0, len(auditActions()))
	for _, a := range auditActions() {
		actions = append(actions, string(a))
	}
	view.Actions = ui.Select{Name: "action", Label: "Act", Options: options("Any act", f.Action, actions)}
	view.Pager.CSV = l.at(href.AuditCSV)
	view.Chips = slices.Concat(l.chip("Who", "actor"), l.chip("Act", "action"), l.chip("PBX", "pbx_id"), l.chip("From", "from"), l.chip("To", "to"))
	if narrowed {
		view.Empty = ui.Empty{Title: "No act matches", Text: "Nobody did this in the chosen time.", Action: ui.Link{Label: "Show all", Href: href.Audit}}
	}
	for _, e := range page.Items {
		view.Rows = append(view.Rows, s.auditRow(e))
	}
	return view
}

func actorsOf(entries []audit.Entry) []string {
	var actors []string
	for _, e := range entries {
		actors = append(actors, e.Actor)
	}
	slices.Sort(actors)
	return slices.Compact(actors)
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

func outcomeBadge(o audit.Outcome) ui.Badge {
	switch o {
	case audit.Intended:
		return ui.Badge{Tone: ui.Busy, Label: "Intended"}
	case audit.Succeeded:
		return ui.Badge{Tone: ui.Ok, Label: "Succeeded"}
	case audit.Diverged:
		return ui.Badge{Tone: ui.Bad, Label: "Diverged"}
	case audit.Failed:
		return ui.Badge{Tone: ui.Bad, Label: "Failed"}
	case audit.Refused:
		return ui.Badge{Tone: ui.Warn, Label: "Refused"}
	}
	return ui.Badge{Tone: ui.Ask, Label: "Unknown"}
}

// actWords say an act as a sentence's end: "made the plan".
func actWords(e audit.Entry) string {
	switch e.Action {
	case audit.PlanCreate:
		return "made the plan"
	case audit.PlanConfirm:
		return "confirmed it"
	case audit.BindingsUpdate:
		if e.Outcome == audit.Refused {
			return "was refused: nothing was written"
		}
		return "wrote the bindings: " + string(e.Outcome)
	case audit.PlanRecover:
		return "settled it: " + string(e.Outcome)
	case audit.PlanDiscard:
		return "gave it up"
	case audit.NumberProtect:
		if bytes.Contains(e.After, []byte("true")) {
			return "protected it"
		}
		return "lifted its protection"
	case audit.DriftAdopt:
		return "adopted what was changed outside"
	case audit.DeliveryReplay:
		return "had it digested again"
	case audit.UserCreate:
		return "made this user"
	case audit.YeastarRetry:
		return "tried to sign in again: " + string(e.Outcome)
	}
	return string(e.Action) + ": " + string(e.Outcome)
}

// auditRow leaves the hash chain to the export and the API: it would double the page.
func (s *Server) auditRow(e audit.Entry) views.AuditRow {
	row := views.AuditRow{
		ID: strconv.FormatInt(e.Seq, 10), Time: ui.At(e.At, s.Now()), Actor: e.Actor, Action: string(e.Action),
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

// stateChange tells what an act changed: for bindings only the pairs that differ, because whole
// lists would bury them; the export and the API have them whole.
func stateChange(e audit.Entry) (sentence, before, after string) {
	type state struct {
		Bindings *fleet.BindingSet `json:"bindings"`
	}
	var was, is state
	if json.Unmarshal(e.Before, &was) != nil || json.Unmarshal(e.After, &is) != nil || was.Bindings == nil || is.Bindings == nil {
		return "", compact(e.Before), compact(e.After)
	}
	removed, added := was.Bindings.Minus(*is.Bindings), is.Bindings.Minus(*was.Bindings)
	done := e.Outcome == audit.Succeeded && (e.Action == audit.BindingsUpdate || e.Action == audit.PlanRecover)
	return actSentence(done, len(removed), len(added)), pairLines(removed), pairLines(added)
}

// actSentence keeps apart what was done from what was only meant.
func actSentence(done bool, removed, added int) string {
	words := []string{"unbind", "bind"}
	if done {
		words = []string{"unbound", "bound"}
	}
	var parts []string
	for i, n := range []int{removed, added} {
		if n > 0 {
			parts = append(parts, words[i]+" "+count(n, "number"))
		}
	}
	switch {
	case len(parts) == 0:
		return "No number changes its place."
	case done:
		return strings.ToUpper(parts[0][:1]) + strings.Join(parts, " and ")[1:] + "."
	}
	return "Meant to " + strings.Join(parts, " and ") + "."
}

// shownPairs bounds the pairs that a row of the record lists.
const shownPairs = 30

// pairLines is one line for each trunk: "6681: 50036 50044".
func pairLines(pairs []fleet.Binding) string {
	var lines []string
	for _, g := range byTrunk(fleet.NewBindingSet(pairs[:min(len(pairs), shownPairs)]...)) {
		line := g.trunk.String() + ":"
		for _, did := range g.dids {
			line += " " + did.String()
		}
		lines = append(lines, line)
	}
	if rest := len(pairs) - shownPairs; rest > 0 {
		lines = append(lines, "and "+thousands(rest)+" more")
	}
	return strings.Join(lines, "\n")
}

func compact(text json.RawMessage) string {
	var buf bytes.Buffer
	if len(text) == 0 || json.Compact(&buf, text) != nil {
		return ""
	}
	return short(buf.String(), 400)
}

var auditColumns = []string{"seq", "at", "actor", "action", "target", "pbx_id", "plan_id", "outcome", "reason", "before", "after", "vendor_request_id", "ip", "prev", "hash"}

// auditCSV is the current filter, all pages of it, whole: the export against which the chain can
// be checked.
func (s *Server) auditCSV(c echo.Context) error {
	filter, fields := auditQuery(listOf(c))
	if len(fields) > 0 {
		return fleet.Invalid("web.auditCSV", "The record can't be filtered this way.", fields...)
	}
	filter.Page = fleet.PageRequest{Limit: form.MaxPage}
	return writeCSV(c, "audit.csv", auditColumns, func(after string) ([][]string, string, error) {
		filter.Page.After = after
		page, err := s.Record.Audit(c.Request().Context(), filter)
		rows := make([][]string, len(page.Items))
		for i, e := range page.Items {
			pbx := ""
			if e.PBX != 0 {
				pbx = e.PBX.String()
			}
			rows[i] = []string{strconv.FormatInt(e.Seq, 10), e.At.UTC().Format("2006-01-02T15:04:05.000000Z"), e.Actor, string(e.Action), e.Target, pbx,
				string(e.Plan), string(e.Outcome), e.Reason, string(e.Before), string(e.After), e.VendorRequestID, e.IP, e.Prev, e.Hash}
		}
		return rows, page.Next, err
	})
}
