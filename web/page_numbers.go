package web

import (
	"context"
	"fmt"
	"net/http"
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

// answersEach bounds the answers to one line of a pasted list.
const answersEach = 5

func (s *Server) numbersPage(c echo.Context) error {
	ctx, l := c.Request().Context(), listOf(c)
	view, at := s.presentNumbers(l)
	status := http.StatusOK
	if len(view.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	} else if view.Asked {
		if err := s.answer(ctx, l, at, &view); err != nil {
			return err
		}
	}
	if wantsPart(c) {
		return s.render(c, status, views.NumbersResults(view))
	}
	return s.render(c, status, views.Numbers(s.shell(c, "Numbers", views.SectionNumbers), view))
}

// presentNumbers is the question: the form as typed, and the moment that it asks about.
func (s *Server) presentNumbers(l list) (views.NumbersPage, time.Time) {
	text := strings.TrimSpace(l.v.Get("number"))
	view := views.NumbersPage{
		Number: ui.Field{Name: "number", Label: "Numbers", Rows: "3", Mono: true, Placeholder: "+44 20 7946 0018", Value: text, Focus: text == ""},
		At:     ui.Field{Name: "at", Label: "At (UTC, empty for now)", Type: "datetime-local", Value: l.v.Get("at")},
		Asked:  text != "",
		Empty:  ui.Empty{Title: "Paste a number", Text: "National or international, with or without spaces, a part of it, or a whole column from a spreadsheet."},
	}
	at, ok := form.Time(l.v.Get("at"))
	switch {
	case !ok:
		view.At.Error = "A time looks like 2026-05-03T14:00."
	case at.After(s.Now()):
		view.At.Error = "Choose a time in the past."
	case !at.IsZero():
		view.AtText = "as of " + absolute(at)
	}
	if view.At.Error != "" {
		view.Errors = append(view.Errors, ui.FieldError{Field: "at", Message: view.At.Error})
	}
	if len(form.Lines(text)) > form.MaxLines {
		view.Number.Error = fmt.Sprintf("At most %d numbers at once.", form.MaxLines)
		view.Errors = append(view.Errors, ui.FieldError{Field: "number", Message: view.Number.Error})
	}
	return view, at
}

func (s *Server) answer(ctx context.Context, l list, at time.Time, view *views.NumbersPage) error {
	lines := form.Lines(view.Number.Value)
	found := 0
	for _, line := range lines {
		page := fleet.PageRequest{Limit: answersEach}
		if len(lines) == 1 {
			page = form.Page(l.v)
		}
		answers, held, err := s.answerLine(ctx, line, at, page)
		if err != nil {
			return err
		}
		if len(answers) > 0 {
			found++
		}
		if len(lines) == 1 {
			view.Pager = l.pager(len(held.Items), held.Total, held.Next, "holding", true)
		} else if len(answers) == 0 {
			answers = []views.NumberAnswer{{Asked: line, State: ui.Badge{Tone: ui.Mute, Label: "Not found"}, Sentence: "No trunk has this number."}}
		}
		view.Answers = append(view.Answers, answers...)
	}
	view.Summary = thousands(found) + " of " + count(len(lines), "number") + " found"
	if len(lines) == 1 && found == 1 {
		view.Summary = count(len(view.Answers), "answer")
	}
	view.Empty = ui.Empty{Title: "Nobody has " + short(view.Number.Value, 60), Text: "No trunk and no PBX in the record has a number that contains it."}
	return nil
}

// answerLine is who had the numbers that a line means; asked about now, also those that nobody has.
func (s *Server) answerLine(ctx context.Context, line string, at time.Time, req fleet.PageRequest) ([]views.NumberAnswer, fleet.Page[fleet.Holding], error) {
	page, err := s.Search.FindNumbers(ctx, line, fleet.At(at), req)
	if err != nil {
		return nil, page, err
	}
	stands, err := s.stands(ctx, holders(page.Items))
	if err != nil {
		return nil, page, err
	}
	var answers []views.NumberAnswer
	seen := map[fleet.DIDID]bool{}
	for i, h := range page.Items {
		seen[h.DID] = true
		answers = append(answers, s.heldAnswer(line, h))
		answers[i].Truth = stands[i]
	}
	if !at.IsZero() || req.After != "" {
		return answers, page, nil
	}
	rows, err := s.Search.FindDIDs(ctx, line, answersEach)
	if err != nil {
		return nil, page, err
	}
	n, err := s.names(ctx, nil)
	if err != nil {
		return nil, page, err
	}
	for _, row := range rows {
		if !seen[row.ID] {
			answers = append(answers, s.freeAnswer(line, row, n))
		}
	}
	return answers, page, nil
}

// holders are the PBXs that hold numbers now; 0 where a holding is over: how its PBX stands today
// says nothing about then.
func holders(held []fleet.Holding) []fleet.PBXID {
	ids := make([]fleet.PBXID, len(held))
	for i, h := range held {
		if h.To.IsZero() {
			ids[i] = h.PBX
		}
	}
	return ids
}

func (s *Server) heldAnswer(line string, h fleet.Holding) views.NumberAnswer {
	now := s.Now()
	a := views.NumberAnswer{
		Asked: line, Number: s.phone(h.Number), State: ui.Badge{Tone: ui.Ok, Label: "Bound"}, PBX: ui.Link{Label: h.PBXName, Href: href.PBX(int64(h.PBX))},
		Trunk: h.TrunkName, DIDID: h.DID.String(), From: ui.At(h.From, now), To: ui.At(h.To, now),
	}
	if !h.FromExact {
		a.FromNote = "at the latest"
	}
	if !h.To.IsZero() {
		a.State = ui.Badge{Tone: ui.None, Label: "Was bound"}
	}
	if h.Trunk == fleet.TrunkUnclear {
		a.Trunk = "not known"
	}
	return a
}

func (s *Server) freeAnswer(line string, row fleet.NumberRow, n names) views.NumberAnswer {
	a := views.NumberAnswer{
		Asked: line, Number: s.phone(row.Number), DIDID: row.ID.String(), State: ui.Badge{Tone: ui.None, Label: "Free"},
		Trunk: strings.Join(n.trunkList(row.Trunks), ", "), Sentence: "On a trunk, bound to no PBX.",
	}
	switch {
	case row.Deleted:
		a.State, a.Sentence = ui.Badge{Tone: ui.Mute, Label: "Deleted"}, "Yeastar no longer lists this number."
	case row.Owner != 0:
		a.State, a.Sentence = ui.Badge{Tone: ui.Ask, Label: "Unsettled"}, "Yeastar says that a PBX has it; that PBX's own list is not read yet."
		a.PBX = ui.Link{Label: ownerName(row), Href: href.PBX(int64(row.Owner))}
	}
	return a
}

func ownerName(row fleet.NumberRow) string {
	if row.OwnerName != "" {
		return row.OwnerName
	}
	return "PBX " + row.Owner.String()
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
