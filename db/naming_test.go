package db_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/fleet"

	"pgregory.net/rapid"
)

// naming makes a report of PBX acme, with one number on trunk 1 as often as numbers are given.
func naming(at time.Time, trunk string, numbers ...string) fleet.Report {
	r := fleet.Report{Event: fleet.DIDChange, At: at}
	var pairs []fleet.Binding
	for i, n := range numbers {
		if n != "" {
			pairs = append(pairs, pair(1, int64(i+1)))
			r.Names = append(r.Names, fleet.ReportedName{Binding: pair(1, int64(i+1)), Number: n, TrunkName: trunk})
		}
	}
	r.Set = setOf(pairs...)
	return r
}

func hearAll(t require, d *db.DB, reports ...fleet.Report) {
	t.Helper()
	for _, r := range reports {
		within(t, d, func(ctx context.Context, h *db.History) error {
			_, _, err := arrive(ctx, h, acme.ID, r)
			return err
		})
	}
}

func findAt(t require, d *db.DB, text string, when fleet.When) string {
	t.Helper()
	page, err := d.FindNumbers(context.Background(), text, when, fleet.PageRequest{})
	if err != nil {
		t.Fatalf("%v", err)
	}
	var out []string
	for _, h := range page.Items {
		line := h.Number + "@" + h.TrunkName
		if !h.Sure {
			line += "?"
		}
		out = append(out, line)
	}
	return strings.Join(out, " ")
}

func TestAnIDThatIsGivenToAnotherNumberDoesNotRenameItInThePast(t *testing.T) {
	hour := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	reports := []fleet.Report{
		naming(hour(1), "London", "+442079460001"), naming(hour(3), "London", ""), naming(hour(5), "Paris", "+442079460099"), naming(hour(6), "Paris", "+442079460099", "83"),
	}
	rapid.Check(t, func(rt *rapid.T) {
		d, err := db.Open(context.Background(), db.Config{Path: dbtest.File(t)})
		if err != nil {
			rt.Fatalf("%v", err)
		}
		defer d.Close()
		keepPBXs(rt, d, acme)
		hearAll(rt, d, rapid.Permutation(reports).Draw(rt, "order")...)
		for _, c := range []struct {
			text string
			when fleet.When
			want string
		}{
			{"+442079460001", fleet.When{}, ""},
			{"+442079460001", fleet.At(hour(2)), "+442079460001@London"},
			{"9460001", fleet.At(hour(2)), "+442079460001@London"},
			{"+442079460099", fleet.At(hour(2)), ""},
			{"+442079460099", fleet.At(hour(5)), "+442079460099@Paris"},
			{"+442079460001", fleet.At(hour(5)), ""},
			{"+4420794600", fleet.When{From: hour(0), To: hour(9)}, "+442079460099@Paris +442079460001@London"},
			{"+4420794600", fleet.When{From: hour(3), To: hour(4)}, ""},
			{"+4420794600", fleet.When{From: hour(4)}, "+442079460099@Paris"},
		} {
			if got := findAt(rt, d, c.text, c.when); got != c.want {
				rt.Errorf("%s, %v: %q, want %q", c.text, c.when, got, c.want)
			}
		}
		rows, err := d.Numbers(context.Background(), []fleet.DIDID{1})
		row := rows[1]
		if err != nil || row.NumberAt(hour(2)) != "+442079460001" || row.NumberAt(hour(5)) != "+442079460099" || row.NumberAt(time.Time{}) != "+442079460099" {
			rt.Errorf("%+v %v", rows, err)
		}
		trunks, err := d.AllTrunks(context.Background())
		if err != nil || len(trunks) != 1 || trunks[0].Name != "Paris" || trunks[0].NameAt(hour(4)) != "London" {
			rt.Errorf("%+v %v", trunks, err)
		}
		if rows, err := d.FindDIDs(context.Background(), "+442079460001", 9); err != nil || len(rows) != 0 {
			rt.Errorf("a number that is no more is offered: %+v %v", rows, err)
		}
	})
}

func TestANumberThatChangedUnderABoundIDIsUncertainBetweenTheLastTimeItWasToldAndTheFirst(t *testing.T) {
	d := dbtest.New(t)
	keepPBXs(t, d, acme)
	hearAll(t, d, naming(noon, "London", "1001", "1002"), naming(noon.Add(time.Hour), "London", "1001"), naming(noon.Add(3*time.Hour), "London", "2001"))
	for at, want := range map[time.Duration]string{
		0: "1002@London 1001@London", time.Hour: "1001@London", 2 * time.Hour: "2001@London? 1001@London?", 3 * time.Hour: "2001@London",
	} {
		if got := findAt(t, d, "", fleet.At(noon.Add(at))); got != want {
			t.Errorf("%v: %q, want %q", at, got, want)
		}
	}
}

func TestANumberWrittenInAnotherWayIsNoOtherNumber(t *testing.T) {
	now := noon
	d := dbtest.At(t, func() time.Time { return now })
	keepPBXs(t, d, acme)
	hearAll(t, d, naming(noon, "London", "+44 20 7946 0001"))
	now = noon.Add(time.Hour)
	if err := keepDIDs(t.Context(), d, []fleet.DID{{ID: 1, Number: "+442079460001"}}, now); err != nil {
		t.Fatal(err)
	}
	hearAll(t, d, naming(noon.Add(2*time.Hour), "London", "0044 20 7946 0001", "83"))
	rows, err := d.Numbers(t.Context(), []fleet.DIDID{1})
	if err != nil || rows[1].Number != "+442079460001" || len(rows[1].Formers) != 0 {
		t.Errorf("%+v %v", rows, err)
	}
}

func TestFormerNumbersAreFoundByANewRuleForKeysToo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordboard.db")
	d := dbtest.Open(t, path, nil)
	keepPBXs(t, d, acme)
	hearAll(t, d, naming(noon, "London", "02079460001"), naming(noon.Add(time.Hour), "London", "83"))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	home := func(number string) []string {
		if rest, ok := strings.CutPrefix(number, "0"); ok {
			return append([]string{"44" + rest}, db.DigitKeys(number)...)
		}
		return db.DigitKeys(number)
	}
	d, err := db.Open(t.Context(), db.Config{Path: path, Keys: home, KeysVersion: "GB"})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got := findAt(t, d, "+44 20 7946 0001", fleet.At(noon)); got != "02079460001@London" {
		t.Errorf("%q", got)
	}
}

func TestASearchOfThePastGoesThroughPresentAndFormerNumbersPageByPage(t *testing.T) {
	d := dbtest.New(t)
	keepPBXs(t, d, acme)
	was, is := make([]string, 9), make([]string, 9)
	for i := range was {
		was[i], is[i] = "7700"+string(rune('1'+i)), "8800"+string(rune('1'+i))
	}
	hearAll(t, d, naming(noon, "London", was...), naming(noon.Add(time.Hour), "London"), naming(noon.Add(2*time.Hour), "London", is...))
	ever := fleet.When{From: noon, To: noon.Add(9 * time.Hour)}
	for text, want := range map[string]int{"7700": 9, "8800": 9, "00": 0, "700": 9, "": 18, "77003": 1} {
		var got []string
		for page := (fleet.PageRequest{Limit: 2}); ; {
			hits, err := d.FindNumbers(t.Context(), text, ever, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range hits.Items {
				got = append(got, h.Number)
			}
			if page.After = hits.Next; page.After == "" {
				break
			}
		}
		if slices.Sort(got); len(got) != want || len(slices.Compact(got)) != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
