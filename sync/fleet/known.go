package fleet

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Certainty says how sure we are of a PBX's (trunk, DID) pairs. The vendor never reads pairs
// back, so this is a fact of its own.
type Certainty string

const (
	// CertaintyNone means that the PBX's bindings were not read yet.
	CertaintyNone Certainty = "none"
	// CertaintyAmbiguous means that some DID could sit on more than one of the PBX's trunks.
	CertaintyAmbiguous Certainty = "ambiguous"
	// CertaintyExact means that every pair is known: from a webhook, from our own verified
	// write, or because the DID sits on exactly one of the trunks that the PBX uses.
	CertaintyExact Certainty = "exact"
)

// Known is the pair ledger's knowledge of one PBX. A write is built from exact knowledge or not
// at all.
type Known struct {
	Certainty Certainty // the zero value "" counts as none
	Set       BindingSet
	Unclear   []Unclear // the DIDs whose trunk is not known; only when ambiguous
	Headers   Headers
	At        time.Time // the moment, on the vendor's clock, for which this holds
	// Copied says that it comes from a copy of the record that took the record's place, and that nothing
	// was heard of the PBX since: certain of that day, not of today. A read that looks alike proves nothing
	// but what it shows.
	Copied bool
}

// Unclear is a DID that the PBX has, on one or more of several trunks.
type Unclear struct {
	DID    DIDID
	Trunks []TrunkID // where it may be bound, sorted; empty when it sits on no trunk that the PBX uses
	Copies int       // how often it is listed, presumably once per trunk (contract §5.1)
}

// Picks is how many of the candidate trunks must be spoken about before the DID is clear: one for
// each time that it is listed, or a pair that nobody named would be lost.
func (u Unclear) Picks() int { return max(1, min(u.Copies, len(u.Trunks))) }

// Exact reports whether a write may be built from k.
func (k Known) Exact() bool { return k.Certainty == CertaintyExact }

// Fingerprint covers pairs, unclear DIDs and header values: whatever a plan builds on.
func (k Known) Fingerprint() string {
	buf := k.Set.appendTo(nil)
	for _, u := range k.Unclear {
		buf = fmt.Appendf(buf, "?%d*%d%v\n", u.DID, u.Copies, u.Trunks)
	}
	return fingerprint(k.Headers.appendTo(buf))
}

// Trunks are the trunks that the PBX has, or may have, numbers on: sorted, each once.
func (k Known) Trunks() []TrunkID {
	trunks := k.Set.Trunks()
	for _, u := range k.Unclear {
		trunks = append(trunks, u.Trunks...)
	}
	slices.Sort(trunks)
	return slices.Compact(trunks)
}

// Doubt is k after a write whose fate no read can tell: each pair of perhaps may hold as well as
// the pairs that k has for its DID. Nothing that k knows of other DIDs changes.
func (k Known) Doubt(perhaps ...Binding) Known {
	also, set := NewBindingSet(perhaps...), k.Set
	k.Unclear = slices.Clone(k.Unclear)
	var doubted []Binding
	for did := range also.Copies() {
		had := set.TrunksOf(did)
		if len(had) == 0 {
			continue // unclear already, or not a number of this PBX
		}
		for _, t := range had {
			doubted = append(doubted, Binding{t, did})
		}
		trunks := append(had, also.TrunksOf(did)...)
		slices.Sort(trunks)
		k.Certainty = CertaintyAmbiguous
		k.Unclear = append(k.Unclear, Unclear{DID: did, Trunks: slices.Compact(trunks), Copies: len(had)})
	}
	k.Set = set.Without(doubted...)
	slices.SortFunc(k.Unclear, func(a, b Unclear) int { return cmp.Compare(a.DID, b.DID) })
	return k
}

// TrunkUnclear stands in history for the trunk of a DID whose trunk was not known: no shared
// trunk has the id 0.
const TrunkUnclear TrunkID = 0

// Record is what history keeps of k: the certain pairs, and every unclear DID on [TrunkUnclear].
func (k Known) Record() BindingSet {
	unclear := make([]Binding, len(k.Unclear))
	for i, u := range k.Unclear {
		unclear[i] = Binding{TrunkUnclear, u.DID}
	}
	return k.Set.With(unclear...)
}

// Certain is the set without the DIDs whose trunk was not known when it was recorded.
func (s BindingSet) Certain() BindingSet {
	i := 0
	for i < len(s.pairs) && s.pairs[i].Trunk == TrunkUnclear {
		i++
	}
	return BindingSet{s.pairs[i:]}
}

// Observation is one reading of a PBX by the vendor's flat calls: which DIDs, how often listed,
// and which trunks the PBX uses (contract §5.1). It is complete, or it does not exist.
type Observation struct {
	PBX    PBX
	At     time.Time // when it was read, on the vendor's clock
	Copies map[DIDID]int
	Trunks []TrunkID // sorted, each once
}

