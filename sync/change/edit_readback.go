package change

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
)

// readBack reads a trunk until it shows what the plan asked for or the deadline passes. sent is the
// write's own error: a refusal, an unknown fate, or nil for a success, none of which is believed before a
// read agrees. Only a changed password on a PBX that masks it rests on the answer.
func (d *TrunkEditor) readBack(ctx context.Context, p *plan.Plan, sent error) error {
	looks := newLooks(d.d.Now, d.d.ReadBack, d.d.Poll)
	for {
		waited := looks.last()
		seen, err := d.read(ctx, p.PBX, p.Edit.Trunk, p.ID)
		if fleet.KindOf(err) == fleet.KindNotFound {
			return d.gone(p, err)
		}
		if err != nil && waited {
			return editUnsettled(p, errors.Join(sent, err))
		}
		if err == nil {
			fate := p.Edit.Patch.Judge(p.Edit.Before, seen, p.Edit.PasswordMark)
			if fate == sip.Done || waited || fate == sip.Indistinct || fate == sip.Untouched && refused(sent) {
				return d.conclude(p, seen, fate, sent)
			}
		}
		if err := looks.rest(ctx); err != nil {
			return editUnsettled(p, errors.Join(sent, err))
		}
	}
}

// conclude names what the last reading showed.
func (d *TrunkEditor) conclude(p *plan.Plan, seen sip.Trunk, fate sip.Fate, sent error) error {
	o := &p.Outcome
	o.VerifiedAt = d.d.Now()
	if sent != nil {
		o.VendorCode, o.VendorRequestID = vendorCode(sent), requestID(sent)
	}
	switch {
	case fate == sip.Done:
		d.applied(p, seen, sent)
		return nil
	case fate == sip.Indistinct && sent == nil:
		d.applied(p, seen, nil)
		o.Sentence = "The PBX accepted the new password. It does not show passwords, so this rests on its word."
		return nil
	case fate == sip.Indistinct && !refused(sent):
		p.Status, o.Result = plan.Diverged, plan.ResultDiverge
		o.Sentence = "The new password was sent, and the answer was lost. The PBX does not show passwords, so nobody can tell whether it has the old or the new one. Set it once more."
		return &fleet.Error{Kind: fleet.KindDiverged, Op: "change.readBack", Msg: o.Sentence, VendorRequestID: o.VendorRequestID, Err: sent}
	case refused(sent) && (fate == sip.Untouched || fate == sip.Indistinct):
		p.Status, o.Result = plan.Failed, plan.ResultFailed
		o.Sentence = message(sent) + " A read shows that nothing changed."
		return sent
	case fate == sip.Untouched && sent == nil:
		p.Status, o.Result = plan.Failed, plan.ResultFailed
		o.Sentence = fmt.Sprintf("The PBX answered SUCCESS, but %s later nothing had changed. It may have ignored the write, as it does for settings of a shared trunk.", d.d.ReadBack)
		return &fleet.Error{Kind: fleet.KindRefused, Op: "change.readBack", Msg: o.Sentence, VendorRequestID: o.VendorRequestID}
	case fate == sip.Untouched:
		p.Status, o.Result = plan.Failed, plan.ResultFailed
		o.Sentence = message(sent) + " A read shows that nothing changed."
		return &fleet.Error{Kind: fleet.KindUnknown, Op: "change.readBack", Msg: o.Sentence, VendorCode: o.VendorCode, VendorRequestID: o.VendorRequestID, Err: sent}
	}
	p.Status, o.Result, o.Differs = plan.Diverged, plan.ResultDiverge, differing(p, seen)
	o.Sentence = "The trunk has something else than this plan asked for: " + labels(o.Differs) + "."
	if sent != nil {
		o.Sentence = message(sent) + " " + o.Sentence
	}
	return &fleet.Error{Kind: fleet.KindDiverged, Op: "change.readBack", Msg: o.Sentence, VendorCode: o.VendorCode, VendorRequestID: o.VendorRequestID, Err: sent}
}

// differing are the settings of the plan that the reading shows otherwise.
func differing(p *plan.Plan, seen sip.Trunk) []sip.Change {
	named := func(c sip.Change) bool {
		return slices.ContainsFunc(p.Edit.Changes, func(mine sip.Change) bool { return mine.Name == c.Name })
	}
	want := p.Edit.Patch.Apply(p.Edit.Before)
	want.PasswordMark = p.Edit.PasswordMark
	return slices.DeleteFunc(sip.Moved(want, seen), func(c sip.Change) bool { return !named(c) })
}

