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
	"sync"
	"testing"
	"time"

	"cordboard/db"
)

// loadIn makes the test binary the process that is killed: it writes into the database of this path and prints
// what it acknowledged. loadFrom is where its numbers begin; loadHasty has it acknowledge too early.
const (
	loadIn    = "CORDBOARD_TEST_LOAD_IN"
	loadFrom  = "CORDBOARD_TEST_LOAD_FROM"
	loadHasty = "CORDBOARD_TEST_LOAD_HASTY"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(loadIn); path != "" {
		fmt.Fprintln(os.Stderr, loadForEver(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func loadForEver(path string) error {
	first, err := strconv.ParseInt(os.Getenv(loadFrom), 10, 64)
	if err != nil {
		return err
	}
	d, err := db.Open(context.Background(), db.Config{Path: path})
	if err != nil {
		return err
	}
	var print sync.Mutex
	return load(context.Background(), d, first, os.Getenv(loadHasty) != "", func(p promise) {
		print.Lock()
		defer print.Unlock()
		fmt.Println(p.kind, p.n)
	})
}

// TestHazardKilledHundredsOfTimesUnderLoadNothingAcknowledgedIsLost is goal R1: kill -9 at random moments. More
// rounds: CORDBOARD_KILLS.
func TestHazardKilledHundredsOfTimesUnderLoadNothingAcknowledgedIsLost(t *testing.T) {
	rounds := 200
	if n, err := strconv.Atoi(os.Getenv("CORDBOARD_KILLS")); err == nil {
		rounds = n
	}
	path := filepath.Join(t.TempDir(), "cordboard.db")
	seen := map[string]int{}
	for round := range rounds {
		if round%20 == 0 { // a fresh file now and then: checking all of a large one takes longer than the load
			path = filepath.Join(t.TempDir(), "cordboard.db")
		}
		promises := killed(t, path, round, "", rand.N(25*time.Millisecond))
		for _, fault := range brokenAt(t, path, promises) {
			t.Fatalf("after kill %d: %s", round+1, fault)
		}
		for _, p := range promises {
			seen[p.kind]++
		}
	}
	if seen["delivery"] == 0 || seen["act"] == 0 || seen["plan"] == 0 {
		t.Errorf("only %v were acknowledged in %d rounds", seen, rounds)
	}
	t.Logf("%d kills: %v acknowledged", rounds, seen)
}

// TestAKillFindsWhatIsAcknowledgedTooEarly is the control: the check above can fail.
func TestAKillFindsWhatIsAcknowledgedTooEarly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordboard.db")
	for round := range 30 {
		if len(brokenAt(t, path, killed(t, path, round, "yes", rand.N(20*time.Millisecond)))) > 0 {
			return
		}
	}
	t.Error("acts that were acknowledged before they were stored were never lost")
}

func brokenAt(t *testing.T, path string, promises []promise) []string {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	faults := broken(t, d, promises)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return faults
}

// killed runs the writing process, kills it some time after its first acknowledgement, and answers with all it acknowledged.
func killed(t *testing.T, path string, round int, hasty string, after time.Duration) (promises []promise) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), binary)
	child.Env = append(os.Environ(), loadIn+"="+path, loadHasty+"="+hasty, fmt.Sprintf("%s=%d", loadFrom, (round+1)*1_000_000))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // killed; a line that was cut off was never an acknowledgement
		}
		var p promise
		if _, err := fmt.Sscan(line, &p.kind, &p.n); err != nil {
			t.Errorf("line %q: %v", line, err)
		}
		if promises = append(promises, p); len(promises) == 1 {
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
	return promises
}
