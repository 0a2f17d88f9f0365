package upstream_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/upstream"
	"cordboard/yeastar"
	"cordboard/yeastar/ycm"
	"cordboard/yeastar/yeastartest"
)

const (
	acme   fleet.PBXID   = 4808
	london fleet.TrunkID = 6681
	mobile fleet.TrunkID = 6682

	didReads = "/dm/open_api/v1/did_management/"
)

// cloud is the adapter over real HTTP against a simulated YCM with the PBX 4808 of seed 000: the
// numbers 50030 to 50035 sit on london, 50040 on both trunks, and five of the pairs are bound.
func cloud(t *testing.T, change ...func(*yeastartest.Assumptions)) (*upstream.Cloud, *yeastartest.Server) {
	t.Helper()
	assume := yeastartest.Assumptions{NoRateLimit: true, NoLockout: true}
	for _, c := range change {
		c(&assume)
	}
	sim := yeastartest.Start(t, yeastartest.Config{Assumptions: assume})
	sim.AddTrunk(yeastartest.Trunk{ID: int64(london), Name: "london-sip_32YFS4", Password: "hush-hush"})
	sim.AddTrunk(yeastartest.Trunk{ID: int64(mobile), Name: "mobile-sip_NT9H01", Type: "did_based", Headers: []yeastartest.HeaderDef{{ID: 31, Name: "X-Customer"}}})
	for id := int64(50030); id < 50036; id++ {
		sim.AddDID(yeastartest.DID{ID: id, Number: fmt.Sprintf("+4420790%d", id), Trunks: []int64{int64(london)}})
	}
	sim.AddDID(yeastartest.DID{ID: 50040, Number: "+442079050040", Name: "Reception", Trunks: []int64{int64(london), int64(mobile)}})
	sim.AddPBX(yeastartest.PBX{ID: int64(acme), Serial: "3658B4311196ACME", Name: "Acme HQ", URL: "acme.example.com", Firmware: "84.22.0.134"})
	sim.AddPBX(yeastartest.PBX{ID: 4900, Serial: "3658B43111BAKERY", Name: "Corner Bakery"})
	sim.Bind(int64(acme), at(london, 50030), at(london, 50031), at(london, 50040), at(mobile, 50040))
	sim.Bind(4900, at(london, 50035))
	return connect(t, sim, 10*time.Second), sim
}

// connect gives up on a call after patience.
func connect(t *testing.T, sim *yeastartest.Server, patience time.Duration) *upstream.Cloud {
	t.Helper()
	client, err := ycm.New(ycm.Config{
		BaseURL: sim.URL(), ClientID: yeastartest.DefaultClientID, ClientSecret: yeastar.NewSecret(yeastartest.DefaultClientSecret),
		RatePerMinute: 1_000_000, ReadTimeout: patience, WriteTimeout: patience, RetryBase: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return upstream.New(client)
}

func at(trunk fleet.TrunkID, did int64) yeastartest.Binding {
	return yeastartest.Binding{Trunk: int64(trunk), DID: did}
}

func pair(trunk fleet.TrunkID, did fleet.DIDID) fleet.Binding {
	return fleet.Binding{Trunk: trunk, DID: did}
}

// held is what the simulator holds for the PBX.
func held(sim *yeastartest.Server) fleet.BindingSet {
	var pairs []fleet.Binding
	for _, b := range sim.Bindings(int64(acme)) {
		pairs = append(pairs, pair(fleet.TrunkID(b.Trunk), fleet.DIDID(b.DID)))
	}
	return fleet.NewBindingSet(pairs...)
}

func numbers(dids []fleet.DID) []fleet.DIDID {
	var ids []fleet.DIDID
	for _, d := range dids {
		ids = append(ids, d.ID)
	}
	slices.Sort(ids)
	return ids
}
