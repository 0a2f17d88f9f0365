package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cordboard/sync/sip"
	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
	"cordboard/web/form"
)

// lineForm fills the form of a trunk.
type lineForm struct {
	fields
	l    *line
	want []views.TrunkGroup
}

// part is a group of the form, with the settings that it has room for, in the order of seed 003.
type part struct {
	id, title string
	names     []string
}

func lineParts() []part {
	return []part{
		{"line", "Trunk", []string{"name", "enable", "transport"}},
		{"far", "Far end", []string{"hostname", "port", "domain"}},
		{"login", "Sign-in", []string{"username", sip.PasswordName, "auth_name"}},
		{"proxy", "Outbound proxy", []string{"enb_outbound_proxy", "outbound_proxy_server", "outbound_proxy_port"}},
		{"codecs", "Codecs", []string{"codec_sel"}},
		{"caller", "Outbound caller ID", []string{"def_outbound_cid", "def_outbound_cid_name", sip.CallerIDList}},
		{"dids", "DIDs", []string{sip.DIDList}},
		{"newer", "Newer settings", []string{"transparent_trans_180_msg", "enb_sipauth_cache"}},
	}
}

// form is what can be changed of the trunk: exactly the settings that it has.
func (l *line) form() *views.TrunkForm {
	f := lineForm{l: l, fields: fields{v: l.values(), wrong: l.wrong}}
	has := sip.Fields(l.trunk)
	for _, p := range lineParts() {
		g := views.TrunkGroup{ID: p.id, Title: p.title}
		any := false
		for _, name := range p.names {
			i := slices.IndexFunc(has, func(o sip.Field) bool { return o.Name == name })
			switch {
			case i >= 0:
				f.add(&g, has[i])
				any = true
			case name == sip.PasswordName && sip.HasLogin(l.trunk):
				g.Controls = append(g.Controls, f.password())
			}
		}
		if p.id == "newer" {
			g.Help = "The firmware of this PBX has these; older ones don't."
		}
		if any {
			f.want = append(f.want, g)
		}
	}
	out := &views.TrunkForm{Action: href.PBXTrunk(int64(l.row.ID), int64(l.trunk.ID)), Base: l.base, Groups: f.want, Save: "Review changes",
		Note: "Nothing is sent yet: the next page shows what would change. Only what you change is sent."}
	for _, m := range l.members.All() {
		if o := (views.MemberOption{Value: form.MemberToken(m), Label: m.Words()}); !slices.Contains(out.People, o) {
			out.People = append(out.People, o)
		}
	}
	return out
}

// add gives a setting its control.
func (f *lineForm) add(g *views.TrunkGroup, s sip.Field) {
	switch s.Name {
	case "enable", "enb_outbound_proxy", "transparent_trans_180_msg", "enb_sipauth_cache":
		g.Controls = append(g.Controls, f.radios(ui.Radios{Name: s.Name, Label: s.Label, Help: lineHelp(s.Name)}, "1", "On", "0", "Off"))
	case "transport":
		g.Controls = append(g.Controls, f.transport(s))
	case "codec_sel":
		g.Codecs = f.codecs()
	case sip.CallerIDList:
		g.CallerIDs = f.callerIDs()
	case sip.DIDList:
		g.DIDs = f.dids()
		g.Help = "The PBX's own list of numbers on this trunk, which inbound routes go by. YCM's bindings are on the DIDs page."
	default:
		c := ui.Field{Name: s.Name, Label: s.Label, Help: lineHelp(s.Name)}
		if s.Name == "port" || s.Name == "outbound_proxy_port" {
			c.Type = "number"
			if text := f.v.Get(s.Name); text != "" {
				if _, err := strconv.Atoi(text); err != nil {
					c.Type = "" // a browser would drop what is no number
				}
			}
		}
		g.Controls = append(g.Controls, f.text(c))
	}
}

