package web

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

const themeCookie = "theme"

// render writes a page. It is rendered to a buffer first: a template that fails is a clean 500.
func (s *Server) render(c echo.Context, status int, page templ.Component) error {
	var buf bytes.Buffer
	if err := page.Render(c.Request().Context(), &buf); err != nil {
		return fmt.Errorf("web: render: %w", err)
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "HX-Request-Type")
	if status == http.StatusServiceUnavailable {
		h.Set("Retry-After", retryAfter)
	}
	return c.HTMLBlob(status, buf.Bytes())
}

// wantsPart reports whether htmx asks for a region of the page rather than the whole.
func wantsPart(c echo.Context) bool {
	return c.Request().Header.Get("HX-Request-Type") == "partial"
}

// wantsLive reports whether an open page asks for its live regions again. A page that reads the cloud
// answers with those alone: what moves in the fleet must not cost a call for every tab that is open.
func wantsLive(c echo.Context) bool {
	return c.Request().Header.Get("HX-Request-Type") == "live"
}

// frameOnly reports whether an open page asks for nothing but what is around it: what happens anywhere
// in the fleet moves that.
func frameOnly(c echo.Context) bool {
	regions := strings.Fields(c.Request().Header.Get("Live-Regions"))
	return wantsLive(c) && len(regions) > 0 && !slices.ContainsFunc(regions, func(id string) bool { return id != "nav" && id != "signals" })
}

// shell is the frame around a page.
func (s *Server) shell(c echo.Context, title string, section views.Section) views.Shell {
	sh := views.Shell{Title: title, Section: section, Path: c.Request().URL.RequestURI(), Posted: c.Request().Method == http.MethodPost}
	if cookie, err := c.Cookie(themeCookie); err == nil && (cookie.Value == "light" || cookie.Value == "dark") {
		sh.Theme = cookie.Value
	}
	user := who(c).user
	if user.Name == "" {
		return sh
	}
	sh.User = views.User{Name: user.Name, Role: string(user.Role)}
	if since, ok := c.Get(sinceKey).(int); ok {
		sh.Since = strconv.Itoa(since)
	}
	ctx := c.Request().Context()
	if counts, err := s.Plans.PlanCounts(ctx); err == nil {
		if n := counts[plan.Draft] + counts[plan.Applying] + counts[plan.Unknown]; n > 0 {
			sh.OpenPlans = strconv.Itoa(n)
		}
	}
	if counts, err := s.JobBook.JobCounts(ctx); err == nil {
		if n := counts[job.Running] + counts[job.NeedsAttention]; n > 0 {
			sh.OpenJobs = strconv.Itoa(n)
		}
	}
	if counts, err := s.Drifts.DriftCounts(ctx); err == nil && counts[fleet.DriftOpen] > 0 {
		sh.OpenDrift = strconv.Itoa(counts[fleet.DriftOpen])
	}
	if health, err := s.Inbox.InboxHealth(ctx); err == nil {
		sh.Signals = append(sh.Signals, views.Signal{Tone: ui.None, Text: "Last webhook", Time: ui.At(health.LastAt, s.Now()), Href: href.Webhooks})
	}
	if sh.Stopped = s.stopped(c, sh.Path); sh.Stopped != nil {
		return sh
	}
	if trouble := s.Picker.Trouble(); trouble != "" {
		sh.Signals = append(sh.Signals, views.Signal{Tone: ui.Bad, Text: trouble, Href: href.Home})
	}
	return sh
}

// theme keeps the choice of light, dark or the system's.
func (s *Server) theme(c echo.Context) error {
	cookie := &http.Cookie{Name: themeCookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: isHTTPS(c.Request()), MaxAge: 365 * 24 * 3600}
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	switch choice := r.PostForm.Get("theme"); choice {
	case "light", "dark":
		cookie.Value = choice
	default:
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
	return c.Redirect(http.StatusSeeOther, ownPath(r.PostForm.Get("next")))
}

// errorPage shows a problem as a page, or as a notice inside one.
func (s *Server) errorPage(c echo.Context, p problem) error {
	r := c.Request()
	if p.Status == http.StatusUnauthorized {
		login := href.Login + "?next=" + url.QueryEscape(backTo(r))
		if r.Header.Get("HX-Request") != "" {
			c.Response().Header().Set("HX-Redirect", login)
			return c.NoContent(http.StatusUnauthorized)
		}
		return c.Redirect(http.StatusSeeOther, login)
	}
	page := views.ErrorPage{Status: strconv.Itoa(p.Status), Title: p.Title, Message: p.Detail, RequestID: p.RequestID, VendorID: p.VendorRequestID,
		Next: []ui.Link{{Label: "Home", Href: href.Home}, {Label: "Fleet", Href: href.Fleet}}}
	if p.VendorCode != 0 {
		page.VendorSay = "Code " + strconv.Itoa(p.VendorCode)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Fields)) {
		page.Errors = append(page.Errors, ui.FieldError{Field: name, Message: p.Fields[name]})
	}
	if wantsPart(c) {
		return s.render(c, p.Status, views.ErrorNotice(page))
	}
	return s.render(c, p.Status, views.Error(s.shell(c, p.Title, views.SectionNone), page))
}

func backTo(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return r.URL.RequestURI()
	}
	if u, err := url.Parse(r.Referer()); err == nil && strings.HasPrefix(u.Path, "/") {
		return u.RequestURI()
	}
	return href.Home
}
