package sip

import (
	"slices"
	"strconv"
	"strings"
)

// Field is one setting of a trunk under the vendor's name, with everything that depends on which
// setting it is. The table of all fields is what forms, plans and comparisons are made from.
type Field struct {
	Name  string // the vendor's (seed 003)
	Label string // for people

	has   func(groups, Trunk) bool // whether the trunk has it and its patch can change it
	words func(Trunk) string
	same  func(a, b Trunk) bool
	put   func(from Trunk, in groups)  // takes the setting of from into a patch
	apply func(from groups, to *Trunk) // carries a patch's setting over, when it has one
}

// Words is the setting of a trunk for people.
func (f Field) Words(t Trunk) string { return f.words(t) }

// setting makes a field. of points into a trunk (nil: the trunk has no such setting), slot into a patch
// (nil: patches of this type have no such setting).
func setting[T any](name, label string, of func(*Trunk) *T, slot func(groups) **T, same func(a, b T) bool, words func(T) string) Field {
	get := func(t Trunk) (v T) {
		if p := of(&t); p != nil {
			v = *p
		}
		return v
	}
	return Field{
		Name: name, Label: label,
		has:   func(g groups, t Trunk) bool { return slot(g) != nil && of(&t) != nil },
		words: func(t Trunk) string { return words(get(t)) },
		same:  func(a, b Trunk) bool { return same(get(a), get(b)) },
		put:   func(from Trunk, in groups) { v := get(from); *slot(in) = &v },
		apply: func(from groups, to *Trunk) {
			if at := slot(from); at != nil && *at != nil {
				*of(to) = **at
			}
		},
	}
}

// listing makes a field that is a list. A patch that empties it has the empty list and never nil: stored with a plan,
// nil would come back as "stays as it is".
func listing[E any](name, label string, of func(*Trunk) *[]E, slot func(groups) **[]E, same func(a, b []E) bool, words func([]E) string) Field {
	f := setting(name, label, of, slot, same, words)
	f.put = func(from Trunk, in groups) {
		list := append([]E{}, *of(&from)...)
		*slot(in) = &list
	}
	return f
}

func equal[T comparable](a, b T) bool { return a == b }

func text[T ~string](v T) string { return string(v) }

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func onOff(v bool) string {
	if v {
		return "on"
	}
	return "off"
}

// in gives a slot of a group that a patch may not have.
func in[G, T any](group func(groups) *G, slot func(*G) **T) func(groups) **T {
	return func(g groups) **T {
		if at := group(g); at != nil {
			return slot(at)
		}
		return nil
	}
}

func ofLine(g groups) *LinePatch     { return g.line }
func ofFarEnd(g groups) *FarEndPatch { return g.farEnd }
func ofLogin(g groups) *LoginPatch   { return g.login }
func ofProxy(g groups) *ProxyPatch   { return g.proxy }
func ofCaller(g groups) *CallerPatch { return g.caller }
func ofDIDs(g groups) *DIDPatch      { return g.dids }
func ofNewer(g groups) *NewerPatch   { return g.newer }

