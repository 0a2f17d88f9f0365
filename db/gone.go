package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"cordboard/sync/fleet"
)

// afterGone is what a person must hear about a report that is younger than the PBX's deletion.
const afterGone = "Yeastar reported bindings of this PBX after it had reported that the PBX was deleted. Look at it in YCM."

// Gone marks the PBX deleted at that time and voids its drafts. A read that showed the PBX later
// than that time is stronger; a report that is younger is noted, in whatever order they came.
func (h *History) Gone(ctx context.Context, id fleet.PBXID, at time.Time) error {
	head, err := findHead(ctx, h.c, id)
	if err != nil {
		return fail("Gone", err)
	}
	if head.verifiedAt > micros(at) {
		return nil
	}
	if head.goneAt == 0 {
		// The report's own empty list is in history already: what counts is what was there before it.
		if err := head.lose(ctx, h.c, micros(at)-1, at, at, "Yeastar reported the deletion (pce_delete)."); err != nil {
			return fail("Gone", err)
		}
	}
	head.goneAt = max(head.goneAt, micros(at))
	var younger int
	if err := h.c.row(ctx, findYounger, int64(id), head.goneAt).Scan(&younger); err != nil {
		return fail("Gone", err)
	}
	if younger > 0 && head.awaiting != afterGone {
		head.doubt(fleet.Drift{OpenedAt: at, Since: at, Until: at, Base: head.id, Evidence: []fleet.Evidence{{Sentence: "A report that is younger than the deletion came before it."}}})
	}
	if err := voidDrafts(ctx, h.c, id, "Its PBX was deleted."); err != nil {
		return fail("Gone", err)
	}
	return fail("Gone", saveHead(ctx, h.c, head))
}

const findYounger = `SELECT count(*) FROM (SELECT 1 FROM snapshot WHERE pbx_id = ? AND at > ? AND vendor_time = 1 AND event <> 'pce_delete' LIMIT 1)`

// Missing notes that YCM, asked for this one PBX, says that it does not exist: it is gone since
// then, and its drafts are void. The next Record takes the first back.
func (d *DB) Missing(ctx context.Context, id fleet.PBXID, at time.Time) error {
	return fail("Missing", d.write(ctx, func(ctx context.Context, c *conn) error {
		h, err := findHead(ctx, c, id)
		if err != nil || h.goneAt != 0 || h.verifiedAt > micros(at) {
			return err
		}
		since := max(h.verifiedAt, h.at)
		if since == 0 {
			since = micros(at)
		}
		if err := h.lose(ctx, c, now, moment(since), at, "YCM, asked for this PBX, answered that it does not exist."); err != nil {
			return err
		}
		h.goneAt = micros(at)
		if err := voidDrafts(ctx, c, id, "The PBX does not exist any more."); err != nil {
			return err
		}
		return saveHead(ctx, c, h)
	}))
}

// lose ends what drift the PBX had. A deletion that no job of ours asked for is a drift of its own, told
// against what was in force: it stays open until a person accepts it, or a read shows the PBX again.
func (h *head) lose(ctx context.Context, c *conn, inForce int64, since, until time.Time, evidence string) error {
	h.awaiting = "" // the deletion answers every other question
	h.endDrift(fleet.DriftResolved, until)
	if _, err := saveDrift(ctx, c, h); err != nil {
		return err
	}
	var ours bool
	if err := c.row(ctx, findOwnDeletion, int64(h.pbx)).Scan(&ours); err != nil || ours {
		return err
	}
	before, err := coverAt(ctx, c, h.pbx, inForce)
	if err != nil {
		return err
	}
	base, err := snapshotUntil(ctx, c, h.pbx, inForce)
	if err != nil {
		return err
	}
	d := fleet.Drift{Cause: fleet.CausePBXDeleted, OpenedAt: until, Since: since, Until: until, Base: base, Before: before.set(),
		Evidence: []fleet.Evidence{{Sentence: evidence}}}
	d.Sentence = d.Tell()
	h.alarm(d)
	return nil
}

const findOwnDeletion = `SELECT EXISTS (SELECT 1 FROM job WHERE pbx_id = ? AND kind = 'change_pbx' AND state <> 'failed'
	AND json_extract(doc, '$.action') = 'pbx.delete')`

// snapshotUntil is the newest snapshot up to that time, or 0.
func snapshotUntil(ctx context.Context, c *conn, pbx fleet.PBXID, at int64) (id fleet.SnapshotID, err error) {
	err = c.row(ctx, findUntil, int64(pbx), at).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

const findUntil = `SELECT id FROM snapshot WHERE pbx_id = ? AND at <= ? ORDER BY at DESC LIMIT 1`

// doubtGone notes a report that speaks of a PBX after its deletion. The PBX stays gone: only a
// read shows that it lives.
func (h *head) doubtGone(report fleet.Report, snapshot fleet.SnapshotID, before fleet.BindingSet) {
	if h.goneAt == 0 || micros(report.At) <= h.goneAt || report.Event == fleet.PCEDelete || h.drift != nil && h.awaiting == afterGone {
		return
	}
	h.doubt(fleet.Drift{OpenedAt: report.At, Since: report.At, Until: report.At, Base: h.id, Before: before, After: report.Set,
		Evidence: []fleet.Evidence{{Sentence: "The report that came after the deletion.", Snapshot: snapshot}}})
}

// doubt has people told that the deletion is doubtful: by the drift that tells of it, or else by told.
func (h *head) doubt(told fleet.Drift) {
	h.awaiting = afterGone
	told.Sentence = afterGone
	if h.drift != nil {
		evidence := append(h.drift.Evidence, told.Evidence...)
		told = h.drift.Drift
		told.Sentence, told.Evidence = afterGone+" "+told.Sentence, evidence
	}
	h.alarm(told)
}

// alarm opens the drift that tells of a deletion, or tells it in other words.
func (h *head) alarm(d fleet.Drift) {
	d.PBX, d.Cause, d.State = h.pbx, fleet.CausePBXDeleted, fleet.DriftOpen
	h.drift = &openDrift{Drift: d, steps: 1, moved: true}
	h.driftAt, h.driftNote = micros(d.OpenedAt), d.Sentence
}

// returned notes that a read shows a PBX that was thought gone: nobody has to accept that any more.
func (h *head) returned(ctx context.Context, c *conn, at time.Time) error {
	h.goneAt = 0
	h.endDrift(fleet.DriftResolved, at)
	_, err := saveDrift(ctx, c, h)
	return err
}
