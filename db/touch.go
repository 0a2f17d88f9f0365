package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"cordboard/sync/fleet"
)

// Face is what a pass holds a glance at a PBX against.
func (d *DB) Face(ctx context.Context, id fleet.PBXID) (f fleet.Face, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		h, err := findHead(ctx, c, id)
		if err != nil {
			return err
		}
		var missing bool
		var pairs string
		if err := c.row(ctx, findFace, int64(id)).Scan(&missing, &pairs); err != nil {
			return err
		}
		set, err := parsePairs(pairs)
		if err != nil {
			return fmt.Errorf("pairs of PBX %d: %w", id, err)
		}
		f.Known = h.known(set)
		f.Touch = fleet.Touch{PBX: id, Head: h.id, Fingerprint: h.fingerprint}
		f.Calm = f.Known.Exact() && h.calm() && !missing
		return nil
	})
	return f, fail("Face", err)
}

// findFace reads all pairs as one value: a pass reads every pair of the fleet, and a row for each
// takes four times as long.
const findFace = `SELECT missing_since > 0, coalesce((SELECT group_concat(trunk_id || ':' || did_id) FROM holding
	WHERE pbx_id = ?1 AND to_at = 9223372036854775807), '') FROM pbx WHERE id = ?1`

// parsePairs reads "trunk:did,trunk:did".
func parsePairs(list string) (fleet.BindingSet, error) {
	if list == "" {
		return fleet.BindingSet{}, nil
	}
	pairs := make([]fleet.Binding, 0, strings.Count(list, ",")+1)
	for pair := range strings.SplitSeq(list, ",") {
		trunk, did, _ := strings.Cut(pair, ":")
		t, err := strconv.ParseInt(trunk, 10, 64)
		if err != nil {
			return fleet.BindingSet{}, err
		}
		d, err := strconv.ParseInt(did, 10, 64)
		if err != nil {
			return fleet.BindingSet{}, err
		}
		pairs = append(pairs, fleet.Binding{Trunk: fleet.TrunkID(t), DID: fleet.DIDID(d)})
	}
	return fleet.NewBindingSet(pairs...), nil
}

// calm reports whether a reading of what is known changes nothing but the age.
func (h head) calm() bool {
	return h.verifiedAt != 0 && h.goneAt == 0 && h.troubleAt == 0 && h.awaiting == "" && h.openPlan == ""
}

// Touch keeps what glances of a pass saw: many ages in one transaction. A PBX is touched only when
// its newest snapshot is still the one that the glance was held against and nothing has come up
// since; the others come back, to be looked at again.
func (d *DB) Touch(ctx context.Context, touches []fleet.Touch) (overtaken []fleet.PBXID, err error) {
	if len(touches) == 0 {
		return nil, nil
	}
	err = d.write(ctx, func(ctx context.Context, c *conn) error {
		overtaken = nil
		for _, t := range touches {
			n, err := c.exec(ctx, touchPBX, int64(t.PBX), micros(t.At), int64(t.Head), t.Fingerprint)
			if err != nil {
				return fmt.Errorf("PBX %d: %w", t.PBX, err)
			}
			if n == 0 {
				overtaken = append(overtaken, t.PBX)
			}
		}
		return nil
	})
	return overtaken, fail("Touch", err)
}

// touchPBX is [head.calm], [fleet.Advance] and [saveHead] in one: the state follows from columns
// that stay as they are. A look that was later is left alone, and counts as kept.
const touchPBX = `UPDATE pbx SET verified_at = max(verified_at, ?2)
	WHERE id = ?1 AND head_id = ?3 AND fingerprint = ?4 AND head_at <= ?2 AND certainty = 'exact' AND verified_at > 0
		AND gone_at = 0 AND trouble_at = 0 AND awaiting = '' AND open_plan = ''`

// Watched are the PBXs for a pass to look at. Those with a plan under way are left out; so are those
// that are gone, unless YCM lists them still.
func (d *DB) Watched(ctx context.Context) (watched []fleet.Watched, err error) {
	err = d.read(ctx, func(ctx context.Context, c *conn) error {
		watched, err = list(ctx, c, scanWatched, selectWatched)
		return err
	})
	return watched, fail("Watched", err)
}

func scanWatched(s scanner) (w fleet.Watched, err error) {
	h := head{}
	err = s.Scan(&w.ID, &w.Name, &w.Missing, &h.certainty, &h.at, &h.verifiedAt, &h.driftAt, &h.troubleAt, &h.awaiting)
	w.Standing = h.standing()
	return w, err
}

const selectWatched = `SELECT id, name, missing_since > 0, certainty, head_at, verified_at, drift_at, trouble_at, awaiting
	FROM pbx WHERE open_plan = '' AND (gone_at = 0 OR missing_since = 0)`
