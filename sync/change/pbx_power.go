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
