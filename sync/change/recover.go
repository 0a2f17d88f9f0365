package change

import (
	"context"
	"errors"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// Recover settles every plan that the last run of the program left open: a crash between the
// intent and the outcome, or a read-back that failed. It reads and classifies, and never sends.
// Plans that this process is carrying out are left alone. The error joins what could not be settled.
func (c *Changer) Recover(ctx context.Context) error {
	return c.settleAll(ctx, func(p plan.Plan) bool {
		running, _ := c.running(p.ID)
		return !running
	})
}

// Settle tries again to learn the fate of every plan whose outcome is unknown, or could not be
// recorded.
func (c *Changer) Settle(ctx context.Context) error {
	return c.settleAll(ctx, c.unsure)
}

// settleOpen settles the PBX's own unknown plan before anything new is planned on it.
func (c *Changer) settleOpen(ctx context.Context, id fleet.PBXID) error {
	return c.settleAll(ctx, func(p plan.Plan) bool { return p.PBX == id && c.unsure(p) })
}

// unsure reports whether p waits for a read to settle it. A plan that merely says "applying" may be
// under way in another process.
func (c *Changer) unsure(p plan.Plan) bool {
	_, left := c.running(p.ID)
	return left || p.Status == plan.Unknown
}

func (c *Changer) settleAll(ctx context.Context, which func(plan.Plan) bool) error {
	open, err := c.d.Open.OpenPlans(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range open {
		if which(p) {
			errs = append(errs, c.settle(ctx, p))
		}
	}
	return errors.Join(errs...)
}

// classify reads what became of a plan whose answer was lost.
func (c *Changer) classify(ctx context.Context, p *plan.Plan, lost error) (*plan.Written, error) {
	if p.Edit == nil {
		return c.readBack(ctx, p, fleet.Observation{}, lost)
	}
	if c.d.Trunks == nil {
		return nil, editUnsettled(p, lost)
	}
	return nil, c.d.Trunks.readBack(ctx, p, lost)
}

func (c *Changer) settle(ctx context.Context, p plan.Plan) error {
	was := p.Status
	lost := &fleet.Error{Kind: fleet.KindUnknown, Op: "change.Recover", Msg: "The answer to the write was lost.", VendorCode: p.Outcome.VendorCode, VendorRequestID: p.Outcome.VendorRequestID}
	wrote, fate := c.classify(ctx, &p, lost)
	if p.Status == plan.Unknown && was == plan.Unknown {
		return fate
	}
	err := c.finish(context.WithoutCancel(ctx), audit.Cordboard, audit.PlanRecover, p, wrote)
	if fleet.KindOf(err) == fleet.KindConflict {
		err = nil // somebody else settled it while we read
	}
	if err == nil {
		c.release(p.ID, true)
	}
	if p.Status == plan.Unknown {
		err = errors.Join(fate, err)
	}
	return err
}
