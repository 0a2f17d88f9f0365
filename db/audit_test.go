package db_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
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
	if good, err := d.VerifyAudit(t.Context(), audit.Head{}); good != 20 || err != nil {
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
	if good, err := d.VerifyAudit(t.Context(), audit.Head{}); good != 3 || err != nil {
		t.Errorf("%d %v", good, err)
	}
}

// TestEveryTamperingWithTheAuditLogIsFound is goal R8: edits, deletions, insertions and reorderings by
// somebody who has the file and removes the triggers first.
func TestEveryTamperingWithTheAuditLogIsFound(t *testing.T) {
	const rows, attempts = 12, 1000
	random := rand.New(rand.NewPCG(3, 4))
	columns := []string{"at = at + 1", "actor = 'eve'", "action = 'x.y'", "target = target || '!'", "pbx_id = pbx_id + 1", "plan_id = 'p'", "outcome = 'failed'",
		"reason = ''", "before = ''", "after = '{}'", "vendor_request_id = 'q'", "ip = ''", "prev = ''", "hash = prev"}
	texts := []string{"actor", "action", "target", "plan_id", "outcome", "reason", "before", "after", "vendor_request_id", "ip", "prev", "hash"}
	d := dbtest.New(t)
	appendRows(t, d, rows)
	prepare := `DROP TRIGGER audit_keeps_rows; DROP TRIGGER audit_keeps_words; DROP TRIGGER audit_is_indexed; CREATE TABLE clean AS SELECT * FROM audit`
	if err := d.Script(t.Context(), prepare); err != nil {
		t.Fatal(err)
	}
	for range attempts {
		seq := 2 + random.IntN(rows-1) // not the first, whose prev is empty anyway
		var script string
		switch random.IntN(7) {
		case 0:
			script = fmt.Sprintf(`DELETE FROM audit WHERE seq = %d`, seq)
		case 1: // deleted, and the rest moved up
			script = fmt.Sprintf(`DELETE FROM audit WHERE seq = %d; UPDATE audit SET seq = seq - 1 WHERE seq > %d`, seq, seq)
		case 2: // two rows swapped
			script = fmt.Sprintf(`UPDATE audit SET seq = -1 WHERE seq = %d; UPDATE audit SET seq = %d WHERE seq = %d; UPDATE audit SET seq = %d WHERE seq = -1`, seq, seq, seq+1, seq+1)
		case 3: // one copied in
			script = fmt.Sprintf(`UPDATE audit SET seq = -seq - 1 WHERE seq > %d; UPDATE audit SET seq = -seq WHERE seq < 0;
				INSERT INTO audit SELECT %d, at, actor, action, target, pbx_id, plan_id, outcome, reason, before, after, vendor_request_id, ip, prev, hash FROM audit WHERE seq = %d`, seq, seq+1, seq)
		case 4, 5: // one byte of a text, in whichever way: a space in a document too, and what is no character
			column, at := texts[random.IntN(len(texts))], 1+random.IntN(3)
			put := []string{"' '", "'\u003c'", "cast(x'ff' AS TEXT)", "char(65533)", "char(0)"}[random.IntN(5)]
			script = fmt.Sprintf(`UPDATE audit SET %[1]s = substr(%[1]s, 1, %[2]d) || %[3]s || substr(%[1]s, %[2]d + 1) WHERE seq = %[4]d`, column, at, put, seq)
		default:
			script = fmt.Sprintf(`UPDATE audit SET %s WHERE seq = %d`, columns[random.IntN(len(columns))], seq)
		}
		if err := d.Script(t.Context(), script); err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		good, err := d.VerifyAudit(t.Context(), audit.Head{})
		if err == nil {
			t.Errorf("not found: %s", script)
		} else if good > int64(seq) || !strings.Contains(err.Error(), fmt.Sprintf("row %d", good+1)) && !strings.Contains(err.Error(), fmt.Sprintf("row %d", good+2)) {
			t.Errorf("%s: %d rows are called good: %v", script, good, err)
		}
		if err := d.Script(t.Context(), `DELETE FROM audit; INSERT INTO audit SELECT * FROM clean`); err != nil {
			t.Fatal(err)
		}
	}
	if good, err := d.VerifyAudit(t.Context(), audit.Head{}); good != rows || err != nil {
		t.Errorf("the restored log: %d %v", good, err)
	}
}

