package change

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// readBack reads until the cloud shows the plan's result or the deadline passes, and names what
// it saw. sent is the write's own error: a refusal, an unknown fate, or nil for a 200, none of
// which is believed before a read agrees.
func (c *Changer) readBack(ctx context.Context, p *plan.Plan, sent error) (*plan.Written, error) {
	deadline, pause := c.d.Now().Add(c.d.ReadBack), c.d.Poll
	var last fleet.Observation
	var trouble error
	for {
		seen, err := c.d.Reader.Observe(ctx, p.PBX)
		if trouble = err; err == nil {
			last = seen
			if seen.Shows(p.After, p.Before.Trunks()...) {
				return c.verified(p, seen, sent), nil
			}
			if refused(sent) && seen.Shows(p.Before) {
				break // the vendor said no, and nothing moved: no need to wait
			}
		}
		if !c.d.Now().Add(pause).Before(deadline) {
			break
		}
		time.Sleep(pause)
		pause *= 2
	}
	if trouble != nil {
		return nil, c.unsettled(p, errors.Join(sent, trouble))
	}
	return nil, c.notDone(p, last, sent)
}

func (c *Changer) verified(p *plan.Plan, seen fleet.Observation, sent error) *plan.Written {
	p.Status = plan.Applied
	p.Outcome.Result, p.Outcome.VerifiedAt = plan.Succeeded, seen.At
	p.Outcome.Sentence = "Verified: Yeastar holds exactly what this plan asked for."
	if sent != nil {
		p.Outcome.Sentence = "Verified by reading, although the answer to the write was lost."
		if refused(sent) {
			p.Outcome.Sentence = "Yeastar refused the write, yet a read shows exactly what this plan asked for."
		}
		p.Outcome.VendorRequestID = requestID(sent)
	}
	return &plan.Written{At: seen.At, Headers: c.provenHeaders(p, sent)}
}

// provenHeaders are the header values known after the write. Nobody can read them back: a lost
// answer leaves them unknown.
func (c *Changer) provenHeaders(p *plan.Plan, sent error) fleet.Headers {
	switch {
	case !p.Headers.Send, sent != nil && p.Headers.After.Len() > 0:
		return fleet.Headers{}
	}
	return p.Headers.After
}

func (c *Changer) notDone(p *plan.Plan, seen fleet.Observation, sent error) error {
	p.Outcome.VerifiedAt = seen.At
	if sent != nil {
		p.Outcome.VendorRequestID, p.Outcome.VendorCode = requestID(sent), vendorCode(sent)
	}
	unchanged := seen.Shows(p.Before)
	switch {
	case unchanged && refused(sent):
		p.Status, p.Outcome.Result = plan.Failed, plan.ResultFailed
		p.Outcome.Sentence = message(sent) + " A read shows that nothing changed."
		return sent
	case unchanged && sent == nil:
		p.Status, p.Outcome.Result = plan.Failed, plan.ResultFailed
		p.Outcome.Sentence = fmt.Sprintf("Yeastar answered Success, but %s later nothing had changed. It may have ignored the write.", c.d.ReadBack)
		return &fleet.Error{Kind: fleet.KindRefused, Op: "change.readBack", Msg: p.Outcome.Sentence, VendorRequestID: p.Outcome.VendorRequestID}
	case unchanged:
		p.Status, p.Outcome.Result = plan.Failed, plan.ResultFailed
		p.Outcome.Sentence = "The connection broke after sending. A read shows that nothing changed."
		return &fleet.Error{Kind: fleet.KindUnavailable, Op: "change.readBack", Msg: p.Outcome.Sentence, Err: sent}
	}
	p.Status, p.Outcome.Result = plan.Diverged, plan.ResultDiverge
	p.Outcome.Sentence = "Yeastar holds something else than this plan asked for. Look at what it holds and make a new plan."
	return &fleet.Error{Kind: fleet.KindDiverged, Op: "change.readBack", Msg: p.Outcome.Sentence, VendorRequestID: p.Outcome.VendorRequestID, Err: sent}
}

func (c *Changer) unsettled(p *plan.Plan, cause error) error {
	p.Status, p.Outcome.Result = plan.Unknown, plan.ResultUnknown
	p.Outcome.Sentence = "It was sent, and nobody can say yet whether it was applied: reading back fails. Cordboard keeps checking and writes nothing else to this PBX."
	if p.Outcome.VendorRequestID == "" {
		p.Outcome.VendorRequestID = requestID(cause)
	}
	return &fleet.Error{Kind: fleet.KindUnknown, Op: "change.readBack", Msg: p.Outcome.Sentence, VendorRequestID: p.Outcome.VendorRequestID, Err: cause}
}

// refused reports whether the vendor itself answered no to a write.
func refused(err error) bool { return err != nil && fleet.KindOf(err) == fleet.KindRefused }

// certainlyUnsent reports whether the vendor can't have seen the write.
func certainlyUnsent(err error) bool {
	kind := fleet.KindOf(err)
	return kind == fleet.KindUnavailable || kind == fleet.KindInvalid
}

// unsent marks a read's failure as what it means for a confirmation: nothing was sent.
func unsent(err error) error {
	if fleet.KindOf(err) == fleet.KindInternal || fleet.KindOf(err) == fleet.KindNotFound {
		return err
	}
	return &fleet.Error{Kind: fleet.KindUnavailable, Op: "change.Confirm", Msg: "Nothing was sent. " + message(err), VendorCode: vendorCode(err), VendorRequestID: requestID(err), Err: err}
}

func message(err error) string {
	if e, ok := errors.AsType[*fleet.Error](err); ok {
		return e.Msg
	}
	return "Something went wrong inside Cordboard; the log has it."
}

func requestID(err error) string {
	if e, ok := errors.AsType[*fleet.Error](err); ok {
		return e.VendorRequestID
	}
	return ""
}

func vendorCode(err error) int {
	if e, ok := errors.AsType[*fleet.Error](err); ok {
		return e.VendorCode
	}
	return 0
}
