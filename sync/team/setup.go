package team

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
)

// setupAlphabet has 32 characters, none of which is taken for another when read aloud or
// copied by hand: no 0 and O, no 1 and I.
const setupAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

const setupLength = 8

// SetupCode is the one-time code that the first admin copies from the terminal into the
// setup page: proof that the browser belongs to whoever started the server. It holds 40
// random bits, so its page must be throttled. The zero value matches nothing.
type SetupCode struct{ code string }

// NewSetupCode returns a fresh code.
func NewSetupCode() SetupCode {
	var random [setupLength]byte
	rand.Read(random[:]) // never fails, says crypto/rand
	for i, b := range random {
		random[i] = setupAlphabet[int(b)%len(setupAlphabet)]
	}
	return SetupCode{code: string(random[:])}
}

// Reveal returns the code as it is printed on the terminal: K7QF-2M9D.
func (c SetupCode) Reveal() string {
	if c.code == "" {
		return ""
	}
	return c.code[:setupLength/2] + "-" + c.code[setupLength/2:]
}

// String returns •••; see Reveal.
func (SetupCode) String() string { return masked }

// GoString returns •••, for %#v.
func (SetupCode) GoString() string { return masked }

// Matches reports whether a person typed this code. Case, spaces and dashes do not count.
// The time it takes tells nothing about the code.
func (c SetupCode) Matches(typed string) bool {
	if c.code == "" {
		return false
	}
	plain := strings.NewReplacer("-", "", " ", "", "\t", "").Replace(strings.ToUpper(strings.TrimSpace(typed)))
	got, want := sha256.Sum256([]byte(plain)), sha256.Sum256([]byte(c.code))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}
