package yeastartest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func expectBindings(t *testing.T, s *Server, pbx int64, want ...Binding) {
	t.Helper()
	if got := s.Bindings(pbx); !slices.Equal(got, want) {
		t.Errorf("bindings of %d: %v, want %v", pbx, got, want)
	}
}

func expectHeaders(t *testing.T, s *Server, pbx int64, want ...HeaderBinding) {
	t.Helper()
	if got := s.Headers(pbx); !slices.Equal(got, want) {
		t.Errorf("headers of %d: %v, want %v", pbx, got, want)
	}
}

const (
	putBoth   = `{"trunkDidRelations":[{"trunkId":6681,"didIds":[50036,50044]}]}`
	putHeader = `{"trunkDidRelations":[{"trunkId":6681,"didIds":[50001]}],
		"customSipHeadersBindings":[{"trunkId":6681,"headerId":31,"value":"%s"}]}`
)

func TestABodyThatIsNotExactlyAsDocumentedIsRefusedAndChangesNothing(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	for _, body := range []string{
		``, `null`, `[]`, `{`, `{}`, `{"trunkDidRelations":null}`, `{"trunkDidRelations":{}}`, `{"trunkDidRelations":"[]"}`,
		`{"trunkdidrelations":[]}`, `{"trunkDidRelations":[null]}`, `{"trunkDidRelations":[{}]}`, `{"trunkDidRelations":[[]]}`,
		`{"trunkDidRelations":[{"trunkId":6681}]}`, `{"trunkDidRelations":[{"didIds":[]}]}`,
		`{"trunkDidRelations":[{"trunkId":6681,"didIds":null}]}`, `{"trunkDidRelations":[{"trunkId":"6681","didIds":[50036]}]}`,
		`{"trunkDidRelations":[{"trunkId":6681,"didIds":["50036"]}]}`, `{"trunkDidRelations":[{"trunkId":6681,"didIds":[null]}]}`,
		`{"trunkDidRelations":[{"trunkId":6681,"didIds":[50036.5]}]}`, `{"trunkDidRelations":[{"trunkId":6681,"didIds":50036}]}`,
		`{"trunkDidRelations":[],"customSipHeadersBindings":{}}`, `{"trunkDidRelations":[],"customSipHeadersBindings":[null]}`,
		`{"trunkDidRelations":[],"customSipHeadersBindings":[{"trunkId":6681,"headerId":31}]}`,
		`{"trunkDidRelations":[],"customSipHeadersBindings":[{"trunkId":6681,"headerId":31,"value":null}]}`,
		`{"trunkDidRelations":[],"customSipHeadersBindings":[{"trunkId":6681,"headerId":"31","value":"x"}]}`,
		`{"trunkDidRelations":[],"customSipHeadersBindings":[{"trunkId":6681,"headerId":31,"value":"x"},{"trunkId":6681,"headerId":31,"value":"y"}]}`,
	} {
		if r := c.put("4808", body); r.status != 400 || r.code() != "1000004" {
			t.Errorf("%s: %d %s", body, r.status, r.body)
		}
	}
	expectBindings(t, s, 4808, bind(6681, 50001)...)
	expectCode(t, c.put("4711", putBoth), 404, "1000005")
	expectCode(t, c.put("x", putBoth), 400, "1000004")
}