// lineHelp is the rule of a setting (contract pseries-api §5.5).
func lineHelp(name string) string {
	switch name {
	case "name":
		return fmt.Sprintf("At most %d characters, no spaces, unique on the PBX.", sip.MaxName)
	case "hostname":
		return "Host name or IP address of the provider."
	case "port":
		return fmt.Sprintf("0 to %d.", sip.MaxPort)
	case "domain":
		return "The provider's SIP domain. The host name, if it gave none."
	case "username":
		return "What the trunk signs in with."
	case "auth_name":
		return "If the provider gave none: the user name."
	case "enb_outbound_proxy":
		return "Server and port are needed while it is on."
	case "outbound_proxy_port":
		return fmt.Sprintf("1 to %d.", sip.MaxPort)
	case "def_outbound_cid":
		return fmt.Sprintf("At most %d digits, letters or [ ] ( ) . - + * #; {{.Ext}} stands for the extension.", sip.MaxCID)
	case "def_outbound_cid_name":
		return fmt.Sprintf("At most %d characters.", sip.MaxCIDName)
	case "transparent_trans_180_msg":
		return "Ringing goes to the caller as the far end sent it."
	case "enb_sipauth_cache":
		return "A sign-in that worked is used for the next calls too."
	}
	return ""
}

func (f *lineForm) password() ui.Control {
	c := ui.Field{Name: sip.PasswordName, Label: "Password", Type: "password", Autocomplete: "new-password", Placeholder: "stays as it is",
		Help: "Set. Type a new one to replace it; it is never shown. The PBX may want 10 characters with digits, upper and lower case."}
	if f.l.typed.Has(sip.PasswordName) && f.l.typed.Get(sip.PasswordName) != "" {
		c.Help = "Type the new password again: it was not kept."
	}
	c.Error, c.Focus = f.of(c.Name), f.first(c.Name)
	return c
}

func (f *lineForm) transport(s sip.Field) ui.Control {
	c := ui.Select{Name: s.Name, Label: s.Label, Error: f.of(s.Name), Focus: f.first(s.Name)}
	if guide := sip.GuideTransports(f.l.trunk.Type); guide != nil {
		names := make([]string, len(guide))
		for i, t := range guide {
			names[i] = transportWords(t)
		}
		c.Help = "Yeastar's guide names " + strings.Join(names, ", ") + " for this type; the PBX decides."
	}
	chosen := f.v.Get(s.Name)
	list := sip.Transports(f.l.trunk.Type, f.l.trunk.Transport)
	if chosen != "" && !slices.Contains(list, sip.Transport(chosen)) {
		list = append(slices.Clone(list), sip.Transport(chosen))
	}
	for _, t := range list {
		c.Options = append(c.Options, ui.Option{Value: string(t), Label: transportWords(t), Selected: string(t) == chosen})
	}
	return c
}

func transportWords(t sip.Transport) string {
	switch t {
	case sip.UDP, sip.TCP, sip.TLS:
		return map[sip.Transport]string{sip.UDP: "UDP", sip.TCP: "TCP", sip.TLS: "TLS"}[t]
	case sip.DNSNAPTR:
		return "DNS NAPTR"
	}
	return short(string(t), 40)
}

// codecs are as many choices as there are codecs, in order; an empty one counts for nothing.
func (f *lineForm) codecs() *views.CodecPick {
	pick := &views.CodecPick{Error: f.of("codec_sel"), Help: "In order of preference. Empty a line to take a codec out."}
	chosen := f.v["codec_sel"]
	known := slices.Clone(sip.Codecs)
	for _, c := range append(slices.Clone(f.l.trunk.Codecs), asCodecs(chosen)...) {
		if c != "" && !slices.Contains(known, c) {
			known = append(known, c)
		}
	}
	if f.l.added == "codec_sel" || len(chosen) == 0 {
		chosen = append(slices.Clone(chosen), "")
	}
	for i, value := range chosen {
		s := ui.Select{Name: "codec_sel", Label: "Choice " + strconv.Itoa(i+1), Options: []ui.Option{{Label: "none", Selected: value == ""}}}
		s.Focus = f.l.added == "codec_sel" && i == len(chosen)-1
		for _, c := range known {
			s.Options = append(s.Options, ui.Option{Value: string(c), Label: string(c), Selected: string(c) == value})
		}
		pick.Rows = append(pick.Rows, s)
	}
	if len(chosen) < len(known) {
		pick.More = "codec_sel"
	}
	return pick
}