func (d *TrunkEditor) applied(p *plan.Plan, seen sip.Trunk, sent error) {
	p.Status, p.Outcome.Result = plan.Applied, plan.Succeeded
	p.Outcome.Sentence = "Verified: the trunk has exactly what this plan asked for."
	if sent != nil {
		p.Outcome.Sentence = "Verified by reading, although the write was answered with: " + message(sent)
	}
	if p.Edit.Patch.SendsPassword() && seen.PasswordMark == "" {
		p.Outcome.Sentence = "Verified, but for the password: the PBX does not show it, so that rests on its word."
	}
	if seen.Enabled && seen.Kind() != sip.Other {
		p.Outcome.Line = &plan.Line{State: plan.LineFollowed, Sentence: "How the trunk stands is being followed for a minute."}
	}
}

// gone ends a plan whose trunk was deleted before its result could be read.
func (d *TrunkEditor) gone(p *plan.Plan, err error) error {
	p.Status, p.Outcome.Result = plan.Void, plan.ResultDiverge
	p.Outcome.Sentence = "The trunk does not exist any more."
	return &fleet.Error{Kind: fleet.KindNotFound, Op: "change.readBack", Msg: p.Outcome.Sentence, VendorRequestID: p.Outcome.VendorRequestID, Err: err}
}

func editUnsettled(p *plan.Plan, cause error) error {
	p.Status, p.Outcome.Result = plan.Unknown, plan.ResultUnknown
	p.Outcome.Sentence = "It was sent, and nobody can say yet whether it was applied: the PBX can't be read. Cordboard keeps checking and writes nothing else to this PBX."
	if p.Outcome.VendorRequestID == "" {
		p.Outcome.VendorRequestID = requestID(cause)
	}
	return &fleet.Error{Kind: fleet.KindUnknown, Op: "change.readBack", Msg: p.Outcome.Sentence, VendorRequestID: p.Outcome.VendorRequestID, Err: cause}
}

// Follow watches how the trunk of an applied plan stands until it is up, until its status has said for
// the whole time that it is not, or until nobody could be asked; and stores that on the plan.
func (c *Changer) Follow(ctx context.Context, p plan.Plan) (plan.Line, error) {
	if p.Status != plan.Applied || p.Outcome.Line == nil {
		return plan.Line{}, nil
	}
	if p.Outcome.Line.State != plan.LineFollowed {
		return *p.Outcome.Line, nil
	}
	line := c.d.Trunks.follow(ctx, p)
	if ctx.Err() != nil {
		return line, ctx.Err() // the next start looks again
	}
	err := c.d.Trunks.d.Book.NoteLine(ctx, p.ID, line)
	c.d.Announce(p.PBX, p.ID)
	return line, err
}

func (d *TrunkEditor) follow(ctx context.Context, p plan.Plan) plan.Line {
	deadline := d.d.Now().Add(d.d.Follow)
	begun := d.d.Now()
	var last plan.Line
	for {
		line, trouble := d.line(ctx, p, begun)
		if trouble == nil {
			last = line
		}
		if trouble == nil && line.State == plan.LineUp {
			return line
		}
		if !d.d.Now().Add(d.d.Look).Before(deadline) || sleep(ctx, d.d.Look) != nil {
			switch {
			case last.State == "":
				return plan.Line{State: plan.LineUnclear, Sentence: "How the trunk stands could not be read: " + message(trouble)}
			case last.State == plan.LineFollowed:
				last.State = plan.LineUnclear
				last.Sentence = fmt.Sprintf("After %s the trunk still says: %s.", d.d.Follow, last.Status.Words())
			}
			return last
		}
	}
}

// line is one look at the trunk's status.
func (d *TrunkEditor) line(ctx context.Context, p plan.Plan, begun time.Time) (plan.Line, error) {
	rows, err := d.d.API.SIPTrunks(ctx, p.PBX)
	if err != nil {
		return plan.Line{}, err
	}
	i := slices.IndexFunc(rows, func(r sip.Row) bool { return r.ID == p.Edit.Trunk })
	if i < 0 {
		return plan.Line{}, fleet.NotFound("change.follow", "The trunk")
	}
	line := plan.Line{State: plan.LineFollowed, Status: rows[i].Status, At: d.d.Now()}
	switch line.Status.Health() {
	case sip.Up:
		line.State = plan.LineUp
		line.Sentence = fmt.Sprintf("The trunk is up again, %.0f s after it was saved.", line.At.Sub(begun).Seconds())
	case sip.Down:
		line.State = plan.LineDown
		line.Sentence = "The trunk is down: " + line.Status.Words() + "."
	case sip.Off:
		line.State = plan.LineDown
		line.Sentence = "The trunk is disabled."
	}
	return line, nil
}
