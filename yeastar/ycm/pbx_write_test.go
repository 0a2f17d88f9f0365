package ycm_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/ycm"
	"cordboard/yeastar/yeastartest"
)

// seed001 is the vendor's example of a creation; its line about running on is cut out of the seed.
func seed001() ycm.NewPBX {
	return ycm.NewPBX{
		Name: "Yeastar P-Series Cloud PBX", Plan: "Enterprise Plan", ExtensionCapacity: 20, ConcurrentCallCapacity: 10,
		RecordingStatus: "Enabled", RecordingCapacity: 500, RegionID: 4, SubDomain: "cloud", DomainID: 4, Type: "Commercial",
		ExpirationDate: 1667059200, AllowRunAfterExpirationDate: new(true), VersionID: 764, CustomerIDs: []int64{50086182, 50429564},
		UpgradeInPBX: "Enabled", IM: "Enabled", PasswordlessLogin: "Enabled", AllowSuperiorPasswordlessLogin: "Enabled",
	}
}

// took gives a client, and what its last write was: method, path and body.
func took(t *testing.T, answer string) (*ycm.Client, *string) {
	t.Helper()
	var seen string
	_, c := newScripted(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		must(t, err)
		seen = strings.TrimSpace(r.Method + " " + r.URL.RequestURI() + " " + string(body))
		_, _ = w.Write([]byte(answer))
	})
	return c, &seen
}

const instances = "/dm/open_api/v1/cloud_pbx/instances"

func TestTheExampleOfSeed001LeavesByteForByte(t *testing.T) {
	c, seen := took(t, string(sample(t, "create_answer")))
	id, r, err := c.CreatePBX(background, seed001())
	must(t, err)
	if want := "POST " + instances + " " + compact(t, sample(t, "create_pbx")); *seen != want {
		t.Errorf("sent %s\nwant %s", *seen, want)
	}
	if id != 42100 || r.RequestID != "44151421047434e0ef817a10fc5331a5" || !r.VendorTime.Equal(time.Unix(1664450755, 0)) {
		t.Errorf("id %d, receipt %+v", id, r)
	}
}

func TestEveryOptionalFieldStandsWhereTheVendorsTableHasIt(t *testing.T) {
	c, seen := took(t, string(sample(t, "create_answer")))
	p := seed001()
	p.ExpirationDate, p.AllowRunAfterExpirationDate = 0, nil
	_, _, err := c.CreatePBX(background, p)
	must(t, err)
	if strings.Contains(*seen, "xpirationDate") || strings.Contains(*seen, "null") {
		t.Errorf("sent %s", *seen)
	}
	p.TranscriptionCapacity, p.ProvisioningViaTemplate, p.ProvisionTemplateID = 60, "Enabled", 9
	_, _, err = c.CreatePBX(background, p)
	must(t, err)
	if !strings.Contains(*seen, `"recordingCapacity":500,"transcriptionCapacity":60,"regionId":4`) ||
		!strings.HasSuffix(*seen, `"allowSuperiorPasswordlessLogin":"Enabled","provisioningViaTemplate":"Enabled","provisionTemplateId":9}`) {
		t.Errorf("sent %s", *seen)
	}
}

