package notify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func all(Kind) bool { return true }

func drift(key string) Condition {
	return Condition{Key: key, Kind: Drift, PBX: 4808, Subject: "Acme HQ", Title: "Acme HQ drifted", Sentence: "2 numbers were removed.", Path: "/pbx/4808", Since: noon.Add(-time.Hour)}
}

func TestANoticeIsToldOncePerConditionAndItsEndOnce(t *testing.T) {
	held := []Condition{drift("a"), drift("a")}
	steps := Decide(held, nil, all, noon)
	if len(steps) != 1 || steps[0].Tell != Opened || !steps[0].Notice.OpenedAt.Equal(noon) || !steps[0].Notice.ToldAt.Equal(noon) {
		t.Fatalf("at first: %+v", steps)
	}
	open := []Notice{steps[0].Notice}
	open[0].ID = 1
	if steps := Decide(held, open, all, noon.Add(23*time.Hour)); len(steps) != 0 {
		t.Errorf("while it goes on: %+v", steps)
	}
	steps = Decide(held, open, all, noon.Add(24*time.Hour))
	if len(steps) != 1 || steps[0].Tell != Reminder {
		t.Errorf("after a day: %+v", steps)
	}
	steps = Decide(nil, open, all, noon.Add(time.Hour))
	if len(steps) != 1 || steps[0].Tell != Closed || steps[0].Notice.ClosedAt.IsZero() {
		t.Fatalf("when it is over: %+v", steps)
	}
	m := steps[0].compose("msg_1", "https://cordboard.example", noon.Add(time.Hour))
	if m.Title != "Acme HQ is no longer drifted" || !strings.Contains(m.Sentence, "2 h 0 min") || m.URL != "https://cordboard.example/pbx/4808" {
		t.Errorf("it is told as %+v", m)
	}
}

func TestOtherWordsAreStoredSilentlyAndALouderKindIsTold(t *testing.T) {
	first := Notice{ID: 1, Condition: drift("a"), OpenedAt: noon, ToldAt: noon}
	more := drift("a")
	more.Sentence = "3 numbers were removed."
	steps := Decide([]Condition{more}, []Notice{first}, all, noon.Add(time.Minute))
	if len(steps) != 1 || steps[0].Tell != "" || steps[0].Notice.Sentence != more.Sentence || steps[0].Notice.ID != 1 {
		t.Errorf("other words: %+v", steps)
	}
	more.Kind = EmptyPBX
	steps = Decide([]Condition{more}, []Notice{first}, all, noon.Add(time.Minute))
	if len(steps) != 1 || steps[0].Tell != Opened || steps[0].Notice.Kind != EmptyPBX {
		t.Errorf("the last number is gone: %+v", steps)
	}
	empty := first
	empty.Kind = EmptyPBX
	steps = Decide([]Condition{drift("a")}, []Notice{empty}, all, noon.Add(time.Minute))
	if len(steps) != 1 || steps[0].Tell != "" {
		t.Errorf("some numbers are back: %+v", steps)
	}
}

func TestWhatNobodyWantsIsKeptAndToldWhenSomebodyDoes(t *testing.T) {
	none := func(Kind) bool { return false }
	steps := Decide([]Condition{drift("a")}, nil, none, noon)
	if len(steps) != 1 || steps[0].Tell != "" || !steps[0].Notice.ToldAt.IsZero() {
		t.Fatalf("nobody wants it: %+v", steps)
	}
	n := steps[0].Notice
	n.ID = 1
	if steps := Decide(nil, []Notice{n}, all, noon.Add(time.Hour)); len(steps) != 1 || steps[0].Tell != "" {
		t.Errorf("the end of what nobody was told: %+v", steps)
	}
	if steps := Decide([]Condition{drift("a")}, []Notice{n}, all, noon.Add(time.Hour)); len(steps) != 1 || steps[0].Tell != Opened {
		t.Errorf("somebody wants it now: %+v", steps)
	}
}

func TestAConditionWithoutATimeBeganWhenItWasSeen(t *testing.T) {
	c := Condition{Key: "sign_in", Kind: SignIn, Title: "x", Sentence: "y"}
	steps := Decide([]Condition{c}, nil, all, noon)
	if len(steps) != 1 || !steps[0].Notice.Since.Equal(noon) {
		t.Fatalf("%+v", steps)
	}
	n := steps[0].Notice
	n.ID = 1
	if steps := Decide([]Condition{c}, []Notice{n}, all, noon.Add(time.Minute)); len(steps) != 0 {
		t.Errorf("it goes on: %+v", steps)
	}
}

