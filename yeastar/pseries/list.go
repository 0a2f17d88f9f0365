package pseries

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"cordboard/yeastar"
	"cordboard/yeastar/internal/transport"
	"cordboard/yeastar/internal/wire"
)

const (
	// pageSize is the most that is asked for: the vendor names no maximum (contract §10.9).
	pageSize = 100
	// maxPasses is how often a list that moved under our hands is begun again.
	maxPasses = 3
	// maxItems bounds a list against an answer that never ends.
	maxItems = 100_000
)

// errMoved says that the list changed while its pages were read.
var errMoved = errors.New("the list changed while it was read")

// errNoID says that an item came without its id.
var errNoID = errors.New("an item without id")

// listing names one paged list and how to read its items.
type listing[W, T any] struct {
	op, endpoint string
	query        url.Values
	convert      func(W) (T, error)
	id           func(T) int64
}

// read gives the complete list by ascending id, never nil, or an error. Completeness is proved: every
// page tells the same total_number, and the distinct ids are that many. Otherwise it begins anew, three
// passes in all, then yeastar.KindIncomplete.
func (l listing[W, T]) read(ctx context.Context, c *Client) ([]T, error) {
	for range maxPasses {
		items, err := l.pass(ctx, c)
		if !errors.Is(err, errMoved) {
			return items, err
		}
	}
	return nil, l.incomplete(fmt.Sprintf("not proved complete in %d passes", maxPasses), errMoved)
}

// pass reads page after page: a PBX may give smaller pages than asked for and does not say so.
func (l listing[W, T]) pass(ctx context.Context, c *Client) ([]T, error) {
	seen := map[int64]T{}
	total := -1
	for number := 1; ; number++ {
		items, of, err := l.page(ctx, c, number)
		switch {
		case err != nil:
			return nil, err
		case of > maxItems:
			return nil, l.incomplete(fmt.Sprintf("a list of %d is more than this client reads", of), nil)
		case total >= 0 && of != total:
			return nil, errMoved
		}
		total = of
		before := len(seen)
		for _, item := range items {
			seen[l.id(item)] = item
		}
		switch {
		case len(seen) == total:
			return sorted(seen), nil
		case len(seen) > total || len(seen) == before:
			// More than there are, nothing, or only what was there already.
			return nil, errMoved
		}
	}
}

func (l listing[W, T]) incomplete(msg string, cause error) error {
	return &yeastar.Error{Op: l.op, Kind: yeastar.KindIncomplete, Sent: yeastar.SentAnswered, Msg: msg, Err: cause}
}

// page reads one page and the total that it tells.
func (l listing[W, T]) page(ctx context.Context, c *Client, number int) ([]T, int, error) {
	op := fmt.Sprintf("%s, page %d", l.op, number)
	query := maps.Clone(l.query)
	if query == nil {
		query = url.Values{}
	}
	query.Set("page", strconv.Itoa(number))
	query.Set("page_size", strconv.Itoa(pageSize))
	query.Set("sort_by", "id")
	query.Set("order_by", "asc")
	a, err := c.get(ctx, op, l.endpoint, query)
	if err != nil {
		return nil, 0, err
	}
	items, total, err := l.decode(a)
	if err != nil {
		return nil, 0, malformed(op, a, err)
	}
	return items, total, nil
}

// decode reads one page. A total that is missing is an error: without it nothing can be proved. Data
// may be missing only where there is nothing.
func (l listing[W, T]) decode(a transport.Answer) ([]T, int, error) {
	var body struct {
		Total *wire.Count `json:"total_number"`
	}
	if err := json.Unmarshal(a.Body, &body); err != nil {
		return nil, 0, fmt.Errorf("decode a page: %w", err)
	}
	if body.Total == nil || *body.Total < 0 {
		return nil, 0, errors.New("a page without its total_number")
	}
	total := int(*body.Total)
	if a.Data == nil {
		if total > 0 {
			return nil, 0, errNoData
		}
		return nil, 0, nil
	}
	wires, err := many[W](a.Data)
	if err != nil {
		return nil, 0, err
	}
	items := make([]T, len(wires))
	for i, w := range wires {
		if items[i], err = l.convert(w); err != nil {
			return nil, 0, err
		}
		if l.id(items[i]) <= 0 {
			return nil, 0, errNoID
		}
	}
	return items, total, nil
}

// sorted gives the values of m by ascending id, never nil.
func sorted[T any](m map[int64]T) []T {
	out := make([]T, 0, len(m))
	for _, id := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[id])
	}
	return out
}