// fields are all settings in the order of seed 003. The password is not among them: it is never read.
func fields() []Field {
	return []Field{
		setting("name", "Name", func(t *Trunk) *string { return &t.Name }, in(ofLine, func(p *LinePatch) **string { return &p.Name }), equal, text),
		setting("enable", "Enabled", func(t *Trunk) *bool { return &t.Enabled }, in(ofLine, func(p *LinePatch) **bool { return &p.Enabled }), equal, onOff),
		setting("transport", "Transport", func(t *Trunk) *Transport { return &t.Transport }, in(ofLine, func(p *LinePatch) **Transport { return &p.Transport }), equal, text),
		setting("hostname", "Hostname or IP", func(t *Trunk) *string { return &t.Hostname }, in(ofFarEnd, func(p *FarEndPatch) **string { return &p.Hostname }), equal, text),
		setting("port", "Port", func(t *Trunk) *int { return &t.Port }, in(ofFarEnd, func(p *FarEndPatch) **int { return &p.Port }), equal, strconv.Itoa),
		setting("domain", "Domain", func(t *Trunk) *string { return &t.Domain }, in(ofFarEnd, func(p *FarEndPatch) **string { return &p.Domain }), equal, text),
		setting("username", "Username", func(t *Trunk) *string { return &t.Username }, in(ofLogin, func(p *LoginPatch) **string { return &p.Username }), equal, text),
		setting("auth_name", "Authentication name", func(t *Trunk) *string { return &t.AuthName }, in(ofLogin, func(p *LoginPatch) **string { return &p.AuthName }), equal, text),
		setting("enb_outbound_proxy", "Outbound proxy", func(t *Trunk) *bool { return &t.Proxy }, in(ofProxy, func(p *ProxyPatch) **bool { return &p.Proxy }), equal, onOff),
		setting("outbound_proxy_server", "Outbound proxy server", func(t *Trunk) *string { return &t.ProxyServer }, in(ofProxy, func(p *ProxyPatch) **string { return &p.ProxyServer }), equal, text),
		setting(ProxyPortName, "Outbound proxy port", func(t *Trunk) *int { return &t.ProxyPort }, in(ofProxy, func(p *ProxyPatch) **int { return &p.ProxyPort }), equal, number),
		listing("codec_sel", "Codecs", func(t *Trunk) *[]Codec { return &t.Codecs }, in(ofLine, func(p *LinePatch) **[]Codec { return &p.Codecs }), slices.Equal, codecWords),
		setting("def_outbound_cid", "Default outbound caller ID", func(t *Trunk) *string { return &t.CID }, in(ofCaller, func(p *CallerPatch) **string { return &p.CID }), equal, text),
		setting("def_outbound_cid_name", "Default outbound caller ID name", func(t *Trunk) *string { return &t.CIDName }, in(ofCaller, func(p *CallerPatch) **string { return &p.CIDName }), equal, text),
		listing(CallerIDList, "Outbound caller IDs", func(t *Trunk) *[]CallerID { return &t.CallerIDs }, in(ofCaller, func(p *CallerPatch) **[]CallerID { return &p.CallerIDs }), sameCallerIDs, callerIDWords),
		listing(DIDList, "DIDs", func(t *Trunk) *[]DID { return &t.DIDs }, in(ofDIDs, func(p *DIDPatch) **[]DID { return &p.DIDs }), slices.Equal, didWords),
		setting("transparent_trans_180_msg", "Pass 180 Ringing on as it came", func(t *Trunk) *bool { return t.Pass180 }, in(ofNewer, func(p *NewerPatch) **bool { return &p.Pass180 }), equal, onOff),
		setting("enb_sipauth_cache", "Reuse SIP authentication", func(t *Trunk) *bool { return t.AuthCache }, in(ofNewer, func(p *NewerPatch) **bool { return &p.AuthCache }), equal, onOff),
	}
}

// The names of fields that others speak of.
const (
	CallerIDList = "outbound_cid_list"
	DIDList      = "did_list"
	PasswordName = "password"

	ProxyPortName = "outbound_proxy_port"
)

// Fields are the settings that a trunk has and a patch can change, in the order of seed 003.
func Fields(t Trunk) []Field {
	p, err := PatchFor(t)
	if err != nil {
		return nil
	}
	g := p.groups()
	return slices.DeleteFunc(fields(), func(f Field) bool { return !f.has(g, t) })
}

// HasLogin reports whether a trunk has a password that can be replaced.
func HasLogin(t Trunk) bool { return !t.Shared && (t.Kind() == Register || t.Kind() == Account) }

// Within is a field's label as it stands within a sentence: in lower case, unless it begins with an abbreviation.
func Within(label string) string {
	if len(label) > 1 && strings.ToUpper(label[:2]) == label[:2] {
		return label
	}
	return strings.ToLower(label[:1]) + label[1:]
}

func codecWords(list []Codec) string {
	words := make([]string, len(list))
	for i, c := range list {
		words[i] = string(c)
	}
	return strings.Join(words, ", ")
}

func didWords(list []DID) string {
	lines := make([]string, len(list))
	for i, d := range list {
		lines[i] = d.Words()
	}
	return strings.Join(lines, "\n")
}

// Words is the DID in one line.
func (d DID) Words() string { return named(d.Number, d.Name) }

func callerIDWords(list []CallerID) string {
	lines := make([]string, len(list))
	for i, c := range list {
		lines[i] = c.Words()
	}
	return strings.Join(lines, "\n")
}

// Words is the caller ID in one line.
func (c CallerID) Words() string {
	line := named(c.CID, c.Name)
	if c.Option == CIDRange {
		return line + " to extensions " + c.ToRange
	}
	who := make([]string, len(c.Members))
	for i, m := range c.Members {
		who[i] = m.Words()
	}
	return line + " for " + strings.Join(who, ", ")
}

// Words is the member for people.
func (m Member) Words() string {
	switch {
	case m.Group && m.Number == "":
		return "group " + strconv.FormatInt(m.ID, 10)
	case m.Group:
		return "group " + m.Number
	case m.Number == "":
		return "extension " + strconv.FormatInt(m.ID, 10) // the PBX told the id alone
	}
	return named(m.Number, m.Name)
}

func named(value, name string) string {
	if name == "" || name == value {
		return value
	}
	return value + " (" + name + ")"
}

// sameCallerIDs compares what a PBX keeps of rows: of a member its id counts, names follow it.
func sameCallerIDs(a, b []CallerID) bool {
	return slices.EqualFunc(a, b, func(x, y CallerID) bool {
		return x.Option == y.Option && x.CID == y.CID && x.Name == y.Name && x.ToRange == y.ToRange &&
			slices.EqualFunc(x.Members, y.Members, func(m, n Member) bool { return m.Group == n.Group && m.ID == n.ID })
	})
}
