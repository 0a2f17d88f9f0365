package web

import (
	"context"
	"slices"
	"strings"
	"time"

	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// teller puts answers about numbers into words.
type teller struct {
	s    *Server
	when fleet.When
	now  time.Time
	n    names // of trunks
	// stands is how our record of each PBX stands that holds a number now; of one that held it, that
	// says nothing about then.
	stands map[fleet.PBXID]ui.Truth
}

func (s *Server) teller(when fleet.When) *teller { return &teller{s: s, when: when, now: s.Now()} }

// learn looks up what the answers need.
func (t *teller) learn(ctx context.Context, held ...fleet.Holding) (err error) {
	if t.n, err = t.s.names(ctx, nil); err != nil {
		return err
	}
	var ids []fleet.PBXID
	for _, h := range held {
		if h.To.IsZero() && !slices.Contains(ids, h.PBX) {
			ids = append(ids, h.PBX)
		}
	}
	stands, err := t.s.stands(ctx, ids)
	t.stands = make(map[fleet.PBXID]ui.Truth, len(ids))
	for i, truth := range stands {
		t.stands[ids[i]] = truth
	}
	return err
}

// line is the answer to one line of a list.
func (t *teller) line(a fleet.Whereabouts) []views.NumberAnswer {
	missing := views.NumberAnswer{Asked: short(a.Asked, longestLine), State: ui.Badge{Tone: ui.Mute, Label: "Not found"}, Sentence: "No trunk has this number."}
	switch {
	case !a.Readable:
		missing.State.Label, missing.Sentence = "Not readable", "This can't be a telephone number."
		return []views.NumberAnswer{missing}
	case len(a.Held)+len(a.Unheld) == 0:
		return []views.NumberAnswer{missing}
	}
	answers := t.held(a.Asked, a.Held)
	for _, u := range a.Unheld {
		answers = append(answers, t.unheld(a.Asked, u))
	}
	if a.More {
		answers = append(answers, views.NumberAnswer{Asked: a.Asked, State: ui.Badge{Tone: ui.Mute, Label: "And more"},
			Sentence: "More numbers begin like this.", PBX: ui.Link{Label: "Ask for it alone", Href: t.alone(a.Asked)}})
	}
	return answers
}

// alone is the same question about one line.
func (t *teller) alone(line string) string {
	text := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.Format(time.RFC3339Nano)
	}
	if t.when.From.Equal(t.when.To) {
		return href.With(href.Numbers, "number", line, "at", text(t.when.From))
	}
	return href.With(href.Numbers, "number", line, "from", text(t.when.From), "to", text(t.when.To))
}

// held are the answers for those who had a number. Of a stretch of time the gaps are answers too.
func (t *teller) held(line string, holdings []fleet.Holding) []views.NumberAnswer {
	if t.when.From.Equal(t.when.To) {
		answers := make([]views.NumberAnswer, len(holdings))
		for i, h := range holdings {
			answers[i] = t.holding(line, h)
		}
		return answers
	}
	var answers []views.NumberAnswer
	var numbers []string
	each := map[string][]fleet.Holding{}
	for _, h := range holdings {
		if each[h.Number] == nil {
			numbers = append(numbers, h.Number)
		}
		each[h.Number] = append(each[h.Number], h)
	}
	for _, number := range numbers {
		list := each[number]
		slices.SortStableFunc(list, func(a, b fleet.Holding) int { return a.From.Compare(b.From) })
		for i, h := range list {
			if i > 0 && !list[i-1].To.IsZero() && begins(h).After(list[i-1].To) {
				answers = append(answers, t.gap(line, list[i-1], h))
			}
			answers = append(answers, t.holding(line, h))
		}
	}
	return answers
}

// begins is the earliest moment at which a holding can have begun, as far as that is known.
func begins(h fleet.Holding) time.Time {
	if h.FromEarliest.IsZero() {
		return h.From
	}
	return h.FromEarliest
}

