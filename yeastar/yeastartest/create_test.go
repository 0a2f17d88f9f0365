package yeastartest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const creation = "/dm/open_api/v1/cloud_pbx/instances"

// seed001 is the vendor's example of a creation, as a map that tests change.
func seed001(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	d := json.NewDecoder(strings.NewReader(string(sample(t, "create_pbx.json"))))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

func (c *caller) write(method, path string, body any) reply {
	c.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.must(c.request(method, path, text))
}

// shop is a simulator with the customers of seed 001, and a caller.
func shop(t *testing.T, a Assumptions) (*Server, *caller) {
	t.Helper()
	s, c := start(t, Config{Assumptions: a})
	for _, id := range []int64{50086182, 50429564} {
		s.AddCustomer(Customer{ID: id, FirstName: "A", Company: "B", Email: strconv.FormatInt(id, 10) + "@example.com"})
	}
	return s, c
}

func (c *caller) create(order map[string]any) int64 {
	c.t.Helper()
	return data[struct{ CloudPBXID int64 }](c.t, c.write(http.MethodPost, creation, order)).CloudPBXID
}

func (c *caller) pbx(id int64) pbxInfo {
	c.t.Helper()
	return data[pbxInfo](c.t, c.get(creation+"/"+strconv.FormatInt(id, 10)))
}

func act(id int64, what string) string { return creation + "/" + strconv.FormatInt(id, 10) + what }

func TestTheExampleOfSeed001MakesAStoppedPBXWithItsURL(t *testing.T) {
	s, c := shop(t, Assumptions{})
	id := c.create(seed001(t))
	p := c.pbx(id)
	if p.PBXStatus != StatusStopped || p.URL != "cloud.r4.pbx.example" || p.SN == "" || p.ExtensionCapacity != 20 || p.ActivationStatus != "Unactivated" || p.ExpirationDate != 1667059200 {
		t.Errorf("made %+v", p)
	}
	if got := s.PBXs()[0]; got.IM != "Enabled" || got.SuperiorLogin != "Enabled" || got.RunsAfterExpiry != "Enabled" || !slices.Equal(got.Customers, []int64{50086182, 50429564}) {
		t.Errorf("made %+v", got)
	}
	again := seed001(t)
	again["subDomain"] = "CLOUD"
	expectCode(t, c.write(http.MethodPost, creation, again), 400, "1000007")
}

func TestACreationWithAFieldMissingOrOfAnotherTypeIsRefused(t *testing.T) {
	s, c := shop(t, Assumptions{})
	for name, value := range seed001(t) {
		var spoiled []any
		switch value.(type) {
		case string:
			spoiled = []any{nil, 7, "", []int{1}}
		case json.Number:
			spoiled = []any{nil, "7", 1.5, -1}
		case bool:
			spoiled = []any{nil, "true", 1}
		default:
			spoiled = []any{nil, []string{"1"}, []int{}, 7}
		}
		order := seed001(t)
		delete(order, name)
		if name != "expirationDate" { // optional
			expectCode(t, c.write(http.MethodPost, creation, order), 400, "1000004")
			spoiled = append(spoiled, map[string]int{})
		} else {
			spoiled = spoiled[1:]
		}
		for _, bad := range spoiled {
			order[name] = bad
			if a := c.write(http.MethodPost, creation, order); a.code() != "1000004" {
				t.Errorf("%s = %v gave %d %s", name, bad, a.status, a.body)
			}
		}
	}
	for name, stranger := range map[string]any{"regionId": 99, "domainId": 3, "versionId": 1, "plan": "Basic", "type": "Gift", "subDomain": "a.b", "provisionTemplateId": 8} {
		order := seed001(t)
		order[name] = stranger
		expectCode(t, c.write(http.MethodPost, creation, order), 400, "1000004")
	}
	order := seed001(t)
	order["customerIds"] = []int{1}
	expectCode(t, c.write(http.MethodPost, creation, order), 404, "1000005")
	if n := len(s.PBXs()); n != 0 {
		t.Errorf("%d PBXs were made", n)
	}
}

func TestTheSubscriptionRunsOut(t *testing.T) {
	s, c := shop(t, Assumptions{CapacityCode: 3000099})
	s.SetSubscription(Subscription{Extensions: 30, ConcurrentCalls: 100, Frozen: 5})
	id := c.create(seed001(t))
	order := seed001(t)
	order["subDomain"], order["extensionCapacity"] = "other", 6
	expectCode(t, c.write(http.MethodPost, creation, order), 400, "3000099")
	size := map[string]any{"extensionCapacity": 26, "concurrentCallCapacity": 10, "recordingStatus": "Disabled", "recordingCapacity": 0}
	expectCode(t, c.write(http.MethodPut, act(id, "/capacity"), size), 400, "3000099")
	size["extensionCapacity"] = 25
	c.write(http.MethodPut, act(id, "/capacity"), size)
	if p := c.pbx(id); p.ExtensionCapacity != 25 || p.RecordingStatus != "Disabled" {
		t.Errorf("resized to %+v", p)
	}
	expectCode(t, c.write(http.MethodPost, creation, order), 400, "3000099")
}

func TestASerialNumberMayComeLateAndTheReportsWithIt(t *testing.T) {
	s, c := shop(t, Assumptions{LateSerial: true})
	posts := receiver(t, s)
	trunk := s.AddTrunk(Trunk{ID: 6681})
	did := s.AddDID(DID{Number: "2111", Trunks: []int64{trunk}})
	order := seed001(t)
	order["trunkDidRelations"] = []any{map[string]any{"trunkId": trunk, "didIds": []int64{did}}}
	id := c.create(order)
	idle(t, s)
	if p := c.pbx(id); p.SN != "" || len(posts()) != 0 {
		t.Fatalf("sn %q, %d reports", p.SN, len(posts()))
	}
	s.GiveSerial(id)
	idle(t, s)
	sn := c.pbx(id).SN
	var told string
	for _, p := range posts() {
		told += string(p.body)
	}
	if len(posts()) != 2 || !strings.Contains(told, `"repository":{"extensions":"20"`) || !strings.Contains(told, `"event":"did_change","sn":"`+sn+`"`) {
		t.Errorf("reports %s", told)
	}
	if !slices.Equal(s.Bindings(id), bind(trunk, did)) {
		t.Errorf("bound %v", s.Bindings(id))
	}
}

func TestAStartLeadsThroughProvisioningWhenThereIsATemplate(t *testing.T) {
	s, c := shop(t, Assumptions{StartAgain: 1000004})
	s.AddTemplate(Template{ID: 9, Name: "Dentists"})
	order := seed001(t)
	order["provisioningViaTemplate"], order["provisionTemplateId"] = "Enabled", 9
	id := c.create(order)
	expectCode(t, c.write(http.MethodPut, act(id, "/stop"), nil), 400, "1000004")
	c.write(http.MethodPut, act(id, "/start"), nil)
	expectCode(t, c.write(http.MethodPut, act(id, "/start"), nil), 400, "1000004")
	idle(t, s)
	if p := c.pbx(id); p.PBXStatus != StatusRunning || p.ActivationStatus != "Activated" {
		t.Errorf("%+v", p)
	}
	expectCode(t, c.write(http.MethodPost, act(id, "/activation_email"), map[string]any{"customerIds": []int64{50086182}}), 400, "3000025")
	c.write(http.MethodPut, act(id, "/stop"), nil)
	idle(t, s)
	if p := c.pbx(id); p.PBXStatus != StatusStopped {
		t.Errorf("%+v", p)
	}
}

func TestAStartMayBeStuck(t *testing.T) {
	for _, state := range []string{StatusStarting, StatusProvisioning} {
		s, c := shop(t, Assumptions{StuckIn: state})
		id := c.create(seed001(t))
		c.write(http.MethodPut, act(id, "/start"), nil)
		idle(t, s)
		if p := c.pbx(id); p.PBXStatus != state {
			t.Errorf("%s, want %s", p.PBXStatus, state)
		}
	}
}

func TestADeletionIsAllOrNothing(t *testing.T) {
	s, c := shop(t, Assumptions{DeleteOnlyStopped: true})
	one, two := s.AddPBX(PBX{Status: StatusStopped}), s.AddPBX(PBX{})
	remove := func(ids ...int64) reply {
		return c.write(http.MethodDelete, creation, map[string]any{"cloudPbxIds": ids})
	}
	expectCode(t, remove(one, two), 400, "1000004")
	expectCode(t, remove(one, 99), 404, "1000005")
	if len(s.PBXs()) != 2 {
		t.Fatal("a refused deletion deleted")
	}
	if a := remove(one); a.status != 200 || len(s.PBXs()) != 1 {
		t.Errorf("%d %s", a.status, a.body)
	}
	s.Assume(func(a *Assumptions) { a.DeleteOnlyStopped, a.DeleteDelay = false, time.Millisecond })
	remove(two)
	idle(t, s)
	if len(s.PBXs()) != 0 {
		t.Error("a late deletion never came")
	}
}

func TestAnUpdateIsNoPatch(t *testing.T) {
	s, c := shop(t, Assumptions{})
	id := s.AddPBX(PBX{Switches: Switches{API: "Enabled"}})
	full := map[string]any{"name": "New", "upgradeInPbx": "Disabled", "im": "Enabled", "passwordlessLogin": "Disabled", "allowSuperiorPasswordlessLogin": "Disabled"}
	for name := range maps.Clone(full) {
		part := maps.Clone(full)
		delete(part, name)
		expectCode(t, c.write(http.MethodPut, act(id, ""), part), 400, "1000004")
	}
	c.write(http.MethodPut, act(id, ""), full)
	if p := s.PBXs()[0]; p.Name != "New" || p.UpgradeInPBX != "Disabled" || p.IM != "Enabled" || p.API != "Enabled" {
		t.Errorf("%+v", p)
	}
}
