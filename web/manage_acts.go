package web

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// The acts of a PBX's life, by the last part of their address.
const (
	actFeatures  = "features"
	actCapacity  = "capacity"
	actCustomers = "customers"
	actStart     = "start"
	actStop      = "stop"
	actMail      = "activation"
	actDelete    = "delete"
)

// act is one act of a PBX's life: reviewed by GET, sent by POST.
type act struct {
	name  string
	act   audit.Action                     // what the record calls it
	asks  []string                         // the fields of its review; others are corrected in the forms
	judge func(*life) []fleet.Field        // what is wrong with what the forms say; nil: nothing can be
	show  func(*life) (views.PBXAct, bool) // its place on the page, and whether it can be done now; nil: it begins with a form
	fill  func(*reviewing) error           // the review
	do    func(*Server, echo.Context, fleet.PBXID, url.Values) (job.Job, error)
	grave bool // asks for a fresh proof of who it is
}

// reviewing is a review being made.
type reviewing struct {
	s   *Server
	ctx context.Context
	l   *life
	f   fields
	v   *views.ReviewPage
}

func (a act) check(l *life) []fleet.Field {
	if a.judge == nil {
		return nil
	}
	return a.judge(l)
}

// lowers reports whether the act is a resize to fewer recording minutes, which must be meant.
func (a act) lowers(l *life) bool {
	size, _, wrong := form.ReadCapacity(l.v)
	return a.name == actCapacity && len(wrong) == 0 && size.RecordingMinutes < l.seen.Detail.RecordingMinutes
}

func acts() []act {
	return []act{
		{name: actFeatures, act: audit.PBXUpdate, judge: func(l *life) []fleet.Field { return fleet.CheckFeatures(form.ReadFeatures(l.v)) }, fill: fillFeatures, do: doFeatures},
		{name: actCapacity, act: audit.PBXResize, asks: []string{form.FieldLower}, judge: wrongSize, fill: fillCapacity, do: doCapacity},
		{name: actCustomers, act: audit.PBXCustomers, judge: wrongChange, fill: fillCustomers, do: doCustomers},
		{name: actStart, act: audit.PBXStart, show: showStart, fill: fillStart, do: func(s *Server, c echo.Context, id fleet.PBXID, _ url.Values) (job.Job, error) {
			return s.Life.Start(c.Request().Context(), by(c), id)
		}},
		{name: actStop, act: audit.PBXStop, asks: []string{fieldReason}, show: showStop, fill: fillStop, do: func(s *Server, c echo.Context, id fleet.PBXID, v url.Values) (job.Job, error) {
			return s.Life.Stop(c.Request().Context(), by(c), id, v.Get(fieldReason))
		}},
		{name: actMail, act: audit.PBXMail, asks: []string{form.FieldCustomers}, show: showMail, fill: fillMail, do: doMail},
		{name: actDelete, act: audit.PBXDelete, grave: true, asks: []string{fieldName, fieldReason}, show: showDelete, fill: fillDelete, do: func(s *Server, c echo.Context, id fleet.PBXID, v url.Values) (job.Job, error) {
			return s.Life.Delete(c.Request().Context(), by(c), id, change.Consent{Name: v.Get(fieldName), Reason: v.Get(fieldReason), Bound: v.Get(form.FieldBound)})
		}},
	}
}

// presentReview is an act before it is sent, with why it was not sent just now.
func (s *Server) presentReview(ctx context.Context, a act, l *life) (views.ReviewPage, error) {
	id := int64(l.row.ID)
	view := views.ReviewPage{Then: "Will be sent", Notices: l.underWay(), Back: href.With(href.Manage(id), flat(l.typed)...)}
	view.Confirm = views.ReviewConfirm{Action: href.PBXAct(id, a.name), Note: "Nothing has been sent yet. It becomes a job that you can watch."}
	if base := l.typed.Get(form.FieldBase); base != "" && base != l.seen.Base {
		view.Notices = append(view.Notices, ui.Notice{Tone: ui.Warn, Title: "This PBX was changed after you opened its settings", Text: "What stands under “Now” was read a moment ago."})
	}
	r := reviewing{s: s, ctx: ctx, l: l, f: fields{v: l.v, wrong: l.wrong}, v: &view}
	if err := a.fill(&r); err != nil {
		return view, err
	}
	if l.trouble != "" {
		view.Errors = append(view.Errors, ui.FieldError{Message: l.trouble})
	}
	for _, w := range l.wrong {
		if slices.Contains(a.asks, w.Name) {
			view.Errors = append(view.Errors, ui.FieldError{Field: w.Name, Message: w.Rule})
		}
	}
	return view, nil
}

