package change

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/plan"
)

// readBack reads until the cloud shows the plan's result or the deadline passes, and names what
// it saw. sent is the write's own error: a refusal, an unknown fate, or nil for a 200, none of
// which is believed before a read agrees. was is the last reading before the write, or the zero
// Observation for a plan of an earlier run.
//
//	                 | 200           | refused  | answer lost
//	shows the result | applied       | applied  | applied
//	shows the base   | failed        | failed   | failed
//	shows both       | applied, or cannot tell  | failed | cannot tell
//	shows neither    | diverged      | diverged | diverged
//	can't be read    | unknown       | unknown  | unknown
//
// A reading shows both when a number changes its trunk, or only headers change. Where base and
// result look wholly alike a 200 is taken for an answer, because nothing else can be had; where the
// base still shows a trunk that the result gives up, it is not.
func (c *Changer) readBack(ctx context.Context, p *plan.Plan, was fleet.Observation, sent error) (*plan.Written, error) {
	known := p.Known()
	leftover := append(known.Trunks(), was.Trunks...)
	twins := was.Shows(p.After) || p.Before.LooksLike(p.After)
	looks := newLooks(c.d.Now, c.d.ReadBack, c.d.Poll)
	for {
		waited := looks.last()
		seen, err := c.d.Reader.Observe(ctx, p.PBX)
		if fleet.KindOf(err) == fleet.KindNotFound {
			return nil, c.gone(p, err)
		}
		base, result := seen.ShowsKnown(known), seen.Shows(p.After, leftover...)
		switch {
		case err != nil && waited:
			return nil, c.unsettled(p, errors.Join(sent, err))
		case err != nil: // another try
		case result && !base:
			return c.verified(p, seen, sent), nil
		case twins && result && sent == nil:
			return c.accepted(p, seen), nil
		case base && refused(sent): // the vendor said no, and nothing moved: no need to wait
			return nil, c.notDone(p, seen, true, sent)
		case base && result && (waited || twins):
			return c.cannotTell(ctx, p, seen, sent)
		case base && waited:
			return nil, c.notDone(p, seen, true, sent)
		case waited:
			return c.prove(ctx, p, seen, sent)
		}
		if err := looks.rest(ctx); err != nil {
			return nil, c.unsettled(p, errors.Join(sent, err))
		}
	}
}

// prove looks closer at a reading that shows neither base nor result as expected: that the vendor
// lists a number once per pair is presumed only (contract §5.1), so each number is asked for itself.
func (c *Changer) prove(ctx context.Context, p *plan.Plan, seen fleet.Observation, sent error) (*plan.Written, error) {
	known, _, err := c.d.Looker.Look(ctx, p.PBX)
	switch {
	case err != nil:
		return nil, c.unsettled(p, errors.Join(sent, err))
	case known.Exact() && known.Set.Equal(p.Before):
		return nil, c.notDone(p, seen, true, sent)
	case known.Exact() && known.Set.Equal(p.After):
		return c.verified(p, seen, sent), nil
	}
	return nil, c.notDone(p, seen, false, sent)
}

// looks are the reads that verify a write: each pause between them is twice the one before, and the
// last read begins when the time is over, never earlier: until then the write may still be applied.
type looks struct {
	now      func() time.Time
	deadline time.Time
	pause    time.Duration
}

func newLooks(now func() time.Time, within, poll time.Duration) *looks {
	return &looks{now: now, deadline: now().Add(within), pause: poll}
}

// last reports whether a read that begins now is the last one.
func (l *looks) last() bool { return !l.now().Before(l.deadline) }

