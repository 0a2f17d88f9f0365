package change

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// Consent is what a person gives to confirm a plan.
type Consent struct {
	Name   string // the PBX's name, typed, when the guard asks
	Reason string // when the guard asks; kept in the audit log either way
	Job    string // the job that confirms a plan of its own
	// Bound is the fingerprint of what was shown as bound to a PBX that shall be deleted; empty: what our record has.
	Bound string
	// Decided is when a person gave it, where it is used later: what was undone since then stays so.
	// Zero: just now.
	Decided time.Time
}

// Confirm carries a draft out, once: intent, re-read, write, read back, outcome. The plan it
// returns says what is true. The error is non-nil unless the cloud was read to hold the plan's
// result: conflict and guard errors leave the draft as it was, stale ends it with nothing sent,
// refused, diverged and unknown tell what the plan's outcome says too.
//
// From the intent on, the caller's hanging up changes nothing: the outcome is recorded either way.
func (c *Changer) Confirm(ctx context.Context, by audit.By, id fleet.PlanID, consent Consent) (plan.Plan, error) {
	p, err := c.d.Journal.Plan(ctx, id)
	if err != nil {
		return plan.Plan{}, err
	}
	if err := confirmable(p, c.d.Now()); err != nil {
		return p, err
	}
	if p.Job != consent.Job {
		return p, refuse("This plan belongs to a job, which carries it out itself.")
	}
	decided := p.Decided
	if !consent.Decided.IsZero() {
		decided = consent.Decided
	}
	if p.Kind == plan.KindBindings {
		if err := c.held(ctx, p.PBX, decided); err != nil {
			return p, err
		}
	}
	if err := consented(p, consent); err != nil {
		return p, err
	}
	if err := c.seconded(ctx, p); err != nil {
		return p, err
	}
	if !c.claim(p.ID) {
		return p, refuse("This plan is being carried out right now.")
	}
	ctx = context.WithoutCancel(ctx)
	p.Reason = strings.TrimSpace(consent.Reason)
	if err := c.begin(ctx, by, &p); err != nil {
		c.release(p.ID, true)
		return p, err
	}
	wrote, err := c.carryOut(ctx, &p)
	finishErr := c.finish(ctx, by, acts[p.Kind], p, wrote)
	c.release(p.ID, finishErr == nil)
	if finishErr != nil {
		err = unrecorded(&p, errors.Join(finishErr, err))
	}
	return p, err
}

// acts are what the record calls the carrying out of a plan.
var acts = map[plan.Kind]audit.Action{plan.KindBindings: audit.BindingsUpdate, plan.KindTrunk: audit.TrunkUpdate}

// carryOut does everything between the two transactions and leaves the result in p.
func (c *Changer) carryOut(ctx context.Context, p *plan.Plan) (*plan.Written, error) {
	if p.Edit == nil {
		return c.apply(ctx, p)
	}
	if c.d.Trunks == nil {
		return nil, errors.New("change: this Changer has no TrunkEditor")
	}
	return nil, c.d.Trunks.apply(ctx, p)
}

// unrecorded is what may be said of a plan whose outcome is in no record: that it is open.
func unrecorded(p *plan.Plan, cause error) error {
	p.Status = plan.Applying
	p.Outcome = plan.Outcome{Result: plan.ResultUnknown, VendorRequestID: p.Outcome.VendorRequestID,
		Sentence: "How this plan ended could not be recorded. Cordboard looks again in a moment; until then nothing else is written to this PBX."}
	return &fleet.Error{Kind: fleet.KindUnknown, Op: "change.Confirm", Msg: p.Outcome.Sentence, VendorRequestID: p.Outcome.VendorRequestID, Err: cause}
}

// begin is the first transaction: the intent.
func (c *Changer) begin(ctx context.Context, by audit.By, p *plan.Plan) error {
	p.SentAt = c.d.VendorNow()
	e, err := entry(by, c.d.Now(), audit.PlanConfirm, *p)
	if err != nil {
		return err
	}
	e.Outcome = audit.Intended
	if err := c.d.Journal.Begin(ctx, p.ID, p.SentAt, p.Reason, e); err != nil {
		return err
	}
	p.Status = plan.Applying
	c.d.Announce(p.PBX, p.ID)
	return nil
}

