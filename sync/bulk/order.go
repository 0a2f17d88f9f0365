package bulk

import (
	"slices"
	"strings"

	"cordboard/sync/fleet"
)

// strays are rows that nothing will come of, because they can't be placed or their PBX is left alone,
// and whose number another PBX of the file would lose: it would ring nowhere.
func (j *judge) strays() (changed bool) {
	losers := map[fleet.DIDID]*item{}
	for _, it := range j.items {
		for _, b := range it.Unbind {
			losers[b.DID] = it
		}
	}
	for i := range j.rows {
		v := &j.rows[i]
		n, placed := j.at[v.PBXID]
		if v.DIDID == 0 || placed && j.items[n].Fate != Left {
			continue
		}
		it := losers[v.DIDID]
		if it == nil || it.Fate != Change || it.PBX == v.PBXID {
			continue
		}
		changed = true
		if placed {
			it.leave("It would give up " + j.show(v.DIDID) + " for " + j.items[n].Name + ", which is left alone.")
		} else {
			it.leave("It would lose " + j.show(v.DIDID) + ", which row " + decimal(v.Row) + " names for a PBX that is not found.")
		}
	}
	return changed
}

// untangle leaves alone who wants numbers that nobody gives up, until nothing changes any more, and
// who exchanges numbers in a circle: nobody there can be first.
func (j *judge) untangle() {
	for changed := true; changed; {
		changed = false
		for _, it := range j.items {
			changed = j.denied(it) || changed
		}
		if changed = j.strays() || changed; changed {
			continue
		}
		for _, it := range j.items {
			if circle := j.circle(it); it.Fate == Change && len(circle) > 0 {
				for _, c := range circle {
					c.leave("It exchanges numbers in a circle: " + j.names(circle) + ". Take them away by one file and bind them by a second.")
				}
				changed = true
				break
			}
		}
	}
}

// denied leaves a PBX alone that wants a number which its owner does not give up.
func (j *judge) denied(it *item) (changed bool) {
	before := it.mistakes()
	for _, v := range it.rows {
		if v.Word != Claim {
			continue
		}
		n, ok := j.at[v.From]
		switch {
		case ok && j.items[n].gives(v.DIDID):
			continue
		case ok && j.items[n].Fate == Left:
			v.fail(Taken, j.pbx(v.From)+" has it, and is left alone.")
		default:
			v.fail(Taken, j.owner(j.numbers[v.DIDID])+" has it. Only a move can take it from there, or a file in which that PBX has rows, and none for this number.")
		}
		changed = true
	}
	if changed && (it.Fate == Change || it.Sentence == before) {
		it.leave(it.mistakes())
	}
	return changed
}

// mistakes says which rows of a PBX are wrong, or nothing.
func (it *item) mistakes() string {
	var wrong []string
	for _, v := range it.rows {
		if v.Word.Wrong() {
			wrong = append(wrong, decimal(v.Row))
		}
	}
	switch len(wrong) {
	case 0:
		return ""
	case 1:
		return "Row " + wrong[0] + " is wrong."
	}
	return decimal(len(wrong)) + " of its rows are wrong: rows " + Few(wrong) + "."
}

// gives reports whether a PBX gives a number up.
func (it *item) gives(did fleet.DIDID) bool {
	return it.Fate == Change && len(it.want.TrunksOf(did)) == 0 && len(it.known.Set.TrunksOf(did)) > 0
}

// circle is the PBXs on a way from it over those whose numbers it wants and back, or nothing.
func (j *judge) circle(it *item) []*item {
	seen := map[fleet.PBXID]bool{}
	var walk func(at *item, way []*item) []*item
	walk = func(at *item, way []*item) []*item {
		for _, from := range at.After() {
			n, ok := j.at[from]
			switch {
			case from == it.PBX:
				return way
			case !ok || seen[from]:
				continue
			}
			seen[from] = true
			if found := walk(j.items[n], append(slices.Clone(way), j.items[n])); found != nil {
				return found
			}
		}
		return nil
	}
	return walk(it, []*item{it})
}

// order puts who gives a number up before who takes it, and leaves the order of the file else.
func (j *judge) order() []Item {
	var list []Item
	done := map[fleet.PBXID]bool{}
	var add func(*item)
	add = func(it *item) {
		if done[it.PBX] {
			return
		}
		done[it.PBX] = true
		if it.Fate == Change {
			for _, from := range it.After() {
				if n, ok := j.at[from]; ok {
					add(j.items[n])
				}
			}
		}
		list = append(list, it.Item)
	}
	for _, it := range j.items {
		add(it)
	}
	return list
}

func (j *judge) names(items []*item) string {
	list := make([]string, len(items))
	for i, it := range items {
		list[i] = it.Name
	}
	return strings.Join(list, ", ")
}
