package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"cordboard/sync/fleet"
)

// History is the record as digestion of webhook reports needs it, inside one transaction. See
// [DB.Digest]. It serves one goroutine.
type History struct {
	d *DB
	c *conn
	// What Mark loaded for a PBX, for the Add that usually follows.
	marked    fleet.PBXID
	markCover cover
	// broken is the error after which SQLite may have ended the transaction: nothing that was
	// done may be kept, and nothing more may be done.
	broken error
}

// Savepoint undoes what fn did when fn fails, and nothing else.
func (h *History) Savepoint(ctx context.Context, fn func() error) error {
	if h.broken != nil {
		return fail("Savepoint", h.broken)
	}
	h.marked = 0
	defer func() { h.marked = 0 }()
	return h.whole(ctx, "element", fn)
}

// whole is a savepoint around fn that remembers when the transaction itself is lost.
func (h *History) whole(ctx context.Context, name string, fn func() error) error {
	var own error
	err := savepoint(ctx, h.c, name, func() error {
		own = fn()
		return own
	})
	if err != nil && (endsTransaction(err) || err != own) {
		h.broken = err
	}
	return err
}

// PBXBySerial answers KindNotFound for a stranger. Of several PBXs with one serial (YCM gave it
// anew) the one that is there counts, and of those the youngest.
func (h *History) PBXBySerial(ctx context.Context, serial string) (fleet.PBXID, error) {
	var id int64
	err := h.c.row(ctx, findBySerial, serial).Scan(&id)
	if serial == "" || errors.Is(err, sql.ErrNoRows) {
		return 0, fleet.NotFound("db.PBXBySerial", fmt.Sprintf("A PBX with the serial number %q", serial))
	}
	return fleet.PBXID(id), fail("PBXBySerial", err)
}

const findBySerial = `SELECT id FROM pbx WHERE serial = ? AND serial <> '' ORDER BY gone_at > 0, missing_since > 0, id DESC LIMIT 1`

// Mark is the report's snapshot at exactly that time, or else the newest snapshot; zero for an
// empty history.
func (h *History) Mark(ctx context.Context, id fleet.PBXID, at time.Time) (fleet.Mark, fleet.SnapshotID, error) {
	same, err := reportedAt(ctx, h.c, id, micros(at))
	if err != nil {
		return fleet.Mark{}, 0, fail("Mark", err)
	}
	if same != 0 {
		v, err := coverAt(ctx, h.c, id, micros(at))
		return fleet.Mark{At: moment(micros(at)), Set: v.set()}, same, fail("Mark", err)
	}
	head, err := findHead(ctx, h.c, id)
	if err != nil || head.at == 0 {
		return fleet.Mark{}, 0, fail("Mark", err)
	}
	v, err := coverAt(ctx, h.c, id, now)
	h.marked, h.markCover = id, v
	return fleet.Mark{At: moment(head.at), Set: v.set(), Verified: moment(head.verifiedAt)}, head.id, fail("Mark", err)
}

// reportedAt is the snapshot that a report with exactly that time left, or 0.
func reportedAt(ctx context.Context, c *conn, pbx fleet.PBXID, at int64) (fleet.SnapshotID, error) {
	var id int64
	err := c.row(ctx, findReportedAt, int64(pbx), at).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return fleet.SnapshotID(id), err
}

const findReportedAt = `SELECT id FROM snapshot WHERE pbx_id = ? AND at = ? AND vendor_time = 1`

// Add puts a report's snapshot where its time says. current tells what the caller concluded from
// [History.Mark]: whether it is the newest. When that is not so, nothing is stored.
func (h *History) Add(ctx context.Context, id fleet.PBXID, report fleet.Report, delivery int64, current bool) (fleet.SnapshotID, error) {
	row := snapshotRow{source: fleet.FromWebhook, event: report.Event, delivery: delivery}
	var snapshot fleet.SnapshotID
	err := h.whole(ctx, "addition", func() error {
		added, newest, err := h.addReport(ctx, id, report, row)
		if err == nil && newest != current {
			err = fmt.Errorf("the report of %v was taken for the newest snapshot: %v; it is: %v", report.At, current, newest)
		}
		snapshot = added
		return err
	})
	if err != nil {
		return 0, fail("Add", err)
	}
	return snapshot, nil
}

