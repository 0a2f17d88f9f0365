package form

import (
	"net/url"
	"strconv"
	"time"

	"cordboard/sync/fleet"
)

// Page sizes that lists offer; anything from 1 to MaxPage is taken.
const (
	DefaultPage = 50
	MaxPage     = 200
)

// Page reads after and page_size. A size that is none, or out of range, is the default.
func Page(v url.Values) fleet.PageRequest {
	size, err := strconv.Atoi(v.Get("page_size"))
	if err != nil || size < 1 || size > MaxPage {
		size = DefaultPage
	}
	return fleet.PageRequest{After: v.Get("after"), Limit: size}
}

// timeLayouts are what browsers send for a datetime-local or date input, and RFC 3339.
var timeLayouts = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly}

// Time reads a moment, in UTC unless it says otherwise. The empty text is the zero time.
func Time(text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
