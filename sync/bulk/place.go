package bulk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cordboard/sync/fleet"
)

// PBX is one of our record.
type PBX struct {
	fleet.PBX
	Gone bool
}

// Place says of which PBX every line is: by its id where the name beside it is that PBX's, else by
// its name, which is what people edit. Rows that can't be placed have a wrong verdict.
func Place(lines []Line, pbxs []PBX) []Verdict {
	byID := make(map[fleet.PBXID]PBX, len(pbxs))
	byName := namesOf(pbxs, func(p PBX) string { return p.Name })
	for _, p := range pbxs {
		byID[p.ID] = p
	}
	rows := make([]Verdict, len(lines))
	for i, l := range lines {
		rows[i] = Verdict{Line: l}
		rows[i].place(byID, byName)
	}
	return rows
}

func (v *Verdict) place(byID map[fleet.PBXID]PBX, byName names[PBX]) {
	given, hasID := id[fleet.PBXID](v.Line.PBXID)
	known, found := byID[given]
	name := words(v.Line.PBX)
	switch candidates := byName.find(name); {
	case name == "" && !hasID:
		v.fail(Incomplete, "The row names no PBX.")
	case name == "" && !found:
		v.fail(UnknownPBX, fmt.Sprintf("There is no PBX with the id %d.", given))
	case name == "", found && strings.EqualFold(words(known.Name), name):
		v.settle(known)
	case len(candidates) == 1:
		v.settle(candidates[0])
	case len(candidates) > 1:
		v.fail(AmbiguousPBX, fmt.Sprintf("%d PBXs are called “%s”. Give the PBX id: %s.", len(candidates), name, ids(candidates, func(p PBX) fleet.PBXID { return p.ID })))
	case found:
		v.fail(UnknownPBX, fmt.Sprintf("There is no PBX called “%s”. The PBX %d is called “%s”.", name, given, words(known.Name)))
	default:
		v.fail(UnknownPBX, fmt.Sprintf("There is no PBX called “%s”.", name))
	}
	if v.Fault != "" {
		v.fail(v.Fault, faultWords(v.Fault))
	}
}

func (v *Verdict) settle(p PBX) {
	v.PBXID = p.ID
	if p.Gone {
		v.fail(GonePBX, "This PBX does not exist any more.")
	}
}

func (v *Verdict) fail(word VerdictWord, sentence string) { v.Word, v.Sentence = word, sentence }

func faultWords(fault VerdictWord) string {
	switch fault {
	case Formula:
		return "A cell of it is a formula. Write what it stands for."
	case Rounded:
		return "A number in it was turned into a rounded one by the spreadsheet. Format the column as text and write the number again."
	}
	return "It has more cells than there are headings: a separator inside of a value must stand in quotes."
}

// names finds things by what they are called: exactly, else without regard to case.
type names[T any] struct{ exact, folded map[string][]T }

func namesOf[T any](all []T, name func(T) string) names[T] {
	n := names[T]{map[string][]T{}, map[string][]T{}}
	for _, t := range all {
		exact := words(name(t))
		folded := strings.ToLower(exact)
		n.exact[exact] = append(n.exact[exact], t)
		n.folded[folded] = append(n.folded[folded], t)
	}
	return n
}

func (n names[T]) find(name string) []T {
	if found := n.exact[name]; len(found) > 0 {
		return found
	}
	return n.folded[strings.ToLower(name)]
}

const shownIDs = 5

// ids lists a few ids: "4808, 4809 or 4810".
func ids[T any, ID fmt.Stringer](all []T, of func(T) ID) string {
	var list []string
	for _, t := range all[:min(len(all), shownIDs)] {
		list = append(list, of(t).String())
	}
	if len(all) > shownIDs {
		return strings.Join(list, ", ") + " …"
	}
	return orList(list)
}

// orList is "A", "A or B", "A, B or C".
func orList(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

func sorted[T cmp.Ordered](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}
