package fleet_test

import (
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
)

func TestThePathIsJudgedByWhatWasDueAndDidNotCome(t *testing.T) {
	const grace = 2 * time.Minute
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	write := func(d time.Duration) fleet.UnechoedWrite {
		return fleet.UnechoedWrite{PBX: 4808, Name: "Acme HQ", Plan: "p", At: ago(d)}
	}
	found := func(list ...time.Duration) (all []fleet.FoundRead) {
		for _, d := range list {
			all = append(all, fleet.FoundRead{PBX: 4809, Name: "Corner Bakery", NotBefore: ago(d + 10*time.Minute), At: ago(d)})
		}
		return all
	}
	quiet := []fleet.QuietPBX{{PBX: 4809, Name: "Corner Bakery", Times: 3, First: ago(3 * time.Hour), Last: ago(time.Hour)}}
	for _, c := range []struct {
		name  string
		facts fleet.PathFacts
		want  fleet.PathState
		says  string
	}{
		{"no secret at all", fleet.PathFacts{Unechoed: []fleet.UnechoedWrite{write(time.Hour)}}, fleet.PathNever, "No webhook secret"},
		{"nothing came and nothing was due", fleet.PathFacts{Secrets: 1}, fleet.PathNever, "ever arrived"},
		{"nothing came and a write of ours was never told", fleet.PathFacts{Secrets: 1, Unechoed: []fleet.UnechoedWrite{write(3 * time.Minute)}}, fleet.PathBroken, "did not report a change"},
		{"the echo may still come", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Hour), LastAt: ago(time.Hour), Unechoed: []fleet.UnechoedWrite{write(time.Minute)}}, fleet.PathHealthy, "arrive"},
		{"the echo is overdue", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Hour), LastAt: ago(time.Hour), Unechoed: []fleet.UnechoedWrite{write(3 * time.Minute), write(9 * time.Minute)}}, fleet.PathBroken, "2 changes"},
		{"a report came after the write", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Minute), LastAt: ago(time.Minute), Unechoed: []fleet.UnechoedWrite{write(3 * time.Minute)}}, fleet.PathHealthy, "arrive"},
		{"a test message alone takes nothing back", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Minute), Unechoed: []fleet.UnechoedWrite{write(3 * time.Minute)}}, fleet.PathBroken, "did not report"},
		{"a read found something once", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Hour), LastAt: ago(time.Hour), Found: found(5 * time.Minute)}, fleet.PathSuspicious, "no report has told"},
		{"a read found something just now", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Hour), LastAt: ago(time.Hour), Found: found(time.Minute)}, fleet.PathHealthy, "arrive"},
		{"one long sweep found much", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Hour), LastAt: ago(time.Hour), Found: found(3*time.Minute, 5*time.Minute, 8*time.Minute, 12*time.Minute)}, fleet.PathSuspicious, "A read found"},
		{"sweeps keep finding", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Hour), LastAt: ago(time.Hour), Found: found(5*time.Minute, 15*time.Minute, 25*time.Minute)}, fleet.PathBroken, "reads found 3 changes"},
		{"a report took it back", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Minute), LastAt: ago(time.Minute), Found: found(5*time.Minute, 15*time.Minute, 25*time.Minute)}, fleet.PathHealthy, "arrive"},
		{"one PBX is never reported", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Minute), LastAt: ago(time.Minute), Quiet: quiet}, fleet.PathBroken, "looks broken for Corner Bakery"},
		{"a wrong secret", fleet.PathFacts{Secrets: 1, Refused: 3, RefusedAt: ago(time.Minute)}, fleet.PathBroken, "none is signed"},
		{"a wrong secret since today", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Hour), LastAt: ago(time.Hour), Refused: 1, RefusedAt: ago(time.Minute)}, fleet.PathSuspicious, "does not fit"},
		{"a stranger knocked, then a report came", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Minute), LastAt: ago(time.Minute), Refused: 1, RefusedAt: ago(time.Hour)}, fleet.PathHealthy, "arrive"},
		{"a report that nobody understands", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Minute), LastAt: ago(time.Minute), DeadAt: ago(time.Hour)}, fleet.PathSuspicious, "can't be understood"},
		{"one that nobody understood last week", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Minute), LastAt: ago(time.Minute), DeadAt: ago(100 * time.Hour)}, fleet.PathHealthy, "arrive"},
		{"only test messages", fleet.PathFacts{Secrets: 1, CalledAt: ago(time.Minute)}, fleet.PathNever, "none has spoken of numbers"},
		{"a quiet week", fleet.PathFacts{Secrets: 1, CalledAt: ago(200 * time.Hour), LastAt: ago(200 * time.Hour)}, fleet.PathSilent, "more than a week"},
	} {
		c.facts.Now = now
		v := fleet.JudgePath(c.facts, grace)
		if v.State != c.want || !strings.Contains(v.Sentence, c.says) {
			t.Errorf("%s: %s, %q", c.name, v.State, v.Sentence)
		}
		if alarm := v.State == fleet.PathBroken || v.State == fleet.PathSuspicious; alarm && len(v.Hints) == 0 {
			t.Errorf("%s: it says nothing to do", c.name)
		}
		if v.State == fleet.PathBroken && v.Since.IsZero() {
			t.Errorf("%s: nobody knows since when", c.name)
		}
	}
}

func TestAVerdictNamesAFewOfManyThings(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	f := fleet.PathFacts{Now: now, Secrets: 1, Refused: 4, RefusedAt: now}
	for i := range 40 {
		f.Unechoed = append(f.Unechoed, fleet.UnechoedWrite{PBX: 1, Name: "x", Plan: "p", At: now.Add(-time.Duration(i+5) * time.Minute)})
	}
	v := fleet.JudgePath(f, time.Minute)
	if len(v.Evidence) == 0 || len(v.Evidence) > 10 || !strings.Contains(v.Sentence, "40 changes") || !strings.Contains(v.Hints[0], "4 calls") {
		t.Errorf("%+v", v)
	}
}
