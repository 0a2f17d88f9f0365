package web_test

import (
	"net/http"
	"strings"
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

func TestHEADAnswersAsGETDoesWithoutABody(t *testing.T) {
	h, all := rooms(t)
	clients := map[string]*webtest.Client{"signed out": h.Stranger(t), "viewer": h.As(t, team.Viewer), "admin": h.As(t, team.Admin)}
	before := footprint(t, h)
	for _, d := range all {
		if d.method != http.MethodGet {
			continue
		}
		for who, c := range clients {
			get := d.try(t, h, c)
			d.method = http.MethodHead
			head := d.try(t, h, c)
			d.method = http.MethodGet
			if head.Status != get.Status || head.Body != "" {
				t.Errorf("%s: HEAD %s: %d with %q, GET: %d", who, d.path, head.Status, head.Body, get.Status)
			}
			for _, name := range []string{"Content-Type", "Cache-Control", "Content-Security-Policy", "Content-Disposition", "Location", "Vary", "Etag"} {
				if strings.Join(head.Header.Values(name), ",") != strings.Join(get.Header.Values(name), ",") {
					t.Errorf("%s: HEAD %s: %s %q, GET: %q", who, d.path, name, head.Header.Values(name), get.Header.Values(name))
				}
			}
		}
	}
	if after := footprint(t, h); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
}
