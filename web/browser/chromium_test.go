package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// maxPages is how many pages are open at the same time: more only slow each other down.
const maxPages = 2

// chromium is the one process that all tests share; each test has a profile of its own in it.
var chromium browserProcess

type browserProcess struct {
	once    sync.Once
	ctx     context.Context
	err     error
	quit    func()
	profile string
	pages   chan struct{}

	mu     sync.Mutex
	inside map[string]bool // the tests that hold a place
}

// admit waits until one test more may have pages open. A test that has a page already gets its next ones at
// once: two tests that each wait for the other's place would wait for ever.
func (b *browserProcess) admit(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	again := b.inside[t.Name()]
	b.mu.Unlock()
	if again {
		return
	}
	b.pages <- struct{}{}
	b.mark(t.Name(), true)
	t.Cleanup(func() {
		b.mark(t.Name(), false)
		<-b.pages
	})
}

func (b *browserProcess) mark(name string, inside bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.inside == nil {
		b.inside = map[string]bool{}
	}
	b.inside[name] = inside
}

func TestMain(m *testing.M) {
	code := m.Run()
	if err := chromium.close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// start gives the context of the running browser. The first caller starts it.
func (b *browserProcess) start() (context.Context, error) {
	b.once.Do(func() { b.err = b.launch() })
	return b.ctx, b.err
}

func (b *browserProcess) launch() error {
	path, err := findChromium()
	if err != nil {
		return err
	}
	if b.profile, err = os.MkdirTemp("", "cordboard-chromium-"); err != nil {
		return err
	}
	b.pages = make(chan struct{}, maxPages)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(b.profile), chromedp.WSURLReadTimeout(time.Minute),
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("lang", "en-GB"),
	)...)
	ctx, closeBrowser := chromedp.NewContext(allocator, chromedp.WithErrorf(mutter))
	b.ctx = ctx
	b.quit = func() {
		closeBrowser()
		stop()
	}
	if err := chromedp.Run(ctx); err != nil {
		return fmt.Errorf("Chromium at %s does not start: %w", path, err)
	}
	return nil
}

// findChromium gives the path of the browser: the one that CORDBOARD_CHROMIUM names, or the first
// that is there by one of its usual names.
func findChromium() (string, error) {
	names := []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"}
	if name := os.Getenv("CORDBOARD_CHROMIUM"); name != "" {
		names = []string{name}
	}
	var missing error
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err == nil {
			return path, nil
		}
		missing = errors.Join(missing, err)
	}
	return "", fmt.Errorf("these tests need Chromium (Debian: apt-get install chromium), or its path in CORDBOARD_CHROMIUM: %w", missing)
}

// mutter prints what the driver complains about. That it does not know an event is no error.
func mutter(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !strings.Contains(text, "unhandled node event") {
		fmt.Fprintln(os.Stderr, "chromedp:", text)
	}
}

// newWindow opens an empty window in a new profile. dispose removes both.
func newWindow(ctx context.Context) (id target.ID, dispose func() error, err error) {
	ctx = cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser)
	profile, err := target.CreateBrowserContext().Do(ctx)
	if err != nil {
		return "", nil, err
	}
	id, err = target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).Do(ctx)
	return id, func() error { return target.DisposeBrowserContext(profile).Do(ctx) }, err
}

func (b *browserProcess) close() error {
	if b.quit != nil {
		b.quit()
	}
	if b.profile == "" {
		return nil
	}
	// The last of Chromium's processes may still write while it goes.
	var err error
	for range 50 {
		if err = os.RemoveAll(b.profile); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.Join(errors.New("the profile could not be removed"), err)
}

func TestAMissingChromiumIsAFailureWithWords(t *testing.T) {
	t.Setenv("CORDBOARD_CHROMIUM", "/nowhere/chromium")
	var b browserProcess
	if _, err := b.start(); err == nil || !strings.Contains(err.Error(), "these tests need Chromium") {
		t.Fatalf("without Chromium: %v", err)
	}
}
