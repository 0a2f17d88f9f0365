package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"cordboard/sync/change"
	"cordboard/sync/choices"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// life is a PBX as the pages of its life show it: what was read of it just now, and what was typed.
type life struct {
	row     fleet.PBXRow
	seen    change.View
	offers  offered
	typed   url.Values    // as it came
	v       url.Values    // the same over what was read
	wrong   []fleet.Field // what was refused, field by field
	trouble string        // why nothing was sent, when no field is to blame
	away    error         // why the PBX could not be read
	open    job.Job       // the change that is under way, or waits for somebody
}

// readLife reads the PBX straight from the cloud. That it can't be read is part of the answer.
func (s *Server) readLife(c echo.Context, typed url.Values) (*life, error) {
	id, err := pathID[fleet.PBXID](c, "id", "The PBX")
	if err != nil {
		return nil, err
	}
	ctx := c.Request().Context()
	l := &life{typed: typed}
	if l.row, err = s.Fleet.PBX(ctx, id); err != nil {
		return nil, err
	}
	if l.row.Standing.GoneAt.IsZero() {
		l.seen, l.away = s.Life.View(ctx, id)
	} else {
		l.away = &fleet.Error{Kind: fleet.KindNotFound, Op: "web.readLife", Msg: "This PBX is gone: nothing can be changed any more."}
	}
	if fleet.KindOf(l.away) == fleet.KindInternal && l.away != nil {
		return nil, l.away
	}
	if l.away == nil {
		l.offers = s.accountOffers(ctx)
		if l.row, err = s.Fleet.PBX(ctx, id); err != nil { // the read was kept
			return nil, err
		}
	}
	l.v = lifeValues(l.seen)
	for name, values := range typed {
		l.v[name] = values
	}
	l.open, err = s.openChange(ctx, id)
	return l, err
}

// accountOffers are the customers and what is left: what an edit needs of all that there is to choose.
func (s *Server) accountOffers(ctx context.Context) offered {
	ctx, cancel := context.WithTimeout(ctx, lookUpFor)
	defer cancel()
	var o offered
	var capacity fleet.Capacity
	k := keeper{o: &o}
	look(&k, &o.Customers, func() (choices.Read[[]fleet.Customer], error) { return s.Choices.Customers(ctx, "", false) })
	look(&k, &capacity, func() (choices.Read[fleet.Capacity], error) {
		r, err := s.Choices.Capacity(ctx, false)
		o.left = r.At
		return r, err
	})
	k.reading.Wait()
	if !o.left.IsZero() {
		o.Capacity = &capacity
	}
	return o
}

// openChange is the act that is under way on a PBX, or waits for somebody; the zero job when none is.
func (s *Server) openChange(ctx context.Context, id fleet.PBXID) (job.Job, error) {
	for _, f := range []job.Filter{{Kind: job.ChangePBX, State: job.Running}, {Kind: job.ChangePBX, State: job.NeedsAttention}, {Kind: job.CreatePBX, State: job.Running}} {
		f.Page.Limit = form.MaxPage
		page, err := s.JobBook.Jobs(ctx, f)
		if err != nil {
			return job.Job{}, err
		}
		if i := slices.IndexFunc(page.Items, func(j job.Job) bool { return j.PBX == id }); i >= 0 {
			return page.Items[i], nil
		}
	}
	return job.Job{}, nil
}

// managePage shows what a PBX is set to. The query carries what was typed.
func (s *Server) managePage(c echo.Context) error {
	if wantsLive(c) {
		return s.renderLiveHead(c, tabManage)
	}
	l, err := s.readLife(c, c.QueryParams())
	if err != nil {
		return err
	}
	return s.renderManage(c, http.StatusOK, l)
}

