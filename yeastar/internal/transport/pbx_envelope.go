package transport

import (
	"bytes"
	"encoding/json"
	"regexp"

	"cordboard/yeastar"
	"cordboard/yeastar/internal/wire"
)

// firstYCMCode is the smallest of YCM's codes; a PBX's are all smaller.
const firstYCMCode = 1_000_000

// readPBX decides what an answer of a PBX means. The body comes first, whatever the HTTP status: a
// PBX tells failures with HTTP 200. Success is "errcode":0 and nothing else. Through YCM, YCM's own
// envelope means that YCM itself failed.
func (c *Client) readPBX(r reply) (Answer, *failure) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(r.body, &fields); err != nil {
		return Answer{}, c.unreadablePBX(r, "the answer is not the PBX's JSON", err)
	}
	if !c.direct && saidByYCM(fields) {
		return Answer{}, c.withoutExcerpt(r, c.readFailure(r))
	}
	var code wire.Count
	raw := firstOf(fields, "errcode")
	if raw == nil || string(raw) == `""` || code.UnmarshalJSON(raw) != nil {
		return Answer{}, c.unreadablePBX(r, "the answer has no errcode in it", nil)
	}
	if code != 0 {
		return Answer{}, c.failedPBX(r, int(code), fields)
	}
	if !r.ok() {
		return Answer{}, c.unreadablePBX(r, "the answer says success in its body and failure in its HTTP status", nil)
	}
	return Answer{Data: firstOf(fields, "data"), Body: r.body, RequestID: c.message(fields, "requestId"), At: r.at}, nil
}

// saidByYCM reports whether an answer that came through YCM is YCM's own failure.
func saidByYCM(fields map[string]json.RawMessage) bool {
	_, pbx := fields["errcode"]
	return textOf(firstOf(fields, "status", "Status")) == "Failed" || firstCode(fields) >= firstYCMCode ||
		!pbx && rejectedByOAuth(textOf(fields["error"]))
}

// failedPBX is the failure that a PBX tells.
func (c *Client) failedPBX(r reply, code int, fields map[string]json.RawMessage) *failure {
	k := c.classifyPBX(code, r.status)
	e := c.newError(r, k.class)
	e.ByPBX = true
	e.Code, e.Symbol = code, k.symbol
	e.RequestID = c.message(fields, "requestId")
	e.Msg = c.message(fields, "errmsg")
	e.Detail = c.message(fields, "submsg")
	e.Params = c.params(fields["invalid_param_list"])
	e.Duplicates = c.duplicates(fields["duplicate_field_list"])
	return &failure{err: e, reauth: k.reauth, transient: k.transient, refused: !k.transient, fatal: k.stop}
}

// unreadablePBX is unreadable, with no excerpt of JSON in it: a trunk in JSON has its password in clear.
func (c *Client) unreadablePBX(r reply, what string, cause error) *failure {
	return c.withoutExcerpt(r, c.unreadable(r, what, cause))
}

func (c *Client) withoutExcerpt(r reply, f *failure) *failure {
	if f.err.Kind == yeastar.KindMalformed && bytes.ContainsAny(r.body, "{[") && !bytes.HasPrefix(bytes.TrimSpace(r.body), []byte("<")) {
		f.err.Detail = ""
	}
	return f
}

// secretField finds the names of parameters whose value is a secret.
var secretField = regexp.MustCompile(`(?i)passw|secret|token`)

// params reads invalid_param_list as far as it can be read: it explains an error that is certain
// without it.
func (c *Client) params(raw json.RawMessage) []yeastar.ParamFault {
	var out []yeastar.ParamFault
	for _, entry := range entries(raw) {
		p := yeastar.ParamFault{Field: c.message(entry, "field"), Rule: c.message(entry, "validation_type"), Value: c.message(entry, "value")}
		if secretField.MatchString(p.Field) && p.Value != "" {
			p.Value = mask
		}
		out = append(out, p)
	}
	return out
}

// duplicates reads duplicate_field_list.
func (c *Client) duplicates(raw json.RawMessage) []yeastar.Duplicate {
	var out []yeastar.Duplicate
	for _, entry := range entries(raw) {
		d := yeastar.Duplicate{Field: c.message(entry, "field"), Value: c.message(entry, "value"),
			Source: c.message(entry, "external_source"), SourceName: c.message(entry, "external_source_name")}
		if secretField.MatchString(d.Field) && d.Value != "" {
			d.Value = mask
		}
		out = append(out, d)
	}
	return out
}

// entries gives the objects of a list, none when it is not such a list.
func entries(raw json.RawMessage) []map[string]json.RawMessage {
	var list []map[string]json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}
