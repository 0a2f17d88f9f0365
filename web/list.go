package web

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"cordboard/views/ui"
	"cordboard/web/form"
)

// list is where a list page stands: its address, with everything that its query string says.
type list struct {
	path string
	v    url.Values
}

func listOf(c echo.Context) list {
	return list{c.Request().URL.Path, c.QueryParams()}
}

// with is the same list with other values, from its first page. An empty value takes the
// parameter out.
func (l list) with(pairs ...string) string {
	v := url.Values{}
	for name, values := range l.v {
		v[name] = slices.Clone(values)
	}
	v.Del("after")
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Del(pairs[i])
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	for name, values := range v {
		if len(values) == 1 && values[0] == "" {
			v.Del(name)
		}
	}
	if len(v) == 0 {
		return l.path
	}
	return l.path + "?" + v.Encode()
}

// at is the same query at another path.
func (l list) at(path string) string { return list{path, l.v}.with() }

// shownTotal is where counting the rows of a narrowed list stops: that many, or more.
const shownTotal = 1000

// pager is the foot of a list. narrowed says that a filter is on, so that the total may be cut.
func (l list) pager(rows, total int, next string, noun string, narrowed bool) ui.Pager {
	p := ui.Pager{Summary: summary(rows, total, l.v.Get("after") != "" || next != "", noun, narrowed)}
	if l.v.Get("after") != "" {
		p.First = l.with()
	}
	if next != "" {
		p.Next = l.with("after", next)
	}
	size := form.Page(l.v).Limit
	if total <= form.DefaultPage && size == form.DefaultPage {
		return p // all of it is here
	}
	for _, n := range []int{50, 100, 200} {
		text := strconv.Itoa(n)
		o := ui.Option{Label: text, Href: l.with("page_size", text), Selected: n == size}
		if n == form.DefaultPage {
			o.Href = l.with("page_size", "")
		}
		p.Sizes = append(p.Sizes, o)
	}
	return p
}

func summary(rows, total int, part bool, noun string, narrowed bool) string {
	all := count(total, noun)
	if narrowed && total >= shownTotal {
		all = thousands(total) + " or more " + plural(noun)
	}
	if !part || rows >= total {
		return all
	}
	return thousands(rows) + " of " + all
}

// chip is one active filter, or nothing when its value is empty.
func (l list) chip(label, name string) []ui.Chip {
	value := l.v.Get(name)
	if value == "" {
		return nil
	}
	return []ui.Chip{{Label: label + ": " + short(value, 60), Href: l.with(name, "")}}
}
