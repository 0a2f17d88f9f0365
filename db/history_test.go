package db_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/fleet"

	"pgregory.net/rapid"
)

func pair(trunk, did int64) fleet.Binding {
	return fleet.Binding{Trunk: fleet.TrunkID(trunk), DID: fleet.DIDID(did)}
}

func setOf(pairs ...fleet.Binding) fleet.BindingSet { return fleet.NewBindingSet(pairs...) }

// told is one report of a history: whole milliseconds since 1970.
type told struct {
	at  int64
	set fleet.BindingSet
}

func (r told) report() fleet.Report {
	return fleet.Report{Event: fleet.DIDChange, At: time.UnixMilli(r.at), Set: r.set}
}

// within runs fn with the history inside a digestion.
func within(t require, d *db.DB, fn func(context.Context, *db.History) error) {
	t.Helper()
	ctx := context.Background()
	if _, err := d.Store(ctx, []byte("[]"), time.Now()); err != nil {
		t.Fatalf("store: %v", err)
	}
	var inner error
	_, err := d.Digest(ctx, 1, func(ctx context.Context, _ fleet.RawDelivery, h *db.History) (fleet.Settled, error) {
		inner = fn(ctx, h)
		return fleet.Settled{State: fleet.DeliveryDigested}, inner
	})
	if inner != nil || err != nil {
		t.Fatalf("digest: %v, %v", inner, err)
	}
}

// require is what testing.T and rapid.T have in common.
type require interface {
	Helper()
	Fatalf(format string, args ...any)
}

// arrive hands a report to history as digestion does: same times are duplicates, the newest moves
// the head.
func arrive(ctx context.Context, h *db.History, id fleet.PBXID, r fleet.Report) (fleet.Verdict, fleet.SnapshotID, error) {
	mark, snapshot, err := h.Mark(ctx, id, r.At)
	if err != nil {
		return "", 0, err
	}
	verdict := fleet.Advance(mark, fleet.Sighting{Source: fleet.FromWebhook, At: r.At, Set: r.Set})
	switch verdict {
	case fleet.VerdictNew, fleet.VerdictLate:
		if echo, err := h.Echo(ctx, id, r, 0); err != nil || echo != 0 {
			return verdict, echo, err
		}
		snapshot, err = h.Add(ctx, id, r, 0, verdict == fleet.VerdictNew)
	}
	return verdict, snapshot, err
}

