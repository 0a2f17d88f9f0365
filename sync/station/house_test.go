package station_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/ingest"
	"cordboard/sync/plan"
	"cordboard/sync/station"
	"cordboard/yeastar"
	"cordboard/yeastar/ycm"
	"cordboard/yeastar/yeastartest"
)

const (
	secret  = "0123456789abcdef0123456789abcdef"
	plans   = "/dm/open_api/v1/cloud_pbx/instances/"
	patient = 20 * time.Second // ends a test that hangs; no test waits for it to pass
)

var ana = audit.By{Actor: "ana", IP: "127.0.0.1"}

// house is a whole back end against a simulated YCM: real HTTP both ways, a real database file.
type house struct {
	*station.Station
	t    *testing.T
	sim  *yeastartest.Server
	path string
	door *httptest.Server
	tune func(*station.Config) // nil: nothing
}

// vendor is the client configuration for the simulator: quick to give up, quick to try again.
func vendor(sim *yeastartest.Server) *ycm.Config { return vendorAt(sim.URL()) }

func vendorAt(url string) *ycm.Config {
	return &ycm.Config{
		BaseURL: url, ClientID: yeastartest.DefaultClientID, ClientSecret: yeastar.NewSecret(yeastartest.DefaultClientSecret),
		RatePerMinute: 1_000_000, MaxInFlight: 8, ReadTimeout: 5 * time.Second, WriteTimeout: 1500 * time.Millisecond, RetryBase: time.Millisecond,
	}
}

// build opens a station on a fresh database with the acme fleet in the simulator, lets it read
// everything once, and starts its workers.
func build(t *testing.T, assume ...func(*yeastartest.Assumptions)) *house {
	t.Helper()
	return furnish(t, nil, func(*yeastartest.Server) {}, assume...)
}

// furnish is build for a station with other settings, and more in the simulator.
func furnish(t *testing.T, tune func(*station.Config), more func(*yeastartest.Server), assume ...func(*yeastartest.Assumptions)) *house {
	t.Helper()
	a := yeastartest.Assumptions{NoRateLimit: true}
	for _, f := range assume {
		f(&a)
	}
	sim := yeastartest.Start(t, yeastartest.Config{Assumptions: a, Webhooks: yeastartest.WebhookPolicy{ResendDelay: 5 * time.Millisecond}})
	acme(sim)
	more(sim)
	h := &house{t: t, sim: sim, path: dbtest.File(t), tune: tune}
	h.open()
	h.sweep()
	t.Cleanup(h.close)
	return h
}

func (h *house) open() {
	h.t.Helper()
	c := station.Config{
		Database: h.path, Vendor: vendor(h.sim), WebhookSecrets: []yeastar.Secret{yeastar.NewSecret(secret)},
		Log: slog.New(slog.DiscardHandler), ReadBack: 600 * time.Millisecond, Poll: 10 * time.Millisecond,
	}
	if h.tune != nil {
		h.tune(&c)
	}
	s, err := station.Open(h.t.Context(), c)
	if err != nil {
		h.t.Fatal(err)
	}
	h.Station = s
	s.Start(context.WithoutCancel(h.t.Context()))
	h.door = httptest.NewServer(http.HandlerFunc(h.accept))
	h.sim.RemoveWebhooks()
	if err := h.sim.AddWebhook(h.door.URL, secret); err != nil {
		h.t.Fatal(err)
	}
}

