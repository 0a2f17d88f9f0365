package fleet_test

import (
	"testing"
	"time"

	"cordboard/sync/fleet"
)

var (
	noon    = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	before  = noon.Add(-time.Millisecond)
	after   = noon.Add(time.Millisecond)
	hasTwo  = fleet.NewBindingSet(fleet.Binding{Trunk: 1, DID: 10}, fleet.Binding{Trunk: 1, DID: 11})
	hasOne  = fleet.NewBindingSet(fleet.Binding{Trunk: 1, DID: 10})
	hasNone = fleet.BindingSet{}
)

func TestAdvanceDecidesHistoryForEveryWriter(t *testing.T) {
	tests := []struct {
		source fleet.Source
		at     time.Time
		set    fleet.BindingSet
		want   fleet.Verdict
	}{
		{fleet.FromWebhook, before, hasTwo, fleet.VerdictLate},
		{fleet.FromWebhook, before, hasOne, fleet.VerdictLate},
		{fleet.FromWebhook, noon, hasTwo, fleet.VerdictSame},
		{fleet.FromWebhook, noon, hasOne, fleet.VerdictAsk},
		{fleet.FromWebhook, noon, hasNone, fleet.VerdictAsk},
		{fleet.FromWebhook, after, hasTwo, fleet.VerdictNew},
		{fleet.FromWebhook, after, hasOne, fleet.VerdictNew},
		{fleet.FromWebhook, after, hasNone, fleet.VerdictNew},
		{fleet.FromWrite, before, hasTwo, fleet.VerdictLate},
		{fleet.FromWrite, before, hasOne, fleet.VerdictLate},
		{fleet.FromWrite, noon, hasTwo, fleet.VerdictSame},
		{fleet.FromWrite, noon, hasOne, fleet.VerdictAsk},
		{fleet.FromWrite, after, hasTwo, fleet.VerdictNew},
		{fleet.FromWrite, after, hasOne, fleet.VerdictNew},
		{fleet.FromReconcile, before, hasTwo, fleet.VerdictAsk},
		{fleet.FromReconcile, before, hasOne, fleet.VerdictAsk},
		{fleet.FromReconcile, noon, hasTwo, fleet.VerdictSame},
		{fleet.FromReconcile, noon, hasOne, fleet.VerdictNew},
		{fleet.FromReconcile, after, hasTwo, fleet.VerdictSame},
		{fleet.FromReconcile, after, hasOne, fleet.VerdictNew},
		{fleet.FromReconcile, after, hasNone, fleet.VerdictNew},
	}
	for _, tt := range tests {
		got := fleet.Advance(fleet.Mark{At: noon, Set: hasTwo}, fleet.Sighting{Source: tt.source, At: tt.at, Set: tt.set})
		if got != tt.want {
			t.Errorf("%s at %v with %v: got %s, want %s", tt.source, tt.at.Sub(noon), tt.set.Pairs(), got, tt.want)
		}
	}
}

func TestAnEmptyHistoryTakesTheFirstSightingWhateverItsTime(t *testing.T) {
	for _, source := range []fleet.Source{fleet.FromWebhook, fleet.FromWrite, fleet.FromReconcile} {
		for _, set := range []fleet.BindingSet{hasTwo, hasNone} {
			if got := fleet.Advance(fleet.Mark{}, fleet.Sighting{Source: source, At: before, Set: set}); got != fleet.VerdictNew {
				t.Errorf("%s: got %s", source, got)
			}
		}
	}
}
