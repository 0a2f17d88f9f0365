package plan_test

import (
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

func TestWhatMovedIsCountedInWords(t *testing.T) {
	base := set(on(london, 1, 2, 3), on(mobile, 4))
	for want, found := range map[string]fleet.BindingSet{
		"nothing moved":                                 base,
		"1 number was added":                            base.With(on(london, 5)...),
		"2 numbers were removed":                        base.Without(on(london, 1, 2)...),
		"1 number was removed and 2 numbers were added": base.Without(on(london, 1)...).With(on(london, 5, 6)...),
		"1 number was moved to another trunk":           base.Without(on(mobile, 4)...).With(on(london, 4)...),
		"1 number was removed, 1 number was moved to another trunk and 1 number was added": base.Without(on(london, 1, 2)...).With(on(mobile, 2, 5)...),
		"4 numbers were removed": {},
	} {
		named := false
		moved := plan.Moved(base, found, func(steps []plan.Step) []plan.Step {
			named = true
			return steps
		})
		if got := plan.Sum(moved); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if !named || plan.Count(moved, plan.Keep) != 0 {
			t.Errorf("%s: %+v", want, moved)
		}
	}
}

func TestTheEffectReadsAsAButton(t *testing.T) {
	step := func(v plan.Verb) plan.Step { return plan.Step{Verb: v} }
	for want, steps := range map[string][]plan.Step{
		"Bind 1 number on Acme":                      {step(plan.Bind), step(plan.Keep)},
		"Unbind 1 and bind 2 numbers on Acme":        {step(plan.Unbind), step(plan.Bind), step(plan.Bind)},
		"Unbind 2, move 1 and bind 1 number on Acme": {step(plan.Unbind), step(plan.Unbind), step(plan.Move), step(plan.Bind)},
		"Move 2 numbers on Acme":                     {step(plan.Move), step(plan.Move)},
		"Settle the trunks of the numbers of Acme":   {step(plan.Keep)},
	} {
		if got := (plan.Plan{PBXName: "Acme", Steps: steps}).Effect(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestOnlyApplyingAndUnknownPlansMayHaveAWriteUnderWay(t *testing.T) {
	for _, s := range []plan.Status{plan.Draft, plan.Applying, plan.Applied, plan.Diverged, plan.Failed, plan.Stale, plan.Unknown, plan.Void, plan.Expired} {
		if want := s == plan.Applying || s == plan.Unknown; s.Open() != want {
			t.Errorf("%s is open: %v", s, s.Open())
		}
	}
}
