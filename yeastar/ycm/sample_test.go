package ycm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"cordboard/yeastar/ycm"
	"cordboard/yeastar/yeastartest"
)

// vendorSample is one answer of the vendor as its pages show it, the call that
// asks for it, and what the client must make of it.
type vendorSample struct {
	file, path, query string
	call              func(context.Context, *ycm.Client) (any, error)
	want              any
	// assume changes the simulator for this sample.
	assume yeastartest.Assumptions
	// newer are fields that only some revisions of the vendor's page show; the
	// simulator plays one that does not.
	newer []string
}

var (
	utc       = func(s int64) time.Time { return time.Unix(s, 0).UTC() }
	wantedPBX = ycm.PBX{
		ID: 4808, Serial: "3658B4311196XXXX", Name: "Yeastar P-Series Cloud PBX", Status: "Running", Activation: "Activated",
		Plan: "Enterprise Plan", PlanExpiry: utc(1778636716), Type: "Commercial", Expiry: utc(1778636716), Region: "Asia Pacific(Singapore)",
		URL: "cloud.example.com", Version: "84.19.0.22", Created: utc(1664450755), Extensions: 20, ConcurrentCalls: 10, Recording: "Enabled",
		RecordingMinutes: 500, TranscriptionMinutes: 120, TranscriptionExtra: new(int64), UsedTranscriptionMins: 7, ReceptionistCapacity: 60, UpgradeInPBX: "Enabled",
		PasswordlessLogin: "Disabled", CreatorName: "Ada Operator", CreatorEmail: "ada@example.com",
	}
	wantedTrunk = ycm.SharedTrunk{
		ID: 6681, Name: "register-trunk-shared_32YFS4", Type: "register", RegionID: 4, RegionName: "Asia Pacific(Singapore)", Creator: "ada@example.com",
		Enabled: true, Country: "general", Hostname: "sip.example.com", Port: 5060, Transport: "udp", Remark: "main",
		HeaderDefs: []ycm.HeaderDef{{ID: 31, Name: "X-Account"}}, HeaderDefsKnown: true,
	}
	wantedDID      = ycm.DID{ID: 50036, Number: "+4930000036", Name: "Front desk", Creator: "ada@example.com", TrunkIDs: []int64{6681, 6682}, PBXID: 4808}
	wantedCustomer = ycm.Customer{ID: 50086120, FirstName: "Leo", LastName: "Ball", Company: "Acme", Email: "leo@acme.example", BusinessNumber: "+4930000001",
		ZipCode: "10115", Street: "Chausseestr. 1", City: "Berlin", Country: "Germany", Remark: "VIP"}
	receptionist = []string{"receptionistCapacity", "receptionistCapacityPlan"}
	proxy        = []string{"proxyClusterPublicIp", "proxyPort", "proxyServerName"}
)

func samples() []vendorSample {
	const instances, trunks, dids = "/dm/open_api/v1/cloud_pbx/instances", "/dm/open_api/v1/shared_trunk", "/dm/open_api/v1/did_management"
	return append(choiceSamples(), []vendorSample{
		{file: "pbx_list", path: "/dm/open_api/v2/cloud_pbx/instances", query: "pageNumber=1&pageSize=50&sort=cloudPbxId", newer: receptionist,
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.ListPBXs(ctx) }, want: []ycm.PBX{wantedPBX}},
		{file: "pbx_by_id", path: instances + "/4808", newer: receptionist,
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.PBX(ctx, 4808) }, want: wantedPBX},
		{file: "pbx_by_url", path: instances + "/get", query: "url=cloud.example.com", newer: receptionist,
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.PBXByURL(ctx, "cloud.example.com") }, want: wantedPBX},
		{file: "pbx_status", path: instances + "/4808/status",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.PBXStatus(ctx, 4808) },
			want: ycm.PBXStatus{ID: 4808, Status: "Running", Activation: "Activated"}},
		{file: "trunks_available", path: trunks + "/name/acl",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.AvailableTrunks(ctx) },
			want: []ycm.TrunkRef{{ID: 6681, Name: "register-trunk-shared_32YFS4", Type: "register"}, {ID: 6682, Name: "Peer-shared_NT9H01", Type: "did_based"}}},
		{file: "trunks_all", path: trunks, newer: proxy,
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.SharedTrunks(ctx) }, want: []ycm.SharedTrunk{wantedTrunk}},
		{file: "trunk_one", path: trunks + "/6681", newer: proxy,
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.SharedTrunk(ctx, 6681) }, want: wantedTrunk},
		{file: "trunk_one_without_data", path: trunks + "/6681", newer: proxy, assume: yeastartest.Assumptions{TrunkWithoutData: true},
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.SharedTrunk(ctx, 6681) }, want: wantedTrunk},
		{file: "trunk_status", path: trunks + "/6681/status",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.SharedTrunkStatus(ctx, 6681) },
			want: ycm.TrunkStatus{ID: 6681, State: "E_REGISTER_FAILED_STATE", Reason: "REASON_AUTH"}},
		{file: "trunks_used", path: trunks + "/pbx/used", query: "cloudPbxId=4808",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.TrunksUsedBy(ctx, 4808) }, want: []int64{6681, 6682}},
		{file: "dids_list", path: dids, query: "pageNumber=1&pageSize=50", assume: yeastartest.Assumptions{Unassigned: yeastartest.UnassignedNull},
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.ListDIDs(ctx) },
			want: []ycm.DID{wantedDID, {ID: 50044, Number: "2113", Creator: "ada@example.com", TrunkIDs: []int64{6681}}}},
		{file: "dids_search", path: dids, query: "pageNumber=1&pageSize=50&search=%2B49+30",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.SearchDIDs(ctx, "+49 30") }, want: []ycm.DID{wantedDID}},
		{file: "did_one", path: dids + "/50036",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.DID(ctx, 50036) }, want: wantedDID},
		{file: "dids_of_pbx", path: dids + "/4808/did",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.DIDsOfPBX(ctx, 4808) }, want: []int64{2, 3, 2, 3, 11, 10, 9, 8, 3}},
		{file: "dids_usable", path: dids + "/usable", query: "cloudPbxId=4808&trunkId=6681",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.UsableDIDs(ctx, 6681, 4808) },
			want: []ycm.UsableDID{{ID: 50045, Number: "+4930000045", Name: "Fax"}, {ID: 50046, Number: "+4930000046"}}},
	}...)
}

