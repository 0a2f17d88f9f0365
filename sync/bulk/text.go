package bulk

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"cordboard/sync/fleet"
)

func decimal(n int) string { return strconv.Itoa(n) }

// short keeps hostile input from filling the page that complains about it.
func short(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}

// Few lists at most five things: "2, 5 and 9".
func Few(list []string) string {
	const most = 5
	if len(list) > most {
		return strings.Join(list[:most], ", ") + fmt.Sprintf(" and %d more", len(list)-most)
	}
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// show is a number as people read it.
func (j *judge) show(did fleet.DIDID) string {
	if n := j.numbers[did]; n.Number != "" {
		return j.Show(n.Number)
	}
	return "DID " + did.String()
}

func (j *judge) trunk(id fleet.TrunkID) string {
	return cmp.Or(words(j.trunks[id].Name), "trunk "+id.String())
}

func (j *judge) trunkNames(ids []fleet.TrunkID) []string {
	list := make([]string, len(ids))
	for i, t := range ids {
		list[i] = j.trunk(t)
	}
	return list
}

func (j *judge) sits(n fleet.NumberRow) string {
	if len(n.Trunks) == 0 {
		return "It sits on no trunk."
	}
	return "It sits on " + orList(j.trunkNames(n.Trunks)) + "."
}

func (j *judge) pbx(id fleet.PBXID) string {
	return cmp.Or(words(j.PBXs[id].Name), "PBX "+id.String())
}

func (j *judge) owner(n fleet.NumberRow) string {
	return cmp.Or(words(n.OwnerName), j.pbx(n.Owner))
}
