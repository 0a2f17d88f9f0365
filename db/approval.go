package db

import (
	"context"
	"encoding/json"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// keyApproval is the setting that says which plans need a second person.
const keyApproval = "approval"

// ApprovalRule says which plans need a second person: none until somebody chose.
func (d *DB) ApprovalRule(ctx context.Context) (rule plan.Rule, err error) {
	text, err := d.Setting(ctx, keyApproval)
	if err != nil {
		if fleet.KindOf(err) == fleet.KindNotFound {
			err = nil
		}
		return rule, err
	}
	return rule, fail("ApprovalRule", json.Unmarshal(text, &rule))
}

// SetApprovalRule chooses which plans need a second person.
func (d *DB) SetApprovalRule(ctx context.Context, rule plan.Rule, e audit.Entry) error {
	text, err := json.Marshal(rule)
	if err != nil {
		return fail("SetApprovalRule", err)
	}
	return d.KeepSetting(ctx, keyApproval, text, e)
}

// Approve stores a second person's word on a draft, in the place of an earlier one of the same person.
func (d *DB) Approve(ctx context.Context, a plan.Approval, e audit.Entry) error {
	return fail("Approve", d.write(ctx, func(ctx context.Context, c *conn) error {
		p, err := findPlan(ctx, c, a.Plan)
		if err != nil {
			return err
		}
		if p = d.expire(p); p.Status != plan.Draft {
			return notDraft(ctx, c, p)
		}
		if _, err := c.exec(ctx, upsertApproval, string(a.Plan), a.Hash, a.Person, micros(a.At)); err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}

// ApprovalsOf are the words on a plan, the oldest first.
func (d *DB) ApprovalsOf(ctx context.Context, id fleet.PlanID) (given []plan.Approval, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		given, err = list(ctx, c, scanApproval, selectApprovals, string(id))
		return err
	})
	return given, fail("ApprovalsOf", err)
}

func scanApproval(s scanner) (a plan.Approval, err error) {
	var at int64
	err = s.Scan(&a.Plan, &a.Hash, &a.Person, &at)
	a.At = moment(at)
	return a, err
}

const (
	upsertApproval = `INSERT INTO approval (plan_id, print, person, at) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (plan_id, person) DO UPDATE SET print = ?2, at = ?4`
	selectApprovals = `SELECT plan_id, print, person, at FROM approval WHERE plan_id = ? ORDER BY at, person`
)