// keep puts what was typed into the form that sends it.
func (r *reviewing) keep(names ...string) {
	for _, name := range names {
		for _, value := range r.l.v[name] {
			if value != "" {
				r.v.Confirm.Fields = append(r.v.Confirm.Fields, [2]string{name, value})
			}
		}
	}
	r.v.Confirm.Fields = append(r.v.Confirm.Fields, [2]string{form.FieldBase, r.l.seen.Base})
}

// compare adds a value before and after. One that is not sent stays as it is.
func (r *reviewing) compare(label, before, after, note string) {
	row := views.ReviewRow{Verb: "move", Word: "Change", Sign: "~", Label: label, Before: before, After: after, Note: note}
	switch {
	case before == after || after == "":
		row.Verb, row.Word, row.Sign = "keep", "Keep", "="
	case before == "":
		row.Verb, row.Word, row.Sign = "bind", "Say", "+"
	}
	r.v.Rows = append(r.v.Rows, row)
}

// loses adds a value that there is no more afterwards.
func (r *reviewing) loses(label, before string) {
	if before != "" {
		r.v.Rows = append(r.v.Rows, views.ReviewRow{Verb: "unbind", Word: "Lose", Sign: "−", Label: label, Before: before, After: "deleted"})
	}
}

// changed reports whether anything would become other than it is.
func (r *reviewing) changed() bool {
	return slices.ContainsFunc(r.v.Rows, func(row views.ReviewRow) bool { return row.Verb != "keep" })
}

func (r *reviewing) reasonField(required bool) *ui.Field {
	f := r.f.text(ui.Field{Name: fieldReason, Label: "Reason", Rows: "2", Help: "The audit log keeps it."})
	if !required {
		f.Label = "Reason (optional)"
	}
	return &f
}

// name is what people call the PBX.
func (r *reviewing) name() string { return pbxName(r.l.seen.Detail.PBX) }

// customer is a customer's name, or its id when nobody told it.
func (l *life) customer(id fleet.CustomerID) fleet.Customer {
	x, _ := l.offers.Customer(id)
	x.ID = id
	return x
}

// numbersOf are the numbers that are bound to the PBX, as chips, those of them that are protected, and the
// fingerprint of what is shown.
func (r *reviewing) numbersOf() (list []ui.Number, protected []string, bound string, err error) {
	known, err := r.s.Ledger.Known(r.ctx, r.l.row.ID)
	if err != nil {
		return nil, nil, "", err
	}
	if !known.Exact() && known.Certainty != fleet.CertaintyAmbiguous {
		r.v.Notices = append(r.v.Notices, ui.Notice{Tone: ui.Warn, Title: "Nobody has read yet what is bound to this PBX", Text: "The list below may lack numbers.",
			Links: []ui.Link{{Label: "Open its numbers", Href: href.DIDs(int64(r.l.row.ID))}}})
	}
	n, err := r.s.names(r.ctx, didsOf(known.Record().Pairs()))
	if err != nil {
		return nil, nil, "", err
	}
	for _, b := range known.Record().Pairs() {
		chip := ui.Number{Text: n.number(b.DID), Trunk: n.trunk(b.Trunk), Href: href.With(href.Numbers, "number", n.raw(b.DID))}
		if n.numbers[b.DID].Protected {
			protected = append(protected, n.number(b.DID))
		}
		list = append(list, chip)
	}
	return list, protected, known.Record().Fingerprint(), nil
}

// shownNumbers is how many numbers a review shows.
const shownNumbers = 60

// takesAlong lists the numbers that an act concerns.
func (r *reviewing) takesAlong(title string, list []ui.Number) {
	if len(list) == 0 {
		return
	}
	group := views.ReviewList{Title: title, Numbers: list[:min(len(list), shownNumbers)]}
	if more := len(list) - shownNumbers; more > 0 {
		group.More = "and " + thousands(more) + " more"
	}
	r.v.Lists = append(r.v.Lists, group)
}

// sentence joins parts with a space between those that say something.
func sentence(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " ")
}