// tell makes reports arrive in the order given.
func tell(t require, d *db.DB, id fleet.PBXID, history ...told) {
	t.Helper()
	for chunk := range slices.Chunk(history, 8) {
		within(t, d, func(ctx context.Context, h *db.History) error {
			for _, r := range chunk {
				if _, _, err := arrive(ctx, h, id, r.report()); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func keepPBXs(t require, d *db.DB, pbxs ...fleet.PBX) {
	t.Helper()
	if _, err := d.KeepPBXs(context.Background(), pbxs, time.Now()); err != nil {
		t.Fatalf("keep PBXs: %v", err)
	}
}

// dump is what history says of a PBX, with nothing in it that depends on the order of arrival: ids
// and the time of seeing are left out.
func dump(t require, d *db.DB, id fleet.PBXID) string {
	t.Helper()
	ctx := context.Background()
	out := ""
	for page := (fleet.PageRequest{Limit: 3}); ; {
		got, err := d.Snapshots(ctx, id, page)
		if err != nil {
			t.Fatalf("snapshots: %v", err)
		}
		for _, s := range got.Items {
			_, set, err := d.SetAt(ctx, s.ID)
			if err != nil {
				t.Fatalf("set of %d: %v", s.ID, err)
			}
			out += fmt.Sprintf("%d %s %s n=%d +%v -%v = %v\n", s.At().UnixMilli(), s.Source, s.Event, s.Count, s.Added, s.Removed, set.Pairs())
		}
		if page.After = got.Next; page.After == "" {
			break
		}
	}
	row, err := d.PBX(ctx, id)
	if err != nil {
		t.Fatalf("PBX: %v", err)
	}
	known, err := d.Known(ctx, id)
	if err != nil {
		t.Fatalf("known: %v", err)
	}
	intervals, err := d.Intervals(ctx, id)
	if err != nil {
		t.Fatalf("intervals: %v", err)
	}
	return out + fmt.Sprintf("numbers=%d snapshots=%d changed=%v known=%v\n%s", row.Numbers, row.Snapshots, row.Standing.ChangedAt, known.Set.Pairs(), intervals)
}

// expected is the same, computed the slow and obvious way.
func expected(history []told) string {
	byTime := make(map[int64]fleet.BindingSet)
	for _, r := range history {
		if _, ok := byTime[r.at]; !ok {
			byTime[r.at] = r.set
		}
	}
	times := slices.Sorted(maps.Keys(byTime))
	var before, last fleet.BindingSet
	out := ""
	for _, at := range times {
		set := byTime[at]
		out = fmt.Sprintf("%d webhook did_change n=%d +%v -%v = %v\n", at, set.Len(), set.Minus(before), before.Minus(set), set.Pairs()) + out
		before, last = set, set
	}
	changed := time.Time{}
	if len(times) > 0 {
		changed = time.UnixMilli(times[len(times)-1]).UTC()
	}
	out += fmt.Sprintf("numbers=%d snapshots=%d changed=%v known=%v\n", len(last.Copies()), len(times), changed, last.Pairs())
	// Intervals: the longest runs of snapshots that hold a pair.
	type run struct {
		b        fleet.Binding
		from, to int64
	}
	var runs []run
	open := make(map[fleet.Binding]int64)
	for _, at := range times {
		for b, from := range open {
			if !byTime[at].Has(b) {
				runs = append(runs, run{b, from, at})
				delete(open, b)
			}
		}
		for _, b := range byTime[at].Pairs() {
			if _, ok := open[b]; !ok {
				open[b] = at
			}
		}
	}
	for b, from := range open {
		runs = append(runs, run{b, from, 0})
	}
	slices.SortFunc(runs, func(a, b run) int {
		return cmp.Or(cmp.Compare(a.b.Trunk, b.b.Trunk), cmp.Compare(a.b.DID, b.b.DID), cmp.Compare(a.from, b.from))
	})
	for _, r := range runs {
		out += fmt.Sprintf("%d:%d %d-%d\n", r.b.Trunk, r.b.DID, r.from, r.to)
	}
	return out
}

func genHistory(t *rapid.T) []told {
	sets := rapid.Custom(func(t *rapid.T) fleet.BindingSet {
		pairs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) fleet.Binding {
			return pair(rapid.Int64Range(1, 3).Draw(t, "trunk"), rapid.Int64Range(1, 5).Draw(t, "did"))
		}), 0, 8).Draw(t, "pairs")
		return setOf(pairs...)
	})
	return rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) told {
		return told{at: rapid.Int64Range(1, 40).Draw(t, "ms"), set: sets.Draw(t, "set")}
	}), 0, 12, func(r told) int64 { return r.at }).Draw(t, "history")
}

// TestAnyOrderAndAnyRepetitionOfReportsMakesTheSameHistory is goal R3: permuted, duplicated and split
// over several digestions, the same reports make the same record, which is also what the slow and
// obvious reading of them says, at every moment.
func TestAnyOrderAndAnyRepetitionOfReportsMakesTheSameHistory(t *testing.T) {
	d := dbtest.New(t)
	next := fleet.PBXID(0)
	rapid.Check(t, func(rt *rapid.T) {
		history := genHistory(rt)
		arrivals := rapid.Permutation(history).Draw(rt, "order")
		if len(history) > 0 {
			arrivals = append(arrivals, rapid.SliceOfN(rapid.SampledFrom(history), 0, 6).Draw(rt, "again")...)
		}
		next++
		keepPBXs(rt, d, fleet.PBX{ID: next, Serial: next.String(), Name: "Acme"})
		tell(rt, d, next, arrivals...)
		if got, want := dump(rt, d, next), expected(history); got != want {
			rt.Fatalf("arrived as %v:\n%s\nwant\n%s", arrivals, got, want)
		}
		for ms := int64(0); ms <= 42; ms++ {
			got, err := d.SetAtTime(context.Background(), next, time.UnixMilli(ms))
			if err != nil {
				rt.Fatalf("set at %d: %v", ms, err)
			}
			if want := setAt(history, ms); !got.Equal(want) {
				rt.Fatalf("at %d ms: %v, want %v", ms, got, want)
			}
		}
	})
}

func setAt(history []told, ms int64) (set fleet.BindingSet) {
	latest := int64(-1)
	for _, r := range history {
		if r.at <= ms && r.at > latest {
			latest, set = r.at, r.set
		}
	}
	return set
}

