package db

import (
	"encoding/base64"
	"encoding/json"

	"cordboard/sync/fleet"
)

// TotalLimit is where counting the rows of a narrowed list stops: a total of TotalLimit means
// "that many or more". Totals of whole lists are kept as rows change, and exact.
const TotalLimit = 1000

const (
	defaultPage = 50
	maxPage     = 200
)

// pageLimit is how many rows a page has.
func pageLimit(p fleet.PageRequest) int {
	switch {
	case p.Limit <= 0:
		return defaultPage
	case p.Limit > maxPage:
		return maxPage
	}
	return p.Limit
}

// writeCursor names the place behind the last row of a page by the values that order the list.
func writeCursor(keys ...any) string {
	text, err := json.Marshal(keys)
	if err != nil {
		return "" // keys are numbers and strings: they always marshal
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// readCursor reads what writeCursor wrote into keys, pointers of the same types. Cursors come
// from URLs: anything else is the caller's bad input.
func readCursor(cursor string, keys ...any) error {
	var parts []json.RawMessage
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(text, &parts)
	}
	if err != nil || len(parts) != len(keys) {
		return badCursor()
	}
	for i, part := range parts {
		if json.Unmarshal(part, keys[i]) != nil {
			return badCursor()
		}
	}
	return nil
}

func badCursor() error {
	return fleet.Invalid("db.readCursor", "This page of the list does not exist.",
		fleet.Field{Name: "after", Rule: "the value that came with the page before"})
}
