package bulk

import (
	"fmt"
	"slices"
	"strings"

	"cordboard/sync/fleet"
)

// repeats finds rows that say the same, and numbers that rows of two PBXs want.
func (j *judge) repeats() {
	type key struct {
		pbx   fleet.PBXID
		trunk fleet.TrunkID
		did   fleet.DIDID
	}
	first := map[key]int{}
	wanted := map[fleet.DIDID]*Verdict{}
	for i := range j.rows {
		v := &j.rows[i]
		if v.Word != "" || v.PBXID == 0 || v.DIDID == 0 {
			continue
		}
		k := key{v.PBXID, v.TrunkID, v.DIDID}
		other := wanted[v.DIDID]
		switch {
		case first[k] != 0 && v.TrunkID != fleet.TrunkUnclear:
			v.fail(Duplicate, fmt.Sprintf("Row %d says the same.", first[k]))
		case other != nil && other.PBXID != v.PBXID:
			if other.Word == "" {
				other.fail(Twice, fmt.Sprintf("Row %d wants this number for %s.", v.Row, j.pbx(v.PBXID)))
			}
			v.fail(Twice, fmt.Sprintf("Row %d wants this number for %s.", other.Row, j.pbx(other.PBXID)))
		default:
			first[k], wanted[v.DIDID] = v.Row, v
		}
	}
}

// group makes an item of every PBX that rows were placed on.
func (j *judge) group() {
	for i := range j.rows {
		v := &j.rows[i]
		if v.PBXID == 0 {
			continue
		}
		n, ok := j.at[v.PBXID]
		if !ok {
			n = len(j.items)
			j.at[v.PBXID] = n
			j.items = append(j.items, &item{Item: Item{PBX: v.PBXID, Name: words(j.PBXs[v.PBXID].Name)}, known: j.Known[v.PBXID]})
		}
		j.items[n].rows = append(j.items[n].rows, v)
		j.items[n].Rows++
	}
}

// weigh compares what a PBX's rows want with what it has.
func (j *judge) weigh(it *item) {
	var picks, want []fleet.Binding
	open := map[fleet.DIDID]bool{} // unclear, and the file leaves it at that
	for _, v := range it.rows {
		if v.Word != "" {
			continue
		}
		u, on := unclearOf(it.known, v.DIDID), it.known.Set.TrunksOf(v.DIDID)
		pair := fleet.Binding{Trunk: v.TrunkID, DID: v.DIDID}
		switch {
		case v.TrunkID == fleet.TrunkUnclear && u != nil:
			open[v.DIDID] = true
			v.fail(Kept, "Nobody knows its trunk. It stays as it is.")
		case v.TrunkID == fleet.TrunkUnclear && len(on) == 1: // it was settled after the file was made
			v.TrunkID = on[0]
			want = append(want, fleet.Binding{Trunk: on[0], DID: v.DIDID})
		case v.TrunkID == fleet.TrunkUnclear:
			v.fail(UnclearTrunk, "The row must say on which trunk.")
		case u != nil && !slices.Contains(u.Trunks, v.TrunkID):
			v.fail(UnclearTrunk, "It is bound here on a trunk that nobody knows: "+orList(j.trunkNames(u.Trunks))+". Say which of them.")
		case u != nil:
			picks = append(picks, pair)
			v.fail(Stated, "It is bound here on a trunk that nobody knew. You state that it is "+j.trunk(v.TrunkID)+".")
		default:
			want = append(want, pair)
		}
	}
	it.want = fleet.NewBindingSet(want...)
	for _, v := range it.rows {
		if v.Word == "" {
			j.compare(it, v)
		}
	}
	it.Unbind = it.known.Set.Minus(it.want)
	it.Bind = append(it.want.Minus(it.known.Set), picks...)
	it.Fate = Same
	if len(it.Bind)+len(it.Unbind) > 0 {
		it.Fate = Change
	}
	if why := j.objection(it, open, picks); why != "" {
		it.leave(why)
	}
}

