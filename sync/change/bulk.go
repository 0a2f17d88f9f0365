package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/bulk"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

// Register is what our record knows of everything that a spreadsheet may name.
type Register interface {
	// Roll is every PBX, gone ones included.
	Roll(ctx context.Context) ([]bulk.PBX, error)
	Known(ctx context.Context, id fleet.PBXID) (fleet.Known, error)
	AllTrunks(ctx context.Context) ([]fleet.Trunk, error)
	// Dialled finds, for each of some texts, the numbers that it can mean as a whole.
	Dialled(ctx context.Context, texts []string) (map[string][]fleet.NumberRow, error)
}

// Shelf keeps reviews of spreadsheets, which never change.
type Shelf interface {
	SaveReview(ctx context.Context, id string, r bulk.Review) error
	Review(ctx context.Context, id string) (bulk.Review, error)
	Drafts
}

// BulkDeps is what a Bulk works with. Every field is needed.
type BulkDeps struct {
	Changer   *Changer
	Journal   Journal
	Directory Directory
	Register  Register
	Shelf     Shelf
	Same      func(typed, number string) bool // whether two ways of writing are one number
	Show      func(number string) string      // how people read a number
	Now       func() time.Time
	Log       *slog.Logger
}

// Bulk carries out spreadsheets: a draft per PBX, one review for a person, and then plan after plan.
// All that is ever sent goes through [Changer.Confirm].
type Bulk struct{ d BulkDeps }

// NewBulk checks the dependencies.
func NewBulk(d BulkDeps) (*Bulk, error) {
	if d.Changer == nil || d.Journal == nil || d.Directory == nil || d.Register == nil || d.Shelf == nil ||
		d.Same == nil || d.Show == nil || d.Now == nil || d.Log == nil {
		return nil, errors.New("change: a field of BulkDeps is nil")
	}
	return &Bulk{d}, nil
}

// BulkDoc is what the job of a spreadsheet remembers. Its steps are the PBXs that change, in the order
// of the review.
type BulkDoc struct {
	Rollout
	Review string `json:"review"`
	// Headers are the PBXs whose custom SIP header values nobody knows: a plan is made once a person
	// states that they have None.
	Headers []fleet.PBXID `json:"headers,omitempty"`
	None    []fleet.PBXID `json:"none,omitempty"`
}

// Judge holds lines against what our record knows. It reads nothing from the cloud.
func (b *Bulk) Judge(ctx context.Context, lines []bulk.Line) (bulk.Review, error) {
	roll, err := b.d.Register.Roll(ctx)
	if err != nil {
		return bulk.Review{}, err
	}
	rows := bulk.Place(lines, roll)
	w := bulk.World{PBXs: map[fleet.PBXID]bulk.PBX{}, Known: map[fleet.PBXID]fleet.Known{}, Same: b.d.Same, Show: b.d.Show}
	for _, p := range roll {
		w.PBXs[p.ID] = p
	}
	if w.Trunks, err = b.d.Register.AllTrunks(ctx); err != nil {
		return bulk.Review{}, err
	}
	var dids []fleet.DIDID
	var typed []string
	for _, v := range rows {
		if did, ok := v.NamedDID(); ok {
			dids = append(dids, did)
		}
		typed = append(typed, v.Number)
		if _, read := w.Known[v.PBXID]; read || v.PBXID == 0 {
			continue
		}
		known, err := b.d.Register.Known(ctx, v.PBXID)
		if err != nil {
			return bulk.Review{}, err
		}
		w.Known[v.PBXID] = known
		dids = append(dids, didsOf(known.Record().Pairs())...)
	}
	if w.DIDs, err = b.d.Directory.Numbers(ctx, dids); err != nil {
		return bulk.Review{}, err
	}
	if w.Numbers, err = b.d.Register.Dialled(ctx, typed); err != nil {
		return bulk.Review{}, err
	}
	return bulk.Judge(rows, w), nil
}

// Begin stores a review and starts the job that makes its plans. Nothing is sent before a person
// agrees to them.
func (b *Bulk) Begin(ctx context.Context, by audit.By, jobs *job.Runner, r bulk.Review) (job.Job, error) {
	id := string(newPlanID())
	if err := b.d.Shelf.SaveReview(ctx, id, r); err != nil {
		return job.Job{}, err
	}
	doc := BulkDoc{Rollout: Rollout{Phase: Drafting}, Review: id}
	j := job.Job{Kind: job.BulkBindings, Key: "bulk:" + id, Author: by.Actor, IP: by.IP, Title: fmt.Sprintf("Bindings from a spreadsheet, %d rows", len(r.Rows))}
	for _, it := range r.Items {
		if it.Fate == bulk.Change {
			j.Steps = append(j.Steps, job.Step{Name: it.Name, State: job.StepWaiting, PBX: it.PBX, Sentence: "Its plan is not made yet."})
		}
	}
	var err error
	if j.Doc, err = encode(doc); err != nil {
		return j, err
	}
	e := audit.Entry{At: b.d.Now(), Actor: by.Actor, IP: by.IP, Action: audit.BulkCreate, Target: j.Title, Outcome: audit.Succeeded}
	e.After, err = json.Marshal(map[string]int{"rows": len(r.Rows), "wrong": r.Wrong(), "change": r.Of(bulk.Change), "same": r.Of(bulk.Same), "left": r.Of(bulk.Left)})
	if err != nil {
		return j, fmt.Errorf("change.Bulk: %w", err)
	}
	return jobs.Submit(ctx, j, e)
}

// Read gives what the job of a spreadsheet remembers, and its review.
func (b *Bulk) Read(ctx context.Context, j job.Job) (doc BulkDoc, r bulk.Review, err error) {
	if doc, err = bulkDocument(j); err != nil {
		return doc, r, err
	}
	r, err = b.d.Shelf.Review(ctx, doc.Review)
	return doc, r, err
}

// bulkDocument decodes what the job of a spreadsheet remembers.
func bulkDocument(j job.Job) (doc BulkDoc, err error) {
	if j.Kind != job.BulkBindings {
		return doc, fleet.NotFound("change.Bulk", "The spreadsheet")
	}
	if err := json.Unmarshal(j.Doc, &doc); err != nil {
		return doc, fmt.Errorf("change.Bulk %s: document: %w", j.ID, err)
	}
	return doc, nil
}
