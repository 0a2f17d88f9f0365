package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/fleet"
)

// head is what the ledger knows of a PBX beside the pairs themselves: the columns of table pbx
// that the catalogue does not fill.
type head struct {
	pbx         fleet.PBXID
	certainty   fleet.Certainty
	unclear     []fleet.Unclear
	headers     fleet.Headers
	fingerprint string // of the newest snapshot's pairs as recorded; empty without one
	id          fleet.SnapshotID
	at          int64 // the newest snapshot's place in history; 0 without one
	numbers     int
	snapshots   int
	verifiedAt  int64
	goneAt      int64
	driftAt     int64
	driftNote   string
	drift       *openDrift // nil without one
	troubleAt   int64
	trouble     string
	awaiting    string // what a read must settle, in words
	openPlan    fleet.PlanID
}

// findHead answers KindNotFound for a PBX that was never seen.
func findHead(ctx context.Context, c *conn, pbx fleet.PBXID) (head, error) {
	h := head{pbx: pbx}
	var unclear, headers string
	var drift int64
	err := c.row(ctx, selectHead, int64(pbx)).Scan(&h.certainty, &unclear, &headers, &h.fingerprint, &h.id, &h.at, &h.numbers,
		&h.snapshots, &h.verifiedAt, &h.goneAt, &h.driftAt, &h.driftNote, &drift, &h.troubleAt, &h.trouble, &h.awaiting, &h.openPlan)
	if errors.Is(err, sql.ErrNoRows) {
		return h, fleet.NotFound("db.findHead", fmt.Sprintf("The PBX %d", pbx))
	}
	if err != nil {
		return h, fmt.Errorf("ledger of PBX %d: %w", pbx, err)
	}
	if unclear != "" {
		if err := json.Unmarshal([]byte(unclear), &h.unclear); err != nil {
			return h, fmt.Errorf("unclear numbers of PBX %d: %w", pbx, err)
		}
	}
	if headers != "" {
		if err := json.Unmarshal([]byte(headers), &h.headers); err != nil {
			return h, fmt.Errorf("headers of PBX %d: %w", pbx, err)
		}
	}
	if drift != 0 {
		if h.drift, err = findOpenDrift(ctx, c, fleet.DriftID(drift)); err != nil {
			return h, fmt.Errorf("drift of PBX %d: %w", pbx, err)
		}
	}
	return h, nil
}

const selectHead = `SELECT certainty, unclear, headers, fingerprint, head_id, head_at, numbers, snapshots, verified_at, gone_at,
	drift_at, drift_note, drift_id, trouble_at, trouble, awaiting, open_plan FROM pbx WHERE id = ?`

// saveHead stores h and the sync state that follows from it.
func saveHead(ctx context.Context, c *conn, h head) error {
	unclear, headers := "", ""
	drift, err := saveDrift(ctx, c, &h)
	if err != nil {
		return fmt.Errorf("drift of PBX %d: %w", h.pbx, err)
	}
	if len(h.unclear) > 0 {
		text, err := json.Marshal(h.unclear)
		if err != nil {
			return fmt.Errorf("unclear numbers of PBX %d: %w", h.pbx, err)
		}
		unclear = string(text)
	}
	if h.headers.Known || h.headers.Len() > 0 {
		text, err := json.Marshal(h.headers)
		if err != nil {
			return fmt.Errorf("headers of PBX %d: %w", h.pbx, err)
		}
		headers = string(text)
	}
	_, err = c.exec(ctx, updateHead, string(h.certainty), unclear, headers, h.fingerprint, int64(h.id), h.at, h.numbers, h.snapshots,
		h.verifiedAt, h.goneAt, h.driftAt, h.driftNote, int64(drift), h.troubleAt, h.trouble, h.awaiting, string(h.openPlan), string(h.state()), int64(h.pbx))
	if err != nil {
		return fmt.Errorf("ledger of PBX %d: %w", h.pbx, err)
	}
	return nil
}

const updateHead = `UPDATE pbx SET certainty = ?, unclear = ?, headers = ?, fingerprint = ?, head_id = ?, head_at = ?, numbers = ?,
	snapshots = ?, verified_at = ?, gone_at = ?, drift_at = ?, drift_note = ?, drift_id = ?, trouble_at = ?, trouble = ?, awaiting = ?,
	open_plan = ?, state = ? WHERE id = ?`

// changeHead loads, changes and saves a head.
func changeHead(ctx context.Context, c *conn, pbx fleet.PBXID, change func(*head)) error {
	h, err := findHead(ctx, c, pbx)
	if err != nil {
		return err
	}
	change(&h)
	return saveHead(ctx, c, h)
}

// standing is the form in which [fleet.Judge] wants it.
func (h head) standing() fleet.Standing {
	return fleet.Standing{
		Certainty: h.certainty, VerifiedAt: moment(h.verifiedAt), ChangedAt: moment(h.at), GoneAt: moment(h.goneAt),
		DriftAt: moment(h.driftAt), DriftNote: h.driftNote, TroubleAt: moment(h.troubleAt), Trouble: h.trouble,
		OpenPlan: h.openPlan, Awaiting: h.awaiting != "",
	}
}

// state is the sync state as long as nothing goes stale by age: what lists filter by.
func (h head) state() fleet.SyncState {
	s := h.standing()
	return fleet.Judge(s, s.VerifiedAt, time.Hour).State
}

// known is the knowledge that h and the pairs of the newest snapshot make.
func (h head) known(recorded fleet.BindingSet) fleet.Known {
	return fleet.Known{
		Certainty: h.certainty, Set: recorded.Certain(), Unclear: h.unclear, Headers: h.headers,
		At: moment(max(h.at, h.verifiedAt)),
	}
}

// learn makes a new newest snapshot the head: set as recorded, exact unless unclear says otherwise.
func (h *head) learn(id fleet.SnapshotID, at int64, set fleet.BindingSet, unclear []fleet.Unclear) {
	h.id, h.at, h.fingerprint, h.numbers = id, at, set.Fingerprint(), countDIDs(set)
	h.certainty, h.unclear = fleet.CertaintyExact, unclear
	if len(unclear) > 0 {
		h.certainty = fleet.CertaintyAmbiguous
	}
}

// settle notes that a read or a verified write answered every open question.
func (h *head) settle() {
	h.troubleAt, h.trouble, h.awaiting = 0, "", ""
}

func countDIDs(set fleet.BindingSet) int { return len(set.Copies()) }
