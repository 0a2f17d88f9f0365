package web

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/web/form"
)

// Limits of a list's page (interfaces.md).
const (
	defaultPageSize = 50
	maxPageSize     = 200
)

// listJSON is a page of any list in JSON. Next is null on the last page.
type listJSON[T any] struct {
	Items []T     `json:"items"`
	Total int     `json:"total"`
	Next  *string `json:"next"`
}

func jsonList[From, To any](c echo.Context, page fleet.Page[From], convert func(From) To) listJSON[To] {
	out := listJSON[To]{Items: make([]To, len(page.Items)), Total: page.Total}
	for i, v := range page.Items {
		out.Items[i] = convert(v)
	}
	if page.Next != "" {
		next := listTag(c, page.Next) + page.Next
		out.Next = &next
	}
	return out
}

// tagLength is how many characters a cursor begins with that tell whether it is whole, and of this
// list.
const tagLength = 8

// listTag is a checksum of a place in a list and its order: another list's cursor, or a mutilated
// one, would show a page from anywhere.
func listTag(c echo.Context, cursor string) string {
	sum := sha256.Sum256([]byte(c.Request().URL.Path + "?" + c.QueryParam("sort") + "\n" + cursor))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:tagLength]
}

// pageRequest reads ?after= and ?page_size=.
func pageRequest(c echo.Context) (fleet.PageRequest, error) {
	page := fleet.PageRequest{Limit: defaultPageSize}
	if after := c.QueryParam("after"); after != "" {
		cursor := after[min(tagLength, len(after)):]
		if cursor == "" || after != listTag(c, cursor)+cursor {
			return page, fleet.Invalid("web", "This page of the list does not exist.", fleet.Field{Name: "after", Rule: "The value of next that came with the page before."})
		}
		page.After = cursor
	}
	if text := c.QueryParam("page_size"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxPageSize {
			return page, fleet.Invalid("web", "That page size is not possible.", fleet.Field{Name: "page_size", Rule: "A number from 1 to 200."})
		}
		page.Limit = n
	}
	return page, nil
}

// pathID reads a positive id from the path. Anything else is not there.
func pathID[ID ~int64](c echo.Context, name, what string) (ID, error) {
	id, ok := form.ID(c.Param(name))
	if !ok {
		return 0, fleet.NotFound("web", what)
	}
	return ID(id), nil
}

// queryTime reads an optional RFC 3339 time.
func queryTime(c echo.Context, name string) (time.Time, error) {
	return readTime(name, c.QueryParam(name))
}

func readTime(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fleet.Invalid("web", "That time can't be read.", fleet.Field{Name: name, Rule: "RFC 3339, such as 2026-03-10T01:18:20Z."})
	}
	return t.UTC(), nil
}

// queryWord reads an optional parameter that has a few values only. Any other is told: an empty list
// would look like an answer.
func queryWord[T ~string](c echo.Context, name string, words []T) (T, error) {
	word := T(c.QueryParam(name))
	if word != "" && !slices.Contains(words, word) {
		return "", fleet.Invalid("web", "That filter has no such value.", fleet.Field{Name: name, Rule: fmt.Sprintf("One of %v.", words)})
	}
	return word, nil
}

// moment is a time in JSON; the zero time is null.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func nullable(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
