package change

import (
	"context"
	"fmt"
	"slices"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// undo turns a snapshot into what a plan can ask for today.
func (c *Changer) undo(ctx context.Context, ask Ask, known fleet.Known) (*plan.Undo, error) {
	snapshot, set, err := c.d.Directory.SetAt(ctx, ask.UndoTo)
	if err != nil {
		return nil, err
	}
	if snapshot.PBX != ask.PBX {
		return nil, fleet.Invalid("change.Draft", "That snapshot belongs to another PBX.", fleet.Field{Name: "undo_to", Rule: "Choose a snapshot of this PBX's history."})
	}
	if set.Certain().Len() != set.Len() {
		return nil, fleet.Invalid("change.Draft", "Some of that snapshot's numbers were never known by trunk.", fleet.Field{Name: "undo_to", Rule: "Choose a snapshot that a report or our own write made."})
	}
	wanted, lost, err := c.today(ctx, set.Minus(known.Set))
	if err != nil {
		return nil, err
	}
	wanted = append(wanted, set.Without(set.Minus(known.Set)...).Pairs()...)
	return &plan.Undo{Snapshot: snapshot.ID, Set: fleet.NewBindingSet(wanted...), Lost: lost}, nil
}

// today gives pairs of the past the ids that their numbers have now. Identity is the number: an id
// that means another number now is never used for the old one.
func (c *Changer) today(ctx context.Context, past []fleet.Binding) ([]fleet.Binding, []plan.Skipped, error) {
	ids := didsOf(past)
	rows, err := c.d.Directory.Numbers(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	now, err := c.d.Reader.DIDs(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	same := map[fleet.DIDID]bool{}
	for _, d := range now {
		was := rows[d.ID].Number
		same[d.ID] = was == "" || was == d.Number
	}
	var moved []string
	for _, b := range past {
		if number := rows[b.DID].Number; !same[b.DID] && number != "" && !slices.Contains(moved, number) {
			moved = append(moved, number)
		}
	}
	found, err := c.d.Reader.Numbered(ctx, moved)
	if err != nil {
		return nil, nil, err
	}
	var wanted []fleet.Binding
	var lost []plan.Skipped
	for _, b := range past {
		number := rows[b.DID].Number
		if same[b.DID] {
			wanted = append(wanted, b)
		} else if id, why := successor(found, number, b.Trunk); why == "" {
			wanted = append(wanted, fleet.Binding{Trunk: b.Trunk, DID: id})
		} else {
			lost = append(lost, plan.Skipped{Number: orID(number, b.DID), Reason: why})
		}
	}
	return wanted, lost, nil
}

// successor is the one DID that has a number on a trunk now, or why there is none.
func successor(found []fleet.DID, number string, on fleet.TrunkID) (fleet.DIDID, string) {
	var ids []fleet.DIDID
	for _, d := range found {
		if number != "" && d.Number == number && slices.Contains(d.Trunks, on) {
			ids = append(ids, d.ID)
		}
	}
	switch len(ids) {
	case 0:
		return 0, "Yeastar has no such number on that trunk any more."
	case 1:
		return ids[0], ""
	}
	return 0, fmt.Sprintf("Yeastar has this number %d times on that trunk.", len(ids))
}

func orID(number string, did fleet.DIDID) string {
	if number == "" {
		return "DID " + did.String()
	}
	return number
}
