package pseries_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"cordboard/yeastar"
	"cordboard/yeastar/pseries"
	"cordboard/yeastar/yeastartest"
)

func TestTheVendorsExampleGoesOutByteForByte(t *testing.T) {
	both(t, func(t *testing.T, w *world, c *pseries.Client) {
		_, err := c.UpdateTrunk(background, 28, pseries.AccountChange{Name: ptr("test-account-trunking")})
		must(t, err)
		var want bytes.Buffer
		must(t, json.Compact(&want, sample(t, "trunk_update")))
		if got := w.bodies("trunk/update"); len(got) != 1 || got[0] != want.String() || got[0] != `{"id":28,"name":"test-account-trunking"}` {
			t.Errorf("sent %q", got)
		}
		if got := w.trunk(28); got.Name != "test-account-trunking" || got.Username != "6708" || got.Password != "planted-account-password" {
			t.Errorf("the PBX has %+v", got)
		}
	})
}

// fields of seed 003 in their order; each is a change and the bytes that follow the id.
var (
	commonFields = []golden{
		{"name", `"name":"a<b>&c"`}, {"enable", `"enable":0`}, {"transport", `"transport":"tls"`},
		{"codec_sel", `"codec_sel":"alaw,ulaw"`}, {"def_outbound_cid", `"def_outbound_cid":"+4930"`},
		{"def_outbound_cid_name", `"def_outbound_cid_name":""`},
		{"outbound_cid_list", `"outbound_cid_list":[{"outbound_cid_option":"range","outbound_cid":"100-101","outbound_cid_to_ext_range":"2001-2002"},` +
			`{"outbound_cid_option":"shared","outbound_cid":"200","outbound_cid_name":"Main","ext_list":[{"type":"extension","ext_number":"2001","ext_name":"Alice","id":41},{"id":1}]}]`},
		{"no outbound_cid_list", `"outbound_cid_list":[]`},
		{"transparent_trans_180_msg", `"transparent_trans_180_msg":1`}, {"enb_sipauth_cache", `"enb_sipauth_cache":0`},
		{"setting_of_sip_and_sdp_ip", `"setting_of_sip_and_sdp_ip":"custom"`}, {"sip_and_sdp_ip_addr", `"sip_and_sdp_ip_addr":"10.0.0.9"`},
		{"ignore_100_response", `"ignore_100_response":1`}, {"force_dod_from", `"force_dod_from":1`}, {"enb_sbc_routing", `"enb_sbc_routing":1`},
	}
	farFields = []golden{
		{"hostname", `"hostname":"sip.new.test"`}, {"port", `"port":5080`}, {"domain", `"domain":"new.test"`},
		{"did_list", `"did_list":[{"did":"4930100","did_name":"main"},{"did":"4930101"}]`}, {"no did_list", `"did_list":[]`},
	}
	loginFields = []golden{
		{"username", `"username":"701"`}, {"password", `"password":"pa\"ss<wörd>"`}, {"auth_name", `"auth_name":"701a"`},
	}
	proxyFields = []golden{
		{"enb_outbound_proxy", `"enb_outbound_proxy":1`}, {"outbound_proxy_server", `"outbound_proxy_server":"proxy.test"`},
		{"outbound_proxy_port", `"outbound_proxy_port":5062`},
	}
)

type golden struct{ field, bytes string }

// all is a change of every field at once.
var (
	cids = []pseries.OutboundCID{
		{Option: "range", CID: "100-101", Extensions: "2001-2002"},
		{Option: "shared", CID: "200", Name: "Main", Members: []pseries.CIDMember{{Type: "extension", Number: "2001", Name: "Alice", ID: 41}, {ID: 1}}},
	}
	dids = []pseries.DID{{Number: "4930100", Name: "main"}, {Number: "4930101"}}
)

// register gives a change of the named field alone.
func register(field string) pseries.RegisterChange {
	var r pseries.RegisterChange
	switch field {
	case "name":
		r.Name = ptr("a<b>&c")
	case "enable":
		r.Enable = ptr(false)
	case "transport":
		r.Transport = ptr("tls")
	case "codec_sel":
		r.Codecs = ptr("alaw,ulaw")
	case "def_outbound_cid":
		r.DefOutboundCID = ptr("+4930")
	case "def_outbound_cid_name":
		r.DefOutboundCIDName = ptr("")
	case "outbound_cid_list":
		r.OutboundCIDs = cids
	case "no outbound_cid_list":
		r.OutboundCIDs = []pseries.OutboundCID{}
	case "hostname":
		r.Hostname = ptr("sip.new.test")
	case "port":
		r.Port = ptr(5080)
	case "domain":
		r.Domain = ptr("new.test")
	case "did_list":
		r.DIDs = dids
	case "no did_list":
		r.DIDs = []pseries.DID{}
	case "username":
		r.Username = ptr("701")
	case "password":
		r.Password = ptr(yeastar.NewSecret(`pa"ss<wörd>`))
	case "auth_name":
		r.AuthName = ptr("701a")
	case "enb_outbound_proxy":
		r.OutboundProxy = ptr(true)
	case "outbound_proxy_server":
		r.OutboundProxyServer = ptr("proxy.test")
	case "outbound_proxy_port":
		r.OutboundProxyPort = ptr(5062)
	case "transparent_trans_180_msg":
		r.Newer.Transparent180 = ptr(true)
	case "enb_sipauth_cache":
		r.Newer.SIPAuthCache = ptr(false)
	case "setting_of_sip_and_sdp_ip":
		r.Newer.SIPAndSDPIP = ptr("custom")
	case "sip_and_sdp_ip_addr":
		r.Newer.SIPAndSDPIPAddr = ptr("10.0.0.9")
	case "ignore_100_response":
		r.Newer.Ignore100 = ptr(true)
	case "force_dod_from":
		r.Newer.ForceOutboundCID = ptr(true)
	case "enb_sbc_routing":
		r.Newer.SBCRouting = ptr(true)
	}
	return r
}

