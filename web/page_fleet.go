package web

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// fleetSorts are the ways in which the fleet can be sorted, as they stand in the URL.
var fleetSorts = []string{"name", "-changed", "-numbers", "verified"}

func (s *Server) fleetPage(c echo.Context) error {
	ctx, l := c.Request().Context(), listOf(c)
	filter := fleetFilter(l)
	page, err := s.Fleet.PBXs(ctx, filter, s.Now(), s.staleAfter())
	if err != nil {
		return err
	}
	tally, err := s.Fleet.Tally(ctx, s.Now(), s.staleAfter())
	if err != nil {
		return err
	}
	s.meet(tally)
	view := s.presentFleet(l, filter, page, tally)
	if mayOperate(c) {
		view.New = href.NewPBX
		view.Import = ui.Link{Label: "From a spreadsheet", Href: href.Bulk}
	}
	if wantsPart(c) {
		return s.render(c, http.StatusOK, views.FleetResults(view))
	}
	return s.render(c, http.StatusOK, views.Fleet(s.shell(c, "Fleet", views.SectionFleet), view))
}

// meet has the fleet listed when somebody looks at an empty one: where passes don't start by themselves,
// nothing else would.
func (s *Server) meet(tally fleet.FleetTally) {
	if tally.PBXs == 0 && s.Picker.Trouble() == "" {
		s.Worker.AskCatalogue()
	}
}

// fleetFilter reads the query; values that name nothing don't narrow.
func fleetFilter(l list) fleet.PBXFilter {
	f := fleet.PBXFilter{
		Q: strings.TrimSpace(l.v.Get("q")), Region: l.v.Get("region"), Status: fleet.PBXStatus(l.v.Get("status")),
		Page: form.Page(l.v), Sort: l.v.Get("sort"),
	}
	if state := fleet.SyncState(l.v.Get("state")); slices.Contains(syncStates(), state) {
		f.State = state
	}
	if !slices.Contains(fleetSorts, f.Sort) {
		f.Sort = fleetSorts[0]
	}
	return f
}

func narrowed(f fleet.PBXFilter) bool {
	return f.Q != "" || f.State != "" || f.Region != "" || f.Status != ""
}

func (s *Server) presentFleet(l list, f fleet.PBXFilter, page fleet.Page[fleet.PBXRow], tally fleet.FleetTally) views.FleetPage {
	view := views.FleetPage{
		Query: f.Q, State: string(f.State), Size: l.v.Get("page_size"), Clear: href.Fleet, Live: "fleet",
		Bar: fleetBar(l, f.State, tally), Heads: fleetHeads(l, f.Sort),
		Facets: []ui.Select{facet("region", "Region", "All regions", f.Region, tally.Regions), facet("status", "Status", "Any status", string(f.Status), tally.Statuses)},
		Pager:  l.pager(len(page.Items), page.Total, page.Next, "PBX", narrowed(f)),
		Empty:  fleetEmpty(f, tally),
	}
	view.Pager.CSV = l.at(href.FleetCSV)
	view.Pager.Also = []ui.Link{{Label: "Bindings as CSV", Href: l.at(href.BindingsCSV)}}
	if f.Sort != fleetSorts[0] {
		view.Sort = f.Sort
	}
	if f.State != "" {
		view.Chips = append(view.Chips, ui.Chip{Label: "Bindings: " + syncBadge(f.State).Label, Href: l.with("state", "")})
	}
	view.Chips = slices.Concat(view.Chips, l.chip("Search", "q"), l.chip("Region", "region"), l.chip("Status", "status"))
	for _, row := range page.Items {
		view.Rows = append(view.Rows, s.fleetRow(row))
	}
	view.Matched = s.matched(page.Items)
	return view
}

// matched says how a search was read when it found PBXs by a number.
func (s *Server) matched(rows []fleet.PBXRow) string {
	number := ""
	for _, row := range rows {
		switch {
		case row.Matched == "", row.Matched == number:
		case number == "":
			number = row.Matched
		default:
			return "Read as a part of a number: PBXs that have one like it are listed."
		}
	}
	if number == "" {
		return ""
	}
	return "Read as the number " + s.phone(number)
}

