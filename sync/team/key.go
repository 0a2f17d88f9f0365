package team

import (
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"time"
)

// Key is what an invitation's link or an API token carries: 128 random bits or more. It is shown
// once; only its hash is stored.
type Key string

// KeyHash is the SHA-256 of a Key, the name under which an invitation or a token is stored.
type KeyHash [sha256.Size]byte

// Hash returns the name under which the key is stored.
func (k Key) Hash() KeyHash { return sha256.Sum256([]byte(k)) }

// Reveal returns the key as it is shown, once.
func (k Key) Reveal() string { return string(k) }

// String returns •••: whoever has the key may use it.
func (Key) String() string { return masked }

// GoString returns •••, for %#v.
func (Key) GoString() string { return masked }

// LogValue returns •••.
func (Key) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText returns •••, which JSON and most other encoders use.
func (Key) MarshalText() ([]byte, error) { return []byte(masked), nil }

// InviteLifetime is how long an invitation's link works.
const InviteLifetime = 72 * time.Hour

// Invite lets one person choose a password, once: a new colleague, or one who has lost theirs.
type Invite struct {
	ID        int64
	Name      string // the username; for a new colleague nobody has it yet
	Role      Role   // of a new colleague
	User      UserID // whose password it replaces; 0 for a new colleague
	MadeBy    string
	MadeAt    time.Time
	ExpiresAt time.Time
}

// NewInvite returns an invitation that begins now, and the key for its link.
func NewInvite(name string, role Role, by string, now time.Time) (Invite, Key) {
	now = now.UTC()
	return Invite{Name: name, Role: role, MadeBy: by, MadeAt: now, ExpiresAt: now.Add(InviteLifetime)}, Key(rand.Text())
}

// Live reports whether the invitation still counts at now.
func (i Invite) Live(now time.Time) bool { return now.Before(i.ExpiresAt) }

// tokenPrefix tells people and secret scanners what they found.
const tokenPrefix = "cordboard_"

// The times of a token.
const (
	TokenDefault = 90 * 24 * time.Hour
	TokenLongest = 366 * 24 * time.Hour
	tokenTouch   = 10 * time.Minute // precision of UsedAt, so that a call is not a write
)

// Token lets a script use the API.
type Token struct {
	ID        int64
	Name      string
	Role      Role
	Owner     User // zero for one made on the terminal, which belongs to nobody
	MadeAt    time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // zero: never
}

// NewToken returns a token that begins now, and its key.
func NewToken(name string, role Role, owner User, now time.Time, lifetime time.Duration) (Token, Key) {
	now = now.UTC()
	return Token{Name: name, Role: role, Owner: owner, MadeAt: now, ExpiresAt: now.Add(lifetime)}, Key(tokenPrefix + rand.Text())
}

// Live reports whether the token still counts at now.
func (t Token) Live(now time.Time) bool { return now.Before(t.ExpiresAt) }

// NeedsTouch reports whether UsedAt is old enough to be written anew.
func (t Token) NeedsTouch(now time.Time) bool { return now.Sub(t.UsedAt) >= tokenTouch }

// User is who a call with the token acts as: never more than its owner may do today.
func (t Token) User() User {
	if t.Owner.ID == 0 {
		return User{Name: "token " + t.Name, Role: t.Role}
	}
	role := t.Role
	if !t.Owner.Role.AtLeast(role) {
		role = t.Owner.Role
	}
	return User{ID: t.Owner.ID, Name: t.Owner.Name + viaToken + t.Name, Role: role}
}

const viaToken = " via token "

// CheckToken applies the rules for a new token.
func CheckToken(name string, role, makers Role, lifetime time.Duration) error {
	if _, err := CleanUsername(name); err != nil || name == "" {
		return &RuleError{Field: "name", Msg: "A name has 2 to 64 letters a to z, digits and . _ - + @, and begins with a letter or digit."}
	}
	if _, err := ParseRole(string(role)); err != nil {
		return err
	}
	if !makers.AtLeast(role) {
		return &RuleError{Field: "role", Msg: "A token can't do more than whoever makes it."}
	}
	if lifetime <= 0 {
		return &RuleError{Field: "expires", Msg: "A token ends some time from now: give a time ahead."}
	}
	if lifetime > TokenLongest {
		return &RuleError{Field: "expires", Msg: "A token works for a year at most."}
	}
	return nil
}
