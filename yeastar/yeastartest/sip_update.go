package yeastartest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// sipCodecs are the tokens of codec_sel (seed 003).
var sipCodecs = []string{"ulaw", "alaw", "g729", "gsm", "h264", "h263", "h263p", "ilbc", "g722", "g726", "speex", "adpcm", "mpeg4", "vp8", "opus"}

// sharedFields are what a PBX may change of a trunk that YCM shares with it.
var sharedFields = []string{"def_outbound_cid", "def_outbound_cid_name", "outbound_cid_list"}

// sipFields says what each kind of trunk takes, after seed 003's tables 1, 5 and 9 and the newer fields.
func (a SIPAssumptions) sipFields(kind string) []string {
	fields := []string{"name", "enable", "transport", "codec_sel", "def_outbound_cid", "def_outbound_cid_name", "outbound_cid_list"}
	far := []string{"hostname", "port", "domain", "did_list"}
	login := []string{"username", "password", "auth_name"}
	newer := []string{"transparent_trans_180_msg", "enb_sipauth_cache"}
	switch {
	case kind == "register":
		fields = slices.Concat(fields, far, login, newer, []string{"enb_outbound_proxy", "outbound_proxy_server", "outbound_proxy_port"})
	case kind == "account":
		fields = slices.Concat(fields, login)
	case strings.HasPrefix(kind, "peer"):
		fields = slices.Concat(fields, far)
	default:
		return nil
	}
	if a.NewerEverywhere {
		fields = append(fields, newer...)
	}
	return fields
}

// sipUpdate changes a trunk, all or nothing: what is not named stays, a list replaces the list.
func (s *Server) sipUpdate(c *pbxCall) (any, *pbxError) {
	var body map[string]json.RawMessage
	if json.Unmarshal(c.body, &body) != nil {
		return nil, pbxRefuse(40001)
	}
	id, ok := integer(body["id"])
	if !ok {
		return nil, pbxInvalid(pbxParam{Field: "id", Rule: "required"})
	}
	delete(body, "id")
	own := c.pbx.own()
	t := own.trunk(id)
	if t == nil || t.Type == "webtrunk" {
		return nil, pbxRefuse(60001)
	}
	allowed := s.a.SIP.sipFields(t.Type)
	if t.SharedFrom != 0 {
		allowed = sharedFields
	}
	u := sipEdit{s: s, own: own, want: t.SIPTrunk}
	for _, name := range sortedNames(body) {
		switch {
		case slices.Contains(allowed, name):
			u.set(name, body[name])
		case t.SharedFrom != 0 && s.a.SIP.Shared == SharedIgnored:
		case t.SharedFrom != 0 && s.a.SIP.Shared == SharedDenied:
			return nil, pbxRefuse(10009)
		default:
			u.bad = append(u.bad, pbxParam{Field: name, Value: "not supported"})
		}
	}
	if len(u.bad) > 0 {
		return nil, pbxInvalid(u.bad...)
	}
	for _, other := range own.trunks {
		if other.ID != id && strings.EqualFold(other.Name, u.want.Name) {
			return nil, &pbxError{code: 40003, dups: []pbxDup{{"name", u.want.Name, "trunk", other.Name}}}
		}
	}
	t.SIPTrunk = u.want
	if t.Type == "register" && t.SharedFrom == 0 {
		t.settles = time.Now().Add(s.a.SIP.settle())
	}
	return nil, nil
}

// sipEdit collects a change and what is wrong with it.
type sipEdit struct {
	s    *Server
	own  *sipRec
	want SIPTrunk
	bad  []pbxParam
}

func (u *sipEdit) refuse(name string, raw json.RawMessage) {
	u.bad = append(u.bad, pbxParam{Field: name, Value: strings.Trim(string(raw), `"`)})
}

func (u *sipEdit) text(name string, raw json.RawMessage, into *string, most int) {
	var v *string
	if json.Unmarshal(raw, &v) != nil || v == nil || utf8.RuneCountInString(*v) > most {
		u.refuse(name, raw)
		return
	}
	*into = *v
}

func (u *sipEdit) number(name string, raw json.RawMessage, into *int, least, most int64) {
	n, ok := integer(raw)
	if !ok || n < least || n > most {
		u.refuse(name, raw)
		return
	}
	*into = int(n)
}

func (u *sipEdit) flag(name string, raw json.RawMessage, into *bool) {
	n := bit(*into)
	u.number(name, raw, &n, 0, 1)
	*into = n == 1
}

