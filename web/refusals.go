package web

import (
	"context"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
)

// refusals remembers who was refused what lately: the record tells it once a minute, so that nobody fills
// it by asking again and again. The zero value is ready.
type refusals struct {
	mu   sync.Mutex
	last map[string]time.Time
}

const (
	refusalRest  = time.Minute
	refusalsKept = 1000
)

// first reports whether key was not seen for a while.
func (r *refusals) first(key string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, ok := r.last[key]; ok && now.Sub(at) < refusalRest && !now.Before(at) {
		return false
	}
	if r.last == nil || len(r.last) >= refusalsKept {
		r.last = make(map[string]time.Time)
	}
	r.last[key] = now
	return true
}

// recordDenied writes down that somebody who is signed in asked for what their role does not allow.
func (s *Server) recordDenied(c echo.Context, r route) error {
	actor, asked := who(c).user.Name, r.method+" "+r.path
	if actor == "" || !s.refusals.first(actor+" "+asked, s.Now()) {
		return nil
	}
	return s.Record.AppendAudit(context.WithoutCancel(c.Request().Context()), audit.Entry{At: s.Now(), Actor: actor, IP: c.RealIP(),
		Action: audit.AccessRefuse, Target: asked, Outcome: audit.Refused, Reason: "It takes the role " + string(r.access) + "."})
}
