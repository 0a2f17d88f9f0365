package transport

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/internal/wire"
)

// Answer is a successful answer of the vendor.
type Answer struct {
	// Data is the envelope's data, nil when there is none or it is null.
	Data json.RawMessage
	// Body is the whole answer, for the resources that come without a data level.
	Body []byte
	// RequestID is the vendor's id of the request.
	RequestID string
	// VendorTime is the envelope's time in UTC, zero when it had none.
	VendorTime time.Time
	// At is when the answer had arrived, by our clock.
	At time.Time
}

// failure is an error with what the hands above need to know about it.
type failure struct {
	err *yeastar.Error
	// reauth: the token was rejected.
	reauth bool
	// transient: a read may be tried again.
	transient bool
	// refused: the vendor gave a definite answer of its own.
	refused bool
	// fatal: the credentials, or our address, are not accepted; nothing may be sent any more.
	fatal bool
	// hold is how long no token may be asked for, 0 = at once.
	hold time.Duration
}

// envelope is the standard frame of contract §2.1.
type envelope struct {
	Data      json.RawMessage `json:"data"`
	RequestID wire.Text       `json:"requestId"`
	Status    json.RawMessage `json:"status"`
	Time      json.RawMessage `json:"time"`
}

// readEnvelope decides what an HTTP answer means: success is a 2xx status and
// "status":"Success", nothing else.
func (c *Client) readEnvelope(r reply) (Answer, *failure) {
	var e envelope
	if err := json.Unmarshal(r.body, &e); err != nil {
		return Answer{}, c.unreadable(r, "the answer is not the vendor's JSON envelope", err)
	}
	status := textOf(e.Status)
	if r.ok() && status == "Success" {
		data := e.Data
		if string(data) == "null" {
			data = nil
		}
		return Answer{Data: data, Body: r.body, RequestID: c.redact.excerpt([]byte(e.RequestID)),
			VendorTime: timeOf(e.Time), At: r.at}, nil
	}
	return Answer{}, c.readFailure(r)
}

// readFailure reads an answer that is no success, as leniently as contract §2.2
// asks, since the vendor's error fields are not documented.
func (c *Client) readFailure(r reply) *failure {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(r.body, &fields); err != nil {
		return c.unreadable(r, "the answer is not the vendor's JSON envelope", err)
	}
	code := firstCode(fields)
	failed := textOf(firstOf(fields, "status", "Status")) == "Failed"
	rejected := rejectedByOAuth(textOf(fields["error"]))
	if !failed && code == 0 && !rejected {
		return c.unreadable(r, "the answer has neither Success nor Failed in it", nil)
	}
	k := classify(code, r.status)
	if rejected {
		k = byStatus(http.StatusUnauthorized)
	}
	e := c.newError(r, k)
	e.Code = code
	e.Symbol = k.symbol
	e.RequestID = c.message(fields, "requestId")
	e.Msg = c.message(fields, "errmsg", "errMsg", "errorMsg", "message", "msg", "error")
	e.Detail = c.message(fields, "detailMsg", "detailMessage", "detail", "errors", "error_description")
	return &failure{err: e, reauth: k.reauth, transient: k.transient, refused: !k.transient}
}

// unreadable is the failure of an answer without the vendor's envelope. Only
// what a gateway can say with authority is read from its status: that it wants a
// login (401), that we are too fast (429), that something is broken (5xx). A
// bare 404 does not prove that anything is gone.
func (c *Client) unreadable(r reply, what string, cause error) *failure {
	k := class{kind: yeastar.KindMalformed, open: true}
	switch r.status {
	case http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusRequestTimeout:
		k = byStatus(r.status)
	default:
		if r.status >= http.StatusInternalServerError {
			k = byStatus(r.status)
		}
	}
	e := c.newError(r, k)
	e.Msg = what
	e.Detail = c.redact.excerpt(r.body)
	e.Err = c.redact.cleanError(cause)
	return &failure{err: e, reauth: k.reauth, transient: k.transient}
}

// newError begins an error from an answer. Op is filled in by Do.
func (c *Client) newError(r reply, k class) *yeastar.Error {
	e := &yeastar.Error{Kind: k.kind, Sent: yeastar.SentAnswered, HTTPStatus: r.status, RetryAfter: retryAfter(r.header, r.at)}
	if k.open {
		e.Sent = yeastar.SentUnknown
	}
	return e
}

// message gives the first of the named fields as a clean, short text.
func (c *Client) message(fields map[string]json.RawMessage, names ...string) string {
	raw := firstOf(fields, names...)
	if raw == nil {
		return ""
	}
	var t wire.Text
	if err := t.UnmarshalJSON(raw); err != nil {
		return c.redact.excerpt(raw)
	}
	return c.redact.excerpt([]byte(t))
}

// firstCode gives the first of the code fields that holds a whole number other
// than 0.
func firstCode(fields map[string]json.RawMessage) int {
	for _, name := range []string{"errno", "errNo", "errcode", "errCode", "errorCode", "code"} {
		var n wire.Count
		if raw, ok := fields[name]; ok && n.UnmarshalJSON(raw) == nil && n != 0 {
			return int(n)
		}
	}
	return 0
}

// firstOf gives the first of the named fields that is there and not null.
func firstOf(fields map[string]json.RawMessage, names ...string) json.RawMessage {
	for _, name := range names {
		if raw, ok := fields[name]; ok && string(raw) != "null" {
			return raw
		}
	}
	return nil
}

// rejectedByOAuth reports whether a bare OAuth error says that the credentials
// or the token are no good.
func rejectedByOAuth(code string) bool {
	switch code {
	case "invalid_client", "invalid_grant", "invalid_token", "unauthorized_client", "unauthorized":
		return true
	default:
		return false
	}
}

// textOf gives a JSON string, "" for anything else.
func textOf(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// timeOf gives the envelope's time; one that cannot be read is no reason to
// throw away a good answer.
func timeOf(raw json.RawMessage) time.Time {
	var t wire.Time
	if len(raw) == 0 || t.UnmarshalJSON(raw) != nil {
		return time.Time{}
	}
	return t.Time
}

// retryAfter reads the Retry-After header, in seconds or as a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if s, err := strconv.Atoi(v); err == nil {
		return max(0, time.Duration(min(s, 24*3600))*time.Second)
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
