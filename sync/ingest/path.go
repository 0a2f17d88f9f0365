package ingest

import (
	"context"
	"fmt"
	"time"

	"cordboard/sync/fleet"
)

// recent is how far back changes of single PBXs are looked at.
const recent = 7 * 24 * time.Hour

// Judge says whether the vendor's reports reach us, and what speaks against it.
func (in *Ingester) Judge(ctx context.Context) (fleet.PathVerdict, error) {
	now := in.d.VendorNow()
	skew := now.Sub(in.d.Now())
	f, err := in.d.Path.PathFacts(ctx, skew, now.Add(-recent))
	if err != nil {
		return fleet.PathVerdict{}, fmt.Errorf("ingest.Judge: %w", err)
	}
	f.Now, f.Secrets, f.Refused = now, in.d.Vendor.Secrets(), in.Refused()
	if at := in.lastBad.Load(); at != 0 {
		f.RefusedAt = time.UnixMicro(at).UTC().Add(skew)
	}
	v := fleet.JudgePath(f, in.d.Grace)
	for _, at := range []*time.Time{&v.Since, &v.LastAt} { // back to the clock of whoever reads it
		if !at.IsZero() {
			*at = at.Add(-skew)
		}
	}
	return v, nil
}

// Secrets is how many secrets the door accepts.
func (in *Ingester) Secrets() int { return in.d.Vendor.Secrets() }
