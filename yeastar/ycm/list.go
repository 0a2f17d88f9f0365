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
	"sync"

	"golang.org/x/sync/errgroup"

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

// read gives the complete list, sorted by id, or an error: see walk.
func (l listing[W, T]) read(ctx context.Context, c *Client) ([]T, error) {
	var seen map[int64]T
	err := l.walk(ctx, c, func(total int) { seen = make(map[int64]T, min(total, pageSize*maxPages)) }, func(items []T) error {
		for _, item := range items {
			seen[l.id(item)] = item
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sorted(seen), nil
}

// walk hands all items to visit, page by page in any order, one page at a time; they are the complete
// list only when it ends without an error. Page numbers shift when somebody creates or deletes
// meanwhile, so completeness is proved: every page tells the same total and the distinct ids are that
// many. Otherwise it begins anew, three passes in all, then KindIncomplete; begin is called before
// each pass. A page that fails, or comes back empty before the end, ends it at once: never a short
// list.
func (l listing[W, T]) walk(ctx context.Context, c *Client, begin func(total int), visit func([]T) error) error {
	for range maxPasses {
		if err := l.pass(ctx, c, begin, visit); !errors.Is(err, errMoved) {
			return err
		}
	}
	return &yeastar.Error{Op: l.op, Kind: yeastar.KindIncomplete, Sent: yeastar.SentAnswered,
		Msg: fmt.Sprintf("not proved complete in %d passes", maxPasses), Err: errMoved}
}

// pass reads all pages once: the first says how many there are, and the others
// are read together, as many as may be in flight. The order of the pages does not
// matter to the proof.
func (l listing[W, T]) pass(ctx context.Context, c *Client, begin func(total int), visit func([]T) error) error {
	head, err := l.page(ctx, c, 1)
	if err != nil {
		return err
	}
	pages := (head.total + head.size - 1) / head.size
	if pages > maxPages {
		return l.incomplete(fmt.Sprintf("a list of %d is more than this client reads", head.total), nil)
	}
	begin(head.total)
	u := union[T]{id: l.id, visit: visit}
	if err := u.add(head); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.pages)
	for number := 2; number <= pages; number++ {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			p, err := l.page(ctx, c, number)
			switch {
			case err != nil:
				return err
			case p.total != head.total || p.size != head.size:
				return errMoved
			}
			return u.add(p)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	switch {
	case u.distinct() == head.total:
		return nil
	case u.empty:
		return l.incomplete(fmt.Sprintf("a page of a list of %d", head.total), errEmptyPage)
	}
	return errMoved
}

func (l listing[W, T]) incomplete(msg string, cause error) error {
	return &yeastar.Error{Op: l.op, Kind: yeastar.KindIncomplete, Sent: yeastar.SentAnswered, Msg: msg, Err: cause}
}

// union is what the pages of one pass hold together.
type union[T any] struct {
	id    func(T) int64
	visit func([]T) error

	mu    sync.Mutex
	ids   []int64
	empty bool // a page had nothing
}

func (u *union[T]) add(p page[T]) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.empty = u.empty || len(p.items) == 0
	for _, item := range p.items {
		u.ids = append(u.ids, u.id(item))
	}
	return u.visit(p.items)
}

func (u *union[T]) distinct() int {
	slices.Sort(u.ids)
	return len(slices.Compact(u.ids))
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
