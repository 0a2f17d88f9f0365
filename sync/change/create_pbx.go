package change

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

// making is one run of the job that makes a PBX.
type making struct {
	errand
	doc creation
}

// CreatePBX is the work of a [job.CreatePBX].
func (l *Lifecycle) CreatePBX(ctx context.Context, r *job.Run) error {
	m := &making{errand: errand{l: l, r: r}}
	if err := r.Read(&m.doc); err != nil {
		return err
	}
	m.errand.doc = &m.doc
	return m.run(ctx, []task{
		{stepCreate, m.create}, {stepSerial, m.serial}, {stepStart, m.start}, {stepRun, m.runs}, {stepBind, m.bind}, {stepMail, m.mail},
	}, m.summary)
}

// create sends the creation, once for each time that it is certain that none is on its way. A call
// whose fate is not known is settled by the URL before anything else; when nothing stands there, a
// person decides whether it is sent again.
func (m *making) create(ctx context.Context) (string, error) {
	for m.r.PBX == 0 {
		if err := m.settle(ctx); err != nil {
			return "", err
		}
		if m.r.PBX == 0 {
			if err := m.order(ctx); err != nil {
				return "", err
			}
		}
	}
	return fmt.Sprintf("It is the PBX %d, at %s.", m.r.PBX, m.doc.URL), nil
}

// order sends the creation. Without an error and without an id its fate is open.
func (m *making) order(ctx context.Context) error {
	m.doc.SentAt, m.doc.Again = m.l.d.Changer.d.VendorNow(), false
	if err := m.save(ctx); err != nil {
		return err
	}
	var id fleet.PBXID
	var receipt fleet.Receipt
	err := m.l.send(ctx, func(ctx context.Context) (err error) {
		id, receipt, err = m.l.d.Maker.CreatePBX(ctx, m.doc.Ask.Spec)
		return err
	})
	switch {
	case err == nil:
		return m.made(ctx, fleet.PBXDetail{PBX: fleet.PBX{ID: id}}, receipt)
	case unheard(err):
		m.doc.SentAt = time.Time{}
		if ctx.Err() != nil { // the next start sends it
			return errors.Join(ctx.Err(), m.save(context.WithoutCancel(ctx)))
		}
		return asks("Nothing was sent: %s Try again when Yeastar can be reached.", message(err))
	case vendorCode(err) == codeExists:
		return m.ours(ctx, err)
	case saidNo(err):
		m.doc.SentAt = time.Time{}
		return failed("No PBX was made. %s", message(err)).with(m.refusal(err))
	}
	return nil
}

// codeExists is the vendor's DATA_ALREADY_EXISTS: for a creation, the URL is taken.
const codeExists = 1000007

// settle makes sure that sending a creation now is right: none of this job is on its way or has come
// through, and nobody else has the URL. It may find the PBX of this job.
func (m *making) settle(ctx context.Context) error {
	sent := !m.doc.SentAt.IsZero()
	limit := m.l.d.Patience.Settle
	if m.doc.Again {
		limit = 0 // it was waited for before the person was asked
	}
	if sent && !m.doc.Again {
		if err := m.progress(ctx, stepCreate, "The answer was lost. Cordboard looks whether a PBX stands at "+m.doc.URL+"."); err != nil {
			return err
		}
	}
	d, err := m.look(ctx, limit, sent)
	switch {
	case fleet.KindOf(err) == fleet.KindNotFound && (!sent || m.doc.Again):
		return nil
	case fleet.KindOf(err) == fleet.KindNotFound:
		m.doc.Again = true
		return asks("The answer was lost, and no PBX stands at %s: most likely none was made. Try again looks once more and then sends it again.", m.doc.URL).
			with(m.entry(audit.PBXCreate, audit.Unknown, m.doc.Ask.Spec.Name, "", nil, m.doc.Ask, ""))
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil && sent:
		return asks("It is not known whether the PBX was made: the answer was lost, and Yeastar can't be read.%s Try again reads once more; nothing is sent before that is settled.", unread(err)).
			with(m.entry(audit.PBXCreate, audit.Unknown, m.doc.Ask.Spec.Name, "", nil, m.doc.Ask, ""))
	case err != nil:
		return asks("Nothing was sent: whether the URL is free can't be read.%s Try again when Yeastar can be reached.", unread(err))
	case sent && m.plausible(d):
		return m.made(ctx, d, fleet.Receipt{})
	}
	m.doc.SentAt = time.Time{}
	return failed("No PBX was made: %s belongs to %s (%d), which is not of this job.", m.doc.URL, d.Name, d.ID).with(m.refusal(nil))
}

// look reads the URL until a PBX is there or the limit has passed; then KindNotFound says that none is,
// by the last look. Without patience for it, the first KindNotFound counts.
func (m *making) look(ctx context.Context, limit time.Duration, patient bool) (d fleet.PBXDetail, err error) {
	var absent error
	err = m.l.wait(ctx, limit, func(ctx context.Context) (bool, error) {
		d, err = m.l.d.Reader.AtURL(ctx, m.doc.URL)
		absent = nil
		if fleet.KindOf(err) == fleet.KindNotFound {
			absent = err
			return !patient, nil
		}
		return err == nil, err
	})
	if absent != nil && ctx.Err() == nil {
		return d, absent
	}
	return d, err
}

