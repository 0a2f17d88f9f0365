package plan

import (
	"fmt"
	"strings"

	"cordboard/sync/fleet"
)

// Effect is what confirming would do, in the words of its button: "Unbind 1 and bind 2 numbers
// on Acme HQ".
func (p Plan) Effect() string {
	if p.Edit != nil {
		return p.effectOfEdit()
	}
	if p.Clear {
		return "Clear " + every(numbersIn(p.Steps)) + " of " + p.PBXName
	}
	var parts []string
	last := 0
	for _, v := range []struct {
		verb Verb
		word string
	}{{Unbind, "unbind"}, {Move, "move"}, {Bind, "bind"}} {
		if n := Count(p.Steps, v.verb); n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", v.word, n))
			last = n
		}
	}
	switch {
	case len(parts) > 0:
		text := join(parts) + " " + plural(last, "number") + " on " + p.PBXName
		return strings.ToUpper(text[:1]) + text[1:]
	case len(p.Stated) == 0 && p.Headers.Send && !p.Headers.Before.Equal(p.Headers.After):
		return "Set the custom SIP headers of " + p.PBXName
	}
	return "Settle the trunks of the numbers of " + p.PBXName
}

// numbersIn counts the numbers that steps name; one on two trunks counts once.
func numbersIn(steps []Step) int {
	dids := map[fleet.DIDID]bool{}
	for _, s := range steps {
		dids[s.DID] = true
	}
	return len(dids)
}

// Moved tells what is there now against what a plan was made on, as steps from one to the other.
func Moved(expected, found fleet.BindingSet, names func([]Step) []Step) []Step {
	var moved []Step
	for _, s := range Diff(expected, found) {
		if s.Verb != Keep {
			moved = append(moved, s)
		}
	}
	return names(moved)
}

// Sum counts what steps do, in words: "2 numbers were added and 1 was removed".
func Sum(steps []Step) string {
	var parts []string
	for _, v := range []struct {
		verb Verb
		word string
	}{{Unbind, "removed"}, {Move, "moved to another trunk"}, {Bind, "added"}} {
		switch n := Count(steps, v.verb); n {
		case 0:
		case 1:
			parts = append(parts, "1 number was "+v.word)
		default:
			parts = append(parts, fmt.Sprintf("%d numbers were %s", n, v.word))
		}
	}
	if len(parts) == 0 {
		return "nothing moved"
	}
	return join(parts)
}

func join(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

func every(n int) string {
	if n == 1 {
		return "the only number"
	}
	return fmt.Sprintf("all %d numbers", n)
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
