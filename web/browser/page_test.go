package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// patient ends a test that hangs. Nothing is measured with it: what should happen is polled.
const patient = 30 * time.Second

// screen is the device in front of the person.
type screen struct {
	width, height int64
	touch         bool
}

var (
	desktop = screen{width: 1280, height: 900}
	phone   = screen{width: 390, height: 844, touch: true}
)

func (s screen) String() string { return fmt.Sprintf("%d px", s.width) }

// tab is an open page of a house. When the test ends it must have nothing to complain about: no
// error in the console, no breach of the content policy, no request to another host, no resource
// that failed to load.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
	on   screen

	mu         sync.Mutex
	complaints []string
}

// open opens an empty page in a profile of its own.
func open(t *testing.T, h *webtest.House, on screen) *tab {
	t.Helper()
	parent, err := chromium.start()
	if err != nil {
		t.Fatal(err)
	}
	chromium.admit(t)
	id, dispose, err := newWindow(parent)
	if err != nil {
		t.Fatal(err)
	}
	p := &tab{t: t, base: h.URL}
	ctx, closeTab := chromedp.NewContext(parent, chromedp.WithTargetID(id))
	p.ctx = ctx
	t.Cleanup(func() {
		closeTab()
		if err := dispose(); err != nil {
			t.Error(err)
		}
		for _, c := range p.taken() {
			t.Error(c)
		}
	})
	if err := chromedp.Run(ctx); err != nil { // without a deadline: the page would end with it
		t.Fatal(err)
	}
	chromedp.ListenTarget(ctx, p.listen)
	p.run(network.Enable(), log.Enable(), audits.Enable(), runtime.Enable(), emulation.SetFocusEmulationEnabled(true),
		emulation.SetTimezoneOverride("Europe/London"))
	p.resize(on)
	p.dark(false)
	return p
}

func (p *tab) resize(on screen) {
	p.t.Helper()
	p.on = on
	p.run(emulation.SetDeviceMetricsOverride(on.width, on.height, 1, on.touch), emulation.SetTouchEmulationEnabled(on.touch).WithMaxTouchPoints(5))
}

// signedIn opens a page with the session of a role's user, as after a sign-in before.
func signedIn(t *testing.T, h *webtest.House, on screen, role team.Role) *tab {
	t.Helper()
	p := open(t, h, on)
	p.run(network.SetCookie("cordboard", h.As(t, role).Cookie("cordboard")).WithURL(h.URL).WithHTTPOnly(true).WithSameSite(network.CookieSameSiteLax))
	p.visit("/")
	return p
}

// typeSignIn signs in with the keyboard alone: the field for the name is ready for typing.
func (p *tab) typeSignIn(role team.Role) {
	p.t.Helper()
	p.until("the name's field has the focus", `document.activeElement?.id === "username"`)
	p.seesFocus()
	p.typeText(string(role))
	p.press("Tab")
	p.seesFocus()
	p.typeText(webtest.Password)
	p.press("Enter")
}

// listen keeps what the browser complains about.
func (p *tab) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.complain("exception: %s", e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning || e.Type == runtime.APITypeAssert {
			p.complain("console.%s: %s", e.Type, words(e.Args))
		}
	case *log.EventEntryAdded:
		// The status of a page is the test's business; that of a resource is seen below.
		if e.Entry.Level == log.LevelError && e.Entry.Source != log.SourceNetwork {
			p.complain("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *audits.EventIssueAdded:
		if breach := e.Issue.Details.ContentSecurityPolicyIssueDetails; breach != nil {
			p.complain("content policy: %s blocked %s", breach.ViolatedDirective, breach.BlockedURL)
		}
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err != nil || u.Scheme != "data" && "http://"+u.Host != p.base {
			p.complain("request to %s", e.Request.URL)
		}
	case *network.EventResponseReceived:
		if e.Type != network.ResourceTypeDocument && e.Response.Status >= 400 {
			p.complain("%d for %s", e.Response.Status, e.Response.URL)
		}
	}
}

func words(args []*runtime.RemoteObject) string {
	var list []string
	for _, a := range args {
		list = append(list, strings.TrimSpace(string(a.Value)+" "+a.Description))
	}
	return strings.Join(list, " ")
}

func (p *tab) complain(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.complaints = append(p.complaints, fmt.Sprintf(format, args...))
}

// taken gives the complaints so far and forgets them.
func (p *tab) taken() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.complaints
	p.complaints = nil
	return list
}

