package web_test

import (
	"net/http"
	"strings"
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

func TestAChangeElsewhereDoesNotReadTheFreeNumbersAgain(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	c := h.As(t, team.Operator)
	const path = "/pbx/4808/dids?trunk=6681"
	calls := func(regions string) int {
		t.Helper()
		before := len(h.Sim.Requests())
		a := c.Get(path, "HX-Request-Type", "live", "Live-Regions", regions)
		if a.Status != http.StatusOK || !strings.Contains(a.Body, `id="signals"`) || strings.Contains(a.Body, `id="change"`) == (regions == "nav signals") {
			t.Errorf("%s: %d %s", regions, a.Status, a.Body)
		}
		return len(h.Sim.Requests()) - before
	}
	if n := calls("nav signals"); n != 0 {
		t.Errorf("the frame costs %d calls", n)
	}
	if n := calls("nav signals change"); n == 0 {
		t.Error("the numbers were not read")
	}
}