// rest waits until the next read is due.
func (l *looks) rest(ctx context.Context) error {
	pause := min(l.pause, l.deadline.Sub(l.now()))
	l.pause *= 2
	return sleep(ctx, pause)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (c *Changer) verified(p *plan.Plan, seen fleet.Observation, sent error) *plan.Written {
	p.Status = plan.Applied
	p.Outcome.Result, p.Outcome.VerifiedAt = plan.Succeeded, seen.At
	p.Outcome.Sentence = "Verified: Yeastar holds exactly what this plan asked for."
	if p.Headers.Send && p.Headers.After.Len() > 0 {
		p.Outcome.Sentence = "Verified: Yeastar holds exactly the bindings that this plan asked for. Header values can't be read back; they rest on its answer."
	}
	if sent != nil {
		p.Outcome.Sentence = "Verified by reading, although " + answered(p) + "."
		if noErrorCode(p) {
			p.Outcome.Sentence = "Verified by a later read: " + answered(p) + "."
		}
		if refused(sent) {
			p.Outcome.Sentence = "Yeastar refused the write, yet a read shows exactly what this plan asked for."
		}
		p.Outcome.VendorRequestID = requestID(sent)
	}
	return &plan.Written{At: seen.At, Headers: provenHeaders(p, sent)}
}

// accepted ends a plan that reads can't tell from its base, on the vendor's word.
func (c *Changer) accepted(p *plan.Plan, seen fleet.Observation) *plan.Written {
	p.Status = plan.Applied
	p.Outcome.Result, p.Outcome.VerifiedAt = plan.Succeeded, seen.At
	p.Outcome.Sentence = "Yeastar accepted it, and nothing that was read contradicts it. Its reads don't show trunks of numbers or header values, so this rests on its word."
	return &plan.Written{At: seen.At, Headers: provenHeaders(p, nil)}
}

// provenHeaders are the header values known after the write. Nobody can read them back: a lost
// answer leaves them unknown unless there were none before and none after, a refusal always does.
func provenHeaders(p *plan.Plan, sent error) fleet.Headers {
	switch {
	case !p.Headers.Send, refused(sent):
		return fleet.Headers{}
	case sent != nil && p.Headers.After.Len() > 0:
		return fleet.Headers{}
	}
	return p.Headers.After
}

// cannotTell ends a plan whose answer was lost, or whose 200 nothing bears out, and whose result no
// read can tell from its base. The vendor's report may have told meanwhile; else the ledger must not
// go on believing either, so what the plan would have changed becomes unclear.
func (c *Changer) cannotTell(ctx context.Context, p *plan.Plan, seen fleet.Observation, sent error) (*plan.Written, error) {
	known, _, err := c.d.Looker.Look(ctx, p.PBX)
	if err != nil {
		return nil, c.unsettled(p, errors.Join(sent, err))
	}
	if known.Exact() && known.Set.Equal(p.After) && !p.Before.Equal(p.After) {
		written := c.verified(p, seen, sent)
		p.Outcome.Sentence = "Yeastar's report says that this plan was applied; " + answered(p) + "."
		return written, nil
	}
	if err := c.d.Looker.Doubt(ctx, p.PBX, p.After.Minus(p.Before), headersMoved(*p)); err != nil {
		return nil, c.unsettled(p, errors.Join(sent, err))
	}
	var written *plan.Written
	if known.Exact() && p.Before.Equal(p.After) {
		written = &plan.Written{At: seen.At}
	}
	p.Status, p.Outcome.Result, p.Outcome.VerifiedAt = plan.Diverged, plan.ResultDiverge, seen.At
	p.Outcome.Sentence = "It was sent, and no read can tell whether it was applied: what Yeastar shows fits what was there and what was asked for. State in a new plan how it shall be, or wait for Yeastar's report."
	return written, &fleet.Error{Kind: fleet.KindDiverged, Op: "change.readBack", Msg: p.Outcome.Sentence, VendorRequestID: p.Outcome.VendorRequestID, Err: sent}
}

// notDone ends a plan whose result is not there.
func (c *Changer) notDone(p *plan.Plan, seen fleet.Observation, unchanged bool, sent error) error {
	p.Outcome.VerifiedAt = seen.At
	if sent != nil {
		p.Outcome.VendorRequestID, p.Outcome.VendorCode = requestID(sent), vendorCode(sent)
	}
	switch {
	case unchanged && refused(sent):
		p.Status, p.Outcome.Result = plan.Failed, plan.ResultFailed
		p.Outcome.Refused = true
		p.Outcome.Sentence = message(sent) + " A read shows that nothing changed."
		return sent
	case unchanged && sent == nil:
		p.Status, p.Outcome.Result = plan.Failed, plan.ResultFailed
		p.Outcome.Sentence = fmt.Sprintf("Yeastar answered Success, but %s later nothing had changed. It may have ignored the write.", c.d.ReadBack)
		return &fleet.Error{Kind: fleet.KindRefused, Op: "change.readBack", Msg: p.Outcome.Sentence, VendorRequestID: p.Outcome.VendorRequestID}
	case unchanged:
		p.Status, p.Outcome.Result = plan.Failed, plan.ResultFailed
		said := answered(p)
		p.Outcome.Sentence = strings.ToUpper(said[:1]) + said[1:] + ", and a read shows that nothing changed."
		return &fleet.Error{Kind: fleet.KindUnknown, Op: "change.readBack", Msg: p.Outcome.Sentence, VendorRequestID: p.Outcome.VendorRequestID, Err: sent}
	}
	p.Status, p.Outcome.Result = plan.Diverged, plan.ResultDiverge
	p.Outcome.Sentence = "Yeastar holds something else than this plan asked for. Look at what it holds and make a new plan."
	return &fleet.Error{Kind: fleet.KindDiverged, Op: "change.readBack", Msg: p.Outcome.Sentence, VendorRequestID: p.Outcome.VendorRequestID, Err: sent}
}

// answered is what is known of the answer to a write whose fate it leaves open.
func answered(p *plan.Plan) string {
	switch o := p.Outcome; {
	case o.VendorCode != 0 && o.VendorRequestID != "":
		return fmt.Sprintf("Yeastar answered with an error (code %d, request %s)", o.VendorCode, o.VendorRequestID)
	case o.VendorCode != 0:
		return fmt.Sprintf("Yeastar answered with an error (code %d)", o.VendorCode)
	case noErrorCode(p):
		return fmt.Sprintf("Yeastar answered without an error code (request %s)", o.VendorRequestID)
	}
	return "the answer to the write was lost"
}

// noErrorCode reports whether the write was answered, and with no error code: what failed was reading back.
func noErrorCode(p *plan.Plan) bool {
	return p.Outcome.VendorCode == 0 && p.Outcome.VendorRequestID != ""
}

// gone ends a plan whose PBX was deleted before its result could be read.
func (c *Changer) gone(p *plan.Plan, err error) error {
	p.Status, p.Outcome.Result = plan.Void, plan.ResultDiverge
	p.Outcome.Sentence = "The PBX does not exist any more."
	return &fleet.Error{Kind: fleet.KindNotFound, Op: "change.readBack", Msg: p.Outcome.Sentence, VendorRequestID: p.Outcome.VendorRequestID, Err: err}
}

func (c *Changer) unsettled(p *plan.Plan, cause error) error {
	p.Status, p.Outcome.Result = plan.Unknown, plan.ResultUnknown
	p.Outcome.Sentence = "It was sent, and nobody can say yet whether it was applied: reading back fails. Cordboard keeps checking and writes nothing else to this PBX."
	p.Outcome.VendorRequestID = cmp.Or(p.Outcome.VendorRequestID, requestID(cause))
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
	return fleet.Words(err, "Something went wrong inside Cordboard; the log has it.")
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
