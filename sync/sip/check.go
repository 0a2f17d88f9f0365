package sip

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"cordboard/sync/fleet"
)

// The limits of the Cloud admin guide (contract §5.2, §5.3, §5.5), which the API is taken to share.
const (
	MaxName     = 63
	MaxText     = 255
	MaxCID      = 31
	MaxCIDName  = 127
	MaxRange    = 500
	MaxPort     = 65535
	placeholder = "{{.Ext}}"
)

// Check holds what shall change against the rules, setting by setting. What stays as it is was the
// PBX's own choice and is not judged.
func Check(before, want Trunk) []fleet.Field {
	c := checker{before: before, want: want, mine: map[string]bool{}}
	for _, f := range Fields(before) {
		c.mine[f.Name] = !f.same(before, want)
	}
	c.line()
	c.farEnd()
	c.login()
	c.proxy()
	c.caller()
	c.didList()
	return c.bad
}

// CheckPassword judges a new password. Its strength is the PBX's to judge.
func CheckPassword(length int) []fleet.Field {
	if length > MaxText {
		return []fleet.Field{{Name: PasswordName, Rule: fmt.Sprintf("At most %d characters.", MaxText)}}
	}
	return nil
}

type checker struct {
	before, want Trunk
	mine         map[string]bool // the settings that change
	bad          []fleet.Field
}

func (c *checker) say(name, rule string, args ...any) {
	c.bad = append(c.bad, fleet.Field{Name: name, Rule: fmt.Sprintf(rule, args...)})
}

func (c *checker) line() {
	if c.mine["name"] {
		switch name := c.want.Name; {
		case name == "":
			c.say("name", "A trunk needs a name.")
		case len([]rune(name)) > MaxName:
			c.say("name", "At most %d characters.", MaxName)
		case strings.ContainsFunc(name, unprintable):
			c.say("name", "No spaces.")
		}
	}
	if c.mine["transport"] && !slices.Contains(Transports(c.before.Type, c.before.Transport), c.want.Transport) {
		c.say("transport", "One of those that this type of trunk takes.")
	}
	if !c.mine["codec_sel"] {
		return
	}
	if len(c.want.Codecs) == 0 {
		c.say("codec_sel", "At least one codec.")
	}
	for i, codec := range c.want.Codecs {
		switch {
		case !slices.Contains(Codecs, codec) && !slices.Contains(c.before.Codecs, codec):
			c.say("codec_sel", "There is no codec %q.", codec)
		case slices.Index(c.want.Codecs, codec) != i:
			c.say("codec_sel", "%s stands twice.", codec)
		}
	}
}

func (c *checker) farEnd() {
	if c.mine["hostname"] {
		c.host("hostname", c.want.Hostname, true)
	}
	if c.mine["domain"] {
		c.host("domain", c.want.Domain, true)
	}
	if c.mine["port"] && (c.want.Port < 0 || c.want.Port > MaxPort) {
		c.say("port", "0 to %d.", MaxPort)
	}
}

// host judges a name or an address without scheme, port or path.
func (c *checker) host(name, value string, needed bool) {
	switch {
	case value == "" && needed:
		c.say(name, "A host name or an IP address.")
	case len(value) > MaxText:
		c.say(name, "At most %d characters.", MaxText)
	case strings.ContainsFunc(value, unprintable), strings.ContainsAny(value, "/@?#\\"):
		c.say(name, "A host name or an IP address alone: no sip:, no path, no spaces.")
	case strings.Contains(value, ":") && net.ParseIP(strings.Trim(value, "[]")) == nil:
		c.say(name, "The port has a field of its own.")
	}
}

func (c *checker) login() {
	for _, f := range []struct{ name, value string }{{"username", c.want.Username}, {"auth_name", c.want.AuthName}} {
		if c.mine[f.name] {
			c.short(f.name, f.value, MaxText)
		}
	}
	if c.mine["username"] && c.want.Username == "" {
		c.say("username", "The trunk signs in with it.")
	}
}

func (c *checker) short(name, value string, limit int) {
	switch {
	case len([]rune(value)) > limit:
		c.say(name, "At most %d characters.", limit)
	case strings.ContainsFunc(value, unicode.IsControl):
		c.say(name, "No line breaks or control characters.")
	}
}

func (c *checker) proxy() {
	if !c.mine["enb_outbound_proxy"] && !c.mine["outbound_proxy_server"] && !c.mine["outbound_proxy_port"] {
		return
	}
	if c.want.Proxy || c.mine["outbound_proxy_server"] {
		c.host("outbound_proxy_server", c.want.ProxyServer, c.want.Proxy)
	}
	if c.want.Proxy && c.want.ProxyPort == 0 {
		c.say("outbound_proxy_port", "1 to %d, as long as the proxy is on.", MaxPort)
	} else if c.mine["outbound_proxy_port"] && (c.want.ProxyPort < 1 || c.want.ProxyPort > MaxPort) {
		c.say("outbound_proxy_port", "1 to %d.", MaxPort) // 0 stands for none in answers and must not be sent
	}
}

func (c *checker) caller() {
	if c.mine["def_outbound_cid"] && c.want.CID != "" {
		c.number("def_outbound_cid", c.want.CID, "[]().-+*#", true)
	}
	if c.mine["def_outbound_cid_name"] {
		c.short("def_outbound_cid_name", c.want.CIDName, MaxCIDName)
	}
	if !c.mine[CallerIDList] {
		return
	}
	for i, row := range c.want.CallerIDs {
		at := func(field string) string { return CallerIDList + "." + strconv.Itoa(i) + "." + field }
		c.short(at("outbound_cid_name"), row.Name, MaxCIDName)
		switch row.Option {
		case CIDRange:
			c.cidRange(at, row)
		case CIDShared:
			c.number(at("outbound_cid"), row.CID, "[]().-+*#", true)
			if len(row.Members) == 0 {
				c.say(at("ext_list"), "Pick the extensions or groups that use it.")
			}
		default:
			c.say(at("outbound_cid_option"), "range or shared.")
		}
	}
}

// cidRange judges a range of numbers against its range of extensions.
func (c *checker) cidRange(at func(string) string, row CallerID) {
	numbers, why := span(row.CID, true)
	if why != "" {
		c.say(at("outbound_cid"), "%s", why)
	}
	extensions, whyNot := span(row.ToRange, false)
	if whyNot != "" {
		c.say(at("outbound_cid_to_ext_range"), "%s", whyNot)
	}
	if why != "" || whyNot != "" {
		return
	}
	if numbers > MaxRange {
		c.say(at("outbound_cid"), "At most %d numbers in a range; these are %d.", MaxRange, numbers)
	}
	if numbers != extensions {
		c.say(at("outbound_cid_to_ext_range"), "As many extensions as numbers: %d numbers, %d extensions.", numbers, extensions)
	}
}

// span counts a range written "start-end": both of the same length, digits only, numbers with a + on
// both or on neither.
func span(value string, plus bool) (count int, why string) {
	from, to, two := strings.Cut(value, "-")
	if !two {
		return 0, "A range, written as start-end."
	}
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	if plus && (strings.HasPrefix(from, "+") || strings.HasPrefix(to, "+")) {
		if from, two = strings.CutPrefix(from, "+"); !two {
			return 0, "A + on both ends, or on neither."
		}
		if to, two = strings.CutPrefix(to, "+"); !two {
			return 0, "A + on both ends, or on neither."
		}
	}
	if !digits(from) || !digits(to) {
		return 0, "Both ends are digits."
	}
	if len(from) != len(to) {
		return 0, "Both ends have as many digits."
	}
	if len(from) > MaxCID {
		return 0, fmt.Sprintf("At most %d digits.", MaxCID)
	}
	// Ranges are short: only the last digits may differ.
	common := 0
	for common < len(from) && from[common] == to[common] {
		common++
	}
	if len(from)-common > 9 {
		return MaxRange + 1, ""
	}
	first, _ := strconv.Atoi("0" + from[common:])
	last, _ := strconv.Atoi("0" + to[common:])
	if last < first {
		return 0, "The start comes before the end."
	}
	return last - first + 1, ""
}

func digits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

func (c *checker) didList() {
	if !c.mine[DIDList] {
		return
	}
	marks := "().-+*#"
	if c.before.Type == "peer_port" || c.before.Type == "peer_private" {
		marks += "[]!"
	}
	seen := map[string]int{}
	for i, d := range c.want.DIDs {
		at := DIDList + "." + strconv.Itoa(i)
		c.number(at+".did", d.Number, marks, false)
		c.short(at+".did_name", d.Name, MaxCIDName)
		if first, twice := seen[d.Number]; twice && d.Number != "" {
			c.say(at+".did", "It stands in row %d already.", first+1)
		}
		seen[d.Number] = i
	}
}

// number judges a number as the PBX takes them: letters and digits, and some marks.
func (c *checker) number(name, value, marks string, ext bool) {
	plain := value
	if ext {
		plain = strings.ReplaceAll(plain, placeholder, "")
	}
	odd := strings.IndexFunc(plain, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune(marks, r))
	})
	switch {
	case value == "":
		c.say(name, "A number.")
	case len([]rune(value)) > MaxCID:
		c.say(name, "At most %d characters.", MaxCID)
	case odd >= 0:
		c.say(name, "Digits, letters and %s only.", strings.Join(strings.Split(marks, ""), " "))
	}
}

func unprintable(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
