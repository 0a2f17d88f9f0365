package web

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/views/ui"
)

func outcomeBadge(o audit.Outcome) ui.Badge {
	switch o {
	case audit.Intended:
		return ui.Badge{Tone: ui.Busy, Label: "Intended"}
	case audit.Succeeded:
		return ui.Badge{Tone: ui.Ok, Label: "Succeeded"}
	case audit.Diverged:
		return ui.Badge{Tone: ui.Bad, Label: "Diverged"}
	case audit.Failed:
		return ui.Badge{Tone: ui.Bad, Label: "Failed"}
	case audit.Refused:
		return ui.Badge{Tone: ui.Warn, Label: "Refused"}
	}
	return ui.Badge{Tone: ui.Ask, Label: "Unknown"}
}

// actWords say an act as a sentence's end: "made the plan".
func actWords(e audit.Entry) string {
	switch e.Action {
	case audit.PlanCreate:
		return "made the plan"
	case audit.PlanConfirm:
		return "confirmed it"
	case audit.BindingsUpdate:
		if e.Outcome == audit.Refused {
			return "was refused: nothing was written"
		}
		return "wrote the bindings: " + string(e.Outcome)
	case audit.TrunkUpdate:
		return "wrote the trunk: " + string(e.Outcome)
	case audit.PBXAccess:
		return "said how it is reached: " + string(e.Outcome)
	case audit.PlanRecover:
		return "settled it: " + string(e.Outcome)
	case audit.PlanDiscard:
		return "gave it up"
	case audit.NumberProtect:
		if bytes.Contains(e.After, []byte("true")) {
			return "protected it"
		}
		return "lifted its protection"
	case audit.DriftAdopt:
		return "adopted what was changed outside"
	case audit.DeliveryReplay:
		return "had it digested again"
	case audit.UserCreate:
		return "made this user"
	case audit.YeastarRetry:
		return "tried to sign in again: " + string(e.Outcome)
	}
	return string(e.Action) + ": " + string(e.Outcome)
}

// stateChange tells what an act changed: for bindings only the pairs that differ, because whole
// lists would bury them; the export and the API have them whole.
func stateChange(e audit.Entry) (sentence, before, after string) {
	type state struct {
		Bindings *fleet.BindingSet `json:"bindings"`
		Trunk    string            `json:"trunk_name"` // of one of the PBX's own trunks
		Fields   map[string]string `json:"fields"`
	}
	var was, is state
	if json.Unmarshal(e.Before, &was) == nil && json.Unmarshal(e.After, &is) == nil && is.Trunk != "" && len(is.Fields) > 0 {
		return "trunk " + was.Trunk, settingLinesOf(was.Fields), settingLinesOf(is.Fields)
	}
	if json.Unmarshal(e.Before, &was) != nil || json.Unmarshal(e.After, &is) != nil || was.Bindings == nil || is.Bindings == nil {
		return "", compact(e.Before), compact(e.After)
	}
	removed, added := was.Bindings.Minus(*is.Bindings), is.Bindings.Minus(*was.Bindings)
	done := e.Outcome == audit.Succeeded && (e.Action == audit.BindingsUpdate || e.Action == audit.PlanRecover)
	return actSentence(done, len(removed), len(added)), pairLines(removed), pairLines(added)
}

// settingLinesOf are settings of a trunk, one a line.
func settingLinesOf(fields map[string]string) string {
	lines := make([]string, 0, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		lines = append(lines, name+": "+orEmpty(strings.ReplaceAll(fields[name], "\n", "; ")))
	}
	return strings.Join(lines, "\n")
}

// actSentence keeps apart what was done from what was only meant.
func actSentence(done bool, removed, added int) string {
	words := []string{"unbind", "bind"}
	if done {
		words = []string{"unbound", "bound"}
	}
	var parts []string
	for i, n := range []int{removed, added} {
		if n > 0 {
			parts = append(parts, words[i]+" "+count(n, "number"))
		}
	}
	switch {
	case len(parts) == 0:
		return "No number changes its place."
	case done:
		return strings.ToUpper(parts[0][:1]) + strings.Join(parts, " and ")[1:] + "."
	}
	return "Meant to " + strings.Join(parts, " and ") + "."
}

// shownPairs bounds the pairs that a row of the record lists.
const shownPairs = 30

// pairLines is one line for each trunk: "6681: 50036 50044".
func pairLines(pairs []fleet.Binding) string {
	var lines []string
	for _, g := range byTrunk(fleet.NewBindingSet(pairs[:min(len(pairs), shownPairs)]...)) {
		line := g.trunk.String() + ":"
		for _, did := range g.dids {
			line += " " + did.String()
		}
		lines = append(lines, line)
	}
	if rest := len(pairs) - shownPairs; rest > 0 {
		lines = append(lines, "and "+thousands(rest)+" more")
	}
	return strings.Join(lines, "\n")
}

func compact(text json.RawMessage) string {
	var buf bytes.Buffer
	if len(text) == 0 || json.Compact(&buf, text) != nil {
		return ""
	}
	return short(buf.String(), 400)
}
