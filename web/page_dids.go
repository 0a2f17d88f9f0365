package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// bench is one PBX's numbers with everything that was typed and chosen about them: what the page
// on which bindings are chosen is made from.
type bench struct {
	row      fleet.PBXRow
	known    fleet.Known
	n        names
	typed    form.Change
	trunk    fleet.TrunkID // whose free numbers are shown; 0 = none chosen
	find     string
	verdicts []verdict     // on the pasted lines
	wrong    []fleet.Field // what was refused, field by field
	trouble  string        // why no plan was made, when no field is to blame

	then        fleet.BindingSet // what the snapshot holds that an undo goes back to
	thenHeaders fleet.Headers    // and its custom SIP headers
}

// didsPage shows what is bound and takes what should change; the query carries the selection.
// Viewers see the numbers alone.
func (s *Server) didsPage(c echo.Context) error {
	row, err := s.openPBX(c)
	if err != nil {
		return err
	}
	if !mayOperate(c) {
		return s.renderPBX(c, row, tabDIDs)
	}
	if frameOnly(c) {
		return s.render(c, http.StatusOK, views.Live(s.shell(c, pbxName(row.PBX), views.SectionFleet)))
	}
	typed, _ := form.ReadChange(c.QueryParams())
	b, err := s.bench(c.Request().Context(), row, typed)
	if err != nil {
		return err
	}
	b.look(c.QueryParam("trunk"), c.QueryParam("find"))
	return s.renderDIDs(c, http.StatusOK, b)
}

// makePlan turns the form into a plan. Whatever goes wrong, the page comes back with all that was
// typed.
func (s *Server) makePlan(c echo.Context) error {
	r := c.Request()
	row, err := s.openPBX(c)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	typed, wrong := form.ReadChange(r.PostForm)
	b, err := s.bench(r.Context(), row, typed)
	if err != nil {
		return err
	}
	b.look(r.PostForm.Get("trunk"), r.PostForm.Get("find"))
	b.wrong = wrong
	ask := b.ask()
	if len(b.wrong) > 0 {
		if b.then.Len() > 0 {
			return s.refusePlan(c, b, fleet.Invalid("web.makePlan", "Some fields are wrong.", b.wrong...))
		}
		return s.renderDIDs(c, http.StatusUnprocessableEntity, b)
	}
	p, err := s.draft(c, ask)
	if err != nil {
		return s.refusePlan(c, b, err)
	}
	return c.Redirect(http.StatusSeeOther, href.Plan(string(p.ID)))
}

// refusePlan shows why no plan was made: the fields at fault, or what the vendor said.
func (s *Server) refusePlan(c echo.Context, b *bench, cause error) error {
	fe, ok := errors.AsType[*fleet.Error](cause)
	if !ok || fe.Kind == fleet.KindInternal {
		return cause
	}
	ctx := c.Request().Context()
	if b.typed.UndoTo != 0 {
		if snapshot, set, err := s.History.SetAt(ctx, b.typed.UndoTo); err == nil && snapshot.PBX == b.row.ID {
			return s.renderSnapshot(c, describe(cause).Status, b.row, snapshot, set, b.typed, fe)
		}
	}
	// A read may have gone before the refusal: the page shows what is known now.
	fresh, err := s.Fleet.PBX(ctx, b.row.ID)
	if err != nil {
		return err
	}
	now, err := s.bench(ctx, fresh, b.typed)
	if err != nil {
		return err
	}
	now.trunk, now.find = b.trunk, b.find
	now.wrong, now.trouble = fe.Fields, fe.Msg
	if fe.VendorCode != 0 {
		now.trouble += " Yeastar code " + strconv.Itoa(fe.VendorCode) + "."
	}
	if fe.VendorRequestID != "" {
		now.trouble += " Yeastar request " + fe.VendorRequestID + "."
	}
	p := describe(cause)
	if p.Status >= http.StatusInternalServerError {
		s.Log.Warn("no plan was made", "request_id", requestID(c), "pbx", b.row.ID, "error", cause)
		now.trouble += " Request " + requestID(c) + "."
	}
	return s.renderDIDs(c, p.Status, now)
}

// bench gathers what is known of the PBX and of the numbers that were typed.
func (s *Server) bench(ctx context.Context, row fleet.PBXRow, typed form.Change) (*bench, error) {
	b := &bench{row: row, typed: typed}
	var err error
	if b.known, err = s.Ledger.Known(ctx, row.ID); err != nil {
		return nil, err
	}
	if typed.UndoTo != 0 {
		if err := s.loadThen(ctx, b); err != nil {
			return nil, err
		}
	}
	if b.n, err = s.names(ctx, didsOf(b.known.Record().Pairs(), typed.Bind, typed.Unbind)); err != nil {
		return nil, err
	}
	b.verdicts, err = s.judgeLines(ctx, b)
	return b, err
}

