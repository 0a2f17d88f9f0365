package yeastartest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

type idPage struct {
	PageSize, PageNumber, Total int
	List                        []struct {
		CloudPBXID any `json:"cloudPbxId"`
		ID         int64
	}
}

func (p idPage) pbxIDs() []int64 {
	var ids []int64
	for _, r := range p.List {
		ids = append(ids, int64(r.CloudPBXID.(float64)))
	}
	return ids
}

func TestThePBXListPagesSortsAndSearches(t *testing.T) {
	s, c := start(t, Config{})
	created := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 60 {
		s.AddPBX(PBX{
			ID: int64(100 + i), Name: fmt.Sprintf("Company %02d", i), Serial: fmt.Sprintf("SN%014d", i),
			URL: fmt.Sprintf("c%02d.pbx.example", i), CreatedAt: created.Add(-time.Duration(i) * time.Hour),
		})
	}
	list := func(query string) idPage { return data[idPage](t, c.get(listPath+"?"+query)) }
	expect := func(query string, total, rows int, first int64) {
		t.Helper()
		p := list(query)
		if p.Total != total || len(p.List) != rows || (rows > 0 && p.pbxIDs()[0] != first) {
			t.Errorf("%q: total %d, %d rows, first %v; want %d, %d, %d", query, p.Total, len(p.List), p.pbxIDs(), total, rows, first)
		}
	}
	expect("", 60, 10, 159) // oldest first
	expect("sort=-createTime", 60, 10, 100)
	expect("sort=cloudPbxId&pageSize=50", 60, 50, 100)
	expect("sort=cloudPbxId&pageSize=50&pageNumber=2", 60, 10, 150)
	expect("sort=-cloudPbxId&pageSize=50&pageNumber=2", 60, 10, 109)
	expect("sort=cloudPbxId&pageNumber=7", 60, 0, 0)
	expect("sort=cloudPbxId&search=company%2007", 1, 1, 107)
	expect("sort=cloudPbxId&search=C08.PBX", 1, 1, 108)
	expect("sort=cloudPbxId&search=sn00000000000009", 1, 1, 109)
	expect("search=nobody", 0, 0, 0)
	for _, bad := range []string{"sort=name", "pageSize=0", "pageSize=51", "pageSize=x", "pageNumber=0"} {
		expectCode(t, c.get(listPath+"?"+bad), 400, "1000004")
	}
	s.Assume(func(a *Assumptions) { a.ClampPageSize = true })
	expect("sort=cloudPbxId&pageSize=500", 60, 50, 100)
	s.Assume(func(a *Assumptions) { a.SearchIgnored = true })
	expect("sort=cloudPbxId&search=nobody", 60, 10, 100)
}

func TestAPBXIsReadByIdByURLAndByStatus(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	s.SetStatus(4808, StatusUpgrading)
	s.SetFirmware(4808, "84.1.2.3")
	s.RenamePBX(4808, "Acme <&> HQ")
	byID := data[map[string]any](t, c.get("/dm/open_api/v1/cloud_pbx/instances/4808"))
	byURL := data[map[string]any](t, c.get("/dm/open_api/v1/cloud_pbx/instances/get?url=PBX-4808.pbx.example"))
	for _, d := range []map[string]any{byID, byURL} {
		if d["cloudPbxId"] != 4808.0 || d["pbxStatus"] != "Upgrading" || d["version"] != "84.1.2.3" ||
			d["sn"] != "36XXXXXXXXXXXXZK" || d["name"] != "Acme <&> HQ" || d["region"] != "Asia Pacific(Singapore)" {
			t.Errorf("PBX %v", d)
		}
		for _, key := range []string{"planExpirationDate", "expirationDate", "createTime"} {
			if n, _ := d[key].(float64); n < 1e9 || n > 1e11 {
				t.Errorf("%s %v is not in epoch seconds", key, d[key])
			}
		}
	}
	status := c.get("/dm/open_api/v1/cloud_pbx/instances/4808/status")
	want := `{data:{cloudPbxId:integer,pbxStatus:string,activationStatus:string,},requestId:string,status:string,time:integer,}`
	if got := shape(t, status.body); got != want {
		t.Errorf("status %s, want %s", got, want)
	}
	expectCode(t, c.get("/dm/open_api/v1/cloud_pbx/instances/get?url=nobody.example"), 404, "1000005")
	expectCode(t, c.get("/dm/open_api/v1/cloud_pbx/instances/77/status"), 404, "1000005")
}

