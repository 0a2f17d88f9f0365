package browser

import (
	"fmt"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// keys are the names of the keys that are not a character.
var keys = map[string]string{
	"Tab": kb.Tab, "Enter": kb.Enter, "Esc": kb.Escape, "Space": " ", "Down": kb.ArrowDown, "Up": kb.ArrowUp, "Home": kb.Home, "End": kb.End,
}

// press presses a key, by its name or its character.
func (p *tab) press(key string, modifiers ...input.Modifier) {
	p.t.Helper()
	if named, ok := keys[key]; ok {
		key = named
	}
	p.strike(key, modifiers)
}

// typeText types into what has the focus.
func (p *tab) typeText(text string) {
	p.t.Helper()
	p.strike(text, nil)
}

// strike sends each key as a keyboard does: the character comes with the key going down, so that a
// script which takes the key takes its character as well.
func (p *tab) strike(text string, modifiers []input.Modifier) {
	p.t.Helper()
	for _, r := range text {
		events := kb.Encode(r)
		down, up := events[0], events[len(events)-1]
		for _, m := range modifiers {
			down.Modifiers |= m
			up.Modifiers |= m
		}
		if len(events) == 3 && down.Modifiers&input.ModifierCtrl == 0 {
			down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
		}
		p.run(down, up)
	}
}

// spot is where a control can be hit.
type spot struct{ X, Y float64 }

// click clicks, or taps, a visible control by selector and by a part of its name. It waits until
// the control can really be hit: it is on the screen and nothing lies over it.
func (p *tab) click(css, text string) {
	p.t.Helper()
	what := fmt.Sprintf("%s %q can be hit", css, text)
	p.until(what, `(() => {
		const el = find(`+quote(css)+`, `+quote(text)+`);
		if (!el) return false;
		el.scrollIntoView({block: "center", inline: "nearest", behavior: "instant"});
		const box = el.getClientRects()[0], hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
		return hit && (el.contains(hit) || hit.closest("label")?.control === el);
	})()`)
	var at spot
	p.eval(`(() => { const box = find(`+quote(css)+`, `+quote(text)+`).getClientRects()[0]; return {X: box.x + box.width / 2, Y: box.y + box.height / 2}; })()`, &at)
	if p.on.touch {
		p.run(input.DispatchTouchEvent(input.TouchStart, []*input.TouchPoint{{X: at.X, Y: at.Y}}),
			input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}))
		return
	}
	p.run(chromedp.MouseClickXY(at.X, at.Y))
}

// fill replaces what stands in a field, as a paste does.
func (p *tab) fill(css, text string) {
	p.t.Helper()
	p.click(css, "")
	p.until(css+" has the focus", `document.activeElement?.matches(`+quote(css)+`)`)
	p.eval(`document.activeElement.select?.()`, nil)
	p.run(input.InsertText(text))
}

// tick ticks a box and sees to it that it is ticked.
func (p *tab) tick(css string) {
	p.t.Helper()
	p.click(css, "")
	p.until(css+" is ticked", `document.querySelector(`+quote(css)+`)?.checked`)
}

// palette opens the command palette and types.
func (p *tab) palette(text string) {
	p.t.Helper()
	p.press("k", input.ModifierCtrl)
	p.until("the palette is open", `document.querySelector("dialog.pal[open]")`)
	p.run(input.InsertText(text))
}
