package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/yeastar"
	"cordboard/yeastar/yeastartest"
)

// asChild makes the test binary another process: the program itself, with its command line, or one that locks a database.
const asChild = "CORDBOARD_TEST_CHILD"

// asNobody has the program give root's rights up first.
const asNobody = "CORDBOARD_TEST_NOBODY"

func TestMain(m *testing.M) {
	switch os.Getenv(asChild) {
	case "program":
		if os.Getuid() == 0 && os.Getenv(asNobody) != "" {
			if err := syscall.Setuid(nobody); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(3)
			}
		}
		os.Exit(execute(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	case "lock":
		os.Exit(lockUntilTheEnd(os.Args[1]))
	}
	os.Exit(m.Run())
}

// process is the program in a process of its own, which can be killed.
type process struct {
	url string
	*exec.Cmd
	log *strings.Builder
	// read ends when the log does.
	read chan struct{}
}

// launch starts the server that c describes and waits until it listens.
func launch(t *testing.T, c config) *process {
	t.Helper()
	p := &process{Cmd: child(t, "program", append(c.flags(), "--listen", "127.0.0.1:0", "--ycm-rate", "6000", "--reconcile-interval", "0")...), log: &strings.Builder{}, read: make(chan struct{})}
	p.Env = append(p.Env, "CORDBOARD_WEBHOOK_SECRET="+c.WebhookSecret.Reveal())
	pipe, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	address, listening := make(chan string, 1), regexp.MustCompile(`msg=listening address=(\S+)`)
	go func() {
		defer close(p.read)
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			fmt.Fprintln(p.log, lines.Text())
			if found := listening.FindStringSubmatch(lines.Text()); found != nil {
				address <- found[1]
			}
		}
	}()
	select {
	case at := <-address:
		p.url = "http://" + at
	case <-p.read:
		_ = p.Wait()
		t.Fatalf("the server ended:\n%s", p.log)
	case <-time.After(patience):
		t.Fatal("the server does not start")
	}
	return p
}

func child(t *testing.T, role string, args ...string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = append(os.Environ(), asChild+"="+role)
	return cmd
}

// kept is what the server acknowledged over HTTP.
type kept struct {
	sync.Mutex
	reports map[int64]bool // by their time, which no two have in common
	plans   []fleet.PlanID // applied
	exports int            // acts on record
}

// TestHazardTheServerIsKilledUnderLoadAndNothingAcknowledgedIsLost is the whole program over HTTP: reports that got their
// 200, plans that were told to be applied, and exports, which are on record before they leave. More rounds: CORDBOARD_KILLS.
func TestHazardTheServerIsKilledUnderLoadAndNothingAcknowledgedIsLost(t *testing.T) {
	rounds := 12
	if n, err := strconv.Atoi(os.Getenv("CORDBOARD_KILLS")); err == nil {
		rounds = n
	}
	c, sim := connected(t)
	c.WebhookSecret = yeastar.NewSecret(hookSecret)
	if code, out, errs := typed(t, t.Context(), "", append([]string{"reconcile"}, c.flags()...)...); code != 0 {
		t.Fatalf("reconcile: %s %s", out, errs)
	}
	code, token, errs := typed(t, t.Context(), "", "token", "add", "load", "--role", "operator", "--data", c.Data)
	if code != 0 {
		t.Fatalf("token add: %s", errs)
	}
	all := &kept{reports: map[int64]bool{}}
	for round := range rounds {
		p := launch(t, c)
		ctx, stop := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		for n := range 2 {
			callers.Go(func() { all.sendReports(ctx, sim, p.url, int64(round*2+n)*100_000) })
		}
		callers.Go(func() { all.carryOutPlans(ctx, p.url, strings.TrimSpace(token)) })
		callers.Go(func() { all.export(ctx, p.url, strings.TrimSpace(token)) })
		if applied := all.count(); round%4 == 3 { // plans take the longest: some rounds see one through
			for end := time.Now().Add(patience); all.count() == applied && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
		}
		time.Sleep(10*time.Millisecond + rand.N(200*time.Millisecond))
		if err := p.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		<-p.read
		if err := p.Wait(); err == nil || p.ProcessState.Exited() {
			t.Fatalf("it was not killed: %v\n%s", err, p.log)
		}
		stop()
		callers.Wait()
		all.mustBeIn(t, c.database())
	}
	if len(all.reports) == 0 || len(all.plans) == 0 || all.exports == 0 {
		t.Errorf("only %d reports, %d plans and %d exports were acknowledged", len(all.reports), len(all.plans), all.exports)
	}
	t.Logf("%d kills: %d reports, %d plans, %d exports", rounds, len(all.reports), len(all.plans), all.exports)
}

