package change

import (
	"context"
	"fmt"
	"slices"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// stale ends a plan that the world has overtaken, with nothing sent.
func stale(p *plan.Plan, o plan.Outcome) error {
	p.Status = plan.Stale
	o.Result, o.Sentence = plan.ResultRefused, "Nothing was sent: "+o.Sentence
	p.Outcome = o
	return &fleet.Error{Kind: fleet.KindStale, Op: "change.Confirm", Msg: o.Sentence}
}

// unread ends a plan because what it rests on could not be read right before the write.
func (c *Changer) unread(p *plan.Plan, err error) error {
	p.Status = plan.Failed
	p.Outcome = plan.Outcome{Result: plan.ResultRefused, VendorCode: vendorCode(err), VendorRequestID: requestID(err),
		Sentence: "Nothing was sent: the PBX could not be read right before the write."}
	return unsent(err)
}

// stillAllowed asks again about the numbers that the plan adds, takes away, or ends where the operator's
// word on their trunk is wrong: whether another PBX has taken one meanwhile, which the vendor might take
// from it, whether its id still means the number that the person saw, and whether somebody has protected
// one.
func (c *Changer) stillAllowed(ctx context.Context, p *plan.Plan) error {
	added := p.After.Minus(p.Before)
	endangered := append(p.Before.Minus(p.After), p.Stated...)
	rows, err := c.d.Directory.Numbers(ctx, didsOf(endangered))
	if err != nil {
		return c.unread(p, err)
	}
	for _, b := range endangered {
		if rows[b.DID].Protected {
			return stale(p, plan.Outcome{Sentence: shown(p, b.DID) + " was protected after this plan was made."})
		}
	}
	dids, err := c.d.Reader.DIDs(ctx, didsOf(added))
	if err != nil {
		return c.unread(p, err)
	}
	for _, b := range added {
		i := slices.IndexFunc(dids, func(d fleet.DID) bool { return d.ID == b.DID })
		if i < 0 {
			return stale(p, plan.Outcome{Sentence: shown(p, b.DID) + " does not exist any more."})
		}
		if why := overtakenBy(p, b, dids[i]); why != "" {
			return stale(p, plan.Outcome{Sentence: why})
		}
	}
	return nil
}

// overtakenBy says why a pair that a plan adds can't be bound any more, or nothing.
func overtakenBy(p *plan.Plan, b fleet.Binding, d fleet.DID) string {
	switch was := shown(p, b.DID); {
	case d.Number != "" && d.Number != was:
		return fmt.Sprintf("the DID %d, which was %s when this plan was made, is %s now.", b.DID, was, d.Number)
	case d.Owner != 0 && d.Owner != p.PBX:
		return fmt.Sprintf("%s was bound to another PBX (%d) after this plan was made.", was, d.Owner)
	case !slices.Contains(d.Trunks, b.Trunk):
		return fmt.Sprintf("%s does not sit on the trunk %d any more.", was, b.Trunk)
	}
	return ""
}

// shown is the number that the plan shows for a DID.
func shown(p *plan.Plan, did fleet.DIDID) string {
	for _, s := range p.Steps {
		if s.DID == did {
			return s.Number
		}
	}
	return "DID " + did.String()
}

// stillTrue compares what is there with what the plan was made on.
func (c *Changer) stillTrue(ctx context.Context, p *plan.Plan, known fleet.Known, now fleet.Observation) error {
	pbx := now.PBX
	switch {
	case pbx.Status != fleet.StatusRunning || !pbx.Firmware.AtLeast(fleet.FirmwareDIDUpdate):
		return stale(p, plan.Outcome{Sentence: fmt.Sprintf("the PBX is %s on firmware %s now.", pbx.Status, pbx.Firmware)})
	case pbx.Firmware.AtLeast(fleet.FirmwareSIPHeaders) != p.Headers.Send:
		return stale(p, plan.Outcome{Sentence: fmt.Sprintf("the PBX runs firmware %s now, which treats custom SIP headers in another way.", pbx.Firmware)})
	case p.Risk.Asks(plan.NeedName) && pbx.Name != p.PBXName:
		return stale(p, plan.Outcome{Sentence: fmt.Sprintf("the PBX that this plan calls %s is called %s now.", p.PBXName, pbx.Name)})
	case known.Fingerprint() == p.Base:
		return nil
	}
	moved := plan.Moved(p.Before, known.Record(), c.names(ctx))
	what := plan.Sum(moved)
	if len(moved) == 0 {
		what = "the numbers are the same, but what is known of their trunks or custom SIP headers is not"
	}
	return stale(p, plan.Outcome{Moved: moved, VerifiedAt: known.At,
		Sentence: "the bindings changed after this plan was made (" + what + ")."})
}
