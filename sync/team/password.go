package team

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

// Lengths of a password, in characters.
const (
	MinPassword = 12
	MaxPassword = 128
)

// ErrWrongPassword is what Verify returns for a wrong password and for an unknown user
// alike: the person at the form must not learn which it was.
var ErrWrongPassword = errors.New("team: wrong username or password")

// commonPasswords holds one password a line, lower case: those of the well-known lists
// that are long enough to pass the length rule, and the obvious ones of this trade.
//
//go:embed common_passwords.txt
var commonPasswords string

// CheckPassword applies the rules for a new password of the user with that name: 12 to
// 128 characters, not one of the well-known ones, not one short piece repeated, not built
// on the username. A password that breaks a rule is a *RuleError, which does not contain it.
func CheckPassword(username string, password Password) error {
	typed := string(password)
	length := utf8.RuneCountInString(typed)
	lower := strings.ToLower(typed)
	switch {
	case !utf8.ValidString(typed) || strings.ContainsAny(typed, "\x00\r\n"):
		return &RuleError{Field: "password", Msg: "The password has characters that no keyboard makes."}
	case length < MinPassword:
		return &RuleError{Field: "password", Msg: fmt.Sprintf("The password needs at least %d characters.", MinPassword)}
	case length > MaxPassword:
		return &RuleError{Field: "password", Msg: fmt.Sprintf("The password has more than %d characters.", MaxPassword)}
	case isCommon(lower) || repeats(lower):
		return &RuleError{Field: "password", Msg: "This password is one of the first that anybody tries. Choose another."}
	case len(username) >= 4 && strings.Contains(lower, strings.ToLower(username)):
		return &RuleError{Field: "password", Msg: "The password contains the username. Choose another."}
	}
	return nil
}

func isCommon(lower string) bool {
	for line := range strings.Lines(commonPasswords) {
		if strings.TrimSuffix(line, "\n") == lower {
			return true
		}
	}
	return false
}

// repeats reports whether s is a piece of at most four bytes, repeated: "aaaaaaaaaaaa",
// "abcabcabcabc". The last repetition may be cut short.
func repeats(s string) bool {
	for size := 1; size <= 4; size++ {
		if s[size:] == s[:len(s)-size] {
			return true
		}
	}
	return false
}

// params are OWASP's for argon2id: about 25 ms on a small server.
var params = argon2id.Params{
	Memory:      19 * 1024, // KiB
	Iterations:  2,
	Parallelism: 1,
	SaltLength:  16,
	KeyLength:   32,
}

// hashesAtOnce bounds the memory and the processor time that sign-ins may take: two
// hashes need 38 MiB. hashesWaiting bounds how many more may wait for a turn: some two seconds' worth.
const (
	hashesAtOnce  = 2
	hashesWaiting = 100
)

// ErrBusy is what a Hasher answers when too many wait already.
var ErrBusy = errors.New("team: too many sign-ins at once")

// Hasher makes and checks password hashes, two at a time; more callers wait. Make one
// with NewHasher and share it.
type Hasher struct {
	slots   chan struct{}
	waiting atomic.Int64
	nobody  PasswordHash // checked for unknown users, so that they cost the same time
	maxSize int          // bytes of a password that are hashed at all
}

// NewHasher returns a Hasher. It fails only when argon2id does not know its own form any more.
func NewHasher() (*Hasher, error) {
	nobody := randomHash()
	if _, _, _, err := argon2id.DecodeHash(nobody); err != nil {
		return nil, fmt.Errorf("team.NewHasher: %w", err)
	}
	return &Hasher{
		slots:   make(chan struct{}, hashesAtOnce),
		nobody:  PasswordHash(nobody),
		maxSize: MaxPassword * utf8.UTFMax,
	}, nil
}

// randomHash is a hash of no password that anybody knows. It is drawn, not computed: that would
// cost each start 19 MiB and as long as all the rest of it.
func randomHash() string {
	salt, key := make([]byte, params.SaltLength), make([]byte, params.KeyLength)
	rand.Read(salt)
	rand.Read(key)
	text := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", params.Memory, params.Iterations, params.Parallelism, text.EncodeToString(salt), text.EncodeToString(key))
}

// Hash returns the hash to store for a password that CheckPassword has accepted; it
// applies no rules itself. It waits for its turn; ctx ends the wait with ctx's error.
func (h *Hasher) Hash(ctx context.Context, password Password) (PasswordHash, error) {
	if err := h.acquire(ctx); err != nil {
		return "", fmt.Errorf("team.Hash: %w", err)
	}
	defer h.release()
	hash, err := argon2id.CreateHash(string(password), &params)
	if err != nil {
		return "", fmt.Errorf("team.Hash: %w", err)
	}
	return PasswordHash(hash), nil
}

// Verify returns nil when the password belongs to the hash, and ErrWrongPassword when it
// does not. For an unknown user pass the empty hash: the work is the same and the answer
// is ErrWrongPassword. Other errors mean that nothing was checked: ctx ended while
// waiting, or the stored hash is damaged.
func (h *Hasher) Verify(ctx context.Context, password Password, hash PasswordHash) error {
	if err := h.acquire(ctx); err != nil {
		return fmt.Errorf("team.Verify: %w", err)
	}
	defer h.release()
	known := hash != "" && len(password) <= h.maxSize
	if !known {
		password, hash = "", h.nobody
	}
	match, err := argon2id.ComparePasswordAndHash(string(password), string(hash))
	if err != nil {
		return fmt.Errorf("team.Verify: %w", err)
	}
	if !match || !known {
		return ErrWrongPassword
	}
	return nil
}

func (h *Hasher) acquire(ctx context.Context) error {
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > hashesWaiting {
		return ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *Hasher) release() { <-h.slots }
