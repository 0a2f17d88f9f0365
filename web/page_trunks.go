package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/trunks"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// numberUses are the ways to narrow a trunk's numbers, as they stand in the URL.
func numberUses() []fleet.NumberUse {
	return []fleet.NumberUse{fleet.InUse, fleet.FreeUse, fleet.ProtectedOnly}
}

func (s *Server) trunksPage(c echo.Context) error {
	rows, err := s.Trunks.Trunks(c.Request().Context())
	if err != nil {
		return err
	}
	s.freshen(rows)
	view := views.TrunksPage{Live: "trunks fleet", Tabs: trunkTabs(false), Empty: ui.Empty{Title: "No shared trunk yet",
		Text: "The first pass lists the trunks that this account may use in YCM. They are made there, under DID Management > Shared Trunk."}}
	total, free := 0, 0
	for _, row := range rows {
		r := s.trunkRow(row)
		if row.Deleted {
			view.Gone = append(view.Gone, r)
			continue
		}
		total, free = total+row.Tally.Numbers, free+row.Tally.Free()
		view.Rows = append(view.Rows, r)
	}
	if len(rows) > 0 {
		view.CSV = href.TrunkCSV
		view.Lead = count(len(view.Rows), "shared trunk") + ". A number that sits on several is counted on each: " + count(total, "number") + ", " + thousands(free) + " of them free."
	}
	return s.render(c, http.StatusOK, views.Trunks(s.shell(c, "Trunks", views.SectionTrunks), view))
}

// freshen has statuses read that somebody looks at and that are not fresh; the page does not wait.
func (s *Server) freshen(rows []fleet.TrunkRow) {
	old := func(t fleet.TrunkRow) bool { return !t.Deleted && s.Now().Sub(t.Registration.AskedAt) > trunks.Fresh }
	if slices.ContainsFunc(rows, old) {
		s.Watcher.Ask()
	}
}

func (s *Server) trunkRow(t fleet.TrunkRow) views.TrunkRow {
	id := int64(t.ID)
	row := views.TrunkRow{
		Href: href.Trunk(id), Name: trunkName(t.Trunk), ID: t.ID.String(), Kind: trunkKind(t.Kind), Region: trunkRegion(t.Region),
		Standing: s.standing(t), Headers: definedHeaders(t.Headers), PBXs: ui.Link{Label: thousands(t.Tally.PBXs), Href: href.TrunkPBXs(id)},
	}
	if t.Tally.Numbers > 0 {
		row.Numbers, row.Total = numbersBar(t), count(t.Tally.Numbers, "number")
	}
	return row
}

func trunkName(t fleet.Trunk) string {
	if t.Name != "" {
		return t.Name
	}
	return "trunk " + t.ID.String()
}

func trunkKind(kind string) string {
	switch kind {
	case "register":
		return "Register trunk"
	case "did_based":
		return "DID-based trunk"
	case "port_based":
		return "Port-based trunk"
	case "":
		return "Kind not told"
	}
	return kind
}

func trunkRegion(name string) string {
	if name == "" {
		return "region not told"
	}
	return name
}

func definedHeaders(h fleet.HeaderDefs) string {
	if !h.Known {
		return "not shown by Yeastar"
	}
	if len(h.List) == 0 {
		return "none"
	}
	names := make([]string, len(h.List))
	for i, def := range h.List {
		names[i] = headerName(def)
	}
	return strings.Join(names, ", ")
}

// numbersBar is the picture of what a trunk carries; its shares lead to the numbers themselves.
func numbersBar(t fleet.TrunkRow) ui.Bar {
	path := href.Trunk(int64(t.ID))
	return ui.Bar{Label: "Numbers of " + trunkName(t.Trunk), Segments: []ui.Segment{
		{Tone: ui.Used, Label: "In use", Count: t.Tally.Used, Href: href.With(path, "use", string(fleet.InUse))},
		{Tone: ui.Free, Label: "Free", Count: t.Tally.Free(), Href: href.With(path, "use", string(fleet.FreeUse))},
	}}
}

