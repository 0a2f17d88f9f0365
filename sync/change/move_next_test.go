package change

import (
	"fmt"
	"slices"
	"testing"

	"cordboard/sync/plan"
)

func TestWhatAMoveDoesNext(t *testing.T) {
	const s, g, f, e, n = atSource, atTarget, free, elsewhere, gone
	at := func(p ...place) []place { return p }
	for _, c := range []struct {
		name string
		p    progress
		want act
	}{
		{"nothing was done", progress{}, actRelease},
		{"the release is stored", progress{release: stageDraft}, actRelease},
		{"the release may be under way", progress{release: stageOpen}, actSettle},
		{"the release changed nothing", progress{release: stageVain}, actNothing},
		{"the release is proven", progress{release: stageDone}, actClaim},
		{"the release came out otherwise", progress{release: stageOdd}, actLook},
		{"the release came out otherwise, and yet they are free", progress{release: stageOdd, places: at(f, f)}, actClaim},
		{"the release came out otherwise, and nothing left", progress{release: stageOdd, places: at(s, s)}, actNothing},
		{"half of them left", progress{release: stageOdd, places: at(f, s)}, actPutBack},
		{"half of them left, and are back", progress{release: stageOdd, back: stageDone, places: at(s, s)}, actReturned},

		{"the claim is stored", progress{release: stageDone, claim: stageDraft}, actClaim},
		{"the claim may be under way", progress{release: stageDone, claim: stageOpen}, actSettle},
		{"the claim is proven", progress{release: stageDone, claim: stageDone}, actLook},
		{"the numbers say so too", progress{release: stageDone, claim: stageDone, places: at(g, g)}, actDone},
		{"the numbers say otherwise", progress{release: stageDone, claim: stageDone, places: at(g, f)}, actAsk},
		{"the claim was in vain", progress{release: stageDone, claim: stageVain}, actLook},
		{"nobody has them", progress{release: stageDone, claim: stageVain, places: at(f, f)}, actPutBack},
		{"somebody took one of them", progress{release: stageDone, claim: stageVain, places: at(f, e)}, actPutBack},
		{"the claim came out otherwise, and has them all", progress{release: stageDone, claim: stageOdd, places: at(g, g)}, actDone},
		{"the claim came out otherwise, and has half", progress{release: stageDone, claim: stageOdd, places: at(g, f)}, actPutBack},
		{"somebody gave them back meanwhile", progress{release: stageDone, claim: stageVain, places: at(s, s)}, actReturned},

		{"putting back is stored", progress{release: stageDone, claim: stageVain, back: stageDraft, places: at(f, f)}, actPutBack},
		{"putting back may be under way", progress{release: stageDone, claim: stageVain, back: stageOpen, places: at(f, f)}, actSettle},
		{"they are back", progress{release: stageDone, claim: stageVain, back: stageDone, places: at(s, s)}, actReturned},
		{"putting back failed", progress{release: stageDone, claim: stageVain, back: stageVain, tries: 1, places: at(f, f)}, actPutBack},
		{"putting back failed, and failed", progress{release: stageDone, claim: stageVain, back: stageOdd, tries: backTries, places: at(f, f)}, actAsk},
		{"back, but for one that somebody took", progress{release: stageDone, claim: stageVain, back: stageDone, places: at(s, e)}, actAsk},
		{"the same, and somebody has seen it", progress{release: stageDone, claim: stageVain, back: stageDone, places: at(s, e), resumed: true}, actOver},
		{"one was deleted", progress{release: stageDone, claim: stageVain, places: at(n)}, actAsk},
		{"each has a home", progress{release: stageDone, claim: stageOdd, back: stageDone, places: at(s, g)}, actOver},
		{"somebody has seen it, and putting back is tried again", progress{release: stageDone, claim: stageVain, places: at(f), resumed: true}, actPutBack},
	} {
		if got := next(c.p); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestAMoveNeverSendsOnGuesses holds next against what must never happen, over everything that can be.
func TestAMoveNeverSendsOnGuesses(t *testing.T) {
	stages := []stage{stageNone, stageDraft, stageOpen, stageDone, stageVain, stageOdd}
	places := [][]place{nil}
	for _, a := range []place{atSource, atTarget, free, elsewhere, gone} {
		for _, b := range []place{atSource, atTarget, free, elsewhere, gone} {
			places = append(places, []place{a, b})
		}
	}
	for _, release := range stages {
		for _, claim := range stages {
			for _, back := range stages {
				for _, where := range places {
					p := progress{release: release, claim: claim, back: back, places: where}
					a := next(p)
					at := fmt.Sprintf("%+v: %s", p, a)
					open := release == stageOpen || claim == stageOpen || back == stageOpen
					switch {
					case open && a != actSettle:
						t.Errorf("%s although a write may be under way", at)
					case a == actClaim && (back != stageNone || release != stageDone && !p.all(free)):
						t.Errorf("%s although the release is not proven", at)
					case a == actPutBack && (!p.any(free) || claim == stageDone):
						t.Errorf("%s although nobody said that they are free", at)
					case a == actDone && !p.all(atTarget):
						t.Errorf("%s although they are not there", at)
					case (a == actReturned || a == actOver) && slices.Contains(where, free):
						t.Errorf("%s although a number has no PBX", at)
					}
				}
			}
		}
	}
}

func TestAPlanThatNeverWentOutIsMadeAnew(t *testing.T) {
	for status, want := range map[plan.Status]stage{
		plan.Draft: stageDraft, plan.Expired: stageNone, plan.Applying: stageOpen, plan.Unknown: stageOpen, plan.Applied: stageDone,
		plan.Failed: stageVain, plan.Stale: stageVain, plan.Diverged: stageOdd, plan.Void: stageOdd,
	} {
		if got := stageOf(status, true); got != want {
			t.Errorf("%s: %s, want %s", status, got, want)
		}
	}
	if got := stageOf(plan.Void, false); got != stageVain {
		t.Errorf("a draft that was given up: %s", got)
	}
}
