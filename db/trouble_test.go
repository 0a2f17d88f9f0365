package db_test

import (
	"context"
	crand "crypto/rand"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/fleet"
)

func TestHazardDiskFullNothingIsHalfWrittenAndItWorksAgainAfterwards(t *testing.T) {
	d := dbtest.New(t)
	keepPBXs(t, d, acme)
	first := store(t, d, "[]")
	free, err := d.LimitPages(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	big := make([]byte, 10_000)
	crand.Read(big) // cannot be squeezed
	errs := make([]error, 24)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = d.Store(context.Background(), big, noon) })
	}
	wg.Wait()
	refused := 0
	for _, err := range errs {
		if err != nil {
			refused++
			wantWords(t, err, fleet.KindUnavailable, "disk is full")
		}
	}
	if refused < len(errs)-2 {
		t.Errorf("only %d of %d were refused", refused, len(errs))
	}
	if _, _, err := d.Delivery(t.Context(), first); err != nil {
		t.Errorf("reading while the disk is full: %v", err)
	}
	// A digestion that runs out of disk keeps nothing, whatever its element makes of the error.
	wide := make([]fleet.Binding, 5000)
	for i := range wide {
		wide[i] = pair(1, int64(i))
	}
	_, err = d.Digest(t.Context(), 1, func(ctx context.Context, _ fleet.RawDelivery, h *db.History) (fleet.Settled, error) {
		if err := h.Savepoint(ctx, func() error { _, _, err := arrive(ctx, h, acme.ID, told{1, setOf(wide...)}.report()); return err }); err == nil {
			t.Error("there was room")
		}
		return fleet.Settled{State: fleet.DeliveryDead, Error: "swallowed"}, nil
	})
	wantWords(t, err, fleet.KindUnavailable, "disk is full")
	free()
	if v, _, err := d.Delivery(t.Context(), first); err != nil || v.State != fleet.DeliveryStored {
		t.Errorf("%+v %v", v, err)
	}
	stored := len(errs) - refused
	if page, err := d.Deliveries(t.Context(), "", fleet.PageRequest{}); err != nil || page.Total != 1+stored || len(page.Items) != 1+stored {
		t.Errorf("%d deliveries, %d listed, want %d; %v", page.Total, len(page.Items), 1+stored, err)
	}
	if _, err := d.Store(t.Context(), big, noon); err != nil {
		t.Errorf("after there was room again: %v", err)
	}
	tell(t, d, acme.ID, told{1, setOf(wide...)})
	if row(t, d).Numbers != len(wide) {
		t.Errorf("%d numbers", row(t, d).Numbers)
	}
	if bad, err := d.Integrity(t.Context()); err != nil || bad != "ok" {
		t.Errorf("%s %v", bad, err)
	}
}

func TestHazardDatabaseLockedIsUnavailableAndNotForEver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordboard.db")
	d, other := dbtest.Open(t, path, nil), dbtest.Open(t, path, nil)
	if err := d.BusyTimeout(t.Context(), 20); err != nil {
		t.Fatal(err)
	}
	err := other.Hold(t.Context(), func() {
		_, err := d.Store(context.Background(), []byte("x"), noon)
		wantWords(t, err, fleet.KindUnavailable, "locked")
	})
	if err != nil {
		t.Fatal(err)
	}
	store(t, d, "y")
}

func TestTheWriterServesEverybodyAndAFailingOneAlone(t *testing.T) {
	d := dbtest.New(t)
	keepPBXs(t, d, acme)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			err := d.Trouble(context.Background(), fleet.PBXID(map[bool]int64{true: 99, false: int64(acme.ID)}[i%2 == 0]), noon, "x")
			if (i%2 == 0) != (fleet.KindOf(err) == fleet.KindNotFound && err != nil) {
				t.Errorf("%d: %v", i, err)
			}
		})
		wg.Go(func() {
			if _, err := d.Store(context.Background(), []byte("x"), noon); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if h, err := d.InboxHealth(t.Context()); err != nil || h.Total != 40 {
		t.Errorf("%+v %v", h, err)
	}
}

func TestAClosedDatabaseIsUnavailable(t *testing.T) {
	d, err := db.Open(t.Context(), db.Config{Path: filepath.Join(t.TempDir(), "cordboard.db")})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var acknowledged []int64
	for range 8 {
		wg.Go(func() {
			for {
				id, err := d.Store(context.Background(), []byte("x"), noon)
				if err != nil {
					if fleet.KindOf(err) != fleet.KindUnavailable {
						t.Errorf("%v", err)
					}
					return
				}
				mu.Lock()
				acknowledged = append(acknowledged, id)
				mu.Unlock()
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	if err := errors.Join(d.Close(), d.Close()); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if _, err := d.Known(t.Context(), 1); fleet.KindOf(err) != fleet.KindUnavailable {
		t.Errorf("reading: %v", err)
	}
	again := dbtest.Open(t, d.Path(), nil)
	if h, err := again.InboxHealth(t.Context()); err != nil || h.Total != len(acknowledged) {
		t.Errorf("%d stored, %d acknowledged, %v", h.Total, len(acknowledged), err)
	}
}

func TestACallerWhoGaveUpStoresNothing(t *testing.T) {
	d := dbtest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Store(ctx, []byte("x"), noon); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if h, err := d.InboxHealth(t.Context()); err != nil || h.Total != 0 {
		t.Errorf("%+v %v", h, err)
	}
}
