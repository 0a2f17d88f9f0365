package web

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/web/form"
	"cordboard/web/sheet"
)

// csvColumn is a column of the file of new PBXs: the field of the form that it fills, what it is called
// and what it takes.
type csvColumn struct {
	field    string
	name     string
	required bool
	takes    string // in words, for the person
	sample   string // in the template file
}

// The columns have the order of the form. What is left empty is what the form would begin with.
func csvColumns() []csvColumn {
	return []csvColumn{
		{form.FieldPBXName, "Name", true, "The name of the PBX.", "Acme HQ"},
		{form.FieldRegion, "Region", true, "As YCM calls it.", "Asia Pacific(Singapore)"},
		{form.FieldSubDomain, "Subdomain", true, "Letters, digits and hyphens.", "acme-hq"},
		{form.FieldDomain, "Domain", false, "Empty: the only one of the region.", ""},
		{form.FieldVersion, "Firmware", false, "Empty: the newest of the region.", ""},
		{form.FieldPlan, "Plan", true, "Enterprise or Ultimate.", "Enterprise"},
		{form.FieldType, "Type", true, "Commercial or Trial.", "Commercial"},
		{form.FieldCustomers, "Customers", true, "E-mail addresses or companies, with | between them.", "office@acme.example"},
		{form.FieldExtensions, "Extensions", true, "A number.", "20"},
		{form.FieldCalls, "Concurrent calls", true, "A number.", "10"},
		{form.FieldRecording, "Recording minutes", true, "A number; 0 turns recording off.", "0"},
		{form.FieldTranscription, "AI minutes", false, "Beyond the plan's own. Empty: none.", ""},
		{form.FieldExpiry, "Expires on", false, "A day such as 2027-12-31. Empty: never.", ""},
		{form.FieldRunsOn, "Runs on", false, "Whether it runs on after it has expired: yes or no.", ""},
		{form.FieldUpgrade, "Firmware upgrade", false, "Yes or no. Empty: yes.", ""},
		{form.FieldIM, "Internal chat", false, "Yes or no. Empty: yes, where the firmware has it.", ""},
		{form.FieldPasswordless, "Passwordless login", false, "Yes or no. Empty: no.", ""},
		{form.FieldSuperior, "Superior login", false, "Yes or no. Empty: no.", ""},
		{form.FieldViaTemplate, "By template", false, "Yes or no. Empty: not said, or yes with a template.", ""},
		{form.FieldTemplate, "Template", false, "Its name.", ""},
		{form.FieldNumbers, "Numbers", false, "First numbers in any format, with | between them.", ""},
		{form.FieldMail, "Activation mail", false, "Yes or no. Empty: no.", "yes"},
	}
}

// csvState is what a row turned out to be.
type csvState string

const (
	csvReady csvState = "ready" // will be made
	csvThere csvState = "there" // a PBX with this name has this address already
	csvWrong csvState = "wrong"
)

// csvRow is one row of the file with its verdict.
type csvRow struct {
	number int
	cells  []string // as typed, in the order of the columns
	url    string
	ask    change.CreateAsk
	state  csvState
	wrong  []fleet.Field
	there  fleet.PBXID
}

// readCSV reads the file; one that can't be read as a whole is an error at its field.
func readCSV(data []byte, field string) (sheet.Table, error) {
	columns := make([]sheet.Column, 0, len(csvColumns()))
	for _, c := range csvColumns() {
		columns = append(columns, sheet.Column{Name: c.name, Required: c.required})
	}
	t, err := sheet.Read(data, columns)
	if wrong, ok := errors.AsType[*sheet.Error](err); ok {
		return t, fleet.Invalid("web.readCSV", "The file can't be read.", fleet.Field{Name: field, Rule: wrong.Error()})
	}
	return t, err
}

// csvJudge holds rows against what there is to choose, and against each other.
type csvJudge struct {
	s      *Server
	ctx    context.Context
	places map[fleet.RegionID]offered
	home   offered // regions, customers, templates and what is left
	fleet  map[string]fleet.PBXRow
	urls   map[string]int      // the row that asks for an address
	dids   map[fleet.DIDID]int // the row that asks for a number
	taken  fleet.PBXSpec       // what the rows so far take of the subscription
}

