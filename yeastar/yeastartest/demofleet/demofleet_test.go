package demofleet

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cordboard/yeastar/yeastartest"
)

var opened = time.Date(2026, time.November, 18, 14, 20, 30, 0, time.UTC)

func build(t *testing.T, seed int64, now time.Time) *Fleet {
	t.Helper()
	f, err := New(seed, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Vendor().Close(); err != nil {
			t.Error(err)
		}
		if err := f.Vendor().Err(); err != nil {
			t.Errorf("the simulator was misused: %v", err)
		}
	})
	return f
}

// told is a history as it was told, with the people's acts done to the simulator.
type told struct {
	moments []Moment
	last    map[string]yeastartest.Event // the newest report by serial number
	reports map[string]int
}

// play tells the history of a fleet and does what Cordboard would do with confirmed plans.
func play(t *testing.T, f *Fleet) told {
	t.Helper()
	h := told{last: map[string]yeastartest.Event{}, reports: map[string]int{}}
	asked := map[string]Ask{}
	for m := range f.History() {
		h.moments = append(h.moments, m)
		if m.Ask != nil {
			asked[m.Ask.Plan] = *m.Ask
		}
		if m.Confirm != nil && !m.Confirm.Fails {
			a := asked[m.Confirm.Plan]
			kept := slices.DeleteFunc(f.Vendor().Bindings(a.PBX), func(b yeastartest.Binding) bool { return slices.Contains(a.Unbind, b) })
			f.Vendor().Rebind(a.PBX, append(kept, a.Bind...), yeastartest.Quiet)
		}
		for _, body := range m.Reports {
			h.read(t, body)
		}
	}
	return h
}

func (h told) read(t *testing.T, body []byte) {
	t.Helper()
	var elements []json.RawMessage
	if err := json.Unmarshal(body, &elements); err != nil {
		t.Errorf("a report that can not be read: %v\n%s", err, body)
	}
	for _, element := range elements {
		var e yeastartest.Event
		if err := json.Unmarshal(element, &e); err != nil {
			if !strings.Contains(string(element), "14:02") { // the one that is meant to be broken
				t.Errorf("an element that can not be read: %v\n%s", err, element)
			}
			continue
		}
		if e.Event == "" {
			continue // of a capacity report
		}
		h.reports[e.SN]++
		if e.UpdateTime >= h.last[e.SN].UpdateTime {
			h.last[e.SN] = e
		}
	}
}

