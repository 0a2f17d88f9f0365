package ycm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/ycm"
	"cordboard/yeastar/yeastartest"
)

// scripted serves tokens and, for everything else, what api says.
type scripted struct {
	*httptest.Server
	calls atomic.Int64
}

func newScripted(t *testing.T, api http.HandlerFunc) (*scripted, *ycm.Client) {
	t.Helper()
	s := &scripted{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/oauth/token") {
			_, _ = w.Write([]byte(`{"access_token":"token-of-a-script","refresh_token":"refresh-of-a-script","token_type":"bearer","expires_in":1800}`))
			return
		}
		s.calls.Add(1)
		api(w, r)
	}))
	t.Cleanup(s.Close)
	return s, clientOf(t, s.URL, nil)
}

// answers serves one body, whatever is asked.
func answers(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}

// data wraps data in the vendor's envelope.
func data(inner string) string {
	return `{"data":` + inner + `,"requestId":"d42c","status":"Success","time":1747100716}`
}

func clientOf(t *testing.T, address string, change func(*ycm.Config)) *ycm.Client {
	t.Helper()
	cfg := ycm.Config{
		BaseURL: address, ClientID: yeastartest.DefaultClientID, ClientSecret: yeastar.NewSecret(yeastartest.DefaultClientSecret),
		RatePerMinute: 600_000, MaxInFlight: 8, RetryBase: time.Millisecond,
	}
	if change != nil {
		change(&cfg)
	}
	c, err := ycm.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// simulator starts a simulator without a rate limit, and a client of it.
func simulator(t *testing.T, a yeastartest.Assumptions) (*yeastartest.Server, *ycm.Client) {
	t.Helper()
	a.NoRateLimit = true
	s := yeastartest.Start(t, yeastartest.Config{Assumptions: a})
	return s, clientOf(t, s.URL(), nil)
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "samples", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func compact(t *testing.T, doc []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, doc); err != nil {
		t.Fatal(err)
	}
	return b.String()
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

var background = context.Background()
