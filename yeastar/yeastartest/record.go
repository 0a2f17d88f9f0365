package yeastartest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// recordSize is how many requests, and how many deliveries, are kept.
const recordSize = 4096

// Request is a request as it arrived, whatever became of it.
type Request struct {
	At        time.Time // by the vendor's clock
	Method    string
	Path      string
	Query     string // raw
	UserAgent string
	Header    http.Header
	Body      []byte
	Status    int // of the answer; 0 while or when there is none
}

type recorder struct {
	mu     sync.Mutex
	off    bool
	log    ring[*Request]
	counts map[[2]string]int // by method and path
	puts   map[int64][]byte  // last body of PUT did, by PBX
}

// request keeps a request; nil when recording is off.
func (r *recorder) request(req *http.Request, body []byte, now time.Time) *Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.off {
		return nil
	}
	if r.counts == nil {
		r.counts, r.puts = map[[2]string]int{}, map[int64][]byte{}
		r.log.size = recordSize
	}
	seen := &Request{
		At: now, Method: req.Method, Path: req.URL.Path, Query: req.URL.RawQuery,
		UserAgent: req.UserAgent(), Header: req.Header.Clone(), Body: body,
	}
	r.log.add(seen)
	r.counts[[2]string{seen.Method, seen.Path}]++
	if id, ok := putTarget(req); ok {
		r.puts[id] = body
	}
	return seen
}

func (r *recorder) answered(seen *Request, status int) {
	if seen == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	seen.Status = status
}

// putTarget is the PBX of a PUT did.
func putTarget(req *http.Request) (int64, bool) {
	tail, ok := strings.CutPrefix(req.URL.Path, "/dm/open_api/v1/cloud_pbx/instances/")
	if !ok || req.Method != http.MethodPut {
		return 0, false
	}
	text, ok := strings.CutSuffix(tail, "/did")
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil
}

// Requests are the latest requests, oldest first: up to 4,096.
func (s *Server) Requests() []Request {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	kept := s.record.log.items()
	out := make([]Request, len(kept))
	for i, r := range kept {
		out[i] = *r
	}
	return out
}

// CountRequests counts all requests so far with a method ("" = any) and a path
// that starts with prefix.
func (s *Server) CountRequests(method, prefix string) int {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	n := 0
	for key, count := range s.record.counts {
		if (method == "" || method == key[0]) && strings.HasPrefix(key[1], prefix) {
			n += count
		}
	}
	return n
}

// LastPUTBody is the body of the last PUT did for a PBX, as it arrived; nil when
// there was none.
func (s *Server) LastPUTBody(pbx int64) []byte {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return slices.Clone(s.record.puts[pbx])
}

// CountPUTs counts the PUT did requests for a PBX.
func (s *Server) CountPUTs(pbx int64) int {
	return s.CountRequests(http.MethodPut, "/dm/open_api/v1/cloud_pbx/instances/"+strconv.FormatInt(pbx, 10)+"/did")
}

// ResetRequests forgets the requests so far.
func (s *Server) ResetRequests() {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	s.record.log, s.record.counts, s.record.puts = ring[*Request]{}, nil, nil
}

// Record switches the recording of requests on or off.
func (s *Server) Record(on bool) {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	s.record.off = !on
}

// ring keeps the latest size items.
type ring[T any] struct {
	size int
	buf  []T
	next int // where the oldest is, once full
}

func (r *ring[T]) add(v T) {
	if len(r.buf) < r.size {
		r.buf = append(r.buf, v)
		return
	}
	r.buf[r.next] = v
	r.next = (r.next + 1) % r.size
}

// items are the kept items, oldest first.
func (r *ring[T]) items() []T {
	return append(slices.Clone(r.buf[r.next:]), r.buf[:r.next]...)
}
