package change

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
)

// Delete deletes a PBX: it is stopped first, and the deletion is confirmed by a read. Its numbers become
// free; protected ones forbid it. It takes the typed name and a reason. What is bound is read from the
// cloud, and must be what the person was shown.
func (l *Lifecycle) Delete(ctx context.Context, by audit.By, id fleet.PBXID, consent Consent) (job.Job, error) {
	v, err := l.view(ctx, id)
	if err != nil {
		return job.Job{}, err
	}
	row, err := l.d.Catalogue.PBX(ctx, id)
	if err != nil {
		return job.Job{}, err
	}
	if row.Standing.OpenPlan != "" {
		return job.Job{}, refuse("Nothing was sent: a plan for this PBX is under way.")
	}
	was, err := l.d.Ledger.Known(ctx, id)
	if err != nil {
		return job.Job{}, err
	}
	bound, err := l.bindings(ctx, id)
	if err != nil {
		return job.Job{}, unsent(err)
	}
	kept, err := l.protected(ctx, bound)
	switch {
	case err != nil:
		return job.Job{}, err
	case kept != "":
		return job.Job{}, refuse("Nothing was sent: protected numbers are bound to this PBX: %s. Take the protection off first.", kept)
	case cmp.Or(consent.Bound, was.Record().Fingerprint()) != bound.Fingerprint():
		return job.Job{}, &fleet.Error{Kind: fleet.KindStale, Op: "change.Delete",
			Msg: "Nothing was sent: what is bound to this PBX is not what was known of it when you looked. " + freed(bound) + ". Look again."}
	}
	var fields []fleet.Field
	if name := oneLine(v.Detail.Name); oneLine(consent.Name) != name {
		fields = append(fields, fleet.Field{Name: "name", Rule: fmt.Sprintf("Type the name of the PBX: %s. %s.", name, freed(bound))})
	}
	reason := strings.TrimSpace(consent.Reason)
	if reason == "" {
		fields = append(fields, fleet.Field{Name: "reason", Rule: "Say why. The audit log keeps it."})
	}
	if len(fields) > 0 {
		return job.Job{}, &fleet.Error{Kind: fleet.KindGuard, Op: "change.Delete", Msg: "Nothing was sent. A deletion can't be undone: it needs more from you.", Fields: fields}
	}
	return l.submit(ctx, by, id, "Delete "+v.Detail.Name, deed{Action: audit.PBXDelete, Name: v.Detail.Name, Reason: reason,
		Before: standing{Status: v.Detail.Status, Bindings: &bound, Capacity: &v.Detail.PBXCapacity, Features: &v.Features}}, stepStop, stepDelete, stepGone)
}

func freed(bound fleet.BindingSet) string {
	if n := len(bound.Copies()); n > 0 {
		return are(n, "number") + " bound to it and would be free"
	}
	return "No number is bound to it"
}

// bindings reads what is bound to a PBX. It answers as history keeps it: numbers whose trunk is unclear
// are among them.
func (l *Lifecycle) bindings(ctx context.Context, id fleet.PBXID) (fleet.BindingSet, error) {
	known, _, err := l.d.Changer.d.Looker.Look(ctx, id)
	if err == nil && !known.Exact() && known.Certainty != fleet.CertaintyAmbiguous {
		err = &fleet.Error{Kind: fleet.KindUnavailable, Op: "change.bindings", Msg: "What is bound to this PBX is not known. Try again in a moment."}
	}
	return known.Record(), err
}

// protected names the protected numbers that a deletion would take off a PBX.
func (l *Lifecycle) protected(ctx context.Context, bound fleet.BindingSet) (string, error) {
	dids := didsOf(bound.Pairs())
	rows, err := l.d.Changer.d.Directory.Numbers(ctx, dids)
	if err != nil {
		return "", err
	}
	var kept []string
	for _, did := range dids {
		if rows[did].Protected {
			kept = append(kept, cmp.Or(rows[did].Number, "DID "+did.String()))
		}
	}
	return strings.Join(kept, ", "), nil
}

// stillFree reads once more what is bound: a job may have waited for days since the person looked, and
// what nobody saw, or what somebody protected meanwhile, is not deleted. left says how the PBX stands then.
func (a *acting) stillFree(ctx context.Context, left string) (string, error) {
	var bound fleet.BindingSet
	gone := false
	err := a.l.wait(ctx, a.l.d.Patience.Settle, func(ctx context.Context) (_ bool, err error) {
		bound, err = a.l.bindings(ctx, a.r.PBX)
		if gone = fleet.KindOf(err) == fleet.KindNotFound; gone {
			return true, nil
		}
		return err == nil, err
	})
	switch {
	case gone:
		return "It does not exist any more.", errSkipped
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", failed("Nothing was deleted: what is bound to the PBX could not be read.%s%s", unread(err), left).with(a.outcome(audit.Failed))
	}
	kept, err := a.l.protected(ctx, bound)
	switch {
	case err != nil:
		return "", err
	case kept != "":
		return "", failed("Nothing was deleted: protected numbers are bound to this PBX now: %s.%s", kept, left).with(a.outcome(audit.Refused))
	case !bound.Equal(*a.doc.Before.Bindings):
		moved := plan.Sum(plan.Moved(*a.doc.Before.Bindings, bound, a.l.d.Changer.names(ctx)))
		return "", failed("Nothing was deleted: what is bound to this PBX changed after this was asked for (%s). Look again.%s", moved, left).with(a.outcome(audit.Refused))
	}
	return "", nil
}

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
		if sentence, err := a.stillFree(ctx, ""); err != nil {
			return sentence, err
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

// remove sends the deletion, unless something else is bound now than the person saw.
func (a *acting) remove(ctx context.Context) (string, error) {
	if a.doc.SentAt.IsZero() {
		if sentence, err := a.stillFree(ctx, " It is stopped: start it from its page, or delete it again."); err != nil {
			return sentence, err
		}
	}
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
