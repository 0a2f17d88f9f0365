package audit_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

var texts = rapid.SampledFrom([]string{"", "ana", "ben", "Bäckerei <Süß> & Co", "a\"b", "a\nb"})

var documents = rapid.SampledFrom([]json.RawMessage{nil, json.RawMessage(`{"bindings":[[1,2]]}`), json.RawMessage(`{"bindings":[]}`), json.RawMessage(`{"a":"<b>"}`)})

var entries = rapid.Custom(func(t *rapid.T) audit.Entry {
	return audit.Entry{
		At:      time.Unix(rapid.Int64Range(0, 1<<32).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")),
		Actor:   texts.Draw(t, "actor"),
		Action:  rapid.SampledFrom([]audit.Action{audit.PlanCreate, audit.PlanConfirm, audit.BindingsUpdate}).Draw(t, "action"),
		Target:  texts.Draw(t, "target"),
		PBX:     fleet.PBXID(rapid.Int64Range(0, 9).Draw(t, "pbx")),
		Plan:    fleet.PlanID(texts.Draw(t, "plan")),
		Outcome: rapid.SampledFrom([]audit.Outcome{audit.Intended, audit.Succeeded, audit.Failed}).Draw(t, "outcome"),
		Reason:  texts.Draw(t, "reason"), Before: documents.Draw(t, "before"), After: documents.Draw(t, "after"),
		VendorRequestID: texts.Draw(t, "request"), IP: texts.Draw(t, "ip"),
	}
})

// chains draws sealed records of two to six rows.
var chains = rapid.Custom(func(t *rapid.T) []audit.Entry {
	rows := rapid.SliceOfN(entries, 2, 6).Draw(t, "rows")
	prev := ""
	for i := range rows {
		sealed, err := audit.Seal(int64(i+1), prev, rows[i])
		if err != nil {
			t.Fatal(err)
		}
		rows[i], prev = sealed, sealed.Hash
	}
	return rows
})

// firstBad is the first row that does not check, counted from 1, or 0.
func firstBad(rows []audit.Entry) int {
	var prev audit.Entry
	for i, e := range rows {
		if audit.Check(prev, e) != nil {
			return i + 1
		}
		prev = e
	}
	return 0
}

func TestAnUntouchedRecordChecks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if bad := firstBad(chains.Draw(t, "rows")); bad != 0 {
			t.Fatalf("row %d does not check", bad)
		}
	})
}

func TestARowChecksAfterItWasStoredAndLoaded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := chains.Draw(t, "rows")
		for i, e := range rows {
			// What the database keeps: microseconds, and the documents as text.
			e.At = time.UnixMicro(e.At.UnixMicro()).In(time.FixedZone("", 3600))
			e.Before, e.After = stored(e.Before), stored(e.After)
			rows[i] = e
		}
		if bad := firstBad(rows); bad != 0 {
			t.Fatalf("row %d does not check", bad)
		}
	})
}

func stored(doc json.RawMessage) json.RawMessage { return json.RawMessage(string(doc)) }

// changes are the ways to touch one field of a row.
var changes = map[string]func(*audit.Entry){
	"seq":        func(e *audit.Entry) { e.Seq++ },
	"at":         func(e *audit.Entry) { e.At = e.At.Add(time.Microsecond) },
	"actor":      func(e *audit.Entry) { e.Actor += "x" },
	"action":     func(e *audit.Entry) { e.Action += "x" },
	"target":     func(e *audit.Entry) { e.Target += "x" },
	"pbx":        func(e *audit.Entry) { e.PBX++ },
	"plan":       func(e *audit.Entry) { e.Plan += "x" },
	"outcome":    func(e *audit.Entry) { e.Outcome += "x" },
	"reason":     func(e *audit.Entry) { e.Reason += "x" },
	"before":     func(e *audit.Entry) { e.Before = other(e.Before) },
	"after":      func(e *audit.Entry) { e.After = other(e.After) },
	"request id": func(e *audit.Entry) { e.VendorRequestID += "x" },
	"ip":         func(e *audit.Entry) { e.IP += "x" },
	"prev":       func(e *audit.Entry) { e.Prev += "0" },
	"hash":       func(e *audit.Entry) { e.Hash = strings.Repeat("0", len(e.Hash)) },
}

func other(doc json.RawMessage) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"was":%q}`, doc))
}

func TestAnyChangedFieldIsFoundAtItsRow(t *testing.T) {
	for field, change := range changes {
		t.Run(field, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				rows := chains.Draw(t, "rows")
				i := rapid.IntRange(0, len(rows)-1).Draw(t, "row")
				change(&rows[i])
				if bad := firstBad(rows); bad != i+1 {
					t.Fatalf("row %d was changed, the check names %d", i+1, bad)
				}
			})
		})
	}
}

func TestAChangedRowThatIsSealedAgainBreaksTheNextOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := chains.Draw(t, "rows")
		i := rapid.IntRange(0, len(rows)-2).Draw(t, "row")
		rows[i].Reason += "x"
		forged, err := audit.Seal(rows[i].Seq, rows[i].Prev, rows[i])
		if err != nil {
			t.Fatal(err)
		}
		rows[i] = forged
		if bad := firstBad(rows); bad != i+2 {
			t.Fatalf("row %d was forged, the check names %d", i+1, bad)
		}
	})
}

func TestARemovedRowIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := chains.Draw(t, "rows")
		i := rapid.IntRange(0, len(rows)-2).Draw(t, "row") // the last one leaves a shorter, unbroken record
		if bad := firstBad(slices.Delete(rows, i, i+1)); bad != i+1 {
			t.Fatalf("row %d was removed, the check names %d", i+1, bad)
		}
	})
}

func TestSwappedOrRepeatedRowsAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := chains.Draw(t, "rows")
		i := rapid.IntRange(0, len(rows)-2).Draw(t, "row")
		twice := slices.Insert(slices.Clone(rows), i+1, rows[i])
		if bad := firstBad(twice); bad != i+2 {
			t.Fatalf("row %d stands twice, the check names %d", i+1, bad)
		}
		rows[i], rows[i+1] = rows[i+1], rows[i]
		if bad := firstBad(rows); bad != i+1 {
			t.Fatalf("rows %d and %d were swapped, the check names %d", i+1, i+2, bad)
		}
	})
}

func TestADocumentThatIsNoJSONCanNotBeSealed(t *testing.T) {
	if _, err := audit.Seal(1, "", audit.Entry{Before: json.RawMessage("{")}); err == nil {
		t.Error("it was sealed")
	}
	sealed, err := audit.Seal(1, "", audit.Entry{Actor: "ana"})
	if err != nil {
		t.Fatal(err)
	}
	sealed.Before = json.RawMessage("{")
	if audit.Check(audit.Entry{}, sealed) == nil {
		t.Error("it checks")
	}
}

func TestTheCheckSaysWhatIsWrong(t *testing.T) {
	first, err := audit.Seal(1, "", audit.Entry{Actor: "ana"})
	if err != nil {
		t.Fatal(err)
	}
	second, err := audit.Seal(2, first.Hash, audit.Entry{Actor: "ben"})
	if err != nil {
		t.Fatal(err)
	}
	changed := second
	changed.Actor = "eve"
	stranger := second
	stranger.Prev = "0"
	for want, err := range map[string]error{
		"audit: row 2 follows row 0: rows are missing or moved": audit.Check(audit.Entry{}, second),
		"audit: row 2 does not continue the chain":              audit.Check(first, stranger),
		"audit: row 2 was changed":                              audit.Check(first, changed),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
