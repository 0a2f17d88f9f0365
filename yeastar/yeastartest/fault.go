package yeastartest

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Match picks requests for a fault. Empty fields match everything.
type Match struct {
	Method     string
	PathPrefix string
	PathSuffix string
	Nth        int // the first matching request it takes: 1 (or 0) = the next one
	Times      int // how many requests it takes; 0 = 1, negative = all
}

// Fault is one way to break a call. Go's HTTP transport repeats a GET by itself
// when a kept-alive connection breaks before any byte of the answer: give such a
// fault enough Times.
type Fault struct {
	name        string
	before      time.Duration
	after       time.Duration
	closeBefore bool
	closeAfter  bool
	commit      bool // the call runs although replace makes the answer
	replace     func(s *Server, real *answer) *answer
	page        pageFault
}

// pageFault spoils one page of a list.
type pageFault struct {
	empty   bool
	partial bool
	shift   int
}

// AfterCommit is the same fault with the change made first: the caller sees a
// failure although the call worked.
func (f Fault) AfterCommit() Fault {
	f.commit = true
	return f
}

// Status answers with an HTTP status and a plain body.
func Status(code int, body string) Fault {
	return Fault{name: "status", replace: func(*Server, *answer) *answer {
		return &answer{status: code, header: http.Header{"Content-Type": {"text/plain"}}, body: []byte(body)}
	}}
}

// VendorCode answers with a vendor error code, in the current error shape and
// HTTP mode.
func VendorCode(code int) Fault {
	return Fault{name: "vendor code", replace: func(s *Server, _ *answer) *answer {
		return s.fail(&apiError{code: code, detail: "injected"}, false)
	}}
}

// SuccessWithFailed answers HTTP 200 with status Failed and a vendor code.
func SuccessWithFailed(code int) Fault {
	return Fault{name: "200 with Failed", replace: func(s *Server, _ *answer) *answer {
		return newAnswer(http.StatusOK, s.failure(s.assumptions().Errors, &apiError{code: code, detail: "injected"}))
	}}
}

// Throttle answers 1000040, as when the rate limit is exceeded.
func Throttle() Fault { return VendorCode(CodeRateLimit) }

// TokenExpired answers 1000035, as for an expired token.
func TokenExpired() Fault { return VendorCode(CodeTokenExpired) }

// Delay waits before the call is looked at. The call then runs, even when the
// caller has given up.
func Delay(d time.Duration) Fault { return Fault{name: "delay", before: d} }

// DelayAfterCommit runs the call and waits before it answers.
func DelayAfterCommit(d time.Duration) Fault { return Fault{name: "delay after commit", after: d} }

// CloseBeforeCommit breaks the connection without doing anything.
func CloseBeforeCommit() Fault { return Fault{name: "close before commit", closeBefore: true} }

// CloseAfterCommit runs the call and breaks the connection without an answer.
func CloseAfterCommit() Fault { return Fault{name: "close after commit", closeAfter: true} }

// HTML answers 200 with a web page, as a proxy in between does.
func HTML() Fault {
	return Fault{name: "html", replace: func(*Server, *answer) *answer {
		return &answer{
			status: http.StatusOK, header: http.Header{"Content-Type": {"text/html"}},
			body: []byte("<!DOCTYPE html><html><body><h1>Sign in</h1></body></html>"),
		}
	}}
}

// Truncated runs the call and answers with the first half of its body, as a
// complete HTTP message.
func Truncated() Fault {
	return Fault{name: "truncated", commit: true, replace: func(_ *Server, real *answer) *answer {
		real.body = real.body[:len(real.body)/2]
		return real
	}}
}

// CutOff runs the call and breaks the connection after the first half of the
// body of the answer.
func CutOff() Fault {
	return Fault{name: "cut off", commit: true, replace: func(_ *Server, real *answer) *answer {
		real.missing = len(real.body) - len(real.body)/2
		real.body = real.body[:len(real.body)/2]
		return real
	}}
}

// Huge answers 200 with a valid envelope of at least n bytes.
func Huge(n int) Fault {
	return Fault{name: "huge", replace: func(s *Server, _ *answer) *answer {
		padding := bytes.Repeat([]byte("x"), n)
		return newAnswer(http.StatusOK, object(
			"data", string(padding), "requestId", s.randomHex(), "status", "Success", "time", s.cfg.Now().Unix()))
	}}
}

// PartialPage answers a page of a list without its second half; total stays.
func PartialPage() Fault { return Fault{name: "partial page", page: pageFault{partial: true}} }

// EmptyPage answers a page of a list with no rows; total stays.
func EmptyPage() Fault { return Fault{name: "empty page", page: pageFault{empty: true}} }

// ShiftPage answers a page of a list that starts by rows later, as if rows of
// earlier pages had gone meanwhile: they are missed. With a negative by, rows
// repeat, as if some had come.
func ShiftPage(by int) Fault { return Fault{name: "shifted page", page: pageFault{shift: by}} }

type faults struct {
	mu    sync.Mutex
	rules []*rule
}

type rule struct {
	match Match
	fault Fault
	seen  int
}

// Fail breaks the requests that m picks. Of several rules the first one that is
// due acts; all that match count the request.
func (s *Server) Fail(m Match, f Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.rules = append(s.faults.rules, &rule{match: m, fault: f})
}

// ClearFaults forgets all faults.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.rules = nil
}

// match returns the fault for a request, the zero Fault when there is none.
func (f *faults) match(r *http.Request) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var picked *rule
	for _, rule := range f.rules {
		m := rule.match
		if (m.Method != "" && m.Method != r.Method) ||
			!strings.HasPrefix(r.URL.Path, m.PathPrefix) || !strings.HasSuffix(r.URL.Path, m.PathSuffix) {
			continue
		}
		rule.seen++
		if picked == nil && rule.due() {
			picked = rule
		}
	}
	if picked == nil {
		return Fault{}
	}
	return picked.fault
}

// due says whether the request just counted is one that the rule takes.
func (r *rule) due() bool {
	from := max(r.match.Nth, 1)
	times := max(r.match.Times, 1)
	return r.seen >= from && (r.match.Times < 0 || r.seen < from+times)
}
