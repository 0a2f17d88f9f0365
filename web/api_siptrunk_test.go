package web_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// newSettings are, for each setting of seed 003 and contract §5.4, a new value as JSON has it.
func newSettings() map[string]string {
	return map[string]string{
		"name": `"renamed"`, "enable": `0`, "transport": `"tcp"`, "hostname": `"sip2.example"`, "port": `5070`, "domain": `"d.example"`,
		"username": `"701"`, "password": `"Another-Secret-9"`, "auth_name": `"auth-701"`,
		"enb_outbound_proxy":    `1`, // goes with the two below
		"outbound_proxy_server": `"proxy.example"`, "outbound_proxy_port": `5080`,
		"codec_sel": `"g722,alaw"`, "def_outbound_cid": `"+4499"`, "def_outbound_cid_name": `"Acme"`,
		"outbound_cid_list":         `[{"outbound_cid_option":"shared","outbound_cid":"+4421","outbound_cid_name":"Sales","ext_list":[{"type":"ext_group","id":1}]},{"outbound_cid_option":"range","outbound_cid":"100-101","outbound_cid_to_ext_range":"1000-1001"}]`,
		"did_list":                  `[{"did":"+4430","did_name":"New"},{"did":"+4431"}]`,
		"transparent_trans_180_msg": `1`, "enb_sipauth_cache": `1`,
	}
}

// ofType are the settings of each trunk of Acme HQ.
func ofType() map[int][]string {
	line := []string{"name", "enable", "transport", "codec_sel", "def_outbound_cid", "def_outbound_cid_name", "outbound_cid_list"}
	far := []string{"hostname", "port", "domain", "did_list"}
	login := []string{"username", "password", "auth_name"}
	newer := []string{"outbound_proxy_server", "outbound_proxy_port", "enb_outbound_proxy", "transparent_trans_180_msg", "enb_sipauth_cache"}
	return map[int][]string{
		webtest.AccountTrunk: slices.Concat(line, login), webtest.RegisterTrunk: slices.Concat(line, far, login, newer),
		webtest.DIDTrunk: slices.Concat(line, far), webtest.PortTrunk: slices.Concat(line, far), webtest.PrivateTrunk: slices.Concat(line, far),
	}
}

// carried is what goes out for a setting: what a PBX derives itself is not sent back to it.
func carried(name, value string) string {
	if name == "outbound_cid_list" {
		value = strings.ReplaceAll(value, `{"type":"ext_group","id":1}`, `{"type":"ext_group","ext_number":"Support","ext_name":"Support","id":1}`)
	}
	return value
}

func TestEveryFieldOfEveryTypeGoesOutAloneWithItsJSONType(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	for trunk, has := range ofType() {
		for name, value := range newSettings() {
			value := strings.Replace(value, "renamed", fmt.Sprintf("renamed-%d", trunk), 1) // names are unique
			path := fmt.Sprintf("/pbxs/4808/trunks/%d/plans", trunk)
			body := fmt.Sprintf(`{"patch":{%q:%s}}`, name, value)
			if !slices.Contains(has, name) {
				empty := map[byte]string{'"': `""`, '[': `[]`}[value[0]]
				for _, value := range []string{value, cmp.Or(empty, value)} {
					if name == "password" && value == empty {
						continue // refused for every type
					}
					if wrong := s.ask(422, "POST", path, fmt.Sprintf(`{"patch":{%q:%s}}`, name, value))["fields"].(map[string]any); wrong[name] == nil {
						t.Errorf("trunk %d, %s as %s: %v", trunk, name, value, wrong)
					}
				}
				continue
			}
			if name == "enb_outbound_proxy" {
				continue // needs the others: below
			}
			plan := s.ask(201, "POST", path, body)["id"].(string)
			s.ask(200, "POST", "/plans/"+plan+"/confirm", `{"reason":"asked for"}`)
			want := fmt.Sprintf(`{"id":%d,%q:%s}`, trunk, name, carried(name, value))
			if got := updates(h); len(got) == 0 || got[len(got)-1] != want {
				t.Errorf("trunk %d, %s: %s, want %s", trunk, name, got[len(got)-1], want)
			}
		}
	}
	plan := s.ask(201, "POST", "/pbxs/4808/trunks/31/plans", `{"patch":{"enb_outbound_proxy":1,"outbound_proxy_port":5090}}`)["id"].(string)
	s.ask(200, "POST", "/plans/"+plan+"/confirm", "")
	if got := updates(h); got[len(got)-1] != `{"id":31,"enb_outbound_proxy":1,"outbound_proxy_port":5090}` {
		t.Errorf("%s", got[len(got)-1])
	}
}