func TestEveryOtherWriteLeavesAsTheVendorWantsIt(t *testing.T) {
	features := ycm.PBXUpdate{Name: "Acme <HQ>", UpgradeInPBX: "Enabled", IM: "Disabled", PasswordlessLogin: "Enabled", AllowSuperiorPasswordlessLogin: "Disabled"}
	all := features
	all.PBXAPI, all.ProvisioningViaTemplate, all.TrunkConfigurationAccess = "Enabled", "Disabled", "Enabled"
	size := ycm.PBXCapacity{ExtensionCapacity: 30, ConcurrentCallCapacity: 10, RecordingStatus: "Disabled"}
	more := size
	more.RecordingStatus, more.RecordingCapacity, more.TranscriptionCapacity = "Enabled", 600, 60
	for want, call := range map[string]func(*ycm.Client) error{
		`PUT ` + instances + `/4808 {"name":"Acme <HQ>","upgradeInPbx":"Enabled","im":"Disabled","passwordlessLogin":"Enabled","allowSuperiorPasswordlessLogin":"Disabled"}`: func(c *ycm.Client) error {
			_, err := c.UpdatePBX(background, 4808, features)
			return err
		},
		`PUT ` + instances + `/4808 {"name":"Acme <HQ>","upgradeInPbx":"Enabled","im":"Disabled","passwordlessLogin":"Enabled","allowSuperiorPasswordlessLogin":"Disabled","pbxApi":"Enabled","provisioningViaTemplate":"Disabled","trunkConfigurationAccess":"Enabled"}`: func(c *ycm.Client) error {
			_, err := c.UpdatePBX(background, 4808, all)
			return err
		},
		`PUT ` + instances + `/4808/capacity {"extensionCapacity":30,"concurrentCallCapacity":10,"recordingStatus":"Disabled","recordingCapacity":0}`: func(c *ycm.Client) error {
			_, err := c.ResizePBX(background, 4808, size)
			return err
		},
		`PUT ` + instances + `/4808/capacity {"extensionCapacity":30,"concurrentCallCapacity":10,"recordingStatus":"Enabled","recordingCapacity":600,"transcriptionCapacity":60}`: func(c *ycm.Client) error {
			_, err := c.ResizePBX(background, 4808, more)
			return err
		},
		`PUT ` + instances + `/4808/start`:                func(c *ycm.Client) error { _, err := c.StartPBX(background, 4808); return err },
		`PUT ` + instances + `/4808/stop`:                 func(c *ycm.Client) error { _, err := c.StopPBX(background, 4808); return err },
		`DELETE ` + instances + ` {"cloudPbxIds":[4808]}`: func(c *ycm.Client) error { _, err := c.DeletePBX(background, 4808); return err },
		`PUT ` + instances + `/4808/customers {"customerIds":[3,1]}`: func(c *ycm.Client) error {
			_, err := c.SetCustomersOfPBX(background, 4808, []int64{3, 1})
			return err
		},
		`POST ` + instances + `/4808/activation_email {"customerIds":[3]}`: func(c *ycm.Client) error {
			_, _, err := c.SendActivationMail(background, 4808, []int64{3})
			return err
		},
		`POST /dm/open_api/v1/customers {"firstName":"Ada","company":"Acme","email":"ada@acme.example","city":"Köln"}`: func(c *ycm.Client) error {
			_, _, err := c.CreateCustomer(background, ycm.Customer{FirstName: "Ada", Company: "Acme", Email: "ada@acme.example", City: "Köln"})
			return err
		},
	} {
		c, seen := took(t, `{"data":{"customerId":7,"accountList":[]},"requestId":"d42c","status":"Success","time":1747100716}`)
		must(t, call(c))
		if *seen != want {
			t.Errorf("sent %s\nwant %s", *seen, want)
		}
	}
}

// writes are all calls that change something about a PBX, with arguments that are right.
func writes() map[string]func(context.Context, *ycm.Client) error {
	return map[string]func(context.Context, *ycm.Client) error{
		"create": func(ctx context.Context, c *ycm.Client) error { _, _, err := c.CreatePBX(ctx, seed001()); return err },
		"start":  func(ctx context.Context, c *ycm.Client) error { _, err := c.StartPBX(ctx, 4808); return err },
		"stop":   func(ctx context.Context, c *ycm.Client) error { _, err := c.StopPBX(ctx, 4808); return err },
		"delete": func(ctx context.Context, c *ycm.Client) error { _, err := c.DeletePBX(ctx, 4808); return err },
		"update": func(ctx context.Context, c *ycm.Client) error {
			_, err := c.UpdatePBX(ctx, 4808, ycm.PBXUpdate{Name: "A", UpgradeInPBX: "Enabled", IM: "Enabled", PasswordlessLogin: "Enabled", AllowSuperiorPasswordlessLogin: "Enabled"})
			return err
		},
		"resize": func(ctx context.Context, c *ycm.Client) error {
			_, err := c.ResizePBX(ctx, 4808, ycm.PBXCapacity{ExtensionCapacity: 1, ConcurrentCallCapacity: 1, RecordingStatus: "Disabled"})
			return err
		},
		"customers": func(ctx context.Context, c *ycm.Client) error {
			_, err := c.SetCustomersOfPBX(ctx, 4808, []int64{50086182})
			return err
		},
		"mail": func(ctx context.Context, c *ycm.Client) error {
			_, _, err := c.SendActivationMail(ctx, 4808, []int64{50086182})
			return err
		},
		"customer": func(ctx context.Context, c *ycm.Client) error {
			_, _, err := c.CreateCustomer(ctx, ycm.Customer{FirstName: "A", Company: "B", Email: "c@example.com"})
			return err
		},
	}
}

