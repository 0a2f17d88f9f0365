package db_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/fleet"
)

// settleAs answers every delivery with the same.
func settleAs(s fleet.Settled) func(context.Context, fleet.RawDelivery, *db.History) (fleet.Settled, error) {
	return func(context.Context, fleet.RawDelivery, *db.History) (fleet.Settled, error) { return s, nil }
}

func store(t *testing.T, d *db.DB, body string) int64 {
	t.Helper()
	id, err := d.Store(t.Context(), []byte(body), noon)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestManyWhoStoreAtOnceGetTheirOwnIDsAndBodies(t *testing.T) {
	d := dbtest.New(t)
	const callers, each = 32, 20
	ids := make([][]int64, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for j := range each {
				id, err := d.Store(context.Background(), fmt.Appendf(nil, "body %d.%d", i, j), noon)
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = append(ids[i], id)
			}
		})
	}
	wg.Wait()
	for i := range callers {
		for j, id := range ids[i] {
			v, body, err := d.Delivery(t.Context(), id)
			if err != nil || string(body) != fmt.Sprintf("body %d.%d", i, j) || v.Size != len(body) || !v.ReceivedAt.Equal(noon) || v.State != fleet.DeliveryStored {
				t.Fatalf("%d: %+v %q %v", id, v, body, err)
			}
		}
	}
	if h, err := d.InboxHealth(t.Context()); err != nil || h.Total != callers*each || h.Waiting != callers*each || !h.LastAt.Equal(noon) {
		t.Errorf("%+v %v", h, err)
	}
}

