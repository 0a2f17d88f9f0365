package browser

import (
	"fmt"
	"testing"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/job"
	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// keepJob stores a job as if somebody had begun it.
func keepJob(t *testing.T, h *webtest.House, j job.Job) {
	t.Helper()
	j.Kind, j.Key, j.Author, j.CreatedAt, j.Doc = job.MoveNumbers, string(j.ID), "ana", time.Now(), []byte(`{}`)
	e := audit.Entry{At: time.Now(), Actor: "ana", Action: audit.NumbersMove, Target: j.Title, Outcome: audit.Intended}
	if _, _, err := h.DB.AddJob(t.Context(), j, e); err != nil {
		t.Fatal(err)
	}
}

func TestThePagesOfJobsAreAccessible(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, webtest.Config{})
	p := signedIn(t, h, desktop, team.Operator)
	p.visit("/jobs")
	p.says("No job yet")
	p.inspect("jobs empty")
	keepJob(t, h, job.Job{ID: "asks", State: job.NeedsAttention, Title: "Move 2 numbers from Acme HQ to Corner Bakery", Sentence: "Nobody has them now.", PBX: webtest.AcmeHQ, Steps: []job.Step{
		{Name: "Release from Acme HQ", State: job.StepDone, PBX: webtest.AcmeHQ, Plan: "p"}, {Name: "Claim", State: job.StepFailed, Sentence: "Yeastar refused."}, {Name: "Put back", State: job.StepAttention},
	}})
	long := job.Job{ID: "long", State: job.Running, Title: "Bindings of 40 PBXs from a spreadsheet"}
	for i := range 40 {
		state := []job.StepState{job.StepDone, job.StepWaiting, job.StepSkipped, job.StepRunning}[i%4]
		long.Steps = append(long.Steps, job.Step{Name: fmt.Sprintf("Branch %d", i), State: state})
	}
	keepJob(t, h, long)
	for _, s := range []struct{ name, path, says string }{
		{"jobs", "/jobs", "Needs attention"},
		{"jobs none", "/jobs?state=failed", "No job matches"},
		{"job that asks", "/jobs/asks", "Try again"},
		{"job that is long", "/jobs/long", "10 steps: Done"},
		{"steps of one state", "/jobs/long?steps=done", "All steps"},
	} {
		p.visit(s.path)
		p.says(s.says)
		p.inspect(s.name)
	}
}
