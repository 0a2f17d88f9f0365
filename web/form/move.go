package form

import (
	"net/url"
	"slices"
	"strings"

	"cordboard/sync/fleet"
)

// The fields of the form that moves numbers. The trunk that a number gets is trunk.{didId}; the custom
// SIP headers of the PBX that the numbers leave have the names of the others behind from_.
const (
	FieldFrom   = "from"
	FieldTo     = "to"
	FieldDID    = "did"
	FieldReview = "review"
	FieldFind   = "find"
	FromPrefix  = "from_"
	TrunkPrefix = "trunk."
)

// MaxMoved is how many numbers one move takes: each is in the page's address.
const MaxMoved = 200

// Move is what the form of a move asks for, as it was typed.
type Move struct {
	From    fleet.PBXID
	To      fleet.PBXID     // 0 = not chosen yet
	Numbers []fleet.Binding // sorted by DID, with the trunk of each at To; 0 = not chosen
	Source  Change          // the header fields of From, and nothing else
	Target  Change          // those of To
	Review  string          // what was seen, see change.MoveReview
	Key     string          // of two forms with one key only the first counts
	Find    string          // of the PBX to choose
}

// ReadMove decodes the form. What can't be read is left out of the Move and told as a field.
func ReadMove(v url.Values) (Move, []fleet.Field) {
	var r reader
	m := Move{Review: v.Get(FieldReview), Key: v.Get(FieldKey), Find: strings.TrimSpace(v.Get(FieldFind))}
	m.From = r.pbx(v, FieldFrom)
	m.To = r.pbx(v, FieldTo)
	for _, text := range v[FieldDID] {
		did, ok := ID(text)
		if !ok {
			r.wrong(FieldDID, "%q is no number's id.", short(text))
			continue
		}
		m.Numbers = append(m.Numbers, fleet.Binding{DID: fleet.DIDID(did)})
	}
	for _, b := range r.pairs(v, FieldUnbind) { // as they were ticked on the PBX's page
		m.Numbers = append(m.Numbers, fleet.Binding{DID: b.DID})
	}
	m.Numbers = fleet.NewBindingSet(m.Numbers...).Pairs()
	if len(m.Numbers) > MaxMoved {
		r.wrong(FieldDID, "At most %d numbers at once.", MaxMoved)
	}
	for i, n := range m.Numbers {
		name := TrunkPrefix + n.DID.String()
		if text := v.Get(name); text != "" {
			trunk, ok := ID(text)
			if !ok {
				r.wrong(name, "%q is no trunk.", short(text))
			}
			m.Numbers[i].Trunk = fleet.TrunkID(trunk)
		}
	}
	source, target := url.Values{}, url.Values{}
	for name, values := range v {
		if own, from := strings.CutPrefix(name, FromPrefix); from {
			source[own] = values
		} else {
			target[name] = values
		}
	}
	r.headers(source, &m.Source)
	r.headers(target, &m.Target)
	return m, r.fields
}

func (r *reader) pbx(v url.Values, field string) fleet.PBXID {
	text := v.Get(field)
	id, ok := ID(text)
	if text != "" && !ok {
		r.wrong(field, "%q is no PBX.", short(text))
	}
	return fleet.PBXID(id)
}

// DIDs are the numbers of the move.
func (m Move) DIDs() []fleet.DIDID {
	ids := make([]fleet.DIDID, len(m.Numbers))
	for i, n := range m.Numbers {
		ids[i] = n.DID
	}
	slices.Sort(ids)
	return ids
}