func TestTheFourReportsOfSeed002BecomeFourSnapshots(t *testing.T) {
	d := dbtest.New(t)
	keepPBXs(t, d, fleet.PBX{ID: 4808, Serial: "36XXXXXXXXXXXXZK", Name: "Acme"})
	peer, register, docs := int64(114538), int64(114529), int64(112129)
	change := told{1773105500177, setOf(pair(register, 1192488), pair(register, 1192489), pair(register, 1192490), pair(peer, 1192495), pair(peer, 1192496), pair(docs, 1186852))}
	didDelete := told{1773106452589, setOf(pair(register, 1192488), pair(peer, 1192495), pair(peer, 1192496), pair(docs, 1186852))}
	trunkDelete := told{1773049941393, setOf(pair(register, 1192488))}
	pceDelete := told{1773048881029, setOf()}
	tell(t, d, 4808, change, didDelete, trunkDelete, pceDelete)
	page, err := d.Snapshots(t.Context(), 4808, fleet.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if page.Total != 4 || len(page.Items) != 4 || page.Next != "" {
		t.Fatalf("total %d, %d items, next %q", page.Total, len(page.Items), page.Next)
	}
	newest := page.Items[0]
	if !newest.VendorAt.Equal(time.UnixMilli(didDelete.at)) || newest.Count != 4 || len(newest.Added) != 0 ||
		!slices.Equal(newest.Removed, []fleet.Binding{pair(register, 1192489), pair(register, 1192490)}) {
		t.Errorf("the newest is %+v", newest)
	}
	if first := page.Items[3]; first.Count != 0 || len(first.Added)+len(first.Removed) != 0 {
		t.Errorf("the oldest is %+v", first)
	}
}

func TestTwoReportsOfOneTimeWithDifferentListsChangeNothing(t *testing.T) {
	d := dbtest.New(t)
	keepPBXs(t, d, fleet.PBX{ID: 1, Serial: "S", Name: "Acme"})
	tell(t, d, 1, told{10, setOf(pair(1, 1))})
	within(t, d, func(ctx context.Context, h *db.History) error {
		verdict, _, err := arrive(ctx, h, 1, told{10, setOf(pair(1, 2))}.report())
		if verdict != fleet.VerdictAsk {
			t.Errorf("verdict %q", verdict)
		}
		return err
	})
	if got, want := dump(t, d, 1), expected([]told{{10, setOf(pair(1, 1))}}); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestAReportTakenForTheNewestThatIsNotIsRefusedAndLeavesNothing(t *testing.T) {
	d := dbtest.New(t)
	keepPBXs(t, d, fleet.PBX{ID: 1, Serial: "S", Name: "Acme"})
	tell(t, d, 1, told{10, setOf(pair(1, 1))})
	want := dump(t, d, 1)
	within(t, d, func(ctx context.Context, h *db.History) error {
		if _, err := h.Add(ctx, 1, told{5, setOf(pair(1, 2))}.report(), 0, true); err == nil {
			t.Error("an old report became the newest")
		}
		if _, err := h.Add(ctx, 1, told{20, setOf(pair(1, 2))}.report(), 0, false); err == nil {
			t.Error("the newest report was taken for an old one")
		}
		return nil
	})
	if got := dump(t, d, 1); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestRecentAndCountsTellTheLastSnapshots(t *testing.T) {
	d := dbtest.New(t)
	keepPBXs(t, d, fleet.PBX{ID: 1, Serial: "S1", Name: "Acme"}, fleet.PBX{ID: 2, Serial: "S2", Name: "Globex"})
	tell(t, d, 1, told{10, setOf(pair(1, 1))}, told{30, setOf(pair(1, 1), pair(1, 2))}, told{20, setOf()})
	tell(t, d, 2, told{15, setOf(pair(1, 3))})
	recent, err := d.Recent(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(recent) != 2 || recent[0].PBX != 2 || recent[1].PBX != 1 || !slices.Equal(recent[1].Removed, []fleet.Binding{pair(1, 1)}) {
		t.Errorf("recent: %+v", recent)
	}
	points, err := d.CountSeries(t.Context(), 1, 10)
	if err != nil {
		t.Fatal(err)
	}
	want := []fleet.CountPoint{{At: time.UnixMilli(10).UTC(), Count: 1}, {At: time.UnixMilli(20).UTC()}, {At: time.UnixMilli(30).UTC(), Count: 2}}
	if !slices.Equal(points, want) {
		t.Errorf("points %v, want %v", points, want)
	}
}
