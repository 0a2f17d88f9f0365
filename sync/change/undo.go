package change

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// past is a snapshot that an undo goes back to, and how its numbers were dialled then as far as we know.
type past struct {
	snapshot fleet.SnapshotID
	set      fleet.BindingSet
	numbers  map[fleet.DIDID]fleet.NumberRow
	headers  fleet.Headers
}

// held refuses what a job wants of a PBX that somebody has taken back to an earlier state after the
// job was decided on: nothing automatic works against an undo. A zero decided is a person's own act.
func (c *Changer) held(ctx context.Context, id fleet.PBXID, decided time.Time) error {
	if decided.IsZero() {
		return nil
	}
	undone, err := c.d.Open.Undone(ctx, id)
	if err != nil || !undone.At.After(decided) {
		return err
	}
	return &fleet.Error{Kind: fleet.KindStale, Op: "change.held", Msg: fmt.Sprintf(
		"%s has taken this PBX back to snapshot %s on %s, after this was decided. Nothing automatic works against that: look at it, and ask for what is still wanted anew.",
		undone.By, undone.To, undone.At.UTC().Format("2 Jan, 15:04 UTC"))}
}

// past loads the snapshot of an undo.
func (c *Changer) past(ctx context.Context, ask Ask) (past, error) {
	snapshot, set, err := c.d.Directory.SetAt(ctx, ask.UndoTo)
	if err != nil {
		return past{}, err
	}
	if snapshot.PBX != ask.PBX {
		return past{}, fleet.Invalid("change.Draft", "That snapshot belongs to another PBX.", fleet.Field{Name: "undo_to", Rule: "Choose a snapshot of this PBX's history."})
	}
	if set.Certain().Len() != set.Len() {
		return past{}, fleet.Invalid("change.Draft", "Some of that snapshot's numbers were never known by trunk.", fleet.Field{Name: "undo_to", Rule: "Choose a snapshot that a report or our own write made."})
	}
	numbers, err := c.d.Directory.Numbers(ctx, didsOf(set.Pairs()))
	if err != nil {
		return past{}, err
	}
	for id, row := range numbers {
		row.Number = row.NumberAt(snapshot.At())
		numbers[id] = row
	}
	headers, err := c.d.Directory.HeadersAt(ctx, snapshot.ID)
	return past{snapshot.ID, set, numbers, headers}, err
}

// undo turns the past into what a plan can ask for today: pairs that are bound stay, and the others
// get the ids that their numbers have now. Identity is the number: an id that means another number
// now is never used for the old one.
func (c *Changer) undo(ctx context.Context, was past, known fleet.Known) (*plan.Undo, error) {
	missing := was.set.Minus(known.Set)
	now, err := c.d.Reader.DIDs(ctx, didsOf(missing))
	if err != nil {
		return nil, err
	}
	same := map[fleet.DIDID]bool{}
	for _, d := range now {
		number := was.numbers[d.ID].Number
		same[d.ID] = number == "" || number == d.Number
	}
	var moved []string
	for _, b := range missing {
		if number := was.numbers[b.DID].Number; !same[b.DID] && number != "" && !slices.Contains(moved, number) {
			moved = append(moved, number)
		}
	}
	found, err := c.d.Reader.Numbered(ctx, moved)
	if err != nil {
		return nil, err
	}
	undo := &plan.Undo{Snapshot: was.snapshot, Headers: was.headers}
	wanted := was.set.Without(missing...).Pairs()
	for _, b := range missing {
		number := was.numbers[b.DID].Number
		if same[b.DID] {
			wanted = append(wanted, b)
		} else if id, why := successor(found, number, b.Trunk); why == "" {
			wanted = append(wanted, fleet.Binding{Trunk: b.Trunk, DID: id})
		} else {
			undo.Lost = append(undo.Lost, plan.Skipped{Number: cmp.Or(number, "DID "+b.DID.String()), Reason: why})
		}
	}
	undo.Set = fleet.NewBindingSet(wanted...)
	return undo, nil
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
