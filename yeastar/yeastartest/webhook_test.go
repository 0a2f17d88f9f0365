package yeastartest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

const hookSecret = "0123456789abcdef0123456789abcdef"

// post is a webhook request as a receiver saw it.
type post struct {
	method, contentType, signature string
	body                           []byte
}

// receiver adds a webhook that answers 200 and returns what it got so far.
func receiver(t *testing.T, s *Server) func() []post {
	t.Helper()
	return receiverWith(t, s, func(int) int { return http.StatusOK })
}

// receiverWith answers the n-th post (from 0) with status(n).
func receiverWith(t *testing.T, s *Server, status func(n int) int) func() []post {
	t.Helper()
	var mu sync.Mutex
	var posts []post
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read a webhook: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		posts = append(posts, post{r.Method, r.Header.Get("Content-Type"), r.Header.Get("X-Signature"), body})
		w.WriteHeader(status(len(posts) - 1))
	}))
	t.Cleanup(srv.Close)
	if err := s.AddWebhook(srv.URL, hookSecret); err != nil {
		t.Fatal(err)
	}
	return func() []post {
		mu.Lock()
		defer mu.Unlock()
		return append([]post(nil), posts...)
	}
}
