package station_test

import (
	"testing"
	"time"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/yeastar/yeastartest"
)

func TestADeletionCountsEvenWhenItsEmptyListWasToldAtTheSameMoment(t *testing.T) {
	h := build(t)
	h.sim.RemoveWebhooks()
	h.sim.DeletePBX(int64(oldie), yeastartest.Quiet)
	now := time.Now()
	serial := "36A0B4311100OLD1"
	for _, event := range []string{yeastartest.EventDIDChange, yeastartest.EventPCEDelete, yeastartest.EventPCEDelete} {
		h.post(yeastartest.ReportBody(yeastartest.Event{Event: event, SN: serial, TrunkDIDInfoList: []yeastartest.DIDInfo{}, UpdateTime: now.UnixMilli()}))
	}
	h.settled()
	h.eventually("the PBX is gone", func() bool { return h.state(oldie).State == fleet.Gone })
	if n := len(h.history(oldie)); n != 2 {
		t.Errorf("history has %d snapshots, want the first read and the empty list", n)
	}
}

func TestATrunkThatAColleagueBroughtMakesHeaderValuesUnknownToARead(t *testing.T) {
	h := build(t)
	none := []fleet.Header{}
	if _, err := h.confirm(h.draft(change.Ask{PBX: bakery, Unbind: []fleet.Binding{pair(headed, 50060)}, Headers: &none})); err != nil {
		t.Fatal(err)
	}
	h.settled()
	if !h.known(bakery).Headers.Known {
		t.Fatal("the headers are not known after our own write")
	}
	// A colleague brings the trunk back, with a header value that nobody tells us of.
	h.sim.Rebind(int64(bakery), []yeastartest.Binding{at(london, 50040), at(headed, 50060)}, yeastartest.Quiet)
	h.sim.SetHeaders(int64(bakery), []yeastartest.HeaderBinding{{Trunk: int64(headed), Header: 7, Value: "secret handshake"}})
	h.sweep()
	_, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: bakery, Bind: []fleet.Binding{pair(london, 50041)}})
	wantKind(t, err, fleet.KindHeaders)
	if left := h.sim.Headers(int64(bakery)); len(left) != 1 {
		t.Errorf("the cloud has %v", left)
	}
}
