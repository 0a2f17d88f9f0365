package station_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/station"
	"cordboard/yeastar"
	"cordboard/yeastar/yeastartest"
)

// The tests below kill a real process. The process is this test binary, started again with an
// environment variable that says what it shall do.
const childVariable = "CORDBOARD_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childVariable) {
	case "confirm":
		childConfirms()
	case "listen":
		childListens()
	case "wide":
		childWide()
	case "bulk":
		childCarriesOut()
	case "move":
		childMoves()
	case "create":
		childCreates()
	default:
		os.Exit(m.Run())
	}
}

// child starts this binary again. kill ends it as a power cut ends a process.
func child(t *testing.T, role string, env ...string) (lines *bufio.Scanner, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), childVariable+"="+role), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	kill = func() { once.Do(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }) }
	t.Cleanup(kill)
	return bufio.NewScanner(out), kill
}

func childStation() *station.Station {
	sim := os.Getenv("SIM")
	config := vendorAt(sim)
	config.WriteTimeout = time.Minute
	s, err := station.Open(context.Background(), station.Config{
		Database: os.Getenv("DATABASE"), Vendor: config, WebhookSecrets: []yeastar.Secret{yeastar.NewSecret(secret)},
		Log: slog.New(slog.DiscardHandler), Follow: 1500 * time.Millisecond, Look: 5 * time.Millisecond,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
	return s
}

// childConfirms confirms a plan and never gets to the end of it.
func childConfirms() {
	s := childStation()
	_, err := s.Changer.Confirm(context.Background(), audit.By{Actor: "ana"}, fleet.PlanID(os.Getenv("PLAN")), change.Consent{})
	fmt.Println("ended", err)
}

// childListens takes deliveries until it is killed.
func childListens() {
	s := childStation()
	s.Start(context.Background())
	h := &house{Station: s}
	server := &http.Server{Addr: "127.0.0.1:0", Handler: http.HandlerFunc(h.accept)}
	listener, err := listen()
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
	fmt.Println(listener.Addr())
	_ = server.Serve(listener)
}

func TestHazardCrashBetweenPUTAndCommit(t *testing.T) {
	for name, c := range map[string]struct {
		fault yeastartest.Fault
		want  plan.Status
	}{
		"the write was applied":     {yeastartest.DelayAfterCommit(3 * time.Second), plan.Applied},
		"the write was not applied": {yeastartest.Status(500, ""), plan.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			h := build(t)
			p := h.draft(bindExample)
			h.sim.RemoveWebhooks()
			h.close()
			h.sim.Fail(yeastartest.Match{Method: "PUT"}, c.fault)
			if c.want == plan.Failed { // the child hangs in reading back
				h.sim.Fail(yeastartest.Match{Method: "GET", PathPrefix: "/dm/open_api/v1/cloud_pbx/instances/4808", Nth: 2, Times: -1}, yeastartest.Delay(3*time.Second))
			}
			_, kill := child(t, "confirm", "SIM="+h.sim.URL(), "DATABASE="+h.path, "PLAN="+string(p.ID))
			h.eventually("the write is out", func() bool { return h.sent(acmeHQ) == 1 })
			if c.want == plan.Applied {
				h.eventually("the cloud has applied it", func() bool { return h.cloud(acmeHQ).Equal(p.After) })
			}
			kill()
			h.sim.ClearFaults()

			h.open() // Start recovers
			_, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: bakery, Bind: []fleet.Binding{pair(headed, 50061)}, Headers: &[]fleet.Header{}})
			if err != nil {
				t.Errorf("another PBX is held up: %v", err)
			}
			h.eventually("the plan is settled", func() bool {
				stored, err := h.DB.Plan(t.Context(), p.ID)
				return err == nil && stored.Status == c.want
			})
			if h.sent(acmeHQ) != 1 {
				t.Errorf("%d PUTs: recovery sent something", h.sent(acmeHQ))
			}
			if got := h.outcomes(p.ID); len(got) != 3 || got[1] != audit.Intended || got[2] == audit.Intended {
				t.Errorf("audit outcomes: %v", got)
			}
		})
	}
}