// loadThen takes in the snapshot that an undo goes back to. One that is not this PBX's is left to the
// plan to refuse.
func (s *Server) loadThen(ctx context.Context, b *bench) error {
	snapshot, set, err := s.History.SetAt(ctx, b.typed.UndoTo)
	if fleet.KindOf(err) == fleet.KindNotFound || err == nil && snapshot.PBX != b.row.ID {
		return nil
	}
	if err != nil {
		return err
	}
	b.then = set
	b.thenHeaders, err = s.History.HeadersAt(ctx, snapshot.ID)
	return err
}

// look takes the search for free numbers. A trunk that is none chooses none.
func (b *bench) look(trunk, find string) {
	if id, ok := form.ID(trunk); ok {
		b.trunk = fleet.TrunkID(id)
	}
	b.find = find
}

// ask is what the form asks for as a whole. What can't be asked for is added to b.wrong.
func (b *bench) ask() change.Ask {
	ask := change.Ask{PBX: b.row.ID, Unbind: b.typed.Unbind, Clear: b.typed.Clear, UndoTo: b.typed.UndoTo, Skip: b.typed.Skip, Bind: b.binds()}
	b.wrong = append(b.wrong, b.wrongLines()...)
	headers, wrong := b.stated()
	b.wrong = append(b.wrong, wrong...)
	ask.Headers = headers
	return ask
}

// binds are the numbers chosen for binding: ticked, or pasted without a doubt.
func (b *bench) binds() []fleet.Binding {
	pairs := fleet.NewBindingSet(b.typed.Bind...)
	for _, v := range b.verdicts {
		if v.state == lineFree && len(v.pairs) == 1 {
			pairs = pairs.With(v.pairs...)
		}
	}
	return pairs.Pairs()
}

func (s *Server) renderDIDs(c echo.Context, status int, b *bench) error {
	ctx := c.Request().Context()
	view := views.DIDsPage{
		Href: href.DIDs(int64(b.row.ID)), PlanHref: href.PBXPlans(int64(b.row.ID)), Errors: b.errors(), Total: boundTotal(b.known),
		Empty: boundEmpty(b.known), Headers: b.headerPanel(), Clear: b.clearPanel(), Next: href.DIDs(int64(b.row.ID)), CSV: href.With(href.BindingsCSV, "pbx_id", b.row.ID.String()),
	}
	if len(b.known.Set.Pairs()) > 0 {
		view.Move = b.row.ID.String()
	}
	view.Moves = b.offers()
	view.Pick = s.pick(ctx, b)
	view.Chosen = b.chosen(view.Pick)
	view.Paste = b.pastePanel()
	if wantsPart(c) {
		return s.render(c, status, views.DIDUsable(view))
	}
	var err error
	if view.Bound, err = s.boundGroups(ctx, b); err != nil {
		return err
	}
	if view.Header, err = s.pbxHeader(c, b.row, tabDIDs); err != nil {
		return err
	}
	view.Blocked = blocked(b.row, view.Header.Plan)
	if view.Blocked.Title != "" {
		view.Header.Notices = nil // said once
	}
	return s.render(c, status, views.DIDs(s.shell(c, "DIDs of "+pbxName(b.row.PBX), views.SectionFleet), view))
}

// blocked says why nothing can be changed now, or nothing.
func blocked(row fleet.PBXRow, holder *views.PlanBanner) ui.Notice {
	n := gate(row)
	if n.Title == "" && holder != nil {
		n = ui.Notice{Tone: ui.Busy, Title: "Another plan holds this PBX", Text: "Nothing else is written to it until that plan is settled.", Links: []ui.Link{holder.Link}}
	}
	return n
}

// errors are the lines of the summary above the form, each with the part of the page it is about.
func (b *bench) errors() []ui.FieldError {
	var list []ui.FieldError
	if b.trouble != "" {
		list = append(list, ui.FieldError{Message: b.trouble})
	}
	for _, f := range b.wrong {
		list = append(list, ui.FieldError{Field: b.anchor(f.Name), Message: f.Rule})
	}
	return list
}

// anchor is the id of the place on the page where a field is; empty where there is none.
func (b *bench) anchor(field string) string {
	switch field {
	case form.FieldBind:
		return "h-pick"
	case form.FieldUnbind:
		return "h-bound"
	case form.FieldNumbers:
		return "numbers"
	case "firmware", "status":
		return "head"
	case form.FieldClear:
		if b.clearPanel().Button != "" {
			return "h-clear"
		}
	}
	return b.headerAnchor(field)
}

func (b *bench) clearPanel() views.ClearPanel {
	bound := len(b.known.Set.Copies()) + len(b.known.Unclear)
	if bound == 0 {
		return views.ClearPanel{}
	}
	all, ring := "all "+count(bound, "number"), "All "+count(bound, "number")+" stop"
	if bound == 1 {
		all, ring = "the only number", "The only number stops"
	}
	return views.ClearPanel{Button: "Plan to unbind " + all, Lost: ring + " ringing on " + pbxName(b.row.PBX) + " at once.",
		Stays: "Nothing else of the PBX changes, and the numbers can be bound again."}
}
