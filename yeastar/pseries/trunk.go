package pseries

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cordboard/yeastar"
)

// Kind groups the types of trunks by the fields that the vendor lets one edit (seed 003).
type Kind int

// The kinds of trunks.
const (
	// KindOther is a type without a table of its own, such as webtrunk or a line of an appliance.
	KindOther Kind = iota
	KindRegister
	KindPeer
	KindAccount
)

// KindOf gives the kind of a trunk type. On Cloud PBXs it is open whether trunk/get says peer or one
// of peer_did, peer_port, peer_private (contract §10.7).
func KindOf(trunkType string) Kind {
	switch {
	case trunkType == "register":
		return KindRegister
	case trunkType == "account":
		return KindAccount
	case trunkType == "peer" || strings.HasPrefix(trunkType, "peer_"):
		return KindPeer
	}
	return KindOther
}

// State is the vendor's status of a trunk in a list (contract §4). Others exist on appliances.
type State int

// The states of SIP trunks.
const (
	StateUnknown      State = 0
	StateIdle         State = 1 // healthy; what a good register trunk shows
	StateBusy         State = 2 // healthy, in use
	StateUnmonitored  State = 3 // idle, nobody watches it
	StateRegistering  State = 4
	StateRegFailed    State = 41
	StateUnreachable  State = 42
	StateNoDevice     State = 43 // an account trunk that nobody has registered with
	StateDisabled     State = 44
	StateAuthRejected State = 45
)

// TrunkRow is a trunk in a list. A nil text is a key that the PBX did not send.
type TrunkRow struct {
	ID int64
	// State is nil when the PBX did not tell it.
	State *State
	Name  string
	Type  string
	// HostPort is host:port; account trunks have none.
	HostPort, DefOutboundCID, Username *string
}

// Trunk is a SIP trunk in full. A nil field is a key that the PBX did not send: its type or firmware
// does not have it. The lists are nil then, and empty when there is nothing in them.
type Trunk struct {
	ID            int64
	Name          string
	Type          string
	Enabled       *bool
	Country, ITSP *string
	Transport     *string
	Hostname      *string
	Port          *int
	Domain        *string
	Username      *string
	// Password is nil also when the PBX masked it. Never show it or send it back.
	Password            *yeastar.Secret
	AuthName            *string
	OutboundProxy       *bool
	OutboundProxyServer *string
	// OutboundProxyPort is 0 where the proxy is off; 0 is never sent.
	OutboundProxyPort *int
	// Codecs are comma-separated, the preferred first.
	Codecs             *string
	DefOutboundCID     *string
	DefOutboundCIDName *string
	OutboundCIDs       []OutboundCID
	DIDs               []DID
	Newer              Newer
}

// Newer are the fields of newer firmware (contract §5.4). Send one only to a PBX that told it.
type Newer struct {
	Transparent180   *bool   // transparent_trans_180_msg
	SIPAuthCache     *bool   // enb_sipauth_cache
	SIPAndSDPIP      *string // setting_of_sip_and_sdp_ip: default or custom
	SIPAndSDPIPAddr  *string // sip_and_sdp_ip_addr, with custom
	Ignore100        *bool   // ignore_100_response
	ForceOutboundCID *bool   // force_dod_from
	SBCRouting       *bool   // enb_sbc_routing
}

// The two ways in which an outbound caller ID belongs to extensions (contract §5.2).
const (
	CIDRange  = "range"
	CIDShared = "shared"
)

// The types of an OutboundCID's members.
const (
	MemberExtension = "extension"
	MemberGroup     = "ext_group"
)

// OutboundCID is a caller ID that certain extensions show on a trunk.
type OutboundCID struct {
	Option string // CIDRange or CIDShared
	CID    string // one number, or first-last with CIDRange
	Name   string
	// Extensions is first-last with CIDRange, as many as there are numbers.
	Extensions string
	// Members have the caller ID with CIDShared.
	Members []CIDMember
}

