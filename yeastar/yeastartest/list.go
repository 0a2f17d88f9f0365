package yeastartest

import (
	"strconv"
	"strings"
)

// The paging of YCM's lists (contract §0.3).
const (
	defaultPageSize = 10
	maxPageSize     = 50
)

// page is the data of a paged list.
type page[T any] struct {
	PageSize   int `json:"pageSize"`
	PageNumber int `json:"pageNumber"`
	Total      int `json:"total"`
	List       []T `json:"list"`
}

// paging is what a caller asked for.
type paging struct {
	size, number int
	search       string // lower case
	fault        pageFault
}

func (c *call) paging(a Assumptions) (paging, error) {
	p := paging{size: defaultPageSize, number: 1, fault: c.page}
	if !a.SearchIgnored {
		p.search = strings.ToLower(c.query.Get("search"))
	}
	var err error
	if p.size, err = c.queryInt("pageSize", p.size); err != nil {
		return p, err
	}
	if p.number, err = c.queryInt("pageNumber", p.number); err != nil {
		return p, err
	}
	if p.size > maxPageSize {
		if !a.ClampPageSize {
			return p, refuse(CodeInvalidParameter, "pageSize %d is over %d", p.size, maxPageSize)
		}
		p.size = maxPageSize
	}
	return p, nil
}

func (c *call) queryInt(name string, fallback int) (int, error) {
	text := c.query.Get(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, refuse(CodeInvalidParameter, "%s %q", name, text)
	}
	return n, nil
}

// found filters all by the keyword; without one it returns all itself.
func found[R any](p paging, all []R, match func(R, string) bool) []R {
	if p.search == "" {
		return all
	}
	var hits []R
	for _, r := range all {
		if match(r, p.search) {
			hits = append(hits, r)
		}
	}
	return hits
}

// cut makes one page of rows, which it never copies; descending reads them from
// the end.
func cut[R, T any](p paging, rows []R, descending bool, show func(R) T) page[T] {
	out := page[T]{PageSize: p.size, PageNumber: p.number, Total: len(rows), List: []T{}}
	if p.fault.empty {
		return out
	}
	from := (p.number-1)*p.size + p.fault.shift
	to := from + p.size
	if p.fault.partial {
		to = from + p.size/2
	}
	for i := max(from, 0); i < min(to, len(rows)); i++ {
		row := rows[i]
		if descending {
			row = rows[len(rows)-1-i]
		}
		out.List = append(out.List, show(row))
	}
	return out
}

// contains says whether one of texts has a lower-case keyword in it, in either case.
func contains(keyword string, texts ...string) bool {
	for _, t := range texts {
		if strings.Contains(strings.ToLower(t), keyword) {
			return true
		}
	}
	return false
}
