package web

import (
	"context"
	"fmt"
	"slices"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/views"
	"cordboard/views/ui"
)

// comparison is what lies between two lists of one PBX, each with the names of its time.
type comparison struct {
	from, to side
	steps    []plan.Step
	n        names
}

// compare reads two snapshots or moments of a PBX; what can't be read is KindInvalid.
func (s *Server) compare(ctx context.Context, id fleet.PBXID, fromText, toText string) (out comparison, err error) {
	if fromText == "" || toText == "" {
		return out, fleet.Invalid("web.compare", "Choose two snapshots or moments, one to compare from and one to compare to.")
	}
	if out.from, err = s.sideOf(ctx, id, fromText); err != nil {
		return out, err
	}
	if out.to, err = s.sideOf(ctx, id, toText); err != nil {
		return out, err
	}
	if out.n, err = s.names(ctx, didsOf(out.from.set.Pairs(), out.to.set.Pairs())); err != nil {
		return out, err
	}
	was, is := out.n.then(out.from.at), out.n.then(out.to.at)
	for _, step := range plan.Diff(out.from.set, out.to.set) {
		if step.Verb == plan.Unbind || step.Verb == plan.Bind || was.told(step.DID) == is.told(step.DID) {
			out.steps = append(out.steps, step)
			continue
		}
		// The same id, and another number: one went and another came.
		gone, come := step, step
		gone.Verb, come.Verb = plan.Unbind, plan.Bind
		if step.Verb == plan.Move {
			gone.Trunk = step.From
		}
		out.steps = append(out.steps, gone, come)
	}
	order := []plan.Verb{plan.Unbind, plan.Move, plan.Bind, plan.Keep}
	slices.SortStableFunc(out.steps, func(a, b plan.Step) int { return slices.Index(order, a.Verb) - slices.Index(order, b.Verb) })
	return out, nil
}

// names are those of the time that a step speaks of.
func (c comparison) names(step plan.Step) names {
	if step.Verb == plan.Unbind {
		return c.n.then(c.from.at)
	}
	return c.n.then(c.to.at)
}

func (s *Server) presentCompare(c comparison, csv string) *views.SnapshotDiff {
	now := s.Now()
	d := &views.SnapshotDiff{From: c.from.link, To: c.to.link, FromTime: ui.At(c.from.at, now), ToTime: ui.At(c.to.at, now), CSV: csv}
	for _, step := range c.steps {
		rows, keep := planRows([]plan.Step{step}, c.names(step), comparedWords)
		d.Rows, d.Keep = append(d.Rows, rows...), append(d.Keep, keep...)
	}
	d.Summary = diffSummary(c.steps)
	for _, note := range []string{c.from.note, c.to.note} {
		if note != "" {
			d.Notes = append(d.Notes, note)
		}
	}
	if len(d.Keep) > 0 {
		d.KeepText = stay(len(d.Keep), "is the same", "are the same")
	}
	return d
}

// choice turns "no such snapshot" into what it is here: a choice that can't be read.
func choice(err error) error {
	if fleet.KindOf(err) != fleet.KindNotFound || err == nil {
		return err
	}
	return fleet.Invalid("web.compare", "One of the chosen snapshots is not in this PBX's history.")
}

func stay(n int, one, many string) string {
	if n == 1 {
		return "1 number " + one
	}
	return thousands(n) + " numbers " + many
}

func diffSummary(steps []plan.Step) string {
	return fmt.Sprintf("%d removed, %d moved, %d added, %d the same",
		plan.Count(steps, plan.Unbind), plan.Count(steps, plan.Move), plan.Count(steps, plan.Bind), plan.Count(steps, plan.Keep))
}