// accept is the webhook's door without the web around it.
func (h *house) accept(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = h.Ingester.Accept(r.Context(), body, r.Header.Get("X-Signature"))
	}
	switch {
	case errors.Is(err, ingest.ErrSignature):
		w.WriteHeader(http.StatusUnauthorized)
	case err != nil:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (h *house) close() {
	h.door.Close()
	if err := h.Station.Close(); err != nil {
		h.t.Error(err)
	}
}

// The acme fleet: the vendor's example PBX 4808 with trunk 6681, and its neighbour.
const (
	acmeHQ   fleet.PBXID   = 4808
	bakery   fleet.PBXID   = 4809
	oldie    fleet.PBXID   = 4810
	london   fleet.TrunkID = 6681
	peer     fleet.TrunkID = 6682
	headed   fleet.TrunkID = 6683
	firstDID fleet.DIDID   = 50030
)

func acme(sim *yeastartest.Server) {
	sim.AddTrunk(yeastartest.Trunk{ID: int64(london), Name: "Colt London_32YFS4", Password: "hush-london"})
	sim.AddTrunk(yeastartest.Trunk{ID: int64(peer), Name: "BT Wholesale_NT9H01", Type: "did_based"})
	sim.AddTrunk(yeastartest.Trunk{ID: int64(headed), Name: "Gamma_5FOV41", Headers: []yeastartest.HeaderDef{{ID: 7, Name: "X-Account"}}})
	for i := range int64(20) { // 50030…50049 on London
		sim.AddDID(yeastartest.DID{ID: int64(firstDID) + i, Number: number(i), Trunks: []int64{int64(london)}})
	}
	for i := range int64(6) { // 50050…50055 on the peer trunk
		sim.AddDID(yeastartest.DID{ID: 50050 + i, Number: number(20 + i), Trunks: []int64{int64(peer)}})
	}
	for i := range int64(4) { // 50060…50063 on the trunk with custom SIP headers
		sim.AddDID(yeastartest.DID{ID: 50060 + i, Number: number(30 + i), Trunks: []int64{int64(headed)}})
	}
	sim.AddDID(yeastartest.DID{ID: 50070, Number: number(40), Trunks: []int64{int64(london), int64(peer)}})
	sim.AddPBX(yeastartest.PBX{ID: int64(acmeHQ), Serial: "36A0B4311196ACME", Name: "Acme HQ", Firmware: "84.20.0.5"})
	sim.AddPBX(yeastartest.PBX{ID: int64(bakery), Serial: "36A0B43111BAKERY", Name: "Corner Bakery", Firmware: "84.22.0.140"})
	sim.AddPBX(yeastartest.PBX{ID: int64(oldie), Serial: "36A0B4311100OLD1", Name: "Old Mill", Firmware: "84.8.0.25"})
	sim.Bind(int64(acmeHQ), at(london, 50030), at(london, 50031), at(london, 50032), at(peer, 50050))
	sim.Bind(int64(bakery), at(london, 50040), at(headed, 50060))
	sim.Bind(int64(oldie), at(london, 50048))
}

func number(i int64) string {
	return "+442079460" + string([]byte{'0' + byte(i/100), '0' + byte(i/10%10), '0' + byte(i%10)})
}

func at(trunk fleet.TrunkID, did int64) yeastartest.Binding {
	return yeastartest.Binding{Trunk: int64(trunk), DID: did}
}

func pair(trunk fleet.TrunkID, did fleet.DIDID) fleet.Binding {
	return fleet.Binding{Trunk: trunk, DID: did}
}

// sweep has the worker read everything.
func (h *house) sweep() {
	h.t.Helper()
	if r, err := h.Worker.RunOnce(h.t.Context()); err != nil || !r.Complete {
		h.t.Fatalf("pass: %+v, %v", r, err)
	}
}

// cloud is what the simulator holds.
func (h *house) cloud(id fleet.PBXID) fleet.BindingSet {
	var pairs []fleet.Binding
	for _, b := range h.sim.Bindings(int64(id)) {
		pairs = append(pairs, fleet.Binding{Trunk: fleet.TrunkID(b.Trunk), DID: fleet.DIDID(b.DID)})
	}
	return fleet.NewBindingSet(pairs...)
}

func (h *house) draft(ask change.Ask) plan.Plan {
	h.t.Helper()
	p, err := h.Changer.Draft(h.t.Context(), ana, ask)
	if err != nil {
		h.t.Fatalf("draft: %v", err)
	}
	return p
}

func (h *house) confirm(p plan.Plan) (plan.Plan, error) {
	return h.Changer.Confirm(h.t.Context(), ana, p.ID, change.Consent{Name: p.PBXName, Reason: "because"})
}

// sent counts the writes that reached the cloud.
func (h *house) sent(id fleet.PBXID) int { return h.sim.CountPUTs(int64(id)) }

// settled waits until every delivery was sent, taken in and digested.
func (h *house) settled() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patient)
	defer cancel()
	if err := h.sim.WaitIdle(ctx); err != nil {
		h.t.Fatal(err)
	}
	h.eventually("every delivery is digested", func() bool {
		counts, err := h.DB.DeliveryCounts(ctx)
		if err != nil {
			h.t.Fatal(err)
		}
		return counts[fleet.DeliveryStored] == 0
	})
}

func (h *house) eventually(what string, ok func() bool) {
	h.t.Helper()
	for end := time.Now().Add(patient); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	h.t.Fatalf("it never came true that %s", what)
}

func (h *house) known(id fleet.PBXID) fleet.Known {
	h.t.Helper()
	k, err := h.DB.Known(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return k
}

// history is oldest first.
func (h *house) history(id fleet.PBXID) []fleet.Snapshot {
	h.t.Helper()
	page, err := h.DB.Snapshots(h.t.Context(), id, fleet.PageRequest{Limit: 200})
	if err != nil {
		h.t.Fatal(err)
	}
	slices.Reverse(page.Items)
	return page.Items
}

func (h *house) state(id fleet.PBXID) fleet.Sync {
	h.t.Helper()
	row, err := h.DB.PBX(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return fleet.Judge(row.Standing, time.Now(), time.Hour)
}

// outcomes are the audit outcomes of a plan, oldest first.
func (h *house) outcomes(id fleet.PlanID) []audit.Outcome {
	h.t.Helper()
	page, err := h.DB.Audit(h.t.Context(), audit.Filter{Page: fleet.PageRequest{Limit: 200}})
	if err != nil {
		h.t.Fatal(err)
	}
	var out []audit.Outcome
	for _, e := range slices.Backward(page.Items) {
		if e.Plan == id {
			out = append(out, e.Outcome)
		}
	}
	return out
}

func wantKind(t *testing.T, err error, want fleet.Kind) {
	t.Helper()
	if err == nil || fleet.KindOf(err) != want {
		t.Fatalf("error %v, want kind %s", err, want)
	}
}

func wantStatus(t *testing.T, p plan.Plan, want plan.Status) {
	t.Helper()
	if p.Status != want {
		t.Fatalf("plan is %s (%s), want %s", p.Status, p.Outcome.Sentence, want)
	}
}

func wantSet(t *testing.T, what string, got, want fleet.BindingSet) {
	t.Helper()
	if !got.Equal(want) {
		t.Fatalf("%s: %v, want %v", what, got.Pairs(), want.Pairs())
	}
}
