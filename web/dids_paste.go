package web

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cordboard/sync/fleet"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// lineState is what a pasted line turned out to be.
type lineState string

const (
	lineFree    lineState = "free"    // can be bound; on several trunks: once one is chosen
	lineUnclear lineState = "unclear" // is here, on a trunk that nobody knows
	lineHere    lineState = "here"    // is bound here already
	lineTaken   lineState = "taken"   // another PBX has it
	lineStuck   lineState = "stuck"   // exists, but on no trunk that this PBX can use
	lineDeleted lineState = "deleted"
	lineTwice   lineState = "twice" // could mean several numbers
	lineLost    lineState = "lost"  // no trunk has it
)

// verdict says what one pasted line is.
type verdict struct {
	line  string
	state lineState
	row   fleet.NumberRow
	pairs []fleet.Binding // where it could be bound
	also  []string        // for lineTwice: the numbers that it could mean
}

const (
	longestLine = 64 // characters that a number may have
	manyFound   = 20 // numbers that a line is compared with
)

// judgeLines resolves the pasted list, and puts before it the numbers that are already here but
// whose trunk is not known, so that the operator can say which it is.
func (s *Server) judgeLines(ctx context.Context, b *bench) ([]verdict, error) {
	var list []verdict
	for _, u := range b.known.Unclear {
		row := b.n.numbers[u.DID]
		row.ID = u.DID
		list = append(list, verdict{line: b.n.number(u.DID), state: lineUnclear, row: row, pairs: pairsOn(u.DID, u.Trunks)})
	}
	for _, line := range b.typed.Lines() {
		v, err := s.judgeLine(ctx, b, line)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func (s *Server) judgeLine(ctx context.Context, b *bench, line string) (verdict, error) {
	v := verdict{line: line, state: lineLost}
	if len([]rune(line)) > longestLine {
		return v, nil
	}
	found, err := s.Search.FindDIDs(ctx, line, manyFound)
	if err != nil {
		return v, err
	}
	found = slices.DeleteFunc(found, func(row fleet.NumberRow) bool { return !s.Phone.Same(line, row.Number) })
	if live := slices.DeleteFunc(slices.Clone(found), func(row fleet.NumberRow) bool { return row.Deleted }); len(live) > 0 {
		found = live
	}
	switch len(found) {
	case 0:
		return v, nil
	case 1:
		v.row = found[0]
		v.state, v.pairs = b.judge(found[0])
		return v, nil
	}
	v.state = lineTwice
	for _, row := range found {
		v.also = append(v.also, fmt.Sprintf("%s (DID %d)", s.phone(row.Number), row.ID))
	}
	return v, nil
}

// judge says whether a number can be bound to the PBX, and where.
func (b *bench) judge(row fleet.NumberRow) (lineState, []fleet.Binding) {
	unclear := slices.ContainsFunc(b.known.Unclear, func(u fleet.Unclear) bool { return u.DID == row.ID })
	switch {
	case len(b.known.Set.TrunksOf(row.ID)) > 0, unclear:
		return lineHere, nil
	case row.Deleted:
		return lineDeleted, nil
	case row.Owner != 0 && row.Owner != b.row.ID:
		return lineTaken, nil
	}
	var usable []fleet.TrunkID
	for _, id := range row.Trunks {
		if b.reaches(id) {
			usable = append(usable, id)
		}
	}
	if len(usable) == 0 {
		return lineStuck, nil
	}
	return lineFree, pairsOn(row.ID, usable)
}

// reaches reports whether the PBX can use a trunk: one that is there, and not in another region.
func (b *bench) reaches(id fleet.TrunkID) bool {
	t, ok := b.n.trunks[id]
	return ok && !t.Deleted && (t.Region == "" || b.row.Region == "" || strings.EqualFold(strings.TrimSpace(t.Region), strings.TrimSpace(b.row.Region)))
}

func pairsOn(did fleet.DIDID, trunks []fleet.TrunkID) []fleet.Binding {
	pairs := make([]fleet.Binding, len(trunks))
	for i, t := range trunks {
		pairs[i] = fleet.Binding{Trunk: t, DID: did}
	}
	return pairs
}

// open reports whether a line still needs a choice between trunks.
func (b *bench) open(v verdict) bool {
	return v.state == lineFree && len(v.pairs) > 1 && !slices.ContainsFunc(v.pairs, func(p fleet.Binding) bool { return slices.Contains(b.typed.Bind, p) })
}

// wrongLines are the pasted lines of which no plan can be made. Numbers that are here already are
// no mistake: there is nothing to do for them.
func (b *bench) wrongLines() []fleet.Field {
	var fields []fleet.Field
	for _, v := range b.verdicts {
		if v.state == lineHere || v.state == lineUnclear || v.state == lineFree && !b.open(v) {
			continue
		}
		_, sentence := b.lineWords(v)
		fields = append(fields, fleet.Field{Name: "numbers", Rule: v.line + ": " + strings.TrimSuffix(sentence, " by") + "."})
	}
	return fields
}

// lineWords are a verdict's badge and sentence; a sentence about another PBX ends before its name.
func (b *bench) lineWords(v verdict) (ui.Badge, string) {
	switch v.state {
	case lineFree:
		if len(v.pairs) > 1 {
			return ui.Badge{Tone: ui.Ask, Label: "Which trunk?"}, "sits on several trunks: choose where to bind it"
		}
		return ui.Badge{Tone: ui.Ok, Label: "Free"}, "will be bound on " + b.n.trunk(v.pairs[0].Trunk)
	case lineUnclear:
		return ui.Badge{Tone: ui.Ask, Label: "Which trunk?"}, "is bound here, on a trunk that nobody knows: say which"
	case lineHere:
		return ui.Badge{Tone: ui.Mute, Label: "Already here"}, "is bound here on " + joinOr(b.n.trunkList(b.known.Set.TrunksOf(v.row.ID)))
	case lineTaken:
		return ui.Badge{Tone: ui.Bad, Label: "Taken"}, "is bound to " + ownerName(v.row) + ", and only a move may take it from there"
	case lineStuck:
		return ui.Badge{Tone: ui.Bad, Label: "Out of reach"}, "sits on no trunk that this PBX can use"
	case lineDeleted:
		return ui.Badge{Tone: ui.Mute, Label: "Deleted"}, "is no longer listed by Yeastar"
	case lineTwice:
		return ui.Badge{Tone: ui.Ask, Label: "Ambiguous"}, "could mean " + joinOr(v.also)
	}
	return ui.Badge{Tone: ui.Ask, Label: "Not found"}, "is on no trunk that Cordboard knows"
}

func (b *bench) pastePanel() views.PastePanel {
	panel := views.PastePanel{Text: b.typed.Numbers}
	tally, undecided := map[lineState]int{}, 0
	for _, v := range b.verdicts {
		if b.open(v) {
			undecided++
		} else {
			tally[v.state]++
		}
		badge, sentence := b.lineWords(v)
		view := views.PasteVerdict{Line: short(v.line, longestLine), State: badge, Sentence: strings.ToUpper(sentence[:1]) + sentence[1:] + "."}
		if v.state == lineTaken {
			view.Owner = ui.Link{Label: "Open " + ownerName(v.row), Href: href.PBX(int64(v.row.Owner))}
			view.Move = ui.Link{Label: "Move it here", Href: href.MoveTo(int64(v.row.Owner), int64(b.row.ID), int64(v.row.ID))}
		}
		if len(v.pairs) > 1 || v.state == lineUnclear {
			for _, p := range v.pairs {
				view.Choices = append(view.Choices, views.Choice{Pair: pairText(p), Label: b.n.trunk(p.Trunk), Checked: slices.Contains(b.typed.Bind, p)})
			}
		}
		panel.Verdicts = append(panel.Verdicts, view)
	}
	for _, f := range b.wrong {
		if f.Name == "numbers" {
			panel.Error = "Some of these lines can't be bound: see below."
		}
	}
	panel.Summary = pasteSummary(tally, undecided)
	return panel
}

func pasteSummary(tally map[lineState]int, undecided int) string {
	var parts []string
	for _, part := range []struct {
		n    int
		text string
	}{
		{tally[lineFree], "can be bound"}, {undecided, "needs a trunk"}, {tally[lineHere], "already here"}, {tally[lineTaken], "taken"}, {tally[lineTwice], "ambiguous"},
		{tally[lineStuck] + tally[lineDeleted], "out of reach"}, {tally[lineLost], "not found"},
	} {
		if part.n > 0 {
			parts = append(parts, thousands(part.n)+" "+part.text)
		}
	}
	return strings.Join(parts, ", ")
}

// pairText is the form value of a pair.
func pairText(b fleet.Binding) string { return href.Pair(int64(b.Trunk), int64(b.DID)) }
