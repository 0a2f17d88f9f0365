package web

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// timeField is an input for a moment in UTC, with what was typed.
func timeField(name, label, typed string) ui.Field {
	if at, ok := form.Time(typed); ok && !at.IsZero() {
		typed = fieldTime(at)
	}
	return ui.Field{Name: name, Label: label, Type: "datetime-local", Step: "any", Value: typed}
}

// fieldTime is a moment as browsers take it for a datetime-local input, rounded up to the
// millisecond: our own snapshots lie some microseconds off it.
func fieldTime(at time.Time) string {
	if whole := at.Truncate(time.Millisecond); whole.Before(at) {
		at = whole.Add(time.Millisecond)
	}
	if at.Truncate(time.Minute).Equal(at) {
		return at.UTC().Format("2006-01-02T15:04")
	}
	return at.UTC().Format("2006-01-02T15:04:05.999")
}

// pastTime reads a moment that somebody typed; what is wrong with it, in words.
func (s *Server) pastTime(text string) (at time.Time, wrong string) {
	at, ok := form.Time(text)
	switch {
	case !ok:
		return at, "A time looks like 2026-05-03T14:00."
	case at.After(s.Now()):
		return at, "Choose a time in the past."
	}
	return at, ""
}

// scrub fills in the form that goes through a PBX's history, and what was bound at the moment that it
// asks for.
func (s *Server) scrub(ctx context.Context, id fleet.PBXID, typed string, series []fleet.CountPoint, view *views.HistoryPage) error {
	view.Scrub = views.Scrub{Action: href.History(int64(id)), At: timeField("at", "Look at a moment (UTC)", typed)}
	if len(series) > 0 {
		view.Scrub.First, view.Scrub.Last = strconv.FormatInt(series[0].At.UnixMilli(), 10), strconv.FormatInt(s.Now().UnixMilli(), 10)
	}
	at, wrong := s.pastTime(typed)
	if wrong != "" {
		view.Scrub.At.Error = wrong
		view.Errors = append(view.Errors, ui.FieldError{Field: "at", Message: wrong})
		return nil
	}
	m, err := s.History.MomentOf(ctx, id, at)
	if err != nil {
		return err
	}
	steps := []struct {
		label string
		at    time.Time
	}{{"Earlier change", m.Earlier}, {"Later change", m.Later}}
	for _, step := range steps {
		if !step.at.IsZero() {
			view.Scrub.Steps = append(view.Scrub.Steps, ui.Link{Label: step.label, Href: href.HistoryAt(int64(id), momentText(step.at))})
		}
	}
	if at.IsZero() {
		return nil
	}
	view.Scrub.Steps = append(view.Scrub.Steps, ui.Link{Label: "Now", Href: href.History(int64(id))})
	view.Spark = view.Spark.Marked(sparkPlace(series, at, s.Now()))
	view.Moment, err = s.presentMoment(ctx, id, m)
	return err
}

// presentMoment is what was bound at a moment, and how surely.
func (s *Server) presentMoment(ctx context.Context, id fleet.PBXID, m fleet.Moment) (*views.MomentPanel, error) {
	n, err := s.names(ctx, didsOf(m.Set.Pairs(), m.Next.Added, m.Next.Removed))
	if err != nil {
		return nil, err
	}
	at, now := momentText(m.At), s.Now()
	panel := &views.MomentPanel{
		Time: ui.At(m.At, now), Count: count(m.Set.Len(), "number"),
		CSV: href.HistoryCSV(int64(id), at, "", ""), Compare: ui.Link{Label: "Compare with now", Href: href.Compare(int64(id), at, momentText(now))},
		Empty: ui.Empty{Title: "No number was bound", Text: "The list of this PBX was empty then."},
	}
	if m.Shown.ID == 0 {
		panel.Count = ""
		panel.Empty = ui.Empty{Title: "Nothing is known from then", Text: "The record of this PBX begins on " + absolute(m.Next.At()) + "."}
		if m.Next.ID == 0 {
			panel.Empty.Text = "Nothing was ever seen of this PBX."
		}
		return panel, nil
	}
	panel.Facts = []ui.Fact{
		{Label: "Since", Time: ui.At(m.Shown.At(), now)},
		{Label: "Told by", Link: ui.Link{Label: sourceWord(m.Shown.Source) + ", " + snapshotLink(m.Shown).Label, Href: snapshotLink(m.Shown).Href}},
	}
	until := ui.Fact{Label: "Until", Text: "It is so now"}
	if m.Next.ID != 0 {
		until = ui.Fact{Label: "Until", Time: ui.At(m.Next.At(), now)}
	}
	panel.Facts = append(panel.Facts, until)
	if !m.Since.IsZero() {
		panel.Doubt = "A read found another list " + between(m.Since, m.Next.SeenAt) + ". This may have been so already:"
		panel.Gone, panel.Come, panel.More = changeChips(m.Next, n)
	}
	panel.Groups = snapshotGroups(m.Set, nil, n.then(m.At))
	return panel, nil
}

// side is one of the two lists that a comparison is about.
type side struct {
	link ui.Link
	at   time.Time
	set  fleet.BindingSet
	note string // what is not certain about it
}

// sideOf reads one side of a comparison: the id of a snapshot of this PBX, or a moment.
func (s *Server) sideOf(ctx context.Context, id fleet.PBXID, text string) (side, error) {
	if _, ok := form.ID(text); ok {
		snapshot, set, err := s.setAt(ctx, id, text)
		return side{link: snapshotLink(snapshot), at: snapshot.At(), set: set}, choice(err)
	}
	at, wrong := s.pastTime(text)
	if wrong != "" {
		return side{}, fleet.Invalid("web.compare", wrong)
	}
	m, err := s.History.MomentOf(ctx, id, at)
	if err != nil {
		return side{}, err
	}
	out := side{link: ui.Link{Label: "Moment", Href: href.HistoryAt(int64(id), momentText(m.At))}, at: m.At, set: m.Set}
	switch {
	case m.Shown.ID == 0 && m.Next.ID == 0:
		out.note = "Nothing was ever seen of this PBX."
	case m.Shown.ID == 0:
		out.note = "Nothing is known from " + absolute(m.At) + ": the record of this PBX begins on " + absolute(m.Next.At()) + "."
	case !m.Since.IsZero():
		out.note = fmt.Sprintf("What was bound at %s is not certain: a read found %d added and %d removed %s.", absolute(m.At), len(m.Next.Added), len(m.Next.Removed),
			between(m.Since, m.Next.SeenAt))
	}
	return out, nil
}