func TestRowsCutOffAtTheEndAreFoundByAHeadThatWasKept(t *testing.T) {
	d := dbtest.New(t)
	appendRows(t, d, 9)
	head, err := d.AuditHead(t.Context())
	if err != nil || head.Seq != 9 {
		t.Fatal(head, err)
	}
	if kept, err := audit.ParseHead(" " + head.String() + "\n"); err != nil || kept != head {
		t.Errorf("%v %v", kept, err)
	}
	appendRows(t, d, 3)
	if good, err := d.VerifyAudit(t.Context(), head); good != 12 || err != nil {
		t.Errorf("a longer record: %d %v", good, err)
	}
	if err := d.Script(t.Context(), `DROP TRIGGER audit_keeps_rows; DELETE FROM audit WHERE seq > 7`); err != nil {
		t.Fatal(err)
	}
	if good, err := d.VerifyAudit(t.Context(), audit.Head{}); good != 7 || err == nil || !strings.Contains(err.Error(), "once had row 12") {
		t.Errorf("without a head of our own: %d %v", good, err)
	}
	if _, err := d.VerifyAudit(t.Context(), head); err == nil || !strings.Contains(err.Error(), "ends with row 7") {
		t.Errorf("cut off: %v", err)
	}
	appendRows(t, d, 5) // and written on, as if nothing had been
	if _, err := d.VerifyAudit(t.Context(), audit.Head{}); err == nil || !strings.Contains(err.Error(), "row 12 is not the one that it was") {
		t.Errorf("written anew, without a head of our own: %v", err)
	}
	if err := d.Script(t.Context(), `DELETE FROM setting WHERE key = 'db.audit_head'`); err != nil {
		t.Fatal(err)
	}
	if good, err := d.VerifyAudit(t.Context(), audit.Head{}); good != 12 || err != nil { // whoever can do that, too, is found by a head that is elsewhere
		t.Errorf("without any head: %d %v", good, err)
	}
	if _, err := d.VerifyAudit(t.Context(), head); err == nil || !strings.Contains(err.Error(), "row 9") {
		t.Errorf("written anew: %v", err)
	}
}

func TestTheAuditLogIsListedNewestFirstUnderEveryFilter(t *testing.T) {
	d := dbtest.New(t)
	appendRows(t, d, 21)
	filters := map[string]audit.Filter{
		"all": {}, "actor": {Actor: "ana"}, "PBX": {PBX: 1}, "PBX and actor": {PBX: 1, Actor: "ben"}, "action": {Action: string(audit.SignIn)}, "other action": {Action: "x.y"},
		"from": {From: noon.Add(4 * time.Second)}, "to": {To: noon.Add(4 * time.Second)}, "span and actor": {From: noon.Add(2 * time.Second), To: noon.Add(6 * time.Second), Actor: "ana"},
		"outcome": {Outcome: audit.Succeeded}, "seldom outcome": {Outcome: audit.Failed}, "outcome and actor": {Outcome: audit.Succeeded, Actor: "ben"}, "up to": {UpTo: 9}, "words": {Text: "row wh"},
		"words and actor": {Text: "why", Actor: "ana", To: noon.Add(6 * time.Second)}, "words and PBX": {Text: "ROW", PBX: 2, UpTo: 14}, "no such word": {Text: "nobody"}, "no word at all": {Text: "<>"},
	}
	for name, f := range filters {
		t.Run(name, func(t *testing.T) {
			var want []int64
			for i := 20; i >= 0; i-- {
				at := noon.Add(time.Duration(i/2) * time.Second)
				if (f.Actor == "" || f.Actor == []string{"ana", "ben"}[i%2]) && (f.PBX == 0 || int(f.PBX) == i%3) && (f.Action == "" || f.Action == string(audit.SignIn)) &&
					(f.From.IsZero() || !at.Before(f.From)) && (f.To.IsZero() || at.Before(f.To)) && (f.Outcome == "" || f.Outcome == audit.Succeeded) &&
					(f.UpTo == 0 || int64(i+1) <= f.UpTo) && f.Text != "nobody" && f.Text != "<>" {
					want = append(want, int64(i+1))
				}
			}
			if n, head, err := d.CountAudit(t.Context(), f); err != nil || f.UpTo == 0 && n != len(want) || head.Seq != 21 {
				t.Errorf("counted %d, head %v, %v", n, head, err)
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
					if e.Target != fmt.Sprintf("<row %d>", e.Seq-1) || string(e.After) != `{"a":"\u003c\u0026\u003e"}` {
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

func TestTheRecordIsFoundByItsWords(t *testing.T) {
	d := dbtest.New(t)
	for _, e := range []audit.Entry{
		{Actor: "ana.perez", Action: audit.BindingsUpdate, Target: "Bäckerei Süß", PBX: 4808, Plan: "pl_7Q2M", Outcome: audit.Diverged, Reason: "Customer moves on Monday"},
		{Actor: "ben", Action: audit.SettingsUpdate, Target: "notifications by e-mail", Outcome: audit.Succeeded, IP: "192.0.2.17", After: []byte(`{"host":"smtp.example","note":"\"quoted\" OR not"}`)},
		{Actor: "ben", Action: audit.SignIn, Target: "ben", Outcome: audit.Refused, VendorRequestID: "d42cdd6453bc"},
	} {
		e.At = noon
		if err := d.AppendAudit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string][]int64{
		"backerei": {1}, "süß": {1}, "monday cust": {1}, "pl_7Q2M": {1}, "4808": {1}, "smtp.example": {2}, "192.0.2.17": {2}, "ben": {3, 2}, "refused": {3}, "d42cdd": {3},
		"perez bindings": {1}, `"quoted`: {2}, "OR": {2}, "NEAR(": nil, "perez ben": nil, "actor:ben": nil, "mond*": {1}, "-monday": {1}, "\x00ben": {3, 2},
	} {
		page, err := d.Audit(t.Context(), audit.Filter{Text: text})
		var got []int64
		for _, e := range page.Items {
			got = append(got, e.Seq)
		}
		if err != nil || !slices.Equal(got, want) || page.Total != len(want) {
			t.Errorf("%q: %v (%d), want %v, %v", text, got, page.Total, want, err)
		}
	}
}
