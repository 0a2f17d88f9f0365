package sip

import (
	"slices"
	"strconv"
	"strings"

	"cordboard/sync/fleet"
)

// Wide is one change for many trunks: nil stays. What a trunk's type does not have is left out.
type Wide struct {
	Enabled     *bool
	Transport   *Transport
	Hostname    *string
	Port        *int
	Domain      *string
	ProxyServer *string
	ProxyPort   *int
	Codecs      []Codec // empty stays
	CID         *string
	CIDName     *string
	// OldHost narrows what Hostname, Domain and ProxyServer replace: only settings that name this host.
	OldHost string
}

// Want is what the change makes of a trunk.
func (w Wide) Want(t Trunk) Trunk {
	want := t.clone()
	replace(&want.Enabled, w.Enabled)
	replace(&want.Transport, w.Transport)
	replace(&want.Port, w.Port)
	replace(&want.ProxyPort, w.ProxyPort)
	replace(&want.CID, w.CID)
	replace(&want.CIDName, w.CIDName)
	w.host(&want.Hostname, w.Hostname)
	w.host(&want.Domain, w.Domain)
	w.host(&want.ProxyServer, w.ProxyServer)
	if len(w.Codecs) > 0 {
		want.Codecs = slices.Clone(w.Codecs)
	}
	return want
}

func replace[T any](at *T, by *T) {
	if by != nil {
		*at = *by
	}
}

func (w Wide) host(at *string, by *string) {
	if w.OldHost == "" || *at == w.OldHost {
		replace(at, by)
	}
}

// Settings are what it changes, each with its new value.
func (w Wide) Settings() []Change {
	record := w.Record()
	var changes []Change
	for _, f := range fields() {
		if to, set := record[f.Name]; set {
			changes = append(changes, Change{Name: f.Name, Label: f.Label, To: to})
		}
	}
	return changes
}

// Names are the settings that it changes, for people.
func (w Wide) Names() []string {
	var names []string
	for _, c := range w.Settings() {
		names = append(names, c.Label)
	}
	return names
}

// Words are the settings that it changes, within a sentence.
func (w Wide) Words() string {
	names := w.Names()
	for i, name := range names {
		names[i] = Within(name)
	}
	return strings.Join(names, ", ")
}

// Check holds it against the rules that are the same for every type. What a trunk's own type forbids shows when
// its plan is made.
func (w Wide) Check() []fleet.Field {
	blank := Trunk{Type: string(Register), Name: "any", Proxy: false}
	bad := Check(blank, Wide{Transport: w.Transport, Hostname: w.Hostname, Port: w.Port, Domain: w.Domain, ProxyServer: w.ProxyServer,
		ProxyPort: w.ProxyPort, Codecs: w.Codecs, CID: w.CID, CIDName: w.CIDName}.Want(blank))
	if w.OldHost != "" && w.Hostname == nil && w.Domain == nil && w.ProxyServer == nil {
		bad = append(bad, fleet.Field{Name: "hostname", Rule: "The host that replaces it."})
	}
	return bad
}

// Lacks are the settings that it would change and that a trunk of this type does not have, for people.
func (w Wide) Lacks(t Trunk) []string {
	has := Fields(t)
	var names []string
	for _, f := range fields() {
		if _, set := w.Record()[f.Name]; set && !slices.ContainsFunc(has, func(h Field) bool { return h.Name == f.Name }) {
			names = append(names, f.Label)
		}
	}
	return names
}

// Record is what it changes, by the vendor's names.
func (w Wide) Record() map[string]string {
	record := map[string]string{}
	note(record, "enable", w.Enabled, onOff)
	note(record, "transport", w.Transport, text)
	note(record, "hostname", w.Hostname, text)
	note(record, "port", w.Port, strconv.Itoa)
	note(record, "domain", w.Domain, text)
	note(record, "outbound_proxy_server", w.ProxyServer, text)
	note(record, "outbound_proxy_port", w.ProxyPort, strconv.Itoa)
	note(record, "def_outbound_cid", w.CID, text)
	note(record, "def_outbound_cid_name", w.CIDName, text)
	if len(w.Codecs) > 0 {
		record["codec_sel"] = codecWords(w.Codecs)
	}
	return record
}

func note[T any](record map[string]string, name string, v *T, words func(T) string) {
	if v != nil {
		record[name] = words(*v)
	}
}
