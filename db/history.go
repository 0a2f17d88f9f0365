package db

import (
	"context"
	"fmt"
	"strings"

	"cordboard/sync/fleet"
)

// History is kept as intervals: a pair is held from the time of one snapshot until the time of
// another. Intervals are as long as they can be, so they depend on which snapshots there are and
// not on the order in which these arrived.
//
// A snapshot's time is its order. The vendor's times are whole milliseconds; our own are moved
// off them by some microseconds, so that the two never claim the same moment.

// interval is one pair and how long it is held.
type interval struct {
	fleet.Binding
	from, to int64
}

// snapshotRow is what a snapshot has beside its pairs.
type snapshotRow struct {
	id       fleet.SnapshotID
	pbx      fleet.PBXID
	at       int64 // its place in history
	source   fleet.Source
	event    fleet.EventKind
	vendor   bool // at is the vendor's updateTime
	seenAt   int64
	since    int64 // a reading's: the cloud still agreed with what was known; 0 when told exactly
	plan     fleet.PlanID
	delivery int64 // the webhook delivery that told it, or 0
}

// cover are the intervals in force at a moment: the set of pairs, and where each begins and ends.
type cover []interval

func (v cover) set() fleet.BindingSet {
	pairs := make([]fleet.Binding, len(v))
	for i, iv := range v {
		pairs[i] = iv.Binding
	}
	return fleet.NewBindingSet(pairs...)
}

// coverAt loads what was in force at a moment; see [now].
func coverAt(ctx context.Context, c *conn, pbx fleet.PBXID, at int64) (cover, error) {
	query, args := findCoverAt, []any{int64(pbx), at}
	if at == now {
		query, args = findCoverNow, args[:1]
	}
	v, err := list(ctx, c, scanInterval, query, args...)
	if err != nil {
		return nil, fmt.Errorf("pairs of PBX %d: %w", pbx, err)
	}
	return v, nil
}

// now is behind every snapshot and before the end of what still lasts.
const now = forever - 1

const (
	findCoverAt  = `SELECT trunk_id, did_id, from_at, to_at FROM holding WHERE pbx_id = ?1 AND to_at > ?2 AND from_at <= ?2`
	findCoverNow = `SELECT trunk_id, did_id, from_at, to_at FROM holding WHERE pbx_id = ? AND to_at = 9223372036854775807`
)

func scanInterval(s scanner) (iv interval, err error) {
	err = s.Scan(&iv.Trunk, &iv.DID, &iv.from, &iv.to)
	return iv, err
}

// insertSnapshot puts a snapshot where its time says, which may be inside history. before is what
// was in force just before that moment. It answers with the snapshot's id, and whether it is the
// newest of its PBX now. row.at must be free.
func insertSnapshot(ctx context.Context, c *conn, row snapshotRow, before cover, set fleet.BindingSet) (fleet.SnapshotID, bool, error) {
	next, err := nextSnapshotAt(ctx, c, row.pbx, row.at)
	if err != nil {
		return 0, false, err
	}
	removed, err := cutIntervals(ctx, c, row, next, before, set)
	if err != nil {
		return 0, false, err
	}
	added := set.Minus(before.set())
	if err := openIntervals(ctx, c, row, next, added); err != nil {
		return 0, false, err
	}
	if next != forever {
		// What the next snapshot changed is told against this one now.
		if _, err := c.exec(ctx, recountSnapshot, int64(row.pbx), next); err != nil {
			return 0, false, fmt.Errorf("recount behind: %w", err)
		}
	}
	var id int64
	if err := c.row(ctx, nextSnapshotID).Scan(&id); err != nil {
		return 0, false, err
	}
	_, err = c.exec(ctx, insertSnapshotRow, int64(row.pbx), row.at, id, string(row.source), string(row.event), row.vendor, row.seenAt, row.since,
		nullable(string(row.plan)), nullable(row.delivery), set.Len(), len(added), removed)
	if err != nil {
		return 0, false, fmt.Errorf("snapshot of PBX %d at %d: %w", row.pbx, row.at, err)
	}
	return fleet.SnapshotID(id), next == forever, nil
}