// CIDMember is an extension or a group of them.
type CIDMember struct {
	Type   string // MemberExtension or MemberGroup
	Number string // an extension's number, or a group's name
	Name   string
	ID     int64
}

// DID is a number that reaches the PBX over a trunk of its own.
type DID struct{ Number, Name string }

// trunkRows reads a list of trunks.
func trunkRows(op, endpoint string, query url.Values) listing[rowWire, TrunkRow] {
	return listing[rowWire, TrunkRow]{op: op, endpoint: endpoint, query: query,
		convert: rowWire.row, id: func(r TrunkRow) int64 { return r.ID }}
}

// ListTrunks gives all trunks with their state, by id (vendor page: Query Trunk List).
func (c *Client) ListTrunks(ctx context.Context) ([]TrunkRow, error) {
	return trunkRows("list the trunks", "trunk/list", nil).read(ctx, c)
}

// SearchTrunks gives the trunks that the PBX finds for a word (vendor page: Search Specific Trunks).
// Which fields it searches is not documented.
func (c *Client) SearchTrunks(ctx context.Context, word string) ([]TrunkRow, error) {
	op := "search the trunks"
	if word == "" {
		return nil, invalid(op, "there is nothing to search for")
	}
	return trunkRows(op, "trunk/search", url.Values{"search_value": {word}}).read(ctx, c)
}

// errOtherTrunk says that the answer is about another trunk than was asked for.
var errOtherTrunk = errors.New("the answer is about another trunk")

// Trunk reads one SIP trunk (vendor page: Query Information of a Trunk).
func (c *Client) Trunk(ctx context.Context, id int64) (Trunk, error) {
	op := fmt.Sprintf("read trunk %d", id)
	if id <= 0 {
		return Trunk{}, invalid(op, "a trunk id is a positive number")
	}
	a, err := c.get(ctx, op, "trunk/get", url.Values{"id": {strconv.FormatInt(id, 10)}})
	if err != nil {
		return Trunk{}, err
	}
	w, err := one[trunkWire](a.Data)
	var t Trunk
	if err == nil {
		t, err = w.trunk()
	}
	if err == nil && t.ID != id {
		err = errOtherTrunk
	}
	if err != nil {
		return Trunk{}, malformed(op, a, err)
	}
	return t, nil
}

// Trunks reads several SIP trunks, in the order of ids (vendor page: Query Information of Multiple
// Trunks). One that is missing in the answer is an error: nothing follows from its absence.
func (c *Client) Trunks(ctx context.Context, ids []int64) ([]Trunk, error) {
	out := make([]Trunk, 0, len(ids))
	for part := range slices.Chunk(ids, pageSize) {
		read, err := c.query(ctx, part)
		if err != nil {
			return nil, err
		}
		out = append(out, read...)
	}
	return out, nil
}

func (c *Client) query(ctx context.Context, ids []int64) ([]Trunk, error) {
	op := fmt.Sprintf("read %d trunks", len(ids))
	texts := make([]string, len(ids))
	for i, id := range ids {
		if id <= 0 {
			return nil, invalid(op, "a trunk id is a positive number")
		}
		texts[i] = strconv.FormatInt(id, 10)
	}
	a, err := c.get(ctx, op, "trunk/query", url.Values{"ids": {strings.Join(texts, ",")}})
	if err != nil {
		return nil, err
	}
	wires, err := many[trunkWire](a.Data)
	if err != nil {
		return nil, malformed(op, a, err)
	}
	byID := make(map[int64]Trunk, len(wires))
	for _, w := range wires {
		t, err := w.trunk()
		if err != nil {
			return nil, malformed(op, a, err)
		}
		byID[t.ID] = t
	}
	out := make([]Trunk, len(ids))
	for i, id := range ids {
		t, ok := byID[id]
		if !ok {
			return nil, malformed(op, a, fmt.Errorf("trunk %d is not in the answer", id))
		}
		out[i] = t
	}
	return out, nil
}
