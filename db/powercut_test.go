package db_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/db/dbtest/disk"
)

// TestHazardAPowerCutLosesNothingAcknowledged is goal R1 for what kill -9 can't show: what was written and never synced is
// dropped, kept, kept in part or in another order, at random moments of a load.
func TestHazardAPowerCutLosesNothingAcknowledged(t *testing.T) {
	cuts, promised := cutWhileLoaded(t, 100, func(*db.DB) {})
	for i, cut := range cuts {
		if len(cut) > 0 {
			t.Fatalf("cut %d: %v", i, cut)
		}
	}
	if promised < 100 {
		t.Errorf("only %d things were acknowledged", promised)
	}
}

// TestAPowerCutFindsWhatIsAcknowledgedBeforeItIsSynced is the control, and why the database is opened with
// synchronous=FULL: with NORMAL something acknowledged is lost.
func TestAPowerCutFindsWhatIsAcknowledgedBeforeItIsSynced(t *testing.T) {
	cuts, _ := cutWhileLoaded(t, 40, func(d *db.DB) {
		if err := d.Careless(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	if !slices.ContainsFunc(cuts, func(faults []string) bool { return len(faults) > 0 }) {
		t.Error("nothing was lost")
	}
}

// cutWhileLoaded loads a database, cuts the power at so many moments of that, and says what each database that was left lacks of what
// had been acknowledged until then.
func cutWhileLoaded(t *testing.T, cuts int, tune func(*db.DB)) (faults [][]string, promised int) {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	path := dbtest.File(t)
	platter := disk.Insert(t)
	platter.Record()
	d, err := db.Open(t.Context(), db.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	tune(d)
	type kept struct {
		promise
		at int
	}
	var mu sync.Mutex
	var promises []kept
	ctx, stop := context.WithCancel(t.Context())
	_ = load(ctx, d, 1_000_000, false, func(p promise) {
		mu.Lock()
		defer mu.Unlock()
		if promises = append(promises, kept{p, platter.Position()}); len(promises) == 600 {
			stop()
		}
	})
	platter.Stop()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if platter.Writes("cordboard.db") == 0 {
		t.Error("no checkpoint was among what was recorded")
	}
	positions := make([]int, cuts)
	for i := range positions {
		positions[i] = r.IntN(platter.Position() + 1)
	}
	slices.Sort(positions)
	platter.Cut(positions, r, func(at int, files map[string][]byte) {
		left := filepath.Join(t.TempDir(), "cordboard.db")
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(filepath.Dir(left), name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var due []promise
		for _, p := range promises {
			if p.at <= at {
				due = append(due, p.promise)
			}
		}
		faults = append(faults, brokenAt(t, left, due))
	})
	return faults, len(promises)
}
