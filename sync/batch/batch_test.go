package batch_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"cordboard/db/dbtest"
	"cordboard/sync/audit"
	"cordboard/sync/batch"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

// store is the real database.
type store interface {
	job.Store
	batch.Book
	Jobs(ctx context.Context, f job.Filter) (fleet.Page[job.Job], error)
}

// cloud makes PBXs by jobs that end as their names say.
type cloud struct {
	runner *job.Runner
	db     store

	mu     sync.Mutex
	away   bool
	asked  map[string]int
	active int
	most   int
}

func (c *cloud) Create(ctx context.Context, by audit.By, ask change.CreateAsk) (job.Job, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := ask.Spec.Name
	c.asked[name]++
	switch {
	case c.away:
		return job.Job{}, &fleet.Error{Kind: fleet.KindUnavailable, Msg: "Yeastar can't be reached."}
	case strings.HasPrefix(name, "taken"):
		return job.Job{}, fleet.Invalid("test", "The URL is taken.", fleet.Field{Name: "subDomain", Rule: "Another has it."})
	}
	for attempt := 0; ; attempt++ {
		j, err := c.runner.Submit(ctx, job.Job{Kind: job.CreatePBX, Key: fmt.Sprint(name, attempt), Title: name, Author: by.Actor, Doc: []byte(`{}`)}, audit.Entry{At: time.Now(), Actor: by.Actor, Action: audit.PBXCreate, Target: name, Outcome: audit.Intended})
		if err != nil || j.State != job.Failed {
			return j, err
		}
	}
}

func (c *cloud) work(_ context.Context, r *job.Run) error {
	c.mu.Lock()
	c.active++
	c.most = max(c.most, c.active)
	c.mu.Unlock()
	time.Sleep(2 * time.Millisecond)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.active--
	switch {
	case strings.HasPrefix(r.Title, "fails") && c.asked[r.Title] == 1:
		return &fleet.Error{Kind: fleet.KindRefused, Msg: "Yeastar said no."}
	case strings.HasPrefix(r.Title, "asks") && r.Sentence == "":
		r.End(job.NeedsAttention, "Somebody must look.")
	default:
		r.PBX, r.Sentence = fleet.PBXID(len(r.Title)), "It runs."
	}
	return nil
}

// office is a batch with its runner on a real database. Restarted, it goes on.
type office struct {
	*cloud
	t     *testing.T
	batch *batch.Batch
	stop  func()
}

