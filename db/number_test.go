package db_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"

	"pgregory.net/rapid"
)

func TestDigitKeysKeepWhatAPhoneCanDial(t *testing.T) {
	for number, want := range map[string][]string{
		"+44 20 7946-0000": {"442079460000"}, "0044 20": {"4420", "004420"}, "83": {"83"}, "00": {"00"}, "000": {"0", "000"}, "": nil, "+": nil, "Sales-1": {"sales1"},
	} {
		if got := db.DigitKeys(number); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", number, got, want)
		}
	}
}

// numbered makes a database whose PBX 4808 holds some of the numbers.
func numbered(t require, d *db.DB, numbers []string, held func(i int) bool) {
	t.Helper()
	var dids []fleet.DID
	var pairs []fleet.Binding
	for i, n := range numbers {
		dids = append(dids, fleet.DID{ID: fleet.DIDID(i + 1), Number: n, Trunks: []fleet.TrunkID{6681}})
		if held(i) {
			pairs = append(pairs, pair(6681, int64(i+1)))
		}
	}
	if err := d.Remember(context.Background(), dids, []fleet.Trunk{{ID: 6681, Name: "London"}}); err != nil {
		t.Fatalf("%v", err)
	}
	if _, err := d.Record(context.Background(), fleet.Reading{PBX: acme, Known: exact(noon, setOf(pairs...))}); err != nil {
		t.Fatalf("%v", err)
	}
}

// TestASearchFindsEveryNumberThatBeginsWithOrContainsTheDigitsOnce compares the search with the slow
// and obvious one, over all pages.
func TestASearchFindsEveryNumberThatBeginsWithOrContainsTheDigitsOnce(t *testing.T) {
	digits := rapid.StringOfN(rapid.SampledFrom([]rune("0124")), 1, 7, -1)
	rapid.Check(t, func(rt *rapid.T) {
		d, err := db.Open(context.Background(), db.Config{Path: dbtest.File(t)})
		if err != nil {
			rt.Fatalf("%v", err)
		}
		defer d.Close()
		numbers := rapid.SliceOfN(digits, 1, 25).Draw(rt, "numbers")
		numbered(rt, d, numbers, func(i int) bool { return i%3 != 0 })
		for range 8 {
			text := digits.Draw(rt, "text")
			forms := db.DigitKeys(text)
			literal := slices.ContainsFunc(forms, func(f string) bool { return strings.HasPrefix(f, "00") })
			inside := (literal || !strings.HasPrefix(text, "00")) && slices.ContainsFunc(forms, func(f string) bool { return len(f) >= 3 })
			var want []fleet.DIDID
			for i, n := range numbers {
				if i%3 != 0 && found(db.DigitKeys(n), forms, inside && !whole(numbers, forms)) {
					want = append(want, fleet.DIDID(i+1))
				}
			}
			var got []fleet.DIDID
			for page := (fleet.PageRequest{Limit: 3}); ; {
				hits, err := d.FindNumbers(context.Background(), text, fleet.When{}, page)
				if err != nil {
					rt.Fatalf("%v", err)
				}
				if len(hits.Items) > 3 {
					rt.Fatalf("%d rows on a page of 3", len(hits.Items))
				}
				for _, h := range hits.Items {
					got = append(got, h.DID)
				}
				if page.After = hits.Next; page.After == "" {
					break
				}
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				rt.Fatalf("%q in %q: %v, want %v", text, numbers, got, want)
			}
		}
	})
}

func found(keys, forms []string, inside bool) bool {
	for _, k := range keys {
		for _, f := range forms {
			if strings.HasPrefix(k, f) || inside && len(f) >= 3 && strings.Contains(k, f) {
				return true
			}
		}
	}
	return false
}

// whole reports whether a number of seven digits or more is exactly what was typed: then numbers
// that only contain it are not meant.
func whole(numbers, forms []string) bool {
	return slices.ContainsFunc(numbers, func(n string) bool {
		return slices.ContainsFunc(db.DigitKeys(n), func(k string) bool { return len(k) >= 7 && slices.Contains(forms, k) })
	})
}