// choiceSamples are the answers to look-ups for a new PBX.
func choiceSamples() []vendorSample {
	of := func(total, used, left int64) ycm.Amount { return ycm.Amount{Total: &total, Used: &used, Left: &left} }
	return []vendorSample{
		{file: "regions", path: "/dm/open_api/v1/cluster/regions",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.Regions(ctx) },
			want: []ycm.Region{{ID: 1, Name: "China(GuangDong)"}, {ID: 2, Name: "China(Shanghai)"}, {ID: 3, Name: "India(Mumbai)"}, {ID: 4, Name: "Asia Pacific(Singapore)"}}},
		{file: "domains", path: "/dm/open_api/v1/cluster/domains", query: "regionIds=4",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.Domains(ctx, 4) },
			want: []ycm.Domain{{ID: 4, RegionID: 4, Name: "sg.pbx.example"}}},
		{file: "firmwares", path: "/dm/open_api/v1/firmware", query: "regionIds=4&type=pbx",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.Firmwares(ctx, 4) },
			want: []ycm.Firmware{{ID: 764, Version: "84.22.0.134", RegionIDs: []int64{1, 2, 3, 4}}}},
		{file: "customers_list", path: "/dm/open_api/v1/customers", query: "pageNumber=1&pageSize=50&sort=customerId",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.ListCustomers(ctx) }, want: []ycm.Customer{wantedCustomer}},
		{file: "customer_one", path: "/dm/open_api/v1/customers/50086120",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.Customer(ctx, 50086120) }, want: wantedCustomer},
		{file: "customers_of_pbx", path: "/dm/open_api/v1/cloud_pbx/instances/4808/customers",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.CustomersOfPBX(ctx, 4808) }, want: []int64{50086182, 50429564}},
		{file: "templates", path: "/dm/open_api/v1/provision_template",
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.Templates(ctx) },
			want: []ycm.Template{{ID: 9, Name: "Dentists", Created: utc(1664450755), Modified: utc(1664450999)}}},
		{file: "subscription", path: "/dm/open_api/v1/subscription", newer: []string{"assignedToResellerExtensionCapacity"},
			call: func(ctx context.Context, c *ycm.Client) (any, error) { return c.Subscription(ctx) },
			want: ycm.Subscription{Extensions: of(1000, 310, 630), ConcurrentCalls: of(250, 80, 170), Recording: of(10000, 1500, 8500),
				Transcription: of(600, 60, 540), UltimatePlan: of(100, 20, 80), Expires: utc(1778636716), RecordingExpiry: utc(1778636716)}},
	}
}

