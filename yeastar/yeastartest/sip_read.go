package yeastartest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// pbxPage is the answer of a list.
type pbxPage struct {
	Total int `json:"total_number"`
	Data  any `json:"data"`
}

// sipRow is an item of trunk/list: what a type does not have is absent.
type sipRow struct {
	ID             int64  `json:"id"`
	Status         int    `json:"status"`
	Name           string `json:"name"`
	Type           string `json:"type"`
	HostPort       string `json:"host_port,omitempty"`
	DefOutboundCID string `json:"def_outbound_cid,omitempty"`
	Username       string `json:"username,omitempty"`
}

// sipInfo is a trunk in full: what a type does not have is absent.
type sipInfo struct {
	ID                  int64         `json:"id"`
	Name                string        `json:"name"`
	Enable              int           `json:"enable"`
	Country             string        `json:"country"`
	ITSP                string        `json:"itsp,omitempty"`
	Type                string        `json:"type"`
	Transport           string        `json:"transport"`
	Hostname            *string       `json:"hostname,omitempty"`
	Port                *int          `json:"port,omitempty"`
	Domain              *string       `json:"domain,omitempty"`
	Username            *string       `json:"username,omitempty"`
	Password            *string       `json:"password,omitempty"`
	AuthName            *string       `json:"auth_name,omitempty"`
	EnbOutboundProxy    *int          `json:"enb_outbound_proxy,omitempty"`
	OutboundProxyServer *string       `json:"outbound_proxy_server,omitempty"`
	OutboundProxyPort   *int          `json:"outbound_proxy_port,omitempty"`
	CodecSel            string        `json:"codec_sel"`
	DefOutboundCID      string        `json:"def_outbound_cid"`
	DefOutboundCIDName  string        `json:"def_outbound_cid_name"`
	OutboundCIDList     []SIPCallerID `json:"outbound_cid_list"`
	DIDList             *[]SIPDID     `json:"did_list,omitempty"`
	Transparent180      *int          `json:"transparent_trans_180_msg,omitempty"`
	SIPAuthCache        *int          `json:"enb_sipauth_cache,omitempty"`
}

func (s *Server) sipInfo(t *sipTrunk) sipInfo {
	info := sipInfo{
		ID: t.ID, Name: t.Name, Enable: bit(!t.Disabled), Country: t.Country, ITSP: t.ITSP, Type: t.Type, Transport: t.Transport,
		CodecSel: t.Codecs, DefOutboundCID: t.CID, DefOutboundCIDName: t.CIDName, OutboundCIDList: append([]SIPCallerID{}, t.CallerIDs...),
	}
	if peer := strings.HasPrefix(t.Type, "peer"); peer || t.Type == "register" {
		dids := append([]SIPDID{}, t.DIDs...)
		info.Hostname, info.Port, info.Domain, info.DIDList = &t.Hostname, &t.Port, &t.Domain, &dids
		if peer && s.a.SIP.PlainPeer {
			info.Type = "peer"
		}
	}
	if t.Type == "register" || t.Type == "account" {
		password := t.Password
		if s.a.SIP.MaskPasswords {
			password = "********"
		}
		info.Username, info.Password, info.AuthName = &t.Username, &password, &t.AuthName
	}
	if t.Type == "register" {
		on, server, port := bit(t.Proxy), t.ProxyServer, t.ProxyPort
		info.EnbOutboundProxy, info.OutboundProxyServer, info.OutboundProxyPort = &on, &server, &port
	}
	if t.Type == "register" || s.a.SIP.NewerEverywhere {
		pass, cache := bit(t.Pass180), bit(t.AuthCache)
		info.Transparent180, info.SIPAuthCache = &pass, &cache
	}
	return info
}

func bit(on bool) int {
	if on {
		return 1
	}
	return 0
}

func (s *Server) sipList(c *pbxCall) (any, *pbxError) {
	return s.sipRows(c, func(sipRow) bool { return true })
}

func (s *Server) sipSearch(c *pbxCall) (any, *pbxError) {
	word := strings.ToLower(c.query.Get("search_value"))
	return s.sipRows(c, func(r sipRow) bool {
		return contains(word, r.Name, r.Type, r.HostPort, r.Username, r.DefOutboundCID)
	})
}

func (s *Server) sipRows(c *pbxCall, keep func(sipRow) bool) (any, *pbxError) {
	rows := []sipRow{}
	for _, t := range c.pbx.own().trunks {
		row := sipRow{ID: t.ID, Status: s.sipStatus(t), Name: t.Name, Type: t.Type, DefOutboundCID: t.CID}
		if t.Hostname != "" {
			row.HostPort = fmt.Sprintf("%s:%d", t.Hostname, t.Port)
		}
		if t.Type == "register" || t.Type == "account" {
			row.Username = t.Username
		}
		if keep(row) {
			rows = append(rows, row)
		}
	}
	return pbxCut(s, c, rows, "id", "name", "type", "host_port", "def_outbound_cid", "username")
}

