package yeastartest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The statuses of a SIP trunk (vendor page: Query Trunk List).
const (
	SIPIdle         = 1
	SIPRegistering  = 4
	SIPRegFailed    = 41
	SIPUnreachable  = 42
	SIPNoDevice     = 43
	SIPDisabled     = 44
	SIPAuthRejected = 45
)

// SIPTrunk is a SIP trunk of one PBX. Zero fields get defaults when it is added.
type SIPTrunk struct {
	ID       int64 // of this PBX; 0 = the next free one
	Name     string
	Type     string // register, peer_did, peer_port, peer_private, account, webtrunk; "" = register
	Disabled bool

	Country, ITSP string // "" = general, none
	Transport     string // "" = udp
	Hostname      string
	Port          int // 0 = 5060
	Domain        string
	Username      string
	Password      string
	AuthName      string

	Proxy       bool
	ProxyServer string
	ProxyPort   int

	Codecs       string // "" = ulaw,alaw,g729
	CID, CIDName string
	CallerIDs    []SIPCallerID
	DIDs         []SIPDID

	Pass180, AuthCache bool

	// Ends is the status that it comes to when no SIPProvider and no disabling says otherwise; 0 =
	// SIPIdle.
	Ends int
	// SharedFrom is YCM's id of the shared trunk that it is, 0 for the PBX's own.
	SharedFrom int64
}

// SIPCallerID is one outbound caller ID of a SIP trunk.
type SIPCallerID struct {
	Option  string `json:"outbound_cid_option"`
	CID     string `json:"outbound_cid"`
	Name    string `json:"outbound_cid_name,omitempty"`
	ToRange string `json:"outbound_cid_to_ext_range,omitempty"`
	// Members have a shared one.
	Members []SIPMember `json:"ext_list,omitempty"`
}

// SIPMember is an extension or a group.
type SIPMember struct {
	Type   string `json:"type,omitempty"`
	Number string `json:"ext_number,omitempty"`
	Name   string `json:"ext_name,omitempty"`
	ID     int64  `json:"id"`
}

// SIPDID is a number of a SIP trunk.
type SIPDID struct {
	Number string `json:"did"`
	Name   string `json:"did_name,omitempty"`
}

// Extension is an extension of a PBX.
type Extension struct {
	ID           int64 // 0 = the next free one
	Number, Name string
}

// ExtensionGroup is a group of extensions; no members means all.
type ExtensionGroup struct {
	ID      int64 // 0 = the next free one
	Name    string
	Members []int64
}

// SIPProvider is a carrier at a host. Trunks to hosts without one come to what SIPTrunk.Ends says, but
// for hosts below .invalid, which nobody reaches.
type SIPProvider struct {
	Down bool
	// Accounts are the passwords by user name; nil takes any.
	Accounts map[string]string
}

// sipRec is what a PBX has of its own. Server.mu guards it.
type sipRec struct {
	trunks     []*sipTrunk // by id
	extensions []Extension // by id
	groups     []ExtensionGroup
	nextTrunk  int64
	nextExt    int64
	nextGroup  int64
	access     pbxAccess
}

type sipTrunk struct {
	SIPTrunk
	settles time.Time // by the real clock: it is registering until then
}

// own gives what a PBX has of its own, made when it is first wanted.
func (p *pbxRec) own() *sipRec {
	if p.sip == nil {
		p.sip = &sipRec{nextTrunk: 8, nextExt: 41, nextGroup: 1, access: newPBXAccess(p)}
	}
	return p.sip
}

func (r *sipRec) trunk(id int64) *sipTrunk {
	i, ok := slices.BinarySearchFunc(r.trunks, id, func(t *sipTrunk, id int64) int { return cmp.Compare(t.ID, id) })
	if !ok {
		return nil
	}
	return r.trunks[i]
}

