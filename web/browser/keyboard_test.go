package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"

	"cordboard/sync/fleet"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// focusProblem says why a person could not see where the focus is, or "". What can be focused by
// scripts alone (tabindex -1) is a place to read from, not a control.
const focusProblem = `(() => {
	const el = document.activeElement, style = getComputedStyle(el), box = el.getBoundingClientRect();
	if (el === document.body || el === document.documentElement) return "nothing has the focus";
	if (el.tabIndex < 0) return "";
	const name = el.tagName + " " + (el.id || named(el)).slice(0, 60);
	if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 1) return name + " shows no outline";
	if (box.width < 3 || box.height < 3) return name + " has no size";
	const x = Math.min(Math.max(box.x + Math.min(box.width / 2, 40), 0), innerWidth - 1), y = Math.min(Math.max(box.y + box.height / 2, 0), innerHeight - 1);
	const hit = document.elementFromPoint(x, y);
	return hit && (el.contains(hit) || hit.contains(el) || hit.closest("label")?.control === el) ? "" : name + " at " + [x, y].map(Math.round) + " lies under " + hit?.outerHTML.slice(0, 80);
})()`

// seesFocus fails the test when the focus can't be seen.
func (p *tab) seesFocus() {
	p.t.Helper()
	var problem string
	if p.eval(focusProblem, &problem); problem != "" {
		var here string
		p.eval(`location.pathname`, &here)
		p.t.Errorf("%s: %s", here, problem)
	}
}

// tabTo presses Tab, or Shift-Tab, until a control has the focus, which must be seen at each stop.
func (p *tab) tabTo(css, text string, modifiers ...input.Modifier) {
	p.t.Helper()
	there := fmt.Sprintf(`document.activeElement.matches(%s) && named(document.activeElement).includes(%s)`, quote(css), quote(text))
	for range 80 {
		p.press("Tab", modifiers...)
		p.seesFocus()
		var ok bool
		if p.eval(there, &ok); ok {
			return
		}
	}
	p.t.Fatalf("Tab never came to %s %q", css, text)
}

func TestThePersonWithAKeyboardBindsTwoUnbindsOneAndSeesItVerifiedAndInHistory(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, webtest.Config{})
	p := open(t, h, desktop)
	p.visit("/pbx")
	p.at("/login")
	p.typeSignIn(team.Operator)
	p.at("/pbx")

	p.press("/")
	p.seesFocus()
	p.typeText(pasted)
	p.until("only Acme HQ is listed", `seen().includes("Read as") && find(".fleet a", "Acme HQ") && !find(".fleet a", "Corner Bakery")`)
	p.press("j") // a letter: the field has the focus
	p.until("the letter is typed and narrows", `document.querySelector("#q").value.endsWith("1j") && !find(".fleet a", "")`)
	p.press("\b")
	p.until("only Acme HQ is listed", `find(".fleet a", "Acme HQ") && !find(".fleet a", "Corner Bakery")`)
	p.press("Esc") // leaves the field and empties nothing
	p.press("j")
	p.seesFocus()
	p.until("what was typed stays", `document.querySelector("#q").value === `+quote(pasted))
	p.until("the row has the focus", `named(document.activeElement) === "Acme HQ"`)
	p.press("Enter")
	p.at("/pbx/4808")

	p.tabTo("a", "Bind numbers")
	p.press("Enter")
	p.at("/pbx/4808/dids")
	p.tabTo(`[name=unbind][value="6682:50050"]`, "")
	p.press("Space")
	p.tabTo("#trunk", "")
	p.typeText("Colt")
	p.until("the numbers of Colt are offered", `document.querySelector('[name=bind][value="6681:50036"]')`)
	p.tabTo(`[name=bind][value="6681:50036"]`, "")
	p.press("Space")
	p.tabTo(`[name=bind][value="6681:50044"]`, "")
	p.press("Space")
	p.says("Bind 2, unbind 1")
	p.tabTo("button", "Review plan")
	p.press("Enter")
	planPath := p.at("/plans/")
	p.says(effect, "Nothing has been sent yet")
	p.tabTo("button", effect)
	p.press("Enter")
	p.says("Verified", "Yeastar holds exactly what this plan asked for")
	checkCloud(t, h)
	checkLinkedHistory(t, h, fleet.PlanID(planPath[len("/plans/"):]))

	p.tabTo("a", "See the snapshot")
	p.press("Enter")
	p.at("/pbx/4808/history/")
	p.tabTo("a", "History")
	p.press("Enter")
	p.says("removed +44 20 7945 0050")
	p.tabTo("a[href='"+planPath+"']", "")
	p.press("Enter")
	p.at(planPath)
}