// pbxCut gives a page of rows that are in the order of their ids.
func pbxCut[T any](s *Server, c *pbxCall, rows []T, sorts ...string) (any, *pbxError) {
	page, size := 1, 20
	for name, into := range map[string]*int{"page": &page, "page_size": &size} {
		if text := c.query.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				return nil, pbxInvalid(pbxParam{Field: name, Value: text})
			}
			*into = n
		}
	}
	if by := c.query.Get("sort_by"); by != "" && !slices.Contains(sorts, by) {
		return nil, pbxInvalid(pbxParam{Field: "sort_by", Value: by})
	}
	most := s.a.SIP.maxPage()
	if size > most && s.a.SIP.RefusePageSize {
		return nil, pbxInvalid(pbxParam{Field: "page_size", Value: strconv.Itoa(size)})
	}
	size = min(size, most)
	if c.query.Get("order_by") == "desc" {
		slices.Reverse(rows)
	}
	total := len(rows)
	from := min((page-1)*size, total)
	rows = rows[from:min(from+size, total)]
	switch {
	case c.page.empty:
		rows = rows[:0]
	case c.page.partial:
		rows = rows[:len(rows)/2]
	}
	return pbxPage{Total: total, Data: rows}, nil
}

func (s *Server) sipGet(c *pbxCall) (any, *pbxError) {
	id, err := strconv.ParseInt(c.query.Get("id"), 10, 64)
	if err != nil {
		return nil, pbxInvalid(pbxParam{Field: "id", Rule: "required"})
	}
	t := c.pbx.own().trunk(id)
	if t == nil || t.Type == "webtrunk" {
		return nil, pbxRefuse(60001)
	}
	if s.a.SIP.GetAsArray {
		return pbxData{[]sipInfo{s.sipInfo(t)}}, nil
	}
	return pbxData{s.sipInfo(t)}, nil
}

// pbxData is an answer with data and no total.
type pbxData struct {
	Data any `json:"data"`
}

func (s *Server) sipQuery(c *pbxCall) (any, *pbxError) {
	out := []sipInfo{}
	for text := range strings.SplitSeq(c.query.Get("ids"), ",") {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, pbxInvalid(pbxParam{Field: "ids", Value: text})
		}
		t := c.pbx.own().trunk(id)
		if t == nil || t.Type == "webtrunk" {
			return nil, pbxRefuse(60001)
		}
		out = append(out, s.sipInfo(t))
	}
	return pbxData{out}, nil
}

// extensionRow is an item of extension/list.
type extensionRow struct {
	ID       int64    `json:"id"`
	Number   string   `json:"number"`
	Name     string   `json:"caller_id_name"`
	Role     string   `json:"role_name"`
	Email    string   `json:"email_addr"`
	Presence string   `json:"presence_status"`
	Online   struct{} `json:"online_status"`
}

func (s *Server) extensionList(c *pbxCall) (any, *pbxError) {
	rows := []extensionRow{}
	for _, e := range c.pbx.own().extensions {
		rows = append(rows, extensionRow{ID: e.ID, Number: e.Number, Name: e.Name, Presence: "available"})
	}
	return pbxCut(s, c, rows, "id", "number", "caller_id_name", "email_addr", "mobile_number", "presence_status")
}

// groupRow is an item of extensiongroup/list.
type groupRow struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Select string `json:"member_select"`
	Total  int    `json:"total_extensions"`
}

func (s *Server) groupList(c *pbxCall) (any, *pbxError) {
	own := c.pbx.own()
	rows := []groupRow{}
	for _, g := range own.groups {
		row := groupRow{g.ID, g.Name, "sel_specific", len(g.Members)}
		if len(g.Members) == 0 {
			row.Select, row.Total = "sel_all_ext", len(own.extensions)
		}
		rows = append(rows, row)
	}
	return pbxCut(s, c, rows, "id", "name")
}

func (s *Server) systemInformation(c *pbxCall) (any, *pbxError) {
	now := s.cfg.Now().UTC()
	info := struct {
		DeviceName string `json:"device_name"`
		Model      string `json:"model_name"`
		SN         string `json:"sn"`
		Firmware   string `json:"firmware_version"`
		SystemTime string `json:"system_time"`
		DateFormat string `json:"system_date_format"`
		TimeFormat string `json:"system_time_format"`
		Uptime     int64  `json:"up_time"`
		Timestamp  int64  `json:"timestamp"`
	}{c.pbx.Name, "P-Series Cloud Edition", c.pbx.Serial, c.pbx.Firmware, now.Format("2006/01/02 15:04:05"),
		"YYYY/MM/DD", "HH:mm:ss", int64(now.Sub(c.pbx.CreatedAt).Seconds()), now.Unix()}
	return pbxData{info}, nil
}
