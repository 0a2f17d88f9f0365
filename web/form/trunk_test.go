package form_test

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
	"cordboard/web/form"
)

func aTrunk(vendorType string) sip.Trunk {
	on := true
	t := sip.Trunk{
		ID: 28, Name: "carrier", Type: vendorType, Enabled: true, Transport: sip.UDP, Codecs: []sip.Codec{"ulaw", "alaw"}, CID: "+4420", CIDName: "Acme",
		CallerIDs: []sip.CallerID{
			{Option: sip.CIDShared, CID: "+4421", Name: "Sales", Members: []sip.Member{{ID: 41, Number: "1000", Name: "Ana"}, {Group: true, ID: 3, Number: "Support", Name: "Support"}}},
			{Option: sip.CIDRange, CID: "100-109", ToRange: "1010-1019"},
		},
	}
	if t.Kind() != sip.Account {
		t.Hostname, t.Port, t.Domain = "sip.example", 5060, "sip.example"
		t.DIDs = []sip.DID{{Number: "+4420", Name: "Main"}, {Number: "+4421"}}
	}
	if t.Kind() != sip.Peer {
		t.Username, t.AuthName, t.PasswordMark = "700", "700", "k:1"
	}
	if t.Kind() == sip.Register {
		t.Pass180, t.AuthCache = &on, new(bool)
	}
	return t
}

func types() []string {
	return []string{"register", "peer_did", "peer_port", "peer_private", "account"}
}

func TestAFormThatNobodyTouchedWantsWhatIsThere(t *testing.T) {
	for _, vendorType := range types() {
		before := aTrunk(vendorType)
		want, wrong := form.ReadTrunk(form.TypedTrunk(form.TrunkValues(before)), before, form.Members{Known: form.MembersOf(before), Away: true})
		if len(wrong) > 0 || len(sip.Moved(before, want)) > 0 {
			t.Errorf("%s: %v, %v", vendorType, wrong, sip.Moved(before, want))
		}
	}
}

func TestWhatIsNotOnTheFormStays(t *testing.T) {
	before := aTrunk("register")
	want, wrong := form.ReadTrunk(form.TypedTrunk(url.Values{"name": {"other"}}), before, form.Members{})
	if got := sip.Moved(before, want); len(wrong) > 0 || len(got) != 1 || got[0].Name != "name" {
		t.Errorf("%v, %v", wrong, got)
	}
}

// changes of every setting that a form has: what is typed, and what it must change and nothing else.
func changes() map[string]url.Values {
	return map[string]url.Values{
		"name": {"name": {" renamed "}}, "enable": {"enable": {"0"}}, "transport": {"transport": {"tcp"}}, "hostname": {"hostname": {"sip2.example"}}, "port": {"port": {"5070"}},
		"domain": {"domain": {"d.example"}}, "username": {"username": {"701"}}, "auth_name": {"auth_name": {"701"}}, "enb_outbound_proxy": {"enb_outbound_proxy": {"1"}},
		"outbound_proxy_server": {"outbound_proxy_server": {"proxy.example"}}, "outbound_proxy_port": {"outbound_proxy_port": {"5080"}}, "codec_sel": {"codec_sel": {"alaw", "", "ulaw"}},
		"def_outbound_cid": {"def_outbound_cid": {"+4499"}}, "def_outbound_cid_name": {"def_outbound_cid_name": {""}}, "transparent_trans_180_msg": {"transparent_trans_180_msg": {"0"}},
		"enb_sipauth_cache": {"enb_sipauth_cache": {"1"}}, "did_list": {"did_list": {""}}, "outbound_cid_list": {"outbound_cid_list": {""}},
	}
}

func TestEverySettingOfEveryTypeCanBeChangedAloneAndNoOtherTypesCan(t *testing.T) {
	for _, vendorType := range types() {
		before := aTrunk(vendorType)
		has := map[string]bool{}
		for _, f := range sip.Fields(before) {
			has[f.Name] = true
		}
		for name, typed := range changes() {
			want, wrong := form.ReadTrunk(form.TypedTrunk(typed), before, form.Members{})
			got := sip.Moved(before, want)
			switch {
			case has[name] && (len(wrong) > 0 || len(got) != 1 || got[0].Name != name):
				t.Errorf("%s, %s: %v, %v", vendorType, name, wrong, got)
			case !has[name] && len(got) > 0:
				t.Errorf("%s changes %v, which it does not have", vendorType, got)
			case !has[name] && len(wrong) == 0 && strings.Join(typed[name], "") != "":
				t.Errorf("%s takes %s in silence", vendorType, name)
			}
		}
	}
}

func TestASharedTrunkTakesItsThreeFieldsAlone(t *testing.T) {
	before := aTrunk("peer_did")
	before.Shared = true
	for name, typed := range changes() {
		_, wrong := form.ReadTrunk(form.TypedTrunk(typed), before, form.Members{})
		if mine := strings.Contains(name, "outbound_cid"); mine != (len(wrong) == 0) && strings.Join(typed[name], "") != "" {
			t.Errorf("%s: %v", name, wrong)
		}
	}
}

