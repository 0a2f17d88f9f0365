package fleet

import (
	"cmp"
	"slices"
	"strconv"
)

// Header is the value that a PBX has for one custom SIP header of one trunk (seed 000,
// customSipHeadersBindings). Values are at most 255 characters and unique per header among all
// PBXs (contract §3.5).
type Header struct {
	Trunk  TrunkID
	Header HeaderID
	Value  string
}

// MaxHeaderValue is the longest value that YCM takes, in characters.
const MaxHeaderValue = 255

// Headers is what we know of a PBX's custom SIP header values. The vendor has no read for them,
// so they are known only once we wrote them or an operator stated them; the zero value is "not
// known", never "none". Values that are not certain any more stay in the list as last known.
type Headers struct {
	Known bool
	list  []Header
}

// KnownHeaders is the certain knowledge that these, and no others, are the values.
func KnownHeaders(list ...Header) Headers {
	own := slices.Clone(list)
	slices.SortFunc(own, func(a, b Header) int {
		return cmp.Or(cmp.Compare(a.Trunk, b.Trunk), cmp.Compare(a.Header, b.Header), cmp.Compare(a.Value, b.Value))
	})
	return Headers{Known: true, list: slices.Compact(own)}
}

// List is a copy of the values, or of the last known ones, sorted by trunk and header.
func (h Headers) List() []Header { return slices.Clone(h.list) }

// Len is the number of values.
func (h Headers) Len() int { return len(h.list) }

// Equal reports whether both know the same.
func (h Headers) Equal(o Headers) bool { return h.Known == o.Known && slices.Equal(h.list, o.list) }

// On keeps the values of the given trunks: YCM counts an entry only if its trunk is bound too.
func (h Headers) On(trunks []TrunkID) Headers {
	kept := Headers{Known: h.Known}
	for _, v := range h.list {
		if slices.Contains(trunks, v.Trunk) {
			kept.list = append(kept.list, v)
		}
	}
	return kept
}

// Doubted is what is left of h when somebody else changed the PBX, which now uses trunks: nothing is
// certain, because such a change replaces the header values too and no report tells them (seed 000,
// seed 002). The values stay as what was last known.
func (h Headers) Doubted(trunks []TrunkID) Headers {
	last := h.On(trunks)
	last.Known = false
	return last
}

func (h Headers) appendTo(buf []byte) []byte {
	if !h.Known {
		return append(buf, "headers unknown\n"...) // what was last known is no knowledge
	}
	for _, v := range h.list {
		buf = append(buf, 'h')
		buf = strconv.AppendInt(buf, int64(v.Trunk), 10)
		buf = append(buf, ':')
		buf = strconv.AppendInt(buf, int64(v.Header), 10)
		buf = append(buf, '=')
		buf = strconv.AppendQuote(buf, v.Value)
		buf = append(buf, '\n')
	}
	return buf
}
