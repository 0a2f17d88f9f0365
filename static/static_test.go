package static_test

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"cordboard/static"
)

func fetch(t *testing.T, method, path string) (*http.Response, string) {
	t.Helper()
	server := httptest.NewServer(static.Handler())
	defer server.Close()
	request, err := http.NewRequest(method, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestEveryFileIsServedAtItsHashedPathForEver(t *testing.T) {
	kinds := map[string]string{"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "woff2": "font/woff2", "txt": "text/plain"}
	entries, err := os.ReadDir("files")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		response, body := fetch(t, http.MethodGet, static.Path(entry.Name()))
		want, err := os.ReadFile("files/" + entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusOK || body != string(want) {
			t.Errorf("%s: status %d, %d bytes, want 200 and %d", entry.Name(), response.StatusCode, len(body), len(want))
		}
		kind := kinds[entry.Name()[strings.LastIndexByte(entry.Name(), '.')+1:]]
		if got := response.Header.Get("Content-Type"); kind == "" || !strings.HasPrefix(got, kind) {
			t.Errorf("%s: Content-Type %q, want %q", entry.Name(), got, kind)
		}
		if got := response.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: Cache-Control %q is not immutable", entry.Name(), got)
		}
	}
}

func TestAnotherHashGivesTodaysFileUncached(t *testing.T) {
	response, _ := fetch(t, http.MethodGet, "/static/000000000000/app.css")
	if response.StatusCode != http.StatusOK || response.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("status %d, Cache-Control %q, want 200 and no-cache", response.StatusCode, response.Header.Get("Cache-Control"))
	}
}

func TestWhatIsNotThereIsNotServed(t *testing.T) {
	cases := []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/static/app.css", http.StatusNotFound},
		{http.MethodGet, static.Path("nothing.css"), http.StatusNotFound},
		{http.MethodGet, static.Path(""), http.StatusNotFound},
		{http.MethodGet, static.Path("../static.go"), http.StatusNotFound},
		{http.MethodPost, static.Path("app.css"), http.StatusMethodNotAllowed},
	}
	for _, c := range cases {
		if response, _ := fetch(t, c.method, c.path); response.StatusCode != c.want {
			t.Errorf("%s %s: status %d, want %d", c.method, c.path, response.StatusCode, c.want)
		}
	}
}

func TestTheStyleSheetNamesOnlyFilesThatExist(t *testing.T) {
	css, err := os.ReadFile("files/app.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(`url\("?([^")]+)"?\)`).FindAllStringSubmatch(string(css), -1) {
		if strings.HasPrefix(match[1], "data:") {
			continue
		}
		if _, err := fs.Stat(os.DirFS("files"), match[1]); err != nil {
			t.Errorf("app.css names %q: %v", match[1], err)
		}
	}
}

// Badges, notes and lamps carry their tone as a class. A rule for the tone alone would reach them all.
func TestNoToneIsALayoutOfItsOwn(t *testing.T) {
	css, err := os.ReadFile("files/app.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range regexp.MustCompile(`(?m)^\s*\.(ok|warn|bad|ask|mute|busy|used|free)\s*[{,]`).FindAllString(string(css), -1) {
		t.Errorf("a rule for %s alone", strings.TrimSpace(rule))
	}
}