// review is the page of one act before it is sent. What can't be sent goes back to the forms.
func (s *Server) review(a act) echo.HandlerFunc {
	return func(c echo.Context) error {
		if wantsLive(c) {
			return s.renderLiveHead(c, tabManage)
		}
		l, err := s.readLife(c, c.QueryParams())
		if err != nil {
			return err
		}
		if l.away != nil {
			return s.renderManage(c, describe(l.away).Status, l)
		}
		if l.wrong = a.check(l); len(l.wrong) > 0 {
			return s.renderManage(c, http.StatusUnprocessableEntity, l)
		}
		return s.renderReview(c, http.StatusOK, a, l)
	}
}

// carryOut begins the job of an act. Why it was not begun is shown where it was confirmed, or at the
// field that is wrong.
func (s *Server) carryOut(a act) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if err := r.ParseForm(); err != nil {
			return unreadable(err)
		}
		id, err := pathID[fleet.PBXID](c, "id", "The PBX")
		if err != nil {
			return err
		}
		j, cause := a.do(s, c, id, r.PostForm)
		if cause == nil {
			return c.Redirect(http.StatusSeeOther, href.Job(string(j.ID)))
		}
		cause = s.refused(c, cause, onPBX(a.act, id))
		fe, ok := errors.AsType[*fleet.Error](cause)
		if !ok || fe.Kind == fleet.KindInternal {
			return cause
		}
		l, err := s.readLife(c, r.PostForm)
		if err != nil {
			return err
		}
		return s.refuseAct(c, a, l, fe)
	}
}

func (s *Server) refuseAct(c echo.Context, a act, l *life, cause *fleet.Error) error {
	p := describe(cause)
	l.wrong, l.trouble = cause.Fields, cause.Msg+vendorWords(cause)
	if p.Status >= http.StatusInternalServerError {
		s.Log.Warn("an act was not begun", "request_id", requestID(c), "pbx", l.row.ID, "error", cause)
		l.trouble += " Request " + requestID(c) + "."
	}
	elsewhere := slices.ContainsFunc(l.wrong, func(f fleet.Field) bool { return !slices.Contains(a.asks, f.Name) })
	if l.away != nil || elsewhere && !a.lowers(l) {
		return s.renderManage(c, p.Status, l)
	}
	return s.renderReview(c, p.Status, a, l)
}

func (s *Server) renderManage(c echo.Context, status int, l *life) error {
	view := s.presentManage(l)
	var err error
	if view.Header, err = s.pbxHeader(c, l.row, tabManage); err != nil {
		return err
	}
	return s.render(c, status, views.PBXManage(s.shell(c, "Manage "+pbxName(l.row.PBX), views.SectionFleet), view))
}

// renderLiveHead is the head of the PBX alone, from our own record.
func (s *Server) renderLiveHead(c echo.Context, tab string) error {
	id, err := pathID[fleet.PBXID](c, "id", "The PBX")
	if err != nil {
		return err
	}
	row, err := s.Fleet.PBX(c.Request().Context(), id)
	if err != nil {
		return err
	}
	header, err := s.pbxHeader(c, row, tab)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, views.PBXLive(s.shell(c, pbxName(row.PBX), views.SectionFleet), header))
}

func (s *Server) renderReview(c echo.Context, status int, a act, l *life) error {
	view, err := s.presentReview(c.Request().Context(), a, l)
	if err != nil {
		return err
	}
	if view.Header, err = s.pbxHeader(c, l.row, tabManage); err != nil {
		return err
	}
	return s.render(c, status, views.Review(s.shell(c, view.Title, views.SectionFleet), view))
}

// underWay says that a change waits for another one.
func (l *life) underWay() []ui.Notice {
	if l.open.ID == "" {
		return nil
	}
	if l.open.Kind == job.CreatePBX {
		return []ui.Notice{{Tone: ui.Busy, Title: "This PBX is still being made", Text: l.open.Title + ". What is sent now may come in the way of that.",
			Links: []ui.Link{{Label: "Watch it", Href: href.Job(string(l.open.ID))}}}}
	}
	return []ui.Notice{{Tone: ui.Busy, Title: "A change of this PBX is under way, or waits for somebody", Text: l.open.Title + ". Until it has ended, nothing else is sent.",
		Links: []ui.Link{{Label: "Watch it", Href: href.Job(string(l.open.ID))}}}}
}
