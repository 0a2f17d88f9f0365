package web_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/team"
	"cordboard/web/webtest"
	"cordboard/yeastar/yeastartest"
)

// lists are the JSON lists of the house that [crowded] makes, each with how many rows it has.
var lists = map[string]int{
	"/pbxs": 4, "/pbxs?sort=-numbers": 4, "/pbxs?sort=-changed": 4, "/pbxs?sort=verified": 4, "/pbxs?q=36A0B": 4, "/pbxs?q=794500": -1,
	"/pbxs/4808/snapshots": 7, "/plans": 5, "/plans?status=draft": 5, "/numbers?number=794": -1, "/numbers?number=%2B44": -1, "/numbers?number=5003&at=2099-01-01T00:00:00Z": -1,
	"/trunks/6681/numbers": 21, "/trunks/6681/numbers?use=free": 16, "/trunks/6682/numbers?q=794": 7,
	"/webhooks": 6, "/webhooks?state=late": 6, "/audit": -1, "/audit?actor=operator": -1, "/audit?pbx_id=4808": 5, "/audit?action=plan.create": 5,
}

// crowded is a house with some rows in every list.
func crowded(t *testing.T) (*webtest.House, script) {
	t.Helper()
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Operator)
	for i := range 5 {
		s.ask(201, "POST", "/pbxs/4808/plans", fmt.Sprintf(`{"bind":[{"trunk_id":6681,"did_id":%d}]}`, 50033+i))
	}
	at := time.Now().Add(-time.Hour)
	for i := range 6 {
		e := h.Sim.EventFor(4808, yeastartest.EventDIDChange)
		e.UpdateTime = at.Add(time.Duration(i) * time.Minute).UnixMilli()
		e.TrunkDIDInfoList = e.TrunkDIDInfoList[:i%3+1]
		h.Sim.SendBody(yeastartest.ReportBody(e))
	}
	h.Settled()
	return h, s
}

func with(path, more string) string {
	if strings.Contains(path, "?") {
		return path + "&" + more
	}
	return path + "?" + more
}

// walk reads a list to its end and gives its rows as text.
func (s script) walk(path string, size int) (rows []string, total float64) {
	s.t.Helper()
	next := ""
	for range 200 {
		page := s.get(with(path, fmt.Sprintf("page_size=%d&after=%s", size, url.QueryEscape(next))))
		got := items(page)
		if len(got) > size {
			s.t.Fatalf("%s: %d rows on a page of %d", path, len(got), size)
		}
		for _, row := range got {
			rows = append(rows, fmt.Sprint(row["id"], row["number"], row["did_id"], row["trunk_id"]))
		}
		total, _ = page["total"].(float64)
		if page["next"] == nil {
			return rows, total
		}
		next = page["next"].(string)
	}
	s.t.Fatalf("%s does not end", path)
	return nil, 0
}

func TestListsComeWholeInPagesOfEverySize(t *testing.T) {
	_, s := crowded(t)
	for path, want := range lists {
		numbers := strings.HasPrefix(path, "/numbers") // their total counts numbers that nobody holds too
		whole, total := s.walk(path, 200)
		if want >= 0 && (len(whole) != want || total != float64(want)) || len(whole) == 0 {
			t.Errorf("%s: %d rows, total %v, want %d", path, len(whole), total, want)
		}
		sorted := slices.Clone(whole)
		slices.Sort(sorted)
		if len(slices.Compact(sorted)) != len(whole) {
			t.Errorf("%s: rows stand twice: %v", path, whole)
		}
		for _, size := range []int{1, 2, 3, 50} {
			if rows, again := s.walk(path, size); !slices.Equal(rows, whole) || again != total && !numbers {
				t.Errorf("%s in pages of %d:\n%v, total %v\nwhole:\n%v, total %v", path, size, rows, again, whole, total)
			}
		}
	}
}

func TestBadPageSizesAndCursorsAreToldAndForeignCursorsToo(t *testing.T) {
	_, s := crowded(t)
	for path := range lists {
		for _, size := range []string{"0", "-1", "201", "1e2", "abc", "99999999999999999999", "٣", " 5", "0x10", "\x00"} {
			s.refused(422, "invalid", "GET", with(path, "page_size="+url.QueryEscape(size)), "", "page_size")
		}
		tags := s.get(with(path, "page_size=1"))
		ours, _ := tags["next"].(string)
		cursors := []string{"x", "e30", "W10", "WzFd", "AAAAAAAAAAAAAAAA", "../../etc/passwd", "' OR 1=1", "\x00", "ünïcode", strings.Repeat("A", 4000)}
		if ours != "" {
			cursors = append(cursors, ours[:8], ours[:len(ours)-1], ours+"A", ours[:8]+"WzFd", ours[:8]+"W251bGwsbnVsbF0", ours[:8]+"WyJhIiwiYiIsImMiXQ", ours[8:], ours[:8]+"WzFlMzAsMWUzMF0")
		}
		for _, cursor := range cursors {
			a := s.Do("GET", "/api/v1"+with(path, "after="+url.QueryEscape(cursor)), "")
			if a.Status != 422 {
				t.Errorf("%s after %q: %d %.200s", path, cursor, a.Status, a.Body)
			}
		}
	}
	for from := range lists {
		next, _ := s.get(with(from, "page_size=1"))["next"].(string)
		if next == "" {
			continue
		}
		for to := range lists {
			if place(to) != place(from) {
				s.refused(422, "invalid", "GET", with(to, "after="+next), "", "after")
			}
		}
	}
}

// place is a list and its order, whatever it is narrowed to.
func place(path string) string {
	address, query, _ := strings.Cut(path, "?")
	v, _ := url.ParseQuery(query)
	return address + v.Get("sort")
}
