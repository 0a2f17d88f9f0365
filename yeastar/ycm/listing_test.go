package ycm_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"cordboard/yeastar"
	"cordboard/yeastar/ycm"
	"cordboard/yeastar/yeastartest"
)

// pageOf gives one page of DIDs from id first to id last, of total.
func pageOf(total, first, last int) string {
	var items []string
	for id := first; id <= last; id++ {
		items = append(items, fmt.Sprintf(`{"id":%d,"did":"%d","trunkIds":[1]}`, id, 1000+id))
	}
	return data(fmt.Sprintf(`{"pageSize":50,"total":%d,"list":[%s]}`, total, strings.Join(items, ",")))
}

// paged serves pages by a function of the pass (from 1) and the page number.
func paged(t *testing.T, answer func(pass, page int) (status int, body string)) (*scripted, *ycm.Client) {
	t.Helper()
	pass := 0
	var mu sync.Mutex // pages come together
	return newScripted(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		page, err := strconv.Atoi(r.URL.Query().Get("pageNumber"))
		if err != nil || r.URL.Query().Get("pageSize") != "50" {
			t.Errorf("asked for %s", r.URL.RawQuery)
		}
		if page == 1 {
			pass++
		}
		status, body := answer(pass, page)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

// steady is a list of 120 that does not move.
func steady(_, page int) (int, string) {
	return 200, pageOf(120, (page-1)*50+1, min(page*50, 120))
}

func TestAListOfThreePagesIsReadInThreeCallsSortedById(t *testing.T) {
	s, c := paged(t, steady)
	dids, err := c.ListDIDs(background)
	must(t, err)
	if len(dids) != 120 || s.calls.Load() != 3 {
		t.Fatalf("%d DIDs in %d calls", len(dids), s.calls.Load())
	}
	for i, d := range dids {
		if d.ID != int64(i+1) {
			t.Fatalf("number %d has id %d", i, d.ID)
		}
	}
}

func TestAListThatMovedOnceIsReadAgainFromTheStart(t *testing.T) {
	moves := map[string]func(page int) (int, string){
		"a row is missed and none repeats":   func(page int) (int, string) { return 200, pageOf(120, (page-1)*50+min(page, 2), min(page*50, 120)) },
		"a row repeats and one is missed":    func(page int) (int, string) { return 200, pageOf(120, max(1, (page-1)*50), min(page*50-1, 119)) },
		"the total shrinks on the last page": func(page int) (int, string) { return 200, pageOf(120-page/3, (page-1)*50+1, min(page*50, 120-page/3)) },
		"the total grows":                    func(page int) (int, string) { return 200, pageOf(120+page, (page-1)*50+1, page*50) },
		"a page comes with half of its rows": func(page int) (int, string) { return 200, pageOf(120, (page-1)*50+1, (page-1)*50+20) },
		"there are more rows than the total": func(page int) (int, string) { return 200, pageOf(60, (page-1)*50+1, page*50) },
	}
	for name, moved := range moves {
		t.Run(name, func(t *testing.T) {
			_, c := paged(t, func(pass, page int) (int, string) {
				if pass == 1 {
					return moved(page)
				}
				return steady(pass, page)
			})
			dids, err := c.ListDIDs(background)
			if err != nil || len(dids) != 120 {
				t.Errorf("%d DIDs, %v", len(dids), err)
			}

			passes := 0
			_, c = paged(t, func(pass, page int) (int, string) { passes = pass; return moved(page) })
			dids, err = c.ListDIDs(background)
			failed(t, err, yeastar.KindIncomplete, yeastar.SentAnswered)
			if dids != nil || passes != 3 {
				t.Errorf("%d DIDs after %d passes", len(dids), passes)
			}
		})
	}
}

func TestAPageThatFailsOrIsEmptyEndsTheListingAtOnce(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		kind   yeastar.Kind
		sent   yeastar.Sent
	}{
		"empty":              {200, pageOf(120, 1, 0), yeastar.KindIncomplete, yeastar.SentAnswered},
		"null list":          {200, data(`{"pageSize":50,"total":120,"list":null}`), yeastar.KindIncomplete, yeastar.SentAnswered},
		"refused":            {200, `{"status":"Failed","errno":1000043}`, yeastar.KindDenied, yeastar.SentAnswered},
		"HTML":               {200, "<html>", yeastar.KindMalformed, yeastar.SentUnknown},
		"unavailable":        {503, "", yeastar.KindUnavailable, yeastar.SentUnknown},
		"without total":      {200, data(`{"pageSize":50,"list":[]}`), yeastar.KindMalformed, yeastar.SentAnswered},
		"negative total":     {200, data(`{"total":-1,"list":[]}`), yeastar.KindMalformed, yeastar.SentAnswered},
		"without data":       {200, `{"status":"Success"}`, yeastar.KindMalformed, yeastar.SentAnswered},
		"a list as data":     {200, data(`[]`), yeastar.KindMalformed, yeastar.SentAnswered},
		"an item without id": {200, data(`{"total":120,"list":[{"did":"1"}]}`), yeastar.KindMalformed, yeastar.SentAnswered},
		"items of text":      {200, data(`{"total":120,"list":["1"]}`), yeastar.KindMalformed, yeastar.SentAnswered},
	}
	for name, tt := range tests {
		for _, bad := range []int{2, 3} {
			t.Run(fmt.Sprintf("%s on page %d", name, bad), func(t *testing.T) {
				passes := 0
				_, c := paged(t, func(pass, page int) (int, string) {
					if passes = pass; page == bad {
						return tt.status, tt.body
					}
					return steady(pass, page)
				})
				dids, err := c.ListDIDs(background)
				failed(t, err, tt.kind, tt.sent)
				if dids != nil || passes != 1 {
					t.Errorf("%d DIDs after %d passes", len(dids), passes)
				}
			})
		}
	}
}

func TestAnEmptyListIsEmptyAndNotNil(t *testing.T) {
	for _, list := range []string{"[]", "null"} {
		_, c := paged(t, func(int, int) (int, string) { return 200, data(`{"pageSize":50,"total":0,"list":` + list + `}`) })
		dids, err := c.ListDIDs(background)
		if err != nil || dids == nil || len(dids) != 0 {
			t.Errorf("%s gave %v, %v", list, dids, err)
		}
	}
}

func TestAVendorWithSmallerPagesIsReadToItsEnd(t *testing.T) {
	s, c := paged(t, func(_, page int) (int, string) {
		return 200, strings.Replace(pageOf(25, (page-1)*10+1, min(page*10, 25)), `"pageSize":50`, `"pageSize":"10"`, 1)
	})
	dids, err := c.ListDIDs(background)
	if err != nil || len(dids) != 25 || s.calls.Load() != 3 {
		t.Errorf("%d DIDs in %d calls, %v", len(dids), s.calls.Load(), err)
	}
}

func TestTheSimulatorsListsAreReadWholeOrNotAtAll(t *testing.T) {
	const path = "/dm/open_api/v1/did_management"
	second := yeastartest.Match{Method: http.MethodGet, PathPrefix: path, Nth: 2}
	always := yeastartest.Match{Method: http.MethodGet, PathPrefix: path, Nth: 2, Times: -1}
	tests := []struct {
		name  string
		match yeastartest.Match
		fault yeastartest.Fault
		kind  yeastar.Kind // 0 = the listing recovers
	}{
		{"a page shifts once", second, yeastartest.ShiftPage(3), 0},
		{"rows repeat once", second, yeastartest.ShiftPage(-3), 0},
		{"half a page once", second, yeastartest.PartialPage(), 0},
		{"half a page always", always, yeastartest.PartialPage(), yeastar.KindIncomplete},
		{"an empty page", second, yeastartest.EmptyPage(), yeastar.KindIncomplete},
		{"one 503", second, yeastartest.Status(503, "busy"), 0},
		{"503 from then on", always, yeastartest.Status(503, "busy"), yeastar.KindUnavailable},
		{"HTML", second, yeastartest.HTML(), yeastar.KindMalformed},
		{"truncated", second, yeastartest.Truncated(), yeastar.KindMalformed},
		{"a broken connection", second, yeastartest.CutOff(), 0},
		{"throttled once", second, yeastartest.Throttle(), 0},
		{"an expired token", second, yeastartest.TokenExpired(), 0},
		{"huge", second, yeastartest.Huge(9 << 20), yeastar.KindMalformed},
		{"200 with Failed", second, yeastartest.SuccessWithFailed(1000043), yeastar.KindDenied},
	}
	for _, tt := range tests {
		for _, alwaysOK := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, always 200: %v", tt.name, alwaysOK), func(t *testing.T) {
				s, c := simulator(t, yeastartest.Assumptions{AlwaysOK: alwaysOK})
				trunk := s.AddTrunk(yeastartest.Trunk{})
				for i := range 130 {
					s.AddDID(yeastartest.DID{Number: fmt.Sprintf("+49300%05d", i), Trunks: []int64{trunk}})
				}
				s.Fail(tt.match, tt.fault)
				dids, err := c.ListDIDs(background)
				if tt.kind == 0 && (err != nil || len(dids) != 130) {
					t.Errorf("%d DIDs, %v", len(dids), err)
				}
				if tt.kind != 0 && (yeastar.KindOf(err) != tt.kind || dids != nil) {
					t.Errorf("%d DIDs, %v", len(dids), err)
				}
			})
		}
	}
}
