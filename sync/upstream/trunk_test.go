package upstream_test

import (
	"testing"

	"cordboard/sync/fleet"
	"cordboard/yeastar/yeastartest"
)

func TestATrunksStandingIsToldInOurWordsAndUnknownWordsAsTheyCame(t *testing.T) {
	c, sim := cloud(t)
	for _, tt := range []struct {
		status, reason string
		want           fleet.Registered
		why            fleet.FailReason
	}{
		{"E_REGISTER_SUCCESS_STATE", "", fleet.RegisteredYes, ""},
		{"E_REGISTER_ING_STATE", "", fleet.RegisteredTrying, ""},
		{"E_REGISTER_FAILED_STATE", "REASON_AUTH", fleet.RegisteredFailed, fleet.FailAuth},
		{"E_REGISTER_FAILED_STATE", "REASON_TIMEOUT", fleet.RegisteredFailed, fleet.FailTimeout},
		{"E_REGISTER_FAILED_STATE", "REASON_ERROR", fleet.RegisteredFailed, fleet.FailError},
		{"E_REGISTER_FAILED_STATE", "REASON_MOON", fleet.RegisteredFailed, "REASON_MOON"},
		{"E_REGISTER_SLEEPING", "", "E_REGISTER_SLEEPING", ""},
	} {
		sim.SetTrunkStatus(int64(london), tt.status, tt.reason)
		if got, why, err := c.TrunkStatus(t.Context(), london); got != tt.want || why != tt.why || err != nil {
			t.Errorf("%s %s: %q %q %v", tt.status, tt.reason, got, why, err)
		}
	}
}

func TestATrunksStandingThatIsNotToldIsAnErrorAndNeverAState(t *testing.T) {
	c, sim := cloud(t, func(a *yeastartest.Assumptions) { a.GrantedStatusDenied = true })
	sim.AddTrunk(yeastartest.Trunk{ID: 7, Granted: true})
	for id, want := range map[fleet.TrunkID]fleet.Kind{7: fleet.KindDenied, 99: fleet.KindNotFound} {
		if got, _, err := c.TrunkStatus(t.Context(), id); got != "" || fleet.KindOf(err) != want {
			t.Errorf("trunk %d: %q %v", id, got, err)
		}
	}
	sim.Fail(yeastartest.Match{Method: "GET", PathSuffix: "/status", Times: -1}, yeastartest.HTML())
	if got, _, err := c.TrunkStatus(t.Context(), london); got != "" || fleet.KindOf(err) != fleet.KindUnavailable {
		t.Errorf("a web page: %q %v", got, err)
	}
}
