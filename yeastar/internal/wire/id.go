package wire

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// ErrID says that a value is not an id: not a whole number from 0 to 2⁶³−1.
var ErrID = errors.New("not an id")

// ID is a vendor id. The API sends ids as numbers, webhooks as decimal strings,
// and cloudPbxId in DID information as a string (contract §7.1). null, "" and 0
// all decode to 0, which means "none".
type ID int64

// UnmarshalJSON accepts a whole number, a string of decimal digits, null and "".
func (id *ID) UnmarshalJSON(b []byte) error {
	n, err := whole(b)
	if err != nil {
		return err
	}
	if n < 0 {
		return fmt.Errorf("%w: %d is negative", ErrID, n)
	}
	*id = ID(n)
	return nil
}

// Int64s gives ids as plain numbers, in the same order, never nil.
func Int64s(ids []ID) []int64 {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return out
}

// Count is a whole number that may come as a number or a decimal string, and may
// be negative. null and "" decode to 0.
type Count int64

// UnmarshalJSON accepts a whole number, a decimal string, null and "".
func (c *Count) UnmarshalJSON(b []byte) error {
	n, err := whole(b)
	if err != nil {
		return err
	}
	*c = Count(n)
	return nil
}

// whole reads the JSON value b as a whole number; null and "" are 0.
func whole(b []byte) (int64, error) {
	b = bytes.TrimSpace(b)
	if string(b) == "null" {
		return 0, nil
	}
	quoted := len(b) >= 2 && b[0] == '"' && b[len(b)-1] == '"'
	if quoted {
		b = b[1 : len(b)-1]
		if len(b) == 0 {
			return 0, nil
		}
	}
	// 19 digits and a sign hold every int64; anything longer is no id and is not
	// quoted back in full.
	if len(b) == 0 || len(b) > 20 || b[0] == '+' {
		return 0, fmt.Errorf("%w: %.24q", ErrID, b)
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %q", ErrID, b)
	}
	return n, nil
}
