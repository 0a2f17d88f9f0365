package observe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cordboard/sync/fleet"
)

// Deps is what an Observer works with. Every field is needed.
type Deps struct {
	Cloud  Cloud
	Ledger Ledger
	Now    func() time.Time
}

// Observer looks at one PBX at a time.
type Observer struct{ d Deps }

// New checks the dependencies.
func New(d Deps) (*Observer, error) {
	if d.Cloud == nil || d.Ledger == nil || d.Now == nil {
		return nil, errors.New("observe: a field of Deps is nil")
	}
	return &Observer{d}, nil
}

// overtaken bounds how often a look starts again because a report came in between.
const overtaken = 3

// Look reads the PBX, records what the reading proves and answers with what is known now. When
// the read fails, the ledger keeps what it had and notes the trouble.
func (o *Observer) Look(ctx context.Context, id fleet.PBXID) (fleet.Known, fleet.Observation, error) {
	known, seen, _, err := o.look(ctx, id, doubt{})
	return known, seen, err
}

// Sweep is Look for a pass over the fleet: it answers whether the reading added a snapshot.
func (o *Observer) Sweep(ctx context.Context, id fleet.PBXID) (moved bool, err error) {
	_, _, verdict, err := o.look(ctx, id, doubt{})
	return verdict == fleet.VerdictNew, err
}

// Doubt looks at the PBX after a write whose result no read can tell: each pair of perhaps may hold
// as well as what the ledger has for its DID, and with headers its custom SIP header values are not
// known any more.
func (o *Observer) Doubt(ctx context.Context, id fleet.PBXID, perhaps []fleet.Binding, headers bool) error {
	_, _, _, err := o.look(ctx, id, doubt{perhaps, headers})
	return err
}

// doubt is what a look does not take the ledger's word for.
type doubt struct {
	perhaps []fleet.Binding
	headers bool
}

func (o *Observer) look(ctx context.Context, id fleet.PBXID, d doubt) (fleet.Known, fleet.Observation, fleet.Verdict, error) {
	for range overtaken {
		known, seen, verdict, err := o.once(ctx, id, d)
		if err != nil {
			return fleet.Known{}, fleet.Observation{}, "", o.note(ctx, id, err)
		}
		if verdict != fleet.VerdictAsk {
			return known, seen, verdict, nil
		}
	}
	return fleet.Known{}, fleet.Observation{}, "", &fleet.Error{Kind: fleet.KindUnavailable, Op: "observe.Look",
		Msg: "Reports for this PBX keep coming in while it is read. Try again in a moment."}
}

func (o *Observer) once(ctx context.Context, id fleet.PBXID, d doubt) (fleet.Known, fleet.Observation, fleet.Verdict, error) {
	before, err := o.d.Ledger.Known(ctx, id)
	if err != nil {
		return fleet.Known{}, fleet.Observation{}, "", fmt.Errorf("observe %d: ledger: %w", id, err)
	}
	if d.headers {
		before.Headers = before.Headers.Doubted(before.Trunks())
	}
	seen, err := o.d.Cloud.Observe(ctx, id)
	if err != nil {
		return fleet.Known{}, fleet.Observation{}, "", err
	}
	reading, err := o.interpret(ctx, before, seen)
	if err != nil {
		return fleet.Known{}, fleet.Observation{}, "", err
	}
	reading.Known = reading.Known.Doubt(d.perhaps...)
	verdict, err := o.d.Ledger.Record(ctx, reading)
	if err != nil {
		return fleet.Known{}, fleet.Observation{}, "", fmt.Errorf("observe %d: record: %w", id, err)
	}
	return reading.Known, seen, verdict, nil
}

// interpret holds the reading against the ledger. Where it shows what an exact ledger says, the
// ledger is right; where it does not, or where the ledger is a copy, only what the reading proves by itself is certain.
func (o *Observer) interpret(ctx context.Context, before fleet.Known, seen fleet.Observation) (fleet.Reading, error) {
	reading := fleet.Reading{PBX: seen.PBX}
	alike := !before.Copied && seen.ShowsKnown(before)
	if before.Exact() && alike {
		reading.Known = before
		reading.Known.At = seen.At
		return reading, nil
	}
	absent := vanished(before, seen)
	dids, err := o.d.Cloud.DIDs(ctx, append(seen.DIDs(), absent...))
	if err != nil {
		return fleet.Reading{}, err
	}
	sits := make(map[fleet.DIDID][]fleet.TrunkID, len(dids))
	for _, d := range dids {
		if d.Owner == seen.PBX.ID && slices.Contains(absent, d.ID) {
			return fleet.Reading{}, contradiction(d)
		}
		if d.Owner == 0 || d.Owner == seen.PBX.ID {
			sits[d.ID] = d.Trunks
		} // else it was listed here and belongs to another PBX: it moved while we read
	}
	reading.DIDs = dids
	reading.Trace = o.trace(ctx, before, seen, dids)
	reading.Known = fleet.Prove(seen, sits, before.Headers)
	if alike {
		reading.Known = reading.Known.Keep(before.Set)
		reading.Known.Headers = before.Headers
	}
	return reading, nil
}

// vanished are the DIDs that the ledger has and the reading lacks. Absence from a list is not
// believed before the number itself, read directly, says that it is not on this PBX.
func vanished(before fleet.Known, seen fleet.Observation) []fleet.DIDID {
	var gone []fleet.DIDID
	for did := range before.Record().Copies() {
		if seen.Copies[did] == 0 {
			gone = append(gone, did)
		}
	}
	slices.Sort(gone)
	return gone
}

// trace asks what became of the pairs that the reading lacks. It is evidence beside the reading: when
// the questions can't be answered, the reading stands.
func (o *Observer) trace(ctx context.Context, before fleet.Known, seen fleet.Observation, dids []fleet.DID) fleet.Trace {
	t := fleet.Trace{Asked: true, Taken: map[fleet.DIDID]fleet.PBXID{}}
	exists := map[fleet.DIDID]bool{}
	for _, d := range dids {
		exists[d.ID] = true
		if d.Owner != 0 && d.Owner != seen.PBX.ID {
			t.Taken[d.ID] = d.Owner
		}
	}
	var lost []fleet.Binding
	for _, b := range before.Record().Pairs() {
		if seen.Copies[b.DID] > 0 {
			continue
		}
		lost = append(lost, b)
		if !exists[b.DID] {
			t.DIDsGone = append(t.DIDsGone, b.DID)
		}
	}
	var err error
	if t.TrunksGone, t.Barred, err = o.d.Cloud.Withdrawn(ctx, seen.PBX.ID, lost); err != nil {
		t.Asked = false
	}
	return t
}

func contradiction(d fleet.DID) error {
	return &fleet.Error{Kind: fleet.KindUnavailable, Op: "observe.Look",
		Msg: fmt.Sprintf("Yeastar's answers contradict each other: the PBX does not list %s, and the number says that it is on this PBX. Neither was believed.", d.Number)}
}

// note keeps a failed read visible; the cause goes on to the caller. A caller who gave up says
// nothing about the PBX.
func (o *Observer) note(ctx context.Context, id fleet.PBXID, cause error) error {
	if ctx.Err() != nil {
		return cause
	}
	var err error
	if fleet.KindOf(cause) == fleet.KindNotFound {
		err = o.d.Ledger.Missing(ctx, id, o.d.Now())
	} else {
		err = o.d.Ledger.Trouble(ctx, id, o.d.Now(), words(cause))
	}
	return errors.Join(cause, err)
}

func words(err error) string { return fleet.Words(err, "an internal error; the log has it") }
