package team

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

func TestAGoodPasswordIsAccepted(t *testing.T) {
	for _, p := range []Password{
		"twelve chars",
		"Grüße aus Wien",
		"ナンバーを変更する前に必ず読む",
		Password(strings.Repeat("ab cd ef gh", 11)), // 121 characters
	} {
		if err := CheckPassword("anna", p); err != nil {
			t.Errorf("%q is refused: %v", string(p), err)
		}
	}
}

func TestAPasswordThatBreaksARuleIsRefusedWithoutBeingRepeated(t *testing.T) {
	for _, c := range []struct{ password, says string }{
		{"", "at least 12"},
		{"elevenchars", "at least 12"},
		{"ünfzehn äöü", "at least 12"}, // 11 characters, more bytes
		{strings.Repeat("ab cd ef gh", 12), "more than 128"},
		{"Password1234", "first that anybody tries"},
		{"correct horse battery staple", "first that anybody tries"},
		{"aaaaaaaaaaaaaaaa", "first that anybody tries"},
		{"abcdabcdabcdab", "first that anybody tries"},
		{"xx-ANNAMARIA-2041", "contains the username"},
		{"a line\nand another", "no keyboard"},
		{"not UTF-8 \xff\xfe\xfd", "no keyboard"},
	} {
		err := CheckPassword("annamaria", Password(c.password))
		var broken *RuleError
		if !errors.As(err, &broken) || broken.Field != "password" || !strings.Contains(broken.Msg, c.says) {
			t.Errorf("%q: got %v, want a RuleError that says %q", c.password, err, c.says)
			continue
		}
		if c.password != "" && strings.Contains(err.Error(), c.password) {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

func TestTheListOfCommonPasswordsHoldsOnlyWhatTheLengthRuleLetsThrough(t *testing.T) {
	lines := 0
	for line := range strings.Lines(commonPasswords) {
		lines++
		p := strings.TrimSuffix(line, "\n")
		if utf8.RuneCountInString(p) < MinPassword || p != strings.ToLower(p) || p != strings.TrimSpace(p) {
			t.Errorf("line %d, %q, can never match", lines, p)
		}
	}
	if lines < 100 {
		t.Errorf("the list has %d lines only", lines)
	}
}

func newHasher(t *testing.T) *Hasher {
	t.Helper()
	h, err := NewHasher()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestAPasswordMatchesItsOwnHashOnly(t *testing.T) {
	h, ctx := newHasher(t), t.Context()
	hash, err := h.Hash(ctx, "twelve chars")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(hash), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("unexpected parameters: %s", string(hash))
	}
	if err := h.Verify(ctx, "twelve chars", hash); err != nil {
		t.Errorf("the right password: %v", err)
	}
	for _, wrong := range []Password{"", "twelve Chars", "twelve chars ", Password(strings.Repeat("x", 1<<20))} {
		if err := h.Verify(ctx, wrong, hash); !errors.Is(err, ErrWrongPassword) {
			t.Errorf("a wrong password of %d bytes: %v", len(wrong), err)
		}
	}
	again, err := h.Hash(ctx, "twelve chars")
	if err != nil {
		t.Fatal(err)
	}
	if again == hash {
		t.Error("two hashes of one password are equal: no salt")
	}
}

func TestAnUnknownUserHasNoPasswordAtAll(t *testing.T) {
	h := newHasher(t)
	for _, p := range []Password{"", "nobody has this password", "twelve chars"} {
		if err := h.Verify(t.Context(), p, ""); !errors.Is(err, ErrWrongPassword) {
			t.Errorf("%q for an unknown user: %v", string(p), err)
		}
	}
}

func TestADamagedHashIsAnErrorAndNotAWrongPassword(t *testing.T) {
	h := newHasher(t)
	for _, damaged := range []PasswordHash{"x", "$argon2id$v=19$m=19456,t=2,p=1$!!$!!", "$2b$12$abc"} {
		if err := h.Verify(t.Context(), "twelve chars", damaged); err == nil || errors.Is(err, ErrWrongPassword) {
			t.Errorf("hash %q: %v", string(damaged), err)
		}
	}
}

func TestNoMoreThanTwoHashesAreMadeAtOnce(t *testing.T) {
	h := newHasher(t)
	ctx, stop := context.WithCancel(t.Context())
	h.slots <- struct{}{}
	h.slots <- struct{}{}
	var waiting sync.WaitGroup
	errs := make(chan error, 2)
	waiting.Go(func() { _, err := h.Hash(ctx, "twelve chars"); errs <- err })
	waiting.Go(func() { errs <- h.Verify(ctx, "twelve chars", "") })
	stop()
	waiting.Wait()
	for range 2 {
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("a caller without a turn got %v", err)
		}
	}
	h.release()
	if _, err := h.Hash(t.Context(), "twelve chars"); err != nil {
		t.Errorf("a caller with a turn: %v", err)
	}
}

func TestManyPeopleSignInAtTheSameTime(t *testing.T) {
	h := newHasher(t)
	hash, err := h.Hash(t.Context(), "twelve chars")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := h.Verify(t.Context(), "twelve chars", hash); err != nil {
				t.Errorf("Verify: %v", err)
			}
		})
	}
	all.Wait()
	if len(h.slots) != 0 {
		t.Errorf("%d turns are still taken", len(h.slots))
	}
}

func TestSecretsPrintAsDots(t *testing.T) {
	_, key := NewSession(7, day)
	code := NewSetupCode()
	for name, secret := range map[string]any{
		"password": Password("twelve chars"), "hash": PasswordHash("$argon2id$v=19$"), "session key": key, "setup code": code,
	} {
		wrapped := struct{ S any }{secret}
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "secret", secret)
		for _, out := range []string{fmt.Sprint(secret), fmt.Sprintf("%v %+v %#v %s %q", wrapped, wrapped, wrapped, secret, secret), log.String()} {
			for _, leak := range []string{"twelve chars", "argon2id", string(key), code.code} {
				if strings.Contains(out, leak) {
					t.Errorf("%s leaks: %s", name, out)
				}
			}
			if !strings.Contains(out, masked) {
				t.Errorf("%s prints as %q", name, out)
			}
		}
		encoded, err := json.Marshal(secret)
		if err != nil {
			t.Errorf("%s as JSON: %v", name, err)
		}
		for _, leak := range []string{"twelve chars", "argon2id", string(key), code.code} {
			if strings.Contains(string(encoded), leak) {
				t.Errorf("%s leaks as JSON: %s", name, encoded)
			}
		}
	}
}
