package pseries

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"cordboard/yeastar"
)

// maxPort is the largest port.
const maxPort = 65535

// trunkUpdate is the body of trunk/update, in the order of seed 003. Only id is required; what is nil
// is left out.
type trunkUpdate struct {
	ID                  int64      `json:"id"`
	Name                *string    `json:"name,omitempty"`
	Enable              *int       `json:"enable,omitempty"`
	Transport           *string    `json:"transport,omitempty"`
	Hostname            *string    `json:"hostname,omitempty"`
	Port                *int       `json:"port,omitempty"`
	Domain              *string    `json:"domain,omitempty"`
	Username            *string    `json:"username,omitempty"`
	Password            *revealed  `json:"password,omitempty"`
	AuthName            *string    `json:"auth_name,omitempty"`
	EnbOutboundProxy    *int       `json:"enb_outbound_proxy,omitempty"`
	OutboundProxyServer *string    `json:"outbound_proxy_server,omitempty"`
	OutboundProxyPort   *int       `json:"outbound_proxy_port,omitempty"`
	CodecSel            *string    `json:"codec_sel,omitempty"`
	DefOutboundCID      *string    `json:"def_outbound_cid,omitempty"`
	DefOutboundCIDName  *string    `json:"def_outbound_cid_name,omitempty"`
	OutboundCIDList     *[]cidSent `json:"outbound_cid_list,omitempty"`
	DIDList             *[]didSent `json:"did_list,omitempty"`

	Transparent180  *int    `json:"transparent_trans_180_msg,omitempty"`
	SIPAuthCache    *int    `json:"enb_sipauth_cache,omitempty"`
	SIPAndSDPIP     *string `json:"setting_of_sip_and_sdp_ip,omitempty"`
	SIPAndSDPIPAddr *string `json:"sip_and_sdp_ip_addr,omitempty"`
	Ignore100       *int    `json:"ignore_100_response,omitempty"`
	ForceDODFrom    *int    `json:"force_dod_from,omitempty"`
	SBCRouting      *int    `json:"enb_sbc_routing,omitempty"`

	secret  yeastar.Secret
	account bool
}

// revealed is a secret on its way to the wire, the one place where it is written.
type revealed struct{ yeastar.Secret }

// MarshalJSON writes the value itself, without the escapes for HTML.
func (r revealed) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r.Reveal()); err != nil {
		return nil, fmt.Errorf("encode a secret: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// cidSent is an outbound caller ID as it is sent (seed 003, table 2).
type cidSent struct {
	Option  string        `json:"outbound_cid_option"`
	CID     string        `json:"outbound_cid"`
	Name    string        `json:"outbound_cid_name,omitempty"`
	ToRange string        `json:"outbound_cid_to_ext_range,omitempty"`
	ExtList *[]memberSent `json:"ext_list,omitempty"`
}

// memberSent is an extension or a group (seed 003, table 3).
type memberSent struct {
	Type   string `json:"type,omitempty"`
	Number string `json:"ext_number,omitempty"`
	Name   string `json:"ext_name,omitempty"`
	ID     int64  `json:"id"`
}

// didSent is a DID (seed 003, table 4).
type didSent struct {
	DID  string `json:"did"`
	Name string `json:"did_name,omitempty"`
}

func (u *trunkUpdate) setPassword(p *yeastar.Secret) {
	if p != nil {
		u.secret = *p
		u.Password = &revealed{*p}
	}
}

func (u *trunkUpdate) setNewer(n Newer) {
	u.Transparent180, u.SIPAuthCache = bit(n.Transparent180), bit(n.SIPAuthCache)
	u.SIPAndSDPIP, u.SIPAndSDPIPAddr = n.SIPAndSDPIP, n.SIPAndSDPIPAddr
	u.Ignore100, u.ForceDODFrom, u.SBCRouting = bit(n.Ignore100), bit(n.ForceOutboundCID), bit(n.SBCRouting)
}

// bit gives a switch as the vendor writes it.
func bit(on *bool) *int {
	if on == nil {
		return nil
	}
	n := 0
	if *on {
		n = 1
	}
	return &n
}

// cidList gives the whole list; nil keeps what the PBX has. An empty list is [] on the wire, never null.
func cidList(ids []OutboundCID) *[]cidSent {
	if ids == nil {
		return nil
	}
	out := make([]cidSent, len(ids))
	for i, c := range ids {
		out[i] = cidSent{Option: c.Option, CID: c.CID, Name: c.Name, ToRange: c.Extensions}
		if c.Option == CIDShared || len(c.Members) > 0 {
			members := make([]memberSent, len(c.Members))
			for j, m := range c.Members {
				members[j] = memberSent(m)
			}
			out[i].ExtList = &members
		}
	}
	return &out
}

func didList(dids []DID) *[]didSent {
	if dids == nil {
		return nil
	}
	out := make([]didSent, len(dids))
	for i, d := range dids {
		out[i] = didSent{DID: d.Number, Name: d.Name}
	}
	return &out
}

// fault says what must not be sent, "" when nothing is wrong. Whether the values make sense is the
// PBX's to say; this is what it would take and what harms.
func (u trunkUpdate) fault() string {
	switch empty := (trunkUpdate{account: u.account}); {
	case reflect.DeepEqual(u, empty):
		return "there is nothing to change"
	case u.Name != nil && *u.Name == "":
		return "a trunk without a name"
	case u.Port != nil && (*u.Port < 0 || *u.Port > maxPort):
		return fmt.Sprintf("port %d", *u.Port)
	case u.OutboundProxyPort != nil && (*u.OutboundProxyPort < 1 || *u.OutboundProxyPort > maxPort):
		return fmt.Sprintf("outbound_proxy_port %d: 0 stands for none in answers and must not be sent", *u.OutboundProxyPort)
	case u.account && u.Transport != nil && *u.Transport == "dnsnaptr":
		return "an account trunk has no transport dnsnaptr"
	}
	if u.OutboundCIDList != nil {
		for i, c := range *u.OutboundCIDList {
			if why := c.fault(); why != "" {
				return fmt.Sprintf("outbound caller ID %d: %s", i+1, why)
			}
		}
	}
	if u.DIDList != nil {
		for i, d := range *u.DIDList {
			if d.DID == "" {
				return fmt.Sprintf("DID %d is empty", i+1)
			}
		}
	}
	return ""
}

// fault holds a caller ID against what table 2 requires.
func (c cidSent) fault() string {
	switch {
	case c.Option != CIDRange && c.Option != CIDShared:
		return "it is neither range nor shared"
	case c.CID == "":
		return "it has no number"
	case c.Option == CIDRange && c.ToRange == "":
		return "a range needs its extensions"
	case c.Option == CIDShared && len(*c.ExtList) == 0:
		return "a shared one needs its extensions or groups"
	}
	if c.ExtList != nil {
		for _, m := range *c.ExtList {
			if m.ID <= 0 {
				return "an extension or group without its id"
			}
		}
	}
	return ""
}
