package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/yeastar"
	"cordboard/yeastar/yeastartest"
	"cordboard/yeastar/yeastartest/demofleet"
)

// visitor is somebody who started the demo and signed in.
type visitor struct {
	t      *testing.T
	base   string
	client *http.Client
	stop   func() error
}

// startDemo runs the demo as the command does and signs in with what it prints.
func startDemo(t *testing.T) visitor {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out := &terminalOutput{found: make(chan []string, 1)}
	done := make(chan error, 1)
	go func() {
		done <- demoCommand{}.Run(ctx, config{Listen: "127.0.0.1:0", Log: "text"}, streams{in: strings.NewReader(""), out: out, err: io.Discard})
	}()
	stop := sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(patience):
			return errors.New("the demo does not stop")
		}
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := visitor{t: t, client: &http.Client{Jar: jar, Timeout: patience}, stop: stop}
	select {
	case printed := <-out.found:
		v.base = printed[1]
		v.signIn(printed[2], printed[3])
	case err := <-done:
		done <- err
		t.Fatalf("the demo ended: %v", err)
	case <-time.After(4 * patience): // it plays months of history first
		t.Fatal("the demo does not open")
	}
	return v
}

// terminalOutput waits for the address and the sign-in that the demo prints.
type terminalOutput struct {
	mu    sync.Mutex
	text  bytes.Buffer
	found chan []string
}

var welcomed = regexp.MustCompile(`Cordboard demo:\s+(http://\S+)\s+username:\s+(\S+)\s+password:\s+(\S+)\s`)

func (o *terminalOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	if found := welcomed.FindStringSubmatch(o.text.String()); found != nil {
		select {
		case o.found <- found:
		default:
		}
	}
	return len(p), nil
}

func (v visitor) signIn(name, password string) {
	v.t.Helper()
	response, err := v.client.PostForm(v.base+"/login", url.Values{"username": {name}, "password": {password}})
	if err != nil {
		v.t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Request.URL.Path != "/" {
		v.t.Fatalf("signed in: %s at %s", response.Status, response.Request.URL)
	}
}

// listed is a list of the JSON surface.
type items[T any] struct {
	Items []T `json:"items"`
	Total int `json:"total"`
}

func fetch[T any](v visitor, path string) T {
	v.t.Helper()
	return send[T](v, http.MethodGet, path, "", http.StatusOK)
}

func send[T any](v visitor, method, path, body string, want int) (out T) {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), method, v.base+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := v.client.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != want {
		v.t.Fatalf("%s %s: %s %s %v", method, path, response.Status, text, err)
	}
	if err := json.Unmarshal(text, &out); err != nil {
		v.t.Fatalf("%s %s: %v\n%s", method, path, err, text)
	}
	return out
}

type demoPBX struct {
	ID               int64
	Name, Region     string
	Status, Firmware string
	Sync             struct{ State string }
}

type demoPlan struct {
	ID, Status, Author string
	Risk               struct{ Level string }
}

type demoSnapshot struct {
	ID     string
	SeenAt time.Time `json:"seen_at"`
	Count  int
}

// count says how many of the items have each value.
func count[T any](all []T, value func(T) string) map[string]int {
	counts := map[string]int{}
	for _, item := range all {
		counts[value(item)]++
	}
	return counts
}

// has complains about values that no item has.
func has(t *testing.T, what string, counts map[string]int, values ...string) {
	t.Helper()
	for _, value := range values {
		if counts[value] == 0 {
			t.Errorf("%s: none is %q, there is %v", what, value, counts)
		}
	}
}

