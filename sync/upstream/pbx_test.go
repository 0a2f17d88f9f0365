package upstream_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/upstream"
	"cordboard/yeastar/yeastartest"
)

const instances = "/dm/open_api/v1/cloud_pbx/instances"

func seed001() fleet.PBXSpec {
	return fleet.PBXSpec{
		Name: "Yeastar P-Series Cloud PBX", Plan: fleet.EnterprisePlan, Type: fleet.Commercial,
		PBXCapacity: fleet.PBXCapacity{Extensions: 20, ConcurrentCalls: 10, Recording: fleet.On, RecordingMinutes: 500},
		Region:      4, SubDomain: "cloud", Domain: 4, Version: 764, Customers: []fleet.CustomerID{50086182, 50429564},
		ExpiresAt: time.Unix(1667059200, 0).In(time.FixedZone("there", 8*3600)), RunsOn: fleet.On,
		UpgradeInPBX: fleet.On, IM: fleet.On, PasswordlessLogin: fleet.On, SuperiorLogin: fleet.On,
	}
}

func TestASpecLeavesAsTheVendorsExample(t *testing.T) {
	c, sim := cloud(t)
	for _, id := range seed001().Customers {
		sim.AddCustomer(yeastartest.Customer{ID: int64(id)})
	}
	id, r, err := c.CreatePBX(t.Context(), seed001())
	if err != nil || id == 0 || r.RequestID == "" {
		t.Fatalf("%d, %+v, %v", id, r, err)
	}
	var body string
	for _, r := range sim.Requests() {
		if r.Method == "POST" && r.Path == instances {
			body = string(r.Body)
		}
	}
	want := `{"name":"Yeastar P-Series Cloud PBX","plan":"Enterprise Plan","extensionCapacity":20,"concurrentCallCapacity":10,"recordingStatus":"Enabled",` +
		`"recordingCapacity":500,"regionId":4,"subDomain":"cloud","domainId":4,"type":"Commercial","expirationDate":1667059200,"allowRunAfterExpirationDate":true,` +
		`"versionId":764,"customerIds":[50086182,50429564],"upgradeInPbx":"Enabled","im":"Enabled","passwordlessLogin":"Enabled","allowSuperiorPasswordlessLogin":"Enabled"}`
	if body != want {
		t.Errorf("sent %s\nwant %s", body, want)
	}
	d, err := c.Detail(t.Context(), id)
	if err != nil || d.Recording != fleet.On || d.Status != fleet.StatusStopped || d.Activated != fleet.Off || !d.ExtraKnown || d.Transcription != 0 || !d.ExpiresAt.Equal(seed001().ExpiresAt) || d.Type != fleet.Commercial {
		t.Errorf("read back %+v, %v", d, err)
	}
}

func TestAnAddressIsFoundInAnyCaseAndAbsenceIsCertain(t *testing.T) {
	for name, fault := range map[string]*yeastartest.Fault{
		"by URL": nil, "no data": new(yeastartest.Huge(0)), "a parameter that it does not like": new(yeastartest.VendorCode(1000004)),
	} {
		c, sim := cloud(t)
		if fault != nil { // the complete list decides
			sim.Fail(yeastartest.Match{PathPrefix: instances + "/get", Times: -1}, *fault)
		}
		if d, err := c.AtURL(t.Context(), "ACME.example.com"); err != nil || d.ID != acme {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
		if _, err := c.AtURL(t.Context(), "nobody.example.com"); fleet.KindOf(err) != fleet.KindNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, fault := range map[string]yeastartest.Fault{"away": yeastartest.Status(503, ""), "a gateway's 404": yeastartest.Status(404, "<html>")} {
		c, sim := cloud(t)
		sim.Fail(yeastartest.Match{PathPrefix: "/dm/open_api/", PathSuffix: "", Method: "GET", Times: -1}, fault)
		if _, err := c.AtURL(t.Context(), "nobody.example.com"); fleet.KindOf(err) != fleet.KindUnavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnActIsToldApartByWhatIsKnownOfItsFate(t *testing.T) {
	for name, tt := range map[string]struct {
		fault yeastartest.Fault
		want  fleet.Kind
	}{
		"lost":      {yeastartest.CloseAfterCommit(), fleet.KindUnknown},
		"throttled": {yeastartest.Throttle(), fleet.KindUnavailable},
		"too many":  {yeastartest.Status(429, ""), fleet.KindUnavailable},
		"refused":   {yeastartest.VendorCode(1000007), fleet.KindRefused},
		"no id":     {yeastartest.Huge(0), fleet.KindUnknown},
	} {
		c, sim := cloud(t)
		for _, id := range seed001().Customers {
			sim.AddCustomer(yeastartest.Customer{ID: int64(id)})
		}
		sim.Fail(yeastartest.Match{Method: "POST", PathSuffix: "/instances"}, tt.fault)
		_, _, err := c.CreatePBX(t.Context(), seed001())
		if fleet.KindOf(err) != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
		presentable(t, err)
	}
	c := upstream.New(nil)
	if _, err := c.StartPBX(t.Context(), acme); fleet.KindOf(err) != fleet.KindUnavailable || !strings.Contains(err.Error(), "not connected") {
		t.Errorf("without a client: %v", err)
	}
	if _, err := c.Regions(t.Context()); fleet.KindOf(err) != fleet.KindUnavailable {
		t.Errorf("without a client: %v", err)
	}
}

func TestTheChoicesAreInOurWords(t *testing.T) {
	c, sim := cloud(t)
	sim.SetSubscription(yeastartest.Subscription{Extensions: 100, Frozen: 10})
	sim.AddCustomer(yeastartest.Customer{ID: 7, FirstName: "Leo", Company: "Acme", Email: "leo@acme.example"})
	sim.AddTemplate(yeastartest.Template{ID: 9, Name: "Dentists"})
	regions, err1 := c.Regions(t.Context())
	domains, err2 := c.Domains(t.Context(), 4)
	firmwares, err3 := c.Firmwares(t.Context(), 4)
	customers, err4 := c.Customers(t.Context())
	templates, err5 := c.Templates(t.Context())
	capacity, err6 := c.Capacity(t.Context())
	got, err := json.Marshal([]any{regions[3], domains[0], firmwares[0].Version, customers[0].Email, templates[0].Name, capacity.Extensions, err1, err2, err3, err4, err5, err6})
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"ID":4,"Name":"Asia Pacific(Singapore)"},{"ID":4,"Region":4,"Name":"r4.pbx.example"},"84.22.0.134","leo@acme.example","Dentists",{"Known":true,"Total":100,"Used":0,"Left":90},null,null,null,null,null,null]`
	if string(got) != want {
		t.Errorf("got %s", got)
	}
	sim.Assume(func(a *yeastartest.Assumptions) { a.NoAvailable = true })
	if capacity, err := c.Capacity(t.Context()); err != nil || capacity.Extensions.Known {
		t.Errorf("what is left was worked out: %+v, %v", capacity, err)
	}
	sim.Fail(yeastartest.Match{PathPrefix: "/dm/open_api/v1/provision_template", Times: -1}, yeastartest.VendorCode(1000005))
	if list, err := c.Templates(t.Context()); fleet.KindOf(err) != fleet.KindUnavailable || list != nil {
		t.Errorf("a list that is not found is %v, %v", list, err)
	}
}
