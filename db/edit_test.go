package db

import (
	"path/filepath"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
)

// TestTheSealedPasswordOfAPlanGoesWhenThePlanIsOver: discarded, expired or sent.
func TestTheSealedPasswordOfAPlanGoesWhenThePlanIsOver(t *testing.T) {
	d := mustOpen(t, filepath.Join(t.TempDir(), "cordboard.db"), embedded())
	ctx := t.Context()
	if _, err := d.KeepPBX(ctx, fleet.PBX{ID: 4808, Serial: "36A0", Name: "Acme HQ", Status: fleet.StatusRunning}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	by := audit.Entry{At: now, Actor: "ana", Action: audit.PlanCreate, Target: "Acme HQ", Outcome: audit.Succeeded}
	trunk := sip.Trunk{ID: 11, Name: "carrier", Type: "register"}
	patch, changes, err := sip.Diff(trunk, trunk, true)
	if err != nil {
		t.Fatal(err)
	}
	save := func(id fleet.PlanID, expires time.Time) {
		t.Helper()
		p := plan.Plan{ID: id, PBX: 4808, PBXName: "Acme HQ", Kind: plan.KindTrunk, Status: plan.Draft, Author: "ana", CreatedAt: now, ExpiresAt: expires,
			Edit: &plan.Edit{Trunk: 11, Before: trunk, Patch: patch, Changes: changes, PasswordMark: "k:m"}}
		if err := d.SaveEdit(ctx, p, []byte("sealed"), by); err != nil {
			t.Fatal(err)
		}
	}
	later := now.Add(time.Hour)
	save("discarded", later)
	save("sent", later)
	save("expired", now.Add(-time.Minute))
	save("waiting", later)

	if err := d.DiscardPlan(ctx, "discarded", by); err != nil {
		t.Fatal(err)
	}
	if err := d.Begin(ctx, "sent", now, "", by); err != nil {
		t.Fatal(err)
	}
	if sealed, err := d.EditPassword(ctx, "sent"); err != nil || sealed == nil {
		t.Errorf("it is gone before the plan was sent: %v", err)
	}
	sent, err := d.Plan(ctx, "sent")
	if err != nil {
		t.Fatal(err)
	}
	sent.Status, sent.Outcome = plan.Unknown, plan.Outcome{Result: plan.ResultUnknown}
	if err := d.Finish(ctx, sent, nil, by); err != nil {
		t.Fatal(err)
	}
	d.ExpireDrafts(ctx)

	for id, want := range map[fleet.PlanID]bool{"discarded": false, "sent": false, "expired": false, "waiting": true} {
		sealed, err := d.EditPassword(ctx, id)
		if err != nil || (sealed != nil) != want {
			t.Errorf("%s: kept %t, want %t, %v", id, sealed != nil, want, err)
		}
	}
}