// addReport stores a snapshot at the report's own time and moves the head when it is the newest.
func (h *History) addReport(ctx context.Context, id fleet.PBXID, report fleet.Report, row snapshotRow) (fleet.SnapshotID, bool, error) {
	row.pbx, row.at, row.vendor, row.seenAt = id, micros(report.At), true, micros(h.d.now())
	if row.at%1000 != 0 {
		return 0, false, fmt.Errorf("the report of %v is not told to the millisecond", report.At)
	}
	before, err := h.coverBefore(ctx, id, row.at)
	if err != nil {
		return 0, false, err
	}
	snapshot, newest, err := insertSnapshot(ctx, h.c, row, before, report.Set)
	if err != nil {
		return 0, false, err
	}
	if err := h.d.rememberNames(ctx, h.c, id, report, before.set(), newest); err != nil {
		return 0, false, err
	}
	if newest && (report.Event == fleet.DIDDelete || report.Event == fleet.TrunkDelete) {
		why, err := deleted(ctx, h.c, report, before.set())
		if err != nil {
			return 0, false, err
		}
		if err := voidDrafts(ctx, h.c, id, why); err != nil {
			return 0, false, err
		}
	}
	head, err := findHead(ctx, h.c, id)
	if err != nil {
		return 0, false, err
	}
	head.snapshots++
	if row.source == fleet.FromWebhook {
		if err := h.settleLate(ctx, &head, report); err != nil {
			return 0, false, err
		}
		if err := explainLate(ctx, h.c, &head, report, snapshot); err != nil {
			return 0, false, err
		}
	}
	if newest {
		if row.source == fleet.FromWebhook && report.Event != fleet.PCEDelete && head.goneAt == 0 {
			if err := noteReport(ctx, h.c, &head, before.set(), report.Set, report.Event, row.at, snapshot); err != nil {
				return 0, false, err
			}
		}
		head.learn(snapshot, row.at, report.Set, nil)
		head.headers = head.headers.Doubted(report.Set.Trunks())
	}
	head.doubtGone(report, snapshot, before.set())
	return snapshot, newest, saveHead(ctx, h.c, head)
}

// settleLate lets a report name the trunks that a younger read could not tell: it lists just the numbers
// that the read saw, and nothing was seen to change in between. History gets a snapshot behind the read.
func (h *History) settleLate(ctx context.Context, head *head, report fleet.Report) error {
	if head.certainty != fleet.CertaintyAmbiguous || head.openPlan != "" {
		return nil
	}
	newest, err := findSnapshot(ctx, h.c, head.id)
	if err != nil {
		return err
	}
	if newest.Source != fleet.FromReconcile || report.At.Before(newest.NotBefore) || report.At.After(newest.SeenAt) {
		return nil
	}
	before, err := coverAt(ctx, h.c, head.pbx, now)
	if err != nil {
		return err
	}
	known := head.known(before.set())
	var picks []fleet.Binding
	for _, u := range known.Unclear {
		for _, t := range report.Set.TrunksOf(u.DID) {
			picks = append(picks, fleet.Binding{Trunk: t, DID: u.DID})
		}
	}
	settled, ok := known.Settle(picks...)
	if !ok || !settled.Set.Equal(report.Set) {
		return nil
	}
	at, err := ownTime(ctx, h.c, head.pbx, head.at)
	if err != nil {
		return err
	}
	row := snapshotRow{pbx: head.pbx, at: at, source: fleet.FromReconcile, seenAt: micros(newest.SeenAt), since: head.at}
	id, _, err := insertSnapshot(ctx, h.c, row, before, report.Set)
	if err != nil {
		return err
	}
	if head.drift != nil && head.drift.After.Equal(before.set()) {
		head.drift.After = report.Set
	}
	head.snapshots++
	head.learn(id, at, report.Set, nil)
	return nil
}

// coverBefore is what is in force just before a new snapshot at that time.
func (h *History) coverBefore(ctx context.Context, id fleet.PBXID, at int64) (cover, error) {
	next, err := nextSnapshotAt(ctx, h.c, id, at)
	if err != nil {
		return nil, err
	}
	if next != forever {
		return coverAt(ctx, h.c, id, at)
	}
	if h.marked == id {
		h.marked = 0
		return h.markCover, nil
	}
	return coverAt(ctx, h.c, id, now)
}

// Await notes that only a read can settle the PBX's state, and why, in words. What is said of a PBX that
// is gone is noted as that.
func (h *History) Await(ctx context.Context, id fleet.PBXID, why string) error {
	return fail("Await", changeHead(ctx, h.c, id, func(head *head) {
		if head.goneAt == 0 {
			head.awaiting = why
		}
	}))
}

// echoWindow bounds how much later than our verification of a write the vendor may date it: its
// clock and ours, and times cut to the second.
const echoWindow = int64(time.Minute / time.Microsecond)