// Every field of every table goes out alone, with the JSON type of the vendor's page.
func TestEachFieldOfEachTypeGoesOutAlone(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	c := w.direct(t, nil)
	try := func(kind, field, want string, id int64, change pseries.Change) {
		w.ResetRequests()
		_, _ = c.UpdateTrunk(background, id, change) // what the PBX thinks of it is not the question
		if got := w.bodies("trunk/update"); len(got) != 1 || got[0] != fmt.Sprintf(`{"id":%d,%s}`, id, want) {
			t.Errorf("%s %s: sent %q", kind, field, got)
		}
	}
	for _, g := range concat(commonFields, farFields, loginFields, proxyFields) {
		try("register", g.field, g.bytes, w.register, register(g.field))
	}
	for _, g := range concat(commonFields, farFields) {
		r := register(g.field)
		try("peer", g.field, g.bytes, w.peer, pseries.PeerChange{Name: r.Name, Enable: r.Enable, Transport: r.Transport,
			Hostname: r.Hostname, Port: r.Port, Domain: r.Domain, Codecs: r.Codecs, DefOutboundCID: r.DefOutboundCID,
			DefOutboundCIDName: r.DefOutboundCIDName, OutboundCIDs: r.OutboundCIDs, DIDs: r.DIDs, Newer: r.Newer})
	}
	for _, g := range concat(commonFields, loginFields) {
		r := register(g.field)
		try("account", g.field, g.bytes, w.account, pseries.AccountChange{Name: r.Name, Enable: r.Enable, Transport: r.Transport,
			Username: r.Username, Password: r.Password, AuthName: r.AuthName, Codecs: r.Codecs, DefOutboundCID: r.DefOutboundCID,
			DefOutboundCIDName: r.DefOutboundCIDName, OutboundCIDs: r.OutboundCIDs, Newer: r.Newer})
	}
	for _, g := range commonFields[4:8] {
		r := register(g.field)
		try("shared", g.field, g.bytes, w.shared, pseries.SharedChange{DefOutboundCID: r.DefOutboundCID,
			DefOutboundCIDName: r.DefOutboundCIDName, OutboundCIDs: r.OutboundCIDs})
	}
}

func TestAllFieldsGoOutInTheVendorsOrder(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	_, _ = w.direct(t, nil).UpdateTrunk(background, w.register, pseries.RegisterChange{
		Name: ptr("n"), Enable: ptr(true), Transport: ptr("udp"), Hostname: ptr("h"), Port: ptr(0), Domain: ptr("d"),
		Username: ptr("u"), Password: ptr(yeastar.NewSecret("p")), AuthName: ptr("a"), OutboundProxy: ptr(true),
		OutboundProxyServer: ptr("s"), OutboundProxyPort: ptr(1), Codecs: ptr("ulaw"), DefOutboundCID: ptr("1"),
		DefOutboundCIDName: ptr("2"), OutboundCIDs: []pseries.OutboundCID{}, DIDs: []pseries.DID{}})
	want := `{"id":11,"name":"n","enable":1,"transport":"udp","hostname":"h","port":0,"domain":"d","username":"u","password":"p",` +
		`"auth_name":"a","enb_outbound_proxy":1,"outbound_proxy_server":"s","outbound_proxy_port":1,"codec_sel":"ulaw",` +
		`"def_outbound_cid":"1","def_outbound_cid_name":"2","outbound_cid_list":[],"did_list":[]}`
	if got := w.bodies("trunk/update"); len(got) != 1 || got[0] != want {
		t.Errorf("sent %q", got)
	}
}

func TestWhatHarmsIsNotSent(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{})
	c := w.direct(t, nil)
	for what, change := range map[string]pseries.Change{
		"nothing":          pseries.RegisterChange{},
		"no change":        nil,
		"an empty name":    pseries.PeerChange{Name: ptr("")},
		"a port too large": pseries.PeerChange{Port: ptr(65536)},
		"proxy port 0":     pseries.RegisterChange{OutboundProxyPort: ptr(0)},
		"account dnsnaptr": pseries.AccountChange{Transport: ptr("dnsnaptr")},
		"a range alone":    pseries.SharedChange{OutboundCIDs: []pseries.OutboundCID{{Option: "range", CID: "1-2"}}},
		"nobody shares":    pseries.SharedChange{OutboundCIDs: []pseries.OutboundCID{{Option: "shared", CID: "1"}}},
		"a member's id":    pseries.SharedChange{OutboundCIDs: []pseries.OutboundCID{{Option: "shared", CID: "1", Members: []pseries.CIDMember{{Type: "extension"}}}}},
		"another option":   pseries.SharedChange{OutboundCIDs: []pseries.OutboundCID{{Option: "single", CID: "1"}}},
		"an empty DID":     pseries.PeerChange{DIDs: []pseries.DID{{}}},
	} {
		if _, err := c.UpdateTrunk(background, 11, change); yeastar.KindOf(err) != yeastar.KindInvalid || yeastar.SentOf(err) != yeastar.SentNo {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := c.UpdateTrunk(background, 0, pseries.PeerChange{Name: ptr("x")})
	failed(t, err, yeastar.KindInvalid, yeastar.SentNo)
	if n := w.count("trunk/update"); n != 0 {
		t.Errorf("%d requests left", n)
	}
}

func concat(lists ...[]golden) []golden {
	var out []golden
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}