func TestWhoHeldANumberWhenAndHowExactlyThatIsKnown(t *testing.T) {
	d := dbtest.New(t)
	other := fleet.PBX{ID: 1, Serial: "S1", Name: "Globex"}
	keepPBXs(t, d, acme, other)
	numbered(t, d, []string{"+442079460000"}, func(int) bool { return true }) // read at noon
	tell(t, d, acme.ID, told{noon.Add(time.Hour).UnixMilli(), setOf()})
	tell(t, d, other.ID, told{noon.Add(2 * time.Hour).UnixMilli(), setOf(pair(6681, 1))})
	find := func(at time.Time) []fleet.Holding {
		t.Helper()
		page, err := d.FindNumbers(t.Context(), "0044 20 7946 0000", fleet.At(at), fleet.PageRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return page.Items
	}
	if got := find(noon.Add(-time.Second)); len(got) != 0 {
		t.Errorf("before anybody knew: %+v", got)
	}
	if got := find(noon.Add(time.Minute)); len(got) != 1 || got[0].PBX != acme.ID || got[0].FromExact || !got[0].To.Equal(noon.Add(time.Hour)) || got[0].TrunkName != "London" {
		t.Errorf("%+v", got)
	}
	if got := find(noon.Add(90 * time.Minute)); len(got) != 0 {
		t.Errorf("while nobody held it: %+v", got)
	}
	got := find(time.Time{})
	if len(got) != 1 || got[0].PBXName != "Globex" || !got[0].FromExact || !got[0].To.IsZero() || !got[0].From.Equal(noon.Add(2*time.Hour)) || got[0].Number != "+442079460000" {
		t.Errorf("%+v", got)
	}
	numbers, err := d.Numbers(t.Context(), []fleet.DIDID{1, 99})
	if err != nil || len(numbers) != 1 || numbers[1].Owner != 1 || numbers[1].OwnerName != "Globex" {
		t.Errorf("%+v %v", numbers, err)
	}
}

func TestReportsNameNumbersAndTrunksUntilAYoungerReadOfTheCatalogue(t *testing.T) {
	now := noon
	d := dbtest.At(t, func() time.Time { return now })
	keepPBXs(t, d, acme)
	look(t, d, exact(noon, setOf(pair(1, 1), pair(1, 2))), fleet.VerdictNew) // a read without names
	named := func(at time.Time, number, trunk string, pairs ...fleet.Binding) {
		t.Helper()
		report := fleet.Report{Event: fleet.DIDChange, At: at, Set: setOf(pairs...)}
		for _, b := range pairs {
			report.Names = append(report.Names, fleet.ReportedName{Binding: b, Number: fmt.Sprint(number, b.DID), TrunkName: trunk})
		}
		within(t, d, func(ctx context.Context, h *db.History) error {
			_, _, err := arrive(ctx, h, acme.ID, report)
			return err
		})
	}
	name := func() string {
		t.Helper()
		page, err := d.FindNumbers(t.Context(), "", fleet.When{}, fleet.PageRequest{})
		if err != nil {
			t.Fatal(err)
		}
		out := ""
		for _, h := range page.Items {
			out += h.Number + "@" + h.TrunkName + " "
		}
		return out
	}
	named(noon.Add(time.Second), "100", "Old", pair(1, 1), pair(1, 2))
	if got := name(); got != "1001@Old 1002@Old " {
		t.Errorf("%q", got)
	}
	now = noon.Add(time.Hour)
	if err := keepDIDs(t.Context(), d, []fleet.DID{{ID: 1, Number: "2001"}, {ID: 2, Number: "2002"}}, now); err != nil {
		t.Fatal(err)
	}
	if err := d.KeepTrunks(t.Context(), []fleet.Trunk{{ID: 1, Name: "New"}}, now); err != nil {
		t.Fatal(err)
	}
	named(noon.Add(time.Minute), "300", "Older", pair(1, 1), pair(1, 2), pair(1, 3))
	named(noon.Add(30*time.Second), "300", "Older", pair(1, 1), pair(1, 2))
	if got := name(); got != "2001@New 2002@New 3003@New " {
		t.Errorf("an old report renamed what was read since: %q", got)
	}
	named(noon.Add(2*time.Hour), "400", "Newest", pair(1, 1), pair(1, 4))
	if got := name(); got != "4001@Newest 4004@Newest " {
		t.Errorf("%q", got)
	}
}

func TestAbsenceFromACompleteListMarksNumbersAndTrunksDeletedAndKeepsTheirHistory(t *testing.T) {
	d := dbtest.New(t)
	numbered(t, d, []string{"100", "200", "300"}, func(int) bool { return true })
	defs := fleet.HeaderDefs{Known: true, List: []fleet.HeaderDef{{ID: 7, Name: "X-Account"}}}
	if err := d.Remember(t.Context(), nil, []fleet.Trunk{{ID: 6681, Headers: defs}, {ID: 2, Name: "Paris"}}); err != nil {
		t.Fatal(err)
	}
	if err := keepDIDs(t.Context(), d, []fleet.DID{{ID: 1, Number: "100"}, {ID: 3, Number: "300"}}, noon); err != nil {
		t.Fatal(err)
	}
	if err := d.KeepTrunks(t.Context(), []fleet.Trunk{{ID: 6681, Name: "London"}}, noon); err != nil {
		t.Fatal(err)
	}
	numbers, err := d.Numbers(t.Context(), []fleet.DIDID{1, 2, 3})
	if err != nil || numbers[1].Deleted || !numbers[2].Deleted || numbers[2].Number != "200" || numbers[3].Deleted {
		t.Errorf("%+v %v", numbers, err)
	}
	trunks, err := d.AllTrunks(t.Context())
	if err != nil || len(trunks) != 2 || !trunks[0].Deleted && !trunks[1].Deleted {
		t.Errorf("a trunk that is listed no more lost its name: %+v %v", trunks, err)
	}
	trunks = slices.DeleteFunc(trunks, func(t fleet.Trunk) bool { return t.Deleted })
	if len(trunks) != 1 || trunks[0].Name != "London" || !trunks[0].Headers.Known || !slices.Equal(trunks[0].Headers.List, defs.List) {
		t.Errorf("a list that shows no header definitions made them unknown: %+v %v", trunks, err)
	}
	if page, err := d.FindNumbers(t.Context(), "200", fleet.When{}, fleet.PageRequest{}); err != nil || len(page.Items) != 1 {
		t.Errorf("%+v %v", page, err)
	}
}

func TestProtectionSurvivesListingsAndIsAudited(t *testing.T) {
	d := dbtest.New(t)
	numbered(t, d, []string{"100"}, func(int) bool { return true })
	if err := d.SetProtected(t.Context(), 1, true, entry(audit.NumberProtect, audit.Succeeded)); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour) // than what was remembered just now
	if err := keepDIDs(t.Context(), d, []fleet.DID{{ID: 1, Number: "101", Name: "Front desk"}}, later); err != nil {
		t.Fatal(err)
	}
	rows, err := d.FindDIDs(t.Context(), "101", 10)
	if err != nil || len(rows) != 1 || !rows[0].Protected || rows[0].Name != "Front desk" {
		t.Errorf("%+v %v", rows, err)
	}
	if rows, err := d.FindDIDs(t.Context(), "100", 10); err != nil || len(rows) != 0 {
		t.Errorf("found by its old number: %+v %v", rows, err)
	}
	if err := d.SetProtected(t.Context(), 9, true, entry(audit.NumberProtect, audit.Succeeded)); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("%v", err)
	}
	if page, err := d.Audit(t.Context(), audit.Filter{Action: string(audit.NumberProtect)}); err != nil || page.Total != 1 {
		t.Errorf("%+v %v", page, err)
	}
}

