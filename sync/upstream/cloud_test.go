package upstream_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/upstream"
	"cordboard/yeastar/yeastartest"
)

func TestAReadingHasThePBXItsNumbersWithRepeatsAndItsTrunks(t *testing.T) {
	c, _ := cloud(t)
	seen, err := c.Observe(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	want := fleet.PBX{ID: acme, Serial: "3658B4311196ACME", Name: "Acme HQ", URL: "acme.example.com",
		Region: "Asia Pacific(Singapore)", Firmware: "84.22.0.134", Status: fleet.StatusRunning}
	if seen.PBX != want {
		t.Errorf("got %+v", seen.PBX)
	}
	if !maps.Equal(seen.Copies, map[fleet.DIDID]int{50030: 1, 50031: 1, 50040: 2}) || !slices.Equal(seen.Trunks, []fleet.TrunkID{london, mobile}) {
		t.Errorf("got %v on %v", seen.Copies, seen.Trunks)
	}
	if age := c.VendorNow().Sub(seen.At); age < 0 || age > time.Minute {
		t.Errorf("read at %v, now it is %v", seen.At, c.VendorNow())
	}
}

func TestTheTimeOfAReadingIsBeforeItsCalls(t *testing.T) {
	c, sim := cloud(t)
	sim.Fail(yeastartest.Match{Method: "GET", PathSuffix: "/instances/4808"}, yeastartest.Delay(50*time.Millisecond))
	start := c.VendorNow()
	seen, err := c.Observe(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	if seen.At.Sub(start) > 50*time.Millisecond {
		t.Errorf("begun at %v, dated %v: what happened in between would pass for older", start, seen.At)
	}
}

func TestNumbersAreTheSameLookedUpOneByOneOrListed(t *testing.T) {
	c, sim := cloud(t)
	want := []fleet.DIDID{50030, 50035, 50040, 99}
	single, err := c.DIDs(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if sim.CountRequests("GET", didReads) != len(want) {
		t.Errorf("%d look-ups", sim.CountRequests("GET", didReads))
	}
	if _, err := c.ListDIDs(t.Context()); err != nil { // now it is known that one page holds all
		t.Fatal(err)
	}
	sim.ResetRequests()
	listed, err := c.DIDs(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	if sim.CountRequests("GET", didReads) != 0 || sim.CountRequests("GET", "/dm/open_api/v1/did_management") != 1 {
		t.Error("four look-ups were cheaper than one page")
	}
	if !slices.Equal(numbers(single), []fleet.DIDID{50030, 50035, 50040}) || !slices.Equal(numbers(listed), numbers(single)) {
		t.Fatalf("one by one %v, listed %v", numbers(single), numbers(listed))
	}
	for i := range single {
		a, b := single[i], listed[i]
		if a.ID != b.ID || a.Number != b.Number || a.Name != b.Name || a.Owner != b.Owner || !slices.Equal(a.Trunks, b.Trunks) {
			t.Errorf("one by one %+v, listed %+v", a, b)
		}
	}
	if last := single[2]; last.Owner != acme || last.Name != "Reception" || !slices.Equal(last.Trunks, []fleet.TrunkID{london, mobile}) {
		t.Errorf("got %+v", last)
	}
}

func TestANumberWithoutPBXHasNoOwnerInEveryForm(t *testing.T) {
	for form := yeastartest.UnassignedRotates; form <= yeastartest.UnassignedZero; form++ {
		c, _ := cloud(t, func(a *yeastartest.Assumptions) { a.Unassigned = form })
		for _, id := range []fleet.DIDID{50032, 50033, 50034} {
			dids, err := c.DIDs(t.Context(), []fleet.DIDID{id})
			if err != nil || len(dids) != 1 || dids[0].Owner != 0 {
				t.Errorf("form %d: got %+v, %v", form, dids, err)
			}
		}
	}
}

func TestOneFailedLookUpFailsThemAll(t *testing.T) {
	c, sim := cloud(t)
	sim.Fail(yeastartest.Match{PathSuffix: "/50031", Times: -1}, yeastartest.Status(503, ""))
	if dids, err := c.DIDs(t.Context(), []fleet.DIDID{50030, 50031, 50032}); fleet.KindOf(err) != fleet.KindUnavailable || dids != nil {
		t.Errorf("got %v, %v", dids, err)
	}
}

func TestNumbersAreFoundExactlyWhateverTheVendorsSearchMatches(t *testing.T) {
	for _, ignored := range []bool{false, true} {
		c, sim := cloud(t, func(a *yeastartest.Assumptions) { a.SearchIgnored = ignored })
		sim.AddDID(yeastartest.DID{ID: 60000, Number: "+4420790500301", Trunks: []int64{int64(london)}})
		sim.AddDID(yeastartest.DID{ID: 60001, Number: "83", Name: "+442079050030", Trunks: []int64{int64(london)}})
		for range 2 { // by search, then by the listing
			found, err := c.Numbered(t.Context(), []string{"+442079050030", "83", "2113"})
			if err != nil || !slices.Equal(numbers(found), []fleet.DIDID{50030, 60001}) {
				t.Errorf("search ignored %v: got %v, %v", ignored, found, err)
			}
			if _, err := c.ListDIDs(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestTrunksComeWithWhatIsKnownOfTheirHeaders(t *testing.T) {
	c, sim := cloud(t)
	sim.AddTrunk(yeastartest.Trunk{ID: 7000, Name: "granted", Granted: true, NoHeaderField: true})
	trunks, err := c.Trunks(t.Context(), []fleet.TrunkID{mobile, london, 7000, 9999})
	if err != nil {
		t.Fatal(err)
	}
	got := map[fleet.TrunkID]fleet.HeaderDefs{}
	for _, trunk := range trunks {
		got[trunk.ID] = trunk.Headers
		if trunk.Name == "" {
			t.Errorf("%d has no name", trunk.ID)
		}
	}
	if len(got) != 3 || got[london].MayHold() || !got[mobile].MayHold() || !got[7000].MayHold() || got[7000].Known {
		t.Errorf("got %+v", got)
	}
	if defs := got[mobile].List; len(defs) != 1 || defs[0] != (fleet.HeaderDef{ID: 31, Name: "X-Customer"}) {
		t.Errorf("got %+v", defs)
	}
	sim.Fail(yeastartest.Match{PathSuffix: "/shared_trunk/6681", Times: -1}, yeastartest.VendorCode(1000043))
	if trunks, err := c.Trunks(t.Context(), []fleet.TrunkID{london}); err != nil || len(trunks) != 1 || !trunks[0].Headers.MayHold() {
		t.Errorf("a trunk that may not be read: %+v, %v", trunks, err)
	}
	sim.ClearFaults()
	sim.Fail(yeastartest.Match{PathSuffix: "/shared_trunk/6681", Times: -1}, yeastartest.Status(503, ""))
	if _, err := c.Trunks(t.Context(), []fleet.TrunkID{london}); fleet.KindOf(err) != fleet.KindUnavailable {
		t.Errorf("a trunk that can't be read now: %v", err)
	}
}

func TestListingsAreCompleteOrErrors(t *testing.T) {
	c, sim := cloud(t)
	for i := range int64(120) {
		sim.AddDID(yeastartest.DID{ID: 70000 + i, Number: "1", Trunks: []int64{int64(london)}})
	}
	dids, err := c.ListDIDs(t.Context())
	if err != nil || len(dids) != 127 {
		t.Fatalf("got %d, %v", len(dids), err)
	}
	pbxs, err := c.ListPBXs(t.Context())
	if err != nil || len(pbxs) != 2 || pbxs[0].ID != acme || pbxs[0].Serial != "3658B4311196ACME" {
		t.Errorf("got %+v, %v", pbxs, err)
	}
	trunks, err := c.ListTrunks(t.Context())
	if err != nil || len(trunks) != 2 {
		t.Errorf("got %+v, %v", trunks, err)
	}
	for name, fault := range map[string]yeastartest.Fault{
		"an empty page": yeastartest.EmptyPage(), "half a page": yeastartest.PartialPage(), "a shifted page": yeastartest.ShiftPage(5), "no page": yeastartest.Status(503, ""),
	} {
		sim.ClearFaults()
		sim.Fail(yeastartest.Match{Method: "GET", PathSuffix: "/did_management", Nth: 2, Times: -1}, fault)
		if dids, err := c.ListDIDs(t.Context()); err == nil || len(dids) != 0 {
			t.Errorf("%s: got %d numbers, %v", name, len(dids), err)
		}
		if dids, err := c.DIDs(t.Context(), []fleet.DIDID{50030, 50031, 50032, 50033}); err == nil || len(dids) != 0 {
			t.Errorf("%s: looked up %d numbers, %v", name, len(dids), err)
		}
	}
}

func TestUsableNumbersAreThoseTheVendorWouldBind(t *testing.T) {
	c, _ := cloud(t)
	list, err := c.Usable(t.Context(), acme, london)
	if err != nil || !slices.Equal(numbers(list), []fleet.DIDID{50032, 50033, 50034}) {
		t.Errorf("got %v, %v", numbers(list), err)
	}
	if _, err := c.Usable(t.Context(), acme, 9999); err == nil {
		t.Error("a trunk that does not exist has usable numbers")
	}
}

func TestTheWholeSetIsSentOnceInTheVendorsShape(t *testing.T) {
	c, sim := cloud(t)
	set := fleet.NewBindingSet(pair(mobile, 50040), pair(london, 50031), pair(london, 50030))
	tests := []struct {
		headers *fleet.Headers
		body    string
	}{
		{nil, `{"trunkDidRelations":[{"didIds":[50030,50031],"trunkId":6681},{"didIds":[50040],"trunkId":6682}]}`},
		{known(), `{"trunkDidRelations":[{"didIds":[50030,50031],"trunkId":6681},{"didIds":[50040],"trunkId":6682}],"customSipHeadersBindings":[]}`},
		{known(fleet.Header{Trunk: mobile, Header: 31, Value: `a"ü`}), `{"trunkDidRelations":[{"didIds":[50030,50031],"trunkId":6681},{"didIds":[50040],"trunkId":6682}],"customSipHeadersBindings":[{"trunkId":6682,"headerId":31,"value":"a\"ü"}]}`},
	}
	for i, tt := range tests {
		receipt, err := c.Replace(t.Context(), acme, set, tt.headers)
		if err != nil || receipt.RequestID == "" || receipt.At.IsZero() {
			t.Fatalf("got %+v, %v", receipt, err)
		}
		if got := strings.TrimSpace(string(sim.LastPUTBody(int64(acme)))); got != tt.body {
			t.Errorf("sent %s\nwant %s", got, tt.body)
		}
		if sim.CountPUTs(int64(acme)) != i+1 || !held(sim).Equal(set) {
			t.Errorf("%d writes, and the cloud holds %v", sim.CountPUTs(int64(acme)), held(sim).Pairs())
		}
	}
}

func known(list ...fleet.Header) *fleet.Headers {
	h := fleet.KnownHeaders(list...)
	return &h
}

func TestOnlyClearSendsTheEmptyList(t *testing.T) {
	c, sim := cloud(t)
	for name, set := range map[string]fleet.BindingSet{"empty": {}, "a trunk that is not known": fleet.NewBindingSet(pair(london, 50030), pair(fleet.TrunkUnclear, 50031))} {
		if _, err := c.Replace(t.Context(), acme, set, nil); fleet.KindOf(err) != fleet.KindInvalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := c.Replace(t.Context(), acme, fleet.NewBindingSet(pair(london, 50030)), known(fleet.Header{Trunk: mobile, Header: 31, Value: "a"})); fleet.KindOf(err) != fleet.KindInvalid {
		t.Errorf("a header of a trunk that is not sent: got %v", err)
	}
	if sim.CountPUTs(int64(acme)) != 0 || held(sim).Len() != 4 {
		t.Fatal("something was sent")
	}
	for headers, body := range map[bool]string{true: `{"trunkDidRelations":[],"customSipHeadersBindings":[]}`, false: `{"trunkDidRelations":[]}`} {
		if _, err := c.Clear(t.Context(), acme, headers); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(string(sim.LastPUTBody(int64(acme)))); got != body || held(sim).Len() != 0 {
			t.Errorf("sent %s, and the cloud holds %v", got, held(sim).Pairs())
		}
	}
}

func TestAnInstallationThatIsNotConnectedSaysWhatToDo(t *testing.T) {
	c := upstream.New(nil)
	if c.Trouble() == "" || c.VendorNow().IsZero() {
		t.Error("nobody is told")
	}
	ctx := t.Context()
	_, observe := c.Observe(ctx, acme)
	_, dids := c.DIDs(ctx, []fleet.DIDID{1})
	_, numbered := c.Numbered(ctx, []string{"1"})
	_, trunks := c.Trunks(ctx, []fleet.TrunkID{1})
	_, usable := c.Usable(ctx, acme, london)
	_, pbxs := c.ListPBXs(ctx)
	_, allTrunks := c.ListTrunks(ctx)
	_, allDIDs := c.ListDIDs(ctx)
	_, replace := c.Replace(ctx, acme, fleet.NewBindingSet(pair(london, 1)), nil)
	_, clear := c.Clear(ctx, acme, false)
	for name, err := range map[string]error{"Observe": observe, "DIDs": dids, "Numbered": numbered, "Trunks": trunks, "Usable": usable,
		"ListPBXs": pbxs, "ListTrunks": allTrunks, "ListDIDs": allDIDs, "Replace": replace, "Clear": clear} {
		if fleet.KindOf(err) != fleet.KindUnavailable {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