func TestEveryPageIsAKeyOrTwoAway(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, webtest.Config{})
	p := signedIn(t, h, desktop, team.Operator)

	for _, chord := range []struct{ key, path, says string }{
		{"p", "/pbx", "Fleet"}, {"n", "/numbers", "Numbers"}, {"l", "/plans", "Plans"}, {"j", "/jobs", "Jobs"}, {"w", "/webhooks", "Webhooks"}, {"a", "/audit", "Audit"}, {"h", "/", "Fleet"},
	} {
		p.press("Esc") // out of the field that a page of questions puts the focus into
		p.press("g")
		p.press(chord.key)
		if here := p.at(chord.path); here != chord.path {
			t.Errorf("g %s leads to %s", chord.key, here)
		}
		p.says(chord.says)
	}

	p.press("?")
	p.says("Keyboard shortcuts", "Next and previous row")
	p.seesFocus()
	p.press("g") // no chord behind a dialog
	p.press("p")
	p.press("Esc")
	p.until("the sheet is closed", `!document.querySelector("dialog[open]")`)
	if here := p.at("/"); here != "/" {
		t.Errorf("keys behind the sheet led to %s", here)
	}

	// The palette finds a PBX by its name and by its number, and a page.
	for _, find := range []struct{ typed, result, path string }{
		{"corner", "Corner Bakery", "/pbx/4809"}, {pasted, "+44 20 7945 0031 Acme HQ", "/pbx/4808/dids"},
		{pasted, "has +44 20 7945 0031", "/pbx/4808"}, {"audit", "Audit", "/audit"},
	} {
		p.press("k", input.ModifierCtrl)
		p.until("the palette is open", `document.querySelector("dialog.pal[open]")`)
		p.seesFocus()
		p.typeText(find.typed)
		p.until("the palette has found "+find.result, `find("dialog.pal a", `+quote(find.result)+`) && !find("dialog.pal a", "Webhooks")`)
		for range 10 {
			p.press("Down")
			p.seesFocus()
			var there bool
			if p.eval(`named(document.activeElement).includes(`+quote(find.result)+`)`, &there); there {
				break
			}
		}
		p.press("Enter")
		p.at(find.path)
	}

	// Esc closes the palette and gives the focus back.
	p.tabTo("a", "Numbers")
	p.press("k", input.ModifierCtrl)
	p.until("the palette is open", `document.querySelector("dialog.pal[open]")`)
	p.press("Esc")
	p.until("the focus is back", `!document.querySelector("dialog[open]") && named(document.activeElement).includes("Numbers")`)
	p.tabTo("a", "Fleet", input.ModifierShift)
}

func TestRowsAreWalkedTickedAndOpenedByKeysAndNothingIsDestroyed(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, webtest.Config{})
	p := signedIn(t, h, desktop, team.Operator)
	p.visit("/pbx")
	walk := func(key, want string) {
		t.Helper()
		p.press(key)
		p.seesFocus()
		p.until(key+" selects "+want, `named(document.activeElement).includes(`+quote(want)+`) && document.activeElement.closest("tr, .pick").matches(".sel")`)
	}
	walk("j", "evil")
	walk("j", "Acme HQ")
	walk("k", "evil")
	walk("k", "evil") // the first stays the first
	walk("j", "Acme HQ")
	walk("j", "Corner Bakery")
	p.press("Enter")
	p.at("/pbx/4809")

	p.visit("/pbx/4808/dids?trunk=6681")
	walk("j", "Unbind")
	p.press("x")
	p.says("Unbind 1")
	p.press("x")
	p.says("Nothing chosen yet")
	p.visit("/pbx/4808")
	before := exactly(p)
	p.press("t")
	p.until("times are exact", `document.querySelector("main time").textContent.includes("local")`)
	p.press("t")
	p.until("times are relative", `!document.querySelector("main time").textContent.includes("local")`)
	if after := exactly(p); after != before {
		t.Errorf("t changed the page: %s", after)
	}

	// Every single key, pressed on the page where most could be lost, sends nothing.
	p.visit("/pbx/4808/dids")
	for _, key := range "abcdefhiklmnopqrsuvwyz0123456789.,;-+*#'" {
		p.press(string(key))
	}
	if n := h.Sim.CountPUTs(int64(webtest.AcmeHQ)); n != 0 {
		t.Errorf("%d writes", n)
	}
	if here := p.at("/pbx/"); here != "/pbx/4808/dids" {
		t.Errorf("a single key led to %s", here)
	}
}

// exactly is the exact time of the first time of the page.
func exactly(p *tab) string {
	p.t.Helper()
	var text string
	p.eval(`document.querySelector("main time").dateTime`, &text)
	return text
}
