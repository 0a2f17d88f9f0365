package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
	"cordboard/views/href"
	"cordboard/web/form"
)

// line is a PBX's own trunk as its page shows it: what was read of it just now, and what was typed.
type line struct {
	row     fleet.PBXRow
	trunk   sip.Trunk // read now, or last
	read    sip.Reading
	status  *sip.Status
	members form.Members
	away    error // why the PBX could not be asked

	base    string        // the reading that the form is made of
	typed   url.Values    // of form.TypedTrunk; nil on opening
	added   string        // the list that gets one more row
	wrong   []fleet.Field // what was refused, field by field
	trouble string        // why nothing was saved, when no field is to blame
	moved   []moved       // what somebody else changed meanwhile
}

// readLine reads a trunk straight from its PBX, and keeps the reading. That the PBX can't be asked is part of
// the answer as long as there is an older reading to show.
func (s *Server) readLine(c echo.Context) (*line, error) {
	ctx := c.Request().Context()
	row, err := s.openPBX(c)
	if err != nil {
		return nil, err
	}
	id, err := pathID[sip.TrunkID](c, "trunk", "The trunk")
	if err != nil {
		return nil, err
	}
	l := &line{row: row}
	if l.away = lineGone(row); l.away == nil {
		l.away = s.askLine(ctx, l, id, mayOperate(c))
	}
	if l.away == nil {
		l.base = l.trunk.Print()
		return l, s.SIPBook.KeepSIPTrunk(ctx, row.ID, l.trunk, s.Now(), "")
	}
	if kind := fleet.KindOf(l.away); kind == fleet.KindInternal || kind == fleet.KindNotFound {
		return nil, l.away
	}
	if l.read, err = s.SIPBook.SIPReading(ctx, row.ID, id, ""); fleet.KindOf(err) == fleet.KindNotFound && err != nil {
		l.trunk.ID = id
		return l, nil
	}
	l.trunk = l.read.Trunk
	return l, err
}

// askLine asks the PBX for the trunk and its status, and for a form for the extensions and groups too. Only
// the trunk itself must be had.
func (s *Server) askLine(ctx context.Context, l *line, id sip.TrunkID, people bool) (err error) {
	var asking sync.WaitGroup
	asking.Go(func() { l.trunk, err = s.PBXTrunks.SIPTrunk(ctx, l.row.ID, id) })
	asking.Go(func() {
		rows, err := s.PBXTrunks.SIPTrunks(ctx, l.row.ID)
		if i := slices.IndexFunc(rows, func(r sip.Row) bool { return r.ID == id }); err == nil && i >= 0 {
			l.status = &rows[i].Status
		}
	})
	if people {
		asking.Go(func() { l.members = s.askMembers(ctx, l.row.ID) })
	}
	asking.Wait()
	l.members.Known = form.MembersOf(l.trunk)
	return err
}

func (s *Server) askMembers(ctx context.Context, id fleet.PBXID) (m form.Members) {
	var err error
	if m.Extensions, err = s.PBXTrunks.Extensions(ctx, id); err == nil {
		m.Groups, err = s.PBXTrunks.Groups(ctx, id)
	}
	m.Away = err != nil
	return m
}

func (s *Server) pbxTrunkPage(c echo.Context) error {
	if wantsLive(c) {
		return s.renderLiveHead(c, tabTrunks)
	}
	l, err := s.readLine(c)
	if err != nil {
		return err
	}
	return s.renderLine(c, http.StatusOK, l)
}

// saveTrunk makes the plan of what was typed. Nothing is sent before that is confirmed.
func (s *Server) saveTrunk(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	if r.PostForm.Has(form.FieldAddRow) || r.PostForm.Has(form.FieldDropRow) {
		return s.reshapeTrunk(c)
	}
	ask, err := s.trunkAsk(c, form.TypedTrunk(r.PostForm), r.PostForm.Get(form.FieldBase))
	if err != nil {
		return err
	}
	ask.Password = r.PostForm.Get(sip.PasswordName)
	p, cause := s.draftEdit(c, ask.EditAsk)
	if cause == nil {
		return c.Redirect(http.StatusSeeOther, href.Plan(string(p.ID)))
	}
	return s.refuseTrunk(c, ask, cause)
}

