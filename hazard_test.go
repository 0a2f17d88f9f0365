package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/db/dbtest/disk"
	"cordboard/yeastar"
	"cordboard/yeastar/yeastartest"
)

// trouble is a server that works, with somebody signed in and a plan to confirm, before something happens to its disk.
type trouble struct {
	t    *testing.T
	c    config
	sim  *yeastartest.Server
	at   string
	root *http.Client
	plan string
}

func beforeTrouble(t *testing.T) *trouble {
	t.Helper()
	x := &trouble{t: t}
	x.c, x.sim = connected(t)
	x.c.WebhookSecret = yeastar.NewSecret(hookSecret)
	x.at, _ = boot(t, x.c)
	x.root = browser(t, x.at, "root", somePassword)
	if status, body := sendForm(t, x.root, x.at+"/api/v1/reconcile", ""); status != http.StatusOK {
		t.Fatalf("reconcile: %d %s", status, body)
	}
	_, body := sendForm(t, x.root, x.at+"/api/v1/pbxs/4808/plans", `{"bind":[{"trunk_id":6681,"did_id":50032}]}`)
	var p struct{ ID string }
	if err := json.Unmarshal([]byte(body), &p); err != nil || p.ID == "" {
		t.Fatalf("%s: %v", body, err)
	}
	x.plan = p.ID
	x.reports(http.StatusOK, 0)
	return x
}

func (x *trouble) reports(want, n int) {
	x.t.Helper()
	if status := report(x.t, x.sim, x.at, n); status != want {
		x.t.Errorf("a report: %d, want %d", status, want)
	}
}

// refuses checks that nothing can be written, that everybody is told why in these words, and that people still read.
func (x *trouble) refuses(words string) {
	x.t.Helper()
	var all sync.WaitGroup // together: where the database is locked, each waits for it a while
	all.Go(func() { x.reports(http.StatusServiceUnavailable, 1) })
	for path, form := range map[string]string{
		"/api/v1/pbxs/4808/plans":       `{"bind":[{"trunk_id":6681,"did_id":50033}]}`,
		"/plans/" + x.plan + "/confirm": "",
		"/plans/" + x.plan + "/discard": "",
		"/numbers/50030/protection":     "protect=yes&protected=true",
	} {
		all.Go(func() {
			if status, body := sendForm(x.t, x.root, x.at+path, form); status != http.StatusServiceUnavailable || !strings.Contains(body, words) {
				x.t.Errorf("%s: %d, and does not say %q: %.3000s", path, status, words, body[strings.Index(body+"<main", "<main"):])
			}
		})
	}
	all.Wait()
	if n := x.sim.CountPUTs(4808); n != 0 {
		x.t.Errorf("%d writes were sent that could not be recorded first", n)
	}
	for _, path := range []string{"/", "/pbx", "/pbx/4808", "/plans/" + x.plan, "/audit", "/webhooks", "/healthz", "/readyz"} {
		response, err := x.root.Get(x.at + path)
		if err != nil {
			x.t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			x.t.Errorf("reading %s: %d", path, response.StatusCode)
		}
	}
}

// recovers checks that everything works again without a start, and that what is kept is whole.
func (x *trouble) recovers() {
	x.t.Helper()
	x.reports(http.StatusOK, 2)
	if status, body := sendForm(x.t, x.root, x.at+"/api/v1/plans/"+x.plan+"/confirm", "{}"); status != http.StatusOK || !strings.Contains(body, `"status":"applied"`) {
		x.t.Errorf("the plan afterwards: %d %s", status, body)
	}
	if n := len(x.sim.Bindings(4808)); n != 3 {
		x.t.Errorf("the cloud holds %d pairs", n)
	}
	if code, out, errs := typed(x.t, x.t.Context(), "", "verify", "--data", x.c.Data); code != 0 {
		x.t.Errorf("verify: %d %s %s", code, out, errs)
	}
}

func TestHazardAFullDiskIsToldAndTheServerGoesOnWhenThereIsRoom(t *testing.T) {
	platter := disk.Insert(t)
	x := beforeTrouble(t)
	platter.Fill()
	x.refuses("The disk is full; nothing was stored. Make room and try again.")
	platter.Mend()
	x.recovers()
}

func TestHazardADiskThatTakesNoWritesIsToldAndTheServerGoesOnWhenItDoes(t *testing.T) {
	platter := disk.Insert(t)
	x := beforeTrouble(t)
	platter.Protect()
	x.refuses("The disk reported an error; nothing was stored.")
	platter.Mend()
	x.recovers()
}

func TestHazardADatabaseThatAnotherProcessLocksIsToldAndTheServerGoesOnWhenItIsFree(t *testing.T) {
	t.Parallel() // it waits for its locks
	x := beforeTrouble(t)
	other := child(t, "lock", x.c.database())
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	x.refuses("The database is locked by another process; nothing was stored. Try again in a moment.")
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait()
	x.recovers()
}

// lockUntilTheEnd takes SQLite's write lock, says so and keeps it.
func lockUntilTheEnd(path string) (code int) {
	pool, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(5000)")
	if err == nil {
		_, err = pool.Begin()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("locked")
	time.Sleep(4 * patience)
	return 0
}

// nobody owns nothing, on every system that we run on.
const nobody = 65534

func TestHazardADataFolderThatCantBeWrittenIsToldAtTheStart(t *testing.T) {
	c := good(t)
	folder, err := os.MkdirTemp("", "cordboard-readonly-") // whose way a stranger may go, unlike a test's own
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	c.Data = filepath.Join(folder, "data")
	_, stop := boot(t, c)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	before := contents(t, c.Data)
	give := func(mode os.FileMode) error {
		var all error
		if os.Getuid() == 0 { // for whom modes mean nothing: the child becomes nobody
			for _, file := range append([]string{""}, names(before)...) {
				all = errors.Join(all, os.Chown(filepath.Join(c.Data, file), nobody, nobody))
			}
		}
		return errors.Join(all, os.Chmod(folder, 0o755), os.Chmod(c.Data, mode))
	}
	if err := give(0o500); err != nil {
		t.Fatal(err)
	}
	start := func() (code int, text string) {
		cmd := child(t, "program", "--listen", "127.0.0.1:0", "--data", c.Data)
		cmd.Env = append(cmd.Env, asNobody+"=yes")
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Fatalf("it ended with 0: %s", out)
		}
		return cmd.ProcessState.ExitCode(), string(out)
	}
	if code, text := start(); code != 1 || !strings.Contains(text, "Check the rights of the data folder") {
		t.Errorf("a folder that can't be written: %d %s", code, text)
	}
	if after := contents(t, c.Data); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Error("something was changed")
	}
	if err := give(0o700); err != nil {
		t.Fatal(err)
	}
	boot(t, c)
}

func names(files map[string]string) (all []string) {
	for name := range files {
		all = append(all, name)
	}
	return all
}

// contents is what a folder holds.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		f, err := os.Open(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}
