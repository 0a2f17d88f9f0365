package change

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

// The steps of acts, beside those that a new PBX has too.
const (
	stepSend    = "Send it"
	stepConfirm = "Confirm it by a read"
	stepStop    = "Stop it"
	stepStopped = "Wait until it is stopped"
	stepDelete  = "Delete it"
	stepGone    = "Confirm that it is gone"
)

// acting is one run of the job of an act.
type acting struct {
	errand
	doc  deed
	last string // its last step
}

// ChangePBX is the work of a [job.ChangePBX].
func (l *Lifecycle) ChangePBX(ctx context.Context, r *job.Run) error {
	a := &acting{errand: errand{l: l, r: r}}
	if err := r.Read(&a.doc); err != nil {
		return err
	}
	a.errand.doc = &a.doc
	tasks := []task{{stepSend, a.sendEdit}, {stepConfirm, a.confirmEdit}}
	a.last = stepConfirm
	switch a.doc.Action {
	case audit.PBXStart:
		tasks, a.last = []task{{stepStart, a.power}, {stepRun, a.powered}}, stepRun
	case audit.PBXStop:
		tasks, a.last = []task{{stepStop, a.power}, {stepStopped, a.powered}}, stepStopped
	case audit.PBXMail:
		tasks, a.last = []task{{stepMail, a.mail}}, stepMail
	case audit.PBXDelete:
		tasks, a.last = []task{{stepStop, a.stopFirst}, {stepDelete, a.remove}, {stepGone, a.gone}}, stepGone
	}
	return a.run(ctx, tasks, func() string { return a.step(a.last).Sentence })
}

// outcome is the audit row of how the act ended.
func (a *acting) outcome(o audit.Outcome) audit.Entry {
	return a.entry(a.doc.Action, o, a.doc.Name, a.doc.Reason, a.doc.Before, a.doc.After, a.doc.Request)
}

// ended records the outcome of an act that came through.
func (a *acting) ended(ctx context.Context, sentence string) (string, error) {
	return a.finish(ctx, a.last, sentence, a.outcome(audit.Succeeded))
}

// call makes the one call of an act, with its intent stored before. An act that was on its way when the
// process ended is not sent again: its answer is lost. The error is a halt when nothing was sent.
func (a *acting) call(ctx context.Context, send func(context.Context) (fleet.Receipt, error)) error {
	if !a.doc.SentAt.IsZero() {
		return nil
	}
	a.doc.SentAt = a.l.now()
	if err := a.save(ctx); err != nil {
		return err
	}
	var receipt fleet.Receipt
	err := a.l.send(ctx, func(ctx context.Context) (err error) {
		receipt, err = send(ctx)
		return err
	})
	a.doc.Request = cmp.Or(receipt.RequestID, requestID(err))
	switch {
	case err == nil:
		a.doc.Answer = answerAccepted
	case unheard(err):
		a.doc.SentAt = time.Time{}
		if ctx.Err() != nil { // the next start sends it
			return errors.Join(ctx.Err(), a.save(context.WithoutCancel(ctx)))
		}
		return failed("Nothing was sent: %s", message(err)).with(a.outcome(audit.Failed))
	case saidNo(err):
		a.doc.Answer, a.doc.Words = answerRefused, message(err)
	}
	return a.save(context.WithoutCancel(ctx))
}

// answered is how the call went, as a step says it.
func (a *acting) answered() string {
	switch a.doc.Answer {
	case answerAccepted:
		return "Yeastar accepted it."
	case answerRefused:
		return a.doc.Words
	}
	return "The answer was lost."
}

// now reads what the act is about.
func (a *acting) now(ctx context.Context) (s standing, d fleet.PBXDetail, err error) {
	if a.doc.Action == audit.PBXCustomers {
		s.Customers, err = a.l.d.Reader.CustomersOf(ctx, a.r.PBX)
		return s, d, err
	}
	d, err = a.l.d.Reader.Detail(ctx, a.r.PBX)
	s.Status = d.Status
	switch a.doc.Action {
	case audit.PBXUpdate:
		s.Features = new(d.Features())
	case audit.PBXResize:
		s.Capacity = &d.PBXCapacity
		if !d.ExtraKnown && a.doc.After.Capacity != nil {
			s.Capacity.Transcription = a.doc.After.Capacity.Transcription
		}
	}
	return s, d, err
}

// shows reports whether a reading agrees with what was or shall be, as far as reads tell.
func (s standing) shows(o standing) bool {
	switch {
	case o.Features != nil && s.Features != nil:
		return s.Features.Over(*o.Features) == *o.Features && s.Features.Name == o.Features.Name
	case o.Capacity != nil && s.Capacity != nil:
		return *s.Capacity == *o.Capacity
	}
	mine, others := slices.Clone(s.Customers), slices.Clone(o.Customers)
	slices.Sort(mine)
	slices.Sort(others)
	return slices.Equal(mine, others)
}

