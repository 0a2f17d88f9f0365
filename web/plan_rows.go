package web

import (
	"fmt"
	"slices"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/views"
)

func sign(v plan.Verb) string {
	switch v {
	case plan.Unbind:
		return "−"
	case plan.Move:
		return "→"
	case plan.Bind:
		return "+"
	}
	return "="
}

// plannedWords say what a plan does, comparedWords what lies between two snapshots.
func plannedWords(v plan.Verb) string {
	switch v {
	case plan.Unbind:
		return "Unbind"
	case plan.Move:
		return "Move"
	case plan.Bind:
		return "Bind"
	}
	return "Keep"
}

func comparedWords(v plan.Verb) string {
	switch v {
	case plan.Unbind:
		return "Removed"
	case plan.Move:
		return "Moved"
	case plan.Bind:
		return "Added"
	}
	return "Same"
}

// planRows are the steps as a table: what changes, and apart from it what stays.
func planRows(steps []plan.Step, n names, word func(plan.Verb) string) (changes, keep []views.PlanRow) {
	for _, step := range steps {
		row := views.PlanRow{
			Verb: string(step.Verb), Sign: sign(step.Verb), Word: word(step.Verb), DIDID: step.DID.String(),
			Number: stepNumber(step, n), Shield: n.numbers[step.DID].Protected,
		}
		switch step.Verb {
		case plan.Unbind:
			row.Before = stepTrunk(step, n)
		case plan.Bind:
			row.After = stepTrunk(step, n)
		case plan.Move:
			row.Before, row.After = n.trunk(step.From), stepTrunk(step, n)
		case plan.Keep:
			row.Before, row.After = stepTrunk(step, n), stepTrunk(step, n)
			keep = append(keep, row)
			continue
		}
		changes = append(changes, row)
	}
	return changes, keep
}

// stepNumber is the number that the plan was made with; a plan reads the same years later.
func stepNumber(step plan.Step, n names) string {
	if step.Number != "" {
		return n.phone(step.Number)
	}
	return n.number(step.DID)
}

func stepTrunk(step plan.Step, n names) string {
	if step.TrunkName != "" {
		return step.TrunkName
	}
	return n.trunk(step.Trunk)
}

func planCounts(steps []plan.Step) []views.PlanCount {
	var counts []views.PlanCount
	for _, v := range []plan.Verb{plan.Unbind, plan.Move, plan.Bind, plan.Keep} {
		if k := plan.Count(steps, v); k > 0 {
			counts = append(counts, views.PlanCount{Verb: string(v), Sign: sign(v), Count: thousands(k), Word: string(v)})
		}
	}
	return counts
}

// headerRows compare the custom SIP headers before and after. Values that nobody knew before say so.
func headerRows(h plan.HeaderChange, n names) []views.PlanHeaderRow {
	if !h.Send {
		return nil
	}
	type key struct {
		trunk  fleet.TrunkID
		header fleet.HeaderID
	}
	var keys []key
	for _, v := range slices.Concat(h.Before.List(), h.After.List()) {
		if k := (key{v.Trunk, v.Header}); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	var rows []views.PlanHeaderRow
	for _, k := range keys {
		row := views.PlanHeaderRow{Trunk: n.trunk(k.trunk), Name: n.header(k.trunk, k.header),
			Before: headerValue(h.Before, k.trunk, k.header), After: headerValue(h.After, k.trunk, k.header)}
		verb := plan.Keep
		switch {
		case !h.Before.Known:
			row.Before, verb = "not known", plan.Bind
		case row.Before == "":
			verb = plan.Bind
		case row.After == "":
			verb = plan.Unbind
		case row.Before != row.After:
			verb = plan.Move
		}
		row.Verb, row.Sign, row.Word = string(verb), sign(verb), headerWord(verb)
		rows = append(rows, row)
	}
	return rows
}

func headerWord(v plan.Verb) string {
	switch v {
	case plan.Bind:
		return "Set"
	case plan.Unbind:
		return "Remove"
	case plan.Move:
		return "Change"
	}
	return "Keep"
}

// header is what the trunk calls one of its custom SIP headers.
func (n names) header(trunk fleet.TrunkID, id fleet.HeaderID) string {
	for _, def := range n.trunks[trunk].Headers.List {
		if def.ID == id {
			return headerName(def)
		}
	}
	return fmt.Sprintf("header %d", id)
}
