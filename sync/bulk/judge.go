package bulk

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cordboard/sync/fleet"
)

// World is what our record says about everything that the rows name.
type World struct {
	PBXs    map[fleet.PBXID]PBX             // those that rows were placed on
	Known   map[fleet.PBXID]fleet.Known     // of the same
	Trunks  []fleet.Trunk                   // all, deleted ones included
	DIDs    map[fleet.DIDID]fleet.NumberRow // those that rows name by id, and those bound to the PBXs
	Numbers map[string][]fleet.NumberRow    // by what was typed: every number that it can mean
	Same    func(typed, number string) bool // whether two ways of writing are one number
	Show    func(number string) string      // how people read it
}

// Judge gives every placed row its verdict, and every PBX that rows name its item. A PBX with a wrong
// row is left alone, because its rows are its whole list: what could not be read would be taken away.
func Judge(rows []Verdict, w World) Review {
	j := judge{World: w, rows: slices.Clone(rows), trunks: map[fleet.TrunkID]fleet.Trunk{}, numbers: maps.Clone(w.DIDs), at: map[fleet.PBXID]int{}}
	for _, list := range w.Numbers {
		for _, n := range list {
			j.numbers[n.ID] = n
		}
	}
	var live []fleet.Trunk
	for _, t := range w.Trunks {
		j.trunks[t.ID] = t
		if !t.Deleted {
			live = append(live, t)
		}
	}
	j.byName = namesOf(live, func(t fleet.Trunk) string { return t.Name })
	for i := range j.rows {
		j.read(&j.rows[i])
	}
	j.repeats()
	j.group()
	for _, it := range j.items {
		j.weigh(it)
	}
	j.untangle()
	return Review{Rows: j.rows, Items: j.order()}
}

type judge struct {
	World
	rows    []Verdict
	trunks  map[fleet.TrunkID]fleet.Trunk
	byName  names[fleet.Trunk]
	numbers map[fleet.DIDID]fleet.NumberRow
	items   []*item
	at      map[fleet.PBXID]int // where in items each PBX is
}

// item is an item in the making.
type item struct {
	Item
	known fleet.Known
	rows  []*Verdict
	want  fleet.BindingSet
}

// read finds out which number and which trunk a placed row means.
func (j *judge) read(v *Verdict) {
	wrong := v.Word != ""
	j.readTrunk(v, !wrong)
	j.readNumber(v, !wrong)
	if wrong || v.Word != "" {
		return
	}
	if v.TrunkID == 0 && words(v.Trunk) == "" && v.Line.TrunkID == "" {
		j.inferTrunk(v)
	}
}

// readTrunk leaves TrunkID 0 for a row that says nothing, or that nobody knows it. With tell, what
// can't be found is a wrong row.
func (j *judge) readTrunk(v *Verdict, tell bool) {
	given, hasID := id[fleet.TrunkID](v.Line.TrunkID)
	t, found := j.trunks[given]
	name := words(v.Trunk)
	candidates := j.byName.find(name)
	switch {
	case name == "" && !hasID, strings.EqualFold(name, NotKnown) && !hasID:
	case found && !t.Deleted && (name == "" || strings.EqualFold(words(t.Name), name)):
		v.TrunkID = given
	case name != "" && len(candidates) == 1:
		v.TrunkID = candidates[0].ID
	case !tell:
	case name == "" && hasID, len(candidates) == 0 && name == "":
		v.fail(UnknownTrunk, fmt.Sprintf("There is no shared trunk with the id %s.", short(v.Line.TrunkID)))
	case len(candidates) == 0:
		v.fail(UnknownTrunk, fmt.Sprintf("There is no shared trunk called “%s”.", name))
	default:
		v.fail(AmbiguousTrunk, fmt.Sprintf("%d trunks are called “%s”. Give the trunk id: %s.", len(candidates), name, ids(candidates, func(t fleet.Trunk) fleet.TrunkID { return t.ID })))
	}
}

// readNumber goes by the number; the id beside it tells which one is meant where the number is what
// it was, also when a spreadsheet has eaten its plus or its zeros.
func (j *judge) readNumber(v *Verdict, tell bool) {
	given, hasID := id[fleet.DIDID](v.Line.DIDID)
	row, found := j.numbers[given]
	typed := words(v.Number)
	untouched := found && (typed == "" || j.Same(typed, row.Number) || eaten(typed) != "" && eaten(typed) == eaten(row.Number))
	var candidates []fleet.NumberRow
	if !untouched {
		candidates = j.narrow(v, j.Numbers[v.Number])
	}
	switch {
	case untouched:
		v.DIDID = given
	case len(candidates) == 1:
		v.DIDID, row = candidates[0].ID, candidates[0]
	case !tell || v.Word != "":
		return
	case typed == "" && !hasID:
		v.fail(Incomplete, "The row names no number.")
		return
	case typed == "":
		v.fail(UnknownNumber, fmt.Sprintf("There is no number with the DID id %d.", given))
		return
	case len(candidates) == 0:
		v.fail(UnknownNumber, "No trunk that Cordboard knows has this number.")
		return
	default:
		v.fail(AmbiguousNumber, fmt.Sprintf("Yeastar has this number %d times. Give the DID id: %s.", len(candidates), ids(candidates, func(n fleet.NumberRow) fleet.DIDID { return n.ID })))
		return
	}
	if row.Deleted && tell && v.Word == "" {
		v.fail(DeletedNumber, "Yeastar does not list this number any more.")
	}
}

// narrow leaves, of several numbers that a row can mean, those that are there, then those that sit on
// its trunk, then the one that its PBX has.
func (j *judge) narrow(v *Verdict, all []fleet.NumberRow) []fleet.NumberRow {
	for _, keep := range []func(fleet.NumberRow) bool{
		func(n fleet.NumberRow) bool { return !n.Deleted },
		func(n fleet.NumberRow) bool { return slices.Contains(n.Trunks, v.TrunkID) },
		func(n fleet.NumberRow) bool { return n.Owner == v.PBXID },
	} {
		var left []fleet.NumberRow
		for _, n := range all {
			if keep(n) {
				left = append(left, n)
			}
		}
		if len(left) > 0 {
			all = left
		}
	}
	return all
}

// inferTrunk gives a row that names no trunk the only one that its number can be on.
func (j *judge) inferTrunk(v *Verdict) {
	known := j.Known[v.PBXID]
	on := known.Set.TrunksOf(v.DIDID)
	if len(on) == 0 && j.unclear(v.PBXID, v.DIDID) == nil {
		on = j.numbers[v.DIDID].Trunks
	}
	switch {
	case len(on) == 1:
		v.TrunkID = on[0]
	case len(on) == 0:
	default:
		v.fail(UnclearTrunk, "The row names no trunk, and the number sits on "+orList(j.trunkNames(on))+".")
	}
}

// eaten is a number as a spreadsheet leaves it that takes it for an amount.
func eaten(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
	return strings.TrimLeft(digits, "0")
}