const (
	nextSnapshotID    = `SELECT coalesce(max(id), 0) + 1 FROM snapshot`
	insertSnapshotRow = `INSERT INTO snapshot (pbx_id, at, id, source, event, vendor_time, seen_at, not_before, plan_id, delivery_id, count, n_added, n_removed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	recountSnapshot = `UPDATE snapshot SET
		n_added = (SELECT count(*) FROM holding WHERE pbx_id = ?1 AND from_at = ?2),
		n_removed = (SELECT count(*) FROM holding WHERE pbx_id = ?1 AND to_at = ?2)
		WHERE pbx_id = ?1 AND at = ?2`
)

// nullable keeps the zero value out of partial indexes.
func nullable[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// nextSnapshotAt is the time of the snapshot behind at, or forever.
func nextSnapshotAt(ctx context.Context, c *conn, pbx fleet.PBXID, at int64) (int64, error) {
	var next int64
	if err := c.row(ctx, findNextAt, int64(pbx), at).Scan(&next); err != nil {
		return 0, fmt.Errorf("next snapshot of PBX %d: %w", pbx, err)
	}
	return next, nil
}

const findNextAt = `SELECT coalesce(min(at), 9223372036854775807) FROM snapshot WHERE pbx_id = ? AND at > ?`

// cutIntervals ends the pairs that the snapshot lacks; those that went on beyond the next one
// begin again there. It says how many there were.
func cutIntervals(ctx context.Context, c *conn, row snapshotRow, next int64, before cover, set fleet.BindingSet) (int, error) {
	removed := 0
	var again []interval
	for _, iv := range before {
		if set.Has(iv.Binding) {
			continue
		}
		removed++
		if _, err := c.exec(ctx, endInterval, row.at, int64(row.pbx), iv.to, int64(iv.Trunk), int64(iv.DID)); err != nil {
			return 0, fmt.Errorf("end of %v: %w", iv.Binding, err)
		}
		if iv.to > next {
			again = append(again, interval{iv.Binding, next, iv.to})
		}
	}
	return removed, insertIntervals(ctx, c, row.pbx, again)
}

// openIntervals begins the pairs that the snapshot brings. One that the next snapshot has too
// begins earlier now; the others last until there.
func openIntervals(ctx context.Context, c *conn, row snapshotRow, next int64, added []fleet.Binding) error {
	fresh := make([]interval, 0, len(added))
	for _, b := range added {
		if next != forever {
			merged, err := c.exec(ctx, beginEarlier, row.at, int64(row.pbx), next, int64(b.Trunk), int64(b.DID))
			if err != nil {
				return fmt.Errorf("start of %v: %w", b, err)
			}
			if merged > 0 {
				continue
			}
		}
		fresh = append(fresh, interval{b, row.at, next})
	}
	return insertIntervals(ctx, c, row.pbx, fresh)
}

const (
	endInterval  = `UPDATE holding SET to_at = ? WHERE pbx_id = ? AND to_at = ? AND trunk_id = ? AND did_id = ?`
	beginEarlier = `UPDATE holding SET from_at = ? WHERE pbx_id = ? AND from_at = ? AND trunk_id = ? AND did_id = ?`
)

// intervalsAtOnce is how many rows one INSERT carries: a PBX's first snapshot may have thousands.
const intervalsAtOnce = 64

var (
	insertInterval = intervalInsert(1)
	insertMany     = intervalInsert(intervalsAtOnce)
)

func intervalInsert(rows int) string {
	return `INSERT INTO holding (pbx_id, to_at, trunk_id, did_id, from_at) VALUES ` +
		strings.Repeat(`(?, ?, ?, ?, ?), `, rows-1) + `(?, ?, ?, ?, ?)`
}

func insertIntervals(ctx context.Context, c *conn, pbx fleet.PBXID, ivs []interval) error {
	for len(ivs) > 0 {
		query, n := insertInterval, 1
		if len(ivs) >= intervalsAtOnce {
			query, n = insertMany, intervalsAtOnce
		}
		args := make([]any, 0, 5*n)
		for _, iv := range ivs[:n] {
			args = append(args, int64(pbx), iv.to, int64(iv.Trunk), int64(iv.DID), iv.from)
		}
		if _, err := c.exec(ctx, query, args...); err != nil {
			return fmt.Errorf("%d pairs of PBX %d: %w", n, pbx, err)
		}
		ivs = ivs[n:]
	}
	return nil
}

// moveSnapshot gives a snapshot another time, and its pairs with it. No other snapshot may lie
// between the two times.
func moveSnapshot(ctx context.Context, c *conn, pbx fleet.PBXID, from, to int64) error {
	for _, query := range []string{moveStarts, moveEnds, moveRow} {
		if _, err := c.exec(ctx, query, to, int64(pbx), from); err != nil {
			return fmt.Errorf("snapshot of PBX %d from %d to %d: %w", pbx, from, to, err)
		}
	}
	return nil
}

const (
	moveStarts = `UPDATE holding SET from_at = ? WHERE pbx_id = ? AND from_at = ?`
	moveEnds   = `UPDATE holding SET to_at = ? WHERE pbx_id = ? AND to_at = ?`
	moveRow    = `UPDATE snapshot SET at = ? WHERE pbx_id = ? AND at = ?`
)

// ownTime is the first free place in a PBX's history from at on that the vendor can't claim:
// anywhere but on a whole millisecond.
func ownTime(ctx context.Context, c *conn, pbx fleet.PBXID, at int64) (int64, error) {
	for ; ; at++ {
		if at%1000 == 0 {
			at++
		}
		var taken int
		if err := c.row(ctx, findTaken, int64(pbx), at).Scan(&taken); err != nil {
			return 0, fmt.Errorf("free moment of PBX %d: %w", pbx, err)
		}
		if taken == 0 {
			return at, nil
		}
	}
}

const findTaken = `SELECT count(*) FROM snapshot WHERE pbx_id = ? AND at = ?`