// reshapeTrunk shows the form with one row more or less, and with everything that was typed.
func (s *Server) reshapeTrunk(c echo.Context) error {
	posted := c.Request().PostForm
	l, err := s.readLine(c)
	if err != nil {
		return err
	}
	l.typed, l.added = form.TypedTrunk(posted), posted.Get(form.FieldAddRow)
	if base := posted.Get(form.FieldBase); base != "" {
		l.base = base
	}
	form.ReadTrunk(l.typed, l.trunk, l.members) // so that people who were typed are told by name
	return s.renderLine(c, http.StatusOK, l)
}

// trunkAsk is a request for a trunk's plan, and what it was made of.
type trunkAsk struct {
	change.EditAsk
	typed   url.Values
	members form.Members
	lost    bool // nobody knows the reading that the form was made of
}

func (s *Server) trunkAsk(c echo.Context, typed url.Values, base string) (ask trunkAsk, err error) {
	ctx := c.Request().Context()
	ask.typed = typed
	if ask.PBX, err = pathID[fleet.PBXID](c, "id", "The PBX"); err != nil {
		return ask, err
	}
	if ask.Trunk, err = pathID[sip.TrunkID](c, "trunk", "The trunk"); err != nil {
		return ask, err
	}
	if base != "" {
		seen, err := s.SIPBook.SIPReading(ctx, ask.PBX, ask.Trunk, base)
		if ask.lost = err != nil && fleet.KindOf(err) == fleet.KindNotFound; err != nil && !ask.lost {
			return ask, err
		}
		ask.Seen = &seen.Trunk
	}
	for name := range typed {
		if strings.HasSuffix(name, ".ext_list") {
			ask.members = s.askMembers(ctx, ask.PBX)
			break
		}
	}
	ask.Want = func(now sip.Trunk) (sip.Trunk, []fleet.Field) {
		ask.members.Known = form.MembersOf(now)
		return form.ReadTrunk(typed, now, ask.members)
	}
	return ask, nil
}

// draftEdit makes a trunk's plan. A refused request is on record too.
func (s *Server) draftEdit(c echo.Context, ask change.EditAsk) (plan.Plan, error) {
	p, err := s.Changer.DraftEdit(c.Request().Context(), by(c), ask)
	return p, s.refused(c, err, audit.Entry{Action: audit.PlanCreate, Target: "trunk " + ask.Trunk.String() + " of PBX " + ask.PBX.String(), PBX: ask.PBX})
}

// refuseTrunk shows the form again with what was typed and why nothing was saved. After a conflict the form
// is made of what is there now, so that saving again is a conscious act.
func (s *Server) refuseTrunk(c echo.Context, ask trunkAsk, cause error) error {
	fe, ok := errors.AsType[*fleet.Error](cause)
	if !ok || fe.Kind == fleet.KindInternal || fe.Kind == fleet.KindNotFound {
		return cause
	}
	l, err := s.readLine(c)
	if err != nil {
		return err
	}
	l.typed, l.wrong = ask.typed, fe.Fields
	if conflict, ok := errors.AsType[*change.MovedError](cause); ok {
		l.merge(*ask.Seen, conflict.Changes)
		return s.renderLine(c, http.StatusConflict, l)
	}
	if ask.Seen != nil {
		l.base = ask.Seen.Print()
	}
	p := describe(fe)
	if len(l.wrong) == 0 {
		l.trouble = fe.Msg + vendorWords(fe)
	}
	if p.Status >= http.StatusInternalServerError {
		s.Log.Warn("a trunk's plan was not made", "request_id", requestID(c), "pbx", ask.PBX, "trunk", ask.Trunk, "error", cause)
	}
	return s.renderLine(c, p.Status, l)
}
