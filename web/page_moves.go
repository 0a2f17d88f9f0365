package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// moveTargets is how many PBXs the choice of where to move shows at once.
const moveTargets = 20

// moveBench is a move with everything that was typed about it.
type moveBench struct {
	typed    form.Move
	from, to *bench // to is nil while no PBX is chosen
	review   change.MoveReview
	wrong    []fleet.Field
	trouble  string // what stands in the way, as a whole
	consent  change.Consent
}

// newMove asks where numbers shall go, and then shows what moving them would do. Nothing is stored.
func (s *Server) newMove(c echo.Context) error {
	v := c.QueryParams()
	typed, wrong := form.ReadMove(v)
	if typed.From == 0 && len(wrong) == 0 { // a move begins with the PBX that has the numbers
		return c.Redirect(http.StatusSeeOther, href.Fleet)
	}
	if v.Has(form.FieldUnbind) && len(wrong) == 0 { // from the page where they were ticked, with all its other fields
		return c.Redirect(http.StatusSeeOther, href.MoveTo(int64(typed.From), int64(typed.To), idsOf(typed.DIDs())...))
	}
	m, err := s.moveBench(c.Request().Context(), typed, wrong)
	if err != nil {
		return err
	}
	if m.to == nil {
		return s.renderTargets(c, m)
	}
	m.consent = change.Consent{Name: v.Get(fieldName), Reason: v.Get(fieldReason)}
	if len(m.wrong) == 0 {
		source, target := m.headers()
		if m.review, err = s.Changer.ReviewMove(c.Request().Context(), moveOf(typed, source, target)); m.refuse(err) != nil {
			return err
		}
	}
	return s.renderMove(c, http.StatusOK, m)
}

// makeMove begins a move as it was reviewed.
func (s *Server) makeMove(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	typed, wrong := form.ReadMove(r.PostForm)
	m, err := s.moveBench(r.Context(), typed, wrong)
	if err != nil {
		return err
	}
	if m.to == nil {
		m.wrong = append(m.wrong, fleet.Field{Name: form.FieldTo, Rule: "Choose the PBX that takes the numbers."})
		return fleet.Invalid("web.makeMove", "The move is not complete.", m.wrong...)
	}
	m.consent = change.Consent{Name: r.PostForm.Get(fieldName), Reason: r.PostForm.Get(fieldReason)}
	source, target := m.headers()
	if len(m.wrong) > 0 {
		return s.renderMove(c, http.StatusUnprocessableEntity, m)
	}
	review, begun, err := s.move(c, moveOf(typed, source, target), m.consent, cmp.Or(typed.Review, "none"), typed.Key)
	if errors.Is(err, errUnproved) {
		return s.askProof(c)
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, href.Job(string(begun.ID)))
	}
	m.review = review
	if m.refuse(err) != nil {
		return err
	}
	return s.renderMove(c, describe(err).Status, m)
}

// refuse takes up why a move can't be made, for the page to say. What the page can't say is answered.
func (m *moveBench) refuse(err error) error {
	fe, ok := errors.AsType[*fleet.Error](err)
	if err == nil || ok && fe.Kind != fleet.KindInternal && fe.Kind != fleet.KindNotFound {
		if err != nil {
			m.wrong, m.trouble = fe.Fields, fe.Msg
		}
		return nil
	}
	return err
}

// moveBench gathers what is known of both PBXs.
func (s *Server) moveBench(ctx context.Context, typed form.Move, wrong []fleet.Field) (*moveBench, error) {
	if typed.From == 0 || len(typed.Numbers) == 0 {
		return nil, fleet.Invalid("web.moveBench", "No number was chosen to move.", append(wrong, fleet.Field{Name: form.FieldDID, Rule: "Tick numbers on the page of the PBX that has them."})...)
	}
	m := &moveBench{typed: typed, wrong: wrong}
	row, err := s.Fleet.PBX(ctx, typed.From)
	if err != nil {
		return nil, err
	}
	if m.from, err = s.bench(ctx, row, typed.Source); err != nil {
		return nil, err
	}
	for _, n := range typed.Numbers {
		m.from.typed.Unbind = append(m.from.typed.Unbind, pairsOn(n.DID, m.from.known.Set.TrunksOf(n.DID))...)
	}
	// The numbers may be none of this PBX: they are named all the same.
	if m.from.n, err = s.names(ctx, append(typed.DIDs(), didsOf(m.from.known.Record().Pairs())...)); err != nil || typed.To == 0 {
		return m, err
	}
	if row, err = s.Fleet.PBX(ctx, typed.To); err != nil {
		return nil, err
	}
	if m.to, err = s.bench(ctx, row, typed.Target); err != nil {
		return nil, err
	}
	for _, n := range typed.Numbers {
		if trunks := m.from.known.Set.TrunksOf(n.DID); n.Trunk == 0 && len(trunks) > 0 {
			n.Trunk = trunks[0] // until the review settles it
		}
		m.to.typed.Bind = append(m.to.typed.Bind, n)
	}
	return m, nil
}

