package team

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var day = time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)

func TestASessionIsFoundByTheHashOfItsKey(t *testing.T) {
	s, key := NewSession(7, day)
	other, otherKey := NewSession(7, day)
	if s.Hash != key.Hash() || s.Hash == other.Hash || key == otherKey {
		t.Error("keys and hashes do not belong together one to one")
	}
	if len(key) < 26 { // base32: 5 bits a character
		t.Errorf("the key has %d characters: less than 128 bits", len(key))
	}
}

func TestASessionEndsAfterTwelveIdleHours(t *testing.T) {
	s, _ := NewSession(7, day)
	if !s.Live(day.Add(SessionIdle - time.Nanosecond)) {
		t.Error("it ended early")
	}
	if s.Live(day.Add(SessionIdle)) {
		t.Error("it lives on")
	}
}

func TestASessionThatIsUsedEndsAfterSevenDays(t *testing.T) {
	s, _ := NewSession(7, day)
	end := day.Add(SessionLifetime)
	for now := day; now.Before(end); now = now.Add(time.Hour) {
		if !s.Live(now) {
			t.Fatalf("it ended after %s", now.Sub(day))
		}
		if s.NeedsTouch(now) {
			s.SeenAt = now
		}
	}
	if s.Live(end) {
		t.Error("it lives on")
	}
}

func TestSeenAtIsWrittenOnceAMinuteAtMost(t *testing.T) {
	s, _ := NewSession(7, day)
	if s.NeedsTouch(day.Add(time.Minute - time.Nanosecond)) {
		t.Error("it is written twice in a minute")
	}
	if !s.NeedsTouch(day.Add(time.Minute)) {
		t.Error("it is not written after a minute")
	}
}

func TestTheZeroSessionIsNobody(t *testing.T) {
	if (Session{}).Live(time.Time{}) || (Session{CreatedAt: day, SeenAt: day}).Live(day) {
		t.Error("a session without a user is live")
	}
}

func TestNoSessionOutlivesItsLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen := time.Duration(rapid.Int64Range(0, int64(SessionLifetime)).Draw(t, "seen"))
		later := time.Duration(rapid.Int64Range(0, int64(2*SessionLifetime)).Draw(t, "later"))
		s := Session{User: 1, CreatedAt: day, SeenAt: day.Add(seen)}
		want := later < SessionLifetime && later-seen < SessionIdle
		if got := s.Live(day.Add(later)); got != want {
			t.Fatalf("seen after %s, live after %s: %v", seen, later, got)
		}
	})
}
