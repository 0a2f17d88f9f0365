package team

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestATokenNeverDoesMoreThanItsOwnerMayToday(t *testing.T) {
	for _, made := range Roles() {
		for _, today := range append(Roles(), "") {
			owner := User{ID: 7, Name: "ana", Role: today}
			tok, _ := NewToken("ci", made, owner, day, time.Hour)
			u := tok.User()
			if u.ID != 7 || u.Name != "ana via token ci" || PersonOf(u.Name) != "ana" {
				t.Errorf("a token of ana acts as %+v", u)
			}
			for _, want := range Roles() {
				if u.Can(want) != (made.AtLeast(want) && today.AtLeast(want)) {
					t.Errorf("a token as %s of somebody who is %q today: can %s = %v", made, today, want, u.Can(want))
				}
			}
		}
	}
}

func TestAKeyIsLongPrintsAsDotsAndNoTwoAreAlike(t *testing.T) {
	seen := map[KeyHash]bool{}
	for range 100 {
		tok, key := NewToken("ci", Viewer, User{}, day, time.Hour)
		_, link := NewInvite("ana", Viewer, "ben", day)
		if len(key.Reveal()) != len(tokenPrefix)+26 || len(link.Reveal()) != 26 || seen[key.Hash()] || seen[link.Hash()] {
			t.Fatalf("keys %q, %q", key.Reveal(), link.Reveal())
		}
		seen[key.Hash()], seen[link.Hash()] = true, true
		if text := fmt.Sprintf("%v %+v %#v %s", key, struct{ K Key }{key}, key, tok.Name); strings.Contains(text, key.Reveal()) {
			t.Fatalf("a key leaks: %s", text)
		}
	}
}

func TestInvitationsAndTokensEndOnTime(t *testing.T) {
	invite, _ := NewInvite("ana", Viewer, "ben", day)
	token, _ := NewToken("ci", Viewer, User{}, day, time.Hour)
	for at, want := range map[time.Duration]bool{0: true, time.Hour - time.Second: true} {
		if token.Live(day.Add(at)) != want {
			t.Errorf("the token after %s", at)
		}
	}
	if token.Live(day.Add(time.Hour)) || !invite.Live(day.Add(InviteLifetime-time.Second)) || invite.Live(day.Add(InviteLifetime)) {
		t.Error("they live too long, or not long enough")
	}
}

func TestTheRulesForTokens(t *testing.T) {
	for _, c := range []struct {
		name     string
		role     Role
		makers   Role
		lifetime time.Duration
		field    string
	}{
		{"ci", Viewer, Viewer, time.Hour, ""}, {"crm-sync.2", Admin, Admin, TokenLongest, ""},
		{"", Viewer, Admin, time.Hour, "name"}, {"a b", Viewer, Admin, time.Hour, "name"}, {"x via token y", Viewer, Admin, time.Hour, "name"},
		{"ci", "root", Admin, time.Hour, "role"}, {"ci", Admin, Operator, time.Hour, "role"}, {"ci", Operator, Viewer, time.Hour, "role"},
		{"ci", Viewer, Admin, 0, "expires"}, {"ci", Viewer, Admin, -time.Hour, "expires"}, {"ci", Viewer, Admin, TokenLongest + 1, "expires"},
	} {
		err := CheckToken(c.name, c.role, c.makers, c.lifetime)
		broken, _ := errors.AsType[*RuleError](err)
		if (err == nil) != (c.field == "") || broken != nil && broken.Field != c.field {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestAProofCountsForTenMinutesAndNotFromTheFuture(t *testing.T) {
	s, _ := NewSession(7, day)
	for after, want := range map[time.Duration]bool{0: true, ProofLasts - time.Second: true, ProofLasts: false, -time.Hour: false, -30 * time.Second: true} {
		if s.Proved(day.Add(after)) != want {
			t.Errorf("after %s: %v", after, !want)
		}
	}
	if (Session{}).Proved(day) {
		t.Error("nobody has proved something")
	}
}

func TestOnlySoManyWaitForTheirTurnAtTheHasher(t *testing.T) {
	h := newHasher(t)
	ctx, stop := context.WithCancel(t.Context())
	for range hashesAtOnce {
		h.slots <- struct{}{}
	}
	var all sync.WaitGroup
	answers := make(chan error, 3*hashesWaiting)
	for range cap(answers) {
		all.Go(func() { answers <- h.Verify(ctx, "twelve chars", "") })
	}
	for range cap(answers) - hashesWaiting {
		if err := <-answers; !errors.Is(err, ErrBusy) {
			t.Fatalf("while %d wait: %v", hashesWaiting, err)
		}
	}
	stop()
	all.Wait()
	close(answers)
	for err := range answers {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("one that waited: %v", err)
		}
	}
	if h.waiting.Load() != 0 {
		t.Errorf("%d are still counted", h.waiting.Load())
	}
}

func TestTriesAtOneAccountHoldUpNoOther(t *testing.T) {
	var th Throttle
	let := 0
	for i := range 500 {
		if th.TryAccount("anna", day) == 0 {
			let++
		}
		th.TryAccount(fmt.Sprintf("user%d", i), day)
	}
	if let != perPerson.free || th.TryAccount("bela", day) != 0 || th.Try("anna", office, day) != 0 {
		t.Errorf("anna had %d free tries, or somebody else waits", let)
	}
	if th.AccountSucceeded("anna"); th.TryAccount("anna", day) != 0 {
		t.Error("anna waits after a right code")
	}
}

func TestARefusalIsTheFirstOnceForEachCountedTry(t *testing.T) {
	var th Throttle
	refused := func(at time.Time) (first bool) {
		t.Helper()
		if th.Try("anna", office, at) == 0 {
			t.Fatal("not refused")
		}
		return th.FirstRefusal(office)
	}
	for range perPerson.free {
		th.Try("anna", office, day)
	}
	if !refused(day) || refused(day) || refused(day) {
		t.Error("a flood of refusals is told more than once, or never")
	}
	if th.Try("anna", office, day.Add(time.Second)); !refused(day.Add(time.Second)) {
		t.Error("after the next counted try the refusal is not told")
	}
}
