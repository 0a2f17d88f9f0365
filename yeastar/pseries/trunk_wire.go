package pseries

import "cordboard/yeastar/internal/wire"

// rowWire is an item of trunk/list and trunk/search (contract §4).
type rowWire struct {
	ID             wire.ID     `json:"id"`
	Status         *wire.Count `json:"status"`
	Name           wire.Text   `json:"name"`
	Type           wire.Text   `json:"type"`
	HostPort       *wire.Text  `json:"host_port"`
	DefOutboundCID *wire.Text  `json:"def_outbound_cid"`
	Username       *wire.Text  `json:"username"`
}

func (w rowWire) row() (TrunkRow, error) {
	r := TrunkRow{ID: int64(w.ID), Name: string(w.Name), Type: string(w.Type),
		HostPort: text(w.HostPort), DefOutboundCID: text(w.DefOutboundCID), Username: text(w.Username)}
	if w.Status != nil {
		s := State(*w.Status)
		r.State = &s
	}
	return r, nil
}

// trunkWire is a trunk as trunk/get and trunk/query tell it. Every key may be missing; there are more
// on real PBXs, which are left alone.
type trunkWire struct {
	ID                  wire.ID       `json:"id"`
	Name                wire.Text     `json:"name"`
	Enable              *wire.Enabled `json:"enable"`
	Country             *wire.Text    `json:"country"`
	ITSP                *wire.Text    `json:"itsp"`
	Type                wire.Text     `json:"type"`
	Transport           *wire.Text    `json:"transport"`
	Hostname            *wire.Text    `json:"hostname"`
	Port                *wire.Count   `json:"port"`
	Domain              *wire.Text    `json:"domain"`
	Username            *wire.Text    `json:"username"`
	Password            *wire.Text    `json:"password"`
	AuthName            *wire.Text    `json:"auth_name"`
	EnbOutboundProxy    *wire.Enabled `json:"enb_outbound_proxy"`
	OutboundProxyServer *wire.Text    `json:"outbound_proxy_server"`
	OutboundProxyPort   *wire.Count   `json:"outbound_proxy_port"`
	CodecSel            *wire.Text    `json:"codec_sel"`
	DefOutboundCID      *wire.Text    `json:"def_outbound_cid"`
	DefOutboundCIDName  *wire.Text    `json:"def_outbound_cid_name"`
	OutboundCIDList     *[]cidRead    `json:"outbound_cid_list"`
	DIDList             *[]didRead    `json:"did_list"`

	Transparent180  wire.Maybe[*wire.Enabled] `json:"transparent_trans_180_msg"`
	SIPAuthCache    wire.Maybe[*wire.Enabled] `json:"enb_sipauth_cache"`
	SIPAndSDPIP     wire.Maybe[*wire.Text]    `json:"setting_of_sip_and_sdp_ip"`
	SIPAndSDPIPAddr wire.Maybe[*wire.Text]    `json:"sip_and_sdp_ip_addr"`
	Ignore100       wire.Maybe[*wire.Enabled] `json:"ignore_100_response"`
	ForceDODFrom    wire.Maybe[*wire.Enabled] `json:"force_dod_from"`
	SBCRouting      wire.Maybe[*wire.Enabled] `json:"enb_sbc_routing"`
}

// cidRead is an outbound caller ID as it is read.
type cidRead struct {
	Option  wire.Text    `json:"outbound_cid_option"`
	CID     wire.Text    `json:"outbound_cid"`
	Name    wire.Text    `json:"outbound_cid_name"`
	ToRange wire.Text    `json:"outbound_cid_to_ext_range"`
	ExtList []memberRead `json:"ext_list"`
}

type memberRead struct {
	Type   wire.Text `json:"type"`
	Number wire.Text `json:"ext_number"`
	Name   wire.Text `json:"ext_name"`
	ID     wire.ID   `json:"id"`
}

type didRead struct {
	DID  wire.Text `json:"did"`
	Name wire.Text `json:"did_name"`
}

func (w trunkWire) trunk() (Trunk, error) {
	if w.ID == 0 {
		return Trunk{}, errNoID
	}
	t := Trunk{
		ID: int64(w.ID), Name: string(w.Name), Type: string(w.Type), Enabled: onOff(w.Enable),
		Country: text(w.Country), ITSP: text(w.ITSP), Transport: text(w.Transport),
		Hostname: text(w.Hostname), Port: number(w.Port), Domain: text(w.Domain),
		Username: text(w.Username), Password: secret(w.Password), AuthName: text(w.AuthName),
		OutboundProxy: onOff(w.EnbOutboundProxy), OutboundProxyServer: text(w.OutboundProxyServer), OutboundProxyPort: number(w.OutboundProxyPort),
		Codecs: text(w.CodecSel), DefOutboundCID: text(w.DefOutboundCID), DefOutboundCIDName: text(w.DefOutboundCIDName),
		Newer: Newer{
			Transparent180: onOff(w.Transparent180.V), SIPAuthCache: onOff(w.SIPAuthCache.V),
			SIPAndSDPIP: text(w.SIPAndSDPIP.V), SIPAndSDPIPAddr: text(w.SIPAndSDPIPAddr.V),
			Ignore100: onOff(w.Ignore100.V), ForceOutboundCID: onOff(w.ForceDODFrom.V), SBCRouting: onOff(w.SBCRouting.V),
		},
	}
	if w.OutboundCIDList != nil {
		t.OutboundCIDs = make([]OutboundCID, len(*w.OutboundCIDList))
		for i, r := range *w.OutboundCIDList {
			t.OutboundCIDs[i] = r.cid()
		}
	}
	if w.DIDList != nil {
		t.DIDs = make([]DID, len(*w.DIDList))
		for i, r := range *w.DIDList {
			t.DIDs[i] = DID{Number: string(r.DID), Name: string(r.Name)}
		}
	}
	return t, nil
}

func (r cidRead) cid() OutboundCID {
	c := OutboundCID{Option: string(r.Option), CID: string(r.CID), Name: string(r.Name), Extensions: string(r.ToRange), Members: []CIDMember{}}
	for _, m := range r.ExtList {
		c.Members = append(c.Members, CIDMember{Type: string(m.Type), Number: string(m.Number), Name: string(m.Name), ID: int64(m.ID)})
	}
	return c
}
