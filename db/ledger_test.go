package db_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// noon is a moment on the vendor's clock.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var acme = fleet.PBX{ID: 4808, Serial: "36XXXXXXXXXXXXZK", Name: "Acme HQ", Firmware: "84.22.0.134", Status: fleet.StatusRunning}

func exact(at time.Time, set fleet.BindingSet) fleet.Known {
	return fleet.Known{Certainty: fleet.CertaintyExact, Set: set, At: at}
}

// look records a reading and wants a verdict.
func look(t *testing.T, d *db.DB, known fleet.Known, want fleet.Verdict) {
	t.Helper()
	got, err := d.Record(t.Context(), fleet.Reading{PBX: acme, Known: known})
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Fatalf("verdict %q, want %q", got, want)
	}
}

func row(t *testing.T, d *db.DB) fleet.PBXRow {
	t.Helper()
	r, err := d.PBX(t.Context(), acme.ID)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func state(t *testing.T, d *db.DB) fleet.SyncState {
	t.Helper()
	r := row(t, d)
	return fleet.Judge(r.Standing, r.Standing.VerifiedAt, time.Hour).State
}

func snapshots(t *testing.T, d *db.DB) []fleet.Snapshot {
	t.Helper()
	page, err := d.Snapshots(t.Context(), acme.ID, fleet.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func known(t *testing.T, d *db.DB) fleet.Known {
	t.Helper()
	k, err := d.Known(t.Context(), acme.ID)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAStrangersBindingsAreNotKnown(t *testing.T) {
	k := known(t, dbtest.New(t))
	if k.Certainty != fleet.CertaintyNone || k.Exact() || k.Set.Len() != 0 {
		t.Errorf("%+v", k)
	}
}

func TestTheFirstReadingIsASnapshotAndNoDrift(t *testing.T) {
	d := dbtest.New(t)
	look(t, d, exact(noon, setOf(pair(1, 1), pair(1, 2))), fleet.VerdictNew)
	if s := state(t, d); s != fleet.InSync {
		t.Errorf("state %q", s)
	}
	r := row(t, d)
	if r.Numbers != 2 || r.Snapshots != 1 || !r.Standing.VerifiedAt.Equal(noon) {
		t.Errorf("%+v", r)
	}
	if all := snapshots(t, d); len(all) != 1 || all[0].Source != fleet.FromReconcile || !all[0].At().Equal(noon) {
		t.Errorf("%+v", all)
	}
}

func TestAReadingThatAgreesTouchesTheAgeOnly(t *testing.T) {
	d := dbtest.New(t)
	set := setOf(pair(1, 1))
	look(t, d, exact(noon, set), fleet.VerdictNew)
	look(t, d, exact(noon, set), fleet.VerdictSame) // within the same second of the vendor's clock
	look(t, d, exact(noon.Add(time.Minute), set), fleet.VerdictSame)
	if r := row(t, d); !r.Standing.VerifiedAt.Equal(noon.Add(time.Minute)) || r.Snapshots != 1 {
		t.Errorf("%+v", r)
	}
}

func TestAReadingThatDiffersIsDriftUntilSomebodyAdoptsIt(t *testing.T) {
	d := dbtest.New(t)
	look(t, d, exact(noon, setOf(pair(1, 1), pair(1, 2), pair(1, 3))), fleet.VerdictNew)
	look(t, d, exact(noon.Add(10*time.Minute), setOf(pair(1, 3), pair(1, 4))), fleet.VerdictNew)
	r := row(t, d)
	want := "2 numbers were removed and 1 number was added outside Cordboard on 22 Nov between 12:00 and 12:10 UTC. Why is not known."
	if r.Standing.DriftNote != want || state(t, d) != fleet.Drifted {
		t.Errorf("state %q, note %q", state(t, d), r.Standing.DriftNote)
	}
	if s := snapshots(t, d)[0]; !slices.Equal(s.Added, []fleet.Binding{pair(1, 4)}) || len(s.Removed) != 2 {
		t.Errorf("%+v", s)
	}
	look(t, d, exact(noon.Add(20*time.Minute), setOf(pair(1, 3), pair(1, 4))), fleet.VerdictSame)
	if state(t, d) != fleet.Drifted {
		t.Error("an agreeing read made the drift disappear")
	}
	drift, err := d.OpenDrift(t.Context(), acme.ID)
	if err != nil || drift.Cause != fleet.CauseUnknown || len(drift.Evidence) == 0 || len(drift.Added()) != 1 || len(drift.Removed()) != 2 {
		t.Errorf("%+v %v", drift, err)
	}
	if err := d.AdoptDrift(t.Context(), drift.ID, noon.Add(time.Hour), entry(audit.DriftAdopt, audit.Succeeded)); err != nil {
		t.Fatal(err)
	}
	if state(t, d) != fleet.InSync {
		t.Errorf("state %q after adopting", state(t, d))
	}
}

func TestAReadingThatAReportOvertookChangesNothing(t *testing.T) {
	d := dbtest.New(t)
	keepPBXs(t, d, acme)
	tell(t, d, acme.ID, told{noon.UnixMilli() + 500, setOf(pair(1, 1))})
	before := dump(t, d, acme.ID)
	look(t, d, exact(noon, setOf(pair(1, 2))), fleet.VerdictAsk)
	if after := dump(t, d, acme.ID); after != before {
		t.Errorf("before\n%s\nafter\n%s", before, after)
	}
	if r := row(t, d); !r.Standing.VerifiedAt.IsZero() {
		t.Error("it counts as verified")
	}
}

func TestAnAmbiguousReadingKeepsItsCandidatesAndSettlesWithoutDrift(t *testing.T) {
	d := dbtest.New(t)
	unclear := fleet.Known{Certainty: fleet.CertaintyAmbiguous, Set: setOf(pair(1, 1)), At: noon,
		Unclear: []fleet.Unclear{{DID: 2, Trunks: []fleet.TrunkID{1, 3}}}}
	look(t, d, unclear, fleet.VerdictNew)
	k := known(t, d)
	if k.Certainty != fleet.CertaintyAmbiguous || !k.Set.Equal(unclear.Set) || len(k.Unclear) != 1 || !slices.Equal(k.Unclear[0].Trunks, []fleet.TrunkID{1, 3}) {
		t.Fatalf("%+v", k)
	}
	if r := row(t, d); r.Numbers != 2 || state(t, d) != fleet.Unknown {
		t.Errorf("%d numbers, state %q", r.Numbers, state(t, d))
	}
	unclear.At, unclear.Unclear = noon.Add(time.Minute), []fleet.Unclear{{DID: 2, Trunks: []fleet.TrunkID{1, 3, 4}}}
	look(t, d, unclear, fleet.VerdictSame)
	if k := known(t, d); len(k.Unclear[0].Trunks) != 3 {
		t.Errorf("candidates %v", k.Unclear)
	}
	look(t, d, exact(noon.Add(2*time.Minute), setOf(pair(1, 1), pair(3, 2))), fleet.VerdictNew)
	if state(t, d) != fleet.InSync || !known(t, d).Exact() {
		t.Errorf("state %q, %+v", state(t, d), known(t, d))
	}
}

func TestHeadersAreKeptByAnAgreeingReadAndOnlyLastKnownAfterAReport(t *testing.T) {
	d := dbtest.New(t)
	headers := fleet.KnownHeaders(fleet.Header{Trunk: 1, Header: 7, Value: "a"}, fleet.Header{Trunk: 2, Header: 8, Value: "b"})
	first := exact(noon, setOf(pair(1, 1), pair(2, 2)))
	first.Headers = headers
	look(t, d, first, fleet.VerdictNew)
	look(t, d, exact(noon.Add(time.Second), first.Set), fleet.VerdictSame) // a read that knows nothing of headers
	if !known(t, d).Headers.Equal(headers) {
		t.Fatalf("headers %+v", known(t, d).Headers)
	}
	tell(t, d, acme.ID, told{noon.Add(time.Minute).UnixMilli(), setOf(pair(1, 1))})
	if got := known(t, d).Headers; got.Known || !slices.Equal(got.List(), headers.List()[:1]) {
		t.Errorf("headers %+v", got)
	}
}

func TestTroubleKeepsItsFirstTimeAndTheNextReadTakesItBack(t *testing.T) {
	d := dbtest.New(t)
	look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
	for i, why := range []string{"timeout", "HTTP 500"} {
		if err := d.Trouble(t.Context(), acme.ID, noon.Add(time.Duration(i+1)*time.Minute), why); err != nil {
			t.Fatal(err)
		}
	}
	if s := row(t, d).Standing; !s.TroubleAt.Equal(noon.Add(time.Minute)) || s.Trouble != "HTTP 500" || state(t, d) != fleet.Unknown {
		t.Errorf("%+v", s)
	}
	if !known(t, d).Exact() {
		t.Error("a failed read changed what is known")
	}
	look(t, d, exact(noon.Add(time.Hour), setOf(pair(1, 1))), fleet.VerdictSame)
	if s := row(t, d).Standing; !s.TroubleAt.IsZero() || state(t, d) != fleet.InSync {
		t.Errorf("%+v", s)
	}
	if err := d.Trouble(t.Context(), 99, noon, "x"); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("trouble of a stranger: %v", err)
	}
}

func TestAMissingPBXIsGoneItsDraftsAreVoidAndAReadBringsItBack(t *testing.T) {
	d := dbtest.New(t)
	look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
	save(t, d, draft("p1", known(t, d).Set, setOf(pair(1, 1), pair(1, 2))))
	if err := d.Missing(t.Context(), acme.ID, noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if state(t, d) != fleet.Gone {
		t.Errorf("state %q", state(t, d))
	}
	drift, err := d.OpenDrift(t.Context(), acme.ID)
	if err != nil || drift.Cause != fleet.CausePBXDeleted || len(drift.Removed()) != 1 {
		t.Errorf("the deletion is told as %+v, %v", drift, err)
	}
	p, err := d.Plan(t.Context(), "p1")
	if err != nil || p.Status != plan.Void || p.Outcome.Sentence == "" {
		t.Errorf("%v %+v", err, p)
	}
	look(t, d, exact(noon.Add(time.Hour), setOf(pair(1, 1))), fleet.VerdictSame)
	if state(t, d) != fleet.InSync {
		t.Errorf("state %q after a read", state(t, d))
	}
	if drift, err = d.Drift(t.Context(), drift.ID); err != nil || drift.State != fleet.DriftResolved {
		t.Errorf("after a read its deletion is %+v, %v", drift, err)
	}
}

func TestADeletedPBXStaysGoneInWhateverOrderItsReportsCome(t *testing.T) {
	gone := told{100_000, setOf()}
	younger := told{200_000, setOf(pair(1, 9))}
	arrivals := map[string][]told{"deletion first": {gone, younger}, "deletion last": {younger, gone}}
	for name, order := range arrivals {
		t.Run(name, func(t *testing.T) {
			d := dbtest.New(t)
			keepPBXs(t, d, acme)
			within(t, d, func(ctx context.Context, h *db.History) error {
				for _, r := range order {
					report := r.report()
					if r.at == gone.at {
						report.Event = fleet.PCEDelete
					}
					if _, _, err := arrive(ctx, h, acme.ID, report); err != nil {
						return err
					}
					if report.Event == fleet.PCEDelete {
						if err := h.Gone(ctx, acme.ID, report.At); err != nil {
							return err
						}
					}
				}
				return nil
			})
			s := row(t, d).Standing
			if state(t, d) != fleet.Gone || !s.GoneAt.Equal(time.UnixMilli(gone.at)) || !s.Awaiting {
				t.Errorf("%+v", s)
			}
			if len(snapshots(t, d)) != 2 {
				t.Error("a report is missing in history")
			}
			drift, err := d.OpenDrift(t.Context(), acme.ID)
			if err != nil || drift.Cause != fleet.CausePBXDeleted || !strings.Contains(drift.Sentence, "after it had reported that the PBX was deleted") {
				t.Errorf("people are told %+v, %v", drift, err)
			}
			look(t, d, exact(time.UnixMilli(300_000), younger.set), fleet.VerdictSame)
			if state(t, d) != fleet.InSync {
				t.Errorf("state %q after a read", state(t, d))
			}
			within(t, d, func(ctx context.Context, h *db.History) error { return h.Gone(ctx, acme.ID, time.UnixMilli(gone.at)) })
			if state(t, d) != fleet.InSync {
				t.Error("a replayed deletion is stronger than a later read")
			}
		})
	}
}

func TestAListingMarksAbsentPBXsMissingAndNeverGone(t *testing.T) {
	d := dbtest.New(t)
	other := fleet.PBX{ID: 1, Serial: "S1", Name: "Globex"}
	fresh, err := d.KeepPBXs(t.Context(), []fleet.PBX{acme, other}, noon)
	if err != nil || !slices.Equal(fresh, []string{acme.Serial, "S1"}) {
		t.Fatalf("%v %v", fresh, err)
	}
	fresh, err = d.KeepPBXs(t.Context(), []fleet.PBX{{ID: 1, Name: "Globex Ltd"}}, noon)
	if err != nil || len(fresh) != 0 {
		t.Fatalf("%v %v", fresh, err)
	}
	if state(t, d) == fleet.Gone {
		t.Error("absence from a list counts as deletion")
	}
	r, err := d.PBX(t.Context(), 1)
	if err != nil || r.Serial != "S1" || r.Name != "Globex Ltd" {
		t.Errorf("%+v %v", r, err)
	}
	ids, err := d.Watched(t.Context())
	if err != nil || len(ids) != 2 {
		t.Errorf("watched %v %v", ids, err)
	}
}

func TestWatchedLeavesOutWhatIsGoneAndWhatHasAnOpenPlan(t *testing.T) {
	d := dbtest.New(t)
	look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
	keepPBXs(t, d, acme, fleet.PBX{ID: 1, Name: "never read"}, fleet.PBX{ID: 2, Name: "gone"})
	if err := d.Missing(t.Context(), 2, noon); err != nil {
		t.Fatal(err)
	}
	keepPBXs(t, d, acme, fleet.PBX{ID: 1})
	watched, err := d.Watched(t.Context())
	want := []fleet.Watched{
		{ID: 1, Name: "never read", Standing: fleet.Standing{Certainty: fleet.CertaintyNone}},
		{ID: acme.ID, Name: acme.Name, Standing: fleet.Standing{Certainty: fleet.CertaintyExact, VerifiedAt: noon, ChangedAt: noon.Add(time.Microsecond)}},
	}
	if err != nil || !slices.Equal(watched, want) {
		t.Errorf("%+v %v", watched, err)
	}
	save(t, d, draft("p1", setOf(pair(1, 1)), setOf(pair(1, 2))))
	begin(t, d, "p1", noon)
	if watched, err := d.Watched(t.Context()); err != nil || !slices.Equal(watched, want[:1]) {
		t.Errorf("%+v %v", watched, err)
	}
}

func draft(id fleet.PlanID, before, after fleet.BindingSet) plan.Plan {
	return plan.Plan{
		ID: id, PBX: acme.ID, PBXName: acme.Name, Kind: plan.KindBindings, Status: plan.Draft, Author: "ana",
		CreatedAt: noon, ExpiresAt: noon.AddDate(500, 0, 0), Base: "base", Before: before, After: after,
		Steps: plan.Diff(before, after), Risk: plan.Risk{Level: plan.None},
	}
}

func entry(action audit.Action, outcome audit.Outcome) audit.Entry {
	return audit.Entry{At: noon, Actor: "ana", Action: action, Target: acme.Name, PBX: acme.ID, Outcome: outcome}
}

func save(t *testing.T, d *db.DB, p plan.Plan) {
	t.Helper()
	if err := d.SavePlan(t.Context(), p, entry(audit.PlanCreate, audit.Succeeded)); err != nil {
		t.Fatal(err)
	}
}

func begin(t *testing.T, d *db.DB, id fleet.PlanID, at time.Time) {
	t.Helper()
	if err := d.Begin(t.Context(), id, at, "", entry(audit.BindingsUpdate, audit.Intended)); err != nil {
		t.Fatal(err)
	}
}

func finish(t *testing.T, d *db.DB, id fleet.PlanID, status plan.Status, wrote *plan.Written) {
	t.Helper()
	p, err := d.Plan(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	p.Status, p.Outcome = status, plan.Outcome{Result: plan.Succeeded, Sentence: "Done.", VendorRequestID: "r1"}
	if err := d.Finish(t.Context(), p, wrote, entry(audit.BindingsUpdate, audit.Succeeded)); err != nil {
		t.Fatal(err)
	}
}

func wantWords(t *testing.T, err error, kind fleet.Kind, words ...string) {
	t.Helper()
	if fleet.KindOf(err) != kind {
		t.Fatalf("kind %q of %v, want %q", fleet.KindOf(err), err, kind)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%v does not say %q", err, w)
		}
	}
}
