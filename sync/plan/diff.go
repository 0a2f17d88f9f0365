package plan

import (
	"cmp"
	"slices"

	"cordboard/sync/fleet"
)

// Diff is the steps from before to after, in reading order: what is lost first, what stays last.
// A number that only changes its trunk is one Move.
func Diff(before, after fleet.BindingSet) []Step {
	removed, added := before.Minus(after), after.Minus(before)
	var steps []Step
	for _, b := range added {
		i := slices.IndexFunc(removed, func(r fleet.Binding) bool { return r.DID == b.DID })
		if i < 0 {
			steps = append(steps, Step{Verb: Bind, Trunk: b.Trunk, DID: b.DID})
			continue
		}
		steps = append(steps, Step{Verb: Move, Trunk: b.Trunk, From: removed[i].Trunk, DID: b.DID})
		removed = slices.Delete(removed, i, i+1)
	}
	for _, b := range removed {
		steps = append(steps, Step{Verb: Unbind, Trunk: b.Trunk, DID: b.DID})
	}
	for _, b := range before.Without(before.Minus(after)...).Pairs() {
		steps = append(steps, Step{Verb: Keep, Trunk: b.Trunk, DID: b.DID})
	}
	slices.SortFunc(steps, compareSteps)
	return steps
}

// Apply is before with the steps taken: the inverse of [Diff].
func Apply(before fleet.BindingSet, steps []Step) fleet.BindingSet {
	var gone, come []fleet.Binding
	for _, s := range steps {
		switch s.Verb {
		case Unbind:
			gone = append(gone, fleet.Binding{Trunk: s.Trunk, DID: s.DID})
		case Bind:
			come = append(come, fleet.Binding{Trunk: s.Trunk, DID: s.DID})
		case Move:
			gone = append(gone, fleet.Binding{Trunk: s.From, DID: s.DID})
			come = append(come, fleet.Binding{Trunk: s.Trunk, DID: s.DID})
		case Keep:
		}
	}
	return before.Without(gone...).With(come...)
}

var readingOrder = []Verb{Unbind, Move, Bind, Keep}

func compareSteps(a, b Step) int {
	return cmp.Or(
		cmp.Compare(slices.Index(readingOrder, a.Verb), slices.Index(readingOrder, b.Verb)),
		cmp.Compare(a.Number, b.Number),
		cmp.Compare(a.Trunk, b.Trunk),
		cmp.Compare(a.DID, b.DID),
	)
}

// Count is the number of steps with the verb.
func Count(steps []Step, verb Verb) int {
	n := 0
	for _, s := range steps {
		if s.Verb == verb {
			n++
		}
	}
	return n
}