func TestDeliveriesAreDigestedOldestFirstAndOnce(t *testing.T) {
	d := dbtest.New(t)
	for i := range 5 {
		store(t, d, fmt.Sprint(i))
	}
	var seen string
	for {
		n, err := d.Digest(t.Context(), 2, func(_ context.Context, raw fleet.RawDelivery, _ *db.History) (fleet.Settled, error) {
			seen += string(raw.Body)
			return fleet.Settled{State: fleet.DeliveryDigested}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	if seen != "01234" {
		t.Errorf("digested %q", seen)
	}
}

func TestAnElementThatFailsIsUndoneAlone(t *testing.T) {
	d := dbtest.New(t)
	keepPBXs(t, d, acme)
	broken := errors.New("this element is broken")
	within(t, d, func(ctx context.Context, h *db.History) error {
		for i, fault := range []error{nil, broken, nil} {
			err := h.Savepoint(ctx, func() error {
				_, _, err := arrive(ctx, h, acme.ID, told{int64(i + 1), setOf(pair(1, int64(i+1)))}.report())
				return errors.Join(err, fault)
			})
			if !errors.Is(err, fault) {
				t.Errorf("element %d: %v", i, err)
			}
		}
		return nil
	})
	if got, want := dump(t, d, acme.ID), expected([]told{{1, setOf(pair(1, 1))}, {3, setOf(pair(1, 3))}}); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestAFailedDigestionKeepsNothingAndTakesTheDeliveryAgain(t *testing.T) {
	d := dbtest.New(t)
	keepPBXs(t, d, acme)
	store(t, d, "[]")
	broken := errors.New("the database is out of order")
	_, err := d.Digest(t.Context(), 1, func(ctx context.Context, _ fleet.RawDelivery, h *db.History) (fleet.Settled, error) {
		_, _, err := arrive(ctx, h, acme.ID, told{1, setOf(pair(1, 1))}.report())
		return fleet.Settled{State: fleet.DeliveryDigested}, errors.Join(err, broken)
	})
	if !errors.Is(err, broken) || len(snapshots(t, d)) != 0 {
		t.Errorf("%v, %d snapshots", err, len(snapshots(t, d)))
	}
	if n, err := d.Digest(t.Context(), 1, settleAs(fleet.Settled{State: fleet.DeliveryDead, Error: "bad"})); n != 1 || err != nil {
		t.Errorf("%d %v", n, err)
	}
}

func TestAPanicOverABodyMakesADeadDeliveryAndNotACrash(t *testing.T) {
	d := dbtest.New(t)
	keepPBXs(t, d, acme)
	id := store(t, d, "[]")
	n, err := d.Digest(t.Context(), 1, func(ctx context.Context, _ fleet.RawDelivery, h *db.History) (fleet.Settled, error) {
		if _, _, err := arrive(ctx, h, acme.ID, told{1, setOf(pair(1, 1))}.report()); err != nil {
			t.Error(err)
		}
		var list []int
		return fleet.Settled{}, fmt.Errorf("never reached %d", list[len(snapshots(t, d))])
	})
	if n != 1 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	v, _, err := d.Delivery(t.Context(), id)
	if err != nil || v.State != fleet.DeliveryDead || !strings.Contains(v.Error, "fault of Cordboard") || len(snapshots(t, d)) != 0 {
		t.Errorf("%+v %v", v, err)
	}
}

func TestParkedDeliveriesComeBackWhenTheirSerialIsKnown(t *testing.T) {
	d := dbtest.New(t)
	first, second := store(t, d, "1"), store(t, d, "2")
	states := []fleet.Element{{Serial: "A", State: fleet.DeliveryParked}, {Serial: "B", State: fleet.DeliveryDead}}
	if _, err := d.Digest(t.Context(), 1, settleAs(fleet.Settled{State: fleet.DeliveryDead, Error: "e", Elements: states})); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Digest(t.Context(), 1, settleAs(fleet.Settled{State: fleet.DeliveryParked, Elements: []fleet.Element{{Serial: "C", State: fleet.DeliveryParked}}})); err != nil {
		t.Fatal(err)
	}
	if h, err := d.InboxHealth(t.Context()); err != nil || h.Parked != 1 || h.Dead != 1 || h.Waiting != 2 {
		t.Errorf("%+v %v", h, err)
	}
	for serial, want := range map[string]int{"B": 0, "A": 1, "C": 1} {
		if n, err := d.ReopenParked(t.Context(), []string{serial}); n != want || err != nil {
			t.Errorf("serial %s: %d, %v", serial, n, err)
		}
	}
	for _, id := range []int64{first, second} {
		if v, _, err := d.Delivery(t.Context(), id); err != nil || v.State != fleet.DeliveryStored || len(v.Elements) != 0 {
			t.Errorf("%+v %v", v, err)
		}
	}
	if n, err := d.ReopenParked(t.Context(), []string{"A", "C"}); n != 0 || err != nil {
		t.Errorf("reopened twice: %d %v", n, err)
	}
	if err := d.Reopen(t.Context(), 99); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("%v", err)
	}
}

func TestTheInboxIsListedNewestFirstByStatePageByPage(t *testing.T) {
	d := dbtest.New(t)
	for i := range 9 {
		store(t, d, fmt.Sprint(i))
		state := fleet.DeliveryDigested
		if i%2 == 0 {
			state = fleet.DeliveryLate
		}
		if _, err := d.Digest(t.Context(), 1, settleAs(fleet.Settled{State: state})); err != nil {
			t.Fatal(err)
		}
	}
	walk := func(state fleet.DeliveryState, total int) (ids []int64) {
		t.Helper()
		req := fleet.PageRequest{Limit: 2}
		for {
			page, err := d.Deliveries(t.Context(), state, req)
			if err != nil || page.Total != total {
				t.Fatalf("total %d, want %d, %v", page.Total, total, err)
			}
			for _, v := range page.Items {
				ids = append(ids, v.ID)
			}
			if req.After = page.Next; page.Next == "" {
				return ids
			}
		}
	}
	if got := walk("", 9); !slices.Equal(got, []int64{9, 8, 7, 6, 5, 4, 3, 2, 1}) {
		t.Errorf("%v", got)
	}
	if got := walk(fleet.DeliveryDigested, 4); !slices.Equal(got, []int64{8, 6, 4, 2}) {
		t.Errorf("%v", got)
	}
	if got := walk(fleet.DeliveryParked, 0); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestPackedBodiesComeBackByteForByte(t *testing.T) {
	d := dbtest.New(t)
	random := rand.New(rand.NewPCG(1, 2))
	var bodies [][]byte
	var ids []int64
	dids := []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	for i := range 200 {
		dids[random.IntN(len(dids))] = int64(100 + i)
		body := reportBody(fmt.Sprintf("S%d", i%3), int64(i), dids...)
		switch i % 50 {
		case 7:
			body = nil
		case 8:
			body = []byte("<html>not JSON \x00\xff")
		case 9:
			body = bytes.Repeat([]byte{byte(i)}, 100_000)
		}
		id, err := d.Store(t.Context(), body, noon)
		if err != nil {
			t.Fatal(err)
		}
		bodies, ids = append(bodies, body), append(ids, id)
		settled := fleet.Settled{State: fleet.DeliveryDigested, Elements: []fleet.Element{{Serial: fmt.Sprintf("S%d", i%3), State: fleet.DeliveryDigested}}}
		switch i % 50 {
		case 7, 8:
			settled = fleet.Settled{State: fleet.DeliveryDead}
		case 11:
			settled = fleet.Settled{State: fleet.DeliveryParked, Elements: []fleet.Element{{Serial: "X", State: fleet.DeliveryParked}}}
		}
		if _, err := d.Digest(t.Context(), 1, settleAs(settled)); err != nil {
			t.Fatal(err)
		}
	}
	packed := 0
	for {
		n, err := d.Pack(t.Context(), 70)
		if err != nil {
			t.Fatal(err)
		}
		if packed += n; n == 0 {
			break
		}
	}
	if packed != len(bodies)-4 {
		t.Errorf("%d packed, want all but the parked ones", packed)
	}
	for i, id := range ids {
		if _, body, err := d.Delivery(t.Context(), id); err != nil || !bytes.Equal(body, bodies[i]) {
			t.Fatalf("body %d: %d bytes, want %d; %v", i, len(body), len(bodies[i]), err)
		}
	}
	walked := 0
	err := d.WalkBodies(t.Context(), func(v fleet.Delivery, body []byte) error {
		if v.ID != ids[walked] || !bytes.Equal(body, bodies[walked]) {
			t.Errorf("walk %d: delivery %d", walked, v.ID)
		}
		walked++
		return nil
	})
	if err != nil || walked != len(bodies) {
		t.Errorf("%d walked, %v", walked, err)
	}
	if depth, err := d.PackDepth(t.Context()); err != nil || depth > 1 {
		t.Errorf("bodies are packed against packed ones: %d, %v", depth, err)
	}
}
