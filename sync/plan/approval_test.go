package plan_test

import (
	"encoding/json"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

func hashOf(t *testing.T, p plan.Plan) string {
	t.Helper()
	hash, err := p.Hash()
	if err != nil || len(hash) != 64 {
		t.Fatalf("%q, %v", hash, err)
	}
	return hash
}

func TestTheHashChangesWithEverythingThatAPlanWouldDoAndWasMadeOn(t *testing.T) {
	p := plan.Plan{ID: "one", PBX: acme, Kind: plan.KindBindings, Base: "b1", Before: set(on(london, 1, 2)), After: set(on(london, 1))}
	seen := map[string]string{hashOf(t, p): "the plan"}
	for name, change := range map[string]func(*plan.Plan){
		"another id":     func(p *plan.Plan) { p.ID = "two" },
		"another PBX":    func(p *plan.Plan) { p.PBX = bakery },
		"another kind":   func(p *plan.Plan) { p.Kind = plan.KindTrunk },
		"another base":   func(p *plan.Plan) { p.Base = "b2" },
		"another before": func(p *plan.Plan) { p.Before = set(on(london, 1, 2, 3)) },
		"another result": func(p *plan.Plan) { p.After = set(on(london, 2)) },
		"another trunk":  func(p *plan.Plan) { p.After = set(on(mobile, 1)) },
		"headers":        func(p *plan.Plan) { p.Headers.Send = true },
		"header values": func(p *plan.Plan) {
			p.Headers.After = fleet.KnownHeaders(fleet.Header{Trunk: london, Header: 31, Value: "x"})
		},
		"stated":          func(p *plan.Plan) { p.Stated = on(london, 1) },
		"unclear":         func(p *plan.Plan) { p.Unclear = []fleet.Unclear{{DID: 1}} },
		"clearing":        func(p *plan.Plan) { p.Clear = true },
		"an undo":         func(p *plan.Plan) { p.UndoTo = 7 },
		"a trunk's edit":  func(p *plan.Plan) { p.Edit = &plan.Edit{Trunk: 3} },
		"its new secret":  func(p *plan.Plan) { p.Edit = &plan.Edit{Trunk: 3, PasswordMark: "m"} },
		"another's trunk": func(p *plan.Plan) { p.Edit = &plan.Edit{Trunk: 4} },
	} {
		q := p
		change(&q)
		if other, taken := seen[hashOf(t, q)]; taken {
			t.Errorf("%s has the hash of %s", name, other)
		}
		seen[hashOf(t, q)] = name
	}
}

func TestTheHashStaysWithWhatBecomesOfAPlanAndWhenItIsStored(t *testing.T) {
	p := plan.Plan{ID: "one", PBX: acme, Kind: plan.KindBindings, Base: "b1", Before: set(on(london, 1, 2)), After: set(on(london, 1))}
	want := hashOf(t, p)
	p.Status, p.Reason, p.Outcome.Sentence = plan.Applied, "because", "done"
	p.Stated, p.Unclear = []fleet.Binding{}, []fleet.Unclear{}
	if hashOf(t, p) != want {
		t.Error("it changes with what became of the plan")
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var stored plan.Plan
	if err := json.Unmarshal(text, &stored); err != nil {
		t.Fatal(err)
	}
	if hashOf(t, stored) != want {
		t.Error("it changes when the plan is stored")
	}
}

func TestTheRuleAsksFromItsLevelOn(t *testing.T) {
	for from, want := range map[plan.Level]map[plan.Level]bool{
		"":           {},
		plan.None:    {},
		plan.Danger:  {plan.Danger: true},
		plan.Caution: {plan.Danger: true, plan.Caution: true},
		"unknown":    {},
	} {
		for _, level := range []plan.Level{"", plan.None, plan.Caution, plan.Danger} {
			if got := (plan.Rule{From: from}).Asks(plan.Risk{Level: level}); got != want[level] {
				t.Errorf("a rule from %q asks for %q: %v", from, level, got)
			}
		}
	}
}
