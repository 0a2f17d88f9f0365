package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/yeastartest"
)

const somePassword = "twelve chars and more"

// connected is a configuration for a simulator with one PBX of two numbers.
func connected(t *testing.T) (config, *yeastartest.Server) {
	t.Helper()
	sim := yeastartest.Start(t, yeastartest.Config{Assumptions: yeastartest.Assumptions{NoRateLimit: true}})
	sim.AddTrunk(yeastartest.Trunk{ID: 6681, Name: "Colt"})
	for id := int64(50030); id < 50040; id++ {
		sim.AddDID(yeastartest.DID{ID: id, Number: "44207945" + time.UnixMilli(id).Format("0405"), Trunks: []int64{6681}})
	}
	sim.AddPBX(yeastartest.PBX{ID: 4808, Name: "Acme HQ", Firmware: "84.20.0.5"})
	sim.Bind(4808, yeastartest.Binding{Trunk: 6681, DID: 50030}, yeastartest.Binding{Trunk: 6681, DID: 50031})
	c := good(t)
	c.YCMURL, c.YCMClientID, c.YCMClientSecret = sim.URL(), yeastartest.DefaultClientID, yeastar.NewSecret(yeastartest.DefaultClientSecret)
	c.AdminUsername, c.AdminPassword, c.ReconcileInterval = "root", yeastar.NewSecret(somePassword), 0
	return c, sim
}

// flags are what a command beside the server is told.
func (c config) flags() []string {
	return []string{"--data", c.Data, "--ycm-url", c.YCMURL, "--ycm-client-id", c.YCMClientID, "--ycm-client-secret", c.YCMClientSecret.Reveal()}
}

func browserOf(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// browser signs in and returns a client that keeps its cookie.
func browser(t *testing.T, at, name, password string) *http.Client {
	t.Helper()
	c := browserOf(t)
	if status, body := sendForm(t, c, at+"/login", url.Values{"username": {name}, "password": {password}}.Encode()); status != http.StatusSeeOther {
		t.Fatalf("%s can't sign in: %d %s", name, status, body)
	}
	return c
}

// sendForm posts a form, or JSON to the paths that take it.
func sendForm(t *testing.T, c *http.Client, at, body string) (status int, text string) {
	t.Helper()
	kind := "application/x-www-form-urlencoded"
	if strings.Contains(at, "/api/") {
		kind = "application/json"
	}
	response, err := c.Post(at, kind, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, string(read)
}

func TestTheCodeOnTheTerminalMakesTheFirstAdmin(t *testing.T) {
	c := good(t)
	setUp := func(typed func(code string) string) (status int) {
		screen, terminal := io.Pipe()
		defer terminal.Close()
		c.terminal = terminal
		at, stop := boot(t, c)
		defer func() {
			if err := stop(); err != nil {
				t.Error(err)
			}
		}()
		found := regexp.MustCompile(`http://(127\.0\.0\.1:\d+)/setup and enter this code:  ([0-9A-Z]{4}-[0-9A-Z]{4})$`)
		for lines := bufio.NewScanner(screen); lines.Scan(); {
			parts := found.FindStringSubmatch(lines.Text())
			if parts == nil {
				continue
			}
			go io.Copy(io.Discard, screen)
			if "http://"+parts[1] != at {
				t.Errorf("it sends people to %s and listens at %s", parts[1], at)
			}
			status, _ = sendForm(t, browserOf(t), at+"/setup", url.Values{"code": {typed(parts[2])}, "username": {"anna"}, "password": {somePassword}}.Encode())
			if status == http.StatusSeeOther {
				browser(t, at, "anna", somePassword)
			}
			return status
		}
		return 0
	}
	var first string
	if status := setUp(func(code string) string { first = code; return "WRONG-ONE" }); status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: %d", status)
	}
	if status := setUp(func(string) string { return first }); status != http.StatusUnprocessableEntity {
		t.Errorf("the code of an earlier start: %d", status)
	}
	if status := setUp(func(code string) string { return code }); status != http.StatusSeeOther {
		t.Errorf("the code: %d", status)
	}
}

func TestUserCommandsWorkBesideTheServer(t *testing.T) {
	c, _ := connected(t)
	at, _ := boot(t, c)
	user := func(in string, args ...string) (int, string, string) {
		return typed(t, t.Context(), in, append(append([]string{"user"}, args...), "--data", c.Data)...)
	}
	if code, out, errs := user(somePassword+"\n", "add", "Anna", "--role", "operator"); code != 0 {
		t.Fatalf("add: %d %s %s", code, out, errs)
	}
	anna := browser(t, at, "anna", somePassword)
	if code, _, errs := user(somePassword+"\n", "add", "anna", "--role", "viewer"); code != 1 || strings.Contains(errs, somePassword) || !strings.Contains(errs, "anna") {
		t.Errorf("a second anna: %d %s", code, errs)
	}
	if code, out, _ := user("", "list"); code != 0 || out != "anna\toperator\nroot\tadmin\n" {
		t.Errorf("list: %d %q", code, out)
	}
	if code, _, errs := user("another long one\n", "passwd", "nobody"); code != 1 || errs == "" {
		t.Errorf("passwd of a stranger: %d %s", code, errs)
	}
	if code, _, errs := user("another long one\n", "passwd", "anna"); code != 0 {
		t.Errorf("passwd: %d %s", code, errs)
	}
	response, err := anna.Get(at + "/api/v1/pbxs")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("anna's session with the old password: %d", response.StatusCode)
	}
	browser(t, at, "anna", "another long one")
}