func TestHazardKillInABurstOfWebhooksLosesNoAcknowledgedOne(t *testing.T) {
	h := build(t)
	h.close()
	defer h.open() // for the cleanup
	base := time.Now().Add(-time.Hour)
	acknowledged := 0
	for round := range 6 {
		lines, kill := child(t, "listen", "SIM="+h.sim.URL(), "DATABASE="+h.path)
		if !lines.Scan() {
			t.Fatal("the child does not listen")
		}
		url := "http://" + lines.Text()
		var wg sync.WaitGroup
		var mu sync.Mutex
		stop := make(chan struct{})
		for worker := range 8 {
			wg.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					at := base.Add(time.Duration(round*100_000+worker*10_000+i) * time.Millisecond)
					body := yeastartest.ReportBody(h.report(acmeHQ, yeastartest.EventDIDChange, at, yeastartest.Binding{Trunk: int64(london), DID: 50030 + int64(i%20)}))
					r, err := yeastartest.SignedRequest(t.Context(), url, secret, body)
					if err != nil {
						return
					}
					answer, err := http.DefaultClient.Do(r)
					if err != nil {
						return
					}
					answer.Body.Close()
					if answer.StatusCode == http.StatusOK {
						mu.Lock()
						acknowledged++
						mu.Unlock()
					}
				}
			})
		}
		time.Sleep(time.Duration(30+rand.IntN(120)) * time.Millisecond)
		kill()
		close(stop)
		wg.Wait()
	}
	s, err := station.Open(t.Context(), station.Config{Database: h.path, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for {
		n, err := s.Ingester.Digest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	counts, err := s.DB.DeliveryCounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for _, n := range counts {
		kept += n
	}
	if acknowledged == 0 || kept < acknowledged {
		t.Fatalf("%d deliveries were acknowledged and %d kept", acknowledged, kept)
	}
	row, err := s.DB.PBX(t.Context(), acmeHQ)
	if err != nil || row.Snapshots < acknowledged {
		t.Errorf("%d snapshots of %d acknowledged reports, %v", row.Snapshots, acknowledged, err)
	}
	t.Logf("%d acknowledged, %d kept: %v", acknowledged, kept, counts)
}

func TestHazardDatabaseLockedAnswers503AndRecovers(t *testing.T) {
	h := build(t)
	report := func(i int) []byte {
		return yeastartest.ReportBody(h.report(acmeHQ, yeastartest.EventDIDChange, time.Now().Add(time.Duration(i)*time.Millisecond), at(london, 50030)))
	}
	h.post(report(0))
	h.settled()
	blocked, err := lockDatabase(h.path)
	if err != nil {
		t.Fatal(err)
	}
	code := h.postAs(secret, report(1))
	if err := blocked(); err != nil {
		t.Fatal(err)
	}
	if code != http.StatusServiceUnavailable {
		t.Errorf("while the database was locked the door answered %d", code)
	}
	h.post(report(2))
	h.settled()
}

func TestTheDatabaseFileHoldsNoSecretInClear(t *testing.T) {
	h := sealing(t)
	h.sim.ExpireTokens() // what follows begins with a refresh
	if _, err := h.confirm(h.draft(bindExample)); err != nil {
		t.Fatal(err)
	}
	h.settled()
	marked := []string{secret, yeastartest.DefaultClientSecret, "hush-london"}
	for _, r := range h.sim.Requests() {
		if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			marked = append(marked, token)
		}
		if form, err := url.ParseQuery(string(r.Body)); err == nil && form.Has("refresh_token") {
			marked = append(marked, form.Get("refresh_token"))
		}
	}
	h.wantTokens(2)
	h.close()
	defer h.open()
	files, err := filepath.Glob(h.path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range marked {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s holds %q", filepath.Base(file), secret)
			}
		}
	}
}

func TestRandomFleetsNeverLoseAPair(t *testing.T) {
	for seed := range uint64(25) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			randomFleet(t, rand.New(rand.NewPCG(seed, 7)))
		})
	}
}

// randomFleet makes random changes from both sides and holds every one of our writes against
// the promise: what the request did not name is still bound afterwards.
func randomFleet(t *testing.T, r *rand.Rand) {
	h := build(t)
	var all []fleet.Binding
	for _, d := range []fleet.DIDID{50033, 50034, 50035, 50036, 50037, 50070} {
		all = append(all, pair(london, d))
	}
	all = append(all, pair(peer, 50050), pair(peer, 50051), pair(peer, 50070))
	for range 12 {
		now := h.cloud(acmeHQ)
		if r.IntN(2) == 0 {
			var opts []yeastartest.Option
			if r.IntN(2) == 0 {
				opts = append(opts, yeastartest.Quiet)
			}
			var pairs []yeastartest.Binding
			for _, b := range all {
				if r.IntN(2) == 0 {
					pairs = append(pairs, yeastartest.Binding{Trunk: int64(b.Trunk), DID: int64(b.DID)})
				}
			}
			if len(pairs) > 0 {
				h.sim.Rebind(int64(acmeHQ), pairs, opts...)
				h.settled() // a report that comes between a plan and its confirmation rightly stops it
			}
			continue
		}
		ask := change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{all[r.IntN(len(all))]}}
		if r.IntN(2) == 0 && now.Len() > 2 {
			ask.Unbind = []fleet.Binding{now.Pairs()[r.IntN(now.Len())]}
		}
		p, err := h.Changer.Draft(t.Context(), ana, ask)
		if err != nil {
			continue // refused: nothing is lost
		}
		if _, err := h.confirm(p); err != nil {
			t.Fatalf("nobody else was there, but: %v", err)
		}
		for _, b := range now.Pairs() {
			onTheirWord := slices.ContainsFunc(p.Stated, func(s fleet.Binding) bool { return s.DID == b.DID })
			if !onTheirWord && !slices.Contains(ask.Unbind, b) && !h.cloud(acmeHQ).Has(b) {
				t.Fatalf("%v was lost: it was bound, and %+v did not name it", b, ask)
			}
		}
	}
}
