package db_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cordboard/db"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"

	"pgregory.net/rapid"
)

// world is a small part of a cloud with ids of its own, in which something happens every two minutes,
// and what Cordboard was told of it: reports are dropped, come late or twice; reads and lists happen now
// and then. Beside the database it keeps all that was told for the oracle.
type world struct {
	t      *rapid.T
	d      *db.DB
	clock  *time.Time
	n      int64 // which world: keeps ids, numbers and times apart
	slot   time.Time
	pbxs   []fleet.PBXID
	trunks []fleet.TrunkID
	dids   []fleet.DIDID
	number map[fleet.DIDID]string
	bound  map[fleet.DIDID]place
	made   int // numbers so far
	plans  int
	late   []delayed
	heard  hearsay
}

type place struct {
	pbx   fleet.PBXID
	trunk fleet.TrunkID
}

type delayed struct {
	pbx    fleet.PBXID
	report fleet.Report
}

func newWorld(t *rapid.T, d *db.DB, clock *time.Time, n int64) *world {
	w := &world{t: t, d: d, clock: clock, n: n, slot: noon.Add(time.Duration(n) * 24 * time.Hour),
		number: map[fleet.DIDID]string{}, bound: map[fleet.DIDID]place{}, heard: newHearsay()}
	for i := range int64(3) {
		w.pbxs = append(w.pbxs, fleet.PBXID(n*10+i+1))
		w.dids = append(w.dids, fleet.DIDID(n*10+i+1))
	}
	w.trunks = []fleet.TrunkID{fleet.TrunkID(n*10 + 1), fleet.TrunkID(n*10 + 2)}
	for _, p := range w.pbxs {
		keepPBXs(t, d, fleet.PBX{ID: p, Serial: p.String(), Name: "PBX " + p.String()})
	}
	for _, id := range w.dids {
		w.renumber(id)
	}
	return w
}

// prefix begins every number of this world, and of no other.
func (w *world) prefix() string { return fmt.Sprintf("+7%05d", w.n) }

func (w *world) renumber(id fleet.DIDID) {
	w.made++
	w.number[id] = fmt.Sprintf("%s%04d", w.prefix(), w.made)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v", err)
	}
}

// set is what a PBX truly has.
func (w *world) set(p fleet.PBXID) fleet.BindingSet {
	var pairs []fleet.Binding
	for id, at := range w.bound {
		if at.pbx == p {
			pairs = append(pairs, fleet.Binding{Trunk: at.trunk, DID: id})
		}
	}
	return fleet.NewBindingSet(pairs...)
}

func (w *world) report(p fleet.PBXID, at time.Time) fleet.Report {
	r := fleet.Report{Event: fleet.DIDChange, At: at, Set: w.set(p)}
	for _, b := range r.Set.Pairs() {
		r.Names = append(r.Names, fleet.ReportedName{Binding: b, Number: w.number[b.DID], TrunkName: "trunk " + b.Trunk.String()})
	}
	return r
}

// step lets one thing happen, and whatever deliveries are due.
func (w *world) step() {
	w.slot = w.slot.Add(2 * time.Minute)
	*w.clock = w.slot
	for len(w.late) > 0 && rapid.IntRange(0, 2).Draw(w.t, "a late delivery comes") == 0 {
		i := rapid.IntRange(0, len(w.late)-1).Draw(w.t, "which")
		w.deliver(w.late[i])
		w.late = slices.Delete(w.late, i, i+1)
	}
	id := rapid.SampledFrom(w.dids).Draw(w.t, "DID")
	p := rapid.SampledFrom(w.pbxs).Draw(w.t, "PBX")
	switch rapid.SampledFrom([]string{"swap", "swap", "reuse", "reuse", "read", "list", "write"}).Draw(w.t, "what") {
	case "swap":
		w.swap(id, p, w.slot)
	case "reuse": // the number is deleted, its id given to another one, which may be bound at once
		if _, ok := w.bound[id]; ok {
			w.swap(id, p, w.slot)
		}
		w.renumber(id)
		if rapid.Bool().Draw(w.t, "bound at once") {
			w.swap(id, p, w.slot.Add(20*time.Second))
		}
	case "read":
		w.read(p, w.slot.Add(30*time.Second+500*time.Microsecond))
	case "list":
		w.list()
	case "write":
		w.write(id, p)
	}
}

