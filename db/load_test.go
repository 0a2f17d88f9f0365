package db_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"cordboard/db"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// promise is something that was acknowledged to whoever asked for it, and therefore must not be lost.
type promise struct {
	kind string // delivery, act, plan
	n    int64  // the delivery's id; the number of the act or plan
}

// load writes as a busy server does, until the first failure, which it answers with: deliveries of many callers, acts on record,
// plans from draft to outcome, digestion and packing beside. Numbers begin above first. Whoever asked is told by promised, at
// once and in any order; a hasty load tells of acts before they are stored.
func load(ctx context.Context, d *db.DB, first int64, hasty bool, promised func(promise)) error {
	customer := fleet.PBX{ID: fleet.PBXID(first + 9000), Serial: fmt.Sprintf("36%014d", first), Name: "Customer"}
	if _, err := d.KeepPBXs(ctx, []fleet.PBX{acme, customer}, time.Now()); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	for _, caller := range []func(n int64) error{
		func(n int64) error { return digestAndPack(ctx, d) },
		func(n int64) error {
			if hasty {
				promised(promise{"act", n})
			}
			e := entry(audit.SignIn, audit.Succeeded)
			e.Target = strconv.FormatInt(n, 10)
			if err := d.AppendAudit(ctx, e); err != nil {
				return err
			}
			promised(promise{"act", n})
			return nil
		},
		func(n int64) error {
			if err := carryOut(ctx, d, customer, n); err != nil {
				return err
			}
			promised(promise{"plan", n})
			return nil
		},
		deliver(ctx, d, promised), deliver(ctx, d, promised), deliver(ctx, d, promised), deliver(ctx, d, promised),
	} {
		all.Go(func() {
			for n := first + 1; ctx.Err() == nil; n++ {
				if err := caller(n); err != nil {
					stop(err)
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

func deliver(ctx context.Context, d *db.DB, promised func(promise)) func(int64) error {
	return func(n int64) error {
		id, err := d.Store(ctx, reportBody(acme.Serial, n, n, n+1), time.Now())
		if err == nil {
			promised(promise{"delivery", id})
		}
		return err
	}
}

// carryOut is a plan's whole life: draft, intent, and that it was applied.
func carryOut(ctx context.Context, d *db.DB, pbx fleet.PBX, n int64) error {
	known, err := d.Known(ctx, pbx.ID)
	if err != nil {
		return err
	}
	p := draft(planID(n), known.Set, setOf(pair(1, n), pair(1, n+1)))
	p.PBX, p.PBXName = pbx.ID, pbx.Name
	if err := d.SavePlan(ctx, p, entry(audit.PlanCreate, audit.Succeeded)); err != nil {
		return err
	}
	if err := d.Begin(ctx, p.ID, time.Now(), "", entry(audit.BindingsUpdate, audit.Intended)); err != nil {
		return err
	}
	p.Status, p.Outcome = plan.Applied, plan.Outcome{Result: plan.Succeeded, Sentence: "Done."}
	return d.Finish(ctx, p, &plan.Written{At: time.Now()}, entry(audit.BindingsUpdate, audit.Succeeded))
}

func planID(n int64) fleet.PlanID { return fleet.PlanID("p" + strconv.FormatInt(n, 10)) }

func digestAndPack(ctx context.Context, d *db.DB) error {
	_, err := d.Digest(ctx, 20, func(ctx context.Context, raw fleet.RawDelivery, h *db.History) (fleet.Settled, error) {
		report := told{raw.ID, setOf(pair(1, raw.ID%7), pair(2, raw.ID%5))}.report()
		_, id, err := arrive(ctx, h, acme.ID, report)
		return fleet.Settled{State: fleet.DeliveryDigested, Elements: []fleet.Element{{Serial: acme.Serial, Snapshot: id, State: fleet.DeliveryDigested}}}, err
	})
	if err == nil {
		_, err = d.Pack(ctx, 20)
	}
	return err
}

// broken lists what a database lacks of what was promised, and what is wrong with it otherwise.
func broken(t *testing.T, d *db.DB, promises []promise) (faults []string) {
	t.Helper()
	ctx := t.Context()
	if verdict, err := d.Integrity(ctx); err != nil || verdict != "ok" {
		faults = append(faults, fmt.Sprintf("integrity: %s %v", verdict, err))
	}
	if _, err := d.VerifyAudit(ctx, audit.Head{}); err != nil {
		faults = append(faults, fmt.Sprintf("audit chain: %v", err))
	}
	if _, err := d.VerifyHistory(ctx); err != nil {
		faults = append(faults, fmt.Sprintf("history: %v", err))
	}
	page, err := d.Audit(ctx, audit.Filter{Action: string(audit.SignIn), Page: fleet.PageRequest{Limit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	newest := int64(-1) // acts are recorded one after the other, and the chain has no gaps
	if len(page.Items) > 0 {
		newest, _ = strconv.ParseInt(page.Items[0].Target, 10, 64)
	}
	for _, p := range promises {
		lost := false
		switch p.kind {
		case "act":
			lost = p.n > newest
		case "delivery":
			_, body, err := d.Delivery(ctx, p.n)
			lost = err != nil || len(body) == 0
		case "plan":
			kept, err := d.Plan(ctx, planID(p.n))
			lost = err != nil || kept.Status != plan.Applied
		}
		if lost {
			faults = append(faults, fmt.Sprintf("%s %d was acknowledged and is lost", p.kind, p.n))
		}
	}
	return faults
}
