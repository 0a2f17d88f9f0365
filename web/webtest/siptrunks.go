package webtest

import "cordboard/yeastar/yeastartest"

// The own trunks of [AcmeHQ], one of each type, as the PBX numbers them; behind them come those that YCM shares with it.
const (
	AccountTrunk  = 28
	RegisterTrunk = 31
	DIDTrunk      = 32
	PortTrunk     = 33
	PrivateTrunk  = 34
	WebTrunk      = 35
)

// SIPPassword is the password of the register and the account trunk of [AcmeHQ].
const SIPPassword = "planted-trunk-password-4c1d"

// The extensions of [AcmeHQ], and the group Support, which has both.
const (
	Ana     = 41
	Leo     = 42
	Support = 1
)

// ownTrunks gives Acme HQ trunks of its own. Its API is enabled, and that of the PBX that has no trunks.
func ownTrunks(sim *yeastartest.Server) {
	sim.SetPBXAPI(int64(AcmeHQ), true)
	sim.SetPBXAPI(int64(Empty), true)
	sim.AddExtensions(int64(AcmeHQ), yeastartest.Extension{ID: Ana, Number: "1000", Name: "Ana Lima"}, yeastartest.Extension{ID: Leo, Number: "1001", Name: "Leo Ball"})
	sim.AddExtensionGroup(int64(AcmeHQ), yeastartest.ExtensionGroup{ID: Support, Name: "Support", Members: []int64{Ana, Leo}})
	own := func(t yeastartest.SIPTrunk) { sim.AddSIPTrunk(int64(AcmeHQ), t) }
	own(yeastartest.SIPTrunk{ID: AccountTrunk, Name: "test-account", Type: "account", Username: "6708", Password: SIPPassword, Ends: yeastartest.SIPNoDevice})
	own(yeastartest.SIPTrunk{ID: RegisterTrunk, Name: "carrier-a", Type: "register", Hostname: "sip.carrier.example", Username: "700", Password: SIPPassword, CID: "+442079460000",
		CallerIDs: []yeastartest.SIPCallerID{{Option: "shared", CID: "+442079460001", Name: "Sales", Members: []yeastartest.SIPMember{{Type: "extension", ID: Ana}}}},
		DIDs:      []yeastartest.SIPDID{{Number: "+442079460000", Name: "Main line"}, {Number: "+442079460001"}}})
	own(yeastartest.SIPTrunk{ID: DIDTrunk, Name: "carrier-b", Type: "peer_did", Hostname: "sip.peer.example", DIDs: []yeastartest.SIPDID{{Number: "2113"}}})
	own(yeastartest.SIPTrunk{ID: PortTrunk, Name: "backup", Type: "peer_port", Hostname: "203.0.113.4"})
	own(yeastartest.SIPTrunk{ID: PrivateTrunk, Name: "branch", Type: "peer_private", Hostname: "192.0.2.4"})
	own(yeastartest.SIPTrunk{ID: WebTrunk, Name: "site", Type: "webtrunk"})
}
