package form

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"cordboard/sync/fleet"
)

// The fields of the form that makes a plan (interfaces.md).
const (
	FieldBind       = "bind"
	FieldUnbind     = "unbind"
	FieldClear      = "clear"
	FieldUndoTo     = "undo_to"
	FieldSkip       = "skip"
	FieldNumbers    = "numbers"
	FieldHeaderNone = "header_none"

	headerPrefix = "header."
	clearAll     = "all"
	skipYes      = "yes"
)

// MaxLines is how many pasted numbers one form takes.
const MaxLines = 500

// Change is what the form on a PBX's numbers asks for, as it was typed. The zero value asks for
// nothing.
type Change struct {
	Bind    []fleet.Binding
	Unbind  []fleet.Binding
	Clear   bool
	UndoTo  fleet.SnapshotID // 0 = no undo
	Skip    bool             // the undo may leave out what can't be brought back
	Numbers string           // the pasted list, untouched
	Headers []fleet.Header   // every header field of the form, empty values included, sorted
	None    []fleet.Header   // the headers that are said to have no value, without values
}

// ReadChange decodes the form. What can't be read is left out of the Change and told as a field.
func ReadChange(v url.Values) (Change, []fleet.Field) {
	var r reader
	ch := Change{
		Bind:    r.pairs(v, FieldBind),
		Unbind:  r.pairs(v, FieldUnbind),
		Numbers: v.Get(FieldNumbers),
	}
	if len(Lines(ch.Numbers)) > MaxLines {
		r.wrong(FieldNumbers, "At most %d numbers at once.", MaxLines)
	}
	switch v.Get(FieldClear) {
	case "":
	case clearAll:
		ch.Clear = true
	default:
		r.wrong(FieldClear, "Only “all” clears.")
	}
	if text := v.Get(FieldUndoTo); text != "" {
		id, ok := ID(text)
		if !ok {
			r.wrong(FieldUndoTo, "This names no snapshot.")
		}
		ch.UndoTo = fleet.SnapshotID(id)
	}
	ch.Skip = v.Get(FieldSkip) == skipYes
	r.headers(v, &ch)
	return ch, r.fields
}

// Lines are the entries of a pasted list, in order and each once: one a line, or separated by
// commas, semicolons or tabs, as spreadsheets give them.
func Lines(text string) []string {
	var lines []string
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\r\n\t,;", r) }) {
		line = strings.TrimFunc(line, func(r rune) bool { return unicode.IsSpace(r) || r == '"' || r == '\'' || r == '\uFEFF' })
		if line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
		if len(lines) > MaxLines {
			break
		}
	}
	return lines
}

// Says reports whether the form says anything about the header: a value, or that there is none.
func (ch Change) Says(trunk fleet.TrunkID, header fleet.HeaderID) bool {
	return ch.HasNone(trunk, header) || slices.ContainsFunc(ch.Headers, func(h fleet.Header) bool {
		return h.Trunk == trunk && h.Header == header && h.Value != ""
	})
}

// HasNone reports whether the header is said to have no value.
func (ch Change) HasNone(trunk fleet.TrunkID, header fleet.HeaderID) bool {
	return slices.Contains(ch.None, fleet.Header{Trunk: trunk, Header: header})
}

// Value is what was typed for a header, and whether its field was in the form.
func (ch Change) Value(trunk fleet.TrunkID, header fleet.HeaderID) (string, bool) {
	for _, h := range ch.Headers {
		if h.Trunk == trunk && h.Header == header {
			return h.Value, true
		}
	}
	return "", false
}

// Pair reads trunkId:didId.
func Pair(text string) (fleet.Binding, bool) {
	trunk, did, ok := strings.Cut(text, ":")
	t, tok := ID(trunk)
	d, dok := ID(did)
	return fleet.Binding{Trunk: fleet.TrunkID(t), DID: fleet.DIDID(d)}, ok && tok && dok
}

// ID reads a vendor's or our own id: a positive number in plain digits.
func ID(text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id > 0 && text[0] != '+'
}

type reader struct{ fields []fleet.Field }

func (r *reader) wrong(field, format string, args ...any) {
	r.fields = append(r.fields, fleet.Field{Name: field, Rule: fmt.Sprintf(format, args...)})
}

func (r *reader) pairs(v url.Values, field string) []fleet.Binding {
	var pairs []fleet.Binding
	for _, text := range v[field] {
		if b, ok := Pair(text); ok {
			pairs = append(pairs, b)
		} else {
			r.wrong(field, "%q is no number on a trunk: it takes trunkId:didId.", short(text))
		}
	}
	return fleet.NewBindingSet(pairs...).Pairs()
}

// headers reads header.{trunk}.{header} and header_none. A header id of 0 stands for whatever a
// trunk may define that its read does not show: it can be said to be none, but not be given a value.
func (r *reader) headers(v url.Values, ch *Change) {
	for name, values := range v {
		rest, ok := strings.CutPrefix(name, headerPrefix)
		if !ok {
			continue
		}
		trunkText, headerText, _ := strings.Cut(rest, ".")
		h, ok := headerID(trunkText, headerText)
		if !ok {
			r.wrong(headerPrefix, "%q names no header of a trunk.", short(name))
			continue
		}
		h.Value = strings.TrimSpace(values[0])
		if h.Header == 0 && h.Value != "" {
			r.wrong(name, "Yeastar does not show which headers this trunk defines, so none can be set from here.")
		}
		ch.Headers = append(ch.Headers, h)
	}
	slices.SortFunc(ch.Headers, func(a, b fleet.Header) int {
		if a.Trunk != b.Trunk {
			return int(a.Trunk - b.Trunk)
		}
		return int(a.Header - b.Header)
	})
	for _, text := range v[FieldHeaderNone] {
		trunk, header, _ := strings.Cut(text, ":")
		if h, ok := headerID(trunk, header); ok {
			ch.None = append(ch.None, h)
		} else {
			r.wrong(FieldHeaderNone, "%q names no header of a trunk.", short(text))
		}
	}
}

func headerID(trunk, header string) (fleet.Header, bool) {
	t, ok := ID(trunk)
	h, hok := ID(header)
	return fleet.Header{Trunk: fleet.TrunkID(t), Header: fleet.HeaderID(h)}, ok && (hok || header == "0")
}

// short keeps hostile input from filling the page that complains about it.
func short(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// Lines are the entries of the pasted list.
func (ch Change) Lines() []string { return Lines(ch.Numbers) }