// count is how many plans were told to be applied.
func (k *kept) count() int {
	k.Lock()
	defer k.Unlock()
	return len(k.plans)
}

// ask sends a request and says what came back; 0 when nothing did.
func ask(ctx context.Context, method, url, token, body string) (status int, text []byte) {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	if text, err = io.ReadAll(response.Body); err != nil {
		return 0, nil
	}
	return response.StatusCode, text
}

func (k *kept) sendReports(ctx context.Context, sim *yeastartest.Server, at string, first int64) {
	e := sim.EventFor(4808, yeastartest.EventDIDChange)
	for n := first; ctx.Err() == nil; n++ {
		e.UpdateTime = 1773105500177 + n
		request, err := yeastartest.SignedRequest(ctx, at+"/hooks/ycm", hookSecret, yeastartest.ReportBody(e))
		if err != nil {
			return
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			k.Lock()
			k.reports[e.UpdateTime] = true
			k.Unlock()
		}
	}
}

// carryOutPlans binds and unbinds a number, over and over.
func (k *kept) carryOutPlans(ctx context.Context, at, token string) {
	for ctx.Err() == nil {
		for _, body := range []string{`{"bind":[{"trunk_id":6681,"did_id":50032}]}`, `{"unbind":[{"trunk_id":6681,"did_id":50032}]}`} {
			_, text := ask(ctx, http.MethodPost, at+"/api/v1/pbxs/4808/plans", token, body)
			var p struct{ ID, Status string }
			if json.Unmarshal(text, &p) != nil || p.ID == "" {
				time.Sleep(time.Millisecond) // there is nothing to do, or a plan of unknown fate comes first
				continue
			}
			status, text := ask(ctx, http.MethodPost, at+"/api/v1/plans/"+p.ID+"/confirm", token, `{"reason":"load"}`)
			if status != http.StatusOK || json.Unmarshal(text, &p) != nil || p.Status != string(plan.Applied) {
				continue
			}
			k.Lock()
			k.plans = append(k.plans, fleet.PlanID(p.ID))
			k.Unlock()
		}
	}
}

func (k *kept) export(ctx context.Context, at, token string) {
	for ctx.Err() == nil {
		if status, _ := ask(ctx, http.MethodGet, at+"/api/v1/audit.jsonl?action=none", token, ""); status == http.StatusOK {
			k.Lock()
			k.exports++
			k.Unlock()
		}
	}
}

// mustBeIn opens the database that was left and looks for everything.
func (k *kept) mustBeIn(t *testing.T, path string) {
	t.Helper()
	ctx := t.Context()
	d, err := db.Open(ctx, db.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.VerifyAudit(ctx, audit.Head{}); err != nil {
		t.Fatalf("audit chain: %v", err)
	}
	if _, err := d.VerifyHistory(ctx); err != nil {
		t.Fatalf("history: %v", err)
	}
	there, stamp := map[int64]bool{}, regexp.MustCompile(`"updateTime":(\d+)`)
	if err := d.WalkBodies(ctx, func(_ fleet.Delivery, body []byte) error {
		n, err := strconv.ParseInt(string(stamp.FindSubmatch(body)[1]), 10, 64)
		there[n] = true
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for at := range k.reports {
		if !there[at] {
			t.Fatalf("the report of %d was acknowledged and is lost", at)
		}
	}
	for _, id := range k.plans {
		if p, err := d.Plan(ctx, id); err != nil || p.Status != plan.Applied {
			t.Fatalf("plan %s was told to be applied and is %q, %v", id, p.Status, err)
		}
	}
	if n, _, err := d.CountAudit(ctx, audit.Filter{Action: string(audit.RecordExport)}); err != nil || n < k.exports {
		t.Fatalf("%d exports on record, %d were given out, %v", n, k.exports, err)
	}
	if left, err := filepath.Glob(path + ".*"); err != nil || len(left) > 0 {
		t.Fatalf("it leaves %v beside the database, %v", left, err)
	}
}