func TestTheSameSeedAndMomentGiveTheSameFleetAndHistory(t *testing.T) {
	text := func(seed int64) string {
		f := build(t, seed, opened)
		var all []any
		all = append(all, f.Vendor().PBXs())
		for _, m := range play(t, f).moments {
			all = append(all, m)
		}
		for _, p := range f.Vendor().PBXs() {
			all = append(all, f.Vendor().Bindings(p.ID), f.Vendor().Headers(p.ID))
		}
		out, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	first := text(7)
	if first != text(7) {
		t.Error("two fleets of one seed differ")
	}
	if first == text(8) {
		t.Error("the seed changes nothing")
	}
}

func TestTheFleetIsAsLargeAndAsMixedAsItClaims(t *testing.T) {
	f := build(t, 4808, opened)
	numbers := map[int64]string{}
	for _, s := range spans {
		for i := range s.count {
			if s.trunk != altnetz {
				numbers[s.firstID+int64(i)] = s.number(i)
			}
		}
	}
	if len(numbers) != 1500 {
		t.Errorf("%d numbers", len(numbers))
	}
	distinct := map[string]bool{}
	for _, n := range numbers {
		distinct[n] = true
	}
	if len(distinct) != len(numbers) {
		t.Errorf("%d different numbers of %d", len(distinct), len(numbers))
	}
	play(t, f)
	regions, statuses, firmwares, bound := map[string]int{}, map[string]int{}, map[string]int{}, map[int64]bool{}
	twice := 0
	pbxs := f.Vendor().PBXs()
	for _, p := range pbxs {
		regions[p.Region]++
		statuses[p.Status]++
		firmwares[p.Firmware]++
		pairs := f.Vendor().Bindings(p.ID)
		for _, b := range pairs {
			bound[b.DID] = true
		}
		twice += len(pairs) - len(numbersOf(pairs))
		if len(p.Serial) != 16 {
			t.Errorf("%s has the serial %q", p.Name, p.Serial)
		}
		if strings.Count(p.URL, ".") < 2 || strings.ContainsAny(p.URL, " ä&") {
			t.Errorf("%s is at %q", p.Name, p.URL)
		}
	}
	if len(pbxs) < 40 || len(pbxs) > 46 {
		t.Errorf("%d PBXs", len(pbxs))
	}
	if len(regions) != 3 {
		t.Errorf("regions %v", regions)
	}
	if statuses[yeastartest.StatusRunning] < 38 || statuses[yeastartest.StatusStopped] != 1 || statuses[yeastartest.StatusUpgrading] != 1 || statuses[yeastartest.StatusProvisioning] != 1 {
		t.Errorf("statuses %v", statuses)
	}
	if firmwares[latest]+firmwares[newer] < 20 || firmwares[between]+firmwares[older] < 8 || firmwares[tooOld]+firmwares[wayOlder] != 2 {
		t.Errorf("firmwares %v", firmwares)
	}
	if share := len(bound) * 100 / 1500; share < 50 || share > 65 {
		t.Errorf("%d %% of the numbers are bound", share)
	}
	if twice < 10 {
		t.Errorf("%d numbers are bound on two trunks", twice)
	}
}

func TestTheVendorsExampleIsFreeForTheVisitor(t *testing.T) {
	f := build(t, 4808, opened)
	play(t, f)
	taken := f.taken()
	for _, id := range []int64{ExampleDIDA, ExampleDIDB} {
		if taken[id] || !slices.Equal(f.sits[id], []int64{ExampleTrunk}) {
			t.Errorf("DID %d: bound %v, on trunks %v", id, taken[id], f.sits[id])
		}
	}
	for _, p := range f.Vendor().PBXs() {
		if p.ID == ExamplePBX && (p.Status != yeastartest.StatusRunning || p.Region != regionOf(ExampleTrunk) || len(f.Vendor().Bindings(p.ID)) < 5) {
			t.Errorf("PBX %d: %+v with %d pairs", ExamplePBX, p, len(f.Vendor().Bindings(p.ID)))
		}
	}
}

func TestTheLastReportOfAPBXIsItsStateUnlessNobodyWasTold(t *testing.T) {
	f := build(t, 4808, opened)
	h := play(t, f)
	silent := []int64{camdenVets, charlesRiver, parramatta, notariat, lighthouse}
	for _, p := range f.Vendor().PBXs() {
		var reported []yeastartest.Binding
		for _, d := range h.last[p.Serial].TrunkDIDInfoList {
			trunk, errTrunk := strconv.ParseInt(d.TrunkID, 10, 64)
			did, errDID := strconv.ParseInt(d.DIDID, 10, 64)
			if errTrunk != nil || errDID != nil || d.DID != f.numbers[did] {
				t.Errorf("%s: %+v", p.Name, d)
			}
			reported = append(reported, yeastartest.Binding{Trunk: trunk, DID: did})
		}
		now := f.Vendor().Bindings(p.ID)
		same := len(reported) == len(now) && !slices.ContainsFunc(reported, func(b yeastartest.Binding) bool { return !slices.Contains(now, b) })
		// A PBX without any report so far is known by the first pass.
		if same == slices.Contains(silent, p.ID) && (len(now) > 0 || h.reports[p.Serial] > 0) {
			t.Errorf("%s: %d pairs reported, %d there", p.Name, len(reported), len(now))
		}
		if n := h.reports[p.Serial]; !slices.Contains(silent, p.ID) && (n < 4 || n > 45) {
			t.Errorf("%s has %d reports", p.Name, n)
		}
	}
}

func TestHistoryRunsForwardsThroughSevenMonthsAndEndsNow(t *testing.T) {
	f := build(t, 4808, opened)
	h := play(t, f)
	at := opened.AddDate(0, -months, 0)
	if !h.moments[0].At.Equal(at) || !h.moments[0].Pass {
		t.Errorf("it begins with %+v", h.moments[0])
	}
	kinds := map[string]int{}
	for _, m := range h.moments {
		if m.At.Before(at) || m.At.After(opened) {
			t.Errorf("%v after %v", m.At, at)
		}
		at = m.At
		for _, e := range []string{yeastartest.EventDIDChange, yeastartest.EventDIDDelete, yeastartest.EventTrunkDelete, yeastartest.EventPCEDelete} {
			for _, body := range m.Reports {
				kinds[e] += strings.Count(string(body), `"event":"`+e+`"`)
			}
		}
	}
	if opened.Sub(at) > 10*time.Minute {
		t.Errorf("it ends at %v", at)
	}
	if kinds[yeastartest.EventDIDChange] < 400 || kinds[yeastartest.EventDIDDelete] != 1 || kinds[yeastartest.EventTrunkDelete] != 2 || kinds[yeastartest.EventPCEDelete] != 1 {
		t.Errorf("events %v", kinds)
	}
	if d := time.Since(f.Now()); d < 0 || d > time.Minute {
		t.Errorf("afterwards the fleet's clock is %v off", d)
	}
}

func TestHistoryIsSoundWheneverTheDemoIsStarted(t *testing.T) {
	starts := []time.Time{
		time.Date(2027, time.January, 1, 0, 0, 5, 0, time.UTC), time.Date(2028, time.February, 29, 23, 59, 59, 0, time.UTC),
		time.Date(2026, time.November, 22, 3, 0, 0, 0, time.UTC), time.Date(2027, time.June, 12, 18, 30, 0, 0, time.UTC),
	}
	for i, now := range starts {
		f := build(t, int64(i), now)
		if n := len(play(t, f).moments); n < 200 {
			t.Errorf("%v: %d moments", now, n)
		}
	}
}

func TestAHistoryThatIsLeftEarlyStops(t *testing.T) {
	f := build(t, 4808, opened)
	n := 0
	for range f.History() {
		if n++; n == 40 {
			break
		}
	}
	if n != 40 || f.Now().After(opened) {
		t.Errorf("%d moments, the clock shows %v", n, f.Now())
	}
}

func TestTheColleagueReportsChangesAndLosesSome(t *testing.T) {
	f := build(t, 4808, time.Now())
	play(t, f)
	ctx, leave := context.WithCancel(t.Context())
	bodies := make(chan string)
	door := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case bodies <- r.Header.Get("X-Signature"):
		case <-ctx.Done():
		}
	}))
	defer door.Close()
	defer leave() // before the door closes: it waits for requests under way
	if err := f.Vendor().AddWebhook(door.URL, "secret"); err != nil {
		t.Fatal(err)
	}
	before := map[int64]string{}
	for _, p := range f.Vendor().PBXs() {
		before[p.ID] = p.Status
	}
	left := make(chan struct{})
	go func() {
		f.Colleague(ctx, Pace{Max: 2 * time.Millisecond, Lost: time.Millisecond, Status: 10 * time.Millisecond})
		close(left)
	}()
	changed := func() (n int) {
		for _, p := range f.Vendor().PBXs() {
			if p.Status != before[p.ID] {
				n++
			}
		}
		return n
	}
	for reports := 0; reports < 20 || changed() == 0; reports++ {
		select {
		case signature := <-bodies:
			if signature == "" {
				t.Error("a report without signature")
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("after %d reports nothing comes any more", reports)
		}
	}
	leave()
	<-left
	if len(f.lost) == 0 || len(f.lost) > mostLost {
		t.Errorf("%d PBXs changed without a report", len(f.lost))
	}
	for _, p := range f.Vendor().PBXs() {
		if p.ID == ExamplePBX && p.Status != yeastartest.StatusRunning {
			t.Error("the example's PBX was touched")
		}
	}
	if f.taken()[ExampleDIDA] || f.taken()[ExampleDIDB] {
		t.Error("the colleague took the numbers of the example")
	}
}
