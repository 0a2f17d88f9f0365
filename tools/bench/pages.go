package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// lists are the pages that must not grow slower with what is stored. A page is measured on its
// second screen where it has one: the first could be special.
var lists = []string{
	"/pbx", "/pbx?sort=-changed", "/pbx?sort=-numbers", "/pbx?sort=verified", "/pbx/2", "/pbx/2/dids", "/pbx/1/history",
	"/webhooks", "/webhooks?state=digested", "/audit", "/audit?actor=ana", "/audit?pbx_id=7", "/plans",
	"/api/v1/pbxs", "/api/v1/pbxs/1/snapshots", "/api/v1/webhooks", "/api/v1/audit",
}

// peerOf is the list that PocketBase's is compared with.
const peerOf = "/api/v1/pbxs"

// signIn gives the cookie of the run's admin, as a header line.
func signIn(address string) (string, error) {
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := client.PostForm("http://"+address+"/login", url.Values{"username": {username}, "password": {password}})
	if err != nil {
		return "", err
	}
	if err := r.Body.Close(); err != nil || r.StatusCode != http.StatusSeeOther || len(r.Cookies()) == 0 {
		return "", errors.Join(fmt.Errorf("signing in: %s", r.Status), err)
	}
	return "Cookie: " + r.Cookies()[0].Name + "=" + r.Cookies()[0].Value + "\r\n", nil
}

var (
	nextLink   = regexp.MustCompile(`href="([^"]*after=[^"]*)"`)
	nextCursor = regexp.MustCompile(`"next":\s*"([^"]+)"`)
)

// second finds the second screen of a list, or stays on the first.
func second(address, cookie, path string) (string, []byte, error) {
	text, err := read(address, cookie, path)
	if err != nil {
		return "", nil, err
	}
	next := ""
	if m := nextLink.FindSubmatch(text); m != nil {
		next = html.UnescapeString(string(m[1]))
	}
	if m := nextCursor.FindSubmatch(text); m != nil {
		next = path + "?after=" + url.QueryEscape(string(m[1]))
	}
	if !strings.HasPrefix(next, "/") {
		return path, text, nil
	}
	text, err = read(address, cookie, next)
	return next, text, err
}

func read(address, cookie, path string) ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return nil, err
	}
	if name, value, ok := strings.Cut(strings.TrimSpace(cookie), ": "); ok {
		r.Header.Set(name, value)
	}
	r.Header.Set("Accept-Encoding", "identity")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// visitor asks for pages on one connection, as a browser does.
type visitor struct {
	client
	paths         []string
	requests      [][]byte
	took          [][]time.Duration
	plain, packed []int // bytes of each page
}

func newVisitor(address string, paths []string) (*visitor, error) {
	cookie, err := signIn(address)
	if err != nil {
		return nil, err
	}
	c, err := dial(address)
	if err != nil {
		return nil, err
	}
	v := &visitor{client: c, paths: paths, took: make([][]time.Duration, len(paths))}
	for _, path := range paths {
		at, text, err := second(address, cookie, path)
		if err != nil {
			return nil, err
		}
		packed, err := pack(text)
		if err != nil {
			return nil, err
		}
		v.plain, v.packed = append(v.plain, len(text)), append(v.packed, packed)
		v.requests = append(v.requests, get(at, cookie+"Accept-Encoding: gzip\r\n"))
		if err := v.exchange(v.requests[len(v.requests)-1]); err != nil { // the server drops connections that ask for nothing
			return nil, err
		}
	}
	return v, nil
}

// visit asks for one page.
func (v *visitor) visit(i int) error {
	start := time.Now()
	if err := v.exchange(v.requests[i]); err != nil {
		return fmt.Errorf("%s: %w", v.paths[i], err)
	}
	v.took[i] = append(v.took[i], time.Since(start))
	return nil
}

// summary is how long a page took.
func (v *visitor) summary(i int) measure { return summarise(v.took[i], time.Second) }

func pack(text []byte) (int, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return 0, err
	}
	_, err = z.Write(text)
	err = errors.Join(err, z.Close())
	return out.Len(), err
}
