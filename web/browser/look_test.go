package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// look is one way in which a page can stand before a person. A theme is the choice that Cordboard
// keeps in a cookie; it wins over what the system prefers.
type look struct {
	on         screen
	systemDark bool
	theme      string
	whole      bool // check everything; else only what colours can break
}

var looks = []look{
	{on: desktop, whole: true},
	{on: desktop, systemDark: true},
	{on: phone, systemDark: true, theme: "light"},
	{on: phone, theme: "dark", whole: true},
}

func (l look) dark() bool { return l.theme == "dark" || l.theme == "" && l.systemDark }

func (l look) String() string {
	if l.dark() {
		return l.on.String() + " dark"
	}
	return l.on.String() + " light"
}

// inspect looks at the page that is open, in every look, and leaves it as it was. The theme is set
// as the server would have set it, without asking for the page again: some states come only once.
func (p *tab) inspect(name string) {
	p.t.Helper()
	p.eval(`document.fonts.ready.then(() => true)`, nil)
	var theme string
	p.eval(`document.documentElement.dataset.theme || ""`, &theme)
	for _, l := range looks {
		p.resize(l.on)
		p.dark(l.systemDark)
		p.theme(l.theme)
		problems := p.colours(l.dark())
		problems = append(problems, p.axe(l.whole)...)
		if l.whole {
			problems = append(problems, p.layout()...)
			problems = append(problems, p.focusing()...)
		}
		for _, problem := range problems {
			p.t.Errorf("%s, %s: %s", name, l, problem)
		}
		p.picture(name + " " + l.String())
	}
	p.resize(desktop)
	p.dark(false)
	p.theme(theme)
}

func (p *tab) theme(name string) {
	p.t.Helper()
	p.eval(`(() => { if (`+quote(name)+`) document.documentElement.dataset.theme = `+quote(name)+`; else delete document.documentElement.dataset.theme; })()`, nil)
}

// colours sees that the page is as dark as it should be: the rest would prove nothing.
func (p *tab) colours(dark bool) []string {
	p.t.Helper()
	var lightness float64
	p.eval(`(() => {
		const c = new OffscreenCanvas(1, 1).getContext("2d");
		c.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
		c.fillRect(0, 0, 1, 1);
		const [r, g, b] = c.getImageData(0, 0, 1, 1).data;
		return (r + g + b) / 765;
	})()`, &lightness)
	if dark != (lightness < .5) {
		return []string{fmt.Sprintf("the background's lightness is %.2f", lightness)}
	}
	return nil
}

// axe runs axe-core with all its rules and the size of targets, or the rules about colour alone.
func (p *tab) axe(whole bool) []string {
	p.t.Helper()
	var there bool
	if p.eval(`"axe" in window`, &there); !there {
		source, err := os.ReadFile(filepath.Join("..", "webtest", "testdata", "axe", "axe.min.js"))
		if err != nil {
			p.t.Fatal(err)
		}
		p.run(chromedp.Evaluate(string(source), nil))
	}
	options := `{resultTypes: ["violations"], preload: false, rules: {"target-size": {enabled: true}}}`
	if !whole {
		options = `{resultTypes: ["violations"], preload: false, runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}}`
	}
	// What sticks to the screen's edge covers what is under it: stand where it covers nothing.
	p.eval(`document.querySelector(".review")?.scrollIntoView({block: "end"}) ?? scrollTo(0, 0)`, nil)
	var violations []string
	p.eval(`axe.run(document, `+options+`).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => "axe " + v.id + ": " + n.target.join(" ") + ": " + n.failureSummary.replace(/\s+/g, " ") + " " + n.html.slice(0, 200))))`, &violations)
	return violations
}

// layout sees that nothing sticks out to the side, and on a phone that primary controls are as
// large as a fingertip.
func (p *tab) layout() []string {
	p.t.Helper()
	var problems []string
	p.eval(fmt.Sprintf(`(() => {
		const width = %d, found = [];
		const scrolls = (el) => { for (; el && el !== document.body; el = el.parentElement) if (/auto|scroll|hidden|clip/.test(getComputedStyle(el).overflowX)) return true; };
		if (Math.max(document.documentElement.scrollWidth, innerWidth) > width) {
			found.push("the page is " + document.documentElement.scrollWidth + " px wide");
			for (const el of document.querySelectorAll("body *"))
				if (drawn(el) && el.getBoundingClientRect().right > width + .5 && !scrolls(el)) found.push("it sticks out: " + el.outerHTML.slice(0, 120));
		}
		if (%t) for (const el of document.querySelectorAll(".btn:not(.sm), input:not([type=checkbox], [type=radio], [type=hidden]), select, textarea, .side nav a, .tabs a, .pick, .mi, .menu > summary")) {
			if (drawn(el) && el.getBoundingClientRect().height < 43.5) found.push(Math.round(el.getBoundingClientRect().height) + " px high: " + el.outerHTML.slice(0, 120));
		}
		for (const el of document.querySelectorAll("main :is(h1, h2, h3, p, td, th, a, button, span, small, b, dd, dt, label)")) {
			const style = getComputedStyle(el);
			if (drawn(el) && style.overflowX !== "visible" && style.textOverflow !== "ellipsis" && !/auto|scroll/.test(style.overflowX) && el.scrollWidth > el.clientWidth + 1)
				found.push("its text is cut off: " + el.outerHTML.slice(0, 120));
		}
		for (const el of document.querySelectorAll(".panel, .note, .review, .hold, .truth, .list tbody tr, .rows > li")) {
			if (!drawn(el)) continue;
			const right = el.getBoundingClientRect().right + 1;
			const out = [...el.querySelectorAll("*")].find((inner) => drawn(inner) && inner.getBoundingClientRect().right > right && !inner.closest(".vh") && !scrolls(inner));
			if (out) found.push(out.outerHTML.slice(0, 120) + " sticks out of " + el.outerHTML.slice(0, 80));
		}
		const texts = [...document.querySelectorAll("main :is(.tel, .st, .btn, .tog, .no, time, code, small, h1, h2, h3)")].filter((el) => drawn(el) && !el.closest(".review, .vh"));
		for (const el of texts) {
			const box = el.getClientRects()[0], over = document.elementsFromPoint(box.right - 2, box.y + box.height / 2).find((other) => texts.includes(other) && !other.contains(el) && !el.contains(other));
			if (over) found.push("over each other: " + el.outerHTML.slice(0, 80) + " and " + over.outerHTML.slice(0, 80));
		}
		return found;
	})()`, p.on.width, p.on.touch), &problems)
	return problems
}

