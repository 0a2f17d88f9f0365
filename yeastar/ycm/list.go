package ycm

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
	// pageSize is the vendor's maximum (contract §0.3).
	pageSize = 50
	// maxPasses is how often a listing that moved under our hands is begun again.
	maxPasses = 3
	// maxPages bounds one pass against an answer that never ends.
	maxPages = 20_000
)

// errMoved says that the list changed while its pages were read.
var errMoved = errors.New("the list changed while it was read")

// errEmptyPage says that a page came back empty before the end.
var errEmptyPage = errors.New("a page came back empty before the end of the list")

// page is one page of a list.
type page[T any] struct {
	items []T
	total int
	// size is the page size that the vendor says it used.
	size int
}

// listing names one paged list and how to read its items.
type listing[W, T any] struct {
	op, path string
	query    url.Values
	// convert turns a wire item into ours; an item without an id is an error.
	convert func(W) (T, error)
	id      func(T) int64
}

// read gives the complete list, sorted by id. Page numbers shift when somebody
// creates or deletes meanwhile, so completeness is proved: every page tells the
// same total and the distinct ids are that many. Otherwise the whole listing is
// repeated, three passes in all, then KindIncomplete. A page that fails, or comes
// back empty before the end, ends it at once: never a short list.
func (l listing[W, T]) read(ctx context.Context, c *Client) ([]T, error) {
	for range maxPasses {
		items, err := l.pass(ctx, c)
		if err == nil {
			return items, nil
		}
		if !errors.Is(err, errMoved) {
			return nil, err
		}
	}
	return nil, &yeastar.Error{Op: l.op, Kind: yeastar.KindIncomplete, Sent: yeastar.SentAnswered,
		Msg: fmt.Sprintf("not proved complete in %d passes", maxPasses), Err: errMoved}
}

// pass reads all pages once.
func (l listing[W, T]) pass(ctx context.Context, c *Client) ([]T, error) {
	seen := map[int64]T{}
	total, read := 0, 0
	for number := 1; number <= maxPages; number++ {
		p, err := l.page(ctx, c, number)
		if err != nil {
			return nil, err
		}
		if number == 1 {
			total = p.total
		}
		if p.total != total {
			return nil, errMoved
		}
		for _, item := range p.items {
			seen[l.id(item)] = item
		}
		if len(p.items) == 0 && len(seen) < total {
			return nil, &yeastar.Error{Op: l.op, Kind: yeastar.KindIncomplete, Sent: yeastar.SentAnswered,
				Msg: fmt.Sprintf("page %d of a list of %d", number, total), Err: errEmptyPage}
		}
		if read += p.size; read >= total {
			if len(seen) != total {
				return nil, errMoved
			}
			return sorted(seen), nil
		}
	}
	return nil, &yeastar.Error{Op: l.op, Kind: yeastar.KindIncomplete, Sent: yeastar.SentAnswered,
		Msg: fmt.Sprintf("a list of %d is more than this client reads", total)}
}

// page reads one page.
func (l listing[W, T]) page(ctx context.Context, c *Client, number int) (page[T], error) {
	op := fmt.Sprintf("%s, page %d", l.op, number)
	query := maps.Clone(l.query)
	if query == nil {
		query = url.Values{}
	}
	query.Set("pageSize", strconv.Itoa(pageSize))
	query.Set("pageNumber", strconv.Itoa(number))
	a, err := c.get(ctx, op, l.path, query)
	if err != nil {
		return page[T]{}, err
	}
	p, err := l.decode(a)
	if err != nil {
		return page[T]{}, malformed(op, a, err)
	}
	return p, nil
}

// decode reads the data of one page. A total that is missing is an error: without
// it nothing can be proved.
func (l listing[W, T]) decode(a transport.Answer) (page[T], error) {
	var body struct {
		Total *wire.Count     `json:"total"`
		Size  wire.Count      `json:"pageSize"`
		List  json.RawMessage `json:"list"`
	}
	if first(a.Data) != '{' {
		return page[T]{}, errNoData
	}
	if err := json.Unmarshal(a.Data, &body); err != nil {
		return page[T]{}, fmt.Errorf("decode a page: %w", err)
	}
	if body.Total == nil || *body.Total < 0 {
		return page[T]{}, errors.New("a page without its total")
	}
	p := page[T]{total: int(*body.Total), size: pageSize}
	if body.Size > 0 && body.Size < pageSize {
		p.size = int(body.Size) // the vendor gives smaller pages than asked for
	}
	if first(body.List) == 0 || string(body.List) == "null" {
		return p, nil
	}
	var items []W
	if err := json.Unmarshal(body.List, &items); err != nil {
		return page[T]{}, fmt.Errorf("decode the items of a page: %w", err)
	}
	for _, w := range items {
		item, err := l.convert(w)
		if err != nil {
			return page[T]{}, err
		}
		p.items = append(p.items, item)
	}
	return p, nil
}

// sorted gives the values of m by ascending id, never nil.
func sorted[T any](m map[int64]T) []T {
	out := make([]T, 0, len(m))
	for _, id := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[id])
	}
	return out
}