// clockSkew is how far the vendor's clock and our idea of it may be apart.
const clockSkew = 2 * time.Minute

// plausible reports whether a PBX at our URL is the one that we sent: it has our name, and is not older
// than the call. That the URL was free was read right before.
func (m *making) plausible(d fleet.PBXDetail) bool {
	young := d.CreatedAt.IsZero() || !d.CreatedAt.Before(m.doc.SentAt.Truncate(time.Second).Add(-clockSkew))
	return young && oneLine(d.Name) == oneLine(m.doc.Ask.Spec.Name)
}

// ours settles a refusal because the URL is taken: the PBX that has it may be the one that an earlier
// try of the same call made, or somebody else's.
func (m *making) ours(ctx context.Context, refusal error) error {
	d, err := m.look(ctx, m.l.d.Patience.Settle, false)
	switch {
	case err == nil && m.plausible(d):
		return m.made(ctx, d, fleet.Receipt{RequestID: requestID(refusal)})
	case err != nil && fleet.KindOf(err) != fleet.KindNotFound:
		if ctx.Err() != nil {
			return err
		}
		return asks("Yeastar says that %s is taken, and it is not known whether by this job: it can't be read.%s Try again reads once more.", m.doc.URL, unread(err)).with(m.refusal(refusal))
	}
	m.doc.SentAt = time.Time{}
	if err == nil {
		return failed("No PBX was made: %s belongs to %s (%d). %s", m.doc.URL, d.Name, d.ID, message(refusal)).with(m.refusal(refusal))
	}
	return failed("No PBX was made: %s is taken, by a PBX that this account does not see. %s", m.doc.URL, message(refusal)).with(m.refusal(refusal))
}

func (m *making) refusal(err error) audit.Entry {
	reason := ""
	if err != nil {
		reason = message(err)
	}
	return m.entry(audit.PBXCreate, audit.Refused, m.doc.Ask.Spec.Name, reason, nil, m.doc.Ask, requestID(err))
}

// made records the id first of all: from here on the PBX can't be lost.
func (m *making) made(ctx context.Context, d fleet.PBXDetail, receipt fleet.Receipt) error {
	ctx = context.WithoutCancel(ctx)
	m.r.PBX, m.doc.Again = d.ID, false
	m.step(stepCreate).PBX = d.ID
	after := struct {
		ID  fleet.PBXID `json:"cloud_pbx_id"`
		URL string      `json:"url"`
		CreateAsk
	}{d.ID, m.doc.URL, m.doc.Ask}
	if err := m.save(ctx, m.entry(audit.PBXCreate, audit.Succeeded, m.doc.Ask.Spec.Name, "", nil, after, receipt.RequestID)); err != nil {
		return err
	}
	m.l.d.Offers.Spent()
	d.Name, d.URL = cmp.Or(d.Name, m.doc.Ask.Spec.Name), cmp.Or(d.URL, m.doc.URL)
	d.Region, d.Firmware = cmp.Or(d.Region, m.doc.Region), cmp.Or(d.Firmware, m.doc.Firmware)
	return m.l.keep(ctx, d)
}

// serial waits until the PBX has its serial number, which reports are told by.
func (m *making) serial(ctx context.Context) (string, error) {
	if err := m.l.d.Catalogue.KeepStated(ctx, m.r.PBX, m.doc.Ask.Spec.Features(), m.l.now()); err != nil {
		return "", err
	}
	err := m.l.wait(ctx, m.l.d.Patience.Serial, func(ctx context.Context) (bool, error) {
		d, err := m.l.d.Reader.Detail(ctx, m.r.PBX)
		if err != nil {
			return false, err
		}
		if m.doc.Serial = d.Serial; m.doc.Serial == "" {
			return false, m.progress(ctx, stepSerial, "Yeastar has given it none yet.")
		}
		return true, m.l.keep(ctx, d)
	})
	if err != nil {
		return "", m.waited(err, "Yeastar has given it no serial number for %s", m.l.d.Patience.Serial)
	}
	return m.doc.Serial, nil
}

// waited turns a wait that was too long into a question for a person: the PBX is there, and something
// about it is not as it should be.
func (m *making) waited(err error, format string, args ...any) error {
	if _, ok := errors.AsType[*late](err); !ok {
		return err
	}
	if fleet.KindOf(err) == fleet.KindNotFound {
		return failed("The PBX %d was made at %s, and Yeastar says now that it does not exist.", m.r.PBX, m.doc.URL)
	}
	return asks("The PBX %d was made at %s. %s.%s Try again goes on waiting.", m.r.PBX, m.doc.URL, fmt.Sprintf(format, args...), unread(err))
}

// summary is what is true in the end.
func (m *making) summary() string {
	s := fmt.Sprintf("%s runs at %s; its serial number is %s.", m.doc.Ask.Spec.Name, m.doc.URL, m.doc.Serial)
	for _, name := range []string{stepBind, stepMail} {
		if step := m.step(name); step != nil {
			s += " " + step.Sentence
		}
	}
	return s
}
