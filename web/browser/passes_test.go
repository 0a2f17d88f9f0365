package browser

import (
	"fmt"
	"testing"
	"time"

	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

func TestAPassIsStartedFromThePageItsBarMovesAndItEnds(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, webtest.Config{Fleet: func(sim *yeastartest.Server) {
		webtest.Acme(sim)
		for i := range 60 {
			sim.AddPBX(yeastartest.PBX{ID: int64(6000 + i), Name: fmt.Sprintf("Branch %02d", i)})
		}
	}})
	h.Sim.ReleaseSilently(int64(webtest.Bakery), []int64{50040})
	h.Sim.SetLatency(100 * time.Millisecond)
	for _, screen := range []screen{desktop, phone} {
		p := signedIn(t, h, screen, team.Operator)
		p.visit("/passes")
		p.says("Passes", "Complete")
		p.click("button", "Run a pass now")
		p.says("Running", "What it found")
		p.marked()
		p.until("the bar stands somewhere", `document.querySelector("progress").value > 0`)
		p.eval(`window.stood = document.querySelector("progress").value`, nil)
		p.until("the bar moves", `!document.querySelector("progress") || document.querySelector("progress").value > window.stood`)
		p.says("Complete", "Took")
		p.until("the bar is gone", `!document.querySelector("progress")`)
		p.stillTheSame()
	}
	h.Sim.SetLatency(0)
}

func TestThePagesOfPassesAreAccessible(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, webtest.Config{Unread: true})
	p := signedIn(t, h, desktop, team.Operator)
	p.visit("/passes")
	p.says("No pass has run yet")
	p.inspect("passes empty")
	h.Sweep()
	h.Sim.ReleaseSilently(int64(webtest.Bakery), []int64{50040})
	h.Sim.Fail(yeastartest.Match{Method: "GET", PathSuffix: "/did_management/4808/did", Times: -1}, yeastartest.HTML())
	if _, err := h.Worker.RunOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Sim.ClearFaults()
	for _, s := range []struct{ name, path, says string }{
		{"passes", "/passes", "could not be read"},
		{"pass", "/passes/2", "Corner Bakery"},
	} {
		p.visit(s.path)
		p.says(s.says)
		p.inspect(s.name)
	}
	h.Sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: "/dm/open_api/v2/cloud_pbx/instances", Times: -1}, yeastartest.Delay(time.Minute))
	p.visit("/passes")
	p.click("button", "Run a pass now")
	p.says("Running", "Lists the PBXs")
	p.inspect("pass that lists")
	p.visit("/passes")
	p.says("Running")
	p.inspect("passes while one runs")
}