func TestAProxyThatIsSwitchedOnIsSwitchedOffAgainAndNoPortOfNoneIsSent(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	plan := s.ask(201, "POST", "/pbxs/4808/trunks/31/plans", `{"patch":{"enb_outbound_proxy":1,"outbound_proxy_server":"p.example","outbound_proxy_port":5090}}`)["id"].(string)
	s.ask(200, "POST", "/plans/"+plan+"/confirm", "")
	undo := s.ask(201, "POST", "/plans/"+plan+"/undo", "")
	if skipped := undo["skipped"].([]any); len(skipped) != 1 || skipped[0].(map[string]any)["number"] != "Outbound proxy port" {
		t.Errorf("%v", skipped)
	}
	s.ask(200, "POST", "/plans/"+undo["id"].(string)+"/confirm", "")
	if got := updates(h); got[1] != `{"id":31,"enb_outbound_proxy":0,"outbound_proxy_server":""}` {
		t.Errorf("%q", got)
	}
	reads(t, s.Client, "/audit", "trunk carrier-a", "enb_outbound_proxy: off", "outbound_proxy_server: p.example")
	port := s.ask(201, "POST", "/pbxs/4808/trunks/28/plans", `{"patch":{"password":"Just-The-Password-1"}}`)["id"].(string)
	s.ask(200, "POST", "/plans/"+port+"/confirm", "")
	s.ask(422, "POST", "/plans/"+port+"/undo", "")
}

func TestAPatchWithAValueOfAnotherKindIsRefusedAtThatField(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	for patch, at := range map[string]string{
		`{"port":"5060"}`: "port", `{"port":5060.5}`: "port", `{"port":null}`: "port", `{"port":70000}`: "port", `{"enable":true}`: "enable", `{"enable":2}`: "enable",
		`{"name":7}`: "name", `{"name":"a b"}`: "name", `{"dtmf_mode":"rfc"}`: "dtmf_mode", `{"type":"peer"}`: "type", `{"id":3}`: "id", `{"codec_sel":["ulaw"]}`: "codec_sel",
		`{"codec_sel":""}`: "codec_sel", `{"codec_sel":"ulaw,opera"}`: "codec_sel", `{"outbound_proxy_port":0}`: "outbound_proxy_port", `{"password":""}`: "password",
		`{"did_list":{}}`: "did_list", `{"did_list":[{"did":5}]}`: "did_list.0", `{"did_list":[{"did":"1"},{"did_name":"x"}]}`: "did_list.1.did", `{"did_list":[{"did":"1","number":"2"}]}`: "did_list.0",
		`{"outbound_cid_list":[{"outbound_cid_option":"shared","outbound_cid":"1","ext_list":[{"id":"41"}]}]}`:             "outbound_cid_list.0.ext_list",
		`{"outbound_cid_list":[{"outbound_cid_option":"shared","outbound_cid":"1","ext_list":[{"id":99}]}]}`:               "outbound_cid_list.0.ext_list",
		`{"outbound_cid_list":[{"outbound_cid_option":"range","outbound_cid":"1-2","outbound_cid_to_ext_range":"10-19"}]}`: "outbound_cid_list.0.outbound_cid_to_ext_range",
		`{}`: "patch",
	} {
		a := s.ask(422, "POST", "/pbxs/4808/trunks/31/plans", `{"patch":`+patch+`}`)
		if fields, ok := a["fields"].(map[string]any); !ok || fields[at] == nil {
			t.Errorf("%s: %v", patch, a)
		}
	}
	s.ask(422, "POST", "/pbxs/4808/trunks/31/plans", `{"patch":{"name":"carrier-a"}}`)
	s.ask(404, "POST", "/pbxs/4808/trunks/999/plans", `{"patch":{"name":"x"}}`)
	if len(updates(h)) != 0 {
		t.Errorf("%q", updates(h))
	}
}

