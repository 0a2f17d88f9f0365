package settings

import "log/slog"

const masked = "•••"

// Secret is the client secret of YCM. It prints as ••• everywhere; convert it to string to get at the characters.
type Secret string

// String returns •••.
func (Secret) String() string { return masked }

// GoString returns •••, for %#v.
func (Secret) GoString() string { return masked }

// LogValue returns •••.
func (Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText returns •••, which JSON and most other encoders use.
func (Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }
