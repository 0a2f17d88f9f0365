package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/bulk"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
	"cordboard/web/sheet"
)

// The fields of the form that takes a spreadsheet.
const (
	fieldFile = "file"
	fieldText = "text"
	fieldStop = "stop"
)

func (s *Server) bulkPage(c echo.Context) error {
	return s.renderBulkStart(c, http.StatusOK, "", nil)
}

// bulkUpload takes a file or what was pasted, and starts the review of it.
func (s *Server) bulkUpload(c echo.Context) error {
	data, field, err := bulkForm(c.Request())
	if err != nil {
		return err
	}
	text := ""
	if field == fieldText {
		text = string(data)
	}
	j, err := s.propose(c, data, field)
	if kind := fleet.KindOf(err); err != nil && kind == fleet.KindInvalid {
		return s.renderBulkStart(c, http.StatusUnprocessableEntity, text, err)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.BulkReview(string(j.ID)))
}

// bulkForm is the file, or what was pasted, and the field it came by.
func bulkForm(r *http.Request) (data []byte, field string, err error) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		if err := r.ParseForm(); err != nil {
			return nil, "", unreadable(err)
		}
		return []byte(r.PostForm.Get(fieldText)), fieldText, nil
	}
	if err := r.ParseMultipartForm(maxFile); err != nil {
		return nil, "", unreadable(err)
	}
	if files := r.MultipartForm.File[fieldFile]; len(files) > 0 && files[0].Filename != "" {
		f, err := files[0].Open()
		if err != nil {
			return nil, "", unreadable(err)
		}
		defer f.Close()
		data, err := io.ReadAll(f)
		return data, fieldFile, err
	}
	return []byte(r.PostForm.Get(fieldText)), fieldText, nil
}

// propose holds a file against what is known and starts the job that makes its plans. A file that can't
// be read is on record too: somebody wanted it.
func (s *Server) propose(c echo.Context, data []byte, field string) (job.Job, error) {
	ctx := c.Request().Context()
	lines, err := readBulk(data, field)
	if err != nil {
		return job.Job{}, s.refused(c, err, audit.Entry{Action: audit.BulkCreate, Target: "a spreadsheet"})
	}
	review, err := s.Bulk.Judge(ctx, lines)
	if err != nil {
		return job.Job{}, err
	}
	j, err := s.Bulk.Begin(ctx, by(c), s.Jobs, review)
	if err == nil {
		s.Hub.Announce("jobs")
	}
	return j, s.refused(c, err, audit.Entry{Action: audit.BulkCreate, Target: "a spreadsheet"})
}

func (s *Server) renderBulkStart(c echo.Context, status int, text string, failed error) error {
	view := views.BulkPage{
		Action: href.Bulk, MaxRows: thousands(sheet.MaxRows), Export: href.BindingsCSV,
		File: ui.Field{Name: fieldFile, Label: "File", Help: "CSV, as Excel, LibreOffice or Google Sheets save it."},
		Text: ui.Field{Name: fieldText, Label: "Or paste the cells", Help: "With their headings. Tabs, commas and semicolons are understood.", Rows: "8", Value: text, Mono: true},
		Past: ui.Link{Label: "Earlier spreadsheets", Href: href.With(href.Jobs, "kind", string(job.BulkBindings))},
	}
	for name, rule := range describe(failed).Fields {
		if name == fieldFile {
			view.File.Error = rule
		} else {
			view.Text.Error = rule
		}
		view.Errors = append(view.Errors, ui.FieldError{Field: name, Message: rule})
	}
	return s.render(c, status, views.Bulk(s.shell(c, "Bindings from a spreadsheet", views.SectionFleet), view))
}

// openBulk is the job of a spreadsheet, with its review.
func (s *Server) openBulk(c echo.Context) (j job.Job, doc change.BulkDoc, r bulk.Review, err error) {
	ctx := c.Request().Context()
	if j, err = s.JobBook.Job(ctx, job.ID(c.Param("job"))); err != nil {
		return j, doc, r, err
	}
	doc, r, err = s.Bulk.Read(ctx, j)
	return j, doc, r, err
}

