package team

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"time"
)

// How long a sign-in lasts.
const (
	SessionIdle     = 12 * time.Hour     // without a request
	SessionLifetime = 7 * 24 * time.Hour // in all
	sessionTouch    = time.Minute        // precision of SeenAt, so that a page view is not a write
)

// SessionKey is what the browser keeps in its cookie: 128 random bits or more. Only its
// hash is stored, so that a stolen database opens no session.
type SessionKey string

// SessionHash is the SHA-256 of a SessionKey, the name under which a session is stored.
type SessionHash [sha256.Size]byte

// Hash returns the name under which the key's session is stored.
func (k SessionKey) Hash() SessionHash { return sha256.Sum256([]byte(k)) }

// String returns •••: the key alone is enough to act as the user.
func (SessionKey) String() string { return masked }

// GoString returns •••, for %#v.
func (SessionKey) GoString() string { return masked }

// LogValue returns •••.
func (SessionKey) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText returns •••, which JSON and most other encoders use.
func (SessionKey) MarshalText() ([]byte, error) { return []byte(masked), nil }

// Session is one sign-in of one user on one browser. Times are UTC.
type Session struct {
	Hash      SessionHash
	User      UserID
	CreatedAt time.Time
	SeenAt    time.Time // last request, kept to the minute
	ProvedAt  time.Time // when the person last proved who they are, by password, code or provider
	IP        string    // where it began
	Agent     string    // the browser, as it calls itself
}

// NewSession returns a session that begins now, and the key for its cookie, which is
// not kept anywhere else.
func NewSession(user UserID, now time.Time) (Session, SessionKey) {
	key := SessionKey(rand.Text())
	now = now.UTC()
	return Session{Hash: key.Hash(), User: user, CreatedAt: now, SeenAt: now, ProvedAt: now}, key
}

// Proved reports whether the person proved who they are lately enough for a dangerous act.
func (s Session) Proved(now time.Time) bool {
	return s.User != 0 && now.Sub(s.ProvedAt) < ProofLasts && !now.Before(s.ProvedAt.Add(-time.Minute))
}

// Label is how a session is named where its owner ends it: enough to tell a few apart, nothing that
// opens it.
func (h SessionHash) Label() string { return hex.EncodeToString(h[:8]) }

// ExpiresAt returns when the session ends if no further request comes.
func (s Session) ExpiresAt() time.Time {
	idle, absolute := s.SeenAt.Add(SessionIdle), s.CreatedAt.Add(SessionLifetime)
	if idle.Before(absolute) {
		return idle
	}
	return absolute
}

// Live reports whether the session still counts at now. The zero session never does.
func (s Session) Live(now time.Time) bool {
	return s.User != 0 && now.Before(s.ExpiresAt())
}

// NeedsTouch reports whether SeenAt is old enough to be written anew. A live session that
// is touched whenever this says so never runs idle while it is used.
func (s Session) NeedsTouch(now time.Time) bool {
	return now.Sub(s.SeenAt) >= sessionTouch
}
