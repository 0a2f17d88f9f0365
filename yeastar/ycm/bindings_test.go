package ycm_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/ycm"

	"pgregory.net/rapid"
)

// sentBody gives a client and the last body that it put.
func sentBody(t *testing.T) (*scripted, *ycm.Client, *string) {
	t.Helper()
	var body string
	s, c := newScripted(t, func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPut || r.URL.RequestURI() != "/dm/open_api/v1/cloud_pbx/instances/4808/did" {
			t.Errorf("%s %s, %v", r.Method, r.URL, err)
		}
		if r.Header.Get("Content-Type") != "application/json" || r.Header.Get("User-Agent") != "Cordboard" || r.Header.Get("Authorization") != "Bearer token-of-a-script" {
			t.Errorf("headers are %v", r.Header)
		}
		body = string(b)
		_, _ = w.Write(sample(t, "put_did_answer"))
	})
	return s, c, &body
}

func TestExample1OfSeed000LeavesByteForByteAndItsAnswerIsAReceipt(t *testing.T) {
	_, c, body := sentBody(t)
	before := time.Now()
	r, err := c.UpdateDIDBindings(background, 4808, ycm.DIDUpdate{Relations: []ycm.TrunkDIDRelation{{TrunkID: 6681, DIDIDs: []int64{50036, 50044}}}})
	must(t, err)
	if want := compact(t, sample(t, "put_did_assign")); *body != want {
		t.Errorf("sent %s, want %s", *body, want)
	}
	if r.RequestID != "d42cdd6453bc1378ac74877a480f22c5" || !r.VendorTime.Equal(time.Unix(1747100716, 0)) || r.VendorTime.Location() != time.UTC || r.At.Before(before) {
		t.Errorf("receipt is %+v", r)
	}
}

func TestExample2OfSeed000LeavesOnlyThroughClear(t *testing.T) {
	_, c, body := sentBody(t)
	_, err := c.ClearDIDBindings(background, 4808, false)
	must(t, err)
	if want := compact(t, sample(t, "put_did_clear")); *body != want {
		t.Errorf("sent %s, want %s", *body, want)
	}
	_, err = c.ClearDIDBindings(background, 4808, true)
	must(t, err)
	if want := `{"trunkDidRelations":[],"customSipHeadersBindings":[]}`; *body != want {
		t.Errorf("sent %s, want %s", *body, want)
	}
}

func TestRelationsAndHeadersLeaveSortedMergedAndNeverNull(t *testing.T) {
	_, c, body := sentBody(t)
	given := []ycm.TrunkDIDRelation{{TrunkID: 9, DIDIDs: []int64{3, 1}}, {TrunkID: 2, DIDIDs: []int64{5}}, {TrunkID: 9, DIDIDs: []int64{2, 3}}}
	tests := []struct {
		headers *[]ycm.HeaderBinding
		want    string
	}{
		{nil, ``},
		{&[]ycm.HeaderBinding{}, `,"customSipHeadersBindings":[]`},
		{new([]ycm.HeaderBinding), `,"customSipHeadersBindings":[]`},
		{&[]ycm.HeaderBinding{{TrunkID: 9, HeaderID: 7, Value: "<b&ä>"}, {TrunkID: 2, HeaderID: 8, Value: ""}, {TrunkID: 9, HeaderID: 1, Value: "x"}},
			`,"customSipHeadersBindings":[{"trunkId":2,"headerId":8,"value":""},{"trunkId":9,"headerId":1,"value":"x"},{"trunkId":9,"headerId":7,"value":"<b&ä>"}]`},
	}
	for _, tt := range tests {
		_, err := c.UpdateDIDBindings(background, 4808, ycm.DIDUpdate{Relations: given, Headers: tt.headers})
		must(t, err)
		if want := `{"trunkDidRelations":[{"didIds":[5],"trunkId":2},{"didIds":[1,2,3],"trunkId":9}]` + tt.want + `}`; *body != want {
			t.Errorf("sent %s\nwant %s", *body, want)
		}
	}
	if given[0].DIDIDs[0] != 3 {
		t.Error("the caller's slice was sorted in place")
	}
}

