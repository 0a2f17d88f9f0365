package station_test

import (
	"testing"
	"time"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/yeastar/yeastartest"
)

// standing waits until the trunk's status was asked for after since.
func (h *house) standing(id fleet.TrunkID, since time.Time) fleet.TrunkRow {
	h.t.Helper()
	var row fleet.TrunkRow
	for end := time.Now().Add(patient); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		var err error
		if row, err = h.DB.Trunk(h.t.Context(), id); err != nil {
			h.t.Fatal(err)
		}
		if row.Registration.AskedAt.After(since) {
			return row
		}
	}
	h.t.Fatalf("the status of trunk %d was never asked for: %+v", id, row)
	return row
}

func TestAPassLeavesTheStandingAndTheNumbersOfEveryTrunk(t *testing.T) {
	h := build(t, func(a *yeastartest.Assumptions) { a.GrantedStatusDenied = true })
	if got := h.standing(london, time.Time{}).Registration; got.State != fleet.RegisteredYes || got.Trouble != "" || got.At.IsZero() {
		t.Errorf("%+v", got)
	}
	h.sim.AddTrunk(yeastartest.Trunk{ID: 7, Name: "Lent", Granted: true})
	h.sweep()
	if got := h.standing(7, time.Time{}).Registration; got.State != "" || got.Trouble == "" || !got.At.IsZero() {
		t.Errorf("a trunk of which Yeastar tells nothing: %+v", got)
	}
	row, err := h.DB.Trunk(t.Context(), london)
	if err != nil || row.Tally != (fleet.TrunkTally{Numbers: 21, Used: 5, PBXs: 3}) {
		t.Errorf("%+v %v", row.Tally, err)
	}
}

func TestStatusesAreReadSeldomHoweverOftenTheyAreAskedFor(t *testing.T) {
	h := build(t)
	h.standing(headed, time.Time{})
	for range 20 {
		h.sweep()
		h.Trunks.Ask()
		if err := h.Trunks.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := h.sim.CountRequests("GET", "/dm/open_api/v1/shared_trunk/6681/status"); n != 1 {
		t.Errorf("the status of one trunk was read %d times", n)
	}
}

func TestATrunkThatIsDeletedKeepsItsPageAndIsNotAskedAbout(t *testing.T) {
	h := build(t)
	h.standing(headed, time.Time{})
	h.sim.DeleteTrunk([]int64{int64(peer)})
	h.settled()
	h.sweep()
	row, err := h.DB.Trunk(t.Context(), peer)
	if err != nil || !row.Deleted || row.Tally.Numbers != 0 || row.Tally.PBXs != 0 {
		t.Errorf("%+v %v", row, err)
	}
	had, err := h.DB.TrunkPBXs(t.Context(), peer, fleet.PageRequest{})
	if err != nil || len(had.Items) != 1 || had.Items[0].ID != acmeHQ || had.Items[0].Pairs != 0 {
		t.Errorf("%+v %v", had, err)
	}
}

func TestANumberThatIsUnboundIsFreeAtOnce(t *testing.T) {
	h := build(t)
	if _, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Unbind: []fleet.Binding{pair(peer, 50050)}})); err != nil {
		t.Fatal(err)
	}
	row, err := h.DB.Trunk(t.Context(), peer)
	if err != nil || row.Tally.Used != 0 || row.Tally.PBXs != 0 {
		t.Errorf("%+v %v", row.Tally, err)
	}
}
