package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/team"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// The tabs of a PBX's pages.
const (
	tabOverview = "Overview"
	tabDIDs     = "DIDs"
	tabTrunks   = "Trunks"
	tabHistory  = "History"
	tabAudit    = "Audit"
	tabManage   = "Manage"
)

// lookAfter is how old the truth may be before an opened page asks for a read.
const lookAfter = time.Minute

// looks remembers which PBXs an opened page asked a read for, so that a page which refreshes
// itself when the read is done does not ask forever.
type looks struct {
	mu sync.Mutex
	at map[fleet.PBXID]time.Time
}

// due reports whether it is time to ask again, and takes note that it was asked.
func (l *looks) due(id fleet.PBXID, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.at[id]) < lookAfter {
		return false
	}
	if l.at == nil || len(l.at) > 10_000 {
		l.at = map[fleet.PBXID]time.Time{}
	}
	l.at[id] = now
	return true
}

// openPBX is the PBX of a path. One whose truth is older than a minute is read soon; the page
// does not wait for that.
func (s *Server) openPBX(c echo.Context) (fleet.PBXRow, error) {
	id, err := pathID[fleet.PBXID](c, "id", "The PBX")
	if err != nil {
		return fleet.PBXRow{}, err
	}
	row, err := s.Fleet.PBX(c.Request().Context(), id)
	if err != nil {
		return row, err
	}
	now := s.Now()
	if row.Standing.GoneAt.IsZero() && now.Sub(row.Standing.VerifiedAt) > lookAfter && s.looks.due(row.ID, now) {
		s.Worker.Ask(row.ID)
	}
	return row, nil
}

func mayOperate(c echo.Context) bool { return who(c).user.Can(team.Operator) }

func (s *Server) pbxPage(c echo.Context) error {
	row, err := s.openPBX(c)
	if err != nil {
		return err
	}
	return s.renderPBX(c, row, tabOverview)
}

// renderPBX is the overview. For a viewer it is the DIDs page too, with every number on it.
func (s *Server) renderPBX(c echo.Context, row fleet.PBXRow, tab string) error {
	ctx := c.Request().Context()
	known, err := s.Ledger.Known(ctx, row.ID)
	if err != nil {
		return err
	}
	recent, err := s.History.Snapshots(ctx, row.ID, fleet.PageRequest{Limit: 5})
	if err != nil {
		return err
	}
	n, err := s.names(ctx, didsOf(known.Record().Pairs(), changedPairs(recent.Items)))
	if err != nil {
		return err
	}
	header, err := s.pbxHeader(c, row, tab)
	if err != nil {
		return err
	}
	view := s.presentPBX(row, known, n, tab == tabDIDs)
	view.Header = header
	view.Changes = s.snapshotRows(recent, n)
	return s.render(c, http.StatusOK, views.PBX(s.shell(c, pbxName(row.PBX), views.SectionFleet), view))
}

// pbxHeader is the top of every page of one PBX.
func (s *Server) pbxHeader(c echo.Context, row fleet.PBXRow, tab string) (views.PBXHeader, error) {
	now, id := s.Now(), int64(row.ID)
	h := views.PBXHeader{
		Name: pbxName(row.PBX), Href: href.PBX(id), URL: row.URL, Serial: row.Serial, ID: row.ID.String(), Firmware: string(row.Firmware), Region: row.Region,
		Truth: s.truth(row), Status: statusBadge(row), Reach: reachBadge(row), Notices: pbxNotices(row), Live: "pbx:" + row.ID.String(),
		Tabs: []ui.Tab{
			{Label: tabOverview, Href: href.PBX(id)}, {Label: tabDIDs, Href: href.DIDs(id), Count: strconv.Itoa(row.Numbers)},
			{Label: tabTrunks, Href: href.PBXTrunks(id)},
			{Label: tabHistory, Href: href.History(id), Count: strconv.Itoa(row.Snapshots)}, {Label: tabAudit, Href: href.AuditOf(id)},
		},
	}
	if mayOperate(c) {
		h.Tabs = append(h.Tabs, ui.Tab{Label: tabManage, Href: href.Manage(id)})
	}
	for i := range h.Tabs {
		h.Tabs[i].Current = h.Tabs[i].Label == tab
	}
	if mayOperate(c) && tab != tabDIDs && tab != tabTrunks && tab != tabManage && gate(row).Title == "" {
		h.Bind = href.DIDs(id)
	}
	drift, err := s.pbxDrift(c, row)
	if err != nil {
		return h, err
	}
	h.Drift = drift
	undone, err := s.Plans.Undone(c.Request().Context(), row.ID)
	if err != nil {
		return h, err
	}
	h.Notices = append(h.Notices, undoneNotices(undone, row.ID, now)...)
	holder, err := s.holder(c.Request().Context(), row)
	if err != nil || holder.ID == "" {
		return h, err
	}
	text := holder.Author + " is applying: " + planTitle(holder) + ". Sent"
	if holder.Status == plan.Unknown {
		text = "It is not known yet whether this was applied: " + planTitle(holder) + ". Sent"
	}
	h.Plan = &views.PlanBanner{Status: planBadge(holder.Status), Text: text, Since: ui.At(holder.SentAt, now),
		Link: ui.Link{Label: "Watch the plan", Href: href.Plan(string(holder.ID))}}
	return h, nil
}

