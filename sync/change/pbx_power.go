package change

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// power starts or stops the PBX. What the vendor answers is settled by the status alone.
func (a *acting) power(ctx context.Context) (string, error) {
	err := a.call(ctx, func(ctx context.Context) (fleet.Receipt, error) {
		if a.doc.After.Status == fleet.StatusRunning {
			return a.l.d.Maker.StartPBX(ctx, a.r.PBX)
		}
		return a.l.d.Maker.StopPBX(ctx, a.r.PBX)
	})
	return a.answered(), err
}

// powered waits until the status is what it shall be.
func (a *acting) powered(ctx context.Context) (string, error) {
	step := stepRun
	if a.doc.Action == audit.PBXStop {
		step = stepStopped
	}
	d, err := a.reaches(ctx, a.doc.After.Status, step)
	l, isLate := errors.AsType[*late](err)
	switch {
	case err == nil:
		return a.ended(ctx, fmt.Sprintf("It is %s.", d.Status))
	case !isLate:
		return "", err
	case l.last != nil:
		return "", asks("%s How the PBX stands is not known: it can't be read.%s Try again reads once more; nothing is sent again.", a.answered(), unread(err)).with(a.outcome(audit.Unknown))
	case d.Status == a.doc.Before.Status:
		return "", failed("%s The PBX is %s still.", a.answered(), d.Status).with(a.outcome(audit.Failed))
	}
	return "", asks("The PBX is %s for %s and longer. Try again goes on waiting.", d.Status, a.l.d.Patience.Run)
}

// reaches reads until the PBX has a status. A refusal that the status bears out ends the wait.
func (a *acting) reaches(ctx context.Context, goal fleet.PBXStatus, step string) (d fleet.PBXDetail, err error) {
	err = a.l.wait(ctx, a.l.d.Patience.Run, func(ctx context.Context) (bool, error) {
		if d, err = a.l.d.Reader.Detail(ctx, a.r.PBX); err != nil {
			return false, err
		}
		switch {
		case d.Status == goal:
			return true, a.l.keep(ctx, d)
		case a.doc.Answer == answerRefused && d.Status == a.doc.Before.Status && a.since() > a.l.d.Changer.d.ReadBack:
			return false, failed("%s The PBX is %s.", a.doc.Words, d.Status).with(a.outcome(audit.Refused))
		case a.unmoved(d):
			return false, failed("The answer was lost, and the PBX is %s still.", d.Status).with(a.outcome(audit.Failed))
		}
		return false, errors.Join(a.progress(ctx, step, fmt.Sprintf("It is %s.", d.Status)), a.l.keep(ctx, d))
	})
	return d, err
}

// unmoved reports whether a call whose answer was lost has shown no effect for a while.
func (a *acting) unmoved(d fleet.PBXDetail) bool {
	return a.doc.Answer == answerLost && !a.doc.SentAt.IsZero() && d.Status == a.doc.Before.Status && a.since() > a.l.d.Patience.Settle
}

// since is how long ago the call went out.
func (a *acting) since() time.Duration { return a.l.now().Sub(a.doc.SentAt) }

// stopFirst stops a PBX that shall be deleted.
func (a *acting) stopFirst(ctx context.Context) (string, error) {
	if a.doc.StopAt.IsZero() {
		d, err := a.l.d.Reader.Detail(ctx, a.r.PBX)
		switch {
		case fleet.KindOf(err) == fleet.KindNotFound:
			return "It does not exist any more.", errSkipped
		case err != nil:
			return "", failed("Nothing was sent: the PBX could not be read. %s", message(err)).with(a.outcome(audit.Failed))
		case d.Status == fleet.StatusStopped:
			return "It is Stopped already.", errSkipped
		}
		a.doc.StopAt = a.l.now()
		if err := a.save(ctx, a.entry(audit.PBXStop, audit.Intended, a.doc.Name, a.doc.Reason, nil, nil, "")); err != nil {
			return "", err
		}
		err = a.l.send(ctx, func(ctx context.Context) error {
			_, err := a.l.d.Maker.StopPBX(ctx, a.r.PBX)
			return err
		})
		if saidNo(err) {
			return "", failed("It was not deleted: Yeastar refused to stop it. %s", message(err)).with(a.outcome(audit.Refused), a.stopping(audit.Refused))
		}
	}
	d, err := a.reaches(ctx, fleet.StatusStopped, stepStop)
	switch _, isLate := errors.AsType[*late](err); {
	case err == nil:
		return a.finish(ctx, stepStop, "It is Stopped.", a.stopping(audit.Succeeded))
	case !isLate:
		return "", err
	case fleet.KindOf(err) == fleet.KindNotFound:
		return "It does not exist any more.", errSkipped
	}
	a.doc.StopAt = time.Time{}
	return "", asks("It was not deleted: it was told to stop, and is %s for %s and longer.%s Try again stops it once more.", d.Status, a.l.d.Patience.Run, unread(err)).
		with(a.stopping(audit.Failed))
}

func (a *acting) stopping(o audit.Outcome) audit.Entry {
	return a.entry(audit.PBXStop, o, a.doc.Name, a.doc.Reason, nil, nil, "")
}

// remove sends the deletion.
func (a *acting) remove(ctx context.Context) (string, error) {
	err := a.call(ctx, func(ctx context.Context) (fleet.Receipt, error) { return a.l.d.Maker.DeletePBX(ctx, a.r.PBX) })
	return a.answered(), err
}

// gone reads until the vendor says that the PBX does not exist; our record takes that over.
func (a *acting) gone(ctx context.Context) (string, error) {
	limit := a.l.d.Changer.d.ReadBack
	if a.doc.Answer == answerLost {
		limit = a.l.d.Patience.Settle
	}
	err := a.l.wait(ctx, limit, func(ctx context.Context) (bool, error) {
		_, d, err := a.l.d.Changer.d.Looker.Look(ctx, a.r.PBX)
		switch {
		case fleet.KindOf(err) == fleet.KindNotFound:
			return true, nil
		case err == nil && a.doc.Answer == answerRefused:
			return false, failed("It was not deleted; it is %s. %s", d.PBX.Status, a.doc.Words).with(a.outcome(audit.Refused))
		}
		return false, err
	})
	l, isLate := errors.AsType[*late](err)
	switch {
	case err == nil:
		a.l.d.Offers.Spent()
		a.l.d.Changer.d.Announce(a.r.PBX, "")
		return a.ended(ctx, "It is gone: Yeastar says that it does not exist. Its history stays.")
	case !isLate:
		return "", err
	case l.last != nil:
		return "", asks("%s Whether it is gone is not known: it can't be read.%s Try again reads once more; nothing is sent again.", a.answered(), unread(err)).with(a.outcome(audit.Unknown))
	case a.doc.Answer == answerAccepted:
		return "", asks("Yeastar accepted the deletion, and the PBX is still there. Try again goes on looking; nothing is sent again.").with(a.outcome(audit.Unknown))
	}
	return "", failed("%s A read shows that it was not deleted; it is stopped. Start it from its page, or delete it again.", a.answered()).with(a.outcome(audit.Failed))
}
