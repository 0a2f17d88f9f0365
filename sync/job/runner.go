package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// Store keeps jobs.
type Store interface {
	// AddJob stores a new job with its audit entries. When a job with the same key exists, that one is
	// answered and nothing is stored.
	AddJob(ctx context.Context, j Job, acts ...audit.Entry) (stored Job, added bool, err error)
	// KeepJob stores how far a job is, and in the same transaction what it or a person did.
	KeepJob(ctx context.Context, j Job, acts ...audit.Entry) error
	Job(ctx context.Context, id ID) (Job, error)
	// RunningJobs are those that the last run of the process left, oldest first.
	RunningJobs(ctx context.Context) ([]Job, error)
}

// Work carries a job on from where its steps and document say it is. It saves the intent of each
// act before the act, so that it can be called again after a crash at any moment. It ends the job by
// [Run.End]; an error ends it as failed; returning without either ends it as done. When ctx ends, it
// returns at once: the job goes on after the next start.
type Work func(ctx context.Context, r *Run) error

// Deps is what a Runner works with. Every field is needed.
type Deps struct {
	Store    Store
	Works    map[Kind]Work
	Now      func() time.Time
	Log      *slog.Logger
	Announce func(ID) // tells open pages that a job moved
}

// Runner starts jobs and takes up those that were left.
type Runner struct {
	d        Deps
	ctx      context.Context
	mu       sync.Mutex
	active   map[ID]bool
	resuming sync.Mutex // of two people who resume a job at once, one does
	running  sync.WaitGroup
}

// NewRunner checks the dependencies.
func NewRunner(d Deps) (*Runner, error) {
	if d.Store == nil || d.Works == nil || d.Now == nil || d.Log == nil || d.Announce == nil {
		return nil, errors.New("job: a field of Deps is nil")
	}
	return &Runner{d: d, active: map[ID]bool{}}, nil
}

// Start takes up what the last run of the process left. Jobs run until ctx ends.
func (r *Runner) Start(ctx context.Context) {
	r.mu.Lock()
	r.ctx = ctx
	r.mu.Unlock()
	left, err := r.d.Store.RunningJobs(ctx)
	if err != nil {
		r.d.Log.Error("jobs of the last run could not be taken up", "error", err)
		return
	}
	for _, j := range left {
		r.carry(j)
	}
}

// Wait returns when no job runs any more. The context given to Start must have ended.
func (r *Runner) Wait() { r.running.Wait() }

// Submit stores a job and begins it. A job with the same key is the same job: then that one is
// answered, and nothing begins.
func (r *Runner) Submit(ctx context.Context, j Job, acts ...audit.Entry) (Job, error) {
	j.State, j.CreatedAt = Running, r.d.Now()
	if j.ID == "" {
		j.ID = NewID()
	}
	if j.Key == "" {
		return Job{}, errors.New("job: no key")
	}
	if _, known := r.d.Works[j.Kind]; !known {
		return Job{}, fmt.Errorf("job: nobody does %q", j.Kind)
	}
	stored, added, err := r.d.Store.AddJob(ctx, j, acts...)
	if err != nil || !added {
		return stored, err
	}
	r.carry(stored)
	return stored, nil
}

// Resume carries on a job that needed attention, after a person decided that it should.
func (r *Runner) Resume(ctx context.Context, by audit.By, id ID) (Job, error) {
	return r.Decide(ctx, by, id, func(*Job, *audit.Entry) error { return nil })
}

// Decide carries on a job that needed attention, with what a person decided about it: decide changes
// the job, and what is kept of the decision on record. When it answers with an error, nothing changes.
func (r *Runner) Decide(ctx context.Context, by audit.By, id ID, decide func(*Job, *audit.Entry) error) (Job, error) {
	r.resuming.Lock()
	defer r.resuming.Unlock()
	j, err := r.d.Store.Job(ctx, id)
	if err != nil {
		return j, err
	}
	if j.State != NeedsAttention {
		return j, &fleet.Error{Kind: fleet.KindConflict, Op: "job.Decide", Msg: "This job does not wait for anybody."}
	}
	e := audit.Entry{At: r.d.Now(), Actor: by.Actor, IP: by.IP, Action: audit.JobResume, Target: j.Title, PBX: j.PBX, Outcome: audit.Succeeded, Reason: j.Sentence}
	if err := decide(&j, &e); err != nil {
		return j, err
	}
	j.State, j.EndedAt = Running, time.Time{}
	if err := r.d.Store.KeepJob(ctx, j, e); err != nil {
		return j, err
	}
	r.d.Announce(id)
	r.carry(j)
	return j, nil
}

// carry runs a job in the background, once.
func (r *Runner) carry(j Job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx == nil || r.ctx.Err() != nil || r.active[j.ID] {
		return // the next start takes it up
	}
	ctx := r.ctx
	r.active[j.ID] = true
	r.running.Go(func() { r.work(ctx, j) })
}

// leave takes the mark off a job before its end is stored: from then on somebody may resume it.
func (r *Runner) leave(id ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.active, id)
}

func (r *Runner) work(ctx context.Context, j Job) {
	run := &Run{Job: j, r: r}
	work, known := r.d.Works[j.Kind]
	err := fmt.Errorf("job: nobody does %q", j.Kind)
	if known {
		err = work(ctx, run)
	}
	r.leave(j.ID)
	if ctx.Err() != nil && (err != nil || run.State == Running) {
		return
	}
	switch {
	case err != nil:
		run.End(Failed, words(err))
		r.d.Log.Warn("a job failed", "job", j.ID, "kind", j.Kind, "error", err)
	case run.State == Running:
		run.End(Done, run.Sentence)
	}
	if err := run.Save(context.WithoutCancel(ctx), run.acts...); err != nil {
		r.d.Log.Error("the end of a job could not be stored; it is taken up at the next start", "job", j.ID, "error", err)
	}
}

func words(err error) string {
	return fleet.Words(err, "Something went wrong inside Cordboard; its log says what.")
}

// Run is a job under way, in the hands of its [Work].
type Run struct {
	Job
	r    *Runner
	acts []audit.Entry // to be stored with the end
}

// Save stores how far the job is, and in the same transaction what it did, and tells open pages.
func (r *Run) Save(ctx context.Context, acts ...audit.Entry) error {
	if err := r.r.d.Store.KeepJob(ctx, r.Job, acts...); err != nil {
		return fmt.Errorf("job %s: save: %w", r.ID, err)
	}
	r.r.d.Announce(r.ID)
	return nil
}

// End says how the job ended, or that a person must decide. It is stored when the work returns, in one
// transaction with what the job did last; a work that stores it by itself would be overtaken by whoever
// resumes the job.
func (r *Run) End(s State, sentence string, acts ...audit.Entry) {
	r.State, r.Sentence, r.acts = s, sentence, acts
	if s != NeedsAttention {
		r.EndedAt = r.r.d.Now()
	}
}

// Read decodes the job's document.
func (r *Run) Read(into any) error {
	if err := json.Unmarshal(r.Doc, into); err != nil {
		return fmt.Errorf("job %s: document: %w", r.ID, err)
	}
	return nil
}

// Write replaces the job's document; [Run.Save] stores it.
func (r *Run) Write(doc any) error {
	text, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("job %s: document: %w", r.ID, err)
	}
	r.Doc = text
	return nil
}
