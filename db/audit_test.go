package db_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

func appendRows(t *testing.T, d *db.DB, n int) {
	t.Helper()
	for i := range n {
		e := audit.Entry{
			At: noon.Add(time.Duration(i/2) * time.Second), Actor: []string{"ana", "ben"}[i%2], Action: audit.SignIn, Target: fmt.Sprintf("<row %d>", i),
			PBX: fleet.PBXID(i % 3), Outcome: audit.Succeeded, Before: []byte(`{"a":1}`), After: []byte(`{"a":"<&>"}`), IP: "127.0.0.1", Reason: "why", VendorRequestID: "r",
		}
		if err := d.AppendAudit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheAuditChainOfWhatWasAppendedHolds(t *testing.T) {
	d := dbtest.New(t)
	appendRows(t, d, 20)
	if good, err := d.VerifyAudit(t.Context()); good != 20 || err != nil {
		t.Errorf("%d %v", good, err)
	}
}

func TestAuditRowsCanNeitherBeChangedNorDeleted(t *testing.T) {
	d := dbtest.New(t)
	appendRows(t, d, 3)
	for _, script := range []string{`UPDATE audit SET actor = 'eve' WHERE seq = 2`, `DELETE FROM audit WHERE seq = 2`, `DELETE FROM audit`} {
		if err := d.Script(t.Context(), script); err == nil {
			t.Errorf("%s went through", script)
		}
	}
	if good, err := d.VerifyAudit(t.Context()); good != 3 || err != nil {
		t.Errorf("%d %v", good, err)
	}
}

// TestEveryTamperingWithTheAuditLogIsFound is goal R8: edits, deletions, insertions and reorderings by
// somebody who has the file and removes the triggers first.
func TestEveryTamperingWithTheAuditLogIsFound(t *testing.T) {
	const rows, attempts = 12, 60
	random := rand.New(rand.NewPCG(3, 4))
	columns := []string{"at = at + 1", "actor = 'eve'", "action = 'x.y'", "target = target || '!'", "pbx_id = pbx_id + 1", "plan_id = 'p'", "outcome = 'failed'",
		"reason = ''", "before = ''", "after = '{}'", "vendor_request_id = 'q'", "ip = ''", "prev = ''", "hash = prev"}
	d := dbtest.New(t)
	appendRows(t, d, rows)
	prepare := `DROP TRIGGER audit_keeps_rows; DROP TRIGGER audit_keeps_words; CREATE TABLE clean AS SELECT * FROM audit`
	if err := d.Script(t.Context(), prepare); err != nil {
		t.Fatal(err)
	}
	for range attempts {
		seq := 2 + random.IntN(rows-2) // neither the first, whose prev is empty anyway, nor a cut at the end
		var script string
		switch random.IntN(5) {
		case 0:
			script = fmt.Sprintf(`DELETE FROM audit WHERE seq = %d`, seq)
		case 1: // deleted, and the rest moved up
			script = fmt.Sprintf(`DELETE FROM audit WHERE seq = %d; UPDATE audit SET seq = seq - 1 WHERE seq > %d`, seq, seq)
		case 2: // two rows swapped
			script = fmt.Sprintf(`UPDATE audit SET seq = -1 WHERE seq = %d; UPDATE audit SET seq = %d WHERE seq = %d; UPDATE audit SET seq = %d WHERE seq = -1`, seq, seq, seq+1, seq+1)
		case 3: // one copied in
			script = fmt.Sprintf(`UPDATE audit SET seq = -seq - 1 WHERE seq > %d; UPDATE audit SET seq = -seq WHERE seq < 0;
				INSERT INTO audit SELECT %d, at, actor, action, target, pbx_id, plan_id, outcome, reason, before, after, vendor_request_id, ip, prev, hash FROM audit WHERE seq = %d`, seq, seq+1, seq)
		default:
			script = fmt.Sprintf(`UPDATE audit SET %s WHERE seq = %d`, columns[random.IntN(len(columns))], seq)
		}
		if err := d.Script(t.Context(), script); err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		good, err := d.VerifyAudit(t.Context())
		if err == nil {
			t.Errorf("not found: %s", script)
		} else if good > int64(seq) {
			t.Errorf("%s: found behind row %d only: %v", script, good, err)
		}
		if err := d.Script(t.Context(), `DELETE FROM audit; INSERT INTO audit SELECT * FROM clean`); err != nil {
			t.Fatal(err)
		}
	}
	if good, err := d.VerifyAudit(t.Context()); good != rows || err != nil {
		t.Errorf("the restored log: %d %v", good, err)
	}
}

func TestTheAuditLogIsListedNewestFirstUnderEveryFilter(t *testing.T) {
	d := dbtest.New(t)
	appendRows(t, d, 21)
	filters := map[string]audit.Filter{
		"all": {}, "actor": {Actor: "ana"}, "PBX": {PBX: 1}, "PBX and actor": {PBX: 1, Actor: "ben"}, "action": {Action: string(audit.SignIn)}, "other action": {Action: "x.y"},
		"from": {From: noon.Add(4 * time.Second)}, "to": {To: noon.Add(4 * time.Second)}, "span and actor": {From: noon.Add(2 * time.Second), To: noon.Add(6 * time.Second), Actor: "ana"},
	}
	for name, f := range filters {
		t.Run(name, func(t *testing.T) {
			var want []int64
			for i := 20; i >= 0; i-- {
				at := noon.Add(time.Duration(i/2) * time.Second)
				if (f.Actor == "" || f.Actor == []string{"ana", "ben"}[i%2]) && (f.PBX == 0 || int(f.PBX) == i%3) && (f.Action == "" || f.Action == string(audit.SignIn)) &&
					(f.From.IsZero() || !at.Before(f.From)) && (f.To.IsZero() || at.Before(f.To)) {
					want = append(want, int64(i+1))
				}
			}
			var got []int64
			f.Page.Limit = 4
			for {
				page, err := d.Audit(t.Context(), f)
				if err != nil || page.Total != len(want) {
					t.Fatalf("total %d, want %d, %v", page.Total, len(want), err)
				}
				for _, e := range page.Items {
					got = append(got, e.Seq)
					if e.Target != fmt.Sprintf("<row %d>", e.Seq-1) || string(e.After) != `{"a":"<&>"}` {
						t.Errorf("%+v", e)
					}
				}
				if f.Page.After = page.Next; page.Next == "" {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}