func TestAPBXShowsItsPlanRecordingAndRegion(t *testing.T) {
	s, c := start(t, Config{})
	s.AddPBX(PBX{ID: 1, Plan: "Ultimate Plan", RecordingMinutes: 500, Region: "Europe(Frankfurt)"})
	s.AddTrunk(Trunk{ID: 2, Region: "europe(frankfurt)"})
	s.AddDID(DID{ID: 3, Trunks: []int64{2}})
	d := data[map[string]any](t, c.get("/dm/open_api/v1/cloud_pbx/instances/1"))
	if d["transcriptionCapacity"] != 240.0 || d["recordingStatus"] != "Enabled" || d["region"] != "Europe(Frankfurt)" {
		t.Errorf("PBX %v", d)
	}
	if trunk := data[map[string]any](t, c.get("/dm/open_api/v1/shared_trunk/2")); trunk["regionId"] != 5.0 {
		t.Errorf("trunk %v", trunk)
	}
	expectOK(t, c.put("1", `{"trunkDidRelations":[{"trunkId":2,"didIds":[3]}]}`)) // one region in two spellings
}

func TestTrunkReadsShowHeadersAndSecretsAsYCMDoes(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	s.AddTrunk(Trunk{ID: 6683, Name: "granted", Granted: true, NoHeaderField: true})
	names := data[[]trunkName](t, c.get("/dm/open_api/v1/shared_trunk/name/acl"))
	if len(names) != 3 || names[0] != (trunkName{6681, "register-trunk", "register"}) {
		t.Errorf("usable trunks %v", names)
	}
	own := data[[]map[string]any](t, c.get("/dm/open_api/v1/shared_trunk"))
	if len(own) != 2 || own[0]["password"] != "sip-secret" {
		t.Errorf("own trunks %v", own)
	}
	one := data[map[string]any](t, c.get("/dm/open_api/v1/shared_trunk/6681"))
	if fmt.Sprint(one["customSipHeaders"]) != "[map[id:31 name:X-Account]]" || one["regionId"] != 4.0 {
		t.Errorf("trunk %v", one)
	}
	empty := data[map[string]any](t, c.get("/dm/open_api/v1/shared_trunk/6682"))
	if fmt.Sprint(empty["customSipHeaders"]) != "[]" {
		t.Errorf("a trunk without headers shows %v", empty["customSipHeaders"])
	}
	if none := data[map[string]any](t, c.get("/dm/open_api/v1/shared_trunk/6683")); none["customSipHeaders"] != nil {
		t.Errorf("a trunk without the field shows %v", none)
	}
	s.Assume(func(a *Assumptions) { a.HeadersField = "sipHeaderList" })
	if named := data[map[string]any](t, c.get("/dm/open_api/v1/shared_trunk/6681")); named["sipHeaderList"] == nil || named["customSipHeaders"] != nil {
		t.Errorf("renamed header field: %v", named)
	}
	status := c.get("/dm/open_api/v1/shared_trunk/6681/status")
	want := `{data:{id:integer,status:string,statusFailedReason:string,},requestId:string,status:string,time:integer,}`
	if got := shape(t, status.body); got != want {
		t.Errorf("status %s, want %s", got, want)
	}
	expectCode(t, c.get("/dm/open_api/v1/shared_trunk/1"), 404, "1000005")
}

