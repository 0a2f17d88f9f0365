package web

import (
	"cmp"
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// pbxTrunksPage lists a PBX's own trunks as the PBX tells them now. A list that can't be read is never shown as an empty one.
func (s *Server) pbxTrunksPage(c echo.Context) error {
	if frameOnly(c) {
		return s.renderLiveHead(c, tabTrunks)
	}
	row, err := s.openPBX(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	rows, away := s.sipTrunks(ctx, row)
	if away != nil && fleet.KindOf(away) == fleet.KindInternal {
		return away
	}
	view := views.PBXTrunksPage{}
	if away == nil {
		view.Rows = presentLines(row.ID, rows)
		view.Empty = ui.Empty{Title: "This PBX has no trunk", Text: "Trunks are made on the PBX itself, or come from YCM when it is given numbers."}
	} else {
		view.Notices = []ui.Notice{s.awayNotice(c, row, "The trunks of this PBX can't be read now", href.PBXTrunks(int64(row.ID)), away)}
		if view.Rows, view.Empty, err = s.lastLines(ctx, row.ID); err != nil {
			return err
		}
		view.Last = true
	}
	if view.Way, err = s.trunkWay(c, row.ID, away == nil); err != nil {
		return err
	}
	if view.Header, err = s.pbxHeader(c, row, tabTrunks); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, views.PBXTrunks(s.shell(c, "Trunks of "+pbxName(row.PBX), views.SectionFleet), view))
}

// sipTrunks lists the trunks of a PBX that still exists.
func (s *Server) sipTrunks(ctx context.Context, row fleet.PBXRow) ([]sip.Row, error) {
	if err := lineGone(row); err != nil {
		return nil, err
	}
	rows, err := s.PBXTrunks.SIPTrunks(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	if err := s.SIPBook.KeepSIPList(ctx, row.ID, rows, nil, s.Now()); err != nil {
		s.Log.WarnContext(ctx, "a list of trunks could not be kept; it is shown all the same", "pbx", row.ID, "error", err)
	}
	return rows, nil
}

func lineGone(row fleet.PBXRow) error {
	if row.Standing.GoneAt.IsZero() {
		return nil
	}
	return &fleet.Error{Kind: fleet.KindConflict, Op: "web.sipTrunks", Msg: "This PBX is gone: its trunks can't be read any more."}
}

// awayNotice says why a PBX's own API can't be used, and what to do.
func (s *Server) awayNotice(c echo.Context, row fleet.PBXRow, title, again string, away error) ui.Notice {
	n := ui.Notice{Tone: ui.Warn, Title: title, Text: describe(away).Detail}
	if !row.Standing.GoneAt.IsZero() {
		return n
	}
	n.Links = []ui.Link{{Label: "Try again", Href: again}}
	if mayOperate(c) {
		n.Links = append(n.Links, ui.Link{Label: "API access", Href: href.Access(int64(row.ID))})
	}
	return n
}

// trunkWay says how the PBX's own API is reached, and on a page that does not say so yet what is wrong with that.
func (s *Server) trunkWay(c echo.Context, id fleet.PBXID, trouble bool) (views.TrunkWay, error) {
	a, err := s.Access.Access(c.Request().Context(), id)
	if err != nil {
		return views.TrunkWay{}, err
	}
	way := views.TrunkWay{Text: wayWords(a)}
	if trouble && a.Trouble != "" {
		way.Text += " " + a.Trouble
	}
	if mayOperate(c) {
		way.Link = ui.Link{Label: "API access", Href: href.Access(int64(id))}
	}
	return way, nil
}

func wayWords(a sip.Access) string {
	if a.Way == sip.Direct {
		return "This PBX is reached directly, at " + a.BaseURL + "."
	}
	return "This PBX is reached through YCM's relay."
}

func presentLines(id fleet.PBXID, rows []sip.Row) []views.PBXTrunkRow {
	out := make([]views.PBXTrunkRow, len(rows))
	for i, r := range rows {
		out[i] = views.PBXTrunkRow{Href: href.PBXTrunk(int64(id), int64(r.ID)), Name: cmp.Or(r.Name, "Trunk "+r.ID.String()), ID: r.ID.String(),
			Type: lineType(r.Type), Shared: r.Shared, Status: lineBadge(r.Status), Host: r.HostPort, CID: r.CID, User: r.Username}
	}
	return out
}

// lastLines are a PBX's trunks as it last listed them, whole. One that never gave a list has what was read of each trunk.
func (s *Server) lastLines(ctx context.Context, id fleet.PBXID) ([]views.PBXTrunkRow, ui.Empty, error) {
	listed, look, err := s.Lines.LastSIPTrunks(ctx, id)
	if err != nil {
		return nil, ui.Empty{}, err
	}
	if look.ReadAt.IsZero() {
		last, err := s.SIPBook.LastSIPReadings(ctx, id)
		return s.presentReadings(id, last), ui.Empty{Title: "Its trunks were never read", Text: "They show here as soon as the PBX answers."}, err
	}
	rows := make([]sip.Row, len(listed))
	for i, r := range listed {
		rows[i] = r.Row
	}
	out := presentLines(id, rows)
	for i := range out {
		out[i].Read = ui.At(listed[i].ListedAt, s.Now())
	}
	return out, ui.Empty{Title: "It had no trunk when it was last read", Text: "That was on " + absolute(look.ReadAt) + "."}, nil
}

// presentReadings are the trunks as each was read last.
func (s *Server) presentReadings(id fleet.PBXID, last []sip.Reading) []views.PBXTrunkRow {
	out := make([]views.PBXTrunkRow, len(last))
	for i, r := range last {
		t := r.Trunk
		out[i] = views.PBXTrunkRow{Href: href.PBXTrunk(int64(id), int64(t.ID)), Name: cmp.Or(t.Name, "Trunk "+t.ID.String()), ID: t.ID.String(),
			Type: lineType(t.Type), Shared: t.Shared, Read: ui.At(r.Until, s.Now()), Host: t.Hostname, CID: t.CID, User: t.Username}
	}
	return out
}
