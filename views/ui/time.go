package ui

import (
	"strconv"
	"time"
)

// Time is a moment in finished words. The zero Time is printed as a dash: "not yet", "never".
type Time struct {
	ISO string // RFC 3339 in UTC, for machines and for app.js, which keeps Rel fresh and adds the reader's local time
	Rel string // "3 min ago", "in 14 min", or a date when far away
	UTC string // "21 Nov 2026, 14:02:11 UTC"
}

// At puts t into words as seen from now. A zero t gives the zero Time.
func At(t, now time.Time) Time {
	if t.IsZero() {
		return Time{}
	}
	t = t.UTC()
	return Time{
		ISO: t.Format(time.RFC3339),
		Rel: relative(t, now.UTC()),
		UTC: t.Format("2 Jan 2006, 15:04:05 UTC"),
	}
}

// relative keeps to the same steps as ago() in app.js.
func relative(t, now time.Time) string {
	distance := now.Sub(t)
	future := distance < 0
	if future {
		distance = -distance
	}
	var words string
	switch {
	case distance < 10*time.Second && !future:
		return "just now"
	case distance < time.Minute:
		words = strconv.Itoa(int(distance/time.Second)) + " s"
	case distance < time.Hour:
		words = strconv.Itoa(int(distance/time.Minute)) + " min"
	case distance < 48*time.Hour:
		words = strconv.Itoa(int(distance/time.Hour)) + " h"
	case distance < 60*24*time.Hour:
		words = strconv.Itoa(int(distance/(24*time.Hour))) + " d"
	default:
		return t.Format("2 Jan 2006")
	}
	if future {
		return "in " + words
	}
	return words + " ago"
}
