package bulk

import (
	"cordboard/sync/fleet"
)

// VerdictWord says in one word what a row is.
type VerdictWord string

// What a row asks for.
const (
	Kept   VerdictWord = "kept"   // is so already
	Bind   VerdictWord = "bind"   // a free number, to be bound
	Move   VerdictWord = "move"   // bound here, to change its trunk
	Claim  VerdictWord = "claim"  // bound to another PBX, which gives it up by the same file
	Stated VerdictWord = "stated" // bound here on a trunk that nobody knew: the row says which
)

// What is wrong with a row. The PBX that such a row belongs to is left alone.
const (
	Formula         VerdictWord = "formula"
	Rounded         VerdictWord = "rounded"
	Shifted         VerdictWord = "shifted" // more cells than headings
	Incomplete      VerdictWord = "incomplete"
	UnknownPBX      VerdictWord = "unknown_pbx"
	AmbiguousPBX    VerdictWord = "ambiguous_pbx"
	GonePBX         VerdictWord = "gone_pbx"
	UnknownTrunk    VerdictWord = "unknown_trunk"
	AmbiguousTrunk  VerdictWord = "ambiguous_trunk"
	UnclearTrunk    VerdictWord = "unclear_trunk" // the row must say which trunk
	UnknownNumber   VerdictWord = "unknown_number"
	AmbiguousNumber VerdictWord = "ambiguous_number"
	DeletedNumber   VerdictWord = "deleted_number"
	WrongTrunk      VerdictWord = "wrong_trunk" // the number does not sit on it
	WrongRegion     VerdictWord = "wrong_region"
	Taken           VerdictWord = "taken"     // another PBX has it and does not give it up
	Duplicate       VerdictWord = "duplicate" // an earlier row says the same
	Twice           VerdictWord = "twice"     // rows of two PBXs want one number
	Protected       VerdictWord = "protected" // the number may not change its trunk
)

// Wrong reports whether a row with this verdict stands in the way of its PBX's plan.
func (v VerdictWord) Wrong() bool {
	switch v {
	case Kept, Bind, Move, Claim, Stated:
		return false
	}
	return true
}

// Verdict is what one row is, and why.
type Verdict struct {
	Line
	Word     VerdictWord   `json:"verdict"`
	Sentence string        `json:"sentence"`
	PBXID    fleet.PBXID   `json:"pbx_id"`   // 0: the row can't be told to be about a PBX
	TrunkID  fleet.TrunkID `json:"trunk_id"` // 0: not known
	DIDID    fleet.DIDID   `json:"did_id"`   // 0: not known
	From     fleet.PBXID   `json:"from_pbx_id,omitempty"`
}

// Fate says in one word what becomes of a PBX that the file names.
type Fate string

// The fates of a PBX.
const (
	Same   Fate = "same"   // nothing to do
	Change Fate = "change" // a plan is asked for
	Left   Fate = "left"   // left alone: something about it is wrong
)

// Item is what the file asks of one PBX.
type Item struct {
	PBX      fleet.PBXID     `json:"pbx_id"`
	Name     string          `json:"name"`
	Fate     Fate            `json:"fate"`
	Sentence string          `json:"sentence,omitempty"` // why it is left alone
	Rows     int             `json:"rows"`
	Bind     []fleet.Binding `json:"bind,omitempty"`
	Unbind   []fleet.Binding `json:"unbind,omitempty"`
	// Freed are the numbers among Bind that other PBXs have, which give them up by the same file.
	Freed map[fleet.DIDID]fleet.PBXID `json:"freed,omitempty"`
}

// After are the PBXs that must have given up their numbers before this one can have them.
func (i Item) After() []fleet.PBXID {
	var ids []fleet.PBXID
	for _, from := range i.Freed {
		ids = append(ids, from)
	}
	return sorted(ids)
}

// Review is what a whole file asks for. Items stand in the order in which they can be carried out:
// who gives a number up comes before who takes it.
type Review struct {
	Rows  []Verdict `json:"rows"`
	Items []Item    `json:"items"`
}

// Count is how many rows have one of the verdicts.
func (r Review) Count(words ...VerdictWord) int {
	n := 0
	for _, v := range r.Rows {
		for _, w := range words {
			if v.Word == w {
				n++
			}
		}
	}
	return n
}

// Wrong is how many rows are wrong.
func (r Review) Wrong() int {
	n := 0
	for _, v := range r.Rows {
		if v.Word.Wrong() {
			n++
		}
	}
	return n
}

// Of is how many PBXs have a fate.
func (r Review) Of(f Fate) int {
	n := 0
	for _, i := range r.Items {
		if i.Fate == f {
			n++
		}
	}
	return n
}
