package yeastartest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// pbxCaller is a plain HTTP client of one PBX's own address.
type pbxCaller struct {
	*caller
	api   PBXAPI
	token string
}

// ownPBX is a PBX with its API enabled, a trunk of each type, and a caller with a token.
func ownPBX(t *testing.T, a SIPAssumptions) (*Server, *pbxCaller) {
	t.Helper()
	s, c := start(t, Config{Assumptions: Assumptions{NoRateLimit: true, SIP: a}})
	s.AddPBX(PBX{ID: 4808, Serial: "36XXXXXXXXXXXXZK", Switches: Switches{API: "Enabled"}})
	for i, kind := range []string{"register", "peer_did", "peer_port", "peer_private", "account", "webtrunk"} {
		s.AddSIPTrunk(4808, SIPTrunk{ID: int64(11 + i), Name: kind, Type: kind, Username: "700", Password: "hush-hush"})
	}
	p := &pbxCaller{caller: c, api: s.PBXAPI(4808)}
	p.token = p.login(p.api.ClientSecret).str("access_token")
	return s, p
}

func (p *pbxCaller) login(secret string) reply {
	return p.post("get_token", fmt.Sprintf(`{"username":%q,"password":%q}`, p.api.ClientID, secret))
}

func (p *pbxCaller) at(method, path, body string) *http.Request {
	p.t.Helper()
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	req := p.request(method, "/pbx/36XXXXXXXXXXXXZK/openapi/v1.0/"+path+sign+"access_token="+p.token, []byte(body))
	req.Header.Del("Authorization")
	return req
}

func (p *pbxCaller) post(path, body string) reply { return p.must(p.at(http.MethodPost, path, body)) }
func (p *pbxCaller) read(path string) reply       { return p.must(p.at(http.MethodGet, path, "")) }

// errcode is the PBX's code of an answer, which comes with HTTP 200.
func (r reply) errcode() string { return fmt.Sprint(r.object()["errcode"]) }

func TestWhatAPBXDemandsOfACall(t *testing.T) {
	_, p := ownPBX(t, SIPAssumptions{})
	bare := p.at(http.MethodGet, "trunk/list", "")
	bare.Header.Set("User-Agent", "")
	old := p.at(http.MethodGet, "trunk/list", "")
	old.URL.Path = strings.Replace(old.URL.Path, "v1.0", "v9.0", 1)
	form := p.at(http.MethodPost, "trunk/update", `{"id":11}`)
	form.Header.Set("Content-Type", "text/plain")
	stranger := p.at(http.MethodGet, "trunk/list", "")
	stranger.URL.RawQuery = "access_token=nobody"
	for want, req := range map[string]*http.Request{
		"40002": bare, "10003": old, "40001": form, "10004": stranger, "10001": p.at(http.MethodPost, "trunk/list", "{}"), "0": p.at(http.MethodGet, "trunk/list", ""),
		"10009": p.at(http.MethodPost, "trunk/create", "{}"), "60001": p.at(http.MethodGet, "trunk/get?id=999", ""),
	} {
		r := p.must(req)
		if r.errcode() != want || r.status != http.StatusOK || r.header.Get("Content-Type") != "application/json" {
			t.Errorf("want %s: %d %s", want, r.status, r.body)
		}
	}
}

func TestAPBXHasEightTokensAndFiveTries(t *testing.T) {
	s, p := ownPBX(t, SIPAssumptions{})
	for range 7 {
		if r := p.login(p.api.ClientSecret); r.errcode() != "0" {
			t.Fatalf("%s", r.body)
		}
	}
	if r := p.login(p.api.ClientSecret); r.errcode() != "60002" {
		t.Errorf("a ninth token: %s", r.body)
	}
	if r := p.read("del_token"); r.errcode() != "0" {
		t.Errorf("%s", r.body)
	}
	if r := p.login(p.api.ClientSecret); r.errcode() != "0" {
		t.Errorf("after one was handed back: %s", r.body)
	}
	for range 5 {
		if r := p.login("wrong"); r.errcode() != "-1" || !strings.Contains(string(r.body), `{"field":"username or password","value":"error"}`) {
			t.Fatalf("%s", r.body)
		}
	}
	if r := p.login(p.api.ClientSecret); r.errcode() != "70004" {
		t.Errorf("after five failures: %s", r.body)
	}
	s.UnblockPBX(4808)
	s.RevokePBXTokens(4808)
	if r := p.login(p.api.ClientSecret); r.errcode() != "0" {
		t.Errorf("%s", r.body)
	}
}

