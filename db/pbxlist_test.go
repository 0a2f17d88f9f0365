package db_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/fleet"
)

// seeded is a fleet of 60 PBXs in all states, of which some share names, counts and times.
func seeded(t *testing.T) *db.DB {
	t.Helper()
	d := dbtest.New(t)
	random := rand.New(rand.NewPCG(7, 7))
	var list []fleet.PBX
	for i := range 60 {
		list = append(list, fleet.PBX{
			ID: fleet.PBXID(i + 1), Serial: fmt.Sprintf("36SERIAL%04d", i), Name: fmt.Sprintf("%s %d", []string{"Acme", "acme", "Globex", "Zoë's Café"}[i%4], i%7),
			URL: fmt.Sprintf("c%d.example.com", i), Region: []string{"EU", "US", "Asia"}[i%3], Status: []fleet.PBXStatus{fleet.StatusRunning, fleet.StatusStopped}[i%2],
		})
	}
	keepPBXs(t, d, list...)
	for i, p := range list {
		if i%5 == 0 {
			continue // never read
		}
		var pairs []fleet.Binding
		for n := range random.IntN(4) {
			pairs = append(pairs, pair(1, int64(1000+i*10+n)))
		}
		var dids []fleet.DID
		for _, b := range pairs {
			dids = append(dids, fleet.DID{ID: b.DID, Number: fmt.Sprintf("+4420794%05d", b.DID), Trunks: []fleet.TrunkID{1}, Owner: p.ID})
		}
		at := noon.Add(time.Duration(i%10) * time.Minute)
		known := exact(at, setOf(pairs...))
		if _, err := d.Record(t.Context(), fleet.Reading{PBX: p, Known: known, DIDs: dids}); err != nil {
			t.Fatal(err)
		}
		var err error
		switch i % 9 {
		case 1:
			err = d.Trouble(t.Context(), p.ID, at, "timeout")
		case 2:
			err = d.Missing(t.Context(), p.ID, at.Add(time.Second))
		case 3:
			known.At, known.Set = at.Add(time.Second), setOf(pair(1, int64(5000+i)))
			_, err = d.Record(t.Context(), fleet.Reading{PBX: p, Known: known})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// walkPBXs reads all pages of a list.
func walkPBXs(t *testing.T, d *db.DB, f fleet.PBXFilter, now time.Time, staleAfter time.Duration) (rows []fleet.PBXRow) {
	t.Helper()
	f.Page = fleet.PageRequest{Limit: 7}
	for {
		page, err := d.PBXs(t.Context(), f, now, staleAfter)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, page.Items...)
		if f.Page.After = page.Next; page.Next == "" {
			if page.Total != len(rows) {
				t.Errorf("%+v: total %d, %d rows", f, page.Total, len(rows))
			}
			return rows
		}
		if len(page.Items) != 7 {
			t.Fatalf("%+v: a page of %d rows that is not the last", f, len(page.Items))
		}
	}
}

func TestTheFleetIsListedUnderEveryFilterAndSortPageByPage(t *testing.T) {
	d := seeded(t)
	now, staleAfter := noon.Add(16*time.Minute), 10*time.Minute // some are stale by age
	all := walkPBXs(t, d, fleet.PBXFilter{}, now, staleAfter)
	if len(all) != 60 {
		t.Fatalf("%d PBXs", len(all))
	}
	orders := map[string]func(a, b fleet.PBXRow) int{
		"":         func(a, b fleet.PBXRow) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) },
		"-changed": func(a, b fleet.PBXRow) int { return b.Standing.ChangedAt.Compare(a.Standing.ChangedAt) },
		"-numbers": func(a, b fleet.PBXRow) int { return cmp.Compare(b.Numbers, a.Numbers) },
		"verified": func(a, b fleet.PBXRow) int { return a.Standing.VerifiedAt.Compare(b.Standing.VerifiedAt) },
	}
	seen := make(map[fleet.SyncState]int)
	for _, s := range []fleet.SyncState{"", fleet.InSync, fleet.Stale, fleet.Drifted, fleet.Unknown, fleet.Gone} {
		for _, region := range []string{"", "EU"} {
			for _, status := range []fleet.PBXStatus{"", fleet.StatusStopped} {
				for sort, order := range orders {
					var want []fleet.PBXID
					for _, p := range all {
						state := fleet.Judge(p.Standing, now, staleAfter).State
						if (s == "" || s == state) && (region == "" || region == p.Region) && (status == "" || status == p.Status) {
							want = append(want, p.ID)
						}
					}
					f := fleet.PBXFilter{State: s, Region: region, Status: status, Sort: sort}
					rows := walkPBXs(t, d, f, now, staleAfter)
					if !slices.IsSortedFunc(rows, order) {
						t.Errorf("%+v is not sorted", f)
					}
					if got := idsOf(rows); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
						t.Errorf("%+v: %v, want %v", f, got, want)
					}
					seen[s] += len(rows)
				}
			}
		}
	}
	for s, n := range seen {
		if n == 0 {
			t.Errorf("no PBX in state %q: the test proves nothing", s)
		}
	}
	tally, err := d.Tally(t.Context(), now, staleAfter)
	if err != nil || tally.PBXs != 60 || tally.Regions["EU"] != 20 || tally.Statuses[fleet.StatusStopped] != 30 {
		t.Errorf("%+v %v", tally, err)
	}
	for _, p := range all {
		tally.States[fleet.Judge(p.Standing, now, staleAfter).State]--
	}
	for s, n := range tally.States {
		if n != 0 {
			t.Errorf("the tally of %q is %d too high", s, n)
		}
	}
}

