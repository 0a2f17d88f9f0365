package web

import (
	"slices"

	"cordboard/sync/job"
	"cordboard/views/href"
	"cordboard/views/ui"
)

// jobStates are the states in the order in which the list offers them.
func jobStates() []job.State {
	return []job.State{job.Running, job.NeedsAttention, job.Done, job.Failed}
}

func jobKinds() []job.Kind {
	return []job.Kind{job.MoveNumbers, job.BulkBindings, job.EditTrunks, job.CreatePBXs, job.CreatePBX, job.ChangePBX}
}

// stepStates are the states of steps in the order in which people should look at them.
func stepStates() []job.StepState {
	return []job.StepState{job.StepAttention, job.StepFailed, job.StepRunning, job.StepWaiting, job.StepSkipped, job.StepDone}
}

func jobBadge(state job.State) ui.Badge {
	switch state {
	case job.Running:
		return ui.Badge{Tone: ui.Busy, Label: "Running"}
	case job.Done:
		return ui.Badge{Tone: ui.Ok, Label: "Done"}
	case job.Failed:
		return ui.Badge{Tone: ui.Bad, Label: "Failed"}
	}
	return ui.Badge{Tone: ui.Ask, Label: "Needs attention"}
}

func stepBadge(state job.StepState) ui.Badge {
	switch state {
	case job.StepRunning:
		return ui.Badge{Tone: ui.Busy, Label: "Running"}
	case job.StepDone:
		return ui.Badge{Tone: ui.Ok, Label: "Done"}
	case job.StepFailed:
		return ui.Badge{Tone: ui.Bad, Label: "Failed"}
	case job.StepSkipped:
		return ui.Badge{Tone: ui.Mute, Label: "Skipped"}
	case job.StepAttention:
		return ui.Badge{Tone: ui.Ask, Label: "Needs attention"}
	}
	return ui.Badge{Label: "Waiting"}
}

func kindOfJob(kind job.Kind) string {
	switch kind {
	case job.MoveNumbers:
		return "Move"
	case job.BulkBindings:
		return "Spreadsheet"
	case job.EditTrunks:
		return "Fleet-wide edit"
	case job.CreatePBX:
		return "New PBX"
	case job.CreatePBXs:
		return "New PBXs"
	case job.ChangePBX:
		return "Life of a PBX"
	}
	return string(kind)
}

// jobSentence stands where a job says nothing of its own.
func jobSentence(state job.State) string {
	switch state {
	case job.Running:
		return "It is under way."
	case job.Done:
		return "Everything that was asked for is done."
	case job.Failed:
		return "It ended before everything was done."
	}
	return "Somebody must decide how it goes on."
}

func countSteps(j job.Job) map[job.StepState]int {
	counts := map[job.StepState]int{}
	for _, step := range j.Steps {
		counts[step.State]++
	}
	return counts
}

// jobBar draws a job's steps by state, what is done first. Each share leads to its steps.
func jobBar(j job.Job, only job.StepState) ui.Bar {
	counts := countSteps(j)
	bar := ui.Bar{Label: "Steps"}
	states := stepStates()
	slices.Reverse(states)
	for _, state := range states {
		if counts[state] == 0 {
			continue
		}
		badge := stepBadge(state)
		bar.Segments = append(bar.Segments, ui.Segment{Tone: badge.Tone, Label: badge.Label, Count: counts[state], Current: state == only,
			Href: href.With(href.Job(string(j.ID)), "steps", string(state))})
	}
	return bar
}

const (
	fewSteps  = 20 // so many are shown as they come
	partShown = 50 // of a longer job: the steps of one state
)

// stepPart is a part of a job's steps.
type stepPart struct {
	title string // empty: shown unfolded
	state job.StepState
	steps []job.Step
	left  int // how many were left out
}

// partSteps keeps the page of a long job small: what needs somebody, failed or runs comes first, and
// the rest is folded. Asked for one state alone, it gives all steps of that state.
func partSteps(steps []job.Step, only job.StepState) []stepPart {
	if slices.Contains(stepStates(), only) {
		return []stepPart{{state: only, steps: inState(steps, only)}}
	}
	if len(steps) == 0 {
		return nil
	}
	if len(steps) <= fewSteps {
		return []stepPart{{steps: steps}}
	}
	var parts []stepPart
	for _, state := range stepStates() {
		part := stepPart{state: state, steps: inState(steps, state)}
		n := len(part.steps)
		if n == 0 {
			continue
		}
		if state == job.StepWaiting || state == job.StepSkipped || state == job.StepDone {
			part.title = count(n, "step") + ": " + stepBadge(state).Label
		}
		part.steps, part.left = part.steps[:min(n, partShown)], max(0, n-partShown)
		parts = append(parts, part)
	}
	return parts
}

func inState(steps []job.Step, state job.StepState) []job.Step {
	var some []job.Step
	for _, step := range steps {
		if step.State == state {
			some = append(some, step)
		}
	}
	return some
}