// headers are the values that the form states for both PBXs. What can't be stated is noted.
func (m *moveBench) headers() (source, target *[]fleet.Header) {
	source, wrong := m.from.stated()
	for _, f := range wrong {
		f.Name = form.FromPrefix + f.Name
		m.wrong = append(m.wrong, f)
	}
	target, wrong = m.to.stated()
	m.wrong = append(m.wrong, wrong...)
	return source, target
}

func (s *Server) renderTargets(c echo.Context, m *moveBench) error {
	ctx := c.Request().Context()
	page, err := s.Fleet.PBXs(ctx, fleet.PBXFilter{Q: m.typed.Find, Sort: fleetSorts[0], Page: fleet.PageRequest{Limit: moveTargets + 1}}, s.Now(), s.staleAfter())
	if err != nil {
		return err
	}
	view := s.moveFrame(m)
	view.Title = "Move " + count(len(m.typed.Numbers), "number") + " to another PBX"
	view.Find = ui.Field{Name: form.FieldFind, Label: "PBX", Type: "search", Value: m.typed.Find, Focus: true}
	view.Empty = ui.Empty{Title: "No PBX matches", Text: "Search for a part of its name, its URL or its serial."}
	rows := slices.DeleteFunc(page.Items, func(row fleet.PBXRow) bool { return row.ID == m.typed.From || !row.Standing.GoneAt.IsZero() })
	for _, row := range rows[:min(len(rows), moveTargets)] {
		note := row.Region
		if why := gate(row); why.Title != "" {
			note = why.Title
		}
		view.Targets = append(view.Targets, views.MoveTarget{Name: pbxName(row.PBX), Note: note, State: syncBadge(fleet.Judge(row.Standing, s.Now(), s.staleAfter()).State),
			Href: href.MoveTo(int64(m.typed.From), int64(row.ID), idsOf(m.typed.DIDs())...)})
	}
	if page.Total > len(view.Targets)+1 {
		view.More = "There are more: search for the one that you want."
	}
	return s.render(c, http.StatusOK, views.Move(s.shell(c, view.Title, views.SectionFleet), view))
}

// moveFrame is what the page says whether or not a PBX is chosen.
func (s *Server) moveFrame(m *moveBench) views.MovePage {
	view := views.MovePage{Href: href.NewMove, Action: href.Moves, From: ui.Link{Label: pbxName(m.from.row.PBX), Href: href.DIDs(int64(m.from.row.ID))},
		Hidden: []views.HiddenField{{Name: form.FieldFrom, Value: m.typed.From.String()}}}
	for _, did := range m.typed.DIDs() {
		view.Hidden = append(view.Hidden, views.HiddenField{Name: form.FieldDID, Value: did.String()})
		view.Numbers = append(view.Numbers, ui.Number{Text: m.from.n.number(did)})
	}
	return view
}

func (s *Server) renderMove(c echo.Context, status int, m *moveBench) error {
	var dids []fleet.DIDID
	for _, half := range []*bench{m.from, m.to} {
		dids = append(dids, didsOf(half.known.Record().Pairs())...)
	}
	n, err := s.names(c.Request().Context(), append(dids, m.typed.DIDs()...))
	if err != nil {
		return err
	}
	view := s.presentMove(m, n)
	return s.render(c, status, views.Move(s.shell(c, view.Title, views.SectionFleet), view))
}

// newKey is what makes a form that is sent twice begin one move.
func newKey() string { return string(job.NewID()) }

func idsOf(dids []fleet.DIDID) []int64 {
	ids := make([]int64, len(dids))
	for i, d := range dids {
		ids[i] = int64(d)
	}
	return ids
}
