package webtest

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Page is an answer parsed as HTML.
type Page struct {
	Answer
	root *html.Node
}

// Parse reads the answer as HTML.
func (a Answer) Parse(t testing.TB) Page {
	t.Helper()
	root, err := html.Parse(strings.NewReader(a.Body))
	if err != nil {
		t.Fatalf("%s: %v", a.Path, err)
	}
	return Page{a, root}
}

// Text is what a person reads on the page, white space folded.
func (p Page) Text() string {
	var words []string
	p.walk(func(n *html.Node) {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "noscript" {
			words = append(words, strings.Fields(n.Data)...)
		}
	})
	return strings.Join(words, " ")
}

// Each calls fn for every element, with its attributes.
func (p Page) Each(fn func(tag string, attributes map[string]string)) {
	p.walk(func(n *html.Node) {
		if n.Type == html.ElementNode {
			fn(n.Data, attributes(n))
		}
	})
}

func (p Page) walk(fn func(*html.Node)) {
	for n := range p.root.Descendants() {
		fn(n)
	}
}

func attributes(n *html.Node) map[string]string {
	m := make(map[string]string, len(n.Attr))
	for _, a := range n.Attr {
		m[a.Key] = a.Val
	}
	return m
}

// Links are the addresses of the page's links and forms, each once, in order.
func (p Page) Links() []string {
	var links []string
	seen := map[string]bool{}
	p.Each(func(_ string, attributes map[string]string) {
		for _, name := range []string{"href", "action", "formaction", "hx-get"} {
			if v, ok := attributes[name]; ok && !seen[v] {
				seen[v] = true
				links = append(links, v)
			}
		}
	})
	return links
}

// Posts are the addresses that the page's forms and buttons post to.
func (p Page) Posts() []string {
	var list []string
	p.Each(func(tag string, at map[string]string) {
		switch {
		case tag == "form" && strings.EqualFold(at["method"], "post") && at["action"] != "":
			list = append(list, at["action"])
		case at["formaction"] != "" && !strings.EqualFold(at["formmethod"], "get"):
			list = append(list, at["formaction"])
		}
	})
	return list
}

// Form is a form of the page as a browser would send it: its address, its method, and the values
// of its controls, ticked boxes included. No button is pressed.
type Form struct {
	Action string
	Method string
	Values url.Values
}

// Form finds the first form for an address that has all of the fields; it fails the test when there
// is none.
func (p Page) Form(t testing.TB, action string, fields ...string) Form {
	t.Helper()
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || attributes(n)["action"] != action {
			continue
		}
		form := readForm(n)
		if !slices.ContainsFunc(fields, func(name string) bool { return !form.Values.Has(name) }) {
			return form
		}
	}
	t.Fatalf("%s has no form for %s", p.Path, action)
	return Form{}
}

func readForm(form *html.Node) Form {
	a := attributes(form)
	f := Form{Action: a["action"], Method: strings.ToUpper(a["method"]), Values: url.Values{}}
	for n := range form.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		control := attributes(n)
		name := control["name"]
		_, checked := control["checked"]
		_, disabled := control["disabled"]
		if name == "" || disabled {
			continue
		}
		switch n.Data {
		case "input":
			if kind := control["type"]; (kind == "checkbox" || kind == "radio") && !checked {
				continue
			}
			f.Values.Add(name, control["value"])
		case "textarea":
			f.Values.Add(name, strings.TrimPrefix(textOf(n), "\n"))
		case "select":
			f.Values.Add(name, selected(n))
		}
	}
	return f
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func selected(sel *html.Node) string {
	value, at := "", 0
	for n := range sel.Descendants() {
		if n.Type != html.ElementNode || n.Data != "option" {
			continue
		}
		a := attributes(n)
		if _, ok := a["selected"]; ok || at == 0 {
			value = a["value"]
		}
		at++
	}
	return value
}

// HasPost reports whether a form or button of the page posts to an address.
func (p Page) HasPost(action string) bool { return slices.Contains(p.Posts(), action) }
