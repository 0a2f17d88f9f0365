package sip_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
)

func carrier() sip.Trunk {
	return sip.Trunk{
		ID: 11, Name: "carrier-a", Type: "register", Enabled: true, Country: "general", Transport: sip.UDP, Hostname: "sip.carrier.test", Port: 5060,
		Domain: "sip.carrier.test", Username: "700", AuthName: "700", PasswordMark: "k:old", Codecs: []sip.Codec{"ulaw", "alaw"},
		CallerIDs: []sip.CallerID{{Option: sip.CIDShared, CID: "4930100", Members: []sip.Member{{ID: 3, Number: "1001", Name: "Ana"}}}},
		DIDs:      []sip.DID{{"4930100", "Main"}, {"4930101", ""}}, Pass180: new(bool),
	}
}

func ofType(vendorType string) sip.Trunk {
	t := carrier()
	t.Type = vendorType
	return t
}

func names(list []sip.Field) string {
	out := make([]string, len(list))
	for i, f := range list {
		out[i] = f.Name
	}
	return strings.Join(out, " ")
}

func TestEachTypeHasExactlyTheSettingsOfItsTable(t *testing.T) {
	const (
		caller = "def_outbound_cid def_outbound_cid_name outbound_cid_list"
		peer   = "name enable transport hostname port domain codec_sel " + caller + " did_list"
	)
	shared := carrier()
	shared.Shared = true
	for _, c := range []struct {
		trunk sip.Trunk
		want  string
	}{
		{ofType("register"), "name enable transport hostname port domain username auth_name enb_outbound_proxy outbound_proxy_server outbound_proxy_port codec_sel " + caller + " did_list transparent_trans_180_msg"},
		{ofType("peer"), peer}, {ofType("peer_did"), peer}, {ofType("peer_port"), peer}, {ofType("peer_private"), peer},
		{ofType("account"), "name enable transport username auth_name codec_sel " + caller},
		{shared, caller}, {ofType("webtrunk"), ""}, {ofType("GSM"), ""},
	} {
		if got := names(sip.Fields(c.trunk)); got != c.want {
			t.Errorf("%s (shared %t): %s, want %s", c.trunk.Type, c.trunk.Shared, got, c.want)
		}
		if login := sip.HasLogin(c.trunk); login != strings.Contains(c.want, "username") {
			t.Errorf("%s (shared %t): has a login: %t", c.trunk.Type, c.trunk.Shared, login)
		}
	}
}

func TestATrunkThatTheAPICanNotEditHasNoPatch(t *testing.T) {
	if _, err := sip.PatchFor(ofType("webtrunk")); fleet.KindOf(err) != fleet.KindRefused {
		t.Errorf("a webtrunk: %v", err)
	}
	peer := ofType("peer_did")
	if _, _, err := sip.Diff(peer, peer, true); fleet.KindOf(err) != fleet.KindInvalid {
		t.Errorf("a password for a peer trunk: %v", err)
	}
}

// draw changes about half of the settings of a trunk.
func draw(r *rand.Rand, t sip.Trunk) sip.Trunk {
	word := func(list ...string) string { return list[r.IntN(len(list))] }
	half := func() bool { return r.IntN(2) == 0 }
	if half() {
		t.Name = word("carrier-a", "carrier-b", "c")
	}
	t.Enabled, t.Proxy = half(), half()
	t.Transport = sip.Transport(word("udp", "tcp", "tls", "dnsnaptr"))
	t.Hostname, t.Domain = word("a.test", "b.test"), word("a.test", "b.test")
	t.Port, t.ProxyPort = r.IntN(3), r.IntN(3)
	t.Username, t.AuthName, t.ProxyServer = word("700", "701"), word("700", "701"), word("", "p.test")
	t.Codecs = sip.Codecs[:1+r.IntN(3)]
	t.CID, t.CIDName = word("", "1", "2"), word("", "x")
	t.CallerIDs = t.CallerIDs[:r.IntN(len(t.CallerIDs)+1)]
	t.DIDs = t.DIDs[:r.IntN(len(t.DIDs)+1)]
	if len(t.DIDs) == 0 && half() {
		t.DIDs, t.CallerIDs = nil, nil
	}
	if half() {
		on := half()
		t.Pass180 = &on
	}
	return t
}

