package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
)

// errSignedOut sends a stranger to the sign-in.
var errSignedOut = errors.New("signed out")

// status is the one table from kinds to HTTP.
var status = map[fleet.Kind]int{
	fleet.KindInvalid:     http.StatusUnprocessableEntity,
	fleet.KindHeaders:     http.StatusUnprocessableEntity,
	fleet.KindGuard:       http.StatusUnprocessableEntity,
	fleet.KindNotFound:    http.StatusNotFound,
	fleet.KindStale:       http.StatusConflict,
	fleet.KindConflict:    http.StatusConflict,
	fleet.KindDenied:      http.StatusForbidden,
	fleet.KindRefused:     http.StatusBadGateway,
	fleet.KindDiverged:    http.StatusBadGateway,
	fleet.KindUnknown:     http.StatusBadGateway,
	fleet.KindUnavailable: http.StatusServiceUnavailable,
	fleet.KindInternal:    http.StatusInternalServerError,
}

// problem is an error as people and scripts get it.
type problem struct {
	Type            string            `json:"type"`
	Title           string            `json:"title"`
	Status          int               `json:"status"`
	Kind            string            `json:"kind"`
	Detail          string            `json:"detail"`
	Fields          map[string]string `json:"fields,omitempty"`
	RequestID       string            `json:"request_id"`
	VendorRequestID string            `json:"vendor_request_id,omitempty"`
	VendorCode      int               `json:"vendor_code,omitempty"`
}

// describe puts any error into a problem. What it does not know is internal, and says nothing.
func describe(err error) problem {
	p := problem{Type: "about:blank", Status: http.StatusInternalServerError, Kind: string(fleet.KindInternal),
		Detail: "Something went wrong inside Cordboard. Nothing more is known here; the log has the request id."}
	var fe *fleet.Error
	var he *echo.HTTPError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, errSignedOut):
		p.Status, p.Kind, p.Detail = http.StatusUnauthorized, "signed_out", "Sign in first."
	case errors.Is(err, team.ErrBusy):
		p.Status, p.Kind, p.Detail = http.StatusServiceUnavailable, string(fleet.KindUnavailable), "Too many people sign in at the same moment. Try again in a few seconds."
	case errors.As(err, &tooLarge):
		p.Status, p.Kind, p.Detail = http.StatusRequestEntityTooLarge, string(fleet.KindInvalid), "The request is too large."
	case errors.As(err, &fe) && status[fe.Kind] != 0:
		p.Status, p.Kind, p.Detail = status[fe.Kind], string(fe.Kind), fe.Msg
		p.VendorRequestID, p.VendorCode = fe.VendorRequestID, fe.VendorCode
		p.Fields = fieldMap(fe.Fields)
	case errors.As(err, &he):
		p.Status, p.Kind, p.Detail = he.Code, kindOfStatus(he.Code), sentenceOfStatus(he.Code)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		p.Status, p.Kind, p.Detail = http.StatusServiceUnavailable, string(fleet.KindUnavailable), "The request took too long."
	}
	p.Title = http.StatusText(p.Status)
	return p
}

func fieldMap(fields []fleet.Field) map[string]string {
	if len(fields) == 0 {
		return nil
	}
	m := make(map[string]string, len(fields))
	for _, f := range fields {
		m[f.Name] = strings.TrimSpace(m[f.Name] + " " + f.Rule)
	}
	return m
}

func kindOfStatus(code int) string {
	switch {
	case code == http.StatusNotFound:
		return string(fleet.KindNotFound)
	case code >= http.StatusInternalServerError:
		return string(fleet.KindInternal)
	}
	return string(fleet.KindInvalid)
}

func sentenceOfStatus(code int) string {
	switch code {
	case http.StatusNotFound:
		return "There is nothing at this address."
	case http.StatusMethodNotAllowed:
		return "This address does not take that method."
	}
	return http.StatusText(code) + "."
}

// retryAfter is in how many seconds it is worth asking again for what was not available.
const retryAfter = "5"

// answerError is the one place where errors become answers.
func (s *Server) answerError(err error, c echo.Context) {
	p := describe(err)
	p.RequestID = requestID(c)
	if p.Status >= http.StatusInternalServerError {
		s.Log.Error("request failed", "request_id", p.RequestID, "method", c.Request().Method, "path", c.Request().URL.Path,
			"status", p.Status, "kind", p.Kind, "error", err)
	}
	if c.Response().Committed {
		return
	}
	if p.Status == http.StatusServiceUnavailable {
		c.Response().Header().Set("Retry-After", retryAfter)
	}
	answer := s.errorPage
	if wantsJSON(c.Request()) {
		answer = s.errorJSON
	}
	if err := answer(c, p); err != nil {
		s.Log.Warn("an error could not be answered", "request_id", p.RequestID, "error", err)
	}
}

func wantsJSON(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == hookPath
}

func (s *Server) errorJSON(c echo.Context, p problem) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return c.Blob(p.Status, "application/problem+json", text)
}

func (s *Server) refuseCrossOrigin(w http.ResponseWriter, r *http.Request) {
	c := echo.New().NewContext(r, w)
	s.answerError(&fleet.Error{Kind: fleet.KindDenied, Op: "web.shield", Msg: "This request came from another site and was refused."}, c)
}
