package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"cordboard/sync/fleet"
)

// Rule says which plans need a second person. The zero value asks for none.
type Rule struct {
	From Level // plans of this level or a higher one; empty: none
}

// Asks reports whether a plan of that risk needs a second person.
func (r Rule) Asks(risk Risk) bool {
	switch r.From {
	case Danger:
		return risk.Level == Danger
	case Caution:
		return risk.Level == Danger || risk.Level == Caution
	}
	return false
}

// Approval is a second person's word on a plan as it was.
type Approval struct {
	Plan   fleet.PlanID
	Hash   string // of the plan that the person saw
	Person string
	At     time.Time
}

// Hash is over everything that a plan would do, and over what it was made on: a word on another plan, or
// on this one as it was before, is a word on another hash.
func (p Plan) Hash() (string, error) {
	stated, unclear := p.Stated, p.Unclear
	if stated == nil {
		stated = []fleet.Binding{}
	}
	if unclear == nil {
		unclear = []fleet.Unclear{}
	}
	text, err := json.Marshal(struct {
		ID      fleet.PlanID
		PBX     fleet.PBXID
		Kind    Kind
		Base    string
		Before  fleet.BindingSet
		After   fleet.BindingSet
		Headers HeaderChange
		Stated  []fleet.Binding
		Unclear []fleet.Unclear
		Clear   bool
		UndoTo  fleet.SnapshotID
		Edit    *Edit
	}{p.ID, p.PBX, p.Kind, p.Base, p.Before, p.After, p.Headers, stated, unclear, p.Clear, p.UndoTo, p.Edit})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