func TestReconcileTellsWhatItDidByItsExitCodeToo(t *testing.T) {
	c, sim := connected(t)
	at, _ := boot(t, c)
	if code, out, errs := typed(t, t.Context(), "", append([]string{"reconcile"}, c.flags()...)...); code != 0 || !strings.HasPrefix(out, "1 PBX") || !strings.Contains(out, "1 verified") {
		t.Errorf("reconcile: %d %q %s", code, out, errs)
	}
	code, out, errs := typed(t, t.Context(), "", append([]string{"reconcile", "--json"}, c.flags()...)...)
	var report map[string]any
	if err := json.Unmarshal([]byte(out), &report); code != 0 || err != nil {
		t.Fatalf("reconcile --json: %d %q %s, %v", code, out, errs, err)
	}
	for field, want := range map[string]any{"complete": true, "stopped_by": nil, "pbxs": 1.0, "verified": 1.0, "drifted": 0.0, "unknown": 0.0, "snapshots": 0.0} {
		if got, ok := report[field]; !ok || got != want {
			t.Errorf("%s is %v, want %v", field, got, want)
		}
	}
	answer, err := browser(t, at, "root", somePassword).Get(at + "/api/v1/passes")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err != nil || !strings.Contains(string(text), `"why":"command","who":"terminal"`) {
		t.Errorf("the server beside it does not know of the pass: %s, %v", text, err)
	}
	// One PBX alone that can't be read: the pass is complete, and in sync is more than it knows.
	for _, args := range [][]string{{"reconcile"}, {"reconcile", "--json"}} {
		sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: "/dm/open_api/v1/did_management/4808", Times: 1}, yeastartest.VendorCode(yeastartest.CodeInvalidParameter))
		code, out, errs := typed(t, t.Context(), "", append(args, c.flags()...)...)
		if code != 1 || !strings.Contains(errs, "1 of 1 PBXs could not be read") || !strings.Contains(out, "1 could not be read") && !strings.Contains(out, `"unknown":1`) {
			t.Errorf("%v of a PBX that can't be read: %d %q %q", args, code, out, errs)
		}
	}
	sim.ReleaseSilently(4808, []int64{50030})
	if code, out, errs := typed(t, t.Context(), "", append([]string{"reconcile"}, c.flags()...)...); code != 2 || !strings.Contains(out, "1 drifted") || !strings.Contains(out, "(4808): 1 number was removed") {
		t.Errorf("reconcile finds drift: %d %q %s", code, out, errs)
	}
	sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: "/dm/open_api/v1/did_management/4808", Times: 1}, yeastartest.VendorCode(yeastartest.CodeInvalidParameter))
	if code, out, errs := typed(t, t.Context(), "", append([]string{"reconcile"}, c.flags()...)...); code != 2 || !strings.Contains(out, "1 could not be read") {
		t.Errorf("drift that stands, and a PBX that can't be read: %d %q %s", code, out, errs)
	}
	if n := sim.TokensIssued(); n != 1 {
		t.Errorf("three commands took %d token pairs", n)
	}
	sim.Fail(yeastartest.Match{Method: "GET", Times: -1}, yeastartest.VendorCode(yeastartest.CodeAccessDenied)) // what is not tried again
	for _, args := range [][]string{{"reconcile"}, {"reconcile", "--json"}} {
		if code, out, errs := typed(t, t.Context(), "", append(args, c.flags()...)...); code != 1 || errs == "" || strings.Contains(errs, yeastartest.DefaultClientSecret) {
			t.Errorf("%v of a broken cloud: %d %q %q", args, code, out, errs)
		}
	}
	if code, _, errs := typed(t, t.Context(), "", "reconcile", "--data", t.TempDir()); code != 1 || !strings.Contains(errs, "not connected") {
		t.Errorf("without credentials: %d %s", code, errs)
	}
}

