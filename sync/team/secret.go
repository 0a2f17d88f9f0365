package team

import "log/slog"

const masked = "•••"

// Password is a password as typed. It prints as ••• everywhere; convert it to string to
// get at the characters.
type Password string

// String returns •••.
func (Password) String() string { return masked }

// GoString returns •••, for %#v.
func (Password) GoString() string { return masked }

// LogValue returns •••.
func (Password) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText returns •••, which JSON and most other encoders use.
func (Password) MarshalText() ([]byte, error) { return []byte(masked), nil }

// PasswordHash is an argon2id hash in its usual text form, to be stored as it is:
// string(hash). It prints as ••• everywhere. The zero value matches no password.
type PasswordHash string

// String returns •••.
func (PasswordHash) String() string { return masked }

// GoString returns •••, for %#v.
func (PasswordHash) GoString() string { return masked }

// LogValue returns •••.
func (PasswordHash) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText returns •••, which JSON and most other encoders use.
func (PasswordHash) MarshalText() ([]byte, error) { return []byte(masked), nil }