func (r *sipRec) add(t SIPTrunk) (*sipTrunk, error) {
	t.ID = take(t.ID, &r.nextTrunk)
	t.Type = or(t.Type, "register")
	t.Name = or(t.Name, fmt.Sprintf("%s-%d", t.Type, t.ID))
	t.Country = or(t.Country, "general")
	t.Transport = or(t.Transport, "udp")
	t.Codecs = or(t.Codecs, "ulaw,alaw,g729")
	if t.Type != "account" && t.Type != "webtrunk" {
		t.Hostname = or(t.Hostname, "sip.provider.example")
		t.Domain = or(t.Domain, t.Hostname)
		t.Port = cmp.Or(t.Port, 5060)
	}
	if t.Type == "register" || t.Type == "account" {
		t.AuthName = or(t.AuthName, t.Username)
	}
	if t.Ends == 0 {
		t.Ends = SIPIdle
	}
	t.CallerIDs, t.DIDs = slices.Clone(t.CallerIDs), slices.Clone(t.DIDs)
	if r.trunk(t.ID) != nil {
		return nil, fmt.Errorf("SIP trunk id %d is taken", t.ID)
	}
	rec := &sipTrunk{SIPTrunk: t}
	r.trunks = insert(r.trunks, rec, func(a, b *sipTrunk) int { return cmp.Compare(a.ID, b.ID) })
	return rec, nil
}

// share brings the trunks that YCM shares with a PBX onto it, and takes away those that it shares no
// longer; YCM's settings overwrite the PBX's but for the caller IDs. The caller holds mu.
func (s *Server) share(p *pbxRec) {
	r := p.own()
	used := map[int64]bool{}
	for _, b := range p.pairs {
		used[b.Trunk] = true
	}
	r.trunks = slices.DeleteFunc(r.trunks, func(t *sipTrunk) bool { return t.SharedFrom != 0 && !used[t.SharedFrom] })
	for _, id := range sortedKeys(used) {
		from := s.m.trunks[id]
		i := slices.IndexFunc(r.trunks, func(t *sipTrunk) bool { return t.SharedFrom == id })
		var t *sipTrunk
		if i >= 0 {
			t = r.trunks[i]
		} else {
			t, _ = r.add(SIPTrunk{SharedFrom: id}) // a new id is never taken
		}
		t.Name, t.Type, t.Hostname, t.Domain = from.Name, sharedType(from.Type), from.Hostname, from.Hostname
		t.Username, t.AuthName, t.Password = from.Username, from.Username, from.Password
		t.Ends = sharedStatus(from)
	}
}

// sharedType is the PBX's word for a type of shared trunk.
func sharedType(ycm string) string {
	switch ycm {
	case "did_based":
		return "peer_did"
	case "port_based":
		return "peer_port"
	}
	return "register"
}

func sharedStatus(t *trunkRec) int {
	switch {
	case t.Status == "E_REGISTER_ING_STATE":
		return SIPRegistering
	case t.Status == "E_REGISTER_FAILED_STATE" && t.Reason == "REASON_AUTH":
		return SIPAuthRejected
	case t.Status == "E_REGISTER_FAILED_STATE":
		return SIPRegFailed
	}
	return SIPIdle
}

// sipStatus is how a trunk stands now; the caller holds mu.
func (s *Server) sipStatus(t *sipTrunk) int {
	provider, known := s.m.providers[t.Hostname]
	unreachable := known && provider.Down || strings.HasSuffix(t.Hostname, ".invalid")
	switch {
	case t.Disabled:
		return SIPDisabled
	case time.Now().Before(t.settles):
		return SIPRegistering
	case t.SharedFrom != 0 || t.Type == "account" || t.Type == "webtrunk":
		return t.Ends
	case unreachable && t.Type == "register":
		return SIPRegFailed
	case unreachable:
		return SIPUnreachable
	case t.Type == "register" && known && provider.Accounts != nil && provider.Accounts[t.Username] != t.Password:
		return SIPAuthRejected
	}
	return t.Ends
}
