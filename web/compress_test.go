package web_test

import (
	"bufio"
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cordboard/static"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// unpack reads a gzip body.
func unpack(t *testing.T, body string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTextsAreCompressedForBrowsersThatTakeIt(t *testing.T) {
	viewer := webtest.New(t, webtest.Config{}).As(t, team.Viewer)
	for _, path := range []string{"/", "/pbx", "/pbx/4808/dids", "/numbers", "/api/v1/pbxs", "/api/v1/openapi.yaml", "/pbx/999", static.Path("app.css")} {
		plain, small := viewer.Get(path, "Accept-Encoding", "identity"), viewer.Get(path, "Accept-Encoding", "br, gzip")
		if plain.Header.Get("Content-Encoding") != "" || small.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: Content-Encoding %q and %q", path, plain.Header.Get("Content-Encoding"), small.Header.Get("Content-Encoding"))
			continue
		}
		for _, a := range []webtest.Answer{plain, small} {
			if !strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "Accept-Encoding") {
				t.Errorf("%s: a cache may hand the %q form to everybody: Vary %q", path, a.Header.Get("Content-Encoding"), a.Header.Values("Vary"))
			}
		}
		text := unpack(t, small.Body)
		if small.Status != plain.Status || text[:100] != plain.Body[:100] || text[len(text)-10:] != plain.Body[len(plain.Body)-10:] {
			t.Errorf("%s: %d %.80q, plain %d %.80q", path, small.Status, text, plain.Status, plain.Body)
		}
		if len(small.Body) >= len(plain.Body)/2 {
			t.Errorf("%s: %d bytes of %d", path, len(small.Body), len(plain.Body))
		}
	}
}

func TestSmallAnswersAndFontsStayAsTheyAre(t *testing.T) {
	stranger := webtest.New(t, webtest.Config{}).Stranger(t)
	for _, path := range []string{"/healthz", "/pbx", static.Path("inter.woff2")} {
		if a := stranger.Get(path, "Accept-Encoding", "gzip"); a.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %d %v", path, a.Status, a.Header)
		}
	}
}

func TestALiveStreamIsNeitherCompressedNorHeldBack(t *testing.T) {
	house := webtest.New(t, webtest.Config{})
	signedIn := house.Stranger(t).Post("/login", url.Values{"username": {string(team.Viewer)}, "password": {webtest.Password}})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, house.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", signedIn.Header.Get("Set-Cookie"))
	r.Header.Set("Accept-Encoding", "gzip")
	stream, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	first, err := bufio.NewReader(stream.Body).ReadString('\n')
	if err != nil || first != "retry: 2000\n" || stream.Header.Get("Content-Encoding") != "" {
		t.Errorf("%d %v: %q, %v", stream.StatusCode, stream.Header, first, err)
	}
}
