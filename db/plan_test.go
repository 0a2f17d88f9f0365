package db_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

func TestAPlanComesBackAsItWasSaved(t *testing.T) {
	d := dbtest.At(t, func() time.Time { return noon })
	keepPBXs(t, d, acme)
	p := draft("p1", setOf(pair(1, 1), pair(1, 2)), setOf(pair(1, 1), pair(2, 3)))
	p.Headers = plan.HeaderChange{Send: true, Before: fleet.KnownHeaders(), After: fleet.KnownHeaders(fleet.Header{Trunk: 1, Header: 2, Value: "x"})}
	p.Skipped = []plan.Skipped{{Number: "83", Reason: "deleted"}}
	save(t, d, p)
	got, err := d.Plan(t.Context(), "p1")
	if err != nil {
		t.Fatal(err)
	}
	a, b := mustJSON(t, p), mustJSON(t, got)
	if a != b {
		t.Errorf("saved\n%s\nread\n%s", a, b)
	}
	if _, err := d.Plan(t.Context(), "p2"); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("a stranger: %v", err)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAPlanIsConfirmedOnce(t *testing.T) {
	d := dbtest.New(t)
	keepPBXs(t, d, acme)
	save(t, d, draft("p1", setOf(), setOf(pair(1, 1))))
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			err := d.Begin(context.Background(), "p1", noon, "", entry(audit.BindingsUpdate, audit.Intended))
			if err == nil {
				won.Add(1)
			} else if fleet.KindOf(err) != fleet.KindConflict {
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Fatalf("%d of 16 confirmations won", won.Load())
	}
	err := d.Begin(t.Context(), "p1", noon, "", entry(audit.BindingsUpdate, audit.Intended))
	wantWords(t, err, fleet.KindConflict, "being applied", "ana", "12:00 UTC")
	if state(t, d) != fleet.Unknown {
		t.Errorf("state %q while a plan is under way", state(t, d))
	}
	finish(t, d, "p1", plan.Applied, &plan.Written{At: noon.Add(time.Second)})
	err = d.Begin(t.Context(), "p1", noon, "", entry(audit.BindingsUpdate, audit.Intended))
	wantWords(t, err, fleet.KindConflict, "already applied", "ana")
	page, err := d.Audit(t.Context(), audit.Filter{Action: string(audit.BindingsUpdate)})
	if err != nil || page.Total != 2 {
		t.Errorf("%d audit rows of one intent and one outcome, %v", page.Total, err)
	}
}

func TestOnePlanPerPBXMayBeUnderWay(t *testing.T) {
	d := dbtest.New(t)
	keepPBXs(t, d, acme)
	save(t, d, draft("p1", setOf(), setOf(pair(1, 1))))
	save(t, d, draft("p2", setOf(), setOf(pair(1, 2))))
	begin(t, d, "p1", noon)
	err := d.Begin(t.Context(), "p2", noon, "", entry(audit.BindingsUpdate, audit.Intended))
	wantWords(t, err, fleet.KindConflict, "Another plan for Acme HQ is being applied by ana since 2026-11-22 12:00 UTC")
	finish(t, d, "p1", plan.Unknown, nil)
	err = d.Begin(t.Context(), "p2", noon, "", entry(audit.BindingsUpdate, audit.Intended))
	wantWords(t, err, fleet.KindConflict, "not settled")
	open, err := d.OpenPlans(t.Context())
	if err != nil || len(open) != 1 || open[0].ID != "p1" || open[0].Status != plan.Unknown {
		t.Fatalf("%+v %v", open, err)
	}
	finish(t, d, "p1", plan.Failed, nil)
	begin(t, d, "p2", noon)
	p1, err := d.Plan(t.Context(), "p1")
	if err != nil || p1.Outcome.VendorRequestID != "r1" || !p1.SentAt.Equal(noon) {
		t.Errorf("%+v %v", p1, err)
	}
	if err := d.Finish(t.Context(), p1, nil, entry(audit.BindingsUpdate, audit.Failed)); fleet.KindOf(err) != fleet.KindConflict {
		t.Errorf("a settled plan was settled again: %v", err)
	}
}

func TestADraftExpiresByTheClock(t *testing.T) {
	now := noon
	d := dbtest.At(t, func() time.Time { return now })
	keepPBXs(t, d, acme)
	p := draft("p1", setOf(), setOf(pair(1, 1)))
	p.ExpiresAt = noon.Add(time.Hour)
	save(t, d, p)
	counts := func() map[plan.Status]int {
		t.Helper()
		c, err := d.PlanCounts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := counts(); c[plan.Draft] != 1 {
		t.Errorf("%v", c)
	}
	now = noon.Add(time.Hour)
	if got, err := d.Plan(t.Context(), "p1"); err != nil || got.Status != plan.Expired {
		t.Errorf("%v %v", got.Status, err)
	}
	if c := counts(); c[plan.Draft] != 0 || c[plan.Expired] != 1 {
		t.Errorf("%v", c)
	}
	page, err := d.Plans(t.Context(), plan.Filter{Status: plan.Expired})
	if err != nil || page.Total != 1 || len(page.Items) != 1 {
		t.Errorf("%+v %v", page, err)
	}
	err = d.Begin(t.Context(), "p1", now, "", entry(audit.BindingsUpdate, audit.Intended))
	wantWords(t, err, fleet.KindConflict, "expired at 2026-11-22 13:00 UTC")
}

func TestPlansAreListedNewestFirstByPBXAndStatusPageByPage(t *testing.T) {
	d := dbtest.At(t, func() time.Time { return noon })
	keepPBXs(t, d, acme, fleet.PBX{ID: 1, Name: "Globex"})
	var want []fleet.PlanID
	for i := range 7 {
		p := draft(fleet.PlanID(fmt.Sprintf("p%d", i)), setOf(pair(1, 1)), setOf(pair(1, 1), pair(1, 2)))
		p.CreatedAt = noon.Add(time.Duration(i/2) * time.Second) // pairs share a moment
		if i%3 == 0 {
			p.PBX = 1
		}
		save(t, d, p)
		if p.PBX == acme.ID {
			want = append([]fleet.PlanID{p.ID}, want...)
		}
	}
	if err := d.DiscardPlan(t.Context(), "p1", entry(audit.PlanCreate, audit.Succeeded)); err != nil {
		t.Fatal(err)
	}
	if err := d.DiscardPlan(t.Context(), "p1", entry(audit.PlanCreate, audit.Succeeded)); fleet.KindOf(err) != fleet.KindConflict {
		t.Errorf("a void plan was discarded: %v", err)
	}
	var got []fleet.PlanID
	f := plan.Filter{PBX: acme.ID, Page: fleet.PageRequest{Limit: 2}}
	for {
		page, err := d.Plans(t.Context(), f)
		if err != nil || page.Total != 4 {
			t.Fatalf("total %d, %v", page.Total, err)
		}
		for _, p := range page.Items {
			got = append(got, p.ID)
			if len(p.Steps) != 1 || p.Steps[0].Verb != plan.Bind || p.PBXName == "" {
				t.Errorf("%+v", p)
			}
		}
		if f.Page.After = page.Next; page.Next == "" {
			break
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	page, err := d.Plans(t.Context(), plan.Filter{PBX: acme.ID, Status: plan.Void})
	if err != nil || page.Total != 1 || page.Items[0].Outcome.Sentence != "Discarded by ana." {
		t.Errorf("%+v %v", page, err)
	}
	if err := d.VoidPlans(t.Context(), 0, "The record was restored.", entry(audit.PlanCreate, audit.Succeeded)); err != nil {
		t.Fatal(err)
	}
	if page, err := d.Plans(t.Context(), plan.Filter{Status: plan.Void}); err != nil || page.Total != 7 {
		t.Errorf("%d void, %v", page.Total, err)
	}
	if _, err := d.Plans(t.Context(), plan.Filter{Page: fleet.PageRequest{After: "rubbish"}}); fleet.KindOf(err) != fleet.KindInvalid {
		t.Errorf("a wrong cursor: %v", err)
	}
}

// sent makes a plan whose write is under way: from what is known to after.
func sent(t *testing.T, d *db.DB, id fleet.PlanID, after fleet.BindingSet, at time.Time) {
	t.Helper()
	save(t, d, draft(id, known(t, d).Set, after))
	begin(t, d, id, at)
}

// echoed hands a report to Echo alone.
func echoed(t *testing.T, d *db.DB, at time.Time, set fleet.BindingSet) (id fleet.SnapshotID) {
	t.Helper()
	within(t, d, func(ctx context.Context, h *db.History) (err error) {
		id, err = h.Echo(ctx, acme.ID, fleet.Report{Event: fleet.DIDChange, At: at, Set: set}, 7)
		return err
	})
	return id
}

func TestAVerifiedWriteIsASnapshotAndAnswersDriftTroubleAndQuestions(t *testing.T) {
	d := dbtest.New(t)
	look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
	look(t, d, exact(noon.Add(time.Second), setOf(pair(1, 2))), fleet.VerdictNew)
	within(t, d, func(ctx context.Context, h *db.History) error { return h.Await(ctx, acme.ID, "why") })
	if err := d.Trouble(t.Context(), acme.ID, noon, "timeout"); err != nil {
		t.Fatal(err)
	}
	after := setOf(pair(1, 2), pair(2, 3))
	sent(t, d, "p1", after, noon.Add(2*time.Second))
	headers := fleet.KnownHeaders(fleet.Header{Trunk: 2, Header: 1, Value: "v"})
	finish(t, d, "p1", plan.Applied, &plan.Written{At: noon.Add(3 * time.Second), Headers: headers})
	if state(t, d) != fleet.InSync {
		t.Errorf("state %q: %+v", state(t, d), row(t, d).Standing)
	}
	k := known(t, d)
	if !k.Exact() || !k.Set.Equal(after) || !k.Headers.Equal(headers) {
		t.Errorf("%+v", k)
	}
	s := snapshots(t, d)[0]
	if s.Source != fleet.FromWrite || s.Plan != "p1" || !s.VendorAt.IsZero() || len(s.Added) != 1 {
		t.Errorf("%+v", s)
	}
}

func TestTheEchoOfAVerifiedWriteJoinsItsSnapshotAndGivesItTheVendorsTime(t *testing.T) {
	d := dbtest.New(t)
	look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
	after := setOf(pair(1, 1), pair(1, 2))
	sent(t, d, "p1", after, noon.Add(1500*time.Millisecond))
	finish(t, d, "p1", plan.Applied, &plan.Written{At: noon.Add(3 * time.Second)})
	// The vendor's clock tells whole seconds: a report of the second of the confirmation counts.
	at := noon.Add(1200 * time.Millisecond)
	id := echoed(t, d, at, after)
	all := snapshots(t, d)
	if len(all) != 2 || all[0].ID != id || all[0].Source != fleet.FromWrite || !all[0].VendorAt.Equal(at) || all[0].Event != fleet.DIDChange || len(all[0].Added) != 1 {
		t.Fatalf("%+v", all)
	}
	if set, err := d.SetAtTime(t.Context(), acme.ID, at); err != nil || !set.Equal(after) {
		t.Errorf("%v %v", set, err)
	}
	if r := row(t, d); !r.Standing.ChangedAt.Equal(at) || state(t, d) != fleet.InSync {
		t.Errorf("%+v", r)
	}
	if again := echoed(t, d, at, after); again != 0 {
		t.Error("a duplicate of the echo was taken for an echo")
	}
	if later := echoed(t, d, at.Add(time.Second), after); later != 0 {
		t.Error("a second report of the same set was taken for the echo")
	}
}

func TestAnEchoBeforeTheAnswerMakesTheSnapshotThatFinishCompletes(t *testing.T) {
	d := dbtest.New(t)
	look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
	after := setOf(pair(1, 1), pair(1, 2))
	sent(t, d, "p1", after, noon.Add(time.Second))
	id := echoed(t, d, noon.Add(2*time.Second), after)
	if id == 0 || !known(t, d).Set.Equal(after) {
		t.Fatalf("echo %d, known %v", id, known(t, d).Set)
	}
	finish(t, d, "p1", plan.Applied, &plan.Written{At: noon.Add(3 * time.Second), Headers: fleet.KnownHeaders()})
	all := snapshots(t, d)
	if len(all) != 2 || all[0].ID != id || all[0].Plan != "p1" || !all[0].VendorAt.Equal(noon.Add(2*time.Second)) {
		t.Errorf("%+v", all)
	}
	if state(t, d) != fleet.InSync || !known(t, d).Headers.Known {
		t.Errorf("state %q", state(t, d))
	}
}

func TestWhatIsNoEchoStaysAReportOfItsOwn(t *testing.T) {
	after := setOf(pair(1, 1), pair(1, 2))
	cases := map[string]struct {
		at     time.Time
		set    fleet.BindingSet
		event  fleet.EventKind
		before func(*testing.T, *db.DB)
	}{
		"another set":                 {noon.Add(2 * time.Second), setOf(pair(1, 2)), fleet.DIDChange, nil},
		"older than the confirmation": {noon.Add(900 * time.Millisecond), after, fleet.DIDChange, nil},
		"another event":               {noon.Add(2 * time.Second), after, fleet.DIDDelete, nil},
		"long after it was verified":  {noon.Add(time.Hour), after, fleet.DIDChange, nil},
		"something else lies between": {noon.Add(5 * time.Second), after, fleet.DIDChange, func(t *testing.T, d *db.DB) {
			tell(t, d, acme.ID, told{noon.Add(4 * time.Second).UnixMilli(), setOf(pair(1, 3))})
		}},
		"the moment is another one's": {noon.Add(4 * time.Second), after, fleet.DIDChange, func(t *testing.T, d *db.DB) {
			tell(t, d, acme.ID, told{noon.Add(4 * time.Second).UnixMilli(), setOf(pair(1, 3))})
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := dbtest.New(t)
			look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
			sent(t, d, "p1", after, noon.Add(1500*time.Millisecond))
			finish(t, d, "p1", plan.Applied, &plan.Written{At: noon.Add(3 * time.Second)})
			if c.before != nil {
				c.before(t, d)
			}
			within(t, d, func(ctx context.Context, h *db.History) error {
				id, err := h.Echo(ctx, acme.ID, fleet.Report{Event: c.event, At: c.at, Set: c.set}, 0)
				if id != 0 {
					t.Error("it was taken for an echo")
				}
				return err
			})
			if s := snapshots(t, d); s[len(s)-2].Plan != "p1" || !s[len(s)-2].VendorAt.IsZero() {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestAnEchoBehindANewerReportGoesIntoHistoryAndTheHeadStays(t *testing.T) {
	d := dbtest.New(t)
	look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
	after := setOf(pair(1, 1), pair(1, 2))
	sent(t, d, "p1", after, noon.Add(time.Second))
	newer := setOf(pair(1, 9))
	tell(t, d, acme.ID, told{noon.Add(10 * time.Second).UnixMilli(), newer})
	id := echoed(t, d, noon.Add(2*time.Second), after)
	all := snapshots(t, d)
	if id == 0 || len(all) != 3 || all[1].ID != id || all[1].Plan != "p1" || !known(t, d).Set.Equal(newer) {
		t.Fatalf("echo %d: %+v", id, all)
	}
	finish(t, d, "p1", plan.Applied, &plan.Written{At: noon.Add(3 * time.Second), Headers: fleet.KnownHeaders()})
	if k := known(t, d); !k.Set.Equal(newer) || k.Headers.Known {
		t.Errorf("the verification of an older state changed what is known now: %+v", k)
	}
}

func TestAReadingThatFoundThePlansResultFirstBecomesThePlansSnapshot(t *testing.T) {
	d := dbtest.New(t)
	look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
	after := setOf(pair(1, 2))
	sent(t, d, "p1", after, noon.Add(time.Second))
	look(t, d, exact(noon.Add(2*time.Second), after), fleet.VerdictNew)
	if !row(t, d).Standing.DriftAt.IsZero() {
		t.Error("the result of an open plan counts as drift")
	}
	finish(t, d, "p1", plan.Applied, &plan.Written{At: noon.Add(3 * time.Second)})
	all := snapshots(t, d)
	if len(all) != 2 || all[0].Source != fleet.FromWrite || all[0].Plan != "p1" {
		t.Errorf("%+v", all)
	}
}

func TestAWriteAndAReportThatContradictEachOtherWithinASecondAskForARead(t *testing.T) {
	d := dbtest.New(t)
	look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
	after := setOf(pair(1, 2))
	sent(t, d, "p1", after, noon.Add(time.Second))
	tell(t, d, acme.ID, told{noon.Add(3500 * time.Millisecond).UnixMilli(), setOf(pair(1, 9))})
	finish(t, d, "p1", plan.Applied, &plan.Written{At: noon.Add(3 * time.Second)})
	if s := row(t, d).Standing; !s.Awaiting || !known(t, d).Set.Equal(after) {
		t.Errorf("%+v, known %v", s, known(t, d).Set)
	}
}

func TestAWriteThatAYoungerReportContradictsGoesBehindIt(t *testing.T) {
	d := dbtest.New(t)
	look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
	sent(t, d, "p1", setOf(pair(1, 2)), noon.Add(time.Second))
	younger := setOf(pair(1, 9))
	tell(t, d, acme.ID, told{noon.Add(8 * time.Second).UnixMilli(), younger})
	finish(t, d, "p1", plan.Applied, &plan.Written{At: noon.Add(3 * time.Second)})
	all := snapshots(t, d)
	if len(all) != 3 || all[1].Plan != "p1" || !known(t, d).Set.Equal(younger) {
		t.Errorf("%+v", all)
	}
}
