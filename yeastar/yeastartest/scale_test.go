package yeastartest

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

// fleet makes a model of n PBXs with 100 numbers each, on ten trunks.
func fleet(s *Server, n int) {
	var trunks []int64
	for range 10 {
		trunks = append(trunks, s.AddTrunk(Trunk{}))
	}
	dids := make([]DID, n*100)
	for i := range dids {
		dids[i] = DID{Number: fmt.Sprintf("+4420%08d", i), Trunks: []int64{trunks[i/100%10]}}
	}
	ids := s.AddDIDs(dids)
	for i := range n {
		s.Bind(s.AddPBX(PBX{}), bind(trunks[i%10], ids[i*100:(i+1)*100]...)...)
	}
}

func TestTenThousandPBXsWithAMillionNumbersAreServed(t *testing.T) {
	s, c := start(t, Config{Assumptions: Assumptions{NoRateLimit: true}})
	fleet(s, 10_000)
	if p := data[idPage](t, c.get("/dm/open_api/v1/did_management?pageSize=50&pageNumber=20000")); p.Total != 1_000_000 || len(p.List) != 50 {
		t.Errorf("last page of numbers: total %d, %d rows", p.Total, len(p.List))
	}
	if p := data[idPage](t, c.get(listPath+"?pageSize=50&pageNumber=200")); p.Total != 10_000 || len(p.List) != 50 {
		t.Errorf("last page of PBXs: total %d, %d rows", p.Total, len(p.List))
	}
	first := s.PBXs()[0].ID
	s.DeleteDID([]int64{s.Bindings(first)[0].DID})
	if n := len(s.Bindings(first)); n != 99 {
		t.Errorf("%d bindings after a deletion", n)
	}
}

// BenchmarkDIDListPage reads pages out of a million numbers.
func BenchmarkDIDListPage(b *testing.B) {
	s := New(Config{Assumptions: Assumptions{NoRateLimit: true}, NoRecord: true})
	fleet(s, 10_000)
	h := s.api(s.listDIDs)
	s.auth.access["t"] = &accessToken{until: time.Now().Add(time.Hour)}
	for i := 0; b.Loop(); i++ {
		req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("/x?pageSize=50&pageNumber=%d", i%20000+1), http.NoBody)
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer t")
		req.Header.Set("User-Agent", "bench")
		w := &buffer{header: http.Header{}}
		h.ServeHTTP(w, req)
		if w.status != http.StatusOK {
			b.Fatal(w.body.String())
		}
	}
}

func TestManyCallersAndActsAtOnceKeepTheModelWhole(t *testing.T) {
	s, c := start(t, Config{Assumptions: Assumptions{NoRateLimit: true}, Webhooks: WebhookPolicy{Parallel: 4, Duplicate: Copies(1)}})
	fleet(s, 20)
	got := receiver(t, s)
	pbxs := s.PBXs()
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 20 {
				pbx := pbxs[(w*20+i)%len(pbxs)].ID
				c.get(fmt.Sprintf("/dm/open_api/v1/did_management/%d/did", pbx))
				c.get("/dm/open_api/v1/did_management?pageSize=50&search=4420")
				c.put(fmt.Sprint(pbx), `{"trunkDidRelations":[]}`)
				s.Rebind(pbx, s.Bindings(pbxs[0].ID))
				s.SetStatus(pbx, StatusRunning)
				s.SetWebhookPolicy(WebhookPolicy{Parallel: 1 + i%4})
				s.Deliveries()
				s.Requests()
			}
		})
	}
	all.Wait()
	idle(t, s)
	owner := map[Binding]int64{}
	for _, p := range s.PBXs() {
		for _, b := range s.Bindings(p.ID) {
			if owner[b] != 0 {
				t.Errorf("%v belongs to PBX %d and PBX %d", b, owner[b], p.ID)
			}
			owner[b] = p.ID
		}
	}
	last := map[string]Event{}
	for _, e := range told(t, got()) {
		if e.UpdateTime > last[e.SN].UpdateTime {
			last[e.SN] = e
		}
	}
	if len(last) == 0 {
		t.Error("no report came")
	}
	for _, p := range s.PBXs() {
		e, ok := last[p.Serial]
		if ok && len(e.TrunkDIDInfoList) != len(s.Bindings(p.ID)) {
			t.Errorf("the last report of %s has %d numbers, it has %d", p.Serial, len(e.TrunkDIDInfoList), len(s.Bindings(p.ID)))
		}
	}
}

func TestWaitIdleEndsWithItsContext(t *testing.T) {
	s := Start(t, Config{Webhooks: WebhookPolicy{Delay: Wait(time.Hour)}})
	receiver(t, s)
	s.SendBody([]byte(`[]`))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.WaitIdle(ctx); err == nil {
		t.Error("idle with a delivery under way")
	}
}

func TestAServerStartsOnceAndClosesTwice(t *testing.T) {
	s := New(Config{})
	if s.URL() != "" {
		t.Errorf("URL %s before Start", s.URL())
	}
	if _, err := s.StartAt("256.0.0.1:0"); err == nil {
		t.Error("listened on an address that does not exist")
	}
	url, err := s.Start()
	if err != nil || url != s.URL() {
		t.Fatalf("URL %s and %s: %v", url, s.URL(), err)
	}
	if _, err := s.Start(); err == nil {
		t.Error("started twice")
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if s.Err() != nil {
		t.Error(s.Err())
	}
}

func TestTheSameSeedGivesTheSameIds(t *testing.T) {
	first, second, other := New(Config{Seed: 1}), New(Config{Seed: 1}), New(Config{Seed: 2})
	a, b, c := first.randomHex(), second.randomHex(), other.randomHex()
	if a != b || a == c || len(a) != 32 {
		t.Errorf("ids %s, %s, %s", a, b, c)
	}
}

// failing is a TB that keeps what it was told.
type failing struct {
	cleanups []func()
	errors   int
}

func (f *failing) Helper()               {}
func (f *failing) Cleanup(c func())      { f.cleanups = append(f.cleanups, c) }
func (f *failing) Errorf(string, ...any) { f.errors++ }
func (f *failing) Fatalf(string, ...any) { f.errors++ }

func TestStartFailsATestThatMisusesTheSimulator(t *testing.T) {
	f := &failing{}
	s := Start(f, Config{})
	s.DeletePBX(1)
	for _, c := range f.cleanups {
		c()
	}
	if f.errors != 1 {
		t.Errorf("%d errors, want 1", f.errors)
	}
}
