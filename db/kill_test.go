package db_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/fleet"
)

// storeIn makes the test binary the process that is killed: it stores deliveries in the database of
// this path, prints the id of each one that was acknowledged, and digests and packs beside.
const storeIn = "CORDBOARD_TEST_STORE_IN"

func TestMain(m *testing.M) {
	if path := os.Getenv(storeIn); path != "" {
		if err := storeForEver(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func storeForEver(path string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{Path: path})
	if err != nil {
		return err
	}
	if _, err := d.KeepPBXs(ctx, []fleet.PBX{acme}, time.Now()); err != nil {
		return err
	}
	failed := make(chan error, 10)
	var print sync.Mutex
	for worker := range 8 {
		go func() {
			for i := 0; ; i++ {
				id, err := d.Store(ctx, reportBody(acme.Serial, int64(worker+8*i)+1, int64(i), int64(i+1)), time.Now())
				if err != nil {
					failed <- err
					return
				}
				print.Lock()
				fmt.Printf("%d %d\n", id, worker+8*i)
				print.Unlock()
			}
		}()
	}
	go func() {
		for {
			_, err := d.Digest(ctx, 20, func(ctx context.Context, raw fleet.RawDelivery, h *db.History) (fleet.Settled, error) {
				report := told{raw.ID, setOf(pair(1, raw.ID%7), pair(2, raw.ID%5))}.report()
				_, id, err := arrive(ctx, h, acme.ID, report)
				return fleet.Settled{State: fleet.DeliveryDigested, Elements: []fleet.Element{{Serial: acme.Serial, Snapshot: id, State: fleet.DeliveryDigested}}}, err
			})
			if err == nil {
				_, err = d.Pack(ctx, 20)
			}
			if err != nil {
				failed <- err
				return
			}
		}
	}()
	return <-failed
}

// TestHazardKillInABurstOfWebhooksLosesNoAcknowledgedOne is goal R1: kill -9 at random moments. More
// rounds: CORDBOARD_KILLS.
func TestHazardKillInABurstOfWebhooksLosesNoAcknowledgedOne(t *testing.T) {
	rounds := 8
	if n, err := strconv.Atoi(os.Getenv("CORDBOARD_KILLS")); err == nil {
		rounds = n
	}
	path := filepath.Join(t.TempDir(), "cordboard.db")
	acknowledged := make(map[int64]string)
	for range rounds {
		for id, key := range burst(t, path, 20*time.Millisecond+rand.N(150*time.Millisecond)) {
			if old, ok := acknowledged[id]; ok && old != key {
				t.Errorf("the id %d was given twice", id)
			}
			acknowledged[id] = key
		}
	}
	if len(acknowledged) < rounds {
		t.Fatalf("only %d deliveries were acknowledged in %d rounds", len(acknowledged), rounds)
	}
	d := dbtest.Open(t, path, nil)
	for id := range acknowledged {
		if _, body, err := d.Delivery(t.Context(), id); err != nil || !strings.Contains(string(body), acme.Serial) {
			t.Fatalf("delivery %d was acknowledged and is lost: %v", id, err)
		}
	}
	if verdict, err := d.Integrity(t.Context()); err != nil || verdict != "ok" {
		t.Errorf("%s %v", verdict, err)
	}
	counts, err := d.DeliveryCounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	page, err := d.Snapshots(t.Context(), acme.ID, fleet.PageRequest{})
	if err != nil || page.Total != counts[fleet.DeliveryDigested] {
		t.Errorf("%d snapshots of %d digested deliveries, %v", page.Total, counts[fleet.DeliveryDigested], err)
	}
	t.Logf("%d acknowledged, %d digested", len(acknowledged), counts[fleet.DeliveryDigested])
}

// burst runs the storing process, kills it some time after its first acknowledgement, and answers
// with what it acknowledged.
func burst(t *testing.T, path string, after time.Duration) map[int64]string {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), binary)
	child.Env = append(os.Environ(), storeIn+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	got := make(map[int64]string)
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // killed; a line that was cut off was never an acknowledgement
		}
		var id int64
		var key string
		if _, err := fmt.Sscan(line, &id, &key); err != nil {
			t.Errorf("line %q: %v", line, err)
		}
		if got[id] = key; len(got) == 1 {
			time.AfterFunc(after, func() {
				if err := child.Process.Kill(); err != nil {
					t.Errorf("kill: %v", err)
				}
			})
		}
	}
	if err := child.Wait(); err == nil {
		t.Error("the process ended by itself")
	}
	return got
}
