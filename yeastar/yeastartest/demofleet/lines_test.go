package demofleet

import (
	"testing"

	"cordboard/yeastar/yeastartest"
)

func TestEveryCustomerHasATrunkToACarrierAndSomeNeedALook(t *testing.T) {
	f := build(t, 4808, opened)
	stand := map[int64]map[string]int{}
	for _, p := range f.Vendor().PBXs() {
		stand[p.ID] = map[string]int{}
		for _, l := range f.Vendor().SIPTrunks(p.ID) {
			stand[p.ID][l.Name] = f.Vendor().SIPStatus(p.ID, l.ID)
		}
		if name := carriers[p.Region].name; stand[p.ID][name] == 0 {
			t.Errorf("%s has no trunk %s", p.Name, name)
		}
	}
	for pbx, want := range map[int64]int{
		wrongPassword: yeastartest.SIPAuthRejected, unreachable: yeastartest.SIPRegFailed, switchedOff: yeastartest.SIPDisabled, ExamplePBX: yeastartest.SIPIdle,
	} {
		if got := stand[pbx][carriers[regionOf(f.home[pbx].trunk)].name]; got != want {
			t.Errorf("the line of %s stands at %d, want %d", f.home[pbx].name, got, want)
		}
	}
	if got := stand[silentDoor]["Door-intercom"]; got != yeastartest.SIPNoDevice {
		t.Errorf("the door stands at %d", got)
	}
	// A carrier's new host takes the same accounts.
	line := f.Vendor().SIPTrunks(ExamplePBX)
	for _, l := range line {
		if l.Name == "Merlion-Voice" {
			f.Vendor().ChangeSIPTrunk(ExamplePBX, l.ID, func(s *yeastartest.SIPTrunk) { s.Hostname = carriers[pacific].next })
			if got := f.Vendor().SIPStatus(ExamplePBX, l.ID); got != yeastartest.SIPIdle {
				t.Errorf("after its move it stands at %d", got)
			}
		}
	}
}