// pbxDrift is why the PBX has drifted or is gone, and the ways out for who may act; nil when it has not.
func (s *Server) pbxDrift(c echo.Context, row fleet.PBXRow) (*views.PBXDrift, error) {
	if row.Standing.DriftAt.IsZero() {
		return nil, nil
	}
	d, err := s.Drifts.OpenDrift(c.Request().Context(), row.ID)
	if fleet.KindOf(err) == fleet.KindNotFound {
		return nil, nil // it ended after row was read
	}
	if err != nil {
		return nil, err
	}
	view := &views.PBXDrift{Cause: ui.Link{Label: causeWords(d.Cause), Href: href.Drift(int64(d.ID))}}
	if mayOperate(c) {
		view.Revert, view.Adopt = driftActs(d, row)
	}
	return view, nil
}

// holder is the plan that may have a write under way on the PBX, or the zero plan.
func (s *Server) holder(ctx context.Context, row fleet.PBXRow) (plan.Plan, error) {
	if row.Standing.OpenPlan != "" {
		return s.Plans.Plan(ctx, row.Standing.OpenPlan)
	}
	page, err := s.Plans.Plans(ctx, plan.Filter{PBX: row.ID, Status: plan.Applying, Page: fleet.PageRequest{Limit: 1}})
	if err != nil || len(page.Items) == 0 {
		return plan.Plan{}, err
	}
	return page.Items[0], nil
}

// reachBadge says whether the last read worked, which is not whether what we know is true.
func reachBadge(row fleet.PBXRow) ui.Badge {
	switch {
	case !row.Standing.TroubleAt.IsZero():
		return ui.Badge{Tone: ui.Bad, Label: "Read failed"}
	case row.Standing.VerifiedAt.IsZero():
		return ui.Badge{Tone: ui.Mute, Label: "Not read yet"}
	}
	return ui.Badge{Tone: ui.Ok, Label: "Readable"}
}

// gate says why nothing can be sent to the PBX now, or nothing (the zero Notice).
func gate(row fleet.PBXRow) ui.Notice {
	switch {
	case !row.Standing.GoneAt.IsZero():
		return ui.Notice{Tone: ui.Mute, Title: "This PBX is gone", Text: "Yeastar reported that it was deleted. Its history stays here; nothing can be bound any more."}
	case !row.Firmware.AtLeast(fleet.FirmwareDIDUpdate):
		firmware := "An unknown firmware"
		if row.Firmware != "" {
			firmware = "Firmware " + string(row.Firmware)
		}
		return ui.Notice{Tone: ui.Warn, Title: firmware + " can't change DIDs",
			Text: "Yeastar documents " + string(fleet.FirmwareDIDUpdate) + " as the lowest that does. Cordboard shows and remembers, but sends nothing to this PBX."}
	case row.Status != fleet.StatusRunning:
		return ui.Notice{Tone: ui.Warn, Title: "This PBX is not running", Text: "Its status is " + statusBadge(row).Label + ". Nothing is sent to it until it is Running."}
	}
	return ui.Notice{}
}

func pbxNotices(row fleet.PBXRow) []ui.Notice {
	if n := gate(row); n.Title != "" {
		return []ui.Notice{n}
	}
	return nil
}

// cardNumbers is how many numbers of one trunk the overview shows.
const cardNumbers = 24

