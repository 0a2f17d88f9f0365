package change

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"strings"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/team"
)

// Approvals keeps which plans need a second person, and who agreed to which.
type Approvals interface {
	ApprovalRule(ctx context.Context) (plan.Rule, error)
	ApprovalsOf(ctx context.Context, id fleet.PlanID) ([]plan.Approval, error)
	// Approve stores a word on a draft: KindConflict when it is none any more.
	Approve(ctx context.Context, a plan.Approval, e audit.Entry) error
}

// Second is how a plan stands with the second person.
type Second struct {
	Asked bool
	Hash  string
	By    plan.Approval // zero: nobody yet
}

// Missing reports whether a second person is still to agree.
func (s Second) Missing() bool { return s.Asked && s.By.Person == "" }

// Second says whether a plan needs a second person, and who that was. The halves of a move need none by
// themselves: what they may do was judged before the job began. A trunk's plan that a fleet-wide edit made was not.
func (c *Changer) Second(ctx context.Context, p plan.Plan) (s Second, err error) {
	if c.d.Approvals == nil || p.Job != "" && p.Edit == nil {
		return s, nil
	}
	rule, err := c.d.Approvals.ApprovalRule(ctx)
	if err != nil {
		return s, err
	}
	if s.Asked = rule.Asks(p.Risk); !s.Asked {
		return s, nil
	}
	if s.Hash, err = p.Hash(); err != nil {
		return s, fmt.Errorf("change.Second: %w", err)
	}
	given, err := c.d.Approvals.ApprovalsOf(ctx, p.ID)
	if err != nil {
		return s, err
	}
	for _, a := range given {
		if sameHash(a.Hash, s.Hash) && a.Person != team.PersonOf(p.Author) {
			s.By = a
			return s, nil
		}
	}
	return s, nil
}

func sameHash(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// FieldApproval is what a plan misses without a second person.
const FieldApproval = "approval"

// seconded refuses a plan that a second person has yet to agree to.
func (c *Changer) seconded(ctx context.Context, p plan.Plan) error {
	s, err := c.Second(ctx, p)
	if err != nil || !s.Missing() {
		return err
	}
	return &fleet.Error{Kind: fleet.KindGuard, Op: "change.Confirm", Msg: "This plan needs a second person before it is sent.",
		Fields: []fleet.Field{{Name: FieldApproval, Rule: needsSecond(p)}}}
}

func needsSecond(p plan.Plan) string {
	return "Somebody other than " + team.PersonOf(p.Author) + " has to approve it."
}

// Approve is a second person's word on a plan, as the person saw it. It counts for that plan on that base
// alone.
func (c *Changer) Approve(ctx context.Context, by audit.By, id fleet.PlanID, hash string) (plan.Plan, error) {
	p, err := c.d.Journal.Plan(ctx, id)
	if err != nil {
		return p, err
	}
	if err := confirmable(p, c.d.Now()); err != nil {
		return p, err
	}
	s, err := c.Second(ctx, p)
	switch {
	case err != nil:
		return p, err
	case !s.Asked:
		return p, refuse("This plan needs no second person.")
	case by.Actor == team.PersonOf(p.Author):
		return p, &fleet.Error{Kind: fleet.KindDenied, Op: "change.Approve", Msg: "You made this plan: somebody else has to approve it."}
	case !sameHash(s.Hash, strings.TrimSpace(hash)):
		return p, &fleet.Error{Kind: fleet.KindStale, Op: "change.Approve", Msg: "This is not the plan that you saw. Look at it again."}
	}
	if err := c.sameBase(ctx, p); err != nil {
		return p, err
	}
	e, err := entry(by, c.d.Now(), audit.PlanApprove, p)
	if err != nil {
		return p, err
	}
	if e.After, err = json.Marshal(map[string]string{"hash": s.Hash}); err != nil {
		return p, fmt.Errorf("change.Approve: %w", err)
	}
	e.Before, e.Outcome = nil, audit.Succeeded
	if err := c.d.Approvals.Approve(ctx, plan.Approval{Plan: p.ID, Hash: s.Hash, Person: by.Actor, At: c.d.Now()}, e); err != nil {
		return p, err
	}
	c.d.Announce(p.PBX, p.ID)
	return p, nil
}

// sameBase refuses a plan of bindings whose base has moved. That nothing can be read right now is no
// reason: confirming reads again in any case.
func (c *Changer) sameBase(ctx context.Context, p plan.Plan) error {
	if p.Kind != plan.KindBindings {
		return nil
	}
	known, _, err := c.d.Looker.Look(ctx, p.PBX)
	if err != nil || known.Fingerprint() == p.Base {
		return nil
	}
	return &fleet.Error{Kind: fleet.KindStale, Op: "change.Approve", Msg: "The bindings of " + typedName(p) + " changed after this plan was made. It can't be applied any more: make a new one."}
}

// aloneEnough refuses a job whose plans would need a second person: it carries both halves out in one go, and
// can't wait between them.
func (c *Changer) aloneEnough(ctx context.Context, plans ...plan.Plan) error {
	if c.d.Approvals == nil {
		return nil
	}
	rule, err := c.d.Approvals.ApprovalRule(ctx)
	if err != nil {
		return err
	}
	for _, p := range plans {
		if rule.Asks(p.Risk) {
			return fleet.Invalid(moveOp, "Not as a move.", fleet.Field{Name: "numbers",
				Rule: "This would take so much from " + typedName(p) + " that a second person has to approve it, and a move can't wait for that. Unbind and bind by plans of their own."})
		}
	}
	return nil
}
