package factor_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/factor"
	"cordboard/sync/fleet"
	"cordboard/sync/seal"
	"cordboard/sync/team"
)

// codeAt is RFC 6238 by hand: what an app shows for a key at a time.
func codeAt(t *testing.T, key string, at time.Time) string {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(key, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30)))
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[offset:])&0x7fffffff%1_000_000)
}

type bench struct {
	*factor.Keeper
	vault factor.Vault
	user  team.User
	at    time.Time
}

var by = audit.By{Actor: "ana"}

func newBench(t *testing.T) *bench {
	t.Helper()
	d := dbtest.New(t)
	e := audit.Entry{At: time.Now(), Actor: "test", Action: audit.UserCreate, Outcome: audit.Succeeded}
	user, err := d.CreateUser(t.Context(), team.User{Name: "ana", Role: team.Admin}, "hash", e)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{user: user, vault: d, at: time.Date(2026, 11, 22, 12, 0, 10, 0, time.UTC)}
	b.Keeper = b.withKey(t, 'k')
	return b
}

func (b *bench) withKey(t *testing.T, fill byte) *factor.Keeper {
	t.Helper()
	sealer, err := seal.New(bytes.Repeat([]byte{fill}, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	k, err := factor.New(b.vault, sealer, func() time.Time { return b.at })
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (b *bench) enable(t *testing.T) (key string, codes []string) {
	t.Helper()
	offer, err := b.Offer(b.user)
	if err != nil {
		t.Fatal(err)
	}
	codes, err = b.Enable(t.Context(), by, b.user, offer.Sealed, codeAt(t, offer.Key, b.at))
	if err != nil {
		t.Fatal(err)
	}
	return offer.Key, codes
}

func TestACodeCountsOnceAndNoneOfItsStepOrBefore(t *testing.T) {
	b := newBench(t)
	key, _ := b.enable(t)
	if _, err := b.Check(t.Context(), b.user.ID, codeAt(t, key, b.at)); !errors.Is(err, factor.ErrWrong) {
		t.Errorf("the code that set it up counts again: %v", err)
	}
	b.at = b.at.Add(30 * time.Second)
	before, now := codeAt(t, key, b.at.Add(-30*time.Second)), codeAt(t, key, b.at)
	if recovery, err := b.Check(t.Context(), b.user.ID, " "+now[:3]+" "+now[3:]); recovery || err != nil {
		t.Errorf("the next code: %v", err)
	}
	for name, code := range map[string]string{"the same": now, "the one before": before, "none": "", "a word": "abcdef", "seven digits": now + "1"} {
		if _, err := b.Check(t.Context(), b.user.ID, code); !errors.Is(err, factor.ErrWrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAClockMayDifferByOneStepAndNoMore(t *testing.T) {
	b := newBench(t)
	key, _ := b.enable(t)
	b.at = b.at.Add(10 * time.Minute)
	for _, c := range []struct {
		off  time.Duration
		want bool
	}{{-61 * time.Second, false}, {-30 * time.Second, true}, {90 * time.Second, false}, {30 * time.Second, true}} {
		_, err := b.Check(t.Context(), b.user.ID, codeAt(t, key, b.at.Add(c.off)))
		if (err == nil) != c.want {
			t.Errorf("a clock off by %s: %v", c.off, err)
		}
	}
}

func TestARecoveryCodeWorksOnceHoweverItIsTyped(t *testing.T) {
	b := newBench(t)
	_, codes := b.enable(t)
	if len(codes) != 10 || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != 10 {
		t.Fatalf("codes: %q", codes)
	}
	if recovery, err := b.Check(t.Context(), b.user.ID, strings.ToLower(strings.ReplaceAll(codes[0], "-", " "))); !recovery || err != nil {
		t.Errorf("a recovery code: %v", err)
	}
	if _, err := b.Check(t.Context(), b.user.ID, codes[0]); !errors.Is(err, factor.ErrWrong) {
		t.Errorf("twice: %v", err)
	}
	if f, err := b.Of(t.Context(), b.user.ID); err != nil || f.Codes != 9 {
		t.Errorf("%d codes are left, %v", f.Codes, err)
	}
	fresh, err := b.Renew(t.Context(), by, b.user)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Check(t.Context(), b.user.ID, codes[1]); !errors.Is(err, factor.ErrWrong) {
		t.Errorf("an old code after new ones were made: %v", err)
	}
	if _, err := b.Check(t.Context(), b.user.ID, fresh[9]); err != nil {
		t.Errorf("a new one: %v", err)
	}
}

func TestNothingIsStoredBeforeACodeWasShown(t *testing.T) {
	b := newBench(t)
	offer, err := b.Offer(b.user)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Enable(t.Context(), by, b.user, offer.Sealed, "000000"); fleet.KindOf(err) != fleet.KindInvalid {
		t.Errorf("a wrong code: %v", err)
	}
	other := team.User{ID: b.user.ID + 1, Name: "ben"}
	if _, err := b.Enable(t.Context(), by, other, offer.Sealed, codeAt(t, offer.Key, b.at)); fleet.KindOf(err) != fleet.KindInvalid {
		t.Errorf("somebody else's offer: %v", err)
	}
	if _, err := b.Of(t.Context(), b.user.ID); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("stored: %v", err)
	}
	if again, err := b.Reopen(b.user, offer.Sealed); err != nil || again.Key != offer.Key {
		t.Errorf("the form came back with another key: %v", err)
	}
}

func TestThePictureIsAPNGWithWhiteAroundIt(t *testing.T) {
	b := newBench(t)
	offer, err := b.Offer(b.user)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(offer.Image))
	if err != nil {
		t.Fatal(err)
	}
	for i := range picture.Bounds().Dx() {
		if r, _, _, _ := picture.At(i, 4).RGBA(); r != 0xffff {
			t.Fatal("no white edge: scanners need one")
		}
	}
}

func TestAnotherKeyOpensNoSecretButRecoveryCodesStillCount(t *testing.T) {
	b := newBench(t)
	key, codes := b.enable(t)
	b.at = b.at.Add(time.Minute)
	k := b.withKey(t, 'x')
	if _, err := k.Check(t.Context(), b.user.ID, codeAt(t, key, b.at)); fleet.KindOf(err) != fleet.KindUnavailable {
		t.Errorf("%v", err)
	}
	if _, err := k.Check(t.Context(), b.user.ID, codes[3]); err != nil {
		t.Errorf("a recovery code: %v", err)
	}
}