func TestOneTrunkWithoutDataIsASwitch(t *testing.T) {
	s, c := start(t, Config{Assumptions: Assumptions{TrunkWithoutData: true}})
	world(s)
	top := c.get("/dm/open_api/v1/shared_trunk/6681").object()
	if top["data"] != nil || top["name"] != "register-trunk" || top["status"] != "Success" || top["requestId"] == nil {
		t.Errorf("trunk %v", top)
	}
}

func TestASingleOwnTrunkAsObjectIsASwitch(t *testing.T) {
	s, c := start(t, Config{Assumptions: Assumptions{SingleTrunkAsObject: true}})
	s.AddTrunk(Trunk{ID: 1})
	if one := data[map[string]any](t, c.get("/dm/open_api/v1/shared_trunk")); one["id"] != 1.0 {
		t.Errorf("own trunk %v", one)
	}
	s.AddTrunk(Trunk{ID: 2})
	if two := data[[]any](t, c.get("/dm/open_api/v1/shared_trunk")); len(two) != 2 {
		t.Errorf("own trunks %v", two)
	}
}

func TestDIDsOfAPBXRepeatOncePerPair(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	s.Bind(4808, Binding{6681, 50050}, Binding{6682, 50050})
	ids := data[struct{ DIDIDs []int64 }](t, c.get("/dm/open_api/v1/did_management/4808/did")).DIDIDs
	if !slices.Equal(ids, []int64{50001, 50050, 50050}) {
		t.Errorf("didIds %v", ids)
	}
	used := data[struct{ SharedTrunkIDs []int64 }](t, c.get("/dm/open_api/v1/shared_trunk/pbx/used?cloudPbxId=4808")).SharedTrunkIDs
	if !slices.Equal(used, []int64{6681, 6682}) {
		t.Errorf("sharedTrunkIds %v", used)
	}
	if r := c.get("/dm/open_api/v1/did_management/4809/did"); !strings.Contains(string(r.body), `"didIds":[]`) {
		t.Errorf("a PBX without DIDs: %s", r.body)
	}
	expectCode(t, c.get("/dm/open_api/v1/did_management/50036/did"), 404, "1000005") // a DID id is no PBX id
	expectCode(t, c.get("/dm/open_api/v1/shared_trunk/pbx/used?cloudPbxId=1"), 404, "1000005")
}

func TestADIDShowsItsPBXAsAStringAndNoPBXInEveryForm(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	one := func(id int) map[string]any {
		return data[map[string]any](t, c.get(fmt.Sprintf("/dm/open_api/v1/did_management/%d", id)))
	}
	if d := one(50001); d["cloudPbxId"] != "4808" || fmt.Sprint(d["trunkIds"]) != "[6681]" {
		t.Errorf("bound DID %v", d)
	}
	expect := func(id int, want any, wantPresent bool) {
		t.Helper()
		value, present := one(id)["cloudPbxId"]
		if value != want || present != wantPresent {
			t.Errorf("DID %d: cloudPbxId %v, present %v; want %v, %v", id, value, present, want, wantPresent)
		}
	}
	s.AddDID(DID{ID: 60000, Trunks: []int64{6681}})
	s.AddDID(DID{ID: 60001, Trunks: []int64{6681}})
	s.AddDID(DID{ID: 60002, Trunks: []int64{6681}})
	expect(60000, nil, true)
	expect(60001, "", true)
	expect(60002, nil, false)
	for form, want := range map[UnassignedForm]any{UnassignedNull: nil, UnassignedEmpty: "", UnassignedZero: "0"} {
		s.Assume(func(a *Assumptions) { a.Unassigned = form })
		expect(60002, want, true)
	}
	s.Assume(func(a *Assumptions) { a.Unassigned = UnassignedAbsent })
	expect(60000, nil, false)
	expectCode(t, c.get("/dm/open_api/v1/did_management/4808"), 404, "1000005")
}

