package ingest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cordboard/sync/fleet"
)

// batch bounds how many deliveries share one transaction: enough to amortise its fsync, few
// enough that a person's click does not wait behind it.
const batch = 64

// retryAfter is the pause after the database refused a digestion.
const retryAfter = 2 * time.Second

// Run digests deliveries as they come, until ctx ends. What an earlier run left is digested first.
func (in *Ingester) Run(ctx context.Context) {
	for {
		pause, err := in.drain(ctx)
		if err != nil && ctx.Err() == nil {
			in.d.Log.Error("deliveries wait in the inbox: they could not be digested", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-in.wake:
		case <-pause:
		}
	}
}

func (in *Ingester) drain(ctx context.Context) (<-chan time.Time, error) {
	for {
		n, err := in.Digest(ctx)
		if err != nil {
			return time.After(retryAfter), err
		}
		if n == 0 {
			return nil, nil
		}
	}
}

// Digest settles one batch of stored deliveries and says how many it took.
func (in *Ingester) Digest(ctx context.Context) (int, error) {
	var after aftermath
	n, err := in.d.Inbox.Digest(ctx, batch, func(ctx context.Context, raw fleet.RawDelivery, ledger Ledger) (fleet.Settled, error) {
		return in.settle(ctx, raw, ledger, &after)
	})
	if err != nil {
		return 0, fmt.Errorf("ingest.Digest: %w", err)
	}
	for id, ask := range after.moved {
		in.d.Moved(id, ask)
	}
	for _, serial := range after.strangers {
		in.d.Stranger(serial)
	}
	if n > 0 {
		in.d.Delivered()
	}
	return n, nil
}

// aftermath is what to tell others once the transaction is in.
type aftermath struct {
	moved     map[fleet.PBXID]bool
	strangers []string
}

func (a *aftermath) note(id fleet.PBXID, ask bool) {
	if a.moved == nil {
		a.moved = map[fleet.PBXID]bool{}
	}
	a.moved[id] = a.moved[id] || ask
}

func (in *Ingester) settle(ctx context.Context, raw fleet.RawDelivery, ledger Ledger, after *aftermath) (fleet.Settled, error) {
	parsed, err := in.d.Vendor.Parse(raw.Body, raw.ReceivedAt)
	if err != nil {
		return fleet.Settled{State: fleet.DeliveryDead, Error: err.Error()}, nil
	}
	elements := make([]fleet.Element, len(parsed))
	for i, p := range parsed {
		if elements[i], err = in.element(ctx, raw.ID, p, ledger, after); err != nil {
			return fleet.Settled{}, err
		}
	}
	state, note := sum(elements)
	return fleet.Settled{State: state, Error: note, Elements: elements}, nil
}

// element settles one element; whatever is wrong with it stays with it. The error is for a
// database that is out of order: then nothing is settled, and the inbox is tried again later.
func (in *Ingester) element(ctx context.Context, delivery int64, p Parsed, ledger Ledger, after *aftermath) (fleet.Element, error) {
	e := fleet.Element{Serial: p.Serial, Event: p.Event}
	switch {
	case p.Err != nil:
		e.State, e.Error = fleet.DeliveryDead, p.Err.Error()
		return e, nil
	case p.Report == nil:
		e.State, e.Error = fleet.DeliveryDigested, p.Note
		return e, nil
	}
	err := ledger.Savepoint(ctx, func() error { return in.report(ctx, delivery, *p.Report, ledger, &e, after) })
	switch {
	case err == nil:
	case ctx.Err() != nil: // the program ends: that says nothing about the element
		return fleet.Element{}, err
	case fleet.KindOf(err) == fleet.KindNotFound && e.PBX == 0:
		e.State, e.Error = fleet.DeliveryParked, "No known PBX has this serial number yet."
		after.strangers = append(after.strangers, p.Serial)
	case fleet.KindOf(err) == fleet.KindUnavailable:
		return fleet.Element{}, err
	default:
		e = fleet.Element{Serial: p.Serial, Event: p.Event, PBX: e.PBX, State: fleet.DeliveryDead, Error: err.Error()}
	}
	return e, nil
}

// report puts one report where it belongs in history.
func (in *Ingester) report(ctx context.Context, delivery int64, r fleet.Report, ledger Ledger, e *fleet.Element, after *aftermath) error {
	id, err := ledger.PBXBySerial(ctx, r.Serial)
	if err != nil {
		return err
	}
	e.PBX = id
	mark, at, err := ledger.Mark(ctx, id, r.At)
	if err != nil {
		return err
	}
	verdict := fleet.Advance(mark, fleet.Sighting{Source: fleet.FromWebhook, At: r.At, Set: r.Set})
	if verdict == fleet.VerdictSame {
		e.State, e.Snapshot = fleet.DeliveryDuplicate, at
		if r.Event == fleet.PCEDelete { // the list is known, perhaps from another event; the deletion need not be
			return ledger.Gone(ctx, id, r.At)
		}
		return nil
	}
	if verdict == fleet.VerdictAsk {
		e.State, e.Snapshot = fleet.DeliveryDigested, at
		e.Error = "Another report with the same time lists other numbers; a read decides."
		after.note(id, true)
		return ledger.Await(ctx, id, "Two reports with the same time disagree.")
	}
	if e.Snapshot, err = ledger.Echo(ctx, id, r, delivery); err != nil {
		return err
	}
	e.State = fleet.DeliveryDigested
	if e.Snapshot != 0 {
		after.note(id, false)
		return nil
	}
	if e.Snapshot, err = ledger.Add(ctx, id, r, delivery, verdict == fleet.VerdictNew); err != nil {
		return err
	}
	if verdict == fleet.VerdictLate {
		e.State = fleet.DeliveryLate
	}
	stale := r.At.Before(mark.Verified)
	return in.doubt(ctx, id, r, verdict == fleet.VerdictNew, stale, ledger, after)
}

// doubt asks for a read where a report alone is not believed: an empty list, a deleted PBX, a list
// older than a read that saw another.
func (in *Ingester) doubt(ctx context.Context, id fleet.PBXID, r fleet.Report, newest, stale bool, ledger Ledger, after *aftermath) error {
	if r.Event == fleet.PCEDelete {
		after.note(id, true)
		return ledger.Gone(ctx, id, r.At)
	}
	switch {
	case newest && r.Set.Len() == 0:
		after.note(id, true)
		return ledger.Await(ctx, id, "A report says that no number is bound.")
	case newest && stale:
		after.note(id, true)
		return ledger.Await(ctx, id, "A report that came late contradicts a newer read.")
	}
	after.note(id, false)
	return nil
}

// sum is the state of a delivery as that of its elements, with the words of the element that decided
// it: dead or parked if one of them is, duplicate or late only if all are.
func sum(elements []fleet.Element) (fleet.DeliveryState, string) {
	if len(elements) == 0 {
		return fleet.DeliveryDigested, "The report lists no PBX."
	}
	for _, worst := range []fleet.DeliveryState{fleet.DeliveryDead, fleet.DeliveryParked} {
		for _, e := range elements {
			if e.State == worst {
				return worst, e.Error
			}
		}
	}
	first := elements[0].State
	other := func(e fleet.Element) bool { return e.State != first }
	if first == fleet.DeliveryDigested || slices.ContainsFunc(elements, other) {
		return fleet.DeliveryDigested, ""
	}
	return first, ""
}
