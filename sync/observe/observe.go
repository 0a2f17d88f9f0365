package observe

import (
	"context"
	"errors"
	"fmt"
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
	for range overtaken {
		known, seen, verdict, err := o.once(ctx, id)
		if err != nil {
			return fleet.Known{}, fleet.Observation{}, o.note(ctx, id, err)
		}
		if verdict != fleet.VerdictAsk {
			return known, seen, nil
		}
	}
	return fleet.Known{}, fleet.Observation{}, &fleet.Error{Kind: fleet.KindUnavailable, Op: "observe.Look",
		Msg: "Reports for this PBX keep coming in while it is read. Try again in a moment."}
}

func (o *Observer) once(ctx context.Context, id fleet.PBXID) (fleet.Known, fleet.Observation, fleet.Verdict, error) {
	before, err := o.d.Ledger.Known(ctx, id)
	if err != nil {
		return fleet.Known{}, fleet.Observation{}, "", fmt.Errorf("observe %d: ledger: %w", id, err)
	}
	seen, err := o.d.Cloud.Observe(ctx, id)
	if err != nil {
		return fleet.Known{}, fleet.Observation{}, "", err
	}
	reading, err := o.interpret(ctx, before, seen)
	if err != nil {
		return fleet.Known{}, fleet.Observation{}, "", err
	}
	verdict, err := o.d.Ledger.Record(ctx, reading)
	if err != nil {
		return fleet.Known{}, fleet.Observation{}, "", fmt.Errorf("observe %d: record: %w", id, err)
	}
	return reading.Known, seen, verdict, nil
}

// interpret holds the reading against the ledger. Where it shows what an exact ledger says, the
// ledger is right; where it does not, only what the reading proves by itself is certain.
func (o *Observer) interpret(ctx context.Context, before fleet.Known, seen fleet.Observation) (fleet.Reading, error) {
	reading := fleet.Reading{PBX: seen.PBX}
	if before.Exact() && seen.Shows(before.Set) {
		reading.Known = before
		reading.Known.At = seen.At
		return reading, nil
	}
	dids, err := o.d.Cloud.DIDs(ctx, seen.DIDs())
	if err != nil {
		return fleet.Reading{}, err
	}
	sits := make(map[fleet.DIDID][]fleet.TrunkID, len(dids))
	for _, d := range dids {
		sits[d.ID] = d.Trunks
	}
	reading.DIDs = dids
	reading.Known = fleet.Prove(seen, sits, before.Headers)
	return reading, nil
}

// note keeps a failed read visible; the cause goes on to the caller.
func (o *Observer) note(ctx context.Context, id fleet.PBXID, cause error) error {
	ctx = context.WithoutCancel(ctx)
	var err error
	if fleet.KindOf(cause) == fleet.KindNotFound {
		err = o.d.Ledger.Missing(ctx, id, o.d.Now())
	} else {
		err = o.d.Ledger.Trouble(ctx, id, o.d.Now(), words(cause))
	}
	return errors.Join(cause, err)
}

func words(err error) string {
	if e, ok := errors.AsType[*fleet.Error](err); ok {
		return e.Msg
	}
	return "an internal error; the log has it"
}