func confirmable(p plan.Plan, now time.Time) error {
	switch {
	case p.Status == plan.Draft && expired(p, now):
		return refuse("This plan expired at %s UTC. Make a new one.", p.ExpiresAt.UTC().Format("15:04"))
	case p.Status == plan.Draft:
		return nil
	case p.Status == plan.Applied:
		return refuse("This plan was already applied. Nothing was sent again.")
	}
	return refuse("This plan can't be confirmed: it is %s.", p.Status)
}

func consented(p plan.Plan, consent Consent) error {
	var fields []fleet.Field
	if p.Risk.Asks(plan.NeedName) && oneLine(consent.Name) != typedName(p) {
		fields = append(fields, fleet.Field{Name: "name", Rule: "Type the name of the PBX: " + typedName(p)})
	}
	if p.Risk.Asks(plan.NeedReason) && strings.TrimSpace(consent.Reason) == "" {
		fields = append(fields, fleet.Field{Name: "reason", Rule: "Say why. The audit log keeps it."})
	}
	if len(fields) > 0 {
		return &fleet.Error{Kind: fleet.KindGuard, Op: "change.Confirm", Msg: "This plan needs more from you before it is sent.", Fields: fields}
	}
	return nil
}

// typedName is what a person types to say which PBX: its name as a page shows it, or its id when it
// has none.
func typedName(p plan.Plan) string { return cmp.Or(oneLine(p.PBXName), p.PBX.String()) }

// oneLine joins words by single spaces, as a browser shows them.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// apply carries out a plan of bindings.
func (c *Changer) apply(ctx context.Context, p *plan.Plan) (*plan.Written, error) {
	if err := c.stillAllowed(ctx, p); err != nil {
		return nil, err
	}
	known, seen, err := c.d.Looker.Look(ctx, p.PBX)
	if err != nil {
		return nil, c.unread(p, err)
	}
	if err := c.stillTrue(ctx, p, known, seen); err != nil {
		return nil, err
	}
	receipt, err := c.send(ctx, p)
	if err != nil && certainlyUnsent(err) {
		p.Status = plan.Failed
		p.Outcome = plan.Outcome{Result: plan.ResultFailed, Sentence: "Nothing was sent. " + message(err), VendorRequestID: requestID(err)}
		return nil, err
	}
	p.Outcome.VendorRequestID, p.Outcome.VendorCode = cmp.Or(receipt.RequestID, requestID(err)), vendorCode(err)
	return c.readBack(ctx, p, seen, err)
}

// send makes the one call that changes the cloud. Only a plan that says so, and that leaves nothing,
// clears; an empty set that says otherwise is refused by Replace.
func (c *Changer) send(ctx context.Context, p *plan.Plan) (fleet.Receipt, error) {
	if p.Clear && p.After.Len() == 0 {
		return c.d.Writer.Clear(ctx, p.PBX, p.Headers.Send)
	}
	var headers *fleet.Headers
	if p.Headers.Send {
		headers = &p.Headers.After
	}
	return c.d.Writer.Replace(ctx, p.PBX, p.After, headers)
}

// finish is the second transaction.
func (c *Changer) finish(ctx context.Context, by audit.By, action audit.Action, p plan.Plan, wrote *plan.Written) error {
	e, err := entry(by, c.d.Now(), action, p)
	if err != nil {
		return err
	}
	e.Outcome = audit.Outcome(p.Outcome.Result)
	e.VendorRequestID = p.Outcome.VendorRequestID
	if err := c.d.Journal.Finish(ctx, p, wrote, e); err != nil {
		return fmt.Errorf("change: plan %s ended %s, but that could not be recorded: %w", p.ID, p.Status, err)
	}
	c.d.Announce(p.PBX, p.ID)
	if p.Edit != nil && p.Job == "" && p.Outcome.Line != nil && c.d.Trunks.d.Watch != nil {
		c.d.Trunks.d.Watch(p)
	}
	if p.Edit == nil && (p.Status == plan.Diverged || p.Status == plan.Void) {
		if err := c.d.Looker.Doubt(ctx, p.PBX, nil, headersMoved(p)); err != nil {
			c.d.Log.Warn("the PBX of a plan that did not come out could not be looked at", "pbx", p.PBX, "error", err)
		}
	}
	return nil
}

// headersMoved reports whether p's write, if it came through, changed header values.
func headersMoved(p plan.Plan) bool {
	return p.Headers.Send && !p.Headers.Before.Equal(p.Headers.After)
}
