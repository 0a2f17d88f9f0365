package bulk

import (
	"slices"
	"strings"

	"cordboard/sync/fleet"
)

// strays are rows that can't be placed, and whose number a PBX of the file would lose: that row may
// have been meant to keep it.
func (j *judge) strays() {
	for _, v := range j.rows {
		if v.PBXID != 0 || v.DIDID == 0 {
			continue
		}
		for _, it := range j.items {
			loses := slices.ContainsFunc(it.Unbind, func(b fleet.Binding) bool { return b.DID == v.DIDID })
			if it.Fate == Change && loses {
				it.leave("It would lose " + j.show(v.DIDID) + ", which row " + decimal(v.Row) + " names for a PBX that is not found.")
			}
		}
	}
}

// untangle leaves alone who wants numbers that nobody gives up, until nothing changes any more, and
// who exchanges numbers in a circle: nobody there can be first.
func (j *judge) untangle() {
	for changed := true; changed; {
		changed = false
		for _, it := range j.items {
			changed = j.denied(it) || changed
		}
		if changed {
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
func (j *judge) denied(it *item) bool {
	if it.Fate != Change {
		return false
	}
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
		it.leave("Row " + decimal(v.Row) + " is wrong.")
		return true
	}
	return false
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