func TestARefreshGivesANewPair(t *testing.T) {
	for _, keeps := range []bool{false, true} {
		s, p := ownPBX(t, SIPAssumptions{RefreshKeepsOld: keeps})
		first := p.login(p.api.ClientSecret)
		spend := func() reply {
			return p.post("refresh_token", fmt.Sprintf(`{"refresh_token":%q}`, first.str("refresh_token")))
		}
		if r := spend(); r.errcode() != "0" || r.str("access_token") == first.str("access_token") || len(r.str("access_token")) != 32 {
			t.Errorf("%s", r.body)
		}
		if r := spend(); r.errcode() != "10004" {
			t.Errorf("a spent one: %s", r.body)
		}
		if live, _, _ := s.PBXTokens(4808); live != 2+bit(keeps) {
			t.Errorf("%d tokens live", live)
		}
	}
}

func TestATrunkShowsWhatItsTypeHas(t *testing.T) {
	_, p := ownPBX(t, SIPAssumptions{})
	list := string(p.read("trunk/list?page=1&page_size=20").body)
	if !strings.Contains(list, `{"id":15,"status":1,"name":"account","type":"account","username":"700"}`) || !strings.Contains(list, `"host_port":"sip.provider.example:5060"`) {
		t.Errorf("%s", list)
	}
	for id, absent := range map[int][]string{11: {"itsp"}, 12: {"username", "password", "enb_outbound_proxy"}, 15: {"hostname", "did_list", "enb_outbound_proxy"}} {
		got, _ := p.read(fmt.Sprint("trunk/get?id=", id)).object()["data"].(map[string]any)
		if got == nil {
			t.Fatalf("trunk %d has no data", id)
		}
		for _, key := range absent {
			if _, there := got[key]; there {
				t.Errorf("trunk %d has %s", id, key)
			}
		}
	}
}

func TestAnUpdateIsAllOrNothing(t *testing.T) {
	s, p := ownPBX(t, SIPAssumptions{Settle: time.Nanosecond})
	if r := p.post("trunk/update", `{"id":11,"name":"fresh","port":"5061"}`); r.errcode() != "40002" || !strings.Contains(string(r.body), `[{"field":"port","value":"5061"}]`) {
		t.Errorf("a port in quotes: %s", r.body)
	}
	if r := p.post("trunk/update", `{"id":12,"username":"701"}`); r.errcode() != "40002" {
		t.Errorf("a field of another type: %s", r.body)
	}
	if r := p.post("trunk/update", `{"id":11,"name":"account"}`); r.errcode() != "40003" || !strings.Contains(string(r.body), `"external_source_name":"account"`) {
		t.Errorf("a name that is taken: %s", r.body)
	}
	if got := s.SIPTrunks(4808)[0]; got.Name != "register" {
		t.Errorf("half of it was done: %+v", got)
	}
	if r := p.post("trunk/update", `{"id":11,"did_list":[{"did":"100"}],"enable":0}`); r.errcode() != "0" || string(r.body) != `{"errcode":0,"errmsg":"SUCCESS"}` {
		t.Errorf("%s", r.body)
	}
	if got := s.SIPTrunks(4808)[0]; !got.Disabled || len(got.DIDs) != 1 || s.SIPStatus(4808, 11) != SIPDisabled {
		t.Errorf("%+v", got)
	}
}

