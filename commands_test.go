package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cordboard/sync/team"
)

// typed runs a command line in this process.
func typed(t *testing.T, ctx context.Context, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = execute(ctx, args, strings.NewReader(in), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func TestHelpDocumentsEveryFlagWithItsVariable(t *testing.T) {
	code, out, _ := typed(t, t.Context(), "", "--help")
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, s := range manual {
		if !strings.Contains(out, s.flag) || !strings.Contains(out, "$"+s.variable) {
			t.Errorf("%s or $%s is not in the help", s.flag, s.variable)
		}
	}
	for _, name := range []string{"serve", "demo", "healthcheck", "127.0.0.1:8080", "https://ycm.yeastar.com"} {
		if !strings.Contains(out, name) {
			t.Errorf("%s is not in the help", name)
		}
	}
}

func TestAnUnknownCommandOrFlagIsRefused(t *testing.T) {
	for _, args := range [][]string{{"frobnicate"}, {"--frobnicate"}, {"serve", "--ycm-rate", "many"}, {"--reconcile-interval=soon"}} {
		code, out, errs := typed(t, t.Context(), "", args...)
		if code != 1 || out != "" || !strings.HasPrefix(errs, "cordboard: ") {
			t.Errorf("%v: exit code %d, out %q, errors %q", args, code, out, errs)
		}
	}
}

func TestServeIsTheDefaultAndTellsABadSetting(t *testing.T) {
	for _, args := range [][]string{nil, {"serve"}} {
		code, _, errs := typed(t, t.Context(), "", append(args, "--listen", "nowhere", "--data", t.TempDir())...)
		if code != 1 || !strings.Contains(errs, "--listen (CORDBOARD_LISTEN)") {
			t.Errorf("%v: exit code %d: %s", args, code, errs)
		}
	}
}

func TestHealthcheckAsksTheServerWhetherItIsReady(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/readyz" {
			t.Errorf("it asks %s %s", r.Method, r.URL)
		}
		w.WriteHeader(status)
	}))
	listen := server.Listener.Addr().String()
	if code, out, errs := typed(t, t.Context(), "", "healthcheck", "--listen", listen); code != 0 || out != "ready\n" {
		t.Errorf("ready: exit code %d, %s", code, errs)
	}
	status = http.StatusServiceUnavailable
	if code, _, errs := typed(t, t.Context(), "", "healthcheck", "--listen", listen); code != 1 || !strings.Contains(errs, "503") {
		t.Errorf("not ready: exit code %d, %s", code, errs)
	}
	server.Close()
	if code, _, errs := typed(t, t.Context(), "", "healthcheck", "--listen", listen); code != 1 || !strings.Contains(errs, "healthcheck") {
		t.Errorf("gone: exit code %d, %s", code, errs)
	}
	if code, _, errs := typed(t, t.Context(), "", "healthcheck", "--listen", "x"); code != 1 || !strings.Contains(errs, "--listen") {
		t.Errorf("a bad address: exit code %d, %s", code, errs)
	}
}

func TestHealthcheckDoesNotGoThroughAProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://192.0.2.1:3128")
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	if _, _, errs := typed(t, t.Context(), "", "healthcheck", "--listen", server.Listener.Addr().String()); !strings.Contains(errs, "404") {
		t.Errorf("it did not reach the server: %s", errs)
	}
}

func TestAServerOnAllAddressesIsAskedOnLoopback(t *testing.T) {
	for listen, want := range map[string]string{
		":8080": "127.0.0.1:8080", "0.0.0.0:8080": "127.0.0.1:8080", "[::]:8080": "[::1]:8080",
		"192.0.2.1:80": "192.0.2.1:80", "localhost:80": "localhost:80",
	} {
		if got := reachable(listen); got != want {
			t.Errorf("reachable(%q) = %q, want %q", listen, got, want)
		}
	}
}

// until is a writer that calls seen once when everything written contains text.
type until struct {
	bytes.Buffer
	text string
	seen func()
}

func (u *until) Write(p []byte) (int, error) {
	n, err := u.Buffer.Write(p)
	if u.seen != nil && strings.Contains(u.String(), u.text) {
		u.seen()
		u.seen = nil
	}
	return n, err
}

func TestTheDemoPrintsItsAddressAndSignInAndLeavesNothingBehind(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, errs := &until{text: "Ctrl-C", seen: cancel}, &bytes.Buffer{}
	code := execute(ctx, []string{"demo", "--listen", "127.0.0.1:0", "--data", filepath.Join(temporary, "real")}, strings.NewReader(""), out, errs)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	for _, text := range []string{"http://127.0.0.1:", demoUsername, demoPassword} {
		if !strings.Contains(out.String(), text) {
			t.Errorf("%q is not printed:\n%s", text, out)
		}
	}
	left, err := os.ReadDir(temporary)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", fmt.Sprint(left), err)
	}
}

func TestTheNameAndPasswordOfANewSignInAreChecked(t *testing.T) {
	for _, c := range []struct{ name, in, says string }{
		{"an na", "twelve chars\n", "A username has"},
		{"anna", "", "at least 12"},
		{"anna", "short\n", "at least 12"},
		{"anna", "\ntwelve chars\n", "at least 12"},
		{"anna", strings.Repeat("ab c", 3000), "more than 128"},
	} {
		_, hash, err := newSignIn(t.Context(), c.name, streams{in: strings.NewReader(c.in)})
		if err == nil || !strings.Contains(plain(err), c.says) || hash != "" {
			t.Errorf("%q with %.20q: %v, want an error that says %q", c.name, c.in, err, c.says)
		}
	}
}

func TestThePasswordIsTheFirstLineOfStandardInput(t *testing.T) {
	hasher, err := team.NewHasher()
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []string{"twelve chars", "twelve chars\n", "twelve chars\r\n", "twelve chars\nand more\n"} {
		name, hash, err := newSignIn(t.Context(), " Anna ", streams{in: strings.NewReader(in)})
		if err != nil || name != "anna" {
			t.Errorf("%q: %q, %v", in, name, err)
			continue
		}
		if err := hasher.Verify(t.Context(), "twelve chars", hash); err != nil {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestABadUserCommandIsRefused(t *testing.T) {
	for _, args := range [][]string{{"user"}, {"user", "add"}, {"user", "add", "anna"}, {"user", "add", "anna", "--role", "root"}, {"user", "passwd"}} {
		if code, out, errs := typed(t, t.Context(), "twelve chars\n", append(args, "--data", t.TempDir())...); code != 1 || out != "" || errs == "" {
			t.Errorf("%v: exit code %d, %s %s", args, code, out, errs)
		}
	}
}