func (s *Server) presentPBX(row fleet.PBXRow, known fleet.Known, n names, all bool) views.PBXPage {
	now, id := s.Now(), int64(row.ID)
	view := views.PBXPage{
		Total: boundTotal(known), Certainty: certainty(known), History: href.History(id), Empty: boundEmpty(known),
		Facts: []ui.Fact{
			{Label: "Address", Text: row.URL}, {Label: "Region", Text: row.Region}, {Label: "Firmware", Text: string(row.Firmware)},
			{Label: "Serial", Copy: ui.Copy{Label: "serial number", Text: row.Serial}}, {Label: "PBX id", Copy: ui.Copy{Label: "PBX id", Text: row.ID.String()}},
			{Label: "Last change", Time: ui.At(row.Standing.ChangedAt, now)}, {Label: "Snapshots", Link: ui.Link{Label: thousands(row.Snapshots), Href: href.History(id)}},
			{Label: "Fingerprint", Copy: ui.Copy{Label: "fingerprint of the bindings", Text: known.Fingerprint()}},
		},
	}
	for _, g := range byTrunk(known.Set) {
		card := views.TrunkCard{Name: n.trunk(g.trunk), ID: g.trunk.String(), Kind: n.trunks[g.trunk].Kind, Count: count(len(g.dids), "number")}
		for i, did := range g.dids {
			if i == cardNumbers && !all {
				card.More = ui.Link{Label: "and " + thousands(len(g.dids)-i) + " more", Href: href.DIDs(id)}
				break
			}
			card.Numbers = append(card.Numbers, ui.Number{Text: n.number(did), Href: href.With(href.Numbers, "number", n.raw(did))})
		}
		view.Trunks = append(view.Trunks, card)
	}
	for _, u := range known.Unclear {
		view.Ambiguous = append(view.Ambiguous, views.AmbiguousNumber{Number: n.number(u.DID), Trunks: joinOr(n.trunkList(u.Trunks))})
	}
	view.Headers, view.HeadNote = sipHeaders(row, known, n)
	return view
}

// trunkGroup is the DIDs of a set on one trunk.
type trunkGroup struct {
	trunk fleet.TrunkID
	dids  []fleet.DIDID
}

func byTrunk(set fleet.BindingSet) []trunkGroup {
	var groups []trunkGroup
	for _, b := range set.Pairs() {
		if len(groups) == 0 || groups[len(groups)-1].trunk != b.Trunk {
			groups = append(groups, trunkGroup{trunk: b.Trunk})
		}
		last := &groups[len(groups)-1]
		last.dids = append(last.dids, b.DID)
	}
	return groups
}

func boundTotal(known fleet.Known) string {
	total := len(known.Set.Copies()) + len(known.Unclear)
	if total == 0 {
		return "none"
	}
	return count(total, "number") + " on " + count(len(known.Set.Trunks()), "trunk")
}

func boundEmpty(known fleet.Known) ui.Empty {
	switch {
	case known.Certainty != fleet.CertaintyExact && known.Certainty != fleet.CertaintyAmbiguous:
		return ui.Empty{Title: "Not read yet", Text: "Cordboard has not read the numbers of this PBX. It is on its way."}
	case len(known.Unclear) > 0:
		return ui.Empty{Title: "No number is certain yet", Text: "The trunk of every number is still to be settled."}
	}
	return ui.Empty{Title: "No number is bound", Text: "Calls from outside can't reach this PBX through a shared trunk."}
}

func certainty(known fleet.Known) ui.Notice {
	if known.Certainty != fleet.CertaintyAmbiguous {
		return ui.Notice{}
	}
	return ui.Notice{Tone: ui.Ask, Title: "The trunk of " + count(len(known.Unclear), "number") + " is not known",
		Text: "YCM tells which numbers this PBX has, but not on which trunk. Its next report settles it, or say which when you make a plan."}
}

// sipHeaders are the custom SIP headers that the PBX's trunks define, with what we know of their
// values.
func sipHeaders(row fleet.PBXRow, known fleet.Known, n names) ([]views.SIPHeader, ui.Notice) {
	if !row.Firmware.AtLeast(fleet.FirmwareSIPHeaders) {
		return nil, ui.Notice{}
	}
	var rows []views.SIPHeader
	hidden := false
	for _, trunk := range known.Set.Trunks() {
		defs := n.trunks[trunk].Headers
		hidden = hidden || !known.Headers.Known && defs.MayHold()
		for _, def := range defs.List {
			value := headerValue(known.Headers, trunk, def.ID)
			rows = append(rows, views.SIPHeader{Trunk: n.trunk(trunk), Name: headerName(def), Value: value, Known: known.Headers.Known})
		}
	}
	if !hidden {
		return rows, ui.Notice{}
	}
	return rows, ui.Notice{Tone: ui.Ask, Title: "Custom SIP headers are not known",
		Text: "Yeastar does not read their values back, and a plan replaces all of them. A plan will ask you to state them."}
}

func headerValue(h fleet.Headers, trunk fleet.TrunkID, id fleet.HeaderID) string {
	for _, v := range h.List() {
		if v.Trunk == trunk && v.Header == id {
			return v.Value
		}
	}
	return ""
}

func headerName(def fleet.HeaderDef) string {
	if def.Name != "" {
		return def.Name
	}
	return fmt.Sprintf("header %d", def.ID)
}
