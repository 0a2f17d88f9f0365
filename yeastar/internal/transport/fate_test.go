package transport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/yeastar"
)

// lineServer speaks raw HTTP/1.1: it gives tokens on any path of the token
// endpoint and hands every other request to api, which answers on the bare
// connection and says whether to keep it. It counts the requests it has read.
type lineServer struct {
	net.Listener
	requests, connections atomic.Int64
	api                   func(conn net.Conn, r *http.Request) (keep bool)
}

func newLineServer(t *testing.T, api func(net.Conn, *http.Request) bool) *lineServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := &lineServer{Listener: l, api: api}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.connections.Add(1)
			go s.serve(conn)
		}
	}()
	return s
}

func (s *lineServer) url() string { return "http://" + s.Addr().String() }

func (s *lineServer) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		if r.URL.Path == tokenPath {
			whole(conn, `{"access_token":"t","refresh_token":"r","expires_in":1800}`)
			continue
		}
		s.requests.Add(1)
		if !s.api(conn, r) {
			return
		}
	}
}

// whole writes a complete kept-alive answer.
func whole(conn net.Conn, body string) {
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// roundTripper hides the type of a transport, so that the client cannot take
// keep-alive away from it.
type roundTripper struct{ http.RoundTripper }

func TestAWriteOnAConnectionThatClosesAfterReadingLeavesOnceAndItsFateIsUnknown(t *testing.T) {
	for _, method := range []string{http.MethodPut, http.MethodPost, http.MethodDelete} {
		for name, given := range map[string]*http.Client{
			"own transport":      nil,
			"kept-alive forever": {Transport: roundTripper{&http.Transport{}}},
		} {
			t.Run(method+" "+name, func(t *testing.T) {
				s := newLineServer(t, func(conn net.Conn, r *http.Request) bool {
					if r.Method == http.MethodGet {
						whole(conn, success)
						return true
					}
					return false // committed, and then the connection is gone
				})
				c := clientOf(t, s.url(), func(cfg *Config) { cfg.HTTPClient = given })
				_, err := c.Do(background, read) // leaves an idle connection behind
				must(t, err)
				before := s.requests.Load()
				call := write
				call.Method = method
				_, err = c.Do(background, call)
				failed(t, err, yeastar.KindUnavailable, yeastar.SentUnknown)
				if n := s.requests.Load() - before; n != 1 {
					t.Errorf("the write arrived %d times", n)
				}
			})
		}
	}
}

func TestAWriteWithoutABodyIsNotSentAgainEither(t *testing.T) {
	s := newLineServer(t, func(conn net.Conn, r *http.Request) bool {
		if r.Method == http.MethodGet {
			whole(conn, success)
			return true
		}
		return false
	})
	c := clientOf(t, s.url(), func(cfg *Config) { cfg.HTTPClient = &http.Client{Transport: roundTripper{&http.Transport{}}} })
	_, err := c.Do(background, read)
	must(t, err)
	before := s.requests.Load()
	_, err = c.Do(background, Call{Op: "start PBX 7", Method: http.MethodPut, Path: "/start"})
	failed(t, err, yeastar.KindUnavailable, yeastar.SentUnknown)
	if n := s.requests.Load() - before; n != 1 {
		t.Errorf("the write arrived %d times", n)
	}
}

func TestWritesUseAFreshConnectionAndReadsKeepTheirs(t *testing.T) {
	s := newLineServer(t, func(conn net.Conn, _ *http.Request) bool { whole(conn, success); return true })
	c := clientOf(t, s.url(), nil)
	for range 3 {
		_, err := c.Do(background, read)
		must(t, err)
	}
	reads := s.connections.Load() // one for the token, a write, and one for the reads
	for range 3 {
		_, err := c.Do(background, write)
		must(t, err)
	}
	if reads != 2 || s.connections.Load() != reads+3 {
		t.Errorf("%d connections for reads, %d in all", reads, s.connections.Load())
	}
}

func TestTheFateOfAWriteIsToldHonestly(t *testing.T) {
	raw := func(text string) func(net.Conn, *http.Request) bool {
		return func(conn net.Conn, _ *http.Request) bool { _, _ = io.WriteString(conn, text); return false }
	}
	reply := func(status int, body string) func(net.Conn, *http.Request) bool {
		return raw(fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body))
	}
	envelope := func(code int) string {
		return fmt.Sprintf(`{"status":"Failed","requestId":"q","time":1,"errno":%d}`, code)
	}
	tests := []struct {
		name string
		api  func(net.Conn, *http.Request) bool
		kind yeastar.Kind
		sent yeastar.Sent
		slow bool
	}{
		{"no answer before the deadline", func(net.Conn, *http.Request) bool { time.Sleep(time.Second); return false }, yeastar.KindUnavailable, yeastar.SentUnknown, true},
		{"closed without an answer", raw(""), yeastar.KindUnavailable, yeastar.SentUnknown, false},
		{"an answer that is no HTTP", raw("SSH-2.0-OpenSSH\r\n\r\n"), yeastar.KindUnavailable, yeastar.SentUnknown, false},
		{"a truncated answer", raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + success[:40]), yeastar.KindMalformed, yeastar.SentUnknown, false},
		{"half an answer that claims to be whole", reply(200, success[:40]), yeastar.KindMalformed, yeastar.SentUnknown, false},
		{"an answer that stalls", func(conn net.Conn, _ *http.Request) bool {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
			time.Sleep(time.Second)
			return false
		}, yeastar.KindUnavailable, yeastar.SentUnknown, true},
		{"an empty answer", reply(200, ""), yeastar.KindMalformed, yeastar.SentUnknown, false},
		{"HTML in a 200", reply(200, "<html>down</html>"), yeastar.KindMalformed, yeastar.SentUnknown, false},
		{"HTML in a 404", reply(404, "<html>no such page</html>"), yeastar.KindMalformed, yeastar.SentUnknown, false},
		{"a framework's own 404", reply(404, `{"timestamp":1,"status":404,"error":"Not Found"}`), yeastar.KindMalformed, yeastar.SentUnknown, false},
		{"JSON of another shape", reply(200, `{"hello":"world"}`), yeastar.KindMalformed, yeastar.SentUnknown, false},
		{"a list", reply(200, `[]`), yeastar.KindMalformed, yeastar.SentUnknown, false},
		{"Success in a 500", reply(500, success), yeastar.KindUnavailable, yeastar.SentUnknown, false},
		{"Success in a 400", reply(400, success), yeastar.KindMalformed, yeastar.SentUnknown, false},
		{"two answers in one", reply(200, success+success), yeastar.KindMalformed, yeastar.SentUnknown, false},
		{"a redirect that would send it again", raw("HTTP/1.1 307 X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"), yeastar.KindMalformed, yeastar.SentUnknown, false},
		{"HTTP 502 in HTML", reply(502, "<html>bad gateway</html>"), yeastar.KindUnavailable, yeastar.SentUnknown, false},
		{"HTTP 503", reply(503, ""), yeastar.KindUnavailable, yeastar.SentUnknown, false},
		{"HTTP 408", reply(408, ""), yeastar.KindUnavailable, yeastar.SentUnknown, false},
		{"SERVER_ERROR in a 200", reply(200, envelope(1000001)), yeastar.KindUnavailable, yeastar.SentUnknown, false},
		{"DATABASE_ERROR", reply(400, envelope(1000012)), yeastar.KindUnavailable, yeastar.SentUnknown, false},
		{"a lost lock", reply(400, envelope(1000030)), yeastar.KindConflict, yeastar.SentUnknown, false},
		{"INVALID_PARAMETER in a 500", reply(500, envelope(1000004)), yeastar.KindInvalid, yeastar.SentUnknown, false},
		{"INVALID_PARAMETER", reply(400, envelope(1000004)), yeastar.KindInvalid, yeastar.SentAnswered, false},
		{"INVALID_PARAMETER in a 200", reply(200, envelope(1000004)), yeastar.KindInvalid, yeastar.SentAnswered, false},
		{"a code nobody documented", reply(200, envelope(4242)), yeastar.KindRefused, yeastar.SentAnswered, false},
		{"Failed without a code", reply(200, `{"status":"Failed"}`), yeastar.KindRefused, yeastar.SentAnswered, false},
		{"throttled by code", reply(200, envelope(1000040)), yeastar.KindThrottled, yeastar.SentAnswered, false},
		{"throttled by status", reply(429, "slow down"), yeastar.KindThrottled, yeastar.SentAnswered, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newLineServer(t, tt.api)
			c := clientOf(t, s.url(), func(cfg *Config) {
				if tt.slow {
					cfg.WriteTimeout = 200 * time.Millisecond
				}
			})
			_, err := c.Do(background, write)
			e := failed(t, err, tt.kind, tt.sent)
			if e.Op != write.Op {
				t.Errorf("the operation is %q", e.Op)
			}
			if s.requests.Load() != 1 {
				t.Errorf("the write arrived %d times", s.requests.Load())
			}
		})
	}
}

