package wire

import (
	"fmt"
	"time"
)

// millisFrom is the value from which an epoch number counts as milliseconds
// (contract §7.10): as seconds it would lie in the year 5138.
const millisFrom = 100_000_000_000

// Time is a vendor time: epoch seconds in the API and capacity reports, epoch
// milliseconds in DID reports, told apart by magnitude. null, "" and 0 decode to
// the zero time, which means "not set".
type Time struct{ time.Time }

// UnmarshalJSON accepts what Count accepts and converts by magnitude.
func (t *Time) UnmarshalJSON(b []byte) error {
	n, err := whole(b)
	if err != nil {
		return fmt.Errorf("time: %w", err)
	}
	t.Time = FromEpoch(n)
	return nil
}

// FromEpoch converts an epoch number to UTC: milliseconds from 10¹¹ on, seconds
// below. 0 and negative numbers give the zero time.
func FromEpoch(n int64) time.Time {
	switch {
	case n <= 0:
		return time.Time{}
	case n >= millisFrom:
		return time.UnixMilli(n).UTC()
	default:
		return time.Unix(n, 0).UTC()
	}
}
