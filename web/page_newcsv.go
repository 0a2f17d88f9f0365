package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/batch"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
	"cordboard/web/sheet"
)

// fieldSeen carries what the person saw who makes the PBXs of a file.
const fieldSeen = "seen"

func (s *Server) newCSVPage(c echo.Context) error {
	return s.renderNewCSV(c, http.StatusOK, "", nil)
}

// newCSVTemplate is the file to begin with: the headings, and one row as an example.
func (s *Server) newCSVTemplate(c echo.Context) error {
	var head, sample []string
	for _, column := range csvColumns() {
		head, sample = append(head, column.name), append(sample, column.sample)
	}
	return writeCSV(c, "new-pbxs.csv", head, func(string) ([][]string, string, error) { return [][]string{sample}, "", nil })
}

// newCSV judges a file; with a person's agreement to what was judged, it begins the job that makes its
// PBXs.
func (s *Server) newCSV(c echo.Context) error {
	r := c.Request()
	data, field, err := bulkForm(r)
	if err != nil {
		return err
	}
	text := ""
	if field == fieldText {
		text = string(data)
	}
	table, err := readCSV(data, field)
	if fleet.KindOf(err) == fleet.KindInvalid && err != nil {
		return s.renderNewCSV(c, http.StatusUnprocessableEntity, text, err)
	}
	if err != nil {
		return err
	}
	rows, err := s.judgeCSV(r.Context(), table)
	if fleet.KindOf(err) == fleet.KindUnavailable && err != nil {
		return s.renderNewCSV(c, http.StatusServiceUnavailable, text, err)
	}
	if err != nil {
		return err
	}
	orders := ordersOf(rows)
	if agreed := r.PostFormValue(fieldSeen); agreed != "" {
		if agreed != digest(orders) {
			cause := s.refused(c, overtaken("web.newCSV"), manyPBXs)
			return s.renderVerdicts(c, describe(cause).Status, rows, table.Unused, describe(cause).Detail)
		}
		j, err := s.Batch.Begin(r.Context(), by(c), orders, r.PostFormValue(fieldStop) != "")
		if err != nil {
			return s.refused(c, err, manyPBXs)
		}
		return c.Redirect(http.StatusSeeOther, href.Job(string(j.ID)))
	}
	return s.renderVerdicts(c, http.StatusOK, rows, table.Unused, "")
}

// manyPBXs is the row of a file of new PBXs that was refused.
var manyPBXs = audit.Entry{Action: audit.PBXBatch, Target: "a file of new PBXs"}

// overtaken refuses a file whose verdicts are not those that the person saw.
func overtaken(op string) error {
	return &fleet.Error{Kind: fleet.KindStale, Op: op, Msg: "Nothing was sent: what there is to choose, or what is there, has changed since you looked. Read the verdicts again."}
}

// ordersOf are the rows that will be made.
func ordersOf(rows []csvRow) []batch.Order {
	var orders []batch.Order
	for _, row := range rows {
		if row.state == csvReady {
			orders = append(orders, batch.Order{Row: row.number, Title: row.ask.Spec.Name + " at " + row.url, Ask: row.ask})
		}
	}
	return orders
}