func (s *Server) bulkReview(c echo.Context) error {
	return s.renderBulk(c, http.StatusOK, change.Agreement{}, nil)
}

// bulkApply takes a person's agreement. What is missing comes back with all that was typed and ticked.
func (s *Server) bulkApply(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	a := agreement(r.PostForm)
	_, err := s.agree(c, a)
	switch fleet.KindOf(err) {
	case fleet.KindGuard:
		return s.renderBulk(c, http.StatusUnprocessableEntity, a, err)
	default:
		if err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, href.BulkReview(c.Param("job")))
}

// agreement is what a person agreed to in a form.
func agreement(v url.Values) change.Agreement {
	a := change.Agreement{Names: map[fleet.PlanID]string{}, Reason: v.Get(fieldReason), Stop: v.Get(fieldStop) != ""}
	for _, id := range v[change.FieldPlans] {
		a.Plans = append(a.Plans, fleet.PlanID(id))
	}
	for name, values := range v {
		if id, ok := strings.CutPrefix(name, change.FieldNames); ok {
			a.Names[fleet.PlanID(id)] = values[0]
		}
	}
	return a
}

// agree has what a person agreed to carried out. A refusal is on record too.
func (s *Server) agree(c echo.Context, a change.Agreement) (job.Job, error) {
	j, err := s.JobBook.Job(c.Request().Context(), job.ID(c.Param("job")))
	if err == nil {
		err = checkReason(a.Reason)
	}
	if err == nil {
		j, err = s.Bulk.Agree(c.Request().Context(), by(c), s.Jobs, j.ID, a)
	}
	return j, s.refused(c, err, audit.Entry{Action: audit.BulkApply, Target: j.Title, Reason: a.Reason})
}

func (s *Server) bulkAgain(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	var none []fleet.PBXID
	for _, text := range r.PostForm[change.FieldNone] {
		id, _ := form.ID(text)
		none = append(none, fleet.PBXID(id))
	}
	if _, err := s.decided(c, audit.JobResume)(s.Bulk.Again(r.Context(), by(c), s.Jobs, job.ID(c.Param("job")), none)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.BulkReview(c.Param("job")))
}

func (s *Server) bulkGiveUp(c echo.Context) error {
	if _, err := s.decided(c, audit.BulkGiveUp)(s.Bulk.GiveUp(c.Request().Context(), by(c), s.Jobs, job.ID(c.Param("job")))); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, href.BulkReview(c.Param("job")))
}

// renderBulk shows a spreadsheet in any state; failed is what became of agreeing just now, with what
// was chosen.
func (s *Server) renderBulk(c echo.Context, status int, typed change.Agreement, failed error) error {
	j, doc, r, err := s.openBulk(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	view := s.presentBulk(listOf(c), j, doc, r)
	if view.Steps, err = s.bulkSteps(ctx, j, doc.Rollout); err != nil {
		return err
	}
	if j.State == job.NeedsAttention && mayOperate(c) {
		view.Again, view.GiveUp = bulkActs(j, doc)
		view.Missing.Action = href.BulkAgain(string(j.ID))
		if view.Form, err = s.bulkAgreement(ctx, j, doc.Rollout, href.BulkApply(string(j.ID)), bulkOrder, typed, failed); err != nil {
			return err
		}
	}
	view.Errors = bulkErrors(failed)
	shell := s.shell(c, j.Title, views.SectionFleet)
	if j.State == job.Running {
		shell.Refresh = "2"
	}
	return s.render(c, status, views.BulkReview(shell, view))
}

func bulkErrors(failed error) []ui.FieldError {
	fe, ok := errors.AsType[*fleet.Error](failed)
	if !ok {
		return nil
	}
	var list []ui.FieldError
	for _, f := range fe.Fields {
		field := f.Name
		if field == change.FieldPlans {
			field = "h-plans"
		}
		list = append(list, ui.FieldError{Field: field, Message: f.Rule})
	}
	if len(list) == 0 {
		list = append(list, ui.FieldError{Message: fe.Msg})
	}
	return list
}
