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
// It is called once, before anything is confirmed; the error joins what could not be settled.
func (c *Changer) Recover(ctx context.Context) error {
	return c.settleAll(ctx, func(plan.Plan) bool { return true })
}

// Settle tries again to learn the fate of every plan whose outcome is unknown.
func (c *Changer) Settle(ctx context.Context) error {
	return c.settleAll(ctx, func(p plan.Plan) bool { return p.Status == plan.Unknown })
}

// settleOpen settles the PBX's own unknown plan before anything new is planned on it.
func (c *Changer) settleOpen(ctx context.Context, id fleet.PBXID) error {
	return c.settleAll(ctx, func(p plan.Plan) bool { return p.Status == plan.Unknown && p.PBX == id })
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

func (c *Changer) settle(ctx context.Context, p plan.Plan) error {
	was := p.Status
	lost := &fleet.Error{Kind: fleet.KindUnknown, Op: "change.Recover", Msg: "The answer to the write was lost.", VendorRequestID: p.Outcome.VendorRequestID}
	wrote, fate := c.readBack(ctx, &p, lost)
	if p.Status == plan.Unknown && was == plan.Unknown {
		return fate
	}
	err := c.finish(ctx, audit.Cordboard, p, wrote)
	if fleet.KindOf(err) == fleet.KindConflict {
		err = nil // somebody else settled it while we read
	}
	if p.Status == plan.Unknown {
		err = errors.Join(fate, err)
	}
	return err
}