func TestATrunkIsToldUnderTheVendorsNamesWithoutItsPassword(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	list := items(s.get("/pbxs/4808/trunks"))
	if len(list) != 8 || list[len(list)-1]["name"] == "" {
		t.Fatalf("%v", list)
	}
	o := s.get("/pbxs/4808/trunks/31")
	for name, want := range map[string]any{"hostname": "sip.carrier.example", "port": 5060.0, "enable": 1.0, "codec_sel": "ulaw,alaw,g729", "status": 1.0, "sentence": "Up", "outbound_proxy_port": 0.0, "shared": false} {
		if o[name] != want {
			t.Errorf("%s: %v, want %v", name, o[name], want)
		}
	}
	if o["password"] != nil || len(o["did_list"].([]any)) != 2 || o["base"] == "" {
		t.Errorf("%v", o)
	}
	if account := s.get("/pbxs/4808/trunks/28"); account["hostname"] != nil || account["did_list"] != nil || account["username"] != "6708" {
		t.Errorf("%v", account)
	}
	h.Sim.ChangeSIPTrunk(4808, 31, func(t *yeastartest.SIPTrunk) { t.Port = 5061 })
	s.ask(409, "POST", "/pbxs/4808/trunks/31/plans", fmt.Sprintf(`{"base":%q,"patch":{"name":"x"}}`, o["base"]))

	plan := s.ask(201, "POST", "/pbxs/4808/trunks/31/plans", `{"patch":{"hostname":"sip9.example"}}`)
	if f := plan["fields"].([]any)[0].(map[string]any); f["name"] != "hostname" || f["from"] != "sip.carrier.example" || f["to"] != "sip9.example" || plan["trunk_id"] != 31.0 {
		t.Errorf("%v", plan)
	}
	done := s.ask(200, "POST", "/plans/"+plan["id"].(string)+"/confirm", "")
	if done["outcome"].(map[string]any)["line"] == nil {
		t.Errorf("%v", done)
	}
	undo := s.ask(201, "POST", "/plans/"+plan["id"].(string)+"/undo", "")
	if undo["undo_of"] != plan["id"] {
		t.Errorf("%v", undo)
	}
}

func TestHowAPBXIsReachedIsSaidTestedAndItsSecretNeverTold(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	if o := s.get("/pbxs/4808/api-access"); o["transport"] != "relay" || o["has_secret"] != false {
		t.Errorf("%v", o)
	}
	api := h.Sim.PBXAPI(4808)
	body := fmt.Sprintf(`{"transport":"direct","base_url":%q,"client_id":%q,"client_secret":%q}`, api.BaseURL, api.ClientID, api.ClientSecret)
	if o := s.ask(200, "PUT", "/pbxs/4808/api-access", body); o["transport"] != "direct" || o["has_secret"] != true || o["base_url"] != api.BaseURL {
		t.Errorf("%v", o)
	}
	if o := s.ask(200, "POST", "/pbxs/4808/api-access/test", ""); !strings.Contains(o["sentence"].(string), "The PBX answers") {
		t.Errorf("%v", o)
	}
	if list := items(s.get("/pbxs/4808/trunks")); len(list) != 8 {
		t.Errorf("%v", list)
	}
	wrong := s.ask(422, "PUT", "/pbxs/4808/api-access", `{"transport":"direct","base_url":"ftp://x","client_id":""}`)["fields"].(map[string]any)
	if wrong["base_url"] == nil || wrong["client_id"] == nil || wrong["client_secret"] == nil {
		t.Errorf("%v", wrong)
	}
	reads(t, s.Client, "/pbx/4808/api-access", "reached directly", "Set. Type a new one to replace it")
	f := s.Get("/pbx/4808/api-access").Parse(t).Form(t, "/pbx/4808/api-access")
	f.Values.Set("base_url", "nowhere")
	f.Values.Set("client_secret", "typed-and-refused")
	if a := s.Post(f.Action, f.Values); a.Status != http.StatusUnprocessableEntity || strings.Contains(a.Body, "typed-and-refused") || !strings.Contains(a.Body, `value="nowhere"`) {
		t.Errorf("%d", a.Status)
	}
	h.Sim.SetPBXSecret(4808, "rotated")
	reads(t, s.Client, "/pbx/4808/trunks", "can't be read now", "API access")
	if a := s.Post("/pbx/4808/api-access/test", nil); a.Status == http.StatusOK {
		t.Errorf("a secret that the PBX refuses passes the test: %s", a.Parse(t).Text())
	}
	f = s.Get("/pbx/4808/api-access").Parse(t).Form(t, "/pbx/4808/api-access")
	f.Values.Set("transport", "relay")
	if a := s.Post(f.Action, f.Values); a.Status != http.StatusSeeOther {
		t.Errorf("%d", a.Status)
	}
	reads(t, s.Client, "/pbx/4808/trunks", "carrier-a")
}