// Echo finds the plan whose write this report repeats, and joins the report to the plan's
// snapshot: the snapshot gets the vendor's time, and moves there. It answers 0 when the report is
// nobody's echo, which is the case when any of these does not hold:
//
//   - the event is did_change, and no report with this very time is in history (then this one is
//     a duplicate, or contradicts it);
//   - a plan of this PBX is applying, unknown or applied, its result is exactly these pairs, and
//     the report is not older than the second in which it was confirmed;
//   - no report has joined that plan's snapshot yet;
//   - if the plan has a snapshot already, the report is not dated more than a minute after it (the
//     pairs were read back then: later ones are somebody else's doing), and no other snapshot lies
//     between the two times. Between them something else was true, so they are two changes.
//
// A plan whose answer is still under way has no snapshot: it is made here, where the report's
// time says, and Finish completes it. When something newer is in history already, it goes behind
// that and the current bindings stay.
func (h *History) Echo(ctx context.Context, id fleet.PBXID, report fleet.Report, delivery int64) (fleet.SnapshotID, error) {
	at := micros(report.At)
	if report.Event != fleet.DIDChange {
		return 0, nil
	}
	same, err := reportedAt(ctx, h.c, id, at)
	if err != nil || same != 0 {
		return 0, fail("Echo", err)
	}
	plans, err := list(ctx, h.c, scanSent, findEchoPlans, int64(id), at, report.Set.Fingerprint())
	if err != nil {
		return 0, fail("Echo", err)
	}
	var snapshot fleet.SnapshotID
	for _, p := range plans {
		err := h.whole(ctx, "echo", func() (err error) {
			snapshot, err = h.join(ctx, id, report, delivery, p)
			return err
		})
		if err != nil || snapshot != 0 {
			return snapshot, fail("Echo", err)
		}
	}
	return 0, nil
}

// sentPlan is a plan whose write may have been echoed.
type sentPlan struct {
	id   fleet.PlanID
	open bool
}

func scanSent(s scanner) (p sentPlan, err error) {
	err = s.Scan(&p.id, &p.open)
	return p, err
}

const findEchoPlans = `SELECT id, status <> 'applied' FROM plan WHERE pbx_id = ?1 AND sent_at > 0 AND sent_not_before <= ?2
	AND after_print = ?3 AND status IN ('applying', 'unknown', 'applied') ORDER BY sent_at DESC LIMIT 8`

// join makes the report part of the plan's snapshot, or answers 0 when it can't be.
func (h *History) join(ctx context.Context, id fleet.PBXID, report fleet.Report, delivery int64, p sentPlan) (fleet.SnapshotID, error) {
	own, err := findPlanSnapshot(ctx, h.c, p.id)
	if err != nil {
		return 0, err
	}
	if own.id == 0 {
		if !p.open {
			return 0, nil
		}
		row := snapshotRow{source: fleet.FromWrite, event: report.Event, plan: p.id, delivery: delivery}
		snapshot, _, err := h.addReport(ctx, id, report, row)
		return snapshot, err
	}
	at := micros(report.At)
	if own.vendor || at > own.at+echoWindow {
		return 0, nil
	}
	between, err := anyBetween(ctx, h.c, id, own.at, at)
	if err != nil || between {
		return 0, err
	}
	if err := moveSnapshot(ctx, h.c, id, own.at, at); err != nil {
		return 0, err
	}
	if _, err := h.c.exec(ctx, joinReport, string(report.Event), nullable(delivery), int64(id), at); err != nil {
		return 0, err
	}
	if err := h.d.rememberNames(ctx, h.c, id, report, report.Set, false); err != nil {
		return 0, err
	}
	h.marked = 0
	return own.id, changeHead(ctx, h.c, id, func(head *head) {
		if head.id == own.id {
			head.at = at
		}
		head.doubtGone(report, own.id, report.Set)
	})
}

const joinReport = `UPDATE snapshot SET vendor_time = 1, event = ?, delivery_id = ? WHERE pbx_id = ? AND at = ?`

// anyBetween reports whether a snapshot lies between two times, both exclusive.
func anyBetween(ctx context.Context, c *conn, pbx fleet.PBXID, a, b int64) (bool, error) {
	times := []int64{a, b}
	slices.Sort(times)
	var n int
	err := c.row(ctx, countBetween, int64(pbx), times[0], times[1]).Scan(&n)
	return n > 0, err
}

const countBetween = `SELECT count(*) FROM (SELECT 1 FROM snapshot WHERE pbx_id = ? AND at > ? AND at < ? LIMIT 1)`

// findPlanSnapshot is the snapshot that a plan's write left; its id is 0 when there is none.
func findPlanSnapshot(ctx context.Context, c *conn, plan fleet.PlanID) (row snapshotRow, err error) {
	err = c.row(ctx, selectPlanSnapshot, string(plan)).Scan(&row.id, &row.at, &row.vendor, &row.seenAt)
	if errors.Is(err, sql.ErrNoRows) {
		return snapshotRow{}, nil
	}
	return row, err
}

const selectPlanSnapshot = `SELECT id, at, vendor_time, seen_at FROM snapshot WHERE plan_id = ?`
