package form

import (
	"net/url"
	"strconv"
	"strings"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
)

// ReadWide reads one change to many trunks: under the vendor's names, and old_host. What is empty stays.
func ReadWide(v url.Values) (sip.Wide, []fleet.Field) {
	var w sip.Wide
	var bad []fleet.Field
	text := func(name string) *string {
		if value := strings.TrimSpace(v.Get(name)); value != "" {
			return &value
		}
		return nil
	}
	number := func(name string, least int) *int {
		value := text(name)
		if value == nil {
			return nil
		}
		n, err := strconv.Atoi(*value)
		if err != nil || n < least || n > sip.MaxPort {
			bad = append(bad, fleet.Field{Name: name, Rule: strconv.Itoa(least) + " to " + strconv.Itoa(sip.MaxPort) + "."})
			return nil
		}
		return &n
	}
	w.OldHost = strings.TrimSpace(v.Get("old_host"))
	w.Hostname, w.Domain, w.ProxyServer = text("hostname"), text("domain"), text("outbound_proxy_server")
	w.CID, w.CIDName = text("def_outbound_cid"), text("def_outbound_cid_name")
	w.Port, w.ProxyPort = number("port", 0), number("outbound_proxy_port", 1)
	if value := text("transport"); value != nil {
		t := sip.Transport(*value)
		w.Transport = &t
	}
	switch v.Get("enable") {
	case "":
	case "0", "1":
		on := v.Get("enable") == "1"
		w.Enabled = &on
	default:
		bad = append(bad, fleet.Field{Name: "enable", Rule: "0 or 1."})
	}
	for codec := range strings.SplitSeq(v.Get("codec_sel"), ",") {
		if codec = strings.TrimSpace(codec); codec != "" {
			w.Codecs = append(w.Codecs, sip.Codec(codec))
		}
	}
	return w, append(bad, w.Check()...)
}
