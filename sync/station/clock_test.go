package station_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/station"
	"cordboard/yeastar/yeastartest"
)

func TestHazardAClockThatJumpsByADayLosesNothingAndComesBack(t *testing.T) {
	var shift atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(shift.Load())).Round(0) }
	h := furnish(t, func(c *station.Config) { c.Now = now }, func(*yeastartest.Server) {})
	for i, jump := range []time.Duration{24 * time.Hour, 0, -24 * time.Hour, 0} {
		shift.Store(int64(jump))
		before := len(h.history(acmeHQ))
		h.sim.Rebind(int64(acmeHQ), []yeastartest.Binding{at(london, 50030), at(peer, 50050), at(london, 50033+int64(i))})
		h.settled()
		if got := len(h.history(acmeHQ)); got <= before {
			t.Errorf("%s: the report made no history: %d snapshots", jump, got)
		}
		wantSet(t, jump.String()+": after the report", h.known(acmeHQ).Set, h.cloud(acmeHQ))
		h.sweep()
		p := h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, fleet.DIDID(50047-i))}})
		p, err := h.confirm(p)
		if err != nil {
			t.Fatalf("%s: %v", jump, err)
		}
		wantStatus(t, p, plan.Applied)
		h.settled()
		h.sweep()
		row, err := h.DB.PBX(t.Context(), acmeHQ)
		if err != nil {
			t.Fatal(err)
		}
		if s := fleet.Judge(row.Standing, now(), 25*time.Hour); s.State != fleet.InSync {
			t.Errorf("%s: %+v", jump, s)
		}
		wantSet(t, jump.String(), h.known(acmeHQ).Set, h.cloud(acmeHQ))
	}
	if _, err := h.DB.VerifyAudit(t.Context(), audit.Head{}); err != nil {
		t.Error(err)
	}
	if _, err := h.DB.VerifyHistory(t.Context()); err != nil {
		t.Error(err)
	}
	if all := h.history(acmeHQ); !slices.IsSortedFunc(all, func(a, b fleet.Snapshot) int { return a.At().Compare(b.At()) }) {
		t.Error("history is out of order")
	}
}
