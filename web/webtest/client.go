package webtest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"cordboard/sync/team"
)

// Client is a browser without scripts. It does not follow redirects by itself.
type Client struct {
	t    testing.TB
	base string
	http *http.Client
}

// Answer is a response, read to its end.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	Path   string // what was asked for
}

// HTTP is the client underneath, with its cookies: for requests that Do does not make.
func (c *Client) HTTP() *http.Client { return c.http }

// Cookie is the value of a cookie that the client holds for the house, or empty.
func (c *Client) Cookie(name string) string {
	for _, cookie := range c.http.Jar.Cookies(c.address()) {
		if cookie.Name == name {
			return cookie.Value
		}
	}
	return ""
}

// SetCookie plants a cookie.
func (c *Client) SetCookie(name, value string) {
	c.http.Jar.SetCookies(c.address(), []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

func (c *Client) address() *url.URL {
	u, err := url.Parse(c.base)
	if err != nil {
		c.t.Fatal(err)
	}
	return u
}

// Location is where a redirect leads, without the host.
func (a Answer) Location() string {
	u, err := url.Parse(a.Header.Get("Location"))
	if err != nil {
		return ""
	}
	return u.RequestURI()
}

// Stranger is a client that has not signed in.
func (h *House) Stranger(t testing.TB) *Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{t: t, base: h.URL, http: &http.Client{Jar: jar, Timeout: patient,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// As signs in as the user of a role.
func (h *House) As(t testing.TB, role team.Role) *Client {
	t.Helper()
	c := h.Stranger(t)
	a := c.Post("/login", url.Values{"username": {string(role)}, "password": {Password}})
	if a.Status != http.StatusSeeOther || a.Location() != "/" {
		t.Fatalf("signing in as %s: %d %s", role, a.Status, a.Body)
	}
	return c
}

// Get asks for a page. Headers are given as name and value in turn.
func (c *Client) Get(path string, headers ...string) Answer {
	c.t.Helper()
	return c.Do(http.MethodGet, path, "", headers...)
}

// Post sends a form.
func (c *Client) Post(path string, form url.Values, headers ...string) Answer {
	c.t.Helper()
	return c.Do(http.MethodPost, path, form.Encode(), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

// Do sends any request.
func (c *Client) Do(method, path, body string, headers ...string) Answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return Answer{Status: res.StatusCode, Header: res.Header, Body: string(text), Path: path}
}