func TestAWriteThatNeverLeftSaysSo(t *testing.T) {
	s := newLineServer(t, func(conn net.Conn, _ *http.Request) bool { whole(conn, success); return true })
	c := clientOf(t, s.url(), nil)
	_, err := c.Do(background, read)
	must(t, err)

	t.Run("cancelled before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(background)
		cancel()
		before := s.requests.Load()
		_, err := c.Do(ctx, write)
		failed(t, err, yeastar.KindUnavailable, yeastar.SentNo)
		if !errors.Is(err, context.Canceled) || s.requests.Load() != before {
			t.Errorf("%v; %d requests", err, s.requests.Load()-before)
		}
	})
	t.Run("no room in the budget before the deadline", func(t *testing.T) {
		slow := clientOf(t, s.url(), func(cfg *Config) { cfg.RatePerMinute = 4 })
		slow.tokens.current, slow.tokens.renewAt = bearer{token: "t", number: 1}, time.Now().Add(time.Hour)
		slow.gate.limiter.AllowN(time.Now(), 1)
		ctx, cancel := context.WithTimeout(background, time.Second)
		defer cancel()
		_, err = slow.Do(ctx, write)
		failed(t, err, yeastar.KindThrottled, yeastar.SentNo)
	})
	t.Run("nobody listens", func(t *testing.T) {
		_ = s.Close()
		_, err := c.Do(background, write)
		failed(t, err, yeastar.KindUnavailable, yeastar.SentNo)
	})
	t.Run("the TLS handshake fails", func(t *testing.T) {
		stranger := httptest.NewUnstartedServer(answer(200, success))
		stranger.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		stranger.StartTLS()
		defer stranger.Close()
		c := clientOf(t, stranger.URL, nil)
		c.tokens.current, c.tokens.renewAt = bearer{token: "t", number: 1}, time.Now().Add(time.Hour)
		_, err := c.Do(background, write)
		failed(t, err, yeastar.KindUnavailable, yeastar.SentNo)
	})
	t.Run("a body that cannot be encoded", func(t *testing.T) {
		call := write
		call.Body = make(chan int)
		_, err := c.Do(background, call)
		failed(t, err, yeastar.KindInvalid, yeastar.SentNo)
	})
}

