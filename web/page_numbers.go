package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

const (
	answersEach = 5    // answers to one line of a pasted list
	longAddress = 4000 // bytes of a query: a longer list is answered without an address of its own
)

func (s *Server) numbersPage(c echo.Context) error {
	return s.renderNumbers(c, listOf(c))
}

// askNumbers takes the form. What fits into an address gets one, so that it can be linked.
func (s *Server) askNumbers(c echo.Context) error {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	l := list{href.Numbers, r.PostForm}
	if address := l.with(); len(address) <= longAddress {
		return c.Redirect(http.StatusSeeOther, address)
	}
	return s.renderNumbers(c, l)
}

func (s *Server) renderNumbers(c echo.Context, l list) error {
	ask := s.readAsk(l.v)
	view := presentAsk(ask)
	status := http.StatusOK
	if len(ask.wrong) > 0 {
		status = http.StatusUnprocessableEntity
	} else if view.Asked {
		if err := s.answer(c.Request().Context(), l, ask, &view); err != nil {
			return err
		}
	}
	if wantsPart(c) {
		return s.render(c, status, views.NumbersResults(view))
	}
	return s.render(c, status, views.Numbers(s.shell(c, "Numbers", views.SectionNumbers), view))
}

// numberAsk is a question about numbers: the form as typed, and what it means.
type numberAsk struct {
	text  string
	lines []string
	typed map[string]string // the times at, from and to
	when  fleet.When
	wrong []fleet.Field
}

func (s *Server) readAsk(v url.Values) numberAsk {
	ask := numberAsk{text: strings.TrimSpace(v.Get("number")), typed: map[string]string{}}
	if len(v["number"]) > 1 {
		ask.text = strings.TrimSpace(strings.Join(v["number"], "\n"))
	}
	ask.lines = askedLines(ask.text)
	if len(ask.lines) > form.MaxLines {
		ask.wrong = append(ask.wrong, fleet.Field{Name: "number", Rule: fmt.Sprintf("At most %d numbers at once.", form.MaxLines)})
	}
	when, err := timesOf(func(name string) (time.Time, error) {
		ask.typed[name] = v.Get(name)
		at, ok := form.Time(v.Get(name))
		switch {
		case !ok:
			ask.wrong = append(ask.wrong, fleet.Field{Name: name, Rule: "A time looks like 2026-05-03T14:00."})
		case at.After(s.Now()) && name != "to":
			ask.wrong = append(ask.wrong, fleet.Field{Name: name, Rule: "Choose a time in the past."})
		}
		return at, nil
	})
	if wrong := describe(err).Fields; err != nil && len(ask.wrong) == 0 {
		for name, rule := range wrong {
			ask.wrong = append(ask.wrong, fleet.Field{Name: name, Rule: rule})
		}
	}
	ask.when = when
	return ask
}

// presentAsk is the form, and an answer that is still empty.
func presentAsk(ask numberAsk) views.NumbersPage {
	view := views.NumbersPage{
		Number: ui.Field{Name: "number", Label: "Numbers", Rows: "4", Mono: true, Placeholder: "+44 20 7946 0018", Value: ask.text, Focus: ask.text == ""},
		At:     timeField("at", "At", ask.typed["at"]),
		From:   timeField("from", "Or from", ask.typed["from"]),
		To:     timeField("to", "To", ask.typed["to"]),
		Asked:  ask.text != "", WhenText: whenWords(ask.when),
		Empty: ui.Empty{Title: "Paste a number", Text: "National or international, with or without spaces, a part of it, or a whole column from a spreadsheet."},
	}
	for _, f := range ask.wrong {
		for _, field := range []*ui.Field{&view.Number, &view.At, &view.From, &view.To} {
			if field.Name == f.Name {
				field.Error = f.Rule
			}
		}
		view.Errors = append(view.Errors, ui.FieldError{Field: f.Name, Message: f.Rule})
	}
	return view
}

// whenWords is the time that a question asks about, for the end of a sentence; empty for now.
func whenWords(when fleet.When) string {
	switch {
	case when.Now():
		return ""
	case when.From.Equal(when.To):
		return "as of " + absolute(when.From)
	case when.To.IsZero():
		return "since " + absolute(when.From)
	case when.From.IsZero():
		return "until " + absolute(when.To)
	}
	return "from " + absolute(when.From) + " to " + absolute(when.To)
}

// answer fills in the answers: page by page for one number, whole for a list.
func (s *Server) answer(ctx context.Context, l list, ask numberAsk, view *views.NumbersPage) error {
	view.CSV = l.at(href.NumbersCSV)
	if len(view.CSV) > longAddress {
		view.CSV = ""
	}
	if len(ask.lines) == 1 {
		return s.answerOne(ctx, l, ask, view)
	}
	answers, err := s.Search.Whereabouts(ctx, ask.lines, ask.when, answersEach)
	if err != nil {
		return err
	}
	found := 0
	var held []fleet.Holding
	for _, a := range answers {
		held = append(held, a.Held...)
	}
	teller := s.teller(ask.when)
	if err := teller.learn(ctx, held...); err != nil {
		return err
	}
	for _, a := range answers {
		if len(a.Held)+len(a.Unheld) > 0 {
			found++
		}
		view.Answers = append(view.Answers, teller.line(a)...)
	}
	view.Summary = thousands(found) + " of " + count(len(answers), "number") + " found"
	return nil
}

func (s *Server) answerOne(ctx context.Context, l list, ask numberAsk, view *views.NumbersPage) error {
	line := ask.lines[0]
	page, err := s.Search.FindNumbers(ctx, line, ask.when, form.Page(l.v))
	if err != nil {
		return err
	}
	teller := s.teller(ask.when)
	if err := teller.learn(ctx, page.Items...); err != nil {
		return err
	}
	view.Answers = teller.held("", page.Items)
	if l.v.Get("after") == "" {
		more, err := s.Search.Whereabouts(ctx, ask.lines, ask.when, answersEach)
		if err != nil {
			return err
		}
		for _, u := range more[0].Unheld {
			view.Answers = append(view.Answers, teller.unheld("", u))
		}
	}
	view.Pager = l.pager(len(page.Items), page.Total, page.Next, "holding", true)
	view.Summary = count(len(view.Answers), "answer")
	view.Empty = ui.Empty{Title: "Nobody has " + short(line, 60), Text: "No trunk and no PBX in the record has a number that contains it."}
	if !ask.when.Now() {
		view.Empty.Title = "Nobody had " + short(line, 60)
	}
	return nil
}

// protectNumber marks a number as protected, or no longer so.
func (s *Server) protectNumber(c echo.Context) error {
	r := c.Request()
	id, err := pathID[fleet.DIDID](c, "did", "The number")
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	on, err := strconv.ParseBool(r.PostForm.Get("protected"))
	if err != nil {
		return fleet.Invalid("web.protectNumber", "Say whether the number is to be protected.", fleet.Field{Name: "protected", Rule: "true or false."})
	}
	if err := s.protect(c, id, on); err != nil {
		return err
	}
	next := href.Numbers
	if r.PostForm.Has("next") {
		next = ownPath(r.PostForm.Get("next"))
	}
	return c.Redirect(http.StatusSeeOther, next)
}