func (s *Server) fleetRow(row fleet.PBXRow) views.FleetRow {
	r := views.FleetRow{
		Href: href.PBX(int64(row.ID)), Name: pbxName(row.PBX), URL: row.URL, Truth: s.brief(row), Status: statusBadge(row),
		Numbers: thousands(row.Numbers), Region: row.Region, Firmware: string(row.Firmware), Changed: ui.At(row.Standing.ChangedAt, s.Now()),
	}
	if row.Firmware != "" && !row.Firmware.AtLeast(fleet.FirmwareDIDUpdate) {
		r.Old = "too old to change DIDs"
	}
	if row.Matched != "" {
		r.Match = s.phone(row.Matched)
	}
	return r
}

// pbxName is what people call a PBX, never nothing.
func pbxName(p fleet.PBX) string { return cmp.Or(p.Name, p.URL, "PBX "+p.ID.String()) }

func fleetBar(l list, current fleet.SyncState, tally fleet.FleetTally) ui.Bar {
	bar := ui.Bar{Label: "State of the fleet"}
	l.path = href.Fleet
	for _, state := range syncStates() {
		badge := syncBadge(state)
		link := l.with("state", string(state))
		if state == current {
			link = l.with("state", "")
		}
		bar.Segments = append(bar.Segments, ui.Segment{Tone: badge.Tone, Label: badge.Label, Count: tally.States[state], Href: link, Current: state == current})
	}
	return bar
}

func fleetHeads(l list, sort string) []ui.Head {
	heads := []ui.Head{{Label: "PBX"}, {Label: "Bindings"}, {Label: "Status"}, {Label: "Numbers", Class: "num"}, {Label: "Region"}, {Label: "Firmware"}, {Label: "Changed"}}
	for i, by := range map[int]string{0: "name", 1: "verified", 3: "-numbers", 6: "-changed"} {
		heads[i].Href = l.with("sort", by)
		if by == sort {
			heads[i].Sort = "ascending"
			if by[0] == '-' {
				heads[i].Sort = "descending"
			}
		}
	}
	return heads
}

func facet[K ~string](name, label, all, chosen string, counts map[K]int) ui.Select {
	sel := ui.Select{Name: name, Label: label, Options: []ui.Option{{Label: all, Selected: chosen == ""}}}
	values := slices.Sorted(maps.Keys(counts))
	if chosen != "" && !slices.Contains(values, K(chosen)) {
		values = append(values, K(chosen)) // what was asked for stays visible, though nothing has it
	}
	for _, v := range values {
		if v == "" {
			continue
		}
		sel.Options = append(sel.Options, ui.Option{Value: string(v), Label: short(string(v), 60), Count: strconv.Itoa(counts[v]), Selected: string(v) == chosen})
	}
	return sel
}

func fleetEmpty(f fleet.PBXFilter, tally fleet.FleetTally) ui.Empty {
	if tally.PBXs == 0 {
		return ui.Empty{Title: "No PBX yet", Text: "Cordboard has not read YCM. Once the client id and secret are set, the first pass fills this list."}
	}
	e := ui.Empty{Title: "No PBX matches", Text: "No PBX passes all of these filters.", Action: ui.Link{Label: "Show all " + count(tally.PBXs, "PBX"), Href: href.Fleet}}
	if f.Q != "" {
		e.Title = "No PBX matches “" + short(f.Q, 60) + "”"
		e.Text = "No name, serial, URL or bound number matches it."
	}
	return e
}

var fleetColumns = []string{"name", "id", "serial", "url", "region", "firmware", "status", "state", "sentence", "since", "verified_at", "changed_at", "numbers"}

// fleetCSV is the current filter, all pages of it.
func (s *Server) fleetCSV(c echo.Context) error {
	filter := fleetFilter(listOf(c))
	read := func(ctx context.Context, page fleet.PageRequest) (fleet.Page[fleet.PBXRow], error) {
		filter.Page = page
		return s.Fleet.PBXs(ctx, filter, s.Now(), s.staleAfter())
	}
	return exportList(s, c, "pbx.csv", fleetColumns, read, func(row fleet.PBXRow) []string {
		sync := fleet.Judge(row.Standing, s.Now(), s.staleAfter())
		return []string{row.Name, row.ID.String(), row.Serial, row.URL, row.Region, string(row.Firmware), string(row.Status),
			string(sync.State), sync.Sentence, stamp(sync.Since), stamp(sync.VerifiedAt), stamp(row.Standing.ChangedAt), strconv.Itoa(row.Numbers)}
	})
}