// standing puts into words how a trunk stands with its provider.
func (s *Server) standing(t fleet.TrunkRow) views.Standing {
	r := t.Registration
	v := views.Standing{At: ui.At(r.At, s.Now()), Trouble: r.Trouble}
	switch {
	case t.Deleted:
		return views.Standing{State: ui.Badge{Tone: ui.Mute, Label: "Deleted"}, Sentence: "Not listed by Yeastar since " + absolute(t.DeletedAt) + "."}
	case r.At.IsZero() && r.Trouble != "":
		v.State, v.Sentence, v.Trouble = ui.Badge{Tone: ui.Ask, Label: "Not told"}, "Its status can't be read: "+r.Trouble, ""
	case r.At.IsZero():
		v.State, v.Sentence = ui.Badge{Tone: ui.Ask, Label: "Not read yet"}, "Cordboard asks Yeastar for it."
	case r.State == fleet.RegisteredYes:
		v.State = ui.Badge{Tone: ui.Ok, Label: "Registered"}
	case r.State == fleet.RegisteredTrying:
		v.State, v.Sentence = ui.Badge{Tone: ui.Busy, Label: "Registering"}, "Yeastar is asking the provider."
	case r.State == fleet.RegisteredFailed:
		v.State, v.Sentence = ui.Badge{Tone: ui.Bad, Label: "Registration failed"}, failSentence(r.Reason)
	default:
		v.State, v.Sentence = ui.Badge{Tone: ui.Ask, Label: "Unknown status"}, "Yeastar says “"+short(string(r.State), 60)+"”, which it does not document."
	}
	return v
}

func failSentence(why fleet.FailReason) string {
	switch why {
	case fleet.FailAuth:
		return "The provider refuses the trunk's name or password. Calls over it fail until they are corrected in YCM."
	case fleet.FailTimeout:
		return "The provider does not answer. Calls over the trunk fail until it does."
	case fleet.FailError, "":
		return "The provider refuses it, and Yeastar does not say why. Calls over the trunk fail."
	}
	return "Yeastar gives “" + short(string(why), 60) + "” as the reason. Calls over the trunk fail."
}

// trunkOf is the trunk of a path.
func (s *Server) trunkOf(c echo.Context) (fleet.TrunkRow, error) {
	id, err := pathID[fleet.TrunkID](c, "trunk", "The trunk")
	if err != nil {
		return fleet.TrunkRow{}, err
	}
	row, err := s.Trunks.Trunk(c.Request().Context(), id)
	if err == nil {
		s.freshen([]fleet.TrunkRow{row})
	}
	return row, err
}

// The tabs of a trunk's pages.
const (
	tabNumbers = "Numbers"
	tabPBXs    = "PBXs"
)

func (s *Server) trunkHeader(t fleet.TrunkRow, tab string) views.TrunkHeader {
	id := int64(t.ID)
	h := views.TrunkHeader{
		Name: trunkName(t.Trunk), Href: href.Trunk(id), ID: t.ID.String(), Kind: trunkKind(t.Kind), Region: trunkRegion(t.Region), Standing: s.standing(t),
		Headers: "Custom SIP headers: " + definedHeaders(t.Headers), Live: "trunks fleet",
		Tabs: []ui.Tab{{Label: tabNumbers, Href: href.Trunk(id), Count: thousands(t.Tally.Numbers)}, {Label: tabPBXs, Href: href.TrunkPBXs(id), Count: thousands(t.Tally.PBXs)}},
	}
	if t.Tally.Numbers > 0 {
		h.Numbers = numbersBar(t)
	}
	if t.Deleted {
		h.Gone = ui.Notice{Tone: ui.Mute, Title: "This trunk is no longer in YCM",
			Text:  "Yeastar has not listed it since " + absolute(t.DeletedAt) + ". What it carried stays in the history of the PBXs that used it.",
			Links: []ui.Link{{Label: "PBXs that used it, with their history", Href: href.TrunkPBXs(id)}}}
	}
	for i := range h.Tabs {
		h.Tabs[i].Current = h.Tabs[i].Label == tab
	}
	return h
}

func (s *Server) trunkPage(c echo.Context) error {
	t, err := s.trunkOf(c)
	if err != nil {
		return err
	}
	ctx, l := c.Request().Context(), listOf(c)
	filter := trunkFilter(l, t.ID)
	page, err := s.Trunks.TrunkNumbers(ctx, filter)
	if err != nil {
		return err
	}
	view, err := s.presentTrunk(ctx, l, t, filter, page, mayOperate(c))
	if err != nil {
		return err
	}
	if wantsPart(c) {
		return s.render(c, http.StatusOK, views.TrunkResults(view))
	}
	return s.render(c, http.StatusOK, views.Trunk(s.shell(c, trunkName(t.Trunk), views.SectionTrunks), view))
}

