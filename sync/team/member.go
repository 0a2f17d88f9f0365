package team

import (
	"strings"
	"time"
)

// Member is a user as the list of people shows them.
type Member struct {
	User
	MadeAt    time.Time
	SeenAt    time.Time // zero: never signed in
	EndedAt   time.Time // deactivated; zero: may sign in
	Second    bool      // has a second factor
	SingleOn  bool      // signs in at the identity provider
	LocalWord bool      // has a password here
}

// PersonOf is the username behind an actor's name: scripts act for the owner of their token.
func PersonOf(actor string) string {
	name, _, _ := strings.Cut(actor, viaToken)
	return name
}

// ProofLasts is for how long a proof of who somebody is counts before a dangerous act.
const ProofLasts = 10 * time.Minute

// Factor is a second factor as it is stored.
type Factor struct {
	Sealed []byte // the shared secret
	Step   int64  // the last time step whose code was used
	MadeAt time.Time
	Codes  int // recovery codes that are left
}