// stored is a patch as it comes back from the plan that it was stored with.
func stored(t *testing.T, p sip.Patch) (back sip.Patch) {
	t.Helper()
	text, err := json.Marshal(p)
	if err == nil {
		err = json.Unmarshal(text, &back)
	}
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func TestADiffAppliedMakesWhatWasWantedAndRevertedWhatWasThere(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, vendorType := range []string{"register", "peer_did", "peer_port", "account", "shared"} {
		for range 300 {
			before := draw(r, ofType(vendorType))
			if vendorType == "shared" {
				before.Type, before.Shared = "register", true
			}
			want := draw(r, before)
			patch, changes, err := sip.Diff(before, want, false)
			if err != nil {
				t.Fatal(err)
			}
			patch = stored(t, patch)
			after := patch.Apply(before)
			for _, f := range sip.Fields(before) {
				if f.Words(after) != f.Words(want) {
					t.Fatalf("%s: %s is %q after the patch, want %q", vendorType, f.Name, f.Words(after), f.Words(want))
				}
				listed := slices.ContainsFunc(changes, func(c sip.Change) bool { return c.Name == f.Name })
				if moved := f.Words(before) != f.Words(want); moved != listed {
					t.Fatalf("%s: %s changes: %t, listed: %t", vendorType, f.Name, moved, listed)
				}
			}
			if fate := patch.Judge(before, after, ""); len(changes) > 0 && fate != sip.Done {
				t.Fatalf("%s: the wanted trunk is judged %s", vendorType, fate)
			}
			if fate := patch.Judge(before, before, ""); len(changes) > 0 && fate != sip.Untouched {
				t.Fatalf("%s: the old trunk is judged %s", vendorType, fate)
			}
			left := sip.Moved(before, patch.Revert(before, after))
			portOfNone := before.ProxyPort == 0 && len(left) == 1 && left[0].Name == sip.ProxyPortName // a PBX takes none
			if len(left) > 0 && !portOfNone {
				t.Fatalf("%s: reverted, %v is left", vendorType, left)
			}
			if again, left, _ := sip.Diff(after, want, false); len(left) > 0 {
				t.Fatalf("%s: a second diff has %v (%v)", vendorType, left, again)
			}
		}
	}
}

func TestAReadingThatShowsSomethingElseHasDiverged(t *testing.T) {
	before := carrier()
	want := before
	want.Hostname, want.Port = "new.test", 5061
	patch, _, err := sip.Diff(before, want, false)
	if err != nil {
		t.Fatal(err)
	}
	half := before
	half.Hostname = "new.test"
	if fate := patch.Judge(before, half, ""); fate != sip.Diverged {
		t.Errorf("one of two settings came through: %s", fate)
	}
	others := want
	others.Name = "somebody-renamed-it"
	if fate := patch.Judge(before, others, ""); fate != sip.Done {
		t.Errorf("somebody changed another setting meanwhile: %s", fate)
	}
}

func TestAPasswordIsJudgedByItsMarkAlone(t *testing.T) {
	before := carrier()
	patch, changes, err := sip.Diff(before, before, true)
	if err != nil || len(changes) != 1 || changes[0].To != sip.Replaced || !patch.SendsPassword() {
		t.Fatalf("%+v %v", changes, err)
	}
	seen := before
	for mark, want := range map[string]sip.Fate{"k:new": sip.Done, "k:old": sip.Untouched, "k:other": sip.Diverged, "": sip.Indistinct} {
		seen.PasswordMark = mark
		if fate := patch.Judge(before, seen, "k:new"); fate != want {
			t.Errorf("the PBX shows %q: %s, want %s", mark, fate, want)
		}
	}
	seen.PasswordMark = "otherkey:old"
	if moved := sip.Moved(before, seen); len(moved) > 0 {
		t.Errorf("marks of different keys are compared: %v", moved)
	}
}

func TestTheRules(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*sip.Trunk)
		field  string // empty: it is allowed
	}{
		"no name":                 {func(t *sip.Trunk) { t.Name = "" }, "name"},
		"a name with a space":     {func(t *sip.Trunk) { t.Name = "carrier a" }, "name"},
		"a name of 64":            {func(t *sip.Trunk) { t.Name = strings.Repeat("a", 64) }, "name"},
		"a name of 63":            {func(t *sip.Trunk) { t.Name = strings.Repeat("a", 63) }, ""},
		"a URL for a host":        {func(t *sip.Trunk) { t.Hostname = "sip:carrier.test" }, "hostname"},
		"a host with its port":    {func(t *sip.Trunk) { t.Hostname = "carrier.test:5060" }, "hostname"},
		"an IPv6 address":         {func(t *sip.Trunk) { t.Hostname = "2001:db8::1" }, ""},
		"a host of 256":           {func(t *sip.Trunk) { t.Hostname = strings.Repeat("a", 256) }, "hostname"},
		"port 65536":              {func(t *sip.Trunk) { t.Port = 65536 }, "port"},
		"port 0":                  {func(t *sip.Trunk) { t.Port = 0 }, ""},
		"no codec":                {func(t *sip.Trunk) { t.Codecs = nil }, "codec_sel"},
		"an unknown codec":        {func(t *sip.Trunk) { t.Codecs = []sip.Codec{"mp3"} }, "codec_sel"},
		"a codec twice":           {func(t *sip.Trunk) { t.Codecs = []sip.Codec{"ulaw", "ulaw"} }, "codec_sel"},
		"codecs in another order": {func(t *sip.Trunk) { t.Codecs = []sip.Codec{"alaw", "ulaw"} }, ""},
		"a transport of nobody":   {func(t *sip.Trunk) { t.Transport = "sctp" }, "transport"},
		"a proxy without server":  {func(t *sip.Trunk) { t.Proxy, t.ProxyPort = true, 5060 }, "outbound_proxy_server"},
		"a proxy without port":    {func(t *sip.Trunk) { t.Proxy, t.ProxyServer = true, "p.test" }, "outbound_proxy_port"},
		"a whole proxy":           {func(t *sip.Trunk) { t.Proxy, t.ProxyServer, t.ProxyPort = true, "p.test", 5060 }, ""},
		"no username":             {func(t *sip.Trunk) { t.Username = "" }, "username"},
		"a caller ID of 32":       {func(t *sip.Trunk) { t.CID = strings.Repeat("1", 32) }, "def_outbound_cid"},
		"the placeholder":         {func(t *sip.Trunk) { t.CID = "4930{{.Ext}}" }, ""},
		"another placeholder":     {func(t *sip.Trunk) { t.CID = "4930{{.Name}}" }, "def_outbound_cid"},
		"a DID twice":             {func(t *sip.Trunk) { t.DIDs = append(t.DIDs, sip.DID{Number: "4930100"}) }, "did_list.2.did"},
		"a DID without number":    {func(t *sip.Trunk) { t.DIDs = append(t.DIDs, sip.DID{Name: "x"}) }, "did_list.2.did"},
		"a DID pattern":           {func(t *sip.Trunk) { t.DIDs = []sip.DID{{Number: "49301[0-9]"}} }, "did_list.0.did"},
		"a shared one of nobody":  {func(t *sip.Trunk) { t.CallerIDs = []sip.CallerID{{Option: sip.CIDShared, CID: "1"}} }, "outbound_cid_list.0.ext_list"},
		"a caller ID of no kind":  {func(t *sip.Trunk) { t.CallerIDs = []sip.CallerID{{CID: "1"}} }, "outbound_cid_list.0.outbound_cid_option"},
	} {
		before, want := carrier(), carrier()
		c.change(&want)
		switch bad := sip.Check(before, want); {
		case c.field == "" && len(bad) > 0:
			t.Errorf("%s: %v", name, bad)
		case c.field != "" && (len(bad) != 1 || bad[0].Name != c.field):
			t.Errorf("%s: %v, want one at %s", name, bad, c.field)
		}
	}
}

