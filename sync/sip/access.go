package sip

import "cordboard/sync/fleet"

// Way is how a PBX's own API is reached.
type Way string

// Through YCM's relay with YCM's credentials (contract ycm-api §3.12), or at the PBX's own address with
// credentials of its own (contract pseries-api §1).
const (
	Relay  Way = "relay"
	Direct Way = "direct"
)

// Access is how one PBX's own API is reached, as far as it may be shown. The zero Access is the relay.
type Access struct {
	PBX       fleet.PBXID
	Way       Way
	BaseURL   string // of the direct way
	ClientID  string
	HasSecret bool
	Pin       string // SHA-256 of the certificate to trust, in hex; empty = the usual rules
	CA        string // PEM of an own CA to trust; empty = the usual rules
	// Trouble is why the way can't be used now, in words, and Stopped that nothing more is tried until a person
	// changes something: further refused sign-ins would have our address blocked.
	Trouble string
	Stopped bool
}

// Kept is an access as it is kept: its secrets are sealed, and belong to the address and client id beside them.
type Kept struct {
	Access
	Secret []byte // sealed client secret; nil = none
	Token  []byte // sealed token pair; nil = none
}
