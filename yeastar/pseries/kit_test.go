package pseries_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/pseries"
	"cordboard/yeastar/ycm"
	"cordboard/yeastar/yeastartest"
)

var background = context.Background()

const (
	pbxID  = 4808
	serial = "36XXXXXXXXXXXXZK"
)

// world is one PBX with a trunk of every Cloud type, one of them shared, and extensions.
type world struct {
	*yeastartest.Server
	register, peer, account, web, shared int64
	alice, sales                         int64
}

func newWorld(t *testing.T, a yeastartest.SIPAssumptions) *world {
	t.Helper()
	if a.Settle == 0 {
		a.Settle = time.Nanosecond
	}
	return worldWith(t, yeastartest.Config{Assumptions: yeastartest.Assumptions{NoRateLimit: true, SIP: a}})
}

func worldWith(t *testing.T, cfg yeastartest.Config) *world {
	t.Helper()
	w := &world{Server: yeastartest.Start(t, cfg)}
	w.AddPBX(yeastartest.PBX{ID: pbxID, Serial: serial, Name: "Harbour", Switches: yeastartest.Switches{API: "Enabled"}})
	w.AddTrunk(yeastartest.Trunk{ID: 6681, Name: "carrier_M8D90A", Hostname: "sip.carrier.test", Username: "700", Password: "planted-shared-password"})
	w.AddDID(yeastartest.DID{ID: 50001, Number: "+4930100", Trunks: []int64{6681}})
	w.Bind(pbxID, yeastartest.Binding{Trunk: 6681, DID: 50001})
	w.register = w.AddSIPTrunk(pbxID, yeastartest.SIPTrunk{ID: 11, Name: "carrier-a", Hostname: "sip.carrier.test",
		Username: "700", Password: "planted-sip-password", CID: "4930100", DIDs: []yeastartest.SIPDID{{Number: "4930100", Name: "main"}}})
	w.peer = w.AddSIPTrunk(pbxID, yeastartest.SIPTrunk{ID: 12, Name: "branch", Type: "peer_did", Hostname: "10.0.0.7"})
	w.account = w.AddSIPTrunk(pbxID, yeastartest.SIPTrunk{ID: 28, Name: "gate", Type: "account", Username: "6708", Password: "planted-account-password", Ends: yeastartest.SIPNoDevice})
	w.web = w.AddSIPTrunk(pbxID, yeastartest.SIPTrunk{ID: 29, Name: "click", Type: "webtrunk"})
	w.alice = w.AddExtensions(pbxID, yeastartest.Extension{Number: "2001", Name: "Alice"}, yeastartest.Extension{Number: "2002", Name: "Bob"})[0]
	w.sales = w.AddExtensionGroup(pbxID, yeastartest.ExtensionGroup{Name: "Sales"})
	for _, s := range w.SIPTrunks(pbxID) {
		if s.SharedFrom != 0 {
			w.shared = s.ID
		}
	}
	return w
}

// direct gives a client of the PBX's own address.
func (w *world) direct(t *testing.T, change func(*pseries.Direct)) *pseries.Client {
	t.Helper()
	api := w.PBXAPI(pbxID)
	cfg := pseries.Direct{BaseURL: api.BaseURL, ClientID: api.ClientID, ClientSecret: yeastar.NewSecret(api.ClientSecret),
		RatePerMinute: 600_000, RetryBase: time.Millisecond}
	return directOf(t, cfg, change)
}

func directOf(t *testing.T, cfg pseries.Direct, change func(*pseries.Direct)) *pseries.Client {
	t.Helper()
	if change != nil {
		change(&cfg)
	}
	c, err := pseries.NewDirect(cfg)
	must(t, err)
	return c
}

// relay gives a client that goes through YCM.
func (w *world) relay(t *testing.T) *pseries.Client {
	t.Helper()
	return w.relayAt(t, w.URL())
}

func (w *world) relayAt(t *testing.T, url string) *pseries.Client {
	t.Helper()
	through, err := ycm.New(ycm.Config{BaseURL: url, ClientID: yeastartest.DefaultClientID,
		ClientSecret: yeastar.NewSecret(yeastartest.DefaultClientSecret), RatePerMinute: 600_000, RetryBase: time.Millisecond})
	must(t, err)
	c, err := pseries.NewRelay(pseries.Relay{YCM: through, Serial: serial, RatePerMinute: 600_000})
	must(t, err)
	return c
}

// both runs a test over each way.
func both(t *testing.T, run func(t *testing.T, w *world, c *pseries.Client)) {
	t.Helper()
	t.Run("direct", func(t *testing.T) {
		w := newWorld(t, yeastartest.SIPAssumptions{})
		run(t, w, w.direct(t, nil))
	})
	t.Run("relay", func(t *testing.T) {
		w := newWorld(t, yeastartest.SIPAssumptions{})
		run(t, w, w.relay(t))
	})
}

// trunk is what the PBX has under an id.
func (w *world) trunk(id int64) yeastartest.SIPTrunk {
	for _, t := range w.SIPTrunks(pbxID) {
		if t.ID == id {
			return t
		}
	}
	return yeastartest.SIPTrunk{}
}

// bodies are the bodies of the POSTs to an endpoint, oldest first.
func (w *world) bodies(endpoint string) []string {
	var out []string
	for _, r := range w.Requests() {
		if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/openapi/v1.0/"+endpoint) {
			out = append(out, string(r.Body))
		}
	}
	return out
}

// count counts the requests to an endpoint.
func (w *world) count(endpoint string) int {
	n := 0
	for _, r := range w.Requests() {
		if strings.HasSuffix(r.Path, "/openapi/v1.0/"+endpoint) {
			n++
		}
	}
	return n
}

// scripted gives a client of a PBX that hands out a token and answers everything else with body.
func scripted(t *testing.T, body string) *pseries.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/get_token") {
			_, _ = w.Write(sample(t, "get_token"))
			return
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return directOf(t, pseries.Direct{BaseURL: s.URL, ClientID: "an-id", ClientSecret: yeastar.NewSecret("planted-secret"), RetryBase: time.Millisecond}, nil)
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "samples", name+".json"))
	must(t, err)
	return b
}

// failed demands that err is a *yeastar.Error of the kind and fate.
func failed(t *testing.T, err error, kind yeastar.Kind, sent yeastar.Sent) *yeastar.Error {
	t.Helper()
	e, ok := errors.AsType[*yeastar.Error](err)
	if !ok {
		t.Fatalf("error is %T: %v", err, err)
	}
	if e.Kind != kind || e.Sent != sent {
		t.Fatalf("got %v, sent %v; want %v, %v: %v", e.Kind, e.Sent, kind, sent, err)
	}
	return e
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ptr[T any](v T) *T { return &v }