// NewObservation makes one from the vendor's lists, repeats included.
func NewObservation(pbx PBX, at time.Time, dids []DIDID, trunks []TrunkID) Observation {
	copies := make(map[DIDID]int, len(dids))
	for _, d := range dids {
		copies[d]++
	}
	sorted := slices.Clone(trunks)
	slices.Sort(sorted)
	return Observation{PBX: pbx, At: at, Copies: copies, Trunks: slices.Compact(sorted)}
}

// DIDs are the DIDs that were seen, sorted, each once.
func (o Observation) DIDs() []DIDID {
	out := make([]DIDID, 0, len(o.Copies))
	for d := range o.Copies {
		out = append(out, d)
	}
	slices.Sort(out)
	return out
}

// Shows reports whether the reading is what the cloud would show if it held set: the same DIDs,
// each listed once per pair, and the same trunks. Trunks in leftover may still be listed
// although nothing is bound on them: the vendor tidies up some time after its answer.
//
// Two sets may look alike: see [BindingSet.LooksLike].
func (o Observation) Shows(set BindingSet, leftover ...TrunkID) bool {
	return o.ShowsKnown(Known{Set: set}, leftover...)
}

// ShowsKnown is Shows for knowledge that may be ambiguous: an unclear DID is listed as often as
// before, and any of its candidate trunks may be in use.
func (o Observation) ShowsKnown(k Known, leftover ...TrunkID) bool {
	copies := k.Set.Copies()
	for _, u := range k.Unclear {
		copies[u.DID] = u.Copies
	}
	if !maps.Equal(copies, o.Copies) {
		return false
	}
	for _, t := range k.Set.Trunks() {
		if !slices.Contains(o.Trunks, t) {
			return false
		}
	}
	may := append(k.Trunks(), leftover...)
	for _, t := range o.Trunks {
		if !slices.Contains(may, t) {
			return false
		}
	}
	return true
}

// Prove tells what a reading that does not show the ledger's set makes certain by itself: a DID
// that sits on exactly one of the trunks in use is bound there. All others are unclear, even
// where the ledger had an opinion, because something moved unseen. sits holds where each DID of
// the reading sits now; a DID that is missing from it is unclear. Header values are as doubtful.
func Prove(o Observation, sits map[DIDID][]TrunkID, before Headers) Known {
	known := Known{Certainty: CertaintyExact, At: o.At, Headers: before.Doubted(o.Trunks)}
	var pairs []Binding
	for _, did := range o.DIDs() {
		var candidates []TrunkID
		for _, t := range sits[did] {
			if slices.Contains(o.Trunks, t) {
				candidates = append(candidates, t)
			}
		}
		slices.Sort(candidates)
		candidates = slices.Compact(candidates)
		if len(candidates) == 1 {
			pairs = append(pairs, Binding{candidates[0], did})
			continue
		}
		known.Certainty = CertaintyAmbiguous
		known.Unclear = append(known.Unclear, Unclear{DID: did, Trunks: candidates, Copies: o.Copies[did]})
	}
	known.Set = NewBindingSet(pairs...)
	return known
}

// Keep is what a reading proves, k, with what was certain before for the DIDs that it leaves
// unclear. It is for a reading that shows nothing but what was known, see [Observation.ShowsKnown].
func (k Known) Keep(before BindingSet) Known {
	var open []Unclear
	var kept []Binding
	for _, u := range k.Unclear {
		trunks := before.TrunksOf(u.DID)
		elsewhere := slices.ContainsFunc(trunks, func(t TrunkID) bool { return !slices.Contains(u.Trunks, t) })
		if len(trunks) == 0 || len(trunks) != u.Copies || elsewhere {
			open = append(open, u)
			continue
		}
		for _, t := range trunks {
			kept = append(kept, Binding{t, u.DID})
		}
	}
	k.Set, k.Unclear = k.Set.With(kept...), open
	if len(open) == 0 {
		k.Certainty = CertaintyExact
	}
	return k
}

// Settle is k with the operator's word for every unclear DID: picks are the pairs that hold.
// It reports false when a DID is left with fewer picks than it is listed, when a pick is not among
// its candidates, and for a PBX that was never read.
func (k Known) Settle(picks ...Binding) (Known, bool) {
	if k.Certainty != CertaintyExact && k.Certainty != CertaintyAmbiguous {
		return Known{}, false
	}
	for _, pick := range picks {
		ok := slices.ContainsFunc(k.Unclear, func(u Unclear) bool {
			return u.DID == pick.DID && slices.Contains(u.Trunks, pick.Trunk)
		})
		if !ok {
			return Known{}, false
		}
	}
	settled := k
	settled.Certainty, settled.Unclear = CertaintyExact, nil
	settled.Set = k.Set.With(picks...)
	for _, u := range k.Unclear {
		if len(settled.Set.TrunksOf(u.DID)) < u.Picks() {
			return Known{}, false
		}
	}
	return settled, true
}

// Reading is what a look at one PBX established.
type Reading struct {
	PBX   PBX
	Known Known // At is the time of the reading on the vendor's clock
	DIDs  []DID // numbers that were looked up on the way; may be nil
	Trace Trace // what became of numbers that it lacks
}