func TestAnUpdateThatCouldDestroyOrBeIgnoredIsRefusedBeforeSending(t *testing.T) {
	s, c, _ := sentBody(t)
	fine := []ycm.TrunkDIDRelation{{TrunkID: 1, DIDIDs: []int64{2}}}
	headers := func(h ...ycm.HeaderBinding) *[]ycm.HeaderBinding { return &h }
	updates := map[string]ycm.DIDUpdate{
		"the zero value":                   {},
		"an empty list":                    {Relations: []ycm.TrunkDIDRelation{}},
		"headers without relations":        {Headers: headers()},
		"a trunk without numbers":          {Relations: []ycm.TrunkDIDRelation{{TrunkID: 1}}},
		"one trunk of two without numbers": {Relations: append(fine[:1:1], ycm.TrunkDIDRelation{TrunkID: 3, DIDIDs: []int64{}})},
		"trunk 0":                          {Relations: []ycm.TrunkDIDRelation{{DIDIDs: []int64{2}}}},
		"DID 0":                            {Relations: []ycm.TrunkDIDRelation{{TrunkID: 1, DIDIDs: []int64{2, 0}}}},
		"a negative DID":                   {Relations: []ycm.TrunkDIDRelation{{TrunkID: 1, DIDIDs: []int64{-2}}}},
		"a header of another trunk":        {Relations: fine, Headers: headers(ycm.HeaderBinding{TrunkID: 2, HeaderID: 1, Value: "x"})},
		"a header without id":              {Relations: fine, Headers: headers(ycm.HeaderBinding{TrunkID: 1, Value: "x"})},
		"a header twice":                   {Relations: fine, Headers: headers(ycm.HeaderBinding{TrunkID: 1, HeaderID: 1, Value: "x"}, ycm.HeaderBinding{TrunkID: 1, HeaderID: 1, Value: "y"})},
		"a header value of 256 characters": {Relations: fine, Headers: headers(ycm.HeaderBinding{TrunkID: 1, HeaderID: 1, Value: strings.Repeat("ä", 256)})},
	}
	for name, u := range updates {
		t.Run(name, func(t *testing.T) {
			_, err := c.UpdateDIDBindings(background, 4808, u)
			failed(t, err, yeastar.KindInvalid, yeastar.SentNo)
		})
	}
	_, err := c.UpdateDIDBindings(background, 0, ycm.DIDUpdate{Relations: fine})
	failed(t, err, yeastar.KindInvalid, yeastar.SentNo)
	_, err = c.ClearDIDBindings(background, 0, true)
	failed(t, err, yeastar.KindInvalid, yeastar.SentNo)
	if s.calls.Load() != 0 {
		t.Errorf("%d requests left", s.calls.Load())
	}
	_, err = c.UpdateDIDBindings(background, 4808, ycm.DIDUpdate{Relations: fine, Headers: headers(ycm.HeaderBinding{TrunkID: 1, HeaderID: 1, Value: strings.Repeat("ä", 255)})})
	must(t, err)
}

// TestWhateverIsSentHoldsExactlyThePairsThatWereGiven is the property behind
// "full overwrite": no pair is lost or made up on the way to the wire.
func TestWhateverIsSentHoldsExactlyThePairsThatWereGiven(t *testing.T) {
	_, c, body := sentBody(t)
	rapid.Check(t, func(rt *rapid.T) {
		given := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) ycm.TrunkDIDRelation {
			return ycm.TrunkDIDRelation{
				TrunkID: rapid.Int64Range(1, 5).Draw(rt, "trunk"),
				DIDIDs:  rapid.SliceOfN(rapid.Int64Range(1, 20), 1, 10).Draw(rt, "dids"),
			}
		}), 1, 6).Draw(rt, "relations")
		_, err := c.UpdateDIDBindings(background, 4808, ycm.DIDUpdate{Relations: given})
		if err != nil {
			rt.Fatal(err)
		}
		var sent struct {
			Relations []ycm.TrunkDIDRelation `json:"trunkDidRelations"`
		}
		if err := json.Unmarshal([]byte(*body), &sent); err != nil {
			rt.Fatal(err)
		}
		want, got := map[[2]int64]int{}, map[[2]int64]int{}
		for _, r := range given {
			for _, d := range r.DIDIDs {
				want[[2]int64{r.TrunkID, d}] = 1
			}
		}
		last := [2]int64{}
		for _, r := range sent.Relations {
			for _, d := range r.DIDIDs {
				pair := [2]int64{r.TrunkID, d}
				if pair[0] < last[0] || pair[0] == last[0] && pair[1] <= last[1] {
					rt.Fatalf("%v after %v", pair, last)
				}
				got[pair]++
				last = pair
			}
		}
		if len(got) != len(want) {
			rt.Fatalf("sent %v, want %v", got, want)
		}
		for p, n := range got {
			if want[p] != n {
				rt.Fatalf("pair %v was sent %d times", p, n)
			}
		}
	})
}
