package station_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/yeastar/yeastartest"
)

func TestHazardCustomSIPHeadersAreCarriedOrAskedFor(t *testing.T) {
	h := build(t)
	h.sim.SetHeaders(int64(bakery), []yeastartest.HeaderBinding{{Trunk: int64(headed), Header: 7, Value: "BAKERY-1"}})
	ask := change.Ask{PBX: bakery, Bind: []fleet.Binding{pair(london, 50041)}}
	_, err := h.Changer.Draft(t.Context(), ana, ask)
	wantKind(t, err, fleet.KindHeaders)
	ask.Headers = &[]fleet.Header{{Trunk: headed, Header: 7, Value: "BAKERY-1"}}
	if _, err := h.confirm(h.draft(ask)); err != nil {
		t.Fatal(err)
	}
	var body struct{ CustomSipHeadersBindings []json.RawMessage }
	if err := json.Unmarshal(h.sim.LastPUTBody(int64(bakery)), &body); err != nil || len(body.CustomSipHeadersBindings) != 1 {
		t.Fatalf("body %s, %v", h.sim.LastPUTBody(int64(bakery)), err)
	}
	// Known now: the next write carries them without being told.
	if _, err := h.confirm(h.draft(change.Ask{PBX: bakery, Bind: []fleet.Binding{pair(london, 50042)}})); err != nil {
		t.Fatal(err)
	}
	if got := h.sim.Headers(int64(bakery)); len(got) != 1 || got[0].Value != "BAKERY-1" {
		t.Errorf("headers now: %+v", got)
	}
}

func TestHazardHeaderValuesAreAskedForAgainAfterSomebodyElsesChange(t *testing.T) {
	h := build(t)
	stated := []fleet.Header{{Trunk: headed, Header: 7, Value: "BAKERY-1"}}
	if _, err := h.confirm(h.draft(change.Ask{PBX: bakery, Bind: []fleet.Binding{pair(london, 50041)}, Headers: &stated})); err != nil {
		t.Fatal(err)
	}
	h.settled()
	h.sim.SetHeaders(int64(bakery), []yeastartest.HeaderBinding{{Trunk: int64(headed), Header: 7, Value: "CHANGED"}})
	h.sim.Rebind(int64(bakery), []yeastartest.Binding{at(london, 50041), at(headed, 50060)})
	h.settled()
	_, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: bakery, Bind: []fleet.Binding{pair(london, 50042)}})
	wantKind(t, err, fleet.KindHeaders)
	if last := h.known(bakery).Headers.List(); len(last) != 1 || last[0].Value != "BAKERY-1" {
		t.Errorf("the last known values: %+v", last)
	}
}

func TestHeadersAreNeverSentBelowTheirFirmwareAndAlwaysAbove(t *testing.T) {
	h := build(t)
	if _, err := h.confirm(h.draft(bindExample)); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(h.sim.LastPUTBody(int64(acmeHQ)), []byte("customSipHeaders")) {
		t.Error("headers were sent to a firmware that takes none")
	}
	h.sim.SetFirmware(int64(acmeHQ), yeastartest.FirmwareSIPHeaders)
	if _, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50037)}})); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(h.sim.LastPUTBody(int64(acmeHQ)), []byte(`"customSipHeadersBindings":[]`)) {
		t.Errorf("the header list is missing: %s", h.sim.LastPUTBody(int64(acmeHQ)))
	}
}

func TestAnUndoBringsHeaderValuesBackOrAsksForThem(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.sim.SetFirmware(int64(bakery), yeastartest.FirmwareSIPHeaders)
	first := h.history(bakery)[0].ID // by a read: nobody knows its headers
	value := fleet.Header{Trunk: headed, Header: 7, Value: "K1"}
	if _, err := h.confirm(h.draft(change.Ask{PBX: bakery, Bind: []fleet.Binding{pair(headed, 50061)}, Headers: &[]fleet.Header{value}})); err != nil {
		t.Fatal(err)
	}
	h.settled()
	ours := h.history(bakery)[1].ID // by our plan; the oldest is first
	if _, err := h.confirm(h.draft(change.Ask{PBX: bakery, Clear: true})); err != nil {
		t.Fatal(err)
	}
	h.settled()
	if got := h.known(bakery).Headers; !got.Known || got.Len() != 0 {
		t.Fatalf("after clearing: %+v", got)
	}

	_, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: bakery, UndoTo: first})
	wantKind(t, err, fleet.KindHeaders)
	none := h.draft(change.Ask{PBX: bakery, UndoTo: first, Headers: &[]fleet.Header{}})
	if none.Headers.After.Len() != 0 {
		t.Errorf("stated as none: %+v", none.Headers)
	}

	p := h.draft(change.Ask{PBX: bakery, UndoTo: ours})
	if got := p.Headers.After.List(); len(got) != 1 || got[0] != value {
		t.Fatalf("the undo proposes %+v", got)
	}
	if !strings.Contains(strings.Join(p.Risk.Reasons, " "), "1 custom SIP header value again") {
		t.Errorf("it does not say so: %q", p.Risk.Reasons)
	}
	if _, err := h.confirm(p); err != nil {
		t.Fatal(err)
	}
	if got := h.sim.Headers(int64(bakery)); len(got) != 1 || got[0].Value != "K1" {
		t.Errorf("headers now: %+v", got)
	}
}
