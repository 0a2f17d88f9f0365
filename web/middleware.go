package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/static"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/views/href"
	"cordboard/web/sheet"
)

// contentPolicy allows our own files and nothing else: no inline script, no inline style.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxBody bounds the bodies of forms and JSON, maxFile those that bring a spreadsheet, and maxOutside those of
// forms that strangers may send. The webhook has a limit of its own.
const (
	maxBody    = 1 << 20
	maxOutside = 64 << 10
	maxFile    = sheet.MaxBytes + maxBody
)

// bodyLimit is how large the body of a request may be; 0 = the route sees to it.
func bodyLimit(path string) int64 {
	switch path {
	case hookPath:
		return 0
	case href.Bulk, href.NewPBXCSV, bulkAPI, newCSVAPI:
		return maxFile
	case href.Login, href.LoginCode, href.Join, href.Setup:
		return maxOutside
	}
	return maxBody
}

// sinceKey holds how many topics had been announced when a request began: before it read anything.
const sinceKey = "since"

type contextKey int

const requestIDKey contextKey = iota

// shield is what stands around every route: a request id, headers, limits, a refusal of POSTs
// from other sites, and the log. It knows nothing of echo, so that it outlives it.
func (s *Server) shield(next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.refuseCrossOrigin(w, r)
	}))
	inner := crossOrigin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := strings.ToLower(rand.Text()[:12])
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("Cache-Control", "no-store") // files that may be kept say so themselves
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		if isHTTPS(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if limit := bodyLimit(r.URL.Path); limit > 0 {
			r.Body = http.MaxBytesReader(w, r.Body, limit)
		}
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey, id)))
	})
}

func requestID(c echo.Context) string {
	id, _ := c.Request().Context().Value(requestIDKey).(string)
	return id
}

// isHTTPS reports whether the browser came by https. A proxy's word is taken: the worst that a
// false one does is to mark the liar's own cookie Secure.
func isHTTPS(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// observe logs, counts, and turns a panic into an answer.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		start := time.Now()
		c.Set(sinceKey, s.Hub.count())
		defer func() {
			if v := recover(); v != nil {
				s.Log.Error("a handler panicked", "request_id", requestID(c), "panic", v, "stack", string(debug.Stack()))
				c.Error(&fleet.Error{Kind: fleet.KindInternal, Op: "web", Msg: "Something went wrong inside Cordboard."})
			}
			s.metrics.count(c, time.Since(start))
		}()
		if err = next(c); err != nil {
			c.Error(err)
		}
		return nil
	}
}

// wrongMethod refuses what an address does not take, before anything is looked up for it. OPTIONS is
// no exception: no page of another site may call us, so there is nothing to ask beforehand.
func wrongMethod(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		allow, _ := c.Get(echo.ContextKeyHeaderAllow).(string)
		if allow == "" {
			return next(c)
		}
		c.Response().Header().Set(echo.HeaderAllow, strings.TrimPrefix(allow, "OPTIONS, "))
		return echo.ErrMethodNotAllowed
	}
}

// actor is who a request acts for.
type actor struct {
	user    team.User
	session team.Session
	script  bool // a token asks, not a person
}

const actorKey = "actor"

func who(c echo.Context) actor {
	a, _ := c.Get(actorKey).(actor)
	return a
}

func by(c echo.Context) audit.By {
	return audit.By{Actor: who(c).user.Name, IP: c.RealIP()}
}

// impersonal are the routes that answer everybody alike: they work without the database, and cost
// it nothing.
func impersonal(route string) bool {
	switch route {
	case "/healthz", "/readyz", hookPath, static.Prefix + "*":
		return true
	}
	return false
}

// guard lets a request through to its route, or says what is missing.
func (s *Server) guard(r route) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch r.access {
		case anybody:
			return r.handle(c)
		case local:
			if isLocal(c) || who(c).script {
				return r.handle(c)
			}
		default:
			user := who(c).user
			if user.Name == "" {
				return errSignedOut
			}
			if user.Can(team.Role(r.access)) {
				return r.handle(c)
			}
		}
		denied := &fleet.Error{Kind: fleet.KindDenied, Op: "web.guard", Msg: "Your role does not allow this. It takes the role " + string(r.access) + "."}
		return errors.Join(denied, s.recordDenied(c, r))
	}
}

// metricsPath answers this machine, and scripts with a token.
const metricsPath = "/metrics"

// isLocal reports whether a program on this machine asks by itself. What a proxy on this machine
// passes on may come from anywhere.
func isLocal(c echo.Context) bool {
	h := c.Request().Header
	return peer(c).IsLoopback() && h.Get("Forwarded") == "" && h.Get("X-Forwarded-For") == ""
}

// callers tells who calls: who connects, unless that is a trusted proxy. Of the chain that proxies tell, the last
// address counts that is not one of theirs: what stands before it, the caller may have made up.
func callers(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		options = append(options, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// address is that of whoever calls, as far as trusted proxies tell it.
func address(c echo.Context) netip.Addr {
	a, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return peer(c)
	}
	return a.Unmap()
}

// peer is who connects: a proxy, if there is one.
func peer(c echo.Context) netip.Addr {
	host, _, err := net.SplitHostPort(c.Request().RemoteAddr)
	if err != nil {
		host = c.Request().RemoteAddr
	}
	a, _ := netip.ParseAddr(host)
	return a.Unmap()
}
