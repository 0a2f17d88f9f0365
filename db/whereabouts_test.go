package db_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cordboard/db/dbtest"
	"cordboard/sync/fleet"
)

func TestAListIsAnsweredInItsOrderLineByLine(t *testing.T) {
	now := noon
	d := dbtest.At(t, func() time.Time { return now })
	keepPBXs(t, d, acme)
	var dids []fleet.DID
	for i, n := range []string{"1001", "1002", "10021", "10022", "8300"} {
		dids = append(dids, fleet.DID{ID: fleet.DIDID(i + 1), Number: n})
	}
	if err := keepDIDs(t.Context(), d, dids, noon); err != nil {
		t.Fatal(err)
	}
	hour := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	hearAll(t, d, naming(hour(1), "London", "1001", "1002", "10021"), naming(hour(3), "London", "1001"), naming(hour(5), "London", "2001", "1002", "10021"))
	answer := func(when fleet.When, lines ...string) string {
		t.Helper()
		found, err := d.Whereabouts(t.Context(), lines, when, 2)
		if err != nil || len(found) != len(lines) {
			t.Fatalf("%d answers to %d lines, %v", len(found), len(lines), err)
		}
		var out []string
		for _, a := range found {
			out = append(out, a.Asked+": "+inWords(a))
		}
		return strings.Join(out, "; ")
	}
	for _, c := range []struct {
		when  fleet.When
		lines []string
		want  string
	}{
		{fleet.When{}, []string{"8300", "1002", "0", "Acme HQ!", "77", "1001"}, "8300: free; 1002: 1002; 0: nothing; Acme HQ!: nothing; 77: nothing; 1001: nothing"},
		{fleet.When{}, []string{"100", "9 9"}, "100: 1002 10021 more; 9 9: nothing"},
		{fleet.At(hour(2)), []string{"1001", "2001", "1002"}, "1001: 1001; 2001: free, then from 17:00; 1002: 1002"},
		{fleet.At(hour(4)), []string{"1002", "1001"}, "1002: free, had until 15:00, then from 17:00; 1001: 1001?"},
		{fleet.At(hour(9)), []string{"1001", "2001"}, "1001: free, had until 17:00; 2001: 2001"},
		{fleet.When{From: hour(0), To: hour(9)}, []string{"1002"}, "1002: 1002 1002"},
		{fleet.When{}, []string{"", " "}, ": unreadable;  : unreadable"},
	} {
		if got := answer(c.when, c.lines...); got != c.want {
			t.Errorf("%v %v:\n%s\nwant\n%s", c.when, c.lines, got, c.want)
		}
	}
}

func inWords(a fleet.Whereabouts) string {
	var out []string
	for _, h := range a.Held {
		word := h.Number
		if !h.Sure {
			word += "?"
		}
		out = append(out, word)
	}
	for _, u := range a.Unheld {
		word := "free"
		if u.Before != nil {
			word += u.Before.To.Format(", had until 15:04")
		}
		if u.After != nil {
			word += u.After.From.Format(", then from 15:04")
		}
		out = append(out, word)
	}
	switch {
	case a.More:
		out = append(out, "more")
	case !a.Readable:
		return "unreadable"
	case len(out) == 0:
		return "nothing"
	}
	return strings.Join(out, " ")
}

// BenchmarkWhereabouts answers five hundred numbers at once.
func BenchmarkWhereabouts(b *testing.B) {
	for _, numbers := range filled {
		d := fillBench(b, numbers)
		var lines []string
		for i := range 500 {
			row, err := d.Numbers(b.Context(), []fleet.DIDID{fleet.DIDID(i*7 + 1)})
			if err != nil {
				b.Fatal(err)
			}
			lines = append(lines, row[fleet.DIDID(i*7+1)].Number)
		}
		for name, when := range map[string]fleet.When{"now": {}, "then": fleet.At(time.UnixMicro(1800000000000000))} {
			b.Run(fmt.Sprintf("numbers=%d/%s", numbers, name), func(b *testing.B) {
				for b.Loop() {
					found, err := d.Whereabouts(b.Context(), lines, when, 5)
					if err != nil || len(found[0].Held) != 1 {
						b.Fatal(found[0], err)
					}
				}
			})
		}
	}
}
