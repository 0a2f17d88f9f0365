package web_test

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// first is the first topic that the live stream at an address sends.
func first(t *testing.T, h *webtest.House, c *webtest.Client, path string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.HTTP().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if topic, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			return topic
		}
	}
	t.Fatal("the stream ended")
	return ""
}

func TestALiveStreamBeginsWhereItsPageWasMade(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Viewer)
	stream := func() (path string) {
		c.Get("/jobs").Parse(t).Each(func(tag string, at map[string]string) {
			if tag == "body" {
				path = at["data-events"]
			}
		})
		return path
	}
	h.Hub.Announce("before")
	path := stream()
	h.Hub.Announce("job:meanwhile", "jobs")
	if got := first(t, h, c, path); got != "job:meanwhile" {
		t.Errorf("%s begins with %q", path, got)
	}
	for i := range 400 {
		h.Hub.Announce(fmt.Sprint("topic:", i))
	}
	for _, long := range []string{path, "/events?since=-5", "/events?since=999999999"} {
		if got := first(t, h, c, long); got != "*" {
			t.Errorf("%s begins with %q, want everything", long, got)
		}
	}
}