func TestNoWriteIsEverSentTwiceAndItsFateIsTold(t *testing.T) {
	for fault, tt := range map[string]struct {
		fault yeastartest.Fault
		kind  yeastar.Kind
		sent  yeastar.Sent
	}{
		"lost before": {yeastartest.CloseBeforeCommit(), yeastar.KindUnavailable, yeastar.SentUnknown},
		"lost after":  {yeastartest.CloseAfterCommit(), yeastar.KindUnavailable, yeastar.SentUnknown},
		"broken":      {yeastartest.Status(503, ""), yeastar.KindUnavailable, yeastar.SentUnknown},
		"throttled":   {yeastartest.Throttle(), yeastar.KindThrottled, yeastar.SentAnswered},
		"taken":       {yeastartest.VendorCode(1000007), yeastar.KindConflict, yeastar.SentAnswered},
		"html":        {yeastartest.HTML(), yeastar.KindMalformed, yeastar.SentUnknown},
	} {
		for name, call := range writes() {
			s, c := simulator(t, yeastartest.Assumptions{})
			newcomer(s)
			s.Fail(yeastartest.Match{PathPrefix: "/dm/open_api/v1/", Times: -1}, tt.fault)
			e := failed(t, call(background, c), tt.kind, tt.sent)
			if e.Op == "" {
				t.Errorf("%s, %s: no operation", name, fault)
			}
			if n := writesSeen(s); n != 1 {
				t.Errorf("%s, %s: sent %d times", name, fault, n)
			}
		}
	}
}

func writesSeen(s *yeastartest.Server) (n int) {
	for _, r := range s.Requests() {
		if r.Method != http.MethodGet && !strings.Contains(r.Path, "/oauth/") {
			n++
		}
	}
	return n
}

// newcomer gives the simulator what seed 001 names, and PBX 4808.
func newcomer(s *yeastartest.Server) {
	s.AddCustomer(yeastartest.Customer{ID: 50086182, FirstName: "Leo", Company: "Acme", Email: "leo@acme.example"})
	s.AddCustomer(yeastartest.Customer{ID: 50429564, FirstName: "Ada", Company: "Acme", Email: "ada@acme.example"})
	s.AddPBX(yeastartest.PBX{ID: 4808, Status: yeastartest.StatusStopped, Activation: "Unactivated", Customers: []int64{50086182}})
}

func TestEveryWriteDoesInTheSimulatorWhatItSays(t *testing.T) {
	s, c := simulator(t, yeastartest.Assumptions{})
	newcomer(s)
	id, _, err := c.CreatePBX(background, seed001())
	must(t, err)
	p, err := c.PBX(background, id)
	must(t, err)
	if p.URL != "cloud.r4.pbx.example" || p.Status != "Stopped" || p.Serial == "" || p.Activation != "Unactivated" || p.Extensions != 20 ||
		p.RecordingMinutes != 500 || p.Region != "Asia Pacific(Singapore)" || !p.Expiry.Equal(utc(1667059200)) || p.Version != "84.22.0.134" {
		t.Errorf("created %+v", p)
	}
	if _, _, err := c.CreatePBX(background, seed001()); yeastar.KindOf(err) != yeastar.KindConflict {
		t.Errorf("the URL was given twice: %v", err)
	}
	for name, call := range writes() {
		if name != "create" && name != "delete" && name != "mail" {
			must(t, call(background, c))
		}
	}
	if _, _, err := c.SendActivationMail(background, id, []int64{50429564}); err != nil || !slices.Equal(s.Mails()[0].To, []string{"ada@acme.example"}) {
		t.Errorf("mails %v, %v", s.Mails(), err)
	}
	if got, err := c.CustomersOfPBX(background, id); err != nil || !slices.Equal(got, []int64{50086182, 50429564}) {
		t.Errorf("customers %v, %v", got, err)
	}
	_, err = c.DeletePBX(background, id)
	must(t, err)
	if _, err := c.PBX(background, id); yeastar.KindOf(err) != yeastar.KindNotFound {
		t.Errorf("deleted, and read as %v", err)
	}
}