// trunkFilter reads the query; a use that is none does not narrow.
func trunkFilter(l list, id fleet.TrunkID) fleet.TrunkNumberFilter {
	f := fleet.TrunkNumberFilter{Trunk: id, Q: strings.TrimSpace(l.v.Get("q")), Page: form.Page(l.v)}
	if use := fleet.NumberUse(l.v.Get("use")); slices.Contains(numberUses(), use) {
		f.Use = use
	}
	return f
}

func (s *Server) presentTrunk(ctx context.Context, l list, t fleet.TrunkRow, f fleet.TrunkNumberFilter, page fleet.Page[fleet.TrunkNumber], mayProtect bool) (views.TrunkPage, error) {
	l.path = href.Trunk(int64(t.ID))
	view := views.TrunkPage{
		Header: s.trunkHeader(t, tabNumbers), Query: f.Q, Use: string(f.Use), Size: l.v.Get("page_size"), Clear: l.path,
		Pager: l.pager(len(page.Items), page.Total, page.Next, "number", f.Q != ""), Chips: l.chip("Search", "q"), Next: l.with("after", l.v.Get("after")),
		States: []ui.Option{{Label: "All", Count: thousands(t.Tally.Numbers), Href: l.with("use", ""), Selected: f.Use == fleet.AnyUse}},
		Empty:  trunkEmpty(t, f),
	}
	view.Pager.CSV = l.at(href.TrunkNumbersCSV(int64(t.ID)))
	for _, use := range numberUses() {
		badge, n := useBadge(use), map[fleet.NumberUse]int{fleet.InUse: t.Tally.Used, fleet.FreeUse: t.Tally.Free(), fleet.ProtectedOnly: t.Tally.Protected}[use]
		view.States = append(view.States, ui.Option{Label: badge.Label, Tone: badge.Tone, Count: thousands(n), Href: l.with("use", string(use)), Selected: f.Use == use})
	}
	owners := make([]fleet.PBXID, len(page.Items))
	for i, n := range page.Items {
		owners[i] = n.Owner
	}
	pbxs, err := s.somePBXs(ctx, owners)
	if err != nil {
		return view, err
	}
	n, err := s.names(ctx, nil)
	if err != nil {
		return view, err
	}
	for _, row := range page.Items {
		view.Rows = append(view.Rows, s.trunkNumberRow(t.ID, row, pbxs, n, mayProtect))
	}
	return view, nil
}

func useBadge(use fleet.NumberUse) ui.Badge {
	switch use {
	case fleet.InUse:
		return ui.Badge{Tone: ui.Used, Label: "In use"}
	case fleet.ProtectedOnly:
		return ui.Badge{Tone: ui.Shield, Label: "Protected"}
	}
	return ui.Badge{Tone: ui.Free, Label: "Free"}
}

func (s *Server) trunkNumberRow(on fleet.TrunkID, n fleet.TrunkNumber, pbxs map[fleet.PBXID]fleet.PBXRow, called names, mayProtect bool) views.TrunkNumberRow {
	row := views.TrunkNumberRow{
		Number: called.phone(n.Number), Href: href.With(href.Numbers, "number", n.Number), DIDID: n.ID.String(), Name: n.Name, Use: useBadge(fleet.FreeUse), Protected: n.Protected,
	}
	if mayProtect {
		row.Protect = href.Protection(int64(n.ID))
	}
	if n.Owner == 0 {
		return row
	}
	row.Use, row.PBX = useBadge(fleet.InUse), ui.Link{Label: ownerName(n.NumberRow), Href: href.PBX(int64(n.Owner))}
	switch n.Over {
	case on:
	case 0:
		row.Note = "its trunk is not known"
	default:
		row.Note = "over " + called.trunk(n.Over)
	}
	if pbx, ok := pbxs[n.Owner]; ok {
		row.Truth = s.brief(pbx)
	}
	return row
}

func trunkEmpty(t fleet.TrunkRow, f fleet.TrunkNumberFilter) ui.Empty {
	all := ui.Link{Label: "Show all " + count(t.Tally.Numbers, "number"), Href: href.Trunk(int64(t.ID))}
	switch {
	case t.Deleted:
		return ui.Empty{Title: "It carries no number any more", Text: "YCM deleted the trunk.", Action: ui.Link{Label: "PBXs that used it", Href: href.TrunkPBXs(int64(t.ID))}}
	case t.Tally.Numbers == 0:
		return ui.Empty{Title: "No number yet", Text: "Numbers are added to a trunk in YCM. The next pass finds them."}
	case f.Q != "":
		return ui.Empty{Title: "No number matches “" + short(f.Q, 60) + "”", Text: "None on this trunk does.", Action: all}
	case f.Use == fleet.FreeUse:
		return ui.Empty{Title: "No number is free", Text: "PBXs have all of them.", Action: all}
	case f.Use == fleet.ProtectedOnly:
		return ui.Empty{Title: "No number is protected", Text: "A plan that would drop or move a protected number is refused.", Action: all}
	}
	return ui.Empty{Title: "No number is in use", Text: "All of them are free.", Action: all}
}

