package plan_test

import (
	"slices"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// upTo are the pairs of n numbers on london.
func upTo(n int) fleet.BindingSet {
	var pairs []fleet.Binding
	for i := range n {
		pairs = append(pairs, on(london, fleet.DIDID(i+1))...)
	}
	return fleet.NewBindingSet(pairs...)
}

func TestTheGuardWeighsShareCountAndZero(t *testing.T) {
	strict := plan.Guard{} // the zero value lets nothing go without a reason
	none := []plan.Need(nil)
	reason := []plan.Need{plan.NeedReason}
	both := []plan.Need{plan.NeedName, plan.NeedReason}
	tests := []struct {
		name          string
		guard         plan.Guard
		before, after fleet.BindingSet
		level         plan.Level
		needs         []plan.Need
		reasons       int
	}{
		{"nothing", plan.DefaultGuard, upTo(4), upTo(4), plan.None, none, 0},
		{"only more", plan.DefaultGuard, upTo(4), upTo(400), plan.None, none, 0},
		{"first numbers", plan.DefaultGuard, upTo(0), upTo(4), plan.None, none, 0},
		{"one of ten", plan.DefaultGuard, upTo(10), upTo(9), plan.Caution, none, 0},
		{"three of ten: as much as may be", plan.DefaultGuard, upTo(10), upTo(7), plan.Caution, none, 0},
		{"four of thirteen: 30.8 percent", plan.DefaultGuard, upTo(13), upTo(9), plan.Danger, reason, 1},
		{"four of ten", plan.DefaultGuard, upTo(10), upTo(6), plan.Danger, reason, 1},
		{"one of two", plan.DefaultGuard, upTo(2), upTo(1), plan.Danger, reason, 1},
		{"one of three", plan.DefaultGuard, upTo(3), upTo(2), plan.Danger, reason, 1},
		{"one of four", plan.DefaultGuard, upTo(4), upTo(3), plan.Caution, none, 0},
		{"ten of a thousand", plan.DefaultGuard, upTo(1000), upTo(990), plan.Caution, none, 0},
		{"eleven of a thousand", plan.DefaultGuard, upTo(1000), upTo(989), plan.Danger, reason, 1},
		{"half of a thousand", plan.DefaultGuard, upTo(1000), upTo(500), plan.Danger, reason, 2},
		{"all of four", plan.DefaultGuard, upTo(4), upTo(0), plan.Danger, both, 1},
		{"the only one", plan.DefaultGuard, upTo(1), upTo(0), plan.Danger, both, 1},
		{"all of a thousand", plan.DefaultGuard, upTo(1000), upTo(0), plan.Danger, both, 1},
		{"one of a thousand, no limits set", strict, upTo(1000), upTo(999), plan.Danger, reason, 2},
		{"another trunk", plan.DefaultGuard, set(on(london, 50040)), set(on(mobile, 50040)), plan.Caution, none, 0},
		{"one of two trunks", plan.DefaultGuard, set(on(london, 50040), on(mobile, 50040)), set(on(mobile, 50040)), plan.Caution, none, 0},
		{"replaced by others", plan.DefaultGuard, set(on(london, 50030, 50031)), set(on(london, 50032, 50033)), plan.Danger, reason, 1},
	}
	for _, tt := range tests {
		got := tt.guard.Weigh(tt.before, tt.after)
		if got.Level != tt.level || !slices.Equal(got.Needs, tt.needs) || len(got.Reasons) != tt.reasons {
			t.Errorf("%s: got %+v", tt.name, got)
		}
		for _, n := range []plan.Need{plan.NeedName, plan.NeedReason} {
			if got.Asks(n) != slices.Contains(tt.needs, n) {
				t.Errorf("%s: asks for %s: %v", tt.name, n, got.Asks(n))
			}
		}
	}
}

func TestTheShareInWordsIsMoreThanTheLimitBesideIt(t *testing.T) {
	got := plan.DefaultGuard.Weigh(upTo(13), upTo(9)).Reasons
	if want := []string{"It unbinds 4 of 13 numbers (31 %), more than 30 %."}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestTakingHeaderValuesAwayIsSaid(t *testing.T) {
	value := func(v string) fleet.Header { return fleet.Header{Trunk: mobile, Header: 31, Value: v} }
	for name, tt := range map[string]struct {
		stated *[]fleet.Header
		known  fleet.Headers
		want   []string
	}{
		"kept":             {nil, fleet.KnownHeaders(value("a")), nil},
		"stated as it is":  {stated(value("a")), fleet.KnownHeaders(value("a")), nil},
		"added":            {stated(value("a")), fleet.KnownHeaders(), nil},
		"changed":          {stated(value("b")), fleet.KnownHeaders(value("a")), []string{"It removes or changes 1 custom SIP header value."}},
		"removed":          {stated(), fleet.KnownHeaders(value("a")), []string{"It removes or changes 1 custom SIP header value."}},
		"two removed":      {stated(), fleet.KnownHeaders(value("a"), fleet.Header{Trunk: mobile, Header: 32, Value: "c"}), []string{"It removes or changes 2 custom SIP header values."}},
		"not known before": {stated(value("a")), fleet.Headers{}, []string{"The custom SIP header values of this PBX were not known. Those that are not stated here are removed."}},
	} {
		f := facts(exact(on(mobile, 50040)), firmware(newest))
		f.Known.Headers = tt.known
		risk := build(t, plan.Request{Bind: on(mobile, 50041), Headers: tt.stated}, f).Risk
		level := plan.None
		if tt.want != nil {
			level = plan.Caution
		}
		if !slices.Equal(risk.Reasons, tt.want) || risk.Level != level || len(risk.Needs) != 0 {
			t.Errorf("%s: got %+v", name, risk)
		}
	}
}
