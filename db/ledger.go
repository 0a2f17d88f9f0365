package db

import (
	"context"
	"fmt"
	"time"

	"cordboard/sync/fleet"
)

// Known is what the ledger knows of a PBX now; Certainty none when it never saw it.
func (d *DB) Known(ctx context.Context, id fleet.PBXID) (known fleet.Known, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		h, err := findHead(ctx, c, id)
		if fleet.KindOf(err) == fleet.KindNotFound {
			known.Certainty = fleet.CertaintyNone
			return nil
		}
		if err != nil {
			return err
		}
		v, err := coverAt(ctx, c, id, now)
		if err != nil {
			return err
		}
		known = h.known(v.set())
		gap, err := gapUntil(ctx, c, &h)
		known.Copied = !gap.IsZero()
		return err
	})
	return known, fail("Known", err)
}

// Record keeps a reading. VerdictSame touches the age, VerdictNew adds a snapshot of source
// reconcile, VerdictAsk changes nothing because a report overtook the reading. Except for
// VerdictAsk the reading also takes back trouble, open questions and "gone": the PBX is there.
//
// A new snapshot behind an existing one is drift, unless the numbers are the same and only the
// certainty of their trunks grew, or the reading shows the result of a plan whose fate is open.
func (d *DB) Record(ctx context.Context, r fleet.Reading) (verdict fleet.Verdict, err error) {
	if r.Known.At.IsZero() || r.PBX.ID == 0 {
		return "", fmt.Errorf("db.Record: a reading of PBX %d at %v is not complete", r.PBX.ID, r.Known.At)
	}
	var fresh bool
	err = d.write(ctx, func(ctx context.Context, c *conn) (err error) {
		if fresh, err = d.upsertPBX(ctx, c, r.PBX); err != nil {
			return err
		}
		verdict, err = d.record(ctx, c, r)
		return err
	})
	if err == nil {
		d.met(fresh)
	}
	return verdict, fail("Record", err)
}

func (d *DB) record(ctx context.Context, c *conn, r fleet.Reading) (fleet.Verdict, error) {
	if err := d.upsertDIDs(ctx, c, r.DIDs, lookedAt{micros(r.Known.At), micros(r.Known.At)}); err != nil {
		return "", err
	}
	h, err := findHead(ctx, c, r.PBX.ID)
	if err != nil {
		return "", err
	}
	set := r.Known.Record()
	sighting := fleet.Sighting{Source: fleet.FromReconcile, At: r.Known.At, Set: set}
	mark, before, err := headMark(ctx, c, h, set)
	if err != nil {
		return "", err
	}
	verdict := fleet.Advance(mark, sighting)
	if h.goneAt != 0 && verdict != fleet.VerdictAsk {
		if err := h.returned(ctx, c, r.Known.At); err != nil {
			return "", err
		}
	}
	switch verdict {
	case fleet.VerdictSame:
		// The same pairs on the same trunks: no read tells anything new about their headers.
		h.certainty, h.unclear = r.Known.Certainty, r.Known.Unclear
		if !r.Known.Headers.Known && r.Known.Headers.Len() > 0 {
			h.headers = r.Known.Headers // a write whose fate no read can tell
		}
	case fleet.VerdictNew:
		if err := d.recordNew(ctx, c, &h, r, set, before); err != nil {
			return "", err
		}
		h.headers = r.Known.Headers
	default:
		return verdict, nil
	}
	h.verifiedAt = max(h.verifiedAt, micros(r.Known.At))
	h.settle()
	return verdict, saveHead(ctx, c, h)
}

// headMark is the newest snapshot as [fleet.Advance] wants it. When the fingerprint says that its
// pairs are those of seen, they are not loaded: most readings change nothing.
func headMark(ctx context.Context, c *conn, h head, seen fleet.BindingSet) (fleet.Mark, cover, error) {
	if h.at == 0 {
		return fleet.Mark{}, nil, nil
	}
	mark := fleet.Mark{At: moment(h.at), Set: seen}
	var vendor bool
	var seenAt int64
	if err := c.row(ctx, findHeadTime, int64(h.pbx), h.at).Scan(&vendor, &seenAt); err != nil {
		return mark, nil, fmt.Errorf("newest snapshot of PBX %d: %w", h.pbx, err)
	}
	if !vendor {
		mark.At = moment(seenAt) // its place may be some microseconds behind its time
	}
	if seen.Fingerprint() == h.fingerprint {
		return mark, nil, nil
	}
	before, err := coverAt(ctx, c, h.pbx, now)
	mark.Set = before.set()
	return mark, before, err
}

const findHeadTime = `SELECT vendor_time, seen_at FROM snapshot WHERE pbx_id = ? AND at = ?`

func (d *DB) recordNew(ctx context.Context, c *conn, h *head, r fleet.Reading, set fleet.BindingSet, before cover) error {
	at, err := ownTime(ctx, c, h.pbx, max(micros(r.Known.At), h.at))
	if err != nil {
		return err
	}
	if err := d.nameStubs(ctx, c, set.Minus(before.set())); err != nil {
		return err
	}
	row := snapshotRow{pbx: h.pbx, at: at, source: fleet.FromReconcile, seenAt: micros(r.Known.At), since: max(h.verifiedAt, h.at)}
	id, _, err := insertSnapshot(ctx, c, row, before, set)
	if err != nil {
		return err
	}
	if h.at != 0 {
		if err := noteRead(ctx, c, h, before.set(), set, r, id); err != nil {
			return err
		}
	}
	h.snapshots++
	h.learn(id, at, set, r.Known.Unclear)
	return nil
}

// Trouble notes that reading failed, in words; the next Record takes it back. The time of the
// first failure stays.
func (d *DB) Trouble(ctx context.Context, id fleet.PBXID, at time.Time, why string) error {
	return fail("Trouble", d.write(ctx, func(ctx context.Context, c *conn) error {
		return changeHead(ctx, c, id, func(h *head) {
			if h.troubleAt == 0 {
				h.troubleAt = micros(at)
			}
			h.trouble = why
		})
	}))
}
