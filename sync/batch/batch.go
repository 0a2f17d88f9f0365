package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

// Most is how many PBXs one file may ask for.
const Most = 200

// atOnce bounds how many PBXs are made at the same time, so that people at their screens and the
// worker get their share of the calls.
const atOnce = 3

// Order is one PBX of a file.
type Order struct {
	Row   int              `json:"row"`   // in the file
	Title string           `json:"title"` // "Acme HQ at acme.r4.pbx.example"
	Ask   change.CreateAsk `json:"ask"`
}

// Maker makes one PBX: it checks it while its caller waits, and answers the job, or the one that makes
// the same PBX already.
type Maker interface {
	Create(ctx context.Context, by audit.By, ask change.CreateAsk) (job.Job, error)
}

// Queue stores jobs and begins them.
type Queue interface {
	Submit(ctx context.Context, j job.Job, acts ...audit.Entry) (job.Job, error)
}

// Book reads jobs. KindNotFound for a key that no job has.
type Book interface {
	Job(ctx context.Context, id job.ID) (job.Job, error)
	JobByKey(ctx context.Context, key string) (job.Job, error)
}

// Deps is what a Batch works with. Every field is needed.
type Deps struct {
	Maker Maker
	Queue Queue
	Book  Book
	Now   func() time.Time
	Poll  time.Duration // the pause between two looks at the jobs under way
}

// Batch makes the PBXs of files.
type Batch struct{ d Deps }

// New checks the dependencies.
func New(d Deps) (*Batch, error) {
	if d.Maker == nil || d.Queue == nil || d.Book == nil || d.Now == nil || d.Poll <= 0 {
		return nil, errors.New("batch: a field of Deps is missing")
	}
	return &Batch{d}, nil
}

// document is what the job of a file remembers. Its steps say how far each order is.
type document struct {
	Orders []Order `json:"orders"`
	Stop   bool    `json:"stop,omitempty"` // the first failure keeps the rest from being begun
}

// Begin stores the job that makes what a file asks for. The same orders again are the same job, until
// that has failed: then what is missing is tried once more.
func (b *Batch) Begin(ctx context.Context, by audit.By, orders []Order, stop bool) (job.Job, error) {
	const op = "batch.Begin"
	if len(orders) == 0 || len(orders) > Most {
		return job.Job{}, fleet.Invalid(op, "Nothing was sent.", fleet.Field{Name: "file", Rule: fmt.Sprintf("A file makes from 1 to %d PBXs.", Most)})
	}
	asks := make([]change.CreateAsk, len(orders))
	for i, o := range orders {
		asks[i] = o.Ask
	}
	content, err := json.Marshal(asks)
	if err != nil {
		return job.Job{}, fmt.Errorf("%s: %w", op, err)
	}
	doc, err := json.Marshal(document{orders, stop})
	if err != nil {
		return job.Job{}, fmt.Errorf("%s: %w", op, err)
	}
	sum := sha256.Sum256(content)
	for attempt := 0; ; attempt++ {
		key := fmt.Sprintf("create_pbxs:%s:%d", hex.EncodeToString(sum[:12]), attempt)
		switch j, err := b.d.Book.JobByKey(ctx, key); {
		case fleet.KindOf(err) == fleet.KindNotFound:
			return b.submit(ctx, by, key, orders, doc)
		case err != nil || j.State != job.Failed:
			return j, err
		}
	}
}

func (b *Batch) submit(ctx context.Context, by audit.By, key string, orders []Order, doc json.RawMessage) (job.Job, error) {
	j := job.Job{Kind: job.CreatePBXs, Key: key, Title: "Create " + counted(len(orders), "PBX", "PBXs") + " from a file", Author: by.Actor, IP: by.IP, Doc: doc}
	names := make([]string, len(orders))
	for i, o := range orders {
		names[i] = o.Title
		j.Steps = append(j.Steps, job.Step{Name: fmt.Sprintf("Row %d: %s", o.Row, o.Title), State: job.StepWaiting})
	}
	after, err := json.Marshal(names)
	if err != nil {
		return job.Job{}, fmt.Errorf("batch: names: %w", err)
	}
	return b.d.Queue.Submit(ctx, j, audit.Entry{At: b.d.Now(), Actor: by.Actor, IP: by.IP, Action: audit.PBXBatch, Target: j.Title, Outcome: audit.Intended, After: after})
}

func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