func TestABackupOfARunningServerOpensAndHasEverything(t *testing.T) {
	c, _ := connected(t)
	at, stop := boot(t, c)
	root := browser(t, at, "root", somePassword)
	if status, body := sendForm(t, root, at+"/api/v1/reconcile", ""); status != http.StatusOK {
		t.Fatalf("reconcile: %d %s", status, body)
	}
	if status, body := sendForm(t, root, at+"/api/v1/pbxs/4808/plans", `{"bind":[{"trunk_id":6681,"did_id":50032}]}`); status != http.StatusCreated {
		t.Fatalf("plan: %d %s", status, body)
	}
	other := t.TempDir()
	copied := filepath.Join(other, "cordboard.db")
	if code, _, errs := typed(t, t.Context(), "", "backup", copied, "--data", c.Data); code != 0 {
		t.Fatalf("backup: %d %s", code, errs)
	}
	before, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	if code, _, errs := typed(t, t.Context(), "", "backup", copied, "--data", c.Data); code != 1 || errs == "" {
		t.Errorf("over a file that is there: %d %s", code, errs)
	}
	if after, err := os.ReadFile(copied); err != nil || string(after) != string(before) {
		t.Errorf("the file was touched: %v", err)
	}
	for _, folder := range []string{filepath.Join(other, "nothing"), t.TempDir()} {
		empty := filepath.Join(t.TempDir(), "empty.db")
		if code, _, errs := typed(t, t.Context(), "", "backup", empty, "--data", folder); code != 1 || !strings.Contains(errs, "cordboard.db") {
			t.Errorf("of a folder without a database: %d %s", code, errs)
		}
		if _, err := os.Stat(filepath.Join(folder, "cordboard.db")); err == nil {
			t.Error("a database was made, to be backed up")
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	c.Data = other
	at, _ = boot(t, c)
	root = browser(t, at, "root", somePassword)
	for path, want := range map[string]string{"/api/v1/pbxs/4808": `"name":"Acme HQ"`, "/api/v1/audit": `"action":"plan.create"`, "/api/v1/pbxs/4808/bindings": `"did_id":50031`} {
		response, err := root.Get(at + path)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if !strings.Contains(string(text), want) {
			t.Errorf("%s of the copy: %d %s", path, response.StatusCode, text)
		}
	}
}

func TestAStopFinishesAConfirmationUnderWayAndEndsLiveStreams(t *testing.T) {
	c, sim := connected(t)
	at, stop := boot(t, c)
	root := browser(t, at, "root", somePassword)
	_, body := sendForm(t, root, at+"/api/v1/pbxs/4808/plans", `{"bind":[{"trunk_id":6681,"did_id":50032}]}`)
	var plan struct{ ID string }
	if err := json.Unmarshal([]byte(body), &plan); err != nil || plan.ID == "" {
		t.Fatalf("%s: %v", body, err)
	}
	stream, err := root.Get(at + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	lines := bufio.NewReader(stream.Body)
	if line, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(line, "retry:") {
		t.Fatalf("the stream says %q, %v", line, err)
	}
	sim.Fail(yeastartest.Match{Method: "PUT"}, yeastartest.DelayAfterCommit(400*time.Millisecond))
	var all sync.WaitGroup
	all.Go(func() {
		if status, body := sendForm(t, root, at+"/api/v1/plans/"+plan.ID+"/confirm", ""); status != http.StatusOK || !strings.Contains(body, `"status":"applied"`) {
			t.Errorf("the confirmation: %d %s", status, body)
		}
	})
	for end := time.Now().Add(patience); sim.CountPUTs(4808) == 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if err := stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	all.Wait()
	if _, err := io.ReadAll(lines); err != nil {
		t.Errorf("the stream did not end cleanly: %v", err)
	}
	if n := len(sim.Bindings(4808)); n != 3 {
		t.Errorf("the cloud holds %d pairs", n)
	}
}
