package fleet_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"cordboard/sync/fleet"
)

func TestJudgeNamesOneStateTheMostWorryingFirst(t *testing.T) {
	worst := fleet.Standing{
		Certainty: fleet.CertaintyNone, GoneAt: noon, OpenPlan: "p", DriftAt: noon, DriftNote: "2 numbers were removed.",
		TroubleAt: noon, Trouble: "no answer", Awaiting: true, ChangedAt: before, VerifiedAt: before,
	}
	// Each row takes away what made the row above it what it is.
	tests := []struct {
		better   func(*fleet.Standing)
		state    fleet.SyncState
		sentence string
		since    time.Time
	}{
		{func(*fleet.Standing) {}, fleet.Gone, "Yeastar says that this PBX does not exist any more, yet a later report speaks of it. Look at it in YCM.", noon},
		{func(s *fleet.Standing) { s.GoneAt = time.Time{} }, fleet.Unknown, "A plan was sent and its fate is not known yet. Nothing else is written until it is settled.", time.Time{}},
		{func(s *fleet.Standing) { s.OpenPlan = "" }, fleet.Drifted, "2 numbers were removed.", noon},
		{func(s *fleet.Standing) { s.DriftAt = time.Time{} }, fleet.Unknown, "The last read failed: no answer", noon},
		{func(s *fleet.Standing) { s.TroubleAt = time.Time{} }, fleet.Unknown, "Its bindings were not read yet.", time.Time{}},
		{func(s *fleet.Standing) { s.Certainty = fleet.CertaintyAmbiguous }, fleet.Unknown, "Some numbers could sit on more than one trunk. Say which, or wait for Yeastar's next report.", before},
		{func(s *fleet.Standing) { s.Certainty = fleet.CertaintyExact }, fleet.Unknown, "A report needs a confirming read before it is believed.", before},
		{func(s *fleet.Standing) { s.Awaiting, s.VerifiedAt = false, time.Time{} }, fleet.Stale, "Not read since this was known.", before},
		{func(s *fleet.Standing) { s.VerifiedAt = noon.Add(-time.Hour - 1) }, fleet.Stale, "Not verified for longer than it should be.", noon.Add(-1)},
		{func(s *fleet.Standing) { s.VerifiedAt = noon.Add(-time.Hour) }, fleet.InSync, "Our record and Yeastar agree.", before},
	}
	s := worst
	for _, tt := range tests {
		tt.better(&s)
		got := fleet.Judge(s, noon, time.Hour)
		want := fleet.Sync{State: tt.state, Sentence: tt.sentence, Since: tt.since, VerifiedAt: s.VerifiedAt}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestNothingKnownIsNeverInSync(t *testing.T) {
	if got := fleet.Judge(fleet.Standing{}, noon, time.Hour); got.State != fleet.Unknown {
		t.Errorf("the zero standing is %s", got.State)
	}
	if got := fleet.Judge(fleet.Standing{Certainty: fleet.CertaintyExact}, noon, time.Hour); got.State != fleet.Stale {
		t.Errorf("never verified is %s", got.State)
	}
}

func TestASnapshotIsPlacedByTheVendorsTimeWhenThereIsOne(t *testing.T) {
	if got := (fleet.Snapshot{VendorAt: before, SeenAt: noon}).At(); !got.Equal(before) {
		t.Errorf("got %v", got)
	}
	if got := (fleet.Snapshot{SeenAt: noon}).At(); !got.Equal(noon) {
		t.Errorf("got %v", got)
	}
}

func TestTheKindOfAnErrorIsThatOfItsFirstErrorOfOurs(t *testing.T) {
	inner := &fleet.Error{Kind: fleet.KindRefused, Op: "upstream.Replace", Msg: "Yeastar said no.", Err: errors.New("400")}
	tests := []struct {
		err  error
		want fleet.Kind
	}{
		{inner, fleet.KindRefused},
		{fmt.Errorf("station: %w", inner), fleet.KindRefused},
		{&fleet.Error{Kind: fleet.KindUnavailable, Err: inner}, fleet.KindUnavailable},
		{errors.Join(errors.New("other"), inner), fleet.KindRefused},
		{errors.New("other"), fleet.KindInternal},
		{nil, fleet.KindInternal},
		{fleet.NotFound("x", "The PBX 5"), fleet.KindNotFound},
		{fleet.Invalid("x", "No."), fleet.KindInvalid},
	}
	for _, tt := range tests {
		if got := fleet.KindOf(tt.err); got != tt.want {
			t.Errorf("%v: got %s", tt.err, got)
		}
	}
}

func TestTheLogGetsTheWholeChainOfAnError(t *testing.T) {
	err := fleet.Invalid("plan.Build", "Two fields are wrong.", fleet.Field{Name: "bind", Rule: "Name one."}, fleet.Field{Name: "clear", Rule: "Not both."})
	if got, want := err.Error(), "plan.Build: invalid: Two fields are wrong. [bind: Name one.] [clear: Not both.]"; got != want {
		t.Errorf("got %q", got)
	}
	cause := errors.New("disk full")
	wrapped := &fleet.Error{Kind: fleet.KindInternal, Op: "db.Store", Msg: "It could not be stored.", Err: cause}
	if got, want := wrapped.Error(), "db.Store: internal: It could not be stored.: disk full"; got != want {
		t.Errorf("got %q", got)
	}
	if !errors.Is(wrapped, cause) {
		t.Error("the cause is lost")
	}
}

func TestTheAgeOfTheTruthNamesItsSource(t *testing.T) {
	read, report := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), time.Date(2026, 11, 22, 12, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		what string
		s    fleet.Standing
		at   time.Time
		by   fleet.Source
	}{
		{"nothing", fleet.Standing{}, time.Time{}, ""},
		{"a read that found what it stored", fleet.Standing{VerifiedAt: read, ChangedAt: read.Add(time.Microsecond)}, read, fleet.FromReconcile},
		{"a read after a report", fleet.Standing{VerifiedAt: report, ChangedAt: read}, report, fleet.FromReconcile},
		{"a report after a read", fleet.Standing{VerifiedAt: read, ChangedAt: report}, report, fleet.FromWebhook},
		{"a report alone", fleet.Standing{ChangedAt: report}, report, fleet.FromWebhook},
	} {
		if at, by := c.s.Truth(); !at.Equal(c.at) || by != c.by {
			t.Errorf("%s: %v by %q, want %v by %q", c.what, at, by, c.at, c.by)
		}
	}
}