func TestASuccessWithoutIdLeavesTheFateOpen(t *testing.T) {
	for _, body := range []string{`{"status":"Success","time":1}`, data(`{}`), data(`{"cloudPbxId":null}`), data(`[]`), data(`"42100"`)} {
		_, c := newScripted(t, answers(body))
		_, _, err := c.CreatePBX(background, seed001())
		failed(t, err, yeastar.KindMalformed, yeastar.SentUnknown)
		_, _, err = c.CreateCustomer(background, ycm.Customer{FirstName: "A", Company: "B", Email: "c@example.com"})
		failed(t, err, yeastar.KindMalformed, yeastar.SentUnknown)
	}
	_, c := newScripted(t, answers(data(`{"cloudPbxId":"42100"}`)))
	if id, _, err := c.CreatePBX(background, seed001()); err != nil || id != 42100 {
		t.Errorf("an id as a string gave %d, %v", id, err)
	}
}

func TestWritesThatCouldNotBeRightAreRefusedBeforeSending(t *testing.T) {
	s, c := newScripted(t, answers("{}"))
	refused := func(err error) { t.Helper(); failed(t, err, yeastar.KindInvalid, yeastar.SentNo) }
	for _, spoil := range []func(*ycm.NewPBX){
		func(p *ycm.NewPBX) { *p = ycm.NewPBX{} }, func(p *ycm.NewPBX) { p.Name = "" }, func(p *ycm.NewPBX) { p.RegionID = 0 },
		func(p *ycm.NewPBX) { p.CustomerIDs = nil }, func(p *ycm.NewPBX) { p.AllowRunAfterExpirationDate = nil },
	} {
		p := seed001()
		spoil(&p)
		_, _, err := c.CreatePBX(background, p)
		refused(err)
	}
	var err error
	_, err = c.UpdatePBX(background, 4808, ycm.PBXUpdate{Name: "A"})
	refused(err)
	_, err = c.ResizePBX(background, 4808, ycm.PBXCapacity{})
	refused(err)
	_, err = c.SetCustomersOfPBX(background, 4808, nil)
	refused(err)
	_, err = c.SetCustomersOfPBX(background, 4808, []int64{0})
	refused(err)
	_, _, err = c.SendActivationMail(background, 4808, nil)
	refused(err)
	_, err = c.StartPBX(background, 0)
	refused(err)
	_, err = c.DeletePBX(background, -1)
	refused(err)
	_, err = c.Domains(background, 0)
	refused(err)
	_, err = c.Customer(background, 0)
	refused(err)
	if s.calls.Load() != 0 {
		t.Errorf("%d calls went out", s.calls.Load())
	}
}

func TestWhatIsLeftIsTheVendorsWordOrNothing(t *testing.T) {
	s, c := simulator(t, yeastartest.Assumptions{NoAvailable: true})
	s.SetSubscription(yeastartest.Subscription{Extensions: 100})
	sub, err := c.Subscription(background)
	must(t, err)
	if sub.Extensions.Left != nil || sub.Extensions.Total == nil || *sub.Extensions.Total != 100 {
		t.Errorf("got %+v", sub.Extensions)
	}
	for _, odd := range []string{`{"capacity":{"total":7,"used":null,"available":{"extensionCapacity":"many"}}}`, `{"capacity":{}}`} {
		sub, err := read(t, data(odd), func(ctx context.Context, c *ycm.Client) (ycm.Subscription, error) { return c.Subscription(ctx) })
		if err != nil || sub.Extensions.Left != nil {
			t.Errorf("%s gave %+v, %v", odd, sub, err)
		}
	}
	_, err = read(t, data(`{"expirationTime":1}`), func(ctx context.Context, c *ycm.Client) (ycm.Subscription, error) { return c.Subscription(ctx) })
	failed(t, err, yeastar.KindMalformed, yeastar.SentAnswered)
}