func TestDriftIsToldOnlyWhenAReadConfirmedIt(t *testing.T) {
	row := func(drift, verified time.Duration, numbers int) fleet.PBXRow {
		return fleet.PBXRow{PBX: fleet.PBX{ID: 4808, Name: "Acme HQ"}, Numbers: numbers,
			Standing: fleet.Standing{DriftAt: noon.Add(-drift), VerifiedAt: noon.Add(-verified), DriftNote: "note"}}
	}
	for _, c := range []struct {
		name   string
		row    fleet.PBXRow
		want   Kind
		unsure bool
	}{
		{"a report alone", row(time.Hour, 2*time.Hour, 3), "", true},
		{"a report and a read behind it", row(time.Hour, time.Minute, 3), Drift, false},
		{"a read just now", row(10*time.Second, 10*time.Second, 3), "", false},
		{"a read, and it lasts", row(2*time.Minute, 2*time.Minute, 3), Drift, false},
		{"its last number is gone", row(2*time.Minute, 2*time.Minute, 0), EmptyPBX, false},
	} {
		held, unsure := Conditions(Facts{Now: noon, Sure: time.Minute, Drifted: []fleet.PBXRow{c.row}})
		var got Kind
		if len(held) == 1 {
			got = held[0].Kind
		}
		if got != c.want || (len(unsure) == 1) != c.unsure {
			t.Errorf("%s: %+v, unsure %v", c.name, held, unsure)
		}
	}
}

func TestADeletionIsToldToWhoeverHearsOfEmptyPBXsAndALaterReportOfIt(t *testing.T) {
	row := fleet.PBXRow{PBX: fleet.PBX{ID: 4808, Name: "Acme HQ"}, Standing: fleet.Standing{DriftAt: noon.Add(-2 * time.Minute), GoneAt: noon.Add(-2 * time.Minute), DriftNote: "note"}}
	chosen := Common{Kinds: []Kind{EmptyPBX}}
	held, unsure := Conditions(Facts{Now: noon, Sure: time.Minute, Drifted: []fleet.PBXRow{row}})
	steps := Decide(held, nil, chosen.wants, noon)
	if len(unsure) != 0 || len(steps) != 1 || steps[0].Tell != Opened || steps[0].Notice.Kind != DeletedPBX {
		t.Fatalf("%+v, unsure %v", steps, unsure)
	}
	open := steps[0].Notice
	open.ID = 1
	row.Standing.Awaiting = true
	held, _ = Conditions(Facts{Now: noon, Sure: time.Minute, Drifted: []fleet.PBXRow{row}})
	if steps = Decide(held, []Notice{open}, chosen.wants, noon); len(steps) != 1 || steps[0].Tell != Opened || steps[0].Notice.Kind != ReportedPBX || steps[0].Notice.ID != 1 {
		t.Errorf("a report after the deletion: %+v", steps)
	}
	if steps = Decide(held, nil, Common{Kinds: []Kind{Drift}}.wants, noon); len(steps) != 1 || steps[0].Tell != "" {
		t.Errorf("told to people who chose other things: %+v", steps)
	}
	row.Standing.DriftAt = noon.Add(-time.Second)
	if held, _ = Conditions(Facts{Now: noon, Sure: time.Minute, Drifted: []fleet.PBXRow{row}}); len(held) != 0 {
		t.Errorf("before a read could know better: %+v", held)
	}
}

func TestPlansPathAndSignInAreTold(t *testing.T) {
	f := Facts{Now: noon, Sure: time.Minute, SignIn: "stopped", Backup: "The disk is full.", Path: fleet.PathVerdict{State: fleet.PathBroken, Sentence: "broken.", Hints: []string{"look."}},
		Plans: []PlanTrouble{
			{Plan: "young", PBXName: "A", SentAt: noon.Add(-time.Second)},
			{Plan: "open", PBX: 7, SentAt: noon.Add(-time.Hour)},
			{Plan: "diverged", PBXName: "C", Diverged: true, SentAt: noon.Add(-48 * time.Hour), Drifted: true},
			{Plan: "past", PBXName: "D", Diverged: true, SentAt: noon.Add(-48 * time.Hour)},
		}}
	held, _ := Conditions(f)
	var keys []string
	for _, c := range held {
		keys = append(keys, c.Key)
		if c.Title == "" || c.Path == "" || c.Key != "plan:diverged" && c.Sentence == "" {
			t.Errorf("%+v says too little", c)
		}
	}
	if want := []string{"plan:open", "plan:diverged", "path", "sign_in", "backup"}; !slices.Equal(keys, want) {
		t.Errorf("the conditions are %v, want %v", keys, want)
	}
	for _, state := range []fleet.PathState{fleet.PathHealthy, fleet.PathNever, fleet.PathSilent, fleet.PathSuspicious} {
		if held, _ := Conditions(Facts{Now: noon, Path: fleet.PathVerdict{State: state}}); len(held) != 0 {
			t.Errorf("a path that is %s: %+v", state, held)
		}
	}
}

func TestRetriesGrowAndEnd(t *testing.T) {
	total, last := time.Duration(0), time.Duration(0)
	attempts := 1
	for ; ; attempts++ {
		wait, again := after(attempts)
		if !again {
			break
		}
		if wait < last {
			t.Errorf("after %d attempts it waits %s, after %s before", attempts, wait, last)
		}
		last, total = wait, total+wait
	}
	if attempts < 5 || attempts > 20 || total < 12*time.Hour || total > 48*time.Hour {
		t.Errorf("%d attempts in %s", attempts, total)
	}
	if _, again := after(0); again {
		t.Error("no attempt, and it waits")
	}
}
