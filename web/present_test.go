package web

import (
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/phone"
	"cordboard/sync/plan"
	"cordboard/views/ui"
)

func TestNumbersAreShownReadableAndNoDigitChanges(t *testing.T) {
	s := &Server{Deps: Deps{Phone: phone.NewReader("")}}
	for raw, want := range map[string]string{
		"+442079460018": "+44 20 7946 0018", "2113": "2113", "83": "83", "": "", "10021212": "10021212", "+999123": "+999123",
		"+4402079460018": "+4402079460018", "<b>": "<b>", "+1": "+1", strings.Repeat("9", 300): strings.Repeat("9", 300),
	} {
		if got := s.phone(raw); got != want {
			t.Errorf("%q reads %q, want %q", raw, got, want)
		}
	}
}

func TestCountsReadLikeSentences(t *testing.T) {
	for _, c := range []struct {
		n    int
		noun string
		want string
	}{{0, "number", "0 numbers"}, {1, "number", "1 number"}, {1204, "number", "1,204 numbers"}, {1234567, "delivery", "1,234,567 deliveries"}, {2, "PBX", "2 PBXs"}} {
		if got := count(c.n, c.noun); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	for _, c := range []struct {
		rows, total    int
		part, narrowed bool
		want           string
	}{
		{4, 4, false, false, "4 PBXs"}, {50, 130, true, false, "50 of 130 PBXs"}, {30, 130, true, false, "30 of 130 PBXs"},
		{50, 1000, true, true, "50 of 1,000 or more PBXs"}, {50, 1000, true, false, "50 of 1,000 PBXs"},
	} {
		if got := summary(c.rows, c.total, c.part, "PBX", c.narrowed); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestASpanOfTimeNamesItsEnds(t *testing.T) {
	at := func(day, hour int) time.Time { return time.Date(2026, 10, day, hour, 2, 0, 0, time.UTC) }
	for _, c := range []struct {
		from, to time.Time
		want     string
	}{
		{at(2, 14), at(2, 15), "between 14:02 and 15:02 UTC"},
		{at(2, 14), at(4, 15), "between 2 Oct, 14:02 and 4 Oct, 15:02 UTC"},
		{time.Time{}, at(4, 15), "at some moment before 4 Oct 2026, 15:02 UTC"},
	} {
		if got := between(c.from, c.to); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestThePictureOfAHistoryMarksLossesAndSaysThem(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 5, day, 0, 0, 0, 0, time.UTC) }
	got := spark([]fleet.CountPoint{{At: at(11), Count: 12}, {At: at(1), Count: 10}, {At: at(6), Count: 3}}, at(21))
	if len(got.Points) != 3 || got.Points[0].At != 0 || got.Points[1].At != 0.25 || got.Points[1].Tone != ui.Bad || got.Points[2].Tone != ui.None {
		t.Errorf("points: %+v", got.Points)
	}
	if want := "From 10 numbers on 1 May 2026 to 12 now; lowest 3 on 6 May 2026."; got.Text != want {
		t.Errorf("got %q", got.Text)
	}
	if one := spark([]fleet.CountPoint{{At: at(1), Count: 10}}, at(2)); len(one.Points) != 0 {
		t.Error("one point is drawn")
	}
	if same := spark([]fleet.CountPoint{{At: at(1), Count: 1}, {At: at(1), Count: 2}}, at(1)); len(same.Points) != 2 {
		t.Error("two points at one moment are not drawn")
	}
}

func TestTheProgressOfAPlanSaysWhatWasSentAndWhatWasNot(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		status  plan.Status
		outcome plan.Outcome
		want    string // the three badges
	}{
		{plan.Draft, plan.Outcome{}, ""},
		{plan.Expired, plan.Outcome{}, ""},
		{plan.Void, plan.Outcome{}, ""},
		{plan.Applying, plan.Outcome{}, "Under way, Once, Then"},
		{plan.Applied, plan.Outcome{Result: plan.Succeeded, VerifiedAt: now}, "Done, Done, Done"},
		{plan.Diverged, plan.Outcome{Result: plan.ResultDiverge, VerifiedAt: now}, "Done, Done, Differs"},
		{plan.Stale, plan.Outcome{Result: plan.ResultRefused, VerifiedAt: now}, "Moved, Not sent, Not needed"},
		{plan.Unknown, plan.Outcome{Result: plan.ResultUnknown}, "Done, No answer, Checking"},
		{plan.Failed, plan.Outcome{Result: plan.ResultRefused}, "Failed, Not sent, Not needed"},
		{plan.Failed, plan.Outcome{Result: plan.ResultFailed}, "Done, Not sent, Not needed"},
		{plan.Failed, plan.Outcome{Result: plan.ResultFailed, VerifiedAt: now}, "Done, No effect, Unchanged"},
	} {
		var words []string
		for _, step := range planSteps(plan.Plan{Status: c.status, Outcome: c.outcome, SentAt: now}, c.status, now) {
			words = append(words, step.State.Label)
		}
		if got := strings.Join(words, ", "); got != c.want {
			t.Errorf("%s, %+v: %q, want %q", c.status, c.outcome, got, c.want)
		}
	}
}

func TestADraftPastItsTimeCountsAsExpired(t *testing.T) {
	now := time.Now()
	if got := planStatus(plan.Plan{Status: plan.Draft, ExpiresAt: now.Add(-time.Second)}, now); got != plan.Expired {
		t.Errorf("got %s", got)
	}
	if got := planStatus(plan.Plan{Status: plan.Applied, ExpiresAt: now.Add(-time.Second)}, now); got != plan.Applied {
		t.Errorf("got %s", got)
	}
}

func TestATitleIsToldWithoutTheNameOfThePBX(t *testing.T) {
	steps := []plan.Step{{Verb: plan.Unbind}, {Verb: plan.Bind}, {Verb: plan.Bind}, {Verb: plan.Keep}}
	for _, c := range []struct {
		p    plan.Plan
		want string
	}{
		{plan.Plan{Steps: steps}, "Unbind 1 and bind 2 numbers"},
		{plan.Plan{Steps: steps[:1]}, "Unbind 1 number"},
		{plan.Plan{Steps: []plan.Step{{Verb: plan.Unbind}, {Verb: plan.Move}, {Verb: plan.Bind}}}, "Unbind 1, move 1 and bind 1 number"},
		{plan.Plan{Steps: steps[:1], Clear: true}, "Clear the only number"},
		{plan.Plan{Steps: []plan.Step{{Verb: plan.Unbind}, {Verb: plan.Unbind}}, Clear: true}, "Clear all 2 numbers"},
		{plan.Plan{Headers: plan.HeaderChange{Send: true}}, "Settle the trunks of the numbers"},
		{plan.Plan{Headers: plan.HeaderChange{Send: true, After: fleet.KnownHeaders()}}, "Set the custom SIP headers"},
	} {
		c.p.PBXName = "Acme of on HQ"
		if got := planTitle(c.p); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestAnOpenedPageAsksForAReadOnceAMinute(t *testing.T) {
	var l looks
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for i, c := range []struct {
		id    fleet.PBXID
		after time.Duration
		want  bool
	}{{1, 0, true}, {1, time.Second, false}, {2, time.Second, true}, {1, 59 * time.Second, false}, {1, time.Minute, true}, {1, 61 * time.Second, false}} {
		if got := l.due(c.id, at.Add(c.after)); got != c.want {
			t.Errorf("%d: %v", i, got)
		}
	}
}

func TestCutTextEndsWithAWholeCharacter(t *testing.T) {
	for text, want := range map[string]string{"abc": "abc", "ab\xc3": "ab", "ab\xe2\x82": "ab", "abä": "abä", "": "", "\xff\xff\xff\xff\xff": "\xff\xff\xff\xff\xff"} {
		if got := string(wholeRunes([]byte(text))); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}
