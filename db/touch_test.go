package db_test

import (
	"slices"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/fleet"
)

// glance is what a pass makes of a PBX that shows what is known.
func glance(t *testing.T, d *db.DB, at time.Time) fleet.Touch {
	t.Helper()
	f, err := d.Face(t.Context(), acme.ID)
	if err != nil || !f.Calm {
		t.Fatalf("%+v %v", f, err)
	}
	f.Touch.At = at
	return f.Touch
}

func touch(t *testing.T, d *db.DB, touches ...fleet.Touch) (overtaken []fleet.PBXID) {
	t.Helper()
	overtaken, err := d.Touch(t.Context(), touches)
	if err != nil {
		t.Fatal(err)
	}
	return overtaken
}

func TestATouchMovesTheAgeAndNothingElse(t *testing.T) {
	d := dbtest.New(t)
	look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
	look(t, d, exact(noon.Add(time.Minute), setOf(pair(1, 2))), fleet.VerdictNew)
	before := row(t, d)
	if n := touch(t, d, glance(t, d, noon.Add(time.Hour))); len(n) != 0 {
		t.Errorf("overtaken: %v", n)
	}
	after := row(t, d)
	if !after.Standing.VerifiedAt.Equal(noon.Add(time.Hour)) || state(t, d) != fleet.Drifted {
		t.Errorf("%+v", after)
	}
	after.Standing.VerifiedAt = before.Standing.VerifiedAt
	if after != before {
		t.Errorf("%+v\nwas\n%+v", after, before)
	}
	if n := touch(t, d, glance(t, d, noon.Add(time.Minute*30))); len(n) != 0 || !row(t, d).Standing.VerifiedAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("an older glance moved the age back: %+v, %v", row(t, d), n)
	}
}

func TestATouchThatSomethingOvertookIsNotKept(t *testing.T) {
	at := noon.Add(time.Hour)
	for name, between := range map[string]func(*testing.T, *db.DB){
		"another look found a change": func(t *testing.T, d *db.DB) {
			look(t, d, exact(noon.Add(time.Minute), setOf(pair(1, 2))), fleet.VerdictNew)
		},
		"a look found a change and another took it back": func(t *testing.T, d *db.DB) {
			look(t, d, exact(noon.Add(time.Minute), setOf(pair(1, 2))), fleet.VerdictNew)
			look(t, d, exact(noon.Add(time.Minute*2), setOf(pair(1, 1))), fleet.VerdictNew)
		},
		"a read failed": func(t *testing.T, d *db.DB) {
			if err := d.Trouble(t.Context(), acme.ID, noon, "no answer"); err != nil {
				t.Fatal(err)
			}
		},
		"YCM says that it is gone": func(t *testing.T, d *db.DB) {
			if err := d.Missing(t.Context(), acme.ID, noon.Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
		},
		"a plan was sent": func(t *testing.T, d *db.DB) {
			save(t, d, draft("p1", setOf(pair(1, 1)), setOf(pair(1, 2))))
			begin(t, d, "p1", noon)
		},
		"a report of later came first": func(t *testing.T, d *db.DB) {
			look(t, d, exact(at.Add(time.Second), setOf(pair(1, 2))), fleet.VerdictNew)
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := dbtest.New(t)
			look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
			seen := glance(t, d, at)
			between(t, d)
			before := row(t, d)
			if n := touch(t, d, seen); !slices.Equal(n, []fleet.PBXID{acme.ID}) {
				t.Errorf("overtaken: %v", n)
			}
			if after := row(t, d); after != before {
				t.Errorf("%+v\nwas\n%+v", after, before)
			}
		})
	}
}

func TestAPBXWithSomethingOpenIsNotCalm(t *testing.T) {
	for name, open := range map[string]func(*testing.T, *db.DB){
		"never read": func(t *testing.T, d *db.DB) { keepPBXs(t, d, acme) },
		"a read fails": func(t *testing.T, d *db.DB) {
			look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
			_ = d.Trouble(t.Context(), acme.ID, noon, "x")
		},
		"the trunks are not certain": func(t *testing.T, d *db.DB) {
			look(t, d, fleet.Known{Certainty: fleet.CertaintyAmbiguous, Unclear: []fleet.Unclear{{DID: 1, Trunks: []fleet.TrunkID{1, 2}, Copies: 1}}, At: noon}, fleet.VerdictNew)
		},
		"the listing lacks it": func(t *testing.T, d *db.DB) {
			look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
			keepPBXs(t, d, fleet.PBX{ID: 1, Serial: "S1"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := dbtest.New(t)
			open(t, d)
			if f, err := d.Face(t.Context(), acme.ID); err != nil || f.Calm {
				t.Errorf("%+v %v", f, err)
			}
		})
	}
	if _, err := dbtest.New(t).Face(t.Context(), 99); fleet.KindOf(err) != fleet.KindNotFound {
		t.Errorf("a stranger: %v", err)
	}
}

func TestAListingThatSaysWhatIsKnownWritesNothing(t *testing.T) {
	d := dbtest.New(t)
	many := make([]fleet.PBX, 1200)
	for i := range many {
		many[i] = fleet.PBX{ID: fleet.PBXID(i + 1), Serial: "S" + fleet.PBXID(i+1).String(), Name: "Acme"}
	}
	if fresh, err := d.KeepPBXs(t.Context(), many, noon); err != nil || len(fresh) != len(many) {
		t.Fatalf("%d new, %v", len(fresh), err)
	}
	before, err := d.Changes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if fresh, err := d.KeepPBXs(t.Context(), many, noon.Add(time.Hour)); err != nil || len(fresh) != 0 {
		t.Errorf("%d new, %v", len(fresh), err)
	}
	if after, err := d.Changes(t.Context()); err != nil || after != before {
		t.Errorf("%d rows were written, %v", after-before, err)
	}
	if fresh, err := d.KeepPBXs(t.Context(), many[:1100], noon.Add(time.Hour)); err != nil || len(fresh) != 0 {
		t.Errorf("%d new, %v", len(fresh), err)
	}
	if after, err := d.Changes(t.Context()); err != nil || after != before+100 {
		t.Errorf("%d rows were written for 100 that are missing, %v", after-before, err)
	}
}

func TestADeliveryThatWasParkedIsTakenUpWhenALookLearnsTheSerial(t *testing.T) {
	told := 0
	d, err := db.Open(t.Context(), db.Config{Path: dbtest.File(t), Unparked: func() { told++ }})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	store(t, d, `[{"sn":"x"}]`)
	parked := fleet.Settled{State: fleet.DeliveryParked, Elements: []fleet.Element{{Serial: acme.Serial, State: fleet.DeliveryParked}}}
	if _, err := d.Digest(t.Context(), 1, settleAs(parked)); err != nil {
		t.Fatal(err)
	}
	look(t, d, exact(noon, setOf(pair(1, 1))), fleet.VerdictNew)
	if v, _, err := d.Delivery(t.Context(), 1); err != nil || v.State != fleet.DeliveryStored || told != 1 {
		t.Errorf("%+v, told %d times, %v", v, told, err)
	}
	look(t, d, exact(noon.Add(time.Minute), setOf(pair(1, 1))), fleet.VerdictSame)
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}