func asCodecs(values []string) []sip.Codec {
	list := make([]sip.Codec, len(values))
	for i, v := range values {
		list[i] = sip.Codec(v)
	}
	return list
}

// rows is how many rows of a list the form shows, and which of them was just added, or -1.
func (f *lineForm) rows(list string) (n, fresh int) {
	n = form.TrunkRows(f.v, list)
	if f.l.added == list && n < form.MaxRows {
		return n + 1, n
	}
	return n, -1
}

func (f *lineForm) cell(list string, row int, c ui.Field, fresh bool) ui.Field {
	c.Name = form.RowField(list, row, c.Name)
	c = f.text(c)
	c.Focus = c.Focus || fresh
	return c
}

func (f *lineForm) dids() *views.DIDRows {
	out := &views.DIDRows{Error: f.of(sip.DIDList)}
	n, fresh := f.rows(sip.DIDList)
	for i := range n {
		title := rowTitle(sip.DIDList, i)
		out.Rows = append(out.Rows, views.DIDRow{Title: title, Drop: sip.DIDList + "." + strconv.Itoa(i),
			DID:  f.cell(sip.DIDList, i, ui.Field{Name: "did", Label: title}, i == fresh),
			Name: f.cell(sip.DIDList, i, ui.Field{Name: "did_name", Label: "Name of " + title}, false)})
	}
	return out
}

func (f *lineForm) callerIDs() *views.CallerIDRows {
	out := &views.CallerIDRows{Error: f.of(sip.CallerIDList)}
	n, fresh := f.rows(sip.CallerIDList)
	for i := range n {
		at := func(field string) string { return form.RowField(sip.CallerIDList, i, field) }
		row := views.CallerIDRow{Title: rowTitle(sip.CallerIDList, i), Drop: sip.CallerIDList + "." + strconv.Itoa(i)}
		row.Option = ui.Select{Name: at("outbound_cid_option"), Label: "Given out", Error: f.of(at("outbound_cid_option"))}
		option := f.v.Get(row.Option.Name)
		if option == "" {
			option = string(sip.CIDShared)
		}
		for _, o := range []ui.Option{{Value: string(sip.CIDShared), Label: "One number, shared by some"}, {Value: string(sip.CIDRange), Label: "A range, one number each"}} {
			o.Selected = o.Value == option
			row.Option.Options = append(row.Option.Options, o)
		}
		row.CID = f.cell(sip.CallerIDList, i, ui.Field{Name: "outbound_cid", Label: "Caller ID", Placeholder: "number, or start-end"}, i == fresh)
		row.Name = f.cell(sip.CallerIDList, i, ui.Field{Name: "outbound_cid_name", Label: "Name that is shown"}, false)
		row.Range = f.cell(sip.CallerIDList, i, ui.Field{Name: "outbound_cid_to_ext_range", Label: "Extensions", Placeholder: "start-end"}, false)
		row.Chosen, row.Members = f.chosen(at("ext_list"))
		out.Rows = append(out.Rows, row)
	}
	return out
}

// chosen are the members of a row that are told, and the field for more.
func (f *lineForm) chosen(name string) ([]views.MemberOption, ui.Field) {
	more := ui.Field{Name: name, Error: f.of(name), Focus: f.first(name), Help: "Add by number or name, several with commas."}
	if f.l.members.Away {
		more.Help = "The PBX does not tell its extensions now: only those that are here already can stay."
	}
	var told []views.MemberOption
	for _, value := range f.v[name] {
		m, ok := f.l.members.Told(value)
		switch {
		case ok:
			told = append(told, views.MemberOption{Value: value, Label: m.Words()})
		case more.Value == "":
			more.Value = value
		default:
			more.Value += ", " + value
		}
	}
	return told, more
}
