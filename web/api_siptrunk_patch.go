package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
	"cordboard/web/form"
)

// apiDraftEdit makes a plan of a patch under the vendor's names. What is not in the patch stays.
func (s *Server) apiDraftEdit(c echo.Context) error {
	var in struct {
		Patch map[string]json.RawMessage `json:"patch"`
		Base  string                     `json:"base"`
	}
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	p := patchReader{values: url.Values{}}
	p.read(in.Patch)
	if len(p.wrong) > 0 {
		return fleet.Invalid("web.apiDraftEdit", "A field of the patch can't be read.", p.wrong...)
	}
	ask, err := s.trunkAsk(c, form.TypedTrunk(p.values), in.Base)
	if err != nil {
		return err
	}
	ask.Password = p.values.Get(sip.PasswordName)
	made, err := s.draftEdit(c, ask.EditAsk)
	if err != nil {
		return err
	}
	return s.planJSON(c, http.StatusCreated, made)
}

func (s *Server) apiUndoPlan(c echo.Context) error {
	if err := decodeJSON(c, &struct{}{}); err != nil {
		return err
	}
	p, err := s.undoEdit(c)
	if err != nil {
		return err
	}
	return s.planJSON(c, http.StatusCreated, p)
}

// patchReader turns a patch into the values of the form, so that pages and scripts have one set of rules. It
// is strict about JSON types: a port is a number, a switch is 0 or 1, and null is nothing that can be sent.
type patchReader struct {
	values url.Values
	wrong  []fleet.Field
}

func (p *patchReader) say(field, rule string, args ...any) {
	p.wrong = append(p.wrong, fleet.Field{Name: field, Rule: fmt.Sprintf(rule, args...)})
}

// patchKinds are the settings that a patch may name, with their JSON types (seed 003, contract §5.4).
func patchKinds() map[string]func(p *patchReader, name string, raw json.RawMessage) {
	kinds := map[string]func(*patchReader, string, json.RawMessage){sip.CallerIDList: (*patchReader).callerIDs, sip.DIDList: (*patchReader).dids, "codec_sel": (*patchReader).codecs}
	for _, name := range []string{"name", "transport", "hostname", "domain", "username", sip.PasswordName, "auth_name", "outbound_proxy_server", "def_outbound_cid", "def_outbound_cid_name"} {
		kinds[name] = (*patchReader).text
	}
	for _, name := range []string{"port", "outbound_proxy_port"} {
		kinds[name] = (*patchReader).whole
	}
	for _, name := range []string{"enable", "enb_outbound_proxy", "transparent_trans_180_msg", "enb_sipauth_cache"} {
		kinds[name] = (*patchReader).flag
	}
	return kinds
}

func (p *patchReader) read(patch map[string]json.RawMessage) {
	kinds := patchKinds()
	for _, name := range slices.Sorted(maps.Keys(patch)) {
		take, known := kinds[name]
		if !known {
			p.say(short(name, 60), "No trunk has such a setting.")
			continue
		}
		take(p, name, patch[name])
	}
	if len(patch) == 0 {
		p.say("patch", "An object with what shall change, under the vendor's names.")
	}
}

// into decodes one value, and says which kind it must be.
func (p *patchReader) into(name string, raw json.RawMessage, into any, kind string) bool {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if string(bytes.TrimSpace(raw)) == "null" || decoder.Decode(into) != nil {
		p.say(name, "It must be %s.", kind)
		return false
	}
	return true
}

func (p *patchReader) text(name string, raw json.RawMessage) {
	var v string
	if !p.into(name, raw, &v, "text") {
		return
	}
	if v == "" && name == sip.PasswordName {
		p.say(name, "A new password can't be empty.")
	}
	p.values.Set(name, v)
}

func (p *patchReader) whole(name string, raw json.RawMessage) {
	var v int
	if !p.into(name, raw, &v, "a whole number") {
		return
	}
	if v == 0 && name == "outbound_proxy_port" {
		p.say(name, "1 to %d.", sip.MaxPort) // 0 stands for none in answers, and is never sent
	}
	p.values.Set(name, strconv.Itoa(v))
}

func (p *patchReader) flag(name string, raw json.RawMessage) {
	var v int
	if !p.into(name, raw, &v, "0 or 1") {
		return
	}
	if v != 0 && v != 1 {
		p.say(name, "It must be 0 or 1.")
	}
	p.values.Set(name, strconv.Itoa(v))
}

func (p *patchReader) codecs(name string, raw json.RawMessage) {
	var v string
	if p.into(name, raw, &v, "text, with commas between the codecs") {
		p.values[name] = strings.Split(v, ",")
	}
}

func (p *patchReader) dids(name string, raw json.RawMessage) {
	p.rows(name, raw, func(at string, row json.RawMessage) {
		var v struct {
			DID  *string `json:"did"`
			Name *string `json:"did_name"`
		}
		if !p.into(at, row, &v, "an object with did, and perhaps did_name, as text") {
			return
		}
		p.must(at+".did", v.DID)
		p.may(at+".did_name", v.Name)
	})
}

func (p *patchReader) callerIDs(name string, raw json.RawMessage) {
	p.rows(name, raw, func(at string, row json.RawMessage) {
		var v struct {
			Option  *string         `json:"outbound_cid_option"`
			CID     *string         `json:"outbound_cid"`
			Name    *string         `json:"outbound_cid_name"`
			ToRange *string         `json:"outbound_cid_to_ext_range"`
			Members json.RawMessage `json:"ext_list"`
		}
		if !p.into(at, row, &v, "an object of outbound_cid_option, outbound_cid, outbound_cid_name, outbound_cid_to_ext_range and ext_list") {
			return
		}
		p.must(at+".outbound_cid_option", v.Option)
		p.must(at+".outbound_cid", v.CID)
		p.may(at+".outbound_cid_name", v.Name)
		p.may(at+".outbound_cid_to_ext_range", v.ToRange)
		if v.Members != nil {
			p.members(at+".ext_list", v.Members)
		}
	})
}

func (p *patchReader) members(at string, raw json.RawMessage) {
	var list []struct {
		Type   *string `json:"type"`
		ID     *int64  `json:"id"`
		Number string  `json:"ext_number"` // told by reads; the id alone counts
		Name   string  `json:"ext_name"`
	}
	if !p.into(at, raw, &list, "a list of objects with type and id") {
		return
	}
	for i, m := range list {
		kind := "extension"
		if m.Type != nil {
			kind = *m.Type
		}
		if m.ID == nil || *m.ID <= 0 || kind != "extension" && kind != "ext_group" {
			p.say(at, "Entry %d takes an id, and extension or ext_group as its type.", i)
			continue
		}
		p.values.Add(at, kind+":"+strconv.FormatInt(*m.ID, 10))
	}
}

// rows reads a list; an empty one empties the trunk's.
func (p *patchReader) rows(name string, raw json.RawMessage, row func(at string, raw json.RawMessage)) {
	var list []json.RawMessage
	if !p.into(name, raw, &list, "a list of objects") {
		return
	}
	p.values.Set(name, "")
	if len(list) > form.MaxRows {
		p.say(name, "At most %d rows.", form.MaxRows)
		return
	}
	for i, raw := range list {
		row(name+"."+strconv.Itoa(i), raw)
	}
}

func (p *patchReader) must(name string, v *string) {
	if v == nil || strings.TrimSpace(*v) == "" {
		p.say(name, "It must be said, as text.")
		return
	}
	p.values.Set(name, *v)
}

func (p *patchReader) may(name string, v *string) {
	if v != nil {
		p.values.Set(name, *v)
	}
}
