package db_test

import (
	"slices"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

func beginPass(t *testing.T, d *db.DB, p fleet.Pass, e *audit.Entry) fleet.Pass {
	t.Helper()
	p, err := d.BeginPass(t.Context(), p, e)
	if err != nil || p.ID == 0 {
		t.Fatalf("%+v %v", p, err)
	}
	return p
}

func readPass(t *testing.T, d *db.DB, id fleet.PassID) fleet.Pass {
	t.Helper()
	p, err := d.Pass(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPassIsStoredFromItsFirstMomentToItsReport(t *testing.T) {
	clock := noon
	d := dbtest.At(t, func() time.Time { return clock })
	look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
	look(t, d, exact(noon.Add(time.Minute), setOf(pair(1, 2))), fleet.VerdictNew)
	e := audit.Entry{At: noon, Actor: "ana", Action: audit.PassRun, Target: "the fleet", Outcome: audit.Succeeded}
	p := beginPass(t, d, fleet.Pass{Why: fleet.PassAsked, Who: "ana", StartedAt: noon, Doing: "Lists"}, &e)
	if got := readPass(t, d, p.ID); !got.FinishedAt.IsZero() || got.Doing != "Lists" || got.Who != "ana" || got.Why != fleet.PassAsked || got.Complete {
		t.Errorf("%+v", got)
	}
	page, err := d.Audit(t.Context(), audit.Filter{Action: string(audit.PassRun)})
	if err != nil || len(page.Items) != 1 {
		t.Errorf("audit: %+v %v", page.Items, err)
	}
	p.BeatAt, p.Doing, p.PBXs, p.Verified, p.Unknown, p.Snapshots = noon.Add(time.Second), "Looks", 9, 4, 1, 2
	if err := d.KeepPass(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if got := readPass(t, d, p.ID); got.Doing != "Looks" || got.PBXs != 9 || got.Looked() != 5 || got.Snapshots != 2 || !got.BeatAt.Equal(p.BeatAt) {
		t.Errorf("%+v", got)
	}
	p.FinishedAt, p.StoppedBy, p.More = noon.Add(time.Minute), "Yeastar asks us to slow down.", 7
	p.Findings = []fleet.PassFinding{{PBX: 1, Name: "Acme", Kind: fleet.FoundFailed, Sentence: "no answer"}}
	ended, err := d.EndPass(t.Context(), p)
	if err != nil || ended.Drifted != 1 {
		t.Fatalf("%+v %v", ended, err)
	}
	clock = noon.Add(time.Hour)
	got := readPass(t, d, p.ID)
	if got.Doing != "" || got.Complete || got.StoppedBy != p.StoppedBy || !got.FinishedAt.Equal(p.FinishedAt) || got.Drifted != 1 || got.More != 7 || !slices.Equal(got.Findings, p.Findings) {
		t.Errorf("%+v", got)
	}
	if _, err := d.Pass(t.Context(), 99); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("a pass that never was: %v", err)
	}
}

func TestAPassWhoseProcessEndedIsToldAsEndedAndClosedByTheNext(t *testing.T) {
	clock := noon
	d := dbtest.At(t, func() time.Time { return clock })
	lost := beginPass(t, d, fleet.Pass{Why: fleet.PassSchedule, StartedAt: noon}, nil)
	clock = noon.Add(30 * time.Second)
	if p := readPass(t, d, lost.ID); !p.FinishedAt.IsZero() {
		t.Errorf("a pass that gave a sign of life lately: %+v", p)
	}
	beginPass(t, d, fleet.Pass{Why: fleet.PassCommand, Who: "terminal", StartedAt: clock}, nil)
	if p := readPass(t, d, lost.ID); !p.FinishedAt.IsZero() {
		t.Errorf("another process closed it: %+v", p)
	}
	clock = noon.Add(2 * time.Minute)
	page, err := d.Passes(t.Context(), fleet.PageRequest{})
	if err != nil || page.Items[1].FinishedAt.IsZero() || page.Items[1].StoppedBy == "" || page.Items[1].Complete {
		t.Errorf("%+v %v", page.Items, err)
	}
	beginPass(t, d, fleet.Pass{Why: fleet.PassSchedule, StartedAt: clock}, nil)
	clock = noon // whatever the clock says now
	if p := readPass(t, d, lost.ID); !p.FinishedAt.Equal(noon) || p.StoppedBy == "" {
		t.Errorf("%+v", p)
	}
}

func TestTheLastFiveHundredPassesAreKeptNewestFirst(t *testing.T) {
	d := dbtest.New(t)
	for i := range 520 {
		beginPass(t, d, fleet.Pass{Why: fleet.PassSchedule, StartedAt: noon.Add(time.Duration(i) * time.Minute)}, nil)
	}
	req, seen := fleet.PageRequest{Limit: 200}, 0
	last := fleet.PassID(521)
	for {
		page, err := d.Passes(t.Context(), req)
		if err != nil || page.Total != 500 {
			t.Fatalf("%d, %v", page.Total, err)
		}
		for _, p := range page.Items {
			if p.ID != last-1 {
				t.Fatalf("pass %d follows %d", p.ID, last)
			}
			last = p.ID
		}
		seen += len(page.Items)
		if req.After = page.Next; page.Next == "" {
			break
		}
	}
	if seen != 500 {
		t.Errorf("%d passes", seen)
	}
	if _, err := d.Passes(t.Context(), fleet.PageRequest{After: "nonsense"}); fleet.KindOf(err) != fleet.KindInvalid {
		t.Errorf("a cursor of nobody: %v", err)
	}
}
