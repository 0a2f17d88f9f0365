package station_test

import (
	"fmt"
	"strings"
	"testing"

	"cordboard/sync/audit"
	"cordboard/sync/bulk"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/yeastar/yeastartest"
)

func shop(i int) fleet.PBXID { return fleet.PBXID(6000 + i) }

// stock is a shop's numbers: the first three are bound, the others free.
func stock(i int) []fleet.DIDID {
	first := fleet.DIDID(61000 + 10*i)
	return []fleet.DIDID{first, first + 1, first + 2, first + 3, first + 4}
}

// street is a house with n more PBXs of three numbers each.
func street(t *testing.T, n int) *house {
	t.Helper()
	h := build(t)
	for i := range n {
		h.sim.AddPBX(yeastartest.PBX{ID: int64(shop(i)), Serial: fmt.Sprintf("36A0B43SHOP%05d", i), Name: fmt.Sprintf("Shop %02d", i), Firmware: "84.20.0.5"})
		for _, did := range stock(i) {
			h.sim.AddDID(yeastartest.DID{ID: int64(did), Number: fmt.Sprintf("+4420791%05d", int64(did)), Trunks: []int64{int64(london)}})
		}
		w := stock(i)
		h.sim.Bind(int64(shop(i)), at(london, int64(w[0])), at(london, int64(w[1])), at(london, int64(w[2])))
	}
	h.sweep()
	h.sim.ResetRequests()
	return h
}

// file is the export of some PBXs, as lines.
func (h *house) file(ids ...fleet.PBXID) []bulk.Line {
	h.t.Helper()
	var lines []bulk.Line
	for _, id := range ids {
		row, err := h.DB.PBX(h.t.Context(), id)
		if err != nil {
			h.t.Fatal(err)
		}
		known := h.known(id)
		for _, o := range bulk.Export(row.PBX, known) {
			lines = append(lines, h.line(o, bulk.Base(known)))
		}
	}
	return numbered(lines)
}

func (h *house) line(o bulk.Out, base string) bulk.Line {
	h.t.Helper()
	numbers, err := h.DB.Numbers(h.t.Context(), []fleet.DIDID{o.DID})
	if err != nil {
		h.t.Fatal(err)
	}
	return bulk.Line{PBXID: o.PBX.ID.String(), PBX: o.PBX.Name, TrunkID: o.Trunk.String(), Number: numbers[o.DID].Number, Base: base}
}

func numbered(lines []bulk.Line) []bulk.Line {
	for i := range lines {
		lines[i].Row = i + 2
	}
	return lines
}

// swapped is the file of n shops in which each gives one number up for its fourth.
func (h *house) swapped(n int) []bulk.Line {
	var ids []fleet.PBXID
	for i := range n {
		ids = append(ids, shop(i))
	}
	lines := h.file(ids...)
	for i := range n {
		lines[3*i+2].Number = fmt.Sprintf("+4420791%05d", int64(stock(i)[3]))
	}
	return lines
}

// begin has a file judged, its plans made, and waits until the job ends or asks.
func (h *house) begin(lines []bulk.Line) (job.Job, bulk.Review) {
	h.t.Helper()
	review, err := h.Bulk.Judge(h.t.Context(), lines)
	if err != nil {
		h.t.Fatal(err)
	}
	j, err := h.Bulk.Begin(h.t.Context(), ana, h.Jobs, review)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.rests(j.ID), review
}

// rests waits until a job does not run any more.
func (h *house) rests(id job.ID) (j job.Job) {
	h.t.Helper()
	h.eventually("the job rests", func() bool {
		var err error
		if j, err = h.DB.Job(h.t.Context(), id); err != nil {
			h.t.Fatal(err)
		}
		return j.State != job.Running
	})
	return j
}

// agree carries out all plans of a job.
func (h *house) agree(j job.Job, stop bool) job.Job {
	h.t.Helper()
	if _, err := h.Bulk.Agree(h.t.Context(), ben, h.Jobs, j.ID, change.Agreement{Plans: change.Offered(j.Steps), Reason: "the customer asked", Stop: stop}); err != nil {
		h.t.Fatal(err)
	}
	return h.rests(j.ID)
}

var ben = audit.By{Actor: "ben", IP: "127.0.0.1"}

// states are the states of a job's steps, in their order.
func states(j job.Job) string {
	list := make([]string, len(j.Steps))
	for i, s := range j.Steps {
		list[i] = string(s.State)
	}
	return strings.Join(list, " ")
}

func wantJob(t *testing.T, j job.Job, state job.State, sentence string) {
	t.Helper()
	if j.State != state || !strings.Contains(j.Sentence, sentence) {
		t.Errorf("the job is %s: %q, want %s and %q\n%s", j.State, j.Sentence, state, sentence, describeSteps(j))
	}
}

func describeSteps(j job.Job) string {
	var b strings.Builder
	for _, s := range j.Steps {
		fmt.Fprintf(&b, "%s %s: %s\n", s.Name, s.State, s.Sentence)
	}
	return b.String()
}

// writes are the PBXs that were written to, in order.
func (h *house) writes() []fleet.PBXID {
	var ids []fleet.PBXID
	for _, r := range h.sim.Requests() {
		if r.Method == "PUT" {
			var id fleet.PBXID
			if _, err := fmt.Sscanf(strings.TrimPrefix(r.Path, plans), "%d/did", &id); err == nil {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
