package db_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"

	"pgregory.net/rapid"
)

// TestWhatIsKeptOfATrunkIsWhatACountWouldSay does what can happen to numbers, in any order, and counts
// everything after each act.
func TestWhatIsKeptOfATrunkIsWhatACountWouldSay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d, err := db.Open(context.Background(), db.Config{Path: dbtest.File(t)})
		if err != nil {
			rt.Fatalf("%v", err)
		}
		defer d.Close()
		keepPBXs(rt, d, fleet.PBX{ID: 1, Serial: "a", Name: "A"}, fleet.PBX{ID: 2, Serial: "b", Name: "B"})
		moment := noon
		pairs := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) fleet.Binding {
			return pair(rapid.Int64Range(0, 3).Draw(rt, "trunk"), rapid.Int64Range(1, 5).Draw(rt, "did"))
		}), 0, 6)
		pbxs := rapid.SampledFrom([]fleet.PBXID{1, 2})
		rt.Repeat(map[string]func(*rapid.T){
			"": func(rt *rapid.T) {
				wrong, err := d.WrongTallies(context.Background())
				if err != nil || len(wrong) > 0 {
					rt.Fatalf("%v %v", wrong, err)
				}
			},
			"list the numbers": func(rt *rapid.T) {
				var dids []fleet.DID
				for id := range rapid.Int64Range(0, 6).Draw(rt, "how many") {
					did := fleet.DID{ID: fleet.DIDID(id + 1), Number: fmt.Sprintf("+4420%d", rapid.IntRange(1, 3).Draw(rt, "number")), Owner: fleet.PBXID(rapid.Int64Range(0, 2).Draw(rt, "owner"))}
					for _, b := range pairs.Draw(rt, "on") {
						did.Trunks = append(did.Trunks, b.Trunk)
					}
					dids = append(dids, did)
				}
				moment = moment.Add(time.Minute)
				if err := keepDIDs(context.Background(), d, dids, moment); err != nil {
					rt.Fatalf("%v", err)
				}
			},
			"report": func(rt *rapid.T) {
				at := moment.Add(time.Duration(rapid.IntRange(-20, 20).Draw(rt, "minutes")) * time.Minute)
				moment = moment.Add(time.Second)
				tell(rt, d, pbxs.Draw(rt, "PBX"), told{at.UnixMilli(), setOf(pairs.Draw(rt, "pairs")...)})
			},
			"read": func(rt *rapid.T) {
				moment = moment.Add(time.Hour)
				id := pbxs.Draw(rt, "PBX")
				if _, err := d.Record(context.Background(), fleet.Reading{PBX: fleet.PBX{ID: id}, Known: exact(moment, setOf(pairs.Draw(rt, "pairs")...))}); err != nil {
					rt.Fatalf("%v", err)
				}
			},
			"protect": func(rt *rapid.T) {
				err := d.SetProtected(context.Background(), fleet.DIDID(rapid.Int64Range(1, 5).Draw(rt, "did")), rapid.Bool().Draw(rt, "on"), entry(audit.NumberProtect, audit.Succeeded))
				if err != nil && fleet.KindOf(err) != fleet.KindNotFound {
					rt.Fatalf("%v", err)
				}
			},
		})
	})
}