func TestTheDemoOpensOnACompanysDayAndStaysAlive(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	opened := time.Now()
	v := startDemo(t)

	t.Run("a mixed fleet", func(t *testing.T) {
		pbxs := fetch[items[demoPBX]](v, "/pbxs?page_size=200")
		if pbxs.Total < 40 || len(pbxs.Items) != pbxs.Total {
			t.Errorf("%d of %d PBXs", len(pbxs.Items), pbxs.Total)
		}
		if regions := count(pbxs.Items, func(p demoPBX) string { return p.Region }); len(regions) != 3 {
			t.Errorf("regions %v", regions)
		}
		has(t, "status", count(pbxs.Items, func(p demoPBX) string { return p.Status }), "Running", "Stopped", "Provisioning")
		has(t, "state", count(pbxs.Items, func(p demoPBX) string { return p.Sync.State }), "in_sync", "drifted", "unknown", "gone")
	})
	t.Run("months of history", func(t *testing.T) {
		snapshots := fetch[items[demoSnapshot]](v, "/pbxs/4714/snapshots?page_size=200").Items
		if n := len(snapshots); n < 5 || opened.Sub(snapshots[n-1].SeenAt) < 6*30*24*time.Hour {
			t.Errorf("%d snapshots, the oldest is of %v", n, snapshots[max(n-1, 0)].SeenAt)
		}
	})
	t.Run("plans of every kind", func(t *testing.T) {
		plans := fetch[items[demoPlan]](v, "/plans?page_size=200").Items
		has(t, "plan", count(plans, func(p demoPlan) string { return p.Status }), "draft", "applied", "stale", "failed", "expired", "void")
		has(t, "author", count(plans, func(p demoPlan) string { return p.Author }), "ana", "tom", "mira")
		if !slices.ContainsFunc(plans, func(p demoPlan) bool { return p.Status == "draft" && p.Risk.Level == "danger" }) {
			t.Error("no dangerous draft waits")
		}
	})
	t.Run("deliveries that ask for a look", func(t *testing.T) {
		for _, state := range []string{"digested", "duplicate", "late", "parked", "dead"} {
			if n := fetch[items[json.RawMessage]](v, "/webhooks?state="+state).Total; n == 0 {
				t.Errorf("no delivery is %s", state)
			}
		}
	})
	t.Run("the vendor's example works", func(t *testing.T) {
		draft := send[demoPlan](v, http.MethodPost, fmt.Sprintf("/pbxs/%d/plans", demofleet.ExamplePBX), fmt.Sprintf(
			`{"bind":[{"trunk_id":%[1]d,"did_id":%[2]d},{"trunk_id":%[1]d,"did_id":%[3]d}]}`, demofleet.ExampleTrunk, demofleet.ExampleDIDA, demofleet.ExampleDIDB), http.StatusCreated)
		if applied := send[demoPlan](v, http.MethodPost, "/plans/"+draft.ID+"/confirm", `{}`, http.StatusOK); applied.Status != "applied" {
			t.Errorf("it ended as %s", applied.Status)
		}
	})
	t.Run("what a restore took can be put back", func(t *testing.T) {
		before := fetch[items[demoSnapshot]](v, "/pbxs/4717/snapshots?page_size=2").Items
		if before[0].Count != 0 || before[1].Count == 0 {
			t.Fatalf("from %d to %d bindings", before[1].Count, before[0].Count)
		}
		draft := send[demoPlan](v, http.MethodPost, "/pbxs/4717/plans", `{"undo_to":"`+before[1].ID+`"}`, http.StatusCreated)
		if applied := send[demoPlan](v, http.MethodPost, "/plans/"+draft.ID+"/confirm", `{"reason":"the restore lost them"}`, http.StatusOK); applied.Status != "applied" {
			t.Errorf("it ended as %s", applied.Status)
		}
	})
	t.Run("live reports", func(t *testing.T) {
		type delivery struct {
			ReceivedAt time.Time `json:"received_at"`
			State      string
			Elements   []struct{ Serial string }
		}
		deadline := time.Now().Add(patience)
		for {
			newest := fetch[items[delivery]](v, "/webhooks?page_size=10").Items
			// The echoes of this test's own two plans are not the colleague's work.
			live := slices.DeleteFunc(newest, func(d delivery) bool { return d.ReceivedAt.Before(opened) || d.State == "stored" })
			if len(live) > 2 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("nothing happens: %+v", newest)
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
	if err := v.stop(); err != nil {
		t.Errorf("the demo ended with %v", err)
	}
	if _, err := v.client.Get(v.base + "/healthz"); err == nil {
		t.Error("it still answers")
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("it left %v %v", left, err)
	}
}

func TestWhatTheDemoRecordedIsWhatHappenedToItsFleet(t *testing.T) {
	account, err := demofleet.New(demoSeed, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	vendor, err := account.Vendor().Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(account.Vendor().Close(), account.Vendor().Err()); err != nil {
			t.Error(err)
		}
	})
	c := config{Data: t.TempDir(), Log: "text"}.forDemo(vendor)
	if err := playHistory(t.Context(), c, account); err != nil {
		t.Fatal(err)
	}
	record, err := db.Open(t.Context(), db.Config{Path: c.database(), Log: newLog(c, io.Discard)})
	if err != nil {
		t.Fatal(err)
	}
	defer record.Close()
	for _, p := range account.Vendor().PBXs() {
		known, err := record.Known(t.Context(), fleet.PBXID(p.ID))
		if err != nil {
			t.Fatal(err)
		}
		there := fleet.NewBindingSet(pairs(account.Vendor().Bindings(p.ID))...)
		if known.Exact() && !known.Set.Equal(there) || len(known.Record().Copies()) != len(there.Copies()) {
			t.Errorf("%s: %d pairs are known, %d are there", p.Name, known.Set.Len(), there.Len())
		}
	}
	if n, err := record.VerifyAudit(t.Context(), audit.Head{}); err != nil || n < 40 {
		t.Errorf("%d good rows in the audit log: %v", n, err)
	}
	if open, err := record.OpenPlans(t.Context()); err != nil || len(open) > 0 {
		t.Errorf("%d plans are open: %v", len(open), err)
	}
	failed, err := record.Plans(t.Context(), plan.Filter{Status: plan.Failed, Page: fleet.PageRequest{Limit: 10}})
	if err != nil || failed.Total != 1 || !strings.Contains(failed.Items[0].Outcome.Sentence, "DATA_ALREADY_EXISTS") {
		t.Errorf("failed plans: %+v %v", failed.Items, err)
	}
}

func TestTheDemoCanNotReachARealVendor(t *testing.T) {
	real := config{
		Listen: "127.0.0.1:9", Data: "/data", YCMURL: "https://ycm.yeastar.com", YCMClientID: "real", YCMClientSecret: yeastar.NewSecret(secretText),
		YCMRate: 3, WebhookSecret: yeastar.NewSecret(secretText), AdminUsername: "real", AdminPassword: yeastar.NewSecret(secretText),
		Key: yeastar.NewSecret(secretText), HomeRegion: "AT", Log: "json",
	}
	demo := real.forDemo("http://127.0.0.1:1")
	if demo.YCMURL != "http://127.0.0.1:1" || demo.YCMClientID != yeastartest.DefaultClientID || demo.AdminUsername != "" || !demo.Key.IsZero() {
		t.Errorf("%+v", demo)
	}
	for _, secret := range []yeastar.Secret{demo.YCMClientSecret, demo.WebhookSecret, demo.AdminPassword, demo.Key} {
		if secret.Reveal() == secretText {
			t.Error("a real secret is left")
		}
	}
	if demo.Listen != real.Listen || demo.Data != real.Data || demo.HomeRegion != "AT" || demo.Log != "json" {
		t.Errorf("what may stay does not: %+v", demo)
	}
	if err := demo.check(); err != nil {
		t.Error(err)
	}
}
