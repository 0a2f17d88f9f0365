package yeastartest

import "time"

// bucket is a token bucket that starts full. Server.mu guards it.
type bucket struct {
	level  float64
	filled time.Time // zero = never used, full
}

func (b *bucket) take(r Rate, now time.Time) bool {
	if b.filled.IsZero() {
		b.level, b.filled = float64(r.Burst), now
	}
	if passed := now.Sub(b.filled); passed > 0 {
		b.level += passed.Seconds() / r.Interval.Seconds() * float64(r.Tokens)
		b.filled = now
	}
	b.level = min(b.level, float64(r.Burst))
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}