func (t *teller) holding(line string, h fleet.Holding) views.NumberAnswer {
	a := views.NumberAnswer{
		Asked: line, Number: t.s.phone(h.Number), State: ui.Badge{Tone: ui.Ok, Label: "Bound"}, PBX: ui.Link{Label: pbxTitle(h), Href: href.PBX(int64(h.PBX))},
		Trunk: h.TrunkName, DIDID: h.DID.String(), From: ui.At(h.From, t.now), FromNote: beginNote(h), To: ui.At(h.To, t.now), ToNote: endNote(h),
	}
	if !t.when.Now() {
		a.PBX.Href = href.HistoryAt(int64(h.PBX), momentText(t.seen(h)))
	}
	if h.To.IsZero() {
		a.Truth = t.stands[h.PBX]
	} else {
		a.State = ui.Badge{Tone: ui.None, Label: "Was bound"}
	}
	if h.Trunk == fleet.TrunkUnclear {
		a.Trunk = "not known"
	}
	if !h.Sure {
		a.State, a.Sentence = ui.Badge{Tone: ui.Ask, Label: "Perhaps"}, "It ended "+between(h.ToEarliest, h.To)+"."
		if t.when.To.Before(h.From) && !t.when.To.IsZero() {
			a.Sentence = "It began " + between(h.FromEarliest, h.From) + "."
		}
	}
	return a
}

// seen is a moment of the time asked about at which the holding can be looked at.
func (t *teller) seen(h fleet.Holding) time.Time {
	if t.when.From.Equal(t.when.To) {
		return t.when.From
	}
	if h.From.Before(t.when.From) {
		return t.when.From
	}
	return h.From
}

func pbxTitle(h fleet.Holding) string {
	return pbxName(fleet.PBX{ID: h.PBX, Name: h.PBXName})
}

// beginNote says how exactly a beginning is known; empty when it is.
func beginNote(h fleet.Holding) string {
	switch {
	case h.FromEarliest.IsZero():
		return "or earlier"
	case !h.FromExact:
		return between(h.FromEarliest, h.From)
	}
	return ""
}

func endNote(h fleet.Holding) string {
	if h.ToExact() {
		return ""
	}
	return between(h.ToEarliest, h.To)
}

// gap is the time between two holdings of a number.
func (t *teller) gap(line string, last, next fleet.Holding) views.NumberAnswer {
	return views.NumberAnswer{
		Asked: line, Number: t.s.phone(last.Number), DIDID: last.DID.String(), State: ui.Badge{Tone: ui.None, Label: "Nobody"},
		From: ui.At(last.To, t.now), FromNote: endNote(last), To: ui.At(next.From, t.now), ToNote: beginNote(next),
	}
}

// unheld is the answer for a number that nobody had.
func (t *teller) unheld(line string, u fleet.Unheld) views.NumberAnswer {
	a := views.NumberAnswer{
		Asked: line, Number: t.s.phone(u.Then), DIDID: u.ID.String(), State: ui.Badge{Tone: ui.None, Label: "Free"},
		Trunk: strings.Join(t.n.trunkList(u.Trunks), ", "), Sentence: "On a trunk, bound to no PBX.",
	}
	switch {
	case !t.when.Now():
		a.State, a.Sentence, a.Trunk = ui.Badge{Tone: ui.None, Label: "Nobody"}, t.aside(u), ""
		return a
	case u.Deleted:
		a.State, a.Sentence = ui.Badge{Tone: ui.Mute, Label: "Deleted"}, "Yeastar no longer lists this number."
	case u.Owner != 0:
		a.State, a.Sentence = ui.Badge{Tone: ui.Ask, Label: "Unsettled"}, "Yeastar says that a PBX has it; that PBX's own list is not read yet."
		a.PBX = ui.Link{Label: ownerName(u.NumberRow), Href: href.PBX(int64(u.Owner))}
		return a
	}
	if u.Before != nil {
		a.Sentence += " Last with " + pbxTitle(*u.Before) + ", until " + absolute(u.Before.To) + "."
	}
	return a
}

// aside says who had a number before and behind a time at which nobody had it.
func (t *teller) aside(u fleet.Unheld) string {
	words := []string{"Nobody had it then."}
	if u.Before != nil {
		words = append(words, "With "+pbxTitle(*u.Before)+" until "+absolute(u.Before.To)+".")
	}
	switch {
	case u.After != nil && u.Before == nil && u.After.FromEarliest.IsZero():
		words = []string{"Nothing is known from then: the record of " + pbxTitle(*u.After) + " begins on " + absolute(u.After.From) + "."}
	case u.After != nil:
		words = append(words, "With "+pbxTitle(*u.After)+" from "+absolute(u.After.From)+".")
	}
	if u.Then != u.Number {
		words = append(words, "Its id means "+t.s.phone(u.Number)+" now.")
	}
	return strings.Join(words, " ")
}

// momentText is a moment for an address, exact to the microsecond.
func momentText(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.999999Z07:00") }
