package station_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

func TestHazardRestoredFromAnOldBackup(t *testing.T) {
	h := build(t)
	waiting := h.draft(change.Ask{PBX: acmeHQ, Unbind: []fleet.Binding{pair(london, 50031)}})
	copied := filepath.Join(t.TempDir(), "copy.db")
	if _, err := h.DB.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if s := h.state(acmeHQ); s.State != fleet.InSync {
		t.Errorf("the original is %+v", s)
	}
	if p, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50035)}})); err != nil {
		t.Fatal(p.Status, err)
	}
	h.settled()
	h.close()
	h.path = copied
	h.open()

	for _, id := range []fleet.PBXID{acmeHQ, bakery, oldie} {
		if s := h.state(id); s.State != fleet.Stale || !s.VerifiedAt.IsZero() {
			t.Errorf("PBX %d is %+v", id, s)
		}
	}
	writes := h.sent(acmeHQ)
	p, err := h.confirm(waiting)
	wantKind(t, err, fleet.KindConflict)
	if stored, _ := h.DB.Plan(t.Context(), waiting.ID); stored.Status != plan.Void || !strings.Contains(stored.Outcome.Sentence, "restored from a copy") || h.sent(acmeHQ) != writes {
		t.Errorf("a plan of the time before is %s: %s, answered %s", stored.Status, stored.Outcome.Sentence, p.Status)
	}
	page, err := h.DB.Audit(t.Context(), audit.Filter{Action: string(audit.RecordRestore)})
	if err != nil || len(page.Items) != 1 {
		t.Errorf("%+v %v", page.Items, err)
	}
	if r, err := h.DB.Restored(t.Context()); err != nil || r.From.IsZero() || r.To.Before(r.From) {
		t.Errorf("%+v %v", r, err)
	}

	h.sweep()
	if s := h.state(bakery); s.State != fleet.InSync {
		t.Errorf("what did not change is %+v", s)
	}
	d := h.drift(acmeHQ)
	if d.Cause != fleet.CauseUnknown || !strings.Contains(d.Evidence[0].Sentence, "restored from a backup") || !d.After.Equal(h.cloud(acmeHQ)) {
		t.Errorf("%s: %+v", d.Cause, d.Evidence)
	}
	h.close()
	h.open()
	if s := h.state(bakery); s.State != fleet.InSync {
		t.Errorf("the next start took it for a restore again: %+v", s)
	}
	if time.Since(h.state(bakery).VerifiedAt) > time.Hour {
		t.Error("never verified")
	}
}

// What two sets of pairs show alike, and header values, no read can tell: a copy must not be believed for either.
func TestHazardAfterARestoreNothingIsCertainThatNoReadCanShow(t *testing.T) {
	h := build(t)
	old, renewed := []fleet.Header{{Trunk: headed, Header: 7, Value: "old"}}, []fleet.Header{{Trunk: headed, Header: 7, Value: "new"}}
	for _, ask := range []change.Ask{{PBX: bakery, Headers: &old}, {PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50070)}}} {
		if _, err := h.confirm(h.draft(ask)); err != nil {
			t.Fatal(err)
		}
	}
	h.settled()
	if k := h.known(bakery); !k.Headers.Known {
		t.Fatalf("header values before the copy: %+v", k.Headers)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if _, err := h.DB.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	for _, ask := range []change.Ask{{PBX: bakery, Headers: &renewed}, {PBX: acmeHQ, Unbind: []fleet.Binding{pair(london, 50070)}, Bind: []fleet.Binding{pair(peer, 50070)}}} {
		if _, err := h.confirm(h.draft(ask)); err != nil {
			t.Fatal(err)
		}
	}
	h.settled()
	h.close()
	h.path = copied
	h.open()
	if k := h.known(acmeHQ); !k.Set.Has(pair(london, 50070)) {
		t.Fatalf("the copy is of another time: %+v", k)
	}
	h.sweep()

	if k := h.known(acmeHQ); k.Certainty != fleet.CertaintyAmbiguous || len(k.Unclear) != 1 || k.Unclear[0].DID != 50070 || k.Set.Len() != 4 {
		t.Errorf("a number on two trunks: %+v", k)
	}
	if s := h.state(acmeHQ); s.State != fleet.Unknown {
		t.Errorf("what can't be told from a copy is %+v", s)
	}
	_, err := h.Changer.Draft(t.Context(), ana, change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(london, 50036)}})
	wantKind(t, err, fleet.KindInvalid)
	if k := h.known(bakery); k.Headers.Known || !slices.Equal(k.Headers.List(), old) {
		t.Errorf("header values: %+v", k.Headers)
	}
	_, err = h.Changer.Draft(t.Context(), ana, change.Ask{PBX: bakery, Bind: []fleet.Binding{pair(london, 50041)}})
	wantKind(t, err, fleet.KindHeaders)

	p, err := h.confirm(h.draft(change.Ask{PBX: acmeHQ, Bind: []fleet.Binding{pair(peer, 50070)}}))
	if err != nil || p.Status != plan.Applied {
		t.Fatal(p.Status, err)
	}
	h.settled()
	if k := h.known(acmeHQ); !k.Exact() || !k.Set.Equal(h.cloud(acmeHQ)) {
		t.Errorf("after the person's word: %+v", k)
	}
	h.sweep()
	if k, s := h.known(acmeHQ), h.state(acmeHQ); !k.Exact() || s.State != fleet.InSync {
		t.Errorf("after one more pass: %+v, %+v", k, s)
	}
}