func (p *tab) run(actions ...chromedp.Action) {
	p.t.Helper()
	if err := p.try(actions...); err != nil {
		p.t.Fatal(err)
	}
}

func (p *tab) try(actions ...chromedp.Action) error {
	ctx, cancel := context.WithTimeout(p.ctx, patient)
	defer cancel()
	return chromedp.Run(ctx, actions...)
}

// visit opens an address of the house and waits until it is there, whatever its status.
func (p *tab) visit(path string) {
	p.t.Helper()
	p.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, _, failed, _, err := page.Navigate(p.base + path).Do(ctx)
		if failed != "" {
			return fmt.Errorf("GET %s: %s", path, failed)
		}
		return err
	}))
	p.until("the page is loaded", `location.href !== "about:blank" && document.readyState === "complete"`)
}

// at waits until the browser has come to an address, or below it when it ends in a slash. It gives
// the whole path and query.
func (p *tab) at(path string) string {
	p.t.Helper()
	there := "location.pathname === " + quote(path)
	if len(path) > 1 && strings.HasSuffix(path, "/") {
		there = "location.pathname.startsWith(" + quote(path) + ")"
	}
	p.until("the browser is at "+path, there+` && document.readyState === "complete"`)
	var here string
	p.eval(`location.pathname + location.search`, &here)
	return here
}

// eval runs an expression in the page.
func (p *tab) eval(expression string, result any) {
	p.t.Helper()
	if err := p.tryEval(expression, result); err != nil {
		p.t.Fatalf("%s\nin: %s", err, expression)
	}
}

func (p *tab) tryEval(expression string, result any) error {
	return p.try(chromedp.Evaluate("(() => {"+kit+"return ("+expression+");})()", result, func(e *runtime.EvaluateParams) *runtime.EvaluateParams {
		return e.WithAwaitPromise(true)
	}))
}

// until waits for an expression to be true. A page that goes away while it is asked is asked again.
func (p *tab) until(what, expression string) {
	p.t.Helper()
	var err error
	pause := 10 * time.Millisecond
	for end := time.Now().Add(patient); time.Now().Before(end); time.Sleep(pause) {
		pause = min(pause*5/4, 80*time.Millisecond) // asking takes the browser's time
		var ok bool
		if err = p.tryEval("Boolean("+expression+")", &ok); ok {
			return
		}
	}
	var here, text string
	p.eval(`location.href`, &here)
	p.eval(`seen().slice(0, 2000)`, &text)
	p.t.Fatalf("it never came true that %s (last error: %v)\nat %s, which says:\n%s", what, err, here, text)
}

// says waits until the page shows every text.
func (p *tab) says(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.until(fmt.Sprintf("the page says %q", text), `seen().includes(`+quote(text)+`)`)
	}
}

// dark makes the system prefer dark, or light; and stillness.
func (p *tab) dark(yes bool) {
	p.t.Helper()
	scheme := "light"
	if yes {
		scheme = "dark"
	}
	p.run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}))
}

// scriptless turns scripts off, for pages that are opened from now on.
func (p *tab) scriptless() {
	p.t.Helper()
	p.run(emulation.SetScriptExecutionDisabled(true))
}

// quote is text as a literal of JavaScript.
func quote(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(b)
}

// kit are the functions that expressions may use. The page never sees them.
const kit = `
const drawn = (el) => el.checkVisibility({visibilityProperty: true, opacityProperty: true}) && [...el.getClientRects()].some((box) => box.width > 2 && box.height > 2);
const named = (el) => (el.getAttribute("aria-label") || el.innerText || el.value || "").replace(/\s+/g, " ").trim();
const find = (css, text) => [...document.querySelectorAll(css)].find((el) => drawn(el) && named(el).includes(text));
const seen = () => document.body.innerText.replace(/\s+/g, " ");
`