func TestAnotherRuleForKeysIsAppliedToAllNumbersAtTheNextStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordboard.db")
	national := func(number string) []string {
		keys := db.DigitKeys(number)
		if rest, ok := strings.CutPrefix(keys[0], "0"); ok {
			keys = append([]string{"44" + rest}, keys...)
		}
		return keys
	}
	find := func(cfg db.Config, text string) int {
		t.Helper()
		d, err := db.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		rows, err := d.FindDIDs(t.Context(), text, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(rows)
	}
	d := dbtest.Open(t, path, nil)
	numbered(t, d, []string{"02079460000"}, func(int) bool { return true })
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if n := find(db.Config{Path: path}, "+44 20 7946 0000"); n != 0 {
		t.Errorf("found %d by a form that nobody told", n)
	}
	if n := find(db.Config{Path: path, Keys: national, KeysVersion: "GB"}, "+44 20 7946 0000"); n != 1 {
		t.Errorf("found %d", n)
	}
	if n := find(db.Config{Path: path}, "+44 20 7946 0000"); n != 1 {
		t.Errorf("a command beside the server took the keys away: %d", n)
	}
	if n := find(db.Config{Path: path, Keys: db.DigitKeys, KeysVersion: ""}, "+44 20 7946 0000"); n != 0 {
		t.Errorf("found %d after the rule was taken back", n)
	}
	if n := find(db.Config{Path: path}, "7946"); n != 1 {
		t.Errorf("fragments: found %d", n)
	}
}
