package transport

import (
	"context"
	"errors"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"cordboard/yeastar"
)

const (
	// mask stands where a secret stood.
	mask = "•••"
	// excerptRunes is how much of an answer that is not understood is kept.
	excerptRunes = 200
	// hidden is how many secrets out of bodies are kept: those of the calls under way, and many more.
	hidden = 256
	// remembered is how many tokens the redactor keeps: the current pair and a
	// few before it, since a late answer may repeat an old one.
	remembered = 16
	// shortest is the length below which a text is no secret; the vendor's have 32
	// characters and more. Masking "a" everywhere would hide everything else.
	shortest = 6
)

// secretShapes finds what looks like a secret even when we never saw it: bearer
// tokens, JWTs, and the values of telling keys in JSON, forms and query strings.
var secretShapes = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(\bbearer\s+)[^\s"',;<>]+`),
	regexp.MustCompile(`()\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?`),
	regexp.MustCompile(`(?i)((?:password|passwd|secret|token|authorization)\w*\\?"?\s*[:=]\s*)(?:\\?"(?:[^"\\]|\\.)*"?|[^\s"&,;}<>]+)`),
}

// shapeMarks are the characters of which each shape has one: a text without them, such as a request
// id, has no such secret.
const shapeMarks = ".:= \t\n\f\r"

// redactor cleans texts of the client's own secrets and of anything that looks
// like one. Safe for concurrent use.
type redactor struct {
	mu     sync.RWMutex
	fixed  []string
	recent []string
	typed  []string
}

// newRedactor knows the secrets that never change.
func newRedactor(fixed ...yeastar.Secret) *redactor {
	r := &redactor{}
	for _, s := range fixed {
		r.fixed = append(r.fixed, spellings(s.Reveal())...)
	}
	return r
}

// learn adds a token to the secrets, forgetting the oldest.
func (r *redactor) learn(secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.recent = append(r.recent, spellings(secret)...)
	if extra := len(r.recent) - remembered; extra > 0 {
		r.recent = append([]string(nil), r.recent[extra:]...)
	}
}

// hide adds a secret that a body carries, forgetting the oldest.
func (r *redactor) hide(secret yeastar.Secret) {
	if secret.IsZero() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range spellings(secret.Reveal()) {
		if !slices.Contains(r.typed, s) {
			r.typed = append(r.typed, s)
		}
	}
	if extra := len(r.typed) - hidden; extra > 0 {
		r.typed = append([]string(nil), r.typed[extra:]...)
	}
}

// spellings gives the ways in which a secret may stand in a text.
func spellings(secret string) []string {
	if len(secret) < shortest {
		return nil
	}
	out := []string{secret}
	if escaped := url.QueryEscape(secret); escaped != secret {
		out = append(out, escaped)
	}
	if quoted, err := encode(secret); err == nil && len(quoted) > len(secret)+2 {
		out = append(out, string(quoted[1:len(quoted)-1]))
	}
	return out
}

// clean gives s without secrets.
func (r *redactor) clean(s string) string {
	r.mu.RLock()
	for _, list := range [][]string{r.fixed, r.recent, r.typed} {
		for _, secret := range list {
			s = strings.ReplaceAll(s, secret, mask)
		}
	}
	r.mu.RUnlock()
	if !strings.ContainsAny(s, shapeMarks) {
		return s
	}
	for _, shape := range secretShapes {
		s = shape.ReplaceAllString(s, "${1}"+mask)
	}
	return s
}

// cleaned is an error whose text held a secret. It still is what callers ask for.
type cleaned struct {
	text  string
	cause error
}

func (e *cleaned) Error() string { return e.text }
func (e *cleaned) Unwrap() error { return e.cause }

// cleanError gives err without secrets. A *url.Error loses its URL, which holds
// the query string; any other error is kept as it is unless its text holds a
// secret, and then keeps only that it was a cancellation, a deadline or an early
// end.
func (r *redactor) cleanError(err error) error {
	if err == nil {
		return nil
	}
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err
	}
	text := err.Error()
	harmless := r.clean(text)
	if harmless == text {
		return err
	}
	out := &cleaned{text: harmless}
	for _, cause := range []error{context.Canceled, context.DeadlineExceeded, io.ErrUnexpectedEOF} {
		if errors.Is(err, cause) {
			out.cause = cause
		}
	}
	return out
}

// excerpt gives the first 200 printable characters of an answer, cleaned. It
// cleans before it cuts: half a token is still half a secret.
func (r *redactor) excerpt(body []byte) string {
	const enough = 64 << 10
	if len(body) > enough {
		body = body[:enough]
	}
	var b strings.Builder
	n, space := 0, false
	for _, c := range r.clean(strings.ToValidUTF8(string(body), "?")) {
		if unicode.IsSpace(c) || !unicode.IsPrint(c) {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			n, space = n+1, false
		}
		if n >= excerptRunes {
			break
		}
		b.WriteRune(c)
		n++
	}
	return b.String()
}
