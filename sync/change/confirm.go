package change

import (
	"context"
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
}

// Confirm carries a draft out, once: intent, re-read, write, read back, outcome. The plan it
// returns says what is true. The error is non-nil unless the cloud was read to hold the plan's
// result: conflict and guard errors leave the draft as it was, stale ends it with nothing sent,
// refused, diverged and unknown_outcome tell what the plan's outcome says too.
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
	if err := consented(p, consent); err != nil {
		return p, err
	}
	ctx = context.WithoutCancel(ctx)
	p.Reason = strings.TrimSpace(consent.Reason)

	p.SentAt = c.d.VendorNow()
	e, err := entry(by, c.d.Now(), audit.PlanConfirm, p)
	if err != nil {
		return p, err
	}
	e.Outcome = audit.Intended
	if err := c.d.Journal.Begin(ctx, p.ID, p.SentAt, p.Reason, e); err != nil {
		return p, err
	}
	p.Status = plan.Applying
	c.d.Announce(p.PBX, p.ID)

	wrote, err := c.apply(ctx, &p)
	if finishErr := c.finish(ctx, by, p, wrote); finishErr != nil {
		return p, finishErr
	}
	return p, err
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
	if p.Risk.Asks(plan.NeedName) && strings.TrimSpace(consent.Name) != p.PBXName {
		fields = append(fields, fleet.Field{Name: "name", Rule: fmt.Sprintf("Type the name of the PBX: %s", p.PBXName)})
	}
	if p.Risk.Asks(plan.NeedReason) && strings.TrimSpace(consent.Reason) == "" {
		fields = append(fields, fleet.Field{Name: "reason", Rule: "Say why. The audit log keeps it."})
	}
	if len(fields) > 0 {
		return &fleet.Error{Kind: fleet.KindGuard, Op: "change.Confirm", Msg: "This plan needs more from you before it is sent.", Fields: fields}
	}
	return nil
}

// apply does everything between the two transactions and leaves the result in p.
func (c *Changer) apply(ctx context.Context, p *plan.Plan) (*plan.Written, error) {
	known, seen, err := c.d.Looker.Look(ctx, p.PBX)
	if err != nil {
		p.Status = plan.Failed
		p.Outcome = plan.Outcome{Result: plan.ResultRefused, Sentence: "Nothing was sent: the PBX could not be read right before the write."}
		return nil, unsent(err)
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
	p.Outcome.VendorRequestID = receipt.RequestID
	return c.readBack(ctx, p, err)
}

// stillTrue compares what is there with what the plan was made on.
func (c *Changer) stillTrue(ctx context.Context, p *plan.Plan, known fleet.Known, seen fleet.Observation) error {
	if seen.PBX.Status != fleet.StatusRunning || !seen.PBX.Firmware.AtLeast(fleet.FirmwareDIDUpdate) {
		p.Status = plan.Stale
		p.Outcome = plan.Outcome{Result: plan.ResultRefused,
			Sentence: fmt.Sprintf("Nothing was sent: the PBX is %s on firmware %s now.", seen.PBX.Status, seen.PBX.Firmware)}
		return &fleet.Error{Kind: fleet.KindStale, Op: "change.Confirm", Msg: p.Outcome.Sentence}
	}
	if known.Fingerprint() == p.Base {
		return nil
	}
	moved := plan.Moved(p.Before, known.Record(), c.names(ctx))
	p.Status = plan.Stale
	p.Outcome = plan.Outcome{Result: plan.ResultRefused, Moved: moved, VerifiedAt: known.At,
		Sentence: "Nothing was sent: the bindings changed after this plan was made (" + plan.Sum(moved) + ")."}
	return &fleet.Error{Kind: fleet.KindStale, Op: "change.Confirm", Msg: p.Outcome.Sentence}
}

// send makes the one call that changes the cloud.
func (c *Changer) send(ctx context.Context, p *plan.Plan) (fleet.Receipt, error) {
	if p.Clear {
		return c.d.Writer.Clear(ctx, p.PBX, p.Headers.Send)
	}
	var headers *fleet.Headers
	if p.Headers.Send {
		headers = &p.Headers.After
	}
	return c.d.Writer.Replace(ctx, p.PBX, p.After, headers)
}

// finish is the second transaction.
func (c *Changer) finish(ctx context.Context, by audit.By, p plan.Plan, wrote *plan.Written) error {
	e, err := entry(by, c.d.Now(), audit.BindingsUpdate, p)
	if err != nil {
		return err
	}
	e.Outcome = audit.Outcome(p.Outcome.Result)
	e.VendorRequestID = p.Outcome.VendorRequestID
	if err := c.d.Journal.Finish(ctx, p, wrote, e); err != nil {
		return fmt.Errorf("change: plan %s ended %s, but that could not be recorded: %w", p.ID, p.Status, err)
	}
	c.d.Announce(p.PBX, p.ID)
	if p.Status == plan.Diverged {
		if _, _, err := c.d.Looker.Look(ctx, p.PBX); err != nil {
			c.d.Log.Warn("a diverged PBX could not be looked at", "pbx", p.PBX, "error", err)
		}
	}
	return nil
}