func (s *Server) trunkPBXsPage(c echo.Context) error {
	t, err := s.trunkOf(c)
	if err != nil {
		return err
	}
	l := listOf(c)
	page, err := s.Trunks.TrunkPBXs(c.Request().Context(), t.ID, form.Page(l.v))
	if err != nil {
		return err
	}
	view := views.TrunkPBXsPage{Header: s.trunkHeader(t, tabPBXs), Pager: l.pager(len(page.Items), page.Total, page.Next, "PBX", false),
		Empty: ui.Empty{Title: "No PBX has ever used this trunk", Text: "Bind a number of it to a PBX, and the PBX is listed here.", Action: ui.Link{Label: "Its numbers", Href: href.Trunk(int64(t.ID))}}}
	if had := len(page.Items) - page.Total; page.Next == "" && l.v.Get("after") == "" && had > 0 {
		view.Pager.Summary = count(page.Total, "PBX") + " now, " + thousands(had) + " once"
	}
	view.Pager.CSV = l.at(href.TrunkPBXsCSV(int64(t.ID)))
	for _, p := range page.Items {
		row := views.TrunkPBXRow{Href: href.PBX(int64(p.ID)), Name: pbxName(p.PBX), URL: p.URL, Truth: s.brief(p.PBXRow), Status: statusBadge(p.PBXRow),
			Count: count(p.Pairs, "number"), History: ui.Link{Label: "History", Href: href.History(int64(p.ID))}}
		if p.Pairs == 0 {
			row.Count = "none now, some once"
		}
		view.Rows = append(view.Rows, row)
	}
	return s.render(c, http.StatusOK, views.TrunkPBXs(s.shell(c, "PBXs on "+trunkName(t.Trunk), views.SectionTrunks), view))
}

var trunkColumns = []string{"name", "id", "region", "kind", "status", "reason", "status_at", "trouble", "numbers", "in_use", "free", "protected", "pbxs", "headers", "deleted_at"}

func (s *Server) trunksCSV(c echo.Context) error {
	return s.writeCSV(c, "trunks.csv", trunkColumns, func(string) ([][]string, string, error) {
		rows, err := s.Trunks.Trunks(c.Request().Context())
		out := make([][]string, len(rows))
		for i, t := range rows {
			headers := ""
			if t.Headers.Known {
				headers = definedHeaders(t.Headers)
			}
			r, n := t.Registration, t.Tally
			out[i] = []string{t.Name, t.ID.String(), t.Region, t.Kind, string(r.State), string(r.Reason), stamp(r.At), r.Trouble, strconv.Itoa(n.Numbers),
				strconv.Itoa(n.Used), strconv.Itoa(n.Free()), strconv.Itoa(n.Protected), strconv.Itoa(n.PBXs), headers, stamp(t.DeletedAt)}
		}
		return out, "", err
	})
}

var trunkNumberColumns = []string{"number", "did_id", "name", "protected", "pbx", "pbx_id", "over_trunk_id"}

// trunkNumbersCSV is the current filter, all pages of it.
func (s *Server) trunkNumbersCSV(c echo.Context) error {
	t, err := s.trunkOf(c)
	if err != nil {
		return err
	}
	filter := trunkFilter(listOf(c), t.ID)
	read := func(ctx context.Context, page fleet.PageRequest) (fleet.Page[fleet.TrunkNumber], error) {
		filter.Page = page
		return s.Trunks.TrunkNumbers(ctx, filter)
	}
	return exportList(s, c, "trunk-"+t.ID.String()+".csv", trunkNumberColumns, read, func(n fleet.TrunkNumber) []string {
		return []string{n.Number, n.ID.String(), n.Name, strconv.FormatBool(n.Protected), n.OwnerName, blankZero(int64(n.Owner)), blankZero(int64(n.Over))}
	})
}

// blankZero is an id, or nothing where there is none.
func blankZero(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}
