package yeastartest

import (
	"encoding/json"
	"slices"
	"testing"
)

// told are the elements of all reports so far.
func told(t *testing.T, posts []post) []Event {
	t.Helper()
	var all []Event
	for _, p := range posts {
		var events []Event
		if err := json.Unmarshal(p.body, &events); err != nil {
			t.Fatalf("%v in %s", err, p.body)
		}
		all = append(all, events...)
	}
	return all
}

func expectTold(t *testing.T, s *Server, posts func() []post, want ...string) []Event {
	t.Helper()
	idle(t, s)
	events := told(t, posts())
	var got []string
	for _, e := range events {
		got = append(got, e.Event)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("told %v, want %v", got, want)
	}
	return events
}

func TestAColleagueWhoTakesANumberAwayIsToldForBothPBXs(t *testing.T) {
	s := Start(t, Config{})
	world(s)
	got := receiver(t, s)
	s.Rebind(4809, bind(6681, 50001, 50036))
	events := expectTold(t, s, got, EventDIDChange, EventDIDChange)
	if len(got()) != 1 {
		t.Errorf("%d reports, want one for the operation", len(got()))
	}
	if events[0].SN != "36XXXXXXXXXXXXZK" || len(events[0].TrunkDIDInfoList) != 0 || len(events[1].TrunkDIDInfoList) != 2 {
		t.Errorf("report %+v", events)
	}
	expectBindings(t, s, 4808)
	expectBindings(t, s, 4809, bind(6681, 50001, 50036)...)
}

func TestAQuietActIsNotTold(t *testing.T) {
	s := Start(t, Config{})
	world(s)
	got := receiver(t, s)
	s.Rebind(4808, bind(6681, 50036), Quiet)
	s.DeleteDID([]int64{50036}, Quiet)
	s.Rebind(4808, bind(6681, 50044), Quiet)
	s.MoveDIDTrunk(50044, 6681, 6682, Quiet)
	expectBindings(t, s, 4808, bind(6682, 50044)...)
	s.DeleteTrunk([]int64{6682}, Quiet)
	expectBindings(t, s, 4808)
	s.Rebind(4808, bind(6681, 50001), Quiet)
	s.DeletePBX(4808, Quiet)
	s.Bind(4809, bind(6681, 50001)...)
	s.RenameTrunk(6681, "renamed")
	s.SetHeaders(4809, []HeaderBinding{{6681, 31, "x"}})
	expectTold(t, s, got)
}

func TestLossAndRestoreAreToldOnlyBySwitch(t *testing.T) {
	s := Start(t, Config{})
	world(s)
	got := receiver(t, s)
	s.ReleaseSilently(4808, []int64{50001})
	expectBindings(t, s, 4808)
	s.Bind(4808, bind(6681, 50001)...)
	s.Restore(4808)
	expectBindings(t, s, 4808)
	if p := s.PBXs()[0]; p.Status != StatusRestoring {
		t.Errorf("status %s after a restore", p.Status)
	}
	expectTold(t, s, got)

	s.Assume(func(a *Assumptions) { a.EventOnLoss = true })
	s.Bind(4808, bind(6681, 50001)...)
	s.Restore(4808)
	s.Bind(4808, bind(6681, 50001)...)
	s.ReleaseSilently(4808, []int64{50001})
	s.Bind(4808, bind(6681, 50001)...)
	s.Restore(4808, Quiet)
	s.Restore(4808) // nothing left to lose
	expectTold(t, s, got, EventDIDChange, EventDIDChange)
}

func TestMovingANumberToAnotherTrunkKeepsItOnItsPBX(t *testing.T) {
	s := Start(t, Config{})
	world(s)
	got := receiver(t, s)
	s.MoveDIDTrunk(50001, 6681, 6682)
	s.MoveDIDTrunk(50036, 6681, 6682) // on no PBX
	events := expectTold(t, s, got, EventDIDChange)
	if d := events[0].TrunkDIDInfoList; len(d) != 1 || d[0].TrunkID != "6682" || d[0].TrunkName != "peer-trunk" {
		t.Errorf("report %+v", d)
	}
	expectBindings(t, s, 4808, bind(6682, 50001)...)
}

func TestAPBXWithoutNumbersIsDeletedWithoutReport(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	got := receiver(t, s)
	s.DeletePBX(4809)
	expectTold(t, s, got)
	s.DeletePBX(4808)
	expectTold(t, s, got, EventPCEDelete)
	expectCode(t, c.get("/dm/open_api/v1/cloud_pbx/instances/4808"), 404, "1000005")
	if len(s.PBXs()) != 0 || s.Bindings(4808) != nil || s.Headers(4808) != nil {
		t.Error("something is left of the deleted PBXs")
	}
}

func TestAPBXLeftWithoutNumbersIsToldUnlessSwitchedOff(t *testing.T) {
	for _, off := range []bool{false, true} {
		s := Start(t, Config{Assumptions: Assumptions{NoEventWhenEmpty: off}})
		world(s)
		s.Bind(4809, bind(6682, 50050)...)
		got := receiver(t, s)
		s.DeleteDID([]int64{50001})
		s.DeleteTrunk([]int64{6682})
		if off {
			expectTold(t, s, got)
		} else {
			expectTold(t, s, got, EventDIDDelete, EventTrunkDelete)
		}
	}
}

