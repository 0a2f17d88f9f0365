package browser

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// branch is a PBX of an agency with two numbers and one customer, which nobody has activated.
const branch fleet.PBXID = 4820

// branchOffice is an agency with a branch.
func branchOffice(t *testing.T, c webtest.Config) *webtest.House {
	t.Helper()
	h := agency(t, c)
	h.Sim.AddPBX(yeastartest.PBX{ID: int64(branch), Serial: "36A0B4311BRANCH1", Name: "Branch", Firmware: "84.22.0.140", Activation: "Unactivated", Customers: []int64{50086182},
		Extensions: 20, ConcurrentCalls: 10, RecordingMinutes: 600, Transcription: 60})
	h.Sim.Bind(int64(branch), webtest.At(webtest.BT, 50052), webtest.At(webtest.BT, 50053))
	h.Sweep()
	return h
}

// told is what Yeastar was told to do with PBXs: method and end of the path.
func told(h *webtest.House) string {
	var list []string
	for _, r := range h.Sim.Requests() {
		if r.Method != http.MethodGet && strings.Contains(r.Path, "/cloud_pbx/instances") {
			list = append(list, r.Method+" "+filepath.Base(r.Path))
		}
	}
	return strings.Join(list, " ")
}

func TestThePersonWithAMouseRunsTheWholeLifeOfAPBX(t *testing.T) {
	t.Parallel()
	lifeJourney(t, desktop)
}

func TestThePersonWithAPhoneRunsTheWholeLifeOfAPBX(t *testing.T) {
	t.Parallel()
	lifeJourney(t, phone)
}

func lifeJourney(t *testing.T, on screen) {
	h := branchOffice(t, webtest.Config{})
	p := signedIn(t, h, on, team.Operator)
	look := func(name string) { // looks at every screen and theme by itself
		if !on.touch {
			p.inspect(name)
		}
	}
	back := func() { // from a job to the settings of its PBX
		p.at("/jobs/")
		p.says("Done")
		p.visit("/pbx/4820/manage")
	}
	p.visit("/pbx/4820")
	p.click(".tabs a", "Manage")
	p.at("/pbx/4820/manage")
	look("manage")

	// Name and switches: what no read tells is asked for, and all of it is sent.
	p.fill("#name", "Branch Office")
	p.click("button", "Review name and switches")
	p.says("Nothing was sent", "Internal chat: ")
	look("manage 422")
	p.tick("[name=im][value=Enabled]")
	p.tick("[name=allowSuperiorPasswordlessLogin][value=Disabled]")
	p.click("button", "Review name and switches")
	p.at("/pbx/4820/features")
	p.says("Nothing has been sent yet", "Branch Office")
	look("review of switches")
	p.click("button", "Send name and switches to Branch")
	back()

	// Fewer recording minutes must be meant.
	p.fill("#extensionCapacity", "30")
	p.fill("#recordingCapacity", "500")
	p.click("button", "Review capacity")
	p.click("button", "Resize Branch Office")
	p.says("Fewer recording minutes than now must be meant")
	look("review of a resize 422")
	p.tick("#lower")
	p.click("button", "Resize Branch Office")
	back()

	if !on.touch {
		p.fill("#customer", "holding")
		p.click("#customers button", "Find")
		p.tick(`[name=add][value="50429564"]`)
		p.tick(`[name=remove][value="50086182"]`)
		p.click("button", "Review customers")
		p.says("Acme Holding, Ada", "Take off")
		look("review of customers")
		p.click("button", "Change the customers of Branch Office")
		back()
		p.click("a", "Send…")
		p.says("ada@acme.example")
		look("review of the activation mail")
		p.click("button", "Send the activation mail")
		back()

		p.click("a", "Stop…")
		p.says("2 numbers will not ring")
		p.click("button", "Stop Branch Office")
		back()
		p.says("It is stopped.")
		p.click("a", "Start…")
		p.click("button", "Start Branch Office")
		back()
	}

	// Deleted only with its name.
	p.click("a", "Delete…")
	p.says("2 numbers that will be free", "+44 20 7945 0052")
	p.fill("#name", "Branch")
	p.fill("#reason", "the branch closes")
	p.click("button", "Delete Branch Office")
	p.says("Nothing was sent")
	look("review of a deletion 422")
	p.fill("#name", "Branch Office")
	p.click("button", "Delete Branch Office")
	p.at("/jobs/")
	p.says("Done", "Stop it", "It is gone")
	look("a PBX that was deleted")
	p.visit("/pbx/4820/manage")
	p.says("This PBX is gone")
	look("manage, gone")

	want := "PUT 4820 PUT capacity PUT customers POST activation_email PUT stop PUT start PUT stop DELETE instances"
	if on.touch {
		want = "PUT 4820 PUT capacity PUT stop DELETE instances"
	}
	if got := told(h); got != want {
		t.Errorf("Yeastar was told: %s\nwant %s", got, want)
	}
	if slices.ContainsFunc(h.Sim.PBXs(), func(x yeastartest.PBX) bool { return x.ID == int64(branch) }) {
		t.Error("it is still there")
	}
}

// newFile is a file of new PBXs: two that can be made and one that names no region.
func newFile(t *testing.T) string {
	t.Helper()
	rows := []string{
		"Name;Region;Subdomain;Plan;Type;Customers;Extensions;Concurrent calls;Recording minutes;Numbers",
		"One;Asia Pacific(Singapore);one;Enterprise;Commercial;leo@acme.example;20;10;0;+442079450036",
		"Two;asia pacific(singapore);two;Ultimate;Trial;ada@acme.example;5;2;500;",
		"Three;Mars;three;Enterprise;Commercial;leo@acme.example;20;10;0;",
	}
	path := filepath.Join(t.TempDir(), "new.csv")
	if err := os.WriteFile(path, []byte(strings.Join(rows, "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFileOfNewPBXsIsJudgedRowByRowAndMadeOnEveryScreen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		on         screen
		scriptless bool
	}{"desktop": {desktop, false}, "phone without scripts": {phone, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := agency(t, webtest.Config{})
			p := signedIn(t, h, c.on, team.Operator)
			if c.scriptless {
				p.scriptless()
			}
			look := func(name string) {
				if !c.scriptless {
					p.inspect(name)
				}
			}
			p.visit("/pbx/new")
			p.click("a", "Several from a file")
			p.at("/pbx/new/csv")
			look("several new PBXs, empty")
			p.click("button", "Check every row")
			p.says("The file was not taken", "The file is empty")
			look("several new PBXs, 422")
			p.run(chromedp.SetUploadFiles("#file", []string{newFile(t)}, chromedp.ByQuery))
			p.click("button", "Check every row")
			p.says("2 PBXs of 3 rows can be made", "There is no region “Mars”", "one.r4.pbx.example")
			look("several new PBXs, judged")
			if n := len(creations(h)); n != 0 {
				t.Fatalf("%d creations by a dry run", n)
			}
			p.click("button", "Create 2 PBXs")
			p.at("/jobs/")
			p.says("2 of 2 PBXs run.", "Row 2: One at one.r4.pbx.example", "Done")
			look("several new PBXs, made")
			p.click("main a", "Job")
			p.says("runs at")
			if n := len(creations(h)); n != 2 || newest(h).Status != yeastartest.StatusRunning {
				t.Errorf("%d creations, the newest is %s", n, newest(h).Status)
			}
		})
	}
}