// idsOf are the ids in order of size.
func idsOf(rows []fleet.PBXRow) []fleet.PBXID {
	var ids []fleet.PBXID
	for _, p := range rows {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	return ids
}

func TestTheFleetIsSearchedByNameURLSerialAndCurrentNumber(t *testing.T) {
	d := seeded(t)
	all := walkPBXs(t, d, fleet.PBXFilter{}, noon, time.Hour)
	contains := func(q string) (ids []fleet.PBXID) {
		for _, p := range all {
			if strings.Contains(strings.ToLower(p.Name+"\n"+p.URL+"\n"+p.Serial), strings.ToLower(q)) {
				ids = append(ids, p.ID)
			}
		}
		slices.Sort(ids)
		return ids
	}
	for _, q := range []string{"glob", "ACME", "café", "c17.example", "serial0042", "example.com", " Globex 3 ", `no "such' thing`, "acme* OR globex"} {
		if got := idsOf(walkPBXs(t, d, fleet.PBXFilter{Q: q}, noon, time.Hour)); !slices.Equal(got, contains(strings.TrimSpace(q))) {
			t.Errorf("%q: %v, want %v", q, got, contains(q))
		}
	}
	if got := walkPBXs(t, d, fleet.PBXFilter{Q: "gl", Region: "EU", Sort: "-numbers"}, noon, time.Hour); len(got) == 0 || got[0].Region != "EU" {
		t.Errorf("%+v", got)
	}
	// DID 1011 is +442079401011. It belongs to PBX 2 if that one got two numbers.
	holders, err := d.FindNumbers(t.Context(), "", fleet.When{}, fleet.PageRequest{Limit: 200})
	if err != nil || len(holders.Items) == 0 {
		t.Fatalf("%v %v", holders, err)
	}
	for _, h := range holders.Items[:20] {
		if h.Number == "" {
			continue
		}
		for _, q := range []string{h.Number, strings.Replace(h.Number, "+44", "0044 ", 1), h.Number[4:], h.Number[:7] + " " + h.Number[7:]} {
			rows := walkPBXs(t, d, fleet.PBXFilter{Q: q}, noon, time.Hour)
			i := slices.IndexFunc(rows, func(p fleet.PBXRow) bool { return p.ID == h.PBX })
			if i < 0 || rows[i].Matched == "" {
				t.Errorf("%q does not find PBX %d: %+v", q, h.PBX, rows)
			}
		}
	}
}

func TestWrongSortsAndCursorsAreBadInput(t *testing.T) {
	d := seeded(t)
	for _, f := range []fleet.PBXFilter{{Sort: "name; DROP TABLE pbx"}, {Page: fleet.PageRequest{After: "x"}}, {Sort: "-numbers", Page: fleet.PageRequest{After: "WyJhIiwxXQ"}}} {
		if _, err := d.PBXs(t.Context(), f, noon, time.Hour); fleet.KindOf(err) != fleet.KindInvalid {
			t.Errorf("%+v: %v", f, err)
		}
	}
	if _, err := d.PBX(t.Context(), 999); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("%v", err)
	}
}
