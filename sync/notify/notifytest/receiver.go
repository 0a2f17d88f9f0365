package notifytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Secret is the signing secret of every [Receiver].
const Secret = "whsec_cGxhbnRlZC1zaWduaW5nLXNlY3JldC0wMTIzNDU2Nzg5"

// Post is one call that a receiver got.
type Post struct {
	ID   string // webhook-id
	Type string // "notice.opened"
	Body string
	Data map[string]any
}

// Receiver takes webhooks, and fails the test over one that is not signed as Standard Webhooks says.
type Receiver struct {
	*httptest.Server
	t      testing.TB
	mu     sync.Mutex
	status int
	posts  []Post
}

// Receive starts a receiver that answers 204.
func Receive(t testing.TB) *Receiver {
	t.Helper()
	r := &Receiver{t: t, status: http.StatusNoContent}
	r.Server = httptest.NewServer(http.HandlerFunc(r.take))
	t.Cleanup(r.Close)
	return r
}

// Answer sets the status of further answers.
func (r *Receiver) Answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// Posts are the calls so far, those answered with an error included.
func (r *Receiver) Posts() []Post {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Post(nil), r.posts...)
}

func (r *Receiver) take(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		r.t.Errorf("reading a post: %v", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	id, stamp := q.Header.Get("webhook-id"), q.Header.Get("webhook-timestamp")
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(Secret, "whsec_"))
	if err != nil {
		r.t.Errorf("the secret: %v", err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "." + string(body)))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); id == "" || stamp == "" || q.Header.Get("webhook-signature") != want {
		r.t.Errorf("the signature is %q, want %q", q.Header.Get("webhook-signature"), want)
	}
	if q.Method != http.MethodPost || q.Header.Get("Content-Type") != "application/json" {
		r.t.Errorf("a %s of %s came", q.Method, q.Header.Get("Content-Type"))
	}
	var said struct {
		Type string         `json:"type"`
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		r.t.Errorf("the body %s: %v", body, err)
	}
	r.posts = append(r.posts, Post{id, said.Type, string(body), said.Data})
	if r.status >= 300 && r.status < 400 {
		w.Header().Set("Location", r.URL+"/elsewhere")
	}
	w.WriteHeader(r.status)
}