// swap frees a DID, or binds it to p; a report of it is sent.
func (w *world) swap(id fleet.DIDID, p fleet.PBXID, at time.Time) {
	if was, ok := w.bound[id]; ok {
		p = was.pbx
		delete(w.bound, id)
	} else {
		w.bound[id] = place{p, rapid.SampledFrom(w.trunks).Draw(w.t, "trunk")}
	}
	w.send(delayed{p, w.report(p, at)})
}

func (w *world) send(r delayed) {
	switch rapid.SampledFrom([]string{"comes", "comes", "comes twice", "late", "late", "lost", "lost"}).Draw(w.t, "the report") {
	case "comes":
		w.deliver(r)
	case "comes twice":
		w.deliver(r)
		w.deliver(r)
	case "late":
		w.late = append(w.late, r)
	}
}

func (w *world) deliver(r delayed) {
	within(w.t, w.d, func(ctx context.Context, h *db.History) error {
		_, _, err := arrive(ctx, h, r.pbx, r.report)
		return err
	})
	w.heard.report(r.pbx, r.report)
}

func (w *world) list() {
	var all []fleet.DID
	for _, id := range w.dids {
		all = append(all, fleet.DID{ID: id, Number: w.number[id]})
	}
	w.must(keepDIDs(context.Background(), w.d, all, w.slot))
	for _, did := range all {
		w.heard.say(did.ID, did.Number, w.slot)
	}
}

// read looks at a PBX the way the worker does: the numbers themselves are read when something moved.
func (w *world) read(p fleet.PBXID, at time.Time) {
	r := fleet.Reading{PBX: fleet.PBX{ID: p, Serial: p.String(), Name: "PBX " + p.String()}, Known: exact(at, w.set(p))}
	before, fresh := w.heard.read(p, at, r.Known.Set)
	if fresh {
		for id := range before.With(r.Known.Set.Pairs()...).Copies() {
			r.DIDs = append(r.DIDs, fleet.DID{ID: id, Number: w.number[id]})
			w.heard.mention(id, w.number[id], at)
		}
	}
	verdict, err := w.d.Record(context.Background(), r)
	w.must(err)
	if (verdict == fleet.VerdictNew) != fresh {
		w.t.Fatalf("reading %v of %d: %s, want new: %v", r.Known.Set.Pairs(), p, verdict, fresh)
	}
}

// write binds or frees a DID by a plan of our own, which is read back; the report that echoes it may
// come or not.
func (w *world) write(id fleet.DIDID, p fleet.PBXID) {
	before := w.set(p)
	if at, ok := w.bound[id]; ok && at.pbx == p {
		delete(w.bound, id)
	} else if !ok {
		w.bound[id] = place{p, w.trunks[0]}
	}
	if w.set(p).Equal(before) {
		return
	}
	ctx, wrote := context.Background(), w.slot.Add(12*time.Second+500*time.Microsecond)
	w.must(w.d.Remember(ctx, []fleet.DID{{ID: id, Number: w.number[id]}}, nil))
	w.heard.mention(id, w.number[id], w.slot)
	w.plans++
	plan1 := draft(fleet.PlanID(fmt.Sprintf("w%d-%d", w.n, w.plans)), before, w.set(p))
	plan1.PBX = p
	w.must(w.d.SavePlan(ctx, plan1, entry(audit.PlanCreate, audit.Succeeded)))
	w.must(w.d.Begin(ctx, plan1.ID, w.slot.Add(10*time.Second), "", entry(audit.BindingsUpdate, audit.Intended)))
	stored, err := w.d.Plan(ctx, plan1.ID)
	w.must(err)
	stored.Status = plan.Applied
	w.must(w.d.Finish(ctx, stored, &plan.Written{At: wrote}, entry(audit.BindingsUpdate, audit.Succeeded)))
	w.heard.wrote(p, wrote, w.set(p))
	w.send(delayed{p, w.report(p, w.slot.Add(11*time.Second))})
}
