package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Text is a string that some vendor answers send as a number or a boolean.
// null decodes to "".
type Text string

// UnmarshalJSON accepts a string, a number, a boolean and null.
func (t *Text) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	switch {
	case len(b) == 0 || b[0] == '{' || b[0] == '[':
		return errors.New("not a text")
	case string(b) == "null":
		*t = ""
		return nil
	case b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return fmt.Errorf("text: %w", err)
		}
		*t = Text(s)
		return nil
	default:
		*t = Text(b)
		return nil
	}
}

// Enabled is a switch: "Enabled"/"Disabled" in PBX information, 0/1 in trunk
// information, sometimes a boolean. null and "" decode to false.
type Enabled bool

// UnmarshalJSON accepts the spellings above and refuses every other one.
func (e *Enabled) UnmarshalJSON(b []byte) error {
	var t Text
	if err := t.UnmarshalJSON(b); err != nil {
		return err
	}
	switch t {
	case "Enabled", "true", "1":
		*e = true
	case "Disabled", "false", "0", "":
		*e = false
	default:
		return fmt.Errorf("neither Enabled nor Disabled: %.24q", string(t))
	}
	return nil
}