func TestAWriteCancelledWhileWaitingForItsAnswerIsUnknown(t *testing.T) {
	arrived := make(chan struct{})
	s := newLineServer(t, func(net.Conn, *http.Request) bool { close(arrived); time.Sleep(time.Second); return false })
	c := clientOf(t, s.url(), nil)
	ctx, cancel := context.WithCancel(background)
	go func() { <-arrived; cancel() }()
	_, err := c.Do(ctx, write)
	failed(t, err, yeastar.KindUnavailable, yeastar.SentUnknown)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestRedirectsAreNotFollowedAndTheTokenStaysHere(t *testing.T) {
	var leaked atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { leaked.Add(1); answer(200, success)(w, nil) }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 307, 308} {
		v := newVendor(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		for _, call := range []Call{read, write} {
			_, err := v.client(t, nil).Do(background, call)
			failed(t, err, yeastar.KindMalformed, yeastar.SentUnknown)
		}
		if v.calls.Load() != 2 {
			t.Errorf("%d: %d calls", status, v.calls.Load())
		}
	}
	if leaked.Load() != 0 {
		t.Errorf("%d requests followed a redirect", leaked.Load())
	}
}

func TestAnAnswerOver8MiBIsRefusedHoweverItIsPacked(t *testing.T) {
	huge := `{"status":"Success","data":"` + strings.Repeat("x", maxBody) + `"}`
	v := newVendor(t, answer(200, huge))
	c := v.client(t, nil)
	_, err := c.Do(background, read)
	e := failed(t, err, yeastar.KindMalformed, yeastar.SentUnknown)
	if !errors.Is(e, errTooLarge) || v.calls.Load() != 1 {
		t.Errorf("%v after %d calls", err, v.calls.Load())
	}
}
