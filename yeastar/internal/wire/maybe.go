package wire

import "encoding/json"

// Maybe is a value that nothing depends on, such as a date for display. What
// cannot be read is the zero value: a surprise in such a field must not make a
// whole fleet unreadable. Never use it for ids, numbers or lists of them.
type Maybe[T any] struct{ V T }

// UnmarshalJSON reads what it can and never fails.
func (m *Maybe[T]) UnmarshalJSON(b []byte) error {
	var v T
	if err := json.Unmarshal(b, &v); err == nil {
		m.V = v
	}
	return nil
}
