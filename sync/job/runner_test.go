package job_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

// counted is what the jobs of these tests remember.
type counted struct{ Acts int }

const counting job.Kind = "counting"

func newRunner(t *testing.T, store job.Store, work job.Work) *job.Runner {
	t.Helper()
	r, err := job.NewRunner(job.Deps{Store: store, Works: map[job.Kind]job.Work{counting: work}, Now: time.Now,
		Log: slog.New(slog.DiscardHandler), Announce: func(job.ID) {}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func submit(t *testing.T, r *job.Runner, key string) job.Job {
	t.Helper()
	e := audit.Entry{At: time.Now(), Actor: "ana", Action: "job.create", Target: key, Outcome: audit.Intended}
	j, err := r.Submit(t.Context(), job.Job{Kind: counting, Key: key, Title: "Count", Author: "ana", Doc: []byte(`{"Acts":0}`)}, e)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func act(ctx context.Context, r *job.Run) error {
	var c counted
	if err := r.Read(&c); err != nil {
		return err
	}
	c.Acts++
	if err := r.Write(c); err != nil {
		return err
	}
	return r.Save(ctx)
}

func TestAJobThatTheProcessLeftGoesOnAfterTheNextStartAndIsDoneOnce(t *testing.T) {
	d := dbtest.New(t)
	ctx, stop := context.WithCancel(t.Context())
	begun := make(chan struct{})
	first := newRunner(t, d, func(ctx context.Context, r *job.Run) error {
		err := act(ctx, r)
		close(begun)
		<-ctx.Done()
		return err
	})
	first.Start(ctx)
	j := submit(t, first, "k")
	<-begun
	stop()
	first.Wait()

	ctx, stop = context.WithCancel(t.Context())
	second := newRunner(t, d, act)
	second.Start(ctx)
	again := submit(t, second, "k")
	if again.ID != j.ID {
		t.Errorf("the same key made another job: %s, %s", j.ID, again.ID)
	}
	for j.State == job.Running {
		var err error
		if j, err = d.Job(t.Context(), j.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	stop()
	second.Wait()
	if j.State != job.Done || string(j.Doc) != `{"Acts":2}` || j.EndedAt.IsZero() {
		t.Errorf("%+v %s", j, j.Doc)
	}
	third := newRunner(t, d, act)
	third.Start(t.Context())
	if same := submit(t, third, "k"); same.State != job.Done {
		t.Errorf("a job that is done began again: %+v", same)
	}
	third.Wait()
}

func TestAJobThatNeedsAttentionWaitsForAPersonAndThenGoesOn(t *testing.T) {
	d := dbtest.New(t)
	asked := false
	r := newRunner(t, d, func(_ context.Context, r *job.Run) error {
		if !asked {
			asked = true
			r.End(job.NeedsAttention, "Somebody must look.")
			return nil
		}
		return &fleet.Error{Kind: fleet.KindRefused, Msg: "Yeastar said no.", Err: errors.New("chain")}
	})
	r.Start(t.Context())
	j := submit(t, r, "k")
	r.Wait()
	if j, _ = d.Job(t.Context(), j.ID); j.State != job.NeedsAttention || j.Sentence != "Somebody must look." || !j.EndedAt.IsZero() {
		t.Fatalf("%+v", j)
	}
	if _, err := r.Resume(t.Context(), audit.By{Actor: "ben"}, j.ID); err != nil {
		t.Fatal(err)
	}
	r.Wait()
	if j, _ = d.Job(t.Context(), j.ID); j.State != job.Failed || j.Sentence != "Yeastar said no." {
		t.Errorf("%+v", j)
	}
	if _, err := r.Resume(t.Context(), audit.By{Actor: "ben"}, j.ID); fleet.KindOf(err) != fleet.KindConflict {
		t.Errorf("a job that failed was resumed: %v", err)
	}
}
