package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// FleetTrunks reads the trunks of all PBXs as they were last told.
type FleetTrunks interface {
	FleetTrunks(ctx context.Context, f sip.FleetFilter) (fleet.Page[sip.FleetRow], error)
	SIPCounts(ctx context.Context) (map[sip.Health]int, error)
	// LastSIPTrunks are a PBX's trunks as they were last listed, and when that was.
	LastSIPTrunks(ctx context.Context, id fleet.PBXID) ([]sip.FleetRow, sip.FleetLook, error)
}

// lineHealths are the ways to narrow the list, in the order in which people look.
func lineHealths() []sip.Health {
	return []sip.Health{sip.Down, sip.Trying, sip.Up, sip.Off, sip.Unclear}
}

func healthLabel(h sip.Health) string {
	return map[sip.Health]string{sip.Up: "Up", sip.Trying: "Registering", sip.Down: "Down", sip.Off: "Disabled", sip.Unclear: "Unknown"}[h]
}

// fleetTrunkFilter reads the query; values that name nothing don't narrow.
func fleetTrunkFilter(l list) sip.FleetFilter {
	f := sip.FleetFilter{Q: strings.TrimSpace(l.v.Get("q")), Page: form.Page(l.v)}
	if kind := sip.Kind(l.v.Get("kind")); slices.Contains([]sip.Kind{sip.Register, sip.Peer, sip.Account}, kind) {
		f.Kind = kind
	}
	if h := sip.Health(l.v.Get("health")); slices.Contains(lineHealths(), h) {
		f.Health = h
	}
	return f
}

func (s *Server) fleetTrunksPage(c echo.Context) error {
	ctx, l := c.Request().Context(), listOf(c)
	f := fleetTrunkFilter(l)
	page, err := s.Lines.FleetTrunks(ctx, f)
	if err != nil {
		return err
	}
	counts, err := s.Lines.SIPCounts(ctx)
	if err != nil {
		return err
	}
	view := s.presentFleetTrunks(l, f, page, counts)
	if mayOperate(c) {
		view.Edit = href.WideEdit
	}
	return s.render(c, http.StatusOK, views.FleetTrunks(s.shell(c, "Trunks of PBXs", views.SectionTrunks), view))
}

// trunkTabs are the two lists of trunks.
func trunkTabs(ofPBXs bool) []ui.Tab {
	return []ui.Tab{{Label: "Shared trunks", Href: href.Trunks, Current: !ofPBXs}, {Label: "Trunks of PBXs", Href: href.FleetTrunks, Current: ofPBXs}}
}

func (s *Server) presentFleetTrunks(l list, f sip.FleetFilter, page fleet.Page[sip.FleetRow], counts map[sip.Health]int) views.FleetTrunksPage {
	narrow := f.Q != "" || f.Kind != "" || f.Health != ""
	view := views.FleetTrunksPage{
		Tabs: trunkTabs(true), Query: f.Q, Health: string(f.Health), Size: l.v.Get("page_size"), Clear: href.FleetTrunks, Live: "lines",
		Pager: l.pager(len(page.Items), page.Total, page.Next, "trunk", f.Q != ""), Kinds: kindSelect(f.Kind),
		Empty: ui.Empty{Title: "No trunk of a PBX was read yet", Text: "Cordboard asks each running PBX for its trunks once an hour. Open a PBX's Trunks page to ask it now."},
	}
	view.Pager.CSV = l.at(href.FleetTrunkCSV)
	all := 0
	for _, n := range counts {
		all += n
	}
	shown := func(n int) string { // the counts are of the whole fleet: beside a narrower list they would mislead
		if f.Q != "" || f.Kind != "" {
			return ""
		}
		return thousands(n)
	}
	view.States = []ui.Option{{Label: "All", Count: shown(all), Href: l.with("health", ""), Selected: f.Health == ""}}
	for _, h := range lineHealths() {
		view.States = append(view.States, ui.Option{Label: healthLabel(h), Count: shown(counts[h]), Href: l.with("health", string(h)), Selected: h == f.Health})
	}
	if narrow {
		view.Empty = ui.Empty{Title: "No match", Text: "No trunk that was read has this. What PBXs changed within the last hour may not be known yet."}
		view.Chips = slices.Concat(l.chip("Search", "q"), l.chip("Type", "kind"))
		if f.Health != "" {
			view.Chips = append(view.Chips, ui.Chip{Label: "Status: " + healthLabel(f.Health), Href: l.with("health", "")})
		}
	}
	for _, r := range page.Items {
		view.Rows = append(view.Rows, s.fleetTrunkRow(r))
	}
	if page.Total > len(page.Items) {
		view.All = "all " + thousands(page.Total)
		if narrow {
			view.All += " that the filter leaves"
		}
	}
	for _, name := range []string{"q", "kind", "health"} {
		if value := l.v.Get(name); value != "" {
			view.Filter = append(view.Filter, views.HiddenField{Name: name, Value: value})
		}
	}
	return view
}

func kindSelect(now sip.Kind) ui.Select {
	sel := ui.Select{Name: "kind", Label: "Type", Options: []ui.Option{{Label: "Any type"}}}
	for _, o := range []ui.Option{{Value: string(sip.Register), Label: "Register"}, {Value: string(sip.Peer), Label: "Peer"}, {Value: string(sip.Account), Label: "Account"}} {
		o.Selected = o.Value == string(now)
		sel.Options = append(sel.Options, o)
	}
	return sel
}

func (s *Server) fleetTrunkRow(r sip.FleetRow) views.FleetTrunkRow {
	row := views.FleetTrunkRow{
		Pick: targetValue(r.PBX, r.Row.ID), Href: href.PBXTrunk(int64(r.PBX), int64(r.Row.ID)), Name: lineName(r.Row),
		PBX: ui.Link{Label: r.PBXName, Href: href.PBX(int64(r.PBX))}, Type: lineType(r.Row.Type), Shared: r.Row.Shared, Status: lineBadge(r.Row.Status),
		Read: ui.At(r.ListedAt, s.Now()), Host: r.Row.HostPort, User: r.Row.Username, CID: r.Row.CID, Match: r.Matched,
	}
	if row.Host == "" && r.Settings != nil {
		row.Host = r.Settings.Hostname
	}
	return row
}

func lineName(r sip.Row) string { return cmp.Or(r.Name, "Trunk "+r.ID.String()) }
