package yeastartest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// call is one request on its way through a handler.
type call struct {
	*http.Request
	body  []byte
	query url.Values
	page  pageFault
}

// handler does one API call: it returns the data of the envelope, or an *apiError.
type handler func(*call) (data any, err error)

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	s.tokenRoutes(mux)
	s.pbxRoutes(mux)
	s.createRoutes(mux)
	s.editRoutes(mux)
	s.runRoutes(mux)
	s.customerRoutes(mux)
	s.offerRoutes(mux)
	s.bindingRoutes(mux)
	s.trunkRoutes(mux)
	s.didRoutes(mux)
	s.pbxAPIRoutes(mux)
	mux.Handle("/", s.api(func(c *call) (any, error) {
		return nil, refuse(CodeNotFound, "no such call: %s %s", c.Method, c.URL.Path)
	}))
	return mux
}

type pageKey struct{}

// api wraps a handler that needs an access token.
func (s *Server) api(h handler) http.Handler {
	return s.call(false, func(c *call) (any, error) {
		if err := s.authorize(c.Header.Get("Authorization")); err != nil {
			return nil, err
		}
		return h(c)
	})
}

// call wraps a handler: body, User-Agent, envelope.
func (s *Server) call(oauth bool, h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{Request: r, query: r.URL.Query()}
		c.page, _ = r.Context().Value(pageKey{}).(pageFault)
		ans, err := s.run(c, h)
		var refused *apiError
		if errors.As(err, &refused) {
			ans, err = s.fail(refused, oauth), nil
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if err := ans.writeTo(w); err != nil {
			s.cfg.Log.Debug("answer not written", "path", r.URL.Path, "error", err)
		}
	})
}

func (s *Server) run(c *call, h handler) (*answer, error) {
	if c.Header.Get("User-Agent") == "" && !s.assumptions().AllowNoUserAgent {
		return nil, refuse(CodeInvalidParameter, "User-Agent is missing")
	}
	body, err := io.ReadAll(c.Body)
	if err != nil {
		return nil, refuse(CodeInvalidParameter, "body: %v", err)
	}
	c.body = body
	data, err := h(c)
	if err != nil {
		return nil, err
	}
	return s.succeed(data)
}

// ServeHTTP serves the simulated API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "request body cut off", http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	seen := s.record.request(r, body, s.cfg.Now())
	s.sleep(s.latency())

	f := s.faults.match(r)
	if !s.sleep(f.before) || f.closeBefore {
		s.breakOff(w)
		return
	}
	ans := s.answerTo(r, f)
	s.record.answered(seen, ans.status)
	s.cfg.Log.Debug("request", "method", r.Method, "path", r.URL.Path, "status", ans.status, "fault", f.name)
	if !s.sleep(f.after) || f.closeAfter {
		s.breakOff(w)
		return
	}
	if err := ans.writeTo(w); err != nil {
		s.cfg.Log.Debug("answer not written", "path", r.URL.Path, "error", err)
	}
}

// answerTo runs the call, unless the fault answers in its place.
func (s *Server) answerTo(r *http.Request, f Fault) *answer {
	if f.replace != nil && !f.commit {
		return f.replace(s, nil)
	}
	if f.page != (pageFault{}) {
		r = r.WithContext(context.WithValue(r.Context(), pageKey{}, f.page))
	}
	buf := &buffer{header: http.Header{}, status: http.StatusOK}
	s.mux.ServeHTTP(buf, r)
	ans := &answer{status: buf.status, header: buf.header, body: buf.body.Bytes()}
	if f.replace != nil {
		return f.replace(s, ans)
	}
	return ans
}

// breakOff ends the connection without an answer.
func (s *Server) breakOff(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "connection cannot be broken: "+err.Error(), http.StatusBadGateway)
		return
	}
	if err := conn.Close(); err != nil {
		s.cfg.Log.Debug("connection not closed", "error", err)
	}
}

func (s *Server) latency() time.Duration {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.delay.latency
}

// buffer collects an answer, so that a fault can change or withhold it.
type buffer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *buffer) Header() http.Header         { return b.header }
func (b *buffer) WriteHeader(status int)      { b.status = status }
func (b *buffer) Write(p []byte) (int, error) { return b.body.Write(p) }

// pathID reads the id in the path.
func (c *call) pathID(name string) (int64, error) {
	id, err := strconv.ParseInt(c.PathValue(name), 10, 64)
	if err != nil || id <= 0 {
		return 0, refuse(CodeInvalidParameter, "%s is not an id", name)
	}
	return id, nil
}

// queryID reads an id in the query; 0 when it is absent.
func (c *call) queryID(name string) (int64, error) {
	text := c.query.Get(name)
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, refuse(CodeInvalidParameter, "%s is not an id", name)
	}
	return id, nil
}