// sendEdit sends an edit, a resize or a list of customers, unless the PBX has moved.
func (a *acting) sendEdit(ctx context.Context) (string, error) {
	if a.doc.SentAt.IsZero() {
		var seen standing
		err := a.l.wait(ctx, a.l.d.Patience.Settle, func(ctx context.Context) (ok bool, err error) {
			seen, _, err = a.now(ctx)
			return err == nil, err
		})
		if err != nil {
			if ctx.Err() != nil {
				return "", ctx.Err()
			}
			return "", failed("Nothing was sent: the PBX could not be read.%s", unread(err)).with(a.outcome(audit.Failed))
		}
		switch {
		case a.doc.Action == audit.PBXCustomers: // the list is overwritten whole: add and remove apply to what is there now
			a.doc.Before, a.doc.After = seen, standing{Customers: apply(seen.Customers, a.doc.Add, a.doc.Remove)}
		case !seen.shows(a.doc.Before):
			return "", failed("Nothing was sent: the PBX was changed by somebody else meanwhile. Look again.").with(a.outcome(audit.Refused))
		}
	}
	err := a.call(ctx, func(ctx context.Context) (fleet.Receipt, error) {
		switch after := a.doc.After; a.doc.Action {
		case audit.PBXUpdate:
			return a.l.d.Editor.UpdatePBX(ctx, a.r.PBX, *after.Features)
		case audit.PBXResize:
			return a.l.d.Editor.ResizePBX(ctx, a.r.PBX, *after.Capacity)
		default:
			return a.l.d.Editor.SetCustomers(ctx, a.r.PBX, after.Customers)
		}
	})
	return a.answered(), err
}

// confirmEdit reads until the PBX shows what was sent, or something is certain. The answer to the call
// alone is believed only where no read can tell before and after apart.
func (a *acting) confirmEdit(ctx context.Context) (string, error) {
	limit := a.l.d.Changer.d.ReadBack
	if a.doc.Answer == answerLost {
		limit = a.l.d.Patience.Settle
	}
	var seen standing
	var d fleet.PBXDetail
	err := a.l.wait(ctx, limit, func(ctx context.Context) (ok bool, err error) {
		if seen, d, err = a.now(ctx); err != nil {
			return false, err
		}
		base, result := seen.shows(a.doc.Before), seen.shows(a.doc.After)
		return result && (a.doc.Answer != answerLost || !base) || base && a.doc.Answer == answerRefused, nil
	})
	if l, ok := errors.AsType[*late](err); err != nil && (!ok || l.last != nil) {
		if !ok {
			return "", err
		}
		return "", asks("%s It is not known whether it was done: the PBX can't be read.%s Try again reads once more; nothing is sent again.", a.answered(), unread(err)).with(a.outcome(audit.Unknown))
	}
	return a.verdict(ctx, seen, d)
}

// verdict says what an edit came to.
func (a *acting) verdict(ctx context.Context, seen standing, d fleet.PBXDetail) (string, error) {
	base, result := seen.shows(a.doc.Before), seen.shows(a.doc.After)
	switch {
	case result && !base, result && a.doc.Answer == answerAccepted:
		if err := a.keepEdit(ctx, d); err != nil {
			return "", err
		}
		if base {
			return a.ended(ctx, "Yeastar accepted it. No read tells these settings, so this rests on its word.")
		}
		return a.ended(ctx, "Verified by a read.")
	case base && a.doc.Answer == answerRefused:
		return "", failed("%s Nothing changed.", a.doc.Words).with(a.outcome(audit.Refused))
	case base && result:
		return "", failed("The answer was lost, and no read tells these settings: whether it was done is not known. Send the same once more: that changes nothing else.").with(a.outcome(audit.Unknown))
	case base:
		return "", failed("%s A read shows that nothing changed.", a.answered()).with(a.outcome(audit.Failed))
	}
	return "", failed("%s A read shows something else than was asked for. Look at what is there.", a.answered()).with(a.outcome(audit.Diverged))
}

// keepEdit brings the result into our record.
func (a *acting) keepEdit(ctx context.Context, d fleet.PBXDetail) error {
	ctx = context.WithoutCancel(ctx)
	switch a.doc.Action {
	case audit.PBXUpdate:
		return errors.Join(a.l.keep(ctx, d), a.l.d.Catalogue.KeepStated(ctx, a.r.PBX, *a.doc.After.Features, a.l.now()))
	case audit.PBXResize:
		a.l.d.Offers.Spent()
	}
	return nil
}

// mail sends the activation mail, which no read tells: one whose fate is not known goes out again only
// by a person's word.
func (a *acting) mail(ctx context.Context) (string, error) {
	if a.doc.Again {
		a.doc.SentAt, a.doc.Answer, a.doc.Again = time.Time{}, answerLost, false
	}
	var sent []string
	err := a.call(ctx, func(ctx context.Context) (r fleet.Receipt, err error) {
		sent, r, err = a.l.d.Editor.SendActivation(ctx, a.r.PBX, a.doc.After.Mail)
		return r, err
	})
	switch {
	case err != nil:
		return "", err
	case a.doc.Answer == answerAccepted:
		return a.ended(ctx, mailed(sent))
	case a.doc.Answer == answerRefused:
		return "", failed("The activation mail was not sent. %s", a.doc.Words).with(a.outcome(audit.Refused))
	}
	a.doc.Again = true
	return "", asks("It is not known whether the activation mail was sent: the answer was lost. Ask the customer, or try again to send it once more.").with(a.outcome(audit.Unknown))
}
