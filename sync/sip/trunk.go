package sip

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"cordboard/sync/fleet"
)

// TrunkID is the PBX's own id of one of its trunks. It has nothing to do with [fleet.TrunkID], which
// is YCM's id of a shared trunk.
type TrunkID int64

// String is the id in decimal, as it stands in URLs.
func (id TrunkID) String() string { return strconv.FormatInt(int64(id), 10) }

// Kind is what settings a trunk has.
type Kind string

// The kinds of seed 003, and the one that can't be edited through the API (webtrunk, hardware lines).
const (
	Register Kind = "register"
	Peer     Kind = "peer"
	Account  Kind = "account"
	Other    Kind = ""
)

// KindOf sorts the vendor's types: Cloud knows three sorts of peer (contract §4).
func KindOf(vendorType string) Kind {
	switch {
	case vendorType == string(Register), vendorType == string(Account):
		return Kind(vendorType)
	case strings.HasPrefix(vendorType, string(Peer)):
		return Peer
	}
	return Other
}

// Row is a trunk as the PBX lists it, with its live status.
type Row struct {
	ID       TrunkID
	Name     string
	Type     string // the vendor's word
	Status   Status
	HostPort string // empty for account trunks
	CID      string // default outbound caller ID
	Username string
	Shared   bool // it came from YCM, as far as names tell
}

// Kind is what settings the trunk has.
func (r Row) Kind() Kind { return KindOf(r.Type) }

// Trunk is what a PBX tells of one SIP trunk. It holds no secret: of the password only a mark by
// which two readings can be told apart.
type Trunk struct {
	ID           TrunkID
	Name         string
	Type         string // the vendor's word: "peer_did"
	Enabled      bool
	Country      string // "general" for a carrier that the PBX does not know
	ITSP         string
	Transport    Transport
	Hostname     string
	Port         int
	Domain       string
	Username     string
	PasswordMark string // keyed hash; empty = none, or the PBX does not show it
	AuthName     string
	Proxy        bool
	ProxyServer  string
	ProxyPort    int // 0 = none
	Codecs       []Codec
	CID          string // default outbound caller ID
	CIDName      string
	CallerIDs    []CallerID
	DIDs         []DID
	Pass180      *bool // transparent_trans_180_msg; nil = the firmware has no such setting
	AuthCache    *bool // enb_sipauth_cache; nil = the firmware has no such setting
	Shared       bool  // it came from YCM: only its outbound caller IDs are the PBX's own (contract §5.8)
}

// Kind is what settings the trunk has.
func (t Trunk) Kind() Kind { return KindOf(t.Type) }

// Print names a reading: equal prints are equal settings.
func (t Trunk) Print() string {
	text, err := json.Marshal(t)
	if err != nil {
		return "" // no field of a Trunk can fail to marshal
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Transport is how SIP travels.
type Transport string

// The transports of seed 003. Account trunks have no dnsnaptr.
const (
	UDP      Transport = "udp"
	TCP      Transport = "tcp"
	TLS      Transport = "tls"
	DNSNAPTR Transport = "dnsnaptr"
)

// Transports are those that a trunk may be set to (seed 003). What is set already always stays possible.
func Transports(vendorType string, set Transport) []Transport {
	list := []Transport{UDP, TCP, TLS, DNSNAPTR}
	if KindOf(vendorType) == Account {
		list = []Transport{UDP, TCP, TLS}
	}
	if set == "" || slices.Contains(list, set) {
		return list
	}
	return append(list, set)
}

// GuideTransports are those that the Cloud admin guide names for a sort of peer, where they are fewer than seed 003
// takes; nil else (contract §5.5, inferred for the API).
func GuideTransports(vendorType string) []Transport {
	return map[string][]Transport{"peer_did": {UDP, TCP}, "peer_port": {UDP}, "peer_private": {UDP, TCP, TLS}}[vendorType]
}

// Codec is one of the vendor's codec words.
type Codec string

// Codecs are all codecs of seed 003, in its order.
var Codecs = []Codec{"ulaw", "alaw", "g729", "gsm", "h264", "h263", "h263p", "ilbc", "g722", "g726", "speex", "adpcm", "mpeg4", "vp8", "opus"}

// CallerID is one row of a trunk's outbound caller IDs (seed 003, table 2).
type CallerID struct {
	Option  CallerIDOption
	CID     string // one number, or a range of numbers
	Name    string
	ToRange string   // extensions, as many as numbers; only for a range
	Members []Member // only for a shared one
}

// CallerIDOption says how a caller ID is given out.
type CallerIDOption string

// A range gives each extension a number of its own; a shared caller ID is used by all members.
const (
	CIDRange  CallerIDOption = "range"
	CIDShared CallerIDOption = "shared"
)

// Member is an extension, or a group of extensions, that uses a shared caller ID (seed 003, table 3).
type Member struct {
	Group  bool
	ID     int64  // the PBX's id of the extension or of the group
	Number string // of an extension; the name of a group
	Name   string
}

// DID is one row of a trunk's DID list (seed 003, table 4). It is the PBX's own setting, not YCM's binding.
type DID struct {
	Number string
	Name   string
}

// Extension and Group are what caller IDs can be given to.
type (
	Extension struct {
		ID     int64
		Number string
		Name   string
	}
	Group struct {
		ID   int64
		Name string
		Size int
	}
)

// Reading is what was read of a trunk, and from when until when it was read so.
type Reading struct {
	Trunk Trunk
	At    time.Time
	Until time.Time
	After fleet.PlanID // the plan after which it was read; empty = none of ours
}
