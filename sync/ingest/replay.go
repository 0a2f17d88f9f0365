package ingest

import (
	"context"
	"fmt"

	"cordboard/sync/fleet"
)

// understanding names how reports are read. Whoever makes the parser or the digestion understand
// more raises it: at the next start every dead delivery is tried once more.
const understanding = "1"

// atOnce bounds how many deliveries one step reopens: the writer is held for each step.
const atOnce = 500

// Replay digests a delivery once more.
func (in *Ingester) Replay(ctx context.Context, id int64) error {
	if err := in.d.Inbox.Reopen(ctx, id); err != nil {
		return err
	}
	in.Wake()
	return nil
}

// ReplayAll digests dead or parked deliveries once more, the oldest first, and says how many it
// took; there may be more. What is still wrong with one comes up again, and nothing else happens.
func (in *Ingester) ReplayAll(ctx context.Context, state fleet.DeliveryState) (int, error) {
	if state != fleet.DeliveryDead && state != fleet.DeliveryParked {
		return 0, fleet.Invalid("ingest.ReplayAll", "Only parked and dead deliveries are replayed together.",
			fleet.Field{Name: "state", Rule: "dead or parked."})
	}
	n, err := in.d.Path.ReopenState(ctx, state, atOnce)
	if err != nil {
		return 0, fmt.Errorf("ingest.ReplayAll: %w", err)
	}
	if n > 0 {
		in.Wake()
	}
	return n, nil
}

// Known digests the deliveries that were parked for these serials once more: their PBXs are
// known now.
func (in *Ingester) Known(ctx context.Context, serials []string) error {
	n, err := in.d.Inbox.ReopenParked(ctx, serials)
	if err != nil {
		return fmt.Errorf("ingest: parked deliveries could not be taken up: %w", err)
	}
	if n > 0 {
		in.Wake()
	}
	return nil
}

// TakeUp replays what lies in the inbox though its cause is gone: deliveries that were parked for a
// serial which is known by now, however it became known, and after a change of version the dead.
func (in *Ingester) TakeUp(ctx context.Context) (total int, err error) {
	steps := []func() (int, error){
		func() (int, error) { return in.d.Path.ReopenKnown(ctx, atOnce) },
		func() (int, error) { return in.d.Path.ReopenOutdated(ctx, understanding, atOnce) },
	}
	for _, step := range steps {
		for {
			n, err := step()
			if err != nil {
				return total, fmt.Errorf("ingest.TakeUp: %w", err)
			}
			total += n
			if n > 0 {
				in.Wake()
			}
			if n < atOnce {
				break
			}
		}
	}
	return total, nil
}
