package yeastar

import (
	"fmt"
	"io"
	"log/slog"
)

// masked is what every printed form of a Secret shows.
const masked = "•••"

// Secret holds a value that must never be printed: a client secret, a token, a
// webhook secret, a SIP password. Every way of printing it (fmt verbs, slog,
// JSON, text) gives "•••", whether or not it holds something. The zero value is
// empty.
//
// The value sits behind a pointer, so that a Secret in an unexported field,
// where fmt cannot call its methods, prints an address and not the value. Two
// Secrets are therefore not comparable with ==; compare what Reveal gives.
type Secret struct {
	_     [0]func() // not comparable
	value *string
}

// NewSecret wraps value. An empty value gives the zero Secret.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{value: &value}
}

// Reveal gives the value itself. Call it only where the value goes on the wire
// or into a cipher.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.value == nil }

// String gives "•••".
func (s Secret) String() string { return masked }

// GoString gives "•••", for the %#v verb.
func (s Secret) GoString() string { return masked }

// Format writes "•••" for every verb, %x and %q included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, masked) }

// LogValue gives "•••" to log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalJSON gives the string "•••".
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + masked + `"`), nil }

// MarshalText gives "•••".
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }
