package form

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
)

// The fields of the form of a PBX's own trunk, beside the vendor's (seed 003). A list field by itself
// says that the form has the list: without it, and without a row, the list stays as it is.
const (
	FieldAddRow  = "add"  // the list that gets one more row
	FieldDropRow = "drop" // the row that goes, "did_list.3"

	fieldOption  = "outbound_cid_option"
	fieldCID     = "outbound_cid"
	fieldCIDName = "outbound_cid_name"
	fieldToRange = "outbound_cid_to_ext_range"
	fieldMembers = "ext_list"
	fieldDID     = "did"
	fieldDIDName = "did_name"
)

// MaxRows is how many rows of one list a form may have.
const MaxRows = 1000

// trunkFields are all settings of seed 003 and contract §5.4, whatever type of trunk has them.
func trunkFields() []string {
	return []string{"name", "enable", "transport", "hostname", "port", "domain", "username", sip.PasswordName, "auth_name",
		"enb_outbound_proxy", "outbound_proxy_server", "outbound_proxy_port", "codec_sel", "def_outbound_cid", "def_outbound_cid_name",
		sip.CallerIDList, sip.DIDList, "transparent_trans_180_msg", "enb_sipauth_cache"}
}

// rowFields are the fields of a row, by list. The first of a caller ID is a choice, which alone makes no row.
func rowFields(list string) []string {
	if list == sip.DIDList {
		return []string{fieldDID, fieldDIDName}
	}
	return []string{fieldOption, fieldCID, fieldCIDName, fieldToRange, fieldMembers}
}

// RowField is the name of a field of a row: "did_list.0.did".
func RowField(list string, row int, field string) string {
	return list + "." + strconv.Itoa(row) + "." + field
}

// TrunkValues are the values of the form as it opens on a reading: of the settings that the trunk has.
func TrunkValues(t sip.Trunk) url.Values {
	flag := func(on bool) string { return strconv.Itoa(map[bool]int{true: 1}[on]) }
	v := url.Values{
		"name": {t.Name}, "enable": {flag(t.Enabled)}, "transport": {string(t.Transport)}, "hostname": {t.Hostname}, "port": {strconv.Itoa(t.Port)},
		"domain": {t.Domain}, "username": {t.Username}, "auth_name": {t.AuthName}, "enb_outbound_proxy": {flag(t.Proxy)},
		"outbound_proxy_server": {t.ProxyServer}, "outbound_proxy_port": {""}, "def_outbound_cid": {t.CID}, "def_outbound_cid_name": {t.CIDName},
		sip.CallerIDList: {""}, sip.DIDList: {""},
	}
	if t.ProxyPort != 0 { // 0 stands for none
		v.Set("outbound_proxy_port", strconv.Itoa(t.ProxyPort))
	}
	for _, codec := range t.Codecs {
		v.Add("codec_sel", string(codec))
	}
	for name, on := range map[string]*bool{"transparent_trans_180_msg": t.Pass180, "enb_sipauth_cache": t.AuthCache} {
		if on != nil {
			v.Set(name, flag(*on))
		}
	}
	for i, row := range t.CallerIDs {
		at := func(field string) string { return RowField(sip.CallerIDList, i, field) }
		v.Set(at(fieldOption), string(row.Option))
		v.Set(at(fieldCID), row.CID)
		v.Set(at(fieldCIDName), row.Name)
		v.Set(at(fieldToRange), row.ToRange)
		for _, m := range row.Members {
			v.Add(at(fieldMembers), MemberToken(m))
		}
	}
	for i, d := range t.DIDs {
		v.Set(RowField(sip.DIDList, i, fieldDID), d.Number)
		v.Set(RowField(sip.DIDList, i, fieldDIDName), d.Name)
	}
	maps.DeleteFunc(v, func(name string, _ []string) bool {
		name, _, _ = strings.Cut(name, ".")
		return !slices.ContainsFunc(sip.Fields(t), func(f sip.Field) bool { return f.Name == name })
	})
	return v
}

// TypedTrunk is what was typed, with the rows of its lists numbered without gaps: empty ones are
// dropped, and the one that a button takes away.
func TypedTrunk(v url.Values) url.Values {
	typed := url.Values{}
	for _, name := range trunkFields() {
		if values, said := v[name]; said {
			typed[name] = slices.Clone(values)
		}
	}
	if len(filled(typed[sip.PasswordName])) > 0 {
		typed.Set(sip.PasswordName, "typed") // that there is one is all that a form needs to know
	}
	for _, list := range []string{sip.CallerIDList, sip.DIDList} {
		next := 0
		for _, row := range rowsOf(v, list) {
			prefix := list + "." + strconv.Itoa(row) + "."
			if v.Get(FieldDropRow) == strings.TrimSuffix(prefix, ".") || blank(v, prefix, list) {
				continue
			}
			for _, field := range rowFields(list) {
				if values := filled(v[prefix+field]); len(values) > 0 {
					typed[RowField(list, next, field)] = values
				}
			}
			next++
		}
		if len(rowsOf(v, list)) > 0 {
			typed.Set(list, "")
		}
	}
	return typed
}

// TrunkRows is how many rows a list has.
func TrunkRows(typed url.Values, list string) int { return len(rowsOf(typed, list)) }

// rowsOf are the numbers of the rows of a list, in order.
func rowsOf(v url.Values, list string) []int {
	var rows []int
	for name := range v {
		rest, ok := strings.CutPrefix(name, list+".")
		number, _, two := strings.Cut(rest, ".")
		if row, err := strconv.Atoi(number); ok && two && err == nil && row >= 0 && !slices.Contains(rows, row) {
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	return rows
}

func blank(v url.Values, prefix, list string) bool {
	for _, field := range rowFields(list) {
		if field != fieldOption && len(filled(v[prefix+field])) > 0 {
			return false
		}
	}
	return true
}

// filled are the values that say something, without the space around them.
func filled(values []string) []string {
	var list []string
	for _, value := range values {
		if value = strings.TrimSpace(value); value != "" {
			list = append(list, value)
		}
	}
	return list
}

// ReadTrunk makes the wanted settings of a trunk and what was typed. What was not on the form stays.
// typed is of [TypedTrunk]; members that could be told are written back to it as ids.
func ReadTrunk(typed url.Values, t sip.Trunk, m Members) (sip.Trunk, []fleet.Field) {
	r := trunkReader{typed: typed, members: m}
	has := map[string]bool{sip.PasswordName: sip.HasLogin(t)}
	for _, f := range sip.Fields(t) {
		has[f.Name] = true
	}
	for _, name := range trunkFields() {
		switch _, said := typed[name]; {
		case !said:
		case has[name]:
			r.take(name, &t)
		case t.Shared:
			r.wrong(name, "This trunk is shared from YCM, which owns this setting.")
		default:
			r.wrong(name, "A trunk of this type has no such setting.")
		}
	}
	return t, r.fields
}

type trunkReader struct {
	reader
	typed   url.Values
	members Members
}

func (r *trunkReader) take(name string, t *sip.Trunk) {
	text := strings.TrimSpace(r.typed.Get(name))
	// What the PBX has with spaces around it stays so, until somebody changes it.
	plain := func(at *string) {
		if strings.TrimSpace(*at) != text {
			*at = text
		}
	}
	switch name {
	case "name":
		plain(&t.Name)
	case "enable":
		t.Enabled = r.flag(name, text)
	case "transport":
		t.Transport = sip.Transport(text)
	case "hostname":
		plain(&t.Hostname)
	case "port":
		t.Port = r.whole(name, text)
	case "domain":
		plain(&t.Domain)
	case "username":
		plain(&t.Username)
	case "auth_name":
		plain(&t.AuthName)
	case "enb_outbound_proxy":
		t.Proxy = r.flag(name, text)
	case "outbound_proxy_server":
		plain(&t.ProxyServer)
	case "outbound_proxy_port":
		if t.ProxyPort = 0; text != "" {
			t.ProxyPort = r.whole(name, text)
		}
	case "codec_sel":
		t.Codecs = nil
		for _, codec := range filled(r.typed[name]) {
			t.Codecs = append(t.Codecs, sip.Codec(codec))
		}
	case "def_outbound_cid":
		plain(&t.CID)
	case "def_outbound_cid_name":
		plain(&t.CIDName)
	case sip.CallerIDList:
		t.CallerIDs = r.callerIDs(t.CallerIDs)
	case sip.DIDList:
		t.DIDs = r.dids()
	case "transparent_trans_180_msg":
		t.Pass180 = new(r.flag(name, text))
	case "enb_sipauth_cache":
		t.AuthCache = new(r.flag(name, text))
	}
}

func (r *trunkReader) flag(name, text string) bool {
	if text != "0" && text != "1" {
		r.wrong(name, "1 for on, 0 for off.")
	}
	return text == "1"
}

func (r *trunkReader) whole(name, text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || strings.HasPrefix(text, "+") {
		r.wrong(name, "A whole number.")
	}
	return n
}

// callerIDs reads the rows. Each kind has fields that the other kind lacks, and the form hides them: of those
// only what the PBX itself keeps there stays.
func (r *trunkReader) callerIDs(before []sip.CallerID) []sip.CallerID {
	var rows []sip.CallerID
	for i := range r.rows(sip.CallerIDList) {
		get := func(field string) string { return r.typed.Get(RowField(sip.CallerIDList, i, field)) }
		row := sip.CallerID{Option: sip.CallerIDOption(get(fieldOption)), CID: get(fieldCID), Name: get(fieldCIDName)}
		if i < len(before) && before[i].Option == row.Option {
			row.ToRange, row.Members = before[i].ToRange, before[i].Members
		}
		if row.Option == sip.CIDRange {
			row.ToRange = get(fieldToRange)
		} else {
			row.Members = r.memberList(RowField(sip.CallerIDList, i, fieldMembers))
		}
		rows = append(rows, row)
	}
	return rows
}

func (r *trunkReader) dids() []sip.DID {
	var rows []sip.DID
	for i := range r.rows(sip.DIDList) {
		rows = append(rows, sip.DID{Number: r.typed.Get(RowField(sip.DIDList, i, fieldDID)), Name: r.typed.Get(RowField(sip.DIDList, i, fieldDIDName))})
	}
	return rows
}

func (r *trunkReader) rows(list string) int {
	n := TrunkRows(r.typed, list)
	if n > MaxRows {
		r.wrong(list, "At most %d rows.", MaxRows)
	}
	return min(n, MaxRows)
}