func TestNumbersOfADeletedTrunkGoUnlessOrphansStay(t *testing.T) {
	s, c := start(t, Config{Assumptions: Assumptions{OrphanDIDsStay: true}})
	world(s)
	s.DeleteTrunk([]int64{6681})
	d := data[map[string]any](t, c.get("/dm/open_api/v1/did_management/50001"))
	if list, ok := d["trunkIds"].([]any); !ok || len(list) != 0 {
		t.Errorf("orphan %v", d)
	}
	s.Assume(func(a *Assumptions) { a.OrphanDIDsStay = false })
	s.DeleteTrunk([]int64{6682})
	expectCode(t, c.get("/dm/open_api/v1/did_management/50050"), 404, "1000005")
}

func TestNoReportWhenNothingChangesUnlessAlways(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	got := receiver(t, s)
	const same = `{"trunkDidRelations":[{"trunkId":6681,"didIds":[50001]}]}`
	expectOK(t, c.put("4808", same))
	expectTold(t, s, got)
	s.Assume(func(a *Assumptions) { a.EventAlways = true })
	expectOK(t, c.put("4808", same))
	expectTold(t, s, got, EventDIDChange)
}

func TestUpdateTimeRisesStrictlyForEachSerialEvenWhenTheClockStandsStill(t *testing.T) {
	clk := newClock(1773105500177)
	s := Start(t, Config{Now: clk.read})
	world(s)
	got := receiver(t, s)
	for range 3 {
		s.Rebind(4808, bind(6681, 50036))
		s.Rebind(4808, bind(6681, 50001))
	}
	clk.set(1773105400000) // a clock set back
	s.Rebind(4808, nil)
	events := expectTold(t, s, got, slices.Repeat([]string{EventDIDChange}, 7)...)
	for i, e := range events {
		if want := int64(1773105500177 + i); e.UpdateTime != want {
			t.Errorf("report %d has time %d, want %d", i, e.UpdateTime, want)
		}
	}
	if e := s.EventFor(4808, EventDIDChange); e.UpdateTime <= events[6].UpdateTime || e.SN != events[6].SN {
		t.Errorf("EventFor %+v", e)
	}
}

func TestMisuseOfTheGoAPIIsKeptInErrAndChangesNothing(t *testing.T) {
	for name, misuse := range map[string]func(*Server){
		"PBX id taken":         func(s *Server) { s.AddPBX(PBX{ID: 4808}) },
		"serial taken":         func(s *Server) { s.AddPBX(PBX{Serial: "36XXXXXXXXXXXXZK"}) },
		"trunk id taken":       func(s *Server) { s.AddTrunk(Trunk{ID: 6681}) },
		"DID id taken":         func(s *Server) { s.AddDID(DID{ID: 50001}) },
		"DID on no trunk":      func(s *Server) { s.AddDID(DID{Trunks: []int64{1}}) },
		"bind of no PBX":       func(s *Server) { s.Bind(1) },
		"bind of another's":    func(s *Server) { s.Bind(4809, bind(6681, 50001)...) },
		"bind of no DID":       func(s *Server) { s.Bind(4808, bind(6681, 1)...) },
		"bind on no trunk":     func(s *Server) { s.Bind(4808, bind(1, 50036)...) },
		"bind on wrong trunk":  func(s *Server) { s.Bind(4808, bind(6682, 50036)...) },
		"rebind of no PBX":     func(s *Server) { s.Rebind(1, nil) },
		"release of no PBX":    func(s *Server) { s.ReleaseSilently(1, nil) },
		"release of nothing":   func(s *Server) { s.ReleaseSilently(4808, []int64{50036}) },
		"restore of no PBX":    func(s *Server) { s.Restore(1) },
		"delete of no DID":     func(s *Server) { s.DeleteDID([]int64{50001, 1}) },
		"delete of no trunk":   func(s *Server) { s.DeleteTrunk([]int64{6681, 1}) },
		"delete of no PBX":     func(s *Server) { s.DeletePBX(1) },
		"move from no trunk":   func(s *Server) { s.MoveDIDTrunk(50001, 6682, 6681) },
		"status of no PBX":     func(s *Server) { s.SetStatus(1, StatusRunning) },
		"rename of no trunk":   func(s *Server) { s.RenameTrunk(1, "x") },
		"event for no PBX":     func(s *Server) { s.EventFor(1, EventDIDChange) },
		"headers of no PBX":    func(s *Server) { s.SetHeaders(1, nil) },
		"firmware of no PBX":   func(s *Server) { s.SetFirmware(1, "1") },
		"new name of no PBX":   func(s *Server) { s.RenamePBX(1, "x") },
		"restore then unknown": func(s *Server) { s.Restore(4809); s.Restore(1) },
	} {
		s := New(Config{})
		world(s)
		if err := s.Err(); err != nil {
			t.Fatal(err)
		}
		misuse(s)
		if s.Err() == nil {
			t.Errorf("%s: no error", name)
		}
		expectBindings(t, s, 4808, bind(6681, 50001)...)
	}
}

func TestIdsAreGivenPastTheExplicitOnes(t *testing.T) {
	s := New(Config{})
	a := s.AddPBX(PBX{})
	b := s.AddPBX(PBX{ID: a + 10})
	if c := s.AddPBX(PBX{}); c != b+1 {
		t.Errorf("ids %d, %d, %d", a, b, c)
	}
	trunk := s.AddTrunk(Trunk{})
	ids := s.AddDIDs([]DID{{Trunks: []int64{trunk}}, {ID: 10, Trunks: []int64{trunk}}, {Trunks: []int64{trunk}}})
	if ids[1] != 10 || ids[2] != ids[0]+1 {
		t.Errorf("DID ids %v", ids)
	}
	for _, p := range s.PBXs() {
		if len(p.Serial) != 16 || p.URL == "" || p.Status != StatusRunning {
			t.Errorf("defaults %+v", p)
		}
	}
}
