package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
)

// A plan is stored in three parts: columns for what is asked for and what changes, doc for what a
// list shows, and sets for what only the plan itself needs (its sets and the steps that keep).
type planSets struct {
	Before fleet.BindingSet
	After  fleet.BindingSet
	Keep   []plan.Step
}

// SavePlan stores a draft.
func (d *DB) SavePlan(ctx context.Context, p plan.Plan, e audit.Entry) error {
	return fail("SavePlan", d.write(ctx, func(ctx context.Context, c *conn) error {
		if p.Status != plan.Draft || p.ID == "" {
			return fmt.Errorf("plan %q is %q: only drafts are saved", p.ID, p.Status)
		}
		if err := insertPlan(ctx, c, p); err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}

func insertPlan(ctx context.Context, c *conn, p plan.Plan) error {
	sets := planSets{Before: p.Before, After: p.After}
	doc := p
	doc.Before, doc.After, doc.Steps = fleet.BindingSet{}, fleet.BindingSet{}, nil
	for _, s := range p.Steps {
		if s.Verb == plan.Keep {
			sets.Keep = append(sets.Keep, s)
			continue
		}
		doc.Steps = append(doc.Steps, s)
	}
	docText, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("plan %s: %w", p.ID, err)
	}
	setsText, err := json.Marshal(sets)
	if err != nil {
		return fmt.Errorf("plan %s: %w", p.ID, err)
	}
	print, trunk := p.After.Fingerprint(), sip.TrunkID(0)
	if p.Edit != nil {
		print, trunk = "", p.Edit.Trunk // it leads to no bindings that a report could echo
	}
	_, err = c.exec(ctx, insertPlanRow, string(p.ID), int64(p.PBX), string(p.Status), p.Author, micros(p.CreatedAt), micros(p.ExpiresAt),
		print, string(docText), string(setsText), string(p.Kind), int64(trunk))
	return err
}

const insertPlanRow = `INSERT INTO plan (id, pbx_id, status, author, created_at, expires_at, after_print, doc, sets, kind, trunk_id)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// Plan reads one plan. A draft past its time reads as expired.
func (d *DB) Plan(ctx context.Context, id fleet.PlanID) (p plan.Plan, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		p, err = findPlan(ctx, c, id)
		return err
	})
	return d.expire(p), fail("Plan", err)
}

// expire is p as the clock sees it.
func (d *DB) expire(p plan.Plan) plan.Plan {
	if p.Status == plan.Draft && !d.now().Before(p.ExpiresAt) {
		p.Status = plan.Expired
	}
	return p
}

// findPlan reads a plan whole; drafts past their time are still drafts here.
func findPlan(ctx context.Context, c *conn, id fleet.PlanID) (plan.Plan, error) {
	p, err := scanPlan(c.row(ctx, selectPlan, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return p, fleet.NotFound("db.findPlan", "The plan")
	}
	if err != nil {
		return p, fmt.Errorf("plan %s: %w", id, err)
	}
	return p, nil
}

const (
	planDocColumns = `status, sent_at, reason, outcome, doc`
	planColumns    = planDocColumns + `, sets`
	selectPlan     = `SELECT ` + planColumns + ` FROM plan WHERE id = ?`
)

// scanPlan reads planColumns.
func scanPlan(s scanner) (plan.Plan, error) {
	var text string
	p, err := scanPlanWith(s, &text)
	if err != nil {
		return p, err
	}
	var sets planSets
	if err := json.Unmarshal([]byte(text), &sets); err != nil {
		return p, err
	}
	p.Before, p.After = sets.Before, sets.After
	p.Steps = append(p.Steps, sets.Keep...) // keep steps come last in reading order
	return p, nil
}

// scanPlanDoc reads planDocColumns: the plan without its sets and the steps that keep.
func scanPlanDoc(s scanner) (plan.Plan, error) { return scanPlanWith(s) }

// scanPlanWith reads planDocColumns and further ones. The columns that change count, not what the
// draft said.
func scanPlanWith(s scanner, more ...any) (p plan.Plan, err error) {
	var status, reason, outcome, doc string
	var sentAt int64
	if err := s.Scan(append([]any{&status, &sentAt, &reason, &outcome, &doc}, more...)...); err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(doc), &p); err != nil {
		return p, err
	}
	p.Status, p.SentAt, p.Reason = plan.Status(status), moment(sentAt), reason
	if outcome == "" {
		return p, nil
	}
	return p, json.Unmarshal([]byte(outcome), &p.Outcome)
}

// Begin moves draft to applying, once, at a time of the vendor's clock, and records the intent in the same transaction. Of two
// who confirm at the same moment one gets KindConflict, with a sentence that says who was first;
// so does whoever comes while another plan of the same PBX may have a write under way.
func (d *DB) Begin(ctx context.Context, id fleet.PlanID, at time.Time, reason string, e audit.Entry) error {
	return fail("Begin", d.write(ctx, func(ctx context.Context, c *conn) error {
		p, err := findPlan(ctx, c, id)
		if err != nil {
			return err
		}
		if p = d.expire(p); p.Status != plan.Draft {
			return notDraft(ctx, c, p)
		}
		if err := refuseSecond(ctx, c, p); err != nil {
			return err
		}
		// A report of this write can't be older than this second: the vendor's answers tell whole
		// seconds, so what we know of its clock is no finer.
		floor := at.Truncate(time.Second)
		if _, err := c.exec(ctx, beginPlan, micros(at), micros(floor), e.Actor, reason, string(id)); err != nil {
			return err
		}
		if p.Kind == plan.KindBindings { // a trunk's plan leaves no doubt about bindings
			if err := changeHead(ctx, c, p.PBX, func(h *head) { h.openPlan = id }); err != nil {
				return err
			}
		}
		return appendAudit(ctx, c, e)
	}))
}

const beginPlan = `UPDATE plan SET status = 'applying', sent_at = ?, sent_not_before = ?, confirmed_by = ?, reason = ? WHERE id = ? AND status = 'draft'`

func conflict(msg string) error {
	return &fleet.Error{Kind: fleet.KindConflict, Op: "db.Begin", Msg: msg}
}

// notDraft says why a plan can't be confirmed any more.
func notDraft(ctx context.Context, c *conn, p plan.Plan) error {
	var by string
	if err := c.row(ctx, selectConfirmer, string(p.ID)).Scan(&by); err != nil {
		return err
	}
	when := p.SentAt.Format(clockFormat)
	switch p.Status {
	case plan.Applied:
		return conflict(fmt.Sprintf("This plan was already applied: %s confirmed it at %s.", by, when))
	case plan.Applying:
		return conflict(fmt.Sprintf("This plan is being applied since %s: %s confirmed it.", when, by))
	case plan.Unknown:
		return conflict(fmt.Sprintf("This plan was confirmed by %s at %s, and it is not known yet whether it was applied. It is being checked.", by, when))
	case plan.Expired:
		return conflict(fmt.Sprintf("This plan expired at %s. Make a new one.", p.ExpiresAt.UTC().Format(clockFormat)))
	case plan.Void:
		return conflict("This plan is void. " + p.Outcome.Sentence)
	default:
		return conflict(fmt.Sprintf("This plan was used already: %s confirmed it at %s, and it ended as %q.", by, when, p.Status))
	}
}

const (
	clockFormat     = "2006-01-02 15:04 UTC"
	selectConfirmer = `SELECT confirmed_by FROM plan WHERE id = ?`
)

// refuseSecond refuses a plan while another one of the same PBX is open.
func refuseSecond(ctx context.Context, c *conn, p plan.Plan) error {
	var by, status string
	var since int64
	err := c.row(ctx, findOpenPlan, int64(p.PBX)).Scan(&by, &since, &status)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	when := moment(since).Format(clockFormat)
	if plan.Status(status) == plan.Unknown {
		return conflict(fmt.Sprintf("Another plan for %s, confirmed by %s at %s, is not settled yet: whether it was applied is being checked.", p.PBXName, by, when))
	}
	return conflict(fmt.Sprintf("Another plan for %s is being applied by %s since %s.", p.PBXName, by, when))
}

const findOpenPlan = `SELECT confirmed_by, sent_at, status FROM plan WHERE pbx_id = ? AND status IN ('applying', 'unknown')`

// OpenPlans lists the plans whose write may be under way: applying or unknown, the oldest first.
func (d *DB) OpenPlans(ctx context.Context) (plans []plan.Plan, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		plans, err = list(ctx, c, scanPlan, selectOpenPlans)
		return err
	})
	return plans, fail("OpenPlans", err)
}

// The + keeps SQLite on the small partial index: there is at most one open plan per PBX.
const selectOpenPlans = `SELECT ` + planColumns + ` FROM plan WHERE status IN ('applying', 'unknown') ORDER BY +sent_at`

// VoidPlans makes every draft of a PBX void, or all drafts when id is 0, and says why on them: for
// a record that was restored from a backup.
func (d *DB) VoidPlans(ctx context.Context, id fleet.PBXID, why string, e audit.Entry) error {
	return fail("VoidPlans", d.write(ctx, func(ctx context.Context, c *conn) error {
		if err := voidDrafts(ctx, c, id, why); err != nil {
			return err
		}
		return appendAudit(ctx, c, e)
	}))
}

func voidDrafts(ctx context.Context, c *conn, id fleet.PBXID, why string) error {
	if id == 0 {
		return voidPlans(ctx, c, voidAll, why)
	}
	return voidPlans(ctx, c, voidOfPBX, why, int64(id))
}

func voidPlans(ctx context.Context, c *conn, query, why string, args ...any) error {
	outcome, err := json.Marshal(plan.Outcome{Result: plan.ResultRefused, Sentence: why})
	if err != nil {
		return err
	}
	if _, err := c.exec(ctx, query, append([]any{string(outcome)}, args...)...); err != nil {
		return fmt.Errorf("drafts %v: %w", args, err)
	}
	return nil
}

const (
	voidAll   = `UPDATE plan SET status = 'void', outcome = ? WHERE status = 'draft'`
	voidOfPBX = `UPDATE plan SET status = 'void', outcome = ? WHERE status = 'draft' AND pbx_id = ?`
	voidOne   = `UPDATE plan SET status = 'void', outcome = ? WHERE status = 'draft' AND id = ?`
)
