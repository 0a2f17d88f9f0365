package change

import (
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

// maxStarts bounds how often a start is sent while reads go on saying Stopped.
const maxStarts = 3

// start starts the PBX. A start whose answer was lost, or that shows no effect, is sent again only
// after reads have said for a while that the PBX is still Stopped.
func (m *making) start(ctx context.Context) (string, error) {
	for {
		d, err := m.leaves(ctx)
		switch {
		case err != nil:
			return "", m.waited(err, "It is not known whether it starts: it could not be read for %s", m.l.d.Patience.Settle)
		case d.Status != fleet.StatusStopped && m.doc.StartAt.IsZero():
			return fmt.Sprintf("It was %s already.", d.Status), nil
		case d.Status != fleet.StatusStopped:
			return m.finish(ctx, stepStart, "Yeastar starts it.", m.entry(audit.PBXStart, audit.Succeeded, m.doc.Ask.Spec.Name, "", nil, nil, ""))
		case m.doc.Starts >= maxStarts:
			m.doc.StartAt, m.doc.Starts = time.Time{}, 0
			return "", asks("The PBX %d was made at %s and is still Stopped, although it was told to start %d times. Try again goes on, or start it in YCM.", m.r.PBX, m.doc.URL, maxStarts).
				with(m.entry(audit.PBXStart, audit.Failed, m.doc.Ask.Spec.Name, "", nil, nil, ""))
		}
		if err := m.sendStart(ctx); err != nil {
			return "", err
		}
	}
}

// leaves reads the PBX: once before its start, and after it until it is not Stopped any more, for a while.
func (m *making) leaves(ctx context.Context) (d fleet.PBXDetail, err error) {
	err = m.l.wait(ctx, m.l.d.Patience.Settle, func(ctx context.Context) (bool, error) {
		if d, err = m.l.d.Reader.Detail(ctx, m.r.PBX); err != nil {
			return false, err
		}
		return d.Status != fleet.StatusStopped || m.doc.StartAt.IsZero(), m.l.keep(ctx, d)
	})
	if l, ok := errors.AsType[*late](err); ok && l.last == nil {
		err = nil // it was read, and it is Stopped
	}
	return d, err
}

func (m *making) sendStart(ctx context.Context) error {
	m.doc.StartAt, m.doc.Starts = m.l.now(), m.doc.Starts+1
	intended := m.entry(audit.PBXStart, audit.Intended, m.doc.Ask.Spec.Name, "", nil, nil, "")
	if err := m.save(ctx, intended); err != nil {
		return err
	}
	err := m.l.send(ctx, func(ctx context.Context) error {
		_, err := m.l.d.Maker.StartPBX(ctx, m.r.PBX)
		return err
	})
	if !saidNo(err) {
		return nil // accepted, lost or never heard: the status tells
	}
	if d, readErr := m.l.d.Reader.Detail(ctx, m.r.PBX); readErr == nil && d.Status != fleet.StatusStopped && d.Status != "" {
		return nil // it was refused because it starts
	}
	return failed("The PBX %d was made at %s and is Stopped: Yeastar refused to start it. %s Start it from its page when that is mended.", m.r.PBX, m.doc.URL, message(err)).
		with(m.entry(audit.PBXStart, audit.Refused, m.doc.Ask.Spec.Name, message(err), nil, nil, requestID(err)))
}

// runs waits until the PBX runs.
func (m *making) runs(ctx context.Context) (string, error) {
	var last fleet.PBXDetail
	err := m.l.wait(ctx, m.l.d.Patience.Run, func(ctx context.Context) (bool, error) {
		d, err := m.l.d.Reader.Detail(ctx, m.r.PBX)
		if err != nil {
			return false, err
		}
		last = d
		if err := m.l.keep(ctx, d); err != nil || d.Status == fleet.StatusRunning {
			return err == nil, err
		}
		if d.Status == fleet.StatusStopped {
			m.step(stepStart).State, m.doc.StartAt, m.doc.Starts = job.StepWaiting, time.Time{}, 0
			return false, asks("The PBX %d was made at %s, began to start, and is Stopped again. Try again starts it once more.", m.r.PBX, m.doc.URL)
		}
		return false, m.progress(ctx, stepRun, fmt.Sprintf("It is %s.", d.Status))
	})
	if err != nil {
		return "", m.waited(err, "It was told to start, and is %s for %s and longer", last.Status, m.l.d.Patience.Run)
	}
	if _, _, err := m.l.d.Changer.d.Looker.Look(ctx, m.r.PBX); err != nil {
		m.l.log().Warn("a new PBX could not be looked at", "pbx", m.r.PBX, "error", err)
	}
	return "It runs.", nil
}

// bind binds the first numbers by a plan like any other, which this job drafts and confirms.
func (m *making) bind(ctx context.Context) (string, error) {
	var sentence string
	err := m.l.wait(ctx, m.l.d.Patience.Settle, func(ctx context.Context) (done bool, err error) {
		sentence, err = m.plan(ctx)
		return err == nil && sentence != "", err
	})
	if _, ok := errors.AsType[*late](err); ok {
		return "", asks("The PBX %d runs at %s. Its numbers are not bound yet.%s Try again goes on.", m.r.PBX, m.doc.URL, unread(err))
	}
	return sentence, err
}

// plan takes the plan of the first numbers one step on. It answers a sentence when they are bound; an
// error that is no halt may pass with time.
func (m *making) plan(ctx context.Context) (string, error) {
	step, by := m.step(stepBind), audit.By{Actor: m.r.Author, IP: m.r.IP}
	if step.Plan == "" {
		p, err := m.draft(ctx, by)
		if err != nil || p.ID == "" {
			return m.bound(err)
		}
		step.Plan, step.PBX = p.ID, p.PBX
		if err := m.save(ctx); err != nil {
			return "", err
		}
	}
	c := m.l.d.Changer
	p, err := c.d.Journal.Plan(ctx, step.Plan)
	if err != nil {
		return "", err
	}
	if p.Status == plan.Draft && !expired(p, m.l.now()) && p.Risk.Level != plan.Danger {
		p, err = c.Confirm(ctx, by, p.ID, Consent{Name: p.PBXName, Reason: "The first numbers of a new PBX."})
	}
	switch nothingSent := p.Outcome.Result == plan.ResultRefused; {
	case p.Status == plan.Applied:
		return are(len(m.doc.Ask.Bind), "number") + " bound.", nil
	case p.Status.Open():
		return "", c.settleOpen(ctx, p.PBX)
	case p.Status == plan.Draft && err != nil:
		return "", err
	case p.Status == plan.Draft && p.Risk.Level == plan.Danger:
		return "", asks("The PBX %d runs at %s. The plan for its numbers needs a person: look at it and confirm it, then try again.", m.r.PBX, m.doc.URL)
	case p.Status == plan.Failed && !nothingSent && p.Outcome.VendorCode == 0 && m.doc.Binds < maxBinds:
		m.doc.Binds++ // not refused: it was lost on its way, and a read shows that nothing changed
		fallthrough
	case p.Status == plan.Draft, p.Status == plan.Stale, p.Status == plan.Expired, nothingSent:
		step.Plan = ""
		return "", err
	}
	return "", failed("The PBX %d runs at %s. Its numbers are not bound: %s", m.r.PBX, m.doc.URL, p.Outcome.Sentence)
}

// maxBinds bounds how many plans may be lost on their way.
const maxBinds = 3

// bound says that the numbers are bound.
func (m *making) bound(err error) (string, error) {
	if err != nil {
		return "", err
	}
	return are(len(m.doc.Ask.Bind), "number") + " bound.", nil
}

// draft makes the plan; none when the numbers are bound already, by a write that came through late. A
// new PBX has no custom SIP header values: where the trunk may have some, that is stated.
func (m *making) draft(ctx context.Context, by audit.By) (plan.Plan, error) {
	ask := Ask{PBX: m.r.PBX, Bind: m.doc.Ask.Bind}
	p, err := m.l.d.Changer.Draft(ctx, by, ask)
	if fleet.KindOf(err) == fleet.KindHeaders {
		ask.Headers = &[]fleet.Header{}
		p, err = m.l.d.Changer.Draft(ctx, by, ask)
	}
	if e, ok := errors.AsType[*fleet.Error](err); ok && (e.Kind == fleet.KindInvalid || e.Kind == fleet.KindHeaders) {
		if known, err := m.l.d.Ledger.Known(ctx, m.r.PBX); err == nil && len(fleet.NewBindingSet(ask.Bind...).Minus(known.Set)) == 0 {
			return plan.Plan{}, nil
		}
		why := e.Msg
		for _, f := range e.Fields {
			why += " " + f.Rule
		}
		return p, failed("The PBX %d runs at %s. Its numbers can't be bound: %s", m.r.PBX, m.doc.URL, why)
	}
	return p, err
}

// mail sends the activation mail. It can't be read back, so a mail whose fate is not known is never
// sent again but by a person's word.
func (m *making) mail(ctx context.Context) (string, error) {
	d, err := m.l.d.Reader.Detail(ctx, m.r.PBX)
	if err == nil && d.Activated == fleet.On {
		return "It is activated already, so no mail was sent.", errSkipped
	}
	lost := asks("The PBX %d runs at %s. It is not known whether the activation mail was sent: the answer was lost. Ask the customer, or try again to send it once more.", m.r.PBX, m.doc.URL)
	if !m.doc.MailAt.IsZero() && !m.doc.MailAgain {
		m.doc.MailAgain = true
		return "", lost.with(m.entry(audit.PBXMail, audit.Unknown, m.doc.Ask.Spec.Name, "", nil, nil, ""))
	}
	to := m.doc.Ask.Spec.Customers
	m.doc.MailAt, m.doc.MailAgain = m.l.now(), false
	if err := m.save(ctx, m.entry(audit.PBXMail, audit.Intended, m.doc.Ask.Spec.Name, "", nil, to, "")); err != nil {
		return "", err
	}
	var sent []string
	var receipt fleet.Receipt
	err = m.l.send(ctx, func(ctx context.Context) (err error) {
		sent, receipt, err = m.l.d.Editor.SendActivation(ctx, m.r.PBX, to)
		return err
	})
	outcome := func(o audit.Outcome) audit.Entry {
		return m.entry(audit.PBXMail, o, m.doc.Ask.Spec.Name, "", nil, sent, receipt.RequestID)
	}
	switch {
	case err == nil:
		return m.finish(ctx, stepMail, mailed(sent), outcome(audit.Succeeded))
	case unheard(err):
		m.doc.MailAt = time.Time{}
		return "", asks("The PBX %d runs at %s. The activation mail was not sent: %s Try again sends it.", m.r.PBX, m.doc.URL, message(err)).with(outcome(audit.Failed))
	case saidNo(err):
		return "", failed("The PBX %d runs at %s. The activation mail was not sent: %s", m.r.PBX, m.doc.URL, message(err)).with(outcome(audit.Refused))
	}
	m.doc.MailAgain = true
	return "", lost.with(outcome(audit.Unknown))
}

// mailed says where the activation mail went.
func mailed(to []string) string {
	if len(to) == 0 {
		return "The activation mail was sent."
	}
	return "The activation mail was sent to " + strings.Join(to, ", ") + "."
}