// compare gives a row that wants a pair its verdict.
func (j *judge) compare(it *item, v *Verdict) {
	if it.known.Set.Has(fleet.Binding{Trunk: v.TrunkID, DID: v.DIDID}) {
		v.fail(Kept, "")
		return
	}
	n, t := j.numbers[v.DIDID], j.trunks[v.TrunkID]
	on := it.known.Set.TrunksOf(v.DIDID)
	leaves := slices.DeleteFunc(on, func(t fleet.TrunkID) bool { return it.want.Has(fleet.Binding{Trunk: t, DID: v.DIDID}) })
	region := j.PBXs[it.PBX].Region
	switch {
	case !slices.Contains(n.Trunks, v.TrunkID):
		v.fail(WrongTrunk, "It does not sit on "+j.trunk(v.TrunkID)+". "+j.sits(n))
	case t.Region != "" && region != "" && !strings.EqualFold(strings.TrimSpace(t.Region), strings.TrimSpace(region)):
		v.fail(WrongRegion, fmt.Sprintf("%s is in %s, the PBX in %s.", j.trunk(v.TrunkID), t.Region, region))
	case len(leaves) > 0 && n.Protected:
		v.fail(Protected, "The number is protected. Take its protection off first.")
	case len(leaves) > 0:
		v.fail(Move, "From "+orList(j.trunkNames(leaves))+" to "+j.trunk(v.TrunkID)+".")
	case n.Owner != 0 && n.Owner != it.PBX:
		v.From = n.Owner
		v.fail(Claim, "From "+j.owner(n)+", which gives it up first.")
		if it.Freed == nil {
			it.Freed = map[fleet.DIDID]fleet.PBXID{}
		}
		it.Freed[v.DIDID] = n.Owner
	default:
		v.fail(Bind, "To "+j.trunk(v.TrunkID)+".")
	}
}

// objection says why a PBX is left alone, or nothing.
func (j *judge) objection(it *item, open map[fleet.DIDID]bool, picks []fleet.Binding) string {
	wrong, old := it.mistakes(), false
	for _, v := range it.rows {
		mark, own := words(v.Base), v.Line.PBXID == it.PBX.String()
		old = old || own && mark != "" && mark != Base(it.known)
	}
	settled := fleet.NewBindingSet(picks...)
	var lost, mute []string
	for _, u := range it.known.Unclear {
		named := len(settled.TrunksOf(u.DID))
		switch {
		case named >= u.Picks():
		case named == 0 && !open[u.DID]:
			lost = append(lost, j.show(u.DID))
		default:
			mute = append(mute, j.show(u.DID))
		}
	}
	switch {
	case wrong != "":
		return wrong
	case it.known.Certainty != fleet.CertaintyExact && it.known.Certainty != fleet.CertaintyAmbiguous:
		return "Its bindings were not read yet."
	case len(lost) > 0:
		return "It has " + Few(lost) + " on a trunk that nobody knows, and the file has no row for that. Nothing is taken away whose trunk is not known."
	case it.Fate == Change && len(mute) > 0:
		return "Nobody knows the trunk of " + Few(mute) + ". Write it in the row: nothing else can be written before."
	case it.Fate == Change && old:
		return "Its bindings changed after this file was made. Export them again, or empty the column “" + ColumnBase + "” to hold the rows against what is there now."
	}
	return j.shielded(it)
}

// shielded says which protected numbers a PBX would lose.
func (j *judge) shielded(it *item) string {
	var list []string
	for _, b := range it.Unbind {
		if j.numbers[b.DID].Protected {
			list = append(list, j.show(b.DID))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "The file has no row for " + Few(list) + ", and protected numbers are not taken away."
}

func (it *item) leave(why string) { it.Fate, it.Sentence = Left, why }

func (j *judge) unclear(pbx fleet.PBXID, did fleet.DIDID) *fleet.Unclear {
	return unclearOf(j.Known[pbx], did)
}

func unclearOf(known fleet.Known, did fleet.DIDID) *fleet.Unclear {
	i := slices.IndexFunc(known.Unclear, func(u fleet.Unclear) bool { return u.DID == did })
	if i < 0 {
		return nil
	}
	return &known.Unclear[i]
}
