package yeastartest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// caller is a plain HTTP client of a simulator, with a token.
type caller struct {
	t     *testing.T
	s     *Server
	http  *http.Client
	token string
}

// reply is an HTTP answer that was read whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func newCaller(t *testing.T, s *Server) *caller {
	t.Helper()
	c := &caller{t: t, s: s, http: &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{DisableKeepAlives: true},
	}}
	c.token = c.login().str("access_token")
	return c
}

// start makes a simulator without a rate limit, and a caller for it.
func start(t *testing.T, cfg Config) (*Server, *caller) {
	t.Helper()
	s := Start(t, cfg)
	return s, newCaller(t, s)
}

func (c *caller) login() reply {
	c.t.Helper()
	return c.form(http.MethodPost, "/dm/open_api/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {DefaultClientID}, "client_secret": {DefaultClientSecret},
	})
}

func (c *caller) form(method, path string, values url.Values) reply {
	c.t.Helper()
	req := c.request(method, path, []byte(values.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.must(req)
}

func (c *caller) request(method, path string, body []byte) *http.Request {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.s.URL()+path, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("User-Agent", "yeastartest")
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	return req
}

func (c *caller) do(req *http.Request) (reply, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, body}, err
}

func (c *caller) must(req *http.Request) reply {
	c.t.Helper()
	r, err := c.do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

func (c *caller) get(path string) reply {
	c.t.Helper()
	return c.must(c.request(http.MethodGet, path, nil))
}

func (c *caller) put(pbx, body string) reply {
	c.t.Helper()
	return c.must(c.request(http.MethodPut, "/dm/open_api/v1/cloud_pbx/instances/"+pbx+"/did", []byte(body)))
}

func (r reply) object() map[string]any {
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		return map[string]any{"not JSON": string(r.body)}
	}
	return m
}

func (r reply) str(key string) string {
	text, _ := r.object()[key].(string)
	return text
}

// code is the vendor code of a failure in the default error shape; "" for none.
func (r reply) code() string {
	n, _ := r.object()["errno"].(json.Number)
	return n.String()
}

// data decodes the data of an envelope.
func data[T any](t *testing.T, r reply) T {
	t.Helper()
	var env struct {
		Data   T      `json:"data"`
		Status string `json:"status"`
	}
	if err := json.Unmarshal(r.body, &env); err != nil || env.Status != "Success" {
		t.Fatalf("answer %d %s: %v", r.status, r.body, err)
	}
	return env.Data
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// shape is the keys, their order and the JSON types of a document: values are
// replaced by the name of their type.
func shape(t *testing.T, doc []byte) string {
	t.Helper()
	var out strings.Builder
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	var walk func()
	walk = func() {
		tok, err := d.Token()
		if err != nil {
			t.Fatalf("%v in %s", err, doc)
		}
		switch v := tok.(type) {
		case json.Delim:
			out.WriteString(v.String())
			for d.More() {
				if v == '{' {
					key, err := d.Token()
					if err != nil {
						t.Fatal(err)
					}
					out.WriteString(key.(string) + ":")
				}
				walk()
				out.WriteString(",")
			}
			end, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			out.WriteString(end.(json.Delim).String())
		case string:
			out.WriteString("string")
		case json.Number:
			if strings.ContainsAny(v.String(), ".eE") {
				out.WriteString("fraction")
			} else {
				out.WriteString("integer")
			}
		default:
			out.WriteString("other")
		}
	}
	walk()
	return out.String()
}

// compact is a JSON document without white space.
func compact(t *testing.T, doc []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, doc); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func idle(t *testing.T, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.WaitIdle(ctx); err != nil {
		t.Fatalf("not idle: %v", err)
	}
}

func bind(trunk int64, dids ...int64) []Binding {
	var out []Binding
	for _, d := range dids {
		out = append(out, Binding{Trunk: trunk, DID: d})
	}
	return out
}
