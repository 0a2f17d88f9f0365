package fleet

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
)

// Binding says that calls to a DID that arrive on a trunk ring on the PBX. The pair matters:
// one DID can sit on several trunks, and the vendor binds pairs (seed 000, trunkDidRelations).
type Binding struct {
	Trunk TrunkID
	DID   DIDID
}

func compareBindings(a, b Binding) int {
	return cmp.Or(cmp.Compare(a.Trunk, b.Trunk), cmp.Compare(a.DID, b.DID))
}

// BindingSet is the whole of a PBX's bindings: sorted by trunk and DID, each pair once. It is
// immutable. The zero value is the empty set, which no write accepts: clearing a PBX has a
// method of its own.
type BindingSet struct{ pairs []Binding }

// NewBindingSet sorts pairs and drops repeats. The argument is not kept.
func NewBindingSet(pairs ...Binding) BindingSet {
	own := slices.Clone(pairs)
	if !slices.IsSortedFunc(own, compareBindings) {
		slices.SortFunc(own, compareBindings)
	}
	return BindingSet{slices.Compact(own)}
}

// Len is the number of pairs.
func (s BindingSet) Len() int { return len(s.pairs) }

// Pairs is a copy of the pairs, sorted.
func (s BindingSet) Pairs() []Binding { return slices.Clone(s.pairs) }

// Has reports whether the pair is bound.
func (s BindingSet) Has(b Binding) bool {
	_, ok := slices.BinarySearchFunc(s.pairs, b, compareBindings)
	return ok
}

// Equal reports whether both hold the same pairs.
func (s BindingSet) Equal(t BindingSet) bool { return slices.Equal(s.pairs, t.pairs) }

// With is s and the pairs.
func (s BindingSet) With(pairs ...Binding) BindingSet {
	return NewBindingSet(append(s.Pairs(), pairs...)...)
}

// Minus is what s holds and t does not, sorted.
func (s BindingSet) Minus(t BindingSet) []Binding {
	var out []Binding
	for _, b := range s.pairs {
		if !t.Has(b) {
			out = append(out, b)
		}
	}
	return out
}

// Without is s less the pairs.
func (s BindingSet) Without(pairs ...Binding) BindingSet {
	return BindingSet{s.Minus(NewBindingSet(pairs...))}
}

// Trunks are the trunks of the pairs, sorted, each once.
func (s BindingSet) Trunks() []TrunkID {
	var out []TrunkID
	for _, b := range s.pairs {
		if len(out) == 0 || out[len(out)-1] != b.Trunk {
			out = append(out, b.Trunk)
		}
	}
	return out
}

// TrunksOf are the trunks that bind did in s, sorted.
func (s BindingSet) TrunksOf(did DIDID) []TrunkID {
	var out []TrunkID
	for _, b := range s.pairs {
		if b.DID == did {
			out = append(out, b.Trunk)
		}
	}
	return out
}

// Copies counts, for every DID, the pairs it is part of.
func (s BindingSet) Copies() map[DIDID]int {
	copies := make(map[DIDID]int, len(s.pairs))
	for _, b := range s.pairs {
		copies[b.DID]++
	}
	return copies
}

// LooksLike reports whether the vendor's reads can't tell s from t: the same DIDs, as often, and
// the same trunks. A number that changes its trunk while both trunks keep others is such a case.
func (s BindingSet) LooksLike(t BindingSet) bool {
	return slices.Equal(s.Trunks(), t.Trunks()) && maps.Equal(s.Copies(), t.Copies())
}

// Fingerprint is a short hash of the pairs: equal sets have equal fingerprints, whatever the
// order in which they were learnt.
func (s BindingSet) Fingerprint() string { return fingerprint(s.appendTo(nil)) }

func (s BindingSet) appendTo(buf []byte) []byte {
	for _, b := range s.pairs {
		buf = strconv.AppendInt(buf, int64(b.Trunk), 10)
		buf = append(buf, ':')
		buf = strconv.AppendInt(buf, int64(b.DID), 10)
		buf = append(buf, '\n')
	}
	return buf
}

func fingerprint(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}
