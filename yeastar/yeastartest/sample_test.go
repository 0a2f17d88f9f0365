package yeastartest

import (
	"slices"
	"testing"
	"time"
)

// world is PBX 4808 of seed 000 with one number bound before.
func world(s *Server) {
	s.AddTrunk(Trunk{ID: 6681, Name: "register-trunk", Password: "sip-secret", Headers: []HeaderDef{{ID: 31, Name: "X-Account"}}})
	s.AddTrunk(Trunk{ID: 6682, Name: "peer-trunk", Type: "did_based"})
	s.AddPBX(PBX{ID: 4808, Serial: "36XXXXXXXXXXXXZK", Name: "Acme HQ"})
	s.AddPBX(PBX{ID: 4809, Name: "Borealis"})
	for _, id := range []int64{50001, 50036, 50044} {
		s.AddDID(DID{ID: id, Number: "+4420794600" + string(rune('0'+id%10)), Trunks: []int64{6681}})
	}
	s.AddDID(DID{ID: 50050, Number: "2111", Trunks: []int64{6681, 6682}})
	s.Bind(4808, bind(6681, 50001)...)
}

func TestExample1OfSeed000BindsTheTwoNumbersAndNothingElse(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	r := c.put("4808", string(sample(t, "put_did_assign.json")))
	if got, want := shape(t, r.body), shape(t, sample(t, "put_did_answer.json")); r.status != 200 || got != want {
		t.Errorf("answer %d with shape %s, want %s", r.status, got, want)
	}
	if r.str("status") != "Success" || len(r.str("requestId")) != 32 {
		t.Errorf("answer %s", r.body)
	}
	if got, want := s.Bindings(4808), bind(6681, 50036, 50044); !slices.Equal(got, want) {
		t.Errorf("bindings %v, want %v: what was not sent is gone", got, want)
	}
}

func TestExample2OfSeed000ClearsEverything(t *testing.T) {
	s, c := start(t, Config{})
	world(s)
	r := c.put("4808", string(sample(t, "put_did_clear.json")))
	if got, want := shape(t, r.body), shape(t, sample(t, "put_did_answer.json")); r.status != 200 || got != want {
		t.Errorf("answer %d with shape %s, want %s", r.status, got, want)
	}
	if got := s.Bindings(4808); len(got) != 0 {
		t.Errorf("bindings %v after a clear", got)
	}
}

// seed002 is the PBX of seed 002 before its first report.
func seed002(s *Server) {
	for id, name := range map[int64]string{
		114529: "register-trunk-shared_32YFS4", 114538: "Peer-shared_NT9H01", 112129: "register-docs_5FOV41",
	} {
		s.AddTrunk(Trunk{ID: id, Name: name})
	}
	s.AddPBX(PBX{ID: 4808, Serial: "36XXXXXXXXXXXXZK"})
	add := func(trunk int64, id int64, number string) {
		s.AddDID(DID{ID: id, Number: number, Trunks: []int64{trunk}})
	}
	add(114529, 1192488, "10021212")
	add(114529, 1192489, "10021213")
	add(114529, 1192490, "10021214")
	add(114529, 1192491, "10021215")
	add(114538, 1192495, "2111")
	add(114538, 1192496, "2112")
	add(114538, 1192497, "2113")
	add(112129, 1186852, "83")
	s.Bind(4808, slices.Concat(
		bind(114529, 1192488, 1192489, 1192490, 1192491), bind(114538, 1192495, 1192496, 1192497), bind(112129, 1186852))...)
}

// clock is a vendor's clock that a test sets.
type clock struct{ now chan time.Time }

func newClock(ms int64) *clock {
	c := &clock{now: make(chan time.Time, 1)}
	c.now <- time.UnixMilli(ms)
	return c
}

func (c *clock) set(ms int64) { <-c.now; c.now <- time.UnixMilli(ms) }

func (c *clock) add(d time.Duration) { c.now <- (<-c.now).Add(d) }

func (c *clock) read() time.Time {
	t := <-c.now
	c.now <- t
	return t
}

func TestTheReportsOfSeed002AreEmittedByteForByte(t *testing.T) {
	clk := newClock(1773105500177)
	s, c := start(t, Config{Now: clk.read})
	seed002(s)
	got := receiver(t, s)

	// The first report: 2113 and 10021215 are removed by a PUT of the other six.
	r := c.put("4808", `{"trunkDidRelations":[
		{"trunkId":114529,"didIds":[1192488,1192489,1192490]},
		{"trunkId":114538,"didIds":[1192495,1192496]},
		{"trunkId":112129,"didIds":[1186852]}]}`)
	if r.status != 200 {
		t.Fatalf("PUT %d %s", r.status, r.body)
	}
	idle(t, s)
	clk.set(1773106452589)
	s.DeleteDID([]int64{1192489, 1192490})
	idle(t, s)
	clk.set(1773106500000)
	s.DeleteTrunk([]int64{112129, 114538})
	idle(t, s)
	s.DeletePBX(4808)
	idle(t, s)

	posts := got()
	names := []string{"did_change", "did_delete", "trunk_delete", "pce_delete"}
	if len(posts) != len(names) {
		t.Fatalf("%d reports, want %d", len(posts), len(names))
	}
	for i, name := range names {
		want := sample(t, "report_"+name+".json")
		if have := shape(t, posts[i].body); have != shape(t, want) {
			t.Errorf("%s has shape\n%s, want\n%s", name, have, shape(t, want))
		}
	}
	for i := range 2 { // the times of the other two samples lie before these
		if have, want := string(posts[i].body), compact(t, sample(t, "report_"+names[i]+".json")); have != want {
			t.Errorf("%s is\n%s, want\n%s", names[i], have, want)
		}
	}
}
