package station

import (
	"context"
	"fmt"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/upstream"
)

// Proof is how much of the record was held against its evidence.
type Proof struct {
	AuditRows int64 // rows of the audit chain that are whole
	Snapshots int   // snapshots that agree with the bindings that begin and end with them
	Reports   int   // reports whose raw body agrees with history
}

// Verify holds the record against its evidence: the audit chain row by row and against a head that was kept
// elsewhere (the zero Head when none was), each PBX's bindings in force against its whole history played again, and
// every report of the raw inbox against the snapshot that it left. The error names the first that is bad; the
// proof says how much was good before it.
func (s *Station) Verify(ctx context.Context, kept audit.Head) (Proof, error) {
	var p Proof
	var err error
	if p.AuditRows, err = s.DB.VerifyAudit(ctx, kept); err != nil {
		return p, err
	}
	if p.Snapshots, err = s.DB.VerifyHistory(ctx); err != nil {
		return p, err
	}
	err = s.DB.WalkBodies(ctx, func(d fleet.Delivery, body []byte) error {
		n, err := s.verifyDelivery(ctx, d, body)
		p.Reports += n
		return err
	})
	return p, err
}

func (s *Station) verifyDelivery(ctx context.Context, d fleet.Delivery, body []byte) (int, error) {
	parsed, err := upstream.Webhook{}.Parse(body, d.ReceivedAt)
	if err != nil || len(parsed) != len(d.Elements) {
		if d.State == fleet.DeliveryStored || d.State == fleet.DeliveryDead {
			return 0, nil
		}
		return 0, fmt.Errorf("delivery %d is %s with %d elements, but its body does not say so", d.ID, d.State, len(d.Elements))
	}
	agree := 0
	for i, e := range d.Elements {
		report := parsed[i].Report
		if e.Snapshot == 0 || e.Error != "" || report == nil {
			continue
		}
		snapshot, set, err := s.DB.SetAt(ctx, e.Snapshot)
		if err != nil {
			return agree, fmt.Errorf("delivery %d, element %d: %w", d.ID, i, err)
		}
		if snapshot.PBX != e.PBX || !snapshot.VendorAt.Equal(report.At) || !set.Equal(report.Set) {
			return agree, fmt.Errorf("delivery %d, element %d: the report of %s lists %d pairs, and snapshot %d of PBX %d does not agree",
				d.ID, i, report.At.Format("2006-01-02T15:04:05.000Z07:00"), report.Set.Len(), e.Snapshot, e.PBX)
		}
		agree++
	}
	return agree, nil
}