// focusing gives the focus to every control in turn, as Tab would, and sees that it shows and that
// nothing moves because of it.
func (p *tab) focusing() []string {
	p.t.Helper()
	var problems []string
	p.eval(`(() => {
		const found = [], before = document.activeElement;
		const room = document.querySelector("dialog[open], .menu[open]") || document;
		const place = (el) => { const box = el.getBoundingClientRect(); return [box.x + scrollX, box.width, box.height].map(Math.round).join(" "); };
		for (const el of room.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")) {
			if (el.tabIndex < 0 || el.disabled || !el.checkVisibility({visibilityProperty: true}) || el.type === "hidden" || el.matches(".skip")) continue;
			el.blur();
			const was = place(el), height = document.documentElement.scrollHeight;
			el.focus({focusVisible: true});
			const problem = `+focusProblem+`;
			if (problem) found.push("focus: " + problem);
			if (document.activeElement === el && (place(el) !== was || document.documentElement.scrollHeight !== height)) found.push("focus moves it: " + el.outerHTML.slice(0, 120));
		}
		document.activeElement?.blur();
		before?.focus();
		scrollTo(0, 0);
		return found;
	})()`, &problems)
	return problems
}

// picture keeps a picture of the whole page when CORDBOARD_SHOTS says where.
func (p *tab) picture(name string) {
	p.t.Helper()
	dir := os.Getenv("CORDBOARD_SHOTS")
	if dir == "" {
		return
	}
	var png []byte
	var height int64
	p.eval(`Math.min(document.documentElement.scrollHeight, 6000)`, &height)
	p.resize(screen{p.on.width, max(height, p.on.height), p.on.touch})
	p.eval(`new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))`, nil)
	p.run(chromedp.CaptureScreenshot(&png))
	name = strings.NewReplacer(" ", "-", ",", "", "/", "-").Replace(name) + ".png"
	if err := os.WriteFile(filepath.Join(dir, name), png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// A check that can't fail proves nothing: here each is given what it must find.
func TestTheChecksFindWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := open(t, house(t), desktop)
	p.visit("/login")
	wrong := []struct{ what, script, want string }{
		{"a field without a name", `document.querySelector("label[for=password]").remove()`, "axe label"},
		{"text that is too faint", `document.querySelector("h1").setAttribute("class", "faint"), [...document.styleSheets].at(-1).insertRule(".faint { color: #999 !important; background: #aaa }")`, "axe color-contrast"},
		{"a small target", `document.querySelector("button").before(document.querySelector("button").cloneNode(true)), [...document.styleSheets].at(-1).insertRule("form button { width: 9px !important; height: 9px !important; min-height: 0 !important; padding: 0 !important; overflow: hidden }")`, "axe target-size"},
		{"something wide", `document.querySelector("h1").append("x".repeat(400))`, "px wide"},
		{"a focus that does not show", `[...document.styleSheets].at(-1).insertRule("#username { outline: none !important }")`, "shows no outline"},
		{"a focus that moves things", `[...document.styleSheets].at(-1).insertRule("#username:focus { height: 90px }")`, "focus moves it"},
		{"something that leaves its frame", `document.querySelector("form").setAttribute("class", "panel"), [...document.styleSheets].at(-1).insertRule("#username { width: 30rem }")`, "sticks out of"},
		{"texts over each other", `document.querySelector("h1").after(Object.assign(document.createElement("h2"), {innerText: "above"})), [...document.styleSheets].at(-1).insertRule("h2 { margin-top: -2.5rem !important }")`, "over each other"},
		{"text that is cut off", `[...document.styleSheets].at(-1).insertRule("h1 { width: 9px; overflow: hidden; white-space: nowrap }")`, "cut off"},
	}
	for _, w := range wrong {
		p.visit("/login")
		p.eval(w.script, nil)
		found := strings.Join(append(append(p.axe(true), p.layout()...), p.focusing()...), "\n")
		if !strings.Contains(found, w.want) {
			t.Errorf("%s is not found: %s", w.what, found)
		}
	}
	p.visit("/login")
	if problems := p.colours(true); len(problems) == 0 {
		t.Error("a light page passes for a dark one")
	}

	// And the browser's own complaints.
	p.eval(`document.body.append(Object.assign(document.createElement("script"), {textContent: "1"}))`, nil)
	p.eval(`document.body.append(Object.assign(document.createElement("img"), {src: "http://192.0.2.1/x.png"}))`, nil)
	p.eval(`setTimeout(() => { throw new Error("broken") })`, nil)
	p.eval(`fetch("/static/nothing.js").then(() => true)`, nil)
	var complaints string
	p.until("the browser complains", `new Promise((done) => setTimeout(done, 50, true))`)
	for _, want := range []string{"script-src", "img-src", "broken", "404 for"} {
		if complaints += strings.Join(p.taken(), "\n"); !strings.Contains(complaints, want) {
			t.Errorf("no complaint about %s in %s", want, complaints)
		}
	}
}
