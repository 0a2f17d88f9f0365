package web

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/plan"
	"cordboard/sync/sip"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// How much of a trunk's past its page shows.
const (
	linePlans    = 8
	lineReadings = 8
)

func (s *Server) renderLine(c echo.Context, status int, l *line) error {
	ctx := c.Request().Context()
	view := s.presentLine(c, l)
	var err error
	if view.Plans, err = s.linePlans(ctx, l); err != nil {
		return err
	}
	if view.History, err = s.lineHistory(ctx, l); err != nil {
		return err
	}
	if view.Header, err = s.pbxHeader(c, l.row, tabTrunks); err != nil {
		return err
	}
	return s.render(c, status, views.PBXTrunk(s.shell(c, view.Name+" of "+pbxName(l.row.PBX), views.SectionFleet), view))
}

func (s *Server) presentLine(c echo.Context, l *line) views.PBXTrunkPage {
	id := int64(l.row.ID)
	view := views.PBXTrunkPage{
		Back: ui.Link{Label: "All trunks", Href: href.PBXTrunks(id)}, Name: cmp.Or(l.trunk.Name, "Trunk "+l.trunk.ID.String()),
		ID: l.trunk.ID.String(), Shared: l.trunk.Shared, Facts: s.lineFacts(l), Conflict: l.conflict(),
	}
	if l.trunk.Type != "" {
		view.Type = lineType(l.trunk.Type)
	}
	if l.status != nil {
		view.Status = lineBadge(*l.status)
	}
	if l.trouble != "" {
		view.Errors = append(view.Errors, ui.FieldError{Message: l.trouble})
	}
	if l.away != nil {
		view.Notices = append(view.Notices, s.awayNotice(c, l.row, "This trunk can't be read now", href.PBXTrunk(id, int64(l.trunk.ID)), l.away))
		view.Settings = settingsOf(l.trunk, nil)
		return view
	}
	fields := sip.Fields(l.trunk)
	switch {
	case len(fields) == 0:
		view.Notices = append(view.Notices, ui.Notice{Tone: ui.Mute, Title: "This trunk can only be changed on the PBX itself", Text: "The PBX's API edits register, peer and account trunks alone."})
		return view
	case !mayOperate(c):
		view.Settings = settingsOf(l.trunk, nil)
		return view
	case l.trunk.Shared:
		view.Settings = settingsOf(l.trunk, fields)
		view.Notices = append(view.Notices, ui.Notice{Tone: ui.Mute, Title: "Shared from YCM", Text: sharedReason})
	}
	view.Form = l.form()
	for _, w := range l.wrong {
		view.Errors = append(view.Errors, ui.FieldError{Field: w.Name, Message: lineLabel(fields, w.Name) + ": " + w.Rule})
	}
	return view
}

// settingsOf are all settings of a trunk in words, without those that its form has.
func settingsOf(t sip.Trunk, without []sip.Field) []ui.Fact {
	plain := t
	plain.Shared = false
	var facts []ui.Fact
	for _, f := range sip.Fields(plain) {
		if slices.ContainsFunc(without, func(o sip.Field) bool { return o.Name == f.Name }) {
			continue
		}
		facts = append(facts, ui.Fact{Label: f.Label, Text: orEmpty(strings.ReplaceAll(f.Words(t), "\n", "; "))})
	}
	return facts
}

func (s *Server) lineFacts(l *line) []ui.Fact {
	facts := []ui.Fact{}
	if l.trunk.Type == "" {
		return append(facts, ui.Fact{Label: "Trunk id", Text: l.trunk.ID.String()})
	}
	facts = append(facts, ui.Fact{Label: "Type", Text: lineType(l.trunk.Type)})
	if l.trunk.ITSP != "" {
		facts = append(facts, ui.Fact{Label: "Carrier", Text: l.trunk.ITSP})
	}
	if l.trunk.Country != "" && l.trunk.Country != "general" {
		facts = append(facts, ui.Fact{Label: "Country", Text: l.trunk.Country})
	}
	if l.away != nil {
		return append(facts, ui.Fact{Label: "Read last", Time: ui.At(l.read.Until, s.Now())})
	}
	return append(facts, ui.Fact{Label: "Read", Time: ui.At(s.Now(), s.Now())})
}

func (s *Server) linePlans(ctx context.Context, l *line) ([]views.TrunkPlan, error) {
	plans, err := s.SIPBook.TrunkPlans(ctx, l.row.ID, l.trunk.ID, linePlans)
	out := make([]views.TrunkPlan, len(plans))
	for i, p := range plans {
		out[i] = views.TrunkPlan{Link: ui.Link{Label: linePlanTitle(p), Href: href.Plan(string(p.ID))}, Status: planBadge(planStatus(p, s.Now())),
			By: p.Author, Made: ui.At(p.CreatedAt, s.Now())}
	}
	return out, err
}

// linePlanTitle is what a plan does, without the names of its trunk and PBX.
func linePlanTitle(p plan.Plan) string {
	if p.Edit == nil {
		return planTitle(p)
	}
	title, _ := strings.CutSuffix(planTitle(p), " of "+p.Edit.Before.Name)
	return title
}

// lineHistory are the readings that differed, each told against the one before it.
func (s *Server) lineHistory(ctx context.Context, l *line) ([]views.TrunkReading, error) {
	readings, err := s.SIPBook.SIPReadings(ctx, l.row.ID, l.trunk.ID, lineReadings+1)
	if err != nil {
		return nil, err
	}
	var out []views.TrunkReading
	for i, r := range readings[:min(len(readings), lineReadings)] {
		view := views.TrunkReading{At: ui.At(r.At, s.Now()), Until: ui.At(r.Until, s.Now()), Text: "read first"}
		if i+1 < len(readings) {
			view.Text, view.Rows = "found changed", settingRows(sip.Moved(readings[i+1].Trunk, r.Trunk))
		}
		if r.After != "" {
			view.Plan = ui.Link{Label: "our plan", Href: href.Plan(string(r.After))}
		}
		out = append(out, view)
	}
	return out, nil
}

// lineLabel names a field for a summary: "DID 3" for did_list.2.did.
func lineLabel(fields []sip.Field, name string) string {
	list, row, _ := strings.Cut(name, ".")
	if name == sip.PasswordName {
		return "Password"
	}
	for _, f := range fields {
		if f.Name != list {
			continue
		}
		number, _, _ := strings.Cut(row, ".")
		if at, err := strconv.Atoi(number); err == nil {
			return rowTitle(list, at)
		}
		return f.Label
	}
	return name
}

func rowTitle(list string, row int) string {
	if list == sip.DIDList {
		return "DID " + strconv.Itoa(row+1)
	}
	return "Caller ID " + strconv.Itoa(row+1)
}