// digest tells orders apart from others.
func digest(orders []batch.Order) string {
	asks := make([]change.CreateAsk, len(orders))
	for i, o := range orders {
		asks[i] = o.Ask
	}
	text, err := json.Marshal(asks)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

func (s *Server) renderNewCSV(c echo.Context, status int, text string, failed error) error {
	view := views.NewCSVPage{
		Action: href.NewPBXCSV, Template: href.NewPBXTemplate, Most: thousands(batch.Most), Form: href.NewPBX,
		File: ui.Field{Name: fieldFile, Label: "File", Help: "CSV, as Excel, LibreOffice or Google Sheets save it."},
		Text: ui.Field{Name: fieldText, Label: "Or paste the cells", Help: "With their headings.", Rows: "6", Value: text, Mono: true},
		Past: ui.Link{Label: "Earlier files", Href: href.With(href.Jobs, "kind", string(job.CreatePBXs))},
	}
	for _, column := range csvColumns() {
		view.Columns = append(view.Columns, views.CSVColumn{Name: column.name, Required: column.required, Takes: column.takes})
	}
	if failed != nil {
		p := describe(failed)
		if p.Status >= http.StatusInternalServerError {
			s.Log.Warn("a file could not be judged", "request_id", requestID(c), "error", failed)
			view.Errors = append(view.Errors, ui.FieldError{Message: p.Detail + " Request " + requestID(c) + "."})
		}
		for name, rule := range p.Fields {
			if name == fieldFile {
				view.File.Error = rule
			} else {
				view.Text.Error = rule
			}
			view.Errors = append(view.Errors, ui.FieldError{Field: name, Message: rule})
		}
	}
	return s.render(c, status, views.NewCSV(s.shell(c, "Several new PBXs", views.SectionFleet), view))
}

// renderVerdicts shows what every row is, and offers to make those that are right.
func (s *Server) renderVerdicts(c echo.Context, status int, rows []csvRow, unused []string, trouble string) error {
	view := views.CSVVerdictsPage{Action: href.NewPBXCSV, Back: href.NewPBXCSV}
	tally := map[csvState]int{}
	for _, row := range rows {
		tally[row.state]++
		view.Rows = append(view.Rows, csvVerdict(row))
	}
	ready := tally[csvReady]
	view.Title = "Nothing of " + count(len(rows), "row") + " can be made"
	if ready > 0 {
		view.Title = count(ready, "PBX") + " of " + count(len(rows), "row") + " can be made"
	}
	view.Sentence = csvTally(tally)
	if len(unused) > 0 {
		view.Notices = append(view.Notices, ui.Notice{Tone: ui.Warn, Title: "Columns that nothing is called by were not read", Text: short(strings.Join(unused, ", "), 300)})
	}
	if trouble != "" {
		view.Notices = append(view.Notices, ui.Notice{Tone: ui.Warn, Title: "Nothing was sent", Text: trouble})
	}
	switch {
	case ready > batch.Most:
		view.Notices = append(view.Notices, ui.Notice{Tone: ui.Bad, Title: "That is too much for one file", Text: fmt.Sprintf("At most %d PBXs at once. Split the file.", batch.Most)})
	case ready > 0:
		text, err := rewrite(rows)
		if err != nil {
			return err
		}
		view.Confirm = &views.CSVConfirm{Text: text, Seen: digest(ordersOf(rows)), Button: "Create " + count(ready, "PBX"), Left: s.csvLeft(c, rows)}
		if rest := len(rows) - ready; rest > 0 {
			view.Confirm.Note = count(rest, "row") + " left out."
		}
	}
	return s.render(c, status, views.CSVVerdicts(s.shell(c, "Several new PBXs", views.SectionFleet), view))
}

// csvVerdict is a row with what it is.
func csvVerdict(row csvRow) views.CSVRow {
	out := views.CSVRow{Row: thousands(row.number), Name: row.cells[0], URL: row.url, State: ui.Badge{Tone: ui.Ok, Label: "Will be made"}}
	switch row.state {
	case csvThere:
		out.State, out.PBX = ui.Badge{Tone: ui.Mute, Label: "Already there"}, ui.Link{Label: "Open it", Href: href.PBX(int64(row.there))}
	case csvWrong:
		out.State = ui.Badge{Tone: ui.Bad, Label: "Wrong"}
		for _, f := range row.wrong {
			out.Wrong = append(out.Wrong, csvLabel(f)+f.Rule)
		}
	default:
		spec := row.ask.Spec
		out.Sentence = fmt.Sprintf("%s, %s, %s", count(int(spec.Extensions), "extension"), count(int(spec.ConcurrentCalls), "call"), spec.Plan)
		if n := len(row.ask.Bind); n > 0 {
			out.Sentence += ", " + count(n, "number")
		}
	}
	return out
}

// csvLabel is the column that a rule is about.
func csvLabel(f fleet.Field) string {
	for _, c := range csvColumns() {
		if c.field == f.Name || c.field == form.FieldNumbers && f.Name == form.FieldBind {
			return c.name + ": "
		}
	}
	return ""
}

func csvTally(tally map[csvState]int) string {
	var words []string
	for _, p := range []struct {
		state csvState
		text  string
	}{{csvReady, "can be made"}, {csvThere, "already there"}, {csvWrong, "wrong"}} {
		if n := tally[p.state]; n > 0 {
			words = append(words, thousands(n)+" "+p.text)
		}
	}
	return strings.Join(words, ", ") + ". Nothing has been sent yet."
}

// rewrite is a file of the rows that will be made, which reads as they did. Those that will not leave an
// empty row, so that each keeps its number.
func rewrite(rows []csvRow) (string, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	var head []string
	for _, c := range csvColumns() {
		head = append(head, c.name)
	}
	lines := [][]string{head}
	for _, row := range rows {
		if row.state != csvReady {
			continue
		}
		for len(lines)+1 < row.number {
			lines = append(lines, make([]string, len(head)))
		}
		cells := make([]string, len(row.cells))
		for i, cell := range row.cells {
			cells[i] = sheet.Plain(cell)
		}
		lines = append(lines, cells)
	}
	if err := w.WriteAll(lines); err != nil {
		return "", fmt.Errorf("web.rewrite: %w", err)
	}
	return out.String(), nil
}

// csvLeft is what the rows take of the subscription together.
func (s *Server) csvLeft(c echo.Context, rows []csvRow) views.LeftPanel {
	var sum fleet.PBXSpec
	sum.RecordingMinutes = fleet.FreeRecording
	for _, row := range rows {
		if row.state != csvReady {
			continue
		}
		spec := row.ask.Spec
		sum.Extensions += spec.Extensions
		sum.ConcurrentCalls += spec.ConcurrentCalls
		sum.RecordingMinutes += max(spec.RecordingMinutes-fleet.FreeRecording, 0)
		sum.Transcription += spec.Transcription
	}
	return s.left(&order{offers: s.offers(c.Request().Context(), 0, false), typed: form.NewPBX{Spec: sum}})
}