func TestRowsThatAreEmptyOrTakenAwayAreDroppedAndTheRestIsNumberedAnew(t *testing.T) {
	v := url.Values{"did_list": {""}, "did_list.0.did": {"1"}, "did_list.1.did": {" "}, "did_list.1.did_name": {""}, "did_list.4.did": {"4"}, "did_list.4.did_name": {"Four"}, "did_list.10.did": {"10"},
		"outbound_cid_list.0.outbound_cid_option": {"shared"}, "outbound_cid_list.0.ext_list": {"", " "}, "drop": {"did_list.0"}}
	typed := form.TypedTrunk(v)
	if form.TrunkRows(typed, sip.DIDList) != 2 || form.TrunkRows(typed, sip.CallerIDList) != 0 || !typed.Has(sip.CallerIDList) {
		t.Fatalf("%v", typed)
	}
	want, wrong := form.ReadTrunk(typed, aTrunk("register"), form.Members{})
	if got := []sip.DID{{Number: "4", Name: "Four"}, {Number: "10"}}; len(wrong) > 0 || !slices.Equal(want.DIDs, got) || len(want.CallerIDs) != 0 {
		t.Errorf("%v %v %v", wrong, want.DIDs, want.CallerIDs)
	}
}

func TestMembersAreFoundByNumberByNameAndById(t *testing.T) {
	m := form.Members{
		Extensions: []sip.Extension{{ID: 41, Number: "1000", Name: "Ana Lima"}, {ID: 42, Number: "1001", Name: "Bo"}, {ID: 43, Number: "1002", Name: "Bo"}, {ID: 44, Number: "1003", Name: "Lima, Leo"}},
		Groups:     []sip.Group{{ID: 3, Name: "Support"}, {ID: 4, Name: "1000"}},
	}
	read := func(texts ...string) ([]string, []fleet.Field) {
		typed := form.TypedTrunk(url.Values{"outbound_cid_list.0.outbound_cid_option": {"shared"}, "outbound_cid_list.0.outbound_cid": {"1"}, "outbound_cid_list.0.ext_list": texts})
		want, wrong := form.ReadTrunk(typed, aTrunk("account"), m)
		var tokens []string
		for _, o := range want.CallerIDs[0].Members {
			tokens = append(tokens, form.MemberToken(o))
		}
		if len(wrong) == 0 && !slices.Equal(typed["outbound_cid_list.0.ext_list"], tokens) {
			t.Errorf("%v is kept as %v", tokens, typed)
		}
		return tokens, wrong
	}
	for _, good := range []struct {
		typed []string
		want  []string
	}{
		{[]string{"extension:42", "ext_group:3"}, []string{"extension:42", "ext_group:3"}}, {[]string{"1000"}, []string{"extension:41"}}, {[]string{"ana lima"}, []string{"extension:41"}},
		{[]string{"group support"}, []string{"ext_group:3"}}, {[]string{"1001 (Bo)", "1001"}, []string{"extension:42"}}, {[]string{"Lima, Leo"}, []string{"extension:44"}},
		{[]string{"1000, 1002; Support"}, []string{"extension:41", "extension:43", "ext_group:3"}},
	} {
		if got, wrong := read(good.typed...); len(wrong) > 0 || !slices.Equal(got, good.want) {
			t.Errorf("%v: %v %v", good.typed, got, wrong)
		}
	}
	for _, bad := range []string{"Bo", "nobody", "extension:99", "ext_group:41"} {
		if _, wrong := read(bad); len(wrong) != 1 || wrong[0].Name != "outbound_cid_list.0.ext_list" {
			t.Errorf("%s: %v", bad, wrong)
		}
	}
}

func TestWhatIsNoNumberOrSwitchIsWrongAtItsField(t *testing.T) {
	_, wrong := form.ReadTrunk(form.TypedTrunk(url.Values{"port": {"x"}, "enable": {"yes"}, "outbound_proxy_port": {"+5"}}), aTrunk("register"), form.Members{})
	var names []string
	for _, f := range wrong {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"enable", "outbound_proxy_port", "port"}) {
		t.Errorf("%v", wrong)
	}
}

func TestAProxyPortOfNoneIsShownEmptyAndReadAsNone(t *testing.T) {
	before := aTrunk("register")
	v := form.TrunkValues(before)
	if v.Get("outbound_proxy_port") != "" {
		t.Errorf("%q", v.Get("outbound_proxy_port"))
	}
	if want, _ := form.ReadTrunk(form.TypedTrunk(v), before, form.Members{Away: true}); want.ProxyPort != 0 {
		t.Error(want.ProxyPort)
	}
}

func TestAPasswordIsNotKeptAmongWhatWasTyped(t *testing.T) {
	if typed := form.TypedTrunk(url.Values{"password": {"S3cret-word"}}); reflect.DeepEqual(typed["password"], []string{"S3cret-word"}) || !typed.Has("password") {
		t.Error(maps.Keys(typed))
	}
}
