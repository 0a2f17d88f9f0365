package yeastartest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// apiError is a refusal with a vendor code.
type apiError struct {
	code   int
	detail string
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s: %s", e.code, symbols[e.code], e.detail) }

func refuse(code int, format string, args ...any) error {
	return &apiError{code: code, detail: fmt.Sprintf(format, args...)}
}

// success is the standard envelope (vendor page: Response Results).
type success struct {
	Data      any    `json:"data,omitempty"`
	RequestID string `json:"requestId"`
	Status    string `json:"status"`
	Time      int64  `json:"time"`
}

// bare is an answer without the envelope: token calls have it.
type bare struct{ value any }

// beside is an answer whose fields stand beside requestId, status and time.
type beside struct{ value any }

// answer is a finished HTTP answer that faults may still change.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	missing int // bytes that are announced but never sent
}

// newAnswer makes an answer that is JSON, with the type that YCM declares.
func newAnswer(status int, body []byte) *answer {
	return &answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: body}
}

func (a *answer) writeTo(w http.ResponseWriter) error {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)+a.missing))
	w.WriteHeader(a.status)
	_, err := w.Write(a.body)
	return err
}

func (s *Server) succeed(data any) (*answer, error) {
	if b, ok := data.(bare); ok {
		body, err := json.Marshal(b.value)
		return newAnswer(http.StatusOK, body), err
	}
	if f, ok := data.(finished); ok {
		return f.answer, nil
	}
	env := success{RequestID: s.randomHex(), Status: "Success", Time: s.cfg.Now().Unix()}
	if b, ok := data.(beside); ok {
		return besideEnvelope(env, b.value)
	}
	env.Data = data
	body, err := json.Marshal(env)
	return newAnswer(http.StatusOK, body), err
}

func besideEnvelope(env success, value any) (*answer, error) {
	fields, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	tail, err := json.Marshal(env)
	if err != nil {
		return nil, err
	}
	return newAnswer(http.StatusOK, joinObjects(fields, tail)), nil
}

// joinObjects makes one JSON object of two that are not empty.
func joinObjects(a, b []byte) []byte {
	out := append([]byte{}, bytes.TrimSuffix(a, []byte("}"))...)
	out = append(out, ',')
	return append(out, bytes.TrimPrefix(b, []byte("{"))...)
}

// fail is the answer to a refusal, in the current error shape and HTTP mode.
func (s *Server) fail(e *apiError, oauth bool) *answer {
	a := s.assumptions()
	status := httpStatus(e.code)
	if a.AlwaysOK {
		status = http.StatusOK
	}
	if a.OAuthErrors && (oauth || status == http.StatusUnauthorized) {
		return s.failOAuth(e, status)
	}
	ans := newAnswer(status, s.failure(a.Errors, e))
	if a.RetryAfter && e.code == CodeRateLimit {
		ans.header.Set("Retry-After", "1")
	}
	return ans
}

func (s *Server) failure(shape ErrorShape, e *apiError) []byte {
	symbol := or(symbols[e.code], "UNKNOWN")
	fields := []any{"requestId", s.randomHex(), "status", "Failed", "time", s.cfg.Now().Unix()}
	switch shape {
	case ErrorNumber:
		fields = append(fields, "errno", e.code, "errmsg", symbol)
	case ErrorString:
		fields = append(fields, "errno", strconv.Itoa(e.code), "errmsg", symbol)
	case ErrorDetail:
		fields = append(fields, "errCode", strconv.Itoa(e.code), "errMsg", symbol, "detailMsg", e.detail)
	case ErrorBare:
	}
	return object(fields...)
}

func (s *Server) failOAuth(e *apiError, status int) *answer {
	name := "invalid_token"
	switch e.code {
	case CodeAuthFailed, CodeInvalidClient:
		name = "invalid_client"
	case CodeInvalidParameter:
		name = "invalid_request"
	}
	return newAnswer(status, object("error", name, "error_description", e.detail))
}

// object writes a JSON object with its keys in the given order. Values are
// strings and integers.
func object(keyValues ...any) []byte {
	out := []byte{'{'}
	for i := 0; i+1 < len(keyValues); i += 2 {
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendQuote(out, keyValues[i].(string))
		out = append(out, ':')
		switch v := keyValues[i+1].(type) {
		case int:
			out = strconv.AppendInt(out, int64(v), 10)
		case int64:
			out = strconv.AppendInt(out, v, 10)
		case string:
			out = appendString(out, v)
		}
	}
	return append(out, '}')
}
