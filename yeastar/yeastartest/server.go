package yeastartest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is a simulated YCM. It is an http.Handler; Start serves it on a port of
// its own. All methods may be called from several goroutines.
type Server struct {
	cfg    Config
	mux    *http.ServeMux
	ctx    context.Context // ends when the server is closed
	cancel context.CancelFunc

	mu    sync.RWMutex // guards what follows
	a     Assumptions
	m     *model
	auth  *tokens
	rate  bucket
	err   error // the first misuse of the Go API
	mails []Mail
	delay struct{ latency, apply time.Duration }

	rngMu sync.Mutex
	rng   *rand.Rand

	faults  faults
	record  recorder
	mail    *courier
	working idleCounter // deferred changes and deliveries that are under way

	lifeMu sync.Mutex
	http   *http.Server
	url    string
}

// New makes a simulator without PBXs, trunks or DIDs.
func New(cfg Config) *Server {
	cfg = cfg.withDefaults()
	s := &Server{
		cfg:  cfg,
		a:    cfg.Assumptions,
		m:    newModel(),
		auth: newTokens(),
		rng:  rand.New(rand.NewPCG(uint64(cfg.Seed), 0x59434d)),
	}
	s.delay.latency, s.delay.apply = cfg.Latency, cfg.ApplyDelay
	s.record.off = cfg.NoRecord
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.mail = newCourier(s.ctx, cfg, &s.working)
	s.mux = s.routes()
	return s
}

// Start listens on a free port of 127.0.0.1 and returns the base URL.
func (s *Server) Start() (string, error) {
	return s.StartAt("127.0.0.1:0")
}

// StartAt listens on addr and returns the base URL.
func (s *Server) StartAt(addr string) (string, error) {
	s.lifeMu.Lock()
	defer s.lifeMu.Unlock()
	if s.http != nil {
		return "", errors.New("yeastartest: started twice")
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("yeastartest: listen on %s: %w", addr, err)
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.url = "http://" + l.Addr().String()
	srv := s.http
	go func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.misuse("serve", err)
		}
	}()
	return s.url, nil
}

// URL is the base URL, "" before Start.
func (s *Server) URL() string {
	s.lifeMu.Lock()
	defer s.lifeMu.Unlock()
	return s.url
}

// Close stops serving. Deliveries and changes that are still to come are dropped.
func (s *Server) Close() error {
	s.cancel()
	s.lifeMu.Lock()
	defer s.lifeMu.Unlock()
	if s.http != nil {
		if err := s.http.Close(); err != nil {
			return fmt.Errorf("yeastartest: close: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.WaitIdle(ctx); err != nil {
		return fmt.Errorf("yeastartest: deliveries did not end: %w", err)
	}
	s.mail.close()
	return nil
}

// Err is the first misuse of the Go API, such as binding an unknown DID, or nil.
// Methods that build or change the model have no error result of their own.
func (s *Server) Err() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.err
}

// Assume changes assumptions while the server runs.
func (s *Server) Assume(change func(*Assumptions)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.a)
}

// SetLatency changes Config.Latency while the server runs.
func (s *Server) SetLatency(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay.latency = d
}

// SetApplyDelay changes Config.ApplyDelay while the server runs.
func (s *Server) SetApplyDelay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay.apply = d
}

// WaitIdle waits until no change and no delivery is under way. Reports on hold
// do not count.
func (s *Server) WaitIdle(ctx context.Context) error {
	return s.working.wait(ctx)
}

func (s *Server) assumptions() Assumptions {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.a
}

// misuse keeps the first error of the Go API.
func (s *Server) misuse(op string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keepErr(op, err)
}

// keepErr is misuse for callers that hold mu.
func (s *Server) keepErr(op string, err error) {
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("yeastartest: %s: %w", op, err)
	}
}

// sleep waits for d, or less when the server closes. It says whether it waited.
func (s *Server) sleep(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// randomHex returns 32 hex characters, as request ids and tokens have.
func (s *Server) randomHex() string {
	s.rngMu.Lock()
	defer s.rngMu.Unlock()
	return fmt.Sprintf("%016x%016x", s.rng.Uint64(), s.rng.Uint64())
}