func TestARelayPutsItsRequestIDBesideThePBXsFields(t *testing.T) {
	s, c := ownPBX(t, SIPAssumptions{})
	path := "/dm/open_api/v1/cloud_pbx/36XXXXXXXXXXXXZK/openapi/v1.0/"
	r := c.get(path + "trunk/get?id=11")
	if r.errcode() != "0" || r.str("requestId") == "" || r.str("status") != "" {
		t.Errorf("%s", r.body)
	}
	s.SetPBXAPI(4808, false)
	if r := c.get(path + "trunk/get?id=11"); r.code() != fmt.Sprint(CodePermissionDenied) || r.str("status") != "Failed" {
		t.Errorf("%s", r.body)
	}
	if r := c.read("trunk/get?id=11"); r.errcode() != "70123" {
		t.Errorf("%s", r.body)
	}
	s.SetStatus(4808, StatusStopped)
	if r := c.read("trunk/get?id=11"); r.status != http.StatusServiceUnavailable {
		t.Errorf("a PBX that does not run answers %d %s", r.status, r.body)
	}
}

func TestATrunkIsSharedWhileYCMAssignsItsNumbers(t *testing.T) {
	s, c := ownPBX(t, SIPAssumptions{})
	s.AddTrunk(Trunk{ID: 6681, Name: "carrier_M8D90A", Type: "did_based"})
	s.AddDID(DID{ID: 50001, Number: "+4930100", Trunks: []int64{6681}})
	s.Bind(4808, bind(6681, 50001)...)
	if got := string(c.read("trunk/search?search_value=M8D90A").body); !strings.Contains(got, `"type":"peer_did"`) || !strings.Contains(got, `"total_number":1`) {
		t.Errorf("%s", got)
	}
	s.ReleaseSilently(4808, []int64{50001})
	if got := string(c.read("trunk/search?search_value=M8D90A").body); !strings.Contains(got, `"total_number":0`) {
		t.Errorf("%s", got)
	}
}

func TestTheOtherAnswersToWhatIsOpen(t *testing.T) {
	s, p := ownPBX(t, SIPAssumptions{
		HTTPErrors: true, MergeArrays: true, StrongPasswords: true, RefusePageSize: true, SecretKeepsTokens: true, BadRefreshFails: true,
		MaskPasswords: true, PlainPeer: true, GetAsArray: true, NewerEverywhere: true, Settle: time.Hour,
	})
	if r := p.read("trunk/list?page_size=101"); r.status != http.StatusBadRequest || r.errcode() != "40002" {
		t.Errorf("a page that is too large: %d %s", r.status, r.body)
	}
	if r := p.post("trunk/update", `{"id":11,"password":"short"}`); r.errcode() != "40002" {
		t.Errorf("a weak password: %s", r.body)
	}
	for range 2 {
		if r := p.post("trunk/update", `{"id":12,"did_list":[{"did":"100"}],"enb_sipauth_cache":1}`); r.errcode() != "0" {
			t.Errorf("%s", r.body)
		}
	}
	if got := s.SIPTrunks(4808)[1]; len(got.DIDs) != 2 || !got.AuthCache {
		t.Errorf("%+v", got)
	}
	if r := string(p.read("trunk/get?id=12").body); !strings.Contains(r, `"data":[{`) || !strings.Contains(r, `"type":"peer"`) {
		t.Errorf("%s", r)
	}
	if r := string(p.read("trunk/query?ids=11").body); !strings.Contains(r, `"password":"********"`) {
		t.Errorf("%s", r)
	}
	if r := p.post("trunk/update", `{"id":11,"name":"saved"}`); r.errcode() != "0" || s.SIPStatus(4808, 11) != SIPRegistering {
		t.Errorf("%s, and it stands at %d", r.body, s.SIPStatus(4808, 11))
	}
	s.SetPBXSecret(4808, "another")
	if r := p.read("trunk/list"); r.errcode() != "0" {
		t.Errorf("the token died with the secret: %s", r.body)
	}
	if r := p.post("refresh_token", `{"refresh_token":"old"}`); r.errcode() != "-1" {
		t.Errorf("%s", r.body)
	}
}
