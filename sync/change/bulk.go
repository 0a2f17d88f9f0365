package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/bulk"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
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

// Shelf keeps reviews of spreadsheets, which never change, and takes back drafts that nobody wants.
type Shelf interface {
	SaveReview(ctx context.Context, id string, r bulk.Review) error
	Review(ctx context.Context, id string) (bulk.Review, error)
	DiscardPlan(ctx context.Context, id fleet.PlanID, e audit.Entry) error
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

const (
	// bulkLifetime is how long the drafts of a spreadsheet wait: drafting hundreds takes a while, and
	// so does reading them. What moves meanwhile is found before anything is sent.
	bulkLifetime = 12 * time.Hour
	// bulkInFlight bounds how many PBXs are worked on at once, so that people at their screens and
	// the worker get their share of the calls.
	bulkInFlight = 3
)

// BulkPhase is how far a spreadsheet is.
type BulkPhase string

// Drafting makes the plans; Reviewing waits for a person; Applying carries out what was agreed to.
const (
	Drafting  BulkPhase = "drafting"
	Reviewing BulkPhase = "reviewing"
	Applying  BulkPhase = "applying"
)

// BulkDoc is what the job of a spreadsheet remembers. Which plan each PBX has stands in its steps:
// one for every PBX that changes, in the order of the review.
type BulkDoc struct {
	Review string                  `json:"review"`
	Phase  BulkPhase               `json:"phase"`
	By     audit.By                `json:"by"` // who agreed
	At     time.Time               `json:"at,omitzero"`
	Reason string                  `json:"reason,omitempty"`
	Names  map[fleet.PlanID]string `json:"names,omitempty"` // typed, where the guard asked for it
	Stop   bool                    `json:"stop"`            // at the first that does not come out
	Left   []fleet.PBXID           `json:"left,omitempty"`  // out, by whoever agreed
	// Headers are the PBXs whose custom SIP header values nobody knows: a plan is made once a person
	// states that they have None.
	Headers []fleet.PBXID `json:"headers,omitempty"`
	None    []fleet.PBXID `json:"none,omitempty"`
	// GivenUp says that a person ended it before its end.
	GivenUp bool `json:"given_up,omitempty"`
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
	doc := BulkDoc{Review: id, Phase: Drafting}
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

// Work carries a spreadsheet on from where its steps say it is.
func (b *Bulk) Work(ctx context.Context, run *job.Run) error {
	doc, review, err := b.Read(ctx, run.Job)
	if err != nil {
		return err
	}
	w := newBulkRun(b, run, doc, review)
	if doc.Phase == Applying {
		return w.apply(ctx)
	}
	return w.draft(ctx)
}

// bulkRun is the job of a spreadsheet under way. Its steps change in one goroutine only.
type bulkRun struct {
	*Bulk
	*job.Run
	doc    BulkDoc
	review bulk.Review
	items  map[fleet.PBXID]bulk.Item
	seen   map[int]bool // steps of unknown fate that were looked at
}

func newBulkRun(b *Bulk, run *job.Run, doc BulkDoc, review bulk.Review) *bulkRun {
	w := &bulkRun{Bulk: b, Run: run, doc: doc, review: review, items: map[fleet.PBXID]bulk.Item{}, seen: map[int]bool{}}
	for _, it := range review.Items {
		w.items[it.PBX] = it
	}
	return w
}

// keep stores how far the job is, with its document.
func (w *bulkRun) keep(ctx context.Context) error {
	if err := w.Write(w.doc); err != nil {
		return err
	}
	return w.Save(ctx)
}

func (w *bulkRun) tell(s *job.Step, state job.StepState, sentence string) {
	s.State, s.Sentence = state, sentence
}

// givers are the steps of the PBXs that must give up numbers before a step can have them.
func (w *bulkRun) givers(s job.Step) []*job.Step {
	var list []*job.Step
	for _, from := range w.items[s.PBX].After() {
		for i := range w.Steps {
			if w.Steps[i].PBX == from {
				list = append(list, &w.Steps[i])
			}
		}
	}
	return list
}

func (w *bulkRun) count(state job.StepState) int {
	n := 0
	for _, s := range w.Steps {
		if s.State == state {
			n++
		}
	}
	return n
}

// refusal is why something was refused, with the rules that it broke.
func refusal(err error) string {
	text := message(err)
	if e, ok := errors.AsType[*fleet.Error](err); ok {
		for _, f := range e.Fields {
			if !strings.Contains(text, f.Rule) {
				text += " " + f.Rule
			}
		}
	}
	return text
}

// Offered are the plans that wait for a person's agreement, of the steps of a job.
func Offered(steps []job.Step) []fleet.PlanID {
	var ids []fleet.PlanID
	for _, s := range steps {
		if s.State == job.StepWaiting && s.Plan != "" {
			ids = append(ids, s.Plan)
		}
	}
	return ids
}

// obsolete reports whether a draft can't be confirmed any more although nothing was sent.
func obsolete(p plan.Plan) bool {
	return p.Status == plan.Expired || p.Status == plan.Stale || p.Status == plan.Void
}