// judgeCSV gives a verdict on every row. An error is that nothing could be judged.
func (s *Server) judgeCSV(ctx context.Context, t sheet.Table) ([]csvRow, error) {
	j := csvJudge{s: s, ctx: ctx, places: map[fleet.RegionID]offered{}, urls: map[string]int{}, dids: map[fleet.DIDID]int{}}
	if j.home = s.offers(ctx, 0, false); j.home.trouble != "" {
		return nil, &fleet.Error{Kind: fleet.KindUnavailable, Op: "web.judgeCSV", Msg: "The rows can't be judged: " + j.home.trouble}
	}
	var err error
	if j.fleet, err = s.byAddress(ctx); err != nil {
		return nil, err
	}
	rows := make([]csvRow, len(t.Rows))
	for i, row := range t.Rows {
		if rows[i], err = j.row(row); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// byAddress is every PBX of our own record that is there, by its address.
func (s *Server) byAddress(ctx context.Context) (map[string]fleet.PBXRow, error) {
	all := map[string]fleet.PBXRow{}
	f := fleet.PBXFilter{Sort: fleetSorts[0], Page: fleet.PageRequest{Limit: form.MaxPage}}
	for {
		page, err := s.Fleet.PBXs(ctx, f, s.Now(), s.staleAfter())
		if err != nil {
			return nil, err
		}
		for _, row := range page.Items {
			if row.Standing.GoneAt.IsZero() {
				all[strings.ToLower(row.URL)] = row
			}
		}
		if f.Page.After = page.Next; page.Next == "" {
			return all, nil
		}
	}
}

// row judges one row: what can't be read, what names nothing, what breaks a rule, what another row has.
func (j *csvJudge) row(in sheet.Row) (csvRow, error) {
	out := csvRow{number: in.Number, state: csvWrong}
	v, wrong := url.Values{}, faults(in)
	for _, c := range csvColumns() {
		text := in.Cell(c.name).Text
		out.cells = append(out.cells, text)
		v.Set(c.field, text)
	}
	place, unnamed, err := j.resolve(v)
	if err == nil && place.trouble != "" {
		err = &fleet.Error{Kind: fleet.KindUnavailable, Op: "web.judgeCSV", Msg: "The rows can't be judged: " + place.trouble}
	}
	if err != nil {
		return out, err
	}
	typed, unread := form.ReadNewPBX(v)
	wrong = form.InOrder(form.NewPBXFields(), wrong, unnamed, unread, fleet.Check(typed.Spec, place.Choices))
	if typed.Spec.Region == 0 { // what a region has can't be judged without one
		wrong = slices.DeleteFunc(wrong, func(f fleet.Field) bool { return f.Name == form.FieldDomain || f.Name == form.FieldVersion })
	}
	if d, known := place.Domain(typed.Spec.Domain); known && typed.Spec.SubDomain != "" {
		out.url = typed.Spec.URL(d.Name)
	}
	out.ask = change.CreateAsk{Spec: typed.Spec, Bind: typed.Bind, Mail: typed.Mail}
	if len(wrong) == 0 {
		wrong = j.against(&out)
	}
	if out.wrong = wrong; len(wrong) == 0 && out.there == 0 {
		out.state = csvReady
	} else if out.there != 0 {
		out.state, out.wrong = csvThere, nil
	}
	return out, nil
}

// faults are the cells that can't be believed.
func faults(row sheet.Row) (wrong []fleet.Field) {
	if row.Wide {
		wrong = append(wrong, fleet.Field{Rule: "It has more cells than there are headings: a separator inside of a value, which may have moved every cell behind it."})
	}
	for _, c := range csvColumns() {
		switch row.Cell(c.name).Fault {
		case sheet.Formula:
			if c.field == form.FieldNumbers && strings.Trim(row.Cell(c.name).Text, "+0123456789 \u00a0()|;\n") == "" {
				continue // several numbers, each with its plus
			}
			wrong = append(wrong, fleet.Field{Name: c.field, Rule: c.name + " is a formula. Save the file with values."})
		case sheet.Rounded:
			if c.field != form.FieldPBXName {
				wrong = append(wrong, fleet.Field{Name: c.field, Rule: c.name + " is a number that a spreadsheet has rounded: its digits are lost."})
			}
		}
	}
	return wrong
}

// against holds a row that is right by itself against the fleet and the rows before it.
func (j *csvJudge) against(row *csvRow) (wrong []fleet.Field) {
	at := func(name, format string, args ...any) {
		wrong = append(wrong, fleet.Field{Name: name, Rule: fmt.Sprintf(format, args...)})
	}
	if earlier, twice := j.urls[row.url]; twice {
		at(form.FieldSubDomain, "Row %d asks for %s too.", earlier, row.url)
		return wrong
	}
	j.urls[row.url] = row.number
	if there, taken := j.fleet[row.url]; taken {
		if there.Name == row.ask.Spec.Name {
			row.there = there.ID
			return nil
		}
		at(form.FieldSubDomain, "%s is taken by %s (%d).", row.url, pbxName(there.PBX), there.ID)
		return wrong
	}
	for _, b := range row.ask.Bind {
		if earlier, twice := j.dids[b.DID]; twice {
			at(form.FieldNumbers, "Row %d asks for the same number.", earlier)
			return wrong
		}
	}
	if wrong = j.together(row.ask.Spec); len(wrong) > 0 {
		return wrong
	}
	for _, b := range row.ask.Bind {
		j.dids[b.DID] = row.number
	}
	return nil
}

// together judges what the rows so far take of the subscription, as far as it said what is left.
func (j *csvJudge) together(spec fleet.PBXSpec) []fleet.Field {
	sum := j.taken
	sum.Extensions += spec.Extensions
	sum.ConcurrentCalls += spec.ConcurrentCalls
	sum.RecordingMinutes += max(spec.RecordingMinutes-fleet.FreeRecording, 0)
	sum.Transcription += spec.Transcription
	left := j.home.Capacity
	for _, ask := range []struct {
		field string
		wants int64
		from  fleet.Allowance
	}{
		{form.FieldExtensions, sum.Extensions, left.Extensions}, {form.FieldCalls, sum.ConcurrentCalls, left.ConcurrentCalls},
		{form.FieldRecording, sum.RecordingMinutes, left.RecordingMinutes}, {form.FieldTranscription, sum.Transcription, left.Transcription},
	} {
		if ask.from.Known && ask.wants > ask.from.Left {
			return []fleet.Field{{Name: ask.field, Rule: "Together with the rows above it is more than the subscription has left (" + strconv.FormatInt(ask.from.Left, 10) + ")."}}
		}
	}
	j.taken = sum
	return nil
}

// parts are the entries of a cell that holds several.
func parts(cell string) []string {
	return slices.DeleteFunc(strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune("|;\n", r) }), func(p string) bool { return strings.TrimSpace(p) == "" })
}