// onTwoTrunks is a database with numbers 1 to 60 on trunk 1, of which every third is on trunk 2 too;
// PBX 4808 holds the first ten over trunk 1 and number 12 over trunk 2.
func onTwoTrunks(t *testing.T) *db.DB {
	t.Helper()
	d := dbtest.New(t)
	var dids []fleet.DID
	var held []fleet.Binding
	for i := range int64(60) {
		did := fleet.DID{ID: fleet.DIDID(i + 1), Number: fmt.Sprintf("+44207946%04d", 60-i), Trunks: []fleet.TrunkID{1}}
		if i%3 == 2 {
			did.Trunks = append(did.Trunks, 2)
		}
		dids = append(dids, did)
		if i < 10 {
			held = append(held, pair(1, i+1))
		}
	}
	held = append(held, pair(2, 12))
	ctx := t.Context()
	if err := d.KeepTrunks(ctx, []fleet.Trunk{{ID: 1, Name: "london", Kind: "register", Region: "Europe"}, {ID: 2, Name: "Leeds"}}, noon); err != nil {
		t.Fatal(err)
	}
	if err := keepDIDs(ctx, d, dids, noon); err != nil {
		t.Fatal(err)
	}
	look(t, d, exact(noon, setOf(held...)), fleet.VerdictNew)
	for _, id := range []fleet.DIDID{3, 60} {
		if err := d.SetProtected(ctx, id, true, entry(audit.NumberProtect, audit.Succeeded)); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// everyNumber walks all pages of a trunk's numbers.
func everyNumber(t *testing.T, d *db.DB, f fleet.TrunkNumberFilter) (all []fleet.TrunkNumber, total int) {
	t.Helper()
	for pages := 0; pages < 100; pages++ {
		page, err := d.TrunkNumbers(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if pages == 0 {
			total = page.Total
		}
		all = append(all, page.Items...)
		if f.Page.After = page.Next; page.Next == "" {
			return all, total
		}
	}
	t.Fatal("the list has no end")
	return nil, 0
}

func TestATrunksNumbersAreListedOnceInOrderAndByUse(t *testing.T) {
	d := onTwoTrunks(t)
	for _, c := range []struct {
		trunk fleet.TrunkID
		use   fleet.NumberUse
		want  int
	}{{1, fleet.AnyUse, 60}, {1, fleet.InUse, 11}, {1, fleet.FreeUse, 49}, {1, fleet.ProtectedOnly, 2}, {2, fleet.AnyUse, 20}, {2, fleet.InUse, 4}, {2, fleet.FreeUse, 16}, {3, fleet.AnyUse, 0}} {
		for _, limit := range []int{1, 7, 200} {
			all, total := everyNumber(t, d, fleet.TrunkNumberFilter{Trunk: c.trunk, Use: c.use, Page: fleet.PageRequest{Limit: limit}})
			sorted := slices.IsSortedFunc(all, func(a, b fleet.TrunkNumber) int {
				if a.Number < b.Number {
					return -1
				}
				return 1
			})
			if len(all) != c.want || total != c.want || !sorted {
				t.Errorf("trunk %d %q by %d: %d numbers, total %d, want %d; sorted: %v", c.trunk, c.use, limit, len(all), total, c.want, sorted)
			}
		}
	}
	all, _ := everyNumber(t, d, fleet.TrunkNumberFilter{Trunk: 1, Use: fleet.InUse})
	over := map[fleet.DIDID]fleet.TrunkID{}
	for _, n := range all {
		over[n.ID] = n.Over
		if n.Owner != acme.ID || n.OwnerName != acme.Name {
			t.Errorf("%+v", n)
		}
	}
	if over[1] != 1 || over[12] != 2 {
		t.Errorf("held over %v", over)
	}
}

func TestASearchOnATrunkFindsItsOwnNumbersOnly(t *testing.T) {
	d := onTwoTrunks(t)
	for _, c := range []struct {
		f    fleet.TrunkNumberFilter
		want int
	}{
		{fleet.TrunkNumberFilter{Trunk: 1, Q: "0044 20 7946"}, 60}, {fleet.TrunkNumberFilter{Trunk: 2, Q: "+44 20 7946"}, 20},
		{fleet.TrunkNumberFilter{Trunk: 2, Q: "7946"}, 20}, {fleet.TrunkNumberFilter{Trunk: 2, Q: "7946", Use: fleet.FreeUse}, 16},
		{fleet.TrunkNumberFilter{Trunk: 1, Q: "7946", Use: fleet.ProtectedOnly}, 2}, {fleet.TrunkNumberFilter{Trunk: 1, Q: "+442079460060"}, 1},
		{fleet.TrunkNumberFilter{Trunk: 2, Q: "+442079460060"}, 0}, {fleet.TrunkNumberFilter{Trunk: 1, Q: "!"}, 0},
	} {
		for _, limit := range []int{3, 100} {
			c.f.Page = fleet.PageRequest{Limit: limit}
			if all, _ := everyNumber(t, d, c.f); len(all) != c.want {
				t.Errorf("%+v: %d numbers, want %d", c.f, len(all), c.want)
			}
		}
	}
	if _, err := d.TrunkNumbers(t.Context(), fleet.TrunkNumberFilter{Trunk: 1, Page: fleet.PageRequest{After: "x"}}); fleet.KindOf(err) != fleet.KindInvalid {
		t.Errorf("a made-up cursor: %v", err)
	}
}

func TestATrunkTellsWhatItCarriesAndWhoUsesOrUsedIt(t *testing.T) {
	d, ctx := onTwoTrunks(t), t.Context()
	rows, err := d.Trunks(ctx)
	if err != nil || len(rows) != 2 || rows[0].Name != "Leeds" {
		t.Fatalf("%+v %v", rows, err)
	}
	if got := rows[1].Tally; got != (fleet.TrunkTally{Numbers: 60, Used: 11, Protected: 2, PBXs: 1}) || got.Free() != 49 {
		t.Errorf("%+v", got)
	}
	look(t, d, exact(noon.Add(time.Hour), setOf(pair(1, 1))), fleet.VerdictNew)
	users, err := d.TrunkPBXs(ctx, 2, fleet.PageRequest{})
	if err != nil || users.Total != 0 || len(users.Items) != 1 || users.Items[0].Pairs != 0 || users.Items[0].ID != acme.ID {
		t.Errorf("who had numbers over a trunk is forgotten: %+v %v", users, err)
	}
	if err := d.KeepTrunks(ctx, []fleet.Trunk{{ID: 1}}, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	gone, err := d.Trunk(ctx, 2)
	if err != nil || !gone.Deleted || !gone.DeletedAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v %v", gone, err)
	}
	if _, err := d.Trunk(ctx, 77); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("a trunk that never was: %v", err)
	}
}

func TestAStatusThatCannotBeReadKeepsTheLastOneAndSaysWhy(t *testing.T) {
	d, ctx := onTwoTrunks(t), t.Context()
	good := fleet.Registration{State: fleet.RegisteredFailed, Reason: fleet.FailAuth, At: noon, AskedAt: noon}
	if err := d.KeepRegistration(ctx, 1, good); err != nil {
		t.Fatal(err)
	}
	bad := fleet.Registration{AskedAt: noon.Add(time.Minute), Trouble: "Yeastar denies this to our account."}
	if err := d.KeepRegistration(ctx, 1, bad); err != nil {
		t.Fatal(err)
	}
	row, err := d.Trunk(ctx, 1)
	want := fleet.Registration{State: good.State, Reason: good.Reason, At: noon, AskedAt: bad.AskedAt, Trouble: bad.Trouble}
	if err != nil || row.Registration != want {
		t.Errorf("%+v %v, want %+v", row.Registration, err, want)
	}
	good.AskedAt = noon.Add(time.Hour)
	if err := d.KeepRegistration(ctx, 1, good); err != nil {
		t.Fatal(err)
	}
	if row, _ = d.Trunk(ctx, 1); row.Registration != good {
		t.Errorf("a reading that works leaves the trouble: %+v", row.Registration)
	}
	if err := d.KeepRegistration(ctx, 77, good); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("a trunk that never was: %v", err)
	}
}

func TestDeliveriesAreCountedByTheDayOfTheirArrivalOnce(t *testing.T) {
	d, ctx := dbtest.New(t), t.Context()
	for _, day := range []int{1, 1, 3} {
		if _, err := d.Store(ctx, []byte("[]"), noon.AddDate(0, 0, -day)); err != nil {
			t.Fatal(err)
		}
	}
	digest := func() {
		for {
			n, err := d.Digest(ctx, 10, settleAs(fleet.Settled{State: fleet.DeliveryDigested}))
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				return
			}
		}
	}
	digest()
	if err := d.Reopen(ctx, 1); err != nil {
		t.Fatal(err)
	}
	digest()
	days, err := d.DeliveryDays(ctx, noon, 4)
	want := []int{1, 0, 2, 0}
	if err != nil || len(days) != len(want) {
		t.Fatalf("%v %v", days, err)
	}
	for i, n := range want {
		if days[i].Count != n || !days[i].Day.Equal(noon.Truncate(24*time.Hour).AddDate(0, 0, i-3)) {
			t.Errorf("day %d: %+v, want %d", i, days[i], n)
		}
	}
}

func TestDriftIsCountedByTheDayItWasFound(t *testing.T) {
	at := noon
	d, ctx := dbtest.At(t, func() time.Time { return at }), t.Context()
	look(t, d, exact(noon.AddDate(0, 0, -2), setOf(pair(1, 1), pair(1, 2))), fleet.VerdictNew)
	look(t, d, exact(noon.AddDate(0, 0, -1), setOf(pair(1, 2))), fleet.VerdictNew)
	open, err := d.OpenDrift(ctx, acme.ID)
	if err != nil {
		t.Fatal(err)
	}
	days, err := d.DriftDays(ctx, noon, 3)
	if err != nil || len(days) != 3 {
		t.Fatalf("%v %v", days, err)
	}
	for i, day := range days {
		want := 0
		if day.Day.Equal(open.OpenedAt.Truncate(24 * time.Hour)) {
			want = 1
		}
		if day.Count != want {
			t.Errorf("day %d: %+v, want %d", i, day, want)
		}
	}
	if none, err := d.DriftDays(ctx, noon.AddDate(0, 0, -10), 3); err != nil || none[0].Count+none[1].Count+none[2].Count != 0 {
		t.Errorf("before there was any: %v %v", none, err)
	}
}