func TestTheClientReadsEverySampleOfTheVendor(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.file, func(t *testing.T) {
			body := sample(t, s.file)
			_, c := newScripted(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet || r.URL.Path != s.path || r.URL.RawQuery != s.query {
					t.Errorf("asked for %s %s?%s, want GET %s?%s", r.Method, r.URL.Path, r.URL.RawQuery, s.path, s.query)
				}
				_, _ = w.Write(body)
			})
			got, err := s.call(background, c)
			must(t, err)
			if !reflect.DeepEqual(got, s.want) {
				t.Errorf("got\n%+v, want\n%+v", got, s.want)
			}
			if strings.Contains(fmt.Sprintf("%+v", got), "planted-sip-password") {
				t.Error("the SIP password was kept")
			}
		})
	}
}

func TestTheSimulatorAnswersInTheShapeOfEverySample(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.file, func(t *testing.T) {
			sim, c := simulator(t, s.assume)
			populate(sim)
			if _, err := s.call(background, c); err != nil {
				t.Errorf("the client cannot read the simulator's answer: %v", err)
			}
			query := strings.Replace(s.query, "%2B49+30", "Front", 1)
			have, want := shapes(t, raw(t, sim, s.path, query)), shapes(t, sample(t, s.file))
			for _, name := range s.newer {
				for place := range want {
					if strings.HasSuffix(place, "."+name) {
						delete(want, place)
					}
				}
			}
			if !reflect.DeepEqual(have, want) {
				t.Errorf("the simulator answers\n%v, the vendor\n%v", have, want)
			}
		})
	}
}

// populate gives the simulator what the samples tell of.
func populate(s *yeastartest.Server) {
	s.AddTrunk(yeastartest.Trunk{ID: 6681, Name: "register-trunk-shared_32YFS4", Password: "planted-sip-password", Status: "E_REGISTER_FAILED_STATE",
		Reason: "REASON_AUTH", Headers: []yeastartest.HeaderDef{{ID: 31, Name: "X-Account"}}})
	s.AddTrunk(yeastartest.Trunk{ID: 6682, Name: "Peer-shared_NT9H01", Type: "did_based", Granted: true})
	s.AddCustomer(yeastartest.Customer{ID: 50086120, FirstName: "Leo", Company: "Acme", Email: "leo@acme.example"})
	s.AddTemplate(yeastartest.Template{ID: 9, Name: "Dentists"})
	s.AddPBX(yeastartest.PBX{ID: 4808, Name: "Acme", URL: "cloud.example.com", Customers: []int64{50086120}, Creator: yeastartest.Person{FirstName: "Ada"}})
	s.AddDID(yeastartest.DID{ID: 50036, Number: "+4930000036", Name: "Front desk", Trunks: []int64{6681, 6682}})
	s.AddDID(yeastartest.DID{ID: 50044, Number: "2113", Trunks: []int64{6681}})
	s.AddDID(yeastartest.DID{ID: 50045, Number: "+4930000045", Name: "Fax", Trunks: []int64{6681}})
	s.Bind(4808, yeastartest.Binding{Trunk: 6681, DID: 50036}, yeastartest.Binding{Trunk: 6682, DID: 50036})
}

// raw asks the simulator by hand, with a token of its own.
func raw(t *testing.T, s *yeastartest.Server, path, query string) []byte {
	t.Helper()
	form := "grant_type=client_credentials&client_id=" + yeastartest.DefaultClientID + "&client_secret=" + yeastartest.DefaultClientSecret
	send := func(method, address, contentType, token, body string) []byte {
		req, err := http.NewRequestWithContext(background, method, address, strings.NewReader(body))
		must(t, err)
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		defer func() { _ = res.Body.Close() }()
		answer, err := io.ReadAll(res.Body)
		must(t, err)
		return answer
	}
	var grant struct {
		Access string `json:"access_token"`
	}
	must(t, json.Unmarshal(send(http.MethodPost, s.URL()+"/dm/open_api/oauth/token", "application/x-www-form-urlencoded", "", form), &grant))
	return send(http.MethodGet, s.URL()+path+"?"+query, "", grant.Access, "")
}

// shapes gives the place of every value in a document with its JSON types; the
// items of a list share their place.
func shapes(t *testing.T, doc []byte) map[string]string {
	t.Helper()
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	out := map[string]string{}
	var walk func(place string, v any)
	note := func(place, kind string) {
		if !strings.Contains(out[place], kind) {
			out[place] = strings.Join(append(strings.Fields(out[place]), kind), " ")
		}
	}
	walk = func(place string, v any) {
		switch v := v.(type) {
		case map[string]any:
			note(place, "object")
			for k, inner := range v {
				walk(place+"."+k, inner)
			}
		case []any:
			note(place, "list")
			for _, inner := range v {
				walk(place+"[]", inner)
			}
		default:
			note(place, fmt.Sprintf("%T", v))
		}
	}
	walk("", v)
	return out
}
