package db_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/fleet"
)

// keepDIDs keeps a complete list of numbers as a pass does, in two pages.
func keepDIDs(ctx context.Context, d *db.DB, dids []fleet.DID, at time.Time) error {
	var changed []fleet.DID
	all := make([]fleet.DIDID, len(dids))
	for i, did := range dids {
		all[len(all)-1-i] = did.ID // in any order
	}
	for page := range slices.Chunk(dids, max(1, (len(dids)+1)/2)) {
		more, err := d.ChangedDIDs(ctx, page, at)
		if err != nil {
			return err
		}
		changed = append(changed, more...)
	}
	return d.KeepDIDs(ctx, changed, all, at)
}

func TestAListOfNumbersThatSaysWhatIsKnownWritesItsTimeAlone(t *testing.T) {
	d := dbtest.At(t, func() time.Time { return noon })
	many := make([]fleet.DID, 1200)
	for i := range many {
		many[i] = fleet.DID{ID: fleet.DIDID(i + 1), Number: fmt.Sprint("+4420", 10_000+i), Name: "Desk", Trunks: []fleet.TrunkID{2, 1}, Owner: acme.ID}
	}
	if err := keepDIDs(t.Context(), d, many, noon); err != nil {
		t.Fatal(err)
	}
	before, err := d.Changes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := keepDIDs(t.Context(), d, many, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if after, err := d.Changes(t.Context()); err != nil || after != before+1 {
		t.Errorf("%d rows were written, %v", after-before, err)
	}
	if n, at, err := d.NumbersListed(t.Context()); err != nil || n != len(many) || !at.Equal(noon.Add(time.Hour)) {
		t.Errorf("%d numbers at %v, %v", n, at, err)
	}
	for what, change := range map[string]func(*fleet.DID){
		"number": func(d *fleet.DID) { d.Number = "+44301" }, "name": func(d *fleet.DID) { d.Name = "Lab" },
		"owner": func(d *fleet.DID) { d.Owner = 0 }, "trunks": func(d *fleet.DID) { d.Trunks = []fleet.TrunkID{1} },
	} {
		read := many[7]
		change(&read)
		if changed, err := d.ChangedDIDs(t.Context(), []fleet.DID{many[6], read, many[8], {ID: 5000, Number: "1"}}, noon.Add(2*time.Hour)); err != nil || len(changed) != 2 || changed[0].ID != read.ID || changed[1].ID != 5000 {
			t.Errorf("another %s: %+v, %v", what, changed, err)
		}
	}
	listed, err := d.Listed(t.Context(), []fleet.DIDID{1, 2, 9999})
	if err != nil || len(listed) != 2 || listed[0].Owner != acme.ID || !slices.Equal(listed[0].Trunks, []fleet.TrunkID{1, 2}) {
		t.Errorf("%+v, %v", listed, err)
	}
	if err := keepDIDs(t.Context(), d, many[:1100], noon.Add(3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if listed, err := d.Listed(t.Context(), []fleet.DIDID{1100, 1101, 1200}); err != nil || len(listed) != 1 {
		t.Errorf("%+v, %v", listed, err)
	}
	back := many[1150]
	if changed, err := d.ChangedDIDs(t.Context(), []fleet.DID{back}, noon.Add(4*time.Hour)); err != nil || len(changed) != 1 {
		t.Errorf("a number that is back says nothing new: %v, %v", changed, err)
	}
}