func TestARangeHasAsManyExtensionsAsNumbers(t *testing.T) {
	for _, c := range []struct{ numbers, extensions, field string }{
		{"4930100-4930109", "1000-1009", ""},
		{"+4930100-+4930109", "1000-1009", ""},
		{"4930100", "1000-1009", "outbound_cid"},
		{"+4930100-4930109", "1000-1009", "outbound_cid"},
		{"4930109-4930100", "1000-1009", "outbound_cid"},
		{"493010-4930109", "1000-1009", "outbound_cid"},
		{"49301ab-4930109", "1000-1009", "outbound_cid"},
		{"4930000-4930999", "1000-1999", "outbound_cid"},
		{"1000000000000000-9999999999999999", "1-2", "outbound_cid"},
		{"4930100-4930109", "1000-1008", "outbound_cid_to_ext_range"},
		{"4930100-4930109", "1000", "outbound_cid_to_ext_range"},
	} {
		before, want := carrier(), carrier()
		want.CallerIDs = []sip.CallerID{{Option: sip.CIDRange, CID: c.numbers, ToRange: c.extensions}}
		bad := sip.Check(before, want)
		first := ""
		if len(bad) > 0 {
			first = strings.TrimPrefix(bad[0].Name, "outbound_cid_list.0.")
		}
		if first != c.field {
			t.Errorf("%s to %s: %v, want %q", c.numbers, c.extensions, bad, c.field)
		}
	}
}

func TestWhatStaysIsNotJudged(t *testing.T) {
	odd := carrier()
	odd.Name, odd.Hostname, odd.Codecs = "set by hand, with spaces", "sip:odd", []sip.Codec{"mp3"}
	want := odd
	want.Port = 5070
	if bad := sip.Check(odd, want); len(bad) > 0 {
		t.Errorf("what the PBX had already is refused: %v", bad)
	}
}

func TestAMoveToANewHostTouchesOnlyWhatNamesTheOldOne(t *testing.T) {
	host, port := "sip.new.test", 5062
	old := carrier()
	old.Domain = "realm.carrier.test"
	want := sip.Wide{OldHost: "sip.carrier.test", Hostname: &host, Domain: &host, ProxyServer: &host, Port: &port}.Want(old)
	if want.Hostname != host || want.Port != port || want.Domain != old.Domain || want.ProxyServer != "" {
		t.Errorf("%+v", want)
	}
}