func TestOnePairThatCannotBeRefusesTheWholeRequest(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	s.AddTrunk(Trunk{ID: 6690, Region: "India(Mumbai)"})
	s.AddDID(DID{ID: 50060, Trunks: []int64{6690}})
	s.Bind(4809, bind(6681, 50044)...)
	for name, row := range map[string]struct{ relation, status, code string }{
		"of another PBX":            {`{"trunkId":6681,"didIds":[50036,50044]}`, "400", "1000004"},
		"not on the trunk":          {`{"trunkId":6682,"didIds":[50036]}`, "400", "1000004"},
		"trunk in another region":   {`{"trunkId":6690,"didIds":[50060]}`, "400", "1000004"},
		"unknown DID":               {`{"trunkId":6681,"didIds":[1]}`, "404", "1000005"},
		"unknown trunk":             {`{"trunkId":1,"didIds":[50036]}`, "404", "1000005"},
		"unknown trunk without DID": {`{"trunkId":1,"didIds":[]}`, "404", "1000005"},
	} {
		r := c.put("4808", `{"trunkDidRelations":[{"trunkId":6681,"didIds":[50036]},`+row.relation+`]}`)
		if fmt.Sprint(r.status) != row.status || r.code() != row.code {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	expectBindings(t, s, 4808, bind(6681, 50001)...)

	s.Assume(func(a *Assumptions) { a.SkipInvalid = true })
	expectOK(t, c.put("4808", `{"trunkDidRelations":[{"trunkId":6681,"didIds":[50036,50044,1]},{"trunkId":1,"didIds":[50001]}]}`))
	expectBindings(t, s, 4808, bind(6681, 50036)...)
	expectBindings(t, s, 4809, bind(6681, 50044)...)
}

func TestRepeatedPairsAndTrunksCountOnce(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	expectOK(t, c.put("4808", `{"trunkDidRelations":[
		{"trunkId":6681,"didIds":[50036,50036]},{"trunkId":6682,"didIds":[50050]},{"trunkId":6681,"didIds":[50036,50050]}]}`))
	expectBindings(t, s, 4808, Binding{6681, 50036}, Binding{6681, 50050}, Binding{6682, 50050})
}

func TestAReleasedNumberCanBeTakenByAnotherPBX(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	const one = `{"trunkDidRelations":[{"trunkId":6681,"didIds":[50001]}]}`
	expectCode(t, c.put("4809", one), 400, "1000004")
	expectOK(t, c.put("4808", `{"trunkDidRelations":[]}`))
	expectOK(t, c.put("4809", one))
	expectBindings(t, s, 4809, bind(6681, 50001)...)
	expectCode(t, c.put("4808", one), 400, "1000004")
}

func TestMergingBindingsIsASwitch(t *testing.T) {
	s, c := start(t, Config{Assumptions: Assumptions{MergeBindings: true}})
	world(s)
	expectOK(t, c.put("4808", putBoth))
	expectBindings(t, s, 4808, bind(6681, 50001, 50036, 50044)...)
	expectOK(t, c.put("4808", `{"trunkDidRelations":[]}`))
	expectBindings(t, s, 4808)
}

func TestHeadersAreReplacedAndOmittedOnesAreClearedUnlessKept(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	expectOK(t, c.put("4808", fmt.Sprintf(putHeader, "acme")))
	expectHeaders(t, s, 4808, HeaderBinding{6681, 31, "acme"})
	expectOK(t, c.put("4808", fmt.Sprintf(putHeader, "ACME")))
	expectHeaders(t, s, 4808, HeaderBinding{6681, 31, "ACME"})
	expectOK(t, c.put("4808", putBoth))
	expectHeaders(t, s, 4808)

	s.Assume(func(a *Assumptions) { a.KeepOmittedHeaders = true })
	s.SetHeaders(4808, []HeaderBinding{{6681, 31, "kept"}})
	expectOK(t, c.put("4808", putBoth))
	expectHeaders(t, s, 4808, HeaderBinding{6681, 31, "kept"})
	expectOK(t, c.put("4808", `{"trunkDidRelations":[{"trunkId":6682,"didIds":[50050]}]}`))
	expectHeaders(t, s, 4808) // their trunk is no longer on the PBX
}

func TestAHeaderOfATrunkOutsideTheRelationsDoesNotCount(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	expectOK(t, c.put("4808", `{"trunkDidRelations":[{"trunkId":6682,"didIds":[50050]}],
		"customSipHeadersBindings":[{"trunkId":6681,"headerId":31,"value":"x"}]}`))
	expectHeaders(t, s, 4808)
}

func TestBadHeaderValuesAreRefusedUnlessAllowed(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	s.Bind(4809, bind(6681, 50036)...)
	s.SetHeaders(4809, []HeaderBinding{{6681, 31, "taken"}})
	long := strings.Repeat("ü", 256)
	expectCode(t, c.put("4808", fmt.Sprintf(putHeader, "taken")), 400, "1000007")
	expectCode(t, c.put("4808", fmt.Sprintf(putHeader, long)), 400, "1000004")
	expectCode(t, c.put("4808", strings.Replace(fmt.Sprintf(putHeader, "x"), "31", "32", 1)), 404, "1000005")
	expectHeaders(t, s, 4808)
	expectOK(t, c.put("4808", fmt.Sprintf(putHeader, long[:len(long)-2])))

	s.Assume(func(a *Assumptions) { a.AllowHeaderDuplicates, a.AllowLongHeaders = true, true })
	expectOK(t, c.put("4808", fmt.Sprintf(putHeader, long)))
	expectOK(t, c.put("4808", fmt.Sprintf(putHeader, "taken")))
	expectHeaders(t, s, 4808, HeaderBinding{6681, 31, "taken"})
}

func TestAReleasedHeaderValueIsFreeAgain(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	expectOK(t, c.put("4808", fmt.Sprintf(putHeader, "acme")))
	s.DeletePBX(4808)
	expectOK(t, c.put("4809", fmt.Sprintf(putHeader, "acme")))
	expectHeaders(t, s, 4809, HeaderBinding{6681, 31, "acme"})
}

func TestOldFirmwareIgnoresWithSuccessUnlessItRefuses(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	s.SetFirmware(4808, "84.19.0.21")
	expectOK(t, c.put("4808", putBoth))
	expectBindings(t, s, 4808, bind(6681, 50001)...)
	s.SetFirmware(4808, "84.22.0.133")
	expectOK(t, c.put("4808", fmt.Sprintf(putHeader, "acme")))
	expectHeaders(t, s, 4808)

	s.Assume(func(a *Assumptions) { a.RefuseOldFirmware = true })
	expectCode(t, c.put("4808", fmt.Sprintf(putHeader, "acme")), 400, "1000004")
	expectOK(t, c.put("4808", putBoth))
	s.SetFirmware(4808, "84.19.0.21")
	expectCode(t, c.put("4808", `{"trunkDidRelations":[]}`), 400, "1000004")
	expectBindings(t, s, 4808, bind(6681, 50036, 50044)...)
}

func TestFirmwareIsComparedNumberByNumber(t *testing.T) {
	for version, older := range map[string]bool{
		"84.19.0.22": false, "84.19.0.110": false, "84.22.0.1": false, "85.0": false, "100.1.0.0": false,
		"84.19.0.21": true, "84.19.0.3": true, "84.9.0.99": true, "84.19.0": true, "9.99.9.9": true, "": true, "a.b.c.d": true,
	} {
		if got := olderThan(version, FirmwareDIDUpdate); got != older {
			t.Errorf("olderThan(%q) = %v", version, got)
		}
	}
}

func TestTheNumberOfDIDsIsLimitedOnlyBySwitch(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	expectOK(t, c.put("4808", putBoth))
	s.Assume(func(a *Assumptions) { a.MaxDIDs = 1 })
	expectCode(t, c.put("4808", putBoth), 400, "1000004")
}

func TestApplyDelayShowsTheOldBindingsUntilTheChangeTakesEffect(t *testing.T) {
	s, c := start(t, Config{ApplyDelay: time.Hour})
	world(s)
	got := receiver(t, s)
	expectOK(t, c.put("4808", putBoth))
	expectBindings(t, s, 4808, bind(6681, 50001)...)
	if len(got()) != 0 {
		t.Error("a report before the change took effect")
	}
}

func TestApplyDelayAppliesAndReportsAfterTheAnswer(t *testing.T) {
	s, c := start(t, Config{ApplyDelay: time.Hour})
	world(s)
	got := receiver(t, s)
	s.SetApplyDelay(time.Millisecond)
	expectOK(t, c.put("4808", putBoth))
	idle(t, s)
	expectBindings(t, s, 4808, bind(6681, 50036, 50044)...)
	if len(got()) != 1 {
		t.Errorf("%d reports after a late change, want 1", len(got()))
	}
}

func TestALateChangeLeavesOutWhatIsGoneByThen(t *testing.T) {
	s := New(Config{})
	world(s)
	u, err := decodeUpdate([]byte(putBoth))
	if err != nil {
		t.Fatal(err)
	}
	s.DeleteDID([]int64{50036})
	s.applyLate(4808, u)
	expectBindings(t, s, 4808, bind(6681, 50044)...)
	s.DeletePBX(4808)
	s.applyLate(4808, u)
	if err := s.Err(); err != nil {
		t.Error(err)
	}
}

func TestLatencyPassesBeforeEachRequest(t *testing.T) {
	s, c := start(t, Config{Latency: 5 * time.Millisecond})
	before := time.Now()
	expectOK(t, c.get(listPath))
	if time.Since(before) < 5*time.Millisecond {
		t.Error("answered before the latency had passed")
	}
	s.SetLatency(0)
	expectOK(t, c.get(listPath))
}
