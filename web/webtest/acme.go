package webtest

import (
	"fmt"

	"cordboard/sync/fleet"
	"cordboard/yeastar/yeastartest"
)

// The PBXs and trunks of [Acme].
const (
	AcmeHQ  fleet.PBXID = 4808 // four numbers, firmware without SIP headers
	Bakery  fleet.PBXID = 4809 // two numbers, one of them on Gamma; firmware with SIP headers
	OldMill fleet.PBXID = 4810 // firmware too old to change DIDs
	Empty   fleet.PBXID = 4811 // no numbers

	Colt  fleet.TrunkID = 6681 // DIDs 50030 to 50049
	BT    fleet.TrunkID = 6682 // DIDs 50050 to 50055
	Gamma fleet.TrunkID = 6683 // DIDs 50060 to 50063; defines the SIP header 7, X-Account
)

// Twins is a free DID that sits on Colt and on BT.
const Twins fleet.DIDID = 50070

// Hostile is the name of [Empty]: what a page must never take for its own.
const Hostile = `<script>alert("x")</script> & 'friends' ` + "\u202eevil"

// Number is the number of a DID of Acme, as Yeastar keeps it.
func Number(id fleet.DIDID) string { return fmt.Sprintf("+4420794%05d", int64(id)) }

// Acme fills a simulator with four PBXs on three trunks.
func Acme(sim *yeastartest.Server) {
	sim.AddTrunk(yeastartest.Trunk{ID: int64(Colt), Name: "Colt London"})
	sim.AddTrunk(yeastartest.Trunk{ID: int64(BT), Name: "BT Wholesale", Type: "did_based"})
	sim.AddTrunk(yeastartest.Trunk{ID: int64(Gamma), Name: "Gamma", Headers: []yeastartest.HeaderDef{{ID: 7, Name: "X-Account"}}})
	add := func(first, n int64, trunks ...fleet.TrunkID) {
		for i := range n {
			did := yeastartest.DID{ID: first + i, Number: Number(fleet.DIDID(first + i))}
			for _, t := range trunks {
				did.Trunks = append(did.Trunks, int64(t))
			}
			sim.AddDID(did)
		}
	}
	add(50030, 20, Colt)
	add(50050, 6, BT)
	add(50060, 4, Gamma)
	add(int64(Twins), 1, Colt, BT)
	sim.AddPBX(yeastartest.PBX{ID: int64(AcmeHQ), Serial: "36A0B4311196ACME", Name: "Acme HQ", Firmware: "84.20.0.5"})
	sim.AddPBX(yeastartest.PBX{ID: int64(Bakery), Serial: "36A0B43111BAKERY", Name: "Corner Bakery", Firmware: "84.22.0.140"})
	sim.AddPBX(yeastartest.PBX{ID: int64(OldMill), Serial: "36A0B4311100OLD1", Name: "Old Mill", Firmware: "84.8.0.25"})
	sim.AddPBX(yeastartest.PBX{ID: int64(Empty), Serial: "36A0B43111EMPTY1", Name: Hostile})
	sim.Bind(int64(AcmeHQ), At(Colt, 50030), At(Colt, 50031), At(Colt, 50032), At(BT, 50050))
	sim.Bind(int64(Bakery), At(Colt, 50040), At(Gamma, 50060))
	sim.Bind(int64(OldMill), At(Colt, 50048))
	ownTrunks(sim)
}

// At is a pair in the simulator's words.
func At(trunk fleet.TrunkID, did fleet.DIDID) yeastartest.Binding {
	return yeastartest.Binding{Trunk: int64(trunk), DID: int64(did)}
}

// Pair is a pair in ours.
func Pair(trunk fleet.TrunkID, did fleet.DIDID) fleet.Binding {
	return fleet.Binding{Trunk: trunk, DID: did}
}
