package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/yeastar"
)

const (
	plantedSecret  = "planted-client-secret"
	plantedAccess  = "planted-access"
	plantedRefresh = "planted-refresh"
	success        = `{"data":{"ok":true},"requestId":"r-1","status":"Success","time":1747100716}`
)

// vendor is a scripted YCM over real HTTP: a token endpoint that works unless
// told otherwise, and one handler for all the rest.
type vendor struct {
	*httptest.Server
	mints, refreshes, calls atomic.Int64
	mu                      sync.Mutex
	// token answers a token request in place of the usual answer when it is set.
	token func(w http.ResponseWriter, form url.Values)
	// lifetime is what expires_in says, in seconds.
	lifetime int
	// latest is the newest refresh token; strict makes older access tokens die.
	latest, current string
	forms           []url.Values
	// api answers everything else.
	api http.HandlerFunc
}

func newVendor(t *testing.T, api http.HandlerFunc) *vendor {
	t.Helper()
	v := &vendor{api: api, lifetime: 1800}
	v.Server = httptest.NewServer(v)
	t.Cleanup(v.Close)
	return v
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != tokenPath {
		v.calls.Add(1)
		v.api(w, r)
		return
	}
	if err := r.ParseForm(); err != nil || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || r.Method != http.MethodPost {
		http.Error(w, "not a form", http.StatusBadRequest)
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.forms = append(v.forms, r.PostForm)
	minting := r.PostForm.Get("grant_type") == "client_credentials"
	if minting {
		v.mints.Add(1)
	} else {
		v.refreshes.Add(1)
	}
	if v.token != nil {
		v.token(w, r.PostForm)
		return
	}
	if !minting && r.PostForm.Get("refresh_token") != v.latest {
		fail(w, http.StatusUnauthorized, 1000036)
		return
	}
	v.grant(w)
}

// grant gives a new pair of tokens; the caller holds mu.
func (v *vendor) grant(w http.ResponseWriter) {
	n := v.mints.Load() + v.refreshes.Load()
	v.current = fmt.Sprintf("%s-%d", plantedAccess, n)
	v.latest = fmt.Sprintf("%s-%d", plantedRefresh, n)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"access_token": v.current, "refresh_token": v.latest, "token_type": "bearer", "expires_in": v.lifetime, "jti": "j",
	})
}

// holds reports whether a request carries the newest access token.
func (v *vendor) holds(r *http.Request) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return r.Header.Get("Authorization") == "Bearer "+v.current
}

// client gives a client of v with short waits; change may be nil.
func (v *vendor) client(t *testing.T, change func(*Config)) *Client {
	t.Helper()
	return clientOf(t, v.URL, change)
}

func clientOf(t *testing.T, address string, change func(*Config)) *Client {
	t.Helper()
	base, err := ParseBaseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		BaseURL: base, ClientID: "id-1", ClientSecret: yeastar.NewSecret(plantedSecret), UserAgent: "Cordboard/test",
		RatePerMinute: 60_000, MaxInFlight: 8, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, RetryBase: time.Millisecond,
	}
	if change != nil {
		change(&cfg)
	}
	return New(cfg)
}

// fail answers in the vendor's error envelope.
func fail(w http.ResponseWriter, status, code int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"requestId":"r-failed","status":"Failed","time":1747100716,"errno":%d,"errmsg":"SYMBOL"}`, code)
}

// answer gives a handler that always answers the same.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

var (
	read  = Call{Op: "read PBX 7", Method: http.MethodGet, Path: "/dm/open_api/v1/cloud_pbx/instances/7"}
	write = Call{Op: "write PBX 7", Method: http.MethodPut, Path: "/dm/open_api/v1/cloud_pbx/instances/7/did", Body: map[string]any{"trunkDidRelations": []int{}}}
)

// failed demands that err is a *yeastar.Error of the kind and fate.
func failed(t *testing.T, err error, kind yeastar.Kind, sent yeastar.Sent) *yeastar.Error {
	t.Helper()
	e, ok := errors.AsType[*yeastar.Error](err)
	if !ok {
		t.Fatalf("error is %T: %v", err, err)
	}
	if e.Kind != kind || e.Sent != sent {
		t.Fatalf("got kind %v, sent %v, want %v, %v: %v", e.Kind, e.Sent, kind, sent, err)
	}
	return e
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// syncBuffer collects log lines from many goroutines.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// debugLog gives a logger at debug level and what it wrote.
func debugLog() (*slog.Logger, *syncBuffer) {
	var b syncBuffer
	return slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})), &b
}

// noSecrets demands that none of the planted secrets stands in text.
func noSecrets(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range []string{plantedSecret, plantedAccess, plantedRefresh, "planted-sip-password", "planted-query", "eyJhbGciOiJIUzI1NiJ9"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s leaks %s:\n%s", where, secret, text)
		}
	}
}

var background = context.Background()