func TestTheDIDListPagesAndSearches(t *testing.T) {
	s, c := start(t, Config{})
	trunk := s.AddTrunk(Trunk{})
	for i := range 120 {
		s.AddDID(DID{ID: int64(1000 + i), Number: fmt.Sprintf("+44207946%04d", i), Name: fmt.Sprintf("Line %d", i), Trunks: []int64{trunk}})
	}
	list := func(query string) idPage {
		return data[idPage](t, c.get("/dm/open_api/v1/did_management?"+query))
	}
	var seen []int64
	for n := 1; n <= 3; n++ {
		p := list(fmt.Sprintf("pageSize=50&pageNumber=%d", n))
		if p.Total != 120 || p.PageNumber != n || p.PageSize != 50 {
			t.Errorf("page %+v", p)
		}
		for _, r := range p.List {
			seen = append(seen, r.ID)
		}
	}
	if len(seen) != 120 || !slices.IsSorted(seen) || len(slices.Compact(seen)) != 120 {
		t.Errorf("three pages gave %d ids", len(seen))
	}
	if p := list("search=9460007"); p.Total != 1 || p.List[0].ID != 1007 {
		t.Errorf("search by number %+v", p)
	}
	if p := list("search=line%20119"); p.Total != 1 || p.List[0].ID != 1119 {
		t.Errorf("search by name %+v", p)
	}
}

func TestUsableListsFreeDIDsOfATrunkInTheRegionOfThePBX(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	s.AddPBX(PBX{ID: 4810, Region: "India(Mumbai)"})
	usable := func(query string) []int64 {
		t.Helper()
		var ids []int64
		for _, d := range data[[]usableDID](t, c.get("/dm/open_api/v1/did_management/usable?"+query)) {
			ids = append(ids, d.ID)
		}
		return ids
	}
	expect := func(query string, want ...int64) {
		t.Helper()
		if got := usable(query); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	expect("trunkId=6681&cloudPbxId=4808", 50036, 50044, 50050)
	expect("trunkId=6681", 50036, 50044, 50050)
	expect("trunkId=6682&cloudPbxId=4808", 50050)
	expect("trunkId=6681&cloudPbxId=4810")
	s.Assume(func(a *Assumptions) { a.UsableIncludesOwn = true })
	expect("trunkId=6681&cloudPbxId=4808", 50001, 50036, 50044, 50050)
	expect("trunkId=6681&cloudPbxId=4809", 50036, 50044, 50050)
	expectCode(t, c.get("/dm/open_api/v1/did_management/usable?trunkId=1"), 404, "1000005")
	expectCode(t, c.get("/dm/open_api/v1/did_management/usable?trunkId=6681&cloudPbxId=1"), 404, "1000005")
	if r := c.get("/dm/open_api/v1/did_management/usable?trunkId=6682"); strings.Contains(string(r.body), "didName") {
		t.Errorf("a DID without name shows one: %s", r.body)
	}
}

func TestDeletesTakeABodyAndAreAllOrNothing(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	del := func(path, body string) reply { return c.must(c.request(http.MethodDelete, path, []byte(body))) }
	const dids, trunks = "/dm/open_api/v1/did_management", "/dm/open_api/v1/shared_trunk"
	expectCode(t, del(dids, `{"ids":[50036,1]}`), 404, "1000005")
	expectCode(t, del(dids, `{"ids":"50036"}`), 400, "1000004")
	expectCode(t, del(dids, `{}`), 400, "1000004")
	expectCode(t, del(dids, ``), 400, "1000004")
	expectOK(t, c.get("/dm/open_api/v1/did_management/50036"))
	expectOK(t, del(dids, `{"ids":[50036]}`))
	expectCode(t, c.get("/dm/open_api/v1/did_management/50036"), 404, "1000005")
	expectOK(t, del(trunks, `{"ids":[6681]}`))
	expectCode(t, c.get("/dm/open_api/v1/shared_trunk/6681"), 404, "1000005")
	if got := s.Bindings(4808); len(got) != 0 {
		t.Errorf("bindings %v on a deleted trunk", got)
	}
	expectCode(t, c.get("/dm/open_api/v1/did_management/50044"), 404, "1000005") // it sat on nothing else
	expectOK(t, c.get("/dm/open_api/v1/did_management/50050"))                   // it sits on another trunk too
}