func (u *sipEdit) set(name string, raw json.RawMessage) {
	w := &u.want
	switch name {
	case "name":
		u.text(name, raw, &w.Name, 63)
		if w.Name == "" || strings.ContainsFunc(w.Name, unicode.IsSpace) {
			u.refuse(name, raw)
		}
	case "enable":
		on := !w.Disabled
		u.flag(name, raw, &on)
		w.Disabled = !on
	case "transport":
		u.text(name, raw, &w.Transport, 10)
		if !slices.Contains([]string{"udp", "tcp", "tls", "dnsnaptr"}, w.Transport) || w.Type == "account" && w.Transport == "dnsnaptr" {
			u.refuse(name, raw)
		}
	case "hostname":
		u.text(name, raw, &w.Hostname, 255)
	case "port":
		u.number(name, raw, &w.Port, 0, 65535)
	case "domain":
		u.text(name, raw, &w.Domain, 255)
	case "username":
		u.text(name, raw, &w.Username, 255)
	case "password":
		u.text(name, raw, &w.Password, 255)
		if u.s.a.SIP.StrongPasswords && len(w.Password) < 10 {
			u.refuse(name, raw)
		}
	case "auth_name":
		u.text(name, raw, &w.AuthName, 255)
	case "enb_outbound_proxy":
		u.flag(name, raw, &w.Proxy)
	case "outbound_proxy_server":
		u.text(name, raw, &w.ProxyServer, 255)
	case "outbound_proxy_port":
		u.number(name, raw, &w.ProxyPort, 1, 65535)
	case "codec_sel":
		u.text(name, raw, &w.Codecs, 255)
		for codec := range strings.SplitSeq(w.Codecs, ",") {
			if !slices.Contains(sipCodecs, codec) {
				u.refuse(name, raw)
				return
			}
		}
	case "def_outbound_cid":
		u.text(name, raw, &w.CID, 31)
	case "def_outbound_cid_name":
		u.text(name, raw, &w.CIDName, 127)
	case "outbound_cid_list":
		u.callerIDs(name, raw)
	case "did_list":
		u.dids(name, raw)
	case "transparent_trans_180_msg":
		u.flag(name, raw, &w.Pass180)
	case "enb_sipauth_cache":
		u.flag(name, raw, &w.AuthCache)
	}
}

// callerIDs replaces the outbound caller IDs; members get the numbers and names of their ids.
func (u *sipEdit) callerIDs(name string, raw json.RawMessage) {
	var list []SIPCallerID
	if json.Unmarshal(raw, &list) != nil || list == nil {
		u.refuse(name, nil)
		return
	}
	for i, c := range list {
		at := name + "[" + strconv.Itoa(i) + "]."
		switch {
		case c.CID == "":
			u.bad = append(u.bad, pbxParam{Field: at + "outbound_cid", Rule: "required"})
		case c.Option != "range" && c.Option != "shared":
			u.bad = append(u.bad, pbxParam{Field: at + "outbound_cid_option", Value: c.Option})
		case c.Option == "range" && c.ToRange == "":
			u.bad = append(u.bad, pbxParam{Field: at + "outbound_cid_to_ext_range", Rule: "required"})
		case c.Option == "shared" && len(c.Members) == 0:
			u.bad = append(u.bad, pbxParam{Field: at + "ext_list", Rule: "required"})
		}
		for j := range c.Members {
			if !u.own.complete(&c.Members[j]) {
				u.bad = append(u.bad, pbxParam{Field: at + "ext_list", Value: strconv.FormatInt(c.Members[j].ID, 10)})
			}
		}
	}
	if u.s.a.SIP.MergeArrays {
		list = append(slices.Clone(u.want.CallerIDs), list...)
	}
	u.want.CallerIDs = list
}

// complete fills in what the PBX knows of a member, and says whether there is one with its id.
func (r *sipRec) complete(m *SIPMember) bool {
	if m.Type == "ext_group" {
		i := slices.IndexFunc(r.groups, func(g ExtensionGroup) bool { return g.ID == m.ID })
		if i < 0 {
			return false
		}
		m.Number, m.Name = r.groups[i].Name, r.groups[i].Name
		return true
	}
	i := slices.IndexFunc(r.extensions, func(e Extension) bool { return e.ID == m.ID })
	if i < 0 {
		return false
	}
	m.Type, m.Number, m.Name = "extension", r.extensions[i].Number, r.extensions[i].Name
	return true
}

func (u *sipEdit) dids(name string, raw json.RawMessage) {
	var list []SIPDID
	if json.Unmarshal(raw, &list) != nil || list == nil {
		u.refuse(name, nil)
		return
	}
	for i, d := range list {
		if d.Number == "" || len(d.Number) > 31 {
			u.bad = append(u.bad, pbxParam{Field: name + "[" + strconv.Itoa(i) + "].did", Rule: "required"})
		}
	}
	if u.s.a.SIP.MergeArrays {
		list = append(slices.Clone(u.want.DIDs), list...)
	}
	u.want.DIDs = list
}

func sortedNames(body map[string]json.RawMessage) []string {
	names := make([]string, 0, len(body))
	for name := range body {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
