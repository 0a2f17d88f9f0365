package yeastartest

import (
	"encoding/json"
	"strconv"
)

// appendString writes a JSON string as it stands: no HTML escaping.
func appendString(out []byte, s string) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	for _, r := range s { // invalid UTF-8 becomes U+FFFD
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r < 0x20:
			out = append(out, '\\', 'u', '0', '0', hex[r>>4], hex[r&0xf])
		default:
			out = append(out, string(r)...)
		}
	}
	return append(out, '"')
}

// integers decodes a JSON array of whole numbers, nothing more lenient.
func integers(raw json.RawMessage) ([]int64, bool) {
	var items []json.RawMessage
	if raw == nil || json.Unmarshal(raw, &items) != nil || items == nil {
		return nil, false
	}
	ids := make([]int64, len(items))
	for i, item := range items {
		id, ok := integer(item)
		if !ok {
			return nil, false
		}
		ids[i] = id
	}
	return ids, true
}

// integer decodes a JSON number that is whole: a string or null is refused.
func integer(raw json.RawMessage) (int64, bool) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return n, err == nil
}
