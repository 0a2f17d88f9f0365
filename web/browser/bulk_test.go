package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// kiosk is a PBX of three numbers beside Acme.
const kiosk fleet.PBXID = 4900

// market is a house with a kiosk.
func market(t *testing.T) *webtest.House {
	t.Helper()
	return webtest.New(t, webtest.Config{Fleet: func(sim *yeastartest.Server) {
		webtest.Acme(sim)
		sim.AddPBX(yeastartest.PBX{ID: int64(kiosk), Serial: "36A0B43111KIOSK1", Name: "Kiosk", Firmware: "84.20.0.5"})
		sim.Bind(int64(kiosk), webtest.At(webtest.Colt, 50041), webtest.At(webtest.Colt, 50042), webtest.At(webtest.Colt, 50043))
	}})
}

// edited is the house's export in which Acme HQ takes the kiosk's last number, saved as a file. With
// wrong, a row names a trunk that is none.
func edited(t *testing.T, h *webtest.House, wrong bool) string {
	t.Helper()
	file := h.As(t, team.Viewer).Get("/bindings.csv").Body
	lines := strings.Split(file, "\n")
	for i, line := range lines {
		if strings.Contains(line, ",50043,") {
			lines[i] = strings.Replace(line, "Kiosk", "Acme HQ", 1)
		}
		if wrong && strings.Contains(line, ",50040,") {
			lines[i] = strings.Replace(line, "Colt London", "Cold London", 1)
		}
	}
	path := filepath.Join(t.TempDir(), "bindings.csv")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestASpreadsheetIsBroughtReviewedAndCarriedOutOnEveryScreen(t *testing.T) {
	for name, c := range map[string]struct {
		on         screen
		scriptless bool
	}{"desktop": {desktop, false}, "phone": {phone, false}, "desktop without scripts": {desktop, true}, "phone without scripts": {phone, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := market(t)
			p := signedIn(t, h, c.on, team.Operator)
			if c.scriptless {
				p.scriptless()
			}
			inspect := func(name string) { // looks at every screen and theme by itself
				if !c.scriptless && !c.on.touch {
					p.inspect(name)
				}
			}
			p.visit("/pbx")
			p.click("a", "From a spreadsheet")
			p.at("/bulk")
			p.says("The rows of a PBX are its whole list.", "Nothing is sent before you agree.")
			inspect("the page that takes a spreadsheet")
			p.click("button", "Review")
			p.says("The file was not taken", "The file is empty.")
			inspect("a file that was not taken")

			p.run(chromedp.SetUploadFiles("#file", []string{edited(t, h, true)}, chromedp.ByQuery))
			p.click("button", "Review")
			path := p.at("/bulk/")
			p.says("2 plans wait for you to agree.", "1 row is wrong.", "There is no shared trunk called “Cold London”.", "Unbind 1 number on Kiosk", "Bind 1 number on Acme HQ", "It unbinds 1 of 3 numbers")
			inspect("a spreadsheet to agree to")
			p.click("button", "Carry out the ticked plans")
			p.says("Acme HQ takes numbers that Kiosk gives up: choose both, or neither.")
			inspect("an agreement that needs more")
			p.tick(`article.danger [name=plan]`)
			p.fill("#reason", "the kiosk closes")
			p.click("button", "Carry out the ticked plans")
			p.says("2 PBXs are changed and verified.", "1 PBX left alone because of what is wrong in the file.", "Agreed to by")
			p.at(path)
			inspect("a spreadsheet that was carried out")
			if !h.Bound(webtest.AcmeHQ).Has(webtest.Pair(webtest.Colt, 50043)) || h.Bound(kiosk).Has(webtest.Pair(webtest.Colt, 50043)) {
				t.Error("the number did not change hands")
			}
		})
	}
}

func TestThePersonWithAKeyboardAgreesToASpreadsheet(t *testing.T) {
	t.Parallel()
	h := market(t)
	p := signedIn(t, h, desktop, team.Operator)
	p.visit("/bulk")
	p.tabTo("textarea", "")
	p.typeText("PBX;number\nKiosk;442079450041\nKiosk;442079450042\nKiosk;442079450043\nKiosk;442079450044")
	p.tabTo("button", "Review")
	p.press("Enter")
	p.at("/bulk/")
	p.says("1 plan waits for you to agree.", "Bind 1 number on Kiosk")
	p.tabTo("button", "Carry out the ticked plans")
	p.press("Enter")
	p.says("1 PBX is changed and verified.", "Done")
}
