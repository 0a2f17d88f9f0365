package sip

import "cordboard/sync/fleet"

// A patch holds what shall change; nil stays as it is. Each type of trunk has a patch of its own, made
// of the groups of settings that it has, so that a field of another type can't be expressed.

// RegisterPatch changes a register trunk (seed 003, table 1).
type RegisterPatch struct {
	LinePatch
	FarEndPatch
	LoginPatch
	ProxyPatch
	CallerPatch
	DIDPatch
	NewerPatch
}

// PeerPatch changes a peer trunk (seed 003, table 5).
type PeerPatch struct {
	LinePatch
	FarEndPatch
	CallerPatch
	DIDPatch
}

// AccountPatch changes an account trunk (seed 003, table 9).
type AccountPatch struct {
	LinePatch
	LoginPatch
	CallerPatch
}

// SharedPatch changes what a PBX may change of a trunk that YCM shares with it (contract §5.8).
type SharedPatch struct {
	CallerPatch
}

// The groups of settings.
type (
	// LinePatch is what every trunk has.
	LinePatch struct {
		Name      *string
		Enabled   *bool
		Transport *Transport
		Codecs    *[]Codec // in order of preference, never empty
	}
	// FarEndPatch is where a trunk's SIP goes.
	FarEndPatch struct {
		Hostname *string
		Port     *int
		Domain   *string
	}
	// LoginPatch is how a trunk signs in, or how the device at an account trunk does. Password says
	// that a new one is sent; it is not kept here.
	LoginPatch struct {
		Username *string
		Password bool
		AuthName *string
	}
	// ProxyPatch is the outbound proxy.
	ProxyPatch struct {
		Proxy       *bool
		ProxyServer *string
		ProxyPort   *int
	}
	// CallerPatch is what callees see. A list replaces the whole list.
	CallerPatch struct {
		CID       *string
		CIDName   *string
		CallerIDs *[]CallerID
	}
	// DIDPatch replaces the whole list of DIDs.
	DIDPatch struct {
		DIDs *[]DID
	}
	// NewerPatch are settings of newer firmware (contract §5.4).
	NewerPatch struct {
		Pass180   *bool
		AuthCache *bool
	}
)

// Patch is a patch of one type: exactly one field is set.
type Patch struct {
	Register *RegisterPatch `json:",omitempty"`
	Peer     *PeerPatch     `json:",omitempty"`
	Account  *AccountPatch  `json:",omitempty"`
	Shared   *SharedPatch   `json:",omitempty"`
}

// groups are the parts of a patch that its trunk has; nil where it has none.
type groups struct {
	line   *LinePatch
	farEnd *FarEndPatch
	login  *LoginPatch
	proxy  *ProxyPatch
	caller *CallerPatch
	dids   *DIDPatch
	newer  *NewerPatch
}

func (p *Patch) groups() groups {
	switch {
	case p.Register != nil:
		r := p.Register
		return groups{&r.LinePatch, &r.FarEndPatch, &r.LoginPatch, &r.ProxyPatch, &r.CallerPatch, &r.DIDPatch, &r.NewerPatch}
	case p.Peer != nil:
		r := p.Peer
		return groups{line: &r.LinePatch, farEnd: &r.FarEndPatch, caller: &r.CallerPatch, dids: &r.DIDPatch}
	case p.Account != nil:
		r := p.Account
		return groups{line: &r.LinePatch, login: &r.LoginPatch, caller: &r.CallerPatch}
	case p.Shared != nil:
		return groups{caller: &p.Shared.CallerPatch}
	}
	return groups{}
}

// PatchFor is the empty patch for a trunk. A trunk that the API can't edit has none.
func PatchFor(t Trunk) (Patch, error) {
	switch {
	case t.Shared:
		return Patch{Shared: &SharedPatch{}}, nil
	case t.Kind() == Register:
		return Patch{Register: &RegisterPatch{}}, nil
	case t.Kind() == Peer:
		return Patch{Peer: &PeerPatch{}}, nil
	case t.Kind() == Account:
		return Patch{Account: &AccountPatch{}}, nil
	}
	return Patch{}, &fleet.Error{Kind: fleet.KindRefused, Op: "sip.PatchFor", Msg: "A trunk of type " + t.Type + " can't be changed through the PBX's API."}
}

// SendsPassword reports whether a new password goes out.
func (p Patch) SendsPassword() bool {
	login := p.groups().login
	return login != nil && login.Password
}