func openOffice(t *testing.T, d store) *office {
	t.Helper()
	o := &office{cloud: &cloud{db: d, asked: map[string]int{}}, t: t}
	var err error
	o.runner, err = job.NewRunner(job.Deps{Store: d, Now: time.Now, Log: slog.New(slog.DiscardHandler), Announce: func(job.ID) {}, Works: map[job.Kind]job.Work{
		job.CreatePBX: o.work, job.CreatePBXs: func(ctx context.Context, r *job.Run) error { return o.batch.Work(ctx, r) },
	}})
	if err != nil {
		t.Fatal(err)
	}
	if o.batch, err = batch.New(batch.Deps{Maker: o.cloud, Queue: o.runner, Book: d, Now: time.Now, Poll: time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	o.runner.Start(ctx)
	o.stop = func() { stop(); o.runner.Wait() }
	t.Cleanup(o.stop)
	return o
}

func orders(names ...string) []batch.Order {
	list := make([]batch.Order, len(names))
	for i, name := range names {
		list[i] = batch.Order{Row: i + 2, Title: name, Ask: change.CreateAsk{Spec: fleet.PBXSpec{Name: name}}}
	}
	return list
}

func (o *office) begin(stop bool, names ...string) job.Job {
	o.t.Helper()
	j, err := o.batch.Begin(o.t.Context(), audit.By{Actor: "ana"}, orders(names...), stop)
	if err != nil {
		o.t.Fatal(err)
	}
	return o.ended(j.ID)
}

func (o *office) ended(id job.ID) job.Job {
	o.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		j, err := o.db.Job(o.t.Context(), id)
		if err != nil {
			o.t.Fatal(err)
		}
		if j.State != job.Running {
			return j
		}
	}
	o.t.Fatal("the job does not end")
	return job.Job{}
}

func states(j job.Job) string {
	var words []string
	for _, s := range j.Steps {
		words = append(words, string(s.State))
	}
	return strings.Join(words, " ")
}

func TestAFileIsMadeAFewAtATimeAndTheSameFileIsTheSameJob(t *testing.T) {
	o := openOffice(t, dbtest.New(t))
	names := []string{"a", "b", "c", "d", "e", "f", "g"}
	j := o.begin(false, names...)
	if j.State != job.Done || j.Sentence != "7 of 7 PBXs run." || j.Steps[0].Job == "" || j.Steps[0].PBX == 0 || j.Steps[0].Name != "Row 2: a" {
		t.Errorf("%+v", j)
	}
	if o.most > 3 || o.most < 1 {
		t.Errorf("%d were made at the same time", o.most)
	}
	if again := o.begin(false, names...); again.ID != j.ID || o.asked["a"] != 1 {
		t.Errorf("the same file is another job: %s, %s", again.ID, j.ID)
	}
	if other := o.begin(false, "a", "b"); other.ID == j.ID || other.State != job.Done {
		t.Errorf("another file: %+v", other)
	}
}

func TestAFailureIsToldAndTheSameFileTriesWhatIsMissing(t *testing.T) {
	o := openOffice(t, dbtest.New(t))
	j := o.begin(false, "a", "fails", "taken", "b")
	if j.State != job.Failed || states(j) != "done failed failed done" || j.Sentence != "2 of 4 PBXs run, 2 failed. The same file again tries what is missing." {
		t.Errorf("%s %+v", states(j), j)
	}
	if j.Steps[1].Sentence != "Yeastar said no." || j.Steps[2].Sentence != "The URL is taken. Another has it." {
		t.Errorf("%+v", j.Steps)
	}
	again := o.begin(false, "a", "fails", "taken", "b")
	if again.ID == j.ID || states(again) != "done done failed done" {
		t.Errorf("%s %+v", states(again), again)
	}
}

func TestTheFirstFailureKeepsTheRestFromBeingBegunWherePeopleWantThat(t *testing.T) {
	o := openOffice(t, dbtest.New(t))
	j := o.begin(true, "taken", "a", "b")
	if j.State != job.Failed || states(j) != "failed skipped skipped" || o.asked["a"] != 0 {
		t.Errorf("%s %+v", states(j), j)
	}
}

func TestWhereYeastarIsAwayNothingMoreIsBegunAndAPersonGoesOnLater(t *testing.T) {
	o := openOffice(t, dbtest.New(t))
	o.away = true
	j := o.begin(false, "a", "b", "c", "d", "e")
	if j.State != job.NeedsAttention || !strings.Contains(j.Sentence, "Yeastar can't be reached.") || len(o.asked) != 1 {
		t.Errorf("%v %+v", o.asked, j)
	}
	o.mu.Lock()
	o.away = false
	o.mu.Unlock()
	if _, err := o.runner.Resume(t.Context(), audit.By{Actor: "ben"}, j.ID); err != nil {
		t.Fatal(err)
	}
	if j = o.ended(j.ID); j.State != job.Done || states(j) != "done done done done done" {
		t.Errorf("%s %+v", states(j), j)
	}
}

func TestAPBXThatNeedsAttentionIsWaitedForByAPerson(t *testing.T) {
	o := openOffice(t, dbtest.New(t))
	j := o.begin(false, "asks", "b")
	if j.State != job.NeedsAttention || states(j) != "needs_attention done" || j.Steps[0].Sentence != "Somebody must look." {
		t.Fatalf("%s %+v", states(j), j)
	}
	if again := o.begin(false, "asks", "b"); again.ID != j.ID {
		t.Error("the same file is another job while one waits")
	}
	if _, err := o.runner.Resume(t.Context(), audit.By{Actor: "ben"}, j.Steps[0].Job); err != nil {
		t.Fatal(err)
	}
	o.ended(j.Steps[0].Job)
	if _, err := o.runner.Resume(t.Context(), audit.By{Actor: "ben"}, j.ID); err != nil {
		t.Fatal(err)
	}
	if j = o.ended(j.ID); j.State != job.Done {
		t.Errorf("%s %+v", states(j), j)
	}
}

func TestAFileThatTheProcessLeftGoesOnAndBeginsNothingTwice(t *testing.T) {
	d := dbtest.New(t)
	first := openOffice(t, d)
	names := make([]string, 40)
	for i := range names {
		names[i] = fmt.Sprintf("pbx%02d", i)
	}
	j, err := first.batch.Begin(t.Context(), audit.By{Actor: "ana"}, orders(names...), false)
	if err != nil {
		t.Fatal(err)
	}
	for {
		half, err := d.Job(t.Context(), j.ID)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(states(half), "done") > 5 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	first.stop()
	second := openOffice(t, d)
	if j = second.ended(j.ID); j.State != job.Done || j.Sentence != "40 of 40 PBXs run." {
		t.Errorf("%s %+v", states(j), j)
	}
	made, err := d.Jobs(t.Context(), job.Filter{Kind: job.CreatePBX, Page: fleet.PageRequest{Limit: 200}})
	if err != nil || made.Total != 40 {
		t.Errorf("%d jobs for 40 PBXs, %v", made.Total, err)
	}
}

func TestAFileOfNothingOrOfTooMuchIsRefused(t *testing.T) {
	o := openOffice(t, dbtest.New(t))
	for _, list := range [][]batch.Order{nil, make([]batch.Order, batch.Most+1)} {
		if _, err := o.batch.Begin(t.Context(), audit.By{Actor: "ana"}, list, false); fleet.KindOf(err) != fleet.KindInvalid {
			t.Errorf("%d orders: %v", len(list), err)
		}
	}
	if _, err := batch.New(batch.Deps{}); err == nil || errors.Is(err, context.Canceled) {
		t.Error("a Batch without anything")
	}
}
