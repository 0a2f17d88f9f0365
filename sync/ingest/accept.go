package ingest

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"cordboard/sync/fleet"
)

// Vendor understands the vendor's webhooks.
type Vendor interface {
	// Verify reports whether one of the secrets signed these very bytes.
	Verify(body []byte, signature string) bool
	// Parse reads a body. Each element stands alone: a bad one carries its own error. The error is
	// for a body that is no list of elements at all.
	Parse(body []byte, now time.Time) ([]Parsed, error)
	// Secrets is how many a signature may be made with.
	Secrets() int
}

// Parsed is one element of a delivery as the vendor meant it.
type Parsed struct {
	Serial string
	Event  fleet.EventKind
	Report *fleet.Report // nil for what is no DID-change report
	Note   string        // what it is instead, for the inbox: "capacity report"
	Err    error         // why the element can't be understood
}

// Deps is what an Ingester works with. Every field is needed.
type Deps struct {
	Inbox  Inbox
	Vendor Vendor
	Path   Path
	Now    func() time.Time
	// VendorNow is the vendor's clock, by which writes and reads are dated.
	VendorNow func() time.Time
	// Grace is how long the report of a change may take before it is missed.
	Grace time.Duration
	Log   *slog.Logger
	// Moved tells that a PBX's history moved; ask says that only a read can settle its state.
	Moved func(id fleet.PBXID, ask bool)
	// Stranger tells that a report came for a serial that no known PBX has.
	Stranger func(serial string)
	// Delivered tells that the inbox changed.
	Delivered func()
}

// Ingester takes deliveries in and digests them.
type Ingester struct {
	d       Deps
	wake    chan struct{}
	refused atomic.Int64
	lastBad atomic.Int64 // when the newest of them came, in microseconds
}

// New checks the dependencies.
func New(d Deps) (*Ingester, error) {
	if d.Inbox == nil || d.Vendor == nil || d.Path == nil || d.Now == nil || d.VendorNow == nil || d.Log == nil || d.Moved == nil || d.Stranger == nil || d.Delivered == nil {
		return nil, errors.New("ingest: a field of Deps is nil")
	}
	if d.Grace <= 0 {
		return nil, errors.New("ingest: Deps.Grace gives no report any time")
	}
	return &Ingester{d: d, wake: make(chan struct{}, 1)}, nil
}

// ErrSignature is the answer to a delivery that no secret of ours signed.
var ErrSignature = errors.New("the signature does not match")

// Accept verifies a delivery and stores it. When it returns nil the body survives a power cut,
// and only then may the vendor be told 2xx.
func (in *Ingester) Accept(ctx context.Context, body []byte, signature string) error {
	if !in.d.Vendor.Verify(body, signature) {
		in.refused.Add(1)
		in.lastBad.Store(in.d.Now().UnixMicro())
		return ErrSignature
	}
	if _, err := in.d.Inbox.Store(ctx, body, in.d.Now()); err != nil {
		return err
	}
	in.Wake()
	return nil
}

// Refused counts deliveries with a bad signature since the start.
func (in *Ingester) Refused() int { return int(in.refused.Load()) }

// Wake has the digestion look at the inbox now.
func (in *Ingester) Wake() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}
